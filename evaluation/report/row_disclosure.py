"""Which fields of each record the rule takes out; `record_disclosure` applies what is decided here.

Rows of effects, levels, quantities and balance are decided from their counts alone.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace

from evaluation.config.check_kinds import kind_of
from evaluation.config.dictionary import Variable
from evaluation.estimation.records import (
    Adjustment,
    Balance,
    Bound,
    Diagnostic,
    Difference,
    Estimate,
    Level,
)
from evaluation.estimation.row_keys import ArmRound, Invariance, Part
from evaluation.report import disclosure as rule
from evaluation.report.hidden_rows import (
    GROUPS,
    Place,
    Rules,
    Wholes,
    hidden_rows,
    place,
    wholes_of,
)
from evaluation.report.record_set import Records

TREATED, COMPARISON = "n_clusters_treated", "n_clusters_comparison"
# What tells the comparison group's level: the effect over the effect in SD is the SD, and the SD of
# a share is its mean.
LEVEL = ("baseline_comparison_mean", "baseline_comparison_sd", "estimate_sd")
# What the standard error follows from: a smallest effect is a multiple of it
ERRORS = ("std_error", "statistic", "mde")
JOINT, SILENT, SHARE = Part("joint"), Part("silent"), "share:"
WITHOUT_GROUP = "clusters_without_group"
Fields = tuple[str, ...]
Decided = Mapping[str, Sequence[Fields]]
# every number of a record of people, so that a new one is withheld with the others
NUMBERS: Mapping[type, Fields] = {
    kind: tuple(f.name for f in fields(kind) if f.type in (int, float) and f.name != "level")
    for kind in (Estimate, Difference, Bound, Level, Balance, Adjustment)
}


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
        not rule.is_shown(row.n, "interviews", rules.study)
        if outcome is None
        else rule.baseline_is_withheld(row, outcome, secret, rules.study)
    )
    sizes = few_fields(row, wholes, rules)
    simulated = row.step in rule.SIMULATED and row.mc_error > 0
    counted = (
        rule.hidden_with_clusters(simulated=simulated, p_values=[row.p_value]) if sizes else ()
    )
    return (*(LEVEL if level else ()), *sizes, *counted)


def few_fields(row: Estimate | Difference, wholes: Wholes, rules: Rules) -> Fields:
    """Numbers of clusters that a row of a check of groups withholds: few have nobody of the group.

    A cluster without the group is one in which everybody interviewed has another trait.
    """
    check = rules.checks.get(row.specification)
    if check is None or kind_of(check).estimand != GROUPS:
        return ()
    few = [
        rule.few_left_out(row, whole, study=rules.study) for whole in wholes.get(row.outcome, ())
    ]
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


def decide(records: Records, rules: Rules) -> Decided:
    """Fields to take out of every record, by its name in :class:`Records`, in recorded order.

    A row of which nothing may be said has all fields of its kind.
    """
    wholes = wholes_of(records, rules.plan)
    hidden = frozenset(hidden_rows(records, wholes, rules))
    telling = frozenset(
        (x.outcome, x.estimand, x.sample, x.arm)
        for x in (*records.levels, *records.check_levels)
        if tells_alone(x, rules)
    )
    secret = [x for x in records.levels if tells_alone(x, rules)]
    estimates = {
        name: with_one_error(
            getattr(records, name),
            [of_estimate(x, hidden, secret, wholes, rules) for x in getattr(records, name)],
            rules,
        )
        for name in ("estimates", "check_estimates")
    }
    counts = {
        place(row)
        for name, found in estimates.items()
        for row, gone in zip(getattr(records, name), found, strict=True)
        if gone != NUMBERS[Estimate] and "df" in gone
    }
    levels = {
        name: [
            NUMBERS[Level] if (x.outcome, x.estimand, x.sample, x.arm) in telling else ()
            for x in getattr(records, name)
        ]
        for name in ("levels", "check_levels")
    }
    rows = {(o, s) for o, s, _ in hidden}
    return {
        **estimates,
        **levels,
        "differences": [of_difference(x, hidden, wholes, rules) for x in records.differences],
        "bounds": [NUMBERS[Bound] if rules.is_small(x) else () for x in records.bounds],
        "diagnostics": of_diagnostics(records.diagnostics, records, hidden, counts, rules),
        "check_diagnostics": of_diagnostics(
            records.check_diagnostics, records, hidden, counts, rules
        ),
        "adjustments": [
            NUMBERS[Adjustment] if (x.outcome, x.specification) in rows else ()
            for x in records.adjustments
        ],
        "balance": of_balance(records.balance, rules),
    }


def with_one_error(rows: Sequence[Estimate], found: Sequence[Fields], rules: Rules) -> list[Fields]:
    """Fields to take out, so that a row without its number of clusters has one standard error.

    Two methods' differ by a factor of the number of clusters, which narrows it to two values. Kept
    is that of the method from which checks depart, or else of the first.

    Parameters
    ----------
    rows : sequence of Estimate
    found : sequence of tuple of str
        What each row loses already.
    rules : Rules
    """
    step = rules.plan.checked().inference.primary_step
    kept: dict[Place, str] = {}
    for row, gone in zip(rows, found, strict=True):
        if "df" in gone and (row.step == step or place(row) not in kept):
            kept[place(row)] = row.step
    return [
        tuple(dict.fromkeys((*gone, *ERRORS)))
        if "df" in gone and gone != NUMBERS[Estimate] and kept[place(row)] != row.step
        else gone
        for row, gone in zip(rows, found, strict=True)
    ]


def tells_alone(level: Level, rules: Rules) -> bool:
    """Whether a level says too much by itself; a share of silent people is one of people."""
    outcome = rules.outcome(level.outcome)
    if outcome is None:
        return rule.is_small(level.n, level.n_clusters, study=rules.study)
    if level.sample == SILENT:
        outcome = replace(outcome, unit="percentage points")
    return rule.tells(level, outcome, rules.study)


def of_diagnostics(
    made: Sequence[Diagnostic],
    records: Records,
    hidden: frozenset[Place],
    counts: Iterable[Place],
    rules: Rules,
) -> list[Fields]:
    """Quantities of rows that are withheld, of levels that are, and of numbers of clusters.

    Parameters
    ----------
    made : sequence of Diagnostic
    records : Records
        Gives the levels and ranges that are withheld.
    hidden : frozenset of Place
        Rows of which nothing may be said.
    counts : iterable of Place
        Rows whose numbers of clusters are withheld.
    rules : Rules
    """
    base = rules.plan.checked().primary_specification()
    checks, counted = rules.checks, set(counts)
    gone = {(b.outcome, b.specification) for b in records.bounds if rules.is_small(b)}
    bare = {o for o, s, _ in hidden if s == base.id}
    groups = {(o, s) for o, s, _ in hidden if s in checks and kind_of(checks[s]).estimand == GROUPS}
    levels = [
        x for x in records.levels if (x.estimand, x.sample) == (base.estimand, Part(base.sample))
    ]
    alone = {(x.outcome, x.arm, x.round) for x in levels if tells_alone(x, rules)}
    paired = {(x.outcome, x.arm) for x in levels if tells_alone(x, rules)}
    shares = _told_shares(made, paired, rules)
    # the slopes of an effect in silent people's answers are changes of the shares of silent people
    silent = {x.outcome for x in records.check_levels if tells_alone(x, rules)}

    def is_gone(found: Diagnostic) -> bool:
        kind = checks[found.specification].kind if found.specification in checks else ""
        own = (found.outcome, found.specification)
        if place(found) in hidden or own in gone or (kind and found.outcome in bare):
            return True
        if found.name == WITHOUT_GROUP and place(found) in counted:
            return True
        if found.sample == JOINT and own in groups:
            return True
        if kind == "functional_form":
            if found.name.startswith(SHARE):
                return _share(found) in shares
            return any(outcome == found.outcome for outcome, _ in paired)
        if kind == "nonresponse":
            return found.outcome in silent or any(o == found.outcome for o, _ in paired)
        if kind == "measurement":
            every = isinstance(found.sample, Invariance)
            return any(
                outcome == found.outcome and (every or found.sample == ArmRound(arm, round_))
                for outcome, arm, round_ in alone
            )
        return False

    return [("value",) if is_gone(found) else () for found in made]


def _share(found: Diagnostic) -> tuple[str, str, str, str]:
    """A share by its question and answer, and by its arm and round, or by neither if implied."""
    at = found.sample
    if isinstance(at, ArmRound):
        return found.outcome, at.item, found.name, f"{at.value}:{at.round}"
    return found.outcome, at.value, found.name, ""


def _told_shares(
    made: Iterable[Diagnostic], paired: set[tuple[str, str]], rules: Rules
) -> set[tuple[str, str, str, str]]:
    """Shares of answers to withhold: of a withheld level, certain ones, and the implied one.

    The implied share is a sum of the others, and would give a withheld one away.
    """
    sensitive = {o.id for o in rules.plan.outcome if o.sensitive}
    found: set[tuple[str, str, str, str]] = set()
    for x in made:
        if not x.name.startswith(SHARE) or not isinstance(x.sample, ArmRound):
            continue
        certain = x.outcome in sensitive and rule.is_certain(x.value, whole=1.0)
        if certain or (x.outcome, x.sample.value) in paired:
            own = _share(x)
            found |= {own, (*own[:3], "")}
    return found


def of_balance(made: Sequence[Balance], rules: Rules) -> list[Fields]:
    """Rows to withhold: those that say too much, and those from which these could be worked out.

    The values of a variable add up to everybody, and stayers and leavers to all respondents: a
    withheld one takes the others of the variable with it.

    Parameters
    ----------
    made : sequence of Balance
    rules : Rules
    """
    secret = {_whole_of(x) for x in made if _is_secret(x, rules)}
    return [NUMBERS[Balance] if _whole_of(x) in secret else () for x in made]


def _whole_of(record: Balance) -> tuple[str, str, str]:
    parts = ("stayers", "leavers")
    sample = "stayers and leavers" if record.sample in parts else record.sample
    return (record.variable.partition("=")[0], sample, record.round)


def _is_secret(record: Balance, rules: Rules) -> bool:
    """The disclosure rule for each group: few respondents or clusters, or certainty on a secret.

    In a variable of the list of clusters nobody's answer stands behind a row: its clusters decide.
    """
    groups = (
        (record.n_treated, record.n_clusters_treated, record.mean_treated),
        (record.n_comparison, record.n_clusters_comparison, record.mean_comparison),
    )
    cells = ((record.n, record.n_clusters), *((n, clusters) for n, clusters, _ in groups))
    if is_of_clusters(record, rules.variables.get(rules.study.columns.cluster)):
        few = any(not rule.is_shown(clusters, "clusters", rules.study) for _, clusters in cells)
    else:
        few = any(rule.is_small(n, clusters, study=rules.study) for n, clusters in cells)
    if few:
        return True
    whole = _everybody(record.variable, rules)
    return _is_sensitive(record.variable, rules) and any(
        not n >= rule.SENSITIVE_MINIMUM or rule.is_certain(mean, whole=whole)
        for n, _, mean in groups
    )


def is_of_clusters(record: Balance, cluster: Variable | None) -> bool:
    """Whether a variable of the frame is compared over clusters: no interview is behind it.

    A row of which one number is not theirs stays one of interviews, and so do all where what names
    a cluster names a person.

    Parameters
    ----------
    record : Balance
    cluster : Variable or None
        Names the clusters; where nothing is known of it, rows stay those of interviews.
    """
    counts = (record.n, record.n_treated, record.n_comparison)
    places = (record.n_clusters, record.n_clusters_treated, record.n_clusters_comparison)
    is_theirs = record.sample == "clusters" and counts == places
    return is_theirs and cluster is not None and cluster.personal != "direct"


def _is_sensitive(name: str, rules: Rules) -> bool:
    """By the dictionary, which says what tells a secret, or by the plan where it is an outcome."""
    plain = name.partition("=")[0]
    known = rules.variables.get(plain)
    outcome = rules.outcome(name)
    return (
        (known is not None and known.personal == "direct")
        or plain in rules.sensitive
        or (outcome is not None and outcome.sensitive)
    )


def _everybody(name: str, rules: Rules) -> float:
    """The mean that says that everybody did; infinite where only zero says something of all."""
    variable = rules.variables.get(name.partition("=")[0])
    if variable is not None:
        return 1.0 if variable.type == "binary" or "=" in name else math.inf
    outcome = rules.outcome(name)
    share = outcome is not None and outcome.unit == "percentage points"
    return rule.EVERYBODY if share else math.inf
