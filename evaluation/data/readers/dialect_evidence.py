"""How numbers, days and columns are written in a file: what its bytes and cells say, as evidence.

A proposal for the person who writes the manifest: the reader itself guesses nothing.

The reader itself guesses nothing: without a declaration such a cell is a flaw that says so.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluation.config.dictionary import ParsedCell, Problem
from evaluation.config.file_layout import MONTHS, Dialect
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers import decoding, delivered_files
from evaluation.data.readers.csv import DELIMITERS
from evaluation.data.readers.decoding import MARKS
from evaluation.data.readers.raw_table import Delivered
from evaluation.locale.messages import message

FILE_EMPTY = Rule("empty-file", "error", "file-empty", "get-file-again-delimited")
FILE_HOLDS_NUL = Rule("nul-byte", "error", "file-holds-nul", "get-file-again-delimited")
QUOTING = Rule("quoting", "error", fix="get-file-again-delimited")

SPANISH = frozenset("áéíóúüñÁÉÍÓÚÜÑ¿¡ºª«»")
COMMA, POINT = re.compile(r"-?\d+,\d+"), re.compile(r"-?\d+\.\d+")
THOUSANDS = re.compile(r"-?\d{1,3}(?:[.,]\d{3})+")
ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[ T].*)?")
SLASHED = re.compile(r"(\d\d?)/(\d\d?)/\d{4}(?: .*)?")
NAMED = re.compile(rf"({'|'.join(MONTHS)}) \d\d?, \d{{4}}(?: .*)?")
# cells looked at for the decimal and the date
LOOKED_AT = 200_000


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposed value, and why."""

    value: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelimitedText:
    """A delimited file as it was made out: its guesses by key, and its rows under them."""

    guesses: dict[str, Guess]
    rows: Sequence[Sequence[str]]

    @property
    def dialect(self) -> Dialect:
        """The guesses as the manifest holds them."""
        values: dict[str, Any] = {key: guess.value for key, guess in self.guesses.items()}
        return Dialect(**values)


def examine_bytes(data: bytes, *, where: str) -> DelimitedText:
    """Propose the dialect of a delimited file.

    Parameters
    ----------
    data : bytes
        The file.
    where : str
        Its name, for messages.

    Returns
    -------
    DelimitedText
        Guesses for ``encoding``, ``delimiter``, ``decimal`` and ``date``.

    Raises
    ------
    DataError
        The file is of another kind, is empty, holds NUL characters, or its quotes fit no
        delimiter.
    """
    error = delivered_files.other_kind(data, where=where, declared="csv")
    if error is not None:
        raise error
    encoding = _encoding(data)
    text = data.decode(encoding.value)
    if not text.strip():
        raise FILE_EMPTY.refused(where)
    if "\0" in text:
        raise FILE_HOLDS_NUL.refused(where)
    delimiter, rows = _delimiter(text, where)
    cells = [cell for row in rows[1:] for cell in row][:LOOKED_AT]
    guesses = {"encoding": encoding, "delimiter": delimiter}
    return DelimitedText(
        guesses=guesses | {"decimal": decimal(cells), "date": date(cells)}, rows=rows
    )


def _encoding(data: bytes) -> Guess:
    for mark, (shown, owner, encoding) in MARKS.items():
        if data.startswith(mark):
            return Guess(encoding, f"the file begins with the byte-order mark of {owner} ({shown})")
    if data.isascii():
        return Guess("utf-8", "all letters are ASCII: every encoding reads them alike")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _single_byte(data, error.start)
    beyond = sum(not letter.isascii() for letter in text)
    note = _garbled(text)
    return Guess("utf-8", f"valid UTF-8 with {beyond} letters beyond ASCII{note}")


def _single_byte(data: bytes, first: int) -> Guess:
    line = data.count(b"\n", 0, first) + 1
    encoding = "cp1252"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        encoding = "latin-1"
        text = data.decode(encoding)
    beyond = [letter for letter in text if not letter.isascii()]
    spanish = sum(letter in SPANISH for letter in beyond)
    why = "" if encoding == "cp1252" else ", nor cp1252 (it has bytes that cp1252 leaves open)"
    return Guess(
        encoding,
        f"not UTF-8 (first at line {line}){why}; as {encoding}, {spanish} of {len(beyond)} letters"
        f" beyond ASCII are Spanish{_garbled(text)}",
    )


def _garbled(text: str) -> str:
    found = decoding.first_garbled(text)
    if found is None:
        return ""
    line = text.count("\n", 0, found) + 1
    return f"; BUT letters look decoded twice, first on line {line}: ask for the export again"


