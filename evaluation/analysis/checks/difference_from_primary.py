"""How far a check moves the primary estimate, and what part of that chance could do.

A check and the primary estimate are made from nearly the same interviews, so that the standard
error of their difference is not to be had from their two intervals. Each cluster is deleted from
both, and their difference taken again.
"""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from evaluation.analysis.checks.check_context import CheckContext, JackknifedEstimate
from evaluation.estimation.inference.estimate_record import (
    Heading,
    RowFacts,
    record,
    recorded,
    unavailable,
)
from evaluation.estimation.inference.jackknife import influence, jackknife
from evaluation.estimation.inference.steps import by_t
from evaluation.estimation.records import Difference, Estimate, Unavailable
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import Fit, StepUnavailable, critical, least_squares
from evaluation.estimation.row_keys import WHOLE, RowKey
from evaluation.locale.messages import Message, message

JACKKNIFE = message("jackknife-whole.reason")
DIFFERENCE = "difference"
# A rule that hits no cluster, a date after fieldwork, a coding that changes no answer.
NOTHING_CHANGED = message("check-changes-nothing.reason")
# Of the primary estimate's jackknife standard error: two estimates closer to each other than this
# with every cluster and without each are one, made in another order of additions.
ROUNDING = 1e-9

Compared = Estimate | Unavailable | Difference


def primary_of(context: CheckContext) -> JackknifedEstimate | Unavailable:
    """The primary estimate with and without each cluster, or why it is unavailable."""
    if context.primary is not None:
        return context.primary
    return repeated_of(context.primary_design(), context.heading())


def repeated_of(built: Design, heading: Heading) -> JackknifedEstimate | Unavailable:
    """A regression's effect with and without each cluster, or why it is unavailable.

    Parameters
    ----------
    built : Design
    heading : Heading
        Of the row that says why not.
    """
    blocks = built.accumulate()
    return repeated(blocks, least_squares(blocks), built.column, heading=heading)


def repeated(
    blocks: Blocks, fit: Fit, column: str, *, heading: Heading
) -> JackknifedEstimate | Unavailable:
    """The estimates behind the cluster jackknife of a regression, or why there are none.

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Of the same blocks.
    column : str
        The effect.
    heading : Heading
        Of the row that says why not.
    """
    try:
        found = jackknife(blocks, fit, column)
    except StepUnavailable as reason:
        return unavailable(heading, DIFFERENCE, reason.problem)
    return JackknifedEstimate(found.estimate, found.leave_one_out)


def of_regression(
    primary: JackknifedEstimate | Unavailable, built: Design, heading: Heading
) -> Difference | Unavailable:
    """Record of the difference of one regression's effect from the primary estimate.

    Parameters
    ----------
    primary : JackknifedEstimate or Unavailable
        See `primary_of`.
    built : Design
        Of the same outcome.
    heading : Heading
        Of the regression.
    """
    again = repeated_of(built, heading)
    if isinstance(again, Unavailable):
        return again
    return difference(primary, again, heading, sizes=RowFacts.of(built))


def compared(
    context: CheckContext, built: Design, *, sample: RowKey = WHOLE
) -> tuple[Compared, ...]:
    """Records of a weighted least squares row, and of its difference from the primary estimate.

    Parameters
    ----------
    context : CheckContext
    built : Design
        With weights that were not estimated from the data. Its effect is in the outcome's unit and
        answers the primary question.
    sample : RowKey
        Tells rows of one check apart.

    Returns
    -------
    tuple of Estimate, Unavailable and Difference
        One `Unavailable` where the regression is the primary one: the check leaves nobody out and
        changes nothing, so that it agrees with nothing. A difference that is zero for any answers,
        as of a comparison inside balanced strata, has no standard error and no interval.
    """
    analysis = context.analysed(built)
    rows = context.of_analysis(analysis, built, sample=sample)
    if not any(isinstance(row, Estimate) for row in rows):
        return rows
    heading = context.heading(sample)
    again = repeated(analysis.blocks, analysis.fit, built.column, heading=heading)
    if isinstance(again, Unavailable):
        return *rows, again
    found = difference(primary_of(context), again, heading, sizes=RowFacts.of(built))
    if isinstance(found, Difference) and found.difference == 0.0:
        primary = context.primary_design()
        if _is_same(built, primary):
            return (context.unavailable(NOTHING_CHANGED, sample=sample),)
        if _is_equal_for_all_answers(built, primary):
            # an interval would come from deletions that undo the balance of the design
            found = dataclasses.replace(found, std_error=0.0, ci_low=0.0, ci_high=0.0)
    return *rows, found


def _is_same(built: Design, primary: Design) -> bool:
    """Whether two regressions have the same rows, columns, answers and weights."""
    pairs = ((getattr(built, f), getattr(primary, f)) for f in ("X", "y", "weights", "cluster"))
    return all(np.array_equal(one, other) for one, other in pairs)


