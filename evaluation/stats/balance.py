"""How the groups compare before the programme, and who was seen again."""

import dataclasses

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.locale.messages import message
from evaluation.spec.plan import BalanceTable, Specification
from evaluation.spec.records import Balance, Unavailable
from evaluation.spec.row_keys import Part
from evaluation.spec.study import Study
from evaluation.stats import blocks
from evaluation.stats.fit import StepUnavailable, cv1, least_squares
from evaluation.stats.sample import Sample, dummies, select
from evaluation.stats.weights import weighted_moments

Floats = NDArray[np.float64]

RESPONDENTS, CLUSTERS = "all", "clusters"
ATTRITION, STAYERS, LEAVERS = "attrition", "stayers", "leavers"
REINTERVIEWED = "reinterviewed"
TABLE = "balance"
# A spread this small beside the mean is rounding of a constant.
_ROUNDING = 1e-12
Row = Balance | Unavailable


def baseline(
    panel: pd.DataFrame, table: BalanceTable, specification: Specification, study: Study
) -> tuple[Row, ...]:
    """Respondents' variables compared between the groups at the first round.

    Parameters
    ----------
    panel : DataFrame
    table : BalanceTable
    specification : Specification
        Gives treatment, weights and estimand.
    study : Study

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
        for name in table.variables
        for row in _compare_variable(first, name, specification, study, RESPONDENTS)
    )


def frame_balance(
    frame: pd.DataFrame, table: BalanceTable, specification: Specification, study: Study
) -> tuple[Row, ...]:
    """Variables of the frame compared between the groups, each cluster counted once.

    Parameters
    ----------
    frame : DataFrame
        One row per cluster of the study, with its arm.
    table, specification, study
        As in `baseline`.
    """
    unweighted = dataclasses.replace(specification, weights="none", estimand="respondents")
    first = frame.assign(round=study.rounds[0])
    return tuple(
        row
        for name in table.frame_variables
        for row in _compare_variable(first, name, unweighted, study, CLUSTERS)
    )


def attrition(
    panel: pd.DataFrame, table: BalanceTable, specification: Specification, study: Study
) -> tuple[Row, ...]:
    """Share of baseline respondents seen in every round, and what stayers and leavers were like.

    Parameters
    ----------
    panel : DataFrame
        With ``panel_member``.
    table, specification, study
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
    for name in table.attrition_variables:
        for sample, part in ((STAYERS, first[stayed]), (LEAVERS, first[~stayed])):
            rows.extend(_compare_variable(part, name, specification, study, sample))
    return tuple(rows)


def _compare_variable(
    first: pd.DataFrame, name: str, specification: Specification, study: Study, sample: str
) -> tuple[Row, ...]:
    plain = dataclasses.replace(specification, sample="all", covariates=(), effects=())
    if pd.api.types.is_numeric_dtype(first[name]):
        return (_compare(_select(first, name, plain, study), name, study, sample),)
    answered = first[first[name].notna()]
    columns, labels = dummies(answered, (name,), first="keep")
    return tuple(
        _compare(
            _select(answered.assign(**{label: column}), label, plain, study), label, study, sample
        )
        for label, column in zip(labels, columns, strict=True)
    )


def _select(first: pd.DataFrame, name: str, specification: Specification, study: Study) -> Sample:
    return select(first, specification, value=name, rounds=(study.rounds[0],), study=study)


def _compare(sample: Sample, variable: str, study: Study, label: str) -> Row:
    try:
        return _difference(sample, variable, study, label)
    except StepUnavailable as reason:
        return Unavailable(
            study=study.id,
            outcome=variable,
            specification=TABLE,
            estimand=TABLE,
            sample=Part(label),
            step="cv1",
            reason=reason.problem,
        )


def _difference(sample: Sample, variable: str, study: Study, label: str) -> Balance:
    treated = sample.treated
    design = np.column_stack([treated, np.ones(len(treated))])
    collected = blocks.accumulate(
        design,
        sample.y,
        weights=sample.weights,
        cluster=sample.cluster,
        columns=("treated", "intercept"),
        absorb="none",
    )
    difference = cv1(least_squares(collected), "treated")
    mean_1, sd_1 = weighted_moments(sample.y[treated], sample.weights[treated])
    mean_0, sd_0 = weighted_moments(sample.y[~treated], sample.weights[~treated])
    spread = float(np.sqrt((sd_1**2 + sd_0**2) / 2.0))
    if not spread > _ROUNDING * (abs(mean_1) + abs(mean_0)):
        raise StepUnavailable(
            message("variance-zero.problem"),
            where=f"balance, {variable}",
            mend=message("drop-variable.mend"),
        )
    return Balance(
        study=study.id,
        variable=variable,
        sample=label,
        round=study.rounds[0],
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
