"""Two assumptions side by side: parallel trends, and no confounding given the baseline level.

The bracketing of difference-in-differences and the regression on the lagged outcome (analysis of
covariance; Angrist and Pischke 2009, Mostly Harmless Econometrics, section 5.4; Ding and Li 2019,
Political Analysis 27(4)): they answer under different assumptions, and where the first holds or the
second does, their two answers enclose the effect. Neither can be tested with two rounds.
"""

import contextlib
from collections.abc import Iterable

import numpy as np

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import jackknifed
from evaluation.analysis.checks.reweighting import solve
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.records import Estimate
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.cluster_changes import cluster_means
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable, least_squares
from evaluation.estimation.row_keys import Lagged, Part
from evaluation.locale.messages import message

LAG = "baseline value"
CI_UNION = message("union-two-intervals.reason")
NOT_LINEAR = message("baseline-means-corrected.reason")


@computes
def bracket(context: CheckContext) -> Iterable[Row]:
    """Row ``lagged:corrected``, and the bracket of the primary estimate and the lagged one.

    Parameters
    ----------
    context : CheckContext

    Returns
    -------
    iterable of records
        Estimates; a `Bound` with sample ``bracket``; diagnostics ``beta`` (slope on the cluster's
        baseline mean), ``baseline_gap`` (treated minus other clusters' baseline means, with the
        lagged regression's weights and other regressors), ``did_minus_lagged``,
        ``weighting_difference`` (the part of it that comes from the two regressions' different
        weights and covariates, zero for the equal and population estimands without covariates
        where a cluster weighs the same in both rounds), and ``reliability`` (share of the variance
        of the clusters' baseline means inside groups that is no sampling error).

    Notes
    -----
    DiD - lagged = -(1 - beta) baseline_gap + weighting_difference, exactly.
    """
    did = context.primary_design()
    lagged = context.design(context.frames.panel, method="ancova", lag="cluster_mean")
    rows_did = context.linear(did, sample=Part("did"))
    rows_lagged = context.linear(lagged, sample=Part("lagged"))
    yield from _union(
        context, _primary(context, rows_did), _primary(context, rows_lagged), RowFacts.of(did)
    )
    yield from _direction(context, did, lagged)
    yield from _corrected(context, lagged)


def _primary(context: CheckContext, rows: Iterable[Row]) -> Estimate | None:
    step = context.plan.inference.primary_step
    return next((r for r in rows if isinstance(r, Estimate) and r.step == step), None)


def _union(
    context: CheckContext, did: Estimate | None, lagged: Estimate | None, sizes: RowFacts
) -> Iterable[Row]:
    if did is None or lagged is None:
        yield context.unavailable(
            message("one-two-intervals.reason"), "bracket", sample=Part("bracket")
        )
        return
    yield context.bound(
        (min(did.estimate, lagged.estimate), max(did.estimate, lagged.estimate)),
        interval=(min(did.ci_low, lagged.ci_low), max(did.ci_high, lagged.ci_high)),
        kind=CI_UNION,
        sizes=sizes,
        sample=Part("bracket"),
    )


def _direction(context: CheckContext, did: Design, lagged: Design) -> Iterable[Row]:
    fit = least_squares(lagged.accumulate())
    beta, effect = (float(fit.estimates(column)) for column in (LAG, lagged.column))
    gap = _gap(lagged)
    difference = float(least_squares(did.accumulate()).estimates(did.column)) - effect
    yield context.diagnostic("beta", beta, unit="slope")
    parts = {"baseline_gap": gap, "did_minus_lagged": difference}
    parts["weighting_difference"] = difference + (1.0 - beta) * gap
    yield from context.diagnostics(parts, unit=context.outcome.unit)


def _gap(lagged: Design) -> float:
    """Coefficient of the treatment in a regression of the baseline value on the other columns."""
    lag = lagged.columns.index(LAG)
    others = tuple(c for c in lagged.columns if c != LAG)
    products = cluster_blocks.accumulate(
        np.delete(lagged.X, lag, axis=1),
        lagged.X[:, lag],
        weights=lagged.weights,
        cluster=lagged.cluster,
        columns=others,
        absorb="none",
    )
    return float(least_squares(products).estimates(lagged.column))


def _corrected(context: CheckContext, lagged: Design) -> Iterable[Row]:
    """The lagged regression without the attenuation that sampling error in the means causes."""
    sample = Lagged("corrected")
    products = lagged.accumulate()
    gram, moment = _without_noise(lagged, products)
    reliability = _schur(gram.sum(axis=0), products.columns.index(LAG)) / _schur(
        products.xx().sum(axis=0), products.columns.index(LAG)
    )
    yield context.diagnostic("reliability", reliability, unit="share", sample=sample)
    pooled = np.concatenate([np.zeros_like(gram[:1]), gram])
    solved = _solve(
        gram.sum(axis=0) - pooled,
        moment.sum(axis=0) - np.concatenate([np.zeros_like(moment[:1]), moment]),
    )
    if not np.isfinite(solved[0]).all():
        yield context.unavailable(message("baseline-means.reason"), "cv3", sample=sample)
        return
    beta = solved[0, products.columns.index(LAG)]
    yield context.diagnostic("beta", beta, unit="slope", sample=sample)
    effects = solved[:, products.columns.index(lagged.column)].tolist()
    yield from jackknifed(
        context,
        effects[0],
        dict(zip(products.clusters, effects[1:], strict=True)),
        sizes=RowFacts.of(lagged),
        reason=NOT_LINEAR,
        sample=sample,
    )


def _without_noise(lagged: Design, products: Blocks) -> tuple[Floats, Floats]:
    """Cross-products by cluster less what sampling error adds to them, (G, q, q) and (G, q).

    Notes
    -----
    Fuller (1987), Measurement Error Models, section 2.2: b = (X'WX - S)^-1 (X'Wy - s), with S the
    sampling variance of the baseline mean times the cluster's weight in the place of the baseline
    value, and s the covariance with the endline mean, which people interviewed twice share.
    """
    if lagged.rounds is None:  # pragma: no cover - two rounds by construction
        return products.xx().copy(), products.xy().copy()
    means = cluster_means(lagged.rounds)
    lag = products.columns.index(LAG)
    gram, moment = products.xx().copy(), products.xy().copy()
    gram[:, lag, lag] -= means.weight_after * means.noise_before
    moment[:, lag] -= means.weight_after * means.noise_shared
    return gram, moment


def _solve(gram: Floats, moment: Floats) -> Floats:
    """Solutions of stacked systems (R, q, q), NaN where no variance of a column is left."""
    found = np.full(moment.shape, np.nan)
    for r in range(len(gram)):
        with contextlib.suppress(StepUnavailable):
            found[r] = solve(gram[r], moment[r])
    return found


def _schur(gram: Floats, j: int) -> float:
    """Sum of squares of column j that the other columns leave."""
    rest = np.delete(np.arange(len(gram)), j)
    cross = gram[rest, j]
    return float(gram[j, j] - cross @ np.linalg.solve(gram[np.ix_(rest, rest)], cross))
