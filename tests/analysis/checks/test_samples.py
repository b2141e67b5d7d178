"""The primary estimate on fewer rows: the same as that of a study which never had the others."""

import dataclasses
import datetime

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.checks.exposure import leave_exposed
from evaluation.analysis.checks.leave_out import before_date, leave_one_out
from evaluation.errors import EstimationError
from evaluation.estimation.records import Unavailable
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    diagnostics,
    estimates,
    numbers,
    primary,
    published,
    reasons,
    villages,
)
from tests.estimation.studies import COLUMNS, STUDY, panel

LONG_AFTER = datetime.date(2030, 1, 1)
UNCHANGED = (
    "it leaves nobody out and changes no answer, weight or comparison: its rows are those of the "
    "primary estimate"
)
DATED = dataclasses.replace(STUDY, columns=dataclasses.replace(COLUMNS, date="asked_on"))
# Publish whatever they have, for studies small enough to be worked by hand.
ONE = dataclasses.replace(STUDY, minimum_clusters=1, minimum_cell=1)
DATED_ONE = dataclasses.replace(DATED, minimum_clusters=1, minimum_cell=1)


def by_place():
    """Places A, B, C with treated changes 3, 1, 5 and comparison changes 1, 2, 3."""
    table = villages({"tA": 3.0, "tB": 1.0, "tC": 5.0, "cA": 1.0, "cB": 2.0, "cC": 3.0})
    return table.assign(place=table["village"].str[1])


def test_a_value_known_for_some_rows_of_a_village_only_is_refused():
    table = by_place()
    table.loc[0, "place"] = None
    with pytest.raises(EstimationError, match="place differs within 1 clusters"):
        leave_one_out(case(table, "leave_one_out", variables=("place",)))


@pytest.mark.truth
def test_leave_one_out_by_hand():
    """Changes as in `by_place`: whole 3 - 2 = 1; without A 3 - 2.5, B 4 - 2, C 2 - 1.5."""
    rows = leave_one_out(case(by_place(), "leave_one_out", study=ONE, variables=("place",)))
    found = {sample: r.estimate for (sample, step), r in estimates(rows).items() if step == "cv3"}
    assert found == pytest.approx(
        {"without:A": 0.5, "without:B": 2.0, "without:C": 0.5}, abs=ROUNDING
    )
    named = diagnostics(rows)
    # of 0.5, 0.5 and 2: the third quartile lies half way from the second to the third
    assert named["all", "leave_one_out_q1"] == pytest.approx(0.5, abs=ROUNDING)
    assert named["all", "leave_one_out_median"] == pytest.approx(0.5, abs=ROUNDING)
    assert named["all", "leave_one_out_q3"] == pytest.approx(1.25, abs=ROUNDING)
    assert not {name for _, name in named if name.endswith(("_min", "_max"))}
    assert named["all", "leave_one_out_sign_changes"] == 0
    assert named["all", "leave_one_out_not_available"] == 0


@pytest.mark.truth
def test_sign_changes_and_values_that_cannot_be_left_out():
    """Treated 3 in A, 5 in A, 1 in B; comparison 2, 2, 2. Whole 1; without B 2; without C 1.

    Without A one treated village is left. With a comparison change of 9 in C the whole is
    3 - 13/3 < 0 and without C it is 1: one sign change; without B 4 - 5.5 < 0.
    """
    changes = {"t1A": 3.0, "t2A": 5.0, "t3B": 1.0, "c1A": 2.0, "c2B": 2.0, "c3D": 2.0, "c4C": 2.0}
    for last, sign_changes in ((2.0, 0), (9.0, 1)):
        table = villages(changes | {"c4C": last})
        table = table[table["village"] != "c3D"]
        table = table.assign(place=table["village"].str[2])
        rows = leave_one_out(case(table, "leave_one_out", study=ONE, variables=("place",)))
        absent = reasons(rows)
        # four villages and fewer have too few sign vectors for a test at 5 %
        few = {("without:B", "wcr_s"), ("without:C", "wcr_s")}
        assert set(absent) == {("without:A", "all"), *few}
        assert all("sign vectors" in absent[row] for row in few)
        assert {sample for sample, _ in estimates(rows)} == {"without:B", "without:C"}
        named = diagnostics(rows)
        assert named["all", "leave_one_out_not_available"] == 1
        assert named["all", "leave_one_out_sign_changes"] == sign_changes


