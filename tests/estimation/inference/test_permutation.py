"""Randomisation inference: a refit for every permutation, and cases made by hand."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from evaluation.estimation.inference import permutation_draws
from evaluation.estimation.inference.permutation import randomise, too_few
from evaluation.estimation.regression import cluster_blocks
from tests.estimation.inference.permuted import EXACT, Case, distinct

CASES = {
    "plain": {"arms": ["a", "", "a", "", "", "a"], "sizes": (6, 9, 7, 4, 11, 8)},
    "covariates": {"arms": ["a", "", "a", "", "", "a"], "covariates": 2},
    "strata": {"arms": ["a", "", "a", "", "", "a", "", "a"], "strata": list("xxxyyyyz")},
    "factorial": {"arms": ["", "a", "b", "ab", "", "a", "b"], "covariates": 1},
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("null", [0.0, 0.8])
def test_enumerated_against_a_refit_per_permutation(name, null):
    """Every distinct assignment refitted with dummies; ties within 1e-9 count in full."""
    case = Case(11, **CASES[name])
    found = randomise(case.blocks(), "column 0", case.permutations(9_999))
    arms = list(case.arms.values())
    strata = list(case.strata.values()) or [""] * len(arms)
    every = np.array([case.t_by_dummies(a, null=null) for a in distinct(arms, strata)])
    observed = case.t_by_dummies(arms, null=null)
    assert found.enumerated
    assert found.number == len(every)
    t, t_star = found.statistics(null)
    assert t == pytest.approx(observed, rel=EXACT)
    np.testing.assert_allclose(np.sort(t_star), np.sort(every), rtol=1e-7, atol=EXACT)
    larger = np.mean(np.abs(every) >= abs(observed) * (1 - 1e-9))
    assert found.p_value(null) == pytest.approx(larger, abs=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_random_permutations_against_a_refit_each(name):
    """Draw by draw, so that outcomes tested with the same permutations stay aligned."""
    case = Case(12, **CASES[name])
    made = case.permutations(11)
    drawn = made.among(made.clusters)
    assert not drawn.enumerated
    found = randomise(case.blocks(), "column 0", made)
    labels = list(dict.fromkeys(case.arms.values()))
    every = [
        case.t_by_dummies([labels[code] for code in drawn.codes[:, b]]) for b in range(drawn.number)
    ]
    t, t_star = found.statistics()
    np.testing.assert_allclose(t_star, every, rtol=1e-7, atol=EXACT)
    count = np.sum(np.abs(every) >= abs(t) * (1 - 1e-9))
    assert found.p_value() == (1 + count) / 12


def test_the_second_treatment_is_permuted_with_the_first():
    """The whole arm moves: column 1 is tested, column 0 is another treatment."""
    case = Case(15, **CASES["factorial"])
    found = randomise(case.blocks(), "column 1", case.permutations(9_999))
    arms = list(case.arms.values())
    every = [case.t_by_dummies(a, null=0.3, tested=1) for a in distinct(arms, [""] * len(arms))]
    _, t_star = found.statistics(0.3)
    np.testing.assert_allclose(np.sort(t_star), np.sort(every), rtol=1e-7, atol=EXACT)


@pytest.mark.parametrize("treated_in", ["one stratum", "both strata"])
def test_strata_by_round_stay_where_they_are(treated_in):
    """A stratum's own round stands before the common one: the base column is still the latter."""
    arms = ["a", "a", "", "", "", ""] if treated_in == "one stratum" else ["a", "", "", "a", "", ""]
    case = Case(16, arms=arms)
    strata = np.array([1.0, 1, 1, 0, 0, 0])[case.cluster] * case.post
    third = np.array([0.0, 0, 0, 0, 1, 1])[case.cluster] * case.post
    plain = Case.columns

    class Stratified(Case):
        def columns(self, arms):
            effect, post = plain(self, arms).T
            return np.column_stack([effect, strata, third, post])

    case.__class__ = Stratified
    found = randomise(case.blocks(), "column 0", case.permutations(99))
    every = []
    for order in distinct(arms, [""] * 6):
        try:
            every.append(case.t_by_dummies(order))
        except np.linalg.LinAlgError:
            every.append(np.inf)
    finite = np.sort([t for t in every if abs(t) < 1e6])
    _, t_star = found.statistics()
    assert found.number == 15
    np.testing.assert_allclose(np.sort(t_star[np.abs(t_star) < 1e6]), finite, rtol=1e-6, atol=EXACT)


