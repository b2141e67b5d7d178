"""Which rows of a frame a specification speaks of, and its clusters: ids as text, and strata."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Ids
from evaluation.estimation.parameters import Regression, StudyDesign
from evaluation.locale.messages import Message, message

# How a missing id reads as text.
_NO_ID = frozenset({"", "None", "nan", "<NA>", "NaT"})


def encode(cluster: Iterable[Hashable], n: int) -> tuple[tuple[str, ...], Codes]:
    """Sorted ids of the clusters as text, and each row's position among them.

    Parameters
    ----------
    cluster : iterable of n hashable ids
        Arrays, series and categoricals are read as they are.
    n : int

    Raises
    ------
    EstimationError
        Another number of ids, a row without one, two ids that read the same, or fewer than two
        clusters.
    """
    labels: Any = cluster if hasattr(cluster, "dtype") else _objects(cluster)
    if len(labels) != n:
        raise _invalid(message("cluster-ids-rows.problem", n=len(labels), of=n))
    codes, found = pd.factorize(labels)
    return in_text_order(codes, found)


def in_text_order(codes: Codes, values: Iterable[object]) -> tuple[tuple[str, ...], Codes]:
    """Distinct values as sorted text, and each row's position among them; see `encode`.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Position of each row's value, -1 where it is missing.
    values : iterable of object
        All of them occur.
    """
    texts = [str(value) for value in values]
    if (codes < 0).any() or _NO_ID.intersection(texts):
        raise _invalid(message("row-no-cluster.problem"))
    twice = alike(texts)
    if twice:
        raise _invalid(message("two-different.problem", twice=twice))
    ids = tuple(sorted(texts))
    if len(ids) < 2:
        raise _invalid(message("cluster-robust.problem", n=len(ids)))
    place = {text: position for position, text in enumerate(ids)}
    places = np.array([place[text] for text in texts], dtype=np.int64)
    return ids, places.take(np.asarray(codes, dtype=np.intp))


def alike(values: Iterable[object]) -> str:
    """The first text, in sorted order, that two of some distinct values have; empty if none."""
    texts = sorted(map(str, values))
    return next((text for text, after in pairwise(texts) if text == after), "")


def _objects(labels: Iterable[Hashable]) -> Ids:
    """Ids of any kind in an array: a plain conversion would turn 1 and "1" into the same."""
    given = list(labels)
    objects = np.empty(len(given), dtype=object)
    objects[:] = given
    return objects


def _invalid(problem: Message) -> EstimationError:
    return EstimationError(problem, where="regression", fix=message("select-clean.fix"))


def sample_error(problem: str, fix: str, where: str, **holes: object) -> EstimationError:
    """Error of rows that are no sample of an estimate; see `EvaluationError.of`."""
    return EstimationError.of(problem, fix, where, rule="sample", **holes)


def strata(values: pd.Series, cluster: Codes, *, where: str) -> tuple[Codes, tuple[str, ...]]:
    """Stratum of every row, checked to be one per cluster.

    Parameters
    ----------
    values : Series, shape (n,)
        The variable; its name is used in messages.
    cluster : ndarray of int, shape (n,)
        Cluster of each row, coded from 0.
    where : str
        Names the estimate in messages.

    Returns
    -------
    codes : ndarray of int, shape (n,)
        Position of each row's stratum.
    labels : tuple of str
        Names of the strata, in sorted order of the values.

    Raises
    ------
    EstimationError
        The variable is missing in some row, or differs within a cluster.
    """
    codes, found = pd.factorize(values, sort=True)
    name = values.name
    if (codes < 0).any():
        without = int((codes < 0).sum())
        raise sample_error("rows-no", "complete-it-in-the", where, without=without, name=name)
    of_cluster = np.zeros(int(cluster.max(initial=-1)) + 1, dtype=np.int64)
    of_cluster[cluster] = codes
    n = len(np.unique(cluster[of_cluster[cluster] != codes]))
    if n:
        raise sample_error("differs-within-clusters", "use-variable", where, name=name, differing=n)
    return np.asarray(codes, dtype=np.int64), tuple(plain(value) for value in found)


def plain(value: object) -> str:
    """A value as readers write it: whole numbers without a decimal point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def strata_of(clusters: tuple[str, ...], frame: pd.DataFrame, variable: str, key: str) -> Codes:
    """Stratum of each cluster as a code; one stratum where ``variable`` is empty.

    Parameters
    ----------
    clusters : tuple of G str
    frame : DataFrame
        One row per cluster.
    variable : str
        Column that holds the stratum, or empty.
    key : str
        Column that holds the cluster's id.

    Returns
    -------
    ndarray of int, shape (G,)

    Raises
    ------
    EstimationError
        The frame lacks the variable, or its value for some cluster.
    """
    if not variable:
        return np.zeros(len(clusters), dtype=np.int64)
    if variable not in frame.columns:
        raise _unknown(message("frame-clusters.problem", variable=variable))
    known = frame.set_index(frame[key].astype(str))[variable]
    found = known[~known.index.duplicated()].reindex(list(clusters))
    if found.isna().any():
        raise _unknown(message("clusters-no.problem", n=int(found.isna().sum()), variable=variable))
    return pd.factorize(found, sort=True)[0].astype(np.int64)


