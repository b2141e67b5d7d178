"""How certain a primary conclusion was rated, what could change it, and how it may be worded."""

from collections.abc import Iterator

from evaluation.config.plan import Outcome
from evaluation.config.review import GradeStatement, Review
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.report import check_rows
from evaluation.report.formats import number_format
from evaluation.report.prose.conclusions import Concluded, concluded
from evaluation.report.prose.grade_wording import Graded, Threats
from evaluation.report.prose.sensitivity_lines import answers_to_threats
from evaluation.report.prose.sensitivity_summary import Case
from evaluation.report.sources import Source

# of a detected effect whose interval has none that is too small to matter
LARGE = ", large enough to matter"


def graded(source: Source, outcome: Outcome, found: Concluded) -> Graded:
    """The conclusion on a primary outcome with all that limits its wording.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    found : Concluded
        The conclusion on the outcome.
    """
    review = source.configuration.review
    statement = None if review is None else _statement(review, outcome)
    is_rated = statement is not None and judged_conclusion(source, outcome, statement) is not None
    case = Case.of(source, outcome)
    threats = None
    if isinstance(case, Case):
        answers = list(answers_to_threats(case).values())
        threats = Threats(
            examined=len(answers), changing=answers.count(True), unjudged=answers.count(None)
        )
    return Graded(
        conclusion=found.conclusion,
        certainty=statement.certainty if statement is not None and is_rated else None,
        risk=None if review is None else review.overall(outcome.id),
        threats=threats,
    )


def _statement(review: Review, outcome: Outcome) -> GradeStatement:
    return next(g for g in review.certainty if g.outcome == outcome.id)


def rated(source: Source, review: Review, outcome: Outcome) -> str:
    """The certainty of a primary outcome in words.

    Withheld where the conclusion it was judged on is no longer the conclusion.

    Parameters
    ----------
    source : Source
    review : Review
    outcome : Outcome
    """
    statement = _statement(review, outcome)
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
    found = answers_to_threats(case, whether_it_matters=whether_it_matters)
    changing, unjudged = (
        tuple(name for name, enough in found.items() if enough is asked) for asked in (True, None)
    )
    return changing, unjudged


def sentences(
    source: Source, outcome: Outcome, *, whether_it_matters: bool = False
) -> Iterator[str]:
    """What could change a conclusion, and what cannot be judged: one sentence each.

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
