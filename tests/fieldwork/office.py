"""The office at work on the tiny study: it fills in the workbook, and saves it as it can."""

import argparse
import csv
import datetime
import io
from pathlib import Path

import openpyxl

from evaluation.cli import corrections
from evaluation.data.cleaning.ledger import parse_ledger
from tests.fixtures.tiny import Tiny

BOOK = "build/tiny/private/office_corrections.xlsx"
Row = dict[str, object]
Book = dict[str, list[Row]]
SIGNED: Row = {"initials": "AMR", "reason": "llamó la supervisora", "date": "2025-03-04"}


def command(*words: str) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--study", default="tiny")
    parser.set_defaults(data_raw="", language="en")
    corrections.add_arguments(parser)
    corrections.run(parser.parse_args(words))


def read_book(path: Path) -> Book:
    """The two sheets to fill in."""
    book = openpyxl.load_workbook(path)
    found: Book = {}
    for sheet in book.worksheets[:2]:
        header, *rows = sheet.iter_rows(values_only=True)
        names = [str(name) for name in header]
        found[sheet.title] = [
            {n: "" if v is None else v for n, v in zip(names, row, strict=True)} for row in rows
        ]
    return found


def at(rows: list[Row], line: int, column: str = "") -> Row:
    (found,) = [r for r in rows if str(r["line"]) == str(line) and column in ("", str(r["column"]))]
    return found


def decided(book: Book) -> Book:
    """Every kind of decision, signed."""
    copies, others = book["duplicates"], book["to correct"]
    at(copies, 6).update(decision="keep")
    at(copies, 7).update(decision="merge", **SIGNED)
    at(copies, 11).update(decision="keep")
    at(copies, 12).update(decision="new id", **{"new value": "0099911"}, **SIGNED)
    at(others, 14, "t1").update(decision="set", **{"new value": "4"}, **SIGNED)
    at(others, 16, "peso").update(decision="set", **{"new value": "1.5"}, **SIGNED)
    at(others, 4, "fecha").update(decision="set", **{"new value": "2024-11-04"}, **SIGNED)
    at(others, 9, "duracion").update(decision="drop", **SIGNED)
    return book


EXPECTED = [
    ("baseline.csv:6", "id_persona", "0012304", "baseline.csv:7", "merge"),
    ("baseline.csv:12", "id_persona", "0012309", "0099911", "new_id"),
    ("baseline.csv:14", "t1", "44", "4", "set"),
    ("baseline.csv:16", "peso", "1.5.0", "1.5", "set"),
    ("endline.dta:4", "fecha", "2023-11-04", "2024-11-04", "set"),
    ("endline.dta:9", "id_persona", "0012308", "", "drop"),
]


def written(tiny: Tiny) -> list[tuple[str, str, str, str, str]]:
    """The ledger as it stands; every line must be signed as the office did."""
    text = (tiny.config / "corrections.csv").read_text(encoding="utf-8")
    entries = parse_ledger(text, "corrections.csv").corrections
    for entry in entries:
        assert (entry.by, entry.reason, entry.date) == ("AMR", SIGNED["reason"], "2025-03-04")
        assert len(entry.delivery) == 12
    return [(e.row_key, e.column, e.old, e.new, e.action) for e in entries]


def save_book(book: Book, path: Path) -> Path:
    """The decisions typed into the workbook that was written, and saved again."""
    made = openpyxl.load_workbook(BOOK)
    for name, rows in book.items():
        sheet = made[name]
        header = [cell.value for cell in sheet[1]]
        for number, row in enumerate(rows, start=2):
            for column, label in enumerate(header, start=1):
                value = row.get(str(label), "")
                sheet.cell(number, column).value = None if value == "" else value
    made.save(path)
    return path


def save_csv(rows: list[Row], path: Path, *, delimiter: str, encoding: str, end: str) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


# -- what spreadsheet programs do ----------------------------------------------------------------


def as_excel(value: object) -> str:
    """A cell of text as a Spanish Excel shows it after a CSV was opened and saved again."""
    text = str(value)
    if not text.replace(".", "", 1).isdecimal():
        return {"true": "VERDADERO", "false": "FALSO"}.get(text.casefold(), text)
    number = float(text)
    shown = str(int(number)) if number.is_integer() else f"{number:.10g}"
    if number >= 1e11:
        mantissa, power = f"{number:.5E}".split("E")
        shown = f"{mantissa.rstrip('0')}E+{int(power)}"
    return shown.replace(".", ",")


def excel_rows(rows: list[Row]) -> list[Row]:
    changed = []
    for row in rows:
        made = {
            name: as_excel(v) if name not in ("new value", "reason") else v
            for name, v in row.items()
        }
        if made["date"]:
            moment = datetime.date.fromisoformat(str(row["date"]))
            made["date"] = f"{moment.day}/{moment.month:02d}/{moment.year}"
        changed.append(made)
    return changed