def _unknown(problem: Message) -> EstimationError:
    return EstimationError(problem, where="plan.toml, inference", fix=message("complete-frame.fix"))


def check_columns(
    frame: pd.DataFrame,
    specification: Regression,
    *,
    value: str,
    rounds: tuple[str, ...],
    study: StudyDesign,
) -> list[str]:
    """Names of the columns that an estimate needs.

    Raises
    ------
    EstimationError
        The data lack one of them, or have two of its name.
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
        raise sample_error(
            "interviewer-column",
            "correct-plan",
            f"specification {specification.id}, outcome {value}",
            column=", ".join(absent),
        )
    check_once(frame, names, "data", where=f"specification {specification.id}")
    return names


def check_once(frame: pd.DataFrame, names: Sequence[str], owner: str, *, where: str) -> None:
    """Refuse names that two columns of a frame have; ``owner`` is its name in the message."""
    if frame.columns.is_unique:
        return
    twice = sorted(set(names) & set(frame.columns[frame.columns.duplicated()]))
    if twice:
        raise sample_error(f"two-columns-{owner}", "drop-rename-one", where, name=twice[0])


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A text column as positions among its distinct values; -1 where it is missing.

    codes has shape (n,), of as few bytes as they come in: rows are many; not every one of the
    values need occur.
    """

    codes: NDArray[np.signedinteger]
    values: tuple[object, ...]

    @classmethod
    def of(cls, column: pd.Series) -> "Labels":
        """Labels of a column, whose values are hashed once at most: a categorical's never."""
        given = column.array
        if isinstance(given, pd.Categorical):
            return cls(given.codes, tuple(given.categories))
        codes, values = pd.factorize(column)
        return cls(codes, tuple(values))

    def take(self, rows: Codes) -> "Labels":
        """Labels of some of the rows."""
        return Labels(self.codes.take(rows), self.values)

    def met(self, keep: Flags) -> list[object]:
        """Values that occur in some of the rows."""
        codes = self.codes if keep.all() else self.codes[keep]
        present = np.bincount(codes, minlength=len(self.values)) > 0
        return [value for value, flag in zip(self.values, present, strict=True) if flag]

    def flags(self, wanted: Sequence[object]) -> Flags:
        """Rows that hold one of the wanted values, shape (n,)."""
        found = np.zeros(len(self.codes), dtype=bool)
        for code, value in enumerate(self.values):
            if value in wanted:
                found |= self.codes == code
        return found


@dataclass(frozen=True, slots=True, eq=False)
class ChosenRows:
    """Chosen rows, ``keep`` (n,), among all rows' clusters and arms, and rows of the last round.

    Without rounds every row is of the last.
    """

    keep: Flags
    last: Flags
    cluster: Labels
    arm: Labels


def choose(
    frame: pd.DataFrame,
    specification: Regression,
    rounds: tuple[str, ...],
    study: StudyDesign,
    where: str,
) -> ChosenRows:
    """Rows of the rounds and the sample, with a known arm and cluster and no respondent twice.

    Parameters
    ----------
    frame : DataFrame, n rows
    specification : Regression
    rounds : tuple of str
        Empty for a file without rounds.
    study : StudyDesign
    where : str
        Names the estimate in messages.

    Returns
    -------
    ChosenRows

    Raises
    ------
    EstimationError
        One of these rows has no cluster or arm, an arm that the study does not know, or repeats
        a respondent of its round; two clusters' ids read the same.
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
            raise sample_error("rows-no", "link-every-row", where, without=missing, name=name)
    _check_readable(cluster, keep, study.columns.cluster, where)
    known = {each.id for each in study.arm}
    unknown = set(arm.values) - known and set(arm.met(keep)) - known
    if unknown:
        raise sample_error(
            "unknown-arm", "declare-arm-study", where, names=", ".join(sorted(map(str, unknown)))
        )
    _check_duplicates(frame, keep, rounds, study.columns.respondent, where)
    return ChosenRows(keep, last, cluster, arm)


def _check_readable(ids: Labels, keep: Flags, name: str, where: str) -> None:
    """Ids are texts from here on, so that 0 and "0" would become one cluster."""
    twice = alike(ids.values) and alike(ids.met(keep))
    if twice:
        raise sample_error(
            "two-different-values", "write-every-cluster", where, name=name, twice=twice
        )


def _check_duplicates(
    frame: pd.DataFrame, keep: Flags, rounds: tuple[str, ...], respondent: str, where: str
) -> None:
    if respondent not in frame.columns:
        return
    key = ["round", respondent] if rounds else [respondent]
    known = frame.loc[keep & frame[respondent].notna() & (frame[respondent] != ""), key]
    twice = int(known.duplicated().sum())
    if twice:
        raise sample_error("rows-repeat-respondent", "drop-duplicates", where, twice=twice)


def complete(frame: pd.DataFrame, names: tuple[str, ...]) -> Flags:
    """Rows without a missing value in any of some columns."""
    found = np.ones(len(frame), dtype=bool)
    for name in names:
        found &= ~missing(frame[name])
    return found


def missing(column: pd.Series) -> Flags:
    """Rows without a value; of floats without the detour through pandas."""
    if column.dtype == np.float64:
        return np.asarray(np.isnan(column.to_numpy()))
    return np.asarray(column.isna(), dtype=bool)
