"""Which assignments there are, how they are drawn, and for which clusters."""

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.inference import permutation_draws
from evaluation.estimation.inference.permutation import randomise
from tests.estimation.inference.permuted import Case


@pytest.mark.truth
def test_lady_tasting_tea():
    """Fisher (1935), The Design of Experiments, ch. II: 4 of 8 cups, one right answer in 70.

    Eight cups, milk first in four; she names all four. One of the 70 assignments agrees with her
    in every cup: one-sided p = 1/70 exactly.
    """
    milk_first = [1, 0, 0, 1, 1, 0, 1, 0]
    cups = {f"cup {g}": "milk" if m else "tea" for g, m in enumerate(milk_first)}
    drawn = permutation_draws.permutations(cups, strata={}, number=70, seed=0).among(
        tuple(sorted(cups))
    )
    assert drawn.enumerated
    assert drawn.number == 70
    said = np.where(drawn.observed == 0, 1, 0)
    right = np.sum((drawn.codes == 0) & (said == 1)[:, None], axis=0)
    assert np.mean(right >= 4) == 1 / 70
    # hypergeometric: 4 right 1 way, 3 right 16, 2 right 36, 1 right 16, none 1
    np.testing.assert_array_equal(np.bincount(right), [1, 16, 36, 16, 1])


