"""What would overturn a conclusion, and how far trends may differ until it does."""

from collections.abc import Sequence

from evaluation.locale.messages import message, wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.formats import table, words
from evaluation.report.formats.table import Cell, Column, Row, Shown, Table, slug
from evaluation.report.formats.words import begun, in_sentence
from evaluation.report.prose import notes, table_frame
from evaluation.report.prose.sensitivity_lines import doubts
from evaluation.report.prose.sensitivity_summary import Case, Doubt, called, is_drawn_by_lot
from evaluation.report.robustness_rows import (
    Benchmark,
    Sensitivity,
    excludes_zero,
    sensitivity,
    sentence,
)
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Bound, Estimate, Unavailable

BREAKDOWN_COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("m", "with unit"),
    ("m_low", "print"),
    ("m_high", "print"),
    ("m_sd", "print"),
    ("widened_low", "print"),
    ("widened_high", "print"),
    ("widened_excludes", "print"),
    ("fixed_low", "print"),
    ("fixed_high", "print"),
    ("fixed_excludes", "print"),
    ("low", "download"),
    ("high", "download"),
    ("n", "download"),
    ("n_clusters_treated", "download"),
    ("n_clusters_comparison", "download"),
)


@table.builds
def breakdown(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: the primary interval, both breakdown values, and one row per benchmark.

    Raises
    ------
    ReportError
        The plan has no check of unequal trends, or a record is missing.
    """
    checks = records.checks_of(source, "two_round_sensitivity")
    found = [(o, sensitivity(source, c, o)) for c, o in records.asked(exhibit, source, checks)]
    rows = tuple(row for outcome, one in found for row in _breakdown_rows(source, outcome, one))
    columns = (
        table_frame.column(source, "trends"),
        *estimate_rows.columns(source, BREAKDOWN_COLUMNS),
    )
    held = [one for _, one in found if isinstance(one, Sensitivity)]
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, checks),
            *breakdown_notes(source, held),
        ),
        status=records.statuses(one.primary for one in held),
        said=tuple((one.outcome.id, sentence(source, one)) for one in held),
    )


def _breakdown_rows(
    source: Source, outcome: Outcome, one: Sensitivity | Unavailable
) -> tuple[Row, ...]:
    language = source.language
    if isinstance(one, Unavailable):
        absent = table.unavailable(one.reason, language)
        named = {"interval": (wording("breakdown.row.interval", language), [absent])}
        return _named_rows(source, outcome, named)
    parallel = [*_size(one, 0.0), *_interval(source, outcome, one.primary)]
    named = {
        "parallel": (wording("breakdown.row.parallel", language), parallel),
        "interval": (
            wording(f"breakdown.row.{_of_interval(one)}", language),
            _size(one, one.breakdown),
        ),
        "estimate": (wording("breakdown.row.estimate", language), _size(one, one.breakdown_point)),
        **{y.name: (y.label, _benchmark_cells(source, one, y)) for y in one.benchmarks},
    }
    if one.no_benchmark is not None:
        absent = table.unavailable(one.no_benchmark.reason, language)
        named["benchmark"] = (wording("breakdown.row.benchmark", language), [absent])
    return _named_rows(source, outcome, named)


def _named_rows(
    source: Source, outcome: Outcome, named: dict[str, tuple[str, list[Cell]]]
) -> tuple[Row, ...]:
    width = len(BREAKDOWN_COLUMNS)
    return tuple(
        estimate_rows.row(
            source, outcome, slug(name), begun(said), estimate_rows.padded(width, *cells)
        )
        for name, (said, cells) in named.items()
    )


def _of_interval(one: Sensitivity) -> str:
    return "interval" if excludes_zero(one.primary) else "interval_holds_zero"


def _size(one: Sensitivity, m: float, ends: tuple[float, float] | None = None) -> list[Cell]:
    unit = words.unit(one.outcome.unit, "en")
    shown = table.number(m, decimals=one.outcome.decimals, unit=unit)
    of_sd = table.number(m / one.sd, decimals=2, unit="SD")
    if ends is None:
        return [shown, table.none(), table.none(), of_sd]
    held = [table.number(end, decimals=one.outcome.decimals, unit=unit) for end in ends]
    return [shown, *held, of_sd]


def _benchmark_cells(source: Source, one: Sensitivity, benchmark: Benchmark) -> list[Cell]:
    widened, fixed, outcome = benchmark.widened, benchmark.fixed, one.outcome
    interval = _interval(source, outcome, widened)
    if benchmark.m is None:
        return [interval[0]]
    cells = [*_size(one, benchmark.m, benchmark.ends), *interval]
    if widened is fixed:
        return cells  # the reason stands once
    cells += _interval(source, outcome, fixed)
    if isinstance(widened, Unavailable):
        return cells
    fields = (name for name, shown in BREAKDOWN_COLUMNS if shown == "download")
    return [*cells, *estimate_rows.cells(source, widened, fields, decimals=outcome.decimals)]


def _interval(
    source: Source, outcome: Outcome, found: Bound | Estimate | Unavailable
) -> Sequence[Cell]:
    given = {}
    if not isinstance(found, Unavailable):
        said = wording("yes" if excludes_zero(found) else "no", source.language)
        given = {"excludes": table.text(said)}
    fields = ("ci_low", "ci_high", "excludes")
    return estimate_rows.cells(source, found, fields, decimals=outcome.decimals, given=given)


def breakdown_notes(source: Source, held: list[Sensitivity]) -> tuple[str, ...]:
    """What M is, how the two kinds of interval were made, and what a benchmark can say."""
    language = source.language
    return (
        wording("breakdown.m", language),
        wording("breakdown.two-intervals", language),
        wording("benchmarks-note", language),
        *estimate_rows.linear_inference(source, [one.primary for one in held]),
        notes.signs(source.language),
    )


OVERTURN_COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("doubt", "print"),
    ("needed", "print"),
    ("known", "print"),
    ("overturns", "print"),
    ("amount", "download"),
)
NOTES = ("rule", "trends", "places", "checks")


@table.builds
def overturn(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and doubt.

    Raises
    ------
    ReportError
        A check of the plan has neither a result nor a reason.
    """
    outcomes = source.outcomes_of(exhibit)
    language = source.language
    cases = [case for o in outcomes if isinstance(case := _case(source, o), Case)]
    rows = tuple(row for o in outcomes for row in _overturn_rows(source, o))
    columns = tuple(
        Column(id=name, label=wording(f"review.head.{name}", language), shown=shown)
        for name, shown in OVERTURN_COLUMNS
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            *(wording(f"overturn-note-{note}", language) for note in NOTES),
            *_by_lot(source, cases),
            notes.conclusion_rule(language),
        ),
        status=records.statuses(case.primary for case in cases),
    )


