"""Command ``new-study``: scaffold a study from its delivered files, or from its survey form.

Writes ``config/NAME/``, ``book/NAME/`` and ``book/_toc.NAME.yml``, all or nothing, and overwrites
nothing. What only a person can decide is left open; the stages stop there, one by one.
"""

import argparse
import dataclasses
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.data import manifest_draft
from evaluation.data.dictionary_draft import SERVERS
from evaluation.data.draft_data import Left
from evaluation.data.ledger import COLUMNS
from evaluation.data.roles import evidence
from evaluation.data.seen import Source
from evaluation.data.study_files import DESIGN_COLUMNS, StudyDraft, draft_study
from evaluation.data.xlsform import Form, read_form
from evaluation.errors import SpecError, StorageError
from evaluation.spec import book_draft
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.decisions import confirmations, marker, written
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.status import open_in
from evaluation.spec.study_draft import ROUNDS, plan_text, study_text
from evaluation.spec.toml_text import comment, value_text

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
TAKEN = ("common",)
ROLES = (*ROUNDS, "frame")
MOST_OTHERS = 200
DEVIATIONS = """\
# No change of the plan since plan.lock. A change needs a [[deviation]] with date, plan_hash,
# entries and reason (en, es).
"""
MANIFEST = """\
# Draft of the files of a study; confirm: what was guessed, fill in: what only a person knows.
"""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A delivered file as it was given: its role, bytes, and what is in it."""

    role: str
    path: str
    data: bytes
    facts: manifest_draft.Facts


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
    files = _files(options)
    sources = [_source(given) for given in files]
    chosen = {c: getattr(options, c) for c in DESIGN_COLUMNS if getattr(options, c)}
    draft = draft_study(sources, form, chosen=chosen, server=options.server)
    raw = _folder(options) if files else None
    texts = {
        "study.toml": study_text(options.name, draft.design),
        "manifest.toml": _manifest(files, draft.left, raw),
        **{f"dictionary/{file.name}": file.text for file in draft.files},
        "plan.toml": plan_text(options.name, draft.design),
        "corrections.csv": ",".join(COLUMNS) + "\n",
        "deviations.toml": DEVIATIONS,
        "exhibits.toml": book_draft.exhibits_text(),
    }
    _put(options.name, texts)
    sys.stdout.write(_summary(options.name, draft, raw))


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or name in TAKEN:
        raise SpecError(
            f"`{name}` is no name for a study",
            where="new-study",
            mend="use a-z, 0-9 and _, a letter first, at most 32; not `common`",
        )
    for path in _targets(name):
        if path.exists():
            raise StorageError(
                "it is there already, and nothing is overwritten",
                where=path.as_posix(),
                mend="choose another name, or take the old study away first",
            )


def _targets(name: str) -> tuple[Path, Path, Path]:
    book = Path("book")
    return book / name, book / f"_toc.{name}.yml", Path("config") / name


def _form(path: str) -> Form | None:
    return read_form(io.read_given(Path(path)), Path(path).name) if path else None


def _files(options: argparse.Namespace) -> tuple[Given, ...]:
    """The files by role; nothing without a role, unless there are no files and a form."""
    by_role = {role: getattr(options, role) for role in ROLES}
    listed = [Path(path) for path in options.data]
    if not listed and not any(by_role.values()):
        if options.form:
            return ()
        raise SpecError(
            "there is neither a form nor a file",
            where="new-study",
            mend="name the survey form by --form, or the delivered files by --data",
        )
    open_roles = [role for role in ROLES if not by_role[role]]
    if open_roles:
        _ask_roles(options.name, by_role, listed)
    names = {path.name: path for path in listed}
    raw = _folder(options)
    # a file of --data may be named by its bare name
    return tuple(_given(names.get(path, Path(path)), role, raw) for role, path in by_role.items())


def _ask_roles(name: str, by_role: Mapping[str, str], listed: Sequence[Path]) -> None:
    paths = dict.fromkeys([*(Path(p) for p in by_role.values() if p), *listed])
    sources = [_source(_given(path, path.name, path.parent)) for path in paths]
    lines = "".join(f"\n    - {line}" for line in evidence(sources))
    options = " ".join(f"--{role} {given or 'FILE'}" for role, given in by_role.items())
    missing = ", ".join(role for role, given in by_role.items() if not given)
    raise SpecError(
        f"which file is the {missing}? Only a person knows; nothing is written yet",
        where="new-study",
        mend=f"python -m evaluation new-study {name} {options}\n  (frame: one row for each cluster"
        f", with its arm)\n  seen in the files:{lines}",
        rule="decision",
    )


def _given(path: Path, role: str, raw: Path) -> Given:
    data = io.read_given(path)
    whole, folder = path.resolve(), raw.resolve()
    named = whole.relative_to(folder).as_posix() if whole.is_relative_to(folder) else path.name
    return Given(role=role, path=named, data=data, facts=manifest_draft.examine(named, data))


def _folder(options: argparse.Namespace) -> Path:
    """Folder of the delivered files: as named, else the one that holds them."""
    if options.data_raw:
        return Path(options.data_raw)
    given = [*options.data, *(getattr(options, role) for role in ROLES)]
    folders = [Path(path).parent for path in given if path and Path(path).exists()]
    if not folders:
        return Paths.of(options).raw
    if len(set(folders)) == 1:
        return folders[0]
    return Path(os.path.commonpath([folder.resolve() for folder in folders]))


def _source(given: Given) -> Source:
    dialect = {key: value for key, value, _ in given.facts.keys}.get("dialect", {})
    named = {key: dialect[key] for key in ("decimal", "date") if key in dialect}
    file = given.path.rpartition("/")[2]
    return Source(id=given.role, file=file, table=given.facts.table, **named)


def _manifest(files: Sequence[Given], left: Sequence[Left], raw: Path | None) -> str:
    if raw is None:
        return MANIFEST + "".join(_awaited(role) for role in ROLES)
    entries = [
        manifest_draft.entry(
            given.path,
            given.data,
            given.facts,
            file_id=given.role,
            known={
                "role": given.role,
                "round": given.role if given.role in ROUNDS else None,
                "ignore_columns": {e.raw: e.reason for e in left if e.source == given.role},
            },
        )
        for given in files
    ]
    return "\n".join([MANIFEST + _ignored(files, raw), *entries])


def _ignored(files: Sequence[Given], raw: Path) -> str:
    """Other files beside the study's: read from no stage until somebody describes them."""
    used = {given.path for given in files}
    names = sorted(path.relative_to(raw).as_posix() for path in raw.rglob("*") if path.is_file())
    others = [name for name in names if name not in used]
    if len(others) > MOST_OTHERS:
        raise SpecError(
            f"{len(others)} other files lie in the folder of the delivered files",
            where=raw.name,
            mend="put the study's files into a folder of their own, and name it by --data-raw",
        )
    if not others:
        return "ignore = []\n"
    said = comment("confirm: other files of the folder, which no stage reads")
    return f"{said}\nignore = {value_text(others)}\n"


def _awaited(role: str) -> str:
    """Entry of a file that is not delivered yet."""
    question = marker(
        f"which file is the {role}?",
        f"python -m evaluation manifest FILE drafts the entry; put it here with role {role}",
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


def _summary(name: str, draft: StudyDraft, raw: Path | None) -> str:
    config = Path("config") / name
    found = open_in(config)
    guesses = sum(confirmations(io.read_text(path)) for path in sorted(config.rglob("*.toml")))
    variables = sum(len(file.module.variable) for file in draft.files)
    data = f" DATA_RAW={raw.as_posix()}" if raw is not None else ""
    return (
        f"{config.as_posix()}: {variables} variables drafted, {len(found)} decisions open,"
        f" {guesses} comments to settle\n"
        f"book/{name}, book/_toc.{name}.yml: pages of a first book\n"
        f"next: make STUDY={name}{data}; it stops at each open decision and says what to write\n"
        f"left to do at any time: python -m evaluation status --study {name}\n"
    )
