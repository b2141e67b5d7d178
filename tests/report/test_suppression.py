"""Complementary suppression against an attacker who solves linear programmes with scipy."""

import itertools

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from evaluation.config.confidentiality import is_withheld
from evaluation.report.complementary_suppression import (
    PublishedSum,
    exposed,
    feasible,
    largest,
    suppress,
)
from evaluation.report.tables.sample_flow import shown_counts
from tests.report import examples

MINIMUM = 10
# 100 single and 100 linked tables; a case that fails is not made smaller, which takes minutes
SETTINGS = settings(max_examples=100, phases=(Phase.explicit, Phase.generate))


def table(counts, name="t", row_totals="rows"):
    """Cells and margins of a table with row totals, column totals and their total.

    ``row_totals`` names the keys of row totals: tables of the same name share them.
    """
    counts = np.asarray(counts)
    rows, columns = counts.shape
    cells = {(name, i, j): int(counts[i, j]) for i in range(rows) for j in range(columns)}
    cells |= {(row_totals, i): int(counts[i].sum()) for i in range(rows)}
    cells |= {(name, "column", j): int(counts[:, j].sum()) for j in range(columns)}
    cells[row_totals, "all"] = int(counts.sum())
    margins = [
        *(
            PublishedSum((row_totals, i), tuple((name, i, j) for j in range(columns)))
            for i in range(rows)
        ),
        *(
            PublishedSum((name, "column", j), tuple((name, i, j) for i in range(rows)))
            for j in range(columns)
        ),
        PublishedSum((row_totals, "all"), tuple((row_totals, i) for i in range(rows))),
        PublishedSum((row_totals, "all"), tuple((name, "column", j) for j in range(columns))),
    ]
    return cells, margins


def equations(cells, margins, unknown):
    left, right = [], []
    for margin in margins:
        row = [0.0] * len(unknown)
        value = 0.0
        for key, sign in [(margin.total, -1), *((p, 1) for p in margin.parts)]:
            if key in unknown:
                row[unknown.index(key)] += sign
            else:
                value -= sign * cells[key]
        left.append(row)
        right.append(value)
    return left, right


class Reader:
    """What a reader can work out of the cells that are not withheld, by linear programmes."""

    def __init__(self, cells, margins, hidden):
        self.unknown = sorted(hidden, key=str)
        self.equations = equations(cells, margins, self.unknown)
        self.true = np.array([cells[key] for key in self.unknown], dtype=float)
        # values of withheld cells that stand in a table which agrees with all that is shown
        self.low, self.high = self.true.copy(), self.true.copy()

    def end(self, i, *, sign):
        """Largest (sign 1) or smallest (-1) value of a cell that a reader cannot rule out."""
        goal = np.zeros(len(self.unknown))
        goal[i] = -sign
        left, right = self.equations
        solved = linprog(goal, A_eq=left, b_eq=right, bounds=(0, None), method="highs")
        assert solved.status in (0, 3)  # solved, or without a bound
        if solved.status == 3:
            return np.inf
        self.low, self.high = np.minimum(self.low, solved.x), np.maximum(self.high, solved.x)
        return -sign * solved.fun

    def is_known(self, i):
        """Whether a cell is known to within nine: neither end of its range is ten away."""
        true, far = self.true[i], MINIMUM - 1e-6
        # a table found on the way to another cell's end may say that this one's is far
        if self.high[i] - true >= far or true - self.low[i] >= far:
            return False
        high = self.end(i, sign=1)
        assert high >= true - 1e-6
        return high - true < far and true - self.end(i, sign=-1) < far

    def known(self):
        """Keys of the withheld cells that are known."""
        return {key for i, key in enumerate(self.unknown) if self.is_known(i)}


def assert_protected(cells, margins, hidden):
    assert Reader(cells, margins, hidden).known() == set()


counts = st.integers(0, 60) | st.integers(0, 15)


@st.composite
def tables(draw):
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    return draw(
        st.lists(st.lists(counts, min_size=columns, max_size=columns), min_size=rows, max_size=rows)
    )


@st.composite
def linked(draw):
    """Two tables whose row totals are the same people, cut another way."""
    first = np.array(draw(tables()))
    columns = draw(st.integers(2, 3))
    second = []
    for total in first.sum(axis=1):
        cuts = sorted(draw(st.integers(0, int(total))) for _ in range(columns - 1))
        second.append(np.diff([0, *cuts, total]))
    return first, np.array(second)