def test_bounds_are_where_refits_at_that_null_reach_the_level():
    """p by refits of y - r x is at least 5 % just inside each bound and below it just outside."""
    case = Case(2, arms=["a", "", "a", "", "a", "", "a", ""])
    found = randomise(case.blocks(), "column 0", case.permutations(9_999))
    interval = found.interval()
    arms = list(case.arms.values())
    orders = distinct(arms, [""] * 8)
    assert len(orders) == 70

    def p_value(null):
        t = abs(case.t_by_dummies(arms, null=null))
        every = np.abs([case.t_by_dummies(a, null=null) for a in orders])
        return np.mean(every >= t * (1 - 1e-9))

    step = 1e-4 * found.std_error
    for bound, outward in ((interval.low, -step), (interval.high, step)):
        assert p_value(bound - outward) >= 0.05 > p_value(bound + outward)


def test_analysis_of_covariance_permutes_against_the_constant():
    """Without cluster effects, base column the constant: refits with explicit columns."""
    rng = np.random.default_rng(4)
    treated = np.array([1.0, 0, 1, 0, 0, 1, 0])
    cluster = np.repeat(np.arange(7), [4, 6, 5, 3, 7, 4, 5])
    n = len(cluster)
    lag, w = rng.normal(size=7)[cluster], np.exp(rng.normal(size=n) * 0.5)
    y = 0.4 * treated[cluster] + 0.6 * lag + rng.normal(size=7)[cluster] + rng.normal(size=n)
    ids = np.array([f"c{g}" for g in range(7)])

    def design(t):
        return np.column_stack([t[cluster], lag, np.ones(n)])

    made = cluster_blocks.accumulate(
        design(treated),
        y,
        weights=w,
        cluster=ids[cluster],
        columns=("programme", "lag", "intercept"),
        absorb="none",
    )
    arms = {i: "T" if t else "C" for i, t in zip(ids, treated, strict=True)}
    drawn = permutation_draws.permutations(arms, strata={}, number=99, seed=1)
    found = randomise(made, "programme", drawn)
    every = []
    for places in itertools.combinations(range(7), 3):
        X = design(np.isin(np.arange(7), places).astype(float))
        inverse = np.linalg.inv(X.T @ (w[:, None] * X))
        beta = inverse @ X.T @ (w * y)
        score = X * (w * (y - X @ beta))[:, None]
        sums = np.array([score[cluster == g].sum(axis=0) for g in range(7)])
        every.append(beta[0] / np.sqrt(7 / 6 * (inverse @ sums.T @ sums @ inverse)[0, 0]))
    assert found.number == math.comb(7, 3)
    _, t_star = found.statistics()
    np.testing.assert_allclose(np.sort(t_star), np.sort(every), rtol=1e-7, atol=EXACT)


@pytest.mark.truth
def test_two_pairs_by_hand():
    """Four clusters in two strata of one treated each: changes 3, 1 and 5, 0.

    Four assignments. Differences in mean change: observed (3 + 5)/2 - (1 + 0)/2 = 3.5, then
    (1 + 5)/2 - (3 + 0)/2 = 1.5 and their mirror images -1.5, -3.5. Squared CV1 errors without
    the factor: sums of squared residuals of each group over 2^2, residuals +-1 and +-1/2 for the
    first, +-2 and +-3/2 for the second: (2 + .5)/4 = .625 and (8 + 4.5)/4 = 3.125. So |t| is
    largest for the observed and its mirror image: p = 2/4.
    """
    ids = np.repeat(["p", "q", "r", "s"], 2)
    post = np.tile([0.0, 1.0], 4)
    treated = np.repeat([1.0, 0.0, 1.0, 0.0], 2)
    y = np.array([0.0, 3.0, 7.0, 8.0, 1.0, 6.0, 4.0, 4.0])
    made = cluster_blocks.accumulate(
        np.column_stack([treated * post, post]),
        y,
        weights=np.ones(8),
        cluster=ids,
        columns=("effect", "post"),
        absorb="cluster",
    )
    drawn = permutation_draws.permutations(
        {"p": "T", "q": "C", "r": "T", "s": "C"},
        strata={"p": "1", "q": "1", "r": "2", "s": "2"},
        number=100,
        seed=0,
    )
    found = randomise(made, "effect", drawn)
    assert found.estimate == pytest.approx(3.5, abs=1e-12)
    assert found.p_value() == 0.5
    np.testing.assert_allclose(
        np.sort(found.numerator[0] + 3.5 * found.numerator[1]), [-3.5, -1.5, 1.5, 3.5], atol=1e-12
    )
    # d0 of y itself (null 0): d = -estimate
    at_zero = found.squared_error.T @ [1.0, 3.5, 3.5**2]
    np.testing.assert_allclose(np.sort(at_zero), [0.625, 0.625, 3.125, 3.125], atol=1e-12)


