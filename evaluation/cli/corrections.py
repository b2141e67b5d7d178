"""``corrections``: what the office must decide as a workbook, and its decisions into the ledger.

``to-xlsx`` writes the duplicates and everything else to correct, as far as the ledger in force
leaves them; ``from-xlsx`` says which lines a workbook adds to the ledger, and with ``--write``
appends them; ``confirm`` signs for lines that were written for an earlier delivery of a file. All
need the tables that the stage ``read`` made.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluation.cli import correction_signing
from evaluation.cli.correction_signing import Inputs, read_inputs, stop, wrong_days
from evaluation.data.cleaning.clean import clean
from evaluation.data.cleaning.corrections import apply
from evaluation.data.cleaning.parse import Parsed, parse
from evaluation.data.clusters import Frame, make_frame
from evaluation.data.findings import arranged
from evaluation.data.readers.sheets import Sheet, read_delimited, read_workbook
from evaluation.data.rules import near_duplicates
from evaluation.data.rules.frame_checks import check_frame
from evaluation.data.rules.registry import cells, check, check_other
from evaluation.data.rules.rule import Declared
from evaluation.errors import DataError
from evaluation.fieldwork.office_decisions import (
    Additions,
    Decisions,
    additions,
    decide,
    deleted,
    lines,
    misfits,
)
from evaluation.fieldwork.office_returned import (
    MOST_ABOVE,
    OFFICE_RULE,
    Known,
    Wrong,
    all_headers,
    given_rows,
    is_decided_in,
)
from evaluation.fieldwork.office_rows import (
    PERSONAL,
    OfficeRow,
    View,
    identities,
    office_rows,
    office_sheets,
)
from evaluation.locale.messages import LANGUAGES, wording
from evaluation.report.formats import xlsx
from evaluation.report.terminal import counted
from evaluation.storage import disk, folders
from evaluation.study.records import Finding
from evaluation.study.study import LEDGER

BOOK = "office_corrections.xlsx"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the way out, the way back, and the signing for lines of an earlier delivery."""
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
    sign = ways.add_parser(
        "confirm", help="sign for lines of the ledger that were written for an earlier delivery"
    )
    correction_signing.add_arguments(sign)
    for way in (out, back, sign):
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
    inputs = read_inputs(folders.Paths.of(options))
    if options.way == "to-xlsx":
        _to_workbook(inputs, options)
    elif options.way == "confirm":
        correction_signing.confirm(inputs, options)
    else:
        _from_workbook(inputs, options)


def _to_workbook(inputs: Inputs, options: argparse.Namespace) -> None:
    path = Path(options.out) if options.out else inputs.paths.private / BOOK
    private = inputs.paths.private.resolve() in path.resolve().parents
    view = View(
        study=inputs.study,
        language=options.language,
        hidden=frozenset() if private else PERSONAL,
    )
    sheets = office_sheets(_office_rows(inputs), inputs.ledger, view)
    title = f"{inputs.study.id}: {wording('office.purpose', view.language)}"
    disk.write_bytes(path, xlsx.workbook(sheets, title=title, comments=view.banner))
    counts = ", ".join(f"{len(sheet.lines) - 1} {sheet.name}" for sheet in sheets if sheet.choices)
    left_out = "" if private else wording("corrections.left-out", view.language)
    sys.stdout.write(f"{path.as_posix()}: {counts}{left_out}\n")


def _office_rows(inputs: Inputs) -> tuple[OfficeRow, ...]:
    identity = identities(inputs.tables, inputs.dictionary, inputs.study)
    return office_rows(_findings(inputs), inputs.tables, identity=identity)


def _findings(inputs: Inputs) -> tuple[Finding, ...]:
    """What the ledger in force leaves open, the rows that only the field rules see included."""
    study, dictionary = inputs.study, inputs.dictionary
    results, problems = apply(inputs.tables, inputs.ledger, study, respondent=inputs.respondent)
    stop([Wrong(f"{f.file}:{f.line}", f.problem, f.fix) for f in problems], inputs)
    parsed = {r.table.file.source: parse(r.table, dictionary) for r in results}
    frame = _frame(parsed["frame"], inputs)
    rounds = [parsed[round_id] for round_id in study.rounds]
    declared = Declared(dictionary, study, frame)
    others = (parsed[role] for role in ("analysis", "series") if role in parsed)
    return arranged(
        (
            *check(rounds, dictionary, study, frame=frame),
            *(f for one in rounds for f in near_duplicates.near_identical(one, declared)),
            *(f for one in others for f in check_other(one, dictionary, study, frame=frame)),
        )
    )


