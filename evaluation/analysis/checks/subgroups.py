"""Effects within groups of respondents, entry cohort by cohort, place by place; their differences.

What is asked of a subgroup is whether its effect differs from another's: that difference has the
plan's inference and the correction for the number of differences looked at.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from evaluation.analysis.checks import subsample
from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.leave_out import cluster_values
from evaluation.config.plan import Group, Plan
from evaluation.estimation.arrays import Flags
from evaluation.estimation.inference.multiplicity import benjamini_hochberg
from evaluation.estimation.records import Diagnostic, Estimate, Unavailable
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.rows import plain
from evaluation.estimation.row_keys import Only, Pair, Part
from evaluation.locale.messages import Message, message

# Everybody with a known trait who is not in the one group that the plan names.
OTHERS = "others"


@computes
def subgroup(context: CheckContext) -> tuple[Row, ...]:
    """Effect within each group of a trait, and the differences between these effects.

    Parameters
    ----------
    context : CheckContext
        The check names one variable, its groups, and when the trait was known. With ``panel
        baseline`` people seen in both rounds keep the value of the first. With
        ``minimum_clusters`` two groups are compared only where both were interviewed in as many
        clusters of either arm.

    Returns
    -------
    tuple of Estimate, Unavailable and Diagnostic
        Samples: a group's id; ``difference:<a>-<b>``, the effect in a less the effect in b (the
        first of two groups less the second; of more, each later one less the first; of a single
        group, less everybody else's); ``joint`` with more than two groups. Counted for each group:
        ``clusters_without_group`` of the primary estimate's clusters; and for the trait:
        ``interviews_without_trait``.

    Raises
    ------
    EstimationError
        The variable is not in the panel, a value or range of it does not occur, or a row would
        be in two groups.

    Notes
    -----
    One regression with everything interacted with the group, cluster x group effects included, so
    that each group's effect is that of its own regression: the effect on the members of the group
    in the average treated cluster where it was interviewed in both rounds. Each cluster's weight
    total is frozen across rounds within the group.
    """
    trait = _trait(context)
    chosen = _groups(context, trait)
    panel = context.frames.panel
    found = {
        name: subsample.part(context, panel[rows], Part(name)) for name, rows in chosen.items()
    }
    groups = ((Part(group.id), found[group.id]) for group in context.check.groups)
    rows = [*subsample.effects(context, groups)]
    for pair in subsample.pairs(list(found)):
        reason = _too_few(context, [found[name] for name in pair])
        if reason:
            rows.append(context.unavailable(reason, sample=Pair(*pair)))
        else:
            rows += subsample.difference(context, found, pair)
    known = [built for built in found.values() if isinstance(built, Design)]
    if len(found) > 2 and len(known) == len(found):
        rows += subsample.joint_test(context, known)
    return (*rows, *_counts(context, trait, found))


def _too_few(context: CheckContext, pair: Sequence[Design | Unavailable]) -> Message | None:
    """Why two groups are not compared: fewer clusters of an arm than the check asks for."""
    least = context.check.minimum_clusters
    known = [built for built in pair if isinstance(built, Design)]
    if least is None or len(known) < len(pair):
        return None
    fewest = min(len(c) for d in known for c in (d.clusters_treated, d.clusters_comparison))
    return message("group-in-few-clusters", least=least) if fewest < least else None


def _trait(context: CheckContext) -> "pd.Series[object]":
    """The trait of every row of the panel, as the check says it was known."""
    panel, columns = context.frames.panel, context.study.columns
    (name,) = context.check.variables
    needed = [name]
    if context.check.known == "panel baseline":
        needed += ["panel_member", columns.respondent]
    absent = [column for column in needed if column not in panel.columns]
    if absent:
        raise context.mistake("alternative-outcome", "strata", rule="subgroup", column=absent[0])
    if context.check.known != "panel baseline":
        return panel[name]
    member = panel["panel_member"].to_numpy(dtype=bool)
    first = member & (panel["round"] == context.specification.contrast[0]).to_numpy()
    before = panel[first].drop_duplicates(columns.respondent).set_index(columns.respondent)[name]
    return panel[name].where(~member, panel[columns.respondent].map(before))


def _groups(context: CheckContext, trait: "pd.Series[object]") -> dict[str, Flags]:
    """Rows of each group, in the plan's order; a single group is set against all others."""
    chosen = {group.id: _members(context, trait, group) for group in context.check.groups}
    if np.any(np.sum(list(chosen.values()), axis=0) > 1):
        raise context.mistake("some-rows-two", "give-groups-separate", rule="subgroup")
    if len(chosen) == 1:
        rows = next(iter(chosen.values()))
        chosen[OTHERS] = trait.notna().to_numpy() & ~rows
    return chosen