@pytest.mark.property
@given(tables())
@SETTINGS
def test_no_cell_of_a_table_can_be_worked_out(drawn):
    cells, margins = table(drawn)
    hidden = suppress(cells, margins, minimum=MINIMUM)
    assert {key for key, n in cells.items() if 0 < n < MINIMUM} <= hidden
    assert_protected(cells, margins, hidden)


@pytest.mark.property
@given(linked())
@SETTINGS
def test_no_cell_of_two_tables_that_share_a_margin_can_be_worked_out(drawn):
    first, second = drawn
    cells, margins = table(first, "a")
    more, and_margins = table(second, "b")
    assert cells.items() & more.items()
    both, known = cells | more, [*margins, *and_margins]
    hidden = suppress(both, known, minimum=MINIMUM)
    assert_protected(both, known, hidden)


@pytest.mark.property
@given(tables(), st.data())
@SETTINGS
def test_own_simplex_agrees_with_scipy(drawn, data):
    cells, margins = table(drawn)
    hidden = data.draw(st.sets(st.sampled_from(sorted(cells, key=str)), min_size=1, max_size=9))
    found = exposed(cells, margins, hidden, minimum=MINIMUM)
    assert found == Reader(cells, margins, hidden).known()


def test_by_hand_one_row():
    # 4 + 30 + 50 = 84: 4 is small, and 30 protects it: the two sum to 34, so 4 may be 0 to 34
    cells = {"total": 84, "a": 4, "b": 30, "c": 50}
    margins = [PublishedSum("total", ("a", "b", "c"))]
    assert suppress(cells, margins, minimum=10) == {"a", "b"}
    # 4 + 6: each may be 0 to 10, the first reaches 10 only from 0, so 4 is known to within 6
    cells = {"total": 90, "a": 4, "b": 6, "c": 80}
    assert suppress(cells, margins, minimum=10) == {"a", "b", "c"}


def test_by_hand_a_rectangle():
    # the small corner needs a second cell in its row and in its column, and those a fourth: the
    # smallest rectangle is that of the twenties
    cells, margins = table([[5, 20, 90], [20, 25, 90], [90, 90, 90]])
    hidden = suppress(cells, margins, minimum=10)
    assert hidden == {("t", 0, 0), ("t", 0, 1), ("t", 1, 0), ("t", 1, 1)}


def test_no_further_cell_is_withheld_in_vain():
    # the greedy search takes (1, 2) on its way to a ring of six, which does without it
    cells, margins = table([[20, 50, 30], [30, 20, 20], [50, 5, 40]])
    hidden = suppress(cells, margins, minimum=10)
    assert ("t", 1, 2) not in hidden
    assert len(hidden) == 6
    for key in hidden - {("t", 2, 1)}:
        assert exposed(cells, margins, hidden - {key}, minimum=10)


def test_of_two_that_could_be_opened_again_it_is_the_larger():
    # on the way all are withheld but the sum of all, 34; either 12 or 13 is not needed
    cells, margins = table([[12, 13], [7, 2]])
    hidden = suppress(cells, margins, minimum=10)
    assert ("t", 0, 0) in hidden
    assert ("t", 0, 1) not in hidden
    for key in (("t", 0, 0), ("t", 0, 1)):
        both = hidden | {("t", 0, 1)}
        assert exposed(cells, margins, both - {key}, minimum=10) == frozenset()


def test_a_table_without_small_cells_loses_none_to_another():
    # 8 + 30 + 50 = 88 beside 12 + 13 = 25: smaller cells that stand elsewhere protect nothing
    cells = {"all": 88, "a": 8, "b": 30, "c": 50, "other": 25, "d": 12, "e": 13}
    margins = [PublishedSum("all", ("a", "b", "c")), PublishedSum("other", ("d", "e"))]
    assert suppress(cells, margins, minimum=10) == {"a", "b"}


def test_without_small_cells_nothing_is_withheld():
    cells, margins = table([[10, 0], [0, 11]])
    assert suppress(cells, margins, minimum=10) == frozenset()


def test_a_secret_cell_is_protected_like_a_small_one():
    cells, margins = table([[50, 40], [30, 60]])
    hidden = suppress(cells, margins, minimum=10, secret=frozenset({("t", 1, 1)}))
    assert hidden == {("t", i, j) for i, j in itertools.product((0, 1), repeat=2)}


