"""Raking and cutting of weights: a table worked by hand, laws, errors, and DANE's municipalities.

Numbers of R's survey package are compared in tests/truth/test_published.py.
"""

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.weights import raking
from evaluation.estimation.weights.raking import Margin, cut, design_effect, rake, rake_below
from tests.conftest import shared_data


def margin(name, codes, totals):
    cells = tuple(f"{name}{i}" for i in range(len(totals)))
    return Margin(
        name=name,
        cells=cells,
        codes=np.asarray(codes, dtype=np.int64),
        totals=np.asarray(totals, dtype=float),
    )


def sums(weights, one):
    return np.bincount(one.codes, weights=weights, minlength=len(one.totals))


def invented(seed, *, n=400):
    """Rows with three variables that are not independent, and margins that differ from theirs."""
    rng = np.random.default_rng(seed)
    zone = rng.integers(0, 2, n)
    sex = (rng.random(n) < 0.4 + 0.2 * zone).astype(int)
    age = rng.integers(0, 4, n)
    margins = [
        margin("zone", zone, [700.0, 300.0]),
        margin("sex", sex, [480.0, 520.0]),
        margin("age", age, [300.0, 300.0, 250.0, 150.0]),
    ]
    return np.exp(0.3 * rng.normal(size=n)), margins


# ---- By hand -------------------------------------------------------------------------------------


def test_two_by_two_by_hand():
    """Weights 1, 2 | 3, 4 to rows 4, 6 and columns 5, 5.

    The odds ratio 1 x 4 / (2 x 3) = 2/3 stays, so x in the first cell solves
    x (1 + x) / ((4 - x) (5 - x)) = 2/3: x^2 + 21 x - 40 = 0, x = (sqrt(601) - 21) / 2.
    """
    rows, columns = margin("r", [0, 0, 1, 1], [4, 6]), margin("c", [0, 1, 0, 1], [5, 5])
    found = rake(np.array([1.0, 2.0, 3.0, 4.0]), [rows, columns])
    x = (601.0**0.5 - 21.0) / 2.0
    # The margins hold to 1e-10, and the cells follow them within a small factor.
    assert found.weights == pytest.approx([x, 4 - x, 5 - x, 1 + x], rel=1e-9)
    assert found.gap <= 1e-10


def test_independent_table_by_hand_needs_one_pass():
    """Equal weights go to row x column / total: 30 x 60 / 100 and so on."""
    rows, columns = margin("r", [0, 0, 1, 1], [30, 70]), margin("c", [0, 1, 0, 1], [60, 40])
    found = rake(np.ones(4), [rows, columns])
    assert found.weights == pytest.approx([18.0, 12.0, 42.0, 28.0], rel=1e-14)  # rounding only
    assert found.iterations == 1


def test_one_margin_is_poststratification():
    """People over interviews: 90 / (1 + 2) and 10 / 5."""
    found = rake(np.array([1.0, 2.0, 5.0]), [margin("m", [0, 0, 1], [90, 10])])
    assert found.weights == pytest.approx([30.0, 60.0, 10.0], rel=1e-14)  # rounding only


def test_cut_by_hand():
    """1 1 2 2 4 10, bound 2 times the median 2: 10 and 4 become 4, six go to 1 1 2 2.

    Total 20: without the two at the bound 12 are left for 1 1 2 2, factor 2: 2 2 4 4 4 4.
    """
    found = cut(np.array([1.0, 1.0, 2.0, 2.0, 4.0, 10.0]), bound=2.0)
    assert found.weights == pytest.approx([2.0, 2.0, 4.0, 4.0, 4.0, 4.0], rel=1e-14)  # rounding
    assert found.n_cut == 4
    # one pass, and no margin that could be missed
    assert (found.iterations, found.gap) == (1, 0.0)


def test_what_passes_the_bound_through_a_gift_is_cut_in_its_turn():
    """1 1 1 1.8 3, bound 2 (median 1): 3 gives 1 to 4.8, factor 5.8 / 4.8, so 1.8 becomes 2.175.

    It is cut too: 7.8 - 4 = 3.8 for the three, 3.8 / 3 each.
    """
    found = cut(np.array([1.0, 1.0, 1.0, 1.8, 3.0]), bound=2.0)
    third = 3.8 / 3.0
    assert found.weights == pytest.approx([third, third, third, 2.0, 2.0], rel=1e-14)  # rounding


