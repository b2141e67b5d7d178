"""Damage that leaves a file plausible, done to the two studies themselves.

The tiny study's answers are independent of each other and of everything else, so that a column
moved against the rest leaves no trace in it. These kinds are done to the tables of both studies as
the readers hand them over, as if somebody had accepted the delivery: checksum, rows and ledger are
those of the damaged file.

Outcomes: "reported" where a rule that speaks of the damage says something new about a damaged file
(in a damaged column, where the rule names one); "elsewhere" where only others do; "silent"; and
"read right" where the clean values are the undamaged ones and nothing new is said.
"""

import argparse
import contextlib
import functools
import hashlib
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from evaluation.cli.stages import clean, read, stage_files
from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary import Dictionary
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import read_manifest
from evaluation.config.study import Study, read_study
from evaluation.data.cleaning.ledger import Ledger, WrittenLedger, parse_ledger
from evaluation.data.findings import LINE
from evaluation.data.readers.read import RawTable, read_file
from evaluation.estimation.records import Finding
from evaluation.report.terminal import FoundErrors
from evaluation.storage import disk, folders
from tests.conftest import shared_data
from tests.fixtures.locking import without_assignment

ROOT = Path(__file__).resolve().parents[2]
DEMONSTRATION, TRIAL = "somos_comunidad", "medellin"
# two columns contradict each other, and the finding stands at one of them
EITHER = ("cohort-contradiction", "odd-block", "block-composition")
Tables = Mapping[str, RawTable]
Damage = Callable[["Whole", random.Random], Tables]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A study's declarations and its raw tables, by the id of their file."""

    study: Study
    dictionary: Dictionary
    written: WrittenLedger
    tables: Tables

    @property
    def ledger(self) -> Ledger:
        """Lines of the ledger."""
        return parse_ledger(self.written.text, self.written.where)

    def with_frame(self, name: str, frame: pd.DataFrame) -> Tables:
        """The tables with one of them changed; cells that the ledger names stay as they are."""
        table = self.tables[name]
        for entry in self.ledger.corrections:
            path, _, line = entry.row_key.rpartition(":")
            where = frame.index[frame[LINE] == int(line)]
            if path == table.file.path and len(where):
                was = table.frame.loc[table.frame[LINE] == int(line), entry.column]
                frame.loc[where, entry.column] = was.to_numpy()
        return {**self.tables, name: replace(table, frame=frame.reset_index(drop=True))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausible:
    """One kind of damage, as done to one of the studies.

    Attributes
    ----------
    rules : tuple of str
        Rules that speak of this damage; written after the first run, the damage before.
    undecidable : str
        Why the data cannot tell, where they cannot.
    group : str
        Class of damage, of those that were written by class.
    """

    id: str
    study: str
    words: str
    apply: Damage
    rules: tuple[str, ...] = ()
    undecidable: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one damaged study.

    Attributes
    ----------
    found : tuple of Finding
        Errors and warnings that the undamaged study does not have.
    """

    outcome: str
    found: tuple[Finding, ...] = ()
    telling: tuple[Finding, ...] = field(default=())


@functools.cache
def whole(name: str) -> Whole:
    """One of the two studies as delivered."""
    config = ROOT / "config" / name
    raw = ROOT / "data_raw" / name
    if name == TRIAL:
        raw = shared_data("metaketa4_colombia")
    study = read_study(config)
    dictionary = read_dictionary(config, (*study.rounds, *FILE_SOURCES))
    files = [f for f in read_manifest(config, study).file if f.role != "published"]
    folders = {"config": config, "data_raw": raw}
    return Whole(
        study=study,
        dictionary=dictionary,
        written=stage_files.read_ledger(config),
        tables={f.id: read_file(f, folders[f.folder] / f.path) for f in files},
    )


def run_kind(kind: Plausible, seed: int) -> Outcome:
    """Damage a study once and check it."""
    before = whole(kind.study)
    tables = kind.apply(before, random.Random(f"{kind.id}:{seed}"))  # noqa: S311
    return run(before, tables, kind.rules)


def run(before: Whole, tables: Tables, rules: Sequence[str] = ()) -> Outcome:
    """Check changed tables against the undamaged ones."""
    changed = {t.file.path: _changed(before.tables[k], t) for k, t in tables.items()}
    changed = {path: columns for path, columns in changed.items() if columns is not None}
    lines = {t.file.path: _lines(before.tables[k], t) for k, t in tables.items()}
    assert changed, "the damage changed no table"
    known = Counter(_key(f) for f in undamaged(before.study.id))
    found = []
    for finding in checked(before, tables):
        known[_key(finding)] -= 1
        if known[_key(finding)] < 0 and finding.severity != "info":
            found.append(finding)
    about = [f for f in found if f.file in changed or any(p in str(f.problem) for p in changed)]
    telling = tuple(f for f in about if f.rule in rules and _in_place(f, changed, lines, before))
    if telling:
        outcome = "reported"
    elif about:
        outcome = "elsewhere"
    else:
        right = fingerprint(tables, tables) == fingerprint(before.tables, before.tables)
        outcome = "read right" if right else "silent"
    return Outcome(outcome=outcome, found=tuple(found), telling=telling)


def _in_place(
    finding: Finding,
    changed: Mapping[str, frozenset[str]],
    lines: Mapping[str, frozenset[int]],
    before: Whole,
) -> bool:
    """It names a damaged column, variable or row, or an interviewer, or speaks from another file.

    Rows count where fewer than a tenth of them were damaged.
    """
    columns = changed.get(finding.file)
    if finding.row_key.startswith("interviewer ") or finding.rule in EITHER:
        return True
    spoken = re.findall(r"([\w.]+):(\d+)", f"{finding.row_key} {finding.problem}")
    if any(int(line) in lines.get(path, ()) for path, line in spoken):
        return True
    if not finding.column or columns is None or not columns or finding.column in columns:
        return True
    source = next(t.file.source for t in before.tables.values() if t.file.path == finding.file)
    damaged = [v.name for v in before.dictionary.in_source(source) if v.raw[source] in columns]
    # rules about the weights call a column as the dictionary does
    return finding.column in damaged or any(f"`{n}`" in str(finding.problem) for n in damaged)


def _lines(old: RawTable, new: RawTable) -> frozenset[int]:
    """Rows with a changed cell, where they are few."""
    if new is old or len(old.frame) != len(new.frame):
        return frozenset()
    names = [name for name in old.frame if name in new.frame]
    differs = (old.frame[names].astype(str) != new.frame[names].astype(str)).any(axis=1)
    few = int(differs.sum()) <= len(old.frame) // 10 + 1
    return frozenset(new.frame.loc[differs, LINE].tolist()) if few else frozenset()


def _key(finding: Finding) -> tuple[str, ...]:
    problem = "" if finding.line else str(finding.problem)
    where = (finding.file, str(finding.line), finding.column, finding.row_key)
    return (finding.rule, finding.severity, *where, problem)


def _changed(old: RawTable, new: RawTable) -> frozenset[str] | None:
    """Columns that differ; empty where rows came, went or moved; None where nothing did."""
    if new is old:
        return None
    if len(old.frame) != len(new.frame) or (old.frame[LINE] != new.frame[LINE]).any():
        return frozenset()
    names = [n for n in new.frame if n not in old.frame or not new.frame[n].equals(old.frame[n])]
    return frozenset(map(str, names))


@functools.cache
def undamaged(name: str) -> tuple[Finding, ...]:
    """What is found in a study as delivered."""
    return checked(whole(name), whole(name).tables)


def checked(before: Whole, tables: Tables) -> tuple[Finding, ...]:
    """Findings of the stages ``read`` and ``clean``, run on these tables as the readers' own.

    All that a stage leaves in findings.csv, or, where one stops, its errors after what the stage
    before left.
    """
    ledger = before.written
    with _folder(before.study.id) as paths:
        try:
            declared = before.study, before.dictionary
            read.keep(list(tables.values()), (), ledger, declared, paths)
            disk.write_json(paths.build / folders.PROVENANCE, {"corrections": ledger.sha256})
            options = argparse.Namespace(study=before.study.id, data_raw=None, language="en")
            clean.run(options)
        except FoundErrors as stopped:
            left = paths.private / "findings_read.csv"
            earlier = disk.read_records(left, Finding) if left.exists() else ()
            return (*earlier, *stopped.errors)
        return tuple(disk.read_records(paths.private / "findings.csv", Finding))


@contextlib.contextmanager
def _folder(study: str) -> Iterator[folders.Paths]:
    """A project with the study's configuration alone, as the folder to run stages in.

    Its lock does not hold the assignment: what is found in the list of clusters then is found
    before anybody has locked it, too.
    """
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        shutil.copytree(ROOT / "config" / study, Path("config") / study)
        without_assignment(Path("config") / study)
        yield folders.Paths.of(argparse.Namespace(study=study, data_raw=None))


def fingerprint(tables: Tables, ignored: Tables) -> str:
    """Of the cells that are read, whatever the order of rows and columns."""
    parts = []
    for name, table in tables.items():
        kept = table.frame.drop(columns=[LINE, *ignored[name].file.ignore_columns])
        texts = kept.reindex(columns=sorted(kept.columns)).to_numpy(dtype=str)
        parts.append("\x1e".join(sorted("\x1f".join(row) for row in texts)))
    return hashlib.sha256("\x1d".join(parts).encode()).hexdigest()
