"""From a clean frame and a specification to the arrays of one regression."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats, Ids
from evaluation.estimation.parameters import OutcomeColumn, Regression, StudyDesign
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.cluster_blocks import Absorb, Blocks
from evaluation.estimation.regression.rows import sample_error, strata
from evaluation.estimation.regression.sample import Sample, dummies, select, weighted_moments
from evaluation.estimation.regression.sample_checks import check_groups, check_varies

# Baseline values that the analysis file holds beside those of the endline.
IN_FILE = ("suffix", "suffix_indicator")


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """One weighted regression of n rows on q columns.

    Attributes
    ----------
    X : ndarray, shape (n, q)
        Regressors, without absorbed cluster effects.
    y, weights : ndarray, shape (n,)
    cluster : ndarray of str, shape (n,)
    columns : tuple of q str
    column : str
        The column whose coefficient is the effect.
    absorb : {"cluster", "none"}
    clusters_treated, clusters_comparison : tuple of str
    baseline_mean, baseline_sd : float
        Weighted mean and SD of the comparison group (arms without any treatment) at baseline.
    one_round : tuple of str
        Clusters left out because they were seen in one round only.
    incomplete : int
        Rows left out because a covariate is missing.
    rounds : Sample or None
        The rows of both rounds that the regression was made from; None without two rounds.
    """

    X: Floats
    y: Floats
    weights: Floats
    cluster: Ids
    columns: tuple[str, ...]
    column: str
    absorb: Absorb
    clusters_treated: tuple[str, ...]
    clusters_comparison: tuple[str, ...]
    baseline_mean: float
    baseline_sd: float
    one_round: tuple[str, ...] = ()
    incomplete: int = 0
    rounds: Sample | None = None

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.y)

    def accumulate(self) -> Blocks:
        """Cross-products by cluster, from which everything is estimated."""
        return cluster_blocks.accumulate(
            self.X,
            self.y,
            weights=self.weights,
            cluster=self.cluster,
            columns=self.columns,
            absorb=self.absorb,
        )


def build(
    frame: pd.DataFrame, specification: Regression, *, outcome: OutcomeColumn, study: StudyDesign
) -> Design:
    """Arrays of a specification's regression for one outcome.

    Parameters
    ----------
    frame : DataFrame
        The clean panel, or the clean analysis file, with the outcome under its id.
    specification : Regression
    outcome : OutcomeColumn
    study : StudyDesign

    Returns
    -------
    Design

    Raises
    ------
    EstimationError
        See `sample.select`; and a treatment of the sample that the specification neither
        estimates nor adjusts for, or a lagged outcome that is not in the data.

    Notes
    -----
    ``did``: y on treatment x post, post, other treatments x post and covariates, cluster effects
    absorbed (Bertrand, Duflo and Mullainathan 2004, eq. 1, with two rounds), and with
    ``strata_round`` a post of its own for every stratum but the first. Then least squares pools
    the strata's effects by n p (1 - p), n the clusters and p their treated share (populations or
    weights in place of counts under the other estimands), which is not the mean over treated
    clusters where effects and p both differ between strata. ``ancova``: y at endline on treatment,
    other treatments, the baseline value and covariates, with an intercept or effect dummies
    (McKenzie 2012). A respondent without an own baseline value counts as zero there, with an
    indicator of it: zero is then any value, and nobody seen at endline only is left out. Under
    ``suffix`` the authors' model has no indicator; with the sample ``baseline_answered`` only those
    with a value enter.
    """
    where = f"specification {specification.id}, outcome {outcome.id}"
    _check_treatments(specification, study, where)
    if specification.method != "did" and specification.strata_round:
        raise EstimationError.of(
            "no-meaning-under", "name-variable", f"specification {specification.id}"
        )
    last = specification.contrast[-1:]
    rounds = {**dict.fromkeys(IN_FILE, ()), "respondent": last}.get(
        specification.lag, specification.contrast
    )
    sample = select(frame, specification, value=outcome.id, rounds=rounds, study=study)
    if specification.method == "did":
        return _did(sample)
    if specification.lag in IN_FILE:
        return _ancova_suffix(sample, outcome, where)
    if specification.lag == "respondent":
        return _ancova_respondent(sample, frame, outcome.id, where)
    return _ancova_cluster_mean(sample)


def _check_treatments(specification: Regression, study: StudyDesign, where: str) -> None:
    """A comparison cluster that received something else unnoticed would be no comparison."""
    faced = {specification.treatment, *specification.adjust_treatments}
    for arm in study.arm:
        extra = sorted(set(arm.treatments) - faced)
        if extra:
            raise sample_error("sample", "sample", where, id=arm.id, extra=extra[0])


def _did(sample: Sample) -> Design:
    specification = sample.specification
    endline = specification.contrast[1]
    post = sample.post.astype(np.float64)
    columns = {f"{specification.treatment} x {endline}": sample.treated * post, endline: post}
    for treatment in specification.adjust_treatments:
        columns[f"{treatment} x {endline}"] = _received(sample, treatment) * post
    if specification.strata_round:
        columns = _joined(columns, _strata_changes(sample))
    columns = _joined(columns, _covariates(sample))
    baseline = sample.moments(~sample.post & sample.comparison)
    return _design(sample, columns, absorb="cluster", rounds=sample, baseline=baseline)


def _strata_changes(sample: Sample) -> dict[str, Floats]:
    """Change between the rounds of each stratum less that of the first stratum in sorted order."""
    specification = sample.specification
    cluster, _ = pd.factorize(sample.cluster)
    where = f"specification {specification.id}"
    codes, labels = strata(sample.frame[specification.strata_round], cluster, where=where)
    return {
        f"{label} x {specification.contrast[1]}": ((codes == code) & sample.post).astype(np.float64)
        for code, label in enumerate(labels)
        if code
    }


def _ancova_cluster_mean(both: Sample) -> Design:
    before, after = ~both.post, both.post
    codes, _ = pd.factorize(both.cluster)
    weight = np.bincount(codes[before], weights=both.weights[before])
    total = np.bincount(codes[before], weights=(both.weights * both.y)[before])
    lag = (total / weight)[codes]
    endline = _part(both, after)
    columns, baseline = _ancova_columns(endline, lag[after]), both.moments(before & both.comparison)
    return _design(endline, columns, absorb="none", rounds=both, baseline=baseline)


def _ancova_suffix(sample: Sample, outcome: OutcomeColumn, where: str) -> Design:
    item = outcome.items[0]
    name = f"{item.name}_baseline"
    if outcome.function != "value" or name not in sample.frame.columns:
        raise EstimationError.of(
            "no-baseline-value",
            "use-outcome-one",
            where,
            name=name,
            function=outcome.function,
        )
    lag = sample.frame[name].to_numpy(dtype=np.float64, na_value=np.nan) * item.sign * outcome.scale
    with_indicator = sample.specification.lag == "suffix_indicator"
    return _ancova_own_value(sample, lag, where, indicator=with_indicator)


def _ancova_respondent(sample: Sample, frame: pd.DataFrame, value: str, where: str) -> Design:
    person, first = sample.study.columns.respondent, sample.specification.contrast[0]
    before = frame.loc[frame["round"] == first, [person, value]].dropna()
    if before[person].duplicated().any():
        raise sample_error("respondent-twice", "respondent-twice", where)
    lag = sample.frame[person].map(before.set_index(person)[value])
    lag = lag.to_numpy(dtype=np.float64, na_value=np.nan)
    return _ancova_own_value(sample, lag, where, indicator=True)


def _ancova_own_value(sample: Sample, lag: Floats, where: str, *, indicator: bool) -> Design:
    """On each respondent's own baseline value: zero where it is missing, or those who have one."""
    known = np.isfinite(lag)
    if not (known & sample.comparison).any():
        raise sample_error("baseline-of-nobody", "baseline-of-nobody", where)
    if sample.specification.sample == "baseline_answered":
        sample, lag, known = _part(sample, known), lag[known], known[known]
        treated, other = sample.clusters(sample.treated), sample.clusters(~sample.treated)
        check_groups(len(treated), len(other), where, untreated=sample.comparison.any())
        check_varies(np.ptp(sample.y), where)
    columns = _ancova_columns(sample, np.where(known, lag, 0.0))
    if indicator and not known.all():
        columns = _joined(columns, {"baseline value missing": (~known).astype(np.float64)})
    control = known & sample.comparison
    baseline = weighted_moments(lag[control], sample.weights[control])
    return _design(sample, columns, absorb="none", baseline=baseline)


