"""How answers spread in each group and round, and what parallel trends of every answer imply."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.config.dictionary import Code
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.estimation.records import Unavailable
from evaluation.estimation.row_keys import ArmRound, Implied, Part, RowKey
from evaluation.locale import numbers
from evaluation.locale.messages import Message
from evaluation.report import estimate_rows
from evaluation.report.check_labels import variant
from evaluation.report.check_rows import CheckResult, checks_of, results
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Column, Row, Shown, Table, slug
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source

SHARE = "share:"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesRow:
    """One question of an outcome, or the outcome itself (``name`` empty).

    ``reason`` says why it has no shares.
    """

    result: CheckResult
    name: str
    reason: Message | None = None

    @property
    def id(self) -> str:
        """How the ids of its rows begin."""
        identifier = self.result.outcome.id
        return f"{identifier}-{slug(self.name)}" if self.name else identifier

    @property
    def label(self) -> str:
        """The question in words, or the outcome."""
        source = self.result.source
        if self.name:
            return variant(Part(self.name), self.result.check, source)
        return self.result.outcome.label[source.language]

    @property
    def values(self) -> tuple[str, ...]:
        """The answers, in the order of their numbers."""
        found = (
            d.name.removeprefix(SHARE)
            for d in self.result.diagnostics
            if d.sample == Implied(self.name) and d.name.startswith(SHARE)
        )
        return tuple(sorted(found, key=float))

    def quantity(self, name: str, sample: RowKey | None = None) -> float | Unavailable:
        """What the records hold under a name, by default of the shares that are implied.

        Parameters
        ----------
        name : str
        sample : RowKey, optional

        Raises
        ------
        ReportError
            There is neither a number nor a reason.
        """
        found = self.result.quantity(name, sample or Implied(self.name))
        if found is None:
            raise self.result.missing()
        return found

    def share(self, value: str, sample: RowKey | None = None) -> float:
        """Share of an answer, by default the implied one.

        Parameters
        ----------
        value : str
        sample : RowKey, optional

        Raises
        ------
        ReportError
            There is none.
        """
        found = self.quantity(f"{SHARE}{value}", sample)
        if isinstance(found, Unavailable):
            raise self.result.missing()
        return found


def questions(result: CheckResult) -> tuple[SharesRow, ...]:
    """Questions of an outcome in recorded order, those without shares with their reason.

    Raises
    ------
    ReportError
        There is neither a result nor a reason.
    """
    made = [
        d.sample
        for d in result.diagnostics
        if d.name.startswith(SHARE) and isinstance(d.sample, Implied)
    ]
    refused = {u.sample: u.reason for u in result.unavailable if u.step == "all"}
    if not made and not refused:
        raise result.missing()
    return tuple(
        SharesRow(
            result=result,
            name=sample.value if isinstance(sample, Implied) else "",
            reason=refused.get(sample),
        )
        for sample in dict.fromkeys((*made, *refused))
    )


def _smallest(source: Source, outcome: Outcome, chosen: Sequence[SharesRow]) -> str:
    """The smallest share that parallel trends of the answers imply, over an outcome's questions."""
    label, language = outcome.label[source.language], source.language
    found = [
        (q.quantity("smallest_share"), q.quantity("smallest_share_std_error"))
        for q in chosen
        if not q.reason
    ]
    shares = [(x, e) for x, e in found if isinstance(x, float) and isinstance(e, float)]
    shares = [(x, error) for x, error in shares if math.isfinite(x)]
    if not shares:
        return source.wording("answers.no-shares", outcome=label)
    smallest, error = min(shares)
    return source.verdict(
        "answers.none-below" if smallest >= 0.0 else "answers.one-below",
        outcome=label,
        smallest=number_format.share(smallest, 1, language),
        error=number_format.plain(100.0 * error, 1, language),
    )


@table.builds
def answer_shares(exhibit: Exhibit, source: Source) -> Table:
    """Per question and answer: its share in each group and round, and the implied one.

    Raises
    ------
    ReportError
        The plan has no check of functional form, or a record is missing.
    """
    checks = checks_of(source, "functional_form")
    chosen = {r.outcome: questions(r) for r in results(exhibit, source, checks)}
    shares = [_column(source, arm, round_) for arm, round_ in source.arms_and_rounds()]
    rows = [row for found in chosen.values() for q in found for row in _rows(source, q)]
    two = len(source.configuration.study.arm) == 2
    estimate = "answers.implied-estimate" if two else "answers.implied-several"
    downloads = [column.label for column in shares if column.shown == "download"]
    return table_frame.table(
        exhibit,
        source,
        columns=("question", "answer", *shares, "share_implied"),
        rows=rows,
        generated=(
            source.wording("answers.shares"),
            source.note("answers.implied", "answers.implied-is", estimate),
            *(notes.in_downloads(downloads, source.language) if rows else ()),
        ),
        sentences=((o.id, _smallest(source, o, found)) for o, found in chosen.items()),
    )


def _column(source: Source, arm: str, round_: str) -> Column:
    """Groups with other treatments as well stand in the downloads: a page holds two groups."""
    treatment = source.plan.checked().primary_specification().treatment
    received = {a.id: a.treatments for a in source.configuration.study.arm}[arm]
    shown: Shown = "print" if received in ((), (treatment,)) else "download"
    name = words.in_sentence(source.round_name(round_))
    label = source.wording("answers.head", arm=source.arm(arm), round=name)
    return Column(id=f"{slug(arm)}_{slug(round_)}", label=label, shown=shown)


def _rows(source: Source, q: SharesRow) -> Iterator[Row]:
    group = q.result.outcome.label[source.language]
    places = source.arms_and_rounds()
    if q.reason:
        absent = table.unavailable(q.reason, source.language)
        shown = estimate_rows.padded(len(places) + 1, absent)
        yield table.row(q.id, q.label, table.none(), *shown, group=group)
        return
    for value in q.values:
        shares = [q.share(value, ArmRound(*place, q.name)) for place in places]
        cells = (estimate_rows.percent_cell(source, x) for x in (*shares, q.share(value)))
        answer = _answer(source, q, value)
        yield table.row(f"{q.id}-{slug(value)}", q.label, answer, *cells, group=group)


def _answer(source: Source, q: SharesRow, value: str) -> str:
    """An answer in words of the dictionary; of a share, yes and no; else its number."""
    language, dictionary = source.language, source.configuration.dictionary
    outcome = q.result.outcome
    if not q.name and outcome.unit == "percentage points":
        return source.wording("no" if float(value) == 0.0 else "yes")
    single = outcome.items[0].name if outcome.function == "value" else ""
    variable = dictionary.variables.get(q.name or single)
    used = variable.codes if variable and variable.codes else {}
    lists = [used] if isinstance(used, str) else list(used.values())
    named = [c for name in lists for c in dictionary.codes[name].values if _is(c, value)]
    # sources differ in their codes, not in what a value means
    shown = numbers.marks(value, language)
    if not named:
        return shown
    label = str(getattr(named[0], language))
    if label.startswith(value):
        return label
    return source.wording("answers.value", value=shown, label=label)


def _is(code: Code, value: str) -> bool:
    return not isinstance(code.value, str) and code.value == float(value)
