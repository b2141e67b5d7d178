"""Breaks, jumps and single days, on numbers that can be worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from evaluation.config.panel_study import (
    Change,
    Denominators,
    EventRows,
    PanelSeries,
    SeriesCount,
    TreatedList,
)
from evaluation.config.toml_reader import Text
from evaluation.data.series import second_look

LABEL = Text(en="a", es="b")


def declared(*, changes: tuple[int, ...] = (2006,), most: int = 2) -> PanelSeries:
    return PanelSeries(
        year="year",
        first=2001,
        last=2009,
        rows=EventRows(code="c", digits=5, department="d", name="n", date="t", amount="a"),
        population=Denominators(variable="population", main="m", earlier="e", joined=2005),
        treated=TreatedList(
            arm="a", others="b", cohort="c", code="c", department="d", name="n", entered="e"
        ),
        count=(SeriesCount(id="h", label=LABEL),),
        change=(Change(id="seam", label=LABEL, years=changes),),
        second_look=most,
    )


def panel(values: list[list[float]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"place": f"{row}", "year": 2001 + at, "h": value, "no_population": np.isnan(value)}
            for row, line in enumerate(values)
            for at, value in enumerate(line)
        ]
    )


@pytest.mark.parametrize(("jump", "severity"), [(100, "info"), (150, "warn")])
def test_a_change_is_seen_where_it_lies_outside_the_other_years(jump, severity):
    line = [100, 110, 100, 110, 100, jump, jump, jump * 1.05, jump]
    (found,) = second_look.changes(panel([line, line]), declared(), "place")
    assert found.severity == severity
    assert f"{jump - 100:+.1f} %" in f"{found.problem}"
    assert "(years without a change: -9.1 to +10.0)" in f"{found.problem}"


def test_single_places_that_change_names_are_seen_though_the_total_stands():
    one, other = [100, 100, 100, 100, 100, 20, 20, 20, 20], [20, 20, 20, 20, 20, 100, 100, 100, 100]
    (found,) = second_look.changes(panel([one, other]), declared(), "place")
    assert found.severity == "warn"
    assert f"{80**2 / 120:.2f} times chance (0.00 to 0.00)" in f"{found.problem}"


def test_the_largest_changes_are_those_that_chance_explains_least():
    big = [1000, 1050, 1000, 1000, 1000, 1000, 1000, 1000, 1000]
    small = [2, 2, 40, 40, 40, 40, 40, 40, np.nan]
    found = second_look.largest_changes(
        panel([big, small]), declared(most=1), "place", {"1": "SMALL"}
    )
    assert [f"{f.problem}" for f in found] == ["SMALL (1): 2 events in 2002, 40 in 2003"]


def test_the_largest_events_are_sums_of_a_day_and_place():
    day = pd.Timestamp("2004-06-15")
    events = pd.DataFrame(
        {
            "cluster": ["a", "a", "b", None],
            "date": [day, day, day, day],
            "amount": [2, 3, 4, 90],
        }
    )
    found = second_look.largest_events(events, declared(), {"a": "A", "b": "B"})
    assert [f"{f.problem}" for f in found] == [
        "A (a): 5 events on 2004-06-15",
        "B (b): 4 events on 2004-06-15",
    ]
