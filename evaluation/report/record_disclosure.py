"""Records as they are published: what the tables withhold or round is so in the records too.

What `row_disclosure` and `linked_counts` decide is taken out of the records that exhibits are made
from (`shown`); of those that are released, each gets the fields that are written otherwise, with
their text (`released`).
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from evaluation.config.confidentiality import WITHHELD, is_withheld
from evaluation.config.configuration import Configuration
from evaluation.config.design_records import PlannedPower
from evaluation.config.study import Study
from evaluation.estimation.records import Bound, Diagnostic, Difference, Estimate, Unavailable
from evaluation.estimation.row_keys import Implied
from evaluation.locale.messages import Message
from evaluation.report import disclosure as rule
from evaluation.report import linked_counts
from evaluation.report.hidden_rows import (
    FEW_BEHIND,
    MEMBERS,
    OF_BORDERS,
    Rules,
    Wholes,
    hidden_rows,
    place,
    wholes_of,
)
from evaluation.report.linked_corrections import of_corrections
from evaluation.report.record_set import Records
from evaluation.report.row_disclosure import LEVEL, NUMBERS, SHARE, Fields, decide

# where the records go of which nothing may be said
GONE_TO = {
    "unavailable": ("estimates", "diagnostics"),
    "check_unavailable": ("check_estimates", "differences", "bounds", "check_diagnostics"),
}


def shown(records: Records, configuration: Configuration) -> Records:
    """The records of a study as exhibits may show them; once more changes nothing.

    Parameters
    ----------
    records : Records
        As the stages saved them.
    configuration : Configuration
        The study's rules.
    """
    plan, study = configuration.preregistration.plan, configuration.study
    rules = Rules(plan=plan, study=study, variables=configuration.dictionary.variables)
    decided = decide(records, rules)
    changes: dict[str, Any] = {
        name: tuple(
            linked_counts.without(row, *gone) if gone else row
            for row, gone in zip(getattr(records, name), found, strict=True)
            if not _is_gone(row, gone)
        )
        for name, found in decided.items()
    }
    reasons = hidden_rows(records, wholes_of(records, plan), rules)
    for name, sources in GONE_TO.items():
        absent: list[Unavailable] = []
        for source in sources:
            for row, gone in zip(getattr(records, source), decided[source], strict=True):
                one = _unavailable(row, reasons.get(place(row), FEW_BEHIND))
                if _is_gone(row, gone) and one not in absent:
                    absent.append(one)
        changes[name] = (*getattr(records, name), *absent)
    return replace(records, **changes, **_linked(records, rules))


def without_derivable(checks: Records, wholes: Wholes, rules: Rules) -> Records:
    """Records of checks as they may lie in a build: a row that others would tell says why instead.

    What is found about one cluster or a few is so in no file, not even as a difference.

    Parameters
    ----------
    checks : Records
        As the checks made them.
    wholes : mapping of str to sequence of Sized
        Sizes of the estimates they stand beside, by outcome.
    rules : Rules
    """
    hidden = hidden_rows(checks, wholes, rules)
    told = {at: reason for at, reason in hidden.items() if reason != FEW_BEHIND}
    absent: list[Unavailable] = []
    changes: dict[str, Any] = {}
    for name in GONE_TO["check_unavailable"]:
        rows = getattr(checks, name)
        changes[name] = tuple(row for row in rows if place(row) not in told)
        for row in rows:
            one = _unavailable(row, told[place(row)]) if place(row) in told else None
            if one is not None and one not in absent:
                absent.append(one)
    return replace(checks, **changes, check_unavailable=(*checks.check_unavailable, *absent))


def _linked(records: Records, rules: Rules) -> dict[str, Any]:
    """The counts that add up, as they may be shown."""
    study = rules.study
    flow = linked_counts.of_flow(records.flow, study)
    dispositions, response = linked_counts.of_units(
        records.dispositions, records.response, flow, study
    )
    counts, beyond, corrections = records.counts, records.beyond, records.corrections
    if not linked_counts.is_decided(corrections):
        counts, beyond = of_corrections(corrections, records.findings, flow, study)
        gone = {key[1:] for key, n in counts.items() if key[0] == "arm" and is_withheld(n)}
        gone |= {(key[1], "") for key, n in counts.items() if key[0] == "row" and is_withheld(n)}
        corrections = tuple(
            linked_counts.without(f, "n", "n_rows", "n_clusters")
            if ((f.round, f.action, f.reason), f.arm) in gone
            else f
            for f in corrections
        )
    return {
        "flow": flow,
        "dispositions": dispositions,
        "response": response,
        "again": linked_counts.of_again(records.again, study),
        "backcheck": linked_counts.of_backcheck(records.backcheck, rules.sensitive, study),
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


def _unavailable(row: Estimate | Difference | Bound | Diagnostic, reason: Message) -> Unavailable:
    step = type(row).__name__.lower()
    if isinstance(row, Estimate | Diagnostic):
        step = row.step if isinstance(row, Estimate) else row.name
    if reason != FEW_BEHIND:
        # of a row that others tell by subtraction all is withheld for one reason
        step = "all"
    return Unavailable(
        study=row.study,
        outcome=row.outcome,
        specification=row.specification,
        estimand=row.estimand,
        sample=row.sample,
        step=step,
        reason=reason,
    )


# what a released table holds in place of a number that was taken out
NOT_SHOWN = f"{WITHHELD}"
OF_PEOPLE = ("interviews", "rows", "respondents")
# a share or a mean to the last bit is a fraction whose denominator is the number of interviews
FRACTIONS, DIGITS = ("share", "percent"), 3
Changed = Mapping[str, str]


def released(records: Records, rules: Rules) -> Mapping[str, list[Changed]]:
    """Fields of every record that are published otherwise, with their text, by name in Records.

    Parameters
    ----------
    records : Records
    rules : Rules
    """
    decided = decide(records, rules)
    kept: dict[str, list[Changed]] = {
        "estimates": [_rounded_estimate(x, rules.study) for x in records.estimates],
        "check_estimates": [_rounded_estimate(x, rules.study) for x in records.check_estimates],
        "differences": [_rounded_n(x, rules.study) for x in records.differences],
        "bounds": [_rounded_n(x, rules.study) for x in records.bounds],
        "diagnostics": [_rounded(x, rules.study) for x in records.diagnostics],
        "check_diagnostics": _rounded_counts(records.check_diagnostics, rules.study),
        "adjustments": [{} for _ in records.adjustments],
        "detectable": [_rounded_design(x) for x in records.detectable],
    }
    return {
        name: [
            {**changed, **dict.fromkeys(gone, NOT_SHOWN)}
            for changed, gone in zip(found, decided.get(name, [()] * len(found)), strict=True)
        ]
        for name, found in kept.items()
    }


def _rounded_n(row: Estimate | Difference | Bound, study: Study) -> Changed:
    return {"n": f"{rule.rounded_interviews(row.n, study.minimum_cell)}"}


def _rounded_estimate(row: Estimate, study: Study) -> Changed:
    return {**_rounded_n(row, study), **{name: _level(row, name) for name in LEVEL}}


def _level(row: Estimate, name: str) -> str:
    """A mean or SD without the digits that tell its interviews: about a fourth of the row's."""
    value = getattr(row, name)
    if not math.isfinite(value):
        return f"{value}"
    whole = rule.EVERYBODY if row.unit == "percentage points" and name != "estimate_sd" else 1.0
    return f"{value:.{rule.finest(row.n / 4, whole=whole)}f}"