def _delimiter(text: str, where: str) -> tuple[Guess, list[list[str]]]:
    """The delimiter under which most rows have the header's cells; more cells decide a tie."""
    read = {mark: rows for mark in DELIMITERS if (rows := _rows(text, mark)) is not None}
    # under a mark that does not occur, every line is one cell, whatever its quotes
    if len(read) < len(DELIMITERS) and all(len(rows[0]) == 1 for rows in read.values()):
        raise QUOTING.refused(where)
    share = {
        mark: sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        for mark, rows in read.items()
    }
    best = max(read, key=lambda mark: (len(read[mark][0]) > 1, share[mark], len(read[mark][0])))
    rows = read[best]
    fit = sum(len(row) == len(rows[0]) for row in rows)
    others = ", ".join(
        f"{DELIMITERS[mark]} gives a header of {len(read[mark][0])}"
        for mark in read
        if mark != best
    )
    evidence = f"{fit} of {len(rows)} rows have the header's {len(rows[0])} cells; {others}"
    if fit < len(rows):
        evidence += "; BUT the other rows do not fit"
    return Guess(best, evidence.rstrip("; ")), rows


def _rows(text: str, mark: str) -> list[list[str]] | None:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        return list(reader)
    except csv.Error:
        return None


def decimal(cells: Iterable[str]) -> Guess:
    """The decimal mark that most cells have."""
    counts = Counter(
        "thousands" if THOUSANDS.fullmatch(cell) else "," if COMMA.fullmatch(cell) else "."
        for cell in cells
        if COMMA.fullmatch(cell) or POINT.fullmatch(cell) or THOUSANDS.fullmatch(cell)
    )
    comma, point, either = counts[","], counts["."], counts["thousands"]
    evidence = f"{point} cells like 12.5, {comma} like 12,5"
    if either:
        evidence += f", {either} like 1.234 or 1,234, which may have a mark of thousands"
    if not comma and not point:
        return Guess(".", f"no cell decides ({evidence})")
    if comma and point:
        evidence += "; BUT both occur: find out which columns have which"
    return Guess("," if comma > point else ".", evidence)


def date(cells: Iterable[str]) -> Guess:
    """The form of days that most cells have."""
    iso, day_first, month_first, named, open_, short = 0, 0, 0, 0, 0, 0
    for cell in cells:
        slashed = SLASHED.fullmatch(cell)
        if slashed is not None:
            first, second = int(slashed[1]), int(slashed[2])
            day_first += first > 12
            month_first += second > 12
            open_ += first <= 12 and second <= 12
            short += len(slashed[1]) + len(slashed[2]) < 4
        else:
            iso += ISO.fullmatch(cell) is not None
            named += NAMED.fullmatch(cell) is not None
    counted = {
        "%Y-%m-%d": iso,
        "%d/%m/%Y": day_first,
        "%m/%d/%Y": month_first,
        "%b %-d, %Y": named,
    }
    evidence = (
        f"{iso} cells like 2021-05-31, {day_first} like 31/05/2021, {month_first} like 05/31/2021,"
        f" {named} like May 31, 2021"
    )
    if open_:
        evidence += f", {open_} that can be read both ways"
    if short:
        evidence += f", {short} without the zero of day or month"
    best = max(counted, key=lambda pattern: counted[pattern])
    if sum(count > 0 for count in counted.values()) > 1:
        evidence += "; BUT more than one kind occurs"
    if not counted[best]:
        written = "%-d/%-m/%Y" if short else "%d/%m/%Y"
        return Guess(written if open_ else best, f"no cell decides ({evidence})")
    slashes = short and best in ("%d/%m/%Y", "%m/%d/%Y")
    return Guess(best.replace("%d", "%-d").replace("%m", "%-m") if slashes else best, evidence)


COMMAS = message("where-office-writes.fix")
DAYS = message("where-office.fix")


def declarable(cell: ParsedCell | Problem, text: str) -> ParsedCell | Problem:
    """A flaw of a workbook's cell, with the fix that a declaration would be, if it would be one.

    Parameters
    ----------
    cell : ParsedCell or Problem
        What the dictionary says of a text of a workbook.
    text : str
        The text.
    """
    if not isinstance(cell, Problem):
        return cell
    if cell.rule == "not-a-number" and COMMA.fullmatch(text):
        return replace(cell, fix=COMMAS)
    if cell.rule == "not-a-date" and SLASHED.fullmatch(text):
        return replace(cell, fix=DAYS)
    return cell


def examine_text_cells(table: Delivered) -> dict[str, Guess]:
    """What text cells say of ``text_cells``; empty where numbers and days need no declaration.

    Parameters
    ----------
    table : Delivered
        A sheet as it was read without a declaration.
    """
    numbers: list[str] = []
    days: list[str] = []
    for name in (str(name) for name in table.frame.columns if name != LINE):
        texts = table.frame[name].tolist()
        # beside cells that are numbers, only a comma tells which are texts
        numbers += [t for t in texts if COMMA.fullmatch(t)] if name in table.numbers else texts
        # days in ISO form are days of the workbook, which are written as declared
        days += [t for t in texts if SLASHED.fullmatch(t)]
    most = LOOKED_AT
    mark, day = decimal(numbers[:most]), date(days[:most])
    if mark.value == "." and not days:
        return {}
    return {"decimal": mark, "date": day} if days else {"decimal": mark}
