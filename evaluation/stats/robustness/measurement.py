"""Whether an index measures one thing, alike in both groups and rounds.

Reliability by arm and round, and the effect on each item: a programme that moves one item of
five has changed that item, or the way it is answered, and not what the index stands for.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.plan import Item
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.robustness.case import Case, Row, diagnostic, linear, unavailable
from evaluation.stats.robustness.items import in_unit, observed_questions, questions, regression

Floats = NDArray[np.float64]

# Functions whose items are answers to one question put several ways; the items of `any` are
# different events, which need not go together.
REFLECTIVE = ("index", "mean", "sum")
_ITERATIONS = 2_000
_ARRIVED = 1e-10


def measurement(case: Case) -> Iterable[Row]:
    """Alpha and omega by arm and round, and the effect on each standardised item.

    Parameters
    ----------
    case : Case

    Returns
    -------
    iterable of records
        Diagnostics ``alpha`` and ``omega`` with sample ``<arm>:<round>``, and
        ``alpha:<outcome>`` and ``omega:<outcome>`` for outcomes that are items; estimates
        ``item:<name>`` in SD of the baseline comparison group, in the direction in which the item
        enters the outcome.

    Notes
    -----
    Items in SD of the baseline comparison group, so that a question with a longer scale counts
    no more. Reliabilities are unweighted, over people with every item: they describe answers.
    """
    items = observed_questions(case)
    if len(items) < 2:
        yield unavailable(case, "alpha", "the outcome is a single question")
        return
    yield from _items(case, items)
    if case.outcome.function not in REFLECTIVE:
        yield unavailable(case, "alpha", "the questions are of events that need not go together")
        return
    for suffix, scale in _scales(case, items):
        yield from _reliabilities(case, scale, suffix)


def alpha(covariance: Floats) -> float:
    """Cronbach's alpha of the sum of k items.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)

    Notes
    -----
    k/(k-1) (1 - trace / sum) (Cronbach 1951, Psychometrika 16(3)).
    """
    k, total = len(covariance), float(covariance.sum())
    if k < 2 or not total > 0.0:
        raise _unavailable("alpha needs two items whose sum varies")
    return k / (k - 1) * (1.0 - float(np.trace(covariance)) / total)


def omega(covariance: Floats) -> float:
    """McDonald's omega of the sum of k items, by one factor.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)

    Raises
    ------
    StepUnavailable
        Fewer than three items, of which one factor cannot be told; no convergence; or an item
        without variance of its own (a Heywood case).

    Notes
    -----
    (sum of loadings)^2 / ((sum of loadings)^2 + sum of uniquenesses) (McDonald 1999, Test Theory,
    eq. 6.20), loadings by unweighted least squares (iterated principal axis) on correlations.
    """
    if len(covariance) < 3:
        raise _unavailable("one factor is not determined by fewer than three items")
    sd = np.sqrt(np.diagonal(covariance))
    if not (sd > 0.0).all():
        raise _unavailable("an item does not vary")
    loadings = _one_factor(covariance / np.outer(sd, sd))
    common = float((sd @ loadings) ** 2)
    unique = float(np.sum(sd**2 * (1.0 - loadings**2)))
    return common / (common + unique)


def _one_factor(correlation: Floats) -> Floats:
    """Loadings, shape (k,), of the factor that leaves the least squared residual correlation.

    Their common sign is arbitrary.
    """
    reduced = correlation.copy()
    # the largest correlation of each item is where the iteration usually starts
    communality = np.max(np.abs(correlation - np.eye(len(correlation))), axis=1)
    for _ in range(_ITERATIONS):
        np.fill_diagonal(reduced, communality)
        values, vectors = np.linalg.eigh(reduced)
        if not values[-1] > 0.0:
            raise _unavailable("the items have no factor in common")
        loadings = np.sqrt(values[-1]) * vectors[:, -1]
        new = loadings**2
        if (new >= 1.0).any():
            raise _unavailable("an item would have no variance of its own (Heywood case)")
        if np.abs(new - communality).max() < _ARRIVED:
            return np.asarray(loadings)
        communality = new
    raise _unavailable("the factor's loadings do not converge")


def _unavailable(problem: str) -> StepUnavailable:
    return StepUnavailable(
        problem, where="reliability", mend="judge the items one by one", rule="sample"
    )


def _items(case: Case, items: tuple[Item, ...]) -> Iterable[Row]:
    standard = in_unit(case, "SD")
    for item in items:
        sample = f"item:{item.name}"
        try:
            built = regression(case, case.frames.panel, item.name)
        except EstimationError as error:
            yield unavailable(standard, "all", error.problem, sample=sample)
            continue
        if not built.baseline_sd > 0.0:
            reason = "the item does not vary in the comparison group at baseline"
            yield unavailable(standard, "all", reason, sample=sample)
            continue
        scaled = dataclasses.replace(
            built,
            y=item.sign * (built.y - built.baseline_mean) / built.baseline_sd,
            baseline_mean=0.0,
            baseline_sd=1.0,
        )
        yield from linear(standard, scaled, sample=sample)


def _scales(case: Case, items: tuple[Item, ...]) -> Iterable[tuple[str, tuple[Item, ...]]]:
    """The outcome's questions, and those of each outcome of several questions inside it."""
    yield "", items
    made = {o.id: o for o in case.plan.outcome}
    for item in case.outcome.items:
        inner = made.get(item.name)
        if inner is not None and inner.function in REFLECTIVE:
            own = questions(inner, case.plan)
            if 2 <= len(own) < len(items):
                yield f":{inner.id}", own


def _reliabilities(case: Case, items: tuple[Item, ...], suffix: str) -> Iterable[Row]:
    panel, columns = case.frames.panel, case.study.columns
    values = np.column_stack([i.sign * panel[i.name].to_numpy(dtype=np.float64) for i in items])
    arm, rounds = panel[columns.arm].to_numpy(), panel["round"].to_numpy()
    before = case.specification.contrast[0]
    reference = np.isin(arm, case.study.arms_without_any()) & (rounds == before)
    spread = pd.DataFrame(values[reference]).std(ddof=0).to_numpy()
    if not (spread > 0.0).all():
        reason = "an item does not vary in the comparison group at baseline"
        yield unavailable(case, f"alpha{suffix}", reason)
        return
    values = values / spread
    complete = np.isfinite(values).all(axis=1)
    for arm_id in (a.id for a in case.study.arm):
        for round_id in case.specification.contrast:
            rows = values[complete & (arm == arm_id) & (rounds == round_id)]
            yield from _reliability(case, rows, suffix, f"{arm_id}:{round_id}")


def _reliability(case: Case, rows: Floats, suffix: str, sample: str) -> Iterable[Row]:
    for name, function in (("alpha", alpha), ("omega", omega)):
        if len(rows) < max(case.study.minimum_cell, 2):
            reason = f"{len(rows)} people answered every item"
            yield unavailable(case, f"{name}{suffix}", reason, sample=sample)
            continue
        try:
            value = function(np.cov(rows, rowvar=False))
        except StepUnavailable as error:
            yield unavailable(case, f"{name}{suffix}", error.problem, sample=sample)
            continue
        yield diagnostic(case, f"{name}{suffix}", value, unit="reliability", sample=sample)
