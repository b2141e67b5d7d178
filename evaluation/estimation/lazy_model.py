"""Least squares on any columns of a table that stays in its engine: `linear_model` from sums."""

from collections.abc import Mapping
from functools import reduce
from itertools import compress, product
from operator import mul

import narwhals as nw
import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation import linear_model
from evaluation.estimation.arrays import Floats
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.lazy_cells import LazyCells, is_number
from evaluation.estimation.linear_model import BY_ROW, WHERE, ErrorOptions, Model, Term
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.regression import cluster_blocks, sample_checks
from evaluation.estimation.regression.large_levels import is_far
from evaluation.estimation.regression.lazy_sums import ProductColumns, asked, sums_by_cell
from evaluation.estimation.regression.panel_regressions import PanelRegression
from evaluation.estimation.regression.rows import in_text_order
from evaluation.locale.messages import message

# Stands for both indicators, which there are none of: every row is of the baseline.
NEVER = "(never)"


def variables(model: Model) -> Variables:
    """The columns of a model as those of two rounds, all rows in the first.

    Parameters
    ----------
    model : Model
    """
    return Variables(
        outcome=model.outcome,
        treated=NEVER,
        post=NEVER,
        cluster=model.cluster,
        weights=model.weights,
        covariates=model.regressors,
    )


def complete(table: nw.LazyFrame, model: Model, choices: ErrorOptions) -> tuple[nw.LazyFrame, int]:
    """The rows in which nothing is missing, and how many others there are.

    Parameters
    ----------
    table : LazyFrame
        Has the model's columns.
    model : Model
    choices : ErrorOptions

    Raises
    ------
    EstimationError
        A method or an effect needs the rows themselves, the outcome or the weights are no numbers,
        or there is no such row.
    """
    by_row = [method for method in choices.methods if method in BY_ROW]
    if by_row:
        raise linear_model.refused(
            "methods-need-rows", "methods-need-rows", names=", ".join(by_row)
        )
    if model.absorb not in ("", model.cluster):
        raise linear_model.refused("absorb-needs-rows", "absorb-needs-rows", name=model.absorb)
    kinds = table.collect_schema()
    for name in (model.outcome, *([] if model.weights == "none" else [model.weights])):
        if not is_number(kinds[name]):
            raise linear_model.refused("not-numeric", "name-numeric", name=name)
    known = [~nw.col(name).is_null() for name in model.columns()]
    known += [~nw.col(name).is_nan() for name in model.columns() if kinds[name].is_float()]
    kept = table.filter(*known)
    total, left = (int(asked(t.select(nw.len().alias("n")))["n"].iloc[0]) for t in (table, kept))
    if not left:
        raise linear_model.refused("no-complete-row", "no-complete-row")
    return kept.with_columns(nw.lit(0.0).alias(NEVER)), total - left


def estimate(
    rows: LazyCells, model: Model, choices: ErrorOptions, *, dropped: int
) -> tuple[Estimate | Unavailable, ...]:
    """Every wanted coefficient by every method that needs sums by cluster only.

    Parameters
    ----------
    rows : LazyCells
        Of `complete` rows and `variables`.
    model : Model
    choices : ErrorOptions
    dropped : int
        Rows that are left out.

    Raises
    ------
    EstimationError
        As of `linear_model.estimate`.
    """
    _check(rows)
    columns: dict[str, nw.Expr] = {} if model.absorb else {"(constant)": nw.lit(1.0)}
    effects = len(columns)
    for term in model.terms:
        columns |= linear_model.new(_columns(rows, term), columns)
    wanted = tuple(columns)[effects:]
    for term in model.controls:
        columns |= linear_model.new(_columns(rows, term), columns)
    built = _regressions(rows, columns, model, dropped)
    return linear_model.by_coefficient(model, choices, {name: built[name] for name in wanted})


