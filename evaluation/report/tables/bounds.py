"""Ranges of effects where no point is identified: what stands around them, whom they cover."""

from dataclasses import dataclass

from evaluation.locale.messages import entries, wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import lines_of
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Shown, Table
from evaluation.report.formats.words import labelled
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Bound, Estimate, Unavailable
from evaluation.study.row_keys import Lagged, Panel, Part, Rate

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("low", "with unit"),
    ("high", "print"),
    ("around_low", "print"),
    ("around_high", "print"),
    ("around_kind", "print"),
    ("covers", "print"),
    ("n", "print"),
    ("n_clusters_treated", "download"),
    ("n_clusters_comparison", "download"),
)
CHANGES = Panel("changes")
RATE_DECIMALS = 1  # percentage points


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """One row: a range, or an effect on the rate of missing answers, or why there is none.

    ``name`` is the check's; ``label`` says what tells the row apart as well.
    """

    id: str
    name: str
    label: str
    decimals: int
    covers: str
    around: str
    found: Bound | Estimate | Unavailable


@table.builds
def bounds(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: the primary estimate, then the range of every check that gives one.

    Raises
    ------
    ReportError
        The plan has no such check, or one has neither a range nor a reason.
    """
    checks = records.checks_of(source, *entries("bounds.made"))
    shown = dict.fromkeys(o for c in checks for o in records.outcomes_of(exhibit, source, c))
    by_outcome = [(o, _ranges(source, checks, o)) for o in shown]
    rows = tuple(
        estimate_rows.row(source, o, one.id, one.label, _cells(source, one))
        for o, found in by_outcome
        for one in found
    )
    columns = (
        table_frame.column(source, "check"),
        *estimate_rows.columns(source, COLUMNS),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, checks),
            *_notes(source, checks, by_outcome),
            *_directions(source, checks, list(shown)),
            *_found_again(source, checks, list(shown)),
            notes.signs(source.language),
        ),
        status=records.statuses(one.found for _, found in by_outcome for one in found),
        said=tuple((o.id, _sentence(source, o, found)) for o, found in by_outcome),
    )


def _ranges(source: Source, checks: tuple[Check, ...], outcome: Outcome) -> list[Range]:
    first = Range(
        id="primary",
        name=wording("primary-estimate", source.language),
        label=wording("primary-estimate", source.language),
        decimals=outcome.decimals,
        covers="primary",
        around="estimate",
        found=records.primary(source, outcome),
    )
    mine = [c for c in checks if outcome in source.plan.outcomes_of_check(c)]
    return [first, *(one for c in mine for one in _of_check(source, c, outcome))]


def range_of(source: Source, check: Check, outcome: Outcome) -> Bound | Unavailable:
    """The range of effects that a check gives, or why it cannot be had.

    Raises
    ------
    ReportError
        There is neither.
    """
    key = check.declared.range
    found = records.bound(source, check, outcome, sample=key) if key else None
    found = found or records.absent(source, check, outcome, step="all")
    if found is None:
        raise records.missing(source, check, outcome)
    return found


def _of_check(source: Source, check: Check, outcome: Outcome) -> list[Range]:
    found = range_of(source, check, outcome)
    label = check.label[source.language]
    if check.kind in entries("bounds.range"):
        label = f"{label}: {wording(f'bounds.range.{check.kind}', source.language)}"
    whole = Range(
        id=check.id,
        name=check.label[source.language],
        label=label,
        decimals=outcome.decimals,
        covers=check.kind,
        around=check.kind,
        found=found,
    )
    return [whole, *(_rates(source, check, outcome) if check.kind == "nonresponse" else ())]


def _rates(source: Source, check: Check, outcome: Outcome) -> list[Range]:
    """Whether silence changed differently: effects on other outcomes."""
    return [
        Range(
            id=line.id,
            name=check.label[source.language],
            label=line.label,
            decimals=RATE_DECIMALS,
            covers="rate",
            around="estimate",
            found=line.found,
        )
        for line in lines_of(source, check, outcome)
        if isinstance(line.sample, Rate) or line.sample == Part("silent")
    ]


def _cells(source: Source, one: Range) -> tuple[Cell, ...]:
    found, language = one.found, source.language
    if isinstance(found, Unavailable):
        return estimate_rows.absent(source, found, len(COLUMNS))
    level = number_format.percent(found.level, language)
    around = wording(f"bounds.around.{one.around}", language, level=level)
    given = {
        "around_kind": table.text(words.begun(around)),
        "covers": table.text(words.begun(wording(f"bounds.covers.{one.covers}", language))),
    }
    # an estimate is a point and has one end
    ends = ("low", "high") if isinstance(found, Bound) else ("estimate", "high")
    given |= {} if isinstance(found, Bound) else {"high": table.none()}
    fields = (*ends, "ci_low", "ci_high", *(name for name, _ in COLUMNS[4:]))
    return estimate_rows.cells(source, found, fields, decimals=one.decimals, given=given)


def _notes(
    source: Source, checks: tuple[Check, ...], by_outcome: list[tuple[Outcome, list[Range]]]
) -> tuple[str, ...]:
    language = source.language
    every = [one.found for _, found in by_outcome for one in found]
    return (
        wording("bounds.ranges", language),
        labelled(
            wording("bounds.intervals", language),
            *(
                f"{c.label[language]}: {wording(f'bounds.made.{c.kind}', language)}."
                for c in checks
            ),
        ),
        *estimate_rows.linear_inference(source, every),
    )


def _directions(
    source: Source, checks: tuple[Check, ...], outcomes: list[Outcome]
) -> tuple[str, ...]:
    """In which direction the two assumptions differ, and why (Ding and Li 2019)."""
    said = [
        text
        for check in checks
        if check.kind == "bracket"
        for outcome in outcomes
        if (text := _direction(source, check, outcome))
    ]
    if not said:
        return ()
    language = source.language
    rule = wording("bounds.direction-rule", language)
    return (labelled(wording("bounds.direction", language), rule, *said),)


def _direction(source: Source, check: Check, outcome: Outcome) -> str:
    names = ("did_minus_lagged", "beta", "baseline_gap", "weighting_difference")
    found = [records.quantity(source, check, outcome, name) for name in names]
    values = [x for x in found if isinstance(x, float)]
    if len(values) < len(names):
        return ""
    difference, slope, gap, rest = values
    language, places = source.language, outcome.decimals
    corrected = Lagged("corrected")
    share = records.quantity(source, check, outcome, "reliability", sample=corrected)
    known = isinstance(share, float)
    said = "bounds.direction-corrected" if known else "bounds.direction-of"
    return wording(
        said,
        language,
        outcome=outcome.label[language],
        difference=number_format.signed(difference, places, language),
        unit=words.short_unit(outcome.unit, language),
        slope=number_format.plain(slope, 2, language),
        gap=number_format.signed(gap, places, language),
        weights=number_format.signed(rest, places, language),
        share=number_format.plain(share, 2, language) if isinstance(share, float) else "",
    )


def _found_again(
    source: Source, checks: tuple[Check, ...], outcomes: list[Outcome]
) -> tuple[str, ...]:
    """Shares interviewed again, and what the bounds trim."""
    said = []
    for check in (c for c in checks if c.kind == "attrition_bounds"):
        for outcome in outcomes:
            found = range_of(source, check, outcome)
            if isinstance(found, Bound):
                said.append(_shares(source, check, outcome))
    return (labelled(wording("bounds.found-again", source.language), *said),) if said else ()


def _shares(source: Source, check: Check, outcome: Outcome) -> str:
    names = ("seen_again_treated", "seen_again_comparison", "trimmed_treated", "trimmed_comparison")
    found = [records.quantity(source, check, outcome, name, sample=CHANGES) for name in names]
    language = source.language
    shown = [number_format.share(x, 0, language) for x in found if isinstance(x, float)]
    if len(shown) < len(names):
        raise records.missing(source, check, outcome)
    return wording(
        "bounds.shares",
        language,
        outcome=outcome.label[language],
        treated=shown[0],
        comparison=shown[1],
        of_treated=shown[2],
        of_comparison=shown[3],
    )


def _sentence(source: Source, outcome: Outcome, ranges: list[Range]) -> str:
    """The ranges of an outcome in one sentence."""
    language, label = source.language, outcome.label[source.language]
    held = [(one, one.found) for one in ranges if isinstance(one.found, Bound)]
    if not held:
        return wording("bounds.no-range", language, outcome=label)
    said = "; ".join(
        wording(
            "bounds.range-of",
            language,
            name=words.in_sentence(one.name),
            interval=number_format.interval(b.low, b.high, outcome.decimals, language),
            unit=words.short_unit(outcome.unit, language),
        )
        for one, b in held
    )
    return wording("bounds.range-of-effects", language, outcome=label, said=said)
