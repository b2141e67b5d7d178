"""How many clusters, left out one at a time, would change what the interval says."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.spec.plan import Outcome
from evaluation.stats import steps
from evaluation.stats.blocks import Blocks
from evaluation.stats.cluster_diagnostics import CLUSTERS, Row, row
from evaluation.stats.fit import StepResult, StepUnavailable
from evaluation.stats.heading import Heading
from evaluation.stats.jackknife import jackknife, leave_one_out
from evaluation.stats.steps import Analysis

Floats = NDArray[np.float64]
NAME = "loo_verdict_changes"


def of_verdict(analysis: Analysis, heading: Heading, outcome: Outcome) -> tuple[Row, ...]:
    """Clusters without which the interval answers the verdict's two questions differently.

    The interval is the cluster jackknife's (CV3), with all clusters and without each: refitting
    the bootstrap as often as there are clusters would take minutes and answer the same question.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    outcome : Outcome
        Its ``smallest_effect`` is one of the two thresholds.

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``loo_verdict_changes``, a count: which clusters these are is told nowhere. Empty for an
        outcome of which the plan names no smallest effect.
    """
    if outcome.smallest_effect is None:
        return ()
    column = analysis.design.column
    try:
        whole = jackknife(analysis.blocks, analysis.fit, column)
        others = without_each(analysis.blocks, column)
    except StepUnavailable as reason:
        return (steps.unavailable(heading, NAME, reason.problem),)
    level, smallest = heading.level, outcome.smallest_effect
    kept = _answers(whole.interval(level), smallest)
    changed = sum(_answers(one.interval(level), smallest) != kept for one in others)
    return (row(heading, NAME, float(changed), CLUSTERS),)


def without_each(blocks: Blocks, column: str) -> Sequence[StepResult]:
    """CV3 of the first outcome without each cluster, in the order of the blocks.

    Parameters
    ----------
    blocks : Blocks
    column : str
        Regressor of interest.

    Raises
    ------
    StepUnavailable
        Without two of the clusters the coefficients are not determined.

    Notes
    -----
    With G - 1 clusters left, V_(g) = (G-2)/(G-1) * sum_h (b_(gh) - b_(g))^2 and t(G - 2): the
    estimator of `jackknife.jackknife` on the data without cluster g.
    """
    j = blocks.position(column)
    gram, moment = blocks.xx(), blocks.xy(0)[:, :, None]
    whole = leave_one_out(gram, moment, columns=blocks.columns, clusters=blocks.clusters)[:, j, 0]
    return [_without(blocks, (gram, moment), g, j, float(b)) for g, b in enumerate(whole)]


def _without(
    blocks: Blocks, products: tuple[Floats, Floats], g: int, j: int, estimate: float
) -> StepResult:
    gram, moment = (np.delete(x, g, axis=0) for x in products)
    rest = (*blocks.clusters[:g], *blocks.clusters[g + 1 :])
    pairs = leave_one_out(gram, moment, columns=blocks.columns, clusters=rest)[:, j, 0]
    left = len(rest)
    variance = (left - 1) / left * float(np.sum((pairs - estimate) ** 2))
    return StepResult(
        step="CV3",
        column=blocks.columns[j],
        estimate=estimate,
        std_error=float(np.sqrt(variance)),
        df=float(left - 1),
    )


def _answers(interval: tuple[float, float], smallest: float) -> tuple[bool, bool]:
    """Whether an interval excludes zero, and whether it reaches an effect that matters."""
    low, high = interval
    return low > 0 or high < 0, low <= -smallest or high >= smallest
