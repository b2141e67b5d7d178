"""Open answers that somebody changed: cut, a part of them, a word exchanged, in another order.

An answer is found by runs of its words that no other answer has, and by most of its words close
together in any order.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

Span = tuple[int, int]
# words of a run, its letters, and how many of its words say something
RUN, RUN_LETTERS, RUN_WORDS, TELLING = 4, 16, 2, 5
# words of an answer that say something, and the part of them that is enough
CONTENT, FEWEST, PART = 4, 4, 0.75
# further words between those of the answer
SPREAD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredAnswers:
    """What altered answers are found by.

    Attributes
    ----------
    runs : mapping of str to tuple of tuple of str
        Runs of words by their longest.
    bags : mapping of str to tuple of (frozenset of str, int)
        Telling words of an answer and its number of words, by each of its two longest words.
    """

    runs: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    bags: Mapping[str, tuple[tuple[frozenset[str], int], ...]] = field(default_factory=dict)


UNALTERED = AlteredAnswers()


def altered(answers: Collection[str]) -> AlteredAnswers:
    """What altered answers are found by.

    Parameters
    ----------
    answers : collection of str
        In lower case without accents, words parted by blanks.
    """
    runs: Counter[tuple[str, ...]] = Counter()
    bags: dict[str, list[tuple[frozenset[str], int]]] = {}
    # in an order of its own: what was searched before is known by what was looked for
    for answer in sorted(answers):
        words = answer.split()
        these = [tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)]
        runs.update(dict.fromkeys(these).keys())
        telling = frozenset(w for w in words if len(w) >= CONTENT and w.isalpha())
        if len(telling) >= FEWEST:
            for word in sorted(telling, key=lambda w: (-len(w), w))[:2]:
                bags.setdefault(word, []).append((telling, len(words)))
    by_word: dict[str, list[tuple[str, ...]]] = {}
    for run, times in runs.items():
        # what several people said in the same words is a phrase of the language
        if times == 1 and _is_telling(run):
            by_word.setdefault(max(run, key=len), []).append(run)
    return AlteredAnswers(
        runs={word: tuple(found) for word, found in by_word.items()},
        bags={word: tuple(found) for word, found in bags.items()},
    )


def _is_telling(run: tuple[str, ...]) -> bool:
    return (
        sum(map(len, run)) >= RUN_LETTERS
        and sum(len(word) >= TELLING and word.isalpha() for word in run) >= RUN_WORDS
    )


def find(
    tokens: list[tuple[str, int]], words: Collection[str], known: AlteredAnswers
) -> Iterator[Span]:
    """Where altered answers stand.

    Parameters
    ----------
    tokens : list of (str, int)
        Words of the text as the answers have them, and where each begins.
    words : collection of str
        The same words, to look up.
    known : AlteredAnswers
        Of :func:`altered`.
    """
    places: dict[str, list[int]] = {}
    for i, (word, _) in enumerate(tokens):
        places.setdefault(word, []).append(i)
    for word in sorted(known.runs.keys() & words):
        for run in known.runs[word]:
            if all(w in places for w in run):
                yield from _runs(tokens, places, run)
    for word in sorted(known.bags.keys() & words):
        for telling, length in known.bags[word]:
            yield from _bags(tokens, places, telling, length)


def is_candidate(words: Collection[str], known: AlteredAnswers) -> bool:
    """Whether a text of these words may hold an altered answer: the quick look.

    Parameters
    ----------
    words : collection of str
        Of the text, in lower case without accents.
    known : AlteredAnswers
        Of :func:`altered`.
    """
    if any(
        all(w in words for w in run) for key in known.runs.keys() & words for run in known.runs[key]
    ):
        return True
    return any(
        sum(word in words for word in telling) >= _enough(telling)
        for key in known.bags.keys() & words
        for telling, _ in known.bags[key]
    )


def _enough(telling: frozenset[str]) -> int:
    return max(FEWEST, math.ceil(PART * len(telling)))


def _runs(
    tokens: list[tuple[str, int]], places: Mapping[str, list[int]], run: tuple[str, ...]
) -> Iterator[Span]:
    for i in places[run[0]]:
        if tuple(word for word, _ in tokens[i : i + RUN]) == run:
            last, at = tokens[i + RUN - 1]
            yield tokens[i][1], at + len(last)


def _bags(
    tokens: list[tuple[str, int]],
    places: Mapping[str, list[int]],
    telling: frozenset[str],
    length: int,
) -> Iterator[Span]:
    """Windows of the answer's length and a little more that hold enough of its words."""
    found = sorted(i for word in telling for i in places.get(word, ()))
    reach, enough = length + SPREAD, _enough(telling)
    for start, _ in pairwise([*found, len(tokens)]):
        here = [i for i in found if start <= i < start + reach]
        if len({tokens[i][0] for i in here}) >= enough:
            word, at = tokens[here[-1]]
            yield tokens[start][1], at + len(word)
            return
