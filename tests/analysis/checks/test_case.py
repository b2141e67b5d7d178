"""Records that all checks make alike: effects of outcomes without a scale in SD."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.checks.difference_from_primary import JACKKNIFE, jackknifed
from evaluation.estimation.inference.estimate_record import RowFacts, in_sd, recorded
from evaluation.estimation.inference.steps import by_t
from evaluation.estimation.records import Estimate
from tests.analysis.checks.small_checks import ROUNDING, case, numbers
from tests.estimation.studies import panel
from tests.messages import said


def silent(table):
    """Nobody of the comparison group had the event at baseline."""
    rows = (table["arm"] == "comparison") & (table["round"] == "baseline")
    return table.assign(y=(100.0 * (table["y"] > 0.5)).mask(rows, 0.0))


@pytest.mark.truth
def test_effects_in_standard_deviations_by_hand():
    assert in_sd(3.0, "points", 1.5) == 2.0
    assert in_sd(3.0, "SD", 1.5) == 3.0
    assert np.isnan(in_sd(3.0, "points", 0.0))
    assert in_sd(3.0, "SD", 0.0) == 3.0


def test_a_linear_row_without_a_scale_stands_in_the_unit():
    """All but the scale as for the same regression whose baseline SD is set to one."""
    made = case(silent(panel(4)), "bracket", unit="percentage points")
    built = made.primary_design()
    assert built.baseline_sd == 0.0
    found = made.linear(built)
    scaled = made.linear(dataclasses.replace(built, baseline_sd=1.0))
    assert [row.step for row in found] == ["wcr_s", "cv3"]
    for row, other in zip(found, scaled, strict=True):
        assert np.array_equal(numbers(row), numbers(other))
        assert np.isnan(row.estimate_sd)
        assert row.baseline_comparison_sd == 0.0


def test_a_repeated_estimator_without_a_scale_stands_in_the_unit():
    """Estimates 1, 3 around 2: (G - 1)/G (1 + 1) = 1, the jackknife variance."""
    made = case(panel(4), "bracket", unit="percentage points")
    sizes = dataclasses.replace(RowFacts.of(made.primary_design()), baseline_sd=0.0)
    rows = jackknifed(made, 2.0, {"a": 1.0, "b": 3.0}, sizes=sizes, reason=said("of weights"))
    (record,) = [row for row in rows if isinstance(row, Estimate)]
    assert record.std_error == pytest.approx(1.0, abs=ROUNDING)
    assert np.isnan(record.estimate_sd)


@pytest.mark.parametrize(("unit", "expected"), [("SD", 3.0), ("points", 1.5)])
def test_an_effect_is_recorded_in_standard_deviations(unit, expected):
    """Three of a unit of which the comparison group's spread is two; three SDs are three."""
    made = case(panel(4), "bracket", unit=unit)
    sizes = dataclasses.replace(RowFacts.of(made.primary_design()), baseline_sd=2.0)
    found = by_t(3.0, 1.0, df=11.0, level=0.95, p_kind=JACKKNIFE)
    row = recorded(made.heading("all"), "cv3", found, sizes=sizes)
    assert (row.estimate, row.estimate_sd, row.unit) == (3.0, expected, unit)
