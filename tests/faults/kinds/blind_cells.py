"""Blind kinds in one step: a changed cell format, or one step on a whole sheet."""

import csv
import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.faults.kinds.blind_sheet import (
    BASELINE,
    CODED,
    DECIMALS,
    ENDLINE,
    FRAME,
    MISSING,
    MONTHS,
    Dialect,
    Register,
    Sheet,
    inserted,
    number,
    written,
)

KINDS = Register()


def renamed(sheet: Sheet, new: Callable[[str], str]) -> None:
    sheet.table[0] = [new(name) for name in sheet.table[0]]


def respelled(name: str) -> str:
    return unicodedata.normalize("NFD", name.replace("cion", "ción"))


def grouped(cell: str, d: Dialect) -> str:
    whole, point, rest = cell.partition(d.point)
    return f"{whole[:-3]}\u00a0{whole[-3:]}{point}{rest}" if len(whole) > 3 else cell


def as_spanish_date(cell: str, _: Dialect) -> str:
    whole, _point, rest = cell.partition(".")
    fits = int(whole) <= 31 and rest.strip("0") and int(rest) <= 12
    return f"{int(whole):02d}-{MONTHS[int(rest) - 1]}" if fits else cell


def with_month_word(cell: str, d: Dialect) -> str:
    day = datetime.strptime(cell, d.day)
    return f"{day:%d}-{MONTHS[day.month - 1]}-{day:%Y}"


def in_utc(cell: str, d: Dialect) -> str:
    local = datetime.strptime(cell, f"{d.day} %H:%M:%S")
    return f"{(local + timedelta(hours=5)).isoformat()}Z"


def unless_missing(new: Callable[[str, Dialect], str]) -> Callable[[str, Dialect], str]:
    return lambda c, d: c if written(number(c).normalize(), d) in MISSING else new(c, d)


# fmt: off
# Cells: what spreadsheets, other programs and people make of them.
KINDS.cells("F1-soft-hyphen", "codes copied from a mail body carry soft hyphens",
            ("id_persona", "municipio", "encuestador"), lambda c, _: f"{c[:2]}\u00ad{c[2:]}")
KINDS.cells("F3-ids-cut", "ids cut to 6 digits by a fixed field width",
            ("id_persona",), lambda c, _: c[:6])
KINDS.cells("F3-zero-guard", 'ids written as ="00417302" to guard the zeros',
            ("id_persona",), lambda c, _: f'="{c}"', share="all")
KINDS.cells("F3-thousands-space", "income grouped by a no-break space, other columns not",
            ("ingreso",), grouped)
KINDS.cells("F3-currency", "income in currency format", ("ingreso",), lambda c, _: f"$ {c}")
KINDS.cells("F3-percent", "weights in percent format", ("peso",),
            lambda c, d: written(f"{number(c) * 100:f}%", d))
KINDS.cells("F3-booleans", "consent turned into VERDADERO and FALSO", ("consent",),
            lambda c, _: "VERDADERO" if c == "1" else "FALSO")
KINDS.cells("F3-two-digit-year", "dates saved with a year of two digits", ("fecha",),
            lambda c, d: datetime.strptime(c, d.day).strftime(d.day.replace("Y", "y")))
KINDS.cells("F3-impossible-date", "a day that the calendar lacks, typed by hand", ("fecha",),
            lambda _, d: "2021-02-29" if d is BASELINE else "31/11/2024")
KINDS.cells("F3-month-words", "dates saved with a Spanish month", ("fecha",), with_month_word)
KINDS.cells("F3-minutes-only", "start times saved as minutes and seconds", ("inicio",),
            lambda c, _: f"{c[-5:]}.0")
KINDS.cells("F3-utc-stamps", "start times exported in UTC by the server", ("inicio",), in_utc)
KINDS.cells("F3-decimals-to-dates", "Spanish Excel took 12.5 for the 12th of May", ("duracion",),
            as_spanish_date, BASELINE)
KINDS.cells("F3-formula-errors", "a lookup that found nothing, saved as values",
            ("municipio", "ingreso", "peso"), lambda _c, _d: "#N/D")
KINDS.cells("F3-rounded-weights", "weights saved as shown, without decimals",
            ("peso",), lambda c, _: f"{number(c):.0f}", share="all")
KINDS.cells("F3-version-exponent", "the form version saved as shown, as an exponent",
            ("version",), lambda c, d: written(f"{int(c):.5E}", d))
KINDS.cells("F3-point-typed", "numbers corrected by hand with a point in a file of commas",
            DECIMALS, lambda c, _: c.replace(",", "."), ENDLINE)
KINDS.cells("F3-float-noise", "codes with float noise, 3.0000000001",
            CODED, lambda c, d: f"{c}{d.point}0000000001")
