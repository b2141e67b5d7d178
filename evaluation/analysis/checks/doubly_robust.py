"""Doubly robust difference-in-differences for repeated cross-sections.

The estimate is right if either the model of who is treated or the models of the comparison
group's outcome are right, provided that each group has the same covariate distribution in both
rounds. Composition that changes is the business of the check of composition.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import jackknifed, without_each_cluster
from evaluation.analysis.checks.reweighting import (
    ReweightedRows,
    both_rounds,
    kish,
    logit,
    regressors,
    solve,
    with_covariates,
)
from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.regression.design import Design
from evaluation.locale.messages import message

REASON = message("propensities-outcome.reason")


@dataclass(frozen=True, slots=True, eq=False)
class DoublyRobustRows:
    """Rows of a doubly robust estimate.

    Attributes
    ----------
    X : ndarray, shape (n, k)
        Constant and covariates.
    y : ndarray, shape (n,)
    treated, post : ndarray of bool, shape (n,)
    """

    X: Floats
    y: Floats
    treated: Flags
    post: Flags

    def propensity(self, weights: Floats, *, start: Floats | None = None) -> Floats:
        """Coefficients of the logit of being treated, both rounds together, shape (k,).

        Parameters
        ----------
        weights : ndarray, shape (n,)
            Not negative.
        start : ndarray, shape (k,), optional
            Coefficients of a similar fit, to begin from.
        """
        return logit(self.X, self.treated.astype(np.float64), weights, start=start)

    def att(self, weights: Floats, propensity: Floats) -> float:
        """Average effect on the treated, in the outcome's unit.

        Parameters
        ----------
        weights : ndarray, shape (n,)
            Not negative.
        propensity : ndarray, shape (k,)
            Coefficients of the logit with these weights.

        Raises
        ------
        StepUnavailable
            An outcome model is singular.

        Notes
        -----
        Sant'Anna and Zhao (2020, J. Econometrics 219(1)), the locally efficient estimator for
        repeated cross-sections, eq. (3.4): logit propensities, and least squares in each of the
        four cells.
        """
        odds = np.exp(self.X @ propensity)
        model = {
            (group, after): self.X @ self._least_squares(weights, group, after)
            for group in (False, True)
            for after in (False, True)
        }
        result = 0.0
        for after, sign in ((True, 1.0), (False, -1.0)):
            cell = weights * (self.post == after)
            left = self.y - model[False, after]
            gain = model[True, after] - model[False, after]
            own = _mean(left, cell * self.treated)
            other = _mean(left, cell * ~self.treated * odds)
            spread = _mean(gain, weights * self.treated) - _mean(gain, cell * self.treated)
            result += sign * (own - other + spread)
        return result

    def _least_squares(self, weights: Floats, group: bool, after: bool) -> Floats:  # noqa: FBT001 -- names a cell
        rows = (self.treated == group) & (self.post == after)
        X, w = self.X[rows], weights[rows]
        weighted = w[:, None] * X
        return solve(weighted.T @ X, weighted.T @ self.y[rows])


def _mean(values: Floats, weights: Floats) -> float:
    return float(weights @ values) / float(weights.sum())


@computes
def doubly_robust(context: CheckContext) -> Iterable[Row]:
    """Doubly robust estimate with the check's respondent covariates, jackknifed by cluster.

    Parameters
    ----------
    context : CheckContext
        ``variables`` names respondent covariates; other treatments of the study join them.

    Returns
    -------
    iterable of Estimate, Unavailable and Diagnostic

    Notes
    -----
    Weights are those of the primary estimand. Rows without a covariate are left out. There are no
    cluster effects: with totals frozen across rounds they drop out of the primary estimate too.
    """
    built = with_covariates(context, context.frames.panel, context.check.variables)
    problem = _problem(context, built)
    rows = ReweightedRows.of(built)
    full = problem.propensity(built.weights)
    estimate = problem.att(built.weights, full)

    def repeated(cluster: str) -> float:
        weights = built.weights * rows.without(cluster)
        return problem.att(weights, problem.propensity(weights, start=full))

    without = without_each_cluster(rows.clusters, repeated)
    yield from jackknifed(context, estimate, without, sizes=RowFacts.of(built), reason=REASON)
    yield from _overlap(context, problem, built.weights, full)


def _problem(context: CheckContext, built: Design) -> DoublyRobustRows:
    sample = both_rounds(built)
    X = regressors(context, sample)
    return DoublyRobustRows(X=X, y=built.y, treated=sample.treated, post=sample.post)


def _overlap(
    context: CheckContext, problem: DoublyRobustRows, weights: Floats, full: Floats
) -> Iterable[Row]:
    """How much the comparison group's rows are made to differ in weight."""
    other = ~problem.treated
    odds = np.exp(problem.X[other] @ full)
    share = kish(weights[other] * odds) / kish(weights[other])
    found = {"largest_propensity": float((odds / (1 + odds)).max())}
    found["effective_share_comparison"] = share
    yield from context.diagnostics(found, unit="share")
