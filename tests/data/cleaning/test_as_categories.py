"""Cells as categories are the cells, each distinct text once."""

import pandas as pd
import pytest

from evaluation.data.cleaning.clean import plain_kinds
from evaluation.data.cleaning.parse import as_categories, coded_texts
from evaluation.data.findings import LINE

CELLS = ["b", "", "a", "b", "ñ", "", "b", ""]


@pytest.mark.parametrize("cells", [CELLS, []])
def test_what_is_written_is_what_was_delivered(cells):
    texts = pd.Series(cells, dtype="str")
    frame = pd.DataFrame({"x": texts, "y y": texts[::-1].array, LINE: range(2, 2 + len(cells))})
    coded = as_categories(frame)
    assert coded["x"].dtype == "category"
    assert coded[LINE].tolist() == frame[LINE].tolist()
    pd.testing.assert_frame_equal(plain_kinds(coded), frame)


def test_places_and_distinct_texts_are_those_of_the_texts():
    texts = pd.Series(CELLS, dtype="str")
    coded = as_categories(pd.DataFrame({"x": texts}))["x"]
    (places, distinct), (others, same) = coded_texts(texts), coded_texts(coded)
    assert places.tolist() == others.tolist() == [0, 1, 2, 0, 3, 1, 0, 1]
    assert distinct.tolist() == same.tolist() == ["b", "", "a", "ñ"]
