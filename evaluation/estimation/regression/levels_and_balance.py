"""Means of the groups: an outcome by arm and round, and who was compared and seen again."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from evaluation.estimation.arrays import Codes, Floats, Ids
from evaluation.estimation.parameters import OutcomeColumn, Regression, StudyDesign
from evaluation.estimation.records import Balance, Estimand, Level, Unavailable
from evaluation.estimation.regression import cluster_blocks, survey_design
from evaluation.estimation.regression.fit import StepUnavailable, cv1, least_squares
from evaluation.estimation.regression.large_levels import less_level
from evaluation.estimation.regression.sample import Sample, dummies, select
from evaluation.estimation.row_keys import Part


def levels(sample: Sample, outcome: OutcomeColumn) -> tuple[Level, ...]:
    """Weighted mean, its standard error and the SD in every arm and round of a sample.

    Parameters
    ----------
    sample : Sample
        Of two rounds.
    outcome : OutcomeColumn

    Returns
    -------
    tuple of Level
        Arms in the study's order, baseline before endline. Under ``equal`` weights and without
        covariates, the difference of differences of these means is the estimate.

    Notes
    -----
    The standard error is that of `sampling_error`: how far off a mean of these clusters' people is
    because some of them were interviewed. How much clusters differ is no part of it, as all of
    them are in the study; the estimate's own interval counts it.
    """
    specification, study, arms = sample.specification, sample.study, sample.arms
    found = []
    for arm in study.arm:
        for round_id, last in zip(specification.contrast, (False, True), strict=True):
            rows = (arms == arm.id) & (sample.post == last)
            if not rows.any():
                continue
            y, weights, clusters = sample.y[rows], sample.weights[rows], sample.cluster[rows]
            mean, sd = sample.moments(rows)
            found.append(
                Level(
                    study=study.id,
                    outcome=outcome.id,
                    estimand=specification.estimand,
                    sample=Part(specification.sample),
                    arm=arm.id,
                    round=round_id,
                    unit=outcome.unit,
                    mean=mean,
                    std_error=sampling_error(y, weights, clusters, estimand=specification.estimand),
                    sd=sd,
                    n=int(rows.sum()),
                    n_clusters=len(set(clusters)),
                )
            )
    return tuple(found)


def sampling_error(values: Floats, weights: Floats, clusters: Ids, *, estimand: Estimand) -> float:
    """Design-based standard error of a weighted mean over clusters that are all in the study.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
        One interview a row; weights as the estimand has them.
    clusters : ndarray, shape (n,)
    estimand : {"equal", "population", "respondents"}

    Raises
    ------
    EstimationError
        A single interview.

    Notes
    -----
    Clusters taken with certainty are strata, and the interviews in them the primary units (Lumley
    2010, Complex Surveys, sec. 2.2): see `survey_design.mean` for the linearised variance. Where
    the estimand fixes each cluster's total of weights the mean is a separate ratio in every
    cluster, so that values count less their cluster's own mean. Clusters with one interview, in
    which no variance is known, are one stratum together.
    """
    _, codes = np.unique(clusters.astype(str), return_inverse=True)
    strata = _joined(codes)
    if estimand != "respondents":
        size = np.bincount(strata, weights)
        own = np.bincount(strata, weights * values) / np.where(size > 0.0, size, 1.0)
        values = values - own[strata]
    found = survey_design.mean(values, weights=weights, psu=range(len(values)), strata=strata)
    return found.std_error


def _joined(codes: Codes) -> Codes:
    """Stratum of each row: its cluster, but one for all clusters with a single row.

    Where there is one such cluster it joins the smallest of the others.
    """
    size = np.bincount(codes)
    alone = np.flatnonzero(size == 1)
    if not len(alone):
        return codes
    others = np.where(size > 1, size, size.max() + 1)
    home = int(others.argmin()) if len(alone) == 1 else int(alone[0])
    return np.where(np.isin(codes, alone), home, codes)


RESPONDENTS, CLUSTERS = "all", "clusters"
ATTRITION, STAYERS, LEAVERS = "attrition", "stayers", "leavers"
REINTERVIEWED = "reinterviewed"
TABLE = "balance"
# A spread this small beside the mean is rounding of a constant.
_ROUNDING = 1e-12
Row = Balance | Unavailable


def baseline(
    panel: pd.DataFrame, names: Sequence[str], specification: Regression, study: StudyDesign
) -> tuple[Row, ...]:
    """Respondents' variables compared between the groups at the first round.

    Parameters
    ----------
    panel : DataFrame
    names : sequence of str
        Variables that are compared.
    specification : Regression
        Gives treatment, weights and estimand.
    study : StudyDesign

    Returns
    -------
    tuple of Balance or Unavailable
        Sample ``all``; a nominal variable gives one row per value, named ``variable=value``.

    Notes
    -----
    Treated clusters against all others: the difference is the coefficient of the regression on
    treatment, with the CV1 standard error and t(G - 1). Normalised difference
    (m1 - m0) / sqrt((s1^2 + s0^2) / 2) (Imbens and Rubin 2015, sec. 14.2).
    """
    first = panel[panel["round"] == study.rounds[0]]
    return tuple(
        row
        for name in names
        for row in _compare_variable(first, name, specification, study, RESPONDENTS)
    )


def frame_balance(
    frame: pd.DataFrame, names: Sequence[str], specification: Regression, study: StudyDesign
) -> tuple[Row, ...]:
    """Variables of the frame compared between the groups, each cluster counted once.

    Parameters
    ----------
    frame : DataFrame
        One row per cluster of the study, with its arm.
    names, specification, study
        As in `baseline`.
    """
    unweighted = dataclasses.replace(specification, weights="none", estimand="respondents")
    first = frame.assign(round=study.rounds[0])
    return tuple(
        row for name in names for row in _compare_variable(first, name, unweighted, study, CLUSTERS)
    )


def attrition(
    panel: pd.DataFrame, names: Sequence[str], specification: Regression, study: StudyDesign
) -> tuple[Row, ...]:
    """Share of baseline respondents seen in every round, and what stayers and leavers were like.

    Parameters
    ----------
    panel : DataFrame
        With ``panel_member``.
    names, specification, study
        As in `baseline`.

    Returns
    -------
    tuple of Balance or Unavailable
        Variable ``reinterviewed`` (a share from 0 to 1) with sample ``attrition``; then each
        variable by group among ``stayers`` and among ``leavers``. Empty where nobody, or
        everybody, was seen again.
    """
    first = panel[panel["round"] == study.rounds[0]]
    stayed = first["panel_member"].to_numpy(dtype=bool)
    if stayed.all() or not stayed.any():
        return ()
    seen = first.assign(**{REINTERVIEWED: stayed.astype(np.float64)})
    rows = list(_compare_variable(seen, REINTERVIEWED, specification, study, ATTRITION))
    for name in names:
        for sample, part in ((STAYERS, first[stayed]), (LEAVERS, first[~stayed])):
            rows.extend(_compare_variable(part, name, specification, study, sample))
    return tuple(rows)


def _compare_variable(
    first: pd.DataFrame, name: str, specification: Regression, study: StudyDesign, sample: str
) -> tuple[Row, ...]:
    plain = dataclasses.replace(specification, sample="all", covariates=(), effects=())
    if pd.api.types.is_numeric_dtype(first[name]):
        return (_compare(_select(first, name, plain, study), name, sample),)
    answered = first[first[name].notna()]
    columns, labels = dummies(answered, (name,), first="keep")
    return tuple(
        _compare(_select(answered.assign(**{label: column}), label, plain, study), label, sample)
        for label, column in zip(labels, columns, strict=True)
    )


def _select(
    first: pd.DataFrame, name: str, specification: Regression, study: StudyDesign
) -> Sample:
    return select(first, specification, value=name, rounds=(study.rounds[0],), study=study)


def _compare(sample: Sample, variable: str, label: str) -> Row:
    try:
        return _difference(sample, variable, label)
    except StepUnavailable as reason:
        return Unavailable(
            study=sample.study.id,
            outcome=variable,
            specification=TABLE,
            estimand=TABLE,
            sample=Part(label),
            step="cv1",
            reason=reason.problem,
        )


def _difference(sample: Sample, variable: str, label: str) -> Balance:
    treated = sample.treated
    design = np.column_stack([treated, np.ones(len(treated))])
    collected = cluster_blocks.accumulate(
        design,
        less_level(sample.y),
        weights=sample.weights,
        cluster=sample.cluster,
        columns=("treated", "intercept"),
        absorb="none",
    )
    difference = cv1(least_squares(collected), "treated")
    mean_1, sd_1 = sample.moments(treated)
    mean_0, sd_0 = sample.moments(~treated)
    spread = float(np.sqrt((sd_1**2 + sd_0**2) / 2.0))
    if not spread > _ROUNDING * (abs(mean_1) + abs(mean_0)):
        raise StepUnavailable.of("variance-zero", "drop-variable", f"balance, {variable}")
    return Balance(
        study=sample.study.id,
        variable=variable,
        sample=label,
        round=sample.study.rounds[0],
        mean_treated=mean_1,
        mean_comparison=mean_0,
        sd_comparison=sd_0,
        difference=difference.estimate,
        std_error=difference.std_error,
        p_value=difference.p_value(),
        normalised_difference=difference.estimate / spread,
        n=len(sample.y),
        n_treated=int(treated.sum()),
        n_comparison=int((~treated).sum()),
        n_clusters=len(collected.clusters),
        n_clusters_treated=len(sample.clusters(treated)),
        n_clusters_comparison=len(sample.clusters(~treated)),
    )
