"""Stage ``read``: the delivered files against the manifest, then every cell as text."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

import evaluation
from evaluation.cli.stages.stage_files import (
    SET_ASIDE,
    read_ledger,
    stop_on_errors,
)
from evaluation.config.declared import check_design, read_files
from evaluation.config.dictionary import Dictionary
from evaluation.config.manifest import SURVEY_ROLES, Manifest, RawFile, data_hash
from evaluation.config.study import LEDGER, Study
from evaluation.config.toml_reader import TomlFile, named
from evaluation.data.cleaning.delivery_checks import (
    OF_COLUMNS,
    groups_told_twice,
    read_all,
    within_changed,
)
from evaluation.data.cleaning.ledger import WrittenLedger
from evaluation.data.cleaning.parse import parse
from evaluation.data.readers import delivered_files
from evaluation.data.readers.delivered_files import verify
from evaluation.data.readers.read import RawTable, all_of_file, drop_ignored
from evaluation.data.rules.registry import cells
from evaluation.data.series.treated_list import GIVEN, read_given
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from evaluation.locale.messages import message
from evaluation.release.identifiers import delivered_columns
from evaluation.release.kept_deliveries import is_kept
from evaluation.report.terminal import all_counted
from evaluation.storage import disk, disk_trouble, folders, made_files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say where a private list of treated clusters lies."""
    folders.add_treatment(parser)


def run(options: argparse.Namespace) -> str:
    """Verify and read all files of a study.

    Raises
    ------
    EvaluationError
        The configuration or a file breaks a rule. Nothing but the list of errors is written then.
    """
    paths = folders.Paths.of(options)
    disk_trouble.refuse_little(paths.build)
    provenance = paths.build / folders.PROVENANCE
    # First, and written last: its presence says that every table beside it is complete, so that
    # the later stages do not go on with the tables of an earlier run.
    provenance.unlink(missing_ok=True)
    if paths.raw.is_dir():
        # also where the run stops at an open decision; not a folder that was mistyped
        _remember(options, paths)
    study, manifest, dictionary = read_files(paths.config)
    for file in manifest.file:
        if file.folder == "config":
            made_files.note_source((paths.config / file.path).as_posix())
    given = _given_list(options, study, manifest)
    check_design(study, dictionary, TomlFile(named(paths.config, "study.toml")))
    ledger = read_ledger(paths.config)
    digests, findings = verify(manifest, paths.raw, paths.config)
    others = {finding.file for finding in findings if finding.rule == "checksum"}
    changed = tuple(file for file in manifest.file if file.path in others)
    if changed:
        tables, damaged = read_all(changed, paths.raw, paths.config)
        within = (*damaged, *_within(tables, changed[0], ledger, dictionary, study))
        # the checksum of a file of another kind is not to be accepted
        other = {f.file for f in within if f.rule == delivered_files.KIND_RULE}
        kept = [f for f in findings if f.rule != "checksum" or f.file not in other]
        findings = (*_published_first(kept, changed, paths), *within)
    stop_on_errors(findings, paths.private)
    tables, findings = read_all(manifest.file, paths.raw, paths.config)
    keep(tables, findings, ledger, (study, dictionary), paths)
    digests[f"config/{LEDGER}"] = ledger.sha256
    _write_given(given, paths)
    if given is not None:
        # that there was a list, and nothing that could confirm a guess of what it says
        digests[GIVEN] = GIVEN
    made_from = _provenance(manifest, digests, study.id)
    if study.panel is not None:
        made_from["treatment"] = "public list" if given is None else "private list"
    _remember(options, paths)
    disk.write_json(provenance, made_from)
    rows = sum(len(table.frame) for table in tables)
    return all_counted(options.language, (len(tables), "file"), (rows, "row"))


def _published_first(
    found: Sequence[Finding], changed: Sequence[RawFile], paths: folders.Paths
) -> Iterator[Finding]:
    """Findings; a delivery that has results and that no release kept is to be published first."""
    kept = {f.path for f in changed if is_kept(paths, f.id, f.sha256)}
    has_results = (paths.build / "results.json").is_file()
    for finding in found:
        first = has_results and finding.fix.id == "get-declared.fix" and finding.file not in kept
        fix = message("publish-old-first.fix", then=finding.fix) if first else finding.fix
        yield replace(finding, fix=fix)


