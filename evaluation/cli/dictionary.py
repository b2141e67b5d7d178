"""``dictionary``: draft it from a survey form, take it to a spreadsheet and back.

``from-xlsform`` writes a first draft for a person to confirm; ``to-xlsx`` writes the dictionary of
a study as a workbook of text; ``from-xlsx`` says what a workbook changes, and with ``--write``
puts it in place.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from evaluation.data.readers.sheets import Sheet, read_delimited, read_workbook
from evaluation.errors import SpecError
from evaluation.fieldwork.dictionary_changes import check_cells, check_codes, differences
from evaluation.fieldwork.dictionary_draft import SERVERS, Draft, draft_dictionary
from evaluation.fieldwork.dictionary_workbook import (
    FILE,
    SHEETS,
    from_rows,
    headers,
    read_rows,
    to_rows,
)
from evaluation.fieldwork.xlsform import Form, read_form
from evaluation.locale.messages import Message, message, wording
from evaluation.report.formats import xlsx
from evaluation.report.terminal import counted
from evaluation.storage import disk
from evaluation.storage.packaged import read_beside
from evaluation.study.configuration import FILE_SOURCES
from evaluation.study.dictionary import Module
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.dictionary_text import Rewritten, module_text, rewritten
from evaluation.study.study import read_study

FOLDER = "dictionary"
NOTES = "notes"
NOUNS = dict(zip(SHEETS, ("module", "variable", "code", "missing list"), strict=True))
NAMED = "[a-z0-9_]+.toml"
FILE_NAME = re.compile(r"\w+\.toml", re.ASCII)
READING = tuple(read_beside(__file__)["reading"].items())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the three ways in and out."""
    ways = parser.add_subparsers(dest="way", required=True, metavar="way")
    draft = ways.add_parser("from-xlsform", help="draft modules from a survey form")
    draft.add_argument("form", metavar="FORM.xlsx", help="the form itself, with its sheet survey")
    draft.add_argument("--round", required=True, help="id of the round, such as baseline")
    draft.add_argument(
        "--server",
        choices=tuple(SERVERS),
        default="surveycto",
        help="whose own columns are added (default: %(default)s)",
    )
    draft.add_argument(
        "--out", metavar="FOLDER", help="default: build/dictionary_draft/<name of the form>"
    )
    out = ways.add_parser("to-xlsx", help="write a study's dictionary as a workbook of text")
    out.add_argument("--out", required=True, metavar="FILE.xlsx", help="file to write")
    back = ways.add_parser("from-xlsx", help="say what a workbook changes in the dictionary")
    back.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="the workbook, or its sheets as CSV (variables.csv, codes.csv and so on)",
    )
    back.add_argument("--write", action="store_true", help="put the changes in place")
    for way in (draft, out, back):
        # also after the way; suppressed, so that it does not undo a --study before it
        way.add_argument("--study", default=argparse.SUPPRESS, help="folder name under config/")


def run(options: argparse.Namespace) -> None:
    """Go one of the ways."""
    ways = {"from-xlsform": _from_form, "to-xlsx": _to_workbook, "from-xlsx": _from_workbook}
    ways[options.way](options)


def _from_form(options: argparse.Namespace) -> None:
    path = Path(options.form)
    form = read_form(disk.read_given(path), path.name)
    draft = draft_dictionary(form, round_id=options.round, server=options.server)
    texts = {file.name: file.text for file in draft.files}
    _check_texts(texts, (options.round,), path.stem)
    folder = Path(options.out or Path("build") / "dictionary_draft" / path.stem)
    there = sorted(name for name in texts if (folder / name).exists())
    if there:
        raise SpecError.of("already-nothing", "give-another", folder.as_posix(), there=there[0])
    for name, text in texts.items():
        disk.write_text(folder / name, text)
    sys.stdout.write(_summary(form, draft, folder, options.language))


def _summary(form: Form, draft: Draft, folder: Path, language: str) -> str:
    variables, count = draft.variables, draft.count
    lists = sum(len(file.module.codes) for file in draft.files)
    numbers = {
        "rows": (form.rows, "row"),
        "questions": (len(form.questions), "question"),
        "notes": (draft.skipped_notes, "note"),
        "variables": (len(variables), "variable"),
        "lists": (lists, "code list"),
        "modules": (len(draft.files), "module"),
        "blocks": (count("confirm"), "block"),
    }
    return wording(
        "dictionary.summary",
        language,
        **{name: counted(number, noun, language) for name, (number, noun) in numbers.items()},
        skips=sum(bool(v.asked_if) for v in variables),
        relevant=count("relevant"),
        ranges=sum(bool(v.range) for v in variables),
        constraint=count("constraint"),
        translate=count("translate"),
        unused=", ".join(draft.unused_lists) or wording("dictionary.no-notes", language),
        folder=folder.as_posix(),
    )


