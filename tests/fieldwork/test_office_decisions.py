"""Single decisions of the office: where they go, what they write, and every way they are refused.

The rows are those of the tiny study; the expected ledger lines are written down by hand.
"""

import dataclasses
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.cli.corrections import read_inputs
from evaluation.data.cleaning.ledger import Correction, Ledger
from evaluation.data.readers.sheets import ReadSheet, SheetCell, SheetRow
from evaluation.estimation.records import Finding
from evaluation.fieldwork import ledger_in_force
from evaluation.fieldwork.ledger_in_force import LedgerInputs
from evaluation.fieldwork.office_decisions import Decisions, additions, decide, misfits
from evaluation.fieldwork.office_returned import (
    DecisionContext,
    GivenRow,
    Refusal,
    given_rows,
    place,
)
from evaluation.fieldwork.office_rows import identities, office_rows
from evaluation.storage import folders
from tests.data import in_spanish
from tests.fieldwork.office import BOOK, SIGNED, at, command, read_book
from tests.fixtures.tiny import Tiny
from tests.messages import said
from tests.tables import cases

CASES = cases(__file__)

HEADERS = {"line": "línea", "column": "columna", "decision": "decisión", "new": "valor nuevo"}


@pytest.fixture
def office(tiny: Tiny) -> Tiny:
    """Two pairs of duplicates in each round, an unlisted code, a weight that is no number."""
    for rows in (tiny.baseline, tiny.endline):
        rows[5] = dict(rows[4])
        rows[10]["id_persona"] = rows[9]["id_persona"]
    tiny.baseline[12]["t1"] = "44"
    tiny.baseline[14]["peso"] = "1.5.0"
    return tiny


def known(tiny: Tiny) -> DecisionContext:
    return known_of(inputs_of(tiny))


def known_of(inputs: LedgerInputs) -> DecisionContext:
    """What decisions are held against, as the command makes it."""
    return DecisionContext(
        tables={table.file.path: table for table in inputs.tables},
        identity=identities(inputs.tables, inputs.dictionary, inputs.study),
        dictionary=inputs.dictionary,
    )


def inputs_of(tiny: Tiny) -> LedgerInputs:
    tiny.write()
    tiny.run_read()
    return read_inputs(folders.Paths.of(tiny.options()))


def given(held: DecisionContext, path: str, row: int, number: int = 2, **cells: str) -> GivenRow:
    """A row of the sheet of single cells, signed, as somebody typed it."""
    digest = held.tables[path].file.sha256[:12]
    texts = {"file": path, "line": str(row), "delivery": digest, **SIGNED, **cells}
    kinds = {name: SheetCell(str(text)) for name, text in texts.items()}
    return GivenRow(
        kind="to correct", file="b.xlsx", sheet="s", number=number, cells=kinds, headers=HEADERS
    )


def made(found: Decisions) -> tuple[str, str, str, str, str]:
    assert found.wrong == ()
    ((c, _),) = found.corrections
    return (c.row_key, c.column, c.old, c.new, c.action)


def refusal(found: Decisions) -> tuple[str, str]:
    """Place and problem of the one refusal; the Spanish edition can say it and its fix."""
    assert found.corrections == ()
    (wrong,) = found.wrong
    assert in_spanish.unknown(wrong.problem, wrong.fix) == []
    return str(wrong.where), str(wrong.problem)


# ---- the workbook ------------------------------------------------------------------------------


def test_rows_stand_in_the_order_of_the_manifest_and_of_lines(office):
    inputs = inputs_of(office)
    identity = identities(inputs.tables, inputs.dictionary, inputs.study)
    found = ledger_in_force._findings(inputs)
    rows = office_rows(found, inputs.tables, identity=identity)
    copies = [(row.group, row.file, row.line) for row in rows if row.sheet == "duplicates"]
    assert copies == [
        *((1, "baseline.csv", 6), (1, "baseline.csv", 7)),
        *((2, "baseline.csv", 11), (2, "baseline.csv", 12)),
        *((3, "endline.dta", 5), (3, "endline.dta", 6)),
        *((4, "endline.dta", 10), (4, "endline.dta", 11)),
    ]
    assert {row.column for row in rows if row.sheet == "duplicates"} == {"id_persona"}
    others = [row for row in rows if row.sheet == "to correct"]
    # line 14 before line 16, although `t1` stands behind `peso` in the alphabet
    assert [(r.line, r.column, r.held) for r in others if r.rule != "duplicate-id"] == [
        (14, "t1", "44"),
        (16, "peso", "1.5.0"),
    ]
    # a manifest in another order gives the sheets in that order
    turned = office_rows(found, inputs.tables[::-1], identity=identity)
    assert [row.file for row in turned if row.sheet == "duplicates"] == [
        *(("endline.dta",) * 4),
        *(("baseline.csv",) * 4),
    ]


