"""``corrections``: what the office must decide as a workbook, and its decisions into the ledger.

``to-xlsx`` writes the duplicates and everything else to correct, as far as the ledger in force
leaves them; ``from-xlsx`` says which lines a workbook adds to the ledger, and with ``--write``
appends them; ``confirm`` signs for lines that were written for an earlier delivery of a file. All
need the tables that the stage ``read`` made.

A person looks at their rows in the new delivery and signs once. Only lines whose rows hold their
``old`` can be signed for, and those that do not are listed; where a release kept a copy of the
earlier delivery, the row must also hold the same respondent as then. The clock decides here and
nowhere else: what it says goes to whoever signs or runs a stage, never into a file, so that a build
of another day has the same bytes.
"""

import argparse
import datetime
import functools
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from evaluation.cli.stages.stage_files import NOT_CORRECTED, read_ledger, today
from evaluation.config.declared import read_files
from evaluation.config.manifest import Manifest
from evaluation.config.study import LEDGER
from evaluation.config.toml_reader import named
from evaluation.data.cleaning.ledger import (
    DELIVERY_RULE,
    Signature,
    confirmed,
    delivery,
    parse_ledger,
)
from evaluation.data.findings import HIDDEN, shown
from evaluation.data.readers.read import RawTable
from evaluation.data.readers.sheets import ReadSheet, read_delimited, read_workbook
from evaluation.errors import DataError
from evaluation.fieldwork import office_returned, office_rows
from evaluation.fieldwork.ledger_in_force import (
    LedgerInputs,
    Waiting,
    rows_to_decide,
    stop,
    waiting,
)
from evaluation.fieldwork.office_decisions import (
    Additions,
    Decided,
    Decisions,
    additions,
    decide,
    deleted,
    lines,
    misfits,
)
from evaluation.locale.messages import LANGUAGES, message, wording
from evaluation.release.kept_deliveries import kept_table
from evaluation.report.formats import xlsx
from evaluation.report.terminal import counted
from evaluation.storage import disk, folders

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
    _add_signing(sign)
    for way in (out, back, sign):
        # also after the way; suppressed, so that it does not undo a --study before it
        way.add_argument("--study", default=argparse.SUPPRESS, help="folder name under config/")
        way.add_argument(
            "--data-raw",
            default=argparse.SUPPRESS,
            metavar="FOLDER",
            help="folder of the delivered files",
        )
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
        confirm(inputs, options)
    else:
        _from_workbook(inputs, options)


def _to_workbook(inputs: LedgerInputs, options: argparse.Namespace) -> None:
    path = Path(options.out) if options.out else inputs.paths.private / BOOK
    private = inputs.paths.private.resolve() in path.resolve().parents
    hidden = frozenset() if private else office_rows.PERSONAL
    view = office_rows.View(study=inputs.study, language=options.language, hidden=hidden)
    sheets = office_rows.office_sheets(rows_to_decide(inputs), inputs.ledger, view)
    title = f"{inputs.study.id}: {wording('office.purpose', view.language)}"
    disk.write_bytes(path, xlsx.workbook(sheets, title=title, comments=view.banner))
    counts = ", ".join(f"{len(sheet.lines) - 1} {sheet.name}" for sheet in sheets if sheet.choices)
    left_out = "" if private else wording("corrections.left-out", view.language)
    sys.stdout.write(f"{path.as_posix()}: {counts}{left_out}\n")


def _from_workbook(inputs: LedgerInputs, options: argparse.Namespace) -> None:
    known = office_returned.DecisionContext(
        tables={table.file.path: table for table in inputs.tables},
        identity=office_rows.identities(inputs.tables, inputs.dictionary, inputs.study),
        dictionary=inputs.dictionary,
    )
    rows = [row for sheet in _sheets(options.files) for row in office_returned.given_rows(sheet)]
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


def _sheets(files: Sequence[str]) -> Iterator[ReadSheet]:
    """Sheets with decisions: of a workbook, and of CSV files."""
    for given in files:
        path = Path(given)
        data = disk.read_given(path)
        if path.suffix.lower() == ".csv":
            header, name = office_returned.all_headers(), path.name
            sheets = [
                read_delimited(
                    data, name, sheet=path.stem, header=header, above=office_returned.MOST_ABOVE
                )
            ]
        else:
            sheets = list(read_workbook(data, path.name, formulas="as formulas").values())
        found = [sheet for sheet in sheets if office_returned.is_decided_in(sheet)]
        if not found:
            raise DataError.of(
                "no-sheet-column", "start-workbook", path.name, rule=office_returned.OFFICE_RULE
            )
        yield from found


def _say(
    decisions: Decisions, adds: Additions, gone: Sequence[office_rows.OfficeRow], language: str
) -> None:
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


def _append(text: str, inputs: LedgerInputs, language: str) -> None:
    """Append lines to the ledger, whole or not at all; its present bytes stay as they are."""
    path = inputs.paths.config / LEDGER
    present = disk.read_bytes(path)
    if not present.endswith(b"\n"):
        present += b"\n"
    ends = "\r\n" if b"\r\n" in present else "\n"
    disk.write_bytes(path, present + text.replace("\n", ends).encode("utf-8"))
    count = counted(text.count("\n"), "line", language)
    sys.stdout.write(wording("corrections.appended", language, lines=count, path=path.as_posix()))


PROBLEM = message("day-decision.problem")
FIX = message("write-day-decided.fix")


