"""One factor in several groups: against moments that are known, and what may not change it.

The agreement with lavaan is in tests/truth/validation.toml, ``medellin_factor``.
"""

import dataclasses

import numpy as np
import pytest

from evaluation.estimation.regression import one_factor as engine
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.one_factor import LEVELS, AnswerMoments, cfi, one_factor
from tests.truth import validation
from tests.truth.calculations import factor

LOADINGS = np.array([0.9, 0.8, 0.7, 0.6])
INTERCEPTS = np.array([3.0, 2.5, 2.0, 4.0])
OWN = np.array([0.5, 0.6, 0.7, 0.8])
MEANS, VARIANCES = (0.0, 0.3, -0.1, 0.5), (1.0, 1.4, 0.8, 1.1)
# A perfect fit leaves the rounding of sums of some thousand squares; the search stops a billionth
# of a standard error away, which is less than a billionth of these parameters.
EXACT = 1e-8


@pytest.fixture(autouse=True)
def fitted_anew():
    """What one test fitted is not what another looks at, nor what a run before this one fitted."""
    factor.groups.cache_clear()
    factor.fits.cache_clear()


def population(mean, variance, *, loadings=LOADINGS, intercepts=INTERCEPTS, n=800):
    """Moments that the model implies exactly, as if everybody had been asked."""
    return AnswerMoments(
        n=n,
        mean=intercepts + loadings * mean,
        covariance=variance * np.outer(loadings, loadings) + np.diag(OWN),
    )


def four(**changes):
    """Four groups of one factor; ``changes`` are those of the last group."""
    pairs = list(zip(MEANS, VARIANCES, strict=True))
    return [*(population(*p) for p in pairs[:-1]), population(*pairs[-1], **changes)]


def chi_squares(groups):
    return [one_factor(groups, level).chi_square for level in LEVELS]


@pytest.mark.truth
def test_parameters_that_made_the_moments_come_back():
    """The scale is that of the first group, whose factor has mean 0 and variance 1."""
    for level in LEVELS:
        fit = one_factor(four(), level)
        assert (fit.chi_square, fit.cfi, fit.rmsea, fit.srmr) == (0.0, 1.0, 0.0, 0.0)
    assert fit.means == pytest.approx(MEANS, abs=EXACT)
    assert fit.variances == pytest.approx(VARIANCES, abs=EXACT)
    for group in range(4):
        assert fit.loadings[group] == pytest.approx(LOADINGS, abs=EXACT)
        assert fit.intercepts[group] == pytest.approx(INTERCEPTS, abs=EXACT)
        assert fit.uniquenesses[group] == pytest.approx(OWN, abs=EXACT)


@pytest.mark.truth
def test_degrees_of_freedom_by_counting():
    """Four groups of four items: 56 moments; 48, 39 and 30 parameters.

    Configural 4 x (4 + 4 + 4). Metric: 4 loadings, 3 variances, 16 intercepts, 16 uniquenesses.
    Scalar: 4 loadings, 4 intercepts, 3 variances, 3 means, 16 uniquenesses.
    """
    assert [one_factor(four(), level).df for level in LEVELS] == [56 - 48, 56 - 39, 56 - 30]


@pytest.mark.truth
def test_a_known_misfit_by_hand():
    """Two groups alike but for a gap d in one intercept, fitted by the model with equal ones.

    The common intercept stands in the middle, so each group is off by v = (d/2) (1, 0, 0), and the
    second group's mean of the factor takes up what lies along the loadings (1, 1, 1). Covariances
    are 11' + I, with inverse M = I - 11'/4: v'Mv = 3/4 (d/2)^2, less (v'M1)^2 / 1'M1 =
    (1/4)^2 / (3/4) (d/2)^2, is d^2/6 a person.
    """
    d, n = 1e-3, 10_000
    ones = np.ones(3)
    cov = np.outer(ones, ones) + np.eye(3)
    groups = [
        AnswerMoments(n=n, mean=shift * np.array([d, 0.0, 0.0]), covariance=cov)
        for shift in (0.0, 1.0)
    ]
    # of the next order, d^4, there are a millionth as many
    found = one_factor(groups, "scalar").chi_square
    assert found == pytest.approx(2 * n * d**2 / 6, rel=1e-5)


