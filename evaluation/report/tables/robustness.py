"""The robustness table: how far each check moves each primary estimate.

Estimates that differ by less than chance would make them are no votes for the primary estimate,
and estimates that differ by more are none against it: the difference, with its own interval, says
how much the answer hangs on the choice that the check changes.
"""

from collections.abc import Iterable, Sequence

from evaluation.locale.messages import wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckLine, lines_of
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Joined, Row, Shown, Table
from evaluation.report.formats.words import labelled
from evaluation.report.prose import notes, table_frame
from evaluation.report.robustness_rows import (
    DifferenceLine,
    Entry,
    compared,
    departs_from,
    differences,
    entries,
    heading,
    largest,
)
from evaluation.report.sources import Source, diagnostic
from evaluation.report.tables.bounds import range_of
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome, Specification
from evaluation.study.records import Diagnostic, Difference, Estimate, Unavailable

# Of each outcome: the difference with its interval in print, the rest in downloads.
FIELDS: tuple[tuple[str, Joined, Shown], ...] = (
    ("difference", "", "with unit"),
    ("ci_low", "", "print"),
    ("ci_high", "to", "print"),
    ("estimate", "", "download"),
    ("std_error", "", "download"),
    ("df", "", "download"),
    ("n", "", "download"),
    ("n_clusters_treated", "", "download"),
    ("n_clusters_comparison", "", "download"),
    ("status", "", "download"),
)
PRIMARY, CHECKED, CLUSTERS = "primary", "checked", "leave_one_cluster_out"
QUARTILES = ("loo_q1", "loo_q3")
CONTROLS = ("controls_used", "controls_left_out")
Cells = tuple[Cell, ...]
Line = tuple[str, str, str, Sequence[Cells]]


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
    rows = (
        _primary(source, outcomes),
        *(row for e in chosen if not _is_check(e) for row in _rows(source, e, outcomes, found)),
        *_checked(source, outcomes),
        *(row for e in chosen if _is_check(e) for row in _rows(source, e, outcomes, found)),
        *_clusters(source, outcomes, chosen),
        *_ranges(source, exhibit, outcomes),
    )
    lines = [line for made in found.values() for line in made]
    return table_frame.table(
        exhibit,
        source,
        columns=(
            table_frame.column(source, "check"),
            *estimate_rows.outcome_columns(source, outcomes, FIELDS),
        ),
        rows=rows,
        generated=_notes(source, chosen, outcomes),
        status=tuple(x.found.status for x in lines if isinstance(x.found, Difference)),
        said=tuple(
            (f"largest_{o.id}", said) for o in outcomes if (said := sentence(source, o)) is not None
        ),
    )


def sentence(source: Source, outcome: Outcome) -> str | None:
    """Which check of the plan moves the primary estimate of an outcome farthest, and how far."""
    line = largest(compared(source, outcome))
    if line is None or line.shown is None:
        return None
    base = departs_from(source, line.entry)
    of_primary = base.id == source.plan.primary_specification().id
    top = (records.published if of_primary else records.primary)(source, outcome)
    if isinstance(top, Unavailable):
        return None
    one, language, decimals = line.shown, source.language, outcome.decimals
    unit = words.short_unit(outcome.unit, language)
    named = {} if of_primary else {"base": words.in_sentence(base.label[language])}
    return wording(
        "robustness-largest" if of_primary else "robustness-largest-of",
        language,
        **named,
        outcome=outcome.label[language],
        estimate=f"{number_format.signed(top.estimate, decimals, language)} {unit}".rstrip(),
        check=words.in_sentence(line.label),
        difference=f"{number_format.signed(one.difference, decimals, language)} {unit}".rstrip(),
        level=number_format.percent(one.level, language),
        interval=number_format.interval(one.ci_low, one.ci_high, decimals, language),
    )


def _row(identifier: str, label: str, group: str, cells: Iterable[Cells]) -> Row:
    flat = (cell for part in cells for cell in part)
    return Row(id=identifier, group=group, cells=(table.text(label), *flat))


def _padded(*cells: Cell) -> Cells:
    return estimate_rows.padded(len(FIELDS), *cells)


def _absent(source: Source, found: Unavailable) -> Cells:
    return estimate_rows.absent(source, found, len(FIELDS))


def _ends(outcome: Outcome, low: float, high: float) -> Cells:
    unit = words.unit(outcome.unit, "en")
    shown = (table.effect(x, decimals=outcome.decimals, unit=unit) for x in (low, high))
    return _padded(table.none(), *shown)