KINDS.cells("F3-negative-zero", "Harmless: zero written as -0", ("educacion", "consent"),
            lambda c, _: "-0" if c == "0" else c)
KINDS.cells("F3-exact-exponent", "Harmless: weights as exponents without loss", ("peso",),
            lambda c, d: written(f"{number(c):E}", d))
KINDS.cells("F3-trailing-zeros", "Harmless: fixed decimals, missing codes too", ("edad", *DECIMALS),
            lambda c, d: c + ("000" if d.point in c else f"{d.point}000"))
KINDS.cells("F4-from-zero", "one scale exported from 0 instead of from 1",
            ("sexo", "etnia", "confia_vecinos", "confia_policia", "victima"),
            unless_missing(lambda c, _: str(int(c) - 1)), share="all")
KINDS.cells("F4-income-in-pesos", "income in pesos, not in thousands", ("ingreso",),
            unless_missing(lambda c, d: written(number(c) * 1000, d)), share="all")
KINDS.cells("F4-duration-in-seconds", "durations in seconds, not in minutes", ("duracion",),
            lambda c, d: written(number(c) * 60, d), share="all")
KINDS.cells("F4-birth-year", "year of birth where the age belongs", ("edad",),
            lambda c, d: c if number(c) > 99 else str(d.start.year - int(number(c))))
KINDS.cells("F4-top-coded", "ages banded by the firm", ("edad",),
            lambda c, _: "60 y más" if number(c) in range(60, 100) else c)
KINDS.cells("F4-two-answers", "two answers in one cell", CODED, lambda c, _: f"{c} 2")
KINDS.cells("F4-starred", "provisional answers marked with a star", CODED, lambda c, _: f"{c}*")
KINDS.cells("F4-zero-padded", "Harmless: codes padded to two digits", CODED,
            lambda c, _: c.zfill(2))
KINDS.cells("F6-new-year-slip", "January still dated with the old year", ("fecha",),
            lambda c, _: c.replace("/01/2025", "/01/2024"), ENDLINE)
KINDS.cells("F5-frame-thousands", "populations in the frame with a thousands point",
            ("population",), lambda c, _: f"{int(number(c)):,}".replace(",", "."), FRAME)
KINDS.cells("F5-frame-arm-respelled", "an arm in other letters, with a full stop", ("arm",),
            lambda c, _: f"{c.capitalize()}.", FRAME)

# Sheets: what a single step does to a whole file.
KINDS.add("F2-upper-case-header", "a database put the header in capitals",
          lambda s, _: renamed(s, str.upper))
KINDS.add("F2-short-names", "dBase cut the header to 8 letters",
          lambda s, _: renamed(s, lambda name: name[:8]))
KINDS.add("F1-header-respelled", "the header got its accent back, decomposed",
          lambda s, _: renamed(s, respelled), BASELINE)
KINDS.add("F2-labels-row", "a line of labels under the header",
          lambda s, _: s.table.insert(1, [n.replace("_", " ").title() for n in s.table[0]]))
KINDS.add("F2-title-above", "a title and a blank line above the header",
          lambda s, r: s.table.__setitem__(slice(0, 0), [["Encuesta"], *[[]] * r.randint(0, 2)]))
KINDS.add("F2-comment-lines", "notes of the field office between the rows",
          lambda s, r: inserted(s, r, [["# corte de campo"]] * r.randint(1, 4)))
KINDS.add("F2-footer", "the database's last word under the rows",
          lambda s, _: f"{s.text()}{s.dialect.end}400 filas seleccionadas.{s.dialect.end}")
KINDS.add("F2-empty-rows", "empty sheet rows saved as lines of delimiters or of nothing",
          lambda s, r: inserted(s, r, [[""] * r.choice((0, 20))] * r.randint(1, 9)))
KINDS.add("F2-doubled-line-ends", "a text-mode transfer wrote CR CR LF",
          lambda s, _: s.text(lineterminator="\r\r\n"))
KINDS.add("F2-all-quoted", "Harmless: every cell quoted",
          lambda s, _: s.text(quoting=csv.QUOTE_ALL))
KINDS.add("F2-no-last-line-end", "Harmless: no line end after the last row",
          lambda s, _: s.text().removesuffix(s.dialect.end))
KINDS.add("F3-sep-line", "Excel's line sep= above the header",
          lambda s, _: f"sep={s.dialect.mark}{s.dialect.end}{s.text()}")
KINDS.add("F2-wrapped-by-mail", "a mail program broke lines at 76 characters",
          lambda s, _: re.sub(r"([^\r\n]{75})(?=[^\r\n])", rf"\1={s.dialect.end}", s.text()))
KINDS.add("F5-frame-row-lost", "a municipality deleted from the frame",
          lambda s, r: s.table.__delitem__(r.randrange(1, len(s.table))), FRAME)
# fmt: on
