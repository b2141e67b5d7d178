"""The ledger of corrections as a file: its columns, its actions, and the shape of every line.

``corrections.csv`` has the columns ``round, row_key, column, old, new, action, reason, by, date,
delivery``. A row key is a place in one delivered file, so ``delivery`` names the file the line was
written for by the first twelve digits of its sha256: in another delivery the same place may hold
another person, and a line that nobody signed for again is an error (``confirming.py``). ``by``
names all who signed, the last of them for this delivery, and ``date`` is the day of the last.

``round`` is the round id (or the role of a file without rounds), ``row_key`` is file:line as the
findings print it, ``column`` is the raw column. Actions: ``set`` a cell; ``drop`` a row, named by
the raw column of the respondent id and the id it holds; ``new_id`` give a row another respondent
id; ``merge`` two rows of one respondent, an interview that was resumed in another submission:
``row_key`` is the row that stays, ``column`` the raw column of the respondent id, ``old`` the id
that both rows hold, ``new`` the key of the row that goes.

Effects come in one order, whatever the order of the lines: every ``set``, then every ``merge``,
then ``new_id`` and ``drop``. ``old`` is always what the file as delivered holds.
"""

import csv
import datetime
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.errors import DataError
from evaluation.locale.messages import Message, message
from evaluation.locale.outside import known

COLUMNS = (
    "round",
    "row_key",
    "column",
    "old",
    "new",
    "action",
    "reason",
    "by",
    "date",
    "delivery",
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All corrections, in the order of the file."""

    where: str
    corrections: tuple[Correction, ...]


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
            where,
            start,
            message("cannot-read.problem", error=known(f"{error}")),
            message("check-quotes.mend"),
        ) from None
    if start == 1:
        _check_header([], where)
    return Ledger(where=where, corrections=tuple(corrections))


def _check_header(row: Sequence[str], where: str) -> None:
    if tuple(row) != COLUMNS:
        raise _wrong(
            where,
            1,
            message("header-not-ledger.problem"),
            message("first-line-must.mend", columns=",".join(COLUMNS)),
        )


def _correction(row: Sequence[str], line: int, where: str) -> Correction:
    if len(row) != len(COLUMNS):
        raise _wrong(
            where,
            line,
            message("cells-place.problem", n=len(row), of=len(COLUMNS)),
            message("quote-cells-hold.mend"),
        )
    entry = dict(zip(COLUMNS, row, strict=True))
    if entry["action"] not in ACTIONS:
        raise _wrong(
            where,
            line,
            message("action-unknown.problem"),
            message("use-one.mend", names=", ".join(ACTIONS)),
        )
    for name in ("round", "row_key", "reason", "by"):
        if not entry[name].strip():
            raise _wrong(
                where,
                line,
                message("empty.problem", name=name),
                message("fill-in.mend", name=name),
            )
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
        raise _wrong(where, line, message("not-date.problem"), message("write-like.mend"))


def _wrong(where: str, line: int, problem: Message, mend: Message) -> DataError:
    return DataError(problem, where=f"{where}:{line}", mend=mend, rule="ledger")
