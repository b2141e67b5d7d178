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
from evaluation.cli.correction_signing import read_inputs, wrong_days
from evaluation.data.readers.sheets import Sheet, read_delimited, read_workbook
from evaluation.errors import DataError
from evaluation.fieldwork.ledger_in_force import Inputs, rows_to_decide, stop
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
    all_headers,
    given_rows,
    is_decided_in,
)
from evaluation.fieldwork.office_rows import (
    PERSONAL,
    OfficeRow,
    View,
    identities,
    office_sheets,
)
from evaluation.locale.messages import LANGUAGES, wording
from evaluation.report.formats import xlsx
from evaluation.report.terminal import counted
from evaluation.storage import disk, folders
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
    hidden = frozenset() if private else PERSONAL
    view = View(study=inputs.study, language=options.language, hidden=hidden)
    sheets = office_sheets(rows_to_decide(inputs), inputs.ledger, view)
    title = f"{inputs.study.id}: {wording('office.purpose', view.language)}"
    disk.write_bytes(path, xlsx.workbook(sheets, title=title, comments=view.banner))
    counts = ", ".join(f"{len(sheet.lines) - 1} {sheet.name}" for sheet in sheets if sheet.choices)
    left_out = "" if private else wording("corrections.left-out", view.language)
    sys.stdout.write(f"{path.as_posix()}: {counts}{left_out}\n")


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
    gone = deleted(rows_to_decide(inputs), decisions.placed, kinds)
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
        line = {key: getattr(correction, key) for key in ("row_key", "column", "action")}
        line |= {"sheet": given.sheet, "row": given.number}
        sys.stdout.write(wording("corrections.new-line", language, **line))
    undecided = counted(sum(r.decision is None for r in decisions.placed), "row", language)
    totals = {"new": len(adds.new), "known": adds.known, "undecided": undecided}
    sys.stdout.write(wording("corrections.totals", language, **totals))
    for row in gone:
        named = "corrections.not-in-workbook-column"
        column = "" if row.group else wording(named, language, column=row.column)
        place = {"place": f"{row.file}:{row.line}", "column": column, "rule": row.rule}
        sys.stdout.write(wording("corrections.not-in-workbook", language, **place))


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
