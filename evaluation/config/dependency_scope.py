"""Which results a changed plan entry, variable or raw column can move, and where they stand.

Nothing is estimated here: what an input can move follows from the plan and the study file alone.
A scope says what *can* have moved. A number that moved outside every changed input's scope has no
explanation among the inputs: the code, the machine or an input that nobody declared moved it.

What can move what:

=====================================  ==========================================================
changed                                scope
=====================================  ==========================================================
cluster, arm, respondent, weight,      everything
consent, rows, event, standardise,
primary specification, a panel's
declarations
inference                              everything but the estimates themselves
outcome, coding, an outcome's item     outcomes made of it, under every specification and check
another specification, a check         its own rows
family                                 adjusted p-values, and the status of its outcomes
series, its variable or denominator    the series
balance, its variables                 the balance table, and benchmarks of unequal trends
an outcome of the family `placebo`     benchmarks of unequal trends, beside its own rows
variable of a specification or check   their rows; every check's too for the primary specification
strata of the permutations             step ``ri`` and what is said of it
population                             specifications that weight by it
date                                   checks by date or month; everything if an event drops rows
coordinates, cohort, department,       the kinds of checks that read them, and diagnostics by place
subregion
=====================================  ==========================================================

Whatever reaches a p-value that is adjusted with others reaches the adjusted p-values of all of
them, and the checks that begin from the intervals made with these.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from evaluation.config.check_kinds import KINDS, kind_of
from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Check, Plan, Specification
from evaluation.config.study import Study

# What of a result: the estimate with its sizes, its uncertainty, adjusted p-values, a diagnostic,
# whether there is such a row at all, and how it may be called.
Part = Literal["effect", "inference", "adjusted", "diagnostic", "row", "status"]
BUT_EFFECTS = frozenset[Part]({"inference", "adjusted", "diagnostic", "row", "status"})
ADJUSTED = frozenset[Part]({"adjusted", "diagnostic"})
INFERENCE = frozenset[Part]({"inference"})
# Diagnostics beside a primary outcome's record; the record's interval is simultaneous as well.
SIMULTANEOUS = "simultaneous_90_*"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultAddress:
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
    """Where: outcomes, specifications or checks, steps (with wildcards), parts; None means all."""

    outcomes: frozenset[str] | None = None
    specifications: frozenset[str] | None = None
    steps: tuple[str, ...] | None = None
    parts: frozenset[Part] | None = None

    def holds(self, address: ResultAddress) -> bool:
        """Whether a number that stands there lies in the area."""
        return (
            (self.outcomes is None or address.outcome in self.outcomes)
            and (self.specifications is None or address.specification in self.specifications)
            and (self.steps is None or any(fnmatchcase(address.step, s) for s in self.steps))
            and (self.parts is None or address.part in self.parts)
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """Areas that something can move."""

    areas: tuple[Area, ...] = ()

    def holds(self, address: ResultAddress) -> bool:
        """Whether a number that stands there can be moved."""
        return any(area.holds(address) for area in self.areas)


ALL = Scope((Area(),))
NOTHING = Scope()


def together(areas: Iterable[Area], plan: Plan) -> Scope:
    """Areas with the p-values that are adjusted together with theirs."""
    found = tuple(dict.fromkeys(areas))
    more = (adjusted for area in found for adjusted in _adjusted_with(area, plan))
    return Scope(tuple(dict.fromkeys((*found, *more))))


def _adjusted_with(area: Area, plan: Plan) -> Iterator[Area]:
    """Adjusted p-values of the sets that an area's own p-values are in."""
    step, primary = plan.inference.primary_step, plan.primary_specification().id

    def moves(outcome: str, specification: str) -> bool:
        address = ResultAddress(
            outcome=outcome, specification=specification, step=step, part="inference"
        )
        return area.holds(address)

    hit = {o.id for o in plan.outcomes_of(plan.primary_specification()) if moves(o.id, primary)}
    yield from _sets_adjusted(hit, plan)
    subgroups = [c for c in plan.check if c.kind == "subgroup"]
    asked = {o.id for c in subgroups for o in plan.outcomes_of_check(c) if moves(o.id, c.id)}
    if asked:
        yield subgroups_adjusted(frozenset(asked), plan)
    checked = plan.checked()
    step, primary = checked.inference.primary_step, checked.primary_specification().id
    if any(moves(outcome, primary) for outcome in checked.corrected_together()):
        yield _beside_simultaneous(plan)


def _beside_simultaneous(plan: Plan) -> Area:
    """Rows of the checks that begin from a published interval, which all primary outcomes move."""
    return Area(
        outcomes=frozenset(plan.checked().corrected_together()),
        specifications=frozenset(c.id for c in plan.check if kind_of(c).benchmarks),
        parts=frozenset({"inference", "diagnostic"}),
    )


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
    for others in map(frozenset, plan.controlled_together()):
        if hit & others:
            steps = (settings.primary_step, "*_across")
            yield dataclasses.replace(area, outcomes=others, steps=steps)


