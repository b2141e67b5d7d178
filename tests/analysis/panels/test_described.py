"""What a panel describes without an estimate: months, days, a comparison that fails."""

import dataclasses

import pytest

from evaluation.analysis.panels import years
from evaluation.analysis.panels.units import PanelFrames
from evaluation.config.plan import Plan
from evaluation.errors import EstimationError
from evaluation.estimation.many_periods import linear
from evaluation.report.terminal import told
from tests.analysis.panels import worlds


def test_events_are_shared_out_by_month_and_day_of_the_years_that_are_described():
    # two on a Monday of March, one on a Wednesday and one on a Saturday of May; one of 1999
    found = list(years._calendar(worlds.units(worlds.frames()), frozenset(worlds.TREATED)))
    shares = {(series, period): share for series, period, share in found if share}
    assert shares == {
        (years.MONTH, "03"): 50.0,
        (years.MONTH, "05"): 50.0,
        (years.WEEKDAY, "01"): 50.0,
        (years.WEEKDAY, "03"): 25.0,
        (years.WEEKDAY, "06"): 25.0,
    }
    assert len(found) == 12 + 7


def test_estimates_by_base_year_are_those_of_the_estimator():
    """By imputation, whose estimate with one year before is the difference of two changes."""
    made = worlds.frames(noise=3)
    results = worlds.results(made, "outside_2012", "outside_2018")
    found = {d.name: d for d in results.diagnostics if d.specification == "outside_2012"}
    _, promise = worlds.declared()
    for name in ("lowest_base", "highest_base"):
        year = found[name].sample.text()
        assert found[name].value == pytest.approx(_single(promise.plan, made, year), abs=1e-9)
    assert found["lowest_base"].value < found["highest_base"].value
    assert found["lowest_ratio"].value < found["highest_ratio"].value
    once = [d.specification for d in results.diagnostics if d.name.endswith("_base")]
    assert set(once) == {"outside_2012"}


def _single(plan: Plan, made: PanelFrames, year: str) -> float:
    one = next(s for s in plan.specification if s.id == "outside_2012")
    single = dataclasses.replace(one, contrast=(year, one.contrast[1]))
    panel = worlds.units(made, plan).panel(single, "homicides", rates=True)
    return float(linear.linear(panel, linear.LinearOptions(kinds=("simple",))).estimates[0])


def test_clusters_that_are_all_treated_from_one_year_on_are_said_with_what_to_change():
    made = worlds.frames()
    alone = made.assignment["municipality"].isin(worlds.TREATED)
    for kept in (alone, ~alone):
        given = dataclasses.replace(made, assignment=made.assignment[kept])
        with pytest.raises(EstimationError) as stopped:
            worlds.results(given)
        said = told(stopped.value, "en")
        assert said.startswith("plan.toml: no cluster of the specification `")
        assert "its comparison is `" in said
        assert "write another `comparison` in plan.toml" in said
