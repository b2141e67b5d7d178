"""``corrections``: what the office must decide as a workbook, and its decisions into the ledger.

``to-xlsx`` writes the duplicates and everything else to correct, as far as the ledger in force
leaves them; ``from-xlsx`` says which lines a workbook adds to the ledger, and with ``--write``
appends them. Both need the tables that the stage ``read`` made.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation import io
from evaluation.cli import stage
from evaluation.cli.correction_sheets import PERSONAL, View, office_sheets
from evaluation.cli.findings import LEDGER, PROVENANCE, read_ledger
from evaluation.cli.told import LANGUAGES, WrongRows
from evaluation.data import copies
from evaluation.data.check import cells, check, check_other
from evaluation.data.clean import clean
from evaluation.data.clusters import Frame, check_frame, make_frame
from evaluation.data.corrections import apply
from evaluation.data.declared import Declared
from evaluation.data.finding import arranged
from evaluation.data.ledger import Ledger, parse_ledger
from evaluation.data.office_book import OfficeRow, identities, office_rows
from evaluation.data.office_decisions import Decisions, decide
from evaluation.data.office_import import Additions, additions, deleted, lines, misfits
from evaluation.data.office_places import Known, Wrong
from evaluation.data.office_sheets import (
    MOST_ABOVE,
    RULE,
    all_headers,
    given_rows,
    is_decided_in,
)
from evaluation.data.office_words import PURPOSE
from evaluation.data.parse import Parsed, parse
from evaluation.data.read import RawTable
from evaluation.data.sheets import Sheet, read_delimited, read_workbook
from evaluation.errors import DataError
from evaluation.report.office_workbook import to_bytes
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.manifest import Manifest, read_manifest
from evaluation.spec.records import Finding
from evaluation.spec.study import Study, read_study

BOOK = "office_corrections.xlsx"
NOT_CORRECTED = ("published", "backcheck")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What both ways start from."""

    study: Study
    dictionary: Dictionary
    tables: tuple[RawTable, ...]
    ledger: Ledger
    paths: stage.Paths

    @property
    def respondent(self) -> dict[str, str]:
        """Raw column of the respondent id by source."""
        return self.dictionary.variables[self.study.columns.respondent].raw


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the way out and the way back."""
    ways = parser.add_subparsers(dest="way", required=True, metavar="way")
    out = ways.add_parser("to-xlsx", help="write what the office must decide as a workbook")
    out.add_argument(
        "--out",
        default="",
        metavar="FILE.xlsx",
        help=f"default: build/<study>/private/{BOOK}; elsewhere it is written without ids and"
        " values",
    )
    back = ways.add_parser("from-xlsx", help="say what a workbook adds to the ledger")
    back.add_argument(
        "files", nargs="+", metavar="FILE", help="the workbook, or its sheets saved as CSV"
    )
    back.add_argument("--write", action="store_true", help="append the lines to the ledger")
    for way in (out, back):
        # also after the way; suppressed, so that it does not undo a --study before it
        way.add_argument("--study", default=argparse.SUPPRESS, help="folder name under config/")
        way.add_argument(
            "--language",
            choices=LANGUAGES,
            default=argparse.SUPPRESS,
            help="language of headers, instructions and messages (default: en, or EVAL_LANG)",
        )


def run(options: argparse.Namespace) -> None:
    """Go one of the ways.

    Raises
    ------
    EvaluationError
        The stage `read` has not run on these files, the ledger in force does not fit, or a row of
        the workbook is incomplete. Nothing is written then.
    """
    inputs = _inputs(stage.Paths.of(options))
    if options.way == "to-xlsx":
        _to_workbook(inputs, options)
    else:
        _from_workbook(inputs, options)


def _inputs(paths: stage.Paths) -> Inputs:
    study = read_study(paths.config)
    manifest = read_manifest(paths.config, study)
    _check_read(manifest, paths)
    ledger = read_ledger(paths.config)
    return Inputs(
        study=study,
        dictionary=read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES)),
        tables=tuple(
            RawTable(file=file, frame=io.read_frame(paths.private / "raw" / f"{file.id}.parquet"))
            for file in manifest.file
            if file.role not in NOT_CORRECTED
        ),
        ledger=parse_ledger(ledger.text, ledger.where),
        paths=paths,
    )


def _check_read(manifest: Manifest, paths: stage.Paths) -> None:
    """Refuse tables of other deliveries than the manifest's; the ledger may have grown since."""
    path = paths.build / PROVENANCE
    made = io.read_json(path)["files"] if path.exists() else []
    if [(f["id"], f["sha256"]) for f in made] != [(f.id, f.sha256.lower()) for f in manifest.file]:
        raise DataError(
            "the stage read has not run on the files of the manifest, or its last run failed",
            where=path.as_posix(),
            mend=f"run read first: python -m evaluation read --study {paths.config.name}",
        )


def _to_workbook(inputs: Inputs, options: argparse.Namespace) -> None:
    path = Path(options.out) if options.out else inputs.paths.private / BOOK
    private = inputs.paths.private.resolve() in path.resolve().parents
    view = View(
        study=inputs.study,
        language=options.language,
        hidden=frozenset() if private else PERSONAL,
    )
    sheets = office_sheets(_office_rows(inputs), inputs.ledger, view)
    title = f"{inputs.study.id}: {PURPOSE[view.language]}"
    io.write_bytes(path, to_bytes(sheets, title=title, banner=view.banner))
    counts = ", ".join(f"{len(sheet.rows)} {sheet.name}" for sheet in sheets if sheet.choices)
    left_out = "" if private else "; ids and values are left out: not in the private folder"
    sys.stdout.write(f"{path.as_posix()}: {counts}{left_out}\n")


