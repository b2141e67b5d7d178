"""The sites' pool made again, and what missing baseline answers do to the published estimates."""

import math
from collections.abc import Iterator, Sequence

from evaluation.config.design_records import SitePool
from evaluation.config.exhibits import Exhibit
from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.report import estimate_rows
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Row, Table
from evaluation.report.formats.words import begun, noun
from evaluation.report.prose import model_notes, table_frame
from evaluation.report.sources import Source, find
from evaluation.report.tables.published import DECIMALS, STEP, difference, number_of

POOLED_COLUMNS = (
    *table.columns(
        *("outcome", "pooled", "pooled_std_error", "published", "published_std_error"),
        *("ci_low", "ci_high", "p_value", "sd_between", "sites"),
        joined={"pooled_std_error": "brackets", "published_std_error": "brackets"},
    ),
    *table.columns("variance_between", shown="download"),
    *table.columns("max_difference"),
)
ANSWERS_COLUMNS = table.columns(
    *("outcome", "published", "published_std_error", "indicator", "indicator_shift"),
    *("unanswered", "answered", "answered_std_error"),
    joined={"published_std_error": "brackets", "answered_std_error": "brackets"},
)


@table.builds
def pooled(exhibit: Exhibit, source: Source) -> Table:
    """The published pool of the sites' estimates, and the same pool made from these estimates.

    Raises
    ------
    ReportError
        The published files lack a hypothesis of ``match``.
    """
    rows, largest = [], 0.0
    for outcome, hypothesis in exhibit.match.items():
        found, printed = _pool(source, hypothesis), _printed(source, hypothesis)
        gap = max(abs(found.estimate - printed[0]), abs(found.std_error - printed[1]))
        largest = max(largest, gap)
        label = source.outcome(outcome).label[source.language]
        rows.append(table.row(outcome, label, *_pool_cells(found, printed, gap)))
    empty = estimate_rows.padded(len(POOLED_COLUMNS) - 2)
    whole = table.row(
        "all", source.wording("published.over-all"), *empty, difference(largest, sign="none")
    )
    return table_frame.table(
        exhibit,
        source,
        columns=POOLED_COLUMNS,
        rows=(*rows, whole),
        generated=(source.note("pooled.label", "pooled.model"), source.wording("pooled.largest")),
        sentences=((o, _pool_sentence(source, o, h)) for o, h in exhibit.match.items()),
    )


def _pool_cells(
    found: SitePool, printed: tuple[float, float], gap: float
) -> tuple[table.Cell, ...]:
    own = (found.estimate, found.std_error, *printed)
    return (
        *(table.number(value, decimals=DECIMALS) for value in own),
        table.effect(found.ci_low, decimals=DECIMALS, interval="alone"),
        table.effect(found.ci_high, decimals=DECIMALS, interval="alone"),
        table.p_value(found.p_value),
        table.number(math.sqrt(found.variance_between), decimals=DECIMALS),
        table.number(found.sites, decimals=0),
        table.number(found.variance_between, decimals=6),
        difference(gap, sign="none"),
    )


def _pool(source: Source, hypothesis: str) -> SitePool:
    for found in source.records.pools:
        if found.hypothesis == hypothesis:
            return found
    raise ReportError.of(
        "published-file-no",
        "use-name-column",
        "exhibits.toml `match`",
        rule="missing-record",
        name=hypothesis,
    )


def _printed(source: Source, hypothesis: str) -> tuple[float, float]:
    """Estimate and standard error of a published pool: the file that names no site."""
    for line in source.records.published:
        if line.get("hypothesis") == hypothesis and "study" not in line:
            return number_of(line, "estimate"), number_of(line, "std.error")
    raise ReportError.of(
        "published-file-no",
        "use-name-column",
        "exhibits.toml `match`",
        rule="missing-record",
        name=hypothesis,
    )


