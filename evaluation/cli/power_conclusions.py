"""What ``power`` and ``lock`` say of conclusions: what they take, and which cannot be reached."""

from collections.abc import Iterable, Mapping

from evaluation.cli.power_words import number
from evaluation.locale.messages import wording
from evaluation.report import words
from evaluation.spec.plan import Outcome, Plan
from evaluation.stats.conclusion_chances import (
    Intervals,
    Needed,
    planned_intervals,
    unreachable,
)
from evaluation.stats.planning_run import PlannedConclusions


def solved(found: Iterable[PlannedConclusions], language: str) -> str:
    """Smallest effect, respondents or clusters that give a conclusion in 80 % of studies.

    Parameters
    ----------
    found : iterable of PlannedConclusions
        One for each primary outcome.
    language : {"en", "es"}
    """
    lines = [wording("needed.head", language)]
    warned: list[str] = []
    for one in found:
        for made, said in ((one.detected, "detected"), (one.ruled_out, "ruled_out")):
            lines.append(_line(one.outcome, made, said, language))
        warned += _warnings({one.outcome.id: one.intervals}, (one.outcome,), language)
    return "\n".join((*lines, *warned)) + "\n"


def warnings(plan: Plan, language: str) -> tuple[str, ...]:
    """Conclusions that the planned design cannot reach, whatever the truth; a line for each.

    Parameters
    ----------
    plan : Plan
        Its ``[power]`` is the planned design.
    language : {"en", "es"}
    """
    if plan.power is None:
        return (wording("needed.no-inputs", language),)
    return _warnings(planned_intervals(plan), plan.primary_outcomes(), language)


def _warnings(
    intervals: Mapping[str, Intervals], outcomes: Iterable[Outcome], language: str
) -> tuple[str, ...]:
    said = []
    for outcome in outcomes:
        if outcome.smallest_effect is None:
            continue
        missed = unreachable(intervals[outcome.id], smallest_effect=outcome.smallest_effect)
        if "ruled_out" in missed:
            said.append(wording("needed.no-ruled-out", language, outcome=outcome.id))
        if "smaller" in missed:
            said.append(wording("needed.no-smaller", language, outcome=outcome.id))
    return tuple(said)


def _line(outcome: Outcome, needed: Needed, target: str, language: str) -> str:
    respondents = (
        wording("needed.no-respondents", language)
        if needed.respondents is None
        else wording("needed.respondents", language, n=needed.respondents)
    )
    clusters = (
        wording("needed.no-clusters", language)
        if needed.clusters is None
        else wording("needed.clusters", language, n=needed.clusters)
    )
    holes = {
        "outcome": outcome.id,
        "size": number(needed.smallest_effect, outcome.decimals + 1, language),
        "unit": words.unit(outcome.unit, language),
        "respondents": respondents,
        "clusters": clusters,
    }
    if target == "detected":
        return wording("needed.detected", language, **holes)
    return wording("needed.ruled-out", language, **holes)
