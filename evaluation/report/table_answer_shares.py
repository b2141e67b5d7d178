"""The full distribution of the answers by group and round, beside the one that trends imply."""

import math
from collections.abc import Iterator

from evaluation.locale.messages import wording
from evaluation.report import check_records as records
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Shown, Table, slug
from evaluation.report.table_functional_form import Question, asked, questions
from evaluation.report.words import labelled
from evaluation.spec.dictionary import Code
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.row_keys import ArmRound, Implied, RowKey

SHARE = "share:"


@table.builds
def answer_shares(exhibit: Exhibit, source: Source) -> Table:
    """Per question and answer: its share in each group and round, and the implied one.

    Raises
    ------
    ReportError
        The plan has no check of functional form, or a record is missing.
    """
    checks = records.checks_of(source, "functional_form")
    chosen = [
        q
        for check in checks
        for outcome in records.outcomes_of(exhibit, source, check)
        for q in questions(source, check, outcome)
    ]
    rows = tuple(row for q in chosen for row in _rows(source, q))
    columns = (
        heads.column(source, "question"),
        heads.column(source, "answer"),
        *(_column(source, arm, round_) for arm, round_ in _places(source)),
        heads.column(source, "share_implied"),
    )
    return heads.table(
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
        implied = _quantity(source, q, value, Implied(q.name))
        yield Row(
            id=f"{stem}-{slug(value)}",
            group=own,
            cells=(
                lead,
                table.text(_answer(source, q, value)),
                *shares,
                _percent(implied),
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
    shown = formats.marks(value, language)
    if not named:
        return shown
    label = str(getattr(named[0], language))
    if label.startswith(value):
        return label
    return wording("answers.value", language, value=shown, label=label)


def _is(code: Code, value: str) -> bool:
    return not isinstance(code.value, str) and code.value == float(value)


def _share(source: Source, q: Question, value: str, place: tuple[str, str]) -> Cell:
    return _percent(_quantity(source, q, value, ArmRound(*place, q.name)))


def _quantity(source: Source, q: Question, value: str, sample: RowKey) -> float:
    name = f"{SHARE}{value}"
    found = records.quantity(source, q.check, q.outcome, name, sample=sample)
    if not isinstance(found, float):
        raise records.missing(source, q.check, q.outcome)
    return found


def _percent(share: float) -> Cell:
    return table.number(100 * share, decimals=1, unit="%")


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
            _quantity(source, q, value, Implied(q.name))
            for q in chosen
            if q.outcome == outcome
            for value in _values(source, q)
        )
        implied = [share for share in found if math.isfinite(share)]
        language, label = source.language, outcome.label[source.language]
        if not implied:
            yield outcome.id, wording("answers.no-shares", language, outcome=label)
            continue
        said = "answers.none-below" if min(implied) >= 0.0 else "answers.one-below"
        smallest = formats.share(min(implied), 1, language)
        yield outcome.id, wording(said, language, outcome=label, smallest=smallest)
