"""What many rows share is no id, and hits of one text are one line that says how many share it."""

from types import SimpleNamespace

import pandas as pd
import pytest

from evaluation.release import known_identifiers
from evaluation.release.identifier_scan import Hit
from evaluation.release.search import Leaks

SAME = " (the same text in 107 more places) (812 rows of a delivery share it)"
VERSION, NUMBER = str(2024100 + 1), str(4821000 + 375)


def ids_of(column):
    """Ids that an ignored column of a survey file gives."""
    table = pd.DataFrame({"v": column})
    file = SimpleNamespace(ignore_columns=("v",), role="baseline", source="baseline")
    columns = SimpleNamespace(cluster="place")
    dictionary = SimpleNamespace(variables={"place": SimpleNamespace(raw={})})
    found = known_identifiers._Found()
    known_identifiers._ignored(
        found, table, file, (dictionary, SimpleNamespace(columns=columns, panel=None))
    )
    return found.ids


@pytest.mark.parametrize(
    ("shared", "of", "is_id"),
    [(20, 20, False), (2, 20, False), (2, 21, True), (1, 20, True), (1, 5, True), (2, 5, False)],
)
def test_a_code_that_a_tenth_of_the_rows_share_is_no_id(shared, of, is_id):
    rest = [f"{NUMBER}{i:02d}" for i in range(of - shared)]
    assert (VERSION in ids_of([VERSION] * shared + rest)) is is_id
    assert set(rest) <= ids_of([VERSION] * shared + rest)


def test_hits_of_one_text_are_one_line_without_the_text():
    hits = [Hit("raw-id", f"en/site/{i}.html", i, NUMBER) for i in range(1, 109)]
    hits.append(Hit("mobile", "en/a.csv", 3, "x"))
    first, *lines = Leaks(hits, SimpleNamespace(id="s"), {NUMBER: 812}).listed("en").split("\n  ")
    assert "109" in first
    assert lines == [
        f"en/site/1.html, line 1: raw-id{SAME}",
        "en/a.csv, line 3: mobile",
    ]
    assert NUMBER not in "".join(lines)
