"""What a person should look at again before counts are believed: breaks, jumps, single days.

Nothing here says that a number is wrong. A change in how rows were made is held against the years
without one; the largest changes and the largest single events are named, because an error of
placing or of dating would be among them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from evaluation.config.panel_study import Change, PanelSeries
from evaluation.data.findings import Rule
from evaluation.data.series.placed_events import AMOUNT, CLUSTER, DATE
from evaluation.data.series.unit_periods import NO_POPULATION
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

CHANGE_SEEN = Rule("series-change", "warn", "series-change-seen", "series-change")
CHANGE_NOT_SEEN = Rule("series-change", "info", "series-change-not-seen", "series-change")
LARGEST_CHANGE = Rule("largest-change", "warn")
LARGEST_EVENT = Rule("largest-event", "warn")
NOBODY = Rule("no-population", "warn")

# rules whose findings name places
OF_PLACES = (LARGEST_CHANGE.id, LARGEST_EVENT.id, NOBODY.id)
# of what findings speak that are about no delivered file
PANEL = "panel"


def changes(panel: pd.DataFrame, declared: PanelSeries, cluster: str) -> Iterator[Finding]:
    """Each declared change in how rows were made, against the years without one.

    A year is held against the year before in two ways: the total of all clusters, in percent; and
    how much single clusters move, as the mean of (h1 - h0)^2 / (h1 + h0), which is about one where
    counts move by chance alone. A change is seen where either lies outside all other years'.

    Parameters
    ----------
    panel : DataFrame
        Clusters by years.
    declared : PanelSeries
    cluster : str
        Column of the clusters.
    """
    count = declared.count[0].id
    table = panel.pivot_table(index=cluster, columns=declared.year, values=count, aggfunc="sum")
    values = table.to_numpy()
    before, after = values[:, :-1], values[:, 1:]
    with np.errstate(invalid="ignore"):
        moved = (after - before) ** 2 / (after + before)
    years = [int(year) for year in table.columns[1:]]
    totals = 100 * (after.sum(axis=0) / before.sum(axis=0) - 1)
    measures = pd.DataFrame({"total": totals, "noise": np.nanmean(moved, axis=0)}, index=years)
    named = {year for change in declared.change for year in change.years}
    quiet = measures[~measures.index.isin(named)]
    for change in declared.change:
        for year in change.years:
            if year in measures.index:
                yield _change(change, year, measures.loc[year], quiet)


def _change(change: Change, year: int, own: pd.Series, quiet: pd.DataFrame) -> Finding:
    outside = any(not quiet[k].min() <= own[k] <= quiet[k].max() for k in ("total", "noise"))
    said = {"change": f"`{change.id}`", "year": Plain(year)}
    for key, form in (("total", "{:+.1f}"), ("noise", "{:.2f}")):
        said |= {
            key: Plain(form.format(own[key])),
            f"{key}_low": Plain(form.format(quiet[key].min())),
            f"{key}_high": Plain(form.format(quiet[key].max())),
        }
    rule = CHANGE_SEEN if outside else CHANGE_NOT_SEEN
    return rule.in_file(PANEL, PANEL, "", 0, **said)


def largest_changes(
    panel: pd.DataFrame, declared: PanelSeries, cluster: str, names: Mapping[str, str]
) -> Iterator[Finding]:
    """The largest changes from one year to the next, on the scale of square roots of counts.

    On that scale chance moves small and large clusters alike.

    Parameters
    ----------
    panel : DataFrame
        Clusters by years.
    declared : PanelSeries
    cluster : str
    names : mapping of str to str
        How a cluster is called, by code.
    """
    count, year = declared.count[0].id, declared.year
    ordered = panel.sort_values([cluster, year], kind="stable")
    grouped = ordered.groupby(cluster, sort=False)[count]
    before = grouped.shift(1)
    size = (np.sqrt(ordered[count]) - np.sqrt(before)).abs()
    found = ordered.assign(before=before, size=size).dropna(subset=["size"])
    for row in _largest(found, "size", declared.second_look, (cluster, year)):
        said = {
            "place": _place(row[cluster], names),
            "before": Plain(f"{row['before']:,.0f}"),
            "after": Plain(f"{row[count]:,.0f}"),
            "year_before": Plain(int(row[year]) - 1),
            "year": Plain(int(row[year])),
        }
        yield LARGEST_CHANGE.in_file(PANEL, PANEL, count, 0, **said)


def largest_events(
    events: pd.DataFrame, declared: PanelSeries, names: Mapping[str, str]
) -> Iterator[Finding]:
    """The days on which one cluster has most events.

    Parameters
    ----------
    events : DataFrame
        Placed events.
    declared : PanelSeries
    names : mapping of str to str
        How a cluster is called, by code.
    """
    days = events.dropna(subset=[CLUSTER]).groupby([CLUSTER, DATE], sort=True)[AMOUNT].sum()
    for row in _largest(days.reset_index(), AMOUNT, declared.second_look, (CLUSTER, DATE)):
        said = {
            "place": _place(row[CLUSTER], names),
            "n": Plain(f"{row[AMOUNT]:,}"),
            "day": Plain(f"{row[DATE]:%Y-%m-%d}"),
        }
        yield LARGEST_EVENT.in_file(PANEL, PANEL, declared.count[0].id, 0, **said)


def without_people(
    panel: pd.DataFrame, declared: PanelSeries, cluster: str, names: Mapping[str, str]
) -> Iterator[Finding]:
    """Clusters in whose years nobody lived, with what was laid there all the same.

    Parameters
    ----------
    panel : DataFrame
    declared : PanelSeries
    cluster : str
    names : mapping of str to str
        How a cluster is called, by code.
    """
    count, year = declared.count[0].id, declared.year
    for code, rows in panel[panel[NO_POPULATION]].groupby(cluster, sort=True):
        listed = ", ".join(map(str, sorted(rows[year].tolist())))
        said = {
            "place": _place(str(code), names),
            "years": listed,
            "events": Plain(f"{rows[count].sum():,.0f}"),
        }
        yield NOBODY.in_file(PANEL, PANEL, count, 0, **said)


def _largest(table: pd.DataFrame, by: str, most: int, keys: Sequence[str]) -> list[dict[str, Any]]:
    ordered = table.sort_values([by, *keys], ascending=[False, *(True for _ in keys)])
    return [
        {str(key): value for key, value in row.items()}
        for row in ordered.head(most).to_dict(orient="records")
    ]


def _place(code: object, names: Mapping[str, str]) -> str:
    return f"{names.get(f'{code}', '')} ({code})"
