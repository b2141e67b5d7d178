"""F3: what a spreadsheet does to a file that somebody opened and saved."""

import datetime
import random
from collections.abc import Callable

from tests.faults.damage import BASELINE, ENDLINE, FRAME, Delivery, Kind, expected
from tests.faults.edit import (
    ENCODINGS,
    Sheet,
    answered,
    on_cells,
    one_cell,
    put,
    sheet,
    text,
    whole_column,
)

FORMATS = {BASELINE: "%Y-%m-%d", ENDLINE: "%d/%m/%Y"}
FIELDWORK = {
    BASELINE: (datetime.datetime(2021, 2, 15), datetime.datetime(2021, 5, 28)),
    ENDLINE: (datetime.datetime(2024, 10, 7), datetime.datetime(2025, 2, 14)),
}
NUMBERS = ("duracion", "ingreso", "peso")
MISSING = ("88", "98", "888888", "988888")


def _no_zeros(cell: str, _: Sheet) -> str:
    return cell.lstrip("0")


def _float(cell: str, before: Sheet) -> str:
    return f"{cell}{before.decimal('.0')}"


def _dates(pattern: str) -> Callable[[str, Sheet], str]:
    def change(cell: str, before: Sheet) -> str:
        return datetime.datetime.strptime(cell, FORMATS[before.name]).strftime(pattern)

    return change


def _serial(cell: str, before: Sheet) -> str:
    day = datetime.datetime.strptime(cell, FORMATS[before.name])
    return str((day - datetime.datetime(1899, 12, 30)).days)


def _swapped_day(cell: str, before: Sheet, _: random.Random) -> str:
    """Day and month changed places; where that is no date, the text is as the office has it."""
    day = datetime.datetime.strptime(cell, FORMATS[before.name])
    other = "%Y-%d-%m" if before.name == BASELINE else "%m/%d/%Y"
    return day.strftime(other)


def _any_swapped_day(before: Sheet, draw: random.Random) -> Sheet:
    days = enumerate(before.column("fecha"))
    pattern = FORMATS[before.name]
    rows = [
        i
        for i, cell in days
        if i in set(answered(before, "fecha"))
        and (day := datetime.datetime.strptime(cell, pattern)).day != day.month
    ]
    row = draw.choice(rows)
    cell = before.rows[row][before.at("fecha")]
    return before.set({row: _swapped_day(cell, before, draw)}, "fecha")


def _swapped_both(before: Sheet, draw: random.Random) -> Sheet:
    """Date and start of one interview with day and month swapped, still within fieldwork."""
    pattern, inside = FORMATS[before.name], FIELDWORK[before.name]
    rows = {}
    for i in answered(before, "fecha"):
        day = datetime.datetime.strptime(before.rows[i][before.at("fecha")], pattern)
        if day.day <= 12 and day.day != day.month:
            other = day.replace(day=day.month, month=day.day)
            if inside[0] <= other <= inside[1]:
                rows[i] = other.strftime(pattern)
    row = draw.choice(list(rows))
    clock = before.rows[row][before.at("inicio")].split(" ")[1]
    return before.set({row: rows[row]}, "fecha").set({row: f"{rows[row]} {clock}"}, "inicio")


def _first_day(_: str, before: Sheet, __: random.Random) -> str:
    return datetime.datetime(1900, 1, 1).strftime(FORMATS[before.name])


def _scientific_id(cell: str, before: Sheet, _: random.Random) -> str:
    return before.decimal(f"{int(cell):.2E}")


def _scientific_income(before: Sheet, draw: random.Random) -> Sheet:
    place = before.at("ingreso")
    rows = [
        i for i in answered(before, "ingreso", but=("", *MISSING)) if len(before.rows[i][place]) > 5
    ]
    row = draw.choice(rows)
    value = float(before.rows[row][place].replace(",", "."))
    return before.set({row: before.decimal(f"{value:.1E}")}, "ingreso")


def _other_mark(cell: str, before: Sheet) -> str:
    return cell.replace(".", ",") if before.name == BASELINE else cell.replace(",", ".")


