"""What a plan may not say: references to undeclared things, unused entries, misfitting choices."""

from collections.abc import Iterable
from typing import Any

from evaluation.config.dictionary import Dictionary
from evaluation.config.panel_study import METHODS, span
from evaluation.config.plan import Outcome, Plan, Specification
from evaluation.config.study import Study
from evaluation.config.toml_reader import TomlFile
from evaluation.locale.messages import word

# Columns that the pipeline makes itself, beside the dictionary's.
EXTRA = ("interview_month",)
HUNDRED = 100.0
# what the stage `clean` makes of a panel's first count and its people
RATE = "rate"
# inference steps of a panel's specifications
OF_PANEL = ("cv1", "cv3", "ri", "ri_coefficient")

# texts of an entry that its table ``shown`` may put in other words
PRINTED = frozenset({"label", "question", "answers"})
# a text that only ``shown`` needs to give
ADDED = {"outcome": frozenset({"noun"})}


def check_plan(plan: Plan, study: Study, dictionary: Dictionary, toml: TomlFile) -> None:
    """Check ids and references of a plan.

    Parameters
    ----------
    plan, study, dictionary
        Of one study.
    toml : TomlFile
        That the plan stands in.

    Raises
    ------
    SpecError
        Names the entry and the fix.
    """
    for what in ("family", "outcome", "specification", "series", "check", "known"):
        toml.unique((e.id for e in getattr(plan, what)), what)
    _check_inference(plan, dictionary, toml)
    _check_power(plan, toml)
    _check_outcomes(plan, study, dictionary, toml)
    for specification in plan.specification:
        if study.panel is None:
            _check_specification(plan, specification, study, dictionary, toml)
        else:
            _check_of_panel(plan, specification, study, dictionary, toml)
    _check_used(plan, study, toml)
    if study.panel is None:
        _check_weighted_rounds(plan, study, dictionary, toml)
        main = plan.checked().primary_specification()
        key = f"specification.{main.id}"
        toml.refuse(main.method != "did", "checks-need-did", "name-checks-from", key=key)
    table, series = plan.balance, [s.variable for s in plan.series]
    listed = (*table.variables, *table.frame_variables, *table.attrition_variables, *series)
    toml.known(listed, dictionary.variables, "variable", "balance/series")


def _check_inference(plan: Plan, dictionary: Dictionary, toml: TomlFile) -> None:
    settings, level = plan.inference, plan.inference.level
    toml.refuse(not 0.5 <= level < 1.0, "plan-rules-is", "write-share-between", level=level)
    # with fewer the p-value cannot reach the level, whatever the data
    fewest = round(1.0 / (1.0 - level)) - 1
    toml.refuse(
        settings.draws < fewest,
        "plan-rules-inference-draws-is",
        "ask-least-draws",
        draws=settings.draws,
        fewest=fewest,
    )
    toml.refuse(
        settings.permutations < fewest,
        "plan-rules-inference-permutations-is",
        "ask-least-permutations",
        permutations=settings.permutations,
        fewest=fewest,
    )
    strata = [settings.permutation_strata] if settings.permutation_strata else []
    toml.known(strata, dictionary.variables, "variable", "inference.permutation_strata")
    _check_checks_from(plan, toml)
    checks = settings.false_discovery_check
    corrected = any(f.correction == "false_discovery" for f in plan.family)
    toml.refuse(checks and not corrected, "no-family-check", "remove-give-family")
    toml.refuse(len(set(checks)) < len(checks), "says-something", "once")


def _check_power(plan: Plan, toml: TomlFile) -> None:
    """The planned design names each primary outcome once; the formula checks its numbers."""
    if plan.power is None:
        return
    given = [s.outcome for s in plan.power.spread]
    asked = [o.id for o in plan.primary_outcomes()]
    toml.refuse(
        sorted(given) != sorted(asked),
        "power-outcomes",
        "power-outcomes",
        given=", ".join(given) or "-",
        asked=", ".join(asked),
    )


def _check_checks_from(plan: Plan, toml: TomlFile) -> None:
    """What checks depart from has the step that they are read by."""
    base, step = plan.inference.checks_from, plan.inference.checks_step
    if not base and step is None:
        return
    known = {s.id: s for s in plan.specification if s.method == "did"}
    toml.known(base, known, "specification", "inference.checks_from")
    toml.known(step or "", known[base].steps, "step", "inference.checks_step")


