"""The demonstration's administrative series: counts by municipality and quarter, 2018 to 2025."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.demo_truth import Scenario

Floats = NDArray[np.float64]

QUARTERS = tuple(f"{year}Q{quarter}" for year in range(2018, 2026) for quarter in range(1, 5))
ENTRY = {"c2021": QUARTERS.index("2021Q3"), "c2022": QUARTERS.index("2022Q1")}
LAST_BEFORE = QUARTERS.index("2021Q2")
LOCKDOWN = QUARTERS.index("2020Q2")
ROAD_RATE = 34.0
# SD of a municipality's lasting, and of its quarterly, log deviation
LASTING_SD = 0.15
QUARTERLY_SD = 0.18


def draw_series(
    generator: np.random.Generator, frame: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """Draw homicides and road injuries (placebo), every municipality in every quarter.

    Parameters
    ----------
    generator : Generator
    frame : DataFrame
        Municipalities with ``arm``, ``cohort``, ``population``, ``homicide_rate_2019``.
    scenario : Scenario
        Gives the effect on homicides and the trend that differs between the groups; the trend
        runs through all quarters and is zero in the last one before the programme.

    Returns
    -------
    DataFrame
        ``municipality, quarter, homicides, road_injuries, population``.
    """
    population = frame["population"].to_numpy(dtype=float)[:, None]
    treated = (frame["arm"] == "treated").to_numpy()[:, None]
    time = np.arange(len(QUARTERS)) - LAST_BEFORE
    drift = scenario.series_trend * time * treated
    entry = np.array([ENTRY.get(c, len(QUARTERS)) for c in frame["cohort"].tolist()])[:, None]
    entered = np.arange(len(QUARTERS)) >= entry
    homicide = frame["homicide_rate_2019"].to_numpy(dtype=float)[:, None] / 4
    rates = {
        "homicides": homicide * np.exp(drift + scenario.series_effect * entered),
        "road_injuries": ROAD_RATE * np.exp(drift),
    }
    counts = {
        name: generator.poisson(rate * population / 1e5 * _noise(generator, len(frame)))
        for name, rate in rates.items()
    }
    return pd.DataFrame(
        {
            "municipality": np.repeat(frame["municipality"].to_numpy(), len(QUARTERS)),
            "quarter": np.tile(QUARTERS, len(frame)),
            **{name: values.ravel() for name, values in counts.items()},
            "population": np.repeat(frame["population"].to_numpy(dtype=int), len(QUARTERS)),
        }
    )


def _noise(generator: np.random.Generator, places: int) -> Floats:
    """Factors around one: seasons and the lockdown for all, and each municipality's own."""
    quarter = np.arange(len(QUARTERS))
    national = 0.05 * np.sin(2 * np.pi * quarter / 4) + 0.04 * generator.standard_normal(
        len(QUARTERS)
    )
    national -= 0.25 * ((quarter >= LOCKDOWN) & (quarter < LOCKDOWN + 2))
    own = LASTING_SD * generator.standard_normal((places, 1))
    passing = QUARTERLY_SD * generator.standard_normal((places, len(QUARTERS)))
    return np.exp(national + own + passing)
