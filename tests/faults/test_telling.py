"""A word counts only by a rule that speaks of the damage, and at its place."""

import csv
from collections.abc import Iterator
from dataclasses import replace

import pytest

from evaluation.estimation.records import Finding
from tests.faults.damage import BASELINE, ENDLINE, FRAME, Expectation, in_cell, in_file, in_row
from tests.faults.edit import put_sheet, sheet
from tests.faults.harness import run
from tests.faults.sites import Sites, sites
from tests.faults.study import delivery
from tests.faults.telling import tells
from tests.messages import said

FINDING = Finding(
    rule="out-of-range",
    severity="error",
    round="baseline",
    file=BASELINE,
    row_key=f"{BASELINE}:7",
    line=7,
    column="edad",
    value="",
    problem=said("beyond 99"),
    fix=said("correct it"),
)
PLACES = {
    BASELINE: Sites(
        lines=frozenset({7}),
        columns=frozenset({"edad"}),
        positions=frozenset({10}),
        cells=frozenset({(7, "edad")}),
    )
}


def expected(place, rule: str = "out-of-range") -> Expectation:
    return Expectation(place=place, rules=(rule,), why="shown here")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, {"cell", "row", "column", "row or column", "file"}),
        ({"rule": "blank"}, set()),
        ({"column": "sexo"}, {"row", "row or column", "file"}),
        ({"line": 8}, {"column", "row or column", "file"}),
        ({"line": 0, "column": ""}, {"file"}),
        ({"column": ""}, {"file"}),
        ({"file": ENDLINE}, {"file"}),
        # the row it speaks of, in the other round's file
        (
            {"file": ENDLINE, "problem": said(f"the person was 12 in row {BASELINE}:7")},
            {"cell", "row", "column", "row or column", "file"},
        ),
        ({"line": 8, "problem": said(f"the person was 12 in row {ENDLINE}:7")},
         {"column", "row or column", "file"}),
        ({"line": 0, "column": "", "problem": said("columns 3 and 10 have the same name")},
         {"column", "row or column", "file"}),
        ({"line": 0, "column": "", "problem": said("columns 3 and 11 have the same name")},
         {"file"}),
    ],
)  # fmt: skip
def test_places(change, told):
    finding = replace(FINDING, **change)
    kinds = ("cell", "row", "column", "row or column", "file")
    assert {place for place in kinds if tells(finding, expected(place), PLACES)} == told


def test_a_rule_about_lines_needs_no_column():
    ragged = replace(FINDING, rule="ragged-row", column="")
    assert tells(ragged, in_row("ragged-row"), PLACES)
    assert not tells(replace(ragged, line=6), in_row("ragged-row"), PLACES)


def test_a_damage_without_a_place_says_why():
    with pytest.raises(ValueError, match="say why"):
        in_file("checksum", why="")


def test_a_word_elsewhere_is_no_report():
    # a hundred and ten years: found, by its own rule, in its cell
    before = sheet(delivery(), BASELINE)
    row = next(i for i, text in enumerate(before.column("edad")) if text == "40")
    changed = put_sheet(delivery(), before.set({row: "110"}, "edad"))
    assert run(changed, manifest="renewed", expect=in_cell("out-of-range")).outcome == "reported"
    for other in (in_cell("blank"), in_cell("unlisted-code")):
        result = run(changed, manifest="renewed", expect=other)
        assert result.outcome == "elsewhere"
        assert [finding.rule for finding in result.findings] == ["out-of-range"]
        assert result.telling == ()


def test_a_line_is_where_the_damaged_row_begins():
    before = sheet(delivery(), BASELINE)
    changed = put_sheet(delivery(), before.set({0: "x"}, "id_persona"))
    assert sites(BASELINE, changed.files[BASELINE]).cells == {(2, "id_persona")}
    # the remark of the first row goes over two lines, so the second row begins on the fourth
    assert "\n" in before.column("observaciones")[0]
    changed = put_sheet(delivery(), before.set({1: "x"}, "id_persona"))
    assert sites(BASELINE, changed.files[BASELINE]).cells == {(4, "id_persona")}
    # a damage on the second line of a row is the row's too
    changed = put_sheet(delivery(), before.set({0: "a\nb"}, "observaciones"))
    assert sites(BASELINE, changed.files[BASELINE]).lines == {2, 3}


def test_a_cell_too_many_damages_the_line_on_which_its_row_begins():
    before = sheet(delivery(), BASELINE)
    assert "\n" in before.rows[0][-1]
    longer = replace(before, rows=[[*before.rows[0], ""], *before.rows[1:]])
    found = sites(BASELINE, put_sheet(delivery(), longer).files[BASELINE])
    assert found.lines == {2, 3}
    assert found.cells == frozenset()


def test_a_row_put_in_is_damaged_and_those_below_it_are_not():
    before = sheet(delivery(), FRAME)
    rows = [*before.rows[:4], ["M13", *before.rows[4][1:]], *before.rows[4:]]
    changed = put_sheet(delivery(), replace(before, rows=rows))
    found = sites(FRAME, changed.files[FRAME])
    assert found.lines == {6}
    assert found.cells == {(6, name) for name in before.header}
    # the second line of a remark that many rows have: only the row put in has it too much
    before = sheet(delivery(), BASELINE)
    remark = before.column("observaciones")[0]
    twice = put_sheet(delivery(), replace(before, rows=[*before.rows, before.rows[0]]))
    last = twice.files[BASELINE].count(b"\n")
    assert before.column("observaciones").count(remark) > 10
    assert sites(BASELINE, twice.files[BASELINE]).lines == {last - 1, last}


def test_a_row_that_is_gone_leaves_no_place_but_the_headers_first_line():
    before = sheet(delivery(), FRAME)
    gone = put_sheet(delivery(), replace(before, rows=before.rows[1:]))
    assert sites(FRAME, gone.files[FRAME]) == Sites()
    headless = replace(before, header=before.rows[0], rows=before.rows[1:])
    assert 1 in sites(FRAME, put_sheet(delivery(), headless).files[FRAME]).lines


def test_another_name_is_on_the_first_line():
    before = sheet(delivery(), FRAME)
    changed = put_sheet(delivery(), replace(before, header=["code", *before.header[1:]]))
    found = sites(FRAME, changed.files[FRAME])
    assert found.lines == {1}
    assert found.columns == {"code", "municipality"}
    assert found.positions == {1}
    assert found.cells == frozenset()


@pytest.fixture
def limit() -> Iterator[int]:
    """The limit that Python begins with: other libraries lift it for the whole process."""
    own = 131_072
    found = csv.field_size_limit(own)
    yield own
    csv.field_size_limit(found)


def test_looking_for_the_damage_leaves_the_reader_its_own_limit(limit):
    before = sheet(delivery(), BASELINE)
    longer = put_sheet(delivery(), before.set({0: "x" * 2 * limit}, "observaciones"))
    assert sites(BASELINE, longer.files[BASELINE]).cells == {(2, "observaciones")}
    assert csv.field_size_limit() == limit
    assert run(longer, manifest="renewed", expect=in_row("quoting")).outcome == "reported"
