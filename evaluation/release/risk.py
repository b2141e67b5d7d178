"""Measures of disclosure risk of persons' rows, before and after protection."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.release.anonymity import sizes

Floats = NDArray[np.float64]
# natural logarithms: rounding may grow by 9 (four digits), a start must be forgotten by 40
MOST_GROWTH, FORGOTTEN = 9.0, 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rarity:
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


def risk(persons: pd.DataFrame, names: Sequence[str], *, k: int, fraction: float) -> Rarity:
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
    return Rarity(
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

    Parameters
    ----------
    unique : int
        Persons alone in their combination in the sample.
    pairs : int
        Combinations of two.
    fraction : float
        Persons per member of the population.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedRisk:
    """What weights, which count the population, say of how rare persons are in it.

    Attributes
    ----------
    expected_matches : float
        Persons whom somebody who knows the key variables of everybody, and guesses among those who
        agree, would be expected to find.
    population_uniques : float
        Persons expected to be alone in the population with their combination.
    """

    expected_matches: float
    population_uniques: float


def weighted_risk(
    persons: pd.DataFrame, names: Sequence[str], *, weights: pd.Series
) -> WeightedRisk | str:
    """Risk of persons from the weights: for each combination, how many there may be of it.

    Parameters
    ----------
    persons : DataFrame, one row per person
    names : sequence of str
        What is known of a person.
    weights : Series, shape (N,)
        Members of the population that each person stands for, in the order of ``persons``.

    Returns
    -------
    WeightedRisk, or str
        Why the weights say nothing: one is missing, or below 1, so that they do not count people.

    Notes
    -----
    Of a combination with f persons in the sample and weights that sum to W, the number in the
    population is f plus a negative binomial with p = f / W. A person's risk is the mean of one
    over it, and a person alone in the sample is alone in the population with probability p.
    Source: Benedetti and Franconi (1998), Statistical and technological solutions for controlled
    data dissemination, Pre-proceedings of New Techniques and Technologies for Statistics,
    Sorrento, 1, 225-232; reviewed by Franconi and Polettini (2004), Individual risk estimation in
    mu-Argus: a review, Privacy in Statistical Databases, LNCS 3050, 262-272. Unlike the chance of
    a correct match, it uses each combination's own weights.
    """
    given = weights.to_numpy(dtype=float)
    if not np.isfinite(given).all():
        return "a weight is missing"
    if (given < 1.0).any():
        return "a weight is below 1: the weights do not count the people of the population"
    if len(persons) == 0:
        return WeightedRisk(expected_matches=0.0, population_uniques=0.0)
    codes = persons.groupby(list(names), sort=False).ngroup().to_numpy()
    counts, totals = np.bincount(codes), np.bincount(codes, weights=given)
    pairs = list(zip(counts.tolist(), totals.tolist(), strict=True))
    return WeightedRisk(
        expected_matches=math.fsum(f * mean_of_one_over(f, p=f / total) for f, total in pairs),
        population_uniques=math.fsum(1.0 / total for f, total in pairs if f == 1),
    )


def mean_of_one_over(f: int, *, p: float) -> float:
    """Mean of 1/F where F is the number of trials until the f-th success of probability p.

    Parameters
    ----------
    f : int
        At least 1.
    p : float
        Above 0 and at most 1.

    Notes
    -----
    The mean is the integral of (p s / (1 - q s))^f / s over s from 0 to 1, with q = 1 - p. By
    parts: r(1) = p/q log(1/p), and r(f) = p/q (1/(f - 1) - r(f - 1)). Upwards each step multiplies
    rounding by p/q, downwards it divides it: where it would grow, the recursion goes down, from a
    start so far above that nothing is left of it.
    """
    if p >= 1.0:
        return 1.0 / f
    odds = p / (1.0 - p)
    growth = math.log(odds)
    if f * growth <= MOST_GROWTH:
        mean = odds * math.log(1.0 / p)
        for i in range(2, f + 1):
            mean = odds * (1.0 / (i - 1) - mean)
        return mean
    top = f + math.ceil(FORGOTTEN / growth)
    mean = 1.0 / top
    for i in range(top, f, -1):
        mean = 1.0 / (i - 1) - mean / odds
    return mean


def fewest_answers(
    rows: pd.DataFrame, by: Sequence[str], items: Sequence[str]
) -> Mapping[str, tuple[int, int]]:
    """Smallest number of different observed answers by item, and groups with a single one.

    Distinct l-diversity (Machanavajjhala et al. 2007): where all of a group answered alike, who
    belongs to the group is known to have answered so. Groups without an observed answer do not
    count.

    Parameters
    ----------
    rows : DataFrame
    by : sequence of str
        Columns that part the groups.
    items : sequence of str
        Columns of answers.
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
