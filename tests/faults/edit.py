"""Take a delivered file apart, change some of it, and put it together as the office writes it."""

import csv
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tests.faults.damage import BASELINE, ENDLINE, FRAME, Delivery

SURVEYS = (BASELINE, ENDLINE)
ENCODINGS = {BASELINE: "utf-8", ENDLINE: "cp1252", FRAME: "utf-8"}
DELIMITERS = {BASELINE: ",", ENDLINE: ";", FRAME: ","}
ENDS = {BASELINE: "\n", ENDLINE: "\r\n", FRAME: "\n"}
DECIMALS = {BASELINE: ".", ENDLINE: ",", FRAME: "."}
Cells = list[list[str]]
Change = Callable[["Sheet", random.Random], "Sheet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A file as cells: the header, and the rows below it."""

    name: str
    header: list[str]
    rows: Cells

    def at(self, column: str) -> int:
        """Position of a column."""
        return self.header.index(column)

    def set(self, changes: dict[int, str], column: str) -> "Sheet":
        """New texts of one column, by row."""
        place = self.at(column)
        rows = [list(row) for row in self.rows]
        for row, cell in changes.items():
            rows[row][place] = cell
        return replace(self, rows=rows)

    def column(self, column: str) -> list[str]:
        """All texts of a column."""
        return [row[self.at(column)] for row in self.rows]

    def decimal(self, number: float | str) -> str:
        """A number with the file's decimal mark."""
        return str(number).replace(".", DECIMALS[self.name])


def sheet(delivery: Delivery, name: str) -> Sheet:
    """A delivered file as cells."""
    text = delivery.files[name].decode(ENCODINGS[name])
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[name])
    return Sheet(name=name, header=header, rows=rows)


def text(changed: Sheet, *, delimiter: str = "") -> str:
    """Cells as the office writes them."""
    written = io.StringIO()
    writer = csv.writer(
        written,
        delimiter=delimiter or DELIMITERS[changed.name],
        lineterminator=ENDS[changed.name],
    )
    writer.writerows([changed.header, *changed.rows])
    return written.getvalue()


def put(delivery: Delivery, name: str, data: bytes) -> Delivery:
    """The delivery with one file's bytes replaced."""
    return Delivery(files={**delivery.files, name: data})


def put_sheet(delivery: Delivery, changed: Sheet) -> Delivery:
    """The delivery with one file's cells replaced."""
    return put(delivery, changed.name, text(changed).encode(ENCODINGS[changed.name]))


def on_cells(change: Change, names: Sequence[str] = SURVEYS) -> Callable[..., Delivery]:
    """A damage of one file's cells; which of the files is drawn."""

    def apply(delivery: Delivery, draw: random.Random) -> Delivery:
        return put_sheet(delivery, change(sheet(delivery, draw.choice(names)), draw))

    return apply


def on_bytes(
    change: Callable[[bytes, random.Random], bytes], names: Sequence[str] = SURVEYS
) -> Callable[..., Delivery]:
    """A damage of one file's bytes; which of the files is drawn."""

    def apply(delivery: Delivery, draw: random.Random) -> Delivery:
        name = draw.choice(names)
        return put(delivery, name, change(delivery.files[name], draw))

    return apply


def answered(changed: Sheet, column: str, *, but: Sequence[str] = ("",)) -> list[int]:
    """Rows of people who consented and gave an answer there (missing codes count as one)."""
    consent = changed.at("consent") if "consent" in changed.header else None
    place = changed.at(column)
    return [
        i
        for i, row in enumerate(changed.rows)
        if row[place] not in but and (consent is None or row[consent] == "1")
    ]


def one_cell(column: str, cell: Callable[[str, Sheet, random.Random], str]) -> Change:
    """A damage of a single cell of an answered interview."""

    def change(before: Sheet, draw: random.Random) -> Sheet:
        row = draw.choice(answered(before, column))
        return before.set({row: cell(before.rows[row][before.at(column)], before, draw)}, column)

    return change


def whole_column(columns: Sequence[str], cell: Callable[[str, Sheet], str]) -> Change:
    """A damage of every cell of some columns that holds anything."""

    def change(before: Sheet, _: random.Random) -> Sheet:
        after = before
        for name in columns:
            texts = enumerate(before.column(name))
            after = after.set({i: cell(t, before) for i, t in texts if t != ""}, name)
        return after

    return change
