"""What would overturn a conclusion, how far trends may differ, and where the rule itself errs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evaluation.config.design_records import BIAS, CALIBRATION_DRAWS, SHARED, Calibration
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.estimation.records import Bound, Estimate, Unavailable
from evaluation.locale.messages import Message, message
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckResult
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.formats.words import begun, in_sentence
from evaluation.report.prose import notes, table_frame
from evaluation.report.prose.sensitivity_lines import doubts
from evaluation.report.prose.sensitivity_ranges import together
from evaluation.report.prose.sensitivity_summary import Case, Doubt, called, is_drawn_by_lot
from evaluation.report.robustness_rows import (
    BenchmarkRow,
    Sensitivity,
    excludes_zero,
    sensitivity,
    sentence,
)
from evaluation.report.sources import Source

IN_DOWNLOADS = ("low", "high", "n", "n_clusters_treated", "n_clusters_comparison")
BREAKDOWN_COLUMNS = (
    *table.columns("m", shown="with unit"),
    *table.columns("m_low", "m_high", "m_sd"),
    *table.columns("widened_low", "widened_high", "widened_excludes"),
    *table.columns("fixed_low", "fixed_high", "fixed_excludes"),
    *table.columns(*IN_DOWNLOADS, shown="download"),
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
    chosen = records.results(exhibit, source, checks)
    found = [(r, sensitivity(source, r.check, r.outcome)) for r in chosen]
    held = [one for _, one in found if isinstance(one, Sensitivity)]
    estimates = [one.primary for one in held]
    return table_frame.table(
        exhibit,
        source,
        columns=("trends", *BREAKDOWN_COLUMNS),
        rows=(row for result, one in found for row in _breakdown_rows(result, one)),
        generated=(
            records.answers(source, checks),
            source.wording("breakdown.m"),
            source.wording("breakdown.two-intervals"),
            source.wording("benchmarks-note"),
            *estimate_rows.linear_inference(source, estimates),
            notes.signs(source.language),
        ),
        found=estimates,
        sentences=((one.outcome.id, sentence(source, one)) for one in held),
    )


def _breakdown_rows(result: CheckResult, one: Sensitivity | Unavailable) -> Iterator[Row]:
    source = result.source

    def row(name: str, cells: Sequence[Cell], label: str = "", entry: str = "") -> Row:
        label = label or source.wording(f"breakdown.row.{entry or name}")
        padded = estimate_rows.padded(len(BREAKDOWN_COLUMNS), *cells)
        return result.row(slug(name), begun(label), padded)

    if isinstance(one, Unavailable):
        yield row("interval", [table.unavailable(one.reason, source.language)])
        return
    yield row("parallel", [*_size(one, 0.0), *_interval(result, one.primary)])
    neutral = source.configuration.study.blinded or excludes_zero(one.primary)
    of_interval = "interval" if neutral else "interval_holds_zero"
    yield row("interval", _size(one, one.breakdown), entry=of_interval)
    yield row("estimate", _size(one, one.breakdown_point))
    for benchmark in one.benchmarks:
        yield row(benchmark.name, _benchmark_cells(result, one, benchmark), label=benchmark.label)
    if one.no_benchmark is not None:
        yield row("benchmark", [table.unavailable(one.no_benchmark.reason, source.language)])


def _size(one: Sensitivity, m: float, ends: tuple[float, float] | None = None) -> list[Cell]:
    decimals, unit = one.outcome.decimals, words.unit(one.outcome.unit, "en")
    shown = [table.number(x, decimals=decimals, unit=unit) for x in (m, *(ends or ()))]
    of_sd = table.number(m / one.sd, decimals=2, unit="SD")
    return [*estimate_rows.padded(3, *shown), of_sd]


def _benchmark_cells(result: CheckResult, one: Sensitivity, benchmark: BenchmarkRow) -> list[Cell]:
    widened, fixed = benchmark.widened, benchmark.fixed
    interval = _interval(result, widened)
    if benchmark.m is None:
        return [interval[0]]
    cells = [*_size(one, benchmark.m, benchmark.ends), *interval]
    if widened is fixed:
        return cells  # the reason stands once
    cells += _interval(result, fixed)
    if isinstance(widened, Unavailable):
        return cells
    return [*cells, *result.cells(widened, IN_DOWNLOADS)]


def _interval(result: CheckResult, found: Bound | Estimate | Unavailable) -> tuple[Cell, ...]:
    fields = ("ci_low", "ci_high", "excludes")
    if isinstance(found, Unavailable):
        return result.cells(found, fields)
    answer = result.source.verdict("yes" if excludes_zero(found) else "no")
    cells = result.cells(found, fields, excludes=table.text(answer))
    # the heads say which interval it is: the published one, widened or of fixed length
    return tuple(replace(cell, interval="") for cell in cells)


OVERTURN_COLUMNS = (
    *table.columns("doubt", "needed", "known", "overturns"),
    *table.columns("amount", shown="download"),
)


@table.builds
def overturn(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and doubt.

    Raises
    ------
    ReportError
        A check of the plan has neither a result nor a reason.
    """
    cases = [(o, Case.of(source, o)) for o in source.outcomes_of(exhibit)]
    judged = [case for _, case in cases if isinstance(case, Case)]
    return table_frame.table(
        exhibit,
        source,
        columns=OVERTURN_COLUMNS,
        rows=(row for o, case in cases for row in _overturn_rows(source, o, case)),
        generated=(
            *(source.wording(f"overturn-note-{n}") for n in _explained(judged)),
            source.wording("overturn-note-matters")
            if any(case.is_beyond_smallest for case in judged)
            else "",
            source.wording("overturn-note-together") if any(map(together, judged)) else "",
            _by_lot(source, judged),
            notes.conclusion_rule(source.language),
        ),
        found=[case.primary for case in judged],
    )


