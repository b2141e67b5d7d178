"""The files of a study's dictionary, a workbook read as what they would be, and what it changed.

Nothing is put in place here. A spreadsheet program rewrites what looks like a number, at the
latest when a CSV file is opened and saved again: ``05`` becomes 5, 123456 becomes 1.23E+05,
``1.5`` becomes 1,5 or a date. Where the present dictionary has the code as it was, the change is
refused by its cell.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from evaluation.config.decisions import open_in
from evaluation.config.declared import FILE_SOURCES, sources
from evaluation.config.dictionary import Module
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.dictionary_text import Rewritten, module_text, rewritten
from evaluation.config.study import read_study
from evaluation.config.toml_reader import convert, named
from evaluation.data.readers.sheets import ReadSheet, SheetRow, read_delimited, read_workbook
from evaluation.errors import SpecError
from evaluation.fieldwork.dictionary_cells import CellError, entries
from evaluation.fieldwork.dictionary_workbook import (
    FILE,
    KEYS,
    SHEETS,
    Rows,
    WorkbookRow,
    from_rows,
    headers,
    read_rows,
    to_rows,
)
from evaluation.file_content import parse_toml
from evaluation.locale.messages import Message, message
from evaluation.storage import disk

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


def check_cells(lines: Iterable[tuple[WorkbookRow, SheetRow]]) -> None:
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


def _by_scope(rows: Iterable[WorkbookRow]) -> dict[tuple[str, ...], set[str]]:
    """Codes of each list and column, whatever file the list stands in."""
    found: dict[tuple[str, ...], set[str]] = {}
    for scope, code in (entry for row in rows for entry in _codes(row)):
        found.setdefault(scope, set()).add(code)
    return found


def _codes(row: WorkbookRow) -> Iterator[tuple[tuple[str, ...], str]]:
    """Codes of a row, each with its list and column."""
    for header in CODES[row.sheet]:
        text, scope = row.cells[header], (*row.key[:1], header)
        try:
            for code in [text] if row.sheet == "codes" else entries(text):
                yield scope, code
        except CellError:
            # the reader of the cells says so, with its place
            continue


def _check_code(row: WorkbookRow, header: str, code: str, gone: set[str]) -> None:
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


def _in_sheet(
    sheet: str, present: Sequence[WorkbookRow], now: Sequence[WorkbookRow]
) -> Iterator[Message]:
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


def _named(row: WorkbookRow) -> Message:
    name = " ".join(row.cells[column] for column in KEYS[row.sheet])
    return message(f"record.{row.sheet}", name=name)


def _shown(text: str) -> str:
    if text == "":
        return "(empty)"
    flat = " ".join(text.split())
    return f'"{flat}"' if len(flat) <= SHOWN else f'"{flat[: SHOWN - 1]}…"'


FOLDER = "dictionary"
NAMED = "[a-z0-9_]+.toml"
FILE_NAME = re.compile(r"\w+\.toml", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """A study's dictionary as it stands: its folder, and files, modules and rows in one order."""

    study: str
    folder: Path
    files: tuple[str, ...]
    sources: tuple[str, ...]
    modules: tuple[Module, ...]
    rows: Rows


def read_present(study: str, *, undecided: bool = False) -> Present:
    """The dictionary of a study, whatever is still to be decided of its design.

    Parameters
    ----------
    study : str
    undecided : bool
        Whether decisions of the dictionary itself may be open: its table is then written as it
        is, for people to decide with.

    Raises
    ------
    SpecError
        It does not hold.
    """
    config = Path("config") / study
    declared = _sources(config)
    if undecided and open_in(config / FOLDER):
        modules = tuple(
            convert(Module, parse_toml(path)[1], where=named(config, f"{FOLDER}/{path.name}"))
            for path in sorted((config / FOLDER).glob("*.toml"))
        )
    else:
        modules = read_dictionary(config, declared).modules
    files = tuple(path.name for path in sorted((config / FOLDER).glob("*.toml")))
    return Present(
        study=study,
        folder=config / FOLDER,
        files=files,
        sources=declared,
        modules=modules,
        rows=to_rows(modules, files, declared),
    )