def _check_outcomes(plan: Plan, study: Study, dictionary: Dictionary, toml: TomlFile) -> None:
    families, components = [f.id for f in plan.family], [c.id for c in study.component]
    declared = set(dictionary.variables)
    if study.panel is not None:
        declared |= {RATE, *(count.id for count in study.panel.count)}
    for outcome in plan.outcome:
        key, count = f"outcome.{outcome.id}", len(outcome.items)
        toml.known(outcome.family, families, "family", key)
        toml.known([item.name for item in outcome.items], declared, "item", f"{key}.items")
        toml.known(outcome.components, components, "component", key)
        _check_priorities(outcome, dictionary, toml)
        toml.refuse(
            not 1 <= outcome.minimum_items <= count, "outside", "say-how-many", key=key, n=count
        )
        cut = outcome.function in ("at_least", "at_most")
        toml.refuse(
            (outcome.threshold is None) == cut,
            "plan-rules-does-not-fit",
            "thresholds-belong",
            key=key,
            function=outcome.function,
        )
        unplanned = outcome.primary and None in (outcome.smallest_effect, outcome.assumed_effect)
        toml.refuse(unplanned, "primary-no-smallest", "add-and", key=key)
        _check_scale(outcome, dictionary, toml)
        declared.add(outcome.id)


def _check_priorities(outcome: Outcome, dictionary: Dictionary, toml: TomlFile) -> None:
    """Each item of an outcome by priority is an answer to a coded question, and of no other."""
    key, named = f"outcome.{outcome.id}", outcome.weighted_by
    answers = [item.answer for item in outcome.items if item.answer]
    wanted = outcome.function == "by_priority"
    fits = bool(named) == wanted and len(answers) == (len(outcome.items) if wanted else 0)
    toml.refuse(not fits, "priority-keys", "priority-keys", key=key, function=outcome.function)
    if wanted:
        toml.known(named, dictionary.variables, "variable", f"{key}.weighted_by")
        lists = [dictionary.code_list(named, s) for s in dictionary.variables[named].raw]
        for codes in lists:
            known = [str(c.value) for c in codes.values] if codes else []
            toml.known(answers, known, "answer", f"{key}.items")
        toml.unique(answers, "answer")


def _check_scale(outcome: Outcome, dictionary: Dictionary, toml: TomlFile) -> None:
    """Refuse shares in percentage points that were not multiplied by a hundred.

    Their effects would look a hundred times smaller than they are, and so would every conclusion.
    """
    share = outcome.unit == "percentage points" and _is_share(outcome, dictionary)
    toml.refuse(
        outcome.scale != HUNDRED and (share or outcome.unit == "events per 100 adults"),
        "is-in-and",
        "write-what-counted",
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
    plan: Plan, s: Specification, study: Study, dictionary: Dictionary, toml: TomlFile
) -> None:
    key, weights = f"specification.{s.id}", s.weights.removeprefix("inverse:")
    weight = () if weights == "none" else (weights,)
    strata = (s.strata_round,) if s.strata_round else ()
    variables = (*s.covariates, *s.effects, *strata, *weight)
    toml.known(
        (s.treatment, *s.adjust_treatments), [t.id for t in study.treatment], "treatment", key
    )
    toml.known(s.contrast, study.rounds, "round", f"{key}.contrast")
    toml.known(variables, dictionary.variables, "variable", key)
    toml.known(s.families, [f.id for f in plan.family], "family", key)
    toml.known(s.outcomes, [o.id for o in plan.outcome], "outcome", key)
    toml.known(s.secondary_steps, s.steps, "step", f"{key}.secondary_steps")
    toml.refuse(len(s.contrast) != 2, "not-two-rounds", "from-to", key=key)
    misfit = (s.method == "did") != (s.lag == "none")
    toml.refuse(misfit, "does-not-fit", "ancova-needs", key=key, method=repr(s.method))
    own = s.lag not in ("none", "cluster_mean") and s.estimand == "respondents"
    answered = s.sample == "baseline_answered"
    toml.refuse(answered and not own, "answered-misfit", "answered-misfit", key=key)


def _check_weighted_rounds(
    plan: Plan, study: Study, dictionary: Dictionary, toml: TomlFile
) -> None:
    """Refuse a weight that a round which is weighted does not have.

    Those that are made from `[weights]`, stand in the list of clusters or go with panel members
    hold for every round.
    """
    for s in plan.specification:
        name = s.weights.removeprefix("inverse:")
        made = study.weights is not None and name == study.columns.weight
        if name == "none" or made or (s.data, s.sample) != ("panel", "all"):
            continue
        raw = dictionary.variables[name].raw
        has = [r for r in study.rounds if r in raw]
        key, rounds = f"specification.{s.id}", ", ".join(has)
        # an analysis of covariance weights the last round's interviews
        weighted = s.contrast if s.method == "did" else s.contrast[-1:]
        lacks = has and not set(weighted) <= set(has)
        no_last = s.contrast[-1] not in has
        toml.refuse(
            lacks,
            "weight-one-round",
            "weight-not-last" if no_last else "weight-one-round",
            key=key,
            name=name,
            rounds=rounds,
        )


