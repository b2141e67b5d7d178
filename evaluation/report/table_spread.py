"""How differently clusters changed in each group: rows of the table of places."""

from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report import check_records as records
from evaluation.report import table, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Joined, Row, Shown
from evaluation.report.words import labelled
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Unavailable
from evaluation.spec.row_keys import Part, RowKey

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
        cells = [_range(source, check, o, key) if o in asked else empty() for o in outcomes]
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
        return empty(table.unavailable(value.reason, source.language))
    unit = words.unit(outcome.unit, "en")
    return empty(table.number(value, decimals=outcome.decimals, unit=unit))


def _range(source: Source, check: Check, outcome: Outcome, key: RowKey) -> Cells:
    found = records.bound(source, check, outcome, sample=key)
    if found is None:
        found = records.absent(source, check, outcome, sample=RATIO)
    if found is None:
        raise records.missing(source, check, outcome)
    language = source.language
    if isinstance(found, Unavailable):
        return empty(table.unavailable(found.reason, language))
    rest = (table.none(),) * (len(FIELDS) - 3)
    if key == RATIO:
        numbers = (table.number(x, decimals=2) for x in (found.low, found.ci_low, found.ci_high))
        return (*numbers, *rest)
    unit = words.unit(outcome.unit, "en")
    ends = (table.number(x, decimals=outcome.decimals, unit=unit) for x in (found.low, found.high))
    return (table.none(), *ends, *rest)


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


def empty(first: Cell | None = None) -> Cells:
    """Cells of one outcome that hold nothing, but for the first."""
    return (first or table.none(), *(table.none(),) * (len(FIELDS) - 1))
