"""Weighted least squares on any columns of a DataFrame, with or without effects of clusters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats, Ids
from evaluation.estimation.dataframe_study import STUDY
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.estimate_record import (
    Heading,
    RowFacts,
    effect,
    unavailable,
)
from evaluation.estimation.inference.steps import WILD, analyse, by_t, records
from evaluation.estimation.records import CheckStep, Estimate, Step, Unavailable
from evaluation.estimation.regression import cluster_blocks, row_errors, sample_checks
from evaluation.estimation.regression.cluster_blocks import Absorb, Blocks
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.large_levels import less_level
from evaluation.estimation.regression.panel_regressions import PanelRegression
from evaluation.estimation.regression.rows import missing
from evaluation.estimation.regression.sample import dummies, is_error, weighted_moments
from evaluation.estimation.row_keys import Part
from evaluation.locale.messages import Plain, message

WHERE = "regression"
CLUSTERED: tuple[Step, ...] = ("cv1", "cv3", "cr2", "wcr", "wcr_s")
BY_ROW: tuple[CheckStep, ...] = ("classical", "hc1")
P_KINDS = {"classical": message("classical.reason"), "hc1": message("hc1.reason")}
# Values of a column up to which its effects are columns of the regression.
MOST_EFFECTS = 500
Term = str | tuple[str, ...]
Column = TypeVar("Column")


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A regression by the names of a frame's columns.

    Attributes
    ----------
    terms : tuple of str or tuple of str
        Columns whose coefficients are wanted: a number as it is, other values as dummies without
        the first in sorted order; a tuple is the product of its columns.
    controls : tuple of str or tuple of str
        Columns that are in the regression and in no result.
    absorb : str
        Column whose every value has an effect of its own; empty for a constant.
    weights : str
        Column of positive weights, or "none".
    """

    outcome: str
    terms: tuple[Term, ...]
    cluster: str
    controls: tuple[Term, ...] = ()
    absorb: str = ""
    weights: str = "none"

    @property
    def regressors(self) -> tuple[str, ...]:
        """Columns of all terms and controls, once."""
        every = (*self.terms, *self.controls)
        return tuple(dict.fromkeys(n for t in every for n in ([t] if isinstance(t, str) else t)))

    def columns(self) -> tuple[str, ...]:
        """Every column that the regression needs, once."""
        others = [self.absorb, "" if self.weights == "none" else self.weights]
        every = (self.outcome, self.cluster, *self.regressors, *others)
        return tuple(dict.fromkeys(n for n in every if n))


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorOptions:
    """How a model's errors are made."""

    methods: tuple[Step | CheckStep, ...]
    draws: int
    seed: int
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class ModelArrays:
    """Arrays of the regression: n rows without missing values, q columns of which k are wanted.

    The first of the columns are the constant, or the effects in its place.
    """

    X: Floats
    y: Floats
    weights: Floats
    cluster: Ids
    columns: tuple[str, ...]
    wanted: tuple[str, ...]
    effects: int
    absorb: Absorb
    dropped: int


def estimate(
    frame: pd.DataFrame, model: Model, asked: ErrorOptions
) -> tuple[tuple[Estimate | Unavailable, ...], int]:
    """Every wanted coefficient by every method, and how many rows are left out.

    Parameters
    ----------
    frame : DataFrame
    model : Model
    asked : ErrorOptions

    Returns
    -------
    tuple of Estimate or Unavailable
        Coefficient by coefficient, the record's treatment being its name.
    int
        Rows left out because some column of the regression is missing.

    Raises
    ------
    EstimationError
        Of columns that are no numbers, infinite, collinear or constant; of weights that are not
        positive; of fewer than two clusters.
    """
    rows = arrays(frame, model)
    centred = _centred(rows)
    blocks = cluster_blocks.accumulate(
        centred.X,
        centred.y,
        weights=rows.weights,
        cluster=rows.cluster,
        columns=rows.columns,
        absorb=rows.absorb,
    )
    built = {name: _regression(rows, blocks, name) for name in rows.wanted}
    return by_coefficient(model, asked, built, partial(_by_row, centred)), rows.dropped


