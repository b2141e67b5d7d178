"""Records as they are released: what the rule takes out, and numbers without telling digits."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from evaluation.report.disclosure import (
    EVERYBODY,
    finest,
    is_shown,
    rounded_interviews,
    what_counts,
)
from evaluation.report.linked_counts import parts
from evaluation.report.record_disclosure import decide
from evaluation.report.record_set import Records
from evaluation.report.row_disclosure import LEVEL, MEMBERS, Rules
from evaluation.study.confidentiality import WITHHELD
from evaluation.study.design_records import PlannedPower
from evaluation.study.records import Bound, Diagnostic, Difference, Estimate
from evaluation.study.row_keys import BORDERING, Outside
from evaluation.study.study import Study

# what a released table holds in place of a number that was taken out
NOT_SHOWN = f"{WITHHELD}"
OF_PEOPLE = ("interviews", "rows", "respondents")
# a share or a mean to the last bit is a fraction whose denominator is the number of interviews
FRACTIONS, DIGITS = ("share", "percent"), 3
# rings of borders and those of distances each sum to all comparison clusters
OF_BORDERS = (BORDERING, Outside())
Changed = Mapping[str, str]


def released(records: Records, rules: Rules) -> Mapping[str, list[Changed]]:
    """Fields of every record that are published otherwise, with their text, by name in Records."""
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
    return {"n": f"{rounded_interviews(row.n, study.minimum_cell)}"}


def _rounded_estimate(row: Estimate, study: Study) -> Changed:
    return {**_rounded_n(row, study), **{name: _level(row, name) for name in LEVEL}}


def _level(row: Estimate, name: str) -> str:
    """A mean or SD without the digits that tell its interviews: about a fourth of the row's."""
    value = getattr(row, name)
    if not math.isfinite(value):
        return f"{value}"
    whole = EVERYBODY if row.unit == "percentage points" and name != "estimate_sd" else 1.0
    return f"{value:.{finest(row.n / 4, whole=whole)}f}"


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
        gone = parts(counts, counts, replace(study, minimum_cell=study.minimum_clusters))
        changed = [
            {"value": NOT_SHOWN} if i in ring and gone[ring.index(i)] else x
            for i, x in enumerate(changed)
        ]
    return changed


def _rounded(found: Diagnostic, study: Study) -> Changed:
    """A quantity without what tells few people: its name says what it counts, or else its unit."""
    of = what_counts("", column=found.name, row="")
    if found.unit in OF_PEOPLE:
        of = "interviews" if of is None else of
    people = of == "interviews" or found.unit in OF_PEOPLE
    small = people and not is_shown(found.value, "interviews", study)
    if small or (of == "clusters" and not is_shown(found.value, "clusters", study)):
        return {"value": NOT_SHOWN}
    if of == "interviews" and found.value.is_integer():
        return {"value": f"{rounded_interviews(int(found.value), study.minimum_cell):.1f}"}
    if found.unit in FRACTIONS and found.value:
        return {"value": f"{found.value:.{DIGITS}g}"}
    return {}