def test_what_the_file_holds_stands_beside_what_was_found(office):
    office.write()
    office.run_read()
    command("to-xlsx")
    book = read_book(Path(BOOK))
    assert at(book["to correct"], 14, "t1")["in the file"] == "44"
    assert at(book["to correct"], 14, "t1")["id"] == "p12"
    assert at(book["to correct"], 16, "peso")["in the file"] == "1.5.0"


# ---- single decisions --------------------------------------------------------------------------


@pytest.mark.parametrize(("cells", "expected"), CASES["set"])
def test_a_cell_is_set_as_the_file_writes_it(office, cells, expected):
    held = known(office)
    found = decide([given(held, "baseline.csv", 14, decision="set", **cells)], held)
    assert list(made(found)) == expected


def test_a_column_that_no_variable_describes_is_text(office):
    held = known(office)
    table = held.tables["baseline.csv"]
    wider = replace(table, frame=table.frame.assign(remark="old"))
    held = replace(held, tables={**held.tables, "baseline.csv": wider})
    row = given(held, "baseline.csv", 14, decision="set", column="remark", new="4,0")
    assert made(decide([row], held)) == ("baseline.csv:14", "remark", "old", "4,0", "set")


@pytest.mark.parametrize(
    ("column", "new", "old", "expected"),
    [
        ("fecha", "2021-03-04", "13/03/2021", "04/03/2021"),
        ("peso", "2.5", "3,5", "2,5"),
    ],
)
def test_days_and_numbers_are_written_as_the_manifest_says(office, column, new, old, expected):
    for row in office.baseline:
        row["fecha"] = "/".join(reversed(row["fecha"].split("-")))
        row["peso"] = row["peso"].replace(".", ",")
    office.write()
    path = office.config / "manifest.toml"
    text = path.read_text(encoding="utf-8")
    declared = text.replace('decimal = "." }', 'decimal = ",", date = "%d/%m/%Y" }', 1)
    path.write_text(declared, encoding="utf-8")
    office.run_read()
    held = known_of(read_inputs(folders.Paths.of(office.options())))
    row = given(held, "baseline.csv", 14, decision="set", column=column, new=new)
    assert made(decide([row], held)) == ("baseline.csv:14", column, old, expected, "set")


def test_a_whole_row_is_named_by_what_names_rows_of_its_file(office):
    held = known(office)
    dropped = decide([given(held, "municipalities.csv", 3, decision="drop")], held)
    assert made(dropped) == ("municipalities.csv:3", "municipality", "M2", "", "drop")
    ids = [given(held, "endline.dta", 3, decision="nuevo id", new="q77")]
    assert made(decide(ids, held)) == ("endline.dta:3", "id_persona", "p02", "q77", "new_id")


@pytest.mark.parametrize(("cells", "column", "problem"), CASES["refused"])
def test_a_decision_that_cannot_be_names_its_cell_and_mend(office, cells, column, problem):
    held = known(office)
    where, said = refusal(decide([given(held, "baseline.csv", 14, **cells)], held))
    assert where == f"b.xlsx: sheet s, row 2, column {column}"
    assert problem in said


@pytest.mark.parametrize("kind", ["formula", "error"])
def test_a_cell_that_a_program_worked_out_is_no_decision(office, kind):
    held = known(office)
    row = given(held, "baseline.csv", 14, decision="drop")
    row.cells["decision"] = SheetCell("drop", kind)
    where, said = refusal(decide([row], held))
    assert where.endswith("column decisión")
    assert said == f"the cell contains {'a formula' if kind == 'formula' else 'an error value'}"


def test_the_choices_are_named_one_by_one_in_both_languages(office):
    held = known(office)
    (wrong,) = decide([given(held, "baseline.csv", 14, decision="borrar")], held).wrong
    assert "keep (conservar), drop (eliminar), new id (nuevo id), set (cam" in str(wrong.fix)


def test_where_nothing_names_a_row_only_cells_can_be_decided_on(office):
    """An administrative series without a column of clusters, for one."""
    whole = known(office)
    bare = DecisionContext(tables=whole.tables, identity={}, dictionary=whole.dictionary)
    dropped = [given(bare, "baseline.csv", 14, decision="drop")]
    where, said = refusal(decide(dropped, bare))
    assert (where, said) == (
        "b.xlsx: sheet s, row 2, column decisión",
        "nothing names a row of this file",
    )
    cell = [given(bare, "baseline.csv", 14, decision="set", column="t1", new="4")]
    assert made(decide(cell, bare)) == ("baseline.csv:14", "t1", "44", "4", "set")


