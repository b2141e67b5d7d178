"""Stage ``read``: the delivered files against the manifest, then every cell as text."""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import evaluation
from evaluation import io
from evaluation.cli import stage
from evaluation.cli.findings import stop_on_errors
from evaluation.data.check import cells
from evaluation.data.corrections import apply, parse_ledger
from evaluation.data.parse import parse
from evaluation.data.read import (
    RawTable,
    check_columns,
    check_labels,
    drop_ignored,
    read_file,
)
from evaluation.data.verify import locate, verify
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.manifest import Manifest, RawFile, data_hash, read_manifest
from evaluation.spec.records import Finding
from evaluation.spec.study import Study, read_study

LEDGER = "corrections.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Verify and read all files of a study.

    Raises
    ------
    EvaluationError
        The configuration or a file breaks a rule. Nothing but the list of errors is written then.
    """
    start = time.monotonic()
    paths = stage.Paths.of(options)
    study = read_study(paths.config)
    manifest = read_manifest(paths.config, study)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    digests, findings = verify(manifest, paths.raw, paths.config)
    changed = _changed(findings, manifest)
    if changed:
        findings = (*findings, *_within(changed, study, dictionary, paths))
    stop_on_errors(findings, paths.private)
    tables = [read_file(file, locate(file, paths.raw, paths.config)) for file in manifest.file]
    findings = tuple(f for table in tables for f in _about(table, dictionary))
    stop_on_errors(findings, paths.private)
    digests[f"config/{LEDGER}"] = io.sha256(paths.config / LEDGER)
    for table in tables:
        frame = drop_ignored(table).frame
        io.write_frame(paths.private / "raw" / f"{table.file.id}.parquet", frame)
    io.write_records(paths.private / "findings_read.csv", findings, Finding)
    # Last: its presence says that every table beside it is complete.
    io.write_json(paths.build / "provenance.json", _provenance(manifest, digests, study.id))
    rows = sum(len(table.frame) for table in tables)
    stage.announce("read", f"{len(tables)} files, {rows:,} rows", time.monotonic() - start)


def _changed(findings: Sequence[Finding], manifest: Manifest) -> tuple[RawFile, ...]:
    paths = {finding.file for finding in findings if finding.rule == "checksum"}
    return tuple(file for file in manifest.file if file.path in paths and file.role != "published")


def _within(
    changed: Sequence[RawFile], study: Study, dictionary: Dictionary, paths: stage.Paths
) -> Iterator[Finding]:
    """What else is wrong in files that are not the declared ones: the cells, not just the sum.

    "Another checksum" alone would not tell a person which cell was edited.
    """
    tables = [read_file(file, locate(file, paths.raw, paths.config)) for file in changed]
    whole = []
    for table in tables:
        columns = check_columns(table, dictionary)
        yield from columns
        # without its columns a file has no cells to look into
        if not any(finding.severity == "error" for finding in columns):
            whole.append(table)
    ledger = parse_ledger(io.read_text(paths.config / LEDGER), f"{study.id}/{LEDGER}")
    sources = {table.file.source for table in whole}
    entries = tuple(entry for entry in ledger.corrections if entry.round in sources)
    respondent = dictionary.variables[study.columns.respondent].raw
    corrected, _, misfits = apply(
        [drop_ignored(table) for table in whole],
        replace(ledger, corrections=entries),
        study,
        respondent=respondent,
    )
    yield from misfits
    for result in corrected:
        yield from cells(parse(result.table, dictionary), dictionary)


def _about(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    # printed estimates have no variables: only the report reads them
    if table.file.role == "published":
        return table.findings
    return (
        *table.findings,
        *check_columns(table, dictionary),
        *check_labels(table, dictionary),
    )


def _provenance(manifest: Manifest, digests: dict[str, str], study: str) -> dict[str, object]:
    return {
        "study": study,
        "data_hash": data_hash(digests.items()),
        "version": evaluation.__version__,
        "files": [
            {
                "id": file.id,
                "path": file.path,
                "sha256": file.sha256,
                "rows": file.rows,
                "role": file.role,
                "round": file.round,
            }
            for file in manifest.file
        ],
    }
