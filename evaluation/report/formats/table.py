"""A table as readers get it: ids, numbers at full precision, and the text each is printed as.

Every output (CSV, XLSX, HTML, Markdown, the number registry) is written from this one record, so
two outputs cannot disagree.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from evaluation.config import confidentiality
from evaluation.config.exhibits import TABLES, Exhibit
from evaluation.locale import numbers
from evaluation.locale.messages import Message, message, wording
from evaluation.registry import Registry
from evaluation.report import panels, tables
from evaluation.report.formats import number_format

if TYPE_CHECKING:
    from evaluation.report.sources import Source

# What makes each table: a function of its builder's name, marked ``@table.builds``. It takes the
# entry of exhibits.toml and the records that may be shown, with configuration and language.
builds: Registry[Callable[[Exhibit, "Source"], "Table"]] = Registry(TABLES, tables, panels)

# "yes", "care" and "no" are words that answer whether something may be said; pages colour them.
Kind = Literal[
    "text",
    "effect",
    "number",
    "count",
    "p_value",
    "suppressed",
    "unavailable",
    "none",
    "yes",
    "care",
    "no",
]
Joined = Literal["", "to", "arrow", "brackets", "slash"]
Shown = Literal["print", "with unit", "download"]

NUMERIC: tuple[Kind, ...] = ("effect", "number", "count", "p_value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes
    ----------
    id : str
        Field name in the CSV and last part of a number's id. English, permanent.
    joined : {"", "to", "arrow", "brackets", "slash"}
        In print, whether the cell stands behind the previous column's: ``1.0 to 2.0``,
        ``1.0 → 2.0``, ``1.0 (0.5)`` or ``35 / 35``; a slash behind brackets stands inside them.
        Downloads always keep columns apart.
    shown : {"print", "with unit", "download"}
        ``with unit`` prints the number with its short unit behind it: ``−2.6 pp``.
        ``download`` columns are left out of print only.
    label : str
        Head; where it is empty the table's frame takes it from the fixed words.
    folded : bool
        Where a table is turned, whether a page shows the row only when it is unfolded.
    """

    id: str
    label: str = ""
    joined: Joined = ""
    shown: Shown = "print"
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: the number (or text) and how it is printed.

    ``behind`` is the number of interviews of a mean or share whose row has no column that says it;
    ``interval`` the kind of interval or range that an end is of, see `estimate_rows.kind_of`.
    """

    kind: Kind
    text: str
    value: float | int | None = None
    unit: str = ""
    decimals: int = 0
    behind: int = 0
    interval: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. ``group`` is the heading it stands under; ids hold no dots.

    ``of`` says what column ``n`` counts where the row is of clusters and not of interviews.
    """

    id: str
    cells: tuple[Cell, ...]
    group: str = ""
    of: Literal["", "clusters"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table with everything that has to travel with it.

    Attributes
    ----------
    mark : str
        The study's: SYNTHETIC, BLINDED, both, or empty.
    code : str
        To say aloud, e.g. ``SC-T03``; permanent, as the id.
    citation : str
        Ready-made, in plain words; ``citations`` are the others by name.
    notes : tuple of str
        The first ``own_notes`` of them are the exhibit's own, which pages show unfolded.
    provenance : tuple of str
        Notes that a file needs once it has left the book: the lock of the plan, the checksums, and
        the mark in words. The book has them on every page, and does not repeat them here.
    said : tuple of (str, str)
        Sentences over all rows, generated from the records, by name: pages quote them as
        ``<id>.all.<name>``.
    """

    id: str
    title: str
    reading: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    mark: str
    plan_hash: str
    data_hash: str
    version: str
    language: str
    code: str = ""
    citation: str = ""
    citations: tuple[tuple[str, str], ...] = ()
    said: tuple[tuple[str, str], ...] = ()
    own_notes: int = 0
    provenance: tuple[str, ...] = ()

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Every note that a downloaded file has."""
        return (*self.notes, *self.provenance)

    @property
    def called(self) -> str:
        """Code with version and permanent id, by which the table is cited."""
        coded = number_format.coded(self.code, self.version)
        return f"{coded} \N{MIDDLE DOT} {self.id}" if coded else self.id

    def cell(self, row: str, column: str) -> Cell:
        """Cell by row id and column id (KeyError where there is none)."""
        position = {c.id: i for i, c in enumerate(self.columns)}[column]
        return {r.id: r for r in self.rows}[row].cells[position]


def columns(
    *ids: str, shown: Shown = "print", joined: Mapping[str, Joined] = MappingProxyType({})
) -> tuple[Column, ...]:
    """Columns with the heads of the fixed words, the upper end of a range joined to the lower.

    Parameters
    ----------
    ids : str
        Of the columns, in their order.
    shown : {"print", "with unit", "download"}
        Where all of them are shown.
    joined : mapping of str to str, optional
        How others stand behind the one before them in print, by id.
    """
    upper: Joined = "" if shown == "download" else "to"
    return tuple(
        Column(id=i, shown=shown, joined=upper if i.endswith("high") else joined.get(i, ""))
        for i in ids
    )


def row(identifier: str, *cells: Cell | str, group: str = "") -> Row:
    """A row; a cell may be its text alone.

    Parameters
    ----------
    identifier : str
        Id of the row, without dots.
    cells : Cell or str
    group : str, optional
        Heading that the row stands under.
    """
    made = (text(cell) if isinstance(cell, str) else cell for cell in cells)
    return Row(id=identifier, group=group, cells=tuple(made))


def text(value: str) -> Cell:
    """A cell of words."""
    return Cell(kind="text", text=value)


def effect(value: float, *, decimals: int, unit: str = "", interval: str = "") -> Cell:
    """A signed number: an effect, a difference, or an end of this kind of interval."""
    if isinstance(value, confidentiality.Withheld):
        return suppressed("en")
    shown = number_format.signed(value, decimals)
    return Cell(
        kind="effect",
        text=shown,
        value=float(value),
        unit=unit,
        decimals=decimals,
        interval=interval,
    )


def in_sd(value: float) -> Cell:
    """An effect in standard deviations; nothing where its outcome had none at baseline."""
    known = isinstance(value, confidentiality.Withheld) or not math.isnan(value)
    return effect(value, decimals=2, unit="SD") if known else none()


def number(value: float, *, decimals: int, unit: str = "", behind: int = 0) -> Cell:
    """An unsigned number: a mean, a standard error, a degree of freedom."""
    if isinstance(value, confidentiality.Withheld):
        return suppressed("en")
    if math.isnan(value):
        return none()
    return Cell(
        kind="number",
        text=number_format.plain(value, decimals),
        value=float(value),
        unit=unit,
        decimals=decimals,
        behind=behind,
    )


def count(value: int | confidentiality.Withheld) -> Cell:
    """A whole number of things."""
    if isinstance(value, confidentiality.Withheld):
        return suppressed("en")
    return Cell(kind="count", text=number_format.count(value), value=int(value))


def p_value(value: float) -> Cell:
    """A p-value or q-value."""
    if isinstance(value, confidentiality.Withheld):
        return suppressed("en")
    return Cell(kind="p_value", text=number_format.p_value(value), value=float(value), decimals=3)


def adjusted_p(value: float, *, adjustment: str) -> Cell:
    """An adjusted p-value; nothing where the plan adjusts nothing, so that p is not repeated."""
    return none() if adjustment == "none" else p_value(value)


def suppressed(language: str) -> Cell:
    """A cell withheld by the disclosure rule."""
    return Cell(kind="suppressed", text=wording("cell.suppressed", language))


def below(minimum: int, language: str) -> Cell:
    """A count withheld by the disclosure rule, with the limit that it is under."""
    return Cell(kind="suppressed", text=wording("fewer-than", language, least=minimum))


def unavailable(reason: Message | None, language: str) -> Cell:
    """A quantity that was asked for and is unavailable, with its reason; or a withheld one."""
    if reason == message("withheld-few.reason"):
        return suppressed(language)
    text = wording("not-available.note", language, reason=reason or "")
    return Cell(kind="unavailable", text=text)


def none() -> Cell:
    """A cell that has no content by design (never a missing result)."""
    return Cell(kind="none", text="\N{EN DASH}")


def localised(table: Table) -> Table:
    """The table with its numbers printed as its language prints them."""
    rows = (
        replace(row, cells=tuple(printed(c, table.language) for c in row.cells))
        for row in table.rows
    )
    return replace(table, rows=tuple(rows))


def printed(cell: Cell, language: str) -> Cell:
    """A cell with its number printed as a language prints it."""
    if cell == suppressed("en"):
        return suppressed(language)
    if cell.kind not in NUMERIC or cell.value is None:
        return cell
    if math.isinf(cell.value):
        return replace(cell, text=wording("format.unbounded", language))
    return replace(cell, text=numbers.marks(cell.text, language))


def slug(text: str) -> str:
    """Lower-case id of a text: letters and digits, words joined by underscores."""
    kept = "".join(c if c.isalnum() and c.isascii() else " " for c in text.lower())
    return "_".join(kept.split())