def _pool_sentence(source: Source, outcome: str, hypothesis: str) -> str:
    found, language = _pool(source, hypothesis), source.language
    four = [
        number_format.plain(value, DECIMALS, language)
        for value in (found.estimate, found.std_error, *_printed(source, hypothesis))
    ]
    keys = ("estimate", "error", "published", "published_error")
    return source.wording(
        "pooled.sentence",
        outcome=noun(source.outcome(outcome), language),
        sites=found.sites,
        level=number_format.percent(source.plan.inference.level, language),
        interval=number_format.interval(found.ci_low, found.ci_high, DECIMALS, language),
        **dict(zip(keys, four, strict=True)),
    )


@table.builds
def baseline_answers(exhibit: Exhibit, source: Source) -> Table:
    """The published model, with an indicator of missing baseline answers, and without these people.

    The specifications are these three, in this order.
    """
    chosen = [source.specification(name) for name in exhibit.specifications]
    found = {
        outcome.id: tuple(find(source, outcome.id, specification=s, step=STEP) for s in chosen)
        for outcome in source.plan.outcomes_of(chosen[0])
    }
    known = {
        name: tuple(e for e in three if isinstance(e, Estimate)) for name, three in found.items()
    }
    whole = {name: three for name, three in known.items() if len(three) == len(chosen)}
    return table_frame.table(
        exhibit,
        source,
        columns=ANSWERS_COLUMNS,
        rows=[_answers_row(source, name, three) for name, three in found.items()],
        generated=model_notes.models(source, chosen),
        found=[e for three in whole.values() for e in three],
        sentences=_answers_sentences(source, whole),
    )


def _answers_row(source: Source, outcome: str, three: Sequence[Estimate | Unavailable]) -> Row:
    label = source.outcome(outcome).label[source.language]
    gone = [found.reason for found in three if isinstance(found, Unavailable)]
    held = [found for found in three if isinstance(found, Estimate)]
    if gone:
        absent = table.unavailable(gone[0], source.language)
        return table.row(outcome, label, *estimate_rows.padded(len(ANSWERS_COLUMNS) - 1, absent))
    plain, indicated, answered = held
    shown = [
        table.number(value, decimals=DECIMALS)
        for value in (plain.estimate, plain.std_error, indicated.estimate)
    ]
    rest = [
        table.number(value, decimals=DECIMALS) for value in (answered.estimate, answered.std_error)
    ]
    moved = table.effect(_moved(plain, indicated), decimals=DECIMALS)
    return table.row(outcome, label, *shown, moved, _unanswered(plain, answered), *rest)


def _moved(plain: Estimate, other: Estimate) -> float:
    """How far another model moves an estimate, in its standard errors."""
    return (other.estimate - plain.estimate) / plain.std_error


def _unanswered(plain: Estimate, answered: Estimate) -> table.Cell:
    """Whole per cent of people without a baseline answer, of numbers as they may be shown."""
    return table.number(_share(plain, answered), decimals=0, unit="%")


def _share(plain: Estimate, answered: Estimate) -> int:
    return round(100.0 * (1.0 - answered.n / plain.n))


def _answers_sentences(
    source: Source, whole: dict[str, tuple[Estimate, ...]]
) -> Iterator[tuple[str, str]]:
    """How far the indicator moves an estimate at most; what is left without the others."""
    language = source.language
    farthest = max(whole, key=lambda name: abs(_moved(*whole[name][:2])), default="")
    if farthest:
        most = abs(_moved(*whole[farthest][:2]))
        yield (
            "indicator",
            source.wording(
                "baseline-answers.indicator",
                n=len(whole),
                most=number_format.plain(most, DECIMALS, language),
                outcome=noun(source.outcome(farthest), language),
            ),
        )
    for name, (plain, _, answered) in whole.items():
        share = _share(plain, answered)
        if share == 0:
            continue
        three = [
            number_format.signed(found.estimate, DECIMALS, language) for found in (answered, plain)
        ]
        yield (
            name,
            source.wording(
                "baseline-answers.answered",
                outcome=begun(noun(source.outcome(name), language)),
                share=number_format.percent(share / 100.0, language),
                answered=three[0],
                error=number_format.plain(answered.std_error, DECIMALS, language),
                everybody=three[1],
            ),
        )
