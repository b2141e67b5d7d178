"""What a spreadsheet has changed in a dictionary: differences in words, and damage to codes.

A spreadsheet program rewrites what looks like a number, at the latest when a CSV file is opened
and saved again: ``05`` becomes 5, 123456 becomes 1.23E+05, ``1.5`` becomes 1,5 or a date. Where
the present dictionary has the code as it was, the change is refused by its cell.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal, InvalidOperation

from evaluation.data.readers.sheets import Line
from evaluation.fieldwork.dictionary_cells import CellError, entries
from evaluation.fieldwork.dictionary_workbook import KEYS, SHEETS, Row, Rows
from evaluation.locale.messages import Message, message

EXPONENT = re.compile(r"-?\d+(?:[.,]\d+)?[eE][+-]?\d{1,3}")
GROUPED = re.compile(r"-?\d{1,3}(?:[.,' ]\d{3})+")
DECIMAL_COMMA = re.compile(r"-?\d+,\d+")
# a spreadsheet number has 15 digits
MOST_DIGITS = 15
# 1-2 becomes 1-feb, in the language of the program
DAY_OF_MONTH = re.compile(r"\d{1,4}[-/ ][^\W\d_]{3,4}\.?(?:[-/ ]\d{2,4})?")
# columns whose single entries are compared; all but those of the sheet codes are lists
CODES = {
    "codes": ("code", "value"),
    "missing": ("dont_know", "refused", "not_applicable", "not_asked"),
    "variables": ("asked_if.values",),
}
SHOWN = 70
KINDS = ("date", "logical", "formula", "error")


def check_cells(lines: Iterable[tuple[Row, Line]]) -> None:
    """Refuse cells that a spreadsheet program holds as something else than text.

    A whole number of up to 15 digits is accepted: it can be read in one way only.

    Raises
    ------
    SpecError
        A date, formula, logical or error value, a longer or broken number.
    """
    for row, line in lines:
        for header, cell in zip(row.cells, line.cells, strict=False):
            if cell.kind in KINDS:
                raise row.error(header, f"cell-is-{cell.kind}.problem", "set-the-cell-format")
            digits = sum(letter.isdigit() for letter in cell.text)
            if cell.kind == "number" and digits > MOST_DIGITS:
                raise row.error(header, "cell-number-spreadsheet", "set-cell-format-text-type")


def check_codes(present: Rows, now: Rows) -> None:
    """Refuse codes that read like one of the present dictionary as a spreadsheet rewrites it.

    Parameters
    ----------
    present, now : dict of sheet name to rows

    Raises
    ------
    SpecError
        Names sheet, row and column, the code as it stands and as it was.
    """
    for sheet in CODES:
        before, after = _by_scope(present[sheet]), _by_scope(now[sheet])
        for row in now[sheet]:
            for scope, code in _codes(row):
                known = before.get(scope, set())
                if code not in known:
                    _check_code(row, scope[-1], code, known - after[scope])


def _by_scope(rows: Iterable[Row]) -> dict[tuple[str, ...], set[str]]:
    """Codes of each list and column, whatever file the list stands in."""
    found: dict[tuple[str, ...], set[str]] = {}
    for scope, code in (entry for row in rows for entry in _codes(row)):
        found.setdefault(scope, set()).add(code)
    return found


def _codes(row: Row) -> Iterator[tuple[tuple[str, ...], str]]:
    """Codes of a row, each with its list and column."""
    for header in CODES[row.sheet]:
        text, scope = row.cells[header], (*row.key[:1], header)
        try:
            for code in [text] if row.sheet == "codes" else entries(text):
                yield scope, code
        except CellError:
            # the reader of the cells says so, with its place
            continue


def _check_code(row: Row, header: str, code: str, gone: set[str]) -> None:
    for shape, kind in ((EXPONENT, "number"), (DAY_OF_MONTH, "date")):
        if shape.fullmatch(code) and header != "value":
            problem = f"code-like-{kind}.problem"
            raise row.error(header, problem, "set-cell-format-text", code=code)
    for old in sorted(gone):
        if code.strip() == old or _values(code) & _values(old):
            raise row.error(header, "stands-where", "set-cell-format", code=code, old=old)


def _values(text: str) -> set[Decimal]:
    """Numbers that a text may stand for, in one spelling or another."""
    spelled = [text.strip()]
    if DECIMAL_COMMA.fullmatch(text):
        spelled.append(text.replace(",", "."))
    if GROUPED.fullmatch(text):
        spelled.append(re.sub(r"[.,' ]", "", text))
    found: set[Decimal] = set()
    for spelling in spelled:
        with suppress(InvalidOperation):
            number = Decimal(spelling)
            found |= {number} if number.is_finite() else set()
    return found


def differences(present: Rows, now: Rows) -> tuple[Message, ...]:
    """What the new rows say otherwise than the present ones, one line each.

    Parameters
    ----------
    present, now : dict of sheet name to rows

    Returns
    -------
    tuple of Message
        Sheet by sheet: removed, added, moved and changed records; empty where nothing differs.
    """
    return tuple(line for sheet in SHEETS for line in _in_sheet(sheet, present[sheet], now[sheet]))


def _in_sheet(sheet: str, present: Sequence[Row], now: Sequence[Row]) -> Iterator[Message]:
    before, after = ({row.key: row for row in rows} for rows in (present, now))
    for key in before:
        if key not in after:
            yield message("workbook-change.removed", record=_named(before[key]))
    for key, row in after.items():
        if key not in before:
            yield message("workbook-change.added", record=_named(row))
            continue
        for header, text in row.cells.items():
            old = before[key].cells.get(header, "")
            if text != old:
                yield message(
                    "workbook-change.changed",
                    record=_named(row),
                    header=header,
                    old=_shown(old),
                    new=_shown(text),
                )
    kept = [key for key in before if key in after]
    if kept != [key for key in after if key in before]:
        yield message("workbook-change.order", sheet=sheet)


def _named(row: Row) -> Message:
    name = " ".join(row.cells[column] for column in KEYS[row.sheet])
    return message(f"record.{row.sheet}", name=name)


def _shown(text: str) -> str:
    if text == "":
        return "(empty)"
    flat = " ".join(text.split())
    return f'"{flat}"' if len(flat) <= SHOWN else f'"{flat[: SHOWN - 1]}…"'