def _check(rows: LazyCells) -> None:
    """What `linear_model.arrays` and `cluster_blocks.accumulate` refuse of rows."""
    for _, name in rows.of("w"):
        if rows.number("w bad"):
            number = rows.number("w bad")
            raise linear_model.refused("rows-missing", "correct-weights", number=number, name=name)
    infinite = [n for own, n in rows.numbers() if own[0] == "x" and rows.number(f"{own} infinite")]
    if infinite:
        raise EstimationError(
            message("missing-infinite-values.problem", missing=", ".join(infinite)),
            where=WHERE,
            fix=message("select-clean.fix"),
        )
    if infinite_rows := rows.number("y0 infinite"):
        (name,) = (name for _, name in rows.of("y"))
        raise sample_checks.infinite(infinite_rows, name, WHERE)


def _columns(rows: LazyCells, term: Term) -> dict[str, nw.Expr]:
    """A term's columns by label; see `linear_model.arrays`."""
    known = {name: own for own, name in rows.of("x")}
    parts: list[list[tuple[str, nw.Expr]]] = []
    for name in [term] if isinstance(term, str) else term:
        own = known[name]
        if own in rows.values:
            others = sorted(rows.values[own])[1:]
            parts.append([(f"{name}={v}", (nw.col(own) == v).cast(nw.Float64)) for v in others])
        elif isinstance(term, str) and is_far(*rows.moments(own)):
            # with absorbed effects sums are about the clusters' own levels anyway
            parts.append([(name, nw.col(own) - rows.moments(own)[0])])
        else:
            parts.append([(name, nw.col(own))])
    return {
        " x ".join(label for label, _ in some): reduce(mul, [column for _, column in some])
        for some in product(*parts)
    }


def _regressions(
    rows: LazyCells, columns: Mapping[str, nw.Expr], model: Model, dropped: int
) -> dict[str, PanelRegression]:
    """The regression read for each of its columns."""
    own = {f"c{j}": column for j, column in enumerate(columns.values())}
    ids, places = in_text_order(np.arange(len(rows.facts)), rows.facts["cluster"])
    wanted = ProductColumns(
        left=tuple(own),
        numbers=tuple(own) if model.absorb else (),
        right=("y0",),
        whole=frozenset({"y0"}),
        weighted=model.weights != "none",
        codes=dict(zip(rows.facts["cluster"], places.tolist(), strict=True)),
    )
    weights = ["w"] if wanted.weighted else []
    made = [column.alias(name) for name, column in own.items()]
    table = rows.rows.select("cluster", "post", "y0", *weights, *made)
    sums, shift = sums_by_cell(table, wanted)
    # what no row is missing stands in the sums of its absence, with the other sign
    left, right = -sums.absent[0::2, 0], sums.products[0::2, ..., -1:]
    mean, sd = _moments(left, right, sums.squares[0::2, 0], shift[:, -1])
    inside = (np.diagonal(left[:, 0, 1:, 1:], axis1=1, axis2=2) > 0.0) | (shift[:, :-1] != 0.0)
    if not model.absorb:
        level = shift[:, -1] - (mean if is_far(mean, sd) else 0.0)
        right = right + level[:, None, None, None] * left[..., :1]
    blocks = cluster_blocks.from_sums(
        np.moveaxis(np.concatenate([left, right], axis=-1), 1, 0),
        clusters=ids,
        columns=tuple(columns),
        counts=np.rint(left[:, 0, 0, 0]).astype(np.int64),
        absorb="cluster" if model.absorb else "none",
    )
    return {
        name: PanelRegression(
            blocks=blocks,
            column=name,
            clusters_treated=tuple(compress(ids, has)),
            clusters_comparison=tuple(compress(ids, ~has)),
            baseline_mean=mean,
            baseline_sd=sd,
            one_round=(),
            incomplete=dropped,
        )
        for name, has in zip(columns, inside.T, strict=True)
    }


def _moments(left: Floats, right: Floats, squares: Floats, level: Floats) -> tuple[float, float]:
    """Weighted mean and SD of the outcome from its sums about a level of each cluster."""
    first = left.shape[1] // 2
    weight, total = left[:, first, 0, 0], right[:, first, 0, 0]
    mean = float((weight * level + total).sum() / weight.sum())
    away = level - mean
    variance = (squares + 2.0 * away * total + away**2 * weight).sum() / weight.sum()
    return mean, float(np.sqrt(max(float(variance), 0.0)))
