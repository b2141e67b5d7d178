"""The quick looks of the search lose nothing: with and without them the same is found.

The truth is the longer pattern itself, asked of every line of the tests of the search, which hold
an example of all that it finds, and of three lines together.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.release import identifier_patterns, personal_names
from evaluation.release.identifier_patterns import SEARCHES, pattern_hits
from evaluation.release.identifier_scan import PARTING, normal

HERE = Path(__file__).parent
NAMES = ("leaks", "leak_rules", "leaks_sixty", "markup", "outlets")
LINES = [
    normal(line)
    for name in NAMES
    for path in sorted(HERE.glob(f"test_{name}.*"))
    for line in path.read_text("utf-8").splitlines()
    if line.strip()
]
# alone, as a literal of Python, and three together
TEXTS = [
    *LINES,
    *(line.strip(" ,\"'()[]f") for line in LINES),
    *("\n".join(LINES[i : i + 3]) for i in range(len(LINES) - 2)),
    *(line.upper() for line in LINES),
]
# of which no line there is an example
TEXTS += [
    *(f"{word}{sign}rosa_flor" for word in ("insta", "instagram") for sign in (": ", " =", " @")),
    *(f"ig{blank}@rosa_flor" for blank in (" ", "  ", "\t")),
    *(f"rosa{a}at{b}casa.co" for a in ("(", " [ ", "{\t") for b in (")", " ] ", "\t}")),
    *(f"rosa at casa {dot} co" for dot in ("dot", "punto")),
    "rosa arroba casa punto co",
]
QUICK = ("dotted_lead", "long_lead", "thousand_lead", "called_lead", "address_lead")


def found(text):
    lower = text.lower()
    words = set(lower.translate(PARTING).split())
    return {hit for cells in (True, False) for hit in pattern_hits(text, lower, words, cells=cells)}


def test_the_same_is_found_without_quick_looks(monkeypatch):
    quick = [found(text) for text in TEXTS]
    rules = {rule for hits in quick for rule, _ in hits}
    assert rules >= {search.rule for search in SEARCHES} | {"mobile", "name"}
    monkeypatch.setattr(
        identifier_patterns,
        "SEARCHES",
        tuple(replace(search, leads=(), lead=None) for search in SEARCHES),
    )
    anything = re.compile("")
    for name in QUICK:
        monkeypatch.setitem(identifier_patterns.PATTERN, name, anything)
    monkeypatch.setitem(personal_names.PATTERN, "told_lead", anything)
    monkeypatch.setattr(personal_names, "FIRST", Everything(personal_names.FIRST))
    for text, hits in zip(TEXTS, quick, strict=True):
        assert found(text) == hits, text


class Everything(frozenset):
    """First names of which no text is said to hold none."""

    def isdisjoint(self, _):
        return False


@pytest.mark.parametrize("name", ["Irma", "\u0130rma", "JOS\u00c9", "jos\u00e9", "Jos\u00c9"])
@pytest.mark.parametrize("beside", ["{} x", "7{}", "_{}_", "\u20ac{}", "x.{}", "{}\u00b2"])
def test_a_first_name_is_seen_however_it_is_written(monkeypatch, name, beside):
    monkeypatch.setattr(personal_names, "FIRST", frozenset({"irma", "jose"}))
    text = beside.format(name) + f", {name} Perez"
    words = set(text.lower().translate(PARTING).split())
    assert list(personal_names.names(text, words))
