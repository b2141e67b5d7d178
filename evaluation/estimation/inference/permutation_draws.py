"""Who could have been treated: permutations of whole clusters' arms within strata."""

import dataclasses
import hashlib
import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes
from evaluation.estimation.regression.fit import StepUnavailable

Arms = NDArray[np.int8]
Keys = NDArray[np.uint64]

# Low bits of a key that hold the cluster's place instead of chance: no two keys are ever equal, so
# that no sorting algorithm can order them otherwise than another.
_PLACE = np.uint64(0xFFFF)
# Keys that are sorted at once: they and their ranks stay in cache.
_CELLS = 65_536


@dataclass(frozen=True, slots=True, eq=False)
class Assignments:
    """Arms of some clusters as observed and under every permutation.

    Attributes
    ----------
    clusters : tuple of str
        Sorted cluster ids.
    n_arms : int
    observed : ndarray of int8, shape (G,)
        Arm of each cluster, as a number from 0.
    codes : ndarray of int8, shape (G, B)
        The same under each permutation; every column has each stratum's numbers of clusters by
        arm.
    enumerated : bool
        Whether the columns are all distinct assignments there are, the observed one included.
    fixed : int
        Clusters in strata of one arm only, which no permutation moves.
    """

    clusters: tuple[str, ...]
    n_arms: int
    observed: Arms
    codes: Arms
    enumerated: bool
    fixed: int

    @property
    def number(self) -> int:
        """Number of permutations B."""
        return int(self.codes.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Permutations:
    """What permutes the arms of any subset of a study's clusters.

    Attributes
    ----------
    clusters : tuple of str
        Sorted cluster ids.
    arms : tuple of int
        Arm of each cluster, numbered from 0 by the first cluster, in sorted order, that has it.
    strata : tuple of str
        Stratum of each cluster.
    number : int
        Permutations wanted.
    keys : ndarray of uint64, shape (G, number)
        Random keys without ties: in a stratum, the clusters with the lowest keys get its first
        arm, and so on.
    whole : Assignments or None
        Of all clusters, made once; None where no stratum has two arms.
    """

    clusters: tuple[str, ...]
    arms: tuple[int, ...]
    strata: tuple[str, ...]
    number: int
    keys: Keys
    whole: Assignments | None

    def among(self, clusters: tuple[str, ...]) -> Assignments:
        """Permutations of some of the clusters, in sorted order of their ids.

        Raises
        ------
        EstimationError
            A cluster is not among those of the study.
        StepUnavailable
            No stratum has clusters of two arms.
        """
        if self.whole is not None and clusters == self.clusters:
            return self.whole
        place = {cluster: row for row, cluster in enumerate(self.clusters)}
        absent = sorted(set(clusters) - set(place))
        if absent:
            raise EstimationError.of(
                "no-arm-known",
                "make-permutations",
                "randomisation inference",
                n=len(absent),
                absent=absent[0],
            )
        return _assignments(self, [place[cluster] for cluster in clusters])


def permutations(
    arms: Mapping[str, str], *, strata: Mapping[str, str], number: int, seed: int
) -> Permutations:
    """Permutations of the arms of a study's clusters.

    Parameters
    ----------
    arms : mapping of str to str
        Cluster id to arm.
    strata : mapping of str to str
        Cluster id to the stratum inside which it is permuted; empty permutes over all clusters.
    number : int
        Permutations wanted. If all distinct assignments are not more, they are enumerated.
    seed : int
        Seed of the study.

    Returns
    -------
    Permutations

    Raises
    ------
    EstimationError
        Fewer than one permutation, or clusters without a stratum where there are strata.

    Notes
    -----
    A cluster's random keys depend on the seed and its own id only, so neither row order nor the
    names of arms and strata change a permutation, and outcomes that miss some clusters stay close
    to those that do not. The numbers of clusters by arm and stratum are kept in every subset.
    """
    clusters = tuple(sorted(arms))
    without = [cluster for cluster in clusters if strata and cluster not in strata]
    if without or number < 1 or len(clusters) > int(_PLACE):
        raise EstimationError.of(
            "permutations-clusters",
            "ask-positive-number-over",
            "randomisation inference",
            number=number,
            n=len(clusters),
            of=len(without),
        )
    # By cluster, not by name: then the names of arms decide nothing.
    order = {arm: code for code, arm in enumerate(dict.fromkeys(arms[c] for c in clusters))}
    made = Permutations(
        clusters=clusters,
        arms=tuple(order[arms[cluster]] for cluster in clusters),
        strata=tuple(strata.get(cluster, "") for cluster in clusters),
        number=number,
        keys=_keys(clusters, number, seed),
        whole=None,
    )
    every = list(range(len(clusters)))
    movable = _movable(made, every)
    return dataclasses.replace(made, whole=_assignments(made, every)) if movable else made


def _keys(clusters: tuple[str, ...], number: int, seed: int) -> Keys:
    keys = np.empty((len(clusters), number), dtype=np.uint64)
    for place, cluster in enumerate(clusters):
        digest = hashlib.sha256(f"{seed}\npermutation\n{cluster}".encode()).digest()
        # Raw Philox words are fixed by the generator's definition, not by a library's version.
        source = np.random.Philox(np.random.SeedSequence(int.from_bytes(digest, "big")))
        keys[place] = source.random_raw(number)
    keys &= ~_PLACE
    keys |= np.arange(len(clusters), dtype=np.uint64)[:, None]
    return keys


def _movable(made: Permutations, rows: list[int]) -> dict[str, list[int]]:
    """Strata with clusters of two arms, and where in ``rows`` their clusters stand."""
    members: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        members.setdefault(made.strata[row], []).append(position)
    return {
        stratum: inside
        for stratum, inside in sorted(members.items())
        if len({made.arms[rows[position]] for position in inside}) > 1
    }


def _assignments(made: Permutations, rows: list[int]) -> Assignments:
    strata = list(_movable(made, rows).values())
    if not strata:
        raise StepUnavailable.of(
            "no-stratum-permutations", "name-coarser", "randomisation inference"
        )
    observed = np.array([made.arms[row] for row in rows], dtype=np.int8)
    sizes = [_distinct(observed[inside]) for inside in strata]
    enumerated = math.prod(sizes) <= made.number
    codes = (
        _every(observed, strata, sizes)
        if enumerated
        else _drawn(observed, strata, made.keys, np.array(rows))
    )
    return Assignments(
        clusters=tuple(made.clusters[row] for row in rows),
        n_arms=1 + max(made.arms),
        observed=observed,
        codes=codes,
        enumerated=enumerated,
        fixed=len(rows) - sum(map(len, strata)),
    )


def _distinct(arms: Arms) -> int:
    """How many ways there are to hand these arms out: n! / (n_1! n_2! ...)."""
    ways = math.factorial(len(arms))
    for count in np.bincount(arms).tolist():
        ways //= math.factorial(count)
    return ways


def _drawn(observed: Arms, strata: list[list[int]], keys: Keys, rows: Codes) -> Arms:
    """Arms by the order of the keys in each stratum; rows are the clusters' places among keys."""
    number = keys.shape[1]
    codes = np.repeat(observed[:, None], number, axis=1)
    for inside in map(np.array, strata):
        arms, places = np.sort(observed[inside]), rows[inside]
        step = max(1, _CELLS // len(inside))
        for start in range(0, number, step):
            part = slice(start, start + step)
            codes[inside, part] = _handed(arms, np.ascontiguousarray(keys[places, part].T)).T
    return codes


def _handed(arms: Arms, keys: Keys) -> Arms:
    """Sorted arms given out by rank of the keys, shape (permutations, clusters)."""
    ranked = np.sort(keys, axis=1)
    handed = np.full(keys.shape, arms[0])
    # An arm ends at a rank: whose key is beyond that rank's gets the next arm.
    for last in np.flatnonzero(np.diff(arms)):
        handed += (arms[last + 1] - arms[last]) * (keys > ranked[:, last, None])
    return handed


def _every(observed: Arms, strata: list[list[int]], sizes: list[int]) -> Arms:
    """All distinct assignments: every combination of the strata's own ones."""
    total = math.prod(sizes)
    codes = np.repeat(observed[:, None], total, axis=1)
    index, stride = np.arange(total), 1
    for inside, size in zip(strata, sizes, strict=True):
        own = np.array(list(_arrangements(observed[inside].tolist())), dtype=np.int8).T
        codes[inside] = own[:, (index // stride) % size]
        stride *= size
    return codes


def _arrangements(arms: list[int]) -> Iterator[list[int]]:
    """Every distinct order of some arms: places of the first arm, then the others' in the rest."""
    first, count = min(arms), arms.count(min(arms))
    rest = [arm for arm in arms if arm != first]
    if not rest:
        yield list(arms)
        return
    for places in itertools.combinations(range(len(arms)), count):
        for others in _arrangements(rest):
            left = iter(others)
            yield [first if place in places else next(left) for place in range(len(arms))]
