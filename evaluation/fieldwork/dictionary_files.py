"""The files of a study's dictionary, and a workbook read as what they would be: whole, or refused.

Nothing is put in place here.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.data.readers.sheets import Sheet, read_delimited, read_workbook
from evaluation.errors import SpecError
from evaluation.fieldwork.dictionary_changes import check_cells, check_codes
from evaluation.fieldwork.dictionary_workbook import (
    FILE,
    SHEETS,
    Rows,
    from_rows,
    headers,
    read_rows,
    to_rows,
)
from evaluation.storage import disk
from evaluation.study.configuration import FILE_SOURCES
from evaluation.study.dictionary import Module
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.dictionary_text import Rewritten, module_text, rewritten
from evaluation.study.study import read_study

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


def read_present(study: str) -> Present:
    """The dictionary of a study.

    Raises
    ------
    SpecError
        It does not hold.
    """
    config = Path("config") / study
    sources = (*read_study(config).rounds, *FILE_SOURCES)
    modules = read_dictionary(config, sources).modules
    files = tuple(path.name for path in sorted((config / FOLDER).glob("*.toml")))
    return Present(
        study=study,
        folder=config / FOLDER,
        files=files,
        sources=sources,
        modules=modules,
        rows=to_rows(modules, files, sources),
    )


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


def _sheets(files: Sequence[str], sources: Sequence[str]) -> dict[str, Sheet]:
    """Sheets that were given: all of a workbook, or one for each CSV file, by its name."""
    found: dict[str, Sheet] = {}
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
