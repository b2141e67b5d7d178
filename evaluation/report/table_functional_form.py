"""Question by question, whether parallel trends can hold whatever scale the answers are read on."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.locale.messages import Message, wording
from evaluation.report import check_records as records
from evaluation.report import formats, heads, table
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Joined, Row, Shown, Table, slug
from evaluation.report.variants import variant
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Unavailable
from evaluation.spec.row_keys import Implied, Part

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("smallest_share", "print"),
    ("smallest_share_error", "print"),
    ("negative_shares", "print"),
)
QUANTITIES = ("smallest_share", "smallest_share_std_error", "negative_shares")
JOINED: Mapping[str, Joined] = {"smallest_share_error": "brackets"}
SHARE = "share:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of an outcome, or the outcome itself (``name`` empty).

    ``reason`` says why it has no shares.
    """

    check: Check
    outcome: Outcome
    name: str
    reason: Message | None = None


@table.builds
def functional_form(exhibit: Exhibit, source: Source) -> Table:
    """Per question: the smallest share that parallel trends imply, and how many are negative.

    Raises
    ------
    ReportError
        The plan has no check of functional form, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "functional_form")
    pairs = [(c, o) for c in checks for o in records.outcomes_of(exhibit, source, c)]
    chosen = {o.id: questions(source, check, o) for check, o in pairs}
    rows = tuple(_row(source, q) for asked in chosen.values() for q in asked)
    columns = (
        heads.column(source, "question"),
        *(
            heads.column(source, name, joined=JOINED.get(name, ""), shown=shown)
            for name, shown in COLUMNS
        ),
    )
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, checks),
            wording("answers.implied-shares", source.language),
        ),
        said=tuple((o.id, _sentence(source, o, chosen[o.id])) for _, o in pairs),
    )


def questions(source: Source, check: Check, outcome: Outcome) -> tuple[Question, ...]:
    """Questions of an outcome in recorded order, those without shares with their reason.

    Raises
    ------
    ReportError
        There is neither a result nor a reason.
    """
    place = (outcome.id, check.id)
    made = [
        d.sample
        for d in source.records.check_diagnostics
        if (d.outcome, d.specification) == place
        and d.name.startswith(SHARE)
        and isinstance(d.sample, Implied)
    ]
    refused = {
        u.sample: u.reason
        for u in source.records.check_unavailable
        if (u.outcome, u.specification, u.step) == (outcome.id, check.id, "all")
    }
    if not made and not refused:
        raise records.missing(source, check, outcome)
    return tuple(
        Question(
            check=check,
            outcome=outcome,
            name=sample.value if isinstance(sample, Implied) else "",
            reason=refused.get(sample),
        )
        for sample in dict.fromkeys((*made, *refused))
    )


def asked(source: Source, q: Question) -> str:
    """The question in words, or the outcome."""
    if q.name:
        return variant(Part(q.name), q.check, source)
    return q.outcome.label[source.language]


def _row(source: Source, q: Question) -> Row:
    stem = f"{q.outcome.id}-{slug(q.name)}" if q.name else q.outcome.id
    label = q.outcome.label[source.language]
    cells = (table.text(asked(source, q)), *_cells(source, q))
    return Row(id=stem, group=label, cells=cells)


def _cells(source: Source, q: Question) -> tuple[Cell, ...]:
    blank = (table.none(),) * (len(COLUMNS) - 1)
    if q.reason:
        return (table.unavailable(q.reason, source.language), *blank)
    smallest, error, negative = (_quantity(source, q, name) for name in QUANTITIES)
    return (
        _percent(source, smallest),
        _percent(source, error),
        table.count(round(negative)) if isinstance(negative, float) else table.none(),
    )


def _quantity(source: Source, q: Question, name: str) -> float | Unavailable:
    found = records.quantity(source, q.check, q.outcome, name, sample=Implied(q.name))
    if found is None:
        raise records.missing(source, q.check, q.outcome)
    return found


def _percent(source: Source, found: float | Unavailable) -> Cell:
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, source.language)
    return table.number(100 * found, decimals=1, unit="%")


def _sentence(source: Source, outcome: Outcome, chosen: tuple[Question, ...]) -> str:
    """The smallest share that parallel trends of the answers imply, over an outcome's questions."""
    label, language = outcome.label[source.language], source.language
    found = [_quantity(source, q, QUANTITIES[0]) for q in chosen if not q.reason]
    shares = [x for x in found if isinstance(x, float) and math.isfinite(x)]
    if not shares:
        return wording("answers.no-shares", language, outcome=label)
    smallest = formats.share(min(shares), 1, language)
    said = "answers.none-below" if min(shares) >= 0.0 else "answers.one-below"
    return wording(said, language, outcome=label, smallest=smallest)
