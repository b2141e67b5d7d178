"""Whether answers depend on the interview: who asks, and whether one was asked before.

An interviewer who obtains higher answers moves an effect only where interviewers' work differs
between the groups and rounds. Their errors also tie interviews of different clusters together,
which a variance clustered by municipality alone does not see.

At the last round re-interviewed people and first-timers live in the same clusters. A difference
that is alike in both groups drops out of a difference-in-differences; one that is not does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.reweighting import both_rounds, with_covariates
from evaluation.analysis.checks.subsample import compare_rows
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference.estimate_record import RowFacts, recorded
from evaluation.estimation.inference.jackknife import error_parts, influence
from evaluation.estimation.inference.steps import by_t
from evaluation.estimation.records import CheckStep
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.sample import Sample
from evaluation.estimation.row_keys import Again, InRound
from evaluation.locale.messages import Message, message

TWO_WAY: CheckStep = "two_way"
# rounding leaves about 1e-16 of the parts' own size where the true sum is zero
SMALLEST = 1e-12


@computes
def interviewers(context: CheckContext) -> Iterable[Row]:
    """Interviewers' intraclass correlation, their balance over arms, and two-way clustering.

    Parameters
    ----------
    context : CheckContext
        ``variables`` names the variable of the interviewer.

    Returns
    -------
    iterable of Estimate, Unavailable and Diagnostic
        ``icc``: variance between interviewers over variance inside a cluster and round; ``v``:
        Cramer's V of interviewer and arm at each round (sample ``round:<id>``); how many
        interviewers there are and worked in both groups and in both rounds, all of these of
        interviews and so without weights; and the primary estimate with errors clustered by
        municipality and by interviewer (step ``two_way``).

    Notes
    -----
    Two-way: V = V_cluster + V_interviewer - V_both, each with the factor G / (G - 1) of its own
    clusters, t(min G - 1) (Cameron, Gelbach and Miller 2011, J. Business & Economic Statistics
    29(2), section 2.3). The sum need not be positive.
    """
    built = context.primary_design()
    found = _Work.of(context, built)
    if isinstance(found, Message):
        yield context.unavailable(found)
        return
    yield from _described(context, found)
    yield _icc(context, built, found)
    yield _two_way(context, built, found)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """Who did each interview of the primary regression, shape (n,), and where."""

    interviewer: Codes
    cluster: Codes
    treated: Flags
    post: Flags

    @classmethod
    def of(cls, context: CheckContext, built: Design) -> "_Work | Message":
        """The interviewers of the regression's rows, or why they are not known."""
        name = context.check.variables[0]
        panel, column = context.frames.panel, f"{context.check.id}__interviewer"
        if name not in panel.columns:
            raise context.mistake("interviewer-column", "interviewer-column", column=name)
        code = pd.Series(pd.factorize(panel[name])[0], index=panel.index).astype(float)
        known = panel.assign(**{column: code.where(code >= 0.0)})
        sample = both_rounds(with_covariates(context, known, (column,)))
        if not np.array_equal(sample.y, built.y):
            return message("interviewer-unknown.reason")
        _, cluster = np.unique(sample.cluster.astype(str), return_inverse=True)
        _, interviewer = np.unique(sample.frame[column].to_numpy(), return_inverse=True)
        return cls(interviewer, cluster, sample.treated, sample.post)


def _described(context: CheckContext, work: _Work) -> Iterable[Row]:
    groups = {
        "interviewers": work.interviewer,
        "interviewers_in_both_groups": _in_both(work.interviewer, work.treated),
        "interviewers_in_both_rounds": _in_both(work.interviewer, work.post),
    }
    counts = {name: len(np.unique(codes)) for name, codes in groups.items()}
    yield from context.diagnostics(counts, unit="count")
    for round_id, last in zip(context.specification.contrast, (False, True), strict=True):
        here = work.post == last
        value = cramers_v(work.interviewer[here], work.treated[here])
        yield context.diagnostic("v", value, unit="correlation", sample=InRound(round_id))


def _in_both(interviewer: Codes, flag: Flags) -> Codes:
    """Interviewers with a row of each kind."""
    return np.intersect1d(interviewer[flag], interviewer[~flag])


def cramers_v(one: Codes, other: Flags) -> float:
    """Cramer's V of two groupings: 0 where independent, 1 where one tells the other.

    Parameters
    ----------
    one : ndarray of int, shape (n,)
    other : ndarray of bool, shape (n,)
    """
    table = pd.crosstab(one, other).to_numpy(dtype=np.float64)
    smaller = min(table.shape) - 1
    if smaller < 1:
        return float("nan")
    n = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    return float(np.sqrt(np.sum((table - expected) ** 2 / expected) / (n * smaller)))


def _icc(context: CheckContext, built: Design, work: _Work) -> Row:
    found = interviewer_icc(built.y, work.interviewer, 2 * work.cluster + work.post)
    if np.isnan(found):
        return context.unavailable(message("interviewer-nested.reason"), "icc")
    return context.diagnostic("icc", found, unit="share")


