"""Which rows of a frame a specification speaks of, and whether they can be told apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.plan import Specification
from evaluation.spec.study import Study

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]


def check_columns(
    frame: pd.DataFrame,
    specification: Specification,
    *,
    value: str,
    rounds: tuple[str, ...],
    study: Study,
) -> list[str]:
    """Names of the columns that an estimate needs.

    Raises
    ------
    EstimationError
        The data lack one of them.
    """
    names = [study.columns.cluster, study.columns.arm, value]
    names += [*specification.covariates, *specification.effects]
    if specification.weights != "none":
        names.append(specification.weights.removeprefix("inverse:"))
    if specification.estimand == "population":
        names.append(study.columns.population or "population")
    if rounds:
        names.append("round")
    if specification.strata_round:
        names.append(specification.strata_round)
    if specification.sample == "panel_members":
        names.append("panel_member")
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise _error(
            f"the data have no column {', '.join(absent)}",
            f"specification {specification.id}, outcome {value}",
            "correct the plan, or ask the question in these rounds' dictionary",
        )
    return names


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A text column as positions among its distinct values; -1 where it is missing.

    codes has shape (n,); values are in order of first appearance.
    """

    codes: Codes
    values: tuple[object, ...]

    @classmethod
    def of(cls, column: pd.Series) -> "Labels":
        """Labels of a column; its values are hashed once, whatever is asked of them later."""
        codes, values = pd.factorize(column)
        return cls(np.asarray(codes, dtype=np.int64), tuple(values))

    def flags(self, wanted: Sequence[object]) -> Flags:
        """Rows that hold one of the wanted values, shape (n,)."""
        return np.asarray(np.array([*(v in wanted for v in self.values), False])[self.codes])


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Chosen rows, ``keep`` (n,), among all rows' clusters and arms, and rows of the last round.

    Without rounds every row is of the last.
    """

    keep: Flags
    last: Flags
    cluster: Labels
    arm: Labels


def choose(
    frame: pd.DataFrame,
    specification: Specification,
    rounds: tuple[str, ...],
    study: Study,
    where: str,
) -> Choice:
    """Rows of the rounds and the sample, with a known arm and cluster and no respondent twice.

    Parameters
    ----------
    frame : DataFrame, n rows
    specification : Specification
    rounds : tuple of str
        Empty for a file without rounds.
    study : Study
    where : str
        Names the estimate in messages.

    Returns
    -------
    Choice

    Raises
    ------
    EstimationError
        One of these rows has no cluster or arm, an arm that the study does not know, or repeats
        a respondent of its round.
    """
    keep = last = np.ones(len(frame), dtype=bool)
    if rounds:
        seen = Labels.of(frame["round"])
        keep, last = seen.flags(rounds), seen.flags(rounds[-1:])
    if specification.sample == "panel_members":
        keep = keep & frame["panel_member"].to_numpy(dtype=bool)
    cluster, arm = (Labels.of(frame[name]) for name in (study.columns.cluster, study.columns.arm))
    for name, labels in ((study.columns.cluster, cluster), (study.columns.arm, arm)):
        missing = int(np.count_nonzero((labels.codes < 0) & keep))
        if missing:
            raise _error(
                f"{missing} rows have no {name}", where, "link every row to the frame of clusters"
            )
    present = np.bincount(arm.codes[keep], minlength=len(arm.values)) > 0
    met = {value for value, flag in zip(arm.values, present, strict=True) if flag}
    unknown = met - {known.id for known in study.arm}
    if unknown:
        raise _error(
            f"unknown arm {', '.join(sorted(map(str, unknown)))}",
            where,
            "declare the arm in study.toml",
        )
    _check_duplicates(frame, keep, rounds, study.columns.respondent, where)
    return Choice(keep, last, cluster, arm)


def _check_duplicates(
    frame: pd.DataFrame, keep: Flags, rounds: tuple[str, ...], respondent: str, where: str
) -> None:
    if respondent not in frame.columns:
        return
    key = ["round", respondent] if rounds else [respondent]
    known = frame.loc[keep & frame[respondent].notna() & (frame[respondent] != ""), key]
    twice = int(known.duplicated().sum())
    if twice:
        raise _error(
            f"{twice} rows repeat a respondent of the same round",
            where,
            "drop the duplicates through corrections.csv",
        )


def complete(frame: pd.DataFrame, names: tuple[str, ...]) -> Flags:
    """Rows without a missing value in any of some columns."""
    return frame[list(names)].notna().all(axis=1).to_numpy(dtype=bool)


def _error(problem: str, where: str, mend: str) -> EstimationError:
    return EstimationError(problem, where=where, mend=mend, rule="sample")
