"""Effects place by place, and how differently places changed.

Rows are places and quantities, columns outcomes: a reader looks for one place in all outcomes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.row_keys import Part, RowKey
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckResult, answers, checks_of, results
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.heterogeneity_rows import Places, place, place_sentence, places_of
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source

RATIO, SD_OF_EFFECTS = Part("ratio"), Part("sd_of_effects")
GROUPS = ("treated", "comparison")
SPREADS = ("sd_of_changes", "sd_of_noise", "sd_between")
COUNTS = ("n_clusters_treated", "n_clusters_comparison")
LEAD = table.columns("place", *COUNTS, joined={"n_clusters_comparison": "brackets"})
# Of each outcome: effect and interval in print, the rest in downloads.
FIELDS = (
    *table.columns("estimate", shown="with unit"),
    *table.columns("ci_low", "ci_high"),
    *table.columns("p_value", "step", "n", shown="download"),
)
IDS = tuple(column.id for column in FIELDS)
Cells = tuple[Cell, ...]


@table.builds
def places(exhibit: Exhibit, source: Source) -> Table:
    """Rows of every check of places, then of the spread of changes, for all outcomes at once.

    Raises
    ------
    ReportError
        A check has neither a result nor a reason, or the plan has none of these checks.
    """
    checks = checks_of(source, "by_place", "variance_of_changes")
    chosen = results(exhibit, source, checks)
    asked = {result.outcome for result in chosen}
    outcomes = [o for o in source.plan.outcome if o in asked]
    by_place = [places_of(source, r.check, r.outcome) for r in chosen if r.check.kind == "by_place"]
    found = [line.found for made in by_place for line in made.strata]
    ids = {check.id for check in checks}
    kinds = {check.kind for check in checks}
    return table_frame.table(
        replace(exhibit, builder="places"),  # a figure shows the same table
        source,
        columns=(*LEAD, *estimate_rows.outcome_columns(source, outcomes, FIELDS, bare="estimate")),
        rows=(
            row
            for check in checks
            for row in (
                _place_rows(check, outcomes, [p for p in by_place if p.check == check])
                if check.kind == "by_place"
                else _spread_rows(check, outcomes, [r for r in chosen if r.check == check])
            )
        ),
        generated=(
            source.wording("places.note") if "by_place" in kinds else "",
            _spread_note(source, ids) if "variance_of_changes" in kinds else "",
            answers(source, checks),
            *estimate_rows.linear_inference(source, found),
            notes.signs(source.language),
        ),
        found=(*found, *(b for b in source.records.bounds if b.specification in ids)),
        sentences=((f"{p.outcome.id}_{p.check.id}", place_sentence(p)) for p in by_place),
    )


def _spread_rows(
    check: Check, outcomes: Sequence[Outcome], chosen: Sequence[CheckResult]
) -> Iterator[Row]:
    """How much the changes of clusters differ in each group, and what that says of effects."""
    if not chosen:
        return
    source, of = chosen[0].source, {result.outcome: result for result in chosen}
    empty = estimate_rows.padded(len(IDS))
    for group in GROUPS:
        for name in SPREADS:
            label = source.wording(f"spread.row.{name}")
            # an abbreviation keeps its capitals
            label = label if label[1].isupper() else words.in_sentence(label)
            label = f"{source.wording(f'spread.group.{group}')}: {label}"
            cells = [_spread(of[o], name, group) if o in of else empty for o in outcomes]
            yield _row(check, f"{group}-{name}", label, check.label[source.language], cells)
    for key in (RATIO, SD_OF_EFFECTS):
        label = source.wording(f"spread.row.{key.value}")
        cells = [_spread_range(of[o], key) if o in of else empty for o in outcomes]
        yield _row(check, key.value, label, check.label[source.language], cells)


def _row(check: Check, identifier: str, label: str, group: str, cells: Sequence[Cells]) -> Row:
    flat = (cell for part in cells for cell in part)
    return table.row(
        f"{check.id}-{identifier}", label, table.none(), table.none(), *flat, group=group
    )


def _spread(result: CheckResult, name: str, group: str) -> Cells:
    value = result.quantity(name, Part(group))
    if value is None:
        value = result.absent(RATIO)
    if value is None:
        raise result.missing()
    outcome = result.outcome
    unit = words.unit(outcome.unit, "en")
    cell = estimate_rows.quantity_cell(
        result.source, value, lambda x: table.number(x, decimals=outcome.decimals, unit=unit)
    )
    return estimate_rows.padded(len(IDS), cell)


def _spread_range(result: CheckResult, key: RowKey) -> Cells:
    found, outcome = result.bound(key) or result.absent(RATIO), result.outcome
    if found is None:
        raise result.missing()
    if isinstance(found, Unavailable):
        return estimate_rows.absent(result.source, found, len(IDS))
    if key == RATIO:
        first, *interval = (
            table.number(x, decimals=2) for x in (found.low, found.ci_low, found.ci_high)
        )
        alone = (replace(cell, interval="alone") for cell in interval)
        return estimate_rows.padded(len(IDS), first, *alone)
    unit = words.unit(outcome.unit, "en")
    ends = (table.number(x, decimals=outcome.decimals, unit=unit) for x in (found.low, found.high))
    of_range = (replace(cell, interval="range") for cell in ends)
    return estimate_rows.padded(len(IDS), table.none(), *of_range)


def _spread_note(source: Source, ids: set[str]) -> str:
    """What a spread of changes can and cannot say."""
    ratios = [b for b in source.records.bounds if b.specification in ids and b.sample == RATIO]
    kinds = sorted({b.ci_kind for b in ratios}, key=str)
    how = "; ".join(kind.text(source.language) for kind in kinds)
    ratio = "spread.ratio" if how else ""
    return source.note("spread.label", "spread.anyway", ratio, "spread.of-effects", how=how)


def _place_rows(check: Check, outcomes: Sequence[Outcome], made: Sequence[Places]) -> Iterator[Row]:
    if not made:
        return
    source = made[0].source
    group = f"{check.label[source.language]} ({source.wording('places.local-shocks')})"
    lines = {line.sample: line for p in made for line in p.strata}
    for sample, line in lines.items():
        found = {
            p.outcome: next((x.found for x in p.strata if x.sample == sample), None) for p in made
        }
        identifier = f"{check.id}-{line.id.removeprefix(f'{check.id}-')}"
        yield table.row(identifier, place(line), *_across(source, outcomes, found), group=group)


def _across(
    source: Source,
    outcomes: Sequence[Outcome],
    found: Mapping[Outcome, Estimate | Unavailable | None],
) -> Iterator[Cell]:
    """The cells of a row: how many clusters, then each outcome's."""
    sizes = [e for e in found.values() if isinstance(e, Estimate)]
    yield from _counts(sizes, source)
    for outcome in outcomes:
        one = found.get(outcome)
        if one is None:
            yield from estimate_rows.padded(len(IDS))
        else:
            yield from estimate_rows.cells(source, one, IDS, decimals=outcome.decimals)


def _counts(sizes: Sequence[Estimate], source: Source) -> tuple[Cell, Cell]:
    """Treated and comparison clusters; in one cell, from which to which, where outcomes differ."""
    if not sizes:
        return table.none(), table.none()
    treated, comparison = ([getattr(e, name) for e in sizes] for name in COUNTS)
    if len({*treated}) == len({*comparison}) == 1:
        return table.count(treated[0]), table.count(comparison[0])
    spans = (number_format.span(values, source.language) for values in (treated, comparison))
    return table.text("{} ({})".format(*spans)), table.none()