def _by_lot(source: Source, cases: Sequence[Case]) -> tuple[str, ...]:
    """What a lottery makes of the line on trends, and from which estimate checks depart."""
    language = source.language
    if all(case.needs_trends for case in cases):
        return (wording("overturn-note-lot", language),) if is_drawn_by_lot(source) else ()
    base = in_sentence(source.plan.checked().primary_specification().label[language])
    return (wording("overturn-note-checked", language, base=base),)


def _case(source: Source, outcome: Outcome) -> Case | Unavailable:
    """The case of an outcome, or why there is none."""
    primary, checked = records.published(source, outcome), records.primary(source, outcome)
    if isinstance(primary, Unavailable):
        return primary
    if isinstance(checked, Unavailable):
        return checked
    return Case.of(source, primary, checked=checked) or _no_conclusion(primary)


def _no_conclusion(primary: Estimate) -> Unavailable:
    return Unavailable(
        study=primary.study,
        outcome=primary.outcome,
        specification=primary.specification,
        estimand=primary.estimand,
        sample=primary.sample,
        step=primary.step,
        reason=message("statement.no-conclusion"),
    )


def _overturn_rows(source: Source, outcome: Outcome) -> tuple[Row, ...]:
    case = _case(source, outcome)
    if isinstance(case, Case):
        return tuple(_row(case, one) for one in doubts(case))
    doubt = wording("overturn.doubt.conclusion", source.language)
    cells = estimate_rows.absent(source, case, len(OVERTURN_COLUMNS) - 1)
    return (estimate_rows.row(source, outcome, "conclusion", doubt, cells),)


def _row(case: Case, one: Doubt) -> Row:
    cells = (one.needed, one.known, _answer(case, one), one.amount)
    name, label = one.key or one.name, called(case, one)
    return estimate_rows.row(case.source, case.outcome, name, label, cells)


def _answer(case: Case, one: Doubt) -> Cell:
    if not isinstance(one.enough, bool):
        return one.enough
    return table.text(begun(wording("yes" if one.enough else "no", case.source.language)))