def test_villages_without_a_value_are_in_every_row():
    """Comparison villages have no cohort: two rows, each with all six of them."""
    table = panel(2)
    number = table["village"].str[1:].astype(int)
    table = table.assign(cohort=number.mod(2).map({0: "early", 1: "late"}).where(number < 6))
    rows = leave_one_out(case(table, "leave_one_out", variables=("cohort",)))
    found = estimates(rows)
    assert not reasons(rows)
    assert {sample for sample, _ in found} == {"without:early", "without:late"}
    assert {(r.n_clusters_treated, r.n_clusters_comparison) for r in found.values()} == {(3, 6)}


def test_leave_one_out_where_nothing_can_be_left_out():
    table = villages({"t1": 3.0, "t2": 1.0, "c1": 1.0, "c2": 2.0})
    rows = leave_one_out(case(table.assign(place="A"), "leave_one_out", variables=("place",)))
    assert diagnostics(rows) == {("all", "leave_one_out_not_available"): 1}
    assert set(reasons(rows)) == {("without:A", "all")}


def dated(table):
    """Baseline on one day; at endline the i-th interview of a village on the i-th of January."""
    place = table.groupby(["village", "round"]).cumcount() + 1
    day = pd.Timestamp("2023-12-31") + pd.to_timedelta(place, unit="D")
    asked = day.where(table["round"] == "endline", pd.Timestamp("2021-01-05"))
    return table.assign(asked_on=asked)


def test_interviews_on_the_date_and_later_are_left_out():
    table = dated(panel(4))
    made = case(table, "before_date", study=DATED, date=datetime.date(2024, 1, 6))
    rows = before_date(made)
    kept = table[table["asked_on"] < "2024-01-06"]
    expected = primary(case(kept, "before_date", study=DATED))
    found = estimates(rows)
    for step in ("wcr_s", "cv3"):
        assert numbers(found["before:2024-01-06", step]) == pytest.approx(
            numbers(expected[step]), abs=ROUNDING
        )
    gone = table[table["asked_on"] >= "2024-01-06"]["arm"].value_counts()
    assert diagnostics(rows) == {
        ("before:2024-01-06", "interviews_left_out_treated"): gone["treated"],
        ("before:2024-01-06", "interviews_left_out_comparison"): gone["comparison"],
        ("before:2024-01-06", "undated_left_out"): 0,
        ("before:2024-01-06", "clusters_left_out"): 0,
        ("before:2024-01-06", "clusters_with_fewer_interviews"): 12,
    }


@pytest.mark.parametrize(("day", "undated"), [(31, 1), (32, 1), (33, 0)])
def test_undated_interviews_of_the_round_that_reaches_the_date_are_left_out(day, undated):
    """One undated interview in each round: the endline one may be late, the baseline one not.

    The endline is in the field until 1 February, the 32nd day: later dates reach no round.
    """
    table = dated(panel(4))
    ends = [table.index[table["round"] == r][0] for r in ("baseline", "endline")]
    table.loc[ends, "asked_on"] = pd.NaT
    date = datetime.date(2023, 12, 31) + datetime.timedelta(days=day)
    rows = before_date(case(table, "before_date", study=DATED_ONE, date=date))
    assert diagnostics(rows)[f"before:{date}", "undated_left_out"] == undated
    if undated:
        assert estimates(rows)[f"before:{date}", "cv3"].n == len(table) - undated


