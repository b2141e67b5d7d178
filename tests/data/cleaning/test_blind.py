"""Scrambled treatment keeps sizes and all else, and shows nobody which places were treated."""

import dataclasses

import pandas as pd
import pytest

from evaluation.data.cleaning.blinding import scrambled, with_scrambled, without_groups
from evaluation.data.clusters import Frame
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from tests.messages import said


def frame(arms: str = "tctctctc", regions: str = "aaaabbbb") -> Frame:
    table = pd.DataFrame(
        {
            "place": [f"P{i}" for i in range(len(arms))],
            "arm": list(arms),
            "cohort": ["2021" if arm == "t" else None for arm in arms],
            "cohort__missing": [None if arm == "t" else "not_applicable" for arm in arms],
            "region": list(regions),
            "people": range(len(arms)),
        }
    )
    return Frame(table=table, aliases={}, cluster="place", arm="arm", cohort="cohort")


@pytest.mark.parametrize("strata", ["region", ""])
def test_groups_keep_their_sizes_and_nothing_else_changes(strata):
    before = frame()
    after = scrambled(before, strata=strata, key="study")
    groups = ["region", "arm"] if strata else ["arm"]
    assert after.table.groupby(groups).size().equals(before.table.groupby(groups).size())
    rest = ["place", "region", "people"]
    assert after.table[rest].equals(before.table[rest])
    assert (after.table["arm"] != before.table["arm"]).any()
    # cohort, and why it is missing, go with the arm
    treated = after.table["arm"] == "t"
    assert (after.table["cohort"].notna() == treated).all()
    assert (after.table["cohort__missing"].isna() == treated).all()


def test_the_same_key_gives_the_same_draw_and_another_key_another():
    whole = frame("tctctctctctctctc", "a" * 16)
    first, second, other = (
        scrambled(whole, strata="", key=key).table["arm"].tolist() for key in ("x", "x", "y")
    )
    assert first == second
    assert first != other


def test_strata_of_one_group_cannot_be_scrambled():
    with pytest.raises(DataError, match="cannot be scrambled") as stopped:
        scrambled(frame("ttttcccc"), strata="region", key="study")
    assert stopped.value.rule == "blinded"


def test_answers_about_taking_part_are_dealt_out_anew_within_rounds():
    panel = pd.DataFrame(
        {
            "round": ["baseline"] * 4 + ["endline"] * 20,
            "took_part": [None] * 4 + [1.0] * 10 + [0.0] * 10,
            "took_part__missing": ["not_asked"] * 4 + [None] * 20,
            "y": range(24),
        }
    )
    after = with_scrambled(panel, "took_part", key="study")
    assert after["took_part"][:4].isna().all()
    assert after["took_part"][4:].sum() == 10
    assert after["took_part"][4:14].sum() < 10
    assert after[["round", "y"]].equals(panel[["round", "y"]])
    assert after.dtypes.equals(panel.dtypes)


def test_findings_by_group_are_not_shown():
    about = Finding(
        rule="date-after-event",
        severity="warn",
        round="endline",
        file="e.csv",
        row_key="e.csv:7",
        line=7,
        column="date",
        value="(not shown)",
        problem=said("after the event, in a treated cluster"),
        fix=said("none"),
    )
    other = dataclasses.replace(about, rule="short-interview")
    assert without_groups([about, other]) == (other,)


def test_without_a_lock_the_clean_files_hold_scrambled_treatment_and_say_so(tiny):
    tiny.write()
    tiny.run()
    true = tiny.panel()[["municipality", "arm"]].drop_duplicates()
    (tiny.config / "plan.lock").unlink()
    tiny.run()
    panel = tiny.panel()
    assert set(panel["synthetic"]) == {"SYNTHETIC BLINDED"}
    seen = panel[["municipality", "arm"]].drop_duplicates()
    assert sorted(seen["arm"]) == sorted(true["arm"])
    assert seen["arm"].tolist() != true["arm"].tolist()
