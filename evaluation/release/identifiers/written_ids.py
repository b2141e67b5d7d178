"""Raw ids in a text, as they were delivered and as people write them again.

Other signs between the words of an id, none, a blank or hyphen inside it, capitals, and the first
group of a long hexadecimal id are found. An id cut to digits alone is like any number, and is not.
"""

import functools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.release.identifiers.pattern_places import Span, alone, normal, standing

PIECE = re.compile(r"[^\W_]+")
# longer ids of digits alone are found in any text, these only where they fill a cell
SHORTEST_NUMBER = 6
# letters and digits of an id that is told from words and numbers however it is parted
SHORTEST_PARTED = 6
# the groups of a UUID (RFC 9562), of which the first tells it from all others
HEXADECIMAL = re.compile(r"(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{16,}")
FIRST_GROUP = re.compile(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8}")
# of forms of ids those of most respondents
MOST_FORMS = 20
WITHIN, BETWEEN = r"[-_ ]?", r"[-_:/.\\ ]{0,3}"
AT_A_LETTER = r"[-_:/\\ ]{0,2}"


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids in lower case: of one word, of several by their rarest word, of six digits, by form.

    Attributes
    ----------
    words, numbers : frozenset of str
    parted : dict of str to tuple of str
    forms : tuple of (str, Pattern)
        How ids of one form begin, and the pattern of that form with signs anywhere inside.
    joined : frozenset of str
        Ids without the signs inside them.
    """

    words: frozenset[str]
    parted: dict[str, tuple[str, ...]]
    numbers: frozenset[str]
    forms: tuple[tuple[str, re.Pattern[str]], ...]
    joined: frozenset[str]


@functools.lru_cache(maxsize=8)
def sorted_ids(ids: frozenset[str]) -> Ids:
    """Ids by how they are looked for.

    Parameters
    ----------
    ids : frozenset of str
        As delivered.
    """
    small = sorted({normal(i).lower() for i in ids})
    numbers = {i for i in small if i.isdigit() and len(i) <= SHORTEST_NUMBER}
    words = {i for i in small if PIECE.fullmatch(i)} - numbers
    parted = [i for i in small if i not in words and i not in numbers and PIECE.search(i)]
    often = Counter(piece for i in parted for piece in set(PIECE.findall(i)))
    found: dict[str, list[str]] = {}
    for i in parted:
        rarest = min(PIECE.findall(i), key=lambda piece: (often[piece], -len(piece)))
        found.setdefault(rarest, []).append(i)
    told_apart = [pieces for i in small if len("".join(pieces := _pieces(i))) >= SHORTEST_PARTED]
    joined = {"".join(pieces) for pieces in told_apart if _has_both("".join(pieces))}
    forms = _forms([pieces for pieces in told_apart if "".join(pieces) in joined])
    groups = {i[:8] for i in joined if HEXADECIMAL.fullmatch(i) and FIRST_GROUP.match(i)}
    return Ids(
        frozenset(words | joined | groups),
        {w: tuple(i) for w, i in found.items()},
        frozenset(numbers),
        forms,
        frozenset(joined),
    )


def _pieces(i: str) -> list[str]:
    """Words of an id, without one of letters alone that a program puts before all of them."""
    pieces = PIECE.findall(i)
    rest = "".join(pieces[1:])
    return pieces[1:] if HEXADECIMAL.fullmatch(rest) and pieces[0].isalpha() else pieces


def _has_both(text: str) -> bool:
    return any(c.isalpha() for c in text) and any(c.isdigit() for c in text)


def _forms(ids: list[list[str]]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Patterns of the commonest forms, letters and digits at their places, each with its start."""
    found: dict[tuple[str, ...], list[str]] = {}
    for pieces in ids:
        if not HEXADECIMAL.fullmatch("".join(pieces)):
            form = tuple("".join("a" if c.isalpha() else "0" for c in piece) for piece in pieces)
            found.setdefault(form, []).append("".join(pieces))
    often = sorted(found, key=lambda form: (-len(found[form]), form))[:MOST_FORMS]
    return tuple(_form(form, found[form]) for form in often)


def _form(form: tuple[str, ...], ids: list[str]) -> tuple[str, re.Pattern[str]]:
    first, last = min(ids), max(ids)
    same = next((i for i, c in enumerate(first) if c != last[i]), len(first))
    letters = re.match(r"[^\W\d_]*", first[:same])
    begin = letters[0] if letters else ""
    body, at = "", 0
    for number, piece in enumerate(form):
        for i, kind in enumerate(piece):
            other = AT_A_LETTER if i and piece[i - 1] != kind else WITHIN
            body += (other if i else BETWEEN if number else "") + (
                re.escape(begin[at]) if at < len(begin) else r"[^\W\d_]" if kind == "a" else r"\d"
            )
            at += 1
    # behind the first sign, so that a letter that all have in common is looked for first
    head = body[: len(re.escape(begin[0]))] if begin else ""
    rest = body[len(head) :]
    guard = rf"(?<![^\W_]{head})" if head else r"(?<![^\W_])"
    return begin, re.compile(rf"{head}{guard}{rest}(?![^\W_])")


def find(lower: str, words: set[str], ids: frozenset[str], *, cells: bool) -> Iterator[Span]:
    """Ids wherever they are: only a letter or a digit right beside them makes them others.

    Parameters
    ----------
    lower : str
        The text in lower case.
    words : set of str
        Its words.
    ids : frozenset of str
        As delivered.
    cells : bool
        Whether short values are alone, so that a bare number says something.
    """
    known = sorted_ids(ids)
    yield from standing(lower, words & known.words, str.isalnum)
    for word in sorted(words & known.parted.keys()):
        for i in known.parted[word]:
            if words.issuperset(PIECE.findall(i)):
                yield from _id_spans(lower, i)
    for begin, form in known.forms:
        for match in form.finditer(lower) if begin[:1] in lower else ():
            if "".join(PIECE.findall(match[0])) in known.joined:
                yield match.span()
    if cells:
        for start, end in standing(lower, words & known.numbers):
            if alone(lower, start, end):
                yield start, end


def _id_spans(lower: str, i: str) -> Iterator[Span]:
    """The id, and its words with other signs between, where a letter tells it from a number."""
    pieces = PIECE.findall(i)
    first, last = i.index(pieces[0]), i.rindex(pieces[-1]) + len(pieces[-1])
    bodies = [re.escape(i[first:last])]
    if any(letter.isalpha() for letter in i):
        bodies.append(r"[-_:/.\\ ]{1,3}".join(map(re.escape, pieces)))
    pattern = re.compile(rf"(?:{'|'.join(bodies)})(?![^\W_])")
    for start, _ in standing(lower, {pieces[0]}, str.isalnum):
        match = pattern.match(lower, start)
        if match:
            yield match.span()
