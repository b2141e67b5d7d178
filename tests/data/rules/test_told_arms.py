"""From which columns the arm of a cluster can be told, and which only look like that."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evaluation.data.cleaning.parse import coded_texts
from evaluation.data.form_words import is_only_arm_name
from evaluation.data.rules.told_arms import Told, given_by_few, told


def arms(clusters: int, *names: str) -> np.ndarray:
    """Clusters in arms by turns."""
    return np.array(
        [(names or ("c", "t"))[i % len(names or "ct")] for i in range(clusters)], object
    )


def of(cells: list[str], groups: np.ndarray, *, each: int = 1) -> Told | None:
    """What a column says that has one cell for each cluster, in ``each`` rows of it."""
    texts = pd.Series([cell for cell in cells for _ in range(each)])
    return told(*coded_texts(texts), np.repeat(np.arange(len(cells)), each), groups)


def test_four_values_beside_two_arms_tell_them():
    found = of([str(i % 4) for i in range(40)], arms(40), each=12)
    assert found is not None
    assert found.is_sure()
    assert found.arms == {"0": ("c",), "1": ("t",), "2": ("c",), "3": ("t",)}
    assert (found.contradict, found.of) == (0, 40)


def test_two_values_beside_four_arms_tell_which_of_them():
    found = of([str(i % 4 // 2) for i in range(40)], arms(40, "a", "b", "c", "d"), each=12)
    assert found is not None
    assert found.is_sure()
    assert found.arms == {"0": ("a", "b"), "1": ("c", "d")}


@pytest.mark.parametrize("wrong", [2, 8])
def test_it_is_told_where_nearly_all_clusters_agree(wrong):
    cells = [str(i % 4) for i in range(60)]
    for i in range(wrong):
        cells[7 * i] = str((int(cells[7 * i]) + 1) % 4)
    found = of(cells, arms(60), each=5)
    assert (found is not None and found.is_sure()) == (wrong == 2)
    assert found is None or found.contradict == wrong


def test_what_only_one_group_has_tells_it_by_its_blanks():
    same = of(["" if i % 2 else "3" for i in range(40)], arms(40), each=5)
    assert same is not None
    assert same.arms == {"": ("t",), "3": ("c",)}
    # answers that differ within clusters, asked in one group only
    texts = pd.Series(["" if i % 2 else f"{j}" for i in range(40) for j in range(5)])
    asked = told(*coded_texts(texts), np.repeat(np.arange(40), 5), arms(40))
    assert asked is not None
    assert asked.is_sure()
    assert asked.arms == {"": ("t",), "*": ("c",)}


def test_one_value_of_the_comparison_and_another_in_each_treated_cluster_tells_it():
    found = of(["0" if i % 2 == 0 else f"{i}.5" for i in range(60)], arms(60), each=4)
    assert found is not None
    assert found.is_sure()


def test_another_value_in_every_cluster_tells_nothing():
    for cells in ([f"M{i}" for i in range(60)], [f"{900 + 37 * i}" for i in range(60)]):
        found = of(cells, arms(60), each=4)
        assert found is None or not (found.is_sure(named=True) or found.may_be())


def test_a_block_with_its_share_of_every_arm_tells_nothing():
    assert of([str(i // 4) for i in range(60)], arms(60), each=4) is None


def test_an_answer_that_differs_within_clusters_tells_nothing():
    texts = pd.Series([str((i + j) % 2) for i in range(60) for j in range(4)])
    assert told(*coded_texts(texts), np.repeat(np.arange(60), 4), arms(60)) is None


@pytest.mark.parametrize("name", ["treat", "Z", "treatment_arm", "grupoTratamiento", "arm_2"])
def test_a_name_of_the_groups_alone(name):
    assert is_only_arm_name(name)


@pytest.mark.parametrize("name", ["grupo_etnico", "assigned_plot", "age_group", "7"])
def test_a_name_of_something_else_with_a_word_of_groups(name):
    assert not is_only_arm_name(name)


@pytest.mark.parametrize(
    ("clusters", "judged"),
    # Two values and two arms of equal size agree by chance in 2 of C(n, n/2) deals: 2/20, 2/252,
    # 2/48,620. The bound counts each value's two meanings, so twice that: 0.2, 0.016, 0.00008.
    [(6, (False, False, True)), (10, (False, True, True)), (18, (True, True, True))],
)
def test_few_clusters_are_no_evidence(clusters, judged):
    found = of([str(i % 2) for i in range(clusters)], arms(clusters))
    assert found is not None
    assert (found.is_sure(), found.may_be(), found.is_sure(named=True)) == judged


def test_of_many_random_columns_none_tells_the_arm():
    # 2,000 columns of two to five values in 20 clusters: the expected number of false alarms is
    # below 2,000 x 0.0001, and the draw is fixed
    rng = np.random.default_rng(20211)
    for _ in range(2000):
        cells = [str(v) for v in rng.integers(0, rng.integers(2, 6), 20)]
        found = of(cells, arms(20))
        assert found is None or not found.is_sure()


def interviews_of(cells: Callable[[int, np.random.Generator], str]) -> tuple[Any, ...]:
    """What the rules take of a column in 40 clusters of twelve interviews."""
    rng = np.random.default_rng(7)
    texts = pd.Series([cells(i, rng) for i in range(40) for _ in range(12)])
    return (*coded_texts(texts), np.repeat(np.arange(40), 12), arms(40))


@pytest.mark.parametrize(("code", "share"), [("9", 0.07), ("", 0.10), ("9", 0.4)])
def test_a_copy_of_the_arm_with_missing_answers_tells_it(code, share):
    seen = interviews_of(lambda i, rng: code if rng.random() < share else f"{i % 2}")
    found = told(*seen, seen[1] == code)
    assert found is not None
    assert found.is_sure()
    assert found.arms == {"0": ("c",), "1": ("t",)}
    assert (found.contradict, found.of) == (0, 40)


def test_missing_answers_that_fall_anywhere_tell_nothing():
    seen = interviews_of(lambda _, rng: "9" if rng.random() < 0.3 else f"{rng.integers(2)}")
    assert told(*seen, seen[1] == "9") is None
    assert given_by_few(*seen, seen[1] == "9") is None


@pytest.mark.parametrize("else_", ["0", "", "9"])
def test_an_answer_that_only_the_treated_give_tells_them(else_):
    seen = interviews_of(lambda i, rng: "1" if i % 2 and rng.random() < 0.5 else else_)
    found = given_by_few(*seen, seen[1] == "9")
    assert found is not None
    assert found.contradict <= 1


@pytest.mark.parametrize("comparison", [0.02, 0.1])
def test_an_answer_that_the_treated_give_more_often_tells_nothing(comparison):
    seen = interviews_of(lambda i, rng: f"{int(rng.random() < (0.5 if i % 2 else comparison))}")
    assert told(*seen) is None
    assert given_by_few(*seen) is None
