"""The ledger: applied only where the old value matches, and every entry used or an error."""

import pytest

from evaluation.data.corrections import parse_ledger
from evaluation.errors import DataError
from tests.data.tiny import Tiny

HEADER = "round,row_key,column,old,new,action,reason,by,date\n"


def refused(tiny: Tiny, *lines: str) -> list[tuple[int, str]]:
    """Line and problem of every entry of a ledger that could not be applied."""
    tiny.ledger = list(lines)
    tiny.write()
    with pytest.raises(DataError):
        tiny.run()
    found = tiny.records("private/findings_error.csv")
    assert set(found["rule"]) == {"ledger"}
    assert set(found["file"]) == {"tiny/corrections.csv"}
    assert (found["mend"] != "").all()
    return list(zip(found["line"].astype(int), found["problem"], strict=True))


def test_set_changes_the_one_cell(tiny: Tiny) -> None:
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


def test_a_cured_flaw_is_information_with_its_own_rule(tiny: Tiny) -> None:
    tiny.baseline[4]["t1"] = "44"
    tiny.baseline[7]["id_persona"] = "p06"
    tiny.ledger = [
        "baseline,baseline.csv:6,t1,44,4,set,typed twice,ana,2025-01-02",
        "baseline,baseline.csv:9,id_persona,p06,p07,new_id,contact sheet,ana,2025-01-02",
    ]
    tiny.write()
    tiny.run()
    found = tiny.findings()
    assert found[["rule", "severity", "line", "mend"]].to_numpy().tolist() == [
        ["unlisted-code", "info", "6", "cured by corrections.csv"],
        ["duplicate-id", "info", "9", "cured by corrections.csv"],
    ]
    assert tiny.panel()["panel_member"].sum() == 32


def test_drop_takes_the_row_out(tiny: Tiny) -> None:
    tiny.baseline[5]["id_persona"] = "p04"
    tiny.ledger = ["baseline,baseline.csv:7,id_persona,p04,,drop,sent twice,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    assert "baseline.csv:7" not in set(tiny.panel()["row_key"])
    assert len(tiny.panel()) == 47
    # lines after the dropped row keep their numbers
    assert "baseline.csv:8" in set(tiny.panel()["row_key"])


def test_the_log_counts_by_action_reason_and_round_without_values(tiny: Tiny) -> None:
    tiny.baseline[5]["id_persona"] = "p04"
    tiny.endline[0]["t1"] = "9"
    tiny.endline[1]["t1"] = "9"
    tiny.ledger = [
        "baseline,baseline.csv:7,,,,drop,sent twice,ana,2025-01-02",
        "endline,endline.dta:1,t1,9,2,set,audio,ana,2025-01-02",
        "endline,endline.dta:2,t1,9,2,set,audio,ana,2025-01-02",
    ]
    tiny.write()
    tiny.run()
    log = tiny.records("corrections_log.csv")
    assert log.to_numpy().tolist() == [
        ["tiny", "baseline", "drop", "sent twice", "1"],
        ["tiny", "endline", "set", "audio", "2"],
    ]


def test_the_frame_can_be_corrected_by_its_role(tiny: Tiny) -> None:
    tiny.frame[0]["population"] = "1OOO"
    tiny.ledger = ["frame,municipalities.csv:2,population,1OOO,1000,set,letters O,ana,2025-01-02"]
    tiny.write()
    tiny.run()
    assert tiny.panel().query("municipality == 'M1'")["population"].unique().tolist() == [1000]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("baseline,baseline.csv:6,t1,3,4,set,r,ana,2025-01-02", "`old` is not what"),
        ("baseline,baseline.csv:99,t1,1,4,set,r,ana,2025-01-02", "row is not in the file"),
        ("endline,baseline.csv:6,t1,1,4,set,r,ana,2025-01-02", "row is not in the file"),
        ("baseline,baseline.csv:6,trust,1,4,set,r,ana,2025-01-02", "column is not in"),
        ("baseline,baseline.csv:6,__line__,6,7,set,r,ana,2025-01-02", "column is not in"),
        ("midline,baseline.csv:6,t1,1,4,set,r,ana,2025-01-02", "names no file"),
        ("baseline,baseline.csv:6,t1,1,1,set,r,ana,2025-01-02", "`new` is the same"),
        ("baseline,baseline.csv:6,t1,9,,drop,r,ana,2025-01-02", "`old` is not what"),
    ],
)
def test_an_entry_that_does_not_fit_names_its_line(tiny: Tiny, line: str, problem: str) -> None:
    ((number, text),) = refused(tiny, line)
    assert number == 2
    assert problem in text


@pytest.mark.parametrize(
    "second",
    [
        "baseline,baseline.csv:6,t1,1,3,set,r,ana,2025-01-02",
        "baseline,baseline.csv:6,,,,drop,r,ana,2025-01-02",
    ],
)
def test_two_entries_for_one_cell_contradict(tiny: Tiny, second: str) -> None:
    first = "baseline,baseline.csv:6,t1,1,2,set,r,ana,2025-01-02"
    ((number, text),) = refused(tiny, first, second)
    assert number == 3
    assert "contradicts line 2" in text


def test_a_message_of_the_ledger_holds_no_value(tiny: Tiny) -> None:
    tiny.ledger = ["baseline,baseline.csv:6,nombre,Secreta A,Secreta B,set,r,ana,2025-01-02"]
    tiny.write()
    with pytest.raises(DataError) as caught:
        tiny.run()
    assert "Secreta" not in str(caught.value)
    assert "tiny/corrections.csv:2" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("", 1, "header"),
        ("round,row_key\n", 1, "header"),
        (HEADER + "b,f:2,t1,1,2,set,r,ana\n", 2, "cells"),
        (HEADER + "b,f:2,t1,1,2,change,r,ana,2025-01-02\n", 2, "action"),
        (HEADER + "b,f:2,t1,1,2,set,,ana,2025-01-02\n", 2, "`reason`"),
        (HEADER + "b,f:2,t1,1,2,set,r, ,2025-01-02\n", 2, "`by`"),
        (HEADER + "b,f:2,t1,1,2,set,r,ana,02/01/2025\n", 2, "`date`"),
        (HEADER + 'b,f:2,t1,1,2,set,"r\nr",ana,2025-01-02\nb,f:2\n', 4, "cells"),
        (HEADER + 'b,f:2,t1,"1,2,set,r,ana,2025-01-02\n', 2, "read"),
    ],
)
def test_the_ledgers_own_shape(text: str, line: int, problem: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_ledger(text, "tiny/corrections.csv")
    assert caught.value.where == f"tiny/corrections.csv:{line}"
    assert problem in caught.value.problem
    assert caught.value.rule == "ledger"
