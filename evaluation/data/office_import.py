"""Decisions into the ledger: only what is not there yet, and only where everything fits.

The new lines are held against the raw tables together with the old ones, exactly as a build would
do it, before anything is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from evaluation.data.corrections import apply
from evaluation.data.ledger import Correction, Ledger
from evaluation.data.office_book import OfficeRow
from evaluation.data.office_places import Placed, Wrong
from evaluation.data.office_sheets import GivenRow
from evaluation.data.read import RawTable
from evaluation.locale.messages import Message, Value, message
from evaluation.spec.record_rows import csv_text
from evaluation.spec.study import Study

Decided = tuple[Correction, GivenRow]
SIGNED = ("line", "reason", "by", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Additions:
    """Lines to add, with the row each comes from, and how many decisions are in the ledger."""

    new: tuple[Decided, ...]
    known: int


def additions(decided: Iterable[Decided], ledger: Ledger) -> Additions:
    """Decisions whose effect no line of the ledger has; each effect once.

    A decision that is in the ledger already is the same decision, whoever signed it again.
    """
    seen = {_effect(entry) for entry in ledger.corrections}
    line = max((entry.line for entry in ledger.corrections), default=1)
    new, known = [], 0
    for correction, given in decided:
        effect = _effect(correction)
        if effect in seen:
            known += 1
            continue
        seen.add(effect)
        line += 1
        new.append((replace(correction, line=line), given))
    return Additions(new=tuple(new), known=known)


def _effect(entry: Correction) -> Correction:
    blank = dict.fromkeys(SIGNED[1:], "")
    return replace(entry, line=0, delivery=entry.delivery.lower(), **blank)


def misfits(
    new: Sequence[Decided],
    ledger: Ledger,
    tables: Sequence[RawTable],
    study: Study,
    respondent: Mapping[str, str],
) -> tuple[Wrong, ...]:
    """What stands against the new lines, beside the old ones.

    Parameters
    ----------
    new : sequence of (Correction, GivenRow)
        From :func:`additions`.
    ledger : Ledger
        The lines in force.
    tables, study, respondent
        As for :func:`evaluation.data.corrections.apply`.

    Returns
    -------
    tuple of Wrong
        By the row of the workbook, or by the line of the ledger where an old line does not fit.
    """
    whole = replace(ledger, corrections=(*ledger.corrections, *(c for c, _ in new)))
    _, found = apply(tables, whole, study, respondent=respondent)
    rows = {correction.line: given for correction, given in new}
    return tuple(
        Wrong(
            rows[f.line].where("decision") if f.line in rows else f"{f.file}:{f.line}",
            _named(f.problem, rows),
            f.mend,
        )
        for f in sorted(found, key=lambda f: f.line)
    )


def _named(problem: Message, rows: Mapping[int, GivenRow]) -> Message:
    """A message about a line that is not written yet, with the row of the workbook instead."""
    unwritten: dict[Value, Value] = {
        message("word.line", line=line): message("word.the-decision", place=row.place)
        for line, row in rows.items()
    }
    return message(problem.id, **{n: unwritten.get(v, v) for n, v in problem.parameters})


def lines(new: Iterable[Decided]) -> str:
    """Text of the lines, each with its end."""
    return csv_text(astuple(correction)[1:] for correction, _ in new)


def deleted(
    expected: Sequence[OfficeRow], placed: Sequence[Placed], kinds: Iterable[str]
) -> tuple[OfficeRow, ...]:
    """Rows that should be decided on, and that sheets which were given do not hold."""
    there = {
        (
            p.given.kind,
            p.table.file.path,
            p.line,
            p.given.cell("column").text.strip() if p.given.kind != "duplicates" else "",
        )
        for p in placed
    }
    given = set(kinds)
    return tuple(
        row for row in expected if row.sheet in given and (row.sheet, *row.key) not in there
    )
