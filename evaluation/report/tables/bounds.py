"""Ranges of effects where no point is identified: what stands around them, whom they cover."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.config.check_kinds import kind_of
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Bound, Estimate, Unavailable
from evaluation.estimation.row_keys import Lagged, Panel, Part, Rate
from evaluation.locale.messages import entries
from evaluation.report import estimate_rows
from evaluation.report.check_rows import (
    CheckResult,
    answers,
    base,
    base_label,
    checks_of,
    outcomes_of,
)
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Table
from evaluation.report.prose import notes, table_frame
from evaluation.report.silence_rows import PLAUSIBLE
from evaluation.report.sources import Source

COLUMNS = (
    *table.columns("low", shown="with unit"),
    *table.columns("high", "around_low", "around_high", "around_kind", "covers", "n"),
    *table.columns("n_clusters_treated", "n_clusters_comparison", shown="download"),
)
BEHIND = tuple(column.id for column in COLUMNS[4:])
CHANGES = Panel("changes")
RATE_DECIMALS = 1  # percentage points


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One row: a range, or an effect on the rate of missing answers, or why there is none.

    ``name`` is the check's; ``label`` says what tells the row apart as well. ``covers`` is the
    check's kind, or says that an estimate is the primary one or of a rate.
    """

    id: str
    name: str
    label: str
    covers: str
    found: Bound | Estimate | Unavailable