def keep(
    tables: Sequence[RawTable],
    found: Sequence[Finding],
    ledger: WrittenLedger,
    declared: tuple[Study, Dictionary],
    paths: folders.Paths,
) -> None:
    """Check files as they were read, and leave cells and findings for the stage ``clean``.

    Parameters
    ----------
    tables : sequence of RawTable
        All files of the study.
    found : sequence of Finding
        What reading them found.
    ledger : WrittenLedger
    declared : Study and Dictionary
    paths : folders.Paths

    Raises
    ------
    FoundErrors
        A file has an error. Its cells are not written.
    """
    study, dictionary = declared
    findings = (*found, *(f for table in tables for f in all_of_file(table, dictionary)))
    findings = (*findings, *(f for t in tables for f in delivered_columns.findings(t, dictionary)))
    stop_on_errors(findings, paths.private)
    if study.panel is None:
        findings = (*findings, *groups_told_twice(tables, ledger, dictionary, study))
        stop_on_errors(findings, paths.private)
    cluster = dictionary.variables[study.columns.cluster].raw
    for table in tables:
        frame = drop_ignored(table).frame
        disk.write_frame(paths.private / "raw" / f"{table.file.id}.parquet", frame)
        _write_set_aside(table, cluster.get(table.file.source, ""), paths)
    disk.write_records(paths.private / "findings_read.csv", findings, Finding, mark="")


def _remember(options: argparse.Namespace, paths: folders.Paths) -> None:
    """Folder and private list as they were given, for the next run and so that Make can compare."""
    lines = (options.data_raw or paths.raw.as_posix(), getattr(options, "treatment", ""))
    disk.write_text(paths.private / folders.RAW_FOLDER, "".join(f"{one}\n" for one in lines))


def _within(
    tables: Sequence[RawTable],
    first: RawFile,
    ledger: WrittenLedger,
    dictionary: Dictionary,
    study: Study,
) -> Iterator[Finding]:
    """What else is wrong in files that are not the declared ones; a panel has no ledger."""
    if study.panel is None:
        yield from within_changed(tables, first, ledger, dictionary, study)
        return
    for table in tables:
        about = all_of_file(table, dictionary)
        yield from about
        if not any(finding.rule in OF_COLUMNS for finding in about):
            yield from cells(parse(drop_ignored(table), dictionary), dictionary)


def _given_list(
    options: argparse.Namespace, study: Study, manifest: Manifest
) -> pd.DataFrame | None:
    """A private list of treated clusters, as text; None where none was given.

    Raises
    ------
    DataError
        It lies inside the repository, no panel asks for it, or it cannot be read.
    """
    name = getattr(options, "treatment", "")
    if not name:
        return None
    path = Path(name)
    if study.panel is None:
        raise DataError.of("treatment-of-survey", "treatment-of-survey", GIVEN)
    if path.resolve().is_relative_to(Path.cwd().resolve()):
        raise DataError.of("treatment-inside", "treatment-inside", GIVEN)
    (public,) = manifest.with_role("treated")
    _, frame, findings = read_given(disk.read_given(path), public)
    for finding in findings:
        if finding.severity == "error":
            place = f"{GIVEN}:{finding.line}"
            raise DataError(finding.problem, where=place, fix=finding.fix, rule=finding.rule)
    return frame


def _write_given(given: pd.DataFrame | None, paths: folders.Paths) -> None:
    path = paths.private / folders.TREATED_LIST
    if given is None:
        for name in (folders.TREATED_LIST, folders.UNNAMED):
            (paths.private / name).unlink(missing_ok=True)
    else:
        disk.write_frame(path, given)


def _write_set_aside(table: RawTable, cluster: str, paths: folders.Paths) -> None:
    """Clusters of the submissions that the office refused: all that the sample flow needs."""
    path = paths.private / SET_ASIDE / f"{table.file.id}.parquet"
    if table.file.role not in SURVEY_ROLES or not table.set_aside:
        path.unlink(missing_ok=True)
    else:
        disk.write_frame(path, table.refused[[cluster]])


def _provenance(manifest: Manifest, digests: dict[str, str], study: str) -> dict[str, object]:
    return {
        "study": study,
        "corrections": digests[f"config/{LEDGER}"],
        "data_hash": data_hash(digests.items()),
        "version": evaluation.__version__,
        "files": [
            {key: getattr(file, key) for key in ("id", "path", "rows", "role", "round")}
            | {"sha256": file.sha256.lower()}
            for file in manifest.file
        ],
    }