def _is_equal_for_all_answers(built: Design, primary: Design) -> bool:
    """Whether the estimates are one for any answers of the same people: they weight all alike."""
    pairs = ((getattr(built, f), getattr(primary, f)) for f in ("y", "cluster"))
    if not all(np.array_equal(one, other) for one, other in pairs):
        return False
    weights = influence(primary)
    most = ROUNDING * float(np.max(np.abs(weights)))
    return bool(np.allclose(influence(built), weights, rtol=0.0, atol=most))


def jackknifed(
    context: CheckContext,
    estimate: float,
    without: Mapping[str, float],
    *,
    sizes: RowFacts,
    reason: Message,
    sample: RowKey = WHOLE,
) -> tuple[Compared, ...]:
    """Records of an estimator that is not linear in the outcome, and of its difference.

    Parameters
    ----------
    context : CheckContext
    estimate : float
        In the outcome's unit.
    without : mapping of str to float
        The whole estimator, weights and nuisance models included, repeated without each cluster;
        see `without_each_cluster`.
    sizes : RowFacts
    reason : str
        Why the primary step is unavailable.
    sample : RowKey
        Tells rows of one check apart.

    Notes
    -----
    V = (G-1)/G sum_g (b_(g) - b)^2, centred at the full estimate, with t(G-1), as `jackknife`.
    """
    heading = context.heading(sample)
    absent = unavailable(heading, context.plan.inference.primary_step, reason)
    again, g = JackknifedEstimate(estimate, without), len(without)
    bad = int(np.count_nonzero(~np.isfinite([*without.values()])))
    error = float(np.sqrt((g - 1) / g * _squares(again)))
    if bad:
        problem = message("without-clusters-one.reason", g=g)
        return absent, unavailable(heading, "cv3", problem)
    if not error > 0.0:
        return absent, unavailable(heading, "cv3", message("estimate-same.reason"))
    found = by_t(estimate, error, df=float(g - 1), level=heading.level, p_kind=JACKKNIFE)
    return (
        absent,
        recorded(heading, "cv3", found, sizes=sizes),
        difference(primary_of(context), again, heading, sizes=sizes),
    )


def without_each_cluster(
    clusters: tuple[str, ...], estimator: Callable[[str], float]
) -> dict[str, float]:
    """The estimator without each cluster; NaN where it has no solution, for `jackknifed` to say.

    Parameters
    ----------
    clusters : tuple of str
    estimator : callable
        Takes the id of the cluster to leave out.
    """
    found: dict[str, float] = {}
    for cluster in clusters:
        try:
            found[cluster] = estimator(cluster)
        except StepUnavailable:
            found[cluster] = float("nan")
    return found


def difference(
    primary: JackknifedEstimate | Unavailable,
    check: JackknifedEstimate,
    heading: Heading,
    *,
    sizes: RowFacts,
) -> Difference | Unavailable:
    """Record of an estimate less the primary one, with the jackknife's interval.

    Parameters
    ----------
    primary : JackknifedEstimate or Unavailable
        See `primary_of`.
    check : JackknifedEstimate
        Of the same outcome, in its unit.
    heading : Heading
        Of the check's row.
    sizes : RowFacts
        Behind the check's estimate.

    Notes
    -----
    d = b - b0 and V = (G-1)/G sum_g (d_(g) - d)^2 with t(G-1), over the G clusters of either
    estimate, each deleted from both and told by its id: an estimate that a cluster has no part in
    is the same without it. Centred at the full difference, as `jackknife` is (Efron and Stein
    1981, Annals of Statistics 9(3); Hausman 1978, Econometrica 46(6), for a test of two
    estimators that needs no such interval only where one of them is efficient).
    """
    if isinstance(primary, Unavailable):
        return unavailable(heading, DIFFERENCE, primary.reason)
    clusters = sorted({*primary.without, *check.without})
    whole, g = check.estimate - primary.estimate, len(clusters)
    moved = JackknifedEstimate(
        whole, {c: _without(check, c) - _without(primary, c) for c in clusters}
    )
    lacking = int(np.count_nonzero(~np.isfinite([*moved.without.values()])))
    if lacking:
        reason = message("difference-without-solution", n=lacking, total=g)
        return unavailable(heading, DIFFERENCE, reason)
    nothing = ROUNDING * np.sqrt((g - 1) / g * _squares(primary))
    error = float(np.sqrt((g - 1) / g * _squares(moved)))
    whole, error = (x if abs(x) > nothing else 0.0 for x in (whole, error))
    if error == 0.0 and whole != 0.0:
        return unavailable(heading, DIFFERENCE, message("difference-without-variance"))
    half = critical(g - 1, heading.level) * error
    return record(
        Difference,
        heading,
        sizes,
        estimate=check.estimate,
        difference=whole,
        std_error=error,
        df=float(g - 1),
        ci_low=whole - half,
        ci_high=whole + half,
    )


def _without(one: JackknifedEstimate, cluster: str) -> float:
    return one.without.get(cluster, one.estimate)


def _squares(one: JackknifedEstimate) -> float:
    """Sum over clusters of the squared change of an estimate without each."""
    return float(np.sum((np.array([*one.without.values()]) - one.estimate) ** 2))
