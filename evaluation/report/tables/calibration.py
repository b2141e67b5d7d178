"""Whether the methods find what is known: true nulls in the study's own data, invented effects."""

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist

from evaluation.config.design_records import CALIBRATION_DRAWS, Calibration, TrueEffect
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.row_keys import Part
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckResult
from evaluation.report.effect_rows import EffectLine, lines
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table
from evaluation.report.prose import headlines, notes, table_frame
from evaluation.report.sources import Source

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
Test = tuple[str, float]


@table.builds
def calibration(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and method."""
    made = [x for x in source.records.calibration if x.step in words.STEPS]
    outcomes = source.outcomes_of(exhibit)
    lines = sorted({x.nominal for x in made}) or LINES
    tests = [(null, nominal) for null in NULLS for nominal in lines]
    steps = [s for s in words.STEPS if _asked(source, made, s)]
    return table_frame.table(
        exhibit,
        source,
        columns=("step", *_calibration_columns(source, tests)),
        rows=tuple(_row(source, made, o, s, tests) for o in outcomes for s in steps),
        generated=_notes(source, [x for x in made if x.outcome in {o.id for o in outcomes}]),
        sentences=tuple((o.id, _sentence(source, made, o)) for o in outcomes),
    )


def _asked(source: Source, made: Sequence[Calibration], step: str) -> bool:
    absent = source.records.calibration_unavailable
    return any(x.step == step for x in made) or any(u.step.endswith(f" {step}") for u in absent)


def _calibration_columns(source: Source, tests: Sequence[Test]) -> Iterator[Column]:
    for null, nominal in tests:
        key = f"{table.slug(null)}_{PERCENT * nominal:g}"
        label = source.wording(
            "calibration.rejects-at",
            null=source.wording(f"calibration.null.{null}"),
            nominal=number_format.percent(nominal, source.language),
        )
        error = source.wording("calibration.monte-carlo")
        yield Column(id=f"rejection_{key}", label=label, shown="with unit")
        yield Column(id=f"mc_error_{key}", label=error, joined="brackets")


def _row(
    source: Source, made: Sequence[Calibration], outcome: Outcome, step: str, tests: Sequence[Test]
) -> Row:
    cells = (c for null, at in tests for c in _cells(source, made, (outcome.id, null, step, at)))
    label = words.step(step, source.language)
    if step == source.plan.checked().inference.primary_step:
        label = f"{label} ({words.in_sentence(source.wording('primary-estimate'))})"
    return estimate_rows.row(source, outcome, step, label, cells)


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
    kinds = [(f"{dict(r.parameters).get('null', '')}", r) for r in reasons]
    chosen = [r for wanted in (null, "") for kind, r in kinds if kind == wanted]
    absent = table.unavailable(chosen[0], source.language) if chosen else table.none()
    return absent, table.none()


def _notes(source: Source, made: Sequence[Calibration]) -> tuple[str, ...]:
    language = source.language
    draws = [number_format.count(n, language) for n in sorted({x.draws for x in made})]
    number = source.wording("calibration.or").join(draws)
    return (
        source.note(
            "calibration.calibration",
            "calibration.made",
            number=number or source.wording("calibration.no-data-sets"),
            draws=number_format.count(CALIBRATION_DRAWS, language),
        ),
        _many_rates(source, made),
        _of_primary_method(source, made),
        source.note("calibration.permuted", "calibration.given-anew"),
        source.note("calibration.flipped", "calibration.common-sign"),
        source.note("calibration.limits", "calibration.not-trends"),
    )


def _many_rates(source: Source, made: Sequence[Calibration]) -> str:
    """That some of many rates lie far from their line by chance, and how many do here."""
    if not made:
        return ""
    far = sum(abs(_errors(x)) > FAR for x in made)
    expected = BEYOND_FAR * len(made)
    is_more = far > MANY_MORE * max(expected, 1)
    return source.note(
        "calibration.many-rates",
        "calibration.far-by-chance",
        "calibration.more-than-chance" if is_more else "",
        rates=len(made),
        far=far,
        expected=number_format.plain(expected, 0, source.language),
    )


def _of_primary_method(source: Source, made: Sequence[Calibration]) -> str:
    """What is found of the primary method, one sentence for each outcome."""
    outcomes = [o for o in source.plan.outcome if any(x.outcome == o.id for x in made)]
    own = _of_primary(source, made)
    if not own:
        return ""
    beyond = source.wording(
        "calibration.beyond-chance",
        limit=number_format.plain(_limit(len(own)), 1, source.language),
        looks=len(own),
    )
    sentences = (_sentence(source, made, o) for o in outcomes)
    return words.labelled(source.wording("calibration.primary-method"), *sentences, beyond)


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
    language, step = source.language, source.plan.checked().inference.primary_step
    nominal = round(1 - source.plan.inference.level, 6)
    method = _of_primary(source, made)
    own = [x for x in method if x.outcome == outcome.id]
    rates = [
        source.wording(
            "calibration.rate",
            rate=number_format.share(x.rejection, 1, language),
            error=number_format.plain(PERCENT * x.mc_error, 1, language),
            null=_null(source, x),
        )
        for x in own
        if round(x.nominal, 6) == nominal
    ]
    return source.wording(
        "calibration.rejects" if rates else "calibration.not-calibrated",
        label=outcome.label[language],
        method=words.step(step, language),
        nominal=number_format.percent(nominal, language),
        rates=source.wording("calibration.and").join(rates),
        far=_far(source, own, len(method)) if own else "",
    )


def _null(source: Source, found: Calibration) -> str:
    return words.in_sentence(source.wording(f"calibration.null.{found.null}"))


def _far(source: Source, own: Sequence[Calibration], looks: int) -> str:
    """Whether the furthest of an outcome's rates is further from its line than chance brings it."""
    furthest = max(own, key=lambda x: abs(_errors(x)))
    errors = _errors(furthest)
    if abs(errors) <= FAR:
        return source.wording("calibration.all-near", n=len(own))
    beyond = "calibration.too-often" if errors > 0 else "calibration.too-seldom"
    return source.wording(
        "calibration.not-beyond" if abs(errors) <= _limit(looks) else beyond,
        n=len(own),
        rate=number_format.share(furthest.rejection, 1, source.language),
        nominal=number_format.percent(furthest.nominal, source.language),
        null=_null(source, furthest),
        errors=number_format.plain(abs(errors), 1, source.language),
        looks=looks,
    )


ESTIMATED = ("estimate", "ci_low", "ci_high", "inside")
RECOVERY_COLUMNS = (
    *table.columns("outcome"),
    *table.columns("unit", shown="download"),
    *table.columns("true", "estimate", shown="with unit"),
    *table.columns(*ESTIMATED[1:]),
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
    held = [_holds(e, truths[e.outcome]) for e in found]
    counts = {"held": sum(held), "all": len(held)}
    sentence = source.wording(
        "recovery.sentence",
        **{name: number_format.count(n, source.language) for name, n in counts.items()},
        level=number_format.percent(source.plan.inference.level, source.language),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=RECOVERY_COLUMNS,
        rows=(_recovery_row(line, truths[line.outcome.id]) for line in chosen),
        generated=notes.inference(source, found),
        found=found,
        sentences=(("held", " ".join((sentence, *_explained(chosen, truths)))),),
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


def _recovery_row(line: EffectLine, truth: TrueEffect) -> Row:
    """True effect, estimate, both bounds, and whether they hold the truth; or why none."""
    source, outcome, found = line.source, line.outcome, line.found
    given, decimals = {}, outcome.decimals
    if isinstance(found, Estimate):
        where = "recovery.inside" if _holds(found, truth) else "recovery.outside"
        given = {"inside": table.text(source.wording(where))}
    return table.row(
        outcome.id,
        outcome.label[source.language],
        words.unit(outcome.unit, source.language),
        table.effect(truth.average, decimals=decimals, unit=words.unit(outcome.unit, "en")),
        *estimate_rows.cells(source, found, ESTIMATED, decimals=decimals, given=given),
        group=source.family(outcome.id),
    )


def _explained(chosen: Sequence[EffectLine], truths: Mapping[str, TrueEffect]) -> Iterator[str]:
    """Of shares that miss their true effect, what unanswered questions can explain at most.

    That is the effect on the share of people whose answer was counted as no because they left a
    question unanswered: by so much the estimate moves where each of them counts as a yes.
    """
    for line in chosen:
        found, outcome, truth = line.found, line.outcome, truths[line.outcome.id]
        if isinstance(found, Unavailable) or not outcome.primary or _holds(found, truth):
            continue
        silent = _silent(line.source, outcome)
        missed = found.estimate - truth.average
        if silent is None or outcome.unit != "percentage points" or silent * missed >= 0:
            continue
        amounts = (missed, silent, found.estimate + silent, truth.average)
        shown = [headlines.change(outcome, x, line.source.language) for x in amounts]
        yield line.source.wording(
            "recovery.unanswered",
            outcome=words.noun(outcome, line.source.language),
            **dict(zip(("missed", "moved", "estimate", "true"), shown, strict=True)),
        )


def _silent(source: Source, outcome: Outcome) -> float | None:
    """The effect on the share of people whose unanswered questions could change their result."""
    for check in source.plan.check:
        if check.kind == "nonresponse" and outcome in source.plan.outcomes_of_check(check):
            for line in CheckResult(source=source, check=check, outcome=outcome).lines():
                if line.sample == Part("silent") and isinstance(line.found, Estimate):
                    return line.found.estimate
    return None


def _holds(found: Estimate, truth: TrueEffect) -> bool:
    return found.ci_low <= truth.average <= found.ci_high