def test_what_is_cut_keeps_its_total():
    weights = np.exp(np.random.default_rng(3).normal(size=300))
    found = cut(weights, bound=4.0)
    assert found.weights.sum() == pytest.approx(weights.sum(), rel=1e-12)  # 300 numbers: rounding
    assert found.weights.max() <= 4.0 * np.median(weights) * (1 + 1e-12)
    assert weights.max() > 4.0 * np.median(weights)


def test_design_effect_by_hand():
    """1, 3: 2 x (1 + 9) / 16 = 1.25; equal weights give 1."""
    assert design_effect(np.array([1.0, 3.0])) == 1.25
    assert design_effect(np.full(7, 0.1)) == pytest.approx(1.0, rel=1e-14)  # rounding


def test_whole_numbers_are_weights_too():
    """90 / 3 and 10 / 5; and 9 cut at 2 times the median 3: 13 of 19 for 2 2 3 3, factor 1.3."""
    found = rake(np.array([1, 2, 5]), [margin("m", [0, 0, 1], [90, 10])])
    assert found.weights == pytest.approx([30.0, 60.0, 10.0], rel=1e-14)  # rounding only
    cut_at = cut(np.array([2, 2, 3, 3, 9]), bound=2.0).weights
    assert cut_at == pytest.approx([2.6, 2.6, 3.9, 3.9, 6.0], rel=1e-14)


def test_shares_are_populations_too():
    """A half and one: people below and of exactly one."""
    found = rake(np.ones(4), [margin("m", [0, 0, 1, 1], [0.5, 1.0])])
    assert found.weights.tolist() == [0.25, 0.25, 0.5, 0.5]


def test_without_margins_nothing_is_done():
    found = rake(np.array([1.0, 2.0]), [])
    assert (found.weights.tolist(), found.iterations, found.gap) == ([1.0, 2.0], 0, 0.0)


def test_a_margin_that_is_missed_by_the_tolerance_holds():
    """Three of four and one of one: a quarter is missed, and a quarter is accepted."""
    one = margin("m", [0, 0, 0, 1], [4, 1])
    found = rake(np.ones(4), [one], tolerance=0.25)
    assert (found.weights.tolist(), found.iterations, found.gap) == ([1.0] * 4, 0, 0.25)


def test_as_many_passes_as_are_allowed_are_made():
    rows, columns = margin("r", [0, 0, 1, 1], [30, 70]), margin("c", [0, 1, 0, 1], [60, 40])
    assert rake(np.ones(4), [rows, columns], iterations=1).iterations == 1
    with pytest.raises(EstimationError, match="after 0 passes"):
        rake(np.ones(4), [rows, columns], iterations=0)


@pytest.mark.parametrize(("times", "n_cut"), [(1 - 2e-6, 0), (1 - 1e-6, 1), (1 + 1e-6, 1)])
def test_a_millionth_from_the_bound_is_at_it(times, n_cut):
    """Median 1, bound 2, the margin held as it is: nothing is cut, and who is at it is counted."""
    weights = np.array([1.0, 1.0, 1.0, 2.0 * times])
    found = rake_below(weights, [margin("m", [0] * 4, [weights.sum()])], bound=2.0)
    assert (found.weights == weights).all()
    assert found.n_cut == n_cut
    if times < 1.0:
        assert cut(weights, bound=2.0).n_cut == n_cut


def test_a_weight_at_the_bound_stays_and_a_total_that_just_fits_is_filled():
    """Median 1, bound 2. A single 2 is at it; 1 1 4 are three times 2, and become that."""
    alone = cut(np.array([1.0, 1.0, 1.0, 2.0]), bound=2.0)
    assert (alone.weights.tolist(), alone.n_cut) == ([1.0, 1.0, 1.0, 2.0], 1)
    full = cut(np.array([1.0, 1.0, 4.0]), bound=2.0)
    assert (full.weights.tolist(), full.n_cut) == ([2.0, 2.0, 2.0], 3)


# ---- Laws ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_margins_hold(seed):
    weights, margins = invented(seed)
    found = rake(weights, margins)
    for one in margins:
        assert sums(found.weights, one) == pytest.approx(one.totals, rel=1e-9)  # tolerance 1e-10


def test_the_input_stays_as_it_was():
    weights, margins = invented(1)
    before = weights.copy()
    rake_below(weights, margins, bound=3.0)
    cut(weights, bound=3.0)
    assert (weights == before).all()


