"""How often each inference method rejects a true null in data made from this study's own."""

from collections.abc import Sequence

from evaluation.report import formats, heads, table, whom_words, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.report.words import labelled
from evaluation.spec.design_records import Calibration
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome

COMMAND = "make calibrate"
NOT_RUN = {
    "en": f"`{COMMAND}` has not been run for this plan and these data",
    "es": f"no se ha corrido `{COMMAND}` con este plan y estos datos",
}
PERCENT = 100.0
# Where no step has a rate, their reasons stand under the usual lines.
LINES = [0.05, 0.10]
# A rejection rate further from the nominal one than two Monte Carlo errors is not chance's.
FAR = 2.0


def calibration(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and method; one row that says so where nothing was made."""
    made = source.records.calibration
    if made is None:
        return _not_run(exhibit, source)
    outcomes = [source.outcome(o) for o in exhibit.outcomes] or source.plan.primary_outcomes()
    lines = sorted({x.nominal for x in made}) or LINES
    tests = [(null, nominal) for null in whom_words.NULLS for nominal in lines]
    steps = [s for s in words.STEPS if _asked(source, made, s)]
    return heads.table(
        exhibit,
        source,
        columns=(heads.column(source, "step"), *_columns(source, tests)),
        rows=tuple(_row(source, made, o, s, tests) for o in outcomes for s in steps),
        generated=_notes(made),
        said=tuple((o.id, _sentence(source, made, o)) for o in outcomes),
    )


def _not_run(exhibit: Exhibit, source: Source) -> Table:
    absent = table.unavailable(NOT_RUN[source.language], source.language)
    row = Row(id="not_run", cells=(table.text("\N{EN DASH}"), absent))
    columns = (heads.column(source, "step"), heads.column(source, "reason"))
    return heads.table(exhibit, source, columns=columns, rows=(row,), generated=())


def _asked(source: Source, made: Sequence[Calibration], step: str) -> bool:
    absent = source.records.calibration_unavailable
    return any(x.step == step for x in made) or any(u.step.endswith(f" {step}") for u in absent)


def _columns(source: Source, tests: list[tuple[str, float]]) -> list[Column]:
    language = source.language
    columns = []
    for null, nominal in tests:
        key = f"{table.slug(null)}_{PERCENT * nominal:g}"
        label = whom_words.REJECTS_AT[language].format(
            null=whom_words.NULLS[null][language], nominal=formats.percent(nominal)
        )
        error = whom_words.MONTE_CARLO[language]
        columns += [
            Column(id=f"rejection_{key}", label=label, shown="with unit"),
            Column(id=f"mc_error_{key}", label=error, joined="brackets"),
        ]
    return columns


def _row(
    source: Source,
    made: Sequence[Calibration],
    outcome: Outcome,
    step: str,
    tests: list[tuple[str, float]],
) -> Row:
    cells: list[Cell] = []
    for null, nominal in tests:
        cells += _cells(source, made, (outcome.id, null, step, nominal))
    label = words.step(step, source.language)
    if step == source.plan.inference.primary_step:
        label = f"{label} ({words.in_sentence(words.PRIMARY_ROW[source.language])})"
    return Row(
        id=f"{outcome.id}-{step}",
        group=outcome.label[source.language],
        cells=(table.text(label), *cells),
    )


def _cells(
    source: Source, made: Sequence[Calibration], place: tuple[str, str, str, float]
) -> tuple[Cell, Cell]:
    for x in made:
        if (x.outcome, x.null, x.step, x.nominal) == place:
            return (
                table.number(PERCENT * x.rejection, decimals=1, unit="%"),
                table.number(PERCENT * x.mc_error, decimals=1, unit="percentage points"),
            )
    outcome, null, step, _ = place
    reasons = [
        u.reason
        for u in source.records.calibration_unavailable
        if u.outcome == outcome and u.step.endswith(f" {step}")
    ]
    # a reason names the kind of null data where it holds for one kind only
    chosen = [r for r in reasons if r.startswith(f"{null}: ")] or [
        r for r in reasons if not r.startswith(tuple(f"{name}: " for name in whom_words.NULLS))
    ]
    if not chosen:
        return table.none(), table.none()
    return table.unavailable(chosen[0], source.language), table.none()


def _notes(made: Sequence[Calibration]) -> tuple[str, ...]:
    draws = sorted({x.draws for x in made})
    number = " or ".join(formats.count(n) for n in draws) or "No"
    return (
        labelled(
            "Calibration",
            f"{number} data sets of each kind, made from this study's own two-round residuals, in"
            " which the programme did nothing: a method that holds its promise rejects 5% of them"
            " at the 5% line and 10% at the 10% line. Further from that than two Monte Carlo errors"
            " is more than chance.",
        ),
        labelled(
            "Treatment permuted",
            "Treatments are given anew to whole clusters within strata. Permutation is exact here"
            " by construction.",
        ),
        labelled(
            "Signs flipped",
            "Each cluster's residuals get a common random sign and keep their group, so that"
            " unequal spread of the groups stays; changes that are skewed become symmetric, which"
            " favours the bootstraps.",
        ),
        labelled(
            "Limits",
            "This is about the errors of a test where nothing happened, in data like these; it says"
            " nothing about parallel trends.",
        ),
    )


def _sentence(source: Source, made: Sequence[Calibration], outcome: Outcome) -> str:
    """How the primary method fares at the line that the plan uses."""
    step, nominal = source.plan.inference.primary_step, round(1 - source.plan.inference.level, 6)
    chosen = [
        x for x in made if (x.outcome, x.step, round(x.nominal, 6)) == (outcome.id, step, nominal)
    ]
    label, name = outcome.label[source.language], words.step(step, source.language)
    if not chosen:
        return f"{label}: {name} could not be calibrated at the {formats.percent(nominal)} line."
    said = " and ".join(
        f"{formats.plain(PERCENT * x.rejection, 1)}%"
        f" ({words.in_sentence(whom_words.NULLS[x.null][source.language])})"
        for x in chosen
    )
    far = any(abs(x.rejection - nominal) > FAR * x.mc_error for x in chosen)
    ruling = (
        "further from it than two Monte Carlo errors in at least one"
        if far
        else "within two Monte Carlo errors of it"
    )
    return (
        f"{label}: where nothing happened, {name} rejects {said} at the"
        f" {formats.percent(nominal)} line, {ruling}."
    )