@pytest.mark.truth
def test_where_the_search_starts_by_hand():
    """Two groups of 10 and 30 people whose items correlate at 1/2; variances double in the second.

    The pooled variances are 1.75 times those of the first. The first component of the correlations
    has the eigenvalue 2, so loadings of sqrt(2/3); they are cut to 4/5 of the variance: 14/15 of
    the first group's. An item keeps at least a fifth of its variance.
    """
    sd = np.array([1.0, 2.0, 3.0])
    one = np.outer(sd, sd) * (np.eye(3) + 1.0) / 2.0
    mean = np.array([5.0, 6.0, 7.0])
    groups = [
        AnswerMoments(n=n, mean=c * mean, covariance=c * one) for n, c in ((10, 1.0), (30, 2.0))
    ]
    layout = engine._layout(2, 3, "configural")
    theta = engine._start(groups, layout)
    for index, own in enumerate((1 / 5, 2 - 14 / 15)):
        expected = [np.sqrt(14 / 15) * sd, groups[index].mean, own * sd**2, [0.0, 1.0]]
        found = layout.of_group(theta, index)
        assert found == pytest.approx(np.concatenate(expected), rel=1e-14)
    layout = engine._layout(2, 3, "scalar")
    theta = engine._start(groups, layout)
    # mean and variance of the factor, free in the second group
    assert layout.of_group(theta, 1)[-2:].tolist() == [0.0, 1.0]


@pytest.mark.truth
def test_the_comparative_index_of_unrelated_items_by_hand():
    """Nothing is left to explain: all that is misfit is the model's."""
    unrelated = [AnswerMoments(n=9, mean=np.zeros(4), covariance=np.eye(4))]
    assert cfi(unrelated, 2.0, 2) == 1.0
    assert cfi(unrelated, 2.5, 2) == 0.0


@pytest.mark.property
def test_items_in_a_small_unit_are_no_items_that_repeat_the_others():
    small = [
        dataclasses.replace(g, mean=g.mean / 1e3, covariance=g.covariance / 1e6) for g in four()
    ]
    fit = one_factor(small, "scalar")
    assert fit.chi_square == 0.0
    assert fit.loadings[0] == pytest.approx(LOADINGS / 1e3, rel=EXACT)


@pytest.mark.property
def test_a_shifted_intercept_is_seen_by_the_scalar_model_alone():
    shifted = four(intercepts=INTERCEPTS + np.array([0.0, 0.3, 0.0, 0.0]))
    configural, metric, scalar = chi_squares(shifted)
    assert (configural, metric) == (0.0, 0.0)
    assert scalar > 20.0


@pytest.mark.property
def test_a_changed_loading_is_seen_by_the_metric_model():
    changed = four(loadings=LOADINGS * np.array([1.0, 1.0, 0.5, 1.0]))
    configural, metric, scalar = chi_squares(changed)
    assert configural == 0.0
    assert metric > 20.0
    assert scalar >= metric


@pytest.mark.property
def test_each_model_holds_more_equal_and_fits_no_better():
    """On real answers: nested models, chi-square and degrees of freedom grow."""
    found = [(fit.chi_square, fit.df) for fit in factor.fits()]
    assert found == sorted(found)


@pytest.mark.property
def test_ours_is_at_least_as_likely_as_that_of_lavaan():
    """Both maximise one likelihood, so a smaller chi-square is a better maximum.

    A ten-millionth is what rounding may do to sums over eight thousand people.
    """
    theirs = validation.frozen("medellin_factor.json")["values"]
    for fit in factor.fits():
        assert fit.chi_square <= theirs[f"{fit.level}.chi_square"] + 1e-7


@pytest.mark.truth
def test_indices_of_fit_are_those_of_lavaan_to_more_digits_than_the_estimates():
    """At the maximum chi-square is flat: the sixth digit of an estimate is the eleventh of CFI.

    N - 1 in the place of N would move RMSEA by a hundred-thousandth.
    """
    theirs = validation.frozen("medellin_factor.json")["values"]
    for fit in factor.fits():
        for name in ("cfi", "rmsea"):
            assert getattr(fit, name) == pytest.approx(theirs[f"{fit.level}.{name}"], abs=1e-10)


@pytest.mark.property
@pytest.mark.parametrize("level", LEVELS)
def test_the_order_and_the_unit_of_items_change_nothing(level):
    """Real answers, items in another order, one of them turned and in another unit."""
    order, scale = np.array([3, 0, 5, 1, 4, 2]), np.array([1.0, 2.0, 1.0, 0.1, 1.0, -1.0])
    moved = [
        dataclasses.replace(
            g,
            mean=(g.mean * scale)[order] + 5.0,
            covariance=(g.covariance * np.outer(scale, scale))[np.ix_(order, order)],
        )
        for g in factor.groups()
    ]
    one, other = one_factor(factor.groups(), level), one_factor(moved, level)
    # a sum over eight thousand people of squares of size one, in double precision
    assert other.chi_square == pytest.approx(one.chi_square, rel=1e-9)
    assert (other.df, other.cfi) == (one.df, pytest.approx(one.cfi, abs=1e-9))
    # the search stops a billionth of a standard error away
    assert np.abs(other.means) == pytest.approx(np.abs(one.means), abs=1e-8)