def interviewer_icc(y: Floats, interviewer: Codes, cells: Codes) -> float:
    """Share of the variance inside a cell that lies between interviewers.

    Parameters
    ----------
    y : ndarray, shape (n,)
    interviewer, cells : ndarray of int, shape (n,)
        Who asked, and the cluster and round.

    Returns
    -------
    float
        0 where the estimate is negative; NaN where interviewers cannot be told from cells.

    Notes
    -----
    Henderson's method 3 (Searle, Casella and McCulloch 1992, Variance Components, section 5.5):
    the reduction R of the sum of squares by interviewers beyond cells has expectation
    s_u^2 tr(Z'MZ) + r s_e^2. Unweighted.
    """
    _, cell = np.unique(cells, return_inverse=True)
    _, code = np.unique(interviewer, return_inverse=True)
    n_cells, n_codes = int(cell.max()) + 1, int(code.max()) + 1
    counts = np.zeros((n_cells, n_codes))
    np.add.at(counts, (cell, code), 1.0)
    size = counts.sum(axis=1)
    inner = np.diag(counts.sum(axis=0)) - counts.T @ (counts / size[:, None])
    deviation = y - (np.bincount(cell, y) / size)[cell]
    moment = np.bincount(code, deviation, n_codes)
    rank = int(np.linalg.matrix_rank(inner))
    df = len(y) - n_cells - rank
    if rank < 1 or df < 1:
        return float("nan")
    reduction = float(moment @ np.linalg.pinv(inner, rcond=1e-10) @ moment)
    error = (float(deviation @ deviation) - reduction) / df
    between = max(0.0, (reduction - rank * error) / float(np.trace(inner)))
    return between / (between + error) if between + error > 0.0 else float("nan")


def _two_way(context: CheckContext, built: Design, work: _Work) -> Row:
    parts = error_parts(built)
    both = work.cluster * (int(work.interviewer.max()) + 1) + work.interviewer
    plain, of_interviewer = (_clustered(parts, code) for code in (work.cluster, work.interviewer))
    variance = plain + of_interviewer - _clustered(parts, both)
    if not variance > SMALLEST * plain:
        return context.unavailable(message("two-way-not-positive.reason"), TWO_WAY)
    fewest = min(len(np.unique(codes)) for codes in (work.cluster, work.interviewer))
    estimate = float(influence(built) @ built.y)
    found = by_t(
        estimate,
        float(np.sqrt(variance)),
        df=float(fewest - 1),
        level=context.plan.inference.level,
        p_kind=message("two-way.p-kind"),
    )
    return recorded(context.heading(), TWO_WAY, found, sizes=RowFacts.of(built))


def _clustered(parts: Floats, codes: Codes) -> float:
    """Variance by one grouping: G / (G - 1) times the sum of squared sums."""
    _, code = np.unique(codes, return_inverse=True)
    sums = np.bincount(code, parts)
    return float(len(sums) / (len(sums) - 1) * sums @ sums) if len(sums) > 1 else float("nan")


MEMBER = "panel_member"
ALL, DIFFERENCE = Again("all"), Again("difference")


@computes
def conditioning(context: CheckContext) -> Iterable[Row]:
    """Re-interviewed people less first-timers at the last round, inside clusters.

    Parameters
    ----------
    context : CheckContext

    Returns
    -------
    iterable of Estimate and Unavailable
        ``again:all`` over both groups, ``again:treated`` and ``again:comparison`` in each, and
        ``again:difference``, the first of these less the second. In the outcome's unit.

    Notes
    -----
    Least squares of the outcome at the last round on having been interviewed before, with cluster
    effects and the primary weights (Das, Toepoel and van Soest 2011, Sociological Methods &
    Research 40(1)). Those found again are people who stayed and agreed, so that a difference is of
    people as well as of answering twice.
    """
    yield from context.attempt(lambda: _compared(context))


def _compared(context: CheckContext) -> Iterable[Row]:
    sample = context.select(context.frames.panel, context.outcome.id, at=1, covariates=(MEMBER,))
    again = sample.frame[MEMBER].to_numpy(dtype=np.float64)
    if not 0.0 < again.mean() < 1.0:
        yield context.unavailable(message("nobody-to-compare.reason"))
        return
    groups = {
        ALL: np.ones(len(again), dtype=bool),
        Again("treated"): sample.treated,
        Again("comparison"): ~sample.treated,
    }
    for key, rows in groups.items():
        yield from _row(context, sample, key, rows, again > 0.0, {"again": again})
    both = {"again_treated": again * sample.treated, "again": again}
    yield from _row(context, sample, DIFFERENCE, groups[ALL], sample.treated, both)


def _row(
    context: CheckContext,
    sample: Sample,
    key: Again,
    rows: Flags,
    first: Flags,
    columns: dict[str, Floats],
) -> Iterable[Row]:
    """A regression of some rows on some columns, with the clusters of the ``first`` and the others.

    Inside a group these are re-interviewed people and first-timers, whose clusters are mostly the
    same.
    """
    new = sample.comparison & ~sample.frame[MEMBER].to_numpy(dtype=bool)
    built = compare_rows(sample, columns, first=first, reference=new, rows=rows, absorb="cluster")
    return context.attempt(lambda: context.linear(built, sample=key), sample=key)
