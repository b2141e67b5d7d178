"""The dictionary as sheets of text, for people who keep it in a spreadsheet, and back.

Four sheets: modules, variables, codes, missing. A row is one record, in the order of the files.
What a spreadsheet program does to codes (``05`` to 5, ``123456`` to 1.23E+05) is told by
:mod:`evaluation.fieldwork.dictionary_files`.
"""

import dataclasses
import difflib
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.config import toml_reader
from evaluation.config.dictionary import Code, CodeList, MissingCodes, Module, Variable
from evaluation.config.toml_reader import Text
from evaluation.config.toml_writer import table_of
from evaluation.data.readers.sheets import ReadSheet, SheetCell, SheetRow, place_in
from evaluation.errors import SpecError
from evaluation.fieldwork.dictionary_cells import CellError, SheetColumn, columns, put, written
from evaluation.locale.messages import Message, message

RULE = "dictionary-book"
FILE, LIST = "file", "list"
SHEETS = ("modules", "variables", "codes", "missing")
RECORDS: dict[str, type] = {
    "modules": Module,
    "variables": Variable,
    "codes": Code,
    "missing": MissingCodes,
}
OWN_SHEETS = ("codes", "missing", "variable")
# what names a row of each sheet, beside its file
KEYS = {"modules": (FILE,), "variables": ("name",), "codes": (LIST, "code"), "missing": ("id",)}
# the largest cell of the format; programs cut what is longer
LONGEST_CELL = 32_767


@dataclass(frozen=True, slots=True)
class WorkbookRow:
    """One row by header; ``number`` is its row in the sheet of the book it was read from, or 0."""

    sheet: str
    cells: Mapping[str, str]
    number: int = 0
    book: str = "dictionary"

    @property
    def key(self) -> tuple[str, ...]:
        """What names the record in its sheet."""
        return tuple(self.cells[column] for column in KEYS[self.sheet])

    def error(
        self, column: str, problem: str | Message, fix: str | Message, /, **holes: object
    ) -> SpecError:
        """An error at one of its cells.

        Parameters
        ----------
        column : str
            Header of the cell.
        problem, fix, holes
            As for :meth:`evaluation.errors.EvaluationError.of`.
        """
        where = place_in(self.book, self.sheet, self.number, column)
        return SpecError.of(problem, fix, where, rule=RULE, **holes)


Rows = dict[str, tuple[WorkbookRow, ...]]


def headers(sheet: str, sources: Sequence[str]) -> tuple[str, ...]:
    """Header of a sheet, for a study with these rounds and file roles."""
    return (*_places(sheet), *(column.header for column in sheet_columns(sheet, sources)))


def sheet_columns(sheet: str, sources: Sequence[str]) -> list[SheetColumn]:
    """Columns of a sheet that hold fields of its records."""
    leave_out = OWN_SHEETS if sheet == "modules" else ()
    return columns(RECORDS[sheet], sources, leave_out=leave_out)


def _places(sheet: str) -> tuple[str, ...]:
    """Columns that say where a record belongs."""
    return (FILE, LIST) if sheet == "codes" else (FILE,)


def to_rows(modules: Sequence[Module], files: Sequence[str], sources: Sequence[str]) -> Rows:
    """Rows of all sheets.

    Parameters
    ----------
    modules : sequence of Module
        The dictionary's modules.
    files : sequence of str
        Their file names, in the same order.
    sources : sequence of str
        Rounds and file roles of the study.

    Raises
    ------
    SpecError
        Something in the dictionary cannot be told by cells of text. Nothing is lost silently.
    """
    rows: dict[str, list[WorkbookRow]] = {sheet: [] for sheet in SHEETS}
    for module, file in zip(modules, files, strict=True):
        records: list[tuple[str, str, Any]] = [("modules", "", module)]
        records += [("variables", "", variable) for variable in module.variable]
        records += [("codes", c.id, code) for c in module.codes for code in c.values]
        records += [("missing", "", missing) for missing in module.missing]
        for sheet, listed, record in records:
            rows[sheet].append(_row(sheet, file, listed, record, sources))
    made = {sheet: tuple(found) for sheet, found in rows.items()}
    if dict(from_rows(made, sources)) != dict(zip(files, modules, strict=True)):
        raise SpecError.of("dictionary-holds", "edit-toml-files", "dictionary", rule=RULE)
    return made


def _row(sheet: str, file: str, listed: str, record: Any, sources: Sequence[str]) -> WorkbookRow:
    # every field, also one that holds its default where the default is not an empty cell
    table = table_of(record)
    for field in dataclasses.fields(record):
        if isinstance(field.default, str) and field.default:
            table.setdefault(field.name, field.default)
    cells = {FILE: file, **({LIST: listed} if sheet == "codes" else {})}
    cells |= {column.header: written(table, column) for column in sheet_columns(sheet, sources)}
    long = [header for header, text in cells.items() if len(text) > LONGEST_CELL]
    if long:
        raise SpecError.of(
            "longer-cell-can",
            "shorten",
            f"{file}, {' '.join(cells[column] for column in KEYS[sheet])}",
            rule=RULE,
            long=long[0],
            longest_cell=LONGEST_CELL,
        )
    return WorkbookRow(sheet, cells)