def wrong_days(new: Iterable[Decided]) -> tuple[office_returned.Wrong, ...]:
    """Rows of the office's workbook whose day has not come."""
    latest = today().isoformat()
    return tuple(
        office_returned.Wrong(given.where("date"), PROBLEM, FIX)
        for correction, given in new
        if correction.date > latest
    )


def read_inputs(paths: folders.Paths) -> LedgerInputs:
    """The study, its ledger, and the raw tables that the stage ``read`` made.

    Raises
    ------
    EvaluationError
        The stage has not run on the files of the manifest, or the configuration breaks a rule.
    """
    study, manifest, dictionary = read_files(paths.config)
    if study.panel is not None:
        raise DataError.of("ledger-of-a-panel", "ledger-of-a-panel", named(paths.config, LEDGER))
    _check_read(manifest, paths)
    ledger = read_ledger(paths.config)
    return LedgerInputs(
        study=study,
        dictionary=dictionary,
        tables=tuple(
            RawTable(file=file, frame=disk.read_frame(paths.private / "raw" / f"{file.id}.parquet"))
            for file in manifest.file
            if file.role not in NOT_CORRECTED
        ),
        ledger=parse_ledger(ledger.text, ledger.where),
        paths=paths,
    )


def _check_read(manifest: Manifest, paths: folders.Paths) -> None:
    """Refuse tables of other deliveries than the manifest's; the ledger may have grown since."""
    path = paths.build / folders.PROVENANCE
    made = disk.read_json(path)["files"] if path.exists() else []
    if [(f["id"], f["sha256"]) for f in made] != [(f.id, f.sha256.lower()) for f in manifest.file]:
        raise DataError.of(
            "stage-read-not-run", "run-read-first", path.as_posix(), name=paths.config.name
        )


def _add_signing(parser: argparse.ArgumentParser) -> None:
    """Add who signs, on which day, and whether it is written."""
    parser.add_argument("--by", default="", metavar="NAME", help="who looked at the rows")
    parser.add_argument(
        "--date",
        type=datetime.date.fromisoformat,
        default=datetime.datetime.now(tz=datetime.UTC).date(),
        metavar="DAY",
        help="day of the signature, like 2025-03-31 (default: today)",
    )
    parser.add_argument("--write", action="store_true", help="sign for the lines in the ledger")


def confirm(inputs: LedgerInputs, options: argparse.Namespace) -> None:
    """Show the lines that wait for a signature; with ``--write`` sign for those that hold.

    Parameters
    ----------
    inputs : LedgerInputs
    options : Namespace
        Of the command line.

    Raises
    ------
    EvaluationError
        Nobody signs, and nothing is written; or lines do not fit this delivery: all of them, after
        the others were shown or signed for.
    """
    waits, wrong = waiting(inputs, functools.partial(kept_table, inputs.paths))
    language = options.language
    for one in waits:
        line = {key: getattr(one.entry, key) for key in ("line", "action", "row_key", "column")}
        compared = "signing.same-respondent" if one.same else "signing.no-earlier-copy"
        line |= {"values": _values(one, inputs, language)}
        respondent = wording(compared, language)
        sys.stdout.write(wording("signing.line", language, **line, respondent=respondent))
    lines = counted(len(waits), "line", language)
    if waits and options.write:
        path = _sign(waits, _signature(options, waits), inputs)
        signed = {"lines": lines, "path": path, "by": options.by, "date": options.date}
        sys.stdout.write(wording("signing.signed", language, **signed))
    elif waits:
        sys.stdout.write(wording("signing.unsigned", language, lines=lines))
    elif not wrong:
        sys.stdout.write(wording("signing.nothing", language))
    stop(wrong, inputs, rule=DELIVERY_RULE)


def _values(one: Waiting, inputs: LedgerInputs, language: str) -> str:
    """What a line changes into what, where a message may show it; else where to look it up."""
    entry, source = one.entry, one.table.file.source
    variables = inputs.dictionary.variables.values()
    coded = [v for v in variables if v.raw.get(source) == entry.column][:1]
    said = [shown(variable, text) for variable in coded for text in (entry.old, entry.new)]
    if entry.action != "set" or not said or HIDDEN in said:
        path = (inputs.paths.config / LEDGER).as_posix()
        return wording("signing.values-in-ledger", language, path=path)
    return " -> ".join(map(repr, said))


def _signature(options: argparse.Namespace, waits: Sequence[Waiting]) -> Signature:
    by, date = options.by.strip(), options.date
    if not by:
        raise DataError.of("nobody-signs", "name-who-looked", "--by", rule=DELIVERY_RULE)
    delivered = max(w.table.file.delivered or datetime.date.min for w in waits)
    if date < delivered:
        raise DataError.of(
            "day-signature", "write-day-rows", "--date", rule=DELIVERY_RULE, delivered=delivered
        )
    if date > today():
        raise DataError(PROBLEM, where="--date", fix=FIX, rule=DELIVERY_RULE)
    return Signature(by=by, date=date.isoformat())


def _sign(waits: Sequence[Waiting], signature: Signature, inputs: LedgerInputs) -> str:
    """Sign in the ledger, whole or not at all."""
    path = inputs.paths.config / LEDGER
    text = confirmed(
        disk.read_bytes(path).decode("utf-8"),
        {w.entry.line for w in waits},
        {w.table.file.source: delivery(w.table) for w in waits},
        signature,
    )
    disk.write_bytes(path, text.encode("utf-8"))
    return path.as_posix()
