"""Which rows of effects may be shown, and which of their numbers; see `record_disclosure`."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from evaluation.report.disclosure import (
    SENSITIVE_MINIMUM,
    SIMULATED,
    baseline_is_withheld,
    few_left_out,
    gives_away,
    hidden_with_clusters,
    is_shown,
    is_small,
)
from evaluation.report.record_set import Records
from evaluation.study.confidentiality import sensitive_variables
from evaluation.study.dictionary import Variable
from evaluation.study.plan import Check, Outcome, Plan
from evaluation.study.records import (
    Adjustment,
    Balance,
    Bound,
    Diagnostic,
    Difference,
    Estimate,
    Level,
)
from evaluation.study.row_keys import Outside, Pair, Part, RowKey
from evaluation.study.study import Study

TREATED, COMPARISON = "n_clusters_treated", "n_clusters_comparison"
# What tells the comparison group's level: the effect over the effect in SD is the SD, and the SD of
# a share is its mean.
LEVEL = ("baseline_comparison_mean", "baseline_comparison_sd", "estimate_sd")
# What checks estimate whose rows leave places or people of the primary estimate out: less such a
# row it is those few. And what checks of groups of people estimate.
SUBTRACTS, GROUPS = "effect on fewer", "effect by group"
JOINT, SILENT, SHARE = Part("joint"), Part("silent"), "share:"
WITHOUT_GROUP, MEMBERS = "clusters_without_group", "comparison_clusters"
# treatment and comparison group at two rounds: a record counts the four together
CELLS = 4
Fields = tuple[str, ...]
Place = tuple[str, str, RowKey]
Wholes = Mapping[str, Sequence[Estimate]]
# every number of a record of people, so that a new one is withheld with the others
NUMBERS: Mapping[type, Fields] = {
    kind: tuple(f.name for f in fields(kind) if f.type in (int, float) and f.name != "level")
    for kind in (Estimate, Difference, Bound, Level, Balance, Adjustment)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the rule asks of a study besides its records: its plan and what is sensitive in it."""

    plan: Plan
    study: Study
    variables: Mapping[str, Variable]

    @property
    def sensitive(self) -> frozenset[str]:
        """Variables that tell a sensitive answer."""
        return sensitive_variables(self.variables)

    @property
    def checks(self) -> Mapping[str, Check]:
        """Checks of the plan by id."""
        return {check.id: check for check in self.plan.check}

    def outcome(self, name: str) -> Outcome | None:
        """Outcome of the plan by id; None of a series."""
        return next((o for o in self.plan.outcome if o.id == name), None)

    def is_small(self, row: Estimate | Difference | Bound) -> bool:
        """Whether a row rests on too few people, or on too few clusters of a group."""
        clusters = (row.n_clusters_treated, row.n_clusters_comparison)
        return any(is_small(row.n, c, study=self.study) for c in clusters)


def place(record: Estimate | Difference | Bound | Diagnostic) -> Place:
    """Which row of which specification or check a record belongs to."""
    return record.outcome, record.specification, record.sample


def wholes_of(records: Records, plan: Plan) -> Wholes:
    """Published estimates that rows of checks are subtracted from, one of each, by outcome."""
    main = {plan.primary_specification().id, plan.checked().primary_specification().id}
    found: dict[str, dict[str, Estimate]] = defaultdict(dict)
    for row in records.estimates:
        if row.specification in main:
            found[row.outcome][row.specification] = row
    return {outcome: list(of.values()) for outcome, of in found.items()}


