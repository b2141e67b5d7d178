"""Power and the errors of significant estimates: closed forms, published numbers, another way."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import chdtr, nctdtr, stdtrit
from scipy.stats import norm

from evaluation.estimation.inference.detection import detection, ratio_detected

INFINITE = math.inf


@pytest.mark.truth
@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("ratio", [0.0, 0.4, 2.8, 7.0, 40.0])
def test_two_degrees_of_freedom_by_hand(ratio, level):
    """With df 2, s^2 is exponential: P(|Z + r| > c s | Z) = 1 - exp(-(Z + r)^2/c^2).

    Its mean over Z is 1 - sqrt(c^2/(c^2 + 2)) exp(-r^2/(c^2 + 2)). With r = 0, E|Z| of it is
    sqrt(2/pi) 2/(c^2 + 2), and half of what is significant is below zero. The critical value
    solves c/sqrt(2 + c^2) = level. Rounding of some hundred terms.
    """
    c2 = 2.0 * level**2 / (1.0 - level**2)
    found = detection(ratio, df=2.0, level=level)
    expected = 1.0 - math.sqrt(c2 / (c2 + 2.0)) * math.exp(-(ratio**2) / (c2 + 2.0))
    assert found.chance == pytest.approx(expected, abs=1e-13)
    if ratio == 0.0:
        assert found.wrong == pytest.approx(expected / 2.0, abs=1e-13)
        assert found.magnitude == pytest.approx(
            math.sqrt(2.0 / math.pi) * 2.0 / (c2 + 2.0), abs=1e-13
        )


@pytest.mark.truth
def test_published_power_of_t_tests():
    """Two groups of n, effect d SDs: ratio d sqrt(n/2), df 2n - 2.

    Sources: the example of R's manual page of power.t.test, n = 20 and d = 1: .8689528; power .9
    and d = 1: n = 22.02110. Cohen (1988, Statistical Power Analysis for the Behavioral Sciences,
    table 2.4.1), 5 % two-sided: power .80 at d .5 and .8 needs n 64 and 26; .90 at .8 needs 34.
    """
    found = detection(math.sqrt(10.0), df=38.0, level=0.95)
    # the manual's is the chance of significance with the right sign, to seven digits
    assert found.chance - found.wrong == pytest.approx(0.8689528, abs=5e-8)
    n = 22.02110
    wanted = math.sqrt(n / 2.0)
    # the fifth decimal of n is a millionth of the ratio
    assert ratio_detected(0.9, df=2.0 * n - 2.0, level=0.95) == pytest.approx(wanted, abs=2e-6)
    for power, d, least in ((0.8, 0.5, 64), (0.8, 0.8, 26), (0.9, 0.8, 34)):
        chances = [
            detection(d * math.sqrt(n / 2.0), df=2.0 * n - 2.0, level=0.95).chance
            for n in (least - 1, least)
        ]
        assert chances[0] < power <= chances[1]


@pytest.mark.truth
def test_published_type_s_and_m():
    """Source: output of the program of Gelman and Carlin (2014, appendix) as printed for effects
    .1 and 2 with standard errors 3.28 and 8.1, seven digits; their Type M is simulated 10,000
    times, its standard error .7 % (500 significant estimates, SD 16 % of their mean): four.
    """
    printed = (
        (0.1 / 3.28, 0.05010648, 0.4644228, 76.82889),
        (2.0 / 8.1, 0.05701294, 0.2396177, 9.571811),
    )
    for ratio, chance, type_s, type_m in printed:
        found = detection(ratio, df=INFINITE, level=0.95)
        assert found.chance == pytest.approx(chance, abs=5e-9)
        assert found.type_s == pytest.approx(type_s, abs=5e-8)
        assert found.type_m == pytest.approx(type_m, rel=4 * 0.007)


@pytest.mark.parametrize("df", [1.0, 1.5, 3.0, 5.21, 11.0, 40.0, 69.0, 346.0, 1e4])
@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
def test_equals_the_noncentral_t_of_another_implementation(df, level):
    """Within 1e-12: both are exact to rounding, which the library multiplies by some tens."""
    c = stdtrit(df, 0.5 + level / 2.0)
    for ratio in (1e-9, 0.1, 1.0, 2.8, 5.0):
        found = detection(ratio, df=df, level=level)
        wrong = nctdtr(df, ratio, -c)
        assert found.chance == pytest.approx(1.0 - nctdtr(df, ratio, c) + wrong, abs=1e-12)
        assert found.wrong == pytest.approx(wrong, abs=1e-12)


@pytest.mark.parametrize("df", [1.0, 3.0, 11.0, 69.0])
@pytest.mark.parametrize("ratio", [0.3, 2.8, 6.0])
def test_magnitude_by_integrating_the_other_way(df, ratio):
    """Given the estimate x, it is significant where s < |x|/c: the chi-squared distribution.

    Adaptive quadrature over x to 1e-12 absolute.
    """
    c = stdtrit(df, 0.975)

    def weighed(x, kind):
        significant = chdtr(df, df * (x / c) ** 2)
        return significant * norm.pdf(x - ratio) * (abs(x) if kind == "magnitude" else 1.0)

    def over(low, high, kind):
        return quad(weighed, low, high, args=(kind,), epsabs=1e-13, epsrel=1e-12, limit=200)[0]

    found = detection(ratio, df=df, level=0.95)
    ends = ratio - 12.0, ratio + 12.0
    below, above = over(ends[0], 0.0, "magnitude"), over(0.0, ends[1], "magnitude")
    assert found.magnitude == pytest.approx(below + above, abs=1e-11)
    wrong, right = over(ends[0], 0.0, "chance"), over(0.0, ends[1], "chance")
    assert found.chance == pytest.approx(wrong + right, abs=1e-11)
    assert found.type_s == pytest.approx(wrong / (wrong + right), abs=1e-11)
    assert found.type_m == pytest.approx((below + above) / (wrong + right) / ratio, rel=1e-10)


@pytest.mark.simulation
def test_studies_of_four_clusters_drawn_one_by_one():
    """400,000 studies of a normal estimate and a chi-squared squared error with 3 df.

    Standard errors: .0008 of the power (.48), .0002 of Type S, .0009 of Type M (SD .4 of 193,000);
    four of each. At no effect, .00034 of the level.
    """
    rng = np.random.default_rng(8)
    z = rng.normal(size=400_000)
    s = np.sqrt(rng.chisquare(3, size=400_000) / 3.0)
    c = 3.182446  # t(3) at .975, printed tables
    assert np.mean(np.abs(z / s) > c) == pytest.approx(0.05, abs=4 * 0.00034)
    x = (z + 2.8)[np.abs((z + 2.8) / s) > c]
    found = detection(2.8, df=3.0, level=0.95)
    assert len(x) / 4e5 == pytest.approx(found.chance, abs=4 * 0.0008)
    assert np.mean(x < 0.0) == pytest.approx(found.type_s, abs=4 * 0.0002)
    assert np.mean(np.abs(x)) / 2.8 == pytest.approx(found.type_m, abs=4 * 0.0009)


@pytest.mark.parametrize("df", [1.0, 3.0, 11.0, 69.0, 346.0, INFINITE])
def test_without_an_effect_the_test_rejects_at_its_level(df):
    """Rounding of some hundred terms."""
    for level in (0.5, 0.95, 0.99):
        assert detection(0.0, df=df, level=level).chance == pytest.approx(1.0 - level, abs=1e-13)


def test_a_larger_effect_is_always_detected_more_often():
    for df in (1.0, 2.5, 9.0, 69.0):
        ratios = np.linspace(0.0, 60.0, 61)
        chances = [detection(r, df=df, level=0.95).chance for r in ratios]
        assert np.all(np.diff(chances) > -1e-14)
        assert chances[-1] > 0.999


@pytest.mark.parametrize("df", [1.0, 3.0, 11.0, 69.0])
def test_the_ratio_detected_is_detected(df):
    """Sixty halvings of the interval leave rounding."""
    for chance in (0.1, 0.8, 0.99):
        ratio = ratio_detected(chance, df=df, level=0.95)
        assert detection(ratio, df=df, level=0.95).chance == pytest.approx(chance, abs=1e-12)


def test_many_degrees_of_freedom_are_normal():
    """The difference is of order 1/df."""
    many, known = (detection(1.3, df=df, level=0.95) for df in (1e6, INFINITE))
    assert many.chance == pytest.approx(known.chance, abs=2e-6)
    assert many.type_s == pytest.approx(known.type_s, abs=2e-6)
    assert many.type_m == pytest.approx(known.type_m, abs=2e-6)
    # The other tail, which the sum of quantiles leaves out, is Phi(-4.76) = 1e-6 of power.
    wanted = ratio_detected(0.8, df=INFINITE, level=0.95)
    assert ratio_detected(0.8, df=1e7, level=0.95) == pytest.approx(wanted, abs=5e-6)
