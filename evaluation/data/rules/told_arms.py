"""From which columns the arm of a cluster can be told, whatever else they mean.

REQUIRES the cells of a column and the cluster of each row. Nothing is compared with a declaration:
a column of four values beside two arms tells them as well as one of two values beside four arms.
Blank cells and missing codes count as values, for what only one group has tells it too; and they
are left out, for a copy of the arm with "don't know" in it is a copy.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

# rows of a cluster that agree before a column is said to tell something of the cluster
CONSTANT = 0.95
# clusters that may contradict before a column no longer tells the arm
CONTRADICT = 0.1
# Chance of so much agreement, were the arms dealt out to the clusters at random, below which a
# column tells them; with a hundred columns that is one false alarm in a hundred studies.
CHANCE = 1e-4
# Below which it may tell them where every cluster agrees: 8 clusters of each of two arms fall
# between the two, 3 of each are above both.
DOUBT = 0.05
# ... and where its name is that of a group: 3 clusters of each of two arms are below.
NAMED = 0.25
# A column with more different answers is asked of a measure, not of a choice.
ANSWERS = 12
# Characters of an id that are looked at from either end.
CHARACTERS = 12

# counts of every possible cell are kept while they are no more than so many times the rows
SPARSE = 4

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a column says of the arms.

    Attributes
    ----------
    arms : mapping of cell to tuple of str
        Of each cell that stands for clusters, the arms of nearly all of them, in order.
    clusters : mapping of cell to int
        How many clusters it stands for.
    contradict, of : int
        Clusters whose arm is another than the cell says, of how many.
    chance : float
        Upper bound of the chance of so much agreement.
    """

    arms: dict[str, tuple[str, ...]]
    clusters: dict[str, int]
    contradict: int
    of: int
    chance: float

    def is_sure(self, *, named: bool = False) -> bool:
        """Whether chance is no explanation; ``named`` where the column is called a group."""
        if named and not self.contradict:
            return self.chance < NAMED
        return self.chance < CHANCE

    def may_be(self) -> bool:
        """Whether every cluster agrees, and chance is no likely explanation."""
        return not self.contradict and self.chance < DOUBT


def told(
    codes: NDArray[np.integer[Any]],
    distinct: NDArray[np.object_],
    places: Places,
    arms: NDArray[np.object_],
    absent: NDArray[np.bool_] | None = None,
) -> Told | None:
    """What a column says of the arms; None where it says nothing of clusters, or nothing of arms.

    Of several readings the one that chance explains least.

    Parameters
    ----------
    codes : ndarray of int, shape (rows,)
        Place of each row's cell among the distinct ones.
    distinct : ndarray of str
    places : ndarray of int, shape (rows,)
        Cluster of each row; -1 where unknown.
    arms : ndarray of str or None, shape (clusters,)
    absent : ndarray of bool or None
        Which of the distinct cells are no answer; None for the blank ones.
    """
    groups = _Groups.of(codes, places, arms)
    if groups is None:
        return None
    found = []
    for cells, texts in _readings(groups.codes, distinct, len(arms), _absent(distinct, absent)):
        kept = cells >= 0
        if not kept.all():
            usual = _usual(cells[kept], groups.places[kept], len(texts), len(arms))
        else:
            usual = _usual(cells, groups.places, len(texts), len(arms))
        found += [groups.judged(usual, texts)] if usual is not None else []
    return min(
        (each for each in found if each is not None), key=lambda each: each.chance, default=None
    )


def given_by_few(
    codes: NDArray[np.integer[Any]],
    distinct: NDArray[np.object_],
    places: Places,
    arms: NDArray[np.object_],
    absent: NDArray[np.bool_] | None = None,
) -> Told | None:
    """An answer that no cluster of some arm gives, and that chance does not explain.

    Answers may differ within clusters: half of the treated say yes and nobody else does.

    Parameters
    ----------
    codes, distinct, places, arms, absent
        As in `told`.
    """
    groups = _Groups.of(codes, places, arms)
    answers = np.flatnonzero(~_absent(distinct, absent))
    if groups is None or len(answers) > ANSWERS:
        return None
    pairs = groups.places * len(distinct) + groups.codes
    rows = np.bincount(pairs, minlength=len(arms) * len(distinct)).reshape(len(arms), -1)
    asked = rows.any(axis=1)
    for answer in answers:
        usual = np.where(asked, (rows[:, answer] > 0).astype(np.intp), -1)
        found = groups.judged(usual, ["", "*"])
        if found is not None and found.is_sure() and groups.without(usual == 1):
            return found
    return None


