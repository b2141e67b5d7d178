"""Classes of damage: the kinds, their first run, and what the new rules find of them.

Numbers of the series are invented: Poisson counts of places whose populations differ.
"""

import numpy as np
import pandas as pd
import pytest

from evaluation.data.rules.round_agreement import limit_of
from evaluation.data.rules.row_stretches import loose, repeated_run
from evaluation.data.series.series_values import (
    exchanged_places,
    people_slope,
    repeated_periods,
    silent_places,
)
from tests.faults.by_class import (
    FIRST,
    KINDS,
    LAST,
    NAMED,
    OUTCOMES,
    outcome,
    stored,
    table,
)
from tests.faults.by_class_reasons import MISLEADING, SILENT
from tests.faults.damage import in_cell
from tests.faults.harness import run
from tests.faults.study import delivery

# one of each class, and one of each outcome
PER_COMMIT = (
    "battery-of-other-round:medellin",
    "column-right-200:medellin",
    "own-avoided-none:somos_comunidad",
    "one-line-third:somos_comunidad",
    "series-rates:somos_comunidad",
    "ids-hashed:medellin",
    "ids-check-digit:medellin",
)


def counts(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts of 60 places in 16 periods, and people of the places."""
    draw = np.random.default_rng(seed)
    people = draw.lognormal(10, 0.8, size=60)
    return draw.poisson(people[:, None] / people.mean() * 20.0, size=(60, 16)).astype(float), people


def test_there_are_sixty_new_kinds_and_each_has_a_class_and_rules():
    assert len(KINDS) == len(NAMED) >= 60
    assert {kind.group for kind in KINDS} == {"D3", "D4", "D5", "D6", "D7", "D8"}
    assert all(kind.rules for kind in KINDS)


def test_both_runs_are_of_these_kinds_and_each_class_is_found_more_often(capsys):
    first, last = (stored(path) for path in (FIRST, LAST))
    assert list(first) == list(last) == list(NAMED)
    before, after = table(first.values()), table(last.values())
    with capsys.disabled():
        print(f"\n{len(last)} kinds by class: {', '.join(OUTCOMES)}; before the rules, and after")
        for group in after:
            print(f"{group}: {before[group]} -> {after[group]}")
    found = {group: (before[group][0], after[group][0]) for group in after}
    # D6 got no rule of its own
    assert all(old < new for group, (old, new) in found.items() if group != "D6"), found


def test_what_is_not_found_has_its_reason_and_nothing_else_has():
    last = stored(LAST).values()
    assert {row["id"] for row in last if row["outcome"] == "silent"} == set(SILENT)
    assert {row["id"] for row in last if row["outcome"] == "misleading"} == set(MISLEADING)


@pytest.mark.parametrize("name", PER_COMMIT)
def test_what_becomes_of_damage_is_what_the_last_run_says(name):
    assert outcome(name) == stored(LAST)[name]["outcome"]


@pytest.mark.faults
@pytest.mark.parametrize("name", sorted(set(NAMED) - set(PER_COMMIT)))
def test_what_becomes_of_all_other_damage_is_what_the_last_run_says(name):
    assert outcome(name) == stored(LAST)[name]["outcome"]


# rules from before, of people drawn anew: one draw in twenty has such a warning
OF_COUNTS = ("heaping", "few-interviews", "near-identical-interview", "interviewer-variance")


def test_twenty_clean_draws_of_the_small_study_have_no_error_and_no_new_word(capsys):
    runs = [run(delivery(s), manifest="renewed", expect=in_cell()).findings for s in range(20)]
    with capsys.disabled():
        told = [f.rule for found in runs for f in found]
        print(f"\n{len(runs)} clean draws run; warnings of rules from before: {sorted(told)}")
    for found in runs:
        assert [f for f in found if f.severity == "error" or f.rule not in OF_COUNTS] == []
    assert len(runs) == 20


def test_clean_counts_have_no_finding_in_twenty_draws():
    for seed in range(20):
        values, people = counts(seed)
        assert repeated_periods(pd.DataFrame(values)) is None
        assert silent_places(values) == (0, 0)
        assert not exchanged_places(values.mean(axis=1), people)
        slope, error = people_slope(values.mean(axis=1), people)
        # counts in proportion to people: a slope of one
        assert abs(slope - 1.0) < 4 * error


def test_damaged_counts_are_found():
    values, people = counts(1)
    carried = values.copy()
    carried[:, -1] = carried[:, -2]
    found = repeated_periods(pd.DataFrame(carried))
    assert found is not None
    assert found[:2] == ("15", "14")
    silent = values.copy()
    silent[people.argmax(), -4:] = 0
    assert silent_places(silent) == (1, 4)
    exchanged = values.mean(axis=1)
    ends = [people.argmin(), people.argmax()]
    exchanged[ends] = exchanged[ends[::-1]]
    assert exchanged_places(exchanged, people)
    slope, error = people_slope(values.mean(axis=1) / people, people)
    assert slope + 3 * error < 0.5


def test_a_pasted_column_is_found_and_twenty_clean_draws_are_not():
    for seed in range(20):
        codes = np.random.default_rng(seed).integers(5, size=2000).astype(np.int32)
        assert repeated_run(codes) is None
        codes[1000:1040] = codes[100:140]
        run = repeated_run(codes)
        assert run is not None
        # answers before or after the block may be alike by chance, some rows at most
        assert run.start - run.other == 900
        assert 40 <= run.length < 50


def ties(seed: int) -> np.ndarray:
    """Ties of 60 items in 300 steps: a usual tie of 2.5 and noise of one."""
    return np.random.default_rng(seed).normal(2.5, 1.0, size=(60, 300))


def test_a_stretch_without_ties_is_found_and_twenty_clean_draws_have_none():
    for seed in range(20):
        drawn = ties(seed)
        assert loose(drawn) == {}
        # forty steps add 2.5^2 / 2 each to a sum whose limit is log(60 x 300 / 0.01) = 14
        drawn[7, 100:140] -= 2.5
        assert list(loose(drawn)) == [7]
        start, end = loose(drawn)[7]
        assert abs(start - 100) <= 20
        assert abs(end - 140) <= 20


def test_the_limit_of_agreement_follows_the_studys_own_questions():
    alike = np.full(20, 0.2)
    assert limit_of(alike) == pytest.approx(0.5)  # 0.2 and the least distance, 0.3
    spread = np.linspace(0.1, 0.3, 21)
    # median 0.2, median distance 0.05: five robust standard deviations of 0.0741 above
    assert limit_of(spread) == pytest.approx(0.2 + 5 * 0.07413, abs=1e-9)
    # nine in ten at most, however widely the questions differ
    assert limit_of(np.linspace(0.0, 1.0, 21)) == pytest.approx(0.9)