def _office_rows(inputs: Inputs) -> tuple[OfficeRow, ...]:
    identity = identities(inputs.tables, inputs.dictionary, inputs.study)
    return office_rows(_findings(inputs), inputs.tables, identity=identity)


def _findings(inputs: Inputs) -> tuple[Finding, ...]:
    """What the ledger in force leaves open, the rows that only the field rules see included."""
    study, dictionary = inputs.study, inputs.dictionary
    results, _, problems = apply(inputs.tables, inputs.ledger, study, respondent=inputs.respondent)
    _stop([Wrong(f"{f.file}:{f.line}", f.problem, f.mend) for f in problems], inputs)
    parsed = {r.table.file.source: parse(r.table, dictionary) for r in results}
    frame = _frame(parsed["frame"], inputs)
    rounds = [parsed[round_id] for round_id in study.rounds]
    declared = Declared(dictionary, study, frame)
    others = (parsed[role] for role in ("analysis", "series") if role in parsed)
    return arranged(
        (
            *check(rounds, dictionary, study, frame=frame),
            *(f for one in rounds for f in copies.near_identical(one, declared)),
            *(f for one in others for f in check_other(one, dictionary, study, frame=frame)),
        )
    )


def _frame(parsed: Parsed, inputs: Inputs) -> Frame:
    found = (
        *cells(parsed, inputs.dictionary),
        *check_frame(parsed, inputs.dictionary, inputs.study),
    )
    errors = [f for f in found if f.severity == "error"]
    _stop([Wrong(f.row_key or f.file, f.problem, f.mend) for f in errors], inputs)
    return make_frame(clean(parsed, inputs.dictionary), inputs.study)


def _from_workbook(inputs: Inputs, options: argparse.Namespace) -> None:
    known = Known(
        tables={table.file.path: table for table in inputs.tables},
        identity=identities(inputs.tables, inputs.dictionary, inputs.study),
        dictionary=inputs.dictionary,
    )
    rows = [row for sheet in _sheets(options.files) for row in given_rows(sheet)]
    decisions = decide(rows, known)
    _stop(decisions.wrong, inputs)
    adds = additions(decisions.corrections, inputs.ledger)
    _stop(misfits(adds.new, inputs.ledger, inputs.tables, inputs.study, inputs.respondent), inputs)
    kinds = {row.kind for row in rows}
    _say(decisions, adds, deleted(_office_rows(inputs), decisions.placed, kinds))
    if adds.new and options.write:
        _append(lines(adds.new), inputs)
    elif adds.new:
        sys.stdout.write("nothing is written; add --write to append the lines to the ledger\n")


def _sheets(files: Sequence[str]) -> Iterator[Sheet]:
    """Sheets with decisions: of a workbook, and of CSV files."""
    for given in files:
        path = Path(given)
        data = io.read_given(path)
        if path.suffix.lower() == ".csv":
            header, name = all_headers(), path.name
            sheets = [read_delimited(data, name, sheet=path.stem, header=header, above=MOST_ABOVE)]
        else:
            sheets = list(read_workbook(data, path.name, formulas="as formulas").values())
        found = [sheet for sheet in sheets if is_decided_in(sheet)]
        if not found:
            raise DataError(
                "no sheet has a column of decisions in its first rows",
                where=path.name,
                mend="start from a workbook that to-xlsx or fieldwork wrote, and keep its header",
                rule=RULE,
            )
        yield from found


def _stop(wrong: Sequence[Wrong], inputs: Inputs) -> None:
    """Raise with every problem at once, each with its place and mend."""
    if not wrong:
        return
    rows = [(w.where, w.problem, w.mend) for w in wrong]
    raise WrongRows(rows, where=f"{inputs.paths.config.name}/{LEDGER}", rule=RULE)


def _say(decisions: Decisions, adds: Additions, gone: Sequence[OfficeRow]) -> None:
    """What the workbook adds, row by row and without a value, and what it leaves open."""
    for correction, given in adds.new:
        sys.stdout.write(
            f"+ {correction.row_key} {correction.column}: {correction.action}"
            f" ({given.sheet}, row {given.number})\n"
        )
    undecided = sum(row.decision is None for row in decisions.placed)
    sys.stdout.write(
        f"{len(adds.new)} new, {adds.known} already in the ledger, {undecided} rows without a"
        " decision\n"
    )
    for row in gone:
        column = "" if row.group else f", column {row.column}"
        sys.stdout.write(
            f"not in the workbook, so not decided: {row.file}:{row.line}{column} [{row.rule}]\n"
        )


def _append(text: str, inputs: Inputs) -> None:
    """Append lines to the ledger, whole or not at all; its present bytes stay as they are."""
    path = inputs.paths.config / LEDGER
    present = io.read_bytes(path)
    if not present.endswith(b"\n"):
        present += b"\n"
    ends = "\r\n" if b"\r\n" in present else "\n"
    io.write_bytes(path, present + text.replace("\n", ends).encode("utf-8"))
    count = text.count("\n")
    sys.stdout.write(f"{count} lines appended to {path.as_posix()}; run read and clean again\n")
