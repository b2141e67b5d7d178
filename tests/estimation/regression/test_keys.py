"""Cluster ids as text: sorted, and told apart."""

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.regression.rows import alike, encode


def test_ids_are_sorted_as_text():
    """By hand: "10" comes before "9"."""
    ids, codes = encode(np.array([9, 10, 9]), 3)
    assert ids == ("10", "9")
    assert codes.tolist() == [1, 0, 1]


@pytest.mark.parametrize("kind", [list, lambda ids: pd.Series(ids, dtype=object)])
def test_two_ids_that_read_the_same_are_refused(kind):
    with pytest.raises(EstimationError, match="two different cluster ids read as 0"):
        encode(kind([0, "0", "1"]), 3)


def test_the_first_text_that_two_values_have():
    assert alike(["b", 2, "a", "2", 1, "1"]) == "1"
    assert not alike([1, 2, "3"])
