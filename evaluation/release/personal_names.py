"""Names of persons in a text: a first name and a surname side by side, or who is introduced.

The lists and patterns stand in ``personal_names.toml``.
"""

import functools
import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from evaluation.release.identifiers.pattern_places import Span, standing
from evaluation.storage.packaged import patterns, read_beside

TABLES = read_beside(__file__)
PATTERN = patterns(TABLES["pattern"])
FIRST, SURNAMES = frozenset(TABLES["first"].split()), frozenset(TABLES["surnames"].split())
# surnames of some departments, which are no words: they need no first name that is listed
TELLING = frozenset(" ".join(TABLES["by_department"].values()).split())
# words and places as often as surnames
DIRECTLY, NO_FIRST_NAMES = (frozenset(TABLES[k].split()) for k in ("directly", "no_first_names"))
ANY_SURNAME, LEADING = SURNAMES | TELLING | DIRECTLY, FIRST | TELLING
# two of these in small letters are words as often as names
WORDS = frozenset(TABLES["words"].split()) | DIRECTLY
SHORTEST_FIRST_NAME = 3
# words between the names of two persons, and the longest second name with its blanks
JOINING = ("and", "y", "e", "or", "o", "et", "with", "con")
LONGEST_GAP = 15
# how far the words beside a name may lie
REACH = 48
REACH_OF_SURNAMES = 56
DOTTED_I = "\u0130"
# what parts a cell from its neighbours
EDGES = "\n\r\t;\"'<>|[]{}()"


@functools.lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """A word in small letters without accents, as the lists have it.

    Parameters
    ----------
    text : str
    """
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
    pieces = PATTERN["name"].findall(" ".join(words))
    if DOTTED_I in text:
        # longer in small letters
        text = text.replace(DOTTED_I, "I")
        pieces += PATTERN["name"].findall(text.lower())
    leading = {piece for piece in set(pieces) if fold(piece) in LEADING}
    for start, end in sorted(standing(text.lower(), leading, str.isalpha)) if leading else ():
        first = max(0, start - REACH)
        near = [
            match
            for match in PATTERN["name"].finditer(text, first, end + REACH)
            # not the rest of a word
            if match.start() > first or not first
        ]
        i = next((i for i, match in enumerate(near) if match.span() == (start, end)), None)
        if i is not None:
            yield from _by_department(text, near, i)
            yield from _by_first_name(text, near, i)


def _by_first_name(text: str, near: Sequence[re.Match[str]], i: int) -> Iterator[Span]:
    """A listed first name before a surname, one initial or name between, or behind surnames."""
    first = near[i]
    if fold(first[0]) not in FIRST:
        return
    yield from _surnames_first(text, first)
    yield from _two_surnames(text, near[max(0, i - 2) : i + 1])
    for word in near[i + 1 : i + 3]:
        folded = fold(word[0])
        if not _beside(text, first, word):
            return
        small = word[0].islower() or first[0].islower()
        if folded in DIRECTLY:
            named = not small and _directly(text, near[max(0, i - 1) : i], first, word)
        else:
            named = not (small and (folded in WORDS or fold(first[0]) in WORDS))
        if named and folded in ANY_SURNAME:
            yield first.start(), word.end()
        if folded in FIRST:
            return


def _gap(text: str, one: re.Match[str], other: re.Match[str]) -> bool:
    """Whether one or two blanks are all that is between two words, on one line."""
    between = text[one.end() : other.start()]
    return 0 < len(between) <= 2 and between.isspace() and "\n" not in between


def _directly(
    text: str, ahead: Sequence[re.Match[str]], first: re.Match[str], word: re.Match[str]
) -> bool:
    """Whether a word or place is a surname here: behind a first name, in no name of a place."""
    place = ahead and _gap(text, ahead[0], first) and fold(ahead[0][0]) in NO_FIRST_NAMES
    return _gap(text, first, word) and not place


def _by_department(text: str, near: Sequence[re.Match[str]], i: int) -> Iterator[Span]:
    """Surnames that are no words, with a name in capitals before them or a surname behind."""
    word = near[i]
    if fold(word[0]) not in TELLING or word[0].islower():
        return
    for one in near[max(0, i - 1) : i]:
        name = len(one[0]) >= SHORTEST_FIRST_NAME and one[0][0].isupper()
        if name and _gap(text, one, word) and fold(one[0]) not in NO_FIRST_NAMES:
            yield one.start(), word.end()
    for other in near[i + 1 : i + 2]:
        named = other[0][0].isupper() and fold(other[0]) in ANY_SURNAME
        if named and _gap(text, word, other):
            yield word.start(), other.end()


def _two_surnames(text: str, three: Sequence[re.Match[str]]) -> Iterator[Span]:
    """Two surnames and a first name, without a comma, as registers list people."""
    if len(three) < 3 or not all(_gap(text, *pair) for pair in pairwise(three)):
        return
    one, two, _ = surnames = [fold(word[0]) for word in three]
    small = any(word[0][0].islower() for word in three)
    if {one, two} <= ANY_SURNAME and not (small and not WORDS.isdisjoint(surnames)):
        yield three[0].start(), three[-1].end()


def _surnames_first(text: str, word: re.Match[str]) -> Iterator[Span]:
    """Surnames, a comma and this first name: two surnames or two first names at least.

    Lists of other words often have one of each. One surname and one first name count where they
    fill a cell.
    """
    reach = max(0, word.start() - REACH_OF_SURNAMES)
    head = PATTERN["before_comma"].search(text[reach : word.start()])
    if head is None:
        return
    surnames = [name for name in head.groups() if name]
    listed = [fold(name) in SURNAMES for name in surnames]
    after = PATTERN["second"].match(text, word.end())
    second = after is not None and fold(after[1]) in FIRST
    start, end = reach + head.start(), after.end() if after and second else word.end()
    if not any(listed) and not (second and len(surnames) == 2):
        return
    written = [*surnames, word[0]]
    if any(name[0].islower() for name in written) and (
        not all(listed) or any(fold(name) in WORDS for name in written)
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