def _rounded_design(row: PlannedPower) -> Changed:
    """The finished study's interviews to a cluster are whole numbers."""
    if row.effect_from != "own design":
        return {}
    return {"respondents": f"{row.respondents:.0f}", "panel_share": f"{row.panel_share:.2f}"}


def _rounded_counts(made: Sequence[Diagnostic], study: Study) -> list[Changed]:
    """Quantities of checks; members of rings are parts of all comparison clusters."""
    changed = [_rounded(x, study) for x in made]
    rings: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for i, x in enumerate(made):
        if x.name == MEMBERS:
            rings[x.outcome, x.specification, x.sample in OF_BORDERS].append(i)
    for ring in rings.values():
        counts = [round(made[i].value) for i in ring]
        gone = linked_counts.parts(
            counts, counts, replace(study, minimum_cell=study.minimum_clusters)
        )
        changed = [
            {"value": NOT_SHOWN} if i in ring and gone[ring.index(i)] else x
            for i, x in enumerate(changed)
        ]
    return changed


def _rounded(found: Diagnostic, study: Study) -> Changed:
    """A quantity without what tells few people: its name says what it counts, or else its unit."""
    of = rule.what_counts("", column=found.name, row="")
    if found.unit in OF_PEOPLE:
        of = "interviews" if of is None else of
    people = of == "interviews" or found.unit in OF_PEOPLE
    small = people and not rule.is_shown(found.value, "interviews", study)
    if small or (of == "clusters" and not rule.is_shown(found.value, "clusters", study)):
        return {"value": NOT_SHOWN}
    if of == "interviews" and found.value.is_integer():
        return {"value": f"{rule.rounded_interviews(int(found.value), study.minimum_cell):.1f}"}
    if found.unit in FRACTIONS and found.value:
        return {"value": f"{found.value:.{DIGITS}g}"}
    return {}
