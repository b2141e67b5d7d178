"""Whether the methods find what is known: true nulls in the study's own data, invented effects."""

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report import estimate_rows
from evaluation.report.effect_rows import Line, lines
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.formats.words import labelled
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source
from evaluation.study.design_records import CALIBRATION_DRAWS, Calibration, TrueEffect
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Outcome
from evaluation.study.records import Estimate

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
# Kinds of null data, in their order.
NULLS = ("permuted treatment", "sign flips")


@table.builds
def calibration(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and method."""
    made = source.records.calibration
    outcomes = source.outcomes_of(exhibit)
    lines = sorted({x.nominal for x in made}) or LINES
    tests = [(null, nominal) for null in NULLS for nominal in lines]
    steps = [s for s in words.STEPS if _asked(source, made, s)]
    return table_frame.table(
        exhibit,
        source,
        columns=(table_frame.column(source, "step"), *_calibration_columns(source, tests)),
        rows=tuple(_row(source, made, o, s, tests) for o in outcomes for s in steps),
        generated=_notes(source, [x for x in made if x.outcome in {o.id for o in outcomes}]),
        said=tuple((o.id, _sentence(source, made, o)) for o in outcomes),
    )


def _asked(source: Source, made: Sequence[Calibration], step: str) -> bool:
    absent = source.records.calibration_unavailable
    return any(x.step == step for x in made) or any(u.step.endswith(f" {step}") for u in absent)


def _calibration_columns(source: Source, tests: list[tuple[str, float]]) -> list[Column]:
    language = source.language
    columns = []
    for null, nominal in tests:
        key = f"{table.slug(null)}_{PERCENT * nominal:g}"
        label = wording(
            "calibration.rejects-at",
            language,
            null=wording(f"calibration.null.{null}", language),
            nominal=number_format.percent(nominal, language),
        )
        error = wording("calibration.monte-carlo", language)
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
    if step == source.plan.checked().inference.primary_step:
        label = f"{label} ({words.in_sentence(wording('primary-estimate', source.language))})"
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
    kinds = [f"{dict(r.parameters).get('null', '')}" for r in reasons]
    chosen = [r for r, kind in zip(reasons, kinds, strict=True) if kind == null] or [
        r for r, kind in zip(reasons, kinds, strict=True) if not kind
    ]
    if not chosen:
        return table.none(), table.none()
    return table.unavailable(chosen[0], source.language), table.none()


def _notes(source: Source, made: Sequence[Calibration]) -> tuple[str, ...]:
    language = source.language
    draws = [number_format.count(n, language) for n in sorted({x.draws for x in made})]
    number = wording("calibration.or", language).join(draws)
    said = wording(
        "calibration.made",
        language,
        number=number or wording("calibration.no-data-sets", language),
        draws=number_format.count(CALIBRATION_DRAWS, language),
    )
    fixed = (
        ("calibration.permuted", "calibration.given-anew"),
        ("calibration.flipped", "calibration.common-sign"),
        ("calibration.limits", "calibration.not-trends"),
    )
    return (
        labelled(wording("calibration.calibration", language), said),
        *_many_rates(made, language),
        *_ruling(source, made),
        *(labelled(wording(label, language), wording(text, language)) for label, text in fixed),
    )


def _many_rates(made: Sequence[Calibration], language: str) -> tuple[str, ...]:
    """That some of many rates lie far from their line by chance, and how many do here."""
    if not made:
        return ()
    far = sum(abs(_errors(x)) > FAR for x in made)
    expected = BEYOND_FAR * len(made)
    is_more = far > MANY_MORE * max(expected, 1)
    return (
        labelled(
            wording("calibration.many-rates", language),
            wording(
                "calibration.far-by-chance",
                language,
                rates=len(made),
                far=far,
                expected=number_format.plain(expected, 0, language),
            ),
            wording("calibration.more-than-chance", language) if is_more else "",
        ),
    )


def _ruling(source: Source, made: Sequence[Calibration]) -> tuple[str, ...]:
    """The verdict on the primary method, one sentence for each outcome."""
    language = source.language
    outcomes = [o for o in source.plan.outcome if any(x.outcome == o.id for x in made)]
    own = _of_primary(source, made)
    if not own:
        return ()
    return (
        labelled(
            wording("calibration.primary-method", language),
            *(_sentence(source, made, o) for o in outcomes),
            wording(
                "calibration.beyond-chance",
                language,
                limit=number_format.plain(_limit(len(own)), 1, language),
                looks=len(own),
            ),
        ),
    )


def _of_primary(source: Source, made: Sequence[Calibration]) -> list[Calibration]:
    return [x for x in made if x.step == source.plan.checked().inference.primary_step]


def _errors(found: Calibration) -> float:
    """Distance of a rate from its line, in Monte Carlo errors of a rate at the line."""
    error = math.sqrt(found.nominal * (1 - found.nominal) / found.draws)
    return (found.rejection - found.nominal) / error


def _limit(looks: int) -> float:
    """Errors that none of so many rates at their lines exceeds, but for a chance of FAMILY."""
    return NormalDist().inv_cdf(1 - FAMILY / (2 * looks))


def _sentence(source: Source, made: Sequence[Calibration], outcome: Outcome) -> str:
    """How the primary method fares at the plan's line, and whether any line is missed."""
    language = source.language
    step, nominal = (
        source.plan.checked().inference.primary_step,
        round(1 - source.plan.inference.level, 6),
    )
    method = _of_primary(source, made)
    own = [x for x in method if x.outcome == outcome.id]
    chosen = [x for x in own if round(x.nominal, 6) == nominal]
    template = "calibration.rejects" if chosen else "calibration.not-calibrated"
    return wording(
        template,
        language,
        label=outcome.label[language],
        method=words.step(step, language),
        nominal=number_format.percent(nominal, language),
        rates=wording("calibration.and", language).join(_rate(x, language) for x in chosen),
        far=_far(own, len(method), language) if own else "",
    )


def _rate(found: Calibration, language: str) -> str:
    return wording(
        "calibration.rate",
        language,
        rate=_share(found, language),
        error=number_format.plain(PERCENT * found.mc_error, 1, language),
        null=_null(found, language),
    )


def _share(found: Calibration, language: str) -> str:
    """A rate in percent with one decimal."""
    return number_format.share(found.rejection, 1, language)


def _null(found: Calibration, language: str) -> str:
    return words.in_sentence(wording(f"calibration.null.{found.null}", language))


def _far(own: Sequence[Calibration], looks: int, language: str) -> str:
    """Whether the furthest of an outcome's rates is further from its line than chance brings it."""
    furthest = max(own, key=lambda x: abs(_errors(x)))
    errors = _errors(furthest)
    if abs(errors) <= FAR:
        return wording("calibration.all-near", language, n=len(own))
    beyond = "calibration.too-often" if errors > 0 else "calibration.too-seldom"
    template = "calibration.not-beyond" if abs(errors) <= _limit(looks) else beyond
    return wording(
        template,
        language,
        n=len(own),
        rate=_share(furthest, language),
        nominal=number_format.percent(furthest.nominal, language),
        null=_null(furthest, language),
        errors=number_format.plain(abs(errors), 1, language),
        looks=looks,
    )


@table.builds
def recovery(exhibit: Exhibit, source: Source) -> Table:
    """One row for each outcome: true effect, estimate, interval, and whether it holds the truth.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes (empty: all with a true effect) and one specification.
    source : Source
        Records with ``true_effects``, configuration and language.

    Raises
    ------
    ReportError
        The study is not synthetic or has no true effects, an outcome of the exhibit has none, or
        there is neither an estimate nor a reason.
    """
    truths = _truths(exhibit, source)
    chosen = [line for line in lines(exhibit, source) if line.outcome.id in truths]
    found = [line.found for line in chosen if isinstance(line.found, Estimate)]
    rows = tuple(
        Row(
            id=line.outcome.id,
            group=source.family(line.outcome.id),
            cells=(
                table.text(line.outcome.label[source.language]),
                table.text(words.unit(line.outcome.unit, source.language)),
                table.effect(
                    truths[line.outcome.id].average,
                    decimals=line.outcome.decimals,
                    unit=words.unit(line.outcome.unit, "en"),
                ),
                *_estimated(line, truths[line.outcome.id]),
            ),
        )
        for line in chosen
    )
    return table_frame.table(
        exhibit,
        source,
        columns=_recovery_columns(source),
        rows=rows,
        generated=(*((notes.inference(source, found),) if found else ()),),
        status=tuple(e.status for e in found),
        said=(("held", _held(source, chosen, truths)),),
    )


def _truths(exhibit: Exhibit, source: Source) -> Mapping[str, TrueEffect]:
    truths = {e.outcome: e for e in source.records.true_effects}
    without = sorted(set(exhibit.outcomes) - set(truths))
    if not (source.configuration.study.synthetic and truths) or without:
        raise ReportError.of(
            "recovery-no-truth",
            "recovery-no-truth",
            "truth.toml",
            outcome=", ".join(without) or exhibit.id,
        )
    return truths


def _recovery_columns(source: Source) -> tuple[Column, ...]:
    language = source.language
    return (
        table_frame.column(source, "outcome"),
        table_frame.column(source, "unit", shown="download"),
        Column(id="true", label=wording("recovery.true", language), shown="with unit"),
        table_frame.column(source, "estimate", shown="with unit"),
        table_frame.column(source, "ci_low"),
        table_frame.column(source, "ci_high", joined="to"),
        Column(id="inside", label=wording("recovery.held", language)),
    )


def _estimated(line: Line, truth: TrueEffect) -> tuple[Cell, ...]:
    """Estimate, both bounds, and whether they hold the truth; or why there are none."""
    found, given = line.found, {}
    if isinstance(found, Estimate):
        where = "recovery.inside" if _holds(found, truth) else "recovery.outside"
        given = {"inside": table.text(wording(where, line.source.language))}
    fields = ("estimate", "ci_low", "ci_high", "inside")
    decimals = line.outcome.decimals
    return estimate_rows.cells(line.source, found, fields, decimals=decimals, given=given)


def _holds(found: Estimate, truth: TrueEffect) -> bool:
    return found.ci_low <= truth.average <= found.ci_high


def _held(source: Source, chosen: list[Line], truths: Mapping[str, TrueEffect]) -> str:
    """How many of the intervals hold the true effect, beside how many are expected to."""
    held = [
        _holds(line.found, truths[line.outcome.id])
        for line in chosen
        if isinstance(line.found, Estimate)
    ]
    return wording(
        "recovery.sentence",
        source.language,
        held=number_format.count(sum(held), source.language),
        all=number_format.count(len(held), source.language),
        level=number_format.percent(source.plan.inference.level, source.language),
    )