def _check_of_panel(
    plan: Plan, s: Specification, study: Study, dictionary: Dictionary, toml: TomlFile
) -> None:
    """Years in order and inside the panel, a method of panels, its own table of choices."""
    key, panel = f"specification.{s.id}", study.panel
    strata = (s.strata_round,) if s.strata_round else ()
    toml.known((s.treatment,), [t.id for t in study.treatment], "treatment", key)
    toml.known(strata, dictionary.variables, "variable", f"{key}.strata_round")
    toml.known(s.outcomes, [o.id for o in plan.outcome], "outcome", key)
    toml.known(s.method, METHODS, "method", f"{key}.method")
    toml.known(s.steps, OF_PANEL, "step", f"{key}.steps")
    choice = s.panel
    toml.refuse(choice is None, "key-missing", "load-add", path=f"{key}.panel", name="panel")
    toml.refuse(len(s.contrast) != 2, "not-two-rounds", "from-to", key=key)
    spans = [span(text) for text in s.contrast]
    years = range(0) if panel is None else panel.years
    inside = all(len(one) and one[0] in years and one[-1] in years for one in spans)
    wrong = not inside or spans[0][-1] >= spans[1][0]
    toml.refuse(wrong, "years-of-contrast", "years-of-contrast", key=key)
    if choice is not None:
        # clusters that are looked at as one have no months of their own
        early = panel is not None and spans[0][0] < panel.population.joined
        months = not choice.months_in_order() or bool(choice.months and early)
        toml.refuse(months, "panel-months", "panel-months", key=key)
        alone = bool(choice.neighbours) != (choice.within_km > 0.0)
        toml.refuse(alone, "panel-neighbours", "panel-neighbours", key=key)


def _check_used(plan: Plan, study: Study, toml: TomlFile) -> None:
    used = {o.id for s in plan.specification for o in plan.outcomes_of(s)}
    used |= {item.name for o in plan.outcome for item in o.items}
    for outcome in plan.outcome:
        toml.refuse(
            outcome.id not in used, "outcome-unused", "remove-let-specification", id=outcome.id
        )
    shown = {name for outcome in plan.outcome for name in outcome.components}
    for component in study.component:
        toml.refuse(
            component.id not in shown, "component-study", "name-outcome-remove", id=component.id
        )
    families = {outcome.family for outcome in plan.outcome}
    specifications = [s.id for s in plan.specification]
    for family in plan.family:
        joins = [family.joins] if family.joins else []
        toml.known(joins, specifications, "specification", f"family.{family.id}.joins")
        toml.refuse(family.id not in families, "family-unused", "remove", id=family.id)
    primary = sum(s.status == "primary" for s in plan.specification)
    toml.refuse(primary != 1, "not-exactly-one", "give-one-specification")


def printed_entries(table: dict[str, Any], kinds: Iterable[str], toml: TomlFile) -> dict[str, Any]:
    """Entries with the words that pages print; ``shown`` is taken out of the table.

    A registered entry keeps its words: how readers are told of it may be put better later, and is
    neither in the plan's hash nor in the fingerprints.

    Parameters
    ----------
    table : dict
        A plan as parsed.
    kinds : iterable of str
        Its lists of entries.
    toml : TomlFile
        That the plan stands in.

    Raises
    ------
    SpecError
        ``shown`` holds something else than words of the entry.
    """
    found = {}
    for kind in (kind for kind in kinds if isinstance(table.get(kind), list)):
        found[kind] = [_in_words(entry, kind, toml) for entry in table[kind]]
    return found


def _in_words(entry: Any, kind: str, toml: TomlFile) -> Any:
    if not isinstance(entry, dict) or "shown" not in entry:
        return entry
    words = entry.pop("shown")
    allowed = sorted(PRINTED & set(entry) | ADDED.get(kind, frozenset()))
    wrong = sorted(set(words) - set(allowed)) if isinstance(words, dict) else [str(words)]
    key, names = f"{kind}.{entry.get('id')}", ", ".join(wrong)
    toml.refuse(
        wrong, "shown-unknown", "shown-unknown", key=key, names=names, allowed=", ".join(allowed)
    )
    return entry | words


def check_strata(table: dict[str, Any], study: Study, toml: TomlFile) -> None:
    """Inside what clusters were assigned is said, once a stratum is declared: none is "" there.

    A plan that is locked stays as it is.

    Parameters
    ----------
    table : dict
        A plan as parsed.
    study : Study
    toml : TomlFile
        That the plan stands in.

    Raises
    ------
    SpecError
        It is not.
    """
    inference, stratum = table.get("inference"), study.columns.stratum
    if stratum is None or not isinstance(inference, dict) or not study.blinded:
        return
    unsaid = "permutation_strata" not in inference
    toml.refuse(unsaid, "strata-not-said", "strata-not-said", stratum=stratum)