def test_permuting_the_interaction_alone_is_another_test():
    """estimation.md, note 9: without cluster effects the treated main effect must move along.

    The whole regression is made anew here; leaving the observed main effect in place while the
    interaction is permuted answers another question, and gives another p.
    """
    rng = np.random.default_rng(21)
    treated = np.array([1.0, 1, 1, 0, 0, 0, 1, 0])
    cluster = np.repeat(np.arange(8), 10)
    post = np.tile([0.0, 1.0], 40)
    y = 3.0 * rng.normal(size=8)[cluster] + post * rng.normal(size=8)[cluster]
    y = y + rng.normal(size=80)

    def t_of(interaction, main):
        X = np.column_stack([interaction[cluster] * post, post, main[cluster], np.ones(80)])
        inverse = np.linalg.inv(X.T @ X)
        beta = inverse @ X.T @ y
        score = X * (y - X @ beta)[:, None]
        sums = np.array([score[cluster == g].sum(axis=0) for g in range(8)])
        return abs(beta[0]) / np.sqrt(8 / 7 * (inverse @ sums.T @ sums @ inverse)[0, 0])

    every = [np.isin(np.arange(8), c).astype(float) for c in itertools.combinations(range(8), 4)]
    observed = t_of(treated, treated) * (1 - 1e-9)
    wrong = np.mean([t_of(t, treated) >= observed for t in every])
    right = np.mean([t_of(t, t) >= observed for t in every])
    ids = np.array([f"c{g}" for g in range(8)])
    made = cluster_blocks.accumulate(
        np.column_stack([treated[cluster] * post, post]),
        y,
        weights=np.ones(80),
        cluster=ids[cluster],
        columns=("effect", "post"),
        absorb="cluster",
    )
    arms = {i: str(t) for i, t in zip(ids, treated, strict=True)}
    ours = randomise(
        made, "effect", permutation_draws.permutations(arms, strata={}, number=70, seed=0)
    )
    # Balanced rows: cluster effects and the main effect give the same t up to a common factor.
    assert ours.p_value() == right
    assert wrong != right


def test_effect_dummies_in_place_of_a_constant():
    """No intercept column: dummies of the strata span it, and the constant is still the base."""
    rng = np.random.default_rng(19)
    treated = np.array([1.0, 0, 0, 1, 0, 1, 0, 0])
    cluster = np.repeat(np.arange(8), 4)
    y = rng.normal(size=8)[cluster] + rng.normal(size=32)
    stratum = (np.arange(8) > 3)[:, None] == np.array([False, True])
    ids = np.array([f"c{g}" for g in range(8)])

    def design(t):
        return np.column_stack([t[cluster], stratum[cluster]]).astype(float)

    made = cluster_blocks.accumulate(
        design(treated),
        y,
        weights=np.ones(32),
        cluster=ids[cluster],
        columns=("programme", "block=1", "block=2"),
        absorb="none",
    )
    drawn = permutation_draws.permutations(
        {i: str(t) for i, t in zip(ids, treated, strict=True)},
        strata={i: str(s[1]) for i, s in zip(ids, stratum, strict=True)},
        number=99,
        seed=1,
    )
    found = randomise(made, "programme", drawn)
    every = []
    for order in distinct(treated.tolist(), stratum[:, 1].tolist()):
        X = design(np.array(order))
        inverse = np.linalg.inv(X.T @ X)
        beta = inverse @ X.T @ y
        score = X * (y - X @ beta)[:, None]
        sums = np.array([score[cluster == g].sum(axis=0) for g in range(8)])
        every.append(beta[0] / np.sqrt(8 / 7 * (inverse @ sums.T @ sums @ inverse)[0, 0]))
    # 2 of 4 in one block, 1 of 4 in the other
    assert found.number == 6 * 4
    _, t_star = found.statistics()
    np.testing.assert_allclose(np.sort(t_star), np.sort(every), rtol=1e-7, atol=EXACT)


@pytest.mark.parametrize("covariates", [0, 1])
def test_one_exchange_among_many_clusters_is_not_taken_for_none(covariates):
    """Two of forty clusters can be exchanged: little of the observed treatment is left over."""
    arms = ["a", ""] + ["a"] * 19 + [""] * 19
    strata = ["x", "x"] + ["y"] * 19 + ["z"] * 19
    case = Case(22, arms=arms, strata=strata, covariates=covariates, sizes=(4,) * 40)
    found = randomise(case.blocks(), "column 0", case.permutations(99))
    exchanged = ["", "a", *arms[2:]]
    null = found.estimate + 20.0 * found.std_error
    every = [case.t_by_dummies(a, null=null) for a in (arms, exchanged)]
    np.testing.assert_allclose(np.sort(found.statistics(null)[1]), np.sort(every), rtol=1e-7)


