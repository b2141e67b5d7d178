"""People by cluster and year: two series of one population, carried back and never joined raw.

Two projections of the same people differ for single clusters by much, and their ratio drifts: one
put below the other makes changes that nobody lived through. The earlier series lends its changes
only. Where a series has nobody, the cluster was not there; its population is missing then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.config.panel_study import PanelSeries
from evaluation.data.cleaning.parse import Parsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Tables of clusters by years, NaN where a series does not reach or has nobody.

    Attributes
    ----------
    people : DataFrame
        The series to divide by.
    series : mapping of str to DataFrame
        Each series as delivered, by its layout.
    nobody : DataFrame of bool
        Where the series of the year says that nobody lived.
    """

    people: pd.DataFrame
    series: Mapping[str, pd.DataFrame]
    nobody: pd.DataFrame


def population(
    files: Mapping[str, Parsed], panel: PanelSeries, units: pd.Series, cluster: str
) -> Population:
    """Population of units in the years of the panel.

    Parameters
    ----------
    files : mapping of str to Parsed
        Both series by layout, checked.
    panel : PanelSeries
    units : Series
        Unit of each cluster, by its code: the cluster itself, or what it is merged into.
    cluster : str
        Variable of the code.
    """
    declared = panel.population
    tables = {
        name: _summed(files[name], panel, units, cluster)
        for name in (declared.main, declared.earlier)
    }
    main, earlier = tables[declared.main], tables[declared.earlier]
    whole = {name: table.where(table > 0) for name, table in tables.items()}
    base, own = whole[declared.main][declared.joined], whole[declared.earlier][declared.joined]
    carried = whole[declared.earlier].mul(base / own, axis=0)
    before = [year for year in panel.years if year < declared.joined]
    people, nobody = whole[declared.main].copy(), main == 0
    people[before], nobody[before] = carried[before], earlier[before] == 0
    return Population(people=people, series=whole, nobody=nobody)


def _summed(parsed: Parsed, panel: PanelSeries, units: pd.Series, cluster: str) -> pd.DataFrame:
    columns = parsed.columns
    long = pd.DataFrame(
        {
            "unit": units.reindex(columns[cluster].values).to_numpy(),
            "year": columns[panel.year].values.astype("int64"),
            "people": columns[panel.population.variable].values.astype(float),
        }
    )
    table = long.groupby(["unit", "year"])["people"].sum().unstack("year")  # noqa: PD010
    return table.reindex(index=sorted(set(units)), columns=list(panel.years))


def merged_units(panel: PanelSeries, clusters: Sequence[str]) -> pd.Series:
    """Unit of each cluster where those that were one are one: the first cluster's code.

    Parameters
    ----------
    panel : PanelSeries
    clusters : sequence of str
        Codes there are.
    """
    units = pd.Series(list(clusters), index=list(clusters), dtype=object)
    for merge in panel.merge:
        units[list(merge.clusters)] = merge.clusters[0]
    return units
