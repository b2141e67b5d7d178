"""``corrections confirm``: the lines of the ledger that were written for an earlier delivery.

A person looks at their rows in the new delivery and signs once. Only lines whose rows hold their
``old`` can be signed for; where a release kept a copy of the earlier delivery, the row must also
hold the same respondent as then.
"""

import argparse
import datetime
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation import io
from evaluation.cli.correction_days import check_signature
from evaluation.cli.correction_inputs import Inputs, stop
from evaluation.cli.findings import LEDGER
from evaluation.cli.release_inputs import kept_table
from evaluation.cli.told import counted
from evaluation.data.confirming import (
    RULE,
    Signature,
    confirmed,
    delivery,
    is_waiting,
    same_respondent,
)
from evaluation.data.corrections import apply
from evaluation.data.ledger import Correction
from evaluation.data.office_places import Wrong
from evaluation.data.read import RawTable
from evaluation.errors import DataError
from evaluation.locale.messages import message, wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A line of another delivery, its file, and whether its row holds the same respondent."""

    entry: Correction
    table: RawTable
    same: bool | None


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
    waits, language = _waiting(inputs), options.language
    for one in waits:
        said = wording(
            "signing.line",
            language,
            line=one.entry.line,
            action=one.entry.action,
            row_key=one.entry.row_key,
            column=one.entry.column,
            respondent=wording(
                "signing.same-respondent" if one.same else "signing.no-earlier-copy", language
            ),
        )
        sys.stdout.write(said)
    lines = counted(len(waits), "line", language)
    if not waits:
        sys.stdout.write(wording("signing.nothing", language))
    elif not options.write:
        sys.stdout.write(wording("signing.unsigned", language, lines=lines))
    else:
        path = _write(waits, _signature(options, waits), inputs)
        said = wording(
            "signing.signed", language, lines=lines, path=path, by=options.by, date=options.date
        )
        sys.stdout.write(said)


def _waiting(inputs: Inputs) -> tuple[Waiting, ...]:
    """Lines of another delivery; stops where a line of the ledger does not fit."""
    results, found = apply(inputs.tables, inputs.ledger, inputs.study, respondent=inputs.respondent)
    copies: dict[tuple[str, str], pd.DataFrame | None] = {}
    waits = []
    for table, result in zip(inputs.tables, results, strict=True):
        for entry in (e for e in result.applied if is_waiting(e, table)):
            key = (table.file.id, entry.delivery.lower())
            if key not in copies:
                copies[key] = kept_table(inputs.paths, *key)
            own = inputs.respondent.get(table.file.source, "")
            same = same_respondent(entry, table, copies[key], respondent=own)
            waits.append(Waiting(entry=entry, table=table, same=same))
    wrong = [Wrong(f"{f.file}:{f.line}", f.problem, f.mend) for f in found if f.rule != RULE]
    wrong += [_another(inputs.ledger.where, w) for w in waits if w.same is False]
    stop(wrong, inputs, rule=RULE)
    return tuple(waits)


def _another(where: str, one: Waiting) -> Wrong:
    return Wrong(
        where=f"{where}:{one.entry.line}",
        problem=message("row-holds-another.problem"),
        mend=message("remove-line-write.mend", delivery=delivery(one.table)),
    )


def _signature(options: argparse.Namespace, waits: Sequence[Waiting]) -> Signature:
    by, date = options.by.strip(), options.date
    if not by:
        raise DataError(
            message("nobody-signs.problem"),
            where="--by",
            mend=message("name-who-looked.mend"),
            rule=RULE,
        )
    delivered = max(w.table.file.delivered or datetime.date.min for w in waits)
    if date < delivered:
        raise DataError(
            message("day-signature.problem"),
            where="--date",
            mend=message("write-day-rows.mend", delivered=delivered),
            rule=RULE,
        )
    check_signature(date, rule=RULE)
    return Signature(by=by, date=date.isoformat())


def _write(waits: Sequence[Waiting], signature: Signature, inputs: Inputs) -> str:
    """Sign in the ledger, whole or not at all."""
    path = inputs.paths.config / LEDGER
    text = confirmed(
        io.read_bytes(path).decode("utf-8"),
        {w.entry.line for w in waits},
        {w.table.file.source: delivery(w.table) for w in waits},
        signature,
    )
    io.write_bytes(path, text.encode("utf-8"))
    return path.as_posix()