def _sources(config: Path) -> tuple[str, ...]:
    """Rounds and roles of files; of a draft as far as it is written."""
    if not open_in(config):
        return sources(config, read_study(config))
    table = parse_toml(config / "study.toml")[1]
    rounds = tuple(str(entry["id"]) for entry in table.get("round", []) if "id" in entry)
    return (*rounds, *FILE_SOURCES)


def check_texts(texts: dict[str, str], sources: Sequence[str], study: str) -> tuple[Module, ...]:
    """Read files as a study's dictionary would be read, before anything is put in place.

    Parameters
    ----------
    texts : dict
        By file name.
    sources : sequence of str
        Rounds and roles.
    study : str

    Raises
    ------
    SpecError
        They do not hold.
    """
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / study
        for name, text in texts.items():
            disk.write_text(folder / FOLDER / name, text)
        return read_dictionary(folder, tuple(sources)).modules


def read_given(files: Sequence[str], present: Present) -> tuple[Rows, list[tuple[str, Module]]]:
    """The rows that a workbook, or its sheets as CSV files, leave, and their modules by file.

    Parameters
    ----------
    files : sequence of str
        As they were named.
    present : Present
        What stands where a sheet was not given.

    Raises
    ------
    SpecError
        A sheet is missing, given twice or damaged.
    """
    now = dict(present.rows)
    for name, sheet in _sheets(files, present.sources).items():
        read = read_rows(sheet, name, present.sources)
        check_cells(read)
        now[name] = tuple(row for row, _ in read)
        changed = {**present.rows, name: now[name]}
        check_codes({**present.rows}, changed)
    return now, from_rows(now, present.sources)


def _sheets(files: Sequence[str], sources: Sequence[str]) -> dict[str, ReadSheet]:
    """Sheets that were given: all of a workbook, or one for each CSV file, by its name."""
    found: dict[str, ReadSheet] = {}
    for given in files:
        path = Path(given)
        data = disk.read_given(path)
        if path.suffix.lower() == ".csv":
            name = _sheet_of(path)
            header = headers(name, sources)
            read = {name: read_delimited(data, path.name, sheet=name, header=header)}
        else:
            book = read_workbook(data, path.name, formulas="as formulas")
            read = {name: sheet for name, sheet in book.items() if name in SHEETS}
            absent = [name for name in SHEETS if name not in read]
            if absent:
                raise SpecError.of(
                    "workbook-no-sheet", "start-workbook-xlsx", path.name, absent=absent[0]
                )
        again = sorted(set(read) & set(found))
        if again:
            raise SpecError.of("sheet-given-twice", "give-once", path.name, again=again[0])
        found.update(read)
    return found


def _sheet_of(path: Path) -> str:
    ends = [name for name in SHEETS if path.stem.lower().endswith(name)]
    if not ends:
        names = ", ".join(f"{name}.csv" for name in SHEETS)
        raise SpecError.of("file-name-does", "let-end-one", path.name, names=names)
    return ends[0]


def texts_of(made: Sequence[tuple[str, Module]], present: Present) -> dict[str, Rewritten]:
    """Text of every file: what did not change keeps its lines, comments included.

    Parameters
    ----------
    made : sequence of (str, Module)
        By file name.
    present : Present
    """
    texts, before = {}, dict(zip(present.files, present.modules, strict=True))
    for file, module in made:
        if file not in before:
            texts[file] = Rewritten(text=module_text(module))
            continue
        old = disk.read_text(present.folder / file)
        same = before[file] == module
        texts[file] = Rewritten(text=old) if same else rewritten(old, before[file], module)
    return texts


def check_whole(
    texts: dict[str, Rewritten], made: Sequence[tuple[str, Module]], present: Present
) -> None:
    """That the files, written and read again, are the modules of the workbook.

    Parameters
    ----------
    texts : dict
        By file name.
    made : sequence of (str, Module)
        What they must say.
    present : Present

    Raises
    ------
    SpecError
        A file's name cannot be, or the files say something else.
    """
    where = f"sheet modules, column {FILE}"
    for file in texts:
        if not FILE_NAME.fullmatch(file):
            raise SpecError.of("no-name-module", "write-like-income", where, file=file, named=NAMED)
    written = {file: new.text for file, new in texts.items()}
    if sorted(made) and check_texts(written, present.sources, present.study) != tuple(
        module for _, module in sorted(made, key=lambda entry: entry[0])
    ):
        raise SpecError.of("files-would-not", "keep-workbook", present.study)
