"""The primary estimate without some rows: a place at a time, or interviews after a date.

Two estimates that differ by few clusters give the change of those clusters by subtraction. Here
every row is made, with the numbers of what it leaves out; `report.disclosure` says which are shown.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import NOTHING_CHANGED, compared
from evaluation.analysis.cluster_diagnostics import QUARTILES
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Ids
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import least_squares
from evaluation.estimation.regression.rows import plain
from evaluation.estimation.row_keys import Before, LeaveOut, RowKey
from evaluation.locale.messages import Message, message


@computes
def leave_one_out(context: CheckContext) -> Iterable[Row]:
    """The primary estimate without each value of a variable in turn, such as each department.

    Returns
    -------
    iterable of Row
        One row per value, sample ``without:<value>``; then the quartiles of the
        estimates, how many of them have another sign than the primary estimate, and how
        many values could not be left out.

    Raises
    ------
    EstimationError
        The variable is unknown or differs within a cluster.
    """
    values = cluster_values(context, context.check.variables[0])
    whole = context.primary_design()
    found: list[Row] = []
    estimates: list[float] = []
    each = sorted(set(values) - {""})
    for value in each:
        rows, built = without(context, values == value, sample=LeaveOut(value))
        if built is not None:
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
    quartiles = {f"leave_one_out_{k}": v for k, v in zip(QUARTILES, found, strict=True)}
    return (
        *context.diagnostics(quartiles, unit=context.outcome.unit),
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
        Sample ``before:<date>``; interviews left out by group, undated ones among them, the
        clusters of the primary estimate that are lost with them, and all that lose interviews.

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
    rows, built = without(context, late | undated, sample=sample)
    gone, treated = late | undated, _treated(context)
    left = {
        "interviews_left_out_treated": int((gone & treated).sum()),
        "interviews_left_out_comparison": int((gone & ~treated).sum()),
        "undated_left_out": int(undated.sum()),
    }
    counts = context.diagnostics(left, unit="rows", sample=sample)
    if built is None:
        return *rows, *counts
    before, after = (pd.Series(each.cluster).value_counts() for each in (whole, built))
    lost = before.sub(after, fill_value=0)
    clusters = {
        "clusters_left_out": len(before) - len(after),
        "clusters_with_fewer_interviews": int((lost > 0).sum()),
    }
    return *rows, *counts, *context.diagnostics(clusters, unit="clusters", sample=sample)


def without(
    context: CheckContext, gone: Flags, *, sample: RowKey
) -> tuple[tuple[Row, ...], Design | None]:
    """The primary estimate without some rows of the panel.

    Parameters
    ----------
    context : CheckContext
    gone : ndarray of bool, one per row of the panel
    sample : RowKey

    Returns
    -------
    tuple of Row
        One `Unavailable` where no estimate is left or nothing is left out, with the reason.
    Design or None
        The regression, None where there is none.
    """
    reason = _nothing_left(context, gone)
    if reason:
        return (context.unavailable(reason, sample=sample),), None
    try:
        built = context.design(context.frames.panel[~gone])
        rows = compared(context, built, sample=sample)
    except EstimationError as error:
        return (context.unavailable(error.problem, sample=sample),), None
    is_primary = any(getattr(row, "reason", None) == NOTHING_CHANGED for row in rows)
    return rows, None if is_primary else built


def _nothing_left(context: CheckContext, gone: Flags) -> Message | None:
    """The round or group of which nothing is left; None where there is something of each."""
    return next(
        (
            message(f"no-interviews-left-{part}.reason", **holes)
            for part, holes, rows in rounds_and_groups(context)
            if gone[rows].all()
        ),
        None,
    )


def rounds_and_groups(context: CheckContext) -> Iterator[tuple[str, dict[str, str], Flags]]:
    """Rows of the panel in each round and group of the contrast, and what to call them."""
    rounds, treated = context.frames.panel["round"].to_numpy(), _treated(context)
    contrast = np.isin(rounds, context.specification.contrast)
    for name in context.specification.contrast:
        yield "round", {"round": name}, rounds == name
    yield "treatment", {}, contrast & treated
    yield "comparison", {}, contrast & ~treated


def cluster_values(context: CheckContext, name: str) -> Ids:
    """Text of a cluster-level variable for each row of the panel; empty where it is missing.

    Parameters
    ----------
    context : CheckContext
    name : str
        Column of the panel.

    Raises
    ------
    EstimationError
        The panel has no such column, or it differs within a cluster.
    """
    panel, key = context.frames.panel, context.study.columns.cluster
    if name not in panel.columns:
        raise context.mistake("interviewer-column", "name-variable-frame", column=name)
    pairs = panel[[key, name]].drop_duplicates()
    differing = pairs.loc[pairs[key].duplicated(), key].nunique()
    if differing:
        raise context.mistake(
            "differs-within-clusters", "name-variable-constant", name=name, differing=differing
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
    return float(least_squares(built.accumulate()).estimates(built.column))


def _treated(context: CheckContext) -> Flags:
    arms = context.study.arms_with(context.specification.treatment)
    return context.frames.panel[context.study.columns.arm].isin(arms).to_numpy()
