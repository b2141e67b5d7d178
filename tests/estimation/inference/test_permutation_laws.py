"""Randomisation inference: what must not change it, and what it refuses."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.estimation.inference import permutation_draws, permutation_moments
from evaluation.estimation.inference.permutation import randomise
from evaluation.estimation.regression import cluster_blocks
from evaluation.estimation.regression.fit import StepUnavailable
from tests.estimation.inference.permuted import EXACT, Case, distinct


def test_row_order_and_names_of_arms_and_strata_change_nothing():
    case = Case(5, arms=["a", "", "a", "", "", "a", "", "a"], strata=list("xxxxyyyy"))
    order = np.random.default_rng(1).permutation(len(case.y))
    names = {"a": "zz", "": "aa"}
    renamed = permutation_draws.permutations(
        {c: names[a] for c, a in reversed(case.arms.items())},
        strata={c: {"x": "9", "y": "1"}[s] for c, s in case.strata.items()},
        number=25,
        seed=3,
    )
    here = randomise(case.blocks(), "column 0", case.permutations(25))
    there = randomise(case.blocks(order), "column 0", renamed)
    # sums over rows in another order: rounding only
    np.testing.assert_allclose(here.statistics()[1], there.statistics()[1], rtol=1e-9)
    assert here.p_value() == there.p_value()
    assert here.interval().low == pytest.approx(there.interval().low, abs=1e-9)


@pytest.mark.property
@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_integer_weights_are_repeated_rows(seed):
    """The p-value and every t* are the same to rounding; the enumerated p exactly."""
    case = Case(seed, arms=["a", "", "a", "", "", "a"], covariates=1)
    times = np.random.default_rng(seed).integers(1, 4, len(case.y))
    case.weights = times.astype(float)
    weighted = randomise(case.blocks(), "column 0", case.permutations(99))
    case.weights = np.ones(times.sum())
    for name in ("y", "x", "cluster", "post"):
        setattr(case, name, np.repeat(getattr(case, name), times, axis=0))
    repeated = randomise(case.blocks(), "column 0", case.permutations(99))
    np.testing.assert_allclose(
        weighted.statistics()[1], repeated.statistics()[1], rtol=1e-7, atol=EXACT
    )
    assert weighted.p_value() == repeated.p_value()


@pytest.mark.property
@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_collapsing_to_changes_changes_nothing(seed):
    """Cluster effects on rows equal changes of cluster means weighted by w0 w1 / (w0 + w1)."""
    case = Case(seed, arms=["a", "", "a", "", "", "a"])
    first, last, weight = [], [], []
    for g in range(6):
        rows = [(case.cluster == g) & (case.post == p) for p in (0, 1)]
        w0, w1 = (case.weights[r].sum() for r in rows)
        first.append(np.average(case.y[rows[0]], weights=case.weights[rows[0]]))
        last.append(np.average(case.y[rows[1]], weights=case.weights[rows[1]]))
        weight.append(w0 * w1 / (w0 + w1))
    treated = np.array([arm == "a" for arm in case.arms.values()], float)
    collapsed = cluster_blocks.accumulate(
        np.column_stack([treated, np.ones(6)]),
        np.array(last) - np.array(first),
        weights=np.array(weight),
        cluster=case.ids,
        columns=("effect", "one"),
        absorb="none",
    )
    from_rows = randomise(case.blocks(), "column 0", case.permutations(99))
    from_changes = randomise(collapsed, "effect", case.permutations(99))
    np.testing.assert_allclose(
        from_rows.statistics()[1], from_changes.statistics()[1], rtol=1e-6, atol=1e-7
    )
    assert from_rows.p_value() == from_changes.p_value()


@pytest.mark.parametrize("covariates", [0, 1])
def test_the_order_of_columns_changes_nothing(covariates):
    """Identity: the base column first, or last; systems of up to three unknowns."""
    case = Case(32, arms=["a", "", "a", "", "", "a"], covariates=covariates)
    X = case.columns(list(case.arms.values()))
    names = np.array(["effect", "post", "x"][: X.shape[1]])
    one, *others = (
        randomise(
            cluster_blocks.accumulate(
                X[:, order],
                case.y,
                weights=case.weights,
                cluster=case.ids[case.cluster],
                columns=tuple(names[order].tolist()),
                absorb="cluster",
            ),
            "effect",
            case.permutations(99),
        )
        for order in map(list, itertools.permutations(range(X.shape[1])))
    )
    for other in others:
        np.testing.assert_allclose(
            other.statistics(0.4)[1], one.statistics(0.4)[1], rtol=1e-7, atol=EXACT
        )


def test_units_of_a_covariate_change_nothing():
    """Squares of 1e-160 vanish where they are multiplied with instead of divided by."""
    case = Case(28, arms=["a", "", "a", "", "", "a"], covariates=1)
    plain = randomise(case.blocks(), "column 0", case.permutations(99))
    case.x = case.x * 1e-80
    small = randomise(case.blocks(), "column 0", case.permutations(99))
    np.testing.assert_allclose(
        small.statistics(0.4)[1], plain.statistics(0.4)[1], rtol=1e-7, atol=EXACT
    )


def test_p_is_never_below_one_in_the_number_of_draws():
    case = Case(7, arms=["a", "", "a", "", "a", "", "a", ""])
    case.y = case.y + 500.0 * case.columns(list(case.arms.values()))[:, 0]
    found = randomise(case.blocks(), "column 0", case.permutations(19))
    assert not found.enumerated
    assert found.p_value() >= 1 / 20
    exact = randomise(case.blocks(), "column 0", case.permutations(70))
    assert exact.p_value() == 2 / 70


def test_no_stratum_with_two_arms_is_said():
    case = Case(8, arms=["a", "a", "", ""], strata=list("xxyy"))
    with pytest.raises(StepUnavailable, match=r"^randomisation inference: no stratum of the perm"):
        randomise(case.blocks(), "column 0", case.permutations(99))


def test_a_column_that_is_no_treatment_of_the_cluster_is_refused():
    case = Case(9, arms=["a", "", "a", "", ""], covariates=1)
    with pytest.raises(StepUnavailable, match=r"^randomisation inference: column 2 is not a treat"):
        randomise(case.blocks(), "column 2", case.permutations(99))


def test_a_column_that_is_nearly_a_treatment_is_refused():
    """A thousandth of noise in a treated column: it would vanish from every permuted design."""
    case = Case(17, arms=["a", "", "a", "", ""], covariates=1)
    X = case.columns(list(case.arms.values()))
    X[:, 0] += 1e-3 * X[:, 2]
    made = cluster_blocks.accumulate(
        X,
        case.y,
        weights=case.weights,
        cluster=case.ids[case.cluster],
        columns=("effect", "post", "x"),
        absorb="cluster",
    )
    with pytest.raises(StepUnavailable, match="effect is not a treatment of the cluster"):
        randomise(made, "effect", case.permutations(99))


@pytest.mark.parametrize("covariates", [0, 1])
@pytest.mark.parametrize("seed", range(18, 26))
def test_far_from_the_estimate_the_observed_and_its_mirror_image_still_tie(covariates, seed):
    """Rounding in an exact zero must not grow with the tested value."""
    case = Case(seed, arms=["a", "", "a", "", "", "a"], covariates=covariates)
    found = randomise(case.blocks(), "column 0", case.permutations(99))
    assert np.sum(np.all(found.squared_error[1:] == 0.0, axis=0)) == 2
    for power in range(6, 16):
        for sign in (-1.0, 1.0):
            assert found.p_value(sign * 10.0**power) >= 2 / 20


def test_a_treatment_times_something_else_is_refused():
    """A subgroup's interaction would stay where it was observed while the main one moves."""
    case = Case(10, arms=["a", "", "a", "", "a", ""], covariates=1)
    arms = list(case.arms.values())
    X = np.column_stack([case.columns(arms), case.received(arms)[:, 0] * case.x[:, 0]])
    made = cluster_blocks.accumulate(
        X,
        case.y,
        weights=case.weights,
        cluster=case.ids[case.cluster],
        columns=("effect", "post", "x", "effect x x"),
        absorb="cluster",
    )
    with pytest.raises(StepUnavailable, match="effect x x is a treatment of the cluster too"):
        randomise(made, "effect", case.permutations(99))