def told_by_character(
    codes: NDArray[np.integer[Any]],
    distinct: NDArray[np.object_],
    places: Places,
    arms: NDArray[np.object_],
) -> Told | None:
    """What one character of ids says of the arms, such as the T of T-0107 and the C of C-0112.

    Of all characters, counted from either end, the one that chance explains least; that so many
    were looked at is part of the chance.

    Parameters
    ----------
    codes, distinct, places, arms
        As in `told`.
    """
    found = []
    for at in (*range(CHARACTERS), *range(-CHARACTERS, 0)):
        cells = [str(text)[at : at + 1 or None] for text in distinct]
        kinds = sorted(set(cells))
        # by the few characters: numpy would sort all ids, several times
        numbers = {kind: number for number, kind in enumerate(kinds)}
        each = np.array([numbers[cell] for cell in cells], dtype=np.intp)
        one = told(each[codes], np.array(kinds, dtype=object), places, arms)
        found += [one] if one is not None and "*" not in one.arms else []
    best = min(found, key=lambda one: one.chance, default=None)
    return best and replace(best, chance=min(best.chance * 2 * CHARACTERS, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """Rows of clusters whose arm is known, and the arms.

    Attributes
    ----------
    codes, places : ndarray of int, shape (rows,)
    group : ndarray of int, shape (clusters,)
        Place of each cluster's arm among the names; -1 where unknown.
    names : list of str
    """

    codes: Places
    places: Places
    group: Places
    names: list[str]

    @classmethod
    def of(
        cls, codes: NDArray[np.integer[Any]], places: Places, arms: NDArray[np.object_]
    ) -> "_Groups | None":
        """None with fewer than two arms, or without rows."""
        names = sorted({str(arm) for arm in arms if arm is not None})
        numbers = {name: number for number, name in enumerate(names)}
        group = np.array([-1 if a is None else numbers[str(a)] for a in arms], dtype=np.intp)
        rows = np.asarray((places >= 0) & (group[np.maximum(places, 0)] >= 0))
        if len(names) < 2 or not rows.any():
            return None
        if not rows.all():
            codes, places = codes[rows], places[rows]
        return cls(codes=codes.astype(np.intp), places=places, group=group, names=names)

    def judged(self, usual: Places, texts: list[str]) -> Told | None:
        """What the usual cells of the clusters say of the arms."""
        return _judged(usual, self.group, texts, self.names)

    def without(self, given: NDArray[np.bool_]) -> bool:
        """Whether an arm has no cluster among some."""
        return len(np.unique(self.group[given])) < len(np.unique(self.group[self.places]))


def _absent(distinct: NDArray[np.object_], absent: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    blank = np.asarray(distinct == "", dtype=bool)
    return blank if absent is None else blank | absent


def _readings(
    codes: Places, distinct: NDArray[np.object_], clusters: int, absent: NDArray[np.bool_]
) -> Iterator[tuple[Places, list[str]]]:
    """A column's cells as they are; whether there is a blank one; and the answers alone.

    Places of -1 are rows without an answer.
    """
    blank = np.asarray(distinct == "", dtype=bool)
    # with more different cells than clusters it is not constant within them
    if 2 <= len(distinct) <= clusters:
        yield codes, [str(text) for text in distinct]
    if blank.any() and len(distinct) > 2:
        yield np.where(blank[codes], 0, 1), ["", "*"]
    if absent.any() and 2 <= int((~absent).sum()) <= clusters:
        each = np.where(absent, -1, np.cumsum(~absent) - 1)
        yield each[codes], [str(text) for text in distinct[~absent]]


def _usual(codes: Places, places: Places, kinds: int, clusters: int) -> Places | None:
    """Usual cell of each cluster, -1 without one; None where the clusters' rows do not agree."""
    pairs, n = _counted(places * kinds + codes, clusters * kinds)
    order = np.lexsort((n, pairs // kinds))
    at, most = pairs[order] // kinds, n[order]
    last = np.append(at[1:] != at[:-1], True)
    if most[last].sum() < CONSTANT * n.sum():
        return None
    usual = np.full(clusters, -1, dtype=np.intp)
    usual[at[last]] = pairs[order][last] % kinds
    return usual


def _counted(numbers: Places, end: int) -> tuple[Places, Places]:
    """The distinct ones of numbers below an end, in order, and how often each stands."""
    if end > SPARSE * len(numbers):
        return np.unique(numbers, return_counts=True)
    counts = np.bincount(numbers, minlength=end)
    distinct = np.flatnonzero(counts)
    return distinct, counts[distinct]


def _judged(usual: Places, group: Places, texts: list[str], names: list[str]) -> Told | None:
    seen = np.flatnonzero(usual >= 0)
    kinds, values = np.unique(usual[seen], return_inverse=True)
    table = np.zeros((len(kinds), len(names)), dtype=np.int64)
    np.add.at(table, (values, group[seen]), 1)
    table = table[:, table.any(axis=0)]
    if min(table.shape) < 2:
        return None
    # the arm as a function of the cell, or the cell as a function of the arm
    judged = [found for t in (table, table.T) if (found := _agreement(t)) is not None]
    if not judged:
        return None
    chance, contradict = min(judged)
    kept = [name for number, name in enumerate(names) if (group[seen] == number).any()]
    cells = [texts[kind] for kind in kinds]
    return Told(
        arms={
            cell: tuple(
                arm for arm, n in zip(kept, row, strict=True) if n and n > CONTRADICT * row.sum()
            )
            for cell, row in sorted(zip(cells, table, strict=True), key=lambda entry: entry[0])
        },
        clusters={cell: int(n) for cell, n in zip(cells, table.sum(axis=1), strict=True)},
        contradict=contradict,
        of=len(seen),
        chance=chance,
    )


def _agreement(table: NDArray[np.int64]) -> tuple[float, int] | None:
    """Chance that the columns follow from the rows so far, and clusters in which they do not.

    Notes
    -----
    What the columns say, of a_1, ..., a_m clusters, can be dealt out to n clusters in
    n! / (a_1! ... a_m!) ways. At most m^k C(n, e) m^e of these follow from k rows in all but e
    clusters, whichever of the m each row stands for: that share bounds the chance.
    """
    k, m = table.shape
    n, right = int(table.sum()), int(table.max(axis=1).sum())
    wrong = n - right
    if len(np.unique(table.argmax(axis=1))) < 2 or wrong > CONTRADICT * n:
        return None
    ways = math.lgamma(n + 1) - math.fsum(math.lgamma(a + 1) for a in table.sum(axis=0).tolist())
    agree = (k + wrong) * math.log(m) + math.log(math.comb(n, wrong))
    return math.exp(min(agree - ways, 0.0)), wrong
