"""The robustness table: how far each check moves each primary estimate.

Estimates that differ by less than chance would make them are no votes for the primary estimate,
and estimates that differ by more are none against it: the difference, with its own interval, says
how much the answer hangs on the choice that the check changes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from evaluation.config.check_kinds import kind_of
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Diagnostic, Difference, Estimate, Unavailable
from evaluation.estimation.row_keys import WHOLE, Part
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckLine, CheckResult
from evaluation.report.formats import table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.formats.words import in_sentence, labelled
from evaluation.report.prose import notes, table_frame
from evaluation.report.prose.threats import changing
from evaluation.report.robustness_rows import (
    DifferenceLine,
    Entry,
    compared,
    departs_from,
    differences,
    entries,
    heading,
    is_one_line,
    largest,
    theme_of,
)
from evaluation.report.sources import Source, diagnostic
from evaluation.report.tables.bounds import range_of

# Of each outcome: the difference with its interval in print, the rest in downloads.
FIELDS = (
    *table.columns("difference", shown="with unit"),
    *table.columns("ci_low", "ci_high"),
    *table.columns(
        *("estimate", "std_error_of_difference", "df", "n", "n_clusters_treated"),
        *("n_clusters_comparison", "status"),
        shown="download",
    ),
)
PRIMARY, CHECKED, CLUSTERS = "primary", "checked", "leave_one_cluster_out"
QUARTILES = ("loo_q1", "loo_q3")
# Rows of a check that holds something fixed, by the entry that says which controls they have.
CONTROLS = {
    "robustness-controls": WHOLE,
    "robustness-controls-within": Part("within_cluster_round"),
    "robustness-controls-everyone": Part("all_interviewers"),
}
Cells = tuple[Cell, ...]
Ends = tuple[float, float] | Unavailable | None
Lines = Mapping[tuple[str, str], Sequence[DifferenceLine]]


@table.builds
def robustness(exhibit: Exhibit, source: Source) -> Table:
    """One row per check and variant, one set of columns per primary outcome.

    Raises
    ------
    ReportError
        A primary estimate is nowhere, not even as unavailable.
    """
    outcomes, chosen = source.outcomes_of(exhibit), entries(exhibit, source)
    found = {(e.id, o.id): differences(source, e, o) for e in chosen for o in outcomes}
    of_checks = [e for e in chosen if isinstance(e, Check)]
    others = [e for e in chosen if not isinstance(e, Check)]
    return table_frame.table(
        exhibit,
        source,
        columns=(
            "check",
            *estimate_rows.outcome_columns(source, outcomes, FIELDS, builder=exhibit.builder),
        ),
        rows=(
            _primary(source, outcomes),
            *(row for e in others for row in _rows(source, e, outcomes, found)),
            *_checked(source, outcomes),
            *_by_heading(
                *(row for e in of_checks for row in _rows(source, e, outcomes, found)),
                *_clusters(source, outcomes, chosen),
            ),
            *_ranges(source, exhibit, outcomes),
        ),
        generated=(
            source.wording("robustness-differences-note"),
            _departs(source),
            source.wording("robustness-ranges-note"),
            *_answers(source, of_checks),
            _controls(source, of_checks, outcomes),
            changing_named(source, outcomes),
            notes.signs(source.language),
        ),
        found=(line.shown for made in found.values() for line in made),
        sentences=((f"largest_{o.id}", sentence(source, o)) for o in outcomes),
    )


def sentence(source: Source, outcome: Outcome) -> str | None:
    """Which check of the plan moves the primary estimate of an outcome farthest, and how far.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    """
    lines = [x for x in compared(source, outcome) if x.shown is not None]
    line = largest(lines)
    if line is None or line.shown is None:
        return None
    base = departs_from(source, line.entry)
    of_primary = base.id == source.plan.primary_specification().id
    top = (records.primary if of_primary else records.base)(source, outcome)
    if isinstance(top, Unavailable):
        return None
    readings = estimate_rows.readings(source, outcome, line.shown, name="difference")
    return source.wording(
        "robustness-largest" if of_primary else "robustness-largest-of",
        base=in_sentence(base.label[source.language]),
        outcome=words.begun(words.noun(outcome, source.language)),
        estimate=estimate_rows.readings(source, outcome, top)["effect"],
        n=len(lines),
        check=in_sentence(line.label),
        difference=readings["effect"],
        level=readings["level"],
        interval=readings["interval"],
    )


def changing_named(source: Source, outcomes: Sequence[Outcome]) -> str:
    """Which checks would change a conclusion; empty where none would.

    Parameters
    ----------
    source : Source
    outcomes : sequence of Outcome
    """
    labels: dict[str, list[str]] = {}
    for outcome, label in changing(source, outcomes)[0]:
        labels.setdefault(words.noun(outcome, source.language), []).append(in_sentence(label))
    return " ".join(
        source.wording("robustness-changing", outcome=outcome, checks="; ".join(named))
        for outcome, named in labels.items()
    )


def _by_heading(*rows: Row) -> list[Row]:
    """Rows of one heading under one another, where the first of them stands."""
    groups = [row.group for row in rows]
    return sorted(rows, key=lambda row: groups.index(row.group))


def _row(identifier: str, label: str, group: str, cells: Iterable[Cells]) -> Row:
    return table.row(identifier, label, *(cell for part in cells for cell in part), group=group)


def _padded(*cells: Cell) -> Cells:
    return estimate_rows.padded(len(FIELDS), *cells)


def _range_cells(
    source: Source, outcome: Outcome, ends: Ends, *, differences: bool = False, kind: str = "range"
) -> Cells:
    """From where to where an effect or a difference goes, why it is unavailable, or nothing."""
    if ends is None:
        return _padded()
    if isinstance(ends, Unavailable):
        return estimate_rows.absent(source, ends, len(FIELDS))
    unit = words.unit(outcome.unit, "en")
    decimals = outcome.decimals + differences
    shown = (table.effect(x, decimals=decimals, unit=unit, interval=kind) for x in ends)
    return _padded(table.none(), *shown)


def _primary(source: Source, outcomes: Sequence[Outcome]) -> Row:
    """The primary estimates themselves, from which the differences are."""
    found = (_numbers(source, o, records.primary(source, o)) for o in outcomes)
    return _row(PRIMARY, source.wording("robustness-primary-row"), "", found)


def _checked(source: Source, outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """The estimates that the checks depart from, where these are not the primary ones."""
    base = source.plan.checked().primary_specification()
    if base.id != source.plan.primary_specification().id:
        found = (_numbers(source, o, records.base(source, o)) for o in outcomes)
        heading = source.wording("robustness-checked")
        yield _row(CHECKED, base.label[source.language], heading, found)


def _numbers(
    source: Source, outcome: Outcome, found: Estimate | Difference | Unavailable | None
) -> Cells:
    if found is None:
        return _padded()
    # a difference is smaller than what it is between: one decimal more
    is_difference = isinstance(found, Difference)
    first = "difference" if is_difference else "estimate"
    fields = (first, *(column.id.removesuffix("_of_difference") for column in FIELDS[1:]))
    none = {"ci_low": table.text(source.wording("robustness-by-design")), "ci_high": table.none()}
    given = none if isinstance(found, Difference) and found.std_error == 0.0 else {}
    decimals = outcome.decimals + is_difference
    return estimate_rows.cells(source, found, fields, decimals=decimals, given=given)


def _rows(
    source: Source,
    entry: Entry,
    outcomes: Sequence[Outcome],
    found: Lines,
) -> Iterator[Row]:
    group = heading(source, entry)
    if is_one_line(entry):
        label = source.wording("robustness-one-line", check=entry.label[source.language])
        ends = ((o, _together(found[entry.id, o.id])) for o in outcomes)
        cells = (_range_cells(source, o, x, differences=True) for o, x in ends)
        yield _row(entry.id, label, group, cells)
        return
    lines = [(o, x) for o in outcomes for x in found[entry.id, o.id]]
    labels: dict[str, str] = {}
    for _, line in lines:
        labels.setdefault(line.id, line.label)
    found_of = {(x.id, o.id): x.found for o, x in lines}
    for name, label in labels.items():
        cells = (_numbers(source, o, found_of.get((name, o.id))) for o in outcomes)
        yield _row(name, label, group, cells)


def _together(lines: Sequence[DifferenceLine]) -> Ends:
    """From which to which difference, where places are left out one at a time."""
    shown = [x.shown.difference for x in lines if x.shown is not None]
    absent = (x.found for x in lines if isinstance(x.found, Unavailable))
    return (min(shown), max(shown)) if shown else next(absent, None)


def _clusters(
    source: Source, outcomes: Sequence[Outcome], chosen: Sequence[Entry]
) -> Iterator[Row]:
    """The middle half of the differences when one cluster is left out: none can be told apart."""
    group = next((heading(source, e) for e in chosen if is_one_line(e)), "")
    if group:
        ends = ((o, _quartiles(source, o)) for o in outcomes)
        cells = (_range_cells(source, o, x, differences=True) for o, x in ends)
        yield _row(CLUSTERS, source.wording("robustness-one-cluster"), group, cells)


def _quartiles(source: Source, outcome: Outcome) -> Ends:
    top = records.base(source, outcome)
    if isinstance(top, Unavailable):
        return top
    found = [diagnostic(source, top, name) for name in QUARTILES]
    absent = next((x for x in found if isinstance(x, Unavailable)), None)
    if absent is not None:
        return absent
    ends = [x.value - top.estimate for x in found if isinstance(x, Diagnostic)]
    return (ends[0], ends[1]) if len(ends) == len(QUARTILES) else None


def _ranges(source: Source, exhibit: Exhibit, outcomes: Sequence[Outcome]) -> Iterator[Row]:
    """Sets of effects, and the difference of trends that would explain the whole estimate."""
    group, named = source.wording("robustness-ranges"), exhibit.specifications
    for check in source.plan.check:
        if named and check.id not in named:
            continue
        if kind_of(check).estimand == "effect, other errors":
            yield from _over_distance(source, check, group, outcomes)
        rows: tuple[tuple[str, bool, Callable[[CheckResult], Cells]], ...] = (
            ("range", kind_of(check).range is not None, _range),
            ("breakdown", kind_of(check).benchmarks, _breakdown),
        )
        for name, is_declared, make in rows:
            if is_declared:
                cells = map(partial(_where_asked, source, check, make), outcomes)
                label = check.label[source.language]
                label = source.wording(f"robustness-{name}-row", check=label)
                yield _row(f"{check.id}-{name}", label, group, cells)


def _where_asked(
    source: Source, check: Check, make: Callable[[CheckResult], Cells], outcome: Outcome
) -> Cells:
    if outcome not in source.plan.outcomes_of_check(check):
        return _padded()
    return make(CheckResult(source=source, check=check, outcome=outcome))


def _over_distance(
    source: Source, check: Check, group: str, outcomes: Sequence[Outcome]
) -> Iterator[Row]:
    """Intervals of the same estimates with errors alike over a distance."""
    lines: dict[tuple[str, str], dict[str, CheckLine]] = {}
    for outcome in outcomes:
        for line in CheckResult(source=source, check=check, outcome=outcome).lines():
            lines.setdefault((line.id, line.label), {})[outcome.id] = line
    for (name, label), of in lines.items():
        ends = ((o, _own_interval(of[o.id].found) if o.id in of else None) for o in outcomes)
        cells = (_range_cells(source, o, x, kind="alone") for o, x in ends)
        yield _row(name, label, group, cells)


def _own_interval(found: Estimate | Unavailable) -> Ends:
    return found if isinstance(found, Unavailable) else (found.ci_low, found.ci_high)


def _range(result: CheckResult) -> Cells:
    found = range_of(result.source, result.check, result.outcome)
    ends = found if isinstance(found, Unavailable) else (found.low, found.high)
    return _range_cells(result.source, result.outcome, ends)


def _breakdown(result: CheckResult) -> Cells:
    value, top, outcome = result.quantity("breakdown_point"), result.base, result.outcome
    if isinstance(value, float) and isinstance(top, Estimate):
        unit = words.unit(outcome.unit, "en")
        return _padded(table.number(value, decimals=outcome.decimals, unit=unit))
    reason = top if isinstance(top, Unavailable) else value or result.absent()
    if not isinstance(reason, Unavailable):
        raise result.missing()
    return _range_cells(result.source, outcome, reason)


def _departs(source: Source) -> str:
    """What the checks are differences from, where that is not the primary estimate."""
    base = source.plan.checked().primary_specification()
    if base.id == source.plan.primary_specification().id:
        return ""
    label = in_sentence(base.label[source.language])
    return source.wording("robustness-departs-note", base=label)


def _answers(source: Source, checks: Sequence[Check]) -> list[str]:
    """What each check answers, in one note per doubt."""
    themes: dict[str, list[str]] = {}
    for check in checks:
        answer = f"{check.label[source.language]}: {check.answers[source.language]}"
        themes.setdefault(theme_of(source, check), []).append(answer)
    return [labelled(theme, *given) for theme, given in themes.items()]


def _controls(source: Source, checks: Sequence[Check], outcomes: Sequence[Outcome]) -> str:
    """Which controls a row has, where it does not have all of them."""
    left_out = []
    for check in (c for c in checks if c.kind == "controls"):
        result = CheckResult(source=source, check=check, outcome=outcomes[0])
        for entry, sample in CONTROLS.items():
            counts = result.quantities("controls_used", "controls_left_out", sample=sample)
            if counts is not None and counts[1]:
                used, gone = map(round, counts)
                name = check.label[source.language]
                said = source.wording(entry, check=name, used=used, all=used + gone, gone=gone)
                left_out.append(said)
    if not left_out:
        return ""
    return labelled(source.wording("robustness-controls-label"), *left_out)
