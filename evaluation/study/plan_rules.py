"""What a plan may not say: references to undeclared things, unused entries, misfitting choices."""

import dataclasses
from collections.abc import Iterable

from evaluation.errors import SpecError
from evaluation.locale.messages import word
from evaluation.study import toml_reader
from evaluation.study.check_kinds import KINDS, Option
from evaluation.study.dictionary import Dictionary
from evaluation.study.plan import Check, Outcome, Plan, Specification
from evaluation.study.study import Study

# Columns that the pipeline makes itself, beside the dictionary's.
EXTRA = ("interview_month",)
HUNDRED = 100.0


def check_plan(plan: Plan, study: Study, dictionary: Dictionary, where: str) -> None:
    """Check ids and references of a plan.

    Raises
    ------
    SpecError
        Names the entry and the fix.
    """
    for what in ("family", "outcome", "specification", "series", "check"):
        toml_reader.unique((e.id for e in getattr(plan, what)), what=what, where=where)
    _check_inference(plan, dictionary, where)
    _check_power(plan, where)
    _check_outcomes(plan, study, dictionary, where)
    for specification in plan.specification:
        _check_specification(plan, specification, study, dictionary, where)
    for check in plan.check:
        _check_check(plan, check, dictionary, where)
    _check_used(plan, study, where)
    listed = (
        *plan.balance.variables,
        *plan.balance.frame_variables,
        *plan.balance.attrition_variables,
        *(s.variable for s in plan.series),
    )
    for name in listed:
        toml_reader.known(
            name, dictionary.variables, what="variable", where=where, key="balance/series"
        )


def _check_inference(plan: Plan, dictionary: Dictionary, where: str) -> None:
    settings = plan.inference
    if not 0.5 <= settings.level < 1.0:
        raise SpecError.of("plan-rules-is", "write-share-between", where, level=settings.level)
    # with fewer the p-value cannot reach the level, whatever the data
    fewest = round(1.0 / (1.0 - settings.level)) - 1
    if settings.draws < fewest:
        raise SpecError.of(
            "plan-rules-inference-draws-is",
            "ask-least-draws",
            where,
            draws=settings.draws,
            fewest=fewest,
        )
    if settings.permutations < fewest:
        raise SpecError.of(
            "plan-rules-inference-permutations-is",
            "ask-least-permutations",
            where,
            permutations=settings.permutations,
            fewest=fewest,
        )
    if settings.permutation_strata:
        toml_reader.known(
            settings.permutation_strata,
            dictionary.variables,
            what="variable",
            where=where,
            key="inference.permutation_strata",
        )
    _check_checks_from(plan, where)
    _check_false_discovery(plan, where)


def _check_power(plan: Plan, where: str) -> None:
    """The planned design names each primary outcome once; the formula checks its numbers."""
    if plan.power is None:
        return
    given = [s.outcome for s in plan.power.spread]
    asked = [o.id for o in plan.primary_outcomes()]
    if sorted(given) != sorted(asked):
        raise SpecError.of(
            "power-outcomes",
            "power-outcomes",
            where,
            given=", ".join(given) or "-",
            asked=", ".join(asked),
        )


def _check_checks_from(plan: Plan, where: str) -> None:
    """What checks depart from has the step that they are read by."""
    base, step = plan.inference.checks_from, plan.inference.checks_step
    if not base and step is None:
        return
    known = {s.id: s for s in plan.specification if s.method == "did"}
    toml_reader.known(base, known, what="specification", where=where, key="inference.checks_from")
    toml_reader.known(
        step or "", known[base].steps, what="step", where=where, key="inference.checks_step"
    )


def _check_false_discovery(plan: Plan, where: str) -> None:
    checks = plan.inference.false_discovery_check
    if checks and not any(f.correction == "false_discovery" for f in plan.family):
        raise SpecError.of("no-family-check", "remove-give-family", where)
    if len(set(checks)) < len(checks):
        raise SpecError.of("says-something", "once", where)


def _check_outcomes(plan: Plan, study: Study, dictionary: Dictionary, where: str) -> None:
    families = {f.id: f for f in plan.family}
    components = [c.id for c in study.component]
    declared = set(dictionary.variables)
    for outcome in plan.outcome:
        key = f"outcome.{outcome.id}"
        toml_reader.known(outcome.family, families, what="family", where=where, key=key)
        for item in outcome.items:
            toml_reader.known(item.name, declared, what="item", where=where, key=f"{key}.items")
        for component in outcome.components:
            toml_reader.known(component, components, what="component", where=where, key=key)
        if not 1 <= outcome.minimum_items <= len(outcome.items):
            raise SpecError.of("outside", "say-how-many", where, key=key, n=len(outcome.items))
        if (outcome.threshold is None) == (outcome.function in ("at_least", "at_most")):
            raise SpecError.of(
                "plan-rules-does-not-fit",
                "thresholds-belong",
                where,
                key=key,
                function=outcome.function,
            )
        if outcome.primary and None in (outcome.smallest_effect, outcome.assumed_effect):
            raise SpecError.of("primary-no-smallest", "add-and", where, key=key)
        _check_scale(outcome, dictionary, where)
        declared.add(outcome.id)


