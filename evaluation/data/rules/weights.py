"""Findings about weights as a whole: totals against the frame, spread, and rounds side by side."""

from collections.abc import Iterator, Mapping, Sequence

from evaluation.data.rules.rule import Rule
from evaluation.locale.messages import Count, Plain, Value
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding
from evaluation.study.sampling import WeightCheck

WEIGHT_TOTAL = Rule("weight-total", "warn", fix="ask-what-weights.problem")
WEIGHT_ABOVE_FRAME = Rule(
    "weight-above-frame", "warn", "weights-add-up", "ask-whether-weights.problem"
)
WEIGHT_SHARE_CHANGE = Rule("weight-share-change", "warn", fix="ask-whether-both.problem")
WEIGHT_SPREAD = Rule("weight-spread", "warn", "unequal-weights", "ask-stages-make.problem")
WEIGHT_RATIO = Rule("weight-ratio", "warn", "inside-cluster", "check-both-against.problem")

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


# a rule that is broken, and what its messages say
Fault = tuple[Rule, dict[str, Value]]


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
        rule.about(files[whole.round], weight, **said)
        for whole in checks
        if whole.level == "all"
        for rule, said in (
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
        yield WEIGHT_TOTAL, _among(apart, clusters)
    if whole.total > ABOVE * whole.people:
        totals = {"total": whole.total, "people": whole.people}
        yield WEIGHT_ABOVE_FRAME, {name: Plain(f"{value:,.0f}") for name, value in totals.items()}


def _rounds(clusters: Sequence[WeightCheck]) -> Iterator[Fault]:
    moved = sum(_is_apart(c.share_change) for c in clusters)
    if moved:
        yield WEIGHT_SHARE_CHANGE, _among(moved, clusters)


def _among(n: int, clusters: Sequence[WeightCheck]) -> dict[str, Value]:
    """How many clusters, of how many, are further apart than the rule allows."""
    return {
        "n": Count(n, "clusters"),
        "of": Plain(len(clusters)),
        "least": Plain(LEAST),
        "times": Plain(f"{APART:g}"),
    }


def _spread(clusters: Sequence[WeightCheck]) -> Iterator[Fault]:
    if not clusters:
        return
    effect = sum(c.design_effect for c in clusters) / len(clusters)
    ratio = max(c.largest_to_smallest for c in clusters)
    if effect > WIDE:
        yield WEIGHT_SPREAD, {"effect": Plain(f"{effect:.2f}")}
    if ratio > RATIO:
        yield WEIGHT_RATIO, {"ratio": Plain(f"{ratio:,.0f}")}
