"""Clusters as positions: ids as text, their strata, and the strata of assignment."""

from collections.abc import Hashable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Ids
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
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


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
