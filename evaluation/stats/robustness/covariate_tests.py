"""Whether respondents' covariates changed differently in the two groups."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import fdtrc

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message
from evaluation.spec.plan import Outcome
from evaluation.spec.row_keys import Covariate, Covariates
from evaluation.stats import steps
from evaluation.stats.design import Design
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.jackknife import leave_one_out
from evaluation.stats.robustness.case import Case, Row, diagnostic, unavailable
from evaluation.stats.robustness.reweighting import Rows, check_columns, solve, terms
from evaluation.stats.sample import dummies
from evaluation.stats.weights import weighted_moments

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

JOINT = Covariates("joint")
# A covariate is fixed by the design where in no cluster its mean moved by this share of what one
# interview more or less would make: what is left is the rounding of the delivered weights.
OF_ONE_INTERVIEW = 0.1
FIXED = message("weighted-mean.problem")


def covariate_tests(case: Case) -> Iterable[Row]:
    """Difference-in-differences of each covariate, and of all together.

    Parameters
    ----------
    case : Case
        ``variables`` names respondent covariates.

    Returns
    -------
    iterable of Estimate, Unavailable and Diagnostic
        Sample ``covariate:name`` or ``covariate:name=value`` with the primary regression and the
        jackknife, in percentage points for shares and in SD of the comparison group at baseline
        for other numbers; sample ``covariates:joint`` with the joint test.

    Raises
    ------
    EstimationError
        The data have no such variable.
    """
    check_columns(case.frames.panel, case.check.variables)
    free: list[str] = []
    for name in case.check.variables:
        problems: list[Message] = []
        columns = _columns(case.frames.panel, name)
        for column in columns:
            try:
                yield from _test(case, column)
            except EstimationError as error:
                sample = Covariate.read(column.label)
                yield unavailable(case, "all", error.problem, sample=sample)
                problems.append(error.problem)
        if problems != [FIXED] * len(columns):
            free.append(name)
    try:
        yield from _joint(case, tuple(free))
    except StepUnavailable as reason:
        yield unavailable(case, "joint_test", reason.problem, sample=JOINT)


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    label: str
    values: Floats
    unit: Literal["SD", "percentage points"]


def _columns(panel: pd.DataFrame, name: str) -> tuple[_Column, ...]:
    """A covariate as outcomes: shares in percentage points, other numbers as they are."""
    known = panel[name].notna().to_numpy()
    if not pd.api.types.is_numeric_dtype(panel[name]):
        found, labels = dummies(panel[known], (name,), first="keep")
        return tuple(
            _Column(label, _spread(100.0 * values, known), "percentage points")
            for label, values in zip(labels, found, strict=True)
        )
    numbers = panel[name].to_numpy(dtype=np.float64)
    if set(np.unique(numbers[known])) <= {0.0, 1.0}:
        return (_Column(name, 100.0 * numbers, "percentage points"),)
    return (_Column(name, numbers, "SD"),)


def _spread(values: Floats, known: Flags) -> Floats:
    whole = np.full(len(known), np.nan)
    whole[known] = values
    return whole


def _test(case: Case, column: _Column) -> Iterable[Row]:
    """The primary regression with a covariate as its outcome, by the jackknife."""
    sample = Covariate.read(column.label)
    built = _design_of(case, case.frames.panel, column)
    if _is_fixed(built):
        raise StepUnavailable(FIXED, where="check, variables", mend=message("name-covariates.mend"))
    if column.unit == "SD":
        built = _standardised(built)
    analysis = steps.analyse(built, ("cv3",), draws=case.draws)
    heading = dataclasses.replace(case.heading(sample), unit=column.unit)
    yield from steps.records(analysis, heading)


def _is_fixed(built: Design) -> bool:
    """Whether the outcome's weighted mean is the same in both rounds of every cluster."""
    rows = Rows.of(built)
    spread = weighted_moments(built.y, built.weights)[1]
    means, shares = [], []
    for post in (False, True):
        weights = built.weights * (rows.post == post)
        totals = np.bincount(rows.codes, weights)
        means.append(np.bincount(rows.codes, weights * built.y) / totals)
        least = np.full(len(totals), np.inf)
        there = weights > 0.0
        np.minimum.at(least, rows.codes[there], weights[there])
        shares.append(least / totals)
    limit = OF_ONE_INTERVIEW * spread * np.minimum(*shares)
    return bool((np.abs(means[1] - means[0]) <= limit).all())


