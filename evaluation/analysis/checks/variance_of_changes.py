"""Whether treated clusters changed less alike than comparison clusters did.

A cluster has no counterfactual of its own, so that the spread of the changes between treated
clusters is not the spread of effects: comparison clusters' changes spread as well. What the two
spreads can say together is said here.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.records import Diagnostic, Unavailable
from evaluation.estimation.regression.fit import critical
from evaluation.estimation.regression.sample import Sample
from evaluation.estimation.row_keys import Part
from evaluation.locale.messages import Message, message

RATIO, SD_OF_EFFECTS = Part("ratio"), Part("sd_of_effects")
RATIO_KIND = message("fieller-set-jackknifed.reason")
NO_SPREAD = message("changes-group.reason")
GROUPS = ("treated", "comparison")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterChanges:
    """Changes of G clusters between two rounds.

    Attributes
    ----------
    change : ndarray, shape (G,)
        Weighted mean at endline less that at baseline, in the outcome's unit.
    noise : ndarray, shape (G,)
        Sampling variance of the change.
    treated : ndarray of bool, shape (G,)
    arm : ndarray of int, shape (G,)
    dropped : int
        Clusters with fewer than two respondents in a round, whose noise is not known.
    """

    change: Floats
    noise: Floats
    treated: Flags
    arm: Codes
    dropped: int

    def spread(self, rows: Flags) -> tuple[float, float]:
        """Variance of the changes within arms, and their mean sampling variance."""
        _, arm = np.unique(self.arm[rows], return_inverse=True)
        change = self.change[rows]
        centre = np.bincount(arm, weights=change) / np.bincount(arm)
        free = len(change) - len(centre)
        return float(np.sum((change - centre[arm]) ** 2) / free), float(self.noise[rows].mean())

    def between(self, rows: Flags) -> float:
        """Variance of the changes without sampling noise; may be estimated below zero."""
        raw, noise = self.spread(rows)
        return raw - noise


def changes(sample: Sample, *, arm: str, respondent: str) -> ClusterChanges:
    """Change of each cluster, and how much of it sampling alone would make.

    Parameters
    ----------
    sample : Sample
        Of two rounds.
    arm, respondent : str
        Columns of its frame; without the second everybody counts as seen once.

    Notes
    -----
    With e = (y - cell mean) sqrt(n / (n - 1)) over the n respondents of a cluster and round, and w
    their weights as shares of the cell's, the noise is the sum over persons of (sum of +-w e)^2,
    + at endline and - at baseline: the linearised variance of a weighted mean, in which a person
    seen twice is one person. Drawing from a finite population is ignored.
    """
    _, cluster = np.unique(sample.cluster.astype(str), return_inverse=True)
    cell = 2 * cluster + sample.post
    n = np.bincount(cell)
    share = sample.weights / np.bincount(cell, weights=sample.weights)[cell]
    mean = np.bincount(cell, weights=share * sample.y)
    size = n[cell]
    inflation = np.sqrt(size / np.maximum(size - 1.0, 1.0))
    moved = share * (sample.y - mean[cell]) * inflation * np.where(sample.post, 1.0, -1.0)
    person, of_person = _persons(sample, cluster, respondent)
    noise = np.bincount(of_person, weights=np.bincount(person, weights=moved) ** 2)
    _, first = np.unique(cluster, return_index=True)
    _, arms = np.unique(sample.frame[arm].astype(str), return_inverse=True)
    enough = n.reshape(-1, 2).min(axis=1) > 1
    return ClusterChanges(
        change=(mean[1::2] - mean[::2])[enough],
        noise=noise[enough],
        treated=sample.treated[first][enough],
        arm=arms[first][enough],
        dropped=int(np.count_nonzero(~enough)),
    )


def _persons(sample: Sample, cluster: Codes, respondent: str) -> tuple[Codes, Codes]:
    """Number of each row's person within its cluster, and the cluster of each person."""
    row = pd.Series(np.arange(len(cluster)).astype(str))
    names = row
    if respondent in sample.frame.columns:
        given = sample.frame[respondent].astype(object)
        # Without an id nobody can be found again; no id looks like this.
        names = given.where(given.notna() & (given != ""), "row " + row)
    code, _ = pd.factorize(names)
    # Somebody who moved between clusters is two independent members of two samples.
    pairs, person = np.unique(cluster * (code.max() + 1) + code, return_inverse=True)
    return person, pairs // (code.max() + 1)


