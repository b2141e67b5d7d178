"""Do answers depend on who asks: interviewers' share of the variance, their work, their clusters.

An interviewer who obtains higher answers moves an effect only where interviewers' work differs
between the groups and rounds. Their errors also tie interviews of different clusters together,
which a variance clustered by municipality alone does not see.
"""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message
from evaluation.spec.records import CheckStep
from evaluation.spec.row_keys import InRound
from evaluation.stats.design import Design
from evaluation.stats.effect_record import Sizes
from evaluation.stats.robustness.case import (
    Case,
    Row,
    computes,
    diagnostic,
    recorded,
    unavailable,
)
from evaluation.stats.robustness.influence import error_parts, influence
from evaluation.stats.sample import Sample, select
from evaluation.stats.steps import by_t

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

TWO_WAY: CheckStep = "two_way"
# rounding leaves about 1e-16 of the parts' own size where the true sum is zero
SMALLEST = 1e-12


@computes
def interviewers(case: Case) -> Iterable[Row]:
    """Interviewers' intraclass correlation, their balance over arms, and two-way clustering.

    Parameters
    ----------
    case : Case
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
    built = case.primary_design()
    found = _Work.of(case, built)
    if isinstance(found, Message):
        yield unavailable(case, "all", found)
        return
    yield from _described(case, found)
    yield _icc(case, built, found)
    yield _two_way(case, built, found)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """Who did each interview of the primary regression, shape (n,), and where."""

    interviewer: Codes
    cluster: Codes
    treated: NDArray[np.bool_]
    post: NDArray[np.bool_]

    @classmethod
    def of(cls, case: Case, built: Design) -> "_Work | Message":
        """The interviewers of the regression's rows, or why they are not known."""
        name = case.check.variables[0]
        panel, specification = case.frames.panel, case.specification
        if name not in panel.columns:
            raise EstimationError(
                message("interviewer-column.problem", column=name),
                where=f"check {case.check.id}",
                mend=message("interviewer-column.mend"),
                rule="sample",
            )
        code = pd.Series(pd.factorize(panel[name])[0], index=panel.index).astype(float)
        column = f"{case.check.id}__interviewer"
        sample: Sample = select(
            panel.assign(**{column: code.where(code >= 0.0)}),
            dataclasses.replace(specification, covariates=(*specification.covariates, column)),
            value=case.outcome.id,
            rounds=specification.contrast,
            study=case.study,
        )
        if not np.array_equal(sample.y, built.y):
            return message("interviewer-unknown.reason")
        _, cluster = np.unique(sample.cluster.astype(str), return_inverse=True)
        _, interviewer = np.unique(sample.frame[column].to_numpy(), return_inverse=True)
        return cls(interviewer, cluster, sample.treated, sample.post)


def _described(case: Case, work: _Work) -> Iterable[Row]:
    for name, codes in (
        ("interviewers", work.interviewer),
        ("interviewers_in_both_groups", _in_both(work.interviewer, work.treated)),
        ("interviewers_in_both_rounds", _in_both(work.interviewer, work.post)),
    ):
        yield diagnostic(case, name, len(np.unique(codes)), unit="count")
    for round_id, last in zip(case.specification.contrast, (False, True), strict=True):
        here = work.post == last
        value = cramers_v(work.interviewer[here], work.treated[here])
        yield diagnostic(case, "v", value, unit="correlation", sample=InRound(round_id))


def _in_both(interviewer: Codes, flag: NDArray[np.bool_]) -> Codes:
    """Interviewers with a row of each kind."""
    return np.intersect1d(interviewer[flag], interviewer[~flag])


def cramers_v(one: Codes, other: NDArray[np.bool_]) -> float:
    """Cramer's V of two groupings: 0 where independent, 1 where one tells the other."""
    table = pd.crosstab(one, other).to_numpy(dtype=np.float64)
    smaller = min(table.shape) - 1
    if smaller < 1:
        return float("nan")
    n = table.sum()
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    return float(np.sqrt(np.sum((table - expected) ** 2 / expected) / (n * smaller)))


def _icc(case: Case, built: Design, work: _Work) -> Row:
    cells = 2 * work.cluster + work.post
    found = interviewer_icc(built.y, work.interviewer, cells)
    if np.isnan(found):
        return unavailable(case, "icc", message("interviewer-nested.reason"))
    return diagnostic(case, "icc", found, unit="share")


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


def _two_way(case: Case, built: Design, work: _Work) -> Row:
    parts = error_parts(built)
    both = work.cluster * (int(work.interviewer.max()) + 1) + work.interviewer
    variance = (
        _clustered(parts, work.cluster)
        + _clustered(parts, work.interviewer)
        - _clustered(parts, both)
    )
    plain = _clustered(parts, work.cluster)
    if not variance > SMALLEST * plain:
        return unavailable(case, TWO_WAY, message("two-way-not-positive.reason"))
    fewest = min(len(np.unique(codes)) for codes in (work.cluster, work.interviewer))
    estimate = float(influence(built) @ built.y)
    found = by_t(
        estimate,
        float(np.sqrt(variance)),
        df=float(fewest - 1),
        level=case.plan.inference.level,
        p_kind=message("two-way.p-kind"),
    )
    return recorded(case.heading(), TWO_WAY, found, sizes=Sizes.of(built))


def _clustered(parts: Floats, codes: Codes) -> float:
    """Variance by one grouping: G / (G - 1) times the sum of squared sums."""
    _, code = np.unique(codes, return_inverse=True)
    sums = np.bincount(code, parts)
    return float(len(sums) / (len(sums) - 1) * sums @ sums) if len(sums) > 1 else float("nan")
