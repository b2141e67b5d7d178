"""The primary estimate without some rows: a place at a time, or interviews after a date.

Two estimates that differ by few clusters give the change of those clusters by subtraction, to as
many digits as are published. What is left out must be as large as what may be shown.

No row leaves out so little that the primary estimate and it would tell what: see above.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Ids
from evaluation.estimation.checks.check_context import CheckContext, Row, computes
from evaluation.estimation.checks.difference_from_primary import compared
from evaluation.estimation.inference.cluster_diagnostics import QUARTILES
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import least_squares
from evaluation.estimation.regression.rows import plain
from evaluation.locale.messages import Message, message
from evaluation.study.row_keys import Before, LeaveOut, RowKey

SUBTRACTION = message("withheld-since.reason")


def too_few(context: CheckContext, whole: Design, built: Design) -> Message | None:
    """Why an estimate may not be published beside the whole one; None where it may.

    Parameters
    ----------
    context : CheckContext
    whole, built : Design
        The primary regression, and one on some of its rows.

    Returns
    -------
    Message or None
        Names neither the clusters nor their number.

    Notes
    -----
    In either group no cluster leaves or at least ``minimum_clusters`` do: what the groups lost can
    be told apart with the help of other rows. Of clusters that lose some interviews and stay, only
    the two groups' difference can be had; with those that leave they must be as many over both
    groups, and their interviews at least ``minimum_cell``.
    """
    groups = (
        ("treatment", whole.clusters_treated, built.clusters_treated),
        ("comparison", whole.clusters_comparison, built.clusters_comparison),
    )
    least = context.study.minimum_clusters
    for group, all_clusters, kept in groups:
        if 0 < len(set(all_clusters) - set(kept)) < least:
            return message(f"too-few-left-out-{group}.reason", least=least)
    before, after = (pd.Series(d.cluster).value_counts() for d in (whole, built))
    gone = before.sub(after, fill_value=0)
    if 0 < int((gone > 0).sum()) < least:
        return message("too-few-left-out-clusters.reason", least=least)
    if 0 < int(gone.sum()) < context.study.minimum_cell:
        return message("too-few-left-out-interviews.reason", least=context.study.minimum_cell)
    return None


def hidden(context: CheckContext, whole: Design, values: Mapping[str, str]) -> frozenset[str]:
    """Values without which no estimate may be published, where each is left out in turn.

    Parameters
    ----------
    context : CheckContext
    whole : Design
        The primary regression.
    values : mapping of str to str
        Value of each cluster; empty where it has none, and so is never left out.

    Notes
    -----
    A value is hidden when it has too few clusters of a group. Where those of all hidden values
    are still too few, they would be what the others leave of the whole: the value with the next
    fewest clusters is hidden too.
    """
    least = context.study.minimum_clusters
    found: set[str] = set()
    counts = [
        pd.Series([values[c] for c in clusters if values[c]]).value_counts()
        for clusters in (whole.clusters_treated, whole.clusters_comparison)
    ]
    for count in counts:
        found |= set(count.index[count < least])
    for count in counts:
        # by number of clusters, then by name, whatever the order of the rows
        others = sorted(set(count.index) - found, key=lambda value: (int(count[value]), value))
        while others and 0 < sum(int(count.get(value, 0)) for value in found) < least:
            found.add(others.pop(0))
    return frozenset(found)


@computes
def leave_one_out(context: CheckContext) -> Iterable[Row]:
    """The primary estimate without each value of a variable in turn, such as each department.

    Returns
    -------
    iterable of Row
        One row per value, sample ``without:<value>``; then the quartiles of the published
        estimates, how many of them have another sign than the primary estimate, and how
        many values could not be left out.

    Raises
    ------
    EstimationError
        The variable is unknown or differs within a cluster.
    """
    values = cluster_values(context, context.check.variables[0])
    whole = context.primary_design()
    secret = hidden(context, whole, _of_clusters(context, values))
    found: list[Row] = []
    estimates: list[float] = []
    each = sorted(set(values) - {""})
    for value in each:
        rows, built = without(context, values == value, sample=LeaveOut(value), whole=whole)
        if value in secret and built is not None:
            rows = (context.unavailable(SUBTRACTION, sample=LeaveOut(value)),)
        elif built is not None:
            estimates.append(_effect(built))
        found += rows
    spread = _spread(context, whole, estimates) if estimates else ()
    absent = context.diagnostic(
        "leave_one_out_not_available", len(each) - len(estimates), unit="values"
    )
    return *found, *spread, absent


def _spread(context: CheckContext, whole: Design, estimates: list[float]) -> tuple[Row, ...]:
    primary = _effect(whole)
    changes = int(np.count_nonzero(np.sign(estimates) != np.sign(primary)))
    # not the smallest and the largest: each is the estimate without one named place
    found = np.quantile(estimates, (0.25, 0.5, 0.75)).tolist()
    return (
        *(
            context.diagnostic(f"leave_one_out_{name}", value, unit=context.outcome.unit)
            for name, value in zip(QUARTILES, found, strict=True)
        ),
        context.diagnostic("leave_one_out_sign_changes", changes, unit="values"),
    )


@computes
def before_date(context: CheckContext) -> Iterable[Row]:
    """The primary estimate from interviews before a date.

    Interviews without a date are left out too in rounds whose fieldwork reaches the date, since
    they may come after it. Clusters that are then seen in one round only leave the estimate.

    Returns
    -------
    iterable of Row
        Sample ``before:<date>``; interviews left out by group, undated ones among them, and the
        clusters of the primary estimate that are lost with them.

    Raises
    ------
    EstimationError
        The study has no interview dates.
    """
    date, dates = context.check.date, interview_dates(context)
    sample = Before(f"{date}")
    late_rounds = [r.id for r in context.study.round if date is not None and r.end >= date]
    contrast = context.frames.panel["round"].isin(context.specification.contrast).to_numpy()
    reached = context.frames.panel["round"].isin(late_rounds).to_numpy()
    undated = contrast & reached & dates.isna().to_numpy()
    if reached.any() and undated[contrast & reached].all():
        reason = message("no-interview.reason", late_rounds=" and ".join(late_rounds))
        return (context.unavailable(reason, sample=sample),)
    late = contrast & (dates >= pd.Timestamp(date)).to_numpy()
    whole = context.primary_design()
    rows, built = without(context, late | undated, sample=sample, whole=whole)
    counts = _interviews(context, late | undated, sample)
    counts += (context.diagnostic("undated_left_out", undated.sum(), unit="rows", sample=sample),)
    if built is None:
        return *rows, *counts
    lost = set(whole.cluster) - set(built.cluster)
    few = context.diagnostic("clusters_left_out", len(lost), unit="clusters", sample=sample)
    return *rows, *counts, few


def without(
    context: CheckContext, gone: Flags, *, sample: RowKey, whole: Design
) -> tuple[tuple[Row, ...], Design | None]:
    """The primary estimate without some rows of the panel.

    Parameters
    ----------
    context : CheckContext
    gone : ndarray of bool, one per row of the panel
    sample : RowKey
    whole : Design
        The primary regression.

    Returns
    -------
    tuple of Row
        One `Unavailable` where no estimate is left, or too little is left out to publish one,
        with the reason.
    Design or None
        The regression, None where there is none.
    """
    reason = _nothing_left(context, gone)
    if reason:
        return (context.unavailable(reason, sample=sample),), None
    try:
        built = context.design(context.frames.panel[~gone])
        reason = too_few(context, whole, built)
        if reason:
            return (context.unavailable(reason, sample=sample),), None
        return compared(context, built, sample=sample), built
    except EstimationError as error:
        return (context.unavailable(error.problem, sample=sample),), None


def _nothing_left(context: CheckContext, gone: Flags) -> Message | None:
    """The round or group of which nothing is left; None where there is something of each."""
    panel, treated = context.frames.panel, _treated(context)
    rounds = panel["round"].to_numpy()
    contrast = np.isin(rounds, context.specification.contrast)
    parts = [
        (message("no-interviews-left-round.reason", round=r), rounds == r)
        for r in context.specification.contrast
    ]
    parts += [(message("no-interviews-left-treatment.reason"), contrast & treated)]
    parts += [(message("no-interviews-left-comparison.reason"), contrast & ~treated)]
    return next((reason for reason, of in parts if gone[of].all()), None)


def cluster_values(context: CheckContext, name: str) -> Ids:
    """Text of a cluster-level variable for each row of the panel; empty where it is missing.

    Raises
    ------
    EstimationError
        The panel has no such column, or it differs within a cluster.
    """
    panel, key = context.frames.panel, context.study.columns.cluster
    if name not in panel.columns:
        raise EstimationError.of(
            "interviewer-column",
            "name-variable-frame",
            "plan.toml, `variables`",
            rule="sample",
            column=name,
        )
    pairs = panel[[key, name]].drop_duplicates()
    differing = pairs.loc[pairs[key].duplicated(), key].nunique()
    if differing:
        raise EstimationError.of(
            "differs-within-clusters",
            "name-variable-constant",
            "plan.toml, `variables`",
            rule="sample",
            name=name,
            differing=differing,
        )
    codes, values = pd.factorize(panel[name])
    texts = np.array([*map(plain, values), ""], dtype=object)
    return np.asarray(texts[codes])


def interview_dates(context: CheckContext) -> pd.Series:
    """Date of each interview of the panel; NaT where it is missing.

    Raises
    ------
    EstimationError
        The study or the panel has none.
    """
    name = context.study.columns.date
    if name is None or name not in context.frames.panel.columns:
        raise EstimationError.of(
            "study-no-interview", "name-variable-holds", "study.toml, `columns.date`", rule="sample"
        )
    return pd.to_datetime(context.frames.panel[name])


def _effect(built: Design) -> float:
    fit = least_squares(built.accumulate())
    return float(fit.coefficients[fit.columns.index(built.column)])


def _treated(context: CheckContext) -> Flags:
    arms = context.study.arms_with(context.specification.treatment)
    return context.frames.panel[context.study.columns.arm].isin(arms).to_numpy()


def _interviews(context: CheckContext, gone: Flags, sample: RowKey) -> tuple[Row, ...]:
    """Interviews left out, by group."""
    treated = _treated(context)
    return tuple(
        context.diagnostic(f"interviews_left_out_{group}", number, unit="rows", sample=sample)
        for group, number in (
            ("treated", int((gone & treated).sum())),
            ("comparison", int((gone & ~treated).sum())),
        )
    )


def _of_clusters(context: CheckContext, values: Ids) -> dict[str, str]:
    """Value of each cluster, from that of each row of the panel."""
    ids = context.frames.panel[context.study.columns.cluster].astype(str)
    return dict(zip(ids, values, strict=True))
