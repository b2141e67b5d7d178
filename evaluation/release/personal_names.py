"""Names of persons in a text: a first name and a surname side by side, or who is introduced.

The lists and patterns stand in ``personal_names.toml``.
"""

import functools
import re
import unicodedata
from collections.abc import Collection, Iterator

from evaluation.storage.packaged import patterns, read_beside

Span = tuple[int, int]


TABLES = read_beside(__file__)
PATTERN = patterns(TABLES["pattern"])
FIRST, SURNAMES = frozenset(TABLES["first"].split()), frozenset(TABLES["surnames"].split())
# two of these in small letters are words as often as names
WORDS = frozenset(TABLES["words"].split())
# words between the names of two persons, and the longest second name with its blanks
JOINING = ("and", "y", "e", "or", "o", "et", "with", "con")
LONGEST_GAP = 15
LONGEST_NAME = 14
REACH_OF_SURNAMES = 56
DOTTED_I = "\u0130"
# what parts a cell from its neighbours
EDGES = "\n\r\t;\"'<>|[]{}()"


@functools.lru_cache(maxsize=65536)
def _fold(text: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c)
    )


def names(text: str, words: Collection[str]) -> Iterator[Span]:
    """A first name and a surname side by side, or names after words that introduce somebody.

    Parameters
    ----------
    text : str
    words : collection of str
        Its words in lower case; pieces of them may be names.
    """
    if PATTERN["told_lead"].search(text):
        yield from (m.span(1) for m in PATTERN["told"].finditer(text))
    # the quick look, at each word once; a dotted capital I is longer in small letters
    pieces = PATTERN["name"].findall(" ".join(words))
    if DOTTED_I not in text and FIRST.isdisjoint(map(_fold, pieces)):
        return
    plain = {
        word: _fold(word) for word in set(PATTERN["name"].findall(text)) if len(word) < LONGEST_NAME
    }
    if FIRST.isdisjoint(plain.values()):
        return
    before: re.Match[str] | None = None
    for word in PATTERN["name"].finditer(text):
        folded = plain.get(word[0], "")
        if before is not None and folded in SURNAMES and _beside(text, before, word):
            first = _fold(before[0])
            small = word[0].islower() or before[0].islower()
            if not (small and (folded in WORDS or first in WORDS)):
                yield before.start(), word.end()
        if folded in FIRST:
            yield from _surnames_first(text, word)
            before = word
        elif before is not None and not _beside(text, before, word):
            before = None


def _surnames_first(text: str, word: re.Match[str]) -> Iterator[Span]:
    """Surnames, a comma and this first name: two of either, for one of each is how lists are told.

    One surname and one first name count where they fill a cell.
    """
    reach = max(0, word.start() - REACH_OF_SURNAMES)
    head = PATTERN["before_comma"].search(text[reach : word.start()])
    if head is None:
        return
    surnames = [name for name in head.groups() if name]
    listed = [_fold(name) in SURNAMES for name in surnames]
    after = PATTERN["second"].match(text, word.end())
    second = after is not None and _fold(after[1]) in FIRST
    start, end = reach + head.start(), after.end() if after and second else word.end()
    if not any(listed) and not (second and len(surnames) == 2):
        return
    written = [*surnames, word[0]]
    if any(name[0].islower() for name in written) and (
        not all(listed) or any(_fold(name) in WORDS for name in written)
    ):
        return
    # the word before a single surname may be any
    both = len(surnames) == 2 and all(listed)
    if not both and not second:
        start = reach + head.start(len(surnames))
        if not (listed[-1] and _fills(text, start, end)):
            return
    yield start, end


def _fills(text: str, start: int, end: int) -> bool:
    """Whether nothing else stands in the cell."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return (not before or before in EDGES) and (not after or after in EDGES)


def _beside(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether two words stand next to each other, one initial or name between them at most."""
    gap = text[one.end() : other.start()]
    if len(gap) > LONGEST_GAP or gap.strip(" .").lower() in JOINING:
        return False
    return re.fullmatch(r"\s{1,2}|,\s?|\s[^\W\d_]{1,12}\.?\s", gap) is not None