def hidden_rows(records: Records, wholes: Wholes, rules: Rules) -> Iterator[Place]:
    """Rows of few, rows that leave few of the primary estimate, and what would give them away."""
    checks = rules.checks
    against = {
        place(d): d.value
        for d in records.check_diagnostics
        if d.name == MEMBERS and isinstance(d.sample, Outside)
    }
    rows: Iterable[Estimate | Difference] = itertools.chain(
        records.estimates, records.check_estimates, records.differences
    )
    for row in rows:
        few = not is_shown(against.get(place(row), 0), "clusters", rules.study)
        check = checks.get(row.specification)
        subtracted = (check is not None and check.declared.estimand == SUBTRACTS) and any(
            gives_away(row, whole, study=rules.study) for whole in wholes.get(row.outcome, ())
        )
        if rules.is_small(row) or few or subtracted:
            yield place(row)
    for check in rules.plan.check:
        if check.declared.estimand == GROUPS:
            yield from _hidden_groups(records, check, rules)


def _hidden_groups(records: Records, check: Check, rules: Rules) -> Iterator[Place]:
    """Groups of few, and every difference that would give one away."""
    sensitive = bool(rules.sensitive & {*check.variables})
    minimum = CELLS * SENSITIVE_MINIMUM if sensitive else 0
    rows = {place(e): e for e in records.check_estimates if e.specification == check.id}
    for outcome in dict.fromkeys(name for name, _, _ in rows):
        sizes = {sample: e for (name, _, sample), e in rows.items() if name == outcome}
        small = {s for s, e in sizes.items() if rules.is_small(e) or not e.n >= minimum}
        for sample in small:
            yield outcome, check.id, sample
        groups = {s.value: e.n for s, e in sizes.items() if not isinstance(s, Pair)}
        few = {s.value for s in small if not isinstance(s, Pair)}
        for sample, pair in ((s, {s.value, s.second}) for s in sizes if isinstance(s, Pair)):
            # of a group that has no row of its own, only the count is known: the total's rest
            known = sum(groups.get(name, 0) for name in pair)
            rest = sizes[sample].n - known if pair - groups.keys() else 0
            if few & pair or not is_shown(max(rest, 0), "interviews", rules.study):
                yield outcome, check.id, sample


def of_estimate(
    row: Estimate,
    hidden: frozenset[Place],
    secret: Sequence[Level],
    wholes: Wholes,
    rules: Rules,
) -> Fields:
    """Fields to take out of an estimate.

    Parameters
    ----------
    row : Estimate
    hidden : frozenset of Place
        Rows of which nothing may be said.
    secret : sequence of Level
        Levels that say too much.
    wholes : mapping of str to sequence of Estimate
        What rows of checks are subtracted from, by outcome.
    rules : Rules
    """
    if place(row) in hidden:
        return NUMBERS[Estimate]
    outcome = rules.outcome(row.outcome)
    # an outcome of no plan is a series: its own numbers are all there is
    level = (
        not is_shown(row.n, "interviews", rules.study)
        if outcome is None
        else baseline_is_withheld(row, outcome, secret, rules.study)
    )
    sizes = few_fields(row, wholes, rules)
    simulated = row.step in SIMULATED and row.mc_error > 0
    told = hidden_with_clusters(simulated=simulated, p_values=[row.p_value]) if sizes else ()
    return (*(LEVEL if level else ()), *sizes, *told)


def few_fields(row: Estimate | Difference, wholes: Wholes, rules: Rules) -> Fields:
    """Numbers of clusters that a row of a check of groups withholds: few have nobody of the group.

    A cluster without the group is one in which everybody interviewed has another trait.
    """
    check = rules.checks.get(row.specification)
    if check is None or check.declared.estimand != GROUPS:
        return ()
    few = [few_left_out(row, whole, study=rules.study) for whole in wholes.get(row.outcome, ())]
    return tuple(
        name for i, name in enumerate((TREATED, COMPARISON)) if any(gone[i] for gone in few)
    )


def of_difference(
    row: Difference, hidden: frozenset[Place], wholes: Wholes, rules: Rules
) -> Fields:
    """Its interval is of a t distribution, whose degrees of freedom are the clusters less one."""
    if place(row) in hidden:
        return NUMBERS[Difference]
    sizes = few_fields(row, wholes, rules)
    return (*sizes, "df", "ci_low", "ci_high") if sizes else ()