def _check_scale(outcome: Outcome, dictionary: Dictionary, where: str) -> None:
    """Refuse shares in percentage points that were not multiplied by a hundred.

    Their effects would look a hundred times smaller than they are, and so would every conclusion.
    """
    per_hundred = outcome.unit in ("percentage points", "events per 100 adults")
    events = outcome.unit == "events per 100 adults"
    if per_hundred and outcome.scale != HUNDRED and (events or _is_share(outcome, dictionary)):
        raise SpecError.of(
            "is-in-and",
            "write-what-counted",
            where,
            id=outcome.id,
            unit=word(outcome.unit),
            scale=f"{outcome.scale:g}",
        )


def _is_share(outcome: Outcome, dictionary: Dictionary) -> bool:
    """Whether a person's value lies between 0 and 1 by the declarations."""
    if outcome.function in ("any", "all", "at_least", "at_most"):
        return True
    items = [dictionary.variables.get(item.name) for item in outcome.items]
    return outcome.function in ("value", "mean") and all(
        item is not None and item.type == "binary" for item in items
    )


def _check_specification(
    plan: Plan, specification: Specification, study: Study, dictionary: Dictionary, where: str
) -> None:
    key = f"specification.{specification.id}"
    s, weights = specification, specification.weights.removeprefix("inverse:")
    weight = () if weights == "none" else (weights,)
    strata = (s.strata_round,) if s.strata_round else ()
    variables = (*s.covariates, *s.effects, *strata, *weight)
    named: tuple[tuple[str, tuple[str, ...], Iterable[str], str], ...] = (
        ("treatment", (s.treatment, *s.adjust_treatments), [t.id for t in study.treatment], ""),
        ("round", s.contrast, study.rounds, ".contrast"),
        ("variable", variables, dictionary.variables, ""),
        ("family", s.families, [f.id for f in plan.family], ""),
        ("outcome", s.outcomes, [o.id for o in plan.outcome], ""),
        ("step", s.secondary_steps, s.steps, ".secondary_steps"),
    )
    for what, names, allowed, inside in named:
        for name in names:
            toml_reader.known(name, allowed, what=what, where=where, key=f"{key}{inside}")
    if len(specification.contrast) != 2:
        raise SpecError.of("not-two-rounds", "from-to", where, key=key)
    if (specification.method == "did") != (specification.lag == "none"):
        raise SpecError.of(
            "does-not-fit", "ancova-needs", where, key=key, method=repr(specification.method)
        )


def _check_check(plan: Plan, check: Check, dictionary: Dictionary, where: str) -> None:
    """A check has what its kind needs, and nothing that nobody reads."""
    key = f"check.{check.id}"
    if check.id in {s.id for s in plan.specification}:
        raise SpecError.of("id-specification", "rename-check", where, key=key)
    for name in check.outcomes:
        toml_reader.known(name, [o.id for o in plan.outcome], what="outcome", where=where, key=key)
    for name in check.variables:
        toml_reader.known(
            name, (*dictionary.variables, *EXTRA), what="variable", where=where, key=key
        )
    toml_reader.known(check.kind, KINDS, what="kind", where=where, key=f"{key}.kind")
    declared = check.declared
    needed = {_key(option) for option in declared.needs}
    read = {"id", "label", "answers", "kind", "theme", "outcomes", *needed}
    read |= {_key(option) for option in declared.takes}
    if "variable" in (*declared.needs, *declared.takes) and len(check.variables) > 1:
        raise SpecError.of(
            "names-variables",
            "write-check-each",
            where,
            key=key,
            n=len(check.variables),
            kind=repr(check.kind),
        )
    for field in dataclasses.fields(check):
        given = getattr(check, field.name) not in ((), None)
        if given and field.name not in read:
            raise SpecError.of(
                "not-read-kind", "remove", where, key=key, name=field.name, kind=repr(check.kind)
            )
        if not given and field.name in needed:
            raise SpecError.of(
                "missing", "kind-needs", where, key=key, name=field.name, kind=repr(check.kind)
            )


def _key(option: Option) -> str:
    return "variables" if option == "variable" else option


def _check_used(plan: Plan, study: Study, where: str) -> None:
    used = {o.id for s in plan.specification for o in plan.outcomes_of(s)}
    used |= {item.name for o in plan.outcome for item in o.items}
    for outcome in plan.outcome:
        if outcome.id not in used:
            raise SpecError.of("outcome-unused", "remove-let-specification", where, id=outcome.id)
    for component in study.component:
        if not any(component.id in o.components for o in plan.outcome):
            raise SpecError.of("component-study", "name-outcome-remove", where, id=component.id)
    for family in plan.family:
        if not any(o.family == family.id for o in plan.outcome):
            raise SpecError.of("family-unused", "remove", where, id=family.id)
    if sum(s.status == "primary" for s in plan.specification) != 1:
        raise SpecError.of("not-exactly-one", "give-one-specification", where)
