"""What was found under each component or expected result, and what a unit of effect cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.config.plan import Outcome, Specification
from evaluation.estimation.records import Estimate
from evaluation.locale.messages import wording
from evaluation.report.effect_rows import EffectLine, Field
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell
from evaluation.report.prose import table_frame
from evaluation.report.prose.conclusions import BLINDED, Direction, Evidence, direction, strength
from evaluation.report.prose.sensitivity_summary import assuming
from evaluation.report.sources import Source, find

ALL_TESTS: Evidence = "excludes zero by both methods and after adjustment"
NONE: Evidence = "does not exclude zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentFinding:
    """What was found of one outcome of a component."""

    label: str
    strength: Evidence
    direction: Direction


def component_sentence(found: Sequence[ComponentFinding], *, condition: str, language: str) -> str:
    """What was found under one component or expected result, in words.

    Parameters
    ----------
    found : sequence of ComponentFinding
        One for each outcome with an estimate.
    condition : str
        What an effect rests on, as a sentence begins with it.
    language : {"en", "es"}
    """
    if any(f.strength == BLINDED for f in found):
        return wording("answer.blinded", language)
    held = [f for f in found if f.strength == ALL_TESTS]
    weak = [f for f in found if f.strength not in (ALL_TESTS, NONE)]
    template = {
        (False, False): "component.nothing-shown",
        (True, False): "component.all-held",
        (False, True): "component.only-weak",
        (True, True): "component.both",
    }[bool(held), bool(weak)]
    shown = bool(held or weak)
    said = wording(
        template,
        language,
        condition=condition,
        n=number_format.count(len(found), language),
        all_held=number_format.count(len(held), language),
        weak=number_format.count(len(weak), language),
        all_named=_named(held, language),
        weak_named=_named(weak, language),
    )
    more = (
        wording("component.others", language)
        if shown and len(held) + len(weak) < len(found)
        else ""
    )
    return f"{said}{more}"


def _named(found: Sequence[ComponentFinding], language: str) -> str:
    """Outcomes in a row, each with where its effect points."""
    if not found:
        return ""
    return number_format.listed(
        [
            wording(
                f"component.outcome.{f.direction}",
                language,
                label=number_format.quoted(f.label.split(" (")[0], language),
            )
            for f in found
        ],
        language,
    )


def component_fields(source: Source) -> list[Field]:
    """The column of components, where the study has a results framework."""
    if not source.configuration.study.component:
        return []
    return [Field(column=table_frame.column(source, "component"), cell=_component)]


def _component(line: EffectLine, _: Estimate) -> Cell:
    study, language = line.source.configuration.study, line.source.language
    named = [c.label[language] for c in study.component if c.id in line.outcome.components]
    return table.text("; ".join(named)) if named else table.none()


def component_sentences(
    source: Source, specification: Specification
) -> tuple[tuple[str, str], ...]:
    """What was found under each component by one specification, primary outcomes included.

    Parameters
    ----------
    source : Source
    specification : Specification

    Returns
    -------
    tuple of (str, str)
        Component id and sentence; components without an estimate are left out.
    """
    said, condition = [], words.begun(assuming(source))
    outcomes = source.plan.outcomes_of(specification)
    for component in source.configuration.study.component:
        found = [
            made
            for o in outcomes
            if component.id in o.components and (made := _found(source, specification, o))
        ]
        if found:
            sentence = component_sentence(found, condition=condition, language=source.language)
            said.append((component.id, sentence))
    return tuple(said)


def _found(
    source: Source, specification: Specification, outcome: Outcome
) -> ComponentFinding | None:
    step = source.plan.read_by(specification)
    estimate = find(source, outcome.id, specification=specification, step=step)
    if not isinstance(estimate, Estimate):
        return None
    return ComponentFinding(
        label=outcome.label[source.language],
        strength=strength(source, specification, outcome, estimate),
        direction=direction(estimate.estimate, outcome.desired),
    )


NoCost = Literal["zero_inside", "wrong_way", "no_direction", "blinded"]
# One unit of effect; a whole standard deviation is more than any programme of this kind moves.
STEPS: Mapping[str, float] = {"SD": 0.1}


@dataclass(frozen=True, slots=True, kw_only=True)
class CostOfEffect:
    """Cost per resident of one step of effect, and its range from the interval of the effect.

    Attributes
    ----------
    step : float
        Size of one step, in the unit of the outcome.
    cost, low, high : float
        In the currency of the declared amount. ``low`` belongs to the largest effect, and
        is zero where that has no end.
    """

    step: float
    cost: float
    low: float
    high: float


def cost_of_effect(
    per_resident: float, estimate: Estimate, outcome: Outcome
) -> CostOfEffect | NoCost:
    """Cost of one step of effect: cost per resident divided by the number of steps.

    Parameters
    ----------
    per_resident : float
        Positive; whole cost divided by residents.
    estimate : Estimate
        By the primary step.
    outcome : Outcome
        Gives the unit and the desired direction.

    Returns
    -------
    CostOfEffect or str
        The reason where the interval includes zero (the quotient would have no bounds), where the
        effect is not one that the programme wanted, or where nothing is a result yet.
    """
    if estimate.status == "blinded":
        return "blinded"
    if estimate.ci_low <= 0 <= estimate.ci_high:
        return "zero_inside"
    wanted = direction(estimate.estimate, outcome.desired)
    if wanted != "desired":
        return "wrong_way" if wanted == "not desired" else "no_direction"
    step = STEPS.get(outcome.unit, 1.0)
    small, large = sorted(abs(x) for x in (estimate.ci_low, estimate.ci_high))
    return CostOfEffect(
        step=step,
        cost=per_resident * step / abs(estimate.estimate),
        low=per_resident * step / large,
        high=per_resident * step / small,
    )
