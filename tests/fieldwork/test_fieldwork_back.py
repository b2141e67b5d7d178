"""The day's workbook of the field: filled in by the office, and read back into the ledger.

The expected lines of the ledger are written down here; no number in this file is estimated.
"""

import argparse
import csv
import io
from pathlib import Path

import openpyxl
import pytest

from evaluation.cli import corrections, fieldwork
from evaluation.data.cleaning.ledger import parse_ledger
from evaluation.errors import DataError
from evaluation.locale.messages import wording
from tests.fixtures.tiny import Tiny, csv_bytes

TO_FILL = ("decision", "new value", "initials", "reason", "date")
SPANISH = dict(
    zip(TO_FILL, ("decisión", "valor nuevo", "iniciales", "motivo", "fecha"), strict=True)
)
# what the office decides, by sheet and line of the export: decision, new value
DECIDED = {
    ("duplicates", 6): ("keep", ""),
    ("duplicates", 7): ("merge", ""),
    ("duplicates", 11): ("keep", ""),
    ("duplicates", 12): ("new id", "p99"),
    ("to correct", 14): ("set", "4"),
    ("to correct", 16): ("drop", ""),
}
EXPECTED = [
    ("baseline.csv:6", "id_persona", "p04", "baseline.csv:7", "merge"),
    ("baseline.csv:12", "id_persona", "p09", "p99", "new_id"),
    ("baseline.csv:14", "t1", "44", "4", "set"),
    ("baseline.csv:16", "id_persona", "p14", "", "drop"),
]


@pytest.fixture
def field(tiny: Tiny) -> Tiny:
    """Two pairs of duplicates, an unlisted code, a weight that is no number."""
    first = tiny.baseline[4]
    tiny.baseline[5] = first | {"t1": "", "v1": "", "v2": ""}
    tiny.baseline[10]["id_persona"] = tiny.baseline[9]["id_persona"]
    tiny.baseline[12]["t1"] = "44"
    tiny.baseline[14]["peso"] = "1.5.0"
    tiny.write()
    tiny.run_read()
    return tiny


def the_day(language: str = "en", *, file: str = "") -> Path:
    chosen = argparse.Namespace(
        study="tiny", data_raw="", language=language, round="baseline", file=file, backcheck="",
        out="out",
    )  # fmt: skip
    fieldwork.run(chosen)
    return Path("out/private/fieldwork_baseline.xlsx")


def take(*files: str) -> None:
    parser = argparse.ArgumentParser()
    parser.set_defaults(study="tiny", data_raw="", language="en")
    corrections.add_arguments(parser)
    corrections.run(parser.parse_args(["from-xlsx", *files, "--write"]))


def filled(path: Path, language: str = "en") -> Path:
    """The workbook as the office saves it: decisions typed into its own cells."""
    book = openpyxl.load_workbook(path)
    head_word = dict.fromkeys(TO_FILL) if language == "en" else SPANISH
    for name in ("duplicates", "to correct"):
        sheet = book[wording(f"office.sheet.{name}", language)]
        head = [cell.value for cell in sheet[3]]
        at = {n: head.index(head_word[n] or n) + 1 for n in TO_FILL}
        line_at = head.index("line" if language == "en" else "línea") + 1
        for number in range(4, sheet.max_row + 1):
            line = int(sheet.cell(number, line_at).value)
            if (name, line) not in DECIDED:
                continue
            decision, new = DECIDED[name, line]
            said = wording(f"office.decision.{decision.replace(' ', '_')}", language)
            sheet.cell(number, at["decision"]).value = said
            sheet.cell(number, at["new value"]).value = new or None
            if decision != "keep":
                for key, text in (("initials", "AMR"), ("reason", "llamó"), ("date", "4/3/2025")):
                    sheet.cell(number, at[key]).value = text
    book.save(path)
    return path


def ledger(tiny: Tiny) -> list[tuple[str, str, str, str, str]]:
    text = (tiny.config / "corrections.csv").read_text(encoding="utf-8")
    entries = parse_ledger(text, "corrections.csv").corrections
    assert {(e.by, e.reason, e.date) for e in entries} == {("AMR", "llamó", "2025-03-04")}
    return [(e.row_key, e.column, e.old, e.new, e.action) for e in entries]


@pytest.mark.parametrize("language", ["en", "es"])
def test_decisions_in_the_days_workbook_become_lines_of_the_ledger(field, language):
    take(str(filled(the_day(language), language)))
    assert ledger(field) == EXPECTED
    field.run()
    assert set(field.findings()["severity"]) == {"info"}


def test_an_export_under_another_name_is_known_by_its_bytes(field):
    (field.root / "hoy.csv").write_bytes((field.raw / "baseline.csv").read_bytes())
    take(str(filled(the_day(file="hoy.csv"))))
    assert ledger(field) == EXPECTED


def test_decisions_on_another_export_are_refused_with_the_way_out(field):
    (field.root / "hoy.csv").write_bytes(csv_bytes(field.baseline[:20]))
    path = filled(the_day(file="hoy.csv"))
    with pytest.raises(DataError, match=r"name that export in manifest\.toml"):
        take(str(path))
    (field.root / "baseline.csv").write_bytes(csv_bytes(field.baseline[:20]))
    path = filled(the_day(file="baseline.csv"))
    with pytest.raises(DataError, match="written for another delivery"):
        take(str(path))


@pytest.mark.parametrize("above", [0, 2])
def test_sheets_saved_as_csv_with_their_marks_above_the_header(field, above):
    book = openpyxl.load_workbook(filled(the_day()))
    for name in ("duplicates", "to correct"):
        rows = list(book[name].iter_rows(values_only=True))[2 - above :]
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
        Path(f"{name}.csv").write_bytes(text.getvalue().encode("cp1252"))
    take("duplicates.csv", "to correct.csv")
    assert ledger(field) == EXPECTED


def test_the_days_list_as_csv_is_read_back_too(field):
    the_day()
    path = Path("out/private/fieldwork_baseline.csv")
    head, *rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    text = io.StringIO()
    writer = csv.DictWriter(text, head, lineterminator="\n")
    writer.writeheader()
    signed = {"initials": "AMR", "reason": "llamó", "date": "2025-03-04"}
    for row in (dict(zip(head, cells, strict=True)) for cells in rows):
        if row["line"] == "14":
            row |= {"decision": "set", "new value": "4", **signed}
        writer.writerow(row)
    path.write_text(text.getvalue(), encoding="utf-8")
    take(str(path))
    assert ledger(field) == [EXPECTED[2]]


def test_what_the_office_types_stays_text(field):
    sheet = openpyxl.load_workbook(the_day())["to correct"]
    head = [cell.value for cell in sheet[3]]
    for name in TO_FILL:
        assert sheet.cell(4, head.index(name) + 1).number_format == "@", name