def test_factors_are_products_over_margins():
    """What raking multiplies by is a(zone) b(sex) c(age): every crossed ratio of it is one."""
    weights, margins = invented(2)
    factor = np.log(rake(weights, margins).weights / weights)
    design = np.column_stack([(m.codes == i) for m in margins for i in range(len(m.totals))])
    fitted = design @ np.linalg.lstsq(design.astype(float), factor, rcond=None)[0]
    assert factor == pytest.approx(fitted, abs=1e-12)  # a least-squares solution of eight columns


def test_order_of_margins_changes_nothing():
    weights, margins = invented(4)
    one, other = rake(weights, margins), rake(weights, margins[::-1])
    assert one.weights == pytest.approx(other.weights, rel=1e-8)  # both within 1e-10 of margins


def test_weights_that_hold_the_margins_are_left_alone():
    weights, margins = invented(5)
    once = rake(weights, margins)
    again = rake(once.weights, margins)
    assert again.iterations == 0
    assert (again.weights == once.weights).all()


def test_below_a_bound_both_hold():
    weights, margins = invented(6)
    free = rake(weights, margins).weights
    bound = 0.7 * free.max() / np.median(free)
    found = rake_below(weights, margins, bound=bound)
    for one in margins:
        assert sums(found.weights, one) == pytest.approx(one.totals, rel=1e-9)  # tolerance 1e-10
    # a millionth above the bound counts as at it
    assert found.weights.max() <= bound * np.median(free) * (1 + 1e-6)
    assert 0 < found.n_cut < len(weights)


def test_every_raking_below_a_bound_is_as_exact_as_asked(monkeypatch):
    weights, margins = invented(6)
    free = rake(weights, margins).weights
    asked = []

    def noted(*given, **keys):
        asked.append(keys)
        return rake(*given, **keys)

    monkeypatch.setattr(raking, "rake", noted)
    bound = 0.7 * free.max() / np.median(free)
    rake_below(weights, margins, bound=bound, tolerance=1e-6, iterations=200)
    assert len(asked) > 2
    assert all(keys == {"tolerance": 1e-6, "iterations": 200} for keys in asked)


def test_the_unit_of_the_weights_does_not_matter_for_the_cut():
    """A power of two changes no digit, and the result is of the same unit."""
    weights = np.exp(np.random.default_rng(8).normal(size=50))
    small = cut(weights / 1024.0, bound=2.0)
    assert (1024.0 * small.weights == cut(weights, bound=2.0).weights).all()
    assert small.weights.sum() < 0.1


def test_a_bound_that_nobody_reaches_changes_nothing():
    weights, margins = invented(7)
    found, free = rake_below(weights, margins, bound=1000.0), rake(weights, margins)
    assert (found.weights == free.weights).all()
    assert (found.iterations, found.gap, found.n_cut) == (free.iterations, free.gap, 0)


# ---- Errors --------------------------------------------------------------------------------------

ROWS = margin("zone", [0, 0, 1, 1], [4, 6])


@pytest.mark.parametrize(
    ("weights", "margins", "message"),
    [
        ([1, 0, 1, 1], [ROWS], "1 of 4 weights"),
        ([1, np.nan, 1, 1], [ROWS], "1 of 4 weights"),
        ([1, 1, 1], [ROWS], "margin `zone` is not of the length"),
        ([1, 1, 1, 1], [margin("sex", [0, -1, 1, 1], [4, 6])], "1 rows are in no cell.*`sex`"),
        ([1, 1, 1, 1], [margin("sex", [0, 2, 1, 1], [4, 6])], "1 rows are in no cell.*`sex`"),
        ([1, 1, 1, 1], [margin("sex", [0, 0, 1, 1], [4, 0])], "`sex1` of margin `sex`.*of 0"),
        ([1, 1, 1, 1], [margin("sex", [0, 0, 1, 1], [4, -6])], "`sex1` of margin `sex`.*of -6"),
        ([1, 1, 1, 1], [margin("sex", [0, 0, 1, 1], [4, np.nan])], "`sex1`.*of nan"),
        ([1, 1, 1, 1], [margin("age", [0, 0, 2, 2], [4, 3, 3])], "`age1`.*no interview"),
        ([1, 1, 1, 1], [margin("age", [0, 0, 1, 1], [4, 3, 3])], "`age2`.*no interview"),
        ([1, 1, 1, 1], [ROWS, margin("sex", [0, 1, 0, 1], [5, 6])], "`zone` has 10 .*`sex` 11"),
    ],
)
def test_what_cannot_be_raked_is_refused_by_name(weights, margins, message):
    with pytest.raises(EstimationError, match=message) as caught:
        rake(np.array(weights, dtype=float), margins)
    assert (caught.value.rule, caught.value.where) == ("raking", "raking")


