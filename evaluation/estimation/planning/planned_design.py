"""What effect a planned round can see, and what a study's own two rounds say of the next."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference import variance_components
from evaluation.estimation.inference.detection import ratio_detected
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.sample import Sample, seen_twice
from evaluation.locale.messages import Message, ResultNumber, message

Replacement = Literal["fresh", "none"]
Weighting = Literal["equal", "respondents"]
Compared = Literal["changes", "endlines"]

# Largest number of clusters or respondents that is taken for one.
_MOST = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A design of two rounds.

    Attributes
    ----------
    treated, comparison : int
        Clusters.
    respondents : float
        Mean number of respondents per cluster and round.
    panel_share : float
        Share of the first round's respondents who are to be interviewed again.
    attrition : float
        Share of those who cannot be.
    replacement : {"fresh", "none"}
        Whether fresh respondents take their place in the second round, or nobody does.
    weighting : {"equal", "respondents"}
        Whether clusters count equally or by their number of respondents.
    size_cv : float
        Coefficient of variation of respondents between clusters.
    weight_deff : float
        Kish design effect n sum w^2 / (sum w)^2 of the sampling weights within clusters; of all
        of them where endlines are compared.
    compared : {"changes", "endlines"}
        A difference-in-differences, or the endline given each respondent's own baseline value.
    """

    treated: int
    comparison: int
    respondents: float
    panel_share: float = 0.0
    attrition: float = 0.0
    replacement: Replacement = "fresh"
    weighting: Weighting = "equal"
    size_cv: float = 0.0
    weight_deff: float = 1.0
    compared: Compared = "changes"

    @property
    def df(self) -> float:
        """Degrees of freedom of the CV1 test, clusters less one."""
        return float(self.treated + self.comparison - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How an outcome varies.

    Attributes
    ----------
    sd : float
        Standard deviation of the outcome within a round, in its unit.
    icc : float
        Intraclass correlation within a round.
    cac : float
        Cluster autocorrelation: correlation of a cluster's true means between the rounds.
    individual_correlation : float
        Correlation between rounds of a respondent's deviation from the cluster.
    r2_between, r2_within : float
        Share of the variance of clusters' changes, and of respondents' deviations, that
        covariates explain.
    """

    sd: float = 1.0
    icc: float
    cac: float
    individual_correlation: float = 0.0
    r2_between: float = 0.0
    r2_within: float = 0.0


def std_error(planned: Planned, spread: Spread) -> float:
    """Standard error of the difference-in-differences, or of a trial's endline, in its unit.

    Parameters
    ----------
    planned : Planned
    spread : Spread

    Returns
    -------
    float

    Raises
    ------
    EstimationError
        A number of the design or the spread cannot be.

    Notes
    -----
    With n0 respondents in the first round, n1 in the second and n01 in both, a cluster's change
    has the variance sd^2 [2 icc (1 - cac)(1 - R2b) + (1 - icc)(1 - R2w) deff (1/n0 + 1/n1
    - 2 rho n01 / (n0 n1))] (Hooper et al. 2016, Statistics in Medicine 35:4718, for n0 = n1 and
    n01 = 0 or n0). Sizes with coefficient of variation cv multiply the second term by 1 + cv^2
    where clusters count equally (the mean of 1/n; exact for log-normal sizes), and the first where
    they count by their respondents (Kish's effective number of clusters). The estimate's variance
    is that times 1/treated + 1/comparison.

    Where the endline is compared given each respondent's own baseline value, a cluster has the
    variance sd^2 deff [icc (1 - R2b) + (1 - icc)(1 - R2w)(1 - rho^2 n01 / n1) / n1] (McKenzie 2012,
    Journal of Development Economics 99:210, for n01 = n1 and one respondent a cluster). Neither
    the blocks of a lottery nor the baseline values are taken to explain how clusters differ: that
    errs to the safe side. Weights multiply both parts, as where they differ between clusters.
    """
    _check(planned, spread)
    first = planned.respondents
    both = first * planned.panel_share * (1.0 - planned.attrition)
    lost = first * planned.panel_share * planned.attrition
    second = first - lost if planned.replacement == "none" else first
    rho = spread.individual_correlation
    groups = 1.0 / planned.treated + 1.0 / planned.comparison
    if planned.compared == "endlines":
        between = spread.icc * (1.0 - spread.r2_between)
        within = (1.0 - spread.icc) * (1.0 - spread.r2_within)
        within *= (1.0 - rho**2 * both / second) / second
        return spread.sd * float(np.sqrt(planned.weight_deff * (between + within) * groups))
    rows = 1.0 / first + 1.0 / second - 2.0 * rho * both / (first * second)
    unequal = 1.0 + planned.size_cv**2
    between = 2.0 * spread.icc * (1.0 - spread.cac) * (1.0 - spread.r2_between)
    within = (1.0 - spread.icc) * (1.0 - spread.r2_within) * planned.weight_deff * rows
    if planned.weighting == "equal":
        within *= unequal
    else:
        between *= unequal
    return spread.sd * float(np.sqrt((between + within) * groups))


def detectable(std_error: float, *, df: float, level: float = 0.95, chance: float = 0.8) -> float:
    """Minimum detectable effect: that at which the chance of `detection` is a given power.

    Parameters
    ----------
    std_error : float
        True standard error, as of `std_error`.
    df : float
        Degrees of freedom of the test; infinite for the sum of two normal quantiles.
    level : float
        One minus the two-sided significance level.
    chance : float
        Power.

    Raises
    ------
    EstimationError
        The power is not between the significance level and one.
    """
    if not 1.0 - level < chance < 1.0:
        raise _impossible(
            message(
                "power-must-above.problem",
                chance=ResultNumber(f"{chance:g}"),
                n=ResultNumber(f"{1.0 - level:g}"),
            )
        )
    return ratio_detected(chance, df=df, level=level) * std_error


def _check(planned: Planned, spread: Spread) -> None:
    limits = (
        ("treated", planned.treated, 2.0, _MOST),
        ("comparison", planned.comparison, 2.0, _MOST),
        ("respondents", planned.respondents, 1.0, _MOST),
        ("panel_share", planned.panel_share, 0.0, 1.0),
        ("attrition", planned.attrition, 0.0, 1.0),
        ("size_cv", planned.size_cv, 0.0, np.inf),
        ("weight_deff", planned.weight_deff, 1.0, np.inf),
        ("sd", spread.sd, np.nextafter(0.0, 1.0), np.inf),
        ("icc", spread.icc, 0.0, 1.0),
        ("cac", spread.cac, -1.0, 1.0),
        ("individual_correlation", spread.individual_correlation, -1.0, 1.0),
        ("r2_between", spread.r2_between, 0.0, 1.0),
        ("r2_within", spread.r2_within, 0.0, 1.0),
    )
    for name, value, low, high in limits:
        if not low <= value <= high:
            raise _impossible(
                message(
                    "must.problem",
                    name=name,
                    value=ResultNumber(f"{value:g}"),
                    low=ResultNumber(f"{low:g}"),
                    high=ResultNumber(f"{high:g}"),
                )
            )
    if planned.replacement == "none" and planned.panel_share * planned.attrition >= 1.0:
        raise _impossible(message("respondents-lost.problem"))


def _impossible(problem: Message) -> EstimationError:
    return EstimationError(problem, where="planned design", fix=message("correct-number.fix"))


# Relative differences of cluster weights below this are rounding: clusters count equally.
_SAME = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residuals:
    """Residuals of one group (treated, or not), in the unit of the outcome.

    Attributes
    ----------
    changes : ndarray, shape (G_a,)
        Clusters' changes between the rounds, less the mean change of their arm.
    shocks : ndarray, shape (G_a,)
        The same, shrunk to the variance that is left without the sampling of respondents.
    sizes : ndarray, shape (G_a,)
        Weight of each cluster's change in the estimate; ones where clusters count equally.
    first, second : ndarray, shape (n0,) and (n1,)
        Respondents' deviations from their cluster in each round, times their relative weight.
    both : ndarray, shape (n01, 2)
        The two deviations of respondents seen twice, less their means.
    """

    changes: Floats
    shocks: Floats
    sizes: Floats
    first: Floats
    second: Floats
    both: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnData:
    """Spread and design of a finished study, and its residuals by group."""

    spread: Spread
    planned: Planned
    treated: Residuals
    comparison: Residuals


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """Rows with their deviations, and their clusters' changes.

    ``deviation`` is a row's outcome less its cell's weighted mean; ``share`` its share of the
    cell's weight; ``n`` the cell's rows. Clusters are in sorted order.
    """

    cluster: Codes
    deviation: Floats
    share: Floats
    n: Codes
    changes: Floats
    sizes: Floats
    counts: Codes


def own_data(sample: Sample) -> OwnData:
    """Read a two-round sample, such as that of the primary specification, for planning.

    Returns
    -------
    OwnData
        The ICC is kept within 0 and 1, the cluster autocorrelation too; one that is unavailable
        counts as 0, which never flatters a design.

    Raises
    ------
    StepUnavailable
        There is one row per cluster, so nothing is known of the spread.
    """
    cells = _cells(sample)
    pairs = seen_twice(sample.respondents, sample.cluster, sample.post)
    treated = np.zeros(len(cells.changes), dtype=bool)
    treated[cells.cluster[sample.treated]] = True
    return OwnData(
        spread=_spread(sample, cells, pairs),
        planned=_planned(sample, cells, pairs, treated),
        treated=_residuals(sample, cells, pairs, treated),
        comparison=_residuals(sample, cells, pairs, ~treated),
    )


def _cells(sample: Sample) -> _Cells:
    """Cell means, deviations from them, and changes less their arm's mean."""
    cluster, ids = pd.factorize(sample.cluster, sort=True)
    cell = 2 * cluster + sample.post
    total = np.bincount(cell, sample.weights)
    mean = np.bincount(cell, sample.weights * sample.y) / total
    first, second = total[0::2], total[1::2]
    sizes = first * second / (first + second)
    sizes = sizes / sizes.mean()
    arm = np.zeros(len(ids), dtype=np.int64)
    arm[cluster] = pd.factorize(sample.arms, sort=True)[0]
    changes = mean[1::2] - mean[0::2]
    centre = np.bincount(arm, sizes * changes) / np.bincount(arm, sizes)
    # A mean taken from k changes leaves them (k - 1)/k of their variance.
    few = np.bincount(arm)[arm]
    changes = (changes - centre[arm]) * np.sqrt(few / np.maximum(few - 1, 1))
    counts = np.bincount(cell)
    return _Cells(
        cluster=cluster.astype(np.int64),
        deviation=sample.y - mean[cell],
        share=sample.weights / total[cell],
        n=counts[cell],
        changes=changes,
        sizes=sizes,
        counts=counts.reshape(-1, 2),
    )


def _spread(sample: Sample, cells: _Cells, pairs: Codes) -> Spread:
    found = variance_components.at_baseline(sample)
    try:
        cac = variance_components.between_rounds(sample)
    except StepUnavailable:
        cac = 0.0
    between = max(found.between, 0.0)
    # of the two deviations of respondents seen twice
    first, second = cells.deviation[pairs].T
    together, alone = float(first @ second), float(np.sqrt((first @ first) * (second @ second)))
    return Spread(
        sd=float(np.sqrt(between + found.within)),
        icc=between / (between + found.within),
        cac=min(max(cac, 0.0), 1.0),
        individual_correlation=together / alone if len(pairs) else 0.0,
    )


def _planned(sample: Sample, cells: _Cells, pairs: Codes, treated: Flags) -> Planned:
    """The finished study as a design: its panel share is what was achieved, after attrition."""
    inverse = 1.0 / cells.counts.ravel()
    effective = np.bincount(2 * cells.cluster + sample.post, cells.share**2)
    equal = float(np.ptp(cells.sizes)) < _SAME
    mean = float(cells.counts.mean())
    return Planned(
        treated=int(treated.sum()),
        comparison=int((~treated).sum()),
        respondents=mean,
        panel_share=len(pairs) / float(cells.counts[:, 0].sum()),
        weighting="equal" if equal else "respondents",
        size_cv=float(
            np.sqrt(max(mean * inverse.mean() - 1.0, 0.0)) if equal else cells.sizes.std()
        ),
        weight_deff=max(float(effective.sum() / inverse.sum()), 1.0),
    )


def _residuals(sample: Sample, cells: _Cells, pairs: Codes, group: Flags) -> Residuals:
    """Residuals of the clusters of a group.

    A row's contribution to its cluster's mean is share x deviation, so the sum of its squares,
    times n/(n - 1), is the variance that the sampling of respondents adds to the mean.
    """
    own = cells.share * cells.deviation * np.sqrt(cells.n / np.maximum(cells.n - 1, 1))
    noise = np.bincount(cells.cluster, own**2)
    twice = own[pairs]
    shared = np.bincount(
        cells.cluster[pairs[:, 0]], twice[:, 0] * twice[:, 1], minlength=len(noise)
    )
    changes = cells.changes[group]
    observed = float(np.mean(changes**2))
    true = max(observed - float(np.mean((noise - 2.0 * shared)[group])), 0.0)
    rows = group[cells.cluster]
    scaled = own * cells.n
    # Those seen twice differ from the rest of their clusters; that is no change of the clusters.
    both = scaled[pairs[rows[pairs[:, 0]]]]
    return Residuals(
        changes=changes,
        shocks=changes * np.sqrt(true / observed) if observed > 0.0 else changes,
        sizes=cells.sizes[group],
        first=scaled[rows & ~sample.post],
        second=scaled[rows & sample.post],
        both=both - both.mean(axis=0) if len(both) else both,
    )
