"""Whether a primary verdict holds up: the same rule under other intervals and specifications."""

from evaluation.report.sources import Source, diagnostic, find, primary_step
from evaluation.report.verdicts import Verdict, verdict
from evaluation.report.words import in_sentence
from evaluation.spec.load import Text
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.records import Diagnostic, Estimate

SIMULTANEOUS = ("simultaneous_ci_low", "simultaneous_ci_high")
# Names for a narrow place.
SIMULTANEOUS_NAME = Text(en="simultaneous interval", es="intervalo simultáneo")
PANEL = Text(en="panel", es="panel")
ADJUSTED_MODEL = Text(en="baseline-adjusted model", es="modelo ajustado por la línea de base")


def not_under(source: Source, estimate: Estimate) -> tuple[str, ...]:
    """Names of what gives another verdict than the primary interval of an outcome.

    Asked are the simultaneous interval and every sensitivity specification of the plan that
    includes the outcome and has an estimate by its own first-choice inference step.

    Parameters
    ----------
    source : Source
        Records and plan.
    estimate : Estimate
        The primary one.
    """
    outcome = source.outcome(estimate.outcome)
    if outcome.smallest_effect is None:
        return ()
    smallest = outcome.smallest_effect
    primary = verdict(estimate.ci_low, estimate.ci_high, smallest_effect=smallest)
    name = SIMULTANEOUS_NAME[source.language]
    others = {name: _simultaneous(source, estimate, smallest)}
    for specification in source.plan.specification:
        if specification.status == "sensitivity":
            name = _short(source, specification)
            others[name] = _under(source, outcome, specification, smallest)
    return tuple(name for name, ruling in others.items() if ruling not in (None, primary))


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
