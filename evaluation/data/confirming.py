"""Corrections written for an earlier delivery of a file: which still fit, and signing for them.

A new delivery may hold another person in the same place, so a line of the ledger that names an
earlier one stops the stage. Those whose rows still hold their ``old`` are told together, because a
person can look at them and sign for all of them at once; each of the others is told by itself.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.data.finding import LINE
from evaluation.data.ledger import COLUMNS, DELIVERY_DIGITS, Correction
from evaluation.data.read import RawTable
from evaluation.locale.messages import message
from evaluation.spec.records import Finding

RULE = "delivery"
# between those who signed for a line, the last of them for the delivery that it names
AND = "; "


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs, and on which day (like 2025-03-31)."""

    by: str
    date: str


def delivery(table: RawTable) -> str:
    """How the ledger names a delivery of a file."""
    return table.file.sha256.lower()[:DELIVERY_DIGITS]


def is_waiting(entry: Correction, table: RawTable) -> bool:
    """Whether a line was written for another delivery of the file."""
    return entry.delivery.lower() != delivery(table)


def waiting(where: str, entries: Sequence[Correction], table: RawTable, study: str) -> Finding:
    """One error for all lines of a file that a person must look at and can sign for.

    Parameters
    ----------
    where : str
        The ledger, as messages name it.
    entries : sequence of Correction
        Lines of another delivery whose rows hold their ``old``; at least one.
    table : RawTable
        The file as it is now.
    study : str
        For the command.
    """
    lines = sorted(entry.line for entry in entries)
    return Finding(
        rule=RULE,
        severity="error",
        round=table.file.source,
        file=where,
        row_key="",
        line=lines[0],
        column="",
        value="",
        problem=message(
            "written-another.problem", path=table.file.path, spans=spans(lines), n=len(lines)
        ),
        mend=message("look-rows-remove.mend", study=study),
    )


def spans(lines: Iterable[int]) -> str:
    """Numbers of lines in order, neighbours as a span: ``2-5, 9``."""
    ends: list[list[int]] = []
    for line in sorted(lines):
        if ends and line == ends[-1][1] + 1:
            ends[-1][1] = line
        else:
            ends.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in ends)


def same_respondent(
    entry: Correction, now: RawTable, then: pd.DataFrame | None, *, respondent: str
) -> bool | None:
    """Whether the row of a line holds the respondent that it held in the earlier delivery.

    Parameters
    ----------
    entry : Correction
        A line of that delivery.
    now : RawTable
        The file as it is.
    then : DataFrame, optional
        The raw table of the earlier delivery, where a copy of it was kept.
    respondent : str
        Raw column of the respondent id; empty where the file has none.

    Returns
    -------
    bool, optional
        None where it cannot be told: no copy was kept, or the file has no such column.
    """
    frames = (now.frame, then)
    if any(frame is None or respondent not in frame.columns for frame in frames):
        return None
    line = entry.row_key.rpartition(":")[2]
    here, before = (_id(frame, line, respondent) for frame in frames if frame is not None)
    return here is not None and here == before


def _id(frame: pd.DataFrame, line: str, respondent: str) -> str | None:
    held = frame.loc[frame[LINE].astype("str") == line, respondent]
    return str(held.iloc[0]) if len(held) else None


def confirmed(
    text: str, lines: Collection[int], deliveries: Mapping[str, str], signature: Signature
) -> str:
    """The ledger with some lines signed for anew; all others keep their bytes.

    Parameters
    ----------
    text : str
        The ledger as written.
    lines : collection of int
        Lines to sign for, as the findings name them.
    deliveries : mapping of str to str
        First digits of the file's checksum by ``round``.
    signature : Signature
        Added to ``by``; the line's ``date`` becomes the day of it.
    """
    given = list(io.StringIO(text, newline=""))
    reader = csv.reader(given, strict=True)
    made: list[str] = []
    start = 0
    for row in reader:
        chunk = "".join(given[start : reader.line_num])
        if start + 1 in lines:
            chunk = _signed(dict(zip(COLUMNS, row, strict=True)), chunk, deliveries, signature)
        made.append(chunk)
        start = reader.line_num
    return "".join(made)


def _signed(
    row: Mapping[str, str], chunk: str, deliveries: Mapping[str, str], signature: Signature
) -> str:
    names = [name for name in row["by"].split(AND) if name != signature.by]
    new = {
        "by": AND.join((*names, signature.by)),
        "date": signature.date,
        "delivery": deliveries[row["round"]],
    }
    bare = chunk.rstrip("\r\n")
    text = io.StringIO()
    csv.writer(text, lineterminator=chunk[len(bare) :]).writerow({**row, **new}.values())
    return text.getvalue()
