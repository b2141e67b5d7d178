"""Reliability by hand and from known loadings, and effects on single items."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.checks.measurement import alpha, measurement, omega
from evaluation.config.plan import Item
from evaluation.errors import EstimationError
from evaluation.estimation.regression.fit import StepUnavailable
from tests.analysis.checks.outcome_checks import (
    ROUNDING,
    diagnostics,
    did_by_dummies,
    equal_weights,
    estimates,
    reasons,
    trial,
)
from tests.estimation.studies import STUDY, outcome, panel

KIND = "measurement"


@pytest.mark.truth
def test_alpha_by_hand():
    """Three items with variances 1, 2, 3 and covariances 1: 3/2 (1 - 6/12) = 3/4."""
    three = np.ones((3, 3))
    np.fill_diagonal(three, [1.0, 2.0, 3.0])
    assert alpha(three) == pytest.approx(3 / 4, abs=ROUNDING)


@pytest.mark.truth
def test_omega_from_known_loadings():
    """Loadings .9 .8 .7 .6 of unit items: 3^2 / (9 + .19 + .36 + .51 + .64) = 9/10.7.

    The iteration stops where communalities move by less than 1e-10.
    """
    loadings = np.array([0.9, 0.8, 0.7, 0.6])
    covariance = np.outer(loadings, loadings)
    np.fill_diagonal(covariance, 1.0)
    assert omega(covariance) == pytest.approx(9.0 / 10.7, abs=1e-7)
    # on items of other spreads the sum is another: (9 x 2 ...) written out
    sd = np.array([2.0, 1.0, 0.5, 3.0])
    common = float(sd @ loadings) ** 2
    unique = float(np.sum(sd**2 * (1 - loadings**2)))
    assert omega(covariance * np.outer(sd, sd)) == pytest.approx(
        common / (common + unique), abs=1e-7
    )


@pytest.mark.truth
def test_omega_of_three_items_from_triads():
    """One factor of three items is exact: squared loading of item 1 is r12 r13 / r23."""
    r12, r13, r23 = 0.5, 0.4, 0.3
    squares = np.array([r12 * r13 / r23, r12 * r23 / r13, r13 * r23 / r12])
    common = float(np.sum(np.sqrt(squares))) ** 2
    expected = common / (common + float(np.sum(1 - squares)))
    correlation = np.array([[1, r12, r13], [r12, 1, r23], [r13, r23, 1.0]])
    assert omega(correlation) == pytest.approx(expected, abs=1e-7)


@pytest.mark.property
def test_equal_loadings_make_omega_and_alpha_the_same():
    for r in (0.1, 0.4, 0.8):
        covariance = np.full((5, 5), r)
        np.fill_diagonal(covariance, 1.0)
        assert omega(covariance) == pytest.approx(alpha(covariance), abs=1e-8)


def test_what_has_no_reliability_says_why():
    two = np.array([[1.0, 0.5], [0.5, 1.0]])
    with pytest.raises(StepUnavailable, match="fewer than three items"):
        omega(two)
    with pytest.raises(StepUnavailable, match="three questions or more"):
        alpha(two)
    # items of which each is minus half of the other two: their sum is the same for everybody
    with pytest.raises(StepUnavailable, match="sum varies"):
        alpha(np.array([[1.0, -0.5, -0.5], [-0.5, 1.0, -0.5], [-0.5, -0.5, 1.0]]))
    # triads give item 1 a squared loading of .9 x .8 / .5 = 1.44
    heywood = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.5], [0.8, 0.5, 1.0]])
    with pytest.raises(StepUnavailable, match="Heywood"):
        omega(heywood)
    with pytest.raises(StepUnavailable, match="does not vary"):
        omega(np.diag([1.0, 1.0, 0.0]))
    with pytest.raises(StepUnavailable, match="no factor"):
        omega(np.eye(3))


def questions_of_one_trait(seed):
    """Items a to d with the trait y in them, d asked the other way round and on a wider scale."""
    table = panel(seed, clusters=12, rows=14)
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(4, len(table)))
    return table.assign(
        a=table["y"] + noise[0],
        b=table["y"] + noise[1],
        c=table["y"] + noise[2],
        d=10.0 - 3.0 * (table["y"] + noise[3]),
    )


INNER = outcome("inner", function="mean", items=(Item(name="c"), Item(name="d", sign=-1)))
INDEX = outcome(
    "y", function="index", unit="SD", items=(Item(name="a"), Item(name="b"), Item(name="inner"))
)


def test_reliabilities_by_arm_and_round_over_people_with_every_item():
    table = questions_of_one_trait(1)
    table.loc[table.index[::17], "b"] = np.nan
    inner = dataclasses.replace(INNER, items=(Item(name="b"), *INNER.items))
    index = dataclasses.replace(INDEX, items=(Item(name="a"), Item(name="inner")))
    said = diagnostics(measurement(trial(table, KIND, outcomes=(index, inner))))
    base = table[(table["arm"] == "comparison") & (table["round"] == "baseline")]
    items = table[["a", "b", "c", "d"]] * [1, 1, 1, -1] / base[["a", "b", "c", "d"]].std(ddof=0)
    for arm in ("treated", "comparison"):
        for round_id in ("baseline", "endline"):
            rows = items[(table["arm"] == arm) & (table["round"] == round_id)].dropna()
            total = rows.sum(axis=1).var()
            expected = 4 / 3 * (1 - rows.var().sum() / total)
            sample = f"{arm}:{round_id}"
            assert said[sample, "alpha"] == pytest.approx(expected, abs=ROUNDING)
            own = (table["arm"] == arm) & (table["round"] == round_id)
            three = items.loc[own, ["b", "c", "d"]].dropna()
            r = three.var().sum() / three.sum(axis=1).var()
            assert said[sample, "alpha:inner"] == pytest.approx(1.5 * (1 - r), abs=ROUNDING)
            factor = omega(rows.cov().to_numpy())
            assert said[sample, "omega"] == pytest.approx(factor, abs=ROUNDING)


def test_an_item_stands_once_with_the_rest_of_the_whole_index():
    """Item c is in the inner outcome too: its rest is a, b and d, not d alone."""
    table = questions_of_one_trait(1)
    rows = [
        r
        for r in measurement(trial(table, KIND, outcomes=(INDEX, INNER)))
        if (r.sample.text(), getattr(r, "name", "")) == ("treated:endline", "rest:c")
    ]
    own = table[(table["arm"] == "treated") & (table["round"] == "endline")]
    base = table[(table["arm"] == "comparison") & (table["round"] == "baseline")]
    items = own[["a", "b", "c", "d"]] * [1, 1, 1, -1] / base[["a", "b", "c", "d"]].std(ddof=0)
    expected = items["c"].corr(items[["a", "b", "d"]].sum(axis=1))
    assert [r.value for r in rows] == pytest.approx([expected], abs=ROUNDING)


def test_items_in_sd_in_the_direction_of_the_outcome():
    table = questions_of_one_trait(2)
    found = estimates(measurement(trial(table, KIND, outcomes=(INDEX, INNER))))
    assert {s for s, _ in found} == {"item:a", "item:b", "item:c", "item:d"}
    base = table[(table["arm"] == "comparison") & (table["round"] == "baseline")]
    w = equal_weights(base)
    for item, sign in (("a", 1), ("d", -1)):
        mean = np.average(base[item], weights=w)
        sd = np.sqrt(np.average((base[item] - mean) ** 2, weights=w))
        row = found[f"item:{item}", "wcr_s"]
        assert row.estimate == pytest.approx(sign * did_by_dummies(table, item) / sd, abs=ROUNDING)
        assert row.estimate_sd == row.estimate
        assert (row.unit, row.outcome) == ("SD", "y")
        assert row.ci_low < row.estimate < row.ci_high


def test_two_questions_have_neither_alpha_nor_omega():
    table = questions_of_one_trait(3)
    pair = (dataclasses.replace(INDEX, items=(Item(name="a"), Item(name="b"))),)
    rows = tuple(measurement(trial(table, KIND, outcomes=pair)))
    assert "fewer than three items" in reasons(rows)["treated:endline", "omega"]
    assert "three questions or more" in reasons(rows)["treated:endline", "alpha"]
    assert ("treated:endline", "rest:a") in diagnostics(rows)


def test_events_and_single_questions_have_no_reliability():
    table = questions_of_one_trait(4)
    events = table.assign(a=(table["a"] > 0) * 1.0, b=(table["b"] > 0) * 1.0)
    any_of = (outcome("y", function="any", items=(Item(name="a"), Item(name="b"))),)
    rows = tuple(measurement(trial(events, KIND, outcomes=any_of)))
    for name in ("alpha", "invariance"):
        told = "the questions are about events that need not occur together"
        assert reasons(rows)["all", name] == told
    assert ("item:b", "cv3") in estimates(rows)
    single = tuple(measurement(trial(table, KIND)))
    assert reasons(single) == dict.fromkeys(
        [("all", "alpha"), ("all", "invariance")], "the outcome is a single question"
    )


def test_dull_items_and_small_cells_are_said():
    table = questions_of_one_trait(5)
    calm = (table["arm"] == "comparison") & (table["round"] == "baseline")
    dull = table.assign(a=table["a"].mask(calm, 1.0), b=1.0)
    rows = tuple(measurement(trial(dull, KIND, outcomes=(INDEX, INNER))))
    assert "does not vary in the comparison group" in reasons(rows)["item:a", "all"]
    assert "same value in every row" in reasons(rows)["item:b", "all"]
    assert "an item does not vary" in reasons(rows)["all", "alpha"]
    strict = dataclasses.replace(STUDY, minimum_cell=10_000)
    few = tuple(measurement(trial(table, KIND, outcomes=(INDEX, INNER), study=strict)))
    assert "answered every item" in reasons(few)["treated:endline", "alpha"]


def test_a_missing_item_column_is_an_error():
    with pytest.raises(EstimationError, match="no column a, b, c, d"):
        tuple(measurement(trial(panel(6), KIND, outcomes=(INDEX, INNER))))


@pytest.mark.property
@pytest.mark.parametrize("unit", [1e-3, 30.0])
def test_reliabilities_know_no_unit(unit):
    """All items in another unit: variances by its square, reliabilities as they were."""
    covariance = np.array([[1.0, 0.4, 0.3], [0.4, 2.0, 0.5], [0.3, 0.5, 1.5]])
    for function in (alpha, omega):
        # omega's iteration stops at 1e-10
        assert function(unit**2 * covariance) == pytest.approx(function(covariance), abs=1e-8)


def test_items_stand_on_the_comparison_groups_scale_at_baseline():
    """Mean zero and SD one there, by definition of the unit."""
    table = questions_of_one_trait(2)
    for row in estimates(measurement(trial(table, KIND, outcomes=(INDEX, INNER)))).values():
        assert (row.baseline_comparison_mean, row.baseline_comparison_sd) == (0.0, 1.0)


@pytest.mark.parametrize(("people", "told"), [(1, True), (2, False)])
def test_one_person_has_no_reliability(people, told):
    """Even where the study publishes cells of one: a covariance needs two people."""
    table = questions_of_one_trait(7)
    cell = (table["arm"] == "treated") & (table["round"] == "endline")
    kept = table.index[cell][:people]
    table.loc[cell & ~table.index.isin(kept), "b"] = np.nan
    single = dataclasses.replace(STUDY, minimum_cell=1)
    three = (dataclasses.replace(INDEX, items=tuple(Item(name=n) for n in "abc")),)
    rows = tuple(measurement(trial(table, KIND, outcomes=three, study=single)))
    reason = reasons(rows).get(("treated:endline", "alpha"), "")
    assert (reason == "1 people answered every item") is told
    assert (("treated:endline", "alpha") in diagnostics(rows)) is not told
    assert ("comparison:endline", "alpha") in diagnostics(rows)
