"""A round in the field, checked as far as its export has come, and in numbers for the office.

The export may be partial: neither its checksum nor its number of rows is asked for, and no other
round is needed. The manifest says how the round's file is written, the dictionary what it means.
The numbers have one row for each interviewer and one for each question.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary
from evaluation.config.fieldwork_plan import InterviewerWork, ItemMissing
from evaluation.config.manifest import Manifest, RawFile
from evaluation.config.study import Study
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame, interview_dates, make_frame, row_clusters
from evaluation.data.findings import arranged
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import RawTable, all_of_file, drop_ignored, read_file
from evaluation.data.rules import registry
from evaluation.data.rules.backchecks import Backcheck, backcheck
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.near_duplicates import one_answer, runs
from evaluation.data.rules.progress import progress
from evaluation.data.rules.rule import Declared, interviewers, minutes, of_round, questions
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from evaluation.fieldwork import daily_report as report
from evaluation.fieldwork.office_rows import OfficeRow, identities, office_rows
from evaluation.locale.messages import message
from evaluation.storage import disk, folders

Floats = NDArray[np.float64]
SILENT = ("dont_know", "refused")


def interviewer_work(
    parsed: Parsed, declared: Declared, findings: Sequence[Finding]
) -> tuple[InterviewerWork, ...]:
    """Each interviewer's round in numbers, sorted by code.

    Parameters
    ----------
    parsed, declared
        The round and what was declared.
    findings : sequence of Finding
        Of the round: those about a row are counted for who made the interview.
    """
    people = interviewers(parsed, declared)
    if people is None:
        return ()
    days, lengths = interview_dates(parsed, declared.study), minutes(parsed, declared)
    unknown = np.full(len(people), np.nan)
    own = [f for f in findings if f.file == parsed.file.path]
    interviews = pd.DataFrame(
        {
            "interviewer": people,
            "n_clusters": row_clusters(parsed, declared.frame),
            "n_days": unknown if days is None else days,
            "minutes": unknown if lengths is None else lengths,
            **{kind: _missing_share(parsed, declared, kind) for kind in SILENT},
            "one_answer": _one_answer_share(parsed, declared),
            "n_overlapping": _findings(parsed, own, "overlapping-interviews"),
            "n_near_identical": _findings(parsed, own, "near-identical-interview"),
            "n_findings": _findings(parsed, own),
        }
    )
    interviews["n_short"] = interviews["minutes"] < declared.study.short_interview_minutes
    grouped = interviews.groupby("interviewer", sort=True)
    work = grouped.agg(
        {
            **dict.fromkeys(("n_clusters", "n_days"), "nunique"),
            "minutes": "median",
            **dict.fromkeys((*SILENT, "one_answer"), "mean"),
            **dict.fromkeys(("n_short", "n_overlapping", "n_near_identical", "n_findings"), "sum"),
        }
    ).assign(n=grouped.size())
    return tuple(
        InterviewerWork(
            study=declared.study.id,
            round=parsed.file.round or "",
            interviewer=str(code),
            **numbers,
        )
        for code, numbers in work.to_dict("index").items()
    )


def _findings(parsed: Parsed, own: Sequence[Finding], rule: str = "") -> list[int]:
    """Findings about each row, of one rule or of all."""
    counts = Counter(f.line for f in own if rule in ("", f.rule))
    return [counts[line] for line in parsed.lines.tolist()]


def _missing_share(parsed: Parsed, declared: Declared, kind: str) -> Floats:
    """Share of the questions asked in an interview that end in a kind of missing; NaN if none."""
    asked, silent = np.zeros(len(parsed.lines)), np.zeros(len(parsed.lines))
    for name in questions(parsed, declared):
        column = parsed.columns[name]
        asked += column.observed | np.isin(column.missing, SILENT)
        silent += column.missing == kind
    return np.where(asked > 0, silent / np.where(asked > 0, asked, 1), np.nan)


def _one_answer_share(parsed: Parsed, declared: Declared) -> Floats:
    """Share of an interview's runs of questions that have one answer; NaN without whole runs."""
    found = runs(parsed, declared)
    if not found:
        return np.full(len(parsed.lines), np.nan)
    same, answered = one_answer(parsed, found)
    whole = answered.sum(axis=1)
    return np.where(whole > 0, same.sum(axis=1) / np.where(whole > 0, whole, 1), np.nan)