def test_a_column_that_stands_twice_or_is_gone_stops_the_sheet():
    names = ("archivo", "línea", "entrega", "columna", "decisión", "valor nuevo", "iniciales")
    names = (*names, "motivo", "fecha")
    whole = [SheetRow(2, tuple(map(SheetCell, names))), SheetRow(3, (SheetCell("f.csv"),))]
    (row,) = given_rows(ReadSheet("b.xlsx", "s", tuple(whole)))
    assert (row.cell("file").text, str(row.where("file"))) == (
        *("f.csv", "b.xlsx: sheet s, row 3, column archivo"),
    )
    for header, problem in (
        ((*names, " Fecha "), "the column `Fecha` appears twice"),
        (names[:-1], "the column `date` (`fecha`) is missing"),
    ):
        line = SheetRow(2, tuple(map(SheetCell, header)))
        with in_spanish.refusal() as caught:
            given_rows(ReadSheet("b.xlsx", "s", (line,)))
        assert str(caught.value.problem) == problem
        assert str(caught.value.where) == "b.xlsx: sheet s, row 2"
        assert caught.value.rule == "office-book"


# ---- into the ledger ---------------------------------------------------------------------------


def line(number: int, key: str = "baseline.csv:6") -> Correction:
    return Correction(
        line=number, round="baseline", row_key=key, column="t1", old="1", new="4", action="set",
        reason="r", by="ana", date="2025-01-02", delivery="0123456789AB",
    )  # fmt: skip


def test_new_lines_are_counted_from_the_end_of_the_ledger(office):
    held = known(office)
    row = given(held, "baseline.csv", 14)
    one, other, third = line(0, "f:2"), line(0, "f:3"), line(0, "f:4")
    # line 1 is the header
    first = additions([(one, row), (other, row), (one, row)], Ledger(where="", corrections=()))
    assert [c.line for c, _ in first.new] == [2, 3]
    assert first.known == 1
    ledger = Ledger(where="", corrections=(line(2, "f:9"), line(7, "f:3")))
    after = additions([(one, row), (other, row), (third, row)], ledger)
    assert [(c.row_key, c.line) for c, _ in after.new] == [("f:2", 8), ("f:4", 9)]
    assert after.known == 1


def test_all_that_stands_against_new_lines_comes_in_the_order_of_lines(office):
    office.ledger = ["baseline,baseline.csv:6,t1,1,3,set,typed,ana,2025-01-02"]
    inputs = inputs_of(office)
    held = known(office)
    digest = held.tables["baseline.csv"].file.sha256[:12]
    decided = []
    for number, key in ((3, "baseline.csv:99"), (4, "baseline.csv:98"), (5, "baseline.csv:6")):
        entry = replace(line(number, key), delivery=digest)
        decided.append((entry, given(held, "baseline.csv", 14, number)))
    found = misfits(decided, inputs.ledger, inputs.tables, inputs.study, inputs.respondent)
    assert in_spanish.unknown(*(w.problem for w in found), *(w.fix for w in found)) == []
    assert [str(w.where) for w in found] == [
        f"b.xlsx: sheet s, row {number}, column decisión" for number in (3, 4, 5)
    ]
    assert [str(w.problem) for w in found] == [
        "the row is not in the file",
        "the row is not in the file",
        "contradicts line 2: same row and cell",
    ]


def test_an_old_line_that_does_not_fit_is_named_in_the_ledger(office):
    office.ledger = ["baseline,baseline.csv:6,t1,3,4,set,typed,ana,2025-01-02"]
    inputs = inputs_of(office)
    found = misfits([], inputs.ledger, inputs.tables, inputs.study, inputs.respondent)
    assert [(str(w.where), str(w.problem)) for w in found] == [
        ("config/tiny/corrections.csv:2", "`old` is not what the file contains")
    ]


def test_rows_of_a_group_that_is_no_number_are_no_group(office):
    held = known(office)
    rows = [
        given(held, "baseline.csv", 6, 2, decision="keep", group="x"),
        given(held, "baseline.csv", 7, 3, decision="merge", group="x"),
    ]
    where, said = refusal(decide([replace(row, kind="duplicates") for row in rows], held))
    assert where.endswith("row 3, column valor nuevo")
    assert said.startswith("no other row of the group is kept")
    for row in rows:
        row.cells["group"] = SheetCell("1,0")
    assert made(decide([replace(row, kind="duplicates") for row in rows], held)) == (
        *("baseline.csv:6", "id_persona", "p04", "baseline.csv:7", "merge"),
    )


