"""Rows that moved since a line of the ledger was written, where a respondent has several."""

from types import SimpleNamespace

import pandas as pd
import pytest

from evaluation.data.cleaning.ledger import Correction
from evaluation.data.cleaning.moved_rows import misfit
from evaluation.data.findings import LINE

# two interviews stand under the id a; the second is to get an id of its own
THEN = pd.DataFrame({LINE: [2, 3, 4], "id": ["a", "a", "b"], "age": ["30", "41", "55"]})


def line(**changes: str) -> Correction:
    values = {"row_key": "b.csv:3", "column": "age", "old": "41", "new": "42", "action": "set"}
    rest = dict.fromkeys(("round", "reason", "by", "date"), "")
    return Correction(line=2, delivery="0" * 12, **rest, **{**values, **changes})


def told(entry: Correction, now: pd.DataFrame, then: pd.DataFrame | None = THEN) -> str:
    file = SimpleNamespace(path="b.csv", sha256="f" * 64)
    found = misfit(entry, SimpleNamespace(file=file, frame=now), then, respondent="id")  # type: ignore[arg-type]
    return "" if found is None else " / ".join(str(part) for part in found)


def moved(*rows: tuple[str, str]) -> pd.DataFrame:
    ids, ages = zip(*rows, strict=True)
    return pd.DataFrame({LINE: range(2, 2 + len(rows)), "id": ids, "age": ages})


def test_the_row_of_the_same_id_is_not_taken_for_the_one_that_was_meant():
    """One row was added above: line 3 holds the first interview of a, line 4 the second."""
    now = moved(("c", "20"), ("a", "30"), ("a", "41"), ("b", "55"))
    said = told(line(), now)
    assert "is now at b.csv:4" in said
    assert "row_key" in said


def test_a_row_that_stayed_is_the_one_that_was_meant():
    assert told(line(), moved(("a", "30"), ("a", "41"), ("b", "55"))) == ""


def test_without_a_copy_nobody_can_tell_which_of_several_rows_is_meant():
    now = moved(("c", "20"), ("a", "30"), ("a", "41"))
    drop = line(action="drop", column="id", old="a", new="")
    assert "several rows of the respondent" in told(drop, now, None)


@pytest.mark.parametrize("action", ["drop", "merge"])
def test_the_last_row_of_a_respondent_is_not_advised_away(action):
    """The office took the duplicate out; what is left at another line is the interview itself."""
    now = moved(("b", "55"), ("a", "30"))
    entry = line(action=action, column="id", old="a", new="", row_key="b.csv:2")
    assert "remove the line if the duplicate is gone" in told(entry, now)
