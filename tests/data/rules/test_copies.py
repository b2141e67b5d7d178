"""Pairs of interviews that are alike: the quick way against every pair by hand."""

import itertools

import numpy as np
import pytest

from evaluation.data.rules import near_duplicates
from evaluation.data.rules.near_duplicates import SAME_SHARE, SMALLEST_BATTERY, Codes


def every_pair(coded: Codes, block: np.ndarray) -> set[tuple[int, int, float]]:
    found = set()
    for one, other in itertools.combinations(block.tolist(), 2):
        both = np.sum((coded[one] >= 0) & (coded[other] >= 0), dtype=np.float32)
        same = np.sum((coded[one] == coded[other]) & (coded[one] >= 0), dtype=np.float32)
        if both >= SMALLEST_BATTERY and same >= SAME_SHARE * both:
            found.add((one, other, float(same / both)))
    return found


def interviews(seed: int, values: int) -> Codes:
    """Strangers, copies with up to six answers changed, and answers left out."""
    rng = np.random.default_rng(seed)
    coded = rng.integers(0, values, size=(120, 40)).astype(np.int32)
    for copy in range(40):
        coded[80 + copy] = coded[copy]
        changed = rng.choice(40, size=copy % 7, replace=False)
        coded[80 + copy, changed] = rng.integers(0, values, size=len(changed))
    coded[rng.random(coded.shape) < 0.1 * (seed % 3)] = -1
    return coded


@pytest.mark.parametrize("chunk", [7, 1000])
@pytest.mark.parametrize("values", [2, 5])
@pytest.mark.parametrize("seed", range(6))
def test_pairs_are_those_of_every_pair(seed, values, chunk, monkeypatch):
    monkeypatch.setattr(near_duplicates, "CHUNK", chunk)
    coded = interviews(seed, values)
    block = np.random.default_rng(seed).permutation(120)[:100]
    block.sort()
    expected = every_pair(coded, block)
    found = near_duplicates._alike(coded, block, near_duplicates._probe(coded))
    assert len(expected) > 5
    assert len(found) == len(expected)
    assert set(found) == expected


def test_a_few_questions_are_enough_where_strangers_differ():
    many = np.random.default_rng(1).integers(0, 5, size=(500, 160)).astype(np.int32)
    assert len(near_duplicates._probe(many)) < 60
    assert len(near_duplicates._probe(np.zeros((500, 160), dtype=np.int32))) == 160


def test_questions_that_cost_fewer_columns_come_first():
    """Questions of 50 answers tell strangers apart best, and take ten times the columns of 4."""
    rng = np.random.default_rng(2)
    many = rng.integers(0, 50, size=(4_000, 80)).astype(np.int32)
    few = rng.integers(0, 4, size=(4_000, 80)).astype(np.int32)
    # alone, a question of 4 answers is enough about 41 times, of 50 answers about 23 times
    assert set(near_duplicates._probe(np.hstack([many, few]))) <= set(range(80, 160))
