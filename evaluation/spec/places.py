"""Places of numbers among the results, areas of them, and p-values that are adjusted together."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from evaluation.spec.plan import Plan

# What of a result: the estimate with its sizes, its uncertainty, adjusted p-values, a diagnostic,
# whether there is such a row at all, and how it may be called.
Part = Literal["effect", "inference", "adjusted", "diagnostic", "row", "status"]
BUT_EFFECTS = frozenset[Part]({"inference", "adjusted", "diagnostic", "row", "status"})
ADJUSTED = frozenset[Part]({"adjusted", "diagnostic"})
INFERENCE = frozenset[Part]({"inference"})
# Diagnostics beside a primary outcome's record; the record's interval is simultaneous as well.
SIMULTANEOUS = "simultaneous_90_*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a number stands.

    Attributes
    ----------
    step : str
        Inference step, method of an adjustment, or name of a diagnostic.
    """

    outcome: str
    specification: str
    step: str
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Places by outcome, specification or check, step (with wildcards) and part; None means all."""

    outcomes: frozenset[str] | None = None
    specifications: frozenset[str] | None = None
    steps: tuple[str, ...] | None = None
    parts: frozenset[Part] | None = None

    def holds(self, place: Place) -> bool:
        """Whether a place lies in the area."""
        return (
            (self.outcomes is None or place.outcome in self.outcomes)
            and (self.specifications is None or place.specification in self.specifications)
            and (self.steps is None or any(fnmatchcase(place.step, s) for s in self.steps))
            and (self.parts is None or place.part in self.parts)
        )


@dataclass(frozen=True, slots=True)
class Reach:
    """Areas that something can move."""

    areas: tuple[Area, ...] = ()

    def holds(self, place: Place) -> bool:
        """Whether a place lies within reach."""
        return any(area.holds(place) for area in self.areas)


ALL = Reach((Area(),))
NOTHING = Reach()


def together(areas: Iterable[Area], plan: Plan) -> Reach:
    """Areas with the p-values that are adjusted together with theirs."""
    found = tuple(dict.fromkeys(areas))
    more = (adjusted for area in found for adjusted in _adjusted_with(area, plan))
    return Reach(tuple(dict.fromkeys((*found, *more))))


def _adjusted_with(area: Area, plan: Plan) -> Iterator[Area]:
    """Adjusted p-values of the sets that an area's own p-values are in."""
    step, primary = plan.inference.primary_step, plan.primary_specification().id

    def moves(outcome: str, specification: str) -> bool:
        place = Place(outcome=outcome, specification=specification, step=step, part="inference")
        return area.holds(place)

    hit = {o.id for o in plan.outcomes_of(plan.primary_specification()) if moves(o.id, primary)}
    yield from _sets_adjusted(hit, plan)
    subgroups = [c for c in plan.check if c.kind == "subgroup"]
    asked = {o.id for c in subgroups for o in plan.outcomes_of_check(c) if moves(o.id, c.id)}
    if asked:
        yield subgroups_adjusted(frozenset(asked), plan)


def _sets_adjusted(hit: set[str], plan: Plan) -> Iterator[Area]:
    settings = plan.inference
    own = frozenset({plan.primary_specification().id})
    area = Area(specifications=own, parts=ADJUSTED)
    family_wise = frozenset(plan.corrected_together())
    if hit & family_wise:
        # their intervals too: each is made with the draws of all of them
        steps = (settings.primary_step, *settings.family_wise_check, SIMULTANEOUS)
        parts = ADJUSTED | INFERENCE
        yield dataclasses.replace(area, outcomes=family_wise, steps=steps, parts=parts)
    corrected = {f.id for f in plan.family if f.correction != "none"}
    others = frozenset(o.id for o in plan.outcome if o.family in corrected) - family_wise
    if hit & others:
        yield dataclasses.replace(area, outcomes=others, steps=(settings.primary_step, "*_across"))


def subgroups_adjusted(outcomes: frozenset[str] | None, plan: Plan) -> Area:
    """Adjusted p-values of the differences between subgroups; None stands for all outcomes."""
    return Area(
        outcomes=outcomes,
        specifications=frozenset(c.id for c in plan.check if c.kind == "subgroup"),
        steps=(plan.inference.primary_step,),
        parts=frozenset({"adjusted"}),
    )


def all_adjusted(plan: Plan) -> Iterator[Area]:
    """Adjusted p-values of every set that the plan corrects together."""
    return _sets_adjusted({o.id for o in plan.outcome}, plan)