def _explained(cases: Sequence[Case]) -> tuple[str, ...]:
    """Which lines are explained: trends only where a primary estimate needs them."""
    needed = not cases or any(case.needs_trends for case in cases)
    return "rule", "trends" if needed else "answers", "silence", "places", "checks"


def _by_lot(source: Source, cases: Sequence[Case]) -> str:
    """What a lottery makes of the line on trends, and from which estimate checks depart."""
    if all(case.needs_trends for case in cases):
        return source.wording("overturn-note-lot") if is_drawn_by_lot(source) else ""
    base = in_sentence(source.plan.checked().primary_specification().label[source.language])
    return source.wording("overturn-note-checked", base=base)


def _overturn_rows(source: Source, outcome: Outcome, case: Case | Unavailable) -> Iterator[Row]:
    if isinstance(case, Unavailable):
        doubt = source.wording("overturn.doubt.conclusion")
        cells = estimate_rows.absent(source, case, len(OVERTURN_COLUMNS) - 1)
        yield estimate_rows.row(source, outcome, "conclusion", doubt, cells)
        return
    joint = together(case)
    for one in (*doubts(case), *((joint,) if joint else ())):
        cells = (one.needed, one.known, _answer(source, one), one.amount)
        yield estimate_rows.row(source, outcome, one.key or one.name, called(case, one), cells)


def _answer(source: Source, one: Doubt) -> Cell:
    if not isinstance(one.enough, bool):
        return one.enough
    # benchmarks are few, and others could be as plausible
    no = "overturn.not-by-benchmarks" if one.name == "trends" else "no"
    return table.text(begun(source.wording("yes" if one.enough else no)))


@table.builds
def threat_matrix(exhibit: Exhibit, source: Source) -> Table:
    """One row per threat, one column per primary outcome: whether it would change the conclusion.

    Raises
    ------
    ReportError
        A check of the plan has neither a result nor a reason.
    """
    cases = {o: Case.of(source, o) for o in source.outcomes_of(exhibit)}
    found: dict[str, dict[str, Cell]] = {}
    labels: dict[str, str] = {}
    for outcome, case in cases.items():
        if isinstance(case, Unavailable):
            continue
        for one in (x for x in doubts(case) if x.name not in ("conclusion", "matters")):
            name = one.key or one.name
            labels[name] = called(case, one)
            found.setdefault(name, {})[outcome.id] = _judged(case, one)
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("doubt"),
            *(Column(id=o.id, label=_head(source, o)) for o in cases),
        ),
        rows=(
            table.row(name, labels[name], *(cells.get(o.id, table.none()) for o in cases))
            for name, cells in found.items()
        ),
        generated=(source.wording("matrix.note"),),
        found=[case.primary for case in cases.values() if isinstance(case, Case)],
    )


def _head(source: Source, outcome: Outcome) -> str:
    """A primary outcome with the unit of its column's numbers."""
    unit = words.short_unit(outcome.unit, source.language)
    return f"{begun(words.noun(outcome, source.language))} ({unit})"


