"""Command ``fieldwork``: check one round while it is in the field, and write the day's report.

The export may be partial: neither its checksum nor its number of rows is asked for, and no other
round is needed. The manifest says how the round's file is written, the dictionary what it means.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame, make_frame
from evaluation.data.findings import arranged
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import (
    RawTable,
    check_columns,
    check_labels,
    drop_ignored,
    read_file,
)
from evaluation.data.rules import registry
from evaluation.data.rules.backchecks import Backcheck, backcheck
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.progress import progress
from evaluation.data.rules.rule import Declared, of_round
from evaluation.errors import DataError
from evaluation.fieldwork import daily_report as report
from evaluation.fieldwork.interviewer_table import interviewer_work, item_missing
from evaluation.fieldwork.office_rows import OfficeRow, identities, office_rows
from evaluation.locale.messages import message, wording
from evaluation.report.formats import findings_page, words
from evaluation.report.linked_counts import of_progress
from evaluation.report.terminal import all_counted
from evaluation.storage import disk, folders
from evaluation.study.configuration import read_files
from evaluation.study.dictionary import Dictionary
from evaluation.study.fieldwork_plan import Progress
from evaluation.study.manifest import Manifest, RawFile
from evaluation.study.records import Finding
from evaluation.study.study import Study

PRIVATE = "private"
# a partial export has fewer rows than the manifest says
EXPECTED = ("row-count",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the command starts from."""

    study: Study
    manifest: Manifest
    dictionary: Dictionary
    paths: folders.Paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the round, the export, the back-check and the folder to write to."""
    parser.add_argument("--round", required=True, help="id of the round in the field")
    parser.add_argument(
        "--file", default="", help="today's export (default: the round's file in the manifest)"
    )
    parser.add_argument(
        "--backcheck", default="", help="back-check of this round, to be compared (optional)"
    )
    parser.add_argument(
        "--out", default="", help="folder to write to (default: build/<study>/fieldwork)"
    )


def run(options: argparse.Namespace) -> str:
    """Check a round as far as it has come and write workbook, page and list.

    Raises
    ------
    EvaluationError
        The configuration does not hold, or a file cannot be read at all. Flaws in the data are
        written down and stop nothing.
    """
    paths = folders.Paths.of(options)
    study, manifest, dictionary = read_files(paths.config)
    inputs = Inputs(study=study, manifest=manifest, dictionary=dictionary, paths=paths)
    entry = _entry(inputs.manifest.file, options.round, attribute="round")
    table = _table(entry, options.file, inputs)
    again = _backcheck_table(options, inputs)
    out = Path(options.out) if options.out else paths.build / "fieldwork"
    day = replace(_day(table, again, inputs), language=options.language)
    _write(day, out)
    counts = (day.rows, "row"), (len(day.findings), "finding")
    return f"{all_counted(options.language, *counts)}: {(out / PRIVATE).as_posix()}"


def _entry(files: Sequence[RawFile], round_id: str, *, attribute: str) -> RawFile:
    found = {getattr(f, attribute): f for f in files if getattr(f, attribute) is not None}
    if round_id not in found:
        problem = "manifest-no-round" if attribute == "round" else "manifest-no-backcheck"
        raise DataError(
            message(f"{problem}.problem", round=round_id),
            where="manifest.toml",
            fix=message(
                "use-one-of.fix",
                what=", ".join(sorted(found)) or message("word.none-is-declared"),
            ),
        )
    return found[round_id]


def _table(entry: RawFile, path: str, inputs: Inputs) -> RawTable:
    """The export as text; of a file that is named, the manifest's entry gives all but the path.

    Its checksum is that of its bytes: decisions on its rows hold for these bytes alone.
    """
    named = replace(entry, path=Path(path).name) if path else entry
    where = Path(path) if path else locate(entry, inputs.paths.raw, inputs.paths.config)
    table = read_file(named, where)
    return replace(table, file=replace(named, sha256=disk.sha256(where)))


def _backcheck_table(options: argparse.Namespace, inputs: Inputs) -> RawTable | None:
    if not options.backcheck:
        return None
    entry = _entry(inputs.manifest.file, options.round, attribute="of_round")
    return _table(entry, options.backcheck, inputs)


def _day(table: RawTable, again: RawTable | None, inputs: Inputs) -> report.Day:
    whole = _about(table, inputs.dictionary)
    bare = report.Day(
        study=inputs.study,
        round=table.file.round or "",
        file=table.file.path,
        rows=len(table.frame),
        consented=0,
        findings=arranged(whole),
        office=_office(whole, table, inputs),
    )
    # without its columns a file has no cells to look into
    if any(f.rule in ("missing-column", "dialect") for f in whole):
        return bare
    declared = Declared(inputs.dictionary, inputs.study, _frame(inputs))
    parsed = parse(drop_ignored(table), inputs.dictionary)
    compared = _compared(again, parsed, declared)
    findings = arranged([*whole, *_checked(parsed, declared), *compared.findings])
    return replace(
        bare,
        consented=int(parsed.consented.sum()),
        findings=findings,
        office=_office(findings, table, inputs),
        progress=progress(parsed, declared),
        interviewers=interviewer_work(parsed, declared, findings),
        missing=item_missing(parsed, declared),
        backcheck=compared.rates,
    )


def _office(findings: Sequence[Finding], table: RawTable, inputs: Inputs) -> tuple[OfficeRow, ...]:
    identity = identities([table], inputs.dictionary, inputs.study)
    return office_rows(findings, [table], identity=identity)


def _about(table: RawTable, dictionary: Dictionary) -> list[Finding]:
    columns = check_columns(table, dictionary)
    if any(f.rule == "dialect" for f in columns):
        return list(columns)
    found = (*table.findings, *columns, *check_labels(table, dictionary))
    return [finding for finding in found if finding.rule not in EXPECTED]


def _frame(inputs: Inputs) -> Frame:
    """The list of clusters, which is finished before anybody goes to the field."""
    (file,) = inputs.manifest.with_role("frame")
    table = read_file(file, locate(file, inputs.paths.raw, inputs.paths.config))
    _stop(_about(table, inputs.dictionary))
    parsed = parse(drop_ignored(table), inputs.dictionary)
    _stop(registry.cells(parsed, inputs.dictionary))
    _stop(check_frame(parsed, inputs.dictionary, inputs.study))
    return make_frame(clean(parsed, inputs.dictionary), inputs.study)


def _stop(findings: Sequence[Finding]) -> None:
    """Refuse a frame with errors.

    Raises
    ------
    DataError
        The first of them.
    """
    for f in arranged(findings):
        if f.severity == "error":
            where = f"{f.row_key or f.file}, column {f.column}" if f.column else f.file
            raise DataError(f.problem, where=where, fix=f.fix, rule=f.rule)


def _checked(parsed: Parsed, declared: Declared) -> list[Finding]:
    return [finding for rule in of_round.values() for finding in rule(parsed, declared)]


def _compared(again: RawTable | None, parsed: Parsed, declared: Declared) -> Backcheck:
    if again is None:
        return Backcheck(rates=(), findings=())
    about = tuple(_about(again, declared.dictionary))
    if any(f.rule in ("missing-column", "dialect") for f in about):
        return Backcheck(rates=(), findings=about)
    other = parse(drop_ignored(again), declared.dictionary)
    compared = backcheck(parsed, other, declared)
    cells = registry.cells(other, declared.dictionary)
    return replace(compared, findings=(*about, *cells, *compared.findings))


def _write(day: report.Day, out: Path) -> None:
    banner = words.banner(day.study.mark, day.language)
    stem = out / PRIVATE / f"fieldwork_{day.round}"
    named = wording("fieldwork.page", day.language)
    page = findings_page.page(
        day.findings,
        title=f"{named}: {day.study.title[day.language]}, {day.round}",
        mark=banner,
        language=day.language,
    )
    disk.write_bytes(stem.with_suffix(".xlsx"), report.workbook(day, banner=banner))
    disk.write_bytes(stem.with_suffix(".html"), page)
    disk.write_bytes(stem.with_suffix(".csv"), report.office_csv(day))
    disk.write_records(
        out / f"progress_{day.round}.csv",
        of_progress(day.progress, day.study),
        Progress,
        mark=day.study.mark,
    )
