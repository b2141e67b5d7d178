"""How often each inference method rejects a true null in data made from this study's own."""

import math
from collections.abc import Sequence
from statistics import NormalDist

from evaluation.report import formats, heads, table, whom_words, words
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Column, Row, Table
from evaluation.report.words import labelled
from evaluation.spec.design_records import CALIBRATION_DRAWS, Calibration
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
# Monte Carlo errors that a rate may lie from its line before it is looked at twice, and the share
# of rates of faultless methods that lie further (two-sided normal).
FAR = 2.0
BEYOND_FAR = 2 * NormalDist().cdf(-FAR)
# So many times the rates that chance brings ask for another reason, though rates move together.
MANY_MORE = 3
# Chance of calling any of all looks at a faultless method wrong.
FAMILY = 0.05


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
        generated=_notes(source, [x for x in made if x.outcome in {o.id for o in outcomes}]),
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


def _notes(source: Source, made: Sequence[Calibration]) -> tuple[str, ...]:
    draws = sorted({x.draws for x in made})
    number = " or ".join(formats.count(n) for n in draws) or "No"
    return (
        labelled(
            "Calibration",
            f"{number} data sets of each kind, made from this study's own two-round residuals, in"
            " which the programme did nothing: a method that holds its promise rejects 5% of them"
            " at the 5% line and 10% at the 10% line. In each data set p comes from"
            f" {formats.count(CALIBRATION_DRAWS)} bootstrap draws or permutations.",
        ),
        *_many_rates(made),
        *_ruling(source, made),
        labelled(
            "Treatment permuted",
            "Treatments are given anew to whole clusters within strata. Permutation inside the same"
            " strata is exact here by construction. The bootstraps draw one sign for each cluster"
            " and ignore strata, so these data are not made as they assume: a rate of theirs that"
            " is a little off the line can come from this alone.",
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


def _many_rates(made: Sequence[Calibration]) -> tuple[str, ...]:
    """That some of many rates lie far from their line by chance, and how many do here."""
    if not made:
        return ()
    far = sum(abs(_errors(x)) > FAR for x in made)
    expected = BEYOND_FAR * len(made)
    more = (
        "So many more than chance brings can also come from the method or from how the data were"
        " made, as said below."
        if far > MANY_MORE * max(expected, 1)
        else ""
    )
    return (
        labelled(
            "Many rates",
            f"Of the {len(made)} rates in the table, {far} lie further from their line than two"
            f" Monte Carlo errors; about {expected:.0f} would by chance if every method held its"
            " promise. Rates of one outcome come from the same data sets, so they move together and"
            " several can be off at once.",
            more,
        ),
    )


def _ruling(source: Source, made: Sequence[Calibration]) -> tuple[str, ...]:
    """The verdict on the primary method, one sentence for each outcome."""
    outcomes = [o for o in source.plan.outcome if any(x.outcome == o.id for x in made)]
    own = _of_primary(source, made)
    if not own:
        return ()
    return (
        labelled(
            "Primary method",
            *(_sentence(source, made, o) for o in outcomes),
            "Beyond chance: further than"
            f" {formats.plain(_limit(len(own)), 1)} Monte Carlo errors, the Bonferroni limit of"
            f" {len(own)} looks. The errors counted here are those of a rate that is exactly at its"
            " line.",
        ),
    )


def _of_primary(source: Source, made: Sequence[Calibration]) -> list[Calibration]:
    return [x for x in made if x.step == source.plan.inference.primary_step]


def _errors(found: Calibration) -> float:
    """Distance of a rate from its line, in Monte Carlo errors of a rate at the line."""
    error = math.sqrt(found.nominal * (1 - found.nominal) / found.draws)
    return (found.rejection - found.nominal) / error


def _limit(looks: int) -> float:
    """Errors that none of so many rates at their lines exceeds, but for a chance of FAMILY."""
    return NormalDist().inv_cdf(1 - FAMILY / (2 * looks))


def _sentence(source: Source, made: Sequence[Calibration], outcome: Outcome) -> str:
    """How the primary method fares at the plan's line, and whether any line is missed."""
    step, nominal = source.plan.inference.primary_step, round(1 - source.plan.inference.level, 6)
    method = _of_primary(source, made)
    own = [x for x in method if x.outcome == outcome.id]
    chosen = [x for x in own if round(x.nominal, 6) == nominal]
    label, name = outcome.label[source.language], words.step(step, source.language)
    if not chosen:
        return f"{label}: {name} could not be calibrated at the {formats.percent(nominal)} line."
    said = " and ".join(
        f"{formats.plain(PERCENT * x.rejection, 1)}% (error"
        f" {formats.plain(PERCENT * x.mc_error, 1)}; {_null(x, source.language)})"
        for x in chosen
    )
    return (
        f"{label}: where nothing happened, {name} rejects {said} at the"
        f" {formats.percent(nominal)} line. {_far(own, len(method), source.language)}"
    )


def _null(found: Calibration, language: str) -> str:
    return words.in_sentence(whom_words.NULLS[found.null][language])


def _far(own: Sequence[Calibration], looks: int, language: str) -> str:
    """Whether the furthest of an outcome's rates is further from its line than chance brings it."""
    furthest = max(own, key=lambda x: abs(_errors(x)))
    errors = _errors(furthest)
    if abs(errors) <= FAR:
        return f"All its {len(own)} rates are within two Monte Carlo errors of their lines."
    lead = (
        f"The furthest of its {len(own)} rates is"
        f" {formats.plain(PERCENT * furthest.rejection, 1)}% at the"
        f" {formats.percent(furthest.nominal)} line ({_null(furthest, language)}),"
        f" {formats.plain(abs(errors), 1)} Monte Carlo errors from it:"
    )
    if abs(errors) <= _limit(looks):
        return f"{lead} not beyond chance among the {looks} rates of this method."
    how = "often" if errors > 0 else "seldom"
    return f"{lead} beyond chance among the {looks} rates of this method. It rejects too {how}."
