"""What in a published text identifies a person, a place or a machine.

Rules are patterns of Colombian identifiers, and the study's own raw ids, open answers and cluster
names. A hit says rule and line, never the text.

Every search begins with a letter or word that is rare in results, and looks around it only then:
the whole build is searched in seconds.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from evaluation.release import altered_answers
from evaluation.release.altered_answers import UNALTERED, AlteredAnswers
from evaluation.release.identifier_patterns import pattern_hits
from evaluation.release.identifiers import person_rows, written_ids
from evaluation.release.identifiers.pattern_places import (
    PARTING,
    Span,
    is_joining,
    normal,
    occurrences,
    standing,
)
from evaluation.release.identifiers.person_rows import Persons
from evaluation.release.published_text import Joined, TextPart

# folders of persons and of programs, written so that this file holds none
HOMES = (*(f"/{name}/" for name in ("home", "Users", "root", "tmp", "var/folders")), "\\Users\\")
AFTER_HOME = re.compile(r"[\w.-]+")
# what stands before a folder in the middle of a path or an address
INSIDE_PATH = frozenset(".-/:~}")
EDGES = " \t\r\n\"'<>(),;:[]{}\\"
# code and styles of the book's theme: full of short words like cluster codes
THEME = re.compile(r"/_static/.*\.(?:js|css|map)$")
SHORTEST_ID, SHORTEST_NUMBER, LONGEST_TIME = 5, 6, 8
# shorter answers of two words, and of one, are like any other text
SHORTEST_ANSWER, SHORTEST_WORD = 9, 12
SHORTEST_PLACE, DIGITS_OF_A_CODE = 3, 5
# an answer of more words is found by how it begins: somebody may have cut it short
OPENING, SHORTEST_OPENING = 6, 30
# letters without their accents, one for one: an answer is the same with and without
FOLDED = {
    i: plain[0]
    for i in range(0xC0, 0x180)
    if len(plain := unicodedata.normalize("NFD", chr(i))) > 1 and plain[0].isascii()
}
# what parts words in the name of a file
PARTING_NAME = re.compile(r"[_.]+|(?<=[a-z])(?=[A-Z])")
NOT_BLANK = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a rule found something, and what: the text itself stays inside this program."""

    rule: str
    name: str
    line: int
    text: str

    def __repr__(self) -> str:
        return f"Hit({self.rule!r}, {self.name!r}, line {self.line})"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownValues:
    """What a study's raw files hold that must not be published.

    Attributes
    ----------
    ids : frozenset of str
        Ids of persons as delivered, of five characters and more: shorter ones are like any number.
    rows : mapping of str to int
        By id in lower case, how many rows of a delivered file share it.
    answers : dict of str to tuple of str
        Open answers in lower case without accents, with single spaces, by the longest word of how
        they begin.
    altered : AlteredAnswers
        What changed open answers are found by.
    places : frozenset of str
        Names and codes of clusters in lower case: single words.
    place_names : tuple of str
        Those of several words.
    folders : tuple of str
        Paths of this machine.
    public_places : bool
        Whether places and their official codes are what the study is about, and nobody's answers.
    persons : Persons or None
        Clean rows of persons, where there are some.
    """

    ids: frozenset[str] = frozenset()
    rows: Mapping[str, int] = field(default_factory=dict)
    answers: dict[str, tuple[str, ...]]
    altered: AlteredAnswers = UNALTERED
    places: frozenset[str] = frozenset()
    place_names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    public_places: bool = False
    persons: Persons | None = None


NOTHING = KnownValues(answers={})


def answers_by_word(answers: set[str]) -> dict[str, tuple[str, ...]]:
    """Open answers long enough to be told from any other text, by the longest word they open with.

    Parameters
    ----------
    answers : set of str
        As given.
    """
    found: dict[str, list[str]] = {}
    for answer in sorted({" ".join(normal(a).lower().translate(FOLDED).split()) for a in answers}):
        words = answer.translate(PARTING).split()
        longest = max(words, key=len, default="")
        # a time of day is no answer that could be told from another time
        telling = not longest.isdigit() or len(longest) >= LONGEST_TIME
        shortest = SHORTEST_ANSWER if len(words) > 1 else SHORTEST_WORD
        if len(answer) >= shortest and telling and words:
            opening = " ".join(_opening(answer)).translate(PARTING).split()
            found.setdefault(max(opening, key=len, default=longest), []).append(answer)
    return {word: tuple(listed) for word, listed in found.items()}


def altered_of(answers: set[str]) -> AlteredAnswers:
    """What changed open answers are found by; see :mod:`evaluation.release.altered_answers`."""
    return altered_answers.altered({" ".join(_words(normal(a).lower())) for a in answers})


def _words(lower: str) -> list[str]:
    return lower.translate(FOLDED).translate(PARTING).split()


def _opening(answer: str) -> list[str]:
    """The first words of an answer that tell it from other texts, or all of it."""
    words = answer.split()
    opening = words[:OPENING]
    return opening if len(" ".join(opening)) >= SHORTEST_OPENING else words


def is_telling_id(text: str) -> bool:
    """Whether an id can be told from a count or a year by itself, six digits only in a cell.

    An id that a table wrote as ``174.0`` is as short as ``174``: every count is written so.
    """
    whole, _, zeros = text.partition(".")
    if whole.isdigit() and not zeros.strip("0"):
        return len(whole) >= SHORTEST_NUMBER
    return len(text) >= SHORTEST_ID