def _say(line: Message, language: str) -> None:
    """One line of what a workbook changes."""
    sys.stdout.write(f"{line.text(language)}\n")


def _check_texts(texts: dict[str, str], sources: Sequence[str], study: str) -> tuple[Module, ...]:
    """Read the files as a study's dictionary would be read, before anything is put in place."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / study
        for name, text in texts.items():
            disk.write_text(folder / FOLDER / name, text)
        return read_dictionary(folder, tuple(sources)).modules


def _present(study: str) -> tuple[Path, tuple[str, ...], tuple[str, ...], tuple[Module, ...]]:
    """Folder, file names, sources and modules of a study's dictionary."""
    config = Path("config") / study
    sources = (*read_study(config).rounds, *FILE_SOURCES)
    modules = read_dictionary(config, sources).modules
    files = tuple(path.name for path in sorted((config / FOLDER).glob("*.toml")))
    return config / FOLDER, files, sources, modules


def _to_workbook(options: argparse.Namespace) -> None:
    _, files, sources, modules = _present(options.study)
    rows = to_rows(modules, files, sources)
    sheets = [
        xlsx.listing(
            sheet,
            (header := headers(sheet, sources)),
            [[row.cells[column] for column in header] for row in rows[sheet]],
            frozen=(1, 2),
        )
        for sheet in SHEETS
    ]
    sheets.append(xlsx.listing(NOTES, ("about", "reading note"), READING))
    path = Path(options.out)
    disk.write_bytes(path, xlsx.workbook(sheets, title=f"Dictionary of {options.study}"))
    counts = ", ".join(
        counted(len(rows[sheet]), NOUNS[sheet], options.language) for sheet in SHEETS
    )
    sys.stdout.write(f"{path.as_posix()}: {counts}\n")


def _from_workbook(options: argparse.Namespace) -> None:
    folder, files, sources, modules = _present(options.study)
    present = to_rows(modules, files, sources)
    now = dict(present)
    for name, sheet in _sheets(options.files, sources).items():
        read = read_rows(sheet, name, sources)
        check_cells(read)
        now[name] = tuple(row for row, _ in read)
        check_codes({**present}, {**present, name: now[name]})
    made = from_rows(now, sources)
    changed = differences(present, now)
    for line in changed or (message("workbook-change.none"),):
        _say(line, options.language)
    texts = _texts(made, dict(zip(files, modules, strict=True)), folder)
    if changed:
        _check_whole(texts, made, sources, options.study)
        _tell_comments(texts, options.language)
    if changed and options.write:
        _write(texts, files, folder, options.language)
    elif changed:
        _say(message("workbook-change.not-written"), options.language)


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


def _texts(
    made: Sequence[tuple[str, Module]], before: dict[str, Module], folder: Path
) -> dict[str, Rewritten]:
    """Text of every file: what did not change keeps its lines, comments included."""
    texts = {}
    for file, module in made:
        if file not in before:
            texts[file] = Rewritten(text=module_text(module))
            continue
        old = disk.read_text(folder / file)
        same = before[file] == module
        texts[file] = Rewritten(text=old) if same else rewritten(old, before[file], module)
    return texts


def _check_whole(
    texts: dict[str, Rewritten],
    made: Sequence[tuple[str, Module]],
    sources: Sequence[str],
    study: str,
) -> None:
    where = f"sheet modules, column {FILE}"
    for file in texts:
        if not FILE_NAME.fullmatch(file):
            raise SpecError.of("no-name-module", "write-like-income", where, file=file, named=NAMED)
    written = {file: new.text for file, new in texts.items()}
    if sorted(made) and _check_texts(written, sources, study) != tuple(
        module for _, module in sorted(made, key=lambda entry: entry[0])
    ):
        raise SpecError.of("files-would-not", "keep-workbook", study)


def _write(texts: dict[str, Rewritten], files: Sequence[str], folder: Path, language: str) -> None:
    """Replace the changed files, each whole or not at all; no other file is touched.

    Stopped in between, some files are new and some old: the same command then does the rest.
    """
    for name, new in texts.items():
        path = folder / name
        if path.exists() and disk.read_text(path) == new.text:
            continue
        disk.write_text(path, new.text)
        _say(message("workbook-change.written", file=name), language)
    for name in sorted(set(files) - set(texts)):
        (folder / name).unlink()
        _say(message("workbook-change.removed", record=name), language)


def _tell_comments(texts: dict[str, Rewritten], language: str) -> None:
    """What a person reads again, and what cannot be kept, before anything is written."""
    for name, new in texts.items():
        for record in new.to_read:
            _say(message("workbook-change.comments-kept", file=name, record=record), language)
        if new.lost:
            _say(message("workbook-change.comments-lost", file=name, lost=new.lost), language)