def _primary(source: Source, outcomes: Sequence[Outcome]) -> Row:
    """The primary estimates themselves, from which the differences are."""
    label = wording("robustness-primary-row", source.language)
    found = (_numbers(source, o, records.published(source, o)) for o in outcomes)
    return _row(PRIMARY, label, "", found)


def _checked(source: Source, outcomes: Sequence[Outcome]) -> tuple[Row, ...]:
    """The estimates that the checks depart from, where these are not the primary ones."""
    base, language = source.plan.checked().primary_specification(), source.language
    if base.id == source.plan.primary_specification().id:
        return ()
    label = wording("robustness-checked-row", language, base=base.label[language])
    found = (_numbers(source, o, records.primary(source, o)) for o in outcomes)
    return (_row(CHECKED, label, "", found),)


def _is_check(entry: Entry) -> bool:
    return isinstance(entry, Check)


def _numbers(
    source: Source, outcome: Outcome, found: Estimate | Difference | Unavailable | None
) -> Cells:
    if found is None:
        return _padded()
    # a difference is smaller than what it is between: one decimal more
    is_difference = isinstance(found, Difference)
    first = "difference" if is_difference else "estimate"
    fields = (first, *(name for name, _, _ in FIELDS[1:]))
    return estimate_rows.cells(source, found, fields, decimals=outcome.decimals + is_difference)


def _rows(
    source: Source,
    entry: Entry,
    outcomes: Sequence[Outcome],
    found: dict[tuple[str, str], tuple[DifferenceLine, ...]],
) -> tuple[Row, ...]:
    group = heading(source, entry)
    if _is_one_line(entry):
        label = wording("robustness-one-line", source.language, check=entry.label[source.language])
        cells = (_together(source, o, found[entry.id, o.id]) for o in outcomes)
        return (_row(entry.id, label, group, cells),)
    lines = [(o, x) for o in outcomes for x in found[entry.id, o.id]]
    names = dict.fromkeys(x.id for _, x in lines)
    found_of = {(x.id, o.id): x.found for o, x in lines}
    return tuple(
        _row(
            name,
            next(x.label for _, x in lines if x.id == name),
            group,
            (_numbers(source, o, found_of.get((name, o.id))) for o in outcomes),
        )
        for name in names
    )


def _together(source: Source, outcome: Outcome, lines: Sequence[DifferenceLine]) -> Cells:
    """From which to which difference, where places are left out one at a time."""
    shown = [x.shown.difference for x in lines if x.shown is not None]
    if not shown:
        return _numbers(source, outcome, lines[0].found if lines else None)
    return _ends(outcome, min(shown), max(shown))


def _clusters(
    source: Source, outcomes: Sequence[Outcome], chosen: Sequence[Entry]
) -> tuple[Row, ...]:
    """The middle half of the differences when one cluster is left out: none can be told apart."""
    group = next((heading(source, e) for e in chosen if _is_one_line(e)), "")
    if not group:
        return ()
    cluster = source.configuration.study.names.cluster[source.language]
    label = wording("robustness-one-cluster", source.language, cluster=cluster)
    cells = (_quartiles(source, outcome) for outcome in outcomes)
    return (_row(CLUSTERS, label, group, cells),)


def _is_one_line(entry: Entry) -> bool:
    return isinstance(entry, Check) and entry.declared.one_line


def _quartiles(source: Source, outcome: Outcome) -> Cells:
    top = records.primary(source, outcome)
    if isinstance(top, Unavailable):
        return _absent(source, top)
    found = [diagnostic(source, top, name) for name in QUARTILES]
    absent = next((x for x in found if isinstance(x, Unavailable)), None)
    if absent is not None:
        return _absent(source, absent)
    ends = [x.value - top.estimate for x in found if isinstance(x, Diagnostic)]
    return _ends(outcome, ends[0], ends[1]) if len(ends) == len(QUARTILES) else _padded()


