"""Which results a changed entry of the plan, variable or row can move.

Nothing is estimated here: what an entry reaches follows from the plan alone. A number that moved
although nothing that reaches it changed was moved by the code, or is a fault.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.spec.dictionary import Dictionary
from evaluation.spec.plan import Plan
from evaluation.spec.study import Study

# Entries that every estimate rests on.
EVERYWHERE = ("inference", "standardise")


@dataclass(frozen=True, slots=True)
class Reach:
    """Outcomes and specifications (or checks) that something can move; None means all."""

    outcomes: frozenset[str] | None
    specifications: frozenset[str] | None

    def holds(self, outcome: str, specification: str) -> bool:
        """Whether a result lies within reach."""
        return (self.outcomes is None or outcome in self.outcomes) and (
            self.specifications is None or specification in self.specifications
        )


ALL = Reach(None, None)
NOTHING = Reach(frozenset(), frozenset())


def of_entry(entry: str, plan: Plan) -> Reach:
    """Reach of a plan entry, by its name in ``plan.lock``.

    A changed family moves adjusted p-values of its outcomes; a changed primary specification
    also moves every check, which varies it.
    """
    kind, _, name = entry.partition(".")
    if entry in EVERYWHERE or kind == "event":
        return ALL
    if kind == "outcome":
        return Reach(made_of(name, plan), None)
    if kind == "coding":
        return of_variable(name, plan)
    if kind == "family":
        return Reach(frozenset(o.id for o in plan.outcome if o.family == name), None)
    if kind == "series":
        return Reach(frozenset({name}), None)
    if kind == "check":
        return Reach(None, frozenset({name}))
    if kind == "specification":
        primary = plan.primary_specification().id == name
        return ALL if primary else Reach(None, frozenset({name}))
    return NOTHING


def made_of(name: str, plan: Plan) -> frozenset[str]:
    """Outcomes made of a variable or outcome, itself included where it is an outcome."""
    found = {o.id for o in plan.outcome if o.id == name}
    for outcome in plan.outcome:
        if any(item.name in (name, *found) for item in outcome.items):
            found.add(outcome.id)
    return frozenset(found)


def of_variable(name: str, plan: Plan) -> Reach:
    """Reach of one variable: outcomes made of it, and specifications and checks that name it."""
    using = frozenset(
        {s.id for s in plan.specification if name in _named(s.covariates, s.effects, s.weights)}
        | {c.id for c in plan.check if name in c.variables}
    )
    outcomes = made_of(name, plan)
    if outcomes:
        return Reach(outcomes, None)
    return Reach(None, using) if using else NOTHING


def _named(covariates: tuple[str, ...], effects: tuple[str, ...], weights: str) -> Iterator[str]:
    yield from (*covariates, *effects, weights.removeprefix("inverse:"))


def of_column(
    column: str, source: str, *, plan: Plan, study: Study, dictionary: Dictionary
) -> Reach:
    """Reach of a raw column of one round or file: through the variables that are read from it.

    A column that the design rests on (cluster, arm, weight, respondent, date), or that a skip rule
    asks about, reaches everything.
    """
    names = [v.name for v in dictionary.variables.values() if v.raw.get(source) == column]
    columns = study.columns
    design = {columns.cluster, columns.arm, columns.respondent, columns.weight, columns.date}
    rules = {v.asked_if.variable for v in dictionary.variables.values() if v.asked_if}
    if any(name in design or name in rules for name in names):
        return ALL
    reaches = [of_variable(name, plan) for name in names]
    if len(reaches) == 1:
        return reaches[0]
    outcomes = frozenset().union(*(r.outcomes or frozenset() for r in reaches))
    return Reach(outcomes, None) if outcomes else NOTHING
