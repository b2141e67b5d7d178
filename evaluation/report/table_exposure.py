"""From the effect on everybody to the effect per exposed person, with the first stage between."""

import math

from evaluation.report import check_records as records
from evaluation.report import formats, heads, notes, table, whom_notes, whom_words, words
from evaluation.report.reasons import in_language
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Shown, Table
from evaluation.report.words import begun
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Bound, Estimate, Unavailable

FIRST_STAGE, EXPOSURE = "first_stage", "exposure"
JACKKNIFE = "cv3"
SHARE_UNIT, SHARE_DECIMALS = "percentage points", 1
COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("estimate", "with unit"),
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("step", "print"),
    ("n", "print"),
    ("n_clusters_treated", "print"),
    ("n_clusters_comparison", "print"),
    ("estimate_sd", "download"),
    ("std_error", "download"),
    ("status", "download"),
)
Found = Estimate | Bound | Unavailable


def exposure(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: intention to treat, first stage, its strength, and the effect per person.

    Raises
    ------
    ReportError
        A check has neither a result nor a reason, or the plan has no check of exposure.
    """
    checks = records.checks_of(source, "exposure")
    pairs = [(c, o) for c in checks for o in records.outcomes_of(exhibit, source, c)]
    rows = tuple(row for check, outcome in pairs for row in _rows(source, check, outcome))
    found = [x for check, outcome in pairs for x in _found(source, check, outcome).values()]
    columns = (
        Column(id="exposure", label=whom_words.HEADS["exposure"][source.language]),
        *(
            heads.column(source, name, joined="to" if name == "ci_high" else "", shown=shown)
            for name, shown in COLUMNS
        ),
    )
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(*_notes(source, checks, found), *notes.suppressed(source, rows)),
        status=records.statuses(found),
        said=tuple((o.id, _sentence(source, c, o)) for c, o in pairs),
    )


def _found(source: Source, check: Check, outcome: Outcome) -> dict[str, Found]:
    """What was found, by row; the hull only where there is no single interval."""
    first = _read(source, check, outcome, FIRST_STAGE)
    person = _read(source, check, outcome, EXPOSURE)
    if first is None or person is None:
        raise records.missing(source, check, outcome)
    found: dict[str, Found] = {
        "primary": records.primary(source, outcome),
        FIRST_STAGE: first,
        EXPOSURE: person,
    }
    hull = records.bound(source, check, outcome, sample=EXPOSURE)
    return {**found, "set": hull} if isinstance(hull, Bound) else found


def _read(source: Source, check: Check, outcome: Outcome, sample: str) -> Found | None:
    wanted = source.plan.inference.primary_step
    for step in (wanted, JACKKNIFE, "wcr_s"):
        estimate = _estimate(source, check, outcome, sample, step)
        if estimate is not None:
            return estimate
    return records.absent(source, check, outcome, sample=sample)


def _estimate(
    source: Source, check: Check, outcome: Outcome, sample: str, step: str
) -> Estimate | None:
    place = (outcome.id, check.id, sample, step)
    return next(
        (
            e
            for e in source.records.check_estimates
            if (e.outcome, e.specification, e.sample, e.step) == place
        ),
        None,
    )


def _rows(source: Source, check: Check, outcome: Outcome) -> list[Row]:
    found = _found(source, check, outcome)
    heading = outcome.label[source.language]
    hidden = any(
        isinstance(x, (Estimate, Bound)) and records.withheld(source, x) for x in found.values()
    )
    rows = []
    for name, one in found.items():
        cells = _cells(source, outcome, one, hidden=hidden, share=name == FIRST_STAGE)
        rows.append(_row(source, f"{outcome.id}-{check.id}-{name}", name, heading, cells))
        if name == FIRST_STAGE and not hidden:
            rows += _strength(source, check, outcome, heading)
    return rows


def _row(source: Source, identifier: str, name: str, heading: str, cells: tuple[Cell, ...]) -> Row:
    clusters = source.configuration.study.names.clusters[source.language]
    label = whom_words.EXPOSURE_ROWS[name][source.language].format(clusters=clusters)
    return Row(id=identifier, group=heading, cells=(table.text(begun(label)), *cells))


def _strength(source: Source, check: Check, outcome: Outcome, heading: str) -> list[Row]:
    jackknifed = _estimate(source, check, outcome, FIRST_STAGE, JACKKNIFE)
    if jackknifed is None:
        return []
    shown = table.number(jackknifed.statistic**2, decimals=1)
    cells = (shown, *(table.none(),) * (len(COLUMNS) - 1))
    return [_row(source, f"{outcome.id}-{check.id}-strength", "strength", heading, cells)]


def _cells(
    source: Source, outcome: Outcome, found: Found, *, hidden: bool, share: bool
) -> tuple[Cell, ...]:
    empty = (table.none(),) * (len(COLUMNS) - 1)
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *empty)
    if hidden:
        return (table.suppressed(source.language), *empty)
    decimals = SHARE_DECIMALS if share else outcome.decimals
    unit = words.unit(SHARE_UNIT if share else outcome.unit, "en")
    counts = (
        table.count(found.n),
        table.count(found.n_clusters_treated),
        table.count(found.n_clusters_comparison),
    )
    ends = (
        table.effect(found.ci_low, decimals=decimals, unit=unit),
        table.effect(found.ci_high, decimals=decimals, unit=unit),
    )
    status = table.text(words.status(found.status, source.language))
    if isinstance(found, Bound):
        return (table.none(), *ends, table.none(), table.none(), *counts, *empty[:2], status)
    return (
        table.effect(found.estimate, decimals=decimals, unit=unit),
        *ends,
        table.p_value(found.p_value),
        table.text(words.step(found.step, source.language)),
        *counts,
        # no scale in SD where nobody in the comparison group was exposed before
        table.none()
        if math.isnan(found.estimate_sd)
        else table.effect(found.estimate_sd, decimals=2, unit="SD"),
        table.number(found.std_error, decimals=decimals + 1, unit=unit),
        status,
    )


def _sentence(source: Source, check: Check, outcome: Outcome) -> str:
    """First stage and effect per exposed person of an outcome, or why there is none."""
    found, language = _found(source, check, outcome), source.language
    label = outcome.label[language]
    first, person = found[FIRST_STAGE], found[EXPOSURE]
    shown = [x for x in found.values() if isinstance(x, (Estimate, Bound))]
    if not isinstance(first, Estimate) or any(records.withheld(source, x) for x in shown):
        return whom_notes.EXPOSURE_HIDDEN[language].format(outcome=label)
    stage = formats.signed(first.estimate, SHARE_DECIMALS, language)
    interval = formats.interval(first.ci_low, first.ci_high, SHARE_DECIMALS, language)
    if not isinstance(person, Estimate):
        return whom_notes.FIRST_STAGE_ALONE[language].format(
            outcome=label, stage=stage, interval=interval, reason=_reason(person, language)
        )
    return whom_notes.FIRST_STAGE_AND_PERSON[language].format(
        outcome=label,
        stage=stage,
        interval=interval,
        effect=formats.signed(person.estimate, outcome.decimals, language),
        unit=words.short_unit(outcome.unit, language),
        around=formats.interval(person.ci_low, person.ci_high, outcome.decimals, language),
    )


def _reason(person: Bound | Unavailable, language: str) -> str:
    """Why there is no effect per person."""
    if isinstance(person, Unavailable):
        return in_language(person.reason, language)
    return whom_notes.NO_SINGLE_INTERVAL[language]


def _notes(source: Source, checks: tuple[Check, ...], found: list[Found]) -> tuple[str, ...]:
    language = source.language
    variables = source.configuration.dictionary.variables
    asked = [v for check in checks for v in check.variables]
    named = [variables[v].label[language] if v in variables else v for v in asked]
    linear = [e for e in found if isinstance(e, Estimate) and e.step == "wcr_s"]
    return (
        whom_notes.EXPOSED[language].format(named="; ".join(named)),
        whom_notes.PER_PERSON[language],
        whom_notes.SET[language],
        records.answers(source, checks),
        *((notes.inference(source, linear),) if linear else ()),
        notes.signs(source.language),
    )