def test_a_permutation_with_a_singular_design_counts_as_extreme():
    """A covariate that equals one assignment's column: that permutation has no estimate."""
    case = Case(13, arms=["a", "", "a", "", "", "a"])
    other = np.isin(case.cluster, [0, 1, 2]) * case.post
    made = cluster_blocks.accumulate(
        np.column_stack([case.columns(list(case.arms.values())), other]),
        case.y,
        weights=case.weights,
        cluster=case.ids[case.cluster],
        columns=("effect", "post", "other"),
        absorb="cluster",
    )
    found = randomise(made, "effect", case.permutations(99))
    _, t_star = found.statistics()
    # the assignment itself and its mirror image
    lost = np.isinf(t_star)
    assert np.sum(lost) == 2
    assert (found.numerator[:, lost] == 0.0).all()
    assert (found.squared_error[:, lost] == 0.0).all()
    assert found.p_value(1e6) >= 2 / 20
    reached = np.sum(np.abs(t_star[~lost]) >= abs(found.statistics()[0]) * (1 - 1e-9))
    assert found.p_value() == (2 + reached) / 20


def _dosed(dose):
    """A case whose treated column is a dose by cluster, times the round."""
    case = Case(29, arms=["a", "", "a", "", "", "a"], covariates=1)
    X = case.columns(list(case.arms.values()))
    X[:, 0] = np.asarray(dose)[case.cluster] * case.post
    made = cluster_blocks.accumulate(
        X,
        case.y,
        weights=case.weights,
        cluster=case.ids[case.cluster],
        columns=("effect", "post", "x"),
        absorb="cluster",
    )
    return randomise(made, "effect", case.permutations(99))


