"""One run: damaged files through the functions that the stages ``read`` and ``clean`` call.

Two outcomes pass: a finding by one of the kind's rules names the place of the damage ("reported"),
or the values are those of the undamaged study ("read right"). Three fail: other values, and
findings only elsewhere or by rules that do not speak of this damage ("elsewhere"); other values
without a word ("silent"); any exception but the project's own ("traceback").
"""

import contextlib
import functools
import hashlib
import random
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary import Dictionary
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import Manifest, RawFile, read_manifest
from evaluation.config.study import Study, read_study
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.delivery_checks import as_finding
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import make_frame
from evaluation.data.findings import arranged
from evaluation.data.readers.delivered_files import locate, verify
from evaluation.data.readers.read import (
    RawTable,
    check_columns,
    check_labels,
    drop_ignored,
    read_file,
)
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.registry import cells, check
from evaluation.errors import DataError, EvaluationError
from evaluation.estimation.records import Finding
from tests.faults.damage import Delivery, Expectation, Kind
from tests.faults.sites import sites
from tests.faults.study import CONFIG, delivery
from tests.faults.telling import tells

Outcome = Literal["read right", "reported", "elsewhere", "silent", "traceback"]
# what a person who accepted the delivery has settled: only the declared manifest shows it
OF_THE_MANIFEST = ("checksum", "row-count")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one damaged delivery.

    Attributes
    ----------
    findings : tuple of Finding
        Errors and warnings about the damaged files.
    changed : frozenset of str
        Names of the files that the damage touched.
    telling : tuple of Finding
        Those of them that name the place of the damage, by a rule that speaks of it.
    trace : str
        Type and words of an exception that is not the project's own.
    """

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    changed: frozenset[str] = frozenset()
    telling: tuple[Finding, ...] = ()
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study3:
    """The study's declarations, and its manifest for given files."""

    study: Study
    dictionary: Dictionary
    manifest: Manifest


class StopError(Exception):
    """A stage ended with findings."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__()
        self.findings = findings


@functools.cache
def declared() -> Study3:
    """The study as declared, with the checksums of the undamaged files."""
    study = read_study(CONFIG)
    manifest = read_manifest(CONFIG, study)
    files = tuple(replace(f, sha256=_sha256(delivery().files[f.path])) for f in manifest.file)
    return Study3(
        study=study,
        dictionary=read_dictionary(CONFIG, (*study.rounds, *FILE_SOURCES)),
        manifest=replace(manifest, file=files),
    )


def run_kind(kind: Kind, seed: int) -> Result:
    """Damage the study once and read it."""
    return run(damaged(kind, seed), manifest=kind.manifest, expect=kind.expect)


def damaged(kind: Kind, seed: int) -> Delivery:
    """The delivery of one seed."""
    return kind.apply(delivery(), random.Random(f"{kind.id}:{seed}"))  # noqa: S311


def run(
    damaged: Delivery, *, manifest: Literal["renewed", "as declared"], expect: Expectation
) -> Result:
    """Read a delivery and compare it with the undamaged one."""
    whole = delivery().files
    changed = frozenset(
        name for name in {*whole, *damaged.files} if whole.get(name) != damaged.files.get(name)
    )
    try:
        with _on_disk(damaged.files) as folder:
            values, findings = _values(folder, damaged, manifest)
    except EvaluationError as error:
        values, findings = None, (_alone(error),)
    except Exception as error:  # noqa: BLE001 - whatever else comes out is what we count
        return Result(
            outcome="traceback", changed=changed, trace=f"{type(error).__name__}: {error}"
        )
    about = tuple(
        f for f in findings if f.severity != "info" and f.rule and f.fix and _is_about(f, changed)
    )
    both = sorted(changed & set(whole) & set(damaged.files))
    places = {name: sites(name, damaged.files[name]) for name in both}
    telling = tuple(f for f in about if tells(f, expect, places))
    if telling:
        outcome: Outcome = "reported"
    elif values is not None and values == right():
        outcome = "read right"
    else:
        outcome = "elsewhere" if about else "silent"
    return Result(outcome=outcome, findings=about, changed=changed, telling=telling)


def _alone(error: EvaluationError) -> Finding:
    """An error that stopped a run outside the list of findings."""
    file, _, line = error.where.partition(",")[0].partition(":")
    return Finding(
        rule=error.rule,
        severity="error",
        round="",
        file=file,
        row_key="",
        line=int(line) if line.isdecimal() else 0,
        column="",
        value="",
        problem=error.problem,
        fix=error.fix,
    )


def _is_about(finding: Finding, changed: frozenset[str]) -> bool:
    """Whether a finding names a damaged file: as its own, or beside its own with the row."""
    return finding.file in changed or any(name in str(finding.problem) for name in changed)


@functools.cache
def right() -> Mapping[str, str]:
    """Fingerprints of the undamaged study's clean values."""
    with _on_disk(delivery().files) as folder:
        values, findings = _values(folder, delivery(), "as declared")
    if values is None or findings:
        raise AssertionError(f"the undamaged study has findings: {findings}")
    return values