def _members(context: CheckContext, trait: "pd.Series[object]", group: Group) -> Flags:
    if group.values:
        codes, values = pd.factorize(trait)
        texts = [plain(value) for value in values]
        unknown = sorted(set(group.values) - set(texts))
        if unknown:
            raise context.mistake(
                "no-row-value", "correct-group", rule="subgroup", unknown=unknown[0], id=group.id
            )
        wanted = np.array([text in group.values for text in texts])
        return np.asarray((codes >= 0) & wanted[codes])
    if not pd.api.types.is_numeric_dtype(trait):
        raise context.mistake("variable-not", "give-group-values", rule="subgroup", id=group.id)
    number = trait.to_numpy(dtype=np.float64)
    low = -np.inf if group.low is None else group.low
    high = np.inf if group.high is None else group.high
    rows = (number >= low) & (number <= high)
    if not rows.any():
        raise context.mistake("no-row-lies", "correct-ends", rule="subgroup", id=group.id)
    return np.asarray(rows)


def _counts(
    context: CheckContext, trait: "pd.Series[object]", found: dict[str, Design | Unavailable]
) -> tuple[Diagnostic, ...]:
    whole = context.primary_design()
    everywhere = {*whole.clusters_treated, *whole.clusters_comparison}
    rounds = context.frames.panel["round"].isin(context.specification.contrast)
    counts = [
        context.diagnostic(
            "clusters_without_group",
            len(everywhere - {*built.clusters_treated, *built.clusters_comparison}),
            unit="clusters",
            sample=Part(name),
        )
        for name, built in found.items()
        if isinstance(built, Design)
    ]
    missing = int((trait.isna() & rounds).sum())
    return (*counts, context.diagnostic("interviews_without_trait", missing, unit="interviews"))


def adjusted(rows: Sequence[Row], plan: Plan) -> tuple[Row, ...]:
    """Adjust the differences between subgroups for how many of them an outcome is asked.

    Parameters
    ----------
    rows : sequence of records
        Of all checks.
    plan : Plan

    Returns
    -------
    tuple of records
        The same rows in the same order; ``p_adjusted`` and ``adjustment`` are filled in the
        primary step's rows of ``difference:...`` of the kind ``subgroup``: Benjamini and
        Hochberg over all such rows of one outcome, over all traits together. Rows of the locked
        plan are adjusted among themselves, so that a trait added later cannot move them; rows
        of a deviation are adjusted over all.
    """
    checks = {check.id for check in plan.check if check.kind == "subgroup"}
    asked: dict[str, dict[int, Estimate]] = {}
    for place, row in enumerate(rows):
        if (
            isinstance(row, Estimate)
            and row.specification in checks
            and row.step == plan.inference.primary_step
            and isinstance(row.sample, Pair)
        ):
            asked.setdefault(row.outcome, {})[place] = row
    found = list(rows)
    for together in asked.values():
        locked = {place: row for place, row in together.items() if row.status != "deviation"}
        for family in (together, locked):
            adjusted_p = benjamini_hochberg([row.p_value for row in family.values()])
            for (place, row), p in zip(family.items(), adjusted_p, strict=True):
                found[place] = dataclasses.replace(
                    row, p_adjusted=p, adjustment=plan.inference.false_discovery
                )
    return tuple(found)


