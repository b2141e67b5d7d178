"""Cluster ids as text, and each row's position among them."""

from collections.abc import Hashable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message

Codes = NDArray[np.int64]

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


def _objects(labels: Iterable[Hashable]) -> NDArray[np.object_]:
    """Ids of any kind in an array: a plain conversion would turn 1 and "1" into the same."""
    given = list(labels)
    objects = np.empty(len(given), dtype=object)
    objects[:] = given
    return objects


def _invalid(problem: Message) -> EstimationError:
    return EstimationError(problem, where="regression", mend=message("select-clean.mend"))
