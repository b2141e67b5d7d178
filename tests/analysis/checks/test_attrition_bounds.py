"""Trimming bounds on changes: by hand, against pyleebounds, by sorting repeated rows."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t

from evaluation.analysis.checks.attrition_bounds import attrition_bounds
from evaluation.errors import EstimationError
from evaluation.estimation.records import Bound
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.sensitivity.attrition_bounds import change_bounds, trimmed_mean
from tests.analysis.checks.small_checks import ROUNDING, case, diagnostics, reasons
from tests.estimation.studies import DID, FACTORIAL, panel


@pytest.mark.truth
def test_pyleebounds():
    """pyleebounds 0.3.0, LeeBounds().fit, same rows: -.01237471697323364, .6005334496126007.

    161 of 200 treated and 120 of 200 others are seen, so that 41 are trimmed, a whole number.
    """
    i = np.arange(400)
    treated = i % 2 == 1
    seen = (i * 37 % 101) / 101 < np.where(treated, 0.8, 0.6)
    change = np.where(seen, np.sin(1.3 * i) + 0.3 * treated, np.nan)
    found = change_bounds(change, np.ones(400), treated)
    assert found.low == pytest.approx(-0.01237471697323364, abs=1e-12)
    assert found.high == pytest.approx(0.6005334496126007, abs=1e-12)
    assert found.mass == pytest.approx(120.0, abs=1e-9)


def bounds_of(treated, comparison, *, lost=(0, 0), weights=None):
    change = [*treated, *[np.nan] * lost[0], *comparison, *[np.nan] * lost[1]]
    own = len(treated) + lost[0]
    return change_bounds(
        np.array(change, dtype=float),
        np.ones(len(change)) if weights is None else np.array(weights, dtype=float),
        np.arange(len(change)) < own,
    )


@pytest.mark.truth
def test_binary_outcome_trimmed_in_part_by_hand():
    """Changes of a 0/1 outcome. Treated: 4 of 4 seen, changes 1, 1, 0, -1. Comparison 3 of 5: 0.

    p = 1 - .6 = .4, that is 1.6 of 4 treated. Lowest 2.4: -1, 0 and .4 of a 1: -.6 / 2.4 = -.25.
    Highest 2.4: 1, 1 and .4 of 0: 2 / 2.4 = 5/6. Comparison mean 0.
    """
    found = bounds_of([1, 1, 0, -1], [0, 0, 0], lost=(0, 2))
    assert (found.low, found.high) == pytest.approx((-0.25, 5.0 / 6.0), abs=ROUNDING)
    assert found.mass == pytest.approx(2.4, abs=ROUNDING)


@pytest.mark.truth
def test_the_comparison_group_is_trimmed_when_it_is_seen_more_often_by_hand():
    """Treated 2 of 4 seen, mean 3; comparison 4 of 4: 0, 1, 2, 5, half trimmed: .5 or 3.5."""
    found = bounds_of([2, 4], [0, 1, 2, 5], lost=(2, 0))
    assert (found.low, found.high) == pytest.approx((-0.5, 2.5), abs=ROUNDING)


def test_equal_shares_give_the_difference_of_means():
    found = bounds_of([2, 4, 9], [0, 1, 5], lost=(1, 1))
    assert (found.low, found.high) == pytest.approx((3.0, 3.0), abs=ROUNDING)


@pytest.mark.property
@given(
    values=st.lists(st.integers(-3, 3), min_size=1, max_size=8),
    times=st.lists(st.integers(1, 4), min_size=8, max_size=8),
    share=st.integers(1, 12),
)
def test_a_weight_is_as_many_rows_and_the_edge_stays_in_part(values, times, share):
    """Every row repeated weight x 12 times, sorted, the first so many averaged."""
    weights = np.array(times[: len(values)], dtype=float)
    repeated = np.sort(np.repeat(values, (12 * weights).astype(int)))
    kept = repeated[: len(repeated) * share // 12]
    found = trimmed_mean(np.array(values, dtype=float), weights, kept=share / 12)
    assert found == pytest.approx(kept.mean(), abs=1e-10)


def test_nobody_seen_in_a_group_is_a_reason():
    with pytest.raises(StepUnavailable, match="no one in one of the groups was interviewed again"):
        bounds_of([], [0, 1], lost=(3, 0))


# ---- the check


def lost(table, seed=0):
    """The panel with some treated respondents not found again."""
    rng = np.random.default_rng(seed)
    first = table[(table["round"] == "baseline") & table["panel_member"]]
    gone = first.loc[
        (first["arm"] == "treated") & (rng.random(len(first)) < 0.4), "respondent"
    ].tolist()
    return table.assign(panel_member=table["panel_member"] & ~table["respondent"].isin(gone))


def twin(table, y="y"):
    """Changes linked by a merge; bounds by repeating the definition on sorted rows."""
    first = table[(table["round"] == "baseline") & table[y].notna()]
    total = first.groupby("village")["weight"].transform("sum")
    first = first.assign(w=first["weight"] / total)
    last = table.loc[(table["round"] == "endline") & table["panel_member"], ["respondent", y]]
    both = first[["respondent", "arm", "w", "panel_member", y]].merge(
        last, on="respondent", how="left", suffixes=("_0", "_1")
    )
    both.loc[~both["panel_member"], f"{y}_1"] = np.nan
    both["change"] = both[f"{y}_1"] - both[f"{y}_0"]
    means, share = {}, {}
    for arm in ("treated", "comparison"):
        rows = both[both["arm"] == arm]
        share[arm] = rows.loc[rows["change"].notna(), "w"].sum() / rows["w"].sum()
    for arm, sign in (("treated", 1.0), ("comparison", -1.0)):
        rows = both[(both["arm"] == arm) & both["change"].notna()]
        goal = rows["w"].sum() * min(share.values()) / share[arm]
        for end in (True, False):
            total, left = 0.0, goal
            for change, w in sorted(zip(rows["change"], rows["w"], strict=True), reverse=not end):
                used = min(w, left)
                total, left = total + used * change, left - used
            means[arm, end] = sign * total / goal
    low = means["treated", True] + means["comparison", False]
    return np.array([low, means["treated", False] + means["comparison", True]]), share


@pytest.mark.parametrize("y", ["y", "z"])
def test_bounds_and_their_jackknife_by_merging(y):
    table = lost(panel(3, rows=14))
    rows = list(attrition_bounds(case(table, "attrition_bounds", y=y)))
    (found,) = [row for row in rows if isinstance(row, Bound)]
    ends, share = twin(table, y)
    assert (found.low, found.high) == pytest.approx(tuple(ends), abs=ROUNDING)
    without = np.array(
        [twin(table[table["village"] != v], y)[0] for v in sorted(table["village"].unique())]
    )
    half = t.ppf(0.975, 11) * np.sqrt(11 / 12 * ((without - ends) ** 2).sum(axis=0))
    assert found.ci_low == pytest.approx(ends[0] - half[0], abs=1e-9)
    assert found.ci_high == pytest.approx(ends[1] + half[1], abs=1e-9)
    assert (
        str(found.ci_kind)
        == "each end with its t(G-1) limit, jackknife; conservative for the range"
    )
    assert (found.sample.text(), found.n_clusters_treated, found.n_clusters_comparison) == (
        "panel:changes",
        6,
        6,
    )
    told = {name: value for (_, name), value in diagnostics(rows).items()}
    assert told == {
        "seen_again_treated": pytest.approx(share["treated"], abs=ROUNDING),
        "seen_again_comparison": pytest.approx(share["comparison"], abs=ROUNDING),
        "trimmed_treated": 0.0,
        "trimmed_comparison": pytest.approx(
            1.0 - share["treated"] / share["comparison"], abs=ROUNDING
        ),
    }


def test_an_empty_id_is_nobodys():
    """Fresh respondents without an id must not be linked with each other."""
    table = lost(panel(3))
    fresh = ~table["panel_member"]
    plain, empty = (
        list(attrition_bounds(case(frame, "attrition_bounds")))
        for frame in (table, table.assign(respondent=table["respondent"].where(~fresh, "")))
    )
    assert plain == empty


def test_other_treatments_are_held_fixed_by_bounding_within_them():
    table = panel(4, clusters=16, rows=14)
    arms = ("neither", "meetings", "leaflets", "both")
    table["arm"] = table["village"].str[1:].astype(int).mod(4).map(dict(enumerate(arms)))
    rng = np.random.default_rng(1)
    ids = sorted(table.loc[table["panel_member"], "respondent"].unique())
    gone = [one for one in ids if rng.random() < 0.3]
    table["panel_member"] &= ~table["respondent"].isin(gone)
    specification = dataclasses.replace(DID, treatment="meetings", adjust_treatments=("leaflets",))
    made = case(table, "attrition_bounds", study=FACTORIAL, specification=specification)
    (found,) = [row for row in attrition_bounds(made) if isinstance(row, Bound)]
    ends, mass = [], []
    for pair in (("meetings", "neither"), ("both", "leaflets")):
        part = table[table["arm"].isin(pair)]
        names = dict(zip(pair, ("treated", "comparison"), strict=True))
        both, share = twin(part.assign(arm=part["arm"].map(names)))
        ends.append(both)
        # four treated villages of weight one in each combination
        mass.append(4.0 * min(share.values()))
    expected = np.array(mass) @ np.array(ends) / sum(mass)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=ROUNDING)


def test_an_interval_needs_bounds_without_each_village():
    """Of the comparison villages only v07 has panel members."""
    table = lost(panel(3))
    inside = (table["arm"] == "treated") | (table["village"] == "v07")
    table["panel_member"] &= inside
    rows = list(attrition_bounds(case(table, "attrition_bounds")))
    (found,) = [row for row in rows if isinstance(row, Bound)]
    assert (found.ci_low, found.ci_high, str(found.ci_kind)) == (found.low, found.high, "none")
    no_bounds = "there are no bounds without some of the 12 clusters, one at a time"
    assert reasons(rows) == {("panel:changes", "cv3"): no_bounds}


def test_without_a_panel_there_is_nothing_to_bound():
    with pytest.raises(StepUnavailable, match="no one was interviewed again"):
        list(attrition_bounds(case(panel(3).assign(panel_member=False), "attrition_bounds")))


def test_an_outcome_that_no_member_has_twice_is_a_reason():
    table = panel(3)
    twice = table["panel_member"] & (table["round"] == "endline")
    with pytest.raises(StepUnavailable, match="no one has the outcome in both rounds"):
        list(attrition_bounds(case(table.assign(y=table["y"].mask(twice)), "attrition_bounds")))


def test_rounds_without_linked_respondents_are_an_error():
    table = panel(3).drop(columns=["panel_member"])
    with pytest.raises(EstimationError, match="no column panel_member"):
        list(attrition_bounds(case(table, "attrition_bounds")))


def test_nobody_is_left_out_for_an_effect_of_the_specification_that_is_missing():
    """Bounds compare changes alone: a region that every third row lacks is not asked for."""
    table = lost(panel(3))
    table["region"] = table["region"].where(np.arange(len(table)) % 3 > 0)
    plain, within = (
        list(attrition_bounds(case(table, "attrition_bounds", specification=given)))
        for given in (DID, dataclasses.replace(DID, effects=("region",)))
    )
    assert within == plain
