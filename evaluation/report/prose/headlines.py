"""What was found, by rule from records: the answer, a sentence to copy, and a figure's title.

Every one of them is worded as :mod:`evaluation.report.prose.grade_wording` allows. A title is one
sentence without its full stop.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluation.config.plan import Outcome
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.locale.messages import wording
from evaluation.report.formats import number_format, words
from evaluation.report.prose.certainty import graded
from evaluation.report.prose.conclusions import Concluded, concluded
from evaluation.report.prose.grade_wording import Graded, Kind
from evaluation.report.prose.sensitivity_summary import assuming
from evaluation.report.sources import Source

# What moved comes first, what is uncertain last.
ORDER: tuple[Kind, ...] = ("effect", "small effect", "ruled out", "close to zero", "unclear")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrimaryResult:
    """A primary outcome with its estimate, its conclusion and what limits the wording."""

    source: Source
    outcome: Outcome
    estimate: Estimate
    found: Concluded
    graded: Graded

    @classmethod
    def of(cls, source: Source, found: Estimate | Unavailable) -> "PrimaryResult | None":
        """The result; None of an estimate without a conclusion.

        Parameters
        ----------
        source : Source
        found : Estimate or Unavailable
        """
        made = concluded(source, found) if isinstance(found, Estimate) else None
        if not isinstance(found, Estimate) or made is None:
            return None
        outcome = source.outcome(found.outcome)
        limits = graded(source, outcome, made)
        return cls(source=source, outcome=outcome, estimate=found, found=made, graded=limits)

    @property
    def way(self) -> str:
        """The direction of an effect, as the entries of the catalogue name it."""
        if self.graded.kind not in ("effect", "small effect"):
            return ""
        return ".rise" if self.estimate.estimate > 0 else ".fall"

    @property
    def is_uncertain(self) -> bool:
        """Whether sentences begin with how uncertain the result is."""
        return self.graded.wording == "very low"


def results(found: Iterable[tuple[Source, Estimate | Unavailable]]) -> list[PrimaryResult]:
    """Those with a conclusion, in the order of sentences: what is least uncertain first.

    Parameters
    ----------
    found : iterable of (Source, Estimate or Unavailable)
    """
    made = [result for one in found if (result := PrimaryResult.of(*one)) is not None]
    places = {kind: place for place, kind in enumerate(ORDER)}
    return sorted(made, key=lambda x: (x.is_uncertain, places.get(x.graded.kind, 0)))


def answer(found: Sequence[PrimaryResult], *, language: str) -> str:
    """What was found for all primary outcomes together.

    Parameters
    ----------
    found : sequence of PrimaryResult
        In the order of :func:`results`; may be empty.
    language : {"en", "es"}

    Returns
    -------
    str
        Empty without a primary outcome; of a blinded study, that nothing can be said yet.
    """
    if any(one.graded.kind == "blinded" for one in found):
        return wording("answer.blinded", language)
    said = ((f"{_clause(one)}{_reading(one)}", remains(one), doubt(one)) for one in found)
    return " ".join(f"{'; '.join(filter(None, parts))}." for parts in said)


def to_copy(result: PrimaryResult) -> str:
    """One sentence with estimate, interval, assumption and certainty: it can be quoted alone.

    Parameters
    ----------
    result : PrimaryResult
    """
    parts = f"{_clause(result)}, {assuming(result.source)}", remains(result)
    return f"{'; '.join(filter(None, parts))}."


def label(result: PrimaryResult) -> str:
    """The conclusion with its certainty in a few words, for a cell or the margin of a figure.

    Parameters
    ----------
    result : PrimaryResult
    """
    source, language = result.source, result.source.language
    made = source.wording(f"result.label.{result.graded.kind}")
    if result.graded.kind == "blinded":
        return made
    if result.graded.kind in ("small effect", "ruled out", "close to zero"):
        bounds = result.found.bounds(result.outcome, language)
        made = source.wording("conclusion-with-interval", conclusion=made, bounds=bounds)
    end = ".very low" if result.is_uncertain else ""
    certainty = source.wording(f"review.certainty-level.{result.graded.certainty or 'very low'}")
    return source.wording(f"result.labelled{end}", label=made, certainty=certainty)


def caveat(result: PrimaryResult) -> str:
    """What a picture of a result carries besides: its certainty, and what could change it.

    Parameters
    ----------
    result : PrimaryResult
    """
    if result.graded.kind == "blinded":
        return ""
    source = result.source
    said = []
    if result.graded.certainty is not None:
        level = source.wording(f"review.certainty-level.{result.graded.certainty}")
        said.append(source.wording("result.certainty", certainty=level))
    if doubtful := doubt(result):
        said.append(f"{words.begun(doubtful)}.")
    return " ".join(said)


def _clause(one: PrimaryResult) -> str:
    """What was found of one outcome, worded as certainty allows; not yet a whole sentence."""
    source, outcome, language = one.source, one.outcome, one.source.language
    if one.graded.kind == "blinded":
        return source.wording("result.blinded", outcome=words.begun(name(outcome, language)))
    kind = f"result.{one.graded.kind}{one.way}.{one.graded.wording}"
    if one.graded.kind in ("ruled out", "close to zero", "unclear") and not one.is_uncertain:
        kind = f"result.{one.graded.kind}"
    narrow = one.graded.kind == "ruled out"
    shown = source.wording(
        "result.interval",
        level=number_format.percent(0.9 if narrow else one.estimate.level, language),
        bounds=one.found.bounds(outcome, language)
        if narrow
        else number_format.interval(
            one.estimate.ci_low, one.estimate.ci_high, outcome.decimals, language
        ),
    )
    if not one.is_uncertain:
        # the rating itself, which risk of bias and threats leave as it is
        level = source.wording(f"review.certainty-level.{one.graded.certainty}")
        shown = source.wording("result.interval-rated", shown=shown, certainty=level)
    return source.wording(
        kind,
        outcome=name(outcome, language),
        size=_size(outcome, abs(one.estimate.estimate), language),
        amount=change(outcome, one.estimate.estimate, language),
        smallest=_size(outcome, outcome.smallest_effect or 0.0, language),
        shown=shown,
    )


def _reading(one: PrimaryResult) -> str:
    """What a result rests on, and how an effect compares with the smallest that matters.

    That all of the interval matters is said at moderate certainty or above. Very uncertain results
    claim nothing that rests on it.
    """
    outcome, source, kind = one.outcome, one.source, one.graded.kind
    if kind == "blinded" or one.is_uncertain:
        return ""
    smallest = outcome.smallest_effect or 0.0
    size = _size(outcome, smallest, source.language)
    all_beyond = one.estimate.ci_low > smallest or one.estimate.ci_high < -smallest
    if kind == "effect" and not all_beyond:
        return f", {assuming(source)}{source.wording('result.size.partly', smallest=size)}"
    firm = kind == "effect" and one.graded.names_programme == "yes"
    said = source.wording("result.size.beyond", smallest=size) if firm else ""
    return f"{said}, {assuming(source)}"


def remains(one: PrimaryResult) -> str:
    """That an effect remains possible where none is clear; empty of every other result.

    Parameters
    ----------
    one : PrimaryResult
    """
    return one.source.wording("result.remains") if one.graded.kind == "unclear" else ""


def doubt(one: PrimaryResult) -> str:
    """How many threats could change a result, as a clause; empty where none could.

    Parameters
    ----------
    one : PrimaryResult
    """
    source, threats = one.source, one.graded.threats
    if one.graded.certainty is None:
        return source.wording("result.not-rated")
    if threats is None or not threats.examined:
        return source.wording("result.not-examined")
    if not threats.could_change:
        return ""
    n, of = threats.could_change, threats.examined
    kind = "all" if n == of and n > 1 else "one" if n == 1 else "several"
    spelled = {"n": spelt(n, source.language), "of": spelt(of, source.language)}
    return source.wording(f"result.could-change.{kind}", **spelled)


def _size(outcome: Outcome, value: float, language: str) -> str:
    """A size with its short unit, which no line parts."""
    return amount(outcome, value, language).replace(" ", number_format.NO_BREAK)


def name(outcome: Outcome, language: str) -> str:
    """An outcome as it is said inside a sentence.

    Parameters
    ----------
    outcome : Outcome
    language : {"en", "es"}
    """
    return words.noun(outcome, language)


def named(outcomes: Sequence[Outcome], language: str) -> str:
    """Outcomes in a row, inside a sentence.

    Parameters
    ----------
    outcomes : sequence of Outcome
    language : {"en", "es"}
    """
    return number_format.listed([name(o, language) for o in outcomes], language)


def amount(outcome: Outcome, value: float, language: str) -> str:
    """A size with its short unit, without a plus.

    Parameters
    ----------
    outcome : Outcome
    value : float
    language : {"en", "es"}
    """
    shown = number_format.plain(value, outcome.decimals, language)
    return words.with_unit(shown, outcome.unit, language)


def change(outcome: Outcome, value: float, language: str) -> str:
    """A change with its sign and its short unit, which no line parts.

    Parameters
    ----------
    outcome : Outcome
    value : float
    language : {"en", "es"}
    """
    shown = number_format.signed(value, outcome.decimals, language)
    return words.with_unit(shown, outcome.unit, language).replace(" ", number_format.NO_BREAK)


def title(found: Sequence[PrimaryResult], language: str) -> str:
    """What was found for the primary outcomes together; empty where none has a conclusion.

    What the effects rest on begins it, where anything is claimed of an outcome.

    Parameters
    ----------
    found : sequence of PrimaryResult
        In the order of :func:`results`.
    language : {"en", "es"}
    """
    if any(one.graded.kind == "blinded" for one in found):
        return wording("answer.blinded", language).rstrip(".")
    parts: dict[str, list[str]] = {}
    for one in found:
        kind = f"{one.graded.kind}{one.way}" + (f".{one.graded.wording}" if one.way else "")
        kind = "very low" if one.is_uncertain else kind
        parts.setdefault(kind, []).append(name(one.outcome, language))
    said = "; ".join(
        wording(f"result.title.{kind}", language, outcomes=number_format.listed(those, language))
        for kind, those in parts.items()
    )
    if any(not one.is_uncertain and one.graded.kind != "unclear" for one in found):
        said = f"{assuming(found[0].source)}: {said}"
    return words.begun(said)


def spelt(n: int, language: str) -> str:
    """A small number as a word.

    Parameters
    ----------
    n : int
    language : {"en", "es"}
    """
    known = wording("headline.numbers", language).split()
    return known[n] if n < len(known) else number_format.count(n, language)