def from_rows(rows: Rows, sources: Sequence[str]) -> list[tuple[str, Module]]:
    """Modules by file name.

    Parameters
    ----------
    rows : dict of sheet name to rows
        All four sheets.
    sources : sequence of str
        Rounds and file roles of the study.

    Raises
    ------
    SpecError
        A cell does not hold what its column may hold, a record names a file without a module, or
        two rows are one record. The message names sheet, row, column and fix.
    """
    for sheet in SHEETS:
        _check_unique(rows[sheet])
    made = {row.cells[FILE]: _table(row, sources) for row in rows["modules"]}
    for table in made.values():
        table.update({own: [] for own in OWN_SHEETS})
    lists: dict[tuple[str, str], list[Code]] = {}
    for row in (*rows["variables"], *rows["codes"], *rows["missing"]):
        table = _module_of(row, made)
        record = _record(row, sources)
        if row.sheet == "codes":
            lists.setdefault((row.cells[FILE], row.cells[LIST]), []).append(record)
        else:
            table["variable" if row.sheet == "variables" else "missing"].append(record)
    for (file, identifier), values in lists.items():
        made[file]["codes"].append(CodeList(id=identifier, values=tuple(values)))
    return [(file, _module(table)) for file, table in made.items()]


def _module(table: dict[str, Any]) -> Module:
    own = {name: tuple(table[name]) for name in OWN_SHEETS}
    title = Text(**table["title"])
    return Module(**{**table, **own, "title": title})


def _check_unique(rows: Iterable[WorkbookRow]) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        if not all(row.key):
            empty = next(c for c, text in zip(KEYS[row.sheet], row.key, strict=True) if not text)
            raise row.error(empty, "cell-empty", "fill-empty-row")
        if row.key in seen:
            raise row.error(
                KEYS[row.sheet][-1],
                "stands-twice",
                "keep-one-rows",
                key=" ".join(row.key),
                seen=seen[row.key],
            )
        seen[row.key] = row.number


def _module_of(row: WorkbookRow, made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    file = row.cells[FILE]
    if file not in made:
        near = difflib.get_close_matches(file, made, n=1)
        raise row.error(
            FILE,
            "file-not-sheet",
            message("did-you-mean.fix", near=near[0]) if near else message("add-row-sheet.fix"),
            file=file,
        )
    return made[file]


def _record(row: WorkbookRow, sources: Sequence[str]) -> Any:
    where = place_in(row.book, row.sheet, row.number)
    return toml_reader.convert(RECORDS[row.sheet], _table(row, sources), where=where)


def _table(row: WorkbookRow, sources: Sequence[str]) -> dict[str, Any]:
    """A row as the TOML table of its record."""
    table: dict[str, Any] = {}
    for column in sheet_columns(row.sheet, sources):
        try:
            put(table, column, row.cells[column.header])
        except CellError as error:
            raise row.error(column.header, error.problem, error.fix) from None
    for column in sheet_columns(row.sheet, sources):
        _fill(table, column, row)
    return table


def _fill(table: dict[str, Any], column: SheetColumn, row: WorkbookRow) -> None:
    """What an empty cell means: an empty text where the field must be there, else nothing."""
    fields = dataclasses.fields(typing.cast(Any, RECORDS[row.sheet]))
    field = next(field for field in fields if field.name == column.path[0])
    needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    if column.header.endswith(("_en", "_es")) and len(column.path) == 2:
        if needed or column.path[0] in table:
            table.setdefault(column.path[0], {}).setdefault(column.path[1], "")
    elif needed and len(column.path) == 2:
        table.setdefault(column.path[0], {})
    elif needed and column.path[0] not in table:
        if column.hint is not str:
            raise row.error(column.header, "cell-empty", "fill")
        table[column.path[0]] = ""


def read_rows(
    sheet: ReadSheet, name: str, sources: Sequence[str]
) -> list[tuple[WorkbookRow, SheetRow]]:
    """Rows of one sheet as it was read, each with its cells for the checks of their kinds.

    Raises
    ------
    SpecError
        A column is missing, unknown or stands twice.
    """
    wanted = headers(name, sources)
    if not sheet.lines:
        raise SpecError.of("sheet-empty", "fill", place_in(sheet.file, name))
    first, *others = sheet.lines
    found = [cell.text.strip() for cell in first.cells]
    while found and not found[-1]:
        found.pop()
    for position, header in enumerate(found):
        if header not in wanted or header in found[:position]:
            near = difflib.get_close_matches(header, wanted, n=1)
            raise SpecError(
                message("column-unknown.problem", header=header),
                where=sheet.where(first.number, position),
                fix=message("did-you-mean.fix", near=near[0]) if near else message("remove.fix"),
                rule=RULE,
            )
    absent = [header for header in wanted if header not in found]
    if absent:
        raise SpecError.of(
            "column-missing",
            "add-again-also",
            place_in(sheet.file, name, first.number),
            rule=RULE,
            absent=absent[0],
        )
    return [_read_row(line, found, name, sheet.file) for line in others]


def _read_row(
    line: SheetRow, found: Sequence[str], name: str, book: str
) -> tuple[WorkbookRow, SheetRow]:
    cells = [*line.cells[: len(found)]]
    cells += [SheetCell("")] * (len(found) - len(cells))
    # spreadsheets and CSV files end lines inside cells in their own ways
    texts = [cell.text.replace("\r\n", "\n") for cell in cells]
    row = WorkbookRow(name, dict(zip(found, texts, strict=True)), line.number, book)
    return row, SheetRow(line.number, tuple(cells))
