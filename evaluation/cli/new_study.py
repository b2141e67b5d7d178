"""Command ``new-study``: scaffold a study from its delivered files, or from its survey form.

Writes ``config/NAME/``, ``book/NAME/`` and ``book/_toc.NAME.yml``, all or nothing, and overwrites
nothing. What only a person can decide is left open; the stages stop there, one by one.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation import io
from evaluation.cli.new_study_files import ROLES, Delivery, delivery, ignored
from evaluation.cli.told import counted
from evaluation.data import manifest_draft
from evaluation.data.dictionary_draft import SERVERS
from evaluation.data.draft_data import Left
from evaluation.data.ledger import COLUMNS
from evaluation.data.study_files import DESIGN_COLUMNS, StudyDraft, draft_study
from evaluation.data.xlsform import Form, read_form
from evaluation.errors import SpecError, StorageError
from evaluation.locale.messages import message, wording
from evaluation.spec import book_draft
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.decisions import confirmations, marker, written
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.status import open_in
from evaluation.spec.study_draft import ROUNDS, plan_text, study_text
from evaluation.spec.toml_text import value_text

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
TAKEN = ("common",)
DEVIATIONS = """\
# No change of the plan since plan.lock. A change needs a [[deviation]] with date, plan_hash,
# entries and reason (en, es).
"""
MANIFEST = """\
# Draft of the files of a study; confirm: what was guessed, fill in: what only a person knows.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the name, the form, the files and what a person knows already."""
    parser.add_argument("name", help="id of the study: a-z, 0-9 and _, a letter first")
    parser.add_argument("--form", default="", metavar="FORM.xlsx", help="its survey form (XLSForm)")
    parser.add_argument(
        "--data", nargs="+", default=[], metavar="FILE", help="delivered files, roles not known yet"
    )
    for role in ROLES:
        parser.add_argument(f"--{role}", default="", metavar="FILE", help=f"the {role} file")
    for column in DESIGN_COLUMNS:
        parser.add_argument(
            f"--{column}", default="", metavar="COLUMN", help=f"its {column} column"
        )
    parser.add_argument(
        "--server",
        choices=tuple(SERVERS),
        default="surveycto",
        help="whose own columns the form's export has (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> None:
    """Write the study's folders, or nothing.

    Raises
    ------
    SpecError
        The name is not legal or taken; files have no roles yet; a column is not there.
    DataError
        A file cannot be read.
    """
    _check_name(options.name)
    form = _form(options.form)
    given = delivery(options)
    sources = [file.source for file in given.files]
    chosen = {c: getattr(options, c) for c in DESIGN_COLUMNS if getattr(options, c)}
    draft = draft_study(
        sources, form, chosen=chosen, server=options.server, language=options.language
    )
    texts = {
        "study.toml": study_text(options.name, draft.design),
        "manifest.toml": _manifest(given, draft.left, options.language),
        **{f"dictionary/{file.name}": file.text for file in draft.files},
        "plan.toml": plan_text(options.name, draft.design),
        "corrections.csv": ",".join(COLUMNS) + "\n",
        "deviations.toml": DEVIATIONS,
        "exhibits.toml": book_draft.exhibits_text(options.name),
    }
    _put(options.name, texts)
    sys.stdout.write(_summary(options.name, draft, given, options.language))


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or name in TAKEN:
        raise SpecError(
            message("no-name-study.problem", name=name),
            where="new-study",
            mend=message("use-letter-first.mend"),
        )
    for path in _targets(name):
        if path.exists():
            raise StorageError(
                message("already-nothing-overwritten.problem"),
                where=path.as_posix(),
                mend=message("choose-another.mend"),
            )


def _targets(name: str) -> tuple[Path, Path, Path]:
    book = Path("book")
    return book / name, book / f"_toc.{name}.yml", Path("config") / name


def _form(path: str) -> Form | None:
    return read_form(io.read_given(Path(path)), Path(path).name) if path else None


def _manifest(given: Delivery, left: Sequence[Left], language: str) -> str:
    if not given.files:
        return MANIFEST + "".join(_awaited(role, language) for role in ROLES)
    entries = [
        manifest_draft.entry(
            file.path,
            file.data,
            file.facts,
            file_id=file.role,
            known={
                "role": file.role,
                "round": file.role if file.role in ROUNDS else None,
                "ignore_columns": {e.raw: e.reason for e in left if e.source == file.role},
            },
        )
        for file in given.files
    ]
    return "\n".join([MANIFEST + ignored(given), *entries])


def _awaited(role: str, language: str) -> str:
    """Entry of a file that is not delivered yet."""
    question = marker(
        message("draft.which-file", role=role),
        message("draft.which-file-entry", role=role),
        language=language,
    )
    return f"\n[[file]]\nid = {value_text(role)}\npath = {written(question)}\n"


def _put(name: str, texts: Mapping[str, str]) -> None:
    """Write beside, check as the stages would, and rename; nothing stays after a failure."""
    pages, contents, config = _targets(name)
    beside = [path.with_name(f"{io.TEMPORARY}{path.name}") for path in (pages, contents, config)]
    try:
        for file, text in texts.items():
            io.write_text(beside[2] / file, text)
        for file, text in book_draft.PAGES.items():
            io.write_text(beside[0] / file, text)
        io.write_text(beside[1], book_draft.TOC)
        _check(beside[2])
        for made, final in zip(beside, (pages, contents, config), strict=True):
            made.replace(final)
    finally:
        for path in beside:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.is_file():
                path.unlink()


def _check(folder: Path) -> None:
    """A drafted dictionary without open decisions must be one that the stages read."""
    if not open_in(folder / "dictionary"):
        read_dictionary(folder, (*ROUNDS, *FILE_SOURCES))


def _summary(name: str, draft: StudyDraft, given: Delivery, language: str) -> str:
    config = Path("config") / name
    found = open_in(config)
    guesses = sum(confirmations(io.read_text(path)) for path in sorted(config.rglob("*.toml")))
    variables = sum(len(file.module.variable) for file in draft.files)
    data = f" DATA_RAW={given.folder.as_posix()}" if given.folder is not None else ""
    lines = wording(
        "new-study.summary",
        language,
        config=config.as_posix(),
        name=name,
        data=data,
        variables=counted(variables, "variable", language),
        decisions=counted(len(found), "decision", language),
        comments=counted(guesses, "comment", language),
    )
    return lines + _declared(given, language)


def _declared(given: Delivery, language: str) -> str:
    """One line about the files: which stand in the manifest, and from where they are named."""
    if given.folder is None:
        return ""
    listed = ", ".join(f"{file.path} ({file.role})" for file in given.files)
    beside = wording("new-study.beside", language) if given.scattered else ""
    said = wording("new-study.declared", language, folder=given.folder.as_posix(), files=listed)
    return f"{said}{beside}\n"
