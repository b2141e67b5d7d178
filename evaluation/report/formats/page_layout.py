"""How a table stands on a page: cells joined, download columns left out, wide short ones turned.

A table of few rows and many columns is turned, so that each outcome is a column and a page of
ordinary width holds it. Downloads are never turned.
"""

from dataclasses import dataclass
from typing import Literal

from evaluation.locale.messages import wording
from evaluation.report.formats import number_format, words
from evaluation.report.formats.table import Cell, Column, Kind, Row, Table

FEW_ROWS, MANY_COLUMNS = 4, 12

# "repeated": the text that the cell above has as well; pages hide it from the eye only.
PrintedKind = Kind | Literal["repeated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedRow:
    """A row as printed: texts with their kinds, the heading above it, and whether it is folded."""

    id: str
    group: str
    cells: tuple[tuple[str, PrintedKind], ...]
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A table as printed. ``turned``: rows of the table are columns here."""

    layout: Literal["as stored", "turned"]
    head: tuple[str, ...]
    rows: tuple[PrintedRow, ...]


def printed(table: Table) -> Printed:
    """The table as it stands on a page."""
    shown = print_columns(table)
    if len(table.rows) <= FEW_ROWS and len(shown) >= MANY_COLUMNS:
        return _turned(table, shown)
    rows: list[PrintedRow] = []
    above = ("", "")
    for row in table.rows:
        cells: list[tuple[str, PrintedKind]] = [
            (print_cell(table, row, positions), row.cells[positions[0]].kind)
            for _, positions in shown
        ]
        here = (row.group, cells[0][0])
        if here == above:
            cells[0] = (cells[0][0], "repeated")
        above = here
        rows.append(PrintedRow(id=row.id, group=row.group, cells=tuple(cells)))
    head = tuple(label for label, _ in shown)
    return Printed(layout="as stored", head=head, rows=tuple(rows))


def columns_taken(row: PrintedRow) -> int:
    """How many columns the second cell takes: a reason that is the only one takes all that are.

    Pages and documents show it so; in a narrow column a sentence would make the row very high.
    """
    others = row.cells[1:]
    reasons = {text for text, kind in others if kind == "unavailable"}
    alone = (
        len(others) > 1
        and others[0][1] == "unavailable"
        and len(reasons) == 1
        and {kind for _, kind in others} <= {"unavailable", "none"}
    )
    return len(others) if alone else 1


def _turned(table: Table, shown: list[tuple[str, list[int]]]) -> Printed:
    corner, first = shown[0]
    rows = tuple(
        PrintedRow(
            id=table.columns[positions[0]].id,
            group="",
            folded=table.columns[positions[0]].folded,
            cells=(
                (label, "text"),
                *(
                    (print_cell(table, r, positions), r.cells[positions[0]].kind)
                    for r in table.rows
                ),
            ),
        )
        for label, positions in shown[1:]
    )
    head = (corner, *(print_cell(table, row, first) for row in table.rows))
    return Printed(layout="turned", head=head, rows=rows)


def print_columns(table: Table) -> list[tuple[str, list[int]]]:
    """Heads of the printed columns, each with the positions of the cells that stand in it."""
    shown: list[tuple[str, list[int]]] = []
    for position, column in enumerate(table.columns):
        if column.shown == "download":
            continue
        if column.joined and shown:
            label, positions = shown[-1]
            shown[-1] = (_joined_head(label, column), [*positions, position])
        else:
            shown.append((column.label, [position]))
    return shown


def _joined_head(label: str, column: Column) -> str:
    """Head of two columns printed as one; both ends of a range are named by the first."""
    if column.joined == "brackets":
        behind = words.in_sentence(column.label) if column.label[1:2].islower() else column.label
        return f"{label} {behind if behind.startswith('(') else f'({behind})'}"
    if column.joined == "slash":
        rest = _rest(label, column.label)
        return f"{label[:-1]} / {rest})" if label.endswith(")") else f"{label} / {rest}"
    return label


def _rest(label: str, other: str) -> str:
    """The second of two heads without the words that both begin with, such as a group's."""
    for between in (", ", ": "):
        lead, found, last = other.rpartition(between)
        if found and label.startswith(f"{lead}{found}"):
            return words.in_sentence(last)
    return words.in_sentence(other)


def print_cell(table: Table, row: Row, positions: list[int]) -> str:
    """Text of a printed cell, joined from one or two cells of the table."""
    first = row.cells[positions[0]]
    if first.value is None:
        return first.text
    with_unit = table.columns[positions[0]].shown == "with unit"
    behind = {"to": "", "brackets": "", "slash": ""}
    between = "\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}"
    for position in positions[1:]:
        cell, how = row.cells[position], table.columns[position].joined
        if cell.kind == "none":
            continue
        if how == "to":
            behind[how] += wording("format.to", table.language, end=cell.text)
        elif how == "arrow":
            behind["to"] += f"\N{NO-BREAK SPACE}\N{RIGHTWARDS ARROW} {cell.text}"
        elif how == "brackets":
            behind[how] += f" ({cell.text})"
        elif behind["brackets"]:
            behind["brackets"] = f"{behind['brackets'][:-1]}{between}{cell.text})"
        else:
            behind["slash"] += f"{between}{cell.text}"
    # a range has its unit once, behind both ends
    unit = _unit(first, table.language) if with_unit else ""
    return f"{first.text}{behind['to']}{unit}{behind['slash']}{behind['brackets']}"


def _unit(cell: Cell, language: str) -> str:
    short = words.short_unit(cell.unit, language)
    unit = wording("format.count-behind", language) if cell.unit == "count" else short
    # no break between a number and its unit
    tight = ("", "%") if language == "en" else ("",)
    return f"{'' if unit in tight else number_format.NO_BREAK}{unit}"
