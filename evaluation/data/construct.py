"""From items to outcomes and indices: one script for every round.

Each outcome of the plan names a construction function and its items; nothing here knows a
study. An item may be an outcome that stands earlier in the plan. Missing items are handled by
one rule per function, stated beside it, and a score needs ``minimum_items`` observed items.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data import index
from evaluation.errors import DataError
from evaluation.locale.messages import message
from evaluation.spec.plan import Outcome, Plan
from evaluation.spec.study import Study

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def construct(
    panel: pd.DataFrame,
    plan: Plan,
    study: Study,
    *,
    outcomes: tuple[str, ...] = (),
    scales: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add the plan's outcomes to a clean frame.

    Parameters
    ----------
    panel : DataFrame, n rows
        Linked rounds with ``round``, the arm column and numeric items; or the clean analysis
        file, which has no rounds (an index cannot be made there).
    plan, study
        What was promised, and who the comparison group is.
    outcomes : tuple of str
        Outcomes to add, with those they are made of; empty means every one whose items are in
        the frame.
    scales : DataFrame, optional
        The second result of another run, whose means, standard deviations and weights every index
        is then given; by default they are estimated from this frame.

    Returns
    -------
    DataFrame, DataFrame
        The frame with one float column per outcome (NaN where not scored; the input is left
        alone), and one row per index item: ``outcome, item, sign, mean, sd, weight`` and the
        mean and SD that scale the score. An index z is
        ``(sum_j w_j s_j (x_j - mean_j) / sd_j / sum_j w_j - score_mean) / score_sd``, sums over
        the observed items.

    Raises
    ------
    DataError
        An item that is not numeric or does not vary in the baseline comparison group, a negative
        index weight, a function that does not fit its items.
    """
    reference: index.Reference | None = None
    made: dict[str, Floats] = {}
    weights: list[dict[str, object]] = []
    wanted = _with_parts(plan, outcomes)
    for outcome in plan.outcome:
        if outcome.id not in wanted or not _available(outcome, panel, made):
            continue
        items = _items(outcome, panel, made)
        if outcome.function == "index" and scales is not None:
            rows = scales[scales["outcome"] == outcome.id]
            made[outcome.id] = index.fixed(items, outcome, rows)
        elif outcome.function == "index":
            reference = reference or index.baseline_comparison(panel, study)
            made[outcome.id], scaled = index.score(items, outcome, reference)
            weights.extend(scaled)
        else:
            made[outcome.id] = _plain(items, outcome)
    _check_made(made, outcomes, panel)
    added = pd.DataFrame(made, index=panel.index)
    used = pd.DataFrame(weights, columns=list(index.COLUMNS)) if scales is None else scales
    return pd.concat([panel, added], axis=1), used


def _with_parts(plan: Plan, outcomes: tuple[str, ...]) -> set[str]:
    """The wanted outcomes and the earlier ones that are their items, all of them if none named."""
    if not outcomes:
        return {outcome.id for outcome in plan.outcome}
    wanted = set(outcomes)
    for outcome in reversed(plan.outcome):
        if outcome.id in wanted:
            wanted |= {item.name for item in outcome.items}
    return wanted


def _check_made(made: Mapping[str, Floats], outcomes: tuple[str, ...], panel: pd.DataFrame) -> None:
    missing = [name for name in outcomes if name not in made]
    if missing:
        raise DataError(
            message("outcome-cannot.problem", missing=missing[0]),
            where="plan.toml",
            mend=message("name-outcome.mend"),
            rule="outcome-items",
        )
    taken = [name for name in made if name in panel.columns]
    if taken:
        raise DataError(
            message("outcome-name.problem", taken=taken[0]),
            where="plan.toml",
            mend=message("outcome-name.mend"),
            rule="outcome-name",
        )


def _available(outcome: Outcome, panel: pd.DataFrame, made: Mapping[str, Floats]) -> bool:
    return all(item.name in made or item.name in panel.columns for item in outcome.items)


def _items(outcome: Outcome, panel: pd.DataFrame, made: Mapping[str, Floats]) -> Floats:
    """Items side by side, shape (n, items), unsigned."""
    columns = []
    for item in outcome.items:
        if item.name in made:
            columns.append(made[item.name])
            continue
        if not pd.api.types.is_numeric_dtype(panel[item.name]):
            raise index.misfit(
                outcome,
                message("item-not-numeric.problem", name=item.name),
                message("use-numeric-item.mend"),
            )
        columns.append(panel[item.name].to_numpy(dtype=float))
    return np.column_stack(columns)


def _plain(items: Floats, outcome: Outcome) -> Floats:
    signs = np.array([float(item.sign) for item in outcome.items])
    if outcome.function in ("any", "all", "at_least", "at_most") and (signs < 0).any():
        raise index.misfit(
            outcome,
            message("takes-no-negative.problem", function=outcome.function),
            message("turn-code-list.mend"),
        )
    if outcome.function in ("value", "at_least", "at_most") and items.shape[1] != 1:
        raise index.misfit(
            outcome,
            message("takes-one-item.problem", function=outcome.function),
            message("name-one-item.mend"),
        )
    if outcome.function in ("any", "all") and (items < 0).any():
        problem = message("items-not-counts.problem", function=outcome.function)
        raise index.misfit(outcome, problem, message("items-not-counts.mend"))
    observed = np.isfinite(items)
    scored = observed.sum(axis=1) >= outcome.minimum_items
    values = items * signs
    total = np.where(observed, values, 0.0).sum(axis=1)
    match outcome.function:
        case "value":
            result = values[:, 0]
        case "mean":
            # over the observed items
            result = total / np.maximum(observed.sum(axis=1), 1)
        case "sum":
            # over the observed items: an item left out counts as nothing
            result = total
        case "any":
            # one if any observed item is above zero, zero if none of the observed is
            result = (total > 0).astype(float)
        case "all":
            # zero as soon as one observed item is; one needs every item, so a gap leaves it open
            ruled_out = (observed & (items == 0)).any(axis=1)
            scored = scored & (ruled_out | observed.all(axis=1))
            result = (~ruled_out).astype(float)
        case "at_least":
            result = (values[:, 0] >= _threshold(outcome)).astype(float)
        case _:
            result = (values[:, 0] <= _threshold(outcome)).astype(float)
    return np.where(scored, result * outcome.scale, np.nan)


def _threshold(outcome: Outcome) -> float:
    if outcome.threshold is None:
        raise index.misfit(
            outcome,
            message("no-threshold.problem", function=outcome.function),
            message("add.mend"),
        )
    return outcome.threshold
