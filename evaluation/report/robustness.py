"""Whether a primary verdict holds up: the same rule under other intervals and specifications."""

from evaluation.report import agreement
from evaluation.report.sources import Source, diagnostic, find, primary_step
from evaluation.report.verdicts import Verdict, verdict
from evaluation.report.words import in_sentence
from evaluation.spec.load import Text
from evaluation.spec.plan import Check, Outcome, Specification
from evaluation.spec.records import Diagnostic, Estimate

SIMULTANEOUS = ("simultaneous_ci_low", "simultaneous_ci_high")
# Names for a narrow place.
SIMULTANEOUS_NAME = Text(en="simultaneous interval", es="intervalo simultáneo")
PANEL = Text(en="panel", es="panel")
ADJUSTED_MODEL = Text(en="baseline-adjusted model", es="modelo ajustado por la línea de base")
LEFT_OUT = Text(en="{check} ({n} of {total})", es="{check} ({n} de {total})")


def not_under(source: Source, estimate: Estimate) -> tuple[str, ...]:
    """Names of what gives another verdict than the primary interval of an outcome.

    Asked are the simultaneous interval, every sensitivity specification of the plan that includes
    the outcome and has an estimate by its own first-choice inference step, and the checks that
    leave one place out at a time, each named once with how many of its rows it is.

    Parameters
    ----------
    source : Source
        Records and plan.
    estimate : Estimate
        The primary one.
    """
    smallest = source.outcome(estimate.outcome).smallest_effect
    if smallest is None:
        return ()
    primary = verdict(estimate.ci_low, estimate.ci_high, smallest_effect=smallest)
    models = models_under(source, estimate)
    return (
        *(name for name, ruling in models.items() if ruling != primary),
        *_places_not_under(source, estimate, primary, smallest),
    )


def models_under(source: Source, estimate: Estimate) -> dict[str, Verdict]:
    """Verdicts by name of what can be had: simultaneous interval, sensitivity specifications."""
    outcome = source.outcome(estimate.outcome)
    if outcome.smallest_effect is None:
        return {}
    smallest = outcome.smallest_effect
    found = {SIMULTANEOUS_NAME[source.language]: _simultaneous(source, estimate, smallest)}
    for specification in source.plan.specification:
        if specification.status == "sensitivity":
            name = _short(source, specification)
            found[name] = _under(source, outcome, specification, smallest)
    return {name: ruling for name, ruling in found.items() if ruling is not None}


def _places_not_under(
    source: Source, estimate: Estimate, primary: Verdict, smallest: float
) -> tuple[str, ...]:
    """Checks that leave one place out at a time, where any of their rows has another verdict."""
    outcome, language = source.outcome(estimate.outcome), source.language
    names = []
    for check, found in each_left_out(source, outcome):
        other = sum(
            verdict(e.ci_low, e.ci_high, smallest_effect=smallest) != primary for e in found
        )
        if other:
            name = in_sentence(check.label[language])
            names.append(LEFT_OUT[language].format(check=name, n=other, total=len(found)))
    return tuple(names)


def each_left_out(source: Source, outcome: Outcome) -> list[tuple[Check, list[Estimate]]]:
    """Checks that leave one place out at a time, with their estimates that may be published."""
    rows = agreement.judged(source, outcome)
    return [
        (check, [x.shown for x in rows if x.line.check is check and x.shown is not None])
        for check in source.plan.check
        if check.kind == "leave_one_out" and outcome in source.plan.outcomes_of_check(check)
    ]


def _simultaneous(source: Source, estimate: Estimate, smallest: float) -> Verdict | None:
    bounds = [diagnostic(source, estimate, name) for name in SIMULTANEOUS]
    low, high = (b.value if isinstance(b, Diagnostic) else None for b in bounds)
    if low is None or high is None:
        return None
    return verdict(low, high, smallest_effect=smallest)


def _under(
    source: Source, outcome: Outcome, specification: Specification, smallest: float
) -> Verdict | None:
    if outcome not in source.plan.outcomes_of(specification):
        return None
    step = primary_step(source, specification)
    found = find(source, outcome.id, specification=specification, step=step)
    if not isinstance(found, Estimate):
        return None
    return verdict(found.ci_low, found.ci_high, smallest_effect=smallest)


def _short(source: Source, specification: Specification) -> str:
    """A name for a narrow place: the sample or method where it tells, else the label."""
    if specification.sample == "panel_members":
        return PANEL[source.language]
    if specification.method == "ancova":
        return ADJUSTED_MODEL[source.language]
    return in_sentence(specification.label[source.language])
