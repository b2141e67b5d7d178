"""How many more people of the treatment group took part, beside the effect on everybody."""

import math

from evaluation.locale.messages import wording
from evaluation.report import check_records as records
from evaluation.report import formats, heads, notes, table, words
from evaluation.report.conclusions import p_of_interval
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Shown, Table
from evaluation.report.words import begun
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Estimate, Unavailable
from evaluation.spec.row_keys import Part, RowKey

FIRST_STAGE, DILUTION = "first_stage", "dilution"
KEY = Part(FIRST_STAGE)
JACKKNIFE = "cv3"
SHARE_UNIT, SHARE_DECIMALS, DILUTION_DECIMALS = "percentage points", 1, 3
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
Found = Estimate | Unavailable


@table.builds
def exposure(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome: intention to treat, first stage and dilution.

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
        Column(id="exposure", label=wording("subgroups.head.exposure", source.language)),
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
        generated=_notes(source, checks, found),
        status=records.statuses(found),
        said=tuple((o.id, _sentence(source, c, o)) for c, o in pairs),
    )


def _found(source: Source, check: Check, outcome: Outcome) -> dict[str, Found]:
    """The primary estimate and the first stage."""
    first = _read(source, check, outcome, KEY)
    if first is None:
        raise records.missing(source, check, outcome)
    return {"primary": records.primary(source, outcome), FIRST_STAGE: first}


def _read(source: Source, check: Check, outcome: Outcome, sample: RowKey) -> Found | None:
    wanted = source.plan.checked().inference.primary_step
    for step in (wanted, JACKKNIFE, "wcr_s"):
        estimate = _estimate(source, check, outcome, sample, step)
        if estimate is not None:
            return estimate
    return records.absent(source, check, outcome, sample=sample)


def _estimate(
    source: Source, check: Check, outcome: Outcome, sample: RowKey, step: str
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
    rows = []
    for name, one in found.items():
        cells = _cells(source, outcome, one, share=name == FIRST_STAGE)
        rows.append(_row(source, f"{outcome.id}-{check.id}-{name}", name, heading, cells))
    if isinstance(found[FIRST_STAGE], Estimate):
        cells = _dilution(source, check, outcome)
        rows.append(_row(source, f"{outcome.id}-{check.id}-{DILUTION}", DILUTION, heading, cells))
    return rows


def _dilution(source: Source, check: Check, outcome: Outcome) -> tuple[Cell, ...]:
    value = records.quantity(source, check, outcome, DILUTION, sample=KEY)
    if value is None:
        raise records.missing(source, check, outcome)
    shown = (
        table.unavailable(value.reason, source.language)
        if isinstance(value, Unavailable)
        else table.number(value, decimals=DILUTION_DECIMALS)
    )
    return (shown, *(table.none(),) * (len(COLUMNS) - 1))


def _row(source: Source, identifier: str, name: str, heading: str, cells: tuple[Cell, ...]) -> Row:
    clusters = source.configuration.study.names.clusters[source.language]
    label = wording(f"exposure.row.{name}", source.language, clusters=clusters)
    return Row(id=identifier, group=heading, cells=(table.text(begun(label)), *cells))


def _cells(source: Source, outcome: Outcome, found: Found, *, share: bool) -> tuple[Cell, ...]:
    empty = (table.none(),) * (len(COLUMNS) - 1)
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *empty)
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
    return (
        table.effect(found.estimate, decimals=decimals, unit=unit),
        *ends,
        table.p_value(p_of_interval(found)),
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
    """The first stage of an outcome and how far it dilutes an effect, or why there is none."""
    found, language = _found(source, check, outcome), source.language
    label, first = outcome.label[language], found[FIRST_STAGE]
    if not isinstance(first, Estimate):
        return wording("exposure.hidden", language, outcome=label)
    holes = {
        "outcome": label,
        "stage": formats.signed(first.estimate, SHARE_DECIMALS, language),
        "interval": formats.interval(first.ci_low, first.ci_high, SHARE_DECIMALS, language),
    }
    value = records.quantity(source, check, outcome, DILUTION, sample=KEY)
    if not isinstance(value, float):
        reason = "" if value is None else value.reason.text(language)
        return wording("exposure-not-diluted", language, **holes, reason=reason)
    share = formats.plain(value, DILUTION_DECIMALS, language)
    return wording("exposure-diluted", language, **holes, share=share)


def _notes(source: Source, checks: tuple[Check, ...], found: list[Found]) -> tuple[str, ...]:
    language = source.language
    variables = source.configuration.dictionary.variables
    asked = [v for check in checks for v in check.variables]
    named = [variables[v].label[language] if v in variables else v for v in asked]
    linear = [e for e in found if isinstance(e, Estimate) and e.step == "wcr_s"]
    return (
        wording("exposure.exposed", language, named="; ".join(named)),
        wording("exposure-note", language),
        records.answers(source, checks),
        *((notes.inference(source, linear),) if linear else ()),
        notes.signs(source.language),
    )