def test_a_linked_total_takes_the_other_table_along():
    # table b shows the row totals of a as single cells of one column: withheld in a, told by b
    cells, margins = table([[3, 40], [60, 70]])
    cells["b", 0], cells["b", 1] = 43, 130
    margins = [
        *margins,
        PublishedSum(("rows", 0), (("b", 0),)),
        PublishedSum(("rows", 1), (("b", 1),)),
    ]
    hidden = suppress(cells, margins, minimum=10)
    assert_protected(cells, margins, hidden)


def test_a_cell_that_stands_elsewhere_protects_nobody():
    cells = {"total": 84, "a": 4, "b": 30, "c": 50}
    margins = [PublishedSum("total", ("a", "b", "c"))]
    found = suppress(cells, margins, minimum=10, elsewhere=frozenset({"b"}))
    assert found == {"a", "c"}
    # but a small one is withheld wherever it stands
    small = {"total": 80, "a": 4, "b": 6, "c": 70}
    assert "b" in suppress(small, margins, minimum=10, elsewhere=frozenset({"b"}))


def test_parts_of_a_printed_sum_have_a_range_as_wide_as_the_sum():
    # 6 + 5 = 11: each is 0 to 11, as wide as ten; 5 + 4 = 9 is not, and takes its sum along
    margins = [PublishedSum("sum", ("a", "b"))]
    eleven = {"sum": 11, "a": 6, "b": 5}
    assert suppress(eleven, margins, minimum=10, range_="wide") == {"a", "b"}
    assert suppress(eleven, margins, minimum=10) == {"a", "b", "sum"}
    nine = {"sum": 9, "a": 5, "b": 4}
    assert suppress(nine, margins, minimum=10, range_="wide") == {"a", "b", "sum"}


STEPS = (("dropped", "a"), ("dropped", "b"), ("no_consent", ""), ("excluded", "x"))


@pytest.mark.property
@given(st.lists(counts, min_size=1, max_size=4), counts | st.integers(100, 900))
@SETTINGS
def test_no_withheld_count_of_the_sample_flow_can_be_worked_out(sizes, valid):
    left_out, total = sum(sizes), sum(sizes) + valid
    steps = STEPS[: len(sizes)]
    numbers = {
        ("delivered", ""): total,
        ("valid", ""): valid,
        **dict(zip(steps, sizes, strict=True)),
    }
    flow = tuple(
        examples.flow("baseline", "treated", step, n, reason=reason)
        for (step, reason), n in numbers.items()
    )
    shown = shown_counts(examples.source(flow=flow))
    cells = numbers | {("left_out", ""): left_out}
    hidden = {key for key in cells if is_withheld(shown["baseline", *key, "treated"].n)}
    assert {key for key, n in cells.items() if 0 < n < MINIMUM} <= hidden
    margins = [
        PublishedSum(("left_out", ""), steps),
        PublishedSum(("delivered", ""), (("left_out", ""), ("valid", ""))),
    ]
    reader = Reader(cells, margins, hidden)
    for i, key in enumerate(reader.unknown):
        high, low = (reader.end(i, sign=sign) for sign in (1, -1))
        assert high - low >= MINIMUM - 1e-6, key
    # valid interviews stand beside every mean: they are withheld only where they are few
    assert (("valid", "") in hidden) is (0 < valid < MINIMUM)


def test_a_margin_that_does_not_hold_is_refused():
    with pytest.raises(ValueError, match="do not sum"):
        suppress({"t": 5, "a": 1, "b": 3}, [PublishedSum("t", ("a", "b"))], minimum=10)


@pytest.mark.truth
def test_largest_of_a_textbook_programme():
    # maximise 3x + 5y with x <= 4, 2y <= 12, 3x + 2y <= 18: 36 at (2, 6), the first example of
    # Hillier and Lieberman, Introduction to Operations Research (Wyndor Glass); slacks are added
    rows = np.array(
        [[1.0, 0, 1, 0, 0], [0, 2.0, 0, 1, 0], [3.0, 2.0, 0, 0, 1]],
    )
    goal = np.array([3.0, 5.0, 0, 0, 0])
    values = np.array([4.0, 12.0, 18.0])
    table, basis = feasible(rows, values)
    assert largest(table, basis, goal, enough=np.inf) == pytest.approx(36.0, abs=1e-9)
    # the next goals start from where the last one ended
    assert largest(table, basis, np.array([0, 0, 0, 0, 1.0]), enough=np.inf) == pytest.approx(18)
    assert largest(table, basis, goal, enough=10.0) >= 10.0
    free = feasible(np.array([[1.0, -1.0]]), np.array([0.0]))
    assert largest(*free, np.ones(2), enough=np.inf) == np.inf
