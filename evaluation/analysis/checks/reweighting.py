"""A regression repeated with other weights: terms and the logit that such weights are made from."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from evaluation.analysis.checks.check_context import CheckContext
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.grouped_models import generalised
from evaluation.estimation.regression.sample import Sample, dummies

# Share of a column that must be left after the others, in squared length; as for all regressions.
_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class ReweightedRows:
    """Rows of a regression whose weights change.

    Attributes
    ----------
    X : ndarray, shape (n, q)
    y : ndarray, shape (n,)
    codes : ndarray of int, shape (n,)
        Position of each row's cluster in ``clusters``.
    clusters : tuple of str
        Sorted ids.
    post, treated : ndarray of bool, shape (n,)
    position : int
        The column of X whose coefficient is the effect.
    """

    X: Floats
    y: Floats
    codes: Codes
    clusters: tuple[str, ...]
    post: Flags
    treated: Flags
    position: int

    @classmethod
    def of(cls, built: Design) -> "ReweightedRows":
        """Rows of a two-round regression with absorbed cluster effects."""
        sample = both_rounds(built)
        clusters, codes = np.unique(built.cluster.astype(str), return_inverse=True)
        return cls(
            X=built.X,
            y=built.y,
            codes=codes.astype(np.int64),
            clusters=tuple(map(str, clusters)),
            post=sample.post,
            treated=sample.treated,
            position=built.columns.index(built.column),
        )

    def without(self, cluster: str) -> Floats:
        """One for every row, zero for a cluster's, shape (n,)."""
        return (self.codes != self.clusters.index(cluster)).astype(np.float64)

    def effect(self, weights: Floats) -> float:
        """The effect by weighted least squares with cluster effects.

        Parameters
        ----------
        weights : ndarray, shape (n,)
            Not negative; a cluster whose weights are all zero is left out.

        Raises
        ------
        StepUnavailable
            With these weights the coefficients are not determined.
        """
        values = demeaned(np.column_stack([self.X, self.y]), weights, self.codes)
        products = values.T @ (weights[:, None] * values)
        return float(solve(products[:-1, :-1], products[:-1, -1])[self.position])


def demeaned(values: Floats, weights: Floats, codes: Codes) -> Floats:
    """Columns, shape (n, q), less their weighted mean among rows of the same code.

    Parameters
    ----------
    values : ndarray, shape (n, q)
    weights : ndarray, shape (n,)
        Not negative.
    codes : ndarray of int, shape (n,)
    """
    total = np.bincount(codes, weights)
    sums = [np.bincount(codes, weights * column) for column in values.T]
    means = np.column_stack(sums) / np.where(total > 0.0, total, 1.0)[:, None]
    return np.asarray(values - means[codes])


