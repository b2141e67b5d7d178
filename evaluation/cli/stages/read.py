"""Stage ``read``: the delivered files against the manifest, then every cell as text."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace

import evaluation
from evaluation.cli.stages.stage_files import (
    SET_ASIDE,
    WrittenLedger,
    as_finding,
    read_ledger,
    stop_on_errors,
)
from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.ledger import delivery, parse_ledger
from evaluation.data.cleaning.parse import parse
from evaluation.data.readers import delivered_files
from evaluation.data.readers.delivered_files import locate, verify
from evaluation.data.readers.read import (
    RawTable,
    check_columns,
    check_labels,
    drop_ignored,
    read_file,
)
from evaluation.data.rules.arms import told_twice
from evaluation.data.rules.registry import cells
from evaluation.errors import DataError
from evaluation.report.terminal import all_counted
from evaluation.storage import disk, folders
from evaluation.study.configuration import check_design, read_files
from evaluation.study.dictionary import Dictionary
from evaluation.study.manifest import SURVEY_ROLES, Manifest, RawFile, data_hash
from evaluation.study.records import Finding
from evaluation.study.study import LEDGER, Study
from evaluation.study.toml_reader import TomlFile

# findings that say which columns there are, so that nothing in them can be judged
OF_COLUMNS = ("missing-column", "unexpected-column", "contradictory-column", "dialect")


def run(options: argparse.Namespace) -> str:
    """Verify and read all files of a study.

    Raises
    ------
    EvaluationError
        The configuration or a file breaks a rule. Nothing but the list of errors is written then.
    """
    paths = folders.Paths.of(options)
    provenance = paths.build / folders.PROVENANCE
    # First, and written last: its presence says that every table beside it is complete, so that
    # the later stages do not go on with the tables of an earlier run.
    provenance.unlink(missing_ok=True)
    study, manifest, dictionary = read_files(paths.config)
    check_design(study, dictionary, TomlFile(f"{paths.config.name}/study.toml"))
    ledger = read_ledger(paths.config)
    digests, findings = verify(manifest, paths.raw, paths.config)
    others = {finding.file for finding in findings if finding.rule == "checksum"}
    changed = tuple(file for file in manifest.file if file.path in others)
    if changed:
        within = tuple(_within(changed, ledger, study, dictionary, paths))
        # the checksum of a file of another kind is not to be accepted
        other = {f.file for f in within if f.rule == delivered_files.KIND_RULE}
        kept = [f for f in findings if f.rule != "checksum" or f.file not in other]
        findings = (*kept, *within)
    stop_on_errors(findings, paths.private)
    tables, findings = _read(manifest.file, paths)
    findings = (*findings, *(f for table in tables for f in _about(table, dictionary)))
    stop_on_errors(findings, paths.private)
    findings = (*findings, *_told_twice(tables, ledger, dictionary, study))
    stop_on_errors(findings, paths.private)
    digests[f"config/{LEDGER}"] = ledger.sha256
    cluster = dictionary.variables[study.columns.cluster].raw
    for table in tables:
        frame = drop_ignored(table).frame
        disk.write_frame(paths.private / "raw" / f"{table.file.id}.parquet", frame)
        _write_set_aside(table, cluster.get(table.file.source, ""), paths)
    disk.write_records(paths.private / "findings_read.csv", findings, Finding, mark="")
    disk.write_json(provenance, _provenance(manifest, digests, study.id))
    rows = sum(len(table.frame) for table in tables)
    return all_counted(options.language, (len(tables), "file"), (rows, "row"))


def _read(
    files: Sequence[RawFile], paths: folders.Paths
) -> tuple[tuple[RawTable, ...], tuple[Finding, ...]]:
    """The files that can be read, and a finding for each that cannot: all of them at once."""
    tables, findings = [], []
    for file in files:
        try:
            tables.append(read_file(file, locate(file, paths.raw, paths.config)))
        except DataError as error:
            findings.append(as_finding(error, file))
    return tuple(tables), tuple(findings)


def _told_twice(
    tables: Sequence[RawTable], written: WrittenLedger, dictionary: Dictionary, study: Study
) -> tuple[Finding, ...]:
    """Groups against all columns that tell them, as the ledger corrects both.

    It is done here because columns that nobody reads go no further.
    """
    respondent = dictionary.variables[study.columns.respondent].raw
    ledger = parse_ledger(written.text, written.where)
    # what the ledger's own lines have wrong is told by the stage that applies them
    results, _ = apply(tables, ledger, study, respondent=respondent)
    corrected = {result.table.file.id: result.table for result in results}
    return told_twice([corrected.get(t.file.id, t) for t in tables], dictionary, study)


def _write_set_aside(table: RawTable, cluster: str, paths: folders.Paths) -> None:
    """Clusters of the submissions that the office refused: all that the sample flow needs."""
    path = paths.private / SET_ASIDE / f"{table.file.id}.parquet"
    if table.file.role not in SURVEY_ROLES or not table.set_aside:
        path.unlink(missing_ok=True)
    else:
        disk.write_frame(path, table.refused[[cluster]])


def _within(
    changed: Sequence[RawFile],
    written: WrittenLedger,
    study: Study,
    dictionary: Dictionary,
    paths: folders.Paths,
) -> Iterator[Finding]:
    """What else is wrong in files that are not the declared ones: the cells, not just the sum.

    "Another checksum" alone would not tell a person which cell was edited.
    """
    tables, damaged = _read(changed, paths)
    yield from damaged
    whole = []
    for table in tables:
        about = _about(table, dictionary)
        yield from about
        # without its columns a file has no cells to look into
        if table.file.role != "published" and not any(f.rule in OF_COLUMNS for f in about):
            whole.append(table)
    try:
        ledger = parse_ledger(written.text, written.where)
    except DataError as error:
        yield replace(as_finding(error, changed[0]), file=written.where, round="", row_key="")
        return
    # whether its lines are for this delivery follows from the manifest, which is fixed first
    declared = {table.file.source: delivery(table) for table in whole}
    entries = tuple(
        replace(entry, delivery=declared[entry.round])
        for entry in ledger.corrections
        if entry.round in declared
    )
    respondent = dictionary.variables[study.columns.respondent].raw
    corrected, misfits = apply(
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
    columns = check_columns(table, dictionary)
    if any(finding.rule == "dialect" for finding in columns):
        # ragged rows and missing labels are what the wrong header brings with it
        return columns
    return (*table.findings, *columns, *check_labels(table, dictionary))


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
