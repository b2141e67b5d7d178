"""Measures of disclosure risk of persons' rows, before and after protection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.anonymise import sizes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """How rare persons are by what is shown of them.

    Attributes
    ----------
    persons, combinations : int
        Persons, and different combinations of key variables.
    smallest : int
        Persons in the smallest combination: the k of k-anonymity (Sweeney 2002).
    below : int
        Persons in combinations of fewer than k.
    unique, in_pairs : int
        Persons alone in their combination; combinations of two persons.
    correct_match : float
        Chance that a match with a person who is unique in the sample is the right one.
    """

    persons: int
    combinations: int
    smallest: int
    below: int
    unique: int
    in_pairs: int
    correct_match: float


def risk(persons: pd.DataFrame, names: Sequence[str], *, k: int, fraction: float) -> Risk:
    """Risk of persons by the named columns.

    Parameters
    ----------
    persons : DataFrame, one row per person
    names : sequence of str
        What is known of a person.
    k : int
        Limit of ``below``.
    fraction : float
        Persons per member of the population.
    """
    size = sizes(persons, names)
    # a combination of f persons stands f times
    unique, pairs = int((size == 1).sum()), int((size == 2).sum()) // 2
    return Risk(
        persons=len(persons),
        combinations=round(float((1.0 / size).sum())),
        smallest=int(size.min()) if len(size) else 0,
        below=int((size < k).sum()),
        unique=unique,
        in_pairs=pairs,
        correct_match=correct_match(unique, pairs, fraction=fraction),
    )


def correct_match(unique: int, pairs: int, *, fraction: float) -> float:
    """Probability that a unique match is correct, estimated from the sample alone.

    ``f n1 / (f n1 + 2 (1 - f) n2)`` with n1 sample uniques, n2 combinations of two, and sampling
    fraction f; zero without uniques, since there is then no unique match.

    Notes
    -----
    Source: Skinner and Elliot (2002), A measure of disclosure risk for microdata, Journal of the
    Royal Statistical Society B 64(4), 855-867. The idea: the sample is thinned by one person who
    is then looked for; a unique match is right where that person was the unique one, and wrong
    where one of a pair was taken out and the other one is found.
    """
    if unique == 0:
        return 0.0
    right, wrong = fraction * unique, 2.0 * (1.0 - fraction) * pairs
    return right / (right + wrong)


def fewest_answers(
    rows: pd.DataFrame, by: Sequence[str], items: Sequence[str]
) -> Mapping[str, tuple[int, int]]:
    """Smallest number of different observed answers by item, and groups with a single one.

    Distinct l-diversity (Machanavajjhala et al. 2007): where all of a group answered alike, who
    belongs to the group is known to have answered so. Groups without an observed answer do not
    count.
    """
    grouped = rows.groupby(list(by), sort=True, dropna=False)
    found = {}
    for item in items:
        counts = grouped[item].nunique()
        counts = counts[counts > 0]
        found[item] = (int(counts.min()) if len(counts) else 0, int((counts < 2).sum()))
    return found


def places_found(released: Floats, known: Floats, groups: NDArray[np.object_]) -> tuple[int, float]:
    """Try to find clusters in a list by their released means.

    Each released cluster is matched with the listed one of its group that is nearest: distances
    between ranks within the group, summed over the compared numbers.

    Parameters
    ----------
    released, known : array, shape (G, A)
        Released means and known numbers of the same clusters, in the same order.
    groups : array, shape (G,)
        What is public of a cluster (arm and subregion).

    Returns
    -------
    int, float
        Clusters whose nearest is the right one alone, and the number that guessing would find.
    """
    right, guessed = 0, 0.0
    for group in sorted(set(groups)):
        here = groups == group
        ours, theirs = _ranks(released[here]), _ranks(known[here])
        distance = np.abs(ours[:, None, :] - theirs[None, :, :]).sum(axis=2)
        nearest = distance.min(axis=1)
        alone = (distance == nearest[:, None]).sum(axis=1) == 1
        right += int((alone & (np.diag(distance) == nearest)).sum())
        guessed += 1.0
    return right, guessed


def _ranks(values: Floats) -> Floats:
    """Mean ranks by column: what survives any rescaling."""
    return pd.DataFrame(values).rank(method="average").to_numpy(dtype=float)