def _ancova_columns(sample: Sample, lag: Floats) -> dict[str, Floats]:
    specification = sample.specification
    columns = {specification.treatment: sample.treated.astype(np.float64)}
    for treatment in specification.adjust_treatments:
        columns[treatment] = _received(sample, treatment)
    columns["baseline value"] = lag
    columns = _joined(columns, _covariates(sample))
    if not specification.effects:
        return {**columns, "intercept": np.ones(len(sample.y))}
    arrays, labels = dummies(sample.frame, specification.effects, first="keep")
    return _joined(columns, dict(zip(labels, arrays, strict=True)))


def _joined(columns: dict[str, Floats], more: dict[str, Floats]) -> dict[str, Floats]:
    """Both sets of columns; a shared name would silently replace a regressor."""
    shared = sorted(set(columns) & set(more))
    if shared:
        raise EstimationError.of(
            "two-regressors", "rename-variable", "regression", shared=repr(shared[0])
        )
    return {**columns, **more}


def _received(sample: Sample, treatment: str) -> Floats:
    study = sample.study
    arms = study.arms_with(treatment)
    return sample.frame[study.columns.arm].isin(arms).to_numpy(dtype=np.float64)


def _covariates(sample: Sample) -> dict[str, Floats]:
    """Numbers as they are; anything else as dummies without the first value in sorted order."""
    columns: dict[str, Floats] = {}
    for name in sample.specification.covariates:
        if pd.api.types.is_numeric_dtype(sample.frame[name]):
            columns[name] = sample.frame[name].to_numpy(dtype=np.float64)
        else:
            arrays, labels = dummies(sample.frame, (name,), first="drop")
            columns = _joined(columns, dict(zip(labels, arrays, strict=True)))
    return columns


def _part(sample: Sample, rows: Flags) -> Sample:
    arrays = ("y", "weights", "cluster", "post", "treated", "comparison")
    return replace(
        sample,
        frame=sample.frame[rows].reset_index(drop=True),
        **{name: getattr(sample, name)[rows] for name in arrays},
    )


def _design(
    sample: Sample,
    columns: dict[str, Floats],
    *,
    absorb: Absorb,
    baseline: tuple[float, float],
    rounds: Sample | None = None,
) -> Design:
    """The first of the columns is the effect."""
    return Design(
        X=np.array(list(columns.values())).T,  # columns lie together, as they are read
        y=sample.y,
        weights=sample.weights,
        cluster=sample.cluster,
        columns=tuple(columns),
        column=next(iter(columns)),
        absorb=absorb,
        clusters_treated=sample.clusters(sample.treated),
        clusters_comparison=sample.clusters(~sample.treated),
        baseline_mean=baseline[0],
        baseline_sd=baseline[1],
        one_round=sample.one_round,
        incomplete=sample.incomplete,
        rounds=rounds,
    )
