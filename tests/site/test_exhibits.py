"""The book prints a table's cells exactly as the report layer's own HTML does."""

import json
import re
import tomllib
from html import unescape
from pathlib import Path

import pytest
from docutils import nodes

from evaluation.locale.messages import texts
from evaluation.report.formats import table, table_writers
from evaluation.report.formats.table import Column, Row, Table
from evaluation.site import exhibit_files
from tests.messages import said
from tests.site.conftest import REPOSITORY, load_extension
from tests.tables import cases

CASES = cases(__file__)

WORDS = texts("book-exhibit", "en")


def effects() -> Table:
    columns = (
        Column(id="outcome", label="Outcome"),
        Column(id="mean", label="Mean"),
        Column(id="sd", label="(SD)", joined="brackets"),
        Column(id="ci_low", label="95% interval"),
        Column(id="ci_high", label="upper", joined="to"),
        Column(id="reading", label="In words", shown="download"),
    )
    rows = (
        Row(
            id="trust",
            group="Primary",
            cells=(
                table.text("Trust <index>"),
                table.number(1.43, decimals=2),
                table.number(1.01, decimals=2),
                table.effect(-0.06, decimals=2),
                table.effect(0.09, decimals=2),
                table.text("In words."),
            ),
        ),
        Row(
            id="crime",
            group="Primary",
            cells=(
                table.text("Crime"),
                table.number(25.4, decimals=1),
                table.none(),
                table.unavailable(said("one cluster"), "en"),
                table.none(),
                table.none(),
            ),
        ),
    )
    return Table(
        id="tbl-effects",
        title="Effects",
        reading="Read it.",
        notes=("A note.",),
        columns=columns,
        rows=rows,
        mark="",
        plan_hash="a",
        data_hash="b",
        version="0",
        language="en",
    )


def test_the_printed_cells_are_those_of_the_html_download(extension):
    content = json.loads(exhibit_files.table_files(effects())["tbl-effects.json"])
    made = extension.numbered(content, WORDS)
    texts = [entry.astext() for entry in made.findall(nodes.entry)]
    html = table_writers.to_html(effects()).decode()
    cells = re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", html)
    assert texts == [unescape(cell) for cell in cells]
    assert texts[:4] == ["Outcome", "Mean (SD)", "95% interval", "Primary"]
    assert texts[4:7] == ["Trust <index>", "1.43 (1.01)", "−0.06 to +0.09"]


@pytest.mark.parametrize(
    ("identifier", "found"),
    [
        ("tbl-did-main", ["Trust among neighbours", "Victim of any event, 12 months"]),
        ("tbl-statements", ["Trust among neighbours", "Victim of any event, 12 months"]),
        ("tbl-overturn", []),
    ],
)
def test_a_search_finds_an_outcome_where_its_result_stands(extension, identifier, found):
    facts = {
        "outcome.trust": "Trust among neighbours (index)",
        "outcome.crime": "Victim of any event, 12 months",
    }
    rows = [{"id": name} for name in ("trust", "trust-range", "crime-range", "nobody-knows")]
    assert extension.outcomes({"id": identifier, "rows": rows}, facts) == found


def rows_under(*headings: str) -> dict:
    """A table with as many rows as a choice needs, under these headings in turn."""
    cells = [{"text": "A", "kind": "text"}, {"text": "1.0", "kind": "number"}]
    rows = [{"group": headings[n % len(headings)], "cells": cells} for n in range(12)]
    return {"id": "tbl-x", "print": {"layout": "as stored", "head": ["A", "B"], "rows": rows}}


FACTS = {"outcome.trust": "Trust (index)", "outcome.crime": "Crime", "title": "Women"}


@pytest.mark.parametrize(("headings", "found"), CASES["long"])
def test_a_long_table_by_outcomes_lets_one_choose(extension, headings, found):
    assert extension.groups(rows_under(*headings), FACTS) == found


def test_a_short_table_by_outcomes_is_read_whole(extension):
    short = rows_under("Trust (index)", "Crime")
    short["print"]["rows"] = short["print"]["rows"][:11]
    assert extension.groups(short, FACTS) == []


@pytest.mark.parametrize(("text", "parts"), CASES["ids"])
def test_the_line_of_an_id_ends_between_two_of_its_parts(extension, text, parts):
    entry = extension._entry(text, "text")
    assert [node.astext() for node in entry.findall(nodes.inline)] == parts
    assert entry.astext().replace("<wbr>", "") == text


