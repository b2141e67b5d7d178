"""Delivered files before they are cleaned, and everything found in the corrected ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from evaluation.config import sampling
from evaluation.config.dictionary import Dictionary
from evaluation.config.manifest import RawFile
from evaluation.config.plan import Plan
from evaluation.config.study import Study
from evaluation.data.cleaning.corrections import Corrected, apply
from evaluation.data.cleaning.ledger import WrittenLedger, delivery, parse_ledger
from evaluation.data.cleaning.parse import Parsed, as_categories, parse
from evaluation.data.findings import Rule
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import RawTable, all_of_file, drop_ignored, read_coded
from evaluation.data.rules.arms import told_twice
from evaluation.data.rules.contacts import contact_findings
from evaluation.data.rules.eligibility import age_findings, early_interviews
from evaluation.data.rules.registry import cells, check, check_other
from evaluation.data.rules.reversed_scales import reversed_scales
from evaluation.data.rules.rule import Declared
from evaluation.data.rules.scales import declared_scales
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from evaluation.locale.messages import message

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

    Their cells are categories, each distinct text of a column once: what follows asks what these
    mean, and all files of a study are in memory together.

    Parameters
    ----------
    files : sequence of RawFile
    raw, config : Path
        Where delivered files lie.
    """
    tables, findings = [], []
    for file in files:
        try:
            tables.append(_compact(read_coded(file, locate(file, raw, config))))
        except DataError as error:
            findings.append(as_finding(error, file))
    return tuple(tables), tuple(findings)


def _compact(table: RawTable) -> RawTable:
    return replace(table, frame=as_categories(table.frame))


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


def all_findings(
    parsed: Mapping[str, Parsed], corrected: Mapping[str, Corrected], declared: Declared, plan: Plan
) -> tuple[Finding, ...]:
    """Findings about all rounds and all other files.

    Parameters
    ----------
    parsed, corrected : mapping
        Files by round or role, parsed and as the ledger corrected them.
    declared : Declared
    plan : Plan
        Its outcomes and the periods of its series.
    """
    dictionary, study, frame = declared.dictionary, declared.study, declared.frame
    rounds = [parsed[round_id] for round_id in study.rounds]
    found = [
        *check(rounds, dictionary, study, frame=frame),
        *reversed_scales(rounds, plan.outcome, dictionary),
        *declared_scales(rounds, dictionary),
        *sample_findings(parsed, corrected, declared),
    ]
    periods = {"series": sorted({series.period for series in plan.series})}
    for role in ("analysis", "series"):
        if role in parsed:
            of_role = periods.get(role, ())
            found += check_other(parsed[role], dictionary, study, frame=frame, periods=of_role)
    return tuple(found)


def sample_findings(
    parsed: Mapping[str, Parsed], corrected: Mapping[str, Corrected], declared: Declared
) -> tuple[Finding, ...]:
    """Findings about ages, entries, contacts and margins.

    Parameters
    ----------
    parsed, corrected : mapping
        As for :func:`all_findings`.
    declared : Declared
    """
    study, dictionary = declared.study, declared.dictionary
    rounds = [parsed[round_id] for round_id in study.rounds]
    found = [*age_findings(rounds, declared), *early_interviews(rounds, declared)]
    if sampling.CONTACTS_ROLE in parsed:
        file = parsed[sampling.CONTACTS_ROLE]
        found += check_other(file, dictionary, study, frame=declared.frame)
        left = {r: _dropped(corrected[r], declared) for r in study.rounds}
        found += contact_findings(file, rounds, declared, left=left)
    if sampling.MARGINS_ROLE in parsed:
        found += cells(parsed[sampling.MARGINS_ROLE], dictionary)
    return tuple(found)


def _dropped(result: Corrected, declared: Declared) -> set[str]:
    rows = parse(result.dropped, declared.dictionary)
    values = rows.columns[declared.study.columns.respondent].values
    return {str(person) for person in values if person is not None}


def cured(before: Sequence[Finding], after: Sequence[Finding]) -> tuple[Finding, ...]:
    """Flaws of rows that the ledger cured: information, no longer errors or warnings.

    Parameters
    ----------
    before, after : sequence of Finding
        Of the files as delivered, and as corrected.
    """
    left = set(after)
    return tuple(
        replace(finding, severity="info", fix=message("cured-corrections.problem"))
        for finding in before
        if finding.line and finding not in left
    )