def test_a_date_after_fieldwork_leaves_nobody_out_and_agrees_with_nothing():
    rows = before_date(case(dated(panel(4)), "before_date", study=DATED, date=LONG_AFTER))
    assert reasons(rows) == {(f"before:{LONG_AFTER}", "all"): UNCHANGED}
    counts = {name: n for (_, name), n in diagnostics(rows).items()}
    assert counts == {
        "interviews_left_out_treated": 0,
        "interviews_left_out_comparison": 0,
        "undated_left_out": 0,
    }


def test_a_rule_that_hits_no_cluster_is_no_check():
    """In no comparison village more than half took part: none is left out."""
    table = panel(4).assign(took_part=0.0)
    rows = leave_exposed(case(table, "leave_exposed", variables=("took_part",), share=0.5))
    assert {str(r.reason) for r in rows if isinstance(r, Unavailable)} == {UNCHANGED}
    assert not estimates(rows)


def test_interviews_of_rounds_outside_the_contrast_are_not_counted():
    later = dataclasses.replace(DATED.round[1], id="later", end=datetime.date(2026, 1, 1))
    study = dataclasses.replace(DATED, round=(*DATED.round, later))
    table = dated(panel(4))
    more = table[table["round"] == "endline"].assign(
        round="later", asked_on=pd.Timestamp("2025-12-01")
    )
    more.iloc[0, more.columns.get_loc("asked_on")] = pd.NaT
    both = pd.concat([table, more], ignore_index=True)
    date = datetime.date(2024, 1, 6)
    assert diagnostics(
        before_date(case(both, "before_date", study=study, date=date))
    ) == diagnostics(before_date(case(table, "before_date", study=DATED, date=date)))


def test_a_village_interviewed_late_only_leaves_the_estimate():
    table = dated(panel(4))
    late = (table["village"] == "v03") & (table["round"] == "endline")
    table.loc[late, "asked_on"] = pd.Timestamp("2024-01-30")
    made = case(table, "before_date", study=DATED_ONE, date=datetime.date(2024, 1, 29))
    rows = before_date(made)
    record = estimates(rows)["before:2024-01-29", "cv3"]
    assert (record.n_clusters_treated, record.n_clusters_comparison) == (5, 6)
    assert record.n == int((table["village"] != "v03").sum())
    assert diagnostics(rows)["before:2024-01-29", "clusters_left_out"] == 1
    assert diagnostics(rows)["before:2024-01-29", "interviews_left_out_treated"] == late.sum()


def test_a_date_before_the_last_round_leaves_nothing():
    rows = before_date(
        case(dated(panel(4)), "before_date", study=DATED, date=datetime.date(2023, 6, 1))
    )
    assert not estimates(rows)
    reason = reasons(rows)["before:2023-06-01", "all"]
    assert reason == "no interviews of round endline are left"
    assert ("before:2023-06-01", "clusters_left_out") not in diagnostics(rows)


def test_a_round_without_any_date_is_said():
    """Every interview that may be late is undated: what is missing is the date, not the outcome."""
    table = dated(panel(4))
    table.loc[table["round"] == "endline", "asked_on"] = pd.NaT
    rows = before_date(case(table, "before_date", study=DATED, date=datetime.date(2024, 1, 6)))
    assert not estimates(rows)
    assert reasons(rows) == {
        ("before:2024-01-06", "all"): "no interview of round endline has a date"
    }


def placed(counts):
    """Villages of a place each, by {place: (treated, comparison)}."""
    changes = {}
    for place, numbers_of in counts.items():
        for group, number in zip("tc", numbers_of, strict=True):
            changes |= {f"{group}{k}{place}": 1.0 + 2.0 * k for k in range(number)}
    table = villages(changes)
    return table.assign(place=table["village"].str[2])


@pytest.mark.parametrize(
    ("counts", "group"), [((3, 2), "comparison"), ((1, 3), "treatment"), ((0, 2), "comparison")]
)
def test_too_few_villages_of_a_group_are_not_left_out(counts, group):
    """Two rows that differ by two villages would give what those two changed."""
    table = placed({"A": (4, 4), "B": counts})
    made = case(table, "leave_one_out", variables=("place",))
    rows = published(made, leave_one_out(made))
    assert ("without:B", "cv3") not in estimates(rows)
    assert reasons(rows)["without:B", "all"] == (
        f"too few clusters left out to publish: fewer than 3 of the {group} group"
    )


