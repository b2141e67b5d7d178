"""Whether the people interviewed changed, covariate by covariate, and the estimate if they had not.

Weights can fix a change in who was found at home. They do not fix people who left because of
the programme or the war: that is an outcome.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import jackknifed, without_each_cluster
from evaluation.analysis.checks.reweighting import (
    ReweightedRows,
    both_rounds,
    check_columns,
    hotelling,
    kish,
    terms,
    with_covariates,
)
from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference import steps
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.inference.jackknife import leave_one_out
from evaluation.estimation.records import Unavailable
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.sample import dummies, weighted_moments
from evaluation.estimation.row_keys import Covariate, Covariates, MixOf
from evaluation.estimation.weights.entropy import balance
from evaluation.locale.messages import message

JOINT = Covariates("joint")
# A covariate is fixed by the design where in no cluster its mean moved by this share of what one
# interview more or less would make: what is left is the rounding of the delivered weights.
OF_ONE_INTERVIEW = 0.1
FIXED = message("weighted-mean.problem")


def covariate_tests(context: CheckContext) -> Iterable[Row]:
    """Difference-in-differences of each covariate, and of all together.

    Parameters
    ----------
    context : CheckContext
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
    check_columns(context.frames.panel, context.check.variables)
    free: list[str] = []
    for name in context.check.variables:
        columns = _columns(context.frames.panel, name)
        fixed = 0
        for column in columns:
            sample = Covariate.read(column.label)
            rows = context.attempt(partial(_test, context, column), sample=sample)
            fixed += any(isinstance(row, Unavailable) and row.reason == FIXED for row in rows)
            yield from rows
        if fixed < len(columns):
            free.append(name)
    yield from context.attempt(partial(_joint, context, tuple(free)), "joint_test", sample=JOINT)


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


def _test(context: CheckContext, column: _Column) -> Iterable[Row]:
    """The primary regression with a covariate as its outcome, by the jackknife."""
    sample = Covariate.read(column.label)
    built = _design_of(context, context.frames.panel, column)
    if _is_fixed(built):
        raise StepUnavailable(FIXED, where="check, variables", fix=message("name-covariates.fix"))
    if column.unit == "SD":
        built = _standardised(built)
    analysis = steps.analyse(built, ("cv3",), draws=context.draws)
    heading = dataclasses.replace(context.heading(sample), unit=column.unit)
    yield from steps.records(analysis, heading)


def _is_fixed(built: Design) -> bool:
    """Whether the outcome's weighted mean is the same in both rounds of every cluster."""
    rows = ReweightedRows.of(built)
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


def _design_of(context: CheckContext, panel: pd.DataFrame, column: _Column) -> Design:
    given = panel.assign(**{column.label: column.values})
    return context.in_unit(column.unit).regression(given, column.label, covariates=())


def _standardised(built: Design) -> Design:
    """The outcome in standard deviations of the comparison group at baseline."""
    mean, sd = built.baseline_mean, built.baseline_sd
    if not sd > 0.0:
        raise StepUnavailable.of("covariate-does", "name-covariates-vary", "check, variables")
    return dataclasses.replace(built, y=(built.y - mean) / sd, baseline_mean=0.0, baseline_sd=1.0)


def _joint(context: CheckContext, names: tuple[str, ...]) -> Iterable[Row]:
    """Hotelling's test that no covariate changed differently, on rows that have all of them.

    Covariates that the design fixes are not among ``names``: their change is rounding, or answers
    that lack to the others.
    """
    if not names:
        raise StepUnavailable.of("design-fixes", "name-covariates", "check, variables")
    panel = context.frames.panel
    known = panel[list(names)].notna().all(axis=1)
    panel = panel[known]
    values, _ = terms(panel, names)
    column = _Column(names[0], np.arange(len(panel), dtype=np.float64), "SD")
    built = _design_of(context, panel, column)
    # the outcome numbers the rows, so that all covariates can be looked up for those kept
    full, without = _differences(built, values[built.y.astype(np.int64)])
    g, k = without.shape
    if g <= k:
        raise StepUnavailable.of(
            "covariates-cannot", "name-fewer-covariates", "check, variables", k=k, g=g
        )
    found = hotelling(full, without)
    quantities = ("joint_f", "joint_df1", "joint_df2", "joint_p")
    yield from context.diagnostics(dict(zip(quantities, found, strict=True)), unit="", sample=JOINT)


