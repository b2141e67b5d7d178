"""Tables of two releases are compared number by number, whatever marks their language has."""

import pytest

from evaluation.release.published_tables import difference

HEAD = "row;estimate;text\n"


def table(number: str, text: str = "a, b") -> bytes:
    return f"{HEAD}one;{number};{text}\n".encode("utf-8-sig")


def test_the_same_number_to_nine_digits_is_the_same_behind_a_decimal_comma():
    """Nine digits are what is promised between machines (release.RELATIVE)."""
    assert difference("t.csv", table("-0,1234567890123"), table("-0,1234567890124")) is None
    assert difference("t.csv", table("1,5e-07"), table("1,5000000000001e-07")) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (table("0,2"), "line 2, column estimate: 0.1 here, 0.2 there"),
        (table("0,1", "a, c"), "line 2, column text: a, b here, a, c there"),
        (table("0,1;9"), "line 2 has a different number of cells"),
    ],
)
def test_what_differs_is_named_with_its_column(other, said):
    assert str(difference("t.csv", table("0,1"), other)) == said


def test_between_commas_nothing_is_a_decimal_comma():
    ours, theirs = b'row,text\none,"1,5"\n', b'row,text\none,"1,5000000000001"\n'
    assert str(difference("t.csv", ours, theirs)).startswith("line 2, column text")
