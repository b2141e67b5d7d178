"""Delivered files before they are cleaned: read all at once, changed ones looked into."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.ledger import WrittenLedger, delivery, parse_ledger
from evaluation.data.cleaning.parse import parse
from evaluation.data.findings import Rule
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import RawTable, all_of_file, drop_ignored, read_file
from evaluation.data.rules.arms import told_twice
from evaluation.data.rules.registry import cells
from evaluation.errors import DataError
from evaluation.study.dictionary import Dictionary
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding
from evaluation.study.study import Study

# findings that say which columns there are, so that nothing in them can be judged
OF_COLUMNS = ("missing-column", "unexpected-column", "contradictory-column", "dialect")


def as_finding(error: DataError, file: RawFile) -> Finding:
    """Damage that stops the reading of a file, to be listed beside what else was found.

    Parameters
    ----------
    error : DataError
    file : RawFile
    """
    line = f"{error.where}".rpartition(":")[2]
    found = Rule(error.rule, "error", error.problem, error.fix)
    return found.about(file, "", int(line) if line.isdecimal() else 0)


def read_all(
    files: Sequence[RawFile], raw: Path, config: Path
) -> tuple[tuple[RawTable, ...], tuple[Finding, ...]]:
    """The files that can be read, and a finding for each that cannot: all of them at once.

    Parameters
    ----------
    files : sequence of RawFile
    raw, config : Path
        Where delivered files lie.
    """
    tables, findings = [], []
    for file in files:
        try:
            tables.append(read_file(file, locate(file, raw, config)))
        except DataError as error:
            findings.append(as_finding(error, file))
    return tuple(tables), tuple(findings)


def groups_told_twice(
    tables: Sequence[RawTable], written: WrittenLedger, dictionary: Dictionary, study: Study
) -> tuple[Finding, ...]:
    """Groups against all columns that tell them, as the ledger corrects both.

    Parameters
    ----------
    tables : sequence of RawTable
        With the columns that nobody reads, which go no further.
    written : WrittenLedger
    dictionary : Dictionary
    study : Study
    """
    respondent = dictionary.variables[study.columns.respondent].raw
    ledger = parse_ledger(written.text, written.where)
    # what the ledger's own lines have wrong is told by the stage that applies them
    results, _ = apply(tables, ledger, study, respondent=respondent)
    corrected = {result.table.file.id: result.table for result in results}
    return told_twice([corrected.get(t.file.id, t) for t in tables], dictionary, study)


def within_changed(
    tables: Sequence[RawTable],
    first: RawFile,
    written: WrittenLedger,
    dictionary: Dictionary,
    study: Study,
) -> Iterator[Finding]:
    """What else is wrong in files that are not the declared ones: the cells, not just the sum.

    "Another checksum" alone would not tell a person which cell was edited.

    Parameters
    ----------
    tables : sequence of RawTable
        The changed files that can be read.
    first : RawFile
        The first changed file, beside which a ledger that cannot be read is told.
    written : WrittenLedger
    dictionary : Dictionary
    study : Study
    """
    whole = []
    for table in tables:
        about = all_of_file(table, dictionary)
        yield from about
        # without its columns a file has no cells to look into
        if table.file.role != "published" and not any(f.rule in OF_COLUMNS for f in about):
            whole.append(table)
    try:
        ledger = parse_ledger(written.text, written.where)
    except DataError as error:
        yield replace(as_finding(error, first), file=written.where, round="", row_key="")
        return
    # whether its lines are for this delivery follows from the manifest, which is fixed first
    declared = {table.file.source: delivery(table) for table in whole}
    entries = tuple(
        replace(entry, delivery=declared[entry.round])
        for entry in ledger.corrections
        if entry.round in declared
    )
    corrected, misfits = apply(
        [drop_ignored(table) for table in whole],
        replace(ledger, corrections=entries),
        study,
        respondent=dictionary.variables[study.columns.respondent].raw,
    )
    yield from misfits
    for result in corrected:
        yield from cells(parse(result.table, dictionary), dictionary)