def _differences(built: Design, values: Floats) -> tuple[Floats, Floats]:
    """Effect on each of k columns, shape (k,), and the same without each cluster, shape (G, k)."""
    spread = np.array([weighted_moments(column, built.weights)[1] for column in values.T])
    if not (spread > 0.0).all():
        raise StepUnavailable.of("covariate-same", "name-covariates-vary", "check, variables")
    several = dataclasses.replace(built, y=values / spread).accumulate()
    gram, j = several.xx(), several.position(built.column)
    moment = np.moveaxis(several.xy().reshape(-1, *gram.shape[:2]), 0, 2)
    full = np.linalg.solve(gram.sum(axis=0), moment.sum(axis=0))[j]
    without = leave_one_out(gram, moment, columns=several.columns, clusters=several.clusters)
    return np.asarray(full), np.asarray(without[:, j])


# Whether treated, and whether at endline.
Cell = tuple[bool, bool]

TARGET: Cell = (True, True)
MOVED: tuple[Cell, ...] = ((True, False), (False, False), (False, True))
SAME_MIX = MixOf("treated_endline")
REASON = message("respondents-weights.reason")


@computes
def composition(context: CheckContext) -> Iterable[Row]:
    """Changes of covariates, and the estimate with their distribution held fixed.

    Parameters
    ----------
    context : CheckContext
        ``variables`` names respondent covariates that the programme cannot have changed.

    Returns
    -------
    iterable of Estimate, Unavailable and Diagnostic
        For the check's first outcome: the difference-in-differences of each covariate (sample
        ``covariate:name`` or ``covariate:name=value``) and their joint test. For every outcome:
        the estimate with sample ``target:treated_endline``.

    Notes
    -----
    The other three cells are reweighted to the covariates of the treated at endline, the target of
    Sant'Anna and Xu (2023, arXiv:2304.13925), which asks for parallel trends given the covariates.
    Means are balanced, and squares of numbers with more than two values; with an equally or
    population-weighted estimand every cluster keeps its weight in each round.
    """
    if context.first:
        yield from covariate_tests(context)
    built = with_covariates(context, context.frames.panel, context.check.variables)
    rows = partial(_reweighted, context, built, _Cells.of(context, built))
    yield from context.attempt(rows, sample=SAME_MIX)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Respondents by group and round, with what is to be balanced.

    Attributes
    ----------
    Z : ndarray, shape (n, k)
    frozen : bool
        Whether every cluster keeps its weight.
    """

    rows: ReweightedRows
    Z: Floats
    labels: tuple[str, ...]
    frozen: bool

    @classmethod
    def of(cls, context: CheckContext, built: Design) -> "_Cells":
        values, labels = terms(both_rounds(built).frame, context.check.variables, squares=True)
        frozen = context.specification.estimand != "respondents"
        return cls(rows=ReweightedRows.of(built), Z=values, labels=labels, frozen=frozen)

    def rows_of(self, cell: Cell) -> Flags:
        group, after = cell
        return np.asarray((self.rows.treated == group) & (self.rows.post == after))

    def weights(
        self, base: Floats, start: Mapping[Cell, Floats]
    ) -> tuple[Floats, dict[Cell, Floats]]:
        """Weights with the target's covariates, and the multipliers that they came from."""
        weights, multipliers = base.copy(), {}
        there = self.rows_of(TARGET) & (base > 0.0)
        wanted = np.average(self.Z[there], axis=0, weights=base[there])
        for cell in MOVED:
            here = self.rows_of(cell) & (base > 0.0)
            found = balance(
                self.Z[here],
                base[here],
                wanted,
                names=self.labels,
                within=self.rows.codes[here] if self.frozen else None,
                start=start.get(cell),
            )
            weights[here], multipliers[cell] = found.weights, found.multipliers
        return weights, multipliers


def _reweighted(context: CheckContext, built: Design, cells: _Cells) -> Iterable[Row]:
    rows = cells.rows
    weights, start = cells.weights(built.weights, {})

    def repeated(cluster: str) -> float:
        base = built.weights * rows.without(cluster)
        return rows.effect(cells.weights(base, start)[0])

    yield from jackknifed(
        context,
        rows.effect(weights),
        without_each_cluster(rows.clusters, repeated),
        sizes=RowFacts.of(built),
        reason=REASON,
        sample=SAME_MIX,
    )
    lowest = min(
        kish(weights[cells.rows_of(cell)]) / kish(built.weights[cells.rows_of(cell)])
        for cell in MOVED
    )
    yield context.diagnostic("lowest_effective_share", lowest, unit="share", sample=SAME_MIX)