def _ranges(source: Source, exhibit: Exhibit, outcomes: Sequence[Outcome]) -> tuple[Row, ...]:
    """Sets of effects, and the difference of trends that would explain the whole estimate."""
    group = wording("robustness-ranges", source.language)
    named = exhibit.specifications
    rows = []
    for check in source.plan.check:
        if named and check.id not in named:
            continue
        label = check.label[source.language]
        if check.declared.estimand == "effect, other errors":
            rows.extend(_over_distance(source, check, group, outcomes))
        if check.declared.range is not None:
            cells = [_range(source, check, o) for o in outcomes]
            said = wording("robustness-range-row", source.language, check=label)
            rows.append(_row(f"{check.id}-range", said, group, cells))
        if check.declared.benchmarks:
            cells = [_breakdown(source, check, o) for o in outcomes]
            said = wording("robustness-breakdown-row", source.language, check=label)
            rows.append(_row(f"{check.id}-breakdown", said, group, cells))
    return tuple(rows)


def _over_distance(
    source: Source, check: Check, group: str, outcomes: Sequence[Outcome]
) -> list[Row]:
    """Intervals of the same estimates with errors alike over a distance."""
    lines: dict[tuple[str, str], dict[str, CheckLine]] = {
        (x.id, x.label): {} for o in outcomes for x in lines_of(source, check, o)
    }
    for outcome in outcomes:
        for line in lines_of(source, check, outcome):
            lines[line.id, line.label][outcome.id] = line
    return [
        _row(name, label, group, (_own_interval(source, o, of.get(o.id)) for o in outcomes))
        for (name, label), of in lines.items()
    ]


def _own_interval(source: Source, outcome: Outcome, line: CheckLine | None) -> Cells:
    if line is None:
        return _padded()
    if isinstance(line.found, Unavailable):
        return _absent(source, line.found)
    return _ends(outcome, line.found.ci_low, line.found.ci_high)


def _range(source: Source, check: Check, outcome: Outcome) -> Cells:
    if outcome not in source.plan.outcomes_of_check(check):
        return _padded()
    found = range_of(source, check, outcome)
    if isinstance(found, Unavailable):
        return _absent(source, found)
    return _ends(outcome, found.low, found.high)


def _breakdown(source: Source, check: Check, outcome: Outcome) -> Cells:
    if outcome not in source.plan.outcomes_of_check(check):
        return _padded()
    value = records.quantity(source, check, outcome, "breakdown_point")
    top = records.primary(source, outcome)
    if isinstance(top, Unavailable):
        return _absent(source, top)
    if isinstance(value, float):
        unit = words.unit(outcome.unit, "en")
        return _padded(table.number(value, decimals=outcome.decimals, unit=unit))
    reason = value or records.absent(source, check, outcome)
    if reason is None:
        raise records.missing(source, check, outcome)
    return _absent(source, reason)


def _notes(source: Source, chosen: Sequence[Entry], outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    language = source.language
    return (
        wording("robustness-differences-note", language),
        *_departs(source),
        wording("robustness-ranges-note", language),
        *_answers(chosen, language),
        *_controls(source, chosen, outcomes),
        notes.signs(language),
    )


def _departs(source: Source) -> tuple[str, ...]:
    """What the checks are differences from, where that is not the primary estimate."""
    base, language = source.plan.checked().primary_specification(), source.language
    if base.id == source.plan.primary_specification().id:
        return ()
    label = words.in_sentence(base.label[language])
    return (wording("robustness-departs-note", language, base=label),)


def _answers(chosen: Sequence[Entry], language: str) -> list[str]:
    """What each check answers, in one note per doubt."""
    themes: dict[str, list[str]] = {}
    for entry in chosen:
        if isinstance(entry, Specification):
            continue
        said = f"{entry.label[language]}: {entry.answers[language]}"
        themes.setdefault(wording(f"theme.{entry.doubt}", language), []).append(said)
    return [labelled(theme, *said) for theme, said in themes.items()]


def _controls(
    source: Source, chosen: Sequence[Entry], outcomes: Sequence[Outcome]
) -> tuple[str, ...]:
    """Which controls could not be told apart from the effects of clusters and rounds."""
    language, said = source.language, []
    clusters = source.configuration.study.names.clusters[language]
    for entry in chosen:
        if isinstance(entry, Specification) or entry.kind != "controls":
            continue
        used, gone = (records.quantity(source, entry, outcomes[0], name) for name in CONTROLS)
        if isinstance(used, float) and isinstance(gone, float) and gone:
            told = wording(
                "robustness-controls",
                language,
                check=entry.label[language],
                used=round(used),
                all=round(used + gone),
                gone=round(gone),
                clusters=clusters,
            )
            said.append(told)
    if not said:
        return ()
    return (labelled(wording("robustness-controls-label", language), *said),)