def kish(weights: Floats) -> float:
    """How many equal weights say as much: (sum w)^2 / sum w^2 (Kish 1965, Survey Sampling)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def other_treatments(context: CheckContext, sample: Sample) -> Floats:
    """Other treatments of each row that the specification adjusts for, shape (n, a).

    Parameters
    ----------
    context : CheckContext
    sample : Sample
        n rows.
    """
    arms = sample.frame[context.study.columns.arm]
    received = [
        arms.isin(context.study.arms_with(name)).to_numpy(dtype=np.float64)
        for name in context.specification.adjust_treatments
    ]
    return np.column_stack([np.zeros((len(arms), 0)), *received])


def regressors(context: CheckContext, sample: Sample) -> Floats:
    """Constant, other treatments and the check's variables of each row, shape (n, k).

    Parameters
    ----------
    context : CheckContext
    sample : Sample
        n rows, the check's variables in its frame.
    """
    values, _ = terms(sample.frame, context.check.variables)
    return np.column_stack([np.ones(len(values)), other_treatments(context, sample), values])


def both_rounds(built: Design) -> Sample:
    """The rows of both rounds behind a regression.

    Raises
    ------
    EstimationError
        The regression is not of two rounds.
    """
    if built.rounds is None or built.absorb != "cluster":
        raise EstimationError.of("primary-specification", "use-primary-specification", "check")
    return built.rounds


def solve(gram: Floats, moment: Floats) -> Floats:
    """Solve normal equations, shape (q, q) and (q,), without a generalised inverse.

    Parameters
    ----------
    gram : ndarray, shape (q, q)
    moment : ndarray, shape (q,)

    Raises
    ------
    StepUnavailable
        The matrix is singular.
    """
    length = np.diagonal(gram)
    if not (length > 0.0).all():
        raise _singular()
    scale = 1.0 / np.sqrt(length)
    scaled = gram * np.outer(scale, scale)
    if not np.linalg.eigvalsh(scaled)[0] > _SINGULAR:
        raise _singular()
    return np.asarray(np.linalg.solve(scaled, moment * scale) * scale)


def hotelling(full: Floats, without: Floats) -> tuple[float, float, float, float]:
    """F, its two degrees of freedom and p of the test that k effects are all zero.

    Parameters
    ----------
    full : ndarray, shape (k,)
    without : ndarray, shape (G, k)
        Without each of more than k clusters.

    Raises
    ------
    StepUnavailable
        Their covariance matrix is singular.

    Notes
    -----
    T2 = d' V^-1 d with d the k effects and V their jackknife (CV3) covariance, centred at d;
    F = (G - k) / (k (G - 1)) T2 against F(k, G - k) (Anderson 2003, An Introduction to
    Multivariate Statistical Analysis, sec. 5.2). With k = 1 this is CV3's t(G - 1) test.
    """
    g, k = without.shape
    covariance = (g - 1) / g * (without - full).T @ (without - full)
    f = (g - k) / (k * (g - 1)) * float(full @ solve(covariance, full))
    return f, float(k), float(g - k), float(fdtrc(k, g - k, f))


def _singular() -> StepUnavailable:
    return StepUnavailable.of("fit-singular", "name-fewer-covariates-covariates", "regression")


def terms(
    frame: pd.DataFrame, names: Sequence[str], *, squares: bool = False
) -> tuple[Floats, tuple[str, ...]]:
    """Columns of covariates: numbers as they are, anything else as dummies.

    Parameters
    ----------
    frame : DataFrame, n rows
        Without missing values in these variables.
    names : sequence of str
    squares : bool
        Whether numbers with more than two values also give their square, so that balancing means
        balances spreads.

    Returns
    -------
    values : ndarray, shape (n, k)
    labels : tuple of k str
        ``name``, ``name^2`` or ``name=value``; nominal variables without their first value.

    Raises
    ------
    EstimationError
        The data have no such column.
    """
    check_columns(frame, names)
    columns: dict[str, Floats] = {}
    for name in names:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            arrays, labels = dummies(frame, (name,), first="drop")
            columns.update(zip(labels, arrays, strict=True))
            continue
        columns[name] = frame[name].to_numpy(dtype=np.float64)
        if squares and len(np.unique(columns[name])) > 2:
            centred = columns[name] - columns[name].mean()
            columns[f"{name}^2"] = centred**2
    if not columns:
        return np.zeros((len(frame), 0)), ()
    return np.column_stack(list(columns.values())), tuple(columns)


def with_covariates(context: CheckContext, panel: pd.DataFrame, names: Sequence[str]) -> Design:
    """The primary regression on rows with known covariates, which stay in its rows' frame.

    Parameters
    ----------
    context : CheckContext
    panel : DataFrame
    names : sequence of str
        Covariates; they do not become regressors.

    Raises
    ------
    EstimationError
        See `design.build`.
    """
    check_columns(panel, names)
    given = context.specification.covariates
    new = tuple(name for name in names if name not in given)
    built = context.design(panel, covariates=(*given, *new))
    kept = len(built.columns) - len(terms(both_rounds(built).frame, new)[1])
    return dataclasses.replace(built, X=built.X[:, :kept], columns=built.columns[:kept])


def check_columns(frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Name the variables that are not in the data.

    Parameters
    ----------
    frame : DataFrame
    names : sequence of str

    Raises
    ------
    EstimationError
    """
    absent = sorted(set(names) - set(frame.columns))
    if absent:
        raise EstimationError.of(
            "interviewer-column", "correct-check", "check, variables", column=", ".join(absent)
        )


def logit(X: Floats, chosen: Floats, weights: Floats, *, start: Floats | None = None) -> Floats:
    """Coefficients of a weighted logit.

    Parameters
    ----------
    X : ndarray, shape (n, k)
        With a constant, if one is wanted.
    chosen : ndarray, shape (n,)
        0 or 1.
    weights : ndarray, shape (n,)
        Not negative; rows with zero do not count.
    start : ndarray, shape (k,), optional
        Coefficients of a similar fit, to begin from.

    Returns
    -------
    ndarray, shape (k,)

    Raises
    ------
    StepUnavailable
        Collinear columns, or covariates that tell the two groups apart without error.

    Notes
    -----
    Solves X' w (chosen - p) = 0, p = 1 / (1 + exp(-X b)), the weighted maximum-likelihood
    equations (McCullagh and Nelder 1989, sec. 4.4).
    """
    used = weights > 0.0
    X, share = X[used], weights[used] / weights.sum()
    length = np.sqrt(share @ X**2)
    solve(X.T @ (share[:, None] * X), length)  # refuses collinear columns
    begin = None if start is None else (start * length)[None]
    (found,) = generalised(share[None], chosen[None, used], X / length, "logit", start=begin)
    if np.isnan(found).any():
        raise StepUnavailable.of("logit-no-finite", "name-fewer-covariates-join", "logit")
    return np.asarray(found / length)