@table.builds
def bounds(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: the primary estimate, then the range of every check that gives one.

    Raises
    ------
    ReportError
        The plan has no such check, or one has neither a range nor a reason.
    """
    checks = checks_of(source, *entries("bounds.made"))
    outcomes = list(dict.fromkeys(o for c in checks for o in outcomes_of(exhibit, source, c)))
    ranges = {o.id: list(_ranges(source, checks, o)) for o in outcomes}
    found = [one.found for made in ranges.values() for one in made]
    made_of = (
        f"{c.label[source.language]}: {source.wording(f'bounds.made.{c.kind}')}." for c in checks
    )
    return table_frame.table(
        exhibit,
        source,
        columns=("check", *COLUMNS),
        rows=(
            estimate_rows.row(source, o, one.id, one.label, _cells(source, o, one))
            for o in outcomes
            for one in ranges[o.id]
        ),
        generated=(
            answers(source, checks),
            source.wording("bounds.ranges"),
            words.labelled(source.wording("bounds.intervals"), *made_of),
            *estimate_rows.linear_inference(source, found),
            _directions(source, checks, outcomes),
            _found_again(source, checks, outcomes),
            notes.signs(source.language),
        ),
        found=found,
        sentences=((o.id, _sentence(source, o, ranges[o.id])) for o in outcomes),
    )


def _ranges(source: Source, checks: Sequence[Check], outcome: Outcome) -> Iterator[Range]:
    label = base_label(source)
    yield Range(
        id="primary", name=label, label=label, covers="primary", found=base(source, outcome)
    )
    for check in checks:
        if outcome in source.plan.outcomes_of_check(check):
            yield from _of_check(CheckResult(source=source, check=check, outcome=outcome))


def range_of(source: Source, check: Check, outcome: Outcome) -> Bound | Unavailable:
    """The range of effects that a check gives, or why it is unavailable.

    Parameters
    ----------
    source : Source
    check : Check
        Of a kind that declares a range.
    outcome : Outcome

    Raises
    ------
    ReportError
        There is neither.
    """
    result, key = CheckResult(source=source, check=check, outcome=outcome), kind_of(check).range
    found = (result.bound(key) if key else None) or result.absent(step="all")
    if found is None:
        raise result.missing()
    return found


def _of_check(result: CheckResult) -> Iterator[Range]:
    source, check, outcome = result.source, result.check, result.outcome
    name = label = check.label[source.language]
    if check.kind in entries("bounds.range"):
        label = f"{name}: {source.wording(f'bounds.range.{check.kind}')}"
    yield Range(
        id=check.id,
        name=name,
        label=label,
        covers=check.kind,
        found=range_of(source, check, outcome),
    )
    plausible = result.bound(PLAUSIBLE) if check.kind == "nonresponse" else None
    if plausible is not None:
        label = f"{name}: {source.wording('bounds.range.plausible')}"
        yield Range(
            id=f"{check.id}-plausible", name=label, label=label, covers="plausible", found=plausible
        )
    # whether silence changed differently: effects on other outcomes
    for line in result.lines() if check.kind == "nonresponse" else ():
        if isinstance(line.sample, Rate) or line.sample == Part("silent"):
            yield Range(id=line.id, name=name, label=line.label, covers="rate", found=line.found)


def _cells(source: Source, outcome: Outcome, one: Range) -> tuple[Cell, ...]:
    found = one.found
    if isinstance(found, Unavailable):
        return estimate_rows.absent(source, found, len(COLUMNS))
    level = number_format.percent(found.level, source.language)
    around = one.covers if isinstance(found, Bound) else estimate_rows.kind_of(found)
    around = source.wording(f"bounds.around.{around}", level=level)
    given = {
        "around_kind": table.text(words.begun(around)),
        "covers": table.text(words.begun(source.wording(f"bounds.covers.{one.covers}"))),
    }
    # an estimate is a point and has one end
    ends = ("low", "high") if isinstance(found, Bound) else ("estimate", "high")
    given |= {} if isinstance(found, Bound) else {"high": table.none()}
    fields = (*ends, "ci_low", "ci_high", *BEHIND)
    decimals = RATE_DECIMALS if one.covers == "rate" else outcome.decimals
    return estimate_rows.cells(source, found, fields, decimals=decimals, given=given)


def _directions(source: Source, checks: Sequence[Check], outcomes: Sequence[Outcome]) -> str:
    """In which direction the two assumptions differ, and why (Ding and Li 2019)."""
    directions = [
        text
        for check in checks
        if check.kind == "bracket"
        for outcome in outcomes
        if (text := _direction(CheckResult(source=source, check=check, outcome=outcome)))
    ]
    if not directions:
        return ""
    rule = source.wording("bounds.direction-rule")
    return words.labelled(source.wording("bounds.direction"), rule, *directions)


def _direction(result: CheckResult) -> str:
    values = result.quantities("did_minus_lagged", "beta", "baseline_gap", "weighting_difference")
    if values is None:
        return ""
    difference, slope, gap, rest = values
    source, outcome = result.source, result.outcome
    language, decimals = source.language, outcome.decimals
    share = result.quantity("reliability", Lagged("corrected"))
    known = isinstance(share, float)
    return source.wording(
        "bounds.direction-corrected" if known else "bounds.direction-of",
        outcome=outcome.label[language],
        difference=number_format.signed(difference, decimals, language),
        unit=words.short_unit(outcome.unit, language),
        slope=number_format.plain(slope, 2, language),
        gap=number_format.signed(gap, decimals, language),
        weights=number_format.signed(rest, decimals, language),
        share=number_format.plain(share, 2, language) if isinstance(share, float) else "",
    )


def _found_again(source: Source, checks: Sequence[Check], outcomes: Sequence[Outcome]) -> str:
    """Shares interviewed again, and what the bounds trim."""
    shares = [
        _shares(CheckResult(source=source, check=check, outcome=outcome))
        for check in checks
        if check.kind == "attrition_bounds"
        for outcome in outcomes
        if isinstance(range_of(source, check, outcome), Bound)
    ]
    return words.labelled(source.wording("bounds.found-again"), *shares) if shares else ""


def _shares(result: CheckResult) -> str:
    names = ("seen_again_treated", "seen_again_comparison", "trimmed_treated", "trimmed_comparison")
    found = result.quantities(*names, sample=CHANGES)
    if found is None:
        raise result.missing()
    language = result.source.language
    treated, comparison, of_treated, of_comparison = (
        number_format.share(x, 0, language) for x in found
    )
    return result.source.wording(
        "bounds.shares",
        outcome=result.outcome.label[language],
        treated=treated,
        comparison=comparison,
        of_treated=of_treated,
        of_comparison=of_comparison,
    )


def _sentence(source: Source, outcome: Outcome, ranges: Sequence[Range]) -> str:
    """The ranges of an outcome in one sentence."""
    language, label = source.language, outcome.label[source.language]
    made = [
        source.wording(
            "bounds.range-of",
            name=words.in_sentence(one.name),
            interval=number_format.interval(
                one.found.low, one.found.high, outcome.decimals, language
            ),
            unit=words.short_unit(outcome.unit, language),
        )
        for one in ranges
        if isinstance(one.found, Bound)
    ]
    if not made:
        return source.wording("bounds.no-range", outcome=label)
    return source.wording("bounds.range-of-effects", outcome=label, said="; ".join(made))