def test_rows_of_another_file_or_sheet_are_no_rows_of_a_group(office):
    held = known(office)
    merged = replace(
        given(held, "baseline.csv", 7, 3, decision="merge", group="1"), kind="duplicates"
    )
    elsewhere = given(held, "endline.dta", 5, decision="keep", group="1")
    beside = given(held, "baseline.csv", 6, decision="keep", group="1")
    for other in (replace(elsewhere, kind="duplicates"), beside):
        _, said = refusal(decide([other, merged], held))
        assert said.startswith("no other row of the group is kept")


def test_rows_of_one_id_that_are_kept_are_found_below_other_decisions(office):
    held = known(office)
    copies = [given(held, "baseline.csv", n, n, decision="keep", group="1") for n in (6, 7)]
    rows = [
        given(held, "baseline.csv", 14, decision="drop"),
        *(replace(row, kind="duplicates") for row in copies),
    ]
    assert [(str(wrong.where), str(wrong.problem)) for wrong in decide(rows, held).wrong] == [
        (
            "b.xlsx: sheet s, row 7, column decisión",
            "the row is kept, and so is baseline.csv:6 with the same id",
        )
    ]


def test_a_refusal_says_why_wherever_it_is_caught(office):
    held = known(office)
    with pytest.raises(Refusal, match="the file has no such row"):
        place(given(held, "baseline.csv", 99, decision="drop"), held)


def groups_of_lines(office: Tiny, findings: list[Finding]) -> list[list[int]]:
    table = inputs_of(office).tables[0]
    table = dataclasses.replace(table, file=dataclasses.replace(table.file, path="f.csv"))
    rows = [r for r in office_rows(findings, [table], identity={}) if r.group]
    groups = range(1, max(r.group for r in rows) + 1)
    return [[r.line for r in rows if r.group == number] for number in groups]


def test_lines_that_findings_of_duplicates_tie_together(office):
    about = {"round": "baseline", "row_key": "", "column": "id_persona", "value": ""}
    about |= {"fix": said("m"), "severity": "error"}
    tied = {
        "rule": "duplicate-id",
        "problem": said("the respondent id already appears in row f.csv:3"),
    }
    findings = [
        Finding(file="f.csv", line=9, **about, **tied),
        Finding(file="f.csv", line=5, **about, **tied),
        Finding(file="g.csv", line=4, **about, **tied),
        Finding(file="f.csv", line=0, **about, **tied),
        Finding(file="f.csv", line=7, **about, **(tied | {"rule": "blank"})),
        Finding(file="f.csv", line=8, **about, rule="duplicate-interview", problem=said("p")),
    ]
    assert groups_of_lines(office, findings) == [[3, 5, 9], [8]]
    # a row that two rules tie to different rows ties these to each other
    again = Finding(
        file="f.csv",
        line=9,
        **about,
        rule="duplicate-interview",
        problem=said("the respondent id already appears in row f.csv:11"),
    )
    assert groups_of_lines(office, [*findings, again]) == [[3, 5, 9, 11], [8]]


def test_findings_without_a_line_or_that_only_inform_need_no_decision(office):
    inputs = inputs_of(office)
    base = {"round": "baseline", "file": "baseline.csv", "row_key": "", "column": "t1"}
    base |= {"value": "", "problem": said("p"), "fix": said("m"), "rule": "r"}
    findings = [
        Finding(severity="error", line=0, **base),
        Finding(severity="info", line=5, **base),
        Finding(severity="warn", line=6, **base),
        Finding(severity="error", line=7, **(base | {"file": "other.csv"})),
    ]
    rows = office_rows(findings, inputs.tables, identity={})
    assert [(row.file, row.line, row.id, row.held) for row in rows] == [
        ("baseline.csv", 6, "", "1"),
    ]
    # what several rules found of one row stands side by side
    copies = [
        Finding(severity="error", line=7, **(base | {"rule": rule, "problem": said(problem)}))
        for rule, problem in (("duplicate-interview", "b"), ("duplicate-id", "a"))
    ]
    (row,) = office_rows(copies, inputs.tables, identity={})
    assert (row.line, row.rule, row.cell("problem", "en")) == (
        7,
        "duplicate-id, duplicate-interview",
        "b; a",
    )