def test_no_hidden_value_is_what_the_others_leave():
    """B alone is too small for a row; it is the whole less A, C and D, so A, the next, goes too."""
    table = placed({"A": (3, 3), "B": (3, 2), "C": (4, 4), "D": (4, 4)})
    made = case(table, "leave_one_out", variables=("place",))
    rows = published(made, leave_one_out(made))
    assert {sample for sample, _ in estimates(rows)} == {"without:C", "without:D"}
    told = reasons(rows)
    assert "fewer than 3 of the comparison group" in told["without:B", "all"]
    assert "would reveal another withheld number" in told["without:A", "all"]
    # quartiles over all four would tell of A and B
    assert not diagnostics(rows)
    assert "would reveal another withheld number" in told["all", "all"]


def test_hidden_values_that_are_enough_together_hide_no_other():
    table = placed({"A": (3, 3), "B": (3, 2), "C": (3, 2), "D": (4, 4)})
    made = case(table, "leave_one_out", variables=("place",))
    rows = published(made, leave_one_out(made))
    assert {sample for sample, _ in estimates(rows)} == {"without:A", "without:D"}


@pytest.mark.parametrize(
    ("late", "reason"),
    [
        (("v07", "v08"), "too few clusters left out to publish: fewer than 3"),
        (("v01", "v07"), "too few clusters left out to publish: fewer than 3"),
        (("v01", "v02", "v07"), ""),
    ],
)
def test_late_interviews_of_too_few_villages_are_not_left_out(late, reason):
    """Half a village's interviews come late; the village stays with the other half."""
    table = dated(panel(4))
    place = table.groupby(["village", "round"]).cumcount()
    chosen = table["village"].isin(late) & (table["round"] == "endline") & (place % 2 == 0)
    table.loc[chosen, "asked_on"] = pd.Timestamp("2024-01-30")
    made = case(table, "before_date", study=DATED, date=datetime.date(2024, 1, 29))
    rows = published(made, before_date(made))
    assert reasons(rows).get(("before:2024-01-29", "all"), "") == reason
    assert bool(estimates(rows)) == (not reason)


def test_too_few_late_interviews_are_not_left_out():
    """Nine interviews of three villages; a cell of nine is not published."""
    table = dated(panel(4))
    place = table.groupby(["village", "round"]).cumcount()
    chosen = table["village"].isin(["v01", "v02", "v07"]) & (table["round"] == "endline")
    table.loc[chosen & (place < 3), "asked_on"] = pd.Timestamp("2024-01-30")
    made = case(table, "before_date", study=DATED, date=datetime.date(2024, 1, 29))
    rows = before_date(made)
    assert reasons(published(made, rows)) == {
        ("before:2024-01-29", "all"): "too few interviews left out to publish: fewer than 10"
    }
    assert diagnostics(rows)["before:2024-01-29", "interviews_left_out_treated"] == 6


def test_dates_are_needed():
    made = case(panel(4), "before_date", date=datetime.date(2024, 1, 6))
    with pytest.raises(EstimationError, match="no interview dates"):
        before_date(made)
    with pytest.raises(EstimationError, match="no interview dates"):
        before_date(dataclasses.replace(made, study=DATED))


def test_the_panel_is_not_changed():
    table = dated(by_place())
    before = table.copy()
    made = case(table, "leave_one_out", study=DATED, variables=("place",))
    leave_one_out(made)
    before_date(dataclasses.replace(made, check=dataclasses.replace(made.check, date=_DAY)))
    pd.testing.assert_frame_equal(table, before)
    assert np.isfinite(table["y"]).all()


_DAY = datetime.date(2024, 1, 2)
