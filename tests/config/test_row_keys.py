"""What a row is about, as text and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.estimation import row_keys
from evaluation.estimation.row_keys import (
    BORDERING,
    WHOLE,
    ArmRound,
    Covariate,
    Implied,
    Lagged,
    LeaveOut,
    Outside,
    Pair,
    Part,
    Question,
    Ring,
    parse,
)

KEYS = {
    "all": WHOLE,
    "women": Part("women"),
    "without:S.A PRADO": LeaveOut("S.A PRADO"),
    "without:a:b": LeaveOut("a:b"),
    "ring:bordering": BORDERING,
    "ring:0-20": Ring("0-20"),
    "ring:effect": Outside(),
    "beyond:40": Outside("40"),
    "lagged": Part("lagged"),
    "lagged:corrected": Lagged("corrected"),
    "treated:baseline": ArmRound("treated", "baseline"),
    "item:q1": Question("q1"),
    "item:q1:treated:baseline": ArmRound("treated", "baseline", "q1"),
    "item:q1:implied": Implied("q1"),
    "implied": Implied(),
    "covariate:age": Covariate("age"),
    "covariate:age=1:2=3": Covariate("age", "1:2=3"),
    "difference:to_29-from_30": Pair("to_29", "from_30"),
    # what no kind of key makes is a name
    "difference:a": Part("difference:a"),
    "covariate:age=": Part("covariate:age="),
    "beyond:": Part("beyond:"),
}


@pytest.mark.parametrize("text", KEYS)
def test_keys_and_their_texts(text):
    assert parse(text) == KEYS[text]
    assert KEYS[text].text() == text


@pytest.mark.parametrize("word", row_keys.WORDS)
def test_every_word_is_of_one_kind(word):
    assert type(parse(f"{word}:a-b")) is row_keys.WORDS[word]


@given(st.one_of(st.text(), st.from_regex(r"[a-z_]+(:[a-z0-9=-]*){0,4}", fullmatch=True)))
def test_any_text_comes_back(text):
    assert parse(text).text() == text


def test_keys_of_two_kinds_are_never_equal():
    assert LeaveOut("a") != Part("a")
    assert len({LeaveOut("a"), Part("a"), Ring("a")}) == 3
