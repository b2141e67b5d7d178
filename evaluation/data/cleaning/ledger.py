"""The ledger of corrections: its columns, actions and lines, and signing for an earlier delivery's.

``corrections.csv`` has the columns ``round, row_key, column, old, new, action, reason, by, date,
delivery``. A row key is a place in one delivered file, so ``delivery`` names the file the line was
written for by the first twelve digits of its sha256: in another delivery the same place may hold
another person, and a line that nobody signed for again is an error (``signing`` below). ``by``
names all who signed, the last of them for this delivery, and ``date`` is the day of the last.

``round`` is the round id (or the role of a file without rounds), ``row_key`` is file:line as the
findings print it, ``column`` is the raw column. Actions: ``set`` a cell; ``drop`` a row, named by
the raw column of the respondent id and the id it holds; ``new_id`` give a row another respondent
id; ``merge`` two rows of one respondent, an interview that was resumed in another submission:
``row_key`` is the row that stays, ``column`` the raw column of the respondent id, ``old`` the id
that both rows hold, ``new`` the key of the row that goes.

Effects come in one order, whatever the order of the lines: every ``set``, then every ``merge``,
then ``new_id`` and ``drop``. ``old`` is always what the file as delivered holds.

A new delivery may hold another person in the same place, so a line of the ledger that names an
earlier one stops the stage. Those whose rows still hold their ``old`` are told together, because a
person can look at them and sign for all of them at once; each of the others is told by itself.
"""

import csv
import datetime
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

from evaluation.data.findings import Rule
from evaluation.data.readers.read import RawTable
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from evaluation.file_content import merged_badly
from evaluation.locale.messages import outside

# digits of a sha256 that name a delivery
DELIVERY_DIGITS = 12
ACTIONS = ("set", "drop", "new_id", "merge")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One line of the ledger."""

    line: int
    round: str
    row_key: str
    column: str
    old: str
    new: str
    action: str
    reason: str
    by: str
    date: str
    delivery: str


# those of the file
COLUMNS = tuple(field.name for field in fields(Correction) if field.name != "line")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All corrections, in the order of the file."""

    where: str
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLedger:
    """The ledger of corrections before it is parsed.

    Attributes
    ----------
    text, where : str
        Its text, and how messages name it.
    sha256 : str
        Of its bytes.
    """

    text: str
    where: str
    sha256: str


def parse_ledger(text: str, where: str) -> Ledger:
    """Read ``corrections.csv``.

    Raises
    ------
    DataError
        Names the first line with another shape, an unknown action, no reason, no author, or a
        date that is none.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    corrections = []
    start = 1
    try:
        for number, row in enumerate(reader):
            if number == 0:
                _check_header(row, where)
            elif row:
                corrections.append(_correction(row, start, where))
            start = reader.line_num + 1
    except csv.Error as error:
        raise _wrong(
            where, start, "cannot-read", "check-quotes", error=outside(f"{error}")
        ) from None
    if start == 1:
        _check_header([], where)
    return Ledger(where=where, corrections=tuple(corrections))


def _check_header(row: Sequence[str], where: str) -> None:
    if tuple(row) != COLUMNS:
        raise _wrong(where, 1, "header-not-ledger", "first-line-must", columns=",".join(COLUMNS))


def _correction(row: Sequence[str], line: int, where: str) -> Correction:
    if len(row) != len(COLUMNS):
        if merged_badly(row[0]):
            raise _wrong(where, line, "conflict-marker", "conflict-marker")
        raise _wrong(where, line, "cells-place", "quote-cells-hold", n=len(row), of=len(COLUMNS))
    entry = dict(zip(COLUMNS, row, strict=True))
    if entry["action"] not in ACTIONS:
        raise _wrong(where, line, "action-unknown", "use-one", names=", ".join(ACTIONS))
    for name in ("round", "row_key", "reason", "by"):
        if not entry[name].strip():
            raise _wrong(where, line, "empty", "fill-in", name=name)
    _check_date(entry["date"], line, where)
    return Correction(line=line, **entry)


def _check_date(text: str, line: int, where: str) -> None:
    try:
        datetime.date.fromisoformat(text)
        # other ISO forms (20250331, 2025-W13-1) are dates to Python and riddles to a reader
        strict = DATE.fullmatch(text) is not None
    except ValueError:
        strict = False
    if not strict:
        raise _wrong(where, line, "not-date", "write-like")


def _wrong(where: str, line: int, problem: str, fix: str, **values: object) -> DataError:
    return Rule("ledger", "error", problem, fix).refused(where, line, **values)


DELIVERY_RULE = "delivery"
WAITING = Rule(DELIVERY_RULE, "error", "written-another", "look-rows-remove")
# between those who signed for a line, the last of them for the delivery that it names
AND = "; "


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs, and on which day (like 2025-03-31)."""

    by: str
    date: str


def delivery(table: RawTable) -> str:
    """How the ledger names a delivery of a file."""
    return table.file.sha256.lower()[:DELIVERY_DIGITS]


def is_waiting(entry: Correction, table: RawTable) -> bool:
    """Whether a line was written for another delivery of the file."""
    return entry.delivery.lower() != delivery(table)


def waiting(where: str, entries: Sequence[Correction], table: RawTable, study: str) -> Finding:
    """One error for all lines of a file that a person must look at and can sign for.

    Parameters
    ----------
    where : str
        The ledger, as messages name it.
    entries : sequence of Correction
        Lines of another delivery whose rows hold their ``old``; at least one.
    table : RawTable
        The file as it is now.
    study : str
        For the command.
    """
    lines = sorted(entry.line for entry in entries)
    said = {"path": table.file.path, "spans": spans(lines), "n": len(lines), "study": study}
    return replace(WAITING.in_file(table.file.source, where, "", lines[0], **said), row_key="")


def spans(lines: Iterable[int]) -> str:
    """Numbers of lines in order, neighbours as a span: ``2-5, 9``."""
    ends: list[list[int]] = []
    for line in sorted(lines):
        if ends and line == ends[-1][1] + 1:
            ends[-1][1] = line
        else:
            ends.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in ends)


def confirmed(
    text: str, lines: Collection[int], deliveries: Mapping[str, str], signature: Signature
) -> str:
    """The ledger with some lines signed for anew; all others keep their bytes.

    Parameters
    ----------
    text : str
        The ledger as written.
    lines : collection of int
        Lines to sign for, as the findings name them.
    deliveries : mapping of str to str
        First digits of the file's checksum by ``round``.
    signature : Signature
        Added to ``by``; the line's ``date`` becomes the day of it.
    """
    given = list(io.StringIO(text, newline=""))
    reader = csv.reader(given, strict=True)
    made: list[str] = []
    start = 0
    for row in reader:
        chunk = "".join(given[start : reader.line_num])
        if start + 1 in lines:
            chunk = _signed(dict(zip(COLUMNS, row, strict=True)), chunk, deliveries, signature)
        made.append(chunk)
        start = reader.line_num
    return "".join(made)


def _signed(
    row: Mapping[str, str], chunk: str, deliveries: Mapping[str, str], signature: Signature
) -> str:
    names = [name for name in row["by"].split(AND) if name != signature.by]
    new = {
        "by": AND.join((*names, signature.by)),
        "date": signature.date,
        "delivery": deliveries[row["round"]],
    }
    bare = chunk.rstrip("\r\n")
    text = io.StringIO()
    csv.writer(text, lineterminator=chunk[len(bare) :]).writerow({**row, **new}.values())
    return text.getvalue()