@computes
def by_place(context: CheckContext) -> tuple[Row, ...]:
    """Effect within each place against its own comparison clusters.

    Parameters
    ----------
    context : CheckContext
        The check names one variable that is constant within clusters.

    Returns
    -------
    tuple of Estimate and Unavailable
        Samples ``only:<place>``.

    Raises
    ------
    EstimationError
        The variable is not in the panel or differs within a cluster.

    Notes
    -----
    A place's effect holds the shocks that its treated and comparison clusters do not share: the
    spread of these effects is that of effects and of local shocks together, and is not estimated.
    """
    values = cluster_values(context, context.check.variables[0])
    found = {
        Only(name): subsample.part(context, context.frames.panel[values == name], Only(name))
        for name in sorted(set(values) - {""})
    }
    return tuple(subsample.effects(context, found.items()))


@computes
def cohorts(context: CheckContext) -> tuple[Row, ...]:
    """Effect at endline on each entry cohort, and the differences between cohorts.

    Parameters
    ----------
    context : CheckContext

    Returns
    -------
    tuple of Estimate and Unavailable
        Samples ``only:<cohort>``, all comparison clusters kept; and ``difference:<a>-<b>``, the
        effect on a less the effect on b, in the order of `subsample.pairs`.

    Raises
    ------
    EstimationError
        The study declares no cohorts, or a treated cluster has none or an undeclared one.

    Notes
    -----
    y on treated x endline, (cohort b) x endline for all cohorts but one, endline: the cohorts
    share the comparison group, so that its change falls out of their difference. Descriptive:
    who entered when and where was not drawn by lot, and a later cohort was exposed for less time.
    """
    entry = _entry(context)
    ids = [cohort.id for cohort in context.study.cohort]
    panel = context.frames.panel
    cluster = panel[context.study.columns.cluster].astype(str).map(entry)
    whole = context.primary_design()
    found = {
        name: subsample.part(context, panel[(cluster.isna() | (cluster == name))], Only(name))
        for name in ids
    }
    rows = [*subsample.effects(context, ((Only(name), built) for name, built in found.items()))]
    for pair in subsample.pairs(ids):
        rows += subsample.difference(context, found, pair, _contrasted(whole, pair, entry))
    return tuple(rows)


def _entry(context: CheckContext) -> Mapping[str, str]:
    """Cohort of each treated cluster."""
    columns, known = context.study.columns, {cohort.id for cohort in context.study.cohort}
    if columns.cohort is None or len(known) < 2:
        raise context.mistake("study-declares", "remove-check", rule="cohorts")
    frame = context.frames.frame
    arms = context.study.arms_with(context.specification.treatment)
    treated = frame[frame[columns.arm].isin(arms)]
    ids, given = treated[columns.cluster].astype(str), treated[columns.cohort].astype(object)
    entry = dict(zip(ids, given, strict=True))
    strange = sorted(cluster for cluster, cohort in entry.items() if cohort not in known)
    if strange:
        raise context.mistake(
            "treated-clusters",
            "complete-frame-clusters",
            rule="cohorts",
            n=len(strange),
            strange=strange[0],
        )
    return entry


def _contrasted(whole: Design, pair: tuple[str, str], entry: Mapping[str, str]) -> Design:
    """The primary regression with one column per cohort but the second of a pair, the first first.

    The common treatment column then carries the second's effect.
    """
    cohort = pd.Series(whole.cluster).map(entry)
    others = [name for name in sorted(set(entry.values())) if name not in pair]
    names = (pair[0], *others)
    extra = [whole.X[:, 0] * (cohort == name).to_numpy() for name in names]
    labels = tuple(f"cohort {name} x endline" for name in names)
    return dataclasses.replace(
        whole,
        X=np.column_stack([*extra, whole.X]),
        columns=(*labels, *whole.columns),
        column=labels[0],
    )
