"""The ledger line by line: its shape, what a line may change and what not, and what fixes it."""

import dataclasses

import pandas as pd
import pytest

from evaluation.data.cleaning.clean import plain_kinds
from evaluation.data.cleaning.corrections import without_rows
from evaluation.data.cleaning.ledger import parse_ledger
from evaluation.errors import DataError
from tests.data import in_spanish
from tests.data.cleaning.ledger_lines import corrected, refused
from tests.tables import cases

CASES = cases(__file__)

HEADER = "round,row_key,column,old,new,action,reason,by,date,delivery\n"


@pytest.mark.parametrize(("text", "line", "problem"), CASES["shape"])
def test_the_ledgers_own_shape(text, line, problem):
    with pytest.raises(DataError) as caught:
        parse_ledger(text, "tiny/corrections.csv")
    assert caught.value.where == f"tiny/corrections.csv:{line}"
    assert problem in str(caught.value.problem)
    assert caught.value.rule == "ledger"
    said = (
        [str(caught.value.fix)]
        if problem == "read"
        else [str(caught.value.problem), str(caught.value.fix)]
    )
    assert in_spanish.unknown(*said) == []


def test_a_line_is_read_cell_by_cell():
    line = 'b,f:2,t1,"a\r\nb","x, ""y""",set,r,ana,2025-01-02,0123456789AB\r\n'
    (entry,) = parse_ledger(HEADER + line, "tiny/corrections.csv").corrections
    assert dataclasses.astuple(entry) == (
        *(2, "b", "f:2", "t1"),
        # line ends inside a cell are as the file under correction has them
        *("a\r\nb", 'x, "y"', "set", "r", "ana", "2025-01-02", "0123456789AB"),
    )


def test_all_that_no_line_names_is_as_delivered(tiny):
    tiny.ledger = [
        "baseline,baseline.csv:6,t1,1,4,set,typed twice,ana,2025-01-02",
        "baseline,baseline.csv:8,id_persona,p06,,drop,sent twice,ana,2025-01-02",
    ]
    old, new = corrected(tiny)["baseline.csv"]
    expected = old.frame[old.frame["__line__"] != 8].reset_index(drop=True)
    # a corrected column is text, whatever a reader stored it as
    expected["t1"] = expected["t1"].astype("str")
    expected.loc[4, "t1"] = "4"
    pd.testing.assert_frame_equal(new.table.frame, expected)
    assert old.frame.loc[4, "t1"] == "1"
    pd.testing.assert_frame_equal(
        new.dropped.frame, old.frame[old.frame["__line__"] == 8].reset_index(drop=True)
    )
    assert new.reasons == ("sent twice",)


def test_rows_that_were_parsed_are_let_go_of_and_nothing_else(tiny):
    tiny.ledger = ["baseline,baseline.csv:8,id_persona,p06,,drop,sent twice,ana,2025-01-02"]
    _, whole = corrected(tiny)["baseline.csv"]
    bare = without_rows(whole)
    pd.testing.assert_frame_equal(bare.table.frame, plain_kinds(whole.table.frame).iloc[:0])
    lines = bare.table.frame["__line__"].to_numpy()
    # not even a part of memory with no length holds the rest of it
    while lines.base is not None:
        lines = lines.base
    assert lines.nbytes == 0
    pd.testing.assert_frame_equal(bare.dropped.frame, plain_kinds(whole.dropped.frame))
    assert bare.table.file == whole.table.file
    assert (len(bare.dropped.frame), bare.reasons) == (1, ("sent twice",))
    assert len(whole.table.frame) == 23


def test_a_new_id_goes_into_the_column_of_the_ids_whatever_column_is_written(tiny):
    tiny.ledger = ["baseline,baseline.csv:6,,p04,p77,new_id,contact sheet,ana,2025-01-02"]
    old, new = corrected(tiny)["baseline.csv"]
    assert new.table.frame.loc[4, "id_persona"] == "p77"
    assert list(new.table.frame.columns) == list(old.frame.columns)


@pytest.mark.parametrize(("line", "named"), CASES["fixes"])
def test_the_mend_names_what_to_write(tiny, line, named):
    refused(tiny, f"{line},r,ana,2025-01-02")
    (fix,) = tiny.records("private/findings_error.csv")["fix"]
    assert fix.startswith(named)