def _design_of(case: Case, panel: pd.DataFrame, column: _Column) -> Design:
    outcome = Outcome(
        id=column.label,
        family=case.outcome.family,
        label=case.outcome.label,
        function="value",
        items=(),
        minimum_items=1,
        unit=column.unit,
        desired="none",
    )
    given = panel.assign(**{column.label: column.values})
    varied = dataclasses.replace(case, outcome=outcome)
    return varied.design(given, covariates=())


def _standardised(built: Design) -> Design:
    """The outcome in standard deviations of the comparison group at baseline."""
    mean, sd = built.baseline_mean, built.baseline_sd
    if not sd > 0.0:
        raise StepUnavailable(
            message("covariate-does.problem"),
            where="check, variables",
            mend=message("name-covariates-vary.mend"),
        )
    return dataclasses.replace(built, y=(built.y - mean) / sd, baseline_mean=0.0, baseline_sd=1.0)


def _joint(case: Case, names: tuple[str, ...]) -> Iterable[Row]:
    """Hotelling's test that no covariate changed differently, on rows that have all of them.

    Covariates that the design fixes are not among ``names``: their change is rounding, or answers
    that lack to the others.

    Notes
    -----
    T2 = d' V^-1 d with d the k differences and V their jackknife covariance, centred at d;
    F = (G - k) / (k (G - 1)) T2 against F(k, G - k) (Anderson 2003, An Introduction to
    Multivariate Statistical Analysis, sec. 5.2).
    """
    if not names:
        raise StepUnavailable(
            message("design-fixes.problem"),
            where="check, variables",
            mend=message("name-covariates.mend"),
        )
    panel = case.frames.panel
    known = panel[list(names)].notna().all(axis=1)
    panel = panel[known]
    values, _ = terms(panel, names)
    column = _Column(names[0], np.arange(len(panel), dtype=np.float64), "SD")
    built = _design_of(case, panel, column)
    # the outcome numbers the rows, so that all covariates can be looked up for those kept
    full, without = _differences(built, values[built.y.astype(np.int64)])
    g, k = without.shape
    if g <= k:
        raise StepUnavailable(
            message("covariates-cannot.problem", k=k, g=g),
            where="check, variables",
            mend=message("name-fewer-covariates.mend"),
        )
    covariance = (g - 1) / g * (without - full).T @ (without - full)
    f = (g - k) / (k * (g - 1)) * float(full @ solve(covariance, full))
    numbers = (("joint_f", f), ("joint_df1", k), ("joint_df2", g - k))
    for name, value in (*numbers, ("joint_p", float(fdtrc(k, g - k, f)))):
        yield diagnostic(case, name, value, unit="", sample=JOINT)


def _differences(built: Design, values: Floats) -> tuple[Floats, Floats]:
    """Effect on each of k columns, shape (k,), and the same without each cluster, shape (G, k)."""
    spread = np.array([weighted_moments(column, built.weights)[1] for column in values.T])
    if not (spread > 0.0).all():
        raise StepUnavailable(
            message("covariate-same.problem"),
            where="check, variables",
            mend=message("name-covariates-vary.mend"),
        )
    several = dataclasses.replace(built, y=values / spread).accumulate()
    gram, j = several.xx(), several.position(built.column)
    moment = np.moveaxis(several.xy().reshape(-1, *gram.shape[:2]), 0, 2)
    full = np.linalg.solve(gram.sum(axis=0), moment.sum(axis=0))[j]
    without = leave_one_out(gram, moment, columns=several.columns, clusters=several.clusters)
    return np.asarray(full), np.asarray(without[:, j])
