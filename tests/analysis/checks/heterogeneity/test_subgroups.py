"""Subgroups: regressions of their own, traits as they were known, and the correction."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.checks.subgroups import _trait, adjusted, subgroup
from evaluation.config.plan import Group
from evaluation.errors import EstimationError
from evaluation.estimation.row_keys import parse
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    check,
    diagnostics,
    estimates,
    numbers,
    primary,
    reasons,
    villages,
)
from tests.estimation.studies import DID, FACTORIAL, STUDY, TEXT, panel, preregistration

SMALL = dataclasses.replace(STUDY, minimum_clusters=2, minimum_cell=1)


def _group(name, *values, **ends):
    return Group(id=name, label=TEXT, values=values, **ends)


WOMEN, MEN = _group("women", "1"), _group("men", "0")


def _sexes(table, seed=8):
    return table.assign(sex=np.random.default_rng(seed).integers(0, 2, len(table)).astype(float))


def _case(table, groups=(WOMEN, MEN), known="before the programme", variable="sex", **keys):
    return case(table, "subgroup", variables=(variable,), groups=tuple(groups), known=known, **keys)


@pytest.mark.truth
def test_worked_by_hand():
    """Women change by 3, 1 (treated) and 1, 2: effect .5. Men by 4, 4 and 1, 0: effect 3.5."""
    women = villages({"t1": 3.0, "t2": 1.0, "c1": 1.0, "c2": 2.0}).assign(sex=1.0)
    men = villages({"t1": 4.0, "t2": 4.0, "c1": 1.0, "c2": 0.0}).assign(sex=0.0)
    men["respondent"] += "m"
    table = women.merge(men, how="outer")
    found = estimates(subgroup(_case(table, study=SMALL)))
    assert found["women", "cv3"].estimate == pytest.approx(0.5, abs=ROUNDING)
    assert found["men", "cv3"].estimate == pytest.approx(3.5, abs=ROUNDING)
    record = found["difference:women-men", "cv3"]
    assert record.estimate == pytest.approx(-3.0, abs=ROUNDING)
    # Women less men without a village: -4 or -2 (t1, t2: women -.5, 1.5, men 3.5 each), and
    # women 0, 1 less men 4, 3 (c1, c2): -4, -2. Squared deviations from -3 are 1, 1, 1, 1.
    assert record.std_error == pytest.approx((3 / 4 * 4) ** 0.5, abs=ROUNDING)
    assert (record.n, record.n_clusters_treated, record.n_clusters_comparison) == (32, 2, 2)


def test_a_group_without_the_event_at_baseline_does_not_stop_the_others():
    """No comparison woman had it at baseline: her effect in points alone."""
    women = villages({"t1": 1.0, "t2": 3.0, "c1": 1.0, "c2": 2.0}).assign(sex=1.0)
    men = villages({"t1": 4.0, "t2": 4.0, "c1": 1.0, "c2": 0.0}).assign(sex=0.0)
    men["respondent"] += "m"
    table = women.merge(men, how="outer")
    silent = (table["sex"] == 1.0) & (table["arm"] == "comparison") & (table["round"] == "baseline")
    rows = subgroup(_case(table.assign(y=table["y"].mask(silent, 0.0)), study=SMALL))
    found = estimates(rows)
    assert np.isnan(found["women", "cv3"].estimate_sd)
    assert found["women", "cv3"].baseline_comparison_sd == 0.0
    for sample in ("men", "difference:women-men"):
        record = found[sample, "cv3"]
        assert record.estimate_sd == record.estimate / record.baseline_comparison_sd
    apart = found["women", "cv3"].estimate - found["men", "cv3"].estimate
    assert found["difference:women-men", "cv3"].estimate == pytest.approx(apart, abs=ROUNDING)


def test_each_group_is_the_primary_regression_on_its_rows():
    table = _sexes(panel(2))
    found = estimates(subgroup(_case(table)))
    for name, code in (("women", 1.0), ("men", 0.0)):
        alone = primary(_case(table[table["sex"] == code]))
        for step in ("wcr_s", "cv3"):
            assert numbers(found[name, step]) == pytest.approx(numbers(alone[step]), abs=ROUNDING)
    apart = found["women", "cv3"].estimate - found["men", "cv3"].estimate
    assert found["difference:women-men", "wcr_s"].estimate == pytest.approx(apart, abs=ROUNDING)


def test_a_single_group_is_set_against_everybody_else_with_a_known_trait():
    table = _sexes(panel(2))
    table.loc[:5, "sex"] = np.nan
    rows = subgroup(_case(table, groups=(WOMEN,)))
    both = estimates(subgroup(_case(table)))
    found = estimates(rows)
    assert set(found) == {
        (name, step) for name in ("women", "difference:women-others") for step in ("wcr_s", "cv3")
    }
    record, same = (
        r["difference:women-" + n, "wcr_s"] for r, n in ((found, "others"), (both, "men"))
    )
    assert numbers(record) == pytest.approx(numbers(same), abs=ROUNDING)
    assert diagnostics(rows)["all", "interviews_without_trait"] == 6


def test_three_groups_are_set_against_the_first_and_tested_together():
    table = panel(2, rows=20)
    ages = (_group("young", high=39), _group("middle", low=40, high=59), _group("old", low=60))
    rows = subgroup(_case(table, groups=ages, variable="age"))
    found = estimates(rows)
    assert {sample for sample, _ in found} == {
        "young", "middle", "old", "difference:middle-young", "difference:old-young",
    }  # fmt: skip
    for name in ("middle", "old"):
        apart = found[name, "cv3"].estimate - found["young", "cv3"].estimate
        record = found[f"difference:{name}-young", "cv3"]
        assert record.estimate == pytest.approx(apart, abs=ROUNDING)
    assert 0.0 < diagnostics(rows)["joint", "joint_p"] < 1.0
    expected = primary(_case(table[table["age"].between(40, 59)]))["cv3"]
    assert numbers(found["middle", "cv3"]) == pytest.approx(numbers(expected), abs=ROUNDING)


def test_panel_members_keep_the_value_of_the_first_round():
    """Everybody's endline answer is turned round: members are placed by the baseline's."""
    table = _sexes(panel(2))
    first = table[table["round"] == "baseline"].set_index("respondent")["sex"]
    right = table["sex"].where(~table["panel_member"], table["respondent"].map(first))
    expected = estimates(subgroup(_case(table.assign(sex=right))))
    endline = table["panel_member"] & (table["round"] == "endline")
    turned = table.assign(sex=right.where(~endline, 1.0 - right))
    found = estimates(subgroup(_case(turned, known="panel baseline")))
    taken = estimates(subgroup(_case(turned, known="descriptive")))
    for key, record in expected.items():
        assert numbers(found[key]) == pytest.approx(numbers(record), abs=ROUNDING)
    assert taken["women", "cv3"].estimate != pytest.approx(
        expected["women", "cv3"].estimate, abs=1e-3
    )


def test_clusters_without_the_group_are_counted():
    table = _sexes(panel(2))
    table.loc[table["village"].isin(["v00", "v07"]), "sex"] = 0.0
    rows = subgroup(_case(table))
    beside = diagnostics(rows)
    assert beside["women", "clusters_without_group"] == 2
    assert beside["men", "clusters_without_group"] == 0
    assert estimates(rows)["women", "cv3"].n_clusters_treated == 5


def test_a_trait_of_whole_clusters():
    table = panel(2)
    table["side"] = np.where(table["village"].str[1:].astype(int) % 2, "west", "east")
    found = estimates(
        subgroup(_case(table, groups=(_group("w", "west"), _group("e", "east")), variable="side"))
    )
    expected = primary(_case(table[table["side"] == "west"], variable="side"))["cv3"]
    assert numbers(found["w", "cv3"]) == pytest.approx(numbers(expected), abs=ROUNDING)
    assert found["difference:w-e", "cv3"].df == 11


def test_four_arms_keep_the_other_treatment_fixed():
    table = _sexes(panel(2, clusters=16))
    number = table["village"].str[1:].astype(int) % 4
    table["arm"] = number.map({0: "neither", 1: "meetings", 2: "leaflets", 3: "both"})
    keys = {
        "study": FACTORIAL,
        "specification": dataclasses.replace(
            DID, treatment="meetings", adjust_treatments=("leaflets",), estimand="respondents"
        ),
    }
    found = estimates(subgroup(_case(table, **keys)))
    expected = primary(_case(table[table["sex"] == 1], **keys))["wcr_s"]
    assert numbers(found["women", "wcr_s"]) == pytest.approx(numbers(expected), abs=ROUNDING)


@pytest.mark.parametrize(
    ("kept", "problem"),
    [
        (("v00", "v01", "v07", "v08", "v09"), "fewer than 3 treated and 3 comparison clusters"),
        (("v00", "v01", "v02", "v08", "v09"), "3 treated and fewer than 3 comparison clusters"),
        (("v00", "v08", "v09"), "1 treated clusters"),
    ],
)
def test_too_few_clusters_of_a_group(kept, problem):
    table = _sexes(panel(2))
    table.loc[~table["village"].isin(kept), "sex"] = 0.0
    found = reasons(subgroup(_case(table)))
    assert problem in found["women", "all"]
    assert found["difference:women-men", "all"] == "no effect for women"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"variable": "nowhere"}, "no column nowhere"),
        ({"groups": (WOMEN, _group("other", "7"))}, "no row has the value 7"),
        ({"groups": (WOMEN, _group("also", "1"))}, "in two groups"),
        ({"variable": "region", "groups": (_group("old", low=60),)}, "not numeric"),
        ({"variable": "age", "groups": (_group("old", low=200),)}, "no row lies within"),
    ],
)
def test_mistakes_of_the_plan(change, problem):
    with pytest.raises(EstimationError, match=problem):
        subgroup(_case(_sexes(panel(2)), **change))


def test_panel_baseline_needs_to_know_who_is_a_member():
    table = _sexes(panel(2)).drop(columns="panel_member")
    with pytest.raises(EstimationError, match="no column panel_member"):
        subgroup(_case(table, known="panel baseline"))


def _rows_with(values):
    """Difference rows of one subgroup check with given p-values."""
    record = estimates(subgroup(_case(_sexes(panel(2)))))["difference:women-men", "wcr_s"]
    return [dataclasses.replace(record, **each) for each in values]


@pytest.mark.truth
def test_correction_by_hand():
    """p = .01, .02, .03, .5 of one outcome: step-up .03/3 x 4 = .04 for three, .5 for the last.

    The second outcome is corrected by itself; effects within groups, other steps and other kinds
    of checks are left alone, though their p is smaller.
    """
    plan = dataclasses.replace(
        preregistration().plan,
        check=(check("subgroup"), dataclasses.replace(check("subgroup"), id="age")),
    )
    rows = _rows_with(
        [
            {"p_value": 0.03},
            {"p_value": 0.01, "specification": "age", "sample": parse("difference:old-young")},
            {"p_value": 0.001, "sample": parse("women"), "p_adjusted": 0.001},
            {"p_value": 0.02},
            {"p_value": 0.001, "step": "cv3", "p_adjusted": 0.001},
            {"p_value": 0.5, "specification": "age"},
            {"p_value": 0.001, "specification": "by_cohorts", "p_adjusted": 0.001},
            {"p_value": 0.04, "outcome": "z"},
        ]
    )
    found = adjusted(rows, plan)
    expected = [0.04, 0.04, 0.001, 0.04, 0.001, 0.5, 0.001, 0.04]
    assert [r.p_adjusted for r in found] == pytest.approx(expected, abs=1e-12)
    corrected = [r.adjustment == "benjamini_hochberg" for r in found]
    assert corrected == [True, True, False, True, False, True, False, True]
    same = [
        dataclasses.replace(r, p_adjusted=b.p_adjusted, adjustment=b.adjustment)
        for r, b in zip(found, rows, strict=True)
    ]
    assert same == rows


@pytest.mark.truth
def test_a_trait_added_after_the_lock_cannot_move_the_locked_rows():
    """Locked p = .01 and .04: .02 and .04 whatever is added; the added .9 over three: .9."""
    plan = dataclasses.replace(preregistration().plan, check=(check("subgroup"),))
    rows = _rows_with(
        [{"p_value": 0.01}, {"p_value": 0.9, "status": "deviation"}, {"p_value": 0.04}]
    )
    found = [row.p_adjusted for row in adjusted(rows, plan)]
    assert found == pytest.approx([0.02, 0.9, 0.04], abs=1e-12)


def test_nothing_to_correct():
    assert adjusted((), preregistration().plan) == ()


def test_the_population_weights_of_a_group_are_its_clusters_populations():
    table = _sexes(panel(2))
    keys = {"specification": dataclasses.replace(DID, estimand="population")}
    found = estimates(subgroup(_case(table, **keys)))["men", "cv3"]
    made = _case(table[table["sex"] == 0.0], **keys)
    expected = made.linear(made.primary_design(), wanted=("cv3",))[0]
    assert numbers(found) == pytest.approx(numbers(expected), abs=ROUNDING)


@pytest.mark.parametrize("gone", ["sex", "panel_member", "respondent"])
def test_a_trait_of_the_baseline_needs_its_own_column_and_the_panels(gone):
    """Named is the column that is not there, the trait before the panel's."""
    made = _case(_sexes(panel(4)), known="panel baseline")
    table = made.frames.panel.drop(columns=gone)
    lacking = dataclasses.replace(made, frames=dataclasses.replace(made.frames, panel=table))
    with pytest.raises(EstimationError) as raised:
        subgroup(lacking)
    assert str(raised.value.problem) == f"the panel has no column {gone}"
    assert raised.value.where == "variable sex"
    assert raised.value.rule == "subgroup"


def test_the_first_answer_of_a_member_who_is_twice_at_baseline_is_the_trait():
    """One member a second time in the same round, with the other answer: the first one counts."""
    table = _sexes(panel(2))
    first = table["panel_member"] & (table["round"] == "baseline")
    row = table[first].iloc[[0]]
    again = row.assign(sex=1.0 - row["sex"])
    twice = pd.concat([table, again], ignore_index=True)
    once, both = (
        _trait(_case(rows, known="panel baseline")).to_numpy(float) for rows in (table, twice)
    )
    assert both[:-1] == pytest.approx(once, nan_ok=True)
    assert both[-1] == row["sex"].item()
