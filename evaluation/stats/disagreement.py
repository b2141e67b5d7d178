"""Where inference steps of one estimate disagree about a conventional line.

Rule: a step is on the rejecting side of a line when its p-value is below it, the value at which
its own interval, which holds every value with p >= 1 - level, would leave zero out. The steps of
one outcome and specification disagree about a line when they are not all on one side. Every step
that gives a p-value counts alike, randomisation inference too; adjusted p-values do not enter. A
step that could not reject whatever the data, because clusters or assignments are too few, is
unavailable and has no side.
"""

from collections.abc import Iterable, Iterator

from evaluation.spec.records import Diagnostic, Estimate
from evaluation.stats.effect_record import diagnostic

LINES = (("steps_disagree_5", 0.05), ("steps_disagree_10", 0.10))
FLAG = "1 = yes"


def disagreements(estimates: Iterable[Estimate]) -> tuple[Diagnostic, ...]:
    """Flag every estimate whose steps disagree about the 5 or the 10 % line.

    Parameters
    ----------
    estimates : iterable of Estimate
        Of any number of outcomes and specifications.

    Returns
    -------
    tuple of Diagnostic
        ``steps_disagree_5`` and ``steps_disagree_10``, 1 or 0, for every outcome, specification,
        estimand and sample with two steps or more, in the order of their first estimates.
    """
    groups: dict[tuple[object, ...], list[Estimate]] = {}
    for e in estimates:
        key = (e.outcome, e.specification, e.estimand, e.sample, e.treatment)
        groups.setdefault(key, []).append(e)
    return tuple(flag for found in groups.values() if len(found) > 1 for flag in _flags(found))


def _flags(found: list[Estimate]) -> Iterator[Diagnostic]:
    for name, line in LINES:
        sides = {e.p_value < line for e in found}
        yield diagnostic(found[0], name, len(sides) > 1, FLAG)