def _thousands(before: Sheet, draw: random.Random) -> Sheet:
    """1234.5 as 1.234,5 or 1,234.5, whichever is not the file's way; or rounded, 1.234."""
    place = before.at("ingreso")
    rows = [
        i
        for i in answered(before, "ingreso", but=("", *MISSING))
        if float(before.rows[i][place].replace(",", ".")) >= 1000
    ]
    style = draw.choice(("point", "comma", "rounded"))
    changes = {}
    for i in rows:
        value = float(before.rows[i][place].replace(",", "."))
        english = f"{value:,.1f}" if style != "rounded" else f"{value:,.0f}"
        swap = style == "point" or (style == "rounded" and before.name == BASELINE)
        changes[i] = english.translate(str.maketrans(",.", ".,")) if swap else english
    return before.set(changes, "ingreso")


def _population(cell: str, _: Sheet) -> str:
    return f"{int(cell):,}".replace(",", ".")


def _lost_mark(cell: str, _: Sheet, __: random.Random) -> str:
    return cell.replace(".", "").replace(",", "")


def _numbers_lost_mark(before: Sheet, draw: random.Random) -> Sheet:
    name = draw.choice(NUMBERS)
    row = draw.choice(answered(before, name, but=("", *MISSING)))
    cell = before.rows[row][before.at(name)]
    return before.set({row: _lost_mark(cell, before, draw)}, name)


def _other_delimiter(delivery: Delivery, draw: random.Random) -> Delivery:
    name = draw.choice((BASELINE, ENDLINE, FRAME))
    mark = {BASELINE: ";", ENDLINE: ",", FRAME: "\t"}[name]
    return put(delivery, name, text(sheet(delivery, name), delimiter=mark).encode(ENCODINGS[name]))


def _as_date(before: Sheet, draw: random.Random) -> Sheet:
    """A decimal that looks like day and month: 3.5 became 03-may."""
    row = draw.choice(answered(before, "duracion"))
    return before.set({row: "03-may"}, "duracion")


def _hidden_error(_: str, __: Sheet, draw: random.Random) -> str:
    return draw.choice(("#N/A", "#VALUE!", "#REF!", "#¡VALOR!", "########"))


EXPECT = expected("F3")


def _kind(name: str, words: str, apply) -> Kind:
    return Kind(id=f"F3-{name}", group="F3", words=words, apply=apply, expect=EXPECT[name])


CODES = ("consent", "sexo", "educacion", "victima", "veces")

KINDS = (
    _kind(
        "zero-lost",
        "ids became numbers and lost their first zeros",
        on_cells(whole_column(("id_persona",), _no_zeros)),
    ),
    _kind("float-codes", "codes became 1.0", on_cells(whole_column(CODES, _float))),
    _kind(
        "serial-dates", "dates became numbers of days", on_cells(whole_column(("fecha",), _serial))
    ),
    _kind(
        "d-m-y",
        "dates were saved day first",
        on_cells(whole_column(("fecha",), _dates("%d/%m/%Y")), (BASELINE,)),
    ),
    _kind(
        "m-d-y",
        "dates were saved month first",
        on_cells(whole_column(("fecha",), _dates("%m/%d/%Y"))),
    ),
    _kind(
        "two-digit-year",
        "dates were saved with two digits of the year",
        on_cells(whole_column(("fecha",), _dates("%d/%m/%y"))),
    ),
    _kind("day-month", "one date has day and month swapped", on_cells(_any_swapped_day)),
    _kind(
        "day-month-both",
        "date and start of one interview have day and month swapped",
        on_cells(_swapped_both),
    ),
    _kind("1900", "an empty date became 1900", on_cells(one_cell("fecha", _first_day))),
    _kind(
        "scientific-id", "an id became 1.23E+05", on_cells(one_cell("id_persona", _scientific_id))
    ),
    _kind("scientific", "an amount became 1.2E+03", on_cells(_scientific_income)),
    _kind(
        "other-decimal",
        "decimal points and commas changed places",
        on_cells(whole_column(NUMBERS, _other_mark)),
    ),
    _kind("thousands", "amounts got a mark for thousands", on_cells(_thousands)),
    _kind(
        "thousands-count",
        "inhabitants were written 41.300",
        on_cells(whole_column(("population",), _population), (FRAME,)),
    ),
    _kind("lost-mark", "a number lost its decimal mark", on_cells(_numbers_lost_mark)),
    _kind("other-delimiter", "saved with another delimiter", _other_delimiter),
    _kind("as-date", "a number became a day of May", on_cells(_as_date)),
    _kind(
        "error-word",
        "a formula's error stands in a cell",
        on_cells(one_cell("ingreso", _hidden_error)),
    ),
)
