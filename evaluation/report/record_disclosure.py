"""Records as they are published: what the tables withhold or round is so in the records too.

Each function returns, for each record, the fields that are written otherwise and their text; the
rules are those of the tables (:mod:`evaluation.report.disclosure_pass`).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from evaluation.report.disclosure import few_left_out, gives_away, is_small, withheld_parts
from evaluation.report.disclosure_pass import (
    EVERYBODY,
    finest,
    hidden_in_record,
    rounded_interviews,
    what_counts,
)
from evaluation.report.level_rule import baseline_is_withheld
from evaluation.spec.counts import is_below
from evaluation.spec.design_records import PlannedPower
from evaluation.spec.plan import Plan
from evaluation.spec.records import Bound, Diagnostic, Difference, Estimate, Level
from evaluation.spec.row_keys import BORDERING, Outside, RowKey
from evaluation.spec.study import Study

WITHHELD = "nan"
TREATED, COMPARISON = "n_clusters_treated", "n_clusters_comparison"
# What tells the comparison group's level: the effect over the effect in SD is the SD, and the SD of
# a share is its mean.
LEVEL = ("baseline_comparison_mean", "baseline_comparison_sd", "estimate_sd")
# what a row says of people, where it may say nothing of them
ALL_OF_ESTIMATE = (
    *("estimate", "std_error", "df", "statistic", "ci_low", "ci_high", "p_value", "mc_error"),
    *("ci_low_mc_error", "ci_high_mc_error", "p_adjusted", "n", TREATED, COMPARISON, "mde", *LEVEL),
)
ALL_OF_DIFFERENCE = (
    *("estimate", "difference", "std_error", "df", "ci_low", "ci_high", "n"),
    *("n_clusters_treated", "n_clusters_comparison"),
)
ALL_OF_BOUND = ("low", "high", "ci_low", "ci_high", "n", TREATED, COMPARISON)
WITHOUT_GROUP, MEMBERS = "clusters_without_group", "comparison_clusters"
# rings of borders and those of distances each sum to all comparison clusters
OF_BORDERS = (BORDERING, Outside())
OF_PEOPLE, OF_PLACES = ("interviews", "rows", "respondents"), ("clusters",)
# a share or a mean to the last bit is a fraction whose denominator is the number of interviews
FRACTIONS, DIGITS = ("share", "percent"), 3
Place = tuple[str, str, RowKey]
Changed = Mapping[str, str]


def place(record: Estimate | Diagnostic) -> Place:
    """Which row of which specification or check a record belongs to."""
    return record.outcome, record.specification, record.sample


def of_estimates(
    made: Sequence[Estimate],
    primary: Iterable[Estimate],
    levels: Iterable[Level],
    *,
    plan: Plan,
    study: Study,
) -> list[Changed]:
    """What changes in published estimates.

    Parameters
    ----------
    made : sequence of Estimate
        Of the specifications or of the checks.
    primary : iterable of Estimate
        Of the specifications, the primary one among them: what rows are subtracted from.
    levels : iterable of Level
        All of the study: a level that is withheld is so in the records.
    """
    main = plan.primary_specification().id
    whole = {e.outcome: e for e in primary if e.specification == main}
    found: list[Changed] = []
    levels = tuple(levels)
    for row in made:
        if _says_nothing(row, whole.get(row.outcome), plan, study):
            found.append(dict.fromkeys(ALL_OF_ESTIMATE, WITHHELD))
            continue
        changed = {"n": f"{rounded_interviews(row.n, study.minimum_cell)}"}
        changed |= {name: _level(row, name) for name in LEVEL}
        if is_hidden_level(row, levels, plan, study):
            changed |= dict.fromkeys(LEVEL, WITHHELD)
        sizes = hidden_sizes(row, whole.get(row.outcome), plan=plan, study=study)
        found.append(changed | dict.fromkeys(sizes, WITHHELD))
    return found


def of_differences(
    made: Iterable[Difference], primary: Iterable[Estimate], *, plan: Plan, study: Study
) -> list[Changed]:
    """What changes in published differences from the primary estimate; see :func:`of_estimates`.

    Their intervals are of a t distribution, whose degrees of freedom are the clusters less one.
    """
    main = plan.primary_specification().id
    whole = {e.outcome: e for e in primary if e.specification == main}
    found: list[Changed] = []
    for row in made:
        top = whole.get(row.outcome)
        if _says_nothing(row, top, plan, study):
            found.append(dict.fromkeys(ALL_OF_DIFFERENCE, WITHHELD))
            continue
        changed = {"n": f"{rounded_interviews(row.n, study.minimum_cell)}"}
        sizes = few_fields(row, top, plan=plan, study=study)
        gone = (*sizes, "df", "ci_low", "ci_high") if sizes else ()
        found.append(changed | dict.fromkeys(gone, WITHHELD))
    return found


def _level(row: Estimate, name: str) -> str:
    """A mean or SD without the digits that tell its interviews: about a fourth of the row's."""
    value = getattr(row, name)
    if not math.isfinite(value):
        return f"{value}"
    whole = EVERYBODY if row.unit == "percentage points" and name != "estimate_sd" else 1.0
    return f"{value:.{finest(row.n / 4, whole=whole)}f}"