def _centred(rows: ModelArrays) -> ModelArrays:
    """Outcome and columns less their means where these are large; only the effects notice."""
    X, y = rows.X.copy(), rows.y
    for j in range(rows.effects, X.shape[1]):
        X[:, j] = less_level(X[:, j])
    return replace(rows, X=X, y=less_level(y))


def by_coefficient(
    model: Model,
    asked: ErrorOptions,
    built: Mapping[str, PanelRegression],
    by_row: Callable[[PanelRegression, Heading, CheckStep], Estimate | Unavailable] | None = None,
) -> tuple[Estimate | Unavailable, ...]:
    """Records of every wanted coefficient by every method.

    Parameters
    ----------
    model : Model
    asked : ErrorOptions
    built : mapping of str to PanelRegression
        The one regression, read for each coefficient.
    by_row : callable, optional
        Estimates by a method that knows no clusters, where some are asked for.
    """
    drawn = None
    if set(WILD).intersection(asked.methods):
        blocks = next(iter(built.values())).blocks
        drawn = bootstrap.draws(blocks.clusters, number=asked.draws, seed=asked.seed)
    clustered = tuple(m for m in CLUSTERED if m in asked.methods)
    found: list[Estimate | Unavailable] = []
    for name, regression in built.items():
        heading = _heading(model, name, asked.level)
        made = records(analyse(regression, clustered, draws=drawn), heading)
        by_method = {row.step: row for row in made}
        found += [
            by_row(regression, heading, _row_method(method))
            if by_row and method not in by_method
            else by_method[method]
            for method in asked.methods
        ]
    return tuple(found)


def _row_method(method: str) -> CheckStep:
    return next(name for name in BY_ROW if name == method)


def _heading(model: Model, term: str, level: float) -> Heading:
    return Heading(
        study=STUDY,
        outcome=model.outcome,
        family="",
        # a record without an estimate names its coefficient too
        specification=term,
        estimand="respondents",
        sample=Part("all"),
        treatment=term,
        status="exploratory",
        contrast_from="",
        contrast_to="",
        unit="points",
        level=level,
        plan_hash="",
        data_hash="",
        needs_sd=False,
    )


def _regression(rows: ModelArrays, blocks: Blocks, name: str) -> PanelRegression:
    """The regression read for one coefficient: its clusters with the term, and those without."""
    inside = set(rows.cluster[rows.X[:, rows.columns.index(name)] != 0.0])
    mean, sd = weighted_moments(rows.y, rows.weights)
    return PanelRegression(
        blocks=blocks,
        column=name,
        clusters_treated=tuple(c for c in blocks.clusters if c in inside),
        clusters_comparison=tuple(c for c in blocks.clusters if c not in inside),
        baseline_mean=mean,
        baseline_sd=sd,
        one_round=(),
        incomplete=rows.dropped,
    )


def _by_row(
    rows: ModelArrays, built: PanelRegression, heading: Heading, method: CheckStep
) -> Estimate | Unavailable:
    """One coefficient with an error that knows no clusters."""
    try:
        made = row_errors.by_row(
            rows.X,
            rows.y,
            weights=rows.weights,
            cluster=rows.cluster if rows.absorb == "cluster" else None,
            kind="classical" if method == "classical" else "hc1",
        )
    except StepUnavailable as reason:
        return unavailable(heading, method, reason.problem)
    j = rows.columns.index(built.column)
    if not _is_error(rows, built, float(made.errors[j]), j):
        return unavailable(heading, method, message("standard-error-zero.reason"))
    found = by_t(
        float(made.coefficients[j]),
        float(made.errors[j]),
        df=float(made.df),
        level=heading.level,
        p_kind=P_KINDS[method],
    )
    return effect(heading, method, found, sizes=RowFacts.of(built), estimate_sd=np.nan)


def _is_error(rows: ModelArrays, built: PanelRegression, error: float, j: int) -> bool:
    """Whether an error times the size of its column is more than the rounding of the outcome."""
    size = float(np.sqrt(np.average(rows.X[:, j] ** 2, weights=rows.weights)))
    return is_error(error * size, mean=built.baseline_mean, sd=built.baseline_sd)