@computes
def variance_of_changes(context: CheckContext) -> tuple[Row, ...]:
    """Variance of cluster changes by group, their ratio, and what it says of the effects' spread.

    Parameters
    ----------
    context : CheckContext

    Returns
    -------
    tuple of Diagnostic, Bound and Unavailable
        Samples ``treated`` and ``comparison``: ``sd_of_changes``, ``sd_of_noise`` and
        ``sd_between`` (noise taken out). ``ratio``: treated over comparison variance without
        noise, as a bound of no width with a jackknife interval. ``sd_of_effects``: between which
        values the standard deviation of cluster effects lies, whatever their correlation with the
        changes that would have happened anyway; no interval. ``clusters_dropped``, sample ``all``.

    Notes
    -----
    Changes are centred on their arm. The ratio's interval is `ratio_interval`'s, from leaving out
    each cluster in turn (Miller 1968, Annals of Mathematical Statistics 39(2)): an F interval
    would take changes as normal, and know of no noise. If treated clusters would otherwise have
    spread as comparison clusters did, with variances A and C of the two groups, the effects' SD is
    within |sqrt A - sqrt C| and sqrt A + sqrt C (Cauchy-Schwarz).
    """
    built = context.primary_design()
    if built.rounds is None:
        return (context.unavailable(message("changes-need.reason")),)
    columns = context.study.columns
    found = changes(built.rounds, arm=columns.arm, respondent=columns.respondent)
    rows: list[Row] = [
        context.diagnostic("clusters_dropped", found.dropped, unit="clusters"),
    ]
    problem = _too_few(context, found)
    if problem:
        return (*rows, context.unavailable(problem, sample=RATIO))
    for name, chosen in zip(GROUPS, (found.treated, ~found.treated), strict=True):
        rows += _spread(context, found, chosen, name)
    return (*rows, *_compared(context, found, RowFacts.of(built)))


def _too_few(context: CheckContext, found: ClusterChanges) -> Message | None:
    # An arm of one cluster has no spread; three per group leave two deletions each.
    least = max(context.study.minimum_clusters, 3)
    fewest = int(min(found.treated.sum(), (~found.treated).sum()))
    alone = int(np.bincount(found.arm).min())
    if fewest < least or alone < 2:
        return message("clusters-group.reason", least=least)
    return None


def _spread(
    context: CheckContext, found: ClusterChanges, rows: Flags, name: str
) -> tuple[Diagnostic | Unavailable, ...]:
    raw, noise = found.spread(rows)
    unit, sample = context.outcome.unit, Part(name)
    seen = {"sd_of_changes": raw**0.5, "sd_of_noise": noise**0.5}
    shown = context.diagnostics(seen, unit=unit, sample=sample)
    if raw <= noise:
        return *shown, context.unavailable(NO_SPREAD, "sd_between", sample=sample)
    return *shown, context.diagnostic("sd_between", (raw - noise) ** 0.5, unit=unit, sample=sample)


def _compared(context: CheckContext, found: ClusterChanges, sizes: RowFacts) -> tuple[Row, ...]:
    treated, comparison = (found.between(rows) for rows in (found.treated, ~found.treated))
    if min(treated, comparison) <= 0.0:
        return tuple(context.unavailable(NO_SPREAD, sample=key) for key in (RATIO, SD_OF_EFFECTS))
    ends = abs(treated**0.5 - comparison**0.5), treated**0.5 + comparison**0.5
    spread = context.bound(ends, interval=None, sizes=sizes, sample=SD_OF_EFFECTS)
    level = context.plan.inference.level
    value = treated / comparison
    row = context.bound(
        (value, value),
        interval=ratio_interval(found, level=level),
        kind=RATIO_KIND,
        sizes=sizes,
        sample=RATIO,
    )
    return dataclasses.replace(row, unit="ratio"), spread


def ratio_interval(found: ClusterChanges, *, level: float) -> tuple[float, float]:
    """Ratios of the treated to the comparison variance without noise that are not rejected.

    Parameters
    ----------
    found : ClusterChanges
        Both variances positive.
    level : float

    Returns
    -------
    (float, float)
        At least zero; the upper end is infinite where the comparison variance itself cannot be
        told from zero.

    Notes
    -----
    Values r with (A - r C)^2 <= t^2 (J_A + r^2 J_C), A and C the variances, J their jackknife
    variances, t from t(G - 2): Fieller's (1954, J. Royal Statistical Society B 16(2)) set.
    """
    (a, jack_a), (c, jack_c) = (_jackknife(found, rows) for rows in (found.treated, ~found.treated))
    t2 = critical(len(found.change) - 2, level) ** 2
    square, constant = c**2 - t2 * jack_c, a**2 - t2 * jack_a
    # Both variances positive: the set holds a / c, so that it is never empty.
    root = float(np.sqrt(max((a * c) ** 2 - square * constant, 0.0)))
    if square > 0.0:
        return max((a * c - root) / square, 0.0), (a * c + root) / square
    return (constant / (a * c + root) if constant > 0.0 else 0.0), np.inf


def _jackknife(found: ClusterChanges, rows: Flags) -> tuple[float, float]:
    """Variance without noise of some clusters' changes, and its jackknife variance."""
    members = np.flatnonzero(rows)
    n = len(members)
    without = np.array([found.between(_less(rows, one)) for one in members.tolist()])
    return found.between(rows), (n - 1) / n * float(np.sum((without - without.mean()) ** 2))


def _less(rows: Flags, one: int) -> Flags:
    kept = rows.copy()
    kept[one] = False
    return kept