def search(part: TextPart, known: KnownValues = NOTHING) -> tuple[Hit, ...]:
    """Every hit in one part, in the order of rules and lines; last, what tags had parted.

    Parameters
    ----------
    part : TextPart
        Text of a published file.
    known : KnownValues
        What the study's raw files hold.
    """
    text, themed = normal(part.text), THEME.search(part.name) is not None
    named = () if themed else _in_name(part, known)
    known = replace(known, places=frozenset(), place_names=()) if themed else known
    hits = [_hit(rule, part.name, text, span) for rule, span in _spans(text, known, part)]
    if "</" in text and not themed:
        joined = Joined(text)
        hits += [
            _hit(rule, part.name, joined.text, span)
            for rule, span in (_spans(joined.text, known, part) if joined.joints else ())
            if joined.is_joined(*span)
        ]
    held = [Hit(rule, part.name, 0, said) for rule, said in part.held]
    return tuple(dict.fromkeys((*named, *held, *hits)))


def _in_name(part: TextPart, known: KnownValues) -> list[Hit]:
    """What the name of a file says of somebody; folders of the repository are no paths here."""
    name = normal(PurePosixPath(part.name.replace("!", "/")).name)
    spaced = TextPart(part.name, f"{name} {PARTING_NAME.sub(' ', name)}", cells=False)
    found = _spans(spaced.text, replace(known, folders=()), spaced)
    return [replace(_hit(rule, part.name, spaced.text, span), line=0) for rule, span in found]


def _spans(text: str, known: KnownValues, part: TextPart) -> Iterator[tuple[str, Span]]:
    """Rule and place of everything found in a text of the part."""
    lower = text.lower()
    small = set(lower.translate(PARTING).split())
    small |= {piece for word in small if "_" in word for piece in word.split("_")}
    for rule, span in pattern_hits(text, lower, small, cells=part.cells):
        if not (known.public_places and rule == "divipola"):
            yield rule, span
    for rule, where in (
        ("path", _folders(text, known)),
        ("raw-id", written_ids.find(lower, small, known.ids, cells=part.cells)),
        ("raw-answer", _answers(lower, small, known)),
        ("raw-answer", _altered(lower, small, known)),
        ("place", _places(lower, small, known)),
        ("rows", person_rows.find(text, small, known.persons)),
    ):
        yield from ((rule, span) for span in where)


def _hit(rule: str, name: str, text: str, span: Span) -> Hit:
    """A hit in the line where it begins: what parts it from the line before is no part of it."""
    found = text[slice(*span)]
    start = span[0] + len(found) - len(found.lstrip(EDGES))
    return Hit(rule, name, text.count("\n", 0, start) + 1, found.strip(EDGES))


def _answers(lower: str, words: set[str], known: KnownValues) -> Iterator[Span]:
    """Open answers, whole or cut short, whatever accents were added or lost."""
    if not known.answers:
        return
    words = _folded_words(lower, words)
    folded = ""
    for word in sorted(words & known.answers.keys()):
        for answer in known.answers[word]:
            opening = _opening(answer)
            if not words.issuperset(" ".join(opening).translate(PARTING).split()):
                continue
            folded = folded or lower.translate(FOLDED)
            match = _phrase(opening).search(folded)
            whole = match and _phrase(answer.split()).match(folded, match.start())
            if match:
                yield (whole or match).span()


def _folded_words(lower: str, words: set[str]) -> set[str]:
    """Words of a text without their accents."""
    return words if lower.isascii() else {word.translate(FOLDED) for word in words}


def _altered(lower: str, words: set[str], known: KnownValues) -> Iterator[Span]:
    """Open answers that were cut, changed by a word, or put in another order."""
    folded = _folded_words(lower, words)
    if not altered_answers.is_candidate(folded, known.altered):
        return
    plain = lower.translate(FOLDED).translate(PARTING)
    tokens = [(match[0], match.start()) for match in NOT_BLANK.finditer(plain)]
    yield from altered_answers.find(tokens, folded, known.altered)


def _phrase(words: list[str]) -> re.Pattern[str]:
    """Words one after the other, no letter beside them."""
    body = r"\s+".join(map(re.escape, words))
    return re.compile(rf"(?<!\w(?=\w)){body}(?!(?<=\w)\w)")


def is_telling_place(name: str) -> bool:
    """Whether a cluster's name or code can be told from a number, or a letter and a number."""
    words = name.translate(PARTING).split()
    if len(words) > 1:
        return any(len(word) > 2 and word.isalpha() for word in words)
    return len(name) >= (DIGITS_OF_A_CODE if name.isdigit() else SHORTEST_PLACE)


def _places(lower: str, words: set[str], known: KnownValues) -> Iterator[Span]:
    yield from standing(lower, words & known.places)
    for name in known.place_names:
        if words.issuperset(name.translate(PARTING).split()):
            yield from standing(lower, {name})


def _folders(text: str, known: KnownValues) -> Iterator[Span]:
    for home in HOMES:
        for at in occurrences(text, home):
            match = AFTER_HOME.match(text, at + len(home))
            before = text[at - 1 : at] if at else ""
            if match and (home[0] != "/" or not (is_joining(before) or before in INSIDE_PATH)):
                yield at, match.end()
    for folder in known.folders:
        yield from ((at, at + len(folder)) for at in occurrences(text, folder))
