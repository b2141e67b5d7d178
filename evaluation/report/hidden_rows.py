"""Which rows of effects are withheld: rows of few, and those that would tell of few by subtraction.

A check gives the numbers of what each row rests on and leaves out; whether the row is shown beside
the others is decided here, by `disclosure`.
"""

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from evaluation.config.check_kinds import kind_of
from evaluation.config.confidentiality import sensitive_variables
from evaluation.config.dictionary import Variable
from evaluation.config.plan import Check, Outcome, Plan
from evaluation.config.study import Study
from evaluation.estimation.records import Bound, Diagnostic, Difference, Estimate
from evaluation.estimation.row_keys import BORDERING, WHOLE, Outside, Pair, Ring, RowKey
from evaluation.locale.messages import Message, message
from evaluation.report import disclosure as rule
from evaluation.report.record_set import Records

# What checks of groups of people estimate.
GROUPS = "effect by group"
MEMBERS, AFFECTED = "comparison_clusters", "clusters_with_fewer_interviews"
FEW_BEHIND, SUBTRACTION = message("withheld-few.reason"), message("withheld-since.reason")
# rings of borders and those of distances each sum to all comparison clusters
OF_BORDERS = (BORDERING, Outside())
# treatment and comparison group at two rounds: a record counts the four together
CELLS = 4
Place = tuple[str, str, RowKey]
Wholes = Mapping[str, Sequence[rule.Sized]]


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
        return any(rule.is_small(row.n, c, study=self.study) for c in clusters)


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


def hidden_rows(records: Records, wholes: Wholes, rules: Rules) -> dict[Place, Message]:
    """Rows of few, rows that leave few of the primary estimate, and what would give them away.

    Parameters
    ----------
    records : Records
    wholes : mapping of str to sequence of Estimate
        What rows of checks are subtracted from, by outcome.
    rules : Rules

    Returns
    -------
    dict of Place to Message
        Why nothing is said of a row.
    """
    against = {
        place(d): d.value
        for d in records.check_diagnostics
        if d.name == MEMBERS and isinstance(d.sample, Outside)
    }
    rows: Iterable[Estimate | Difference] = itertools.chain(
        records.estimates, records.check_estimates, records.differences
    )
    found: dict[Place, Message] = {}
    for row in rows:
        few = not rule.is_shown(against.get(place(row), 0), "clusters", rules.study)
        if rules.is_small(row) or few:
            found[place(row)] = FEW_BEHIND
    for at, reason in _left_out_of_few(records, wholes, rules):
        found.setdefault(at, reason)
    for check in rules.plan.check:
        if kind_of(check).estimand == GROUPS:
            for at in _hidden_groups(records, check, rules, found.keys()):
                found.setdefault(at, FEW_BEHIND)
    return found


def _left_out_of_few(
    records: Records, wholes: Wholes, rules: Rules
) -> Iterator[tuple[Place, Message]]:
    """Rows that leave so little of the primary estimate out that the two would tell what."""
    affected = {place(d): d.value for d in records.check_diagnostics if d.name == AFFECTED}
    each: dict[tuple[str, str], dict[str, Estimate]] = defaultdict(dict)
    rows: tuple[Estimate | Difference, ...] = (*records.check_estimates, *records.differences)
    for row in rows:
        check = rules.checks.get(row.specification)
        if check is None or not kind_of(check).leaves_out:
            continue
        for whole in wholes.get(row.outcome, ()):
            lost = affected.get(place(row), 0)
            reason = rule.why_not_beside(row, whole, study=rules.study, affected=lost)
            if reason:
                yield place(row), reason
        if kind_of(check).one_line and isinstance(row, Estimate):
            each[row.outcome, row.specification][row.sample.value] = row
    for (outcome, check_id), of in each.items():
        hidden = _hidden_values(of, wholes.get(outcome, ()), rules.study)
        for value in hidden:
            yield (outcome, check_id, of[value].sample), SUBTRACTION
        if hidden:
            # quartiles over places would tell of those that are withheld
            yield (outcome, check_id, WHOLE), SUBTRACTION
    made = {*map(place, rows)}
    yield from ((at, FEW_BEHIND) for at in _with_small_rings(records, rules) if at in made)


def _hidden_values(
    rows: Mapping[str, Estimate], wholes: Iterable[rule.Sized], study: Study
) -> set[str]:
    """Values whose row is withheld where each is left out in turn."""
    found: set[str] = set()
    for whole in wholes:
        sizes = (whole.n_clusters_treated, whole.n_clusters_comparison)
        gone = {
            v: (sizes[0] - row.n_clusters_treated, sizes[1] - row.n_clusters_comparison)
            for v, row in rows.items()
        }
        found |= rule.hidden_values(gone, sizes, study=study)
    return found


def _with_small_rings(records: Records, rules: Rules) -> Iterator[Place]:
    """Effects against clusters outside all rings, where rings of few left the comparison."""
    few: dict[tuple[str, str, bool], float] = defaultdict(float)
    members = [d for d in records.check_diagnostics if d.name == MEMBERS]
    for d in members:
        if isinstance(d.sample, Ring) and not rule.is_shown(d.value, "clusters", rules.study):
            few[d.outcome, d.specification, d.sample in OF_BORDERS] += d.value
    for d in members:
        left = few[d.outcome, d.specification, d.sample in OF_BORDERS]
        if isinstance(d.sample, Outside) and not rule.is_shown(left, "clusters", rules.study):
            yield place(d)


def _hidden_groups(
    records: Records, check: Check, rules: Rules, known: Collection[Place]
) -> Iterator[Place]:
    """Groups of few, those ``known`` to be hidden, and differences that would give one away."""
    sensitive = bool(rules.sensitive & {*check.variables})
    minimum = CELLS * rule.SENSITIVE_MINIMUM if sensitive else 0
    rows = {place(e): e for e in records.check_estimates if e.specification == check.id}
    for outcome in dict.fromkeys(name for name, _, _ in rows):
        sizes = {sample: e for (name, _, sample), e in rows.items() if name == outcome}
        small = {
            s
            for s, e in sizes.items()
            if rules.is_small(e) or not e.n >= minimum or (outcome, check.id, s) in known
        }
        for sample in small:
            yield outcome, check.id, sample
        groups = {s.value: e.n for s, e in sizes.items() if not isinstance(s, Pair)}
        few = {s.value for s in small if not isinstance(s, Pair)}
        for sample, pair in ((s, {s.value, s.second}) for s in sizes if isinstance(s, Pair)):
            # of a group that has no row of its own, only the count is known: the total's rest
            total = sum(groups.get(name, 0) for name in pair)
            rest = sizes[sample].n - total if pair - groups.keys() else 0
            if few & pair or not rule.is_shown(max(rest, 0), "interviews", rules.study):
                yield outcome, check.id, sample
