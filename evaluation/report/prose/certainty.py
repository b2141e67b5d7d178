"""How certain a primary conclusion was rated, and what could change it, wherever it is said."""

from collections.abc import Iterator

from evaluation.report import check_rows
from evaluation.report.formats import number_format
from evaluation.report.prose.conclusions import Concluded, concluded
from evaluation.report.prose.sensitivity_lines import could_change
from evaluation.report.prose.sensitivity_summary import Case
from evaluation.report.sources import Source
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate, Unavailable
from evaluation.study.review import GradeStatement, Review

# of a detected effect whose interval has none that is too small to matter
LARGE = ", large enough to matter"


def rated(source: Source, review: Review, outcome: Outcome) -> str:
    """The certainty of a primary outcome in words.

    Withheld where the conclusion it was judged on is no longer the conclusion.

    Parameters
    ----------
    source : Source
    review : Review
    outcome : Outcome
    """
    statement = next(g for g in review.certainty if g.outcome == outcome.id)
    if judged_conclusion(source, outcome, statement) is None:
        return source.verdict("review.withheld")
    return source.wording(f"review.certainty-level.{statement.certainty}")


def judged_conclusion(
    source: Source, outcome: Outcome, statement: GradeStatement
) -> Concluded | None:
    """The conclusion that was judged; None where it is no longer the conclusion.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    statement : GradeStatement
    """
    primary = check_rows.primary(source, outcome)
    found = concluded(source, primary) if isinstance(primary, Estimate) else None
    case = Case.of(source, outcome)
    large = isinstance(case, Case) and case.is_beyond_smallest
    if found is None:
        return None
    judged = found.conclusion + (LARGE if large and found.conclusion == "effect detected" else "")
    return found if judged == statement.conclusion else None


def threats(
    source: Source, outcome: Outcome, *, whether_it_matters: bool = False
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What would change the conclusion, and what cannot be judged, by the table of threats.

    Both are empty without a conclusion.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    whether_it_matters : bool, default False
        Of the claim that the effect is large enough to matter instead.
    """
    case = Case.of(source, outcome)
    if isinstance(case, Unavailable):
        return (), ()
    return could_change(case, whether_it_matters=whether_it_matters)


def sentences(
    source: Source, outcome: Outcome, *, whether_it_matters: bool = False
) -> Iterator[str]:
    """What could change a conclusion, what cannot be judged, and its certainty where it was rated.

    One sentence each.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    whether_it_matters : bool, default False
        See :func:`threats`.
    """
    found = threats(source, outcome, whether_it_matters=whether_it_matters)
    for name, those in zip(("doubted", "unjudged"), found, strict=True):
        if those:
            listed = number_format.listed(those, source.language)
            yield source.wording(f"statement.{name}", threats=listed)
    review = source.configuration.review
    if review is not None:
        yield source.wording("statement.certainty", certainty=rated(source, review, outcome))


def in_plain_words(source: Source, outcome: Outcome) -> Iterator[str]:
    """The same to be read aloud: no threat by name.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    """
    changing, _ = threats(source, outcome)
    if changing:
        yield source.wording("statement.plain-doubted")
    review = source.configuration.review
    if review is not None:
        yield source.wording("statement.plain-certainty", certainty=rated(source, review, outcome))