def _says_nothing(
    row: Estimate | Difference, whole: Estimate | None, plan: Plan, study: Study
) -> bool:
    """Whether the tables withhold the row: of few, or the primary one less it is of few."""
    if is_small(row.n, min(row.n_clusters_treated, row.n_clusters_comparison), study=study):
        return True
    subtracts = any(
        check.id == row.specification and check.declared.estimand == "effect on fewer"
        for check in plan.check
    )
    return subtracts and whole is not None and gives_away(row, whole, study=study)


def is_hidden_level(record: Estimate, levels: Iterable[Level], plan: Plan, study: Study) -> bool:
    """Whether a record's baseline fields are withheld; an outcome of no plan is judged by item."""
    outcome = next((o for o in plan.outcome if o.id == record.outcome), None)
    if outcome is None:
        return record.n < study.minimum_cell
    return baseline_is_withheld(record, outcome, levels, study)


def hidden_sizes(
    row: Estimate, whole: Estimate | None, *, plan: Plan, study: Study
) -> tuple[str, ...]:
    """Numbers of clusters that a row of a check of groups withholds, and all they follow from."""
    fields = few_fields(row, whole, plan=plan, study=study)
    return (*fields, *hidden_in_record(row)) if fields else ()


def few_fields(
    row: Estimate | Difference, whole: Estimate | None, *, plan: Plan, study: Study
) -> tuple[str, ...]:
    """Numbers of clusters themselves that a row of a check of groups withholds."""
    groups = {check.id for check in plan.check if check.declared.estimand == "effect by group"}
    if row.specification not in groups or whole is None:
        return ()
    few = few_left_out(row, whole, study=study)
    return tuple(name for name, gone in zip((TREATED, COMPARISON), few, strict=True) if gone)


def of_bounds(made: Iterable[Bound], *, study: Study) -> list[Changed]:
    """What changes in published bounds."""
    least = study.minimum_cell
    return [
        dict.fromkeys(ALL_OF_BOUND, WITHHELD)
        if is_small(x.n, min(x.n_clusters_treated, x.n_clusters_comparison), study=study)
        else {"n": f"{rounded_interviews(x.n, least)}"}
        for x in made
    ]


def of_planned(made: Iterable[PlannedPower]) -> list[Changed]:
    """What changes in published designs: the finished study's interviews to a cluster are whole."""
    return [
        {"respondents": f"{x.respondents:.0f}", "panel_share": f"{x.panel_share:.2f}"}
        if x.effect_from == "own design"
        else {}
        for x in made
    ]


def of_diagnostics(
    made: Sequence[Diagnostic], hidden: Iterable[Place] = (), *, study: Study
) -> list[Changed]:
    """What changes in published diagnostics: counts of few, what gives one away, fractions.

    Parameters
    ----------
    made : sequence of Diagnostic
        Of the specifications or of the checks.
    hidden : iterable of Place
        Rows of groups whose numbers of clusters are withheld.
    """
    places = set(hidden)
    gone = [_is_few(x, study) or (x.name == WITHOUT_GROUP and place(x) in places) for x in made]
    rings: dict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for i, x in enumerate(made):
        if x.name == MEMBERS:
            rings[x.outcome, x.specification, x.sample in OF_BORDERS].append(i)
    for parts in rings.values():
        counts = [round(made[i].value) for i in parts]
        for i, away in zip(
            parts, withheld_parts(counts, minimum=study.minimum_clusters), strict=True
        ):
            gone[i] |= away
    return [
        {"value": WITHHELD} if away else _rounded(x, study)
        for x, away in zip(made, gone, strict=True)
    ]


def _counts(found: Diagnostic) -> str | None:
    """What a diagnostic counts: its name says it, or else its unit."""
    named = what_counts("", column=found.name, row="")
    if named is None and found.unit in OF_PEOPLE:
        return "interviews"
    return named


def _is_few(found: Diagnostic, study: Study) -> bool:
    of = _counts(found)
    if of == "interviews" or found.unit in OF_PEOPLE:
        return is_below(found.value, study.minimum_cell)
    return of == "clusters" and is_below(found.value, study.minimum_clusters)


def _rounded(found: Diagnostic, study: Study) -> Changed:
    if _counts(found) == "interviews" and found.value.is_integer():
        return {"value": f"{rounded_interviews(int(found.value), study.minimum_cell):.1f}"}
    if found.unit in FRACTIONS and found.value:
        return {"value": f"{found.value:.{DIGITS}g}"}
    return {}
