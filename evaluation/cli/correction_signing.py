"""What the ways of ``corrections`` start from, days that have not come, and ``confirm``: signing.

The clock decides here and nowhere else: what it says goes to whoever signs or runs a stage, never
into a file, so that a build of another day has the same bytes.

A person looks at their rows in the new delivery and signs once. Only lines whose rows hold their
``old`` can be signed for; where a release kept a copy of the earlier delivery, the row must also
hold the same respondent as then.
"""

import argparse
import datetime
import sys
from collections.abc import Iterable, Sequence

from evaluation.cli.stages.stage_files import NOT_CORRECTED, read_ledger, today
from evaluation.data.cleaning.ledger import (
    DELIVERY_RULE,
    Signature,
    confirmed,
    delivery,
    parse_ledger,
)
from evaluation.data.readers.read import RawTable
from evaluation.errors import DataError
from evaluation.fieldwork.ledger_in_force import Inputs, Waiting, waiting
from evaluation.fieldwork.office_decisions import Decided
from evaluation.fieldwork.office_returned import Wrong
from evaluation.locale.messages import message, wording
from evaluation.release.kept_inputs import kept_table
from evaluation.report.terminal import counted
from evaluation.storage import disk, folders
from evaluation.study.configuration import read_files
from evaluation.study.manifest import Manifest
from evaluation.study.study import LEDGER

PROBLEM = message("day-decision.problem")
FIX = message("write-day-decided.fix")


def wrong_days(new: Iterable[Decided]) -> tuple[Wrong, ...]:
    """Rows of the office's workbook whose day has not come."""
    latest = today().isoformat()
    return tuple(
        Wrong(given.where("date"), PROBLEM, FIX)
        for correction, given in new
        if correction.date > latest
    )


def check_signature(day: datetime.date, *, rule: str) -> None:
    """Refuse to sign on a day that has not come.

    Raises
    ------
    DataError
        The day is after today.
    """
    if day > today():
        raise DataError(PROBLEM, where="--date", fix=FIX, rule=rule)


def read_inputs(paths: folders.Paths) -> Inputs:
    """The study, its ledger, and the raw tables that the stage ``read`` made.

    Raises
    ------
    EvaluationError
        The stage has not run on the files of the manifest, or the configuration breaks a rule.
    """
    study, manifest, dictionary = read_files(paths.config)
    _check_read(manifest, paths)
    ledger = read_ledger(paths.config)
    return Inputs(
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


def add_arguments(parser: argparse.ArgumentParser) -> None:
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


def confirm(inputs: Inputs, options: argparse.Namespace) -> None:
    """Show the lines that wait for a signature; with ``--write`` sign for all of them.

    Raises
    ------
    EvaluationError
        A line does not fit this delivery, or nobody signs. Nothing is written then.
    """
    waits, language = waiting(inputs, kept_table), options.language
    for one in waits:
        line = {key: getattr(one.entry, key) for key in ("line", "action", "row_key", "column")}
        compared = "signing.same-respondent" if one.same else "signing.no-earlier-copy"
        respondent = wording(compared, language)
        sys.stdout.write(wording("signing.line", language, **line, respondent=respondent))
    lines = counted(len(waits), "line", language)
    if not waits:
        sys.stdout.write(wording("signing.nothing", language))
    elif not options.write:
        sys.stdout.write(wording("signing.unsigned", language, lines=lines))
    else:
        path = _write(waits, _signature(options, waits), inputs)
        signed = {"lines": lines, "path": path, "by": options.by, "date": options.date}
        sys.stdout.write(wording("signing.signed", language, **signed))


def _signature(options: argparse.Namespace, waits: Sequence[Waiting]) -> Signature:
    by, date = options.by.strip(), options.date
    if not by:
        raise DataError.of("nobody-signs", "name-who-looked", "--by", rule=DELIVERY_RULE)
    delivered = max(w.table.file.delivered or datetime.date.min for w in waits)
    if date < delivered:
        raise DataError.of(
            "day-signature", "write-day-rows", "--date", rule=DELIVERY_RULE, delivered=delivered
        )
    check_signature(date, rule=DELIVERY_RULE)
    return Signature(by=by, date=date.isoformat())


def _write(waits: Sequence[Waiting], signature: Signature, inputs: Inputs) -> str:
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
