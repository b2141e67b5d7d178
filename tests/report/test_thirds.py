"""Thirds of two groups: no number of few places can be worked out from the numbers beside it."""

import itertools

import numpy as np
import pytest

from evaluation.report.suppression import Margin, exposed
from evaluation.report.thirds import withheld_thirds

THIRDS = ("low", "middle", "high")


def parts(treated: tuple[int, ...], comparison: tuple[int, ...]) -> dict[tuple[str, str], int]:
    rows = {"treated": treated, "comparison": comparison}
    return {(g, t): n for g, x in rows.items() for t, n in zip(THIRDS, x, strict=True)}


def test_where_all_parts_are_large_nothing_is_withheld() -> None:
    found = withheld_thirds(parts((11, 14, 10), (13, 9, 13)), secret=(), minimum=3)
    assert (found.levels, found.counts) == (frozenset(), frozenset())


def test_a_small_third_takes_one_of_its_group_and_the_numbers_across() -> None:
    """2 of 35: 33 less 14 would be it, and the 15 places in the low third less the other's 13."""
    found = withheld_thirds(parts((2, 14, 19), (13, 9, 13)), secret=(), minimum=3)
    assert found.levels == {("treated", "low"), ("treated", "middle")}
    assert found.counts == found.levels | {("comparison", "low"), ("comparison", "middle")}


def test_a_secret_third_is_withheld_however_large() -> None:
    found = withheld_thirds(
        parts((11, 14, 10), (13, 9, 13)), secret=[("comparison", "high")], minimum=3
    )
    assert found.levels == {("comparison", "high"), ("comparison", "middle")}
    assert found.counts > found.levels


def test_a_group_in_one_third_is_not_told_by_its_whole() -> None:
    found = withheld_thirds(parts((35, 0, 0), (13, 9, 13)), secret=[("treated", "low")], minimum=3)
    assert ("treated", "low") in found.levels


@pytest.mark.property
def test_no_number_of_few_places_is_known_to_within_the_minimum() -> None:
    """All whole groups, and both groups together in each third, are known to a reader."""
    draw, often = np.random.default_rng(7), 0
    for _ in range(150):
        drawn = [tuple(int(n) for n in draw.choice([0, 1, 2, 3, 5, 12, 40], 3)) for _ in "ab"]
        counts = parts(*drawn)
        found = withheld_thirds(counts, secret=(), minimum=3)
        assert {part for part, n in counts.items() if 0 < n < 3} <= found.levels <= found.counts
        cells, margins = dict(counts), []
        for name, across in itertools.chain(
            ((g, False) for g in ("treated", "comparison")), ((t, True) for t in THIRDS)
        ):
            inside = tuple(part for part in counts if part[across] == name)
            cells[name] = sum(counts[part] for part in inside)
            # a whole that is small itself protects nothing, and is no secret of these thirds
            if cells[name] >= 3:
                margins.append(Margin(name, inside))
        weak = exposed(cells, margins, found.counts, minimum=3, range_="wide")
        # where the known sums alone say so much, every number is withheld
        assert weak == frozenset() or found.counts == set(counts), drawn
        often += weak == frozenset()
    assert often > 100