@contextlib.contextmanager
def _on_disk(files: Mapping[str, bytes]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, data in files.items():
            (folder / path).write_bytes(data)
        yield folder


def _values(
    folder: Path, damaged: Delivery, mode: Literal["renewed", "as declared"]
) -> tuple[Mapping[str, str] | None, tuple[Finding, ...]]:
    """Fingerprints of the clean values, None where a stage stopped; and all findings."""
    study = declared()
    manifest = study.manifest
    if mode == "renewed":
        files = tuple(
            replace(f, sha256=_sha256(damaged.files[f.path])) if f.path in damaged.files else f
            for f in manifest.file
        )
        manifest = replace(manifest, file=files)
    try:
        _, verified = verify(manifest, folder, folder)
        _stop(verified)
        tables, found = _stage_read(manifest, folder, mode)
        checked, more = _stage_clean(tables)
    except StopError as stop:
        return None, stop.findings
    return checked, arranged((*found, *more))


def _stage_read(
    manifest: Manifest, folder: Path, mode: str
) -> tuple[tuple[RawTable, ...], tuple[Finding, ...]]:
    tables, findings = [], []
    for file in manifest.file:
        try:
            table = _read(file, folder)
        except DataError as error:
            findings.append(as_finding(error, file))
            continue
        tables.append(table)
        findings += _about(table)
    if mode == "renewed":
        findings = [f for f in findings if f.rule not in OF_THE_MANIFEST]
    _stop(findings)
    return tuple(tables), tuple(findings)


def _about(table: RawTable) -> tuple[Finding, ...]:
    dictionary = declared().dictionary
    columns = check_columns(table, dictionary)
    if any(finding.rule == "dialect" for finding in columns):
        return columns
    return (*table.findings, *columns, *check_labels(table, dictionary))


def _stage_clean(
    tables: tuple[RawTable, ...],
) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    study, dictionary = declared().study, declared().dictionary
    parsed = {table.file.source: _parse(table) for table in tables}
    _stop(cells(parsed["frame"], dictionary))
    _stop(check_frame(parsed["frame"], dictionary, study))
    frame = make_frame(clean(parsed["frame"], dictionary), study)
    rounds = [parsed[name] for name in study.rounds]
    findings = check(rounds, dictionary, study, frame=frame)
    _stop(findings)
    values = {source: _fingerprint(p) for source, p in parsed.items()}
    return values | {f"{t.file.source}: letters": _letters(t) for t in tables}, findings


def _fingerprint(parsed: Parsed) -> str:
    """Clean values of the interviews that count, and how many were refused where.

    The order of rows is free, and so is the line on which a row stands.
    """
    table = clean(parsed, declared().dictionary).drop(columns=["row_key", "line"])
    texts = table.astype(str)
    valid = sorted("\x1f".join(row) for row in texts[parsed.consented].to_numpy(dtype=str))
    refused = sorted(texts.loc[~parsed.consented, "municipality"])
    return _sha256("\x1e".join([*texts.columns, *valid, *refused]).encode())


def _letters(table: RawTable) -> str:
    """Letters beyond ASCII in the columns that nobody reads: they go on as they are delivered."""
    cells = "".join(cell for name in table.file.ignore_columns for cell in table.frame[name])
    return "".join(sorted({sign for sign in cells if sign.isalpha() and not sign.isascii()}))


def _stop(findings: tuple[Finding, ...] | list[Finding]) -> None:
    if any(finding.severity == "error" for finding in findings):
        raise StopError(arranged(findings))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# The files that a damage leaves alone are read and parsed once.
_WHOLE: dict[str, RawTable] = {}
_PARSED: dict[str, Parsed] = {}


def _read(file: RawFile, folder: Path) -> RawTable:
    data = delivery().files[file.path]
    if not (folder / file.path).is_file() or (folder / file.path).read_bytes() != data:
        return read_file(file, locate(file, folder, folder))
    if file.path not in _WHOLE:
        _WHOLE[file.path] = read_file(file, locate(file, folder, folder))
    return _WHOLE[file.path]


def _parse(table: RawTable) -> Parsed:
    path, dictionary = table.file.path, declared().dictionary
    if table is not _WHOLE.get(path):
        return parse(drop_ignored(table), dictionary)
    if path not in _PARSED:
        _PARSED[path] = parse(drop_ignored(table), dictionary)
    return _PARSED[path]
