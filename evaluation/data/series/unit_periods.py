"""Counts of events by unit and period: a unit and period without a row of events is a zero.

Where nobody lived in a unit (it was not created yet) a period without events is missing; events
that were laid there are kept and flagged, without a population and so without a rate.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.panel_study import PanelSeries, SeriesCount
from evaluation.data.series.denominators import Population
from evaluation.data.series.placed_events import AMOUNT, CLUSTER, DATE, YEAR

# what the clean panel has beside its counts
RATE, NO_POPULATION, SPLICED, MONTH = "rate", "no_population", "population_spliced", "month"
MONTHS = 12


def by_year(
    events: pd.DataFrame, people: Population, panel: PanelSeries, units: pd.Series, cluster: str
) -> pd.DataFrame:
    """Clean panel of units and years.

    Parameters
    ----------
    events : DataFrame
        Placed events.
    people : Population
        Of the same units.
    panel : PanelSeries
    units : Series
        Unit of each cluster by its code.
    cluster : str
        What the column of the unit is called.

    Returns
    -------
    DataFrame, one row a unit and year
        Unit, year, counts (NaN before a count can be compared, or where nobody lived and nothing
        happened), population, the series as delivered, ``population_spliced``,
        ``no_population`` and ``rate`` of the first count.
    """
    names, years = people.people.index.to_numpy(), np.array(panel.years)
    nobody = people.nobody.to_numpy(dtype=bool)
    table = _keys(names, years, cluster, panel.year)
    periods = events[YEAR].to_numpy() - panel.first
    for count in panel.count:
        counts = _counts(events, count, units, names, periods, len(years))
        table[count.id] = _shown(counts, count, years, nobody).ravel()
    declared = panel.population
    table[declared.variable] = people.people.to_numpy().ravel()
    for name, series in people.series.items():
        table[name] = series.to_numpy().ravel()
    table[SPLICED] = np.tile(years < declared.joined, len(names))
    table[NO_POPULATION] = nobody.ravel()
    table[RATE] = declared.per * table[panel.count[0].id] / table[declared.variable]
    return table


def by_month(
    events: pd.DataFrame, people: Population, panel: PanelSeries, units: pd.Series, cluster: str
) -> pd.DataFrame:
    """The counts by unit and month, first days of months; see `by_year`."""
    names, years = people.people.index.to_numpy(), np.array(panel.years)
    nobody = people.nobody.to_numpy(dtype=bool).repeat(MONTHS, axis=1)
    months = np.arange(f"{panel.first}-01", f"{panel.last + 1}-01", dtype="datetime64[M]")
    table = _keys(names, months.astype("datetime64[s]"), cluster, MONTH)
    own = events[DATE].to_numpy().astype("datetime64[M]")
    periods = (own - months[0]).astype(int)
    of_months = years.repeat(MONTHS)
    for count in panel.count:
        counts = _counts(events, count, units, names, periods, len(months))
        table[count.id] = _shown(counts, count, of_months, nobody).ravel()
    return table


def _keys(names: NDArray[Any], periods: NDArray[Any], cluster: str, period: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            cluster: pd.array(names.repeat(len(periods)), dtype="str"),
            period: np.tile(periods, len(names)),
        }
    )


def _counts(
    events: pd.DataFrame,
    count: SeriesCount,
    units: pd.Series,
    names: NDArray[Any],
    periods: NDArray[np.integer[Any]],
    n_periods: int,
) -> NDArray[np.float64]:
    """Sums of amounts, shape (units, periods)."""
    # a file may cover more years than the panel
    wanted = events[CLUSTER].notna().to_numpy() & (periods >= 0) & (periods < n_periods)
    if count.where is not None:
        wanted = wanted & events[count.where.variable].isin(count.where.values).to_numpy()
    own = units.reindex(events[CLUSTER][wanted]).to_numpy()
    cells = np.searchsorted(names, own) * n_periods + periods[wanted]
    amounts = events[AMOUNT].to_numpy()[wanted]
    sums = np.bincount(cells, weights=amounts, minlength=len(names) * n_periods)
    return np.asarray(sums, dtype=np.float64).reshape(len(names), n_periods)


def _shown(
    counts: NDArray[np.float64],
    count: SeriesCount,
    years: NDArray[np.integer[Any]],
    nobody: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """The counts, missing where a zero would say that somebody could have been counted."""
    missing = nobody & (counts == 0)
    if count.first is not None:
        missing = missing | (years < count.first)
    return np.where(missing, np.nan, counts)


def yearly_totals(events: pd.DataFrame) -> pd.DataFrame:
    """By year: rows, events, and those of them that lie in no cluster."""
    lost = events[AMOUNT].where(events[CLUSTER].isna(), 0)
    grouped = events.assign(lost=lost).groupby(YEAR, sort=True)
    sums = grouped.agg(rows=(AMOUNT, "size"), events=(AMOUNT, "sum"), unplaced=("lost", "sum"))
    return sums.reset_index()