def test_no_convergence_names_the_margin():
    """Nobody of the first zone is of the second sex: zone 0 has 4 people and sex 0 only 3."""
    rows, columns = margin("zone", [0, 1, 1], [4, 6]), margin("sex", [0, 0, 1], [3, 7])
    with pytest.raises(EstimationError, match="after 50 passes: cell `zone0` of margin `zone`"):
        rake(np.ones(3), [rows, columns], iterations=50)


def test_no_convergence_names_the_cell_that_is_farthest_away():
    """No pass allowed, ones: zones hold; three of 2.5 are .2 away, and one of 1.5 by 1/3."""
    margins = [margin("zone", [0, 0, 1, 1], [2, 2]), margin("sex", [0, 0, 0, 1], [2.5, 1.5])]
    with pytest.raises(EstimationError, match=r"cell `sex1` of margin `sex` stays 0\.33 of"):
        rake(np.ones(4), margins, iterations=0)


@pytest.mark.parametrize("bound", [1.0, 0.5, np.inf, np.nan])
def test_a_bound_is_a_multiple_above_one(bound):
    with pytest.raises(EstimationError, match="the bound is"):
        cut(np.ones(4), bound=bound)
    with pytest.raises(EstimationError, match="the bound is"):
        rake_below(np.ones(4), [ROWS], bound=bound)


def test_margins_that_do_not_fit_below_the_bound_are_refused():
    """Six people and one interview, 4 for three others: 6 is 4.5 times the median 4/3."""
    one = margin("zone", [0, 0, 0, 1], [4, 6])
    with pytest.raises(EstimationError, match="stay below 3 times the median"):
        rake_below(np.ones(4), [one], bound=3.0, iterations=20)


def test_a_total_that_does_not_fit_below_the_bound_is_refused():
    """Median 1: three times 2 are less than 7."""
    with pytest.raises(EstimationError, match="does not fit below 2 times"):
        cut(np.array([1.0, 1.0, 5.0]), bound=2.0)


# ---- Real margins --------------------------------------------------------------------------------


def test_an_invented_sample_is_raked_to_real_municipalities():
    """Adults of 40 municipalities and the sexes' shares of their people in 2021, DANE.

    The file has the sexes for all ages only, so the second margin is the adults of the 40 shared
    out by the sexes' part of all people.
    """
    path = shared_data("colombia_municipalities/population_2012_2024.csv")
    people = pd.read_csv(path, dtype={"cod_mpio": str}).query("year == 2021")
    people = people.sort_values("cod_mpio").iloc[::28][:40]
    adults = people["adults_18plus"].to_numpy(dtype=float)
    sexes = people[["men", "women"]].sum().to_numpy(dtype=float)
    rng = np.random.default_rng(11)
    n = 40 * 50
    place = np.repeat(np.arange(40), 50)
    sex = (rng.random(n) < 0.62).astype(np.int64)
    margins = [
        margin("municipality", place, adults),
        margin("sex", sex, adults.sum() * sexes / sexes.sum()),
    ]
    found = rake(rng.integers(1, 6, n).astype(float), margins)
    for one in margins:
        # Sums of up to 2,000 weights against a population: the stated tolerance of the task.
        assert sums(found.weights, one) == pytest.approx(one.totals, rel=1e-9)
    assert found.weights.sum() == pytest.approx(adults.sum(), rel=1e-9)
    # the largest of the 40 has hundreds of times the adults of the smallest, and 50 interviews too
    assert adults.max() / adults.min() > 50
    assert design_effect(found.weights) > 2.0
    assert raking.TOLERANCE == 1e-10


def test_populations_that_could_never_hold_together_are_refused_at_once():
    """Half a billionth apart: more than the tolerance, so that no pass could meet both."""
    one, other = margin("zone", [0, 0, 1, 1], [4e6, 6e6]), margin("sex", [0, 1, 0, 1], [5e6, 5e6])
    apart = margin("sex", [0, 1, 0, 1], [5e6, 5e6 + 0.005])
    assert rake(np.ones(4), [one, other]).gap <= raking.TOLERANCE
    with pytest.raises(EstimationError, match=r"margin `zone` has .* people and margin `sex`"):
        rake(np.ones(4), [one, apart])
