"""Intervals beside a primary one, and the same rule under them."""

from evaluation.report import agreement
from evaluation.report.conclusions import Conclusion, conclusion
from evaluation.report.sources import Source, find, primary_step
from evaluation.report.words import in_sentence
from evaluation.spec.load import Text
from evaluation.spec.plan import Check, Outcome, Specification
from evaluation.spec.records import Estimate

# Names for a narrow place.
PANEL = Text(en="panel", es="panel")
ADJUSTED_MODEL = Text(en="baseline-adjusted model", es="modelo ajustado por la línea de base")


def models_under(source: Source, estimate: Estimate) -> dict[str, Conclusion]:
    """Verdicts by name of the sensitivity specifications that have an estimate."""
    outcome = source.outcome(estimate.outcome)
    if outcome.smallest_effect is None:
        return {}
    smallest = outcome.smallest_effect
    found: dict[str, Conclusion | None] = {}
    for specification in source.plan.specification:
        if specification.status == "sensitivity":
            name = _short(source, specification)
            found[name] = _under(source, outcome, specification, smallest)
    return {name: ruling for name, ruling in found.items() if ruling is not None}


def each_left_out(source: Source, outcome: Outcome) -> list[tuple[Check, list[Estimate]]]:
    """Checks that leave one place out at a time, with their estimates that may be published."""
    rows = agreement.judged(source, outcome)
    return [
        (check, [x.shown for x in rows if x.line.check is check and x.shown is not None])
        for check in source.plan.check
        if check.kind == "leave_one_out" and outcome in source.plan.outcomes_of_check(check)
    ]


def _under(
    source: Source, outcome: Outcome, specification: Specification, smallest: float
) -> Conclusion | None:
    if outcome not in source.plan.outcomes_of(specification):
        return None
    step = primary_step(source, specification)
    found = find(source, outcome.id, specification=specification, step=step)
    if not isinstance(found, Estimate):
        return None
    return conclusion((found.ci_low, found.ci_high), None, smallest_effect=smallest)


def _short(source: Source, specification: Specification) -> str:
    """A name for a narrow place: the sample or method where it tells, else the label."""
    if specification.sample == "panel_members":
        return PANEL[source.language]
    if specification.method == "ancova":
        return ADJUSTED_MODEL[source.language]
    return in_sentence(specification.label[source.language])