def complete(frame: pd.DataFrame, model: Model) -> Flags:
    """Rows in which no column of a model is missing, shape (n,).

    Parameters
    ----------
    frame : DataFrame
    model : Model
    """
    whole = np.ones(len(frame), dtype=bool)
    for name in model.columns():
        whole &= ~missing(frame[name])
    return whole


def arrays(frame: pd.DataFrame, model: Model) -> ModelArrays:
    """Arrays of a model; rows in which one of its columns is missing are left out and counted.

    Parameters
    ----------
    frame : DataFrame
    model : Model
    """
    kept = frame[complete(frame, model)].reset_index(drop=True)
    if kept.empty:
        raise refused("no-complete-row", "no-complete-row")
    y = _number(kept[model.outcome])
    where = f"{WHERE}, outcome {model.outcome}"
    infinite = int(np.isinf(y).sum())
    if infinite:
        raise sample_checks.infinite(infinite, model.outcome, where)
    sample_checks.check_varies(np.ptp(y), where)
    # effects first, so that what is collinear with them is named
    columns: dict[str, Floats] = {}
    absorb: Absorb = "cluster" if model.absorb == model.cluster else "none"
    if model.absorb and absorb == "none":
        columns |= _effects(kept, model.absorb)
    elif not model.absorb:
        columns[_constant(model)] = np.ones(len(kept))
    effects = len(columns)
    for term in model.terms:
        columns |= new(_columns(kept, term), columns)
    wanted = tuple(columns)[effects:]
    for term in model.controls:
        columns |= new(_columns(kept, term), columns)
    return ModelArrays(
        X=np.array(list(columns.values())).T,
        y=y,
        weights=_weights(kept, model.weights),
        cluster=kept[model.cluster].astype(str).to_numpy(dtype=object),
        columns=tuple(columns),
        wanted=wanted,
        effects=effects,
        absorb=absorb,
        dropped=int(len(frame) - len(kept)),
    )


def _constant(model: Model) -> str:
    """A label that no column of the model has."""
    label = "(constant)"
    while label in model.columns():
        label = f"({label})"
    return label


def new(more: Mapping[str, Column], columns: Mapping[str, Column]) -> Mapping[str, Column]:
    """Some columns, none of which is there yet.

    Parameters
    ----------
    more, columns : mapping of str to column
        Those that come, and those that are there.
    """
    twice = sorted(set(more) & set(columns))
    if twice:
        raise refused("regressor-twice", "name-each-once", name=twice[0])
    return more


def _columns(frame: pd.DataFrame, term: Term) -> dict[str, Floats]:
    """A term's columns by label: one of a number, several of categories; of a tuple, products."""
    if isinstance(term, str):
        column = frame[term]
        if pd.api.types.is_numeric_dtype(column):
            return {term: _number(column)}
        made, labels = dummies(frame, (term,), first="drop")
        return dict(zip(labels, made, strict=True))
    parts = [_columns(frame, name) for name in term]
    found = {"": np.ones(len(frame))}
    for part in parts:
        # what is infinite is refused with the other columns
        with np.errstate(invalid="ignore"):
            found = {
                f"{before} x {label}".removeprefix(" x "): left * right
                for before, left in found.items()
                for label, right in part.items()
            }
    return found


def _effects(frame: pd.DataFrame, name: str) -> dict[str, Floats]:
    number = frame[name].nunique()
    if number > MOST_EFFECTS:
        raise refused("effects-too-many", "effects-too-many", name=name, n=Plain(number))
    made, labels = dummies(frame, (name,), first="keep")
    return dict(zip(labels, made, strict=True))


def _number(column: pd.Series) -> Floats:
    if not pd.api.types.is_numeric_dtype(column):
        raise refused("outcome-not-numeric", "name-numeric-outcome")
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _weights(frame: pd.DataFrame, name: str) -> Floats:
    if name == "none":
        return np.ones(len(frame))
    given = _number(frame[name])
    bad = int((~(np.isfinite(given) & (given > 0.0))).sum())
    if bad:
        raise refused("rows-missing", "correct-weights", number=bad, name=name)
    return given


def refused(problem: str, fix: str, /, **holes: object) -> EstimationError:
    """An error of the call; see `EvaluationError.of`."""
    return EstimationError.of(problem, fix, WHERE, rule="sample", **holes)
