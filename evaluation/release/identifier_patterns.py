"""Patterns of Colombian identifiers, and of how somebody is reached or told apart.

The patterns stand in ``identifier_patterns.toml``: mails, phones, cédulas, coordinates, addresses,
codes, profiles, devices, births, plates. What a pattern alone cannot decide is decided here.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.release.identifiers.pattern_places import (
    PATTERN,
    TABLES,
    Span,
    alone,
    around,
    decimals,
    occurrences,
    standing,
)
from evaluation.release.personal_names import names
from evaluation.storage.packaged import pattern

SHORTEST_DOTTED, REACH_OF_A_NAME = 8, 48
# a cédula of ten digits begins with 1; nine digits are a tax number, which begins with 8 or 9
SHORTEST_CEDULA, LONG_CEDULA, TAX_DIGITS, TAX_NUMBER = 7, 10, 9, ("8", "9")
SHORTEST_PHONE, SHORTEST_CARD = 7, 6
REACH_OF_PARTED = 48
REACH_OF_MISWRITTEN = 24
LATITUDES, LONGITUDES = {"lat"}, {"lon", "lng", "long"}
# addresses of the machine itself; smaller numbers are those of versions and sections
NOBODY, SMALL_OCTETS = ("127.", "0.", "255."), 10
# letters that are read as digits, and how many real ones a number has beside them
AS_DIGITS, LETTERS, FEWEST_DIGITS = str.maketrans("OoIl", "0011"), frozenset("OoIl"), 5
# what most phones' numbers begin with
DEVICES = ("35", "86", "01", "99")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A pattern of a rule, and what a text must hold for the longer search to be worth its time.

    Attributes
    ----------
    leads : sequence of str
        Pieces of the text in lower case, of which one must be there.
    lead : Pattern or None
        A shorter pattern that must be there.
    before : Pattern or None
        What must end where the pattern begins, at most ``reach`` signs long.
    cased : bool
        Whether it looks at the text as it is, or in lower case.
    """

    rule: str
    pattern: re.Pattern[str]
    leads: Sequence[str] = ()
    lead: re.Pattern[str] | None = None
    before: re.Pattern[str] | None = None
    reach: int = 0
    cased: bool = False

    def spans(self, text: str, lower: str) -> Iterator[Span]:
        """Where the pattern is.

        Parameters
        ----------
        text : str
            As it is.
        lower : str
            In lower case.
        """
        searched = text if self.cased else lower
        if self.leads and not any(lead in lower for lead in self.leads):
            return
        if self.lead and not self.lead.search(searched):
            return
        if self.before:
            yield from around(searched, self.pattern, self.before, self.reach)
        else:
            yield from (match.span() for match in self.pattern.finditer(searched))


OF_PATTERN = ("pattern", "lead", "before")
SEARCHES = tuple(
    Search(**row | {key: pattern(row[key], PATTERN) for key in OF_PATTERN if key in row})
    for row in TABLES["search"]
)


def pattern_hits(
    text: str, lower: str, words: set[str], *, cells: bool
) -> Iterator[tuple[str, Span]]:
    """Each rule with where it finds something.

    Parameters
    ----------
    text, lower : str
        The text, and the same in lower case.
    words : set of str
        Its words in lower case.
    cells : bool
        Whether short values stand alone, so that a bare number says something.
    """
    for rule, spans in (
        *((search.rule, search.spans(text, lower)) for search in SEARCHES),
        ("mobile", _mobiles(text)),
        ("gps", _coordinates(text)),
        ("gps", _with_commas(text)),
        ("gps", _far_coordinates(text, lower, words)),
        ("address", _unsigned(lower, words)),
        ("cedula", _numbers(text, lower)),
        ("cedula", _documents(text, lower)),
        ("cedula", _short_word(lower)),
        *((rule, (span,)) for rule, span in _miswritten(text, words)),
        ("e-mail", _parted(lower)),
        ("phone", _called(lower)),
        ("device", _devices(text, lower, cells=cells)),
        ("name", names(text, words)),
        ("cedula", _bare_numbers(text, words) if cells else ()),
        ("divipola", _bare_codes(text, words) if cells else ()),
    ):
        yield from ((rule, span) for span in spans)


def _mobiles(text: str) -> Iterator[Span]:
    for start, end in around(text, PATTERN["mobile"], PATTERN["before_mobile"], 9):
        # the sign or blank before the digits is part of what was found
        if not decimals(text, start if text[start].isdigit() else start + 1):
            yield start, end


def _coordinates(text: str) -> Iterator[Span]:
    for match in PATTERN["longitude"].finditer(text):
        start = max(0, match.start() - 45)
        head = PATTERN["latitude_before"].search(text[start : match.start()])
        tail = PATTERN["latitude_after"].match(text, match.end())
        if head:
            yield start + head.start(), match.end()
        elif tail and not text[match.start() - 1 : match.start()].isalnum():
            yield match.start(), tail.end()


