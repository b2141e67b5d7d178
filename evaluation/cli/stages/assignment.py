"""The assignment that ``plan.lock`` holds, against the delivered list, Git and earlier releases."""

import functools
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from evaluation.cli.stages import stage_files
from evaluation.config.declared import read_files
from evaluation.config.dictionary import Dictionary
from evaluation.config.manifest import Manifest, RawFile
from evaluation.config.preregistration import RULE, Lock
from evaluation.config.study import LOCK, Study
from evaluation.config.toml_reader import named
from evaluation.data.cleaning.assignment import assignment_sum
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.ledger import parse_ledger
from evaluation.data.cleaning.parse import parse
from evaluation.data.clusters import make_frame
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import RawTable, all_of_file, drop_ignored, read_file
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.registry import cells
from evaluation.data.series import cluster_facts, treated_list
from evaluation.errors import EvaluationError, SpecError
from evaluation.locale.messages import wording
from evaluation.storage import commit, disk, folders, progress

Raw = Callable[[RawFile], RawTable]
SHOWN = 12


def delivered(paths: folders.Paths) -> str:
    """Fingerprint of the list of clusters as delivered, with the ledger's corrections.

    Raises
    ------
    EvaluationError
        The list is not there, or breaks a rule.
    """
    return _summed(paths, lambda file: read_file(file, locate(file, paths.raw, paths.config)))


def _summed(paths: folders.Paths, raw: Raw) -> str:
    study, manifest, dictionary = read_files(paths.config)
    if study.panel is not None:
        return _of_panel(study, manifest, dictionary, raw)
    (file,) = manifest.with_role("frame")
    table, ledger = raw(file), stage_files.read_ledger(paths.config)
    stop = functools.partial(stage_files.stop_on_errors, private=paths.private)
    stop(all_of_file(table, dictionary))
    written = parse_ledger(ledger.text, ledger.where)
    own = tuple(line for line in written.corrections if line.round == file.source)
    respondent = dictionary.variables[study.columns.respondent].raw
    lines = replace(written, corrections=own)
    (corrected,), problems = apply([drop_ignored(table)], lines, study, respondent=respondent)
    stop(problems)
    parsed = parse(corrected.table, dictionary)
    stop(cells(parsed, dictionary))
    stop(check_frame(parsed, dictionary, study))
    return assignment_sum(make_frame(clean(parsed, dictionary), study).table, study)


def _of_panel(study: Study, manifest: Manifest, dictionary: Dictionary, raw: Raw) -> str:
    """Of a panel's public list; a private one is kept in no form."""
    if study.panel is None:
        raise TypeError(study.id)
    parsed = {
        role: [parse(drop_ignored(raw(file)), dictionary) for file in manifest.with_role(role)]
        for role in ("frame", "facts", "treated")
    }
    (frame,), (public,) = parsed["frame"], parsed["treated"]
    table = cluster_facts.with_facts(frame, parsed["facts"], dictionary, study.columns.cluster)
    (file,) = manifest.with_role("treated")
    cells_of_list = drop_ignored(raw(file)).frame.astype("str")
    found = treated_list.public_list(table, cells_of_list, public, study)
    return assignment_sum(treated_list.as_assigned(table, found, study), study)


def warn(lock: Lock | None, language: str) -> None:
    """Say on the terminal that the lock does not hold the assignment.

    Parameters
    ----------
    lock : Lock or None
    language : {"en", "es"}
    """
    if is_missing(lock):
        progress.clear()
        sys.stderr.write(wording("lock.no-assignment", language))


def is_missing(lock: Lock | None) -> bool:
    """Whether there is a lock that does not hold the assignment."""
    return lock is not None and lock.assignment is None


def check_earlier(paths: folders.Paths, lock: Lock | None) -> None:
    """Refuse a lock whose assignment is not the one that was locked or released before.

    Parameters
    ----------
    paths : folders.Paths
    lock : Lock or None
        None of a study without.

    Raises
    ------
    SpecError
        The lock's history in Git, or a release, holds another assignment, or holds one where the
        lock has none.
    """
    refuse_other(paths, lock.assignment.sum if lock and lock.assignment else "")


def refuse_other(paths: folders.Paths, locked: str) -> None:
    """The same for a fingerprint, before it is written.

    Parameters
    ----------
    paths : folders.Paths
    locked : str
        Fingerprint as locked, whatever was changed since; empty where none is.

    Raises
    ------
    SpecError
        As of `check_earlier`.
    """
    for where, found in (*_committed(paths), *_released(paths)):
        if found and found != locked:
            name = named(paths.config, LOCK)
            raise SpecError.of("lock-contradicted", "lock-as-in-git", name, rule=RULE, where=where)


def _committed(paths: folders.Paths) -> Iterator[tuple[str, str]]:
    """Fingerprints in the committed versions of the lock."""
    for name, text in commit.versions(Path(), paths.config / LOCK):
        yield name[:SHOWN], _of_lock(text)


def _released(paths: folders.Paths) -> Iterator[tuple[str, str]]:
    """Fingerprints of the locks that releases kept."""
    for path in sorted((paths.private / "releases").glob(f"*/{LOCK}")):
        yield path.parent.name, _of_lock(disk.read_text(path))


def _of_lock(text: str) -> str:
    table = tomllib.loads(text).get("assignment")
    return str(table.get("sum", "")) if isinstance(table, dict) else ""


def released_otherwise(paths: folders.Paths, locked: str) -> None:
    """Refuse to lock a list of clusters that is not the one of an earlier release.

    Parameters
    ----------
    paths : folders.Paths
    locked : str
        Fingerprint of the list.

    Raises
    ------
    SpecError
        A release kept another list.
    """
    for manifest in sorted((paths.private / "releases").glob("*/manifest.toml")):
        folder = manifest.parent
        kept = functools.partial(_kept, folder)
        try:
            found = _summed(paths, kept)
        except (EvaluationError, OSError):
            # another configuration: its files cannot be read by this one
            continue
        if found != locked:
            name = named(paths.config, LOCK)
            fix = "list-as-released"
            raise SpecError.of("lock-contradicted", fix, name, rule=RULE, where=folder.name)


def _kept(folder: Path, file: RawFile) -> RawTable:
    return RawTable(file=file, frame=disk.read_texts(folder / f"{file.id}.parquet"))
