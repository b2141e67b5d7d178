"""What weights say about themselves: totals against the frame, spread, and rounds side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.estimation.weights.raking import design_effect
from evaluation.study.sampling import Level, WeightCheck
from evaluation.study.study import Study


def check_weights(
    panel: pd.DataFrame, study: Study, *, n_cut: Mapping[str, int] | None = None
) -> tuple[WeightCheck, ...]:
    """Sums and spread of the weights by round, for all, by stratum and by cluster.

    Parameters
    ----------
    panel : DataFrame
        Linked rounds with the study's weight, cluster, and population and stratum where it has
        them. Rows without a positive weight are passed over: other checks name them.
    study : Study
    n_cut : mapping of round id to int, optional
        Weights that were cut when they were built.

    Returns
    -------
    tuple of WeightCheck
        Empty where the study has no weight.
    """
    columns = study.columns
    if columns.weight is None or columns.weight not in panel.columns:
        return ()
    weights = panel[columns.weight].to_numpy(dtype=np.float64, na_value=np.nan)
    used = ("round", columns.weight, columns.cluster, columns.stratum, columns.population)
    named = [name for name in dict.fromkeys(used) if name is not None and name in panel.columns]
    rows = panel.loc[np.isfinite(weights) & (weights > 0.0), named]
    found: list[WeightCheck] = []
    before: dict[tuple[str, str], float] = {}
    for round_id in study.rounds:
        here = rows[rows["round"] == round_id]
        if here.empty:
            continue
        whole, *parts = _round(here, study, round_id, before)
        checks = [replace(whole, n_cut=(n_cut or {}).get(round_id, -1)), *parts]
        total = whole.total
        before = {(c.level, c.name): c.total / total for c in checks}
        found += checks
    return tuple(found)


def _round(
    here: pd.DataFrame, study: Study, round_id: str, before: Mapping[tuple[str, str], float]
) -> Iterator[WeightCheck]:
    """The whole round first, then its strata and clusters, in their order."""
    columns = study.columns
    clusters = [
        _check(rows, here, study, (round_id, "cluster", str(name)), before)
        for name, rows in here.groupby(columns.cluster, sort=True)
    ]
    whole = _check(here, here, study, (round_id, "all", ""), before)
    yield replace(
        whole,
        design_effect=float(np.mean([c.design_effect for c in clusters])),
        largest_to_smallest=max(c.largest_to_smallest for c in clusters),
    )
    if columns.stratum is not None and columns.stratum in here.columns:
        for name, rows in here.groupby(columns.stratum, sort=True):
            yield _check(rows, here, study, (round_id, "stratum", str(name)), before)
    yield from clusters


def _check(
    rows: pd.DataFrame,
    whole: pd.DataFrame,
    study: Study,
    place: tuple[str, Level, str],
    before: Mapping[tuple[str, str], float],
) -> WeightCheck:
    round_id, level, name = place
    weights = rows[study.columns.weight].to_numpy(dtype=np.float64)
    total, sum_of_all = float(weights.sum()), float(whole[study.columns.weight].sum())
    people = _people(rows, whole, study)
    earlier = before.get((level, name))
    return WeightCheck(
        study=study.id,
        round=round_id,
        level=level,
        name=name,
        n=len(rows),
        n_clusters=int(rows[study.columns.cluster].nunique()),
        total=total,
        people=people,
        coverage=total / people * (_people(whole, whole, study) / sum_of_all),
        design_effect=design_effect(weights),
        largest_to_smallest=float(weights.max() / weights.min()),
        share_change=np.nan if earlier is None else total / sum_of_all / earlier,
        whole_design_effect=design_effect(weights),
        variation=float(weights.std() / weights.mean()),
    )


def _people(rows: pd.DataFrame, whole: pd.DataFrame, study: Study) -> float:
    """Population of the clusters that lie wholly in these rows; NaN where one lies in part."""
    name, cluster = study.columns.population, study.columns.cluster
    if name is None or name not in rows.columns:
        return float("nan")
    here = rows[cluster].unique()
    if whole[cluster].isin(here).sum() != len(rows):
        return float("nan")
    return float(rows.drop_duplicates(cluster)[name].sum(skipna=False))
