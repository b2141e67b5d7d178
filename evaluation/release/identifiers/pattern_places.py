"""The table of patterns, and where a word, a piece or a pattern is in a text."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

from evaluation.storage.packaged import patterns, read_beside

Span = tuple[int, int]

TABLES = read_beside(Path(__file__).parent.as_posix(), "identifier_patterns.toml")
PATTERN = patterns(TABLES["pattern"])
LONELY = "\n\r\t,;\"'<>|[]{}()"
# signs and blanks that look like plain ones, letter by letter
PLAIN = {"\u00a0": " ", "\u2007": " ", "\u2009": " ", "\u202f": " ", "\u2010": "-",
         "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2212": "-"}  # fmt: skip
# letters and signs that nobody sees
PLAIN |= dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
# signs of addresses of the web: %20 to %40 are the blank, punctuation, digits and @; then accents
ESCAPED = re.compile(r"%(?:2[0-9A-F]|3[0-9A-F]|40|C[2-5]%[89AB][0-9A-F])", re.IGNORECASE)
# everything that parts words, for the quick look at which words a text has
PARTING = {i: " " for i in range(0x2040) if not (chr(i).isalnum() or chr(i) == "_")}


def normal(text: str) -> str:
    """Text in composed letters, plain blanks and hyphens, signs of web addresses decoded."""
    text = ESCAPED.sub(lambda found: unquote(found[0]), text) if "%" in text else text
    if not text.isascii():
        for sign, plain in PLAIN.items():
            text = text.replace(sign, plain)
        text = unicodedata.normalize("NFC", text)
    return text


def around(
    text: str, pattern: re.Pattern[str], before: re.Pattern[str], reach: int
) -> Iterator[Span]:
    """Matches of a pattern that also end what must stand before them.

    Parameters
    ----------
    text : str
    pattern, before : Pattern
    reach : int
        Length of the longest text before a match.
    """
    for match in pattern.finditer(text):
        start = max(0, match.start() - reach)
        head = before.search(text[start : match.start()])
        if head:
            yield start + head.start(), match.end()


def decimals(text: str, start: int) -> bool:
    """Whether the digits from here on follow the decimal comma of an element's number.

    Parameters
    ----------
    text : str
    start : int
        Where they begin.
    """
    return PATTERN["whole_part"].search(text[max(0, start - 20) : start]) is not None


def alone(text: str, start: int, end: int) -> bool:
    """Whether what stands there fills its cell; a program may have written it with ``.0``.

    Parameters
    ----------
    text : str
    start : int
        Where it begins.
    end : int
        The first place behind it.
    """
    zeros = PATTERN["zeros"].match(text, end)
    end = zeros.end() if zeros else end
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return (not before or before in LONELY) and (not after or after in LONELY)


def occurrences(text: str, piece: str) -> Iterator[int]:
    """Where each occurrence of a piece begins, overlapping ones too.

    Parameters
    ----------
    text : str
    piece : str
        What is looked for.
    """
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + 1)


def standing(
    text: str, words: set[str] | frozenset[str], joins: Callable[[str], bool] | None = None
) -> Iterator[Span]:
    """Where each of the words stands as a word of its own: no letter that joins beside it.

    Parameters
    ----------
    text : str
    words : set of str] or frozenset[str
        What is looked for.
    joins : callable or None
        Whether a letter beside a word makes it another word.
    """
    joins = joins or is_joining
    for word in sorted(words):
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            if not (joins(text[at - 1 : at] if at else "") or joins(text[end : end + 1])):
                yield at, end
            at = text.find(word, end)


def is_joining(letter: str) -> bool:
    """Whether a letter beside a word makes it another word."""
    return letter.isalnum() or letter == "_"
