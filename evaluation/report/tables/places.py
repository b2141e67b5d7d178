"""Effects place by place, and how differently places changed.

Rows are places and quantities, columns outcomes: a reader looks for one place in all outcomes.
"""

from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Joined, Row, Shown, Table
from evaluation.report.formats.words import labelled
from evaluation.report.heterogeneity_rows import Places, place, place_sentence, places_of
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Status, Unavailable
from evaluation.study.row_keys import Part, RowKey

RATIO, SD_OF_EFFECTS = Part("ratio"), Part("sd_of_effects")
GROUPS = ("treated", "comparison")
SPREADS = ("sd_of_changes", "sd_of_noise", "sd_between")
# Of each outcome: effect and interval in print, the rest in downloads.
FIELDS: tuple[tuple[str, Joined, Shown], ...] = (
    ("estimate", "", "with unit"),
    ("ci_low", "", "print"),
    ("ci_high", "to", "print"),
    ("p_value", "", "download"),
    ("step", "", "download"),
    ("n", "", "download"),
)
Cells = tuple[Cell, ...]


def spread_rows(
    source: Source, check: Check, outcomes: Sequence[Outcome], asked: Sequence[Outcome]
) -> list[Row]:
    """How much the changes of clusters differ in each group, and what that says of effects."""
    language = source.language
    clusters = source.configuration.study.names.clusters[language]
    heading = check.label[language]
    rows = []
    for group in GROUPS:
        for name in SPREADS:
            label = wording(f"spread.row.{name}", language, clusters=clusters)
            lead = wording(f"spread.group.{group}", language)
            cells = [
                _spread(source, check, o, name, group) if o in asked else empty() for o in outcomes
            ]
            # an abbreviation keeps its capitals
            said = f"{lead}: {label if label[1].isupper() else words.in_sentence(label)}"
            rows.append(_plain(check, f"{group}-{name}", said, heading, cells))
    for key in (RATIO, SD_OF_EFFECTS):
        label = wording(f"spread.row.{key.value}", language, clusters=clusters)
        cells = [_spread_range(source, check, o, key) if o in asked else empty() for o in outcomes]
        rows.append(_plain(check, key.value, label, heading, cells))
    return rows


def _plain(check: Check, identifier: str, label: str, heading: str, cells: Sequence[Cells]) -> Row:
    flat = (cell for part in cells for cell in part)
    return row(check, identifier, label, heading, (table.none(), table.none(), *flat))


def _spread(source: Source, check: Check, outcome: Outcome, name: str, group: str) -> Cells:
    value = records.quantity(source, check, outcome, name, sample=Part(group))
    if value is None:
        value = records.absent(source, check, outcome, sample=RATIO)
    if value is None:
        raise records.missing(source, check, outcome)
    if isinstance(value, Unavailable):
        return estimate_rows.absent(source, value, len(FIELDS))
    unit = words.unit(outcome.unit, "en")
    cell = table.number(value, decimals=outcome.decimals, unit=unit)
    return estimate_rows.padded(len(FIELDS), cell)


def _spread_range(source: Source, check: Check, outcome: Outcome, key: RowKey) -> Cells:
    found = records.bound(source, check, outcome, sample=key)
    if found is None:
        found = records.absent(source, check, outcome, sample=RATIO)
    if found is None:
        raise records.missing(source, check, outcome)
    if isinstance(found, Unavailable):
        return estimate_rows.absent(source, found, len(FIELDS))
    if key == RATIO:
        numbers = (table.number(x, decimals=2) for x in (found.low, found.ci_low, found.ci_high))
        return estimate_rows.padded(len(FIELDS), *numbers)
    unit = words.unit(outcome.unit, "en")
    ends = (table.number(x, decimals=outcome.decimals, unit=unit) for x in (found.low, found.high))
    return estimate_rows.padded(len(FIELDS), table.none(), *ends)


def spread_notes(source: Source, checks: Sequence[Check]) -> tuple[str, ...]:
    """What a spread of changes can and cannot say."""
    language = source.language
    clusters = source.configuration.study.names.clusters[language]
    ids = {check.id for check in checks}
    ratios = [b for b in source.records.bounds if b.specification in ids and b.sample == RATIO]
    how = "; ".join(kind.text(language) for kind in sorted({b.ci_kind for b in ratios}, key=str))
    return (
        labelled(
            wording("spread.label", language),
            wording("spread.anyway", language, clusters=clusters),
            wording("spread.ratio", language, how=how) if how else "",
            wording("spread.of-effects", language),
        ),
    )


def row(check: Check, identifier: str, label: str, heading: str, cells: Cells) -> Row:
    """A row of one check, under its heading."""
    return Row(id=f"{check.id}-{identifier}", group=heading, cells=(table.text(label), *cells))


def empty() -> Cells:
    """Cells of one outcome that hold nothing."""
    return estimate_rows.padded(len(FIELDS))