def test_a_treatment_without_any_other_column():
    """By refits without a constant: y on one column of zeros and ones, 20 ways."""
    rng = np.random.default_rng(31)
    treated, cluster = np.array([1.0, 0, 1, 0, 0, 1]), np.repeat(np.arange(6), 4)
    y, ids = rng.normal(size=24) + 1.0, np.array([f"c{g}" for g in range(6)])
    made = cluster_blocks.accumulate(
        treated[cluster][:, None],
        y,
        weights=np.ones(24),
        cluster=ids[cluster],
        columns=("programme",),
        absorb="none",
    )
    arms = {i: str(t) for i, t in zip(ids, treated, strict=True)}
    drawn = permutation_draws.permutations(arms, strata={}, number=99, seed=1)
    found = randomise(made, "programme", drawn)
    every = []
    for places in itertools.combinations(range(6), 3):
        x = np.isin(cluster, places).astype(float)
        beta = x @ y / (x @ x)
        sums = np.bincount(cluster, x * (y - x * beta))
        every.append(beta / np.sqrt(6 / 5 * np.sum(sums**2)) * (x @ x))
    np.testing.assert_allclose(np.sort(found.statistics()[1]), np.sort(every), rtol=1e-9)


@pytest.mark.parametrize(
    ("arms", "number", "same"),
    [
        # equal groups: the mirror image of an assignment has its |t| too
        ("aa..", 6, 2),
        ("aaa...", 20, 2),
        ("aaaa....", 70, 2),
        ("aa....", 15, 1),
        ("aa.....", 21, 1),
    ],
)
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_too_few_assignments_to_reject(arms, number, same, level):
    """Smallest p by refits at a null far away, which only equal or mirrored treatment reaches."""
    case = Case(21, arms=[a.strip(".") for a in arms])
    found = randomise(case.blocks(), "column 0", case.permutations(9_999))
    assert (found.enumerated, found.number) == (True, number)
    smallest = same / number
    assert found.p_value(found.estimate + 1e6) == smallest
    given = list(case.arms.values())
    every = [case.t_by_dummies(a, null=1e6) for a in distinct(given, [""] * len(given))]
    observed = case.t_by_dummies(given, null=1e6)
    assert np.mean(np.abs(every) >= abs(observed) * (1 - 1e-6)) == pytest.approx(smallest)
    reason = too_few(found, level)
    assert bool(reason) == (smallest >= 1.0 - level)
    if reason:
        assert str(reason).startswith(
            f"{number} permutations of the treatment, {same} of them extreme"
        )


def test_few_random_permutations_cannot_reject_either():
    """1 of 12 and 1 of 30, where no permutation drawn gives the observed treatment back."""
    case = Case(22, arms=["a"] * 9 + [""] * 8, sizes=(6,) * 17)
    few, more = (
        randomise(case.blocks(), "column 0", case.permutations(number)) for number in (11, 29)
    )
    assert "no p-value is below 0.083, so none is below 0.05" in str(too_few(few, 0.95))
    assert too_few(more, 0.95) is None
    assert too_few(few, 0.9) is None


def test_a_smallest_p_at_the_line_itself_rejects_nothing():
    """Nineteen draws: 1/20, and an interval keeps every value with p of 0.05."""
    case = Case(23, arms=["a"] * 9 + [""] * 8, sizes=(6,) * 17)
    found = randomise(case.blocks(), "column 0", case.permutations(19))
    assert found.p_value(1e9) == 0.05
    assert "below 0.05" in str(too_few(found, 0.95))


def test_random_permutations_that_give_the_treatment_back_count_with_the_observed_one():
    """By hand: one of fifteen does, and (1 + 1)/(1 + 15) is 0.125."""
    case = Case(24, arms=["a", "a", "", "", "", ""])
    every = randomise(case.blocks(), "column 0", case.permutations(99))
    found = dataclasses.replace(every, enumerated=False)
    assert (found.number, found.p_value(1e9)) == (15, 0.125)
    assert too_few(found, 0.85) is None
    reason = too_few(found, 0.95)
    assert str(reason).startswith("15 permutations of the treatment, 1 of them extreme")
    assert "no p-value is below 0.12, so none is below 0.05" in str(reason)
