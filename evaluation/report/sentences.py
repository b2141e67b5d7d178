"""Plain-language readings of estimates, by rule, from the records alone.

Wording follows three rules: a wide interval is never called an absence of an effect; percentage
points are never called percent; every sentence names the interval.
"""

import math
from collections.abc import Sequence

from evaluation.report import formats, words
from evaluation.report.verdicts import EXPLAINED, direction, verdict
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Estimate


def amount(value: float, outcome: Outcome) -> str:
    """A signed effect with its unit spelt out, e.g. ``+2.4 percentage points``."""
    shown = formats.signed(value, outcome.decimals)
    if math.isinf(value):
        return shown
    named = {"SD": "standard deviations", "count": "on the count"}.get(outcome.unit, outcome.unit)
    singular = outcome.unit in ("percentage points", "points", "minutes")
    if singular and f"{abs(value):.{outcome.decimals}f}" in ("1", "1.0", "1.00"):
        named = named.removesuffix("s")
    return f"{shown} {named}"


def effect_sentence(estimate: Estimate, outcome: Outcome) -> str:
    """One sentence per estimate: verdict where the plan allows one, and the interval always."""
    if outcome.smallest_effect is None:
        return _without_verdict(estimate, outcome)
    ruling = verdict(estimate.ci_low, estimate.ci_high, smallest_effect=outcome.smallest_effect)
    found = f"The estimate is {amount(estimate.estimate, outcome)} ({_interval(estimate, outcome)})"
    if estimate.ci_low <= 0 <= estimate.ci_high:
        found = f"{found}; {_not_compatible(estimate, outcome)}"
    why = f"{EXPLAINED[ruling][0].upper()}{EXPLAINED[ruling][1:]}"
    smallest = amount(outcome.smallest_effect, outcome).removeprefix("+")
    return (
        f"{outcome.label.en}: {ruling}{_direction_clause(estimate, outcome)}. {found}. {why}"
        f" (smallest effect that matters: {smallest})."
    )


def _without_verdict(estimate: Estimate, outcome: Outcome) -> str:
    lead = f"{outcome.label.en}: "
    interval = _interval(estimate, outcome)
    if estimate.ci_low <= 0 <= estimate.ci_high:
        return f"{lead}no detectable effect ({interval}); {_not_compatible(estimate, outcome)}."
    tested = _after_adjustment(estimate)
    return (
        f"{lead}the interval excludes zero{_direction_clause(estimate, outcome)}: estimate"
        f" {amount(estimate.estimate, outcome)} ({interval}){tested}."
    )


def power_sentence(judged: Sequence[tuple[Estimate, Outcome]]) -> str:
    """Realised MDEs beside the smallest effects that matter, compared as they are printed.

    Parameters
    ----------
    judged : sequence of (Estimate, Outcome)
        Outcomes with a smallest effect that matters.
    """
    larger, same, smaller = "larger than", "about the same as", "smaller than"
    kinds: dict[str, list[str]] = {larger: [], same: [], smaller: []}
    for estimate, outcome in judged:
        both = (estimate.mde, outcome.smallest_effect or 0.0)
        mde, matters = (round(x, outcome.decimals) for x in both)
        kind = larger if mde > matters else smaller if mde < matters else same
        name = words.in_sentence(outcome.label.en.split(" (")[0])
        between = f"{formats.plain(mde, outcome.decimals)} against {_matters(outcome)}"
        kinds[kind].append(f"{name} ({between})")
    compared = "; ".join(
        f"{kind} the smallest effect that matters for {_listed(names)}"
        for kind, names in kinds.items()
        if names
    )
    missed = " An effect that matters can therefore stay undetected." if kinds[larger] else ""
    return f"The effect that would have been detected four times in five is {compared}.{missed}"


def _matters(outcome: Outcome) -> str:
    return amount(outcome.smallest_effect or 0.0, outcome).removeprefix("+")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def short_reading(estimate: Estimate, outcome: Outcome) -> str:
    """A few words per estimate, for a column: the verdict, or whether the interval holds zero."""
    clause = _direction_clause(estimate, outcome).replace("in the desired", "desired")
    if outcome.smallest_effect is not None:
        ruling = verdict(estimate.ci_low, estimate.ci_high, smallest_effect=outcome.smallest_effect)
        return f"{ruling}{clause}"
    if estimate.ci_low <= 0 <= estimate.ci_high:
        return "interval includes zero"
    tested = _after_adjustment(estimate).replace("but ", "").split(" for the number")[0]
    return f"interval excludes zero{clause}{tested}"


def _after_adjustment(estimate: Estimate) -> str:
    if estimate.adjustment == "none":
        return ", not adjusted for the number of outcomes"
    if estimate.p_adjusted <= 1 - estimate.level:
        return ", also after adjustment for the number of outcomes"
    return ", but not after adjustment for the number of outcomes"


def _not_compatible(estimate: Estimate, outcome: Outcome) -> str:
    if math.isinf(estimate.ci_low) or math.isinf(estimate.ci_high):
        return "the data rule out no size of effect on at least one side"
    return (
        f"the data are not compatible with effects below {amount(estimate.ci_low, outcome)} or"
        f" above {amount(estimate.ci_high, outcome)}"
    )


def _direction_clause(estimate: Estimate, outcome: Outcome) -> str:
    if estimate.ci_low <= 0 <= estimate.ci_high:
        return ""
    pointing = direction(estimate.estimate, outcome.desired)
    return {
        "desired": ", in the desired direction",
        "not desired": ", against the desired direction",
        "no desired direction": "",
    }[pointing]


def _interval(estimate: Estimate, outcome: Outcome) -> str:
    shown = formats.interval(estimate.ci_low, estimate.ci_high, outcome.decimals)
    return f"{formats.percent(estimate.level)} interval {shown}"