COUNTS = ("n_clusters_treated", "n_clusters_comparison")


@table.builds
def places(exhibit: Exhibit, source: Source) -> Table:
    """Rows of every check of places, then of the spread of changes, for all outcomes at once.

    Raises
    ------
    ReportError
        A check has neither a result nor a reason, or the plan has none of these checks.
    """
    checks = records.checks_of(source, "by_place", "variance_of_changes")
    outcomes = [
        o
        for o in source.plan.outcome
        if any(o in records.outcomes_of(exhibit, source, check) for check in checks)
    ]
    rows: list[Row] = []
    shown: list[Places] = []
    for check in checks:
        if check.kind == "by_place":
            made = {o.id: places_of(source, check, o) for o in _asked(exhibit, source, check)}
            shown += made.values()
            rows += _place_rows(source, check, outcomes, made)
        else:
            rows += spread_rows(source, check, outcomes, _asked(exhibit, source, check))
    found = [line.found for p in shown for line in p.strata]
    return table_frame.table(
        exhibit,
        source,
        columns=_columns(source, outcomes),
        rows=tuple(rows),
        generated=_notes(source, checks, found),
        status=_statuses(source, checks, found),
        said=tuple((f"{p.outcome.id}_{p.check.id}", place_sentence(p)) for p in shown),
    )


def _asked(exhibit: Exhibit, source: Source, check: Check) -> tuple[Outcome, ...]:
    return records.outcomes_of(exhibit, source, check)


def _statuses(
    source: Source, checks: Sequence[Check], found: Sequence[Estimate | Unavailable]
) -> tuple[Status, ...]:
    ids = {check.id for check in checks}
    bounds = [b for b in source.records.bounds if b.specification in ids]
    return records.statuses([*found, *bounds])


def _columns(source: Source, outcomes: Sequence[Outcome]) -> tuple[Column, ...]:
    language = source.language
    return (
        Column(id="place", label=wording("subgroups.head.place", language)),
        table_frame.column(source, COUNTS[0]),
        Column(
            id=COUNTS[1], label=wording("subgroups.head.comparison", language), joined="brackets"
        ),
        *estimate_rows.outcome_columns(source, outcomes, FIELDS, bare="estimate"),
    )


def _place_rows(
    source: Source, check: Check, outcomes: Sequence[Outcome], made: dict[str, Places]
) -> list[Row]:
    heading = f"{check.label[source.language]} ({wording('places.local-shocks', source.language)})"
    names = dict.fromkeys(line.sample for p in made.values() for line in p.strata)
    labels = {line.sample: line for p in made.values() for line in p.strata}
    return [
        row(
            check,
            labels[name].id.removeprefix(f"{check.id}-"),
            place(labels[name]),
            heading,
            _across(outcomes, made, name),
        )
        for name in names
    ]


def _across(outcomes: Sequence[Outcome], made: dict[str, Places], name: RowKey) -> Cells:
    """The cells of a row: how many clusters, then each outcome's."""
    source = next(iter(made.values())).source
    found = {
        o: next((x.found for x in made[o.id].strata if x.sample == name), None)
        for o in outcomes
        if o.id in made
    }
    cells = (_stratum(source, o, found.get(o)) for o in outcomes)
    sizes = [e for e in found.values() if isinstance(e, Estimate)]
    return (*_counts(sizes, source.language), *(cell for part in cells for cell in part))


def _stratum(source: Source, outcome: Outcome, found: Estimate | Unavailable | None) -> Cells:
    if found is None:
        return empty()
    fields = (name for name, _, _ in FIELDS)
    return estimate_rows.cells(source, found, fields, decimals=outcome.decimals)


def _counts(sizes: Sequence[Estimate], language: str) -> tuple[Cell, Cell]:
    """Treated and comparison clusters; in one cell, from which to which, where outcomes differ."""
    if not sizes:
        return table.none(), table.none()
    treated, comparison = ([getattr(e, name) for e in sizes] for name in COUNTS)
    if len({*treated}) == len({*comparison}) == 1:
        return table.count(treated[0]), table.count(comparison[0])
    said = f"{_count_range(treated, language)} ({_count_range(comparison, language)})"
    return table.text(said), table.none()


def _count_range(values: Sequence[int], language: str) -> str:
    low, high = (number_format.count(x, language) for x in (min(values), max(values)))
    return low if low == high else wording("format.range", language, low=low, high=high)


def _notes(
    source: Source, checks: tuple[Check, ...], found: Sequence[Estimate | Unavailable]
) -> tuple[str, ...]:
    kinds = {check.kind for check in checks}
    return (
        *((wording("places.note", source.language),) if "by_place" in kinds else ()),
        *(spread_notes(source, checks) if "variance_of_changes" in kinds else ()),
        records.answers(source, checks),
        *estimate_rows.linear_inference(source, found),
        notes.signs(source.language),
    )