def test_units_of_the_treatment_change_no_p():
    """The same treatment as 0 and 1, and as 0 and a million, at nulls in the same units."""
    one, million = _dosed([1, 0, 1, 0, 0, 1]), _dosed([1e6, 0, 1e6, 0, 0, 1e6])
    for null in (0.0, 0.4, 3.0):
        assert million.p_value(null / 1e6) == one.p_value(null)


def test_doses_that_differ_within_an_arm_are_refused():
    """One more in a million is not the same treatment."""
    with pytest.raises(StepUnavailable, match="effect is not a treatment of the cluster"):
        _dosed([1e6, 0, 1e6 + 1, 0, 0, 1e6])


@pytest.mark.parametrize("covariates", [0, 1])
def test_permutations_are_taken_in_parts_of_a_bounded_size(monkeypatch, covariates):
    """Three at a time for six clusters and 20 numbers a table; the parts make the whole."""
    case = Case(30, arms=["a", "", "a", "", "", "a"], covariates=covariates)
    whole = randomise(case.blocks(), "column 0", case.permutations(99))
    sizes = []
    plain = permutation_moments._solved

    def watched(parts, treatment, by_arm, pooled):
        sizes.append(by_arm.shape[-1])
        return plain(parts, treatment, by_arm, pooled)

    monkeypatch.setattr(permutation_moments, "_solved", watched)
    size = "_CELLS" if covariates else "_CELLS_ALONE"
    monkeypatch.setattr(permutation_moments, size, 20)
    parts = randomise(case.blocks(), "column 0", case.permutations(99))
    # and once more the two that fit the observed treatment
    assert sizes == [3] * 6 + [2, 2]
    np.testing.assert_allclose(parts.numerator, whole.numerator, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(parts.squared_error, whole.squared_error, rtol=1e-10, atol=1e-13)
    sizes.clear()
    monkeypatch.setattr(permutation_moments, size, 5)
    randomise(case.blocks(), "column 0", case.permutations(99))
    assert sizes == [1] * (20 + 2)


@pytest.mark.property
@settings(max_examples=5)
@given(seed=st.integers(0, 10_000), effect=st.sampled_from([0.0, 2.0]))
def test_the_test_is_exact_whoever_was_treated(seed, effect):
    """Over all 20 assignments of one set of outcomes, at most a share a has p <= a, for every a.

    The effect is the same in every treated cluster, and it is the value that is tested.
    """
    case = Case(seed, arms=["a", "a", "a", "", "", ""])
    untreated, p_values = case.y, []
    for order in distinct(["a", "a", "a", "", "", ""], [""] * 6):
        case.arms = dict(zip(case.ids, order, strict=True))
        case.y = untreated + effect * case.columns(list(order))[:, 0]
        found = randomise(case.blocks(), "column 0", case.permutations(99))
        p_values.append(found.p_value(effect))
    assert len(p_values) == 20
    for p in p_values:
        assert np.mean(np.array(p_values) <= p + 1e-12) <= p + 1e-12


def test_inverses_of_permuted_designs_by_hand():
    """(4/3, -2/3) where the correlation is 1/2, zero where it is 1 or what is left is 1e-10."""
    pairs = np.array([[[1.0, 0.5], [0.5, 1.0]], [[1.0, 1.0], [1.0, 1.0]]])
    back = permutation_moments._inverted(pairs)
    np.testing.assert_allclose(back[0], [[4 / 3, -2 / 3], [-2 / 3, 4 / 3]], rtol=1e-14)
    assert not back[1].any()
    single = permutation_moments._inverted(np.array([[[1e-10]], [[0.5]]]))
    assert single[:, 0, 0].tolist() == [0.0, 2.0]