def _with_commas(text: str) -> Iterator[Span]:
    """Pairs with a decimal comma, in either order."""
    for match in PATTERN["longitude_comma"].finditer(text):
        start = max(0, match.start() - 45)
        head = PATTERN["latitude_comma_before"].search(text[start : match.start()])
        tail = PATTERN["latitude_comma_after"].match(text, match.end())
        if head:
            yield start + head.start(), match.end()
        elif tail and not text[match.start() - 1 : match.start()].isalnum():
            yield match.start(), tail.end()


def _far_coordinates(text: str, lower: str, words: set[str]) -> Iterator[Span]:
    """Pairs in labelled columns that lie apart."""
    if not (words & LATITUDES or "latitud" in lower):
        return
    if not (words & LONGITUDES or "longitud" in lower):
        return
    for match in PATTERN["longitude"].finditer(text):
        if text[match.start() - 1 : match.start()].isalnum():
            continue
        head = PATTERN["far_before"].search(text[max(0, match.start() - 75) : match.start()])
        if head or PATTERN["far_after"].match(text, match.end()):
            yield match.span()


def _unsigned(lower: str, words: set[str]) -> Iterator[Span]:
    """Addresses without a sign before the number of the house, and houses of a block."""
    for word in sorted(word for word in words if _begins_address(word)):
        for kind, rest in (("street_word", "unsigned"), ("block_word", "in_a_block")):
            begun = PATTERN[kind].fullmatch(word)
            for start, _ in standing(lower, {word}) if begun else ():
                match = PATTERN[rest].match(lower, start + len(begun[1])) if begun else None
                if match:
                    yield start, match.end()


@functools.lru_cache(maxsize=65536)
def _begins_address(word: str) -> bool:
    return any(PATTERN[kind].fullmatch(word) for kind in ("street_word", "block_word"))


def _cedulas(lower: str) -> Iterator[Span]:
    for word in TABLES["cedula_words"]:
        for at in occurrences(lower, word):
            match = PATTERN["cedula"].match(lower, at + len(word))
            if match and not lower[at - 1 : at].isalnum() and not is_day(match[0]):
                yield at, match.end()


def _numbers(text: str, lower: str) -> Iterator[Span]:
    """Numbers behind a word for the card, and those parted as on it."""
    named = tuple(_cedulas(lower))
    yield from named
    ends = {end for _, end in named}
    yield from (span for span in _dotted(text) if span[1] not in ends)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def is_day(text: str) -> bool:
    """Whether the digits at the end of a text are a date written as yyyymmdd."""
    day = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    return re.fullmatch(day, _digits(text)) is not None


def is_cedula(digits: str) -> bool:
    """Whether seven to ten digits can be a cédula: no date, no round number."""
    return (
        SHORTEST_CEDULA <= len(digits) <= LONG_CEDULA
        and digits[0] != "0"
        and (len(digits) < LONG_CEDULA or digits[0] == "1")
        and (len(digits) != TAX_DIGITS or digits.startswith(TAX_NUMBER))
        and not is_day(digits)
        and not digits.endswith("0000")
    )


def _bare_numbers(text: str, words: set[str]) -> Iterator[Span]:
    """Cells that are a whole number of seven to ten digits, dates and round numbers apart.

    Thousands may be parted by points or blanks.
    """
    found = {
        w
        for w in words
        if SHORTEST_CEDULA <= len(w) <= LONG_CEDULA and w.isdecimal() and is_cedula(w)
    }
    for start, end in standing(text, found):
        # totals of people are written so too, in seven digits
        short = len(text[start:end]) == SHORTEST_CEDULA and text[end : end + 1] == "."
        if alone(text, start, end) and not (short or decimals(text, start)):
            yield start, end
    for match in PATTERN["grouped"].finditer(text):
        if is_cedula(_digits(match[0])) and alone(text, *match.span()):
            yield match.span()


def _dotted(text: str) -> Iterator[Span]:
    """Numbers parted as on the card that stand alone, or where no amount is told."""
    for match in PATTERN["dotted"].finditer(text) if PATTERN["dotted_lead"].search(text) else ():
        start, end = match.span()
        digits = _digits(match[0])
        if len(digits) < SHORTEST_DOTTED or not is_cedula(digits):
            continue
        before = text[max(0, start - REACH_OF_A_NAME) : start]
        if PATTERN["amount_before"].search(before) or PATTERN["amount_after"].match(text, end):
            continue
        long = len(digits) == LONG_CEDULA
        if long or alone(text, start, end) or PATTERN["named_before"].search(before):
            yield start, end


