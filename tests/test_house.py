"""The package's plan: no full folder, no long module, and measures that count what they say."""

from collections import Counter

import pytest

from tools import house

FULLEST = 25


def lengths():
    paths = house.modules(house.ROOT)
    return {name: path.read_text(encoding="utf-8").count("\n") for name, path in paths.items()}


def test_no_folder_holds_too_many_modules():
    found = house.folders(house.ROOT)
    assert {f: n for f, n in found.items() if n > FULLEST} == {}


def test_no_module_is_too_long():
    assert {m: n for m, n in lengths().items() if n > house.LONGEST} == {}


FIRST = '''"""A module
on two lines."""

import re

from evaluation.report import (
    other,
)

NAMED = Text(en="a", es="b")  # a comment


def first(found):
    """One line."""

    # nothing
    return re.search("a", found.problem) or HOLE.sub("", other.text)
'''
OTHER = '''"""Another."""


def second(text):
    return text.sub("a", text.problem), re.sub("a", "", text)
'''


@pytest.fixture
def small(tmp_path):
    for name, text in {"first": FIRST, "other": OTHER, "__init__": ""}.items():
        path = tmp_path / "evaluation" / "report" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_small_package_is_measured_by_hand(small):
    """Code of the first: 1 + 3 lines of imports, 1 of a name, 2 of a function; of the other 2."""
    assert house.folders(small) == Counter({"evaluation/report": 2})
    assert list(house.measures(small).values()) == [
        *(2, 9),
        *(0, 0, 9),  # neither of the two is the engine's
        *(0, 0, 0),  # no private word, no name twice, none near the limit
        *(2, 2, 0),
        1,  # `other` is imported by `first` alone
        44.4,  # 4 of 9 lines
        *(3.5, pytest.approx(4.7)),  # functions of 5 and 2 lines, docstring and blanks counted
        1,
        2,  # a field that holds a sentence, and a pattern of the list
    ]
