"""Records as they are published: what the tables withhold or round is so in the records too.

Each function returns, for each record, the fields that are written otherwise and their text; the
rules are those of the tables (:mod:`evaluation.report.disclosure_pass`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from evaluation.locale.messages import message
from evaluation.report.disclosure import EVERYBODY, SENSITIVE_MINIMUM, is_certain, is_small, tells
from evaluation.report.linked_corrections import of_corrections
from evaluation.report.linked_counts import (
    is_decided,
    of_again,
    of_backcheck,
    of_flow,
    of_units,
    without,
)
from evaluation.report.record_set import Records
from evaluation.report.row_disclosure import (
    GROUPS,
    JOINT,
    NUMBERS,
    SHARE,
    SILENT,
    WITHOUT_GROUP,
    Fields,
    Place,
    Rules,
    hidden_rows,
    of_difference,
    of_estimate,
    place,
    wholes_of,
)
from evaluation.study.confidentiality import is_withheld
from evaluation.study.configuration import Configuration
from evaluation.study.records import (
    Adjustment,
    Balance,
    Bound,
    Diagnostic,
    Difference,
    Estimate,
    Level,
    Unavailable,
)
from evaluation.study.row_keys import ArmRound, Implied, Invariance, Part

# where the records go of which nothing may be said
GONE_TO = {
    "unavailable": ("estimates", "diagnostics"),
    "check_unavailable": ("check_estimates", "differences", "bounds", "check_diagnostics"),
}
Decided = Mapping[str, Sequence[Fields]]


def shown(records: Records, configuration: Configuration) -> Records:
    """The records of a study as exhibits may show them; once more changes nothing.

    Parameters
    ----------
    records : Records
        As the stages saved them.
    configuration : Configuration
        The study's rules.
    """
    plan, study = configuration.promise.plan, configuration.study
    rules = Rules(plan=plan, study=study, variables=configuration.dictionary.variables)
    decided = decide(records, rules)
    changes: dict[str, Any] = {
        name: tuple(
            without(row, *gone) if gone else row
            for row, gone in zip(getattr(records, name), found, strict=True)
            if not _is_gone(row, gone)
        )
        for name, found in decided.items()
    }
    for name, sources in GONE_TO.items():
        absent = (
            _unavailable(row)
            for source in sources
            for row, gone in zip(getattr(records, source), decided[source], strict=True)
            if _is_gone(row, gone)
        )
        changes[name] = (*getattr(records, name), *absent)
    return replace(records, **changes, **_linked(records, rules))


def _linked(records: Records, rules: Rules) -> dict[str, Any]:
    """The counts that add up, as they may be shown."""
    study = rules.study
    flow = of_flow(records.flow, study)
    dispositions, response = of_units(records.dispositions, records.response, flow, study)
    counts, beyond, corrections = records.counts, records.beyond, records.corrections
    if not is_decided(corrections):
        counts, beyond = of_corrections(corrections, records.findings, flow, study)
        gone = {key[1:] for key, n in counts.items() if key[0] == "arm" and is_withheld(n)}
        gone |= {(key[1], "") for key, n in counts.items() if key[0] == "row" and is_withheld(n)}
        corrections = tuple(
            without(f, "n", "n_rows", "n_clusters")
            if ((f.round, f.action, f.reason), f.arm) in gone
            else f
            for f in corrections
        )
    return {
        "flow": flow,
        "dispositions": dispositions,
        "response": response,
        "again": of_again(records.again, study),
        "backcheck": of_backcheck(records.backcheck, rules.sensitive, study),
        "corrections": corrections,
        "counts": counts,
        "beyond": beyond,
    }


def _is_gone(row: object, gone: Fields) -> bool:
    """Whether a record says nothing; a share of answers keeps its place in its row."""
    if isinstance(row, Diagnostic):
        kept = row.name.startswith(SHARE) or isinstance(row.sample, Implied)
        return bool(gone) and not kept
    return isinstance(row, Estimate | Difference | Bound) and gone == NUMBERS[type(row)]


def _unavailable(row: Estimate | Difference | Bound | Diagnostic) -> Unavailable:
    step = type(row).__name__.lower()
    if isinstance(row, Estimate | Diagnostic):
        step = row.step if isinstance(row, Estimate) else row.name
    return Unavailable(
        study=row.study,
        outcome=row.outcome,
        specification=row.specification,
        estimand=row.estimand,
        sample=row.sample,
        step=step,
        reason=message("withheld-few.reason"),
    )


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
        name: [of_estimate(x, hidden, secret, wholes, rules) for x in getattr(records, name)]
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


def tells_alone(level: Level, rules: Rules) -> bool:
    """Whether a level says too much by itself; a share of silent people is one of people."""
    outcome = rules.outcome(level.outcome)
    if outcome is None:
        return is_small(level.n, level.n_clusters, study=rules.study)
    if level.sample == SILENT:
        outcome = replace(outcome, unit="percentage points")
    return tells(level, outcome, rules.study)


def of_diagnostics(
    made: Sequence[Diagnostic],
    records: Records,
    hidden: frozenset[Place],
    counts: Iterable[Place],
    rules: Rules,
) -> list[Fields]:
    """Quantities of rows that are withheld, of levels that are, and of numbers of clusters."""
    base = rules.plan.checked().primary_specification()
    checks, counted = rules.checks, set(counts)
    gone = {(b.outcome, b.specification) for b in records.bounds if rules.is_small(b)}
    bare = {o for o, s, _ in hidden if s == base.id}
    groups = {(o, s) for o, s, _ in hidden if s in checks and checks[s].declared.estimand == GROUPS}
    levels = [
        x for x in records.levels if (x.estimand, x.sample) == (base.estimand, Part(base.sample))
    ]
    alone = {(x.outcome, x.arm, x.round) for x in levels if tells_alone(x, rules)}
    paired = {(x.outcome, x.arm) for x in levels if tells_alone(x, rules)}
    shares = _told_shares(made, paired, rules)

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
        certain = x.outcome in sensitive and is_certain(x.value, whole=1.0)
        if certain or (x.outcome, x.sample.value) in paired:
            own = _share(x)
            found |= {own, (*own[:3], "")}
    return found


def of_balance(made: Sequence[Balance], rules: Rules) -> list[Fields]:
    """Rows to withhold: those that say too much, and those from which these could be worked out.

    The values of a variable add up to everybody, and stayers and leavers to all respondents: a
    withheld one takes the others of the variable with it.
    """
    secret = {_whole_of(x) for x in made if _is_secret(x, rules)}
    return [NUMBERS[Balance] if _whole_of(x) in secret else () for x in made]


def _whole_of(record: Balance) -> tuple[str, str, str]:
    parts = ("stayers", "leavers")
    sample = "stayers and leavers" if record.sample in parts else record.sample
    return (record.variable.partition("=")[0], sample, record.round)


def _is_secret(record: Balance, rules: Rules) -> bool:
    """The disclosure rule for each group: few respondents or clusters, or certainty on a secret."""
    groups = (
        (record.n_treated, record.n_clusters_treated, record.mean_treated),
        (record.n_comparison, record.n_clusters_comparison, record.mean_comparison),
    )
    cells = ((record.n, record.n_clusters), *((n, clusters) for n, clusters, _ in groups))
    if any(is_small(n, clusters, study=rules.study) for n, clusters in cells):
        return True
    whole = _everybody(record.variable, rules)
    return _is_sensitive(record.variable, rules) and any(
        not n >= SENSITIVE_MINIMUM or is_certain(mean, whole=whole) for n, _, mean in groups
    )


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
    return EVERYBODY if share else math.inf
