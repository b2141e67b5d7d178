"""Don't know and refused: rates by hand, and bounds against every way of filling the gaps."""

import dataclasses
import itertools

import numpy as np
import pytest

from evaluation.analysis.checks.nonresponse import CI_ENDS, ENDLESS, nonresponse
from evaluation.config.dictionary import Code, CodeList, Dictionary, Variable
from evaluation.config.plan import Item
from evaluation.data.cleaning.alternative_outcomes import extremes
from evaluation.estimation.records import Level
from tests.analysis.checks.outcome_checks import (
    ROUNDING,
    bounds,
    did_by_dummies,
    estimates,
    people,
    reasons,
    trial,
    weighted,
)
from tests.estimation.studies import DID, FACTORIAL, STUDY, TEXT, outcome, panel

KIND = "nonresponse"
NAN = float("nan")


ANSWERS = CodeList(
    id="answers", values=tuple(Code(code=str(v), value=v, en="x", es="x") for v in range(1, 6))
)


def looked(table, kind, *, outcomes, codes="answers", **keys):
    """The check, its panel with the extremes of items that go from 1 to 5."""
    case = trial(table, kind, outcomes=outcomes, **keys)
    items = {item.name for one in outcomes for item in one.items}
    variables = {
        name: Variable(
            name=name,
            type="ordinal" if codes else "count",
            label=TEXT,
            raw={"baseline": name, "endline": name},
            personal="none",
            source="test",
            codes=codes,
        )
        for name in items
    }
    dictionary = Dictionary(modules=(), variables=variables, codes={"answers": ANSWERS})
    study = keys.get("study", STUDY)
    check = dataclasses.replace(case.check, outcomes=tuple(one.id for one in outcomes))
    ends = extremes(table, check, plan=case.plan, study=study, dictionary=dictionary)
    frames = dataclasses.replace(case.frames, panel=table.assign(**ends))
    return dataclasses.replace(case, frames=frames)


def gaps(seed, share=0.06, **size):
    """Outcome y with gaps, each a don't know, a refusal or, seldom, a question not asked."""
    table = panel(seed, **size)
    rng = np.random.default_rng(seed + 50)
    kind = rng.choice(
        ["", "dont_know", "refused", "not_asked"],
        len(table),
        p=[1 - share, share / 2, share / 4, share / 4],
    )
    kind = kind.astype(object)
    kind[kind == ""] = None
    y = np.clip(np.round(table["y"] + 3.0), 1.0, 5.0)
    return table.assign(item=y.where(kind == None), item__missing=kind)  # noqa: E711


def scored(table):
    """An outcome that is the item itself."""
    return table.assign(y=table["item"])


ITEM = (outcome("y", items=(Item(name="item"),)),)


@pytest.mark.parametrize("kind", ["dont_know", "refused"])
def test_rates_are_the_difference_in_differences_of_indicators(kind):
    table = scored(gaps(1, share=0.3))
    row = estimates(nonresponse(looked(table, KIND, outcomes=ITEM)))[f"rate:{kind}", "wcr_s"]
    asked = table[table["item__missing"] != "not_asked"]
    asked = asked.assign(rate=100.0 * (asked["item__missing"] == kind))
    assert row.estimate == pytest.approx(did_by_dummies(asked, "rate"), abs=1e-9)
    assert row.unit == "percentage points"
    assert row.outcome == "y"
    assert row.n == len(asked) < len(table)


def test_the_share_that_silence_could_change_leaves_out_who_was_never_asked():
    table = scored(gaps(2, share=0.3))
    rows = tuple(nonresponse(looked(table, KIND, outcomes=ITEM)))
    row = estimates(rows)["silent", "cv3"]
    asked = table[table["item__missing"] != "not_asked"]
    asked = asked.assign(rate=100.0 * asked["y"].isna())
    assert row.estimate == pytest.approx(did_by_dummies(asked, "rate"), abs=1e-9)
    found = {(x.arm, x.round): x.mean for x in rows if isinstance(x, Level)}
    change = {a: found[a, "endline"] - found[a, "baseline"] for a in ("treated", "comparison")}
    # levels by the weights of the estimate: their double difference is the estimate
    assert change["treated"] - change["comparison"] == pytest.approx(row.estimate, abs=1e-9)


