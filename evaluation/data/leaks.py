"""What in a published text identifies a person, a place or a machine.

Rules are patterns of Colombian identifiers, and the study's own raw ids, open answers and cluster
names. A hit says rule and line, never the text.

Every search begins with a letter or word that is rare in results, and looks around it only then:
the whole build is searched in seconds.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evaluation.data.outlets import Part

# what a mobile number can begin with: 300-324, 333, 350, 351
MOBILE = re.compile(r"3(?:[01]\d|2[0-4]|33|5[01])[ .-]?\d{3}[ .-]?\d{2}[ .-]?\d{2}(?![\w]|\.\d)")
BEFORE_MOBILE = re.compile(r"(?:^|[^\w.])(?:\(?\+?(?:00)?57\)?[ .-]{0,2})?\(?\Z")
MAIL = re.compile(r"@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w/])")
BEFORE_MAIL = re.compile(r"[A-Za-z0-9][\w.+-]*\Z")
CEDULA_WORDS = ("cédula", "cedula", "c.c.", "c. c.", "cc ", "cc:", "documento", "identificaci",
                "nuip", "id number", "ti:", "t.i.")  # fmt: skip
CEDULA = re.compile(r"[^\d\n]{0,24}?\b\d{1,3}(?:[. ]?\d{3}){2,3}\b(?![.,]\d)")
LONGITUDE = re.compile(r"-(?:6[6-9]|7\d|8[0-2])\.\d{3,}")
LATITUDE_BEFORE = re.compile(r"(?<![\d.\w])-?(?:\d|1[0-3])\.\d{3,}°?\s{0,2}[,; \t]\s{0,2}\Z")
LATITUDE_AFTER = re.compile(r"°?\s{0,2}[,; \t]\s{0,2}-?(?:\d|1[0-3])\.\d{3,}(?![\d.])")
STREET = re.compile(
    r"(?:^|[^\w])(?:calle|cll?|carrera|cra|kra?|avenida|av|diagonal|diag|dg|transversal|transv|tv)"
    r"\.?\s{0,2}\d{1,3}\s?[a-z]?(?:\s?(?:bis|sur|norte|este|oeste))?\s{0,2}\Z",
    re.IGNORECASE,
)
NUMBER_SIGN = re.compile(r"#\s{0,2}\d{1,3}\s?[A-Za-z]?\s{0,2}[-–]\s{0,2}\d{1,3}")
NUMBER_WORD = re.compile(
    r"[Nn](?:o\.?|[°º]|úm\.?)\s{0,2}\d{1,3}\s?[A-Za-z]?\s{0,2}[-–]\s{0,2}\d{1,3}"
)
DIVIPOLA = re.compile(r"divipola[^\d\n]{0,20}?\b\d{5}(?:\d{3})?\b")
# folders of persons and of programs, written so that this file holds none
HOMES = (*(f"/{name}/" for name in ("home", "Users", "root", "tmp", "var/folders")), "\\Users\\")
AFTER_HOME = re.compile(r"[\w.-]+")
# everything that parts words, for the quick look at which words a text has
PARTING = {i: " " for i in range(0x2040) if not (chr(i).isalnum() or chr(i) == "_")}
LONELY = "\n\r\t,;\"'<>|[]{}()"
# what stands before a folder in the middle of a path or an address
INSIDE_PATH = frozenset(".-/:~}")
EDGES = " \t\r\n\"'<>(),;:[]{}\\"
STREETS = 40
# code and styles of the book's theme: full of short words like cluster codes
THEME = re.compile(r"/_static/.*\.(?:js|css|map)$")
SHORTEST_ID, SHORTEST_ANSWER, LONGEST_TIME = 5, 12, 8
# a cédula of ten digits begins with 1
LONG_CEDULA = 10
SHORTEST_PLACE, DIGITS_OF_A_CODE = 3, 5


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
class Known:
    """What a study's raw files hold that must not be published.

    Attributes
    ----------
    ids : frozenset of str
        Respondent ids as delivered, of five characters and more: shorter ones are like any number.
    answers : dict of str to tuple of str
        Open answers in lower case with single spaces, by their longest word.
    places : frozenset of str
        Names and codes of clusters in lower case: single words.
    place_names : tuple of str
        Those of several words.
    folders : tuple of str
        Paths of this machine.
    """

    ids: frozenset[str] = frozenset()
    answers: dict[str, tuple[str, ...]]
    places: frozenset[str] = frozenset()
    place_names: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


NOTHING = Known(answers={})


def answers_by_word(answers: set[str]) -> dict[str, tuple[str, ...]]:
    """Open answers long enough to be told from any other text, by their longest word."""
    found: dict[str, list[str]] = {}
    for answer in sorted({" ".join(a.lower().split()) for a in answers}):
        words = answer.translate(PARTING).split()
        longest = max(words, key=len, default="")
        # a time of day is no answer that could be told from another time
        telling = not longest.isdigit() or len(longest) >= LONGEST_TIME
        if len(answer) >= SHORTEST_ANSWER and len(words) > 1 and telling:
            found.setdefault(longest, []).append(answer)
    return {word: tuple(listed) for word, listed in found.items()}


def is_telling_id(text: str) -> bool:
    """Whether an id can be told from a count or a year by itself."""
    return len(text) >= SHORTEST_ID and not (text.isdigit() and len(text) < SHORTEST_ID + 2)


def search(part: Part, known: Known = NOTHING) -> tuple[Hit, ...]:
    """Every hit in one part, in the order of rules and lines."""
    text = part.text
    lower = text.lower()
    words = set(text.translate(PARTING).split())
    small = {word.lower() for word in words}
    hits = []
    for rule, where in (
        *((rule, find(text)) for rule, find in PATTERNS),
        *((rule, find(lower)) for rule, find in LOWER_PATTERNS),
        ("cedula", _bare_numbers(text, words) if part.cells else iter(())),
        ("divipola", _bare_codes(text, words) if part.cells else iter(())),
        ("path", _folders(text, known)),
        ("raw-id", _standing(text, words & known.ids)),
        ("raw-answer", _answers(lower, small, known)),
        ("place", _places(lower, small, NOTHING if THEME.search(part.name) else known)),
    ):
        hits += [
            Hit(rule, part.name, text.count("\n", 0, start) + 1, text[start:end].strip(EDGES))
            for start, end in where
        ]
    return tuple(dict.fromkeys(hits))


Span = tuple[int, int]


def _around(pattern: re.Pattern[str], before: re.Pattern[str], reach: int) -> Callable:
    """Matches of a pattern that also end what must stand before them."""

    def find(text: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            start = max(0, match.start() - reach)
            head = before.search(text[start : match.start()])
            if head:
                yield start + head.start(), match.end()

    return find


def _coordinates(text: str) -> Iterator[Span]:
    for match in LONGITUDE.finditer(text):
        start = max(0, match.start() - 30)
        head = LATITUDE_BEFORE.search(text[start : match.start()])
        tail = LATITUDE_AFTER.match(text, match.end())
        if head:
            yield start + head.start(), match.end()
        elif tail and not text[match.start() - 1 : match.start()].isalnum():
            yield match.start(), tail.end()


def _cedulas(lower: str) -> Iterator[Span]:
    for word in CEDULA_WORDS:
        at = lower.find(word)
        while at >= 0:
            match = CEDULA.match(lower, at + len(word))
            if match and not lower[at - 1 : at].isalnum() and not is_day(match[0]):
                yield at, match.end()
            at = lower.find(word, at + 1)


def _divipola(lower: str) -> Iterator[Span]:
    for match in DIVIPOLA.finditer(lower):
        yield match.span()


PATTERNS: tuple[tuple[str, Callable[[str], Iterator[Span]]], ...] = (
    ("e-mail", _around(MAIL, BEFORE_MAIL, 64)),
    ("mobile", _around(MOBILE, BEFORE_MOBILE, 9)),
    ("gps", _coordinates),
    ("address", _around(NUMBER_SIGN, STREET, STREETS)),
    ("address", _around(NUMBER_WORD, STREET, STREETS)),
)
LOWER_PATTERNS: tuple[tuple[str, Callable[[str], Iterator[Span]]], ...] = (
    ("cedula", _cedulas),
    ("divipola", _divipola),
)


def is_day(text: str) -> bool:
    """Whether the digits at the end of a text are a date written as yyyymmdd."""
    digits = re.sub(r"\D", "", text)
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", digits))


def _bare_numbers(text: str, words: set[str]) -> Iterator[Span]:
    """Cells that are a whole number of seven to ten digits, dates and round numbers apart."""
    found = {
        w
        for w in words
        if 7 <= len(w) <= 10
        and w.isdigit()
        and w[0] != "0"
        and (len(w) < LONG_CEDULA or w[0] == "1")
        and not is_day(w)
        and not w.endswith("0000")
    }
    for start, end in _standing(text, found):
        if _alone(text, start, end):
            yield start, end


def _bare_codes(text: str, words: set[str]) -> Iterator[Span]:
    """Cells like 05001: only a code of departments 05 and 08 has a leading zero."""
    found = {w for w in words if len(w) in (5, 8) and w.isdigit() and w[:2] in ("05", "08")}
    for start, end in _standing(text, found):
        if _alone(text, start, end):
            yield start, end


def _alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return (not before or before in LONELY) and (not after or after in LONELY)


def _standing(text: str, words: set[str] | frozenset[str]) -> Iterator[Span]:
    """Where each of the words stands as a word of its own."""
    for word in sorted(words):
        at = text.find(word)
        while at >= 0:
            end = at + len(word)
            before = text[at - 1 : at] if at else ""
            if not (_joins(before) or _joins(text[end : end + 1])):
                yield at, end
            at = text.find(word, end)


def _joins(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _answers(lower: str, words: set[str], known: Known) -> Iterator[Span]:
    asked = words & known.answers.keys()
    if not asked:
        return
    spaced = re.sub(r"\s", " ", lower)
    for word in sorted(asked):
        for answer in known.answers[word]:
            if not words.issuperset(answer.translate(PARTING).split()):
                continue
            at = spaced.find(answer)
            if at >= 0:
                yield at, at + len(answer)


def is_telling_place(name: str) -> bool:
    """Whether a cluster's name or code can be told from a number, or a letter and a number."""
    words = name.translate(PARTING).split()
    if len(words) > 1:
        return any(len(word) > 2 and word.isalpha() for word in words)
    return len(name) >= (DIGITS_OF_A_CODE if name.isdigit() else SHORTEST_PLACE)


def _places(lower: str, words: set[str], known: Known) -> Iterator[Span]:
    yield from _standing(lower, words & known.places)
    for name in known.place_names:
        if not words.issuperset(name.translate(PARTING).split()):
            continue
        at = lower.find(name)
        while at >= 0:
            end = at + len(name)
            if not (_joins(lower[at - 1 : at] if at else "") or _joins(lower[end : end + 1])):
                yield at, end
            at = lower.find(name, end)


def _folders(text: str, known: Known) -> Iterator[Span]:
    for home in HOMES:
        at = text.find(home)
        while at >= 0:
            match = AFTER_HOME.match(text, at + len(home))
            before = text[at - 1 : at] if at else ""
            if match and (home[0] != "/" or not (_joins(before) or before in INSIDE_PATH)):
                yield at, match.end()
            at = text.find(home, at + 1)
    for folder in known.folders:
        at = text.find(folder)
        while at >= 0:
            yield at, at + len(folder)
            at = text.find(folder, at + 1)