@pytest.mark.parametrize(
    ("identifier", "rows", "columns", "begins"),
    [
        ("tbl-levels", 16, 3, "exhibit-all"),
        ("tbl-levels", 15, 3, None),
        ("tbl-x", 16, 4, "exhibit-all exhibit-narrow"),
        ("tbl-x", 16, 2, None),
    ],
)
def test_a_long_table_begins_with_its_first_rows(extension, identifier, rows, columns, begins):
    cells = [{"text": "1", "kind": "number"}] * columns
    page = {"layout": "as stored", "head": ["A"] * columns, "rows": [{"cells": cells}] * rows}
    made = extension._all_rows({"id": identifier, "print": page}, WORDS)
    button = f'<button type="button">Show all {rows} rows</button></p>'
    shown = f'<p class="{begins}" data-table="{identifier}" hidden>{button}'
    assert [node.astext() for node in made] == ([shown] if begins else [])


def test_the_choice_is_hidden_until_its_script_runs(extension):
    made = extension._picker({"id": "tbl-x"}, ['"A" & B'], texts("book-exhibit", "es")).astext()
    assert made.startswith('<p class="outcome-picker" data-table="tbl-x" hidden>')
    assert '<option value="&quot;A&quot; &amp; B">' in made
    assert '<option value="">Todos los resultados</option>' in made


@pytest.mark.parametrize(
    ("change", "sorts"),
    [({}, True), ({"layout": "turned"}, False), ({"rows": 4}, False), ({"kind": "text"}, False)],
)
def test_tables_with_rows_and_numbers_enough_sort(extension, change, sorts):
    page = rows_under("A")["print"]
    page["layout"] = change.get("layout", page["layout"])
    page["rows"] = page["rows"][: change.get("rows", 12)]
    for row in page["rows"]:
        row["cells"][1]["kind"] = change.get("kind", "number")
    assert extension._sorts(page) is sorts


def test_a_reason_in_place_of_a_row_s_numbers_has_their_width(extension):
    reason = {"text": "not available: one cluster", "kind": "unavailable"}
    nothing = {"text": "\N{EN DASH}", "kind": "none"}
    name, number = {"text": "A", "kind": "text"}, {"text": "1", "kind": "count"}
    wide = extension._entries([name, reason, nothing, nothing])
    assert [e.astext() for e in wide] == ["A", "not available: one cluster"]
    assert wide[1]["morecols"] == 2
    # what has a number behind the reason, or no cell, keeps its columns
    for cells in ([name, reason, nothing, number], [name, reason], [name, number, nothing]):
        kept = extension._entries(cells)
        assert len(kept) == len(cells)
        assert not any("morecols" in e for e in kept)


def test_a_table_that_is_turned_in_print_is_turned_in_the_book(extension):
    content = json.loads(exhibit_files.table_files(effects())["tbl-effects.json"])
    page = {**content["print"], "layout": "turned", "head": ["Outcome", "Trust"], "rows": []}
    made = extension.numbered({**content, "print": page}, WORDS)
    assert [entry.astext() for entry in made.findall(nodes.entry)] == ["Outcome", "Trust", "None."]
    assert "exhibit-turned" in made["classes"]


def test_a_table_without_rows_says_so_in_its_place(extension):
    content = json.loads(exhibit_files.table_files(effects())["tbl-effects.json"])
    empty = {**content, "print": {**content["print"], "rows": []}}
    notes = ["Counts. Of rows.", "Result. Nothing found."]
    made = extension.numbered({**empty, "notes": notes}, WORDS)
    (entry,) = [e for body in made.findall(nodes.tbody) for e in body.findall(nodes.entry)]
    assert (entry.astext(), entry["morecols"]) == ("Nothing found.", 2)


def test_a_spanish_table_without_rows_says_so_in_spanish(extension):
    content = json.loads(exhibit_files.table_files(effects())["tbl-effects.json"])
    empty = {**content, "print": {**content["print"], "rows": []}}
    words = texts("book-exhibit", "es")
    for notes, alone in (
        (["Conteos. De filas.", "Resultado. Nada encontrado."], "Nada encontrado."),
        ([], "Ninguno."),
    ):
        made = extension.numbered({**empty, "notes": notes}, words)
        (entry,) = [e for body in made.findall(nodes.tbody) for e in body.findall(nodes.entry)]
        assert entry.astext() == alone


@pytest.mark.parametrize(("note", "strong", "rest"), CASES["notes"])
def test_a_note_s_label_is_set_apart(note, strong, rest):
    (shown,) = load_extension("evaluation_notes").notes({"notes": [note], "own_notes": 1})
    (paragraph,) = shown.children
    assert [node.astext() for node in paragraph.findall(nodes.strong)] == strong
    assert paragraph.children[-1].astext() == rest


def test_a_figure_is_part_of_the_page_in_both_layouts(extension):
    pictures = {"wide": "<svg>W</svg>", "narrow": "<svg>N</svg>"}
    figure = {"id": "fig-x", "code": "X-F01", "kind": "figure", "title": "T", "pictures": pictures}
    made = extension.numbered(figure, WORDS)
    (drawn,) = made.findall(nodes.raw)
    assert drawn.astext() == (
        '<div class="figure-wide"><svg>W</svg></div><div class="figure-narrow"><svg>N</svg></div>'
    )
    # the number that the book counts comes before, the code that never changes behind
    assert made.children[-1].astext() == "T X-F01"