@pytest.mark.truth
def test_a_rate_is_a_share_of_the_questions_asked_by_hand():
    """t1 at endline: one of two questions unknown, one of one (the other not asked), none of two.

    50, 100 and 0 percent: 50 on average. Everywhere else one of eight people left one of two
    open, 50/8 = 6.25, or nobody did; the double difference is (50 - 0)/2 - (6.25/2 - 0).
    """
    cells = {(v, r): [1.0, 2.0] for v in ("c1", "c2", "t1", "t2") for r in DID.contrast}
    cells["c1", "endline"] = [1.0] * 8
    cells["t1", "endline"] = [1.0] * 3
    table = people(cells).assign(a=1.0, b=2.0, a__missing=None, b__missing=None)
    at = {(v, r): table.index[(table["village"] == v) & (table["round"] == r)] for v, r in cells}
    first, second, third = at["t1", "endline"]
    table["a__missing"] = table["a__missing"].astype(object)
    table["b__missing"] = table["b__missing"].astype(object)
    table.loc[first, ["a", "a__missing"]] = [NAN, "dont_know"]
    table.loc[second, ["a", "a__missing"]] = [NAN, "dont_know"]
    table.loc[second, ["b", "b__missing"]] = [NAN, "not_asked"]
    table.loc[at["c1", "endline"][0], ["b", "b__missing"]] = [NAN, "dont_know"]
    table.loc[at["c2", "baseline"][0], ["b", "b__missing"]] = [NAN, "dont_know"]
    both = (outcome("y", function="mean", items=(Item(name="a"), Item(name="b"))),)
    rows = estimates(nonresponse(looked(table, KIND, outcomes=both)))
    # c2 at baseline: 50/2 = 25 on average there
    expected = (50.0 - 0.0) / 2.0 - (6.25 / 2.0 - 25.0 / 2.0)
    assert rows["rate:dont_know", "cv3"].estimate == pytest.approx(expected, abs=1e-9)
    assert third not in (first, second)


def test_bounds_are_the_extremes_of_every_way_to_fill_the_gaps():
    """All 2^m ways of putting the lowest or highest answer for the m silent, by dummies."""
    table = scored(gaps(3, share=0.04, clusters=8, rows=6))
    silent = table["item__missing"].isin(["dont_know", "refused"]).to_numpy()
    asked = table[table["item__missing"] != "not_asked"].reset_index(drop=True)
    gone = np.flatnonzero(asked["y"].isna())
    assert 2 <= len(gone) <= 8
    assert silent.sum() == len(gone)
    found = []
    for values in itertools.product((1.0, 5.0), repeat=len(gone)):
        filled = asked["y"].to_numpy(copy=True)
        filled[gone] = values
        found.append(did_by_dummies(asked.assign(y=filled)))
    row = bounds(nonresponse(looked(table, KIND, outcomes=ITEM)))["worst_case"]
    assert row.low == pytest.approx(min(found), abs=ROUNDING)
    assert row.high == pytest.approx(max(found), abs=ROUNDING)
    assert row.low < row.high
    assert row.n == len(asked)


def test_bounds_with_four_arms_are_extremes_too():
    table = scored(gaps(4, share=0.03, clusters=8, rows=6))
    arms = ("both", "meetings", "leaflets", "neither")
    table = table.assign(arm=[arms[int(v[1:]) % 4] for v in table["village"]])
    specification = dataclasses.replace(
        DID,
        treatment="meetings",
        adjust_treatments=("leaflets",),
        estimand="respondents",
        weights="none",
    )
    asked = table[table["item__missing"] != "not_asked"].reset_index(drop=True)
    gone = np.flatnonzero(asked["y"].isna())
    assert 2 <= len(gone) <= 7
    post = (asked["round"] == "endline").to_numpy(dtype=float)
    villages = (asked["village"].to_numpy()[:, None] == np.unique(asked["village"])).astype(float)
    one, two = (asked["arm"].isin([t, "both"]).to_numpy() * post for t in ("meetings", "leaflets"))
    X = np.column_stack([one, post, two, villages])
    found = []
    for values in itertools.product((1.0, 5.0), repeat=len(gone)):
        filled = asked["y"].to_numpy(copy=True)
        filled[gone] = values
        found.append(weighted(X, filled, np.ones(len(X)))[0])
    case = looked(table, KIND, study=FACTORIAL, specification=specification, outcomes=ITEM)
    row = bounds(nonresponse(case))["worst_case"]
    assert row.low == pytest.approx(min(found), abs=ROUNDING)
    assert row.high == pytest.approx(max(found), abs=ROUNDING)


def test_the_interval_goes_from_the_lower_ends_limit_to_the_upper_ends():
    table = scored(gaps(5))
    case = looked(table, KIND, outcomes=ITEM)
    row = bounds(nonresponse(case))["worst_case"]
    w_low = row.low - row.ci_low
    assert row.ci_kind == CI_ENDS
    assert w_low > 0.0
    assert row.ci_high > row.high
    primary = estimates(case.linear(case.primary_design()))["all", "wcr_s"]
    assert row.ci_low < primary.ci_low
    assert row.ci_high > primary.ci_high