def subgroups_adjusted(outcomes: frozenset[str] | None, plan: Plan) -> Area:
    """Adjusted p-values of the differences between subgroups; None stands for all outcomes."""
    return Area(
        outcomes=outcomes,
        specifications=frozenset(c.id for c in plan.check if c.kind == "subgroup"),
        steps=(plan.inference.primary_step,),
        parts=frozenset({"adjusted"}),
    )


def all_adjusted(plan: Plan) -> Iterator[Area]:
    """Adjusted p-values of every set that the plan corrects together, and what begins from them."""
    yield from _sets_adjusted({o.id for o in plan.outcome}, plan)
    yield _beside_simultaneous(plan)


# Specification of the balance table's rows, and of levels that no specification has any longer.
BALANCE, LEVELS = "balance", "levels"
# Family of the outcomes that the programme cannot have moved.
CONTROLS = "placebo"
# Names that the pipeline itself reads, whatever the plan says.
CONSENT, ALIASES, MONTH = "consent", "aliases", "interview_month"
# Steps, and names of diagnostics, that rest on the strata in which treatment is permuted.
PERMUTED = ("ri", "steps_disagree_*")
DROPPING = ("drop", "exclude")
# Columns of study.toml that kinds of checks read.
READ = {key for kind in KINDS.values() for key in kind.columns}


def of_entry(entry: str, *, plan: Plan, study: Study, dictionary: Dictionary) -> Scope:
    """Scope of a plan entry that is new, changed or gone, by its name in ``plan.lock``.

    Parameters
    ----------
    entry : str
        Such as ``outcome.trust``; see `fingerprints.fingerprints`.
    plan, study, dictionary
        As they stand; of an entry that is gone nothing is known but its name.
    """
    kind, _, name = entry.partition(".")
    if kind == "coding":
        return of_variable(name, plan=plan, study=study, dictionary=dictionary)
    return together(_entry_areas(kind, name, plan), plan)


def _entry_areas(kind: str, name: str, plan: Plan) -> Iterator[Area]:
    match kind:
        case "standardise" | "event" | "panel" | "cohort":
            yield Area()
        case "inference":
            yield Area(parts=BUT_EFFECTS)
        case "balance":
            yield Area(specifications=frozenset({BALANCE}))
            yield from _benchmarks(plan)
        case "outcome":
            # whose family it was, and whether primary, is no longer known
            made = made_of(name, plan) | {name}
            yield Area(outcomes=made)
            if made & _controls(plan):
                yield from _benchmarks(plan)
            yield from all_adjusted(plan)
        case "family":
            members = frozenset(o.id for o in plan.outcome if o.family == name)
            yield Area(outcomes=members, parts=frozenset({"status"}))
            yield from all_adjusted(plan)
        case "series":
            yield Area(outcomes=frozenset({name}))
        case "specification":
            yield from _specification_areas([name], plan)
        case "check":
            yield from _check_entry_areas(name, plan)


def _check_entry_areas(name: str, plan: Plan) -> Iterator[Area]:
    yield Area(specifications=frozenset({name}))
    if name not in {check.id for check in plan.check}:
        # it may have been one of the subgroups whose differences are adjusted together
        yield subgroups_adjusted(None, plan)


def of_variable(name: str, *, plan: Plan, study: Study, dictionary: Dictionary) -> Scope:
    """Scope of one variable of the dictionary.

    Parameters
    ----------
    name : str
    plan, study, dictionary
        What reads the variable: outcomes, specifications, checks, the design, skip rules.
    """
    return together(_areas_of(name, plan, study, dictionary), plan)


def of_column(
    column: str, source: str, *, plan: Plan, study: Study, dictionary: Dictionary
) -> Scope:
    """Scope of a raw column of one round or file: of all variables that are read from it."""
    names = [v.name for v in dictionary.variables.values() if v.raw.get(source) == column]
    return together((a for name in names for a in _areas_of(name, plan, study, dictionary)), plan)


def made_of(name: str, plan: Plan) -> frozenset[str]:
    """Outcomes made of a variable or outcome, itself included where it is an outcome."""
    found = {o.id for o in plan.outcome if o.id == name}
    for outcome in plan.outcome:
        if any(source in (name, *found) for source in outcome.sources):
            found.add(outcome.id)
    return frozenset(found)


def _areas_of(name: str, plan: Plan, study: Study, dictionary: Dictionary) -> Iterator[Area]:
    for each in _with_asked(name, dictionary):
        yield from _variable_areas(each, plan)
        yield from _design_areas(each, plan, study)


