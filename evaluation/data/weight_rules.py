"""Findings about weights as a whole: totals against the frame, spread, and rounds side by side."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from evaluation.data.finding import about_file, counting
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding
from evaluation.spec.weighting import WeightCheck

# A cluster's part of the weights may miss its part of the people, or move between rounds, by half:
# fifty interviews with households of one to eight adults differ by a quarter without any error.
APART = 1.5
# In a cluster of fewer interviews one household moves the sum by as much as a fault would.
LEAST = 20
# Unequal weights inside clusters that make two interviews worth one.
WIDE = 2.0
# The most that selection inside a cluster explains: households of one and of ten, in segments that
# were drawn ten times as often.
RATIO = 100.0
# Adults and people may be counted for neighbouring years.
ABOVE = 1.05


class Fault(NamedTuple):
    """What is wrong with a round's weights."""

    rule: str
    problem: str
    mend: str
    n_clusters: int = -1
    few: str = ""


def weight_findings(
    checks: Sequence[WeightCheck], files: Mapping[str, RawFile], *, weight: str
) -> tuple[Finding, ...]:
    """One finding for each round and fault, with the number of clusters and without their names.

    Parameters
    ----------
    checks : sequence of WeightCheck
        Of all rounds and levels.
    files : mapping of round id to RawFile
    weight : str
        The variable, for the messages.
    """
    return tuple(
        counting(
            about_file(
                files[whole.round],
                rule=fault.rule,
                severity="warn",
                column=weight,
                problem=fault.problem,
                mend=fault.mend,
            ),
            n_clusters=fault.n_clusters,
            few=fault.few,
        )
        for whole in checks
        if whole.level == "all"
        for fault in (
            *_totals(whole, _clusters(checks, whole.round)),
            *_rounds(_clusters(checks, whole.round)),
            *_spread(_clusters(checks, whole.round)),
        )
    )


def _clusters(checks: Sequence[WeightCheck], round_id: str) -> list[WeightCheck]:
    """Clusters of a round that have enough interviews to be judged."""
    return [c for c in checks if c.round == round_id and c.level == "cluster" and c.n >= LEAST]


def _is_apart(ratio: float) -> bool:
    """Whether a ratio is farther from one than `APART`; NaN, which is no ratio, is not."""
    return ratio > APART or ratio < 1.0 / APART


def _totals(whole: WeightCheck, clusters: Sequence[WeightCheck]) -> Iterator[Fault]:
    apart = sum(_is_apart(c.coverage) for c in clusters)
    if apart:
        rest = (
            f" of {len(clusters)} clusters (of {LEAST} interviews or more) the sum of the weights"
            f" is more than {APART:g} times, or less than 1/{APART:g} of, the cluster's part of the"
            " people in the frame"
        )
        yield Fault(
            "weight-total",
            f"in {apart}{rest}",
            "ask what the weights add up to; an equally weighted estimate is not touched by it, a"
            " population-weighted one takes its totals from the frame",
            apart,
            f"in {{few}}{rest}",
        )
    if whole.total > ABOVE * whole.people:
        yield Fault(
            "weight-above-frame",
            f"the weights add up to {whole.total:,.0f}, more than the {whole.people:,.0f} people"
            " of the frame",
            "ask whether the weights are a multiple of expansion factors, or what the frame counts",
        )


def _rounds(clusters: Sequence[WeightCheck]) -> Iterator[Fault]:
    moved = sum(_is_apart(c.share_change) for c in clusters)
    if moved:
        rest = (
            f" of {len(clusters)} clusters (of {LEAST} interviews or more) the share of all weights"
            f" is more than {APART:g} times, or less than 1/{APART:g} of, what it was in the round"
            " before"
        )
        yield Fault(
            "weight-share-change",
            f"in {moved}{rest}",
            "ask whether both rounds were weighted alike; with weights as they are the change"
            " would look like one of people",
            moved,
            f"in {{few}}{rest}",
        )


def _spread(clusters: Sequence[WeightCheck]) -> Iterator[Fault]:
    if not clusters:
        return
    effect = sum(c.design_effect for c in clusters) / len(clusters)
    ratio = max(c.largest_to_smallest for c in clusters)
    if effect > WIDE:
        yield Fault(
            "weight-spread",
            f"unequal weights inside clusters have a mean design effect of {effect:.2f}",
            "ask for the stages that make them so unequal, and whether large weights were cut",
        )
    if ratio > RATIO:
        yield Fault(
            "weight-ratio",
            f"inside a cluster the largest weight is {ratio:,.0f} times the smallest",
            "check both against the sampling design: one such row decides its cluster's mean",
        )
