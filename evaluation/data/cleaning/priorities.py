"""Outcomes whose items count by what the people of each cluster said worries them most."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.plan import Outcome
from evaluation.config.study import Study
from evaluation.errors import DataError

Floats = NDArray[np.float64]


def by_priority(items: Floats, outcome: Outcome, panel: pd.DataFrame, study: Study) -> Floats:
    """Score respondents by their cluster's own priorities at baseline.

    Parameters
    ----------
    items : ndarray, shape (n, items)
        In the order of ``outcome.items``; NaN where not observed.
    outcome : Outcome
        Names the question of priorities, and the answer that stands for each item.
    panel : DataFrame, n rows
        Linked rounds.
    study : Study

    Returns
    -------
    ndarray, shape (n,)
        ``sum_k w_ck x_ik / sum_k w_ck`` over the observed items k, where ``w_ck`` is the
        design-weighted share of cluster c that named item k in the first round. Both rounds have
        the weights of the first, so that a change of priorities is no change of the outcome. NaN
        with fewer than ``minimum_items`` items, or where nobody of the cluster named one of them.

    Raises
    ------
    DataError
        The panel lacks the question.
    """
    named = outcome.weighted_by
    if named not in panel.columns:
        place = f"plan.toml, outcome.{outcome.id}"
        raise DataError.of("priority-absent", "priority-absent", place, name=named)
    shares = _shares(outcome, panel, study).reindex(panel[study.columns.cluster])
    weights = np.nan_to_num(shares.to_numpy(dtype=float))
    observed = np.isfinite(items)
    total = np.where(observed, weights * np.nan_to_num(items), 0.0).sum(axis=1)
    share = np.where(observed, weights, 0.0).sum(axis=1)
    scored = (observed.sum(axis=1) >= outcome.minimum_items) & (share > 0.0)
    mean = total / np.where(share > 0.0, share, 1.0)
    return np.where(scored, mean * outcome.scale, np.nan)


def _shares(outcome: Outcome, panel: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Weight of the people who named each item, by cluster, in the first round."""
    first = panel[panel["round"] == study.rounds[0]]
    weight = study.columns.weight
    given = first[weight].to_numpy(dtype=float) if weight else np.ones(len(first))
    counted = pd.DataFrame(
        {
            item.name: np.where((first[outcome.weighted_by] == item.answer).to_numpy(), given, 0.0)
            for item in outcome.items
        }
    )
    return counted.groupby(first[study.columns.cluster].to_numpy()).sum()
