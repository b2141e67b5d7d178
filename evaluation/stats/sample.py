"""Which rows an estimate rests on: rounds, arms, clusters and respondents, checked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.plan import Specification
from evaluation.spec.study import Study
from evaluation.stats.weights import weights_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ids = NDArray[np.object_]

# With a single cluster in a group its effect cannot be told from that cluster's own shock.
MINIMUM_CLUSTERS = 2


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
        A column or a round without values, an unknown arm, a cluster in both groups, fewer than
        two treated or comparison clusters, a respondent twice in a round, a weight that is
        missing or not positive, an outcome that does not vary.
    """
    where = f"specification {specification.id}, outcome {value}"
    needed = _needed(specification, value, rounds, study)
    _check_columns(frame, needed, where)
    if rounds:
        # A panel is wide, and every choice of rows below copies what it chooses from. A file
        # without rounds is kept whole: it holds baseline values under names not known here.
        wanted = {*needed, study.columns.respondent}
        frame = frame[[name for name in frame.columns if name in wanted]]
    chosen = _rows(frame, specification, rounds, study, where)
    observed = _observed(chosen, value, rounds, where)
    complete = observed[_complete(observed, (*specification.covariates, *specification.effects))]
    kept, one_round = _in_every_round(complete, rounds, study.columns.cluster)
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
        incomplete=len(observed) - len(complete),
    )
    _check_groups(sample, where)
    if np.ptp(sample.y) == 0.0:
        raise _error("the outcome has the same value in every row", where, "check its coding")
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
            labels.append(f"{name}={_plain(values[code])}")
    return columns, labels


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


def _needed(
    specification: Specification, value: str, rounds: tuple[str, ...], study: Study
) -> list[str]:
    names = [study.columns.cluster, study.columns.arm, value]
    names += [*specification.covariates, *specification.effects]
    if specification.weights != "none":
        names.append(specification.weights.removeprefix("inverse:"))
    if specification.estimand == "population":
        names.append(study.columns.population or "population")
    if rounds:
        names.append("round")
    if specification.sample == "panel_members":
        names.append("panel_member")
    return names


def _check_columns(frame: pd.DataFrame, names: list[str], where: str) -> None:
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise _error(
            f"the data have no column {', '.join(absent)}",
            where,
            "correct the plan, or ask the question in these rounds' dictionary",
        )


def _rows(
    frame: pd.DataFrame,
    specification: Specification,
    rounds: tuple[str, ...],
    study: Study,
    where: str,
) -> pd.DataFrame:
    """Rows of the rounds and the sample, with a known arm and cluster and no respondent twice."""
    keep = np.ones(len(frame), dtype=bool)
    if rounds:
        keep &= frame["round"].isin(rounds).to_numpy(dtype=bool)
    if specification.sample == "panel_members":
        keep &= frame["panel_member"].to_numpy(dtype=bool)
    chosen = frame[keep]
    for column in (study.columns.cluster, study.columns.arm):
        if chosen[column].isna().any():
            raise _error(
                f"{int(chosen[column].isna().sum())} rows have no {column}",
                where,
                "link every row to the frame of clusters",
            )
    unknown = set(chosen[study.columns.arm].unique()) - {arm.id for arm in study.arm}
    if unknown:
        raise _error(
            f"unknown arm {', '.join(sorted(map(str, unknown)))}",
            where,
            "declare the arm in study.toml",
        )
    _check_duplicates(chosen, rounds, study.columns.respondent, where)
    return chosen


def _check_duplicates(
    chosen: pd.DataFrame, rounds: tuple[str, ...], respondent: str, where: str
) -> None:
    if respondent not in chosen.columns:
        return
    key = ["round", respondent] if rounds else [respondent]
    known = chosen.loc[chosen[respondent].notna() & (chosen[respondent] != ""), key]
    twice = int(known.duplicated().sum())
    if twice:
        raise _error(
            f"{twice} rows repeat a respondent of the same round",
            where,
            "drop the duplicates through corrections.csv",
        )


def _observed(
    chosen: pd.DataFrame, value: str, rounds: tuple[str, ...], where: str
) -> pd.DataFrame:
    if not pd.api.types.is_numeric_dtype(chosen[value]):
        raise _error("the outcome is not numeric", where, "name a numeric outcome")
    observed = chosen[np.isfinite(chosen[value].to_numpy(dtype=np.float64, na_value=np.nan))]
    for round_id in rounds:
        if not (observed["round"] == round_id).any():
            raise _error(
                f"the outcome is missing in every row of round {round_id}",
                where,
                "drop the outcome from the plan, or check the round's file",
            )
    if observed.empty:
        raise _error("the outcome is missing in every row", where, "check the file")
    return observed


def _complete(frame: pd.DataFrame, names: tuple[str, ...]) -> Flags:
    return frame[list(names)].notna().all(axis=1).to_numpy(dtype=bool)


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


def _check_groups(sample: Sample, where: str) -> None:
    treated, other = sample.clusters(sample.treated), sample.clusters(~sample.treated)
    both = sorted(set(treated) & set(other))
    if both:
        raise _error(
            f"cluster {both[0]} is in both groups ({len(both)} such clusters)",
            where,
            "give each cluster one arm in the frame",
        )
    if not sample.comparison.any():
        raise _error(
            "no rows of an arm without any treatment",
            where,
            "keep the comparison arm in the sample",
        )
    for name, clusters in (("treated", treated), ("comparison", other)):
        if len(clusters) < MINIMUM_CLUSTERS:
            raise _error(
                f"{len(clusters)} {name} clusters; at least {MINIMUM_CLUSTERS} are needed",
                where,
                "no cluster-robust inference is possible for this sample",
            )


def _error(problem: str, where: str, mend: str) -> EstimationError:
    return EstimationError(problem, where=where, mend=mend, rule="sample")