def _bare_codes(text: str, words: set[str]) -> Iterator[Span]:
    """Cells like 05001: only a code of departments 05 and 08 has a leading zero."""
    found = {w for w in words if len(w) in (5, 8) and w.isdigit() and w[:2] in ("05", "08")}
    for start, end in standing(text, found):
        if alone(text, start, end) and not decimals(text, start):
            yield start, end


def _called(lower: str) -> Iterator[Span]:
    """Numbers behind the word of a telephone."""
    if any(lead in lower for lead in TABLES["called_leads"]) and PATTERN["called_lead"].search(
        lower
    ):
        for match in PATTERN["called"].finditer(lower):
            if len(_digits(match[1])) >= SHORTEST_PHONE:
                yield match.span()


def _parted(lower: str) -> Iterator[Span]:
    """Addresses of mail with a blank beside their signs."""
    for match in PATTERN["parted"].finditer(lower):
        start = max(0, match.start() - REACH_OF_PARTED)
        head = PATTERN["before_parted"].search(lower[start : match.start()])
        if head is None:
            continue
        blank = head[0][-1].isspace() or re.search(r"\s\.", head[0]) or re.search(r"\s", match[0])
        if blank:
            yield start + head.start(), match.end()


def _documents(text: str, lower: str) -> Iterator[Span]:
    """Numbers of cards, permits and passports behind their short names."""
    if not (PATTERN["long_lead"].search(text) or PATTERN["thousand_lead"].search(text)):
        return
    for match in PATTERN["card_word"].finditer(text):
        digits = _digits(match[1])
        if len(digits) >= SHORTEST_CARD and not (is_day(digits) or digits.endswith("0000")):
            yield match.span()
    for match in PATTERN["minor"].finditer(lower):
        # in capitals it was found above
        if is_cedula(match[1]) and not text[match.start()].isupper():
            yield match.span()


def _short_word(lower: str) -> Iterator[Span]:
    """Numbers of cards behind ``cc`` however it is punctuated."""
    for match in PATTERN["short_word"].finditer(lower) if "c" in lower else ():
        digits = _digits(match[1] or match[2])
        if len(digits) >= SHORTEST_CARD and not (digits.endswith("0000") or is_day(digits)):
            yield match.span()


def _miswritten(text: str, words: set[str]) -> Iterator[tuple[str, Span]]:
    """Telephones and cards in which a letter O, l or I stands for a digit."""
    if not PATTERN["miswritten_word"].search(" ".join(words)):
        return
    end = 0
    for lead in PATTERN["miswritten_lead"].finditer(text):
        if lead.start() < end:
            continue
        near = max(end, lead.start() - REACH_OF_MISWRITTEN)
        for match in PATTERN["miswritten"].finditer(text, near, lead.end() + REACH_OF_MISWRITTEN):
            if match.end() > lead.start() and LETTERS & set(match[0]):
                end = match.end()
                yield from _as_meant(text, match)


def _as_meant(text: str, match: re.Match[str]) -> Iterator[tuple[str, Span]]:
    """What a number with letters in it is when they are read as digits."""
    if sum(letter.isdigit() for letter in match[0]) < FEWEST_DIGITS:
        return
    start, end = match.span()
    begin, digits = max(0, start - REACH_OF_A_NAME), match[0].translate(AS_DIGITS)
    meant = text[begin:start] + digits + text[end : end + 1]
    if any(first < end - begin <= last for first, last in _mobiles(meant)):
        yield "mobile", (start, end)
    elif is_cedula(_digits(digits)) and PATTERN["before_card"].search(text[begin:start]):
        yield "cedula", (start, end)


def _devices(text: str, lower: str, *, cells: bool) -> Iterator[Span]:
    """Addresses in a network, of a card, and serial numbers of phones."""
    for match in PATTERN["address"].finditer(text) if PATTERN["address_lead"].search(text) else ():
        before = lower[max(0, match.start() - 12) : match.start()]
        octets = [int(x) for x in match[0].split(".")]
        # numbers of versions and of sections are small
        is_version = max(octets) < SMALL_OCTETS or PATTERN["version"].search(before)
        if not (is_version or match[0].startswith(NOBODY)):
            yield match.span()
    may_be = PATTERN["long_lead"].search(text) and (cells or PATTERN["device_words"].search(lower))
    for match in PATTERN["imei"].finditer(text) if may_be else ():
        digits = _digits(match[1])
        near = PATTERN["device_words"].search(lower[max(0, match.start() - 24) : match.start()])
        alone = cells and digits.startswith(DEVICES) and len(match[1]) == len(digits)
        if _luhn(digits) and (near or alone):
            yield match.span()


def _luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1)."""
    total = 0
    for i, digit in enumerate(reversed(digits)):
        twice = int(digit) * (1 + i % 2)
        total += twice - 9 if twice > 9 else twice
    return total % 10 == 0
