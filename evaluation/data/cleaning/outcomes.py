"""From items to outcomes and indices: one script for every round.

Anderson (2008), Multiple inference and gender differences in the effects of early intervention,
JASA 103:1481-1495, section 3.2: items are standardised and weighted by the row sums of the inverse
of their covariance, so that items which repeat each other count less.

Each outcome of the plan names a construction function and its items; nothing here knows a
study. An item may be an outcome that stands earlier in the plan. Missing items are handled by
one rule per function, stated beside it, and a score needs ``minimum_items`` observed items.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.plan import Outcome, Plan
from evaluation.config.study import Study
from evaluation.data.cleaning.priorities import by_priority
from evaluation.data.findings import Rule
from evaluation.errors import DataError

BASELINE_COMPARISON = Rule("baseline-comparison", "error")
OUTCOME_CANNOT = Rule("outcome-items", "error", "outcome-cannot", "name-outcome")
OUTCOME_NAME = Rule("outcome-name", "error")

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

COLUMNS = ("outcome", "item", "sign", "mean", "sd", "weight", "score_mean", "score_sd")


@dataclass(frozen=True, slots=True)
class Reference:
    """The baseline comparison group, which fixes every index.

    Attributes
    ----------
    rows : ndarray of bool, shape (n,)
        Rows of the group; none in a file without rounds.
    weights : ndarray of float, shape (n,)
        Design weights where they are observed at baseline, else ones.
    """

    rows: Flags
    weights: Floats


def baseline_comparison(panel: pd.DataFrame, study: Study) -> Reference:
    """Rows and weights of the comparison group in the first round.

    Raises
    ------
    DataError
        The frame has no such rows.
    """
    columns = study.columns
    if "round" not in panel.columns or columns.arm not in panel.columns:
        rows = np.zeros(len(panel), dtype=bool)
    else:
        comparison = panel[columns.arm].isin(study.arms_without_any()).to_numpy(dtype=bool)
        rows = comparison & (panel["round"] == study.rounds[0]).to_numpy(dtype=bool)
    if not rows.any():
        raise BASELINE_COMPARISON.refused("plan.toml")
    weights = np.ones(len(panel))
    if columns.weight is not None and columns.weight in panel.columns:
        given = panel[columns.weight].to_numpy(dtype=float)
        if np.isfinite(given[rows]).any():
            weights = np.where(np.isfinite(given), given, 0.0)
    return Reference(rows, weights)


def score(
    items: Floats, outcome: Outcome, reference: Reference
) -> tuple[Floats, list[dict[str, object]]]:
    """Score respondents, and say how each item entered.

    Items are signed and standardised by the baseline comparison group's weighted mean and SD;
    item weights are the row sums of the inverse covariance of that group's complete rows. A
    respondent with missing items gets the weighted mean over the observed ones, the weights
    rescaled to them. The score is standardised by the same group.
    """
    signs = np.array([float(item.sign) for item in outcome.items])
    means, sds = _item_moments(items, outcome, reference)
    standard = (items - means) / sds * signs
    weights = _item_weights(standard, outcome, reference)
    raw = _weighted_mean(standard, weights, outcome)
    use = reference.rows & np.isfinite(raw)
    mean, sd = _moments(raw[use], reference.weights[use])
    each = zip(outcome.items, means, sds, weights, strict=True)
    rows: list[dict[str, object]] = [
        dict(zip(COLUMNS, (outcome.id, item.name, item.sign, m, s, w, mean, sd), strict=True))
        for item, m, s, w in each
    ]
    return (raw - mean) / sd * outcome.scale, rows


def fixed(items: Floats, outcome: Outcome, rows: pd.DataFrame) -> Floats:
    """Score respondents on the scale of another run: nothing is estimated.

    Parameters
    ----------
    items : ndarray, shape (n, items)
        Unsigned, in the order of ``outcome.items``.
    outcome : Outcome
    rows : DataFrame
        The outcome's rows of the table of index items, in the same order; see `score`.

    Returns
    -------
    ndarray, shape (n,)
        NaN with fewer than ``minimum_items`` items.
    """
    known = {c: rows[c].to_numpy(dtype=float) for c in COLUMNS[2:]}
    standard = (items - known["mean"]) / known["sd"] * known["sign"]
    raw = _weighted_mean(standard, known["weight"], outcome)
    return np.asarray((raw - known["score_mean"][0]) / known["score_sd"][0] * outcome.scale)


def _weighted_mean(standard: Floats, weights: Floats, outcome: Outcome) -> Floats:
    """Mean over the observed items of each row; NaN where fewer than ``minimum_items`` are."""
    observed = np.isfinite(standard)
    total = np.where(observed, standard * weights, 0.0).sum(axis=1)
    share = np.where(observed, weights, 0.0).sum(axis=1)
    scored = (observed.sum(axis=1) >= outcome.minimum_items) & (share > 0.0)
    return np.where(scored, total / np.where(share > 0.0, share, 1.0), np.nan)


def _item_moments(items: Floats, outcome: Outcome, reference: Reference) -> tuple[Floats, Floats]:
    means, sds = np.empty(items.shape[1]), np.empty(items.shape[1])
    for j, item in enumerate(outcome.items):
        use = reference.rows & np.isfinite(items[:, j])
        means[j], sds[j] = _moments(items[use, j], reference.weights[use])
        # a constant column leaves rounding noise, never a usable spread
        if not sds[j] > 1e-12 * max(1.0, abs(means[j])):
            raise index_misfit(outcome, "item-does-not", "leave-item-out", name=item.name)
    return means, sds


def _item_weights(standard: Floats, outcome: Outcome, reference: Reference) -> Floats:
    complete = reference.rows & np.isfinite(standard).all(axis=1)
    rows, weights = standard[complete], reference.weights[complete]
    if len(rows) <= standard.shape[1] or not weights.sum() > 0:
        raise index_misfit(outcome, "too-few-complete", "use-fewer-items")
    centred = rows - np.average(rows, axis=0, weights=weights)
    covariance = (centred * weights[:, None]).T @ centred / weights.sum()
    if np.linalg.matrix_rank(covariance) < len(covariance):
        raise index_misfit(outcome, "items-linear", "drop-one")
    result = np.linalg.inv(covariance).sum(axis=1)
    if (result < 0).any():
        worst = outcome.items[int(result.argmin())].name
        raise index_misfit(
            outcome,
            "item-gets-negative",
            "check-item-sign",
            worst=worst,
            result=f"{result.min():.4f}",
        )
    return result


def _moments(values: Floats, weights: Floats) -> tuple[float, float]:
    """Weighted mean and SD, sqrt(sum w (x - m)^2 / sum w); NaN where nothing is observed."""
    total = weights.sum()
    if not total > 0:
        return float("nan"), float("nan")
    mean = float(weights @ values / total)
    return mean, float(np.sqrt(weights @ (values - mean) ** 2 / total))


def index_misfit(outcome: Outcome, problem: str, fix: str, **values: object) -> DataError:
    """An outcome that does not fit its items, as an error to raise."""
    place = f"plan.toml, outcome.{outcome.id}"
    return DataError.of(problem, fix, place, rule="outcome-items", **values)


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
    reference: Reference | None = None
    made: dict[str, Floats] = {}
    weights: list[dict[str, object]] = []
    wanted = _with_parts(plan, outcomes)
    for outcome in plan.outcome:
        there = all(item.name in made or item.name in panel.columns for item in outcome.items)
        if outcome.id not in wanted or not there:
            continue
        items = _items(outcome, panel, made)
        if outcome.function == "index" and scales is not None:
            rows = scales[scales["outcome"] == outcome.id]
            made[outcome.id] = fixed(items, outcome, rows)
        elif outcome.function == "index":
            reference = reference or baseline_comparison(panel, study)
            made[outcome.id], scaled = score(items, outcome, reference)
            weights.extend(scaled)
        elif outcome.function == "by_priority":
            made[outcome.id] = by_priority(items, outcome, panel, study)
        else:
            made[outcome.id] = _plain(items, outcome)
    _check_made(made, outcomes, panel)
    added = pd.DataFrame(made, index=panel.index)
    used = pd.DataFrame(weights, columns=list(COLUMNS)) if scales is None else scales
    return pd.concat([panel, added], axis=1), used


def _with_parts(plan: Plan, outcomes: tuple[str, ...]) -> set[str]:
    """The wanted outcomes and the earlier ones that are their items, all of them if none named."""
    if not outcomes:
        return {outcome.id for outcome in plan.outcome}
    wanted = set(outcomes)
    for outcome in reversed(plan.outcome):
        if outcome.id in wanted:
            wanted |= set(outcome.sources)
    return wanted


def _check_made(made: Mapping[str, Floats], outcomes: tuple[str, ...], panel: pd.DataFrame) -> None:
    missing = [name for name in outcomes if name not in made]
    if missing:
        raise OUTCOME_CANNOT.refused("plan.toml", missing=missing[0])
    taken = [name for name in made if name in panel.columns]
    if taken:
        raise OUTCOME_NAME.refused("plan.toml", taken=taken[0])


def _items(outcome: Outcome, panel: pd.DataFrame, made: Mapping[str, Floats]) -> Floats:
    """Items side by side, shape (n, items), unsigned."""
    columns = []
    for item in outcome.items:
        if item.name in made:
            columns.append(made[item.name])
            continue
        if not pd.api.types.is_numeric_dtype(panel[item.name]):
            raise index_misfit(outcome, "item-not-numeric", "use-numeric-item", name=item.name)
        columns.append(panel[item.name].to_numpy(dtype=float))
    return np.column_stack(columns)


def _plain(items: Floats, outcome: Outcome) -> Floats:
    signs = np.array([float(item.sign) for item in outcome.items])
    if outcome.function in ("any", "all", "at_least", "at_most") and (signs < 0).any():
        raise index_misfit(
            outcome, "takes-no-negative", "turn-code-list", function=outcome.function
        )
    if outcome.function in ("value", "at_least", "at_most") and items.shape[1] != 1:
        raise index_misfit(outcome, "takes-one-item", "name-one-item", function=outcome.function)
    if outcome.function in ("any", "all") and (items < 0).any():
        raise index_misfit(
            outcome, "items-not-counts", "items-not-counts", function=outcome.function
        )
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
        raise index_misfit(outcome, "no-threshold", "add", function=outcome.function)
    return outcome.threshold