@pytest.mark.property
def test_more_people_with_the_same_answers_change_chi_square_alone():
    """Chi-square counts people; at a thousand times as many its rounding stops no search."""
    more = [dataclasses.replace(g, n=1000 * g.n) for g in factor.groups()]
    for fit in factor.fits():
        other = one_factor(more, fit.level)
        assert other.chi_square == pytest.approx(1000 * fit.chi_square, rel=1e-9)
        assert other.srmr == pytest.approx(fit.srmr, abs=1e-9)
        assert other.means == pytest.approx(fit.means, abs=1e-8)


@pytest.mark.property
def test_the_order_of_the_other_groups_changes_nothing():
    groups = factor.groups()
    one = one_factor(groups, "scalar")
    other = one_factor([groups[0], *reversed(groups[1:])], "scalar")
    assert other.chi_square == pytest.approx(one.chi_square, rel=1e-9)
    assert other.means[[0, 3, 2, 1]] == pytest.approx(one.means, abs=1e-8)


@pytest.mark.property
@pytest.mark.parametrize("level", LEVELS)
def test_no_direction_makes_the_answers_more_likely(level):
    """Central differences of the likelihood in every parameter, on real answers."""
    groups = factor.groups()
    layout = engine._layout(len(groups), len(factor.ITEMS), level)
    theta = engine._search(groups, layout, engine._start(groups, layout))
    at = engine._discrepancy(groups, layout, theta)
    for column in range(layout.free):
        step = np.zeros(layout.free)
        step[column] = 1e-4
        ends = [engine._discrepancy(groups, layout, theta + s * step) for s in (-1.0, 1.0)]
        assert min(ends) > at
        # the slope is what two ends differ by; curvature raises both alike
        assert abs(ends[1] - ends[0]) < 1e-3 * (sum(ends) - 2.0 * at)


def test_what_cannot_be_fitted_says_why():
    short = [
        dataclasses.replace(g, mean=g.mean[:2], covariance=g.covariance[:2, :2]) for g in four()
    ]
    with pytest.raises(StepUnavailable, match="fewer than three items") as caught:
        one_factor(short, "configural")
    assert caught.value.rule == "sample"
    with pytest.raises(StepUnavailable, match="does not vary"):
        one_factor(
            [AnswerMoments(n=9, mean=np.zeros(3), covariance=np.diag([1.0, 0.0, 1.0]))], "scalar"
        )
    twice = np.array([[1.0, 1.0, 0.3], [1.0, 1.0, 0.3], [0.3, 0.3, 1.0]])
    with pytest.raises(StepUnavailable, match="follows from the others"):
        one_factor([AnswerMoments(n=9, mean=np.zeros(3), covariance=twice)], "scalar")
    # triads give item 1 a squared loading of .9 x .8 / .5 = 1.44
    heywood = np.array([[1.0, 0.9, 0.8], [0.9, 1.0, 0.5], [0.8, 0.5, 1.0]])
    with pytest.raises(StepUnavailable, match="Heywood"):
        one_factor([AnswerMoments(n=99, mean=np.zeros(3), covariance=heywood)], "configural")
    with pytest.raises(StepUnavailable, match=r"do not determine|do not converge|Heywood"):
        one_factor([AnswerMoments(n=99, mean=np.zeros(4), covariance=np.eye(4))], "configural")


def test_a_factor_without_variance_in_a_group_is_no_result():
    """A group whose answers go against each other where the others' go together."""
    against = np.diag(OWN + 0.5) - 0.2 * (np.ones((4, 4)) - np.eye(4)) * np.outer(
        LOADINGS, LOADINGS
    )
    groups = [population(0.0, 1.0), AnswerMoments(n=800, mean=INTERCEPTS, covariance=against)]
    with pytest.raises(StepUnavailable, match="factor would not vary"):
        one_factor(groups, "metric")


def test_three_items_leave_the_first_model_no_degrees_of_freedom():
    three = [
        dataclasses.replace(g, mean=g.mean[:3], covariance=g.covariance[:3, :3]) for g in four()
    ]
    fit = one_factor(three, "configural")
    assert (fit.df, fit.chi_square, fit.cfi) == (0, 0.0, 1.0)
    assert np.isnan(fit.rmsea)
