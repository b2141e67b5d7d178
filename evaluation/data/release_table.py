"""Sensitive items of a release: one number by arm and round, and no row of a person."""

from typing import cast

import numpy as np
import pandas as pd

from evaluation.data.release_rules import equal_weights, rules_of
from evaluation.spec.study import Study

# respondents behind every number
MINIMUM = 30
COLUMNS = ("item", "round", "arm", "statistic", "value", "respondents")
PERCENT, MEAN = "percent", "mean"
# never so many that a single answer could be told from the number
DECIMALS = {PERCENT: 1, MEAN: 2}


def sensitive_table(
    rows: pd.DataFrame, items: tuple[str, ...], study: Study
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Weighted percentages and means by arm and round, in which every place counts the same.

    Parameters
    ----------
    rows : DataFrame
        Interviews with ``place``, ``round``, ``arm``, ``weight`` and the items.
    items : tuple of str
        Items whose numbers may be averaged; those of two values, 0 and 1 or 0 and 100, become
        percentages.
    study : Study
        Orders of rounds and arms, and the rules.

    Returns
    -------
    DataFrame, tuple of str
        One row per item, round and arm in which it was asked, and the items that are there. An
        item is left out as a whole where one of its numbers rests on fewer than ``MINIMUM``
        respondents or fewer than l different answers, where fewer than k respondents answered
        otherwise than most, or where it shows as the lowest or highest possible one.
    """
    weights, found = equal_weights(rows), []
    for item in items:
        lines = _lines(item, rows, weights, study)
        if lines and all(line is not None for line in lines):
            found += lines
    table = pd.DataFrame(found, columns=list(COLUMNS))
    return table, tuple(dict.fromkeys(table["item"]))


def _lines(
    item: str, rows: pd.DataFrame, weights: pd.Series, study: Study
) -> list[dict[str, object] | None]:
    """Rows of the table; none in the place of one that must not be shown."""
    values = rows[item].astype(float)
    said = set(values.dropna())
    statistic = PERCENT if said <= {0.0, 1.0} or said <= {0.0, 100.0} else MEAN
    if statistic == PERCENT and said <= {0.0, 1.0}:
        values = 100.0 * values
    ends = (0.0, 100.0) if statistic == PERCENT else (values.min(), values.max())
    lines: list[dict[str, object] | None] = []
    for name in study.rounds:
        for arm in study.arm:
            here = values[(rows["round"] == name) & (rows["arm"] == arm.id)].dropna()
            if here.empty:
                continue
            if not _enough(here, study):
                lines.append(None)
                continue
            mean = np.average(here, weights=weights[here.index].fillna(0.0))
            value = round(float(mean), DECIMALS[statistic])
            line = (item, name, arm.id, statistic, value, len(here))
            inside = ends[0] < value < ends[1]
            lines.append(dict(zip(COLUMNS, line, strict=True)) if inside else None)
    return lines


def _enough(answers: pd.Series, study: Study) -> bool:
    """Whether a number of these answers hides each of them."""
    rules, counts = rules_of(study), answers.value_counts()
    others = len(answers) - cast(int, counts.max())
    return len(answers) >= MINIMUM and len(counts) >= rules.l and others >= rules.k
