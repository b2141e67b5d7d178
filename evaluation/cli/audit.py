"""Stage ``audit``: search everything that is published for what identifies somebody."""

import argparse
import csv
import hashlib
import subprocess
import time
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path

from evaluation import io
from evaluation.cli import stage
from evaluation.data.leaks import (
    Hit,
    Known,
    answers_by_word,
    is_telling_id,
    is_telling_place,
    search,
)
from evaluation.data.outlets import parts
from evaluation.errors import DataError
from evaluation.spec.audit import Allowed, read_audit
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.manifest import SURVEY_ROLES, Manifest, RawFile, read_manifest
from evaluation.spec.study import Study, read_study

SHOWN = 20
PRIVATE = "private"
RESULT = "audit.json"
# Names in the raw files of clusters; several stand in one cell.
ALIASES = "aliases"
# Sources of tests hold invented identifiers; the study's own raw values are none of them.
INVENTORS = "evaluation/data/demo"
TESTS, OWN = "tests/", ("raw-id", "raw-answer")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add a further folder, and whether the history is searched."""
    parser.add_argument(
        "--folder",
        action="append",
        default=[],
        metavar="FOLDER",
        help="folder of a release to search as well; may be given more than once",
    )
    parser.add_argument(
        "--history",
        default="yes",
        choices=("yes", "no"),
        help="search every file version in the repository's history (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> None:
    """Search build, public data, release folders and history; any hit is an error.

    Raises
    ------
    DataError
        Something was found; the message says where and by which rule, never what.
    StorageError
        A folder that was named does not exist.
    """
    start = time.monotonic()
    paths = stage.Paths.of(options)
    study = read_study(paths.config)
    # First, and written last: its presence says that what lies beside it was searched.
    (paths.build / RESULT).unlink(missing_ok=True)
    known = _known(paths, study)
    allowed = read_audit(paths.config).allowed
    folders = [paths.build, Path("public") / study.id, *map(Path, options.folder)]
    missing = [f for f in map(Path, options.folder) if not f.is_dir()]
    if missing:
        raise DataError(
            "the folder does not exist", where=missing[0].as_posix(), mend="correct its name"
        )
    seen: set[bytes] = set()
    files = list(_files(folders))
    hits = list(_search(files, known, allowed, seen))
    versions = 0
    if options.history == "yes":
        history = list(_history())
        versions = len(history)
        without = Known(ids=known.ids, answers=known.answers, folders=known.folders)
        hits += _search(history, without, allowed, seen)
    if hits:
        listed = [f"{hit.name}, line {hit.line}: {hit.rule}" for hit in hits]
        more = [f"and {len(hits) - SHOWN} more"] if len(hits) > SHOWN else []
        raise DataError(
            f"{len(hits)} places hold what may identify somebody:\n  "
            + "\n  ".join([*listed[:SHOWN], *more]),
            where="audit",
            mend="take it out where it comes from and build again; in the history, purge it; a"
            f" false alarm is named in config/{study.id}/audit.toml with its reason",
            rule="leak",
        )
    io.write_json(
        paths.build / RESULT, {"study": study.id, "mark": study.mark, "files": len(files)}
    )
    found = f"nothing found in {len(files):,} files and {versions:,} earlier versions of files"
    stage.announce("audit", found, time.monotonic() - start)


def _search(
    files: Iterable[tuple[str, bytes]],
    known: Known,
    allowed: tuple[Allowed, ...],
    seen: set[bytes],
) -> Iterator[Hit]:
    """Hits of files, each content once."""
    for name, data in files:
        digest = hashlib.blake2b(data, digest_size=16).digest()
        if digest in seen:
            continue
        seen.add(digest)
        for part in parts(name, data):
            for hit in search(part, known):
                example = name.partition(" ")[2].partition(" ")[2].startswith(TESTS)
                if example and hit.rule not in OWN:
                    continue
                if not any(_allows(entry, hit) for entry in allowed):
                    yield hit


def _allows(entry: Allowed, hit: Hit) -> bool:
    name = hit.name.partition("!")[0]
    return entry.rule == hit.rule and entry.text == hit.text and name.endswith(entry.file)


def _files(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if path.is_file() and PRIVATE not in inside:
                yield path.as_posix(), io.read_bytes(path)


def _history() -> Iterator[tuple[str, bytes]]:
    """Every version of every file in the repository, the invented raw files apart."""
    try:
        listed = _git("rev-list", "--objects", "--all").decode("utf-8", "replace")
    except (OSError, subprocess.CalledProcessError):
        return
    names = dict(
        line.split(" ", 1) for line in listed.splitlines() if " " in line and line[41:].strip()
    )
    invented = tuple(_invented())
    wanted = [(digest, name) for digest, name in names.items() if not name.startswith(invented)]
    answer = _git("cat-file", "--batch", given="".join(f"{d}\n" for d, _ in wanted).encode())
    at = 0
    for digest, name in wanted:
        end = answer.index(b"\n", at)
        _, kind, size = answer[at:end].split(b" ")
        data = answer[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
        if kind == b"blob":
            yield f"history {digest[:12]} {name}", data


def _invented() -> Iterator[str]:
    """Raw files and ledgers of demonstration studies, and what makes them: nobody is in them."""
    for file in sorted(Path("config").glob("*/study.toml")):
        if read_study(file.parent).synthetic:
            yield f"data_raw/{file.parent.name}/"
            yield f"config/{file.parent.name}/corrections.csv"
            yield INVENTORS


def _git(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], input=given, capture_output=True, check=True)
    return done.stdout


def _known(paths: stage.Paths, study: Study) -> Known:
    """What the study's own raw files hold that must not be published."""
    manifest = read_manifest(paths.config, study)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    ids: set[str] = set()
    answers: set[str] = set()
    places: set[str] = set()
    for file in manifest.file:
        raw = paths.private / "raw" / f"{file.id}.parquet"
        if not raw.is_file():
            continue
        table = io.read_frame(raw)
        for name, column in _columns(dictionary, file).items():
            if column not in table.columns:
                continue
            values = {str(v).strip() for v in table[column].dropna().unique()}
            variable = dictionary.variables[name]
            if name == study.columns.respondent:
                ids |= {v for v in values if is_telling_id(v)}
            elif variable.type == "text" and file.role in SURVEY_ROLES:
                answers |= values
            elif file.role == "frame" and name in (study.columns.cluster, ALIASES):
                places |= {p.strip().lower() for v in values for p in v.split("|")}
    answers |= _ignored(paths.raw, manifest)
    telling = {p for p in places if is_telling_place(p)}
    return Known(
        ids=frozenset(ids),
        answers=answers_by_word(answers),
        places=frozenset(p for p in telling if p.isalnum()),
        place_names=tuple(sorted(p for p in telling if not p.isalnum())),
        folders=(Path.cwd().as_posix(),),
    )


def _columns(dictionary: Dictionary, file: RawFile) -> dict[str, str]:
    return {v.name: v.raw[file.source] for v in dictionary.in_source(file.source)}


def _ignored(raw: Path, manifest: Manifest) -> set[str]:
    """Texts of columns that the study leaves out of its build: interviewers' remarks."""
    found: set[str] = set()
    for file in manifest.file:
        path = raw / file.path
        if file.dialect is None or file.format != "csv" or not path.is_file():
            continue
        text = io.read_bytes(path).decode(file.dialect.encoding, "replace")
        rows = csv.DictReader(StringIO(text, newline=""), delimiter=file.dialect.delimiter)
        for row in rows:
            found |= {row[c] for c in file.ignore_columns if row.get(c)}
    return found
