"""Diagnostics of few and unequal clusters, and whether these clusters are coarse enough.

Under the null the scores of different clusters in one coarser cluster (a department, a subregion)
are uncorrelated; if not, the coarse variance of the coefficient exceeds the fine one.

No cluster is named, nor any place. Of estimates without one of them there are quartiles and
counts only: with the levels of both groups, an extreme would give back one place's own change.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference import jackknife
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.estimate_record import Heading, diagnostic, unavailable
from evaluation.estimation.inference.inversion import Distribution, share_of
from evaluation.estimation.inference.jackknife import CONSTANT, effective_clusters, leverage
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.inference.steps import Analysis
from evaluation.estimation.records import Diagnostic, Unavailable
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import Fit, StepUnavailable
from evaluation.estimation.regression.sample import Sample
from evaluation.locale.messages import Message, message, word

# A diagnostic needs no more draws than this: the error on p is below 0.005.
MOST_DRAWS = 9_999
# Relative difference up to which t and t* are ties and count in full.
_TIE = 1e-10


@dataclass(frozen=True, slots=True)
class ScoreVariance:
    """Result of a score-variance test.

    Attributes
    ----------
    statistic : float
        tau, large where the coarse variance exceeds the fine one.
    p_value : float
        One-sided, from the wild cluster bootstrap.
    """

    statistic: float
    p_value: float


def score_variance(
    blocks: Blocks, fit: Fit, column: str, *, coarse: Mapping[str, str], draws: Draws
) -> ScoreVariance:
    """Test clustering at the blocks' level against a coarser one, for one coefficient.

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Fit on the same blocks.
    column : str
        Regressor of interest.
    coarse : mapping of str to str
        Cluster id to coarse cluster.
    draws : Draws
        Bootstrap multipliers by cluster; the first 9,999 are used.

    Returns
    -------
    ScoreVariance

    Raises
    ------
    EstimationError
        A cluster belongs to no coarse cluster.
    StepUnavailable
        Fewer than two coarse clusters, or none with two clusters of some weight inside.

    Notes
    -----
    MacKinnon, Nielsen and Webb (2023, J. Econometrics 235(2), Testing for the appropriate level of
    clustering): with s_h the score of cluster h for the coefficient, others partialled out,
    theta = m_G sum_g (sum_{h in g} s_h)^2 - m_H sum_h s_h^2, its variance estimate
    2 sum_g [(sum_{h in g} s_h^2)^2 - sum_{h in g} s_h^4], tau = theta / sqrt(variance). Here
    m_G = G/(G-1) and m_H = H/(H-1), this package's CV1 factor, without their (N-1)/(N-k).
    Bootstrap: WCU-C by cluster, y* = X b + v_h e_h, p = (1 + #{tau* >= tau}) / (B + 1), or the
    share where the signs are enumerated.
    """
    member = _membership(blocks, coarse)
    few = (
        draws if draws.enumerated else dataclasses.replace(draws, codes=draws.codes[:, :MOST_DRAWS])
    )
    row = fit.bread[blocks.position(column)]
    (tau,) = _statistics((fit.scores @ row)[:, None], member)
    if not np.isfinite(tau):
        raise StepUnavailable.of(
            "no-coarse-cluster", "ask-about-level-joins", "score-variance test"
        )
    larger = 0
    lever, moved = np.einsum("i,gij->gj", row, blocks.xx()), fit.scores @ fit.bread
    for _, v in few.chunks(blocks.clusters):
        scores = v * (fit.scores @ row)[:, None] - lever @ (moved.T @ v)
        larger += int(np.count_nonzero(_statistics(scores, member) >= tau - _TIE * abs(tau)))
    return ScoreVariance(
        statistic=float(tau),
        p_value=float(share_of(larger, few.number, enumerated=few.enumerated)),
    )


def _membership(blocks: Blocks, coarse: Mapping[str, str]) -> Floats:
    """One row of 0 and 1 per coarse cluster, shape (coarse, H)."""
    absent = [cluster for cluster in blocks.clusters if cluster not in coarse]
    if absent:
        raise EstimationError.of(
            "clusters-belong",
            "complete-the-frame-of",
            "score-variance test",
            n=len(absent),
            absent=absent[0],
        )
    groups = np.array([coarse[cluster] for cluster in blocks.clusters])
    names = np.unique(groups)
    if len(names) < 2:
        raise StepUnavailable.of("not-two-coarse", "ask-about-level", "score-variance test")
    return (groups[None, :] == names[:, None]).astype(np.float64)


def _statistics(scores: Floats, member: Floats) -> Floats:
    """tau of each column of scores, shape (H, B) to (B,); infinite or NaN where it has no scale."""
    coarse, fine = member.shape
    squares = scores**2
    joined = (member @ scores) ** 2
    theta = coarse / (coarse - 1) * joined.sum(axis=0) - fine / (fine - 1) * squares.sum(axis=0)
    spread = 2.0 * ((member @ squares) ** 2 - member @ squares**2).sum(axis=0)
    alone = spread <= 1e-12 * squares.sum(axis=0) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(alone, np.inf, theta / np.sqrt(np.maximum(spread, 0.0))))


Row = Diagnostic | Unavailable

SHARE, CLUSTERS, NUMBER, RESPONDENTS = "share", "clusters", "number", "respondents"
QUARTILES = ("q1", "median", "q3")


def quartiles(heading: Heading, name: str, values: Floats) -> tuple[Diagnostic, ...]:
    """``<name>_q1``, ``<name>_median`` and ``<name>_q3`` of estimates, in the outcome's unit.

    Parameters
    ----------
    heading : Heading
    name : str
        How the names begin.
    values : ndarray, shape (n,)
    """
    found = np.quantile(values, (0.25, 0.5, 0.75)).tolist()
    return tuple(
        diagnostic(heading, f"{name}_{label}", value, heading.unit)
        for label, value in zip(QUARTILES, found, strict=True)
    )


def attempted(heading: Heading, name: str, unit: str, value: Callable[[], float]) -> Row:
    """A diagnostic, or the record that says why it is unavailable.

    Parameters
    ----------
    heading : Heading
    name, unit : str
    value : callable
        Makes the value, or raises `StepUnavailable`.
    """
    try:
        return diagnostic(heading, name, value(), unit)
    except StepUnavailable as reason:
        return unavailable(heading, name, reason.problem)


def of_cells(sample: Sample, heading: Heading, *, minimum_cell: int) -> tuple[Row, ...]:
    """Clusters by arm, and respondents per cluster in each arm and round.

    Parameters
    ----------
    sample : Sample
        Two rounds.
    heading : Heading
    minimum_cell : int
        Fewest respondents whose number is shown.

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``clusters_<arm>``; ``respondents_min_<arm>_<round>`` and ``respondents_median_...`` over
        the clusters of the arm, each the multiple of ``minimum_cell`` that it is at
        least: beside the size of a cluster an exact one would count the few without an answer.
        Below ``minimum_cell`` they are unavailable.
    """
    arm = sample.arms
    rows: list[Row] = []
    for known in sample.study.arm:
        inside = arm == known.id
        if not inside.any():
            continue
        number = float(len(sample.clusters(inside)))
        rows.append(diagnostic(heading, f"clusters_{known.id}", number, CLUSTERS))
        rounds = ((heading.contrast_from, ~sample.post), (heading.contrast_to, sample.post))
        for round_id, when in rounds:
            _, counts = np.unique(sample.cluster[inside & when].astype(str), return_counts=True)
            cell = f"{known.id}_{round_id}"
            told = (("min", counts.min()), ("median", np.median(counts)))
            for name, n in told:
                rows.append(_at_least(heading, f"respondents_{name}_{cell}", int(n), minimum_cell))
    return tuple(rows)


def _at_least(heading: Heading, name: str, n: int, least: int) -> Row:
    if n < least:
        return unavailable(heading, name, message("fewer.reason", minimum_cell=least))
    return diagnostic(heading, name, float(n // least * least), RESPONDENTS)


def of_leverage(analysis: Analysis, heading: Heading) -> tuple[Row, ...]:
    """Largest leverage and the effective numbers of clusters of the effect's column.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``leverage_max`` and ``partial_leverage_max`` with their ratios to the mean over clusters
        (``..._ratio``); ``css_effective_clusters`` G*(0), errors independent, and
        ``css_effective_clusters_shared`` G*(1), one shock per cluster (and round, where cluster
        effects are absorbed); see `leverage.effective_clusters`.
    """
    blocks, fit, column = analysis.blocks, analysis.fit, analysis.design.column
    found = leverage(blocks, fit, column)
    rows: list[Row] = []
    for name, values in (("leverage", found.cluster), ("partial_leverage", found.partial)):
        largest = float(values.max())
        rows.append(diagnostic(heading, f"{name}_max", largest, NUMBER))
        rows.append(
            diagnostic(heading, f"{name}_max_ratio", largest / float(values.mean()), NUMBER)
        )
    name = "css_effective_clusters"
    rows.append(diagnostic(heading, name, effective_clusters(blocks, fit, column), CLUSTERS))
    shock = heading.contrast_to if blocks.absorb == "cluster" else CONSTANT
    shared = attempted(
        heading,
        f"{name}_shared",
        CLUSTERS,
        lambda: effective_clusters(blocks, fit, column, shared=shock),
    )
    return (*rows, shared)


def of_permutations(
    analysis: Analysis, heading: Heading, permutations: Permutations | None
) -> tuple[Diagnostic, ...]:
    """How many permutations there were, and how many clusters none of them moves.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    permutations : Permutations or None

    Returns
    -------
    tuple of Diagnostic
        ``ri_permutations`` and ``ri_fixed_clusters``, those in strata of one arm only; empty
        where randomisation inference was not asked for or is unavailable.
    """
    found = analysis.steps.get("ri")
    if permutations is None or not isinstance(found, Distribution):
        return ()
    fixed = permutations.among(analysis.blocks.clusters).fixed
    return (
        diagnostic(heading, "ri_permutations", float(found.number), NUMBER),
        diagnostic(heading, "ri_fixed_clusters", float(fixed), CLUSTERS),
    )


def without_places(
    analysis: Analysis, heading: Heading, level: str, place: Mapping[str, str], *, least: int
) -> tuple[Row, ...]:
    """Quartiles of the estimate without one place (a department) at a time.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    level : str
        What the places are, such as department; it enters the names.
    place : mapping of str to str
        Cluster id to place.
    least : int
        Clusters of a group that a place must hold, where it holds any: what an estimate without
        the place gives away is then the mean of at least so many.

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``without_<level>_q1``, ``..._median`` and ``..._q3``; and ``..._sign_changes``, how many
        of these estimates have another sign than the whole.
    """
    blocks, name = analysis.blocks, f"without_{level}"
    places, member = np.unique([place[c] for c in blocks.clusters], return_inverse=True)
    joined = (member[None, :] == np.arange(len(places))[:, None]).astype(np.float64)
    try:
        solved = jackknife.leave_one_out(
            np.einsum("pg,gij->pij", joined, blocks.xx()),
            (joined @ blocks.xy())[:, :, None],
            columns=blocks.columns,
            clusters=(level,) * len(places),
        )
    except StepUnavailable:
        reason = message("without-one-another.reason", level=word(level))
        return _refused(heading, name, (*QUARTILES, "sign_changes"), reason)
    j = blocks.position(analysis.design.column)
    without = solved[:, j, 0]
    changed = np.sum(np.sign(without) != np.sign(analysis.fit.coefficients[j]))
    small = _smallest_group(analysis, joined) < least
    reason = message("some-holds-fewer.reason", level=word(level), least=least)
    return (
        *(
            _refused(heading, name, QUARTILES, reason)
            if small
            else quartiles(heading, name, without)
        ),
        diagnostic(heading, f"{name}_sign_changes", float(changed), NUMBER),
    )


def _smallest_group(analysis: Analysis, joined: Floats) -> float:
    """Fewest clusters that a place holds of a group of which it holds any."""
    treated = np.isin(analysis.blocks.clusters, analysis.design.clusters_treated)
    counts = joined @ np.stack([treated, ~treated], axis=1)
    return float(counts[counts > 0.0].min())


def _refused(
    heading: Heading, name: str, parts: tuple[str, ...], reason: Message
) -> tuple[Unavailable, ...]:
    return tuple(unavailable(heading, f"{name}_{part}", reason) for part in parts)


def of_level(
    analysis: Analysis, heading: Heading, level: str, place: Mapping[str, str], draws: Draws
) -> Row:
    """``score_variance_p_<level>``: p of the test that clustering need not be by this level.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    level : str
    place : mapping of str to str
        Cluster id to place.
    draws : Draws
        Bootstrap multipliers by cluster.
    """
    return attempted(
        heading,
        f"score_variance_p_{level}",
        SHARE,
        lambda: (
            score_variance(
                analysis.blocks, analysis.fit, analysis.design.column, coarse=place, draws=draws
            ).p_value
        ),
    )