def _frame(parsed: Parsed, inputs: Inputs) -> Frame:
    found = (
        *cells(parsed, inputs.dictionary),
        *check_frame(parsed, inputs.dictionary, inputs.study),
    )
    errors = [f for f in found if f.severity == "error"]
    stop([Wrong(f.row_key or f.file, f.problem, f.fix) for f in errors], inputs)
    return make_frame(clean(parsed, inputs.dictionary), inputs.study)


def _from_workbook(inputs: Inputs, options: argparse.Namespace) -> None:
    known = Known(
        tables={table.file.path: table for table in inputs.tables},
        identity=identities(inputs.tables, inputs.dictionary, inputs.study),
        dictionary=inputs.dictionary,
    )
    rows = [row for sheet in _sheets(options.files) for row in given_rows(sheet)]
    decisions = decide(rows, known)
    stop(decisions.wrong, inputs)
    adds = additions(decisions.corrections, inputs.ledger)
    stop(wrong_days(adds.new), inputs)
    stop(misfits(adds.new, inputs.ledger, inputs.tables, inputs.study, inputs.respondent), inputs)
    kinds = {row.kind for row in rows}
    gone = deleted(_office_rows(inputs), decisions.placed, kinds)
    _say(decisions, adds, gone, options.language)
    if adds.new and options.write:
        _append(lines(adds.new), inputs, options.language)
    elif adds.new:
        sys.stdout.write(wording("corrections.unwritten", options.language))


def _sheets(files: Sequence[str]) -> Iterator[Sheet]:
    """Sheets with decisions: of a workbook, and of CSV files."""
    for given in files:
        path = Path(given)
        data = disk.read_given(path)
        if path.suffix.lower() == ".csv":
            header, name = all_headers(), path.name
            sheets = [read_delimited(data, name, sheet=path.stem, header=header, above=MOST_ABOVE)]
        else:
            sheets = list(read_workbook(data, path.name, formulas="as formulas").values())
        found = [sheet for sheet in sheets if is_decided_in(sheet)]
        if not found:
            raise DataError.of("no-sheet-column", "start-workbook", path.name, rule=OFFICE_RULE)
        yield from found


def _say(decisions: Decisions, adds: Additions, gone: Sequence[OfficeRow], language: str) -> None:
    """What the workbook adds, row by row and without a value, and what it leaves open."""
    for correction, given in adds.new:
        said = wording(
            "corrections.new-line",
            language,
            row_key=correction.row_key,
            column=correction.column,
            action=correction.action,
            sheet=given.sheet,
            row=given.number,
        )
        sys.stdout.write(said)
    undecided = sum(row.decision is None for row in decisions.placed)
    said = wording(
        "corrections.totals",
        language,
        new=len(adds.new),
        known=adds.known,
        undecided=counted(undecided, "row", language),
    )
    sys.stdout.write(said)
    for row in gone:
        column = (
            ""
            if row.group
            else wording("corrections.not-in-workbook-column", language, column=row.column)
        )
        place = f"{row.file}:{row.line}"
        sys.stdout.write(
            wording(
                "corrections.not-in-workbook", language, place=place, column=column, rule=row.rule
            )
        )


def _append(text: str, inputs: Inputs, language: str) -> None:
    """Append lines to the ledger, whole or not at all; its present bytes stay as they are."""
    path = inputs.paths.config / LEDGER
    present = disk.read_bytes(path)
    if not present.endswith(b"\n"):
        present += b"\n"
    ends = "\r\n" if b"\r\n" in present else "\n"
    disk.write_bytes(path, present + text.replace("\n", ends).encode("utf-8"))
    count = counted(text.count("\n"), "line", language)
    sys.stdout.write(wording("corrections.appended", language, lines=count, path=path.as_posix()))