def test_numbers_of_arms_are_kept_in_every_stratum_and_subset():
    arms = {f"c{g:02d}": "ab"[g % 3 == 0] for g in range(30)}
    strata = {c: str(g // 10) for g, c in enumerate(sorted(arms))}
    made = permutation_draws.permutations(arms, strata=strata, number=200, seed=5)
    for clusters in (made.clusters, made.clusters[3:-4]):
        drawn = made.among(clusters)
        assert drawn.number == 200
        for stratum in "012":
            inside = [g for g, c in enumerate(clusters) if strata[c] == stratum]
            counts = (drawn.codes[inside] == 1).sum(axis=0)
            np.testing.assert_array_equal(counts, (drawn.observed[inside] == 1).sum())
    assert len(np.unique(made.among(made.clusters).codes, axis=1).T) > 190


@pytest.mark.parametrize("cells", [1, 40, 65_536])
def test_arms_are_given_out_in_the_order_of_the_keys(monkeypatch, cells):
    """Definition: by key, the clusters of a stratum have its arms in order, however many at once.

    Ten clusters have three arms, seven the first and the last of them, two are all of one arm.
    """
    monkeypatch.setattr(permutation_draws, "_CELLS", cells)
    given, strata = "abcabccbaa" + "caacaca" + "bb", "1" * 10 + "2" * 7 + "3" * 2
    names = [f"c{g:02d}" for g in range(19)]
    made = permutation_draws.permutations(
        dict(zip(names, given, strict=True)),
        strata=dict(zip(names, strata, strict=True)),
        number=101,
        seed=3,
    )
    for kept in (np.arange(19), np.arange(1, 18)):
        drawn = made.among(tuple(names[g] for g in kept))
        assert not drawn.enumerated
        for stratum in "123":
            inside = np.flatnonzero([strata[g] == stratum for g in kept])
            order = np.argsort(made.keys[kept[inside]], axis=0)
            by_key = np.take_along_axis(drawn.codes[inside], order, axis=0)
            expected = np.sort(drawn.observed[inside])[:, None]
            np.testing.assert_array_equal(by_key, np.repeat(expected, 101, axis=1))


@pytest.mark.simulation
def test_each_assignment_is_drawn_equally_often():
    """Six assignments of 2 in 4: chi-square with 5 df; 20.5 is its 99.9 % quantile (seed fixed)."""
    arms = {"p": "T", "q": "T", "r": "C", "s": "C"}
    more = {f"z{g}": "TC"[g % 2] for g in range(14)}
    strata = dict.fromkeys(arms, "1") | dict.fromkeys(more, "2")
    drawn = permutation_draws.permutations(arms | more, strata=strata, number=6_000, seed=2)
    codes = drawn.among(drawn.clusters).codes[:4]
    _, counts = np.unique(codes, axis=1, return_counts=True)
    assert len(counts) == 6
    assert np.sum((counts - 1_000.0) ** 2 / 1_000.0) < 20.5


def test_an_outcome_without_some_cluster_stays_close_to_the_others():
    """Keys belong to clusters: leaving one of forty out moves few arms of a permutation."""
    arms = {f"c{g:02d}": "ab"[g % 2] for g in range(40)}
    made = permutation_draws.permutations(arms, strata={}, number=300, seed=8)
    every, fewer = made.among(made.clusters), made.among(made.clusters[:-1])
    same = np.mean(every.codes[:-1] == fewer.codes)
    other = permutation_draws.permutations(arms, strata={}, number=300, seed=9)
    chance = np.mean(other.among(made.clusters).codes == every.codes)
    assert chance == pytest.approx(0.5, abs=0.03)
    # a rank shifts by one place at most, and matters next to the limit between the arms only
    assert same > 0.95


def test_clusters_that_no_permutation_moves_are_counted():
    case = Case(6, arms=["a", "", "a", "", "a", "a"], strata=list("xxxxyy"))
    drawn = case.permutations(99).among(("c0", "c1", "c2", "c3", "c4", "c5"))
    assert drawn.fixed == 2
    assert drawn.number == 6
    np.testing.assert_array_equal(drawn.codes[4:], np.repeat(drawn.observed[4:, None], 6, axis=1))


def test_three_strata_are_combined_in_every_way():
    """2, 3 and 6 assignments: 36, all of them different, and one of them observed."""
    case = Case(6, arms=["a", "", "a", "", "", "a", "", ""], strata=list("xxyyyzzz"))
    case.arms["c7"] = "b"
    made = case.permutations(36)
    drawn = made.among(made.clusters)
    assert (drawn.number, drawn.enumerated, drawn.n_arms) == (36, True, 3)
    assert len({tuple(column) for column in drawn.codes.T.tolist()}) == 36
    assert drawn.observed.tolist() in drawn.codes.T.tolist()
    assert drawn.codes.dtype == drawn.observed.dtype == np.int8
    assert not case.permutations(35).among(made.clusters).enumerated


def test_keys_are_chance_above_and_the_place_below():
    """No two keys are equal: 48 bits of Philox words, and the cluster's place in the low 16."""
    made = permutation_draws.permutations(
        {f"c{g:02d}": "ab"[g % 2] for g in range(30)}, strata={}, number=400, seed=5
    )
    assert made.keys.dtype == np.uint64
    low, high = made.keys & np.uint64(0xFFFF), made.keys >> np.uint64(16)
    np.testing.assert_array_equal(low, np.repeat(np.arange(30)[:, None], 400, axis=1))
    assert len(np.unique(high)) == high.size
    # each bit is one in half of 12,000 words: 0.02 is four standard errors
    for bit in range(48):
        share = np.mean((high >> np.uint64(bit)) & np.uint64(1))
        assert share == pytest.approx(0.5, abs=0.02)


def test_the_whole_is_made_once_and_only_where_there_is_something_to_permute():
    case = Case(6, arms=["a", "", "a", "", "a", "a"])
    made = case.permutations(1)
    assert made.whole is made.among(made.clusters)
    assert (made.number, made.whole.number, made.strata) == (1, 1, ("",) * 6)
    assert made.whole.clusters == made.clusters == tuple(case.ids)
    assert made.among(made.clusters[1:]).clusters == made.clusters[1:]
    fixed = permutation_draws.permutations(case.arms, strata=case.arms, number=9, seed=0)
    assert fixed.whole is None
    assert fixed.strata == tuple(case.arms.values())


def test_more_clusters_than_places_are_refused():
    arms = {f"c{g}": "ab"[g % 2] for g in range(65_536)}
    with pytest.raises(EstimationError, match="9 permutations of 65536 clusters, 0 without"):
        permutation_draws.permutations(arms, strata={}, number=9, seed=0)


def test_unknown_clusters_and_bad_requests_are_named():
    case = Case(14, arms=["a", "", "a", ""])
    fewer = permutation_draws.permutations(
        {c: a for c, a in case.arms.items() if c != "c3"}, strata={}, number=9, seed=0
    )
    with pytest.raises(EstimationError) as caught:
        randomise(case.blocks(), "column 0", fewer)
    assert str(caught.value.problem) == "no arm is known for 1 clusters, the first being c3"
    assert caught.value.where == "randomisation inference"
    with pytest.raises(EstimationError, match="0 permutations of 4 clusters"):
        permutation_draws.permutations(case.arms, strata={}, number=0, seed=0)
    with pytest.raises(EstimationError, match="4 clusters, 3 without a stratum") as caught:
        permutation_draws.permutations(case.arms, strata={"c0": "x"}, number=9, seed=0)
    assert caught.value.where == "randomisation inference"
