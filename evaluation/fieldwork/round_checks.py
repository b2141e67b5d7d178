"""A round in the field, checked as far as its export has come.

The export may be partial: neither its checksum nor its number of rows is asked for, and no other
round is needed. The manifest says how the round's file is written, the dictionary what it means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame, make_frame
from evaluation.data.findings import arranged
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import RawTable, all_of_file, drop_ignored, read_file
from evaluation.data.rules import registry
from evaluation.data.rules.backchecks import Backcheck, backcheck
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.progress import progress
from evaluation.data.rules.rule import Declared, of_round
from evaluation.errors import DataError
from evaluation.fieldwork import daily_report as report
from evaluation.fieldwork.interviewer_table import interviewer_work, item_missing
from evaluation.fieldwork.office_rows import OfficeRow, identities, office_rows
from evaluation.locale.messages import message
from evaluation.storage import disk, folders
from evaluation.study.dictionary import Dictionary
from evaluation.study.manifest import Manifest, RawFile
from evaluation.study.records import Finding
from evaluation.study.study import Study

# a partial export has fewer rows than the manifest says
EXPECTED = ("row-count",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What the checks start from."""

    study: Study
    manifest: Manifest
    dictionary: Dictionary
    paths: folders.Paths


def entry_of(files: Sequence[RawFile], round_id: str, *, attribute: str) -> RawFile:
    """The manifest's entry of a round's file, or of its back-check.

    Parameters
    ----------
    files : sequence of RawFile
    round_id : str
    attribute : {"round", "of_round"}
        Which of them.

    Raises
    ------
    DataError
        There is none.
    """
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


def read_export(entry: RawFile, path: str, inputs: Inputs) -> RawTable:
    """The export as text; of a file that is named, the manifest's entry gives all but the path.

    Its checksum is that of its bytes: decisions on its rows hold for these bytes alone.

    Parameters
    ----------
    entry : RawFile
    path : str
        Empty for the file of the manifest.
    inputs : Inputs
    """
    named = replace(entry, path=Path(path).name) if path else entry
    where = Path(path) if path else locate(entry, inputs.paths.raw, inputs.paths.config)
    table = read_file(named, where)
    return replace(table, file=replace(named, sha256=disk.sha256(where)))


def day_of(table: RawTable, again: RawTable | None, inputs: Inputs) -> report.Day:
    """The day's report of a round as far as it has come.

    Parameters
    ----------
    table : RawTable
        The export.
    again : RawTable or None
        The back-check.
    inputs : Inputs

    Raises
    ------
    DataError
        The list of clusters has an error. Flaws in the other data are findings.
    """
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
    findings = arranged(
        [
            *whole,
            *(f for rule in of_round.values() for f in rule(parsed, declared)),
            *compared.findings,
        ]
    )
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
    return [f for f in all_of_file(table, dictionary) if f.rule not in EXPECTED]


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