def _judged(case: Case, one: Doubt) -> Cell:
    """Whether a threat would change a conclusion, and the number that decides it."""
    if not isinstance(one.enough, bool):
        absent = one.needed if one.enough == table.none() else one.enough
        if not one.brief or absent is one.needed:
            return absent
        said = begun(absent.text)
    else:
        said = case.source.wording(f"matrix.{'changes' if one.enough else 'holds'}")
    return table.text(f"{said} ({one.brief})" if one.brief else said)


# Settings of the rule's errors, in their order; the rule presumes what the first two keep.
SETTINGS = ("permuted treatment", "sign flips", "shared by zones", "biased")
RULE_COLUMNS = tuple(
    column
    for name in ("detected", "ruled_out", "covered")
    for column in (
        *table.columns(name, shown="with unit"),
        Column(id=f"{name}_mc_error", joined="brackets"),
    )
)


@table.builds
def rule_errors(exhibit: Exhibit, source: Source) -> Table:
    """One row per setting: how often the rule of conclusions errs, and intervals miss the truth.

    Where no rate was made, as for primary results by another method, the one row says so.
    """
    made = [x for x in source.records.calibration if x.step not in words.STEPS]
    absent = [u for u in source.records.calibration_unavailable if ": " in u.step]
    columns = (*table.columns("setting"), *RULE_COLUMNS)
    no_more = tuple(table.none() for _ in RULE_COLUMNS[1:])
    if not made and not absent:
        cell = table.unavailable(message("rule.not-calibrated"), source.language)
        row = table.row("none", source.wording("rule.any"), cell, *no_more)
        return table_frame.table(exhibit, source, columns=columns, rows=(row,))
    rates = {s: [x for x in made if x.null == s] for s in SETTINGS}
    reasons = {s: [u.reason for u in absent if u.step.startswith(f"{s}: ")] for s in SETTINGS}
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=tuple(
            table.row(slug(s), _setting(source, s), *_errors_of(source, rates[s], reasons[s]))
            for s in SETTINGS
        ),
        generated=(_how_made(source, made),),
        sentences=(("broken", _broken(source, rates)),),
    )


def _setting(source: Source, setting: str) -> str:
    return source.wording(
        f"rule.{setting}",
        share=number_format.percent(SHARED, source.language),
        bias=number_format.shortest(BIAS, source.language),
    )


def _worst(rates: Sequence[Calibration], step: str) -> Calibration:
    """The highest rate of an error: of all outcomes together, or of the outcome missed most."""
    return max((x for x in rates if x.step == step), key=lambda x: x.rejection)


def _errors_of(
    source: Source, rates: Sequence[Calibration], reasons: Sequence[Message]
) -> Iterator[Cell]:
    if not rates:
        yield table.unavailable(reasons[0], source.language)
        yield from (table.none() for _ in RULE_COLUMNS[1:])
        return
    for step in ("detected", "ruled out", "missed"):
        worst = _worst(rates, step)
        share = 1 - worst.rejection if step == "missed" else worst.rejection
        yield table.number(100 * share, decimals=1, unit="%")
        yield table.number(100 * worst.mc_error, decimals=1, unit="percentage points")


def _how_made(source: Source, made: Sequence[Calibration]) -> str:
    language = source.language
    return source.note(
        "rule.how",
        "rule.made",
        number=number_format.count(max((x.draws for x in made), default=0), language),
        draws=number_format.count(CALIBRATION_DRAWS, language),
        level=number_format.percent(source.plan.inference.level, language),
    )


def _broken(source: Source, rates: Mapping[str, Sequence[Calibration]]) -> str:
    """What the rule does in the settings that it does not presume, one sentence for each."""
    return " ".join(
        source.wording(
            f"rule.broken.{setting}",
            detected=number_format.share(_worst(rates[setting], "detected").rejection, 0, language),
            covered=number_format.share(
                1 - _worst(rates[setting], "missed").rejection, 0, language
            ),
            ruled_out=number_format.share(
                _worst(rates[setting], "ruled out").rejection, 0, language
            ),
            share=number_format.percent(SHARED, language),
            level=number_format.percent(source.plan.inference.level, language),
        )
        for setting in SETTINGS[2:]
        if rates[setting]
        for language in (source.language,)
    )