def test_without_gaps_the_bounds_are_the_estimate():
    table = panel(6).assign(item__missing=None)
    table = table.assign(item=table["y"])
    case = looked(table, KIND, outcomes=ITEM)
    rows = tuple(nonresponse(case))
    primary = estimates(case.linear(case.primary_design()))["all", "wcr_s"]
    row = bounds(rows)["worst_case"]
    assert (row.low, row.high) == (primary.estimate, primary.estimate)
    assert (row.ci_low, row.ci_high) == (primary.ci_low, primary.ci_high)
    for sample in ("rate:dont_know", "rate:refused", "silent"):
        assert reasons(rows)[sample, "all"] == "it happened to no one"


def test_a_question_without_a_largest_answer_has_no_worst_case():
    table = scored(gaps(7))
    count = (outcome("y", unit="count", items=(Item(name="item"),)),)
    rows = tuple(nonresponse(looked(table, KIND, outcomes=count, codes=None)))
    assert reasons(rows)["worst_case", "worst_case"] == str(ENDLESS)
    # who was silent is known all the same
    assert ("silent", "cv3") in estimates(rows)


def test_a_silence_that_only_the_treated_kept_has_no_scale():
    """Nobody of the comparison group lacked a score at baseline: points, no standard deviations."""
    table = gaps(8, share=0.4)
    kind = table["item__missing"].where(
        (table["arm"] == "treated") | (table["round"] == "endline"), None
    )
    kind = kind.where(kind != "not_asked", None)
    y = np.round(table["item"].fillna(2.0)).where(kind.isna())
    rows = tuple(
        nonresponse(looked(table.assign(item=y, y=y, item__missing=kind), KIND, outcomes=ITEM))
    )
    found = estimates(rows)["silent", "cv3"]
    silent = table.assign(y=100.0 * kind.notna())
    assert found.estimate == pytest.approx(did_by_dummies(silent), abs=ROUNDING)
    assert np.isnan(found.estimate_sd)
    assert found.baseline_comparison_sd == 0.0


def test_a_step_that_cannot_be_had_leaves_no_bound():
    table = scored(gaps(9))
    odd = np.where(table["village"] == "v03", np.random.default_rng(1).normal(size=len(table)), 0.0)
    specification = dataclasses.replace(DID, covariates=("odd",))
    case = looked(table.assign(odd=odd), KIND, specification=specification, outcomes=ITEM)
    rows = tuple(nonresponse(case))
    assert "without 1 of 12 clusters, one at a time" in reasons(rows)["worst_case", "wcr_s"]
    assert bounds(rows) == {}


def test_a_silence_of_everybody_has_no_difference():
    """All refused: a rate of 100 percent in every row."""
    table = panel(10).assign(item=NAN, item__missing="refused")
    rows = tuple(nonresponse(looked(table, KIND, outcomes=ITEM)))
    told = reasons(rows)
    assert told["rate:refused", "all"] == "the outcome has the same value in every row"
    assert told["rate:dont_know", "all"] == "it happened to no one"
    same = "the outcome has the same value in every row"
    assert told["silent", "all"] == told["worst_case", "worst_case"] == same


def test_an_item_without_a_column_of_reasons_counts_as_answered():
    table = scored(gaps(11, share=0.3))
    both = (outcome("y", function="mean", items=(Item(name="item"), Item(name="age"))),)
    one = estimates(nonresponse(looked(table, KIND, outcomes=ITEM)))["rate:refused", "cv3"]
    asked = table[table["item__missing"] != "not_asked"]
    rows = estimates(nonresponse(looked(table, KIND, outcomes=both)))
    # of two questions asked, or of one where the other was not asked, which is no silence
    rate = 100.0 * (table["item__missing"] == "refused") / 2.0
    expected = did_by_dummies(table.assign(rate=rate), "rate")
    assert rows["rate:refused", "cv3"].estimate == pytest.approx(expected, abs=1e-9)
    assert rows["rate:refused", "cv3"].n == len(table)
    assert one.n == len(asked)


def test_bounds_by_a_primary_step_with_an_interval_of_its_own():
    """Without gaps, the jackknife's own interval around its estimate."""
    table = panel(6).assign(item__missing=None)
    case = looked(table.assign(item=table["y"]), KIND, outcomes=ITEM)
    inference = dataclasses.replace(case.plan.inference, primary_step="cv3")
    case = dataclasses.replace(case, plan=dataclasses.replace(case.plan, inference=inference))
    primary = estimates(case.linear(case.primary_design()))["all", "cv3"]
    row = bounds(nonresponse(case))["worst_case"]
    assert (row.ci_low, row.ci_high) == (primary.ci_low, primary.ci_high)
