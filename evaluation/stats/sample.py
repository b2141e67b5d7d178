"""Which rows an estimate rests on: rounds, arms, clusters and respondents, checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.locale.messages import message
from evaluation.spec.plan import Specification
from evaluation.spec.study import Study
from evaluation.stats.rows import (
    check_columns,
    check_groups,
    check_rounds,
    check_varies,
    choose,
    complete,
    in_two_arms,
    infinite,
    refusal,
)
from evaluation.stats.strata import plain
from evaluation.stats.weights import weights_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ids = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows of one estimate, n of them.

    Attributes
    ----------
    frame : DataFrame, n rows
        The chosen rows, index 0 to n - 1; of a panel, the columns that the estimate needs.
    y : ndarray, shape (n,)
        Outcome, in its own unit, never missing.
    weights : ndarray, shape (n,)
        Positive weights of the estimand.
    cluster : ndarray of str, shape (n,)
    post : ndarray of bool, shape (n,)
        Rows of the last of the rounds.
    treated, comparison : ndarray of bool, shape (n,)
        Rows of arms with the treatment, and of arms without any.
    one_round : tuple of str
        Clusters left out because they were seen in one round only.
    incomplete : int
        Rows left out because a covariate is missing although the outcome is observed.
    """

    frame: pd.DataFrame
    y: Floats
    weights: Floats
    cluster: Ids
    post: Flags
    treated: Flags
    comparison: Flags
    one_round: tuple[str, ...]
    incomplete: int

    def clusters(self, rows: Flags) -> tuple[str, ...]:
        """Sorted ids of the clusters in some of the rows."""
        return tuple(sorted(set(self.cluster[rows])))


def select(
    frame: pd.DataFrame,
    specification: Specification,
    *,
    value: str,
    rounds: tuple[str, ...],
    study: Study,
) -> Sample:
    """Choose and weight the rows of one estimate.

    Parameters
    ----------
    frame : DataFrame
        Clean rounds stacked, or the clean analysis file.
    specification : Specification
        Gives sample, treatment, covariates, weights and estimand.
    value : str
        Column of the outcome.
    rounds : tuple of str
        One or two rounds; empty for a file without rounds.
    study : Study

    Returns
    -------
    Sample

    Raises
    ------
    EstimationError
        A column or a round without values, an unknown arm, a cluster in two arms, fewer than
        two treated or comparison clusters, a respondent twice in a round, a weight that is
        missing or not positive, an outcome that is infinite or does not vary.
    """
    where = f"specification {specification.id}, outcome {value}"
    needed = check_columns(frame, specification, value=value, rounds=rounds, study=study)
    if rounds:
        # A panel is wide, and every choice of rows below copies what it chooses from. A file
        # without rounds is kept whole: it holds baseline values under names not known here.
        wanted = {*needed, study.columns.respondent}
        frame = frame[[name for name in frame.columns if name in wanted]]
    chosen = frame[choose(frame, specification, rounds, study, where).keep]
    observed = _observed(chosen, value, rounds, where)
    answered = observed[complete(observed, (*specification.covariates, *specification.effects))]
    kept, one_round = _in_every_round(answered, rounds, study.columns.cluster)
    arm, post = kept[study.columns.arm], _is_last(kept, rounds)
    sample = Sample(
        frame=kept.reset_index(drop=True),
        y=kept[value].to_numpy(dtype=np.float64),
        weights=weights_of(kept, specification, post=post, study=study, where=where),
        cluster=kept[study.columns.cluster].astype(str).to_numpy(dtype=object),
        post=post,
        treated=arm.isin(study.arms_with(specification.treatment)).to_numpy(dtype=bool),
        comparison=arm.isin(study.arms_without_any()).to_numpy(dtype=bool),
        one_round=one_round,
        incomplete=len(observed) - len(answered),
    )
    _check_arms(sample.cluster, arm, where)
    treated, other = sample.clusters(sample.treated), sample.clusters(~sample.treated)
    check_groups(len(treated), len(other), where, untreated=sample.comparison.any())
    check_varies(np.ptp(sample.y), where)
    return sample


def dummies(
    frame: pd.DataFrame, names: Sequence[str], *, first: str
) -> tuple[list[Floats], list[str]]:
    """Columns of 0 and 1 for the values of variables, in sorted order.

    Parameters
    ----------
    frame : DataFrame
        Without missing values in these variables.
    names : sequence of str
        Variables.
    first : {"drop", "keep"}
        Whether the first value of the first variable has a column; later variables never have
        one for their first value, which would repeat the constant.
    """
    columns: list[Floats] = []
    labels: list[str] = []
    for position, name in enumerate(names):
        codes, values = pd.factorize(frame[name], sort=True)
        start = 0 if first == "keep" and position == 0 else 1
        for code in range(start, len(values)):
            columns.append((codes == code).astype(np.float64))
            labels.append(f"{name}={plain(values[code])}")
    return columns, labels


def _observed(
    chosen: pd.DataFrame, value: str, rounds: tuple[str, ...], where: str
) -> pd.DataFrame:
    if not pd.api.types.is_numeric_dtype(chosen[value]):
        raise refusal(
            message("outcome-not-numeric.problem"), where, message("name-numeric-outcome.mend")
        )
    values = chosen[value].to_numpy(dtype=np.float64, na_value=np.nan)
    unbounded = int(np.count_nonzero(np.isinf(values)))
    if unbounded:
        raise infinite(unbounded, value, where)
    observed = chosen[np.isfinite(values)]
    check_rounds([(observed["round"] == r).any() for r in rounds], rounds, where)
    if observed.empty:
        raise refusal(message("outcome-missing-every.problem"), where, message("check-file.mend"))
    return observed


def _in_every_round(
    frame: pd.DataFrame, rounds: tuple[str, ...], cluster: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if len(rounds) < 2:
        return frame, ()
    sets = [set(frame.loc[frame["round"] == r, cluster].unique()) for r in rounds]
    both = set.intersection(*sets)
    alone = set.union(*sets) - both
    if not alone:
        return frame, ()
    return frame[frame[cluster].isin(both)], tuple(sorted(map(str, alone)))


def _is_last(frame: pd.DataFrame, rounds: tuple[str, ...]) -> Flags:
    if not rounds:
        return np.ones(len(frame), dtype=bool)
    return (frame["round"] == rounds[-1]).to_numpy(dtype=bool)


def _check_arms(cluster: Ids, arm: pd.Series, where: str) -> None:
    """Two arms in one cluster are a fault even where neither has the treatment in question."""
    seen = pd.DataFrame({"cluster": cluster, "arm": arm.to_numpy(dtype=object)}).drop_duplicates()
    both = sorted(set(seen["cluster"][seen["cluster"].duplicated()]))
    if both:
        raise in_two_arms(both[0], len(both), where)
