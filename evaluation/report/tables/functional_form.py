"""Whether parallel trends can hold whatever scale answers are read on, and how answers spread."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from evaluation.locale.messages import Message, wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import variant
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Joined, Row, Shown, Table, slug
from evaluation.report.formats.words import labelled
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.study.dictionary import Code
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Unavailable
from evaluation.study.row_keys import ArmRound, Implied, Part, RowKey

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
    pairs = records.asked(exhibit, source, checks)
    chosen = {o.id: questions(source, check, o) for check, o in pairs}
    rows = tuple(_row(source, q) for asked in chosen.values() for q in asked)
    columns = (
        table_frame.column(source, "question"),
        *estimate_rows.columns(source, COLUMNS, joined=JOINED),
    )
    return table_frame.table(
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
    if q.reason:
        absent = table.unavailable(q.reason, source.language)
        return estimate_rows.padded(len(COLUMNS), absent)
    smallest, error, negative = (_test_quantity(source, q, name) for name in QUANTITIES)
    return (
        _percent(source, smallest),
        _percent(source, error),
        table.count(round(negative)) if isinstance(negative, float) else table.none(),
    )


def _test_quantity(source: Source, q: Question, name: str) -> float | Unavailable:
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
    found = (_test_quantity(source, q, QUANTITIES[0]) for q in chosen if not q.reason)
    return _smallest(source, outcome, [x for x in found if isinstance(x, float)])


def _smallest(source: Source, outcome: Outcome, found: Iterable[float]) -> str:
    label, language = outcome.label[source.language], source.language
    shares = [x for x in found if math.isfinite(x)]
    if not shares:
        return wording("answers.no-shares", language, outcome=label)
    smallest = number_format.share(min(shares), 1, language)
    said = "answers.none-below" if min(shares) >= 0.0 else "answers.one-below"
    return wording(said, language, outcome=label, smallest=smallest)


@table.builds
def answer_shares(exhibit: Exhibit, source: Source) -> Table:
    """Per question and answer: its share in each group and round, and the implied one.

    Raises
    ------
    ReportError
        The plan has no check of functional form, or a record is missing.
    """
    checks = records.checks_of(source, "functional_form")
    pairs = records.asked(exhibit, source, checks)
    chosen = [q for check, outcome in pairs for q in questions(source, check, outcome)]
    rows = tuple(row for q in chosen for row in _rows(source, q))
    columns = (
        table_frame.column(source, "question"),
        table_frame.column(source, "answer"),
        *(_column(source, arm, round_) for arm, round_ in _places(source)),
        table_frame.column(source, "share_implied"),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=_notes(source, rows),
        said=tuple(_sentences(source, chosen)),
    )


def _values(source: Source, q: Question) -> tuple[str, ...]:
    place = (q.outcome.id, q.check.id, Implied(q.name))
    found = [
        d.name.removeprefix(SHARE)
        for d in source.records.check_diagnostics
        if (d.outcome, d.specification, d.sample) == place and d.name.startswith(SHARE)
    ]
    return tuple(sorted(found, key=float))


def _places(source: Source) -> list[tuple[str, str]]:
    rounds = source.plan.checked().primary_specification().contrast
    return [(arm.id, round_) for arm in source.configuration.study.arm for round_ in rounds]


def _column(source: Source, arm: str, round_: str) -> Column:
    """Groups with other treatments as well stand in the downloads: a page holds two groups."""
    treatment = source.plan.checked().primary_specification().treatment
    received = {a.id: a.treatments for a in source.configuration.study.arm}[arm]
    shown: Shown = "print" if received in ((), (treatment,)) else "download"
    name = words.in_sentence(source.round_name(round_))
    label = wording("answers.head", source.language, arm=source.arm(arm), round=name)
    return Column(id=f"{slug(arm)}_{slug(round_)}", label=label, shown=shown)


def _rows(source: Source, q: Question) -> Iterator[Row]:
    language = source.language
    own = q.outcome.label[language]
    lead = table.text(asked(source, q))
    stem = f"{q.outcome.id}-{slug(q.name)}" if q.name else q.outcome.id
    blank = (table.none(),) * len(_places(source))
    if q.reason:
        cells = (lead, table.none(), table.unavailable(q.reason, language), *blank)
        yield Row(id=stem, group=own, cells=cells)
        return
    for value in _values(source, q):
        shares = [_share(source, q, value, place) for place in _places(source)]
        implied = _answer_share(source, q, value, Implied(q.name))
        yield Row(
            id=f"{stem}-{slug(value)}",
            group=own,
            cells=(
                lead,
                table.text(_answer(source, q, value)),
                *shares,
                _percent(source, implied),
            ),
        )


def _answer(source: Source, q: Question, value: str) -> str:
    """An answer in words of the dictionary; of a share, yes and no; else its number."""
    language, dictionary = source.language, source.configuration.dictionary
    if not q.name and q.outcome.unit == "percentage points":
        return wording("no" if float(value) == 0.0 else "yes", language)
    single = q.outcome.items[0].name if q.outcome.function == "value" else ""
    variable = dictionary.variables.get(q.name or single)
    used = variable.codes if variable and variable.codes else {}
    lists = [used] if isinstance(used, str) else list(used.values())
    named = [c for name in lists for c in dictionary.codes[name].values if _is(c, value)]
    # sources differ in their codes, not in what a value means
    shown = number_format.marks(value, language)
    if not named:
        return shown
    label = str(getattr(named[0], language))
    if label.startswith(value):
        return label
    return wording("answers.value", language, value=shown, label=label)


def _is(code: Code, value: str) -> bool:
    return not isinstance(code.value, str) and code.value == float(value)


def _share(source: Source, q: Question, value: str, place: tuple[str, str]) -> Cell:
    return _percent(source, _answer_share(source, q, value, ArmRound(*place, q.name)))


def _answer_share(source: Source, q: Question, value: str, sample: RowKey) -> float:
    name = f"{SHARE}{value}"
    found = records.quantity(source, q.check, q.outcome, name, sample=sample)
    if not isinstance(found, float):
        raise records.missing(source, q.check, q.outcome)
    return found


def _notes(source: Source, rows: tuple[Row, ...]) -> tuple[str, ...]:
    hidden = [_column(source, *p).label for p in _places(source)]
    kept = [_column(source, *p).shown for p in _places(source)]
    downloads = [label for label, shown in zip(hidden, kept, strict=True) if shown == "download"]
    language, two = source.language, len(source.configuration.study.arm) == 2
    estimate = "answers.implied-estimate" if two else "answers.implied-several"
    return (
        wording("answers.shares", language),
        labelled(
            wording("answers.implied", language),
            wording("answers.implied-is", language),
            wording(estimate, language),
        ),
        *(notes.in_downloads(downloads, source.language) if rows else ()),
    )


def _sentences(source: Source, chosen: list[Question]) -> Iterator[tuple[str, str]]:
    """The smallest implied share of each outcome, in a sentence."""
    for outcome in dict.fromkeys(q.outcome for q in chosen):
        found = (
            _answer_share(source, q, value, Implied(q.name))
            for q in chosen
            if q.outcome == outcome
            for value in _values(source, q)
        )
        yield outcome.id, _smallest(source, outcome, found)
