"""The answer to the study's question in a sentence or two, by rule from its primary conclusions."""

from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report.formats import number_format, words
from evaluation.report.prose.conclusions import Concluded
from evaluation.report.prose.sentences import amount
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate

Primary = tuple[Estimate, Outcome, Concluded]
MOVED = ("effect detected", "detected but smaller than matters")


def answer(primary: Sequence[Primary], *, language: str) -> str:
    """What was found for all primary outcomes together: what moved first, what is open last.

    Parameters
    ----------
    primary : sequence of (Estimate, Outcome, Concluded)
        The primary outcomes in the plan's order; may be empty.
    language : {"en", "es"}

    Returns
    -------
    str
        Empty without a primary outcome; of a blinded study, that nothing can be said yet.
    """
    if any(estimate.status == "blinded" for estimate, *_ in primary):
        return wording("answer.blinded", language)
    moved = [_moved(*one, language) for one in primary if one[2].conclusion in MOVED]
    others = (
        wording(f"answer.{conclusion}", language, outcomes=number_format.listed(named, language))
        for conclusion, named in _by_conclusion(primary, language).items()
    )
    return " ".join((*moved, *others))


def _by_conclusion(primary: Sequence[Primary], language: str) -> dict[str, list[str]]:
    """Outcomes that did not move, by conclusion, each with the number that it rests on."""
    order = ("effects that matter ruled out", "inconclusive")
    found: dict[str, list[str]] = {name: [] for name in order}
    for estimate, outcome, made in primary:
        if made.conclusion in found:
            said = wording(
                f"answer.{made.conclusion}.outcome",
                language,
                outcome=_name(outcome, language),
                smallest=_smallest(outcome, language),
                level=number_format.percent(estimate.level, language),
                bounds=_bounds(estimate, outcome, language),
                equivalence=made.bounds(outcome, language),
            )
            found[made.conclusion].append(said)
    return {name: outcomes for name, outcomes in found.items() if outcomes}


def _moved(estimate: Estimate, outcome: Outcome, made: Concluded, language: str) -> str:
    rises = estimate.estimate > 0
    return wording(
        f"answer.{made.conclusion}.{'rise' if rises else 'fall'}",
        language,
        outcome=_name(outcome, language),
        amount=amount(abs(estimate.estimate), outcome, language=language).removeprefix("+"),
        level=number_format.percent(estimate.level, language),
        bounds=number_format.interval(
            estimate.ci_low, estimate.ci_high, outcome.decimals, language
        ),
    )


def _name(outcome: Outcome, language: str) -> str:
    return words.noun(outcome, language)


def _smallest(outcome: Outcome, language: str) -> str:
    return amount(outcome.smallest_effect or 0.0, outcome, language=language).removeprefix("+")


def _bounds(estimate: Estimate, outcome: Outcome, language: str) -> str:
    ends = estimate.ci_low, estimate.ci_high
    shown = number_format.interval(*ends, outcome.decimals, language)
    return f"{shown} {words.unit_in_sentence(outcome.unit, language, number='other')}"
