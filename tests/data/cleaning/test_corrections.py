"""The ledger: applied only where the old value matches, and every entry used or an error."""

import itertools

import pytest

from evaluation.cli.stages import clean
from evaluation.data.cleaning.correction_counts import count_corrections
from evaluation.errors import DataError
from evaluation.storage import folders
from tests.data.cleaning.ledger_lines import refused
from tests.fixtures.tiny import Tiny
from tests.tables import cases

CASES = cases(__file__)


def test_set_changes_the_one_cell(tiny):
    tiny.baseline[4]["t1"] = "44"
    tiny.ledger = ["baseline,baseline.csv:6,t1,44,4,set,typed twice,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    panel = tiny.panel().set_index("row_key")
    # baseline code 4 is "not at all": 1
    assert panel.loc["baseline.csv:6", "trust"] == 1
    tiny.ledger = []
    tiny.baseline[4]["t1"] = "4"
    tiny.write()
    tiny.run()
    assert panel.equals(tiny.panel().set_index("row_key"))


def test_a_cured_flaw_is_information_with_its_own_rule(tiny):
    tiny.baseline[4]["t1"] = "44"
    tiny.baseline[7]["id_persona"] = "p06"
    tiny.ledger = [
        "baseline,baseline.csv:6,t1,44,4,set,typed twice,ana,2025-01-02",
        "baseline,baseline.csv:9,id_persona,p06,p07,new_id,contact sheet,ana,2025-01-02",
    ]
    tiny.write()
    tiny.run()
    found = tiny.findings()
    assert found[["rule", "severity", "line", "fix"]].to_numpy().tolist() == [
        ["unlisted-code", "info", "6", "corrected in corrections.csv"],
        ["duplicate-id", "info", "9", "corrected in corrections.csv"],
    ]
    assert tiny.panel()["panel_member"].sum() == 32


def test_drop_takes_the_row_out(tiny):
    tiny.baseline[5]["id_persona"] = "p04"
    tiny.ledger = ["baseline,baseline.csv:7,id_persona,p04,,drop,sent twice,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    assert "baseline.csv:7" not in set(tiny.panel()["row_key"])
    assert len(tiny.panel()) == 47
    # lines after the dropped row keep their numbers
    assert "baseline.csv:8" in set(tiny.panel()["row_key"])


def test_a_municipality_is_left_out_by_its_interviews_and_stays_in_the_frame(tiny):
    """As the README says: counted by reason and group in the sample flow, and warned of."""
    reason = "drop,the programme left it,ana,2025-01-02"
    for i in range(18, 24):
        first, last = (rows[i]["id_persona"] for rows in (tiny.baseline, tiny.endline))
        tiny.ledger += [
            f"baseline,baseline.csv:{i + 2},id_persona,{first},,{reason}",
            f"endline,endline.dta:{i + 1},id_persona,{last},,{reason}",
        ]
    tiny.write()
    tiny.run()
    assert set(tiny.panel()["municipality"]) == {"M1", "M2", "M3"}
    flow = tiny.records("flow.csv")
    left = flow[flow["reason"] == "the programme left it"]
    told = left[["round", "arm", "n", "n_clusters"]].to_numpy().tolist()
    assert ["baseline", "comparison", "6", "1"] in told
    assert ["endline", "comparison", "6", "1"] in told
    assert sorted(tiny.findings()["rule"]) == ["empty-cluster", "empty-cluster", "never-visited"]


def test_a_row_without_an_id_is_dropped_by_its_blank_cell(tiny):
    tiny.baseline[5]["id_persona"] = ""
    tiny.ledger = ["baseline,baseline.csv:7,id_persona,,,drop,a test,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    assert "baseline.csv:7" not in set(tiny.panel()["row_key"])


def test_the_log_counts_by_action_reason_and_round_without_values(tiny):
    tiny.baseline[5]["id_persona"] = "p04"
    tiny.endline[0]["t1"] = "9"
    tiny.endline[1]["t1"] = "9"
    tiny.ledger = [
        "baseline,baseline.csv:7,id_persona,p04,,drop,sent twice,ana,2025-01-02",
        "endline,endline.dta:1,t1,9,2,set,audio,ana,2025-01-02",
        "endline,endline.dta:2,t1,9,2,set,audio,ana,2025-01-02",
    ]
    tiny.write()
    tiny.run()
    log = tiny.records("corrections_log.csv")
    assert log[["study", "round", "action", "reason", "n", "n_rows"]].to_numpy().tolist() == [
        ["tiny", "baseline", "drop", "sent twice", "1", "1"],
        ["tiny", "endline", "set", "audio", "2", "2"],
    ]
    assert set(log["synthetic"]) == {"SYNTHETIC"}


def test_counts_by_group_say_on_how_many_rows_and_clusters_they_stand(tiny):
    # endline rows 1-6 are M1, 7-12 M2 (both treated), 13-18 M3 (comparison)
    for row, column in ((0, "t1"), (0, "t2"), (6, "t1"), (12, "t1")):
        tiny.endline[row][column] = "9"
    tiny.baseline[19]["id_persona"] = "p18"
    tiny.frame[0]["population"] = "1OOO"
    tiny.ledger = CASES["ledger"]
    tiny.write()
    tiny.run_read()
    paths = folders.Paths.of(tiny.options())
    inputs = clean._inputs(paths)
    checked = clean._check(inputs, paths)
    declared = (inputs.dictionary, inputs.study)
    counts = count_corrections(
        checked.corrected.values(), checked.parsed, declared, frame=checked.frame
    )
    assert [(c.round, c.action, c.arm, c.n, c.n_rows, c.n_clusters) for c in counts] == [
        ("baseline", "drop", "comparison", 1, 1, 1),
        ("endline", "set", "treated", 3, 2, 2),
        ("endline", "set", "comparison", 1, 1, 1),
        ("frame", "set", "", 1, 1, -1),
    ]


def test_the_frame_can_be_corrected_by_its_role(tiny):
    tiny.frame[0]["population"] = "1OOO"
    tiny.ledger = ["frame,municipalities.csv:2,population,1OOO,1000,set,letters O,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    assert tiny.panel().query("municipality == 'M1'")["population"].unique().tolist() == [1000]


@pytest.mark.parametrize(("line", "problem"), CASES["refused"])
def test_an_entry_that_does_not_fit_names_its_line(tiny, line, problem):
    ((number, text),) = refused(tiny, line)
    assert number == 2
    assert problem in text


SET = "baseline,baseline.csv:6,t1,1,2,set,r,ana,2025-01-02"
DROP = "baseline,baseline.csv:6,id_persona,p04,,drop,r,ana,2025-01-02"
NEW_ID = "baseline,baseline.csv:6,id_persona,p04,p77,new_id,r,ana,2025-01-02"


@pytest.mark.parametrize(("first", "second", "line", "problem"), CASES["contradicting"])
def test_two_entries_that_contradict(tiny, first, second, line, problem):
    assert refused(tiny, first, second) == [(line, problem)]


def test_a_row_without_a_respondent_id_is_named_by_another_cell(tiny):
    tiny.frame.append(tiny.frame[3] | {"municipality": "M5", "aliases": ""})
    tiny.ledger = ["frame,municipalities.csv:6,municipality,M5,,drop,no programme,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    assert len(tiny.findings()) == 0


def test_a_swapped_header_shows_in_the_cells_beside_the_ledger(tiny):
    tiny.ledger = ["baseline,baseline.csv:6,t1,44,4,set,typed twice,ana,2025-01-02"]
    for row in tiny.baseline:
        row["t1"], row["peso"] = row["peso"], row["t1"]
    tiny.write()
    with pytest.raises(DataError):
        tiny.run()
    found = tiny.records("private/findings_error.csv")
    assert found[["file", "rule", "column"]].to_numpy().tolist() == [
        ["config/tiny/corrections.csv", "ledger", "t1"],
        ["baseline.csv", "unlisted-code", "t1"],
    ]


def test_a_message_of_the_ledger_holds_no_value(tiny):
    tiny.ledger = ["baseline,baseline.csv:6,nombre,Secreta A,Secreta B,set,r,ana,2025-01-02"]
    tiny.write()
    with pytest.raises(DataError) as caught:
        tiny.run()
    assert "Secreta" not in str(caught.value)
    assert "tiny/corrections.csv:2" in str(caught.value)


def test_a_line_written_for_another_delivery_is_refused(tiny):
    """The same place may hold another person who gave the same answer."""
    tiny.ledger = ["baseline,baseline.csv:6,t1,1,4,set,heard again,ana,2025-01-02"]
    tiny.write()
    path = tiny.config / "corrections.csv"
    head, line = path.read_text(encoding="utf-8").splitlines()
    delivery = line.rsplit(",", 1)[1]
    path.write_text(f"{head}\n{line.removesuffix(delivery)}0123456789ab\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"another delivery of baseline\.csv") as caught:
        tiny.run()
    assert "corrections confirm --study tiny --by NAME --write" in str(caught.value)


MERGE = "baseline,baseline.csv:6,id_persona,p04,baseline.csv:7,merge,resumed,ana,2025-01-02"


def resumed(tiny: Tiny) -> None:
    """The interview of line 6 breaks off after `t1` and goes on in line 7; line 8 is another's."""
    whole = tiny.baseline[4]
    tiny.baseline[4] = whole | {"t2": "", "v1": "", "v2": ""}
    tiny.baseline[5] = whole | {"t1": ""}


def twice(tiny: Tiny) -> None:
    """The interview of line 6 was sent again, whole, as line 7: no cell is flawed in itself."""
    tiny.baseline[5] = dict(tiny.baseline[4])


def test_merge_fills_blank_cells_and_the_other_row_leaves_with_its_reason(tiny):
    whole = Tiny(tiny.root)
    del whole.baseline[5]
    whole.write()
    whole.run()
    expected = whole.panel().set_index("row_key").loc["baseline.csv:6"]
    resumed(tiny)
    tiny.ledger = [MERGE]
    tiny.write()
    tiny.run()
    panel = tiny.panel().set_index("row_key")
    assert "baseline.csv:7" not in panel.index
    assert len(panel) == 47
    for name in ("trust", "help", "victim", "times", "duration_min"):
        assert panel.loc["baseline.csv:6", name] == expected[name]
    flow = tiny.records("flow.csv")
    gone = flow[flow["step"] == "dropped"]
    assert gone[["round", "arm", "reason", "n"]].to_numpy().tolist() == [
        ["baseline", "treated", "merged; resumed", "1"],
        ["baseline", "comparison", "merged; resumed", "0"],
    ]
    log = tiny.records("corrections_log.csv")
    assert set(zip(log["action"], log["reason"], log["n"], strict=True)) == {
        ("merge", "resumed", "1")
    }
    found = tiny.findings()
    assert set(found["severity"]) == {"info"}
    assert "duplicate-id" in set(found["rule"])


def test_cells_that_both_rows_answer_differently_are_named_all_at_once(tiny):
    twice(tiny)
    tiny.baseline[5]["t1"], tiny.baseline[5]["duracion"] = "3", "99"
    ((line, problem),) = refused(tiny, MERGE)
    assert line == 2
    assert problem.endswith("differently, in duracion, t1")
    # a decision for each, on either row, whatever the order of the lines
    first = "baseline,baseline.csv:7,t1,3,1,set,heard again,ana,2025-01-02"
    second = "baseline,baseline.csv:6,duracion,34,99,set,both parts,ana,2025-01-02"
    panels = []
    for lines in itertools.permutations((first, second, MERGE)):
        tiny.ledger = list(lines)
        tiny.write()
        tiny.run()
        panels.append(tiny.panel().set_index("row_key").loc["baseline.csv:6"])
    assert all(panel.equals(panels[0]) for panel in panels)
    assert panels[0]["trust"] == 4  # baseline code 1
    assert panels[0]["duration_min"] == 99


def test_a_cell_set_blank_takes_the_other_rows_answer(tiny):
    """Every `set` comes before every `merge`."""
    resumed(tiny)
    tiny.baseline[5]["t1"] = "3"
    tiny.ledger = [MERGE, "baseline,baseline.csv:6,t1,1,,set,heard again,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    assert tiny.panel().set_index("row_key").loc["baseline.csv:6", "trust"] == 2  # code 3


def test_three_submissions_of_one_interview(tiny):
    resumed(tiny)
    tiny.baseline[6] = tiny.baseline[5] | {"v1": "", "v2": ""}
    tiny.baseline[5] = tiny.baseline[5] | {"t2": ""}
    tiny.ledger = [MERGE, MERGE.replace("baseline.csv:7", "baseline.csv:8")]
    tiny.write()
    tiny.run()
    keys = set(tiny.panel()["row_key"])
    assert "baseline.csv:6" in keys
    assert not {"baseline.csv:7", "baseline.csv:8"} & keys
    assert len(keys) == 46


@pytest.mark.parametrize(("old", "new", "problem"), CASES["merges"])
def test_a_merge_that_does_not_fit(tiny, old, new, problem):
    twice(tiny)
    ((line, text),) = refused(tiny, MERGE.replace(old, new))
    assert line == 2
    assert problem in text


@pytest.mark.parametrize("other", CASES["beside_merge"])
def test_what_cannot_stand_beside_a_merge(tiny, other):
    twice(tiny)
    tiny.baseline[6]["id_persona"] = "p04"
    assert refused(tiny, MERGE, other) == [(3, "contradicts line 2, which merges the row")]
    if "merge" not in other:
        assert refused(tiny, other, MERGE) == [(2, "contradicts line 3, which merges the row")]


def test_a_line_dated_before_the_delivery_is_refused(tiny):
    tiny.baseline[4]["t1"] = "44"
    tiny.ledger = ["baseline,baseline.csv:6,t1,44,4,set,typed twice,ana,2025-01-02"]
    tiny.write()
    path = tiny.config / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    for day, fits in (("2025-01-02", True), ("2025-01-03", False)):
        path.write_text(text.replace("role =", f"delivered = {day}\nrole =", 1), encoding="utf-8")
        if fits:
            tiny.run()
            continue
        with pytest.raises(DataError, match="before the day on which") as caught:
            tiny.run()
        assert "2025-01-03 or later" in str(caught.value)
        assert "ledger" in set(tiny.records("private/findings_error.csv")["rule"])