def test_only_files_for_readers_are_offered(extension):
    content = json.loads(exhibit_files.table_files(effects())["tbl-effects.json"])
    names = [file["name"] for file in extension.offered(content)]
    assert names == [f"tbl-effects.{form}" for form in ("csv", "docx", "html", "md", "tex", "xlsx")]


@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_every_exhibit_stands_once_in_its_study_s_book(study):
    registry = tomllib.loads(
        (REPOSITORY / "config" / study / "exhibits.toml").read_text(encoding="utf-8")
    )
    wanted = [e["id"] for e in registry["exhibit"] if e.get("place", "page") == "page"]
    shown = [identifier for page in pages(study) for identifier in exhibits_of(page, wanted)]
    assert sorted(shown) == sorted(wanted)


def pages(study: str) -> list[Path]:
    """Pages, notebooks and the parts that they include, as the table of contents names them."""
    book = REPOSITORY / "book"
    contents = (book / f"_toc.{study}.yml").read_text(encoding="utf-8")
    found = []
    for name in re.findall(r"(?:root|file): (\S+)", contents):
        if name.startswith("notebooks/"):
            page = REPOSITORY / f"{name}.ipynb"
        else:
            page = of_study(study, f"{name}.md")
        parts = re.findall(
            r"```\{include\} (?:\.\./)?([\w.]+\.md)", page.read_text(encoding="utf-8")
        )
        found += [page, *(of_study(study, part) for part in parts)]
    return found


def of_study(study: str, name: str) -> Path:
    """A page or a part of one: the study's own stands in for the common one."""
    own = REPOSITORY / "book" / study / name
    return own if own.exists() else REPOSITORY / "book" / "common" / name


def exhibits_of(page: Path, registered: list[str]) -> list[str]:
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        named = re.findall(r'results\.(?:table|figure)\(\\"([\w-]+)\\"\)', text)
        beginnings = re.findall(r'results\.every\(\\"([\w-]+)\\"\)', text)
        return [*named, *(i for b in beginnings for i in registered if i.startswith(b))]
    return re.findall(r"^```\{exhibit\} ([\w-]+)\n(?!:repeat:)", text, re.MULTILINE)


@pytest.mark.parametrize(("columns", "named"), [(3, True), (4, False)])
def test_cells_of_a_stacked_table_say_what_they_are(extension, monkeypatch, *, columns, named):
    """Three columns and two rows; the row's own name needs no label."""
    monkeypatch.setattr(extension, "STACKED_COLUMNS", columns)
    content = json.loads(exhibit_files.table_files(effects())["tbl-effects.json"])
    made = extension.numbered(content, WORDS)
    labels = [re.findall(r'data-name="(.*?)"', raw.astext()) for raw in made.findall(nodes.raw)]
    assert labels == ([["Mean (SD)"], ["95% interval"]] * 2 if named else [])
    table = next(iter(made.findall(nodes.table)))
    assert ("exhibit-stacked" in table["classes"]) is named


def test_a_table_of_words_is_stacked_however_long(extension):
    def page(kind: str, columns: int, rows: int) -> dict[str, object]:
        row = {"cells": [{"kind": "text"}, {"kind": kind}]}
        return {"layout": "as stored", "head": ["head"] * columns, "rows": [row] * rows}

    assert extension._stacks(page("text", 3, 500))
    assert not extension._stacks(page("text", 2, 2))
    assert not extension._stacks(page("number", 3, 2))


def test_a_stacked_table_needs_no_width_of_its_own():
    """Nothing of its rules makes it wider than a telephone; there its rows are blocks."""
    sheet = (REPOSITORY / "book" / "_static" / "evaluation.css").read_text(encoding="utf-8")
    own = re.findall(r"([^{}]*(?:tbl-indicators|exhibit-stacked)[^{}]*){([^{}]*)}", sheet)
    assert own
    assert not [rules for _, rules in own if re.search(r"min-width:\s*[1-9]", rules)]
    assert any("tbody tr" in where and "display: grid" in rules for where, rules in own)
    assert any("attr(data-name)" in rules for _, rules in own)
    # a name that repeats the one above is read there too
    assert any(".cell-repeated p" in where and "position: static" in rules for where, rules in own)


def test_no_line_ends_inside_a_range(extension):
    assert extension.unbroken("Trust, 1–5; −0.1–0.2") == (
        "Trust, 1\u2060–\u20605; −0.1\u2060–\u20600.2"
    )
    assert extension.unbroken("ROBINS-I, p = 0.05") == ("ROBINS\u2060-\u2060I, p\u00a0=\u00a00.05")