def _with_asked(name: str, dictionary: Dictionary) -> tuple[str, ...]:
    """A variable and those asked by its answer: who was asked decides what a blank means."""
    found, asked = [name], [v for v in dictionary.variables.values() if v.asked_if is not None]
    for each in found:
        led_to = (v.name for v in asked if v.asked_if and v.asked_if.variable == each)
        found += [other for other in led_to if other not in found]
    return tuple(found)


def _variable_areas(name: str, plan: Plan) -> Iterator[Area]:
    """What the plan itself makes of a variable."""
    outcomes = made_of(name, plan)
    if outcomes:
        yield Area(outcomes=outcomes)
    if name in plan.balance.frame_variables or outcomes & _controls(plan):
        yield from _benchmarks(plan)
    yield from _specification_areas([s.id for s in plan.specification if name in _named(s)], plan)
    yield from _lagged(name, plan)
    yield from _checks(plan, [c for c in plan.check if name in c.variables])
    series = frozenset(s.id for s in plan.series if name in (s.variable, s.per, s.period))
    if series:
        yield Area(outcomes=series)
    table = plan.balance
    if name in (*table.variables, *table.frame_variables, *table.attrition_variables):
        yield Area(outcomes=frozenset({name}), specifications=frozenset({BALANCE}))


def _named(s: Specification) -> tuple[str, ...]:
    return (*s.covariates, *s.effects, s.strata_round, s.weights.removeprefix("inverse:"))


def _lagged(name: str, plan: Plan) -> Iterator[Area]:
    """Outcomes whose baseline value is a column of the analysis file."""
    outcomes = made_of(name.removesuffix("_baseline"), plan)
    if name.endswith("_baseline") and outcomes:
        with_lag = frozenset(s.id for s in plan.specification if s.lag.startswith("suffix"))
        yield Area(outcomes=outcomes, specifications=with_lag)


def _design_areas(name: str, plan: Plan, study: Study) -> Iterator[Area]:
    """What reads a variable because study.toml names it in ``columns``, or for its own name."""
    columns = study.columns
    design = (columns.cluster, columns.arm, columns.respondent, columns.weight, CONSENT, ALIASES)
    drops = any(event.rule in DROPPING for event in study.event)
    if name in design or (name == columns.date and drops):
        yield Area()
    if name == columns.date:
        yield from _checks(plan, [c for c in plan.check if MONTH in c.variables or c.date])
    if name == (columns.population or "population"):
        weighted = [s.id for s in plan.specification if s.estimand == "population"]
        yield from _specification_areas(weighted, plan)
    if name in (columns.x_km, columns.y_km):
        yield from _checks(plan, [c for c in plan.check if c.distances])
    reading = {key for key in READ if name == getattr(columns, key)}
    yield from _checks(plan, [c for c in plan.check if reading & {*kind_of(c).columns}])
    yield from _strata_areas(name, plan, study)
    for level in ("department", "subregion"):
        if name == getattr(columns, level):
            yield Area(steps=(f"without_{level}*", f"score_variance_p_{level}"))


def _strata_areas(name: str, plan: Plan, study: Study) -> Iterator[Area]:
    if name != plan.inference.permutation_strata:
        return
    if study.blinded:
        # treatment itself is then scrambled inside the strata
        yield Area()
    permuted = frozenset(s.id for s in plan.specification if "ri" in s.steps)
    yield Area(specifications=permuted, steps=PERMUTED)
    # counts of permutations stand beside specifications that do not ask for the step, too
    yield Area(steps=("ri_*",))


def _specification_areas(names: Iterable[str], plan: Plan) -> Iterator[Area]:
    """Rows of specifications; the one that checks depart from gives their rows and the balance."""
    chosen = frozenset(names)
    if plan.checked().primary_specification().id in chosen:
        yield Area()
    elif chosen:
        yield Area(specifications=chosen | {LEVELS})
    if plan.primary_specification().id in chosen:
        others = frozenset(s.id for s in plan.specification if s.status == "sensitivity")
        yield Area(specifications=others, steps=("difference",))


def _controls(plan: Plan) -> frozenset[str]:
    """Negative controls, which are benchmarks of unequal trends."""
    return frozenset(o.id for o in plan.outcome if o.family == CONTROLS)


def _benchmarks(plan: Plan) -> Iterator[Area]:
    """Checks that set the estimate against covariates of the frame and negative controls."""
    yield from _checks(plan, [c for c in plan.check if kind_of(c).benchmarks])


def _checks(plan: Plan, checks: Iterable[Check]) -> Iterator[Area]:
    for check in checks:
        outcomes = frozenset(o.id for o in plan.outcomes_of_check(check))
        yield Area(outcomes=outcomes, specifications=frozenset({check.id}))
