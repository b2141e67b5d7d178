"""Inverse-covariance indices, fixed at the baseline comparison group.

Anderson (2008), Multiple inference and gender differences in the effects of early intervention,
JASA 103:1481-1495, section 3.2: items are standardised and weighted by the row sums of the inverse
of their covariance, so that items which repeat each other count less.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import DataError
from evaluation.locale.messages import Message, message
from evaluation.spec.plan import Outcome
from evaluation.spec.study import Study

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
        raise DataError(
            message("baseline-comparison.problem"),
            where="plan.toml",
            mend=message("baseline-comparison.mend"),
            rule="baseline-comparison",
        )
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
    observed = np.isfinite(standard)
    total = np.where(observed, standard * weights, 0.0).sum(axis=1)
    share = np.where(observed, weights, 0.0).sum(axis=1)
    scored = (observed.sum(axis=1) >= outcome.minimum_items) & (share > 0)
    raw = np.where(scored, total / np.where(share > 0, share, 1.0), np.nan)
    use = reference.rows & np.isfinite(raw)
    mean, sd = _moments(raw[use], reference.weights[use])
    rows = [
        {
            "outcome": outcome.id,
            "item": item.name,
            "sign": item.sign,
            "mean": means[j],
            "sd": sds[j],
            "weight": weights[j],
            "score_mean": mean,
            "score_sd": sd,
        }
        for j, item in enumerate(outcome.items)
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
    observed = np.isfinite(standard)
    total = np.where(observed, standard * known["weight"], 0.0).sum(axis=1)
    share = np.where(observed, known["weight"], 0.0).sum(axis=1)
    scored = (observed.sum(axis=1) >= outcome.minimum_items) & (share > 0.0)
    raw = np.where(scored, total / np.where(share > 0.0, share, 1.0), np.nan)
    return np.asarray((raw - known["score_mean"][0]) / known["score_sd"][0] * outcome.scale)


def _item_moments(items: Floats, outcome: Outcome, reference: Reference) -> tuple[Floats, Floats]:
    means, sds = np.empty(items.shape[1]), np.empty(items.shape[1])
    for j, item in enumerate(outcome.items):
        use = reference.rows & np.isfinite(items[:, j])
        means[j], sds[j] = _moments(items[use, j], reference.weights[use])
        # a constant column leaves rounding noise, never a usable spread
        if not sds[j] > 1e-12 * max(1.0, abs(means[j])):
            raise misfit(
                outcome,
                message("item-does-not.problem", name=item.name),
                message("leave-item-out.mend"),
            )
    return means, sds


def _item_weights(standard: Floats, outcome: Outcome, reference: Reference) -> Floats:
    complete = reference.rows & np.isfinite(standard).all(axis=1)
    rows, weights = standard[complete], reference.weights[complete]
    if len(rows) <= standard.shape[1] or not weights.sum() > 0:
        raise misfit(outcome, message("too-few-complete.problem"), message("use-fewer-items.mend"))
    centred = rows - np.average(rows, axis=0, weights=weights)
    covariance = (centred * weights[:, None]).T @ centred / weights.sum()
    if np.linalg.matrix_rank(covariance) < len(covariance):
        raise misfit(outcome, message("items-linear.problem"), message("drop-one.mend"))
    result = np.linalg.inv(covariance).sum(axis=1)
    if (result < 0).any():
        worst = outcome.items[int(result.argmin())].name
        raise misfit(
            outcome,
            message("item-gets-negative.problem", worst=worst, result=f"{result.min():.4f}"),
            message("check-item-sign.mend"),
        )
    return result


def _moments(values: Floats, weights: Floats) -> tuple[float, float]:
    """Weighted mean and SD, sqrt(sum w (x - m)^2 / sum w); NaN where nothing is observed."""
    total = weights.sum()
    if not total > 0:
        return float("nan"), float("nan")
    mean = float(weights @ values / total)
    return mean, float(np.sqrt(weights @ (values - mean) ** 2 / total))


def misfit(outcome: Outcome, problem: Message, mend: Message) -> DataError:
    """An outcome that does not fit its items, as an error to raise."""
    return DataError(
        problem,
        where=f"plan.toml, outcome.{outcome.id}",
        mend=mend,
        rule="outcome-items",
    )
