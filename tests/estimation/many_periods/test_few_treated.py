"""What an event study says where few units are treated, and where there is no error at all."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from evaluation.estimation.many_periods import panel_permutation
from evaluation.estimation.many_periods.event_study import METHODS
from evaluation.estimation.many_periods.linear import LinearOptions, linear
from evaluation.estimation.many_periods.panel import panel
from evaluation.estimation.many_periods.panel_refits import refitted
from tests.estimation.many_periods import worlds
from tests.tables import cases

CASES = cases(__file__)

COLUMNS = {"outcome": "y", "unit": "unit", "time": "time", "first_treated": "first"}
ADJUSTED = {"method": "callaway_santanna", "covariates": ["x"], "model": "regression"}


def frame(treated, units=20, *, seed=4, cohort=4):
    """Periods 1 to 6; a covariate of the unit that moves its trend."""
    made = worlds.frame(cohorts=(0,) * (units - treated) + (cohort,) * treated, seed=seed)
    x = np.random.default_rng([seed, 7]).normal(size=units)[made["unit"].str[1:].astype(int)]
    return made.assign(x=x, y=made["y"] + 0.3 * x * made["time"])


def notes(found):
    return {note.id: note for note in found.notes}


@pytest.mark.parametrize("choices", [{}, ADJUSTED, {"covariates": ["x"]}])
def test_one_treated_unit_of_twenty_gets_no_verdict(choices):
    """One of twenty: no p-value below 1/20, which is not below 5 %. CV1 rejected 57 to 66 %."""
    found = ev.event_study(frame(1), **COLUMNS, **choices)
    row = found.primary
    assert np.isfinite(row.estimate)
    assert np.isnan([row.p_value, row.ci_low, row.ci_high, row.std_error, row.std_error_cv1]).all()
    said = notes(found)["event-study-no-verdict.note"].text("en")
    assert "20 permutations" in said
    assert "below 0.05" in said
    assert "without an interval" in found.summary()


@pytest.mark.parametrize("choices", [{}, ADJUSTED, {"covariates": ["x"]}])
def test_fewer_than_six_treated_units_are_permuted(choices):
    found = ev.event_study(frame(2), **COLUMNS, **choices)
    assert found.primary.inference == "permutation"
    # 2 of 20: one in 190
    assert "below 0.0053" in notes(found)["event-study-permuted.note"].text("en")
    assert (found.primary.p_value < 0.05) == (
        not found.primary.ci_low <= 0.0 <= found.primary.ci_high
    )
    # a band would widen an error that is too small: it excluded zero where p was above 5 %
    assert found.table["band_low"].isna().all()
    six = ev.event_study(frame(6), **COLUMNS, **choices)
    assert six.primary.inference != "permutation"


def test_few_never_treated_units_are_few_too():
    turned = frame(18)
    assert ev.event_study(turned, **COLUMNS).primary.inference == "permutation"


@pytest.mark.parametrize("inference", ["cv1", "cv3", "wild_bootstrap"])
def test_other_errors_are_given_when_asked_for_and_doubted(inference):
    found = ev.event_study(frame(3), **COLUMNS, inference=inference, draws=99)
    assert found.primary.inference == inference
    assert np.isfinite(found.primary.p_value)
    assert "event-study-few.note" in notes(found)
    with pytest.raises(EstimationError) as caught:
        ev.event_study(frame(3), **COLUMNS, inference=inference, draws=99, strict=True)
    assert caught.value.problem.id == "strict-refused.problem"


def test_errors_by_unit_are_withheld_where_a_cohort_is_one_unit():
    """The cohort of period 5 is one unit of fourteen: its row, and means it has a part in."""
    made = worlds.frame(cohorts=(0,) * 6 + (3,) * 7 + (5,))
    found = ev.event_study(made, **COLUMNS, inference="cv1", aggregate=("group", "cell"))
    table = found.table
    alone = (table["at"] == "5") & (table["kind"] == "group") | (table["cohort"] == "5")
    alone |= table["at"] == "average"
    for name in ("std_error", "std_error_cv1", "ci_low", "ci_high", "p_value"):
        assert (table[name].isna() == alone).all(), name
    assert "event-study-alone.note" in notes(found)
    # the jackknife leaves the unit out like any other, where others are left
    assert np.isfinite(ev.event_study(made, **COLUMNS).primary.std_error)


def test_permutations_with_a_covariate_are_all_placements_estimated_anew():
    """Second calculation: least squares among the untreated for every pair, by hand."""
    made = frame(2, units=9)
    found = ev.event_study(made, **COLUMNS, **ADJUSTED)
    y = made.pivot_table(index="unit", columns="time", values="y").to_numpy()
    X = np.column_stack([np.ones(9), made.groupby("unit")["x"].first()])

    def effect(treated):
        own = np.isin(np.arange(9), treated)
        change = y[:, 3:].mean(axis=1) - y[:, 2]
        slopes = np.linalg.lstsq(X[~own], change[~own], rcond=None)[0]
        return np.mean(change[own] - X[own] @ slopes)

    every = np.array([effect(pair) for pair in itertools.combinations(range(9), 2)])
    observed = effect((7, 8))
    assert found.primary.estimate == pytest.approx(observed, abs=1e-12)
    expected = np.mean(np.abs(every) >= abs(observed) * (1 - 1e-9))
    assert found.primary.p_value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("method", ["imputation", "callaway_santanna"])
def test_estimating_anew_is_handing_sums_to_other_groups_where_both_can_be_done(method):
    """Balanced and unweighted: `randomise` and `refitted` by the same permutations (1e-9)."""
    made = linear(panel(frame(3, units=10), worlds.NAMES), LinearOptions(method=method))
    drawn = panel_permutation.of_panel(made.panel, number=99, seed=3)
    fast = panel_permutation.randomise(made, drawn)
    slow = refitted(
        made.panel,
        lambda other: linear(other, made.choices).estimates,
        drawn,
        additive=True,
    )
    for k, one in enumerate(fast):
        np.testing.assert_allclose(
            slow.drawn[k], panel_permutation.permuted_estimates(one), atol=1e-9
        )
        assert slow.p_value(k) == panel_permutation.coefficient_test(one)
    # effects of single periods take an effect off all periods here, off their own there
    expected = panel_permutation.coefficient_interval(fast[0])
    assert slow.interval(0, 0.95) == pytest.approx(expected, abs=1e-9)


def test_a_permutation_without_estimate_counts_as_extreme():
    made = panel(frame(2, units=8), worlds.NAMES)
    drawn = panel_permutation.of_panel(made, number=99, seed=1)

    def fit(other):
        if other.first[0] < other.n_periods:
            raise EstimationError.of("panel-told-apart", "panel-fewer-covariates", "event_study")
        return np.array([100.0 if (other.first == made.first).all() else 0.0])

    found = refitted(made, fit, drawn, additive=False)
    # the observed one and the seven pairs with the first unit, of 28
    assert found.without_estimate == 7
    assert found.p_value(0) == pytest.approx(8 / 28)
    assert np.isnan(found.interval(0, 0.95)).all()


def test_counts_with_few_treated_units_name_a_method_that_permutes():
    made = frame(3)
    made = made.assign(y=np.rint(np.abs(made["y"])), people=10.0)
    found = ev.event_study(made, **COLUMNS, exposure="people")
    assert np.isnan(found.primary.p_value)
    assert "poisson_units" in notes(found)["event-study-no-inference.note"].text("en")
    ratio = ev.event_study(made, **COLUMNS, exposure="people", method="poisson_units", draws=49)
    assert ratio.primary.inference == "permutation"
    assert np.isfinite(ratio.primary.p_value)


def test_trends_are_not_judged_by_errors_of_few_units():
    found = ev.event_study(frame(3), **COLUMNS, method="callaway_santanna")
    with pytest.raises(EstimationError) as caught:
        found.sensitivity()
    assert caught.value.problem.id == "trends-few.problem"


def test_few_placebos_say_what_p_they_can_reach():
    found = ev.event_study(frame(1, units=9), **COLUMNS, method="synthetic_did")
    assert notes(found)["event-study-placebos.note"].text("en").endswith("below 0.11")


def exact(kind):
    made = worlds.frame(cohorts=(0,) * 8 + (4,) * 7)
    unit, time = made["unit"].str[1:].astype(int), made["time"]
    y = {"constant": 3.7 + 0.0 * unit, "unit and period": 17.3 * np.sin(unit) + np.sqrt(time)}
    return made.assign(y=y[kind], x=np.cos(unit), people=2.0)


@pytest.mark.parametrize("kind", ["constant", "unit and period"])
@pytest.mark.parametrize("inference", [None, "cv1", "permutation", "wild_bootstrap"])
@pytest.mark.parametrize("method", ["imputation", "callaway_santanna", "sun_abraham", "stacked"])
def test_an_outcome_without_error_gets_none(kind, inference, method):
    """Rounding over rounding was p = 2e-24."""
    found = ev.event_study(exact(kind), **COLUMNS, method=method, inference=inference, draws=99)
    assert np.abs(found.table["estimate"]).max() < 1e-12
    for name in ("std_error", "std_error_cv1", "ci_low", "ci_high", "p_value", "band_low"):
        assert found.table[name].isna().all(), name
    assert "event-study-exact.note" in notes(found)


@pytest.mark.parametrize(
    "choices",
    CASES["constant"],
    ids=str,
)
def test_a_constant_outcome_gets_no_error_by_other_methods(choices):
    found = ev.event_study(exact("constant"), **COLUMNS, **choices)
    assert np.isnan([found.primary.p_value, found.primary.ci_low]).all()


@pytest.mark.parametrize("inference", ["cv1", "cv3"])
def test_many_units_without_error_get_none(inference):
    """Beyond a thousand units errors are made of second moments, in which levels cancelled."""
    made = exact("unit and period")
    many = pd.concat([made.assign(unit=made["unit"] + f"-{k}") for k in range(80)])
    found = ev.event_study(many, **COLUMNS, inference=inference)
    assert found.table["p_value"].isna().all()


def test_a_small_error_on_a_high_level_is_one():
    """Nine digits above its noise, which is the most that a call accepts."""
    made = worlds.frame(cohorts=(0,) * 8 + (4,) * 7)
    noise = made["y"] - made["unit"].str[1:].astype(float) - made["time"]
    small, usual = (
        ev.event_study(made.assign(y=y), **COLUMNS).primary for y in (1e8 + noise, noise)
    )
    assert small.p_value == pytest.approx(usual.p_value, rel=1e-5)


@pytest.mark.simulation
@pytest.mark.parametrize("treated", [1, 2, 3, 5])
@pytest.mark.parametrize("choices", [{}, ADJUSTED], ids=["plain", "covariate"])
def test_permuted_entry_keeps_its_size(treated, choices, record_property):
    """200 data sets of 20 units without effect: at most 5 % and three Monte Carlo errors (1.5)."""
    given = {**choices, "draws": 99}
    rejected = [
        ev.event_study(frame(treated, seed=1_000 + s), **COLUMNS, **given).primary.p_value <= 0.05
        for s in range(200)
    ]
    share = float(np.mean(rejected))
    record_property("reported", f"{treated} treated, {choices or 'plain'}: {100 * share:.1f} %")
    assert share <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)
    assert treated > 1 or share == 0.0


@pytest.mark.parametrize("method", METHODS)
def test_every_method_says_something_of_one_treated_unit(method):
    made = frame(1).assign(people=10.0)
    made["y"] = np.rint(np.abs(made["y"])) + 1.0
    counted = {"exposure": "people"} if "poisson" in method else {}
    found = ev.event_study(made, **COLUMNS, method=method, draws=49, **counted)
    assert np.isfinite(found.primary.estimate)
    if "synthetic" not in method:
        assert not found.primary.p_value <= 0.05


def test_weights_and_missing_rows_are_permuted_too():
    made = frame(3, units=10).assign(w=lambda f: 1.0 + f["unit"].str[1:].astype(int) % 3)
    for given, columns in ((made, {"weights": "w"}), (made.iloc[1:], {})):
        found = ev.event_study(given, **COLUMNS, **columns, draws=49)
        assert found.primary.inference == "permutation"
        assert np.isfinite([found.primary.p_value, found.primary.ci_low]).all()
        # the two smallest of twenty reject in 25 % of samples
        assert ("event-study-unequal.note" in notes(found)) == bool(columns)


def test_columns_are_left_as_they_are():
    made = panel(frame(2), dataclasses.replace(worlds.NAMES, covariates=("x",)))
    before = made.y.copy()
    drawn = panel_permutation.of_panel(made, number=9, seed=1)
    refitted(made, lambda other: linear(other).estimates, drawn, additive=True)
    np.testing.assert_array_equal(made.y, before)