def item_missing(parsed: Parsed, declared: Declared) -> tuple[ItemMissing, ...]:
    """Don't know, refused and unreadable cells of each question, in the dictionary's order."""
    found = []
    for name in questions(parsed, declared):
        column = parsed.columns[name]
        kinds = {kind: column.missing == kind for kind in SILENT}
        kinds["unreadable"] = np.zeros(len(parsed.lines), dtype=bool)
        for flaw in column.flaws:
            kinds["unreadable"][flaw.rows] = True
        asked = np.any([column.observed, *kinds.values()], axis=0) & parsed.consented
        n = int(asked.sum())
        shares = {
            kind: float((where & asked).sum()) / n if n else np.nan for kind, where in kinds.items()
        }
        found.append(
            ItemMissing(
                study=declared.study.id,
                round=parsed.file.round or "",
                variable=name,
                n_asked=n,
                **shares,
            )
        )
    return tuple(found)


# a partial export has fewer rows than the manifest says
EXPECTED = ("row-count",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInputs:
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


def read_export(entry: RawFile, path: str, inputs: CheckInputs) -> RawTable:
    """The export as text; of a file that is named, the manifest's entry gives all but the path.

    Its checksum is that of its bytes: decisions on its rows hold for these bytes alone.

    Parameters
    ----------
    entry : RawFile
    path : str
        Empty for the file of the manifest.
    inputs : CheckInputs
    """
    named = replace(entry, path=Path(path).name) if path else entry
    where = Path(path) if path else locate(entry, inputs.paths.raw, inputs.paths.config)
    table = read_file(named, where)
    return replace(table, file=replace(named, sha256=disk.sha256(where)))


def day_of(table: RawTable, again: RawTable | None, inputs: CheckInputs) -> report.Day:
    """The day's report of a round as far as it has come.

    Parameters
    ----------
    table : RawTable
        The export.
    again : RawTable or None
        The back-check.
    inputs : CheckInputs

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
    frame, of_frame = _frame(inputs)
    declared = Declared(inputs.dictionary, inputs.study, frame)
    parsed = parse(drop_ignored(table), inputs.dictionary)
    compared = _compared(again, parsed, declared)
    findings = arranged(
        [
            *of_frame,
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


def _office(
    findings: Sequence[Finding], table: RawTable, inputs: CheckInputs
) -> tuple[OfficeRow, ...]:
    identity = identities([table], inputs.dictionary, inputs.study)
    return office_rows(findings, [table], identity=identity)


def _about(table: RawTable, dictionary: Dictionary) -> list[Finding]:
    return [f for f in all_of_file(table, dictionary) if f.rule not in EXPECTED]


def _frame(inputs: CheckInputs) -> tuple[Frame, tuple[Finding, ...]]:
    """The list of clusters, finished before anybody goes to the field, and its warnings."""
    (file,) = inputs.manifest.with_role("frame")
    table = read_file(file, locate(file, inputs.paths.raw, inputs.paths.config))
    about = _about(table, inputs.dictionary)
    _stop(about)
    parsed = parse(drop_ignored(table), inputs.dictionary)
    of_cells = registry.cells(parsed, inputs.dictionary)
    _stop(of_cells)
    of_design = check_frame(parsed, inputs.dictionary, inputs.study)
    _stop(of_design)
    found = (*about, *of_cells, *of_design)
    return make_frame(clean(parsed, inputs.dictionary), inputs.study), found


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
