"""A panel made from formulas, with anticipation: cells by cohort and period against csdid.

``tests/truth/peers/csdid_cells.py`` runs csdid on the same rows.
"""

from collections.abc import Iterator
from typing import get_args

import numpy as np
import pandas as pd

from evaluation.estimation.many_periods.adjusted import Model, adjusted
from evaluation.estimation.many_periods.linear import LinearOptions, linear
from evaluation.estimation.many_periods.panel import PanelColumns, UnitPanel, panel
from evaluation.estimation.many_periods.two_by_two import Comparison

UNITS, PERIODS = 72, 8
# first treated periods in turn; 9 is after the panel, within one period of anticipation
COHORTS = (0, 4, 5, 0, 7, 8, 0, 9)
NAMES = PanelColumns(outcome="y", unit="unit", time="time", first_treated="first")


def rows() -> pd.DataFrame:
    """One row a unit and period; zero is never treated. Nothing is drawn."""
    unit, time = (v.ravel() for v in np.mgrid[0:UNITS, 1 : PERIODS + 1])
    first = np.array(COHORTS)[unit % len(COHORTS)]
    x = np.sin(2.7 * unit) + 0.3 * np.cos(unit)
    begun = (first > 0) & (time >= first - 1)
    y = np.sin(1.7 * unit) + 0.2 * time + 0.15 * x * time + 0.4 * np.sin(3.1 * unit * time)
    y = y + begun * (1.0 + 0.25 * (time - first) + 0.1 * first)
    return pd.DataFrame({"unit": unit, "time": time, "first": first, "x": x, "y": y})


def calls() -> Iterator[tuple[str, Comparison, int, Model | None]]:
    """Key, comparison, periods of anticipation, and the model of covariates."""
    for anticipation in (1, 2):
        yield f"not_yet.{anticipation}", "not_yet", anticipation, None
    for model in get_args(Model):
        yield f"not_yet.1.{model}", "not_yet", 1, model
    yield "never.1", "never", 1, None


def cells() -> dict[str, float]:
    """Effects of all cohorts in their treated periods, by the key of the call and the cell."""
    found: dict[str, float] = {}
    for key, comparison, anticipation, model in calls():
        made = panel(rows(), NAMES if model is None else _with_x())
        made = made.unanticipated(anticipation, never=comparison == "never")
        effects = _effects(made, comparison, anticipation, model)
        found |= {f"{key}.{cell}": value for cell, value in effects.items()}
    return found


def _with_x() -> PanelColumns:
    return PanelColumns(
        outcome="y", unit="unit", time="time", first_treated="first", covariates=("x",)
    )


def _effects(
    made: UnitPanel, comparison: Comparison, anticipation: int, model: Model | None
) -> dict[str, float]:
    if model is None:
        choices = LinearOptions(
            method="callaway_santanna",
            comparison=comparison,
            anticipation=anticipation,
            kinds=("cell",),
        )
        fit = linear(made, choices)
        names, values = fit.names, fit.estimates
    else:
        own = adjusted(
            made, model=model, comparison=comparison, anticipation=anticipation, kinds=("cell",)
        )
        names, values = own.names, own.estimates
    return {
        f"{name.cohort + 1}.{name.at + 1}": float(value)
        for name, value in zip(names, values, strict=True)
        if name.at >= name.cohort
    }
