"""``dictionary``: draft it from a survey form, take it to a spreadsheet and back.

``from-xlsform`` writes a first draft for a person to confirm; ``to-xlsx`` writes the dictionary of
a study as a workbook of text; ``from-xlsx`` says what a workbook changes, and with ``--write``
puts it in place.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evaluation.config.dictionary_text import Rewritten
from evaluation.errors import SpecError
from evaluation.fieldwork.dictionary_files import (
    check_texts,
    check_whole,
    differences,
    read_given,
    read_present,
    texts_of,
)
from evaluation.fieldwork.dictionary_workbook import SHEETS, headers
from evaluation.fieldwork.drafting.dictionary_draft import SERVERS, Draft, draft_dictionary
from evaluation.fieldwork.drafting.xlsform import Form, read_form
from evaluation.locale.messages import Message, message, wording
from evaluation.report.formats import xlsx
from evaluation.report.terminal import all_counted, counted
from evaluation.storage import disk
from evaluation.storage.packaged import read_beside

NOTES = "notes"
NOUNS = dict(zip(SHEETS, ("module", "variable", "code", "missing list"), strict=True))
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
    check_texts(texts, (options.round,), path.stem)
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


def _to_workbook(options: argparse.Namespace) -> None:
    present, path = read_present(options.study, undecided=True), Path(options.out)
    sheets = []
    for sheet in SHEETS:
        header = headers(sheet, present.sources)
        cells = [[row.cells[column] for column in header] for row in present.rows[sheet]]
        sheets.append(xlsx.listing(sheet, header, cells, frozen=(1, 2)))
    sheets.append(xlsx.listing(NOTES, ("about", "reading note"), READING))
    disk.write_bytes(path, xlsx.workbook(sheets, title=f"Dictionary of {options.study}"))
    counts = ((len(present.rows[sheet]), NOUNS[sheet]) for sheet in SHEETS)
    sys.stdout.write(f"{path.as_posix()}: {all_counted(options.language, *counts)}\n")


def _from_workbook(options: argparse.Namespace) -> None:
    present, language = read_present(options.study), options.language
    now, made = read_given(options.files, present)
    changed = differences(present.rows, now)
    for line in changed or (message("workbook-change.none"),):
        _say(line, language)
    texts = texts_of(made, present)
    if changed:
        check_whole(texts, made, present)
        _tell_comments(texts, language)
    if changed and options.write:
        _write(texts, present.files, present.folder, language)
    elif changed:
        _say(message("workbook-change.not-written"), language)


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
