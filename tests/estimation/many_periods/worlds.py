"""Small panels made by hand, and an outcome whose effects are known."""

import numpy as np
import pandas as pd

from evaluation.estimation.many_periods.panel import PanelColumns, UnitPanel, panel

NAMES = PanelColumns(outcome="y", unit="unit", time="time", first_treated="first")


def frame(
    cohorts=(0, 0, 0, 0, 3, 3, 3, 4, 4, 5), *, periods=6, seed=1, effect=0.0, strata=1
) -> pd.DataFrame:
    """One unit for each cohort named; 0 is never. Periods count from 1."""
    draws = np.random.default_rng(seed)
    rows = [
        {
            "unit": f"u{i:03d}",
            "time": t,
            "first": c or np.nan,
            "stratum": f"s{i % strata}",
            "y": i + t + draws.normal() + effect * bool(c and t >= c),
        }
        for i, c in enumerate(cohorts)
        for t in range(1, periods + 1)
    ]
    return pd.DataFrame(rows)


def made(*, strata=1, **choices) -> UnitPanel:
    names = NAMES if strata == 1 else PanelColumns(**_fields(NAMES), strata="stratum")
    return panel(frame(strata=strata, **choices), names)


def _fields(names: PanelColumns) -> dict[str, str]:
    return {n: getattr(names, n) for n in ("outcome", "unit", "time", "first_treated")}
