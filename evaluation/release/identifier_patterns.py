"""Patterns of Colombian identifiers: mails, mobiles, cédulas, coordinates, addresses, codes.

Every pattern begins with a letter or word that is rare in results, and looks around it only then:
the whole build is searched in seconds.
"""

import re
from collections.abc import Callable, Iterator

Span = tuple[int, int]
Finder = Callable[[str], Iterator[Span]]

# a mobile begins with 3; the seven digits after it in groups of 3-4, 3-2-2, 2-2-3, or 4-3
_SIGN = r"[ /-]"
MOBILE = re.compile(
    rf"3\d\d(?:\)?{_SIGN}{{0,2}}(?:\d{{3}}{_SIGN}?\d\d{_SIGN}?\d\d"
    rf"|\d\d{_SIGN}\d\d{_SIGN}\d{{3}}|\d{{4}}{_SIGN}\d{{3}})|\.\d{{3}}\.\d\d\.?\d\d)"
    r"(?:\.0+)?(?!\w|[.,]\d)"
)
BEFORE_MOBILE = re.compile(r"(?:^|[^\w.])(?:\(?\+?(?:00)?57\)?[ .-]{0,2})?\(?\Z")
MAIL = re.compile(r"@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?!\w)")
BEFORE_MAIL = re.compile(r"[A-Za-z0-9][\w.+-]*\Z")
CEDULA_WORDS = ("cédula", "cedula", "c.c.", "c. c.", "cc ", "cc:", "documento", "identificaci",
                "nuip", "id number", "ti:", "t.i.")  # fmt: skip
CEDULA = re.compile(r"[^\d\n]{0,24}?\b\d{1,3}(?:[. ]?\d{3}){2,3}(?:\.0)?\b(?![.,]\d)")
# thousands parted by points or blanks, as on the card
GROUPED = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{3}){2,3}(?!\w|[.,]\d)"
                     r"|(?<![\w.])\d{1,3}(?: \d{3}){2,3}(?!\w|[.,]\d)")  # fmt: skip
# Thousands parted by points, as on the card: nobody writes an amount of so many digits in a text
# without saying of what, and a name stands before the shorter ones.
DOTTED = re.compile(r"(?<![\w.,$\-+])\d{1,3}(?:['’.]\d{3})(?:\.\d{3}){1,2}(?!\w|[.,]\d)")
SHORTEST_DOTTED, REACH_OF_A_NAME = 8, 48
AMOUNT_BEFORE = re.compile(
    r"(?:\$|€|£|\b(?:cop|usd|pesos|eur|n ?=|de los|of the))\s{0,2}\Z", re.IGNORECASE
)
AMOUNT_AFTER = re.compile(
    r"\s{0,2}(?:%|(?:de\s)?(?:pesos|cop|usd|euros|d[oó]lares|personas|habitantes|hogares|adult\w+"
    r"|people|persons|inhabitants|households|millones|filas|rows|votos|votes|v[ií]ctimas|victims)\b)",
    re.IGNORECASE,
)
_NAME = r"[A-ZÁÉÍÓÚÑÜ][a-záéíóúñü]{1,20}"
NAMED_BEFORE = re.compile(
    rf"(?:\b(?:[Dd]o[nñ]a?|[Ss]eñor(?:a|ita)?|[Ss]ra?\.?|[Mm]rs?\.?)\s+{_NAME}(?:\s+{_NAME}){{0,3}}"
    rf"|\b{_NAME}\s+{_NAME}"
    r"|\b(?:[Ii]dentificad[oa]|[Pp]ortadora?|[Cc][.]?\s?[Cc][.]?|[Nn]uip)(?:\s+(?:con|de|n[.°ºro]{0,3}))?)"
    r"[\s,:(]{1,3}\Z"
)
ZEROS = re.compile(r"\.0+(?!\d)")
# what stands before the decimals of a number that begins an element of a page in Spanish, or a text
# in code marks
WHOLE_PART = re.compile(r"[>`][-−+]?\d{1,3}(?:\.\d{3})*,\Z")
# a cédula of ten digits begins with 1
SHORTEST_CEDULA, LONG_CEDULA = 7, 10
_LABEL = r"(?:[\"'(\[{]?(?i:lat|lon|lng)[A-Za-z]*[\"']?\s{0,2}[:=]\s{0,2}[\"']?)?"
_BETWEEN = rf"[°\"']?\s{{0,2}}[,; \t]\s{{0,2}}{_LABEL}"
LONGITUDE = re.compile(r"-(?:6[6-9]|7\d|8[0-2])\.\d{3,}")
LATITUDE_BEFORE = re.compile(rf"(?<![\d.\w])-?(?:\d|1[0-3])\.\d{{3,}}{_BETWEEN}\Z")
LATITUDE_AFTER = re.compile(rf"{_BETWEEN}-?(?:\d|1[0-3])\.\d{{3,}}(?![\d.])")
# in a text that names latitude and longitude, other cells may stand between
FAR_BEFORE = re.compile(r"(?<![\d.\w])(?:\d|1[0-3])\.\d{3,}(?![\w.]).{1,60}\Z", re.DOTALL)
FAR_AFTER = re.compile(r"(?![\w.]).{1,60}?(?<![\d.\w-])(?:\d|1[0-3])\.\d{3,}(?![\w.])", re.DOTALL)
LATITUDES, LONGITUDES = {"lat"}, {"lon", "lng", "long"}
COMMA_LONGITUDE = re.compile(r"-(?:6[6-9]|7\d|8[0-2]),\d{3,}")
COMMA_LATITUDE = re.compile(r"(?<![\d.,\w])(?:\d|1[0-3]),\d{3,}°?\s{0,2}[;\t]\s{0,2}\Z")
# the ordinal sign of a Spanish keyboard, and the two quotes that a table makes of one
DEGREES = "°º˚"
_DEGREE = rf"(?:[{DEGREES}]|&deg;)"
_NORTH = r"(?:[NS]|[Nn]orte|[Nn]orth|[Ss]ur|[Ss]outh)\b"
_WEST = r"(?:[WO]|[Oo]este|[Ww]est)\b"
_SIDE = rf"(?:{_NORTH}|{_WEST}|(?:E|[Ee]ste|[Ee]ast)\b)"
_OF_DEGREE = rf"\d{{1,2}}\s?{_DEGREE}\s?\d{{1,2}}(?:[.,]\d+)?\s?['′’]"
_OF_MINUTE = r"\s?\d{1,2}(?:[.,]\d+)?\s?(?:[\"″”]{1,2}|''|′′|’’)"
MINUTES = re.compile(
    rf"{_OF_DEGREE}(?:{_OF_MINUTE})?\s?{_SIDE}|\b[NSEWO]\s?{_OF_DEGREE}(?:{_OF_MINUTE})?"
)
# degrees with decimals and the side of the globe: three of them place a house, or two of each pair
SIDED = re.compile(
    rf"(?<![\w.,])\d{{1,3}}[.,]\d{{3,}}\s?{_DEGREE}\s?{_SIDE}"
    rf"|\b[NSEWO]\s?\d{{1,3}}[.,]\d{{3,}}\s?{_DEGREE}"
    rf"|(?<![\w.,])\d{{1,2}}[.,]\d{{2}}\s?{_DEGREE}\s?{_NORTH}[\s,;/|\"'<>td]{{0,12}}"
    rf"\d{{2}}[.,]\d{{2,}}\s?{_DEGREE}\s?{_WEST}"
)
# the same without the sign: north beside west
NORTH_WEST = re.compile(
    rf"(?<=\d)\s?{_NORTH}[\s,;/|\"']{{1,4}}(?:6[6-9]|7\d|8[0-2])[.,]\d{{3,}}\s?{_WEST}"
)
BEFORE_NORTH = re.compile(r"(?<![\w.,-])(?:\d|1[0-3])[.,]\d{3,}\Z")
_STREETS = r"(?:calle|cll?|carrera|cra|kra?|avenida|av|diagonal|diag|dg|transversal|transv|tv)"
_CORNER = r"\.?\s{0,2}\d{1,3}\s?[a-z]?(?:\s?(?:bis|sur|norte|este|oeste))?"
# a sign of LaTeX stands behind a stroke
STREET = re.compile(rf"(?:^|[^\w]){_STREETS}{_CORNER}\s{{0,2}}\\?\Z", re.IGNORECASE)
_HOUSE = r"\s{0,2}\d{1,3}\s?[A-Za-z]?(?:\s{0,2}-\s{0,2}|\s{1,2})\d{1,3}(?!\w)"
NUMBER_SIGN = re.compile(f"#{_HOUSE}")
NUMBER_WORD = re.compile(rf"[Nn](?:r?o\.?|[°º]|[úu]m(?:ero)?\.?){_HOUSE}")
STREET_WORD = re.compile(rf"({_STREETS})(?:\d{{1,3}}[a-z]?)?")
UNSIGNED = re.compile(
    rf"{_CORNER}\s{{1,2}}\d{{1,3}}\s?[a-z]?\s{{0,2}}-\s{{0,2}}\d{{1,3}}(?![\w.,-])"
)
# blocks of houses that have numbers of their own
BLOCK_WORD = re.compile(r"(mza?|mzna|manzana)(?:\d{1,3}[a-z]?)?")
IN_A_BLOCK = re.compile(
    r"\.?\s{0,2}(?:\d{1,3}\s?[a-z]?|[a-z])\s{0,2}[,-]?\s{0,2}"
    r"(?:casa|cs|lote|lt|apto|apartamento)\.?\s{0,2}\d{1,3}(?!\w)"
)
DIVIPOLA = re.compile(r"divipola[^\d\n]{0,20}?\b\d{5}(?:\d{3})?\b")
LONELY = "\n\r\t,;\"'<>|[]{}()"
STREETS = 40


def pattern_hits(
    text: str, lower: str, words: set[str], *, cells: bool
) -> Iterator[tuple[str, Iterator[Span]]]:
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
    yield "e-mail", _around(MAIL, BEFORE_MAIL, 64)(text)
    yield "mobile", _mobiles(text)
    yield "gps", _coordinates(text)
    yield "gps", _other_coordinates(text, lower, words)
    yield "address", _around(NUMBER_SIGN, STREET, STREETS)(text)
    yield "address", _around(NUMBER_WORD, STREET, STREETS)(text)
    yield "address", _unsigned(lower, words)
    said = tuple(_cedulas(lower))
    yield "cedula", iter(said)
    ends = {end for _, end in said}
    yield "cedula", (span for span in _dotted(text) if span[1] not in ends)
    yield "divipola", _divipola(lower)
    if cells:
        yield "cedula", _bare_numbers(text, words)
        yield "cedula", _grouped(text)
        yield "divipola", _bare_codes(text, words)


def _around(pattern: re.Pattern[str], before: re.Pattern[str], reach: int) -> Finder:
    """Matches of a pattern that also end what must stand before them."""

    def find(text: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            start = max(0, match.start() - reach)
            head = before.search(text[start : match.start()])
            if head:
                yield start + head.start(), match.end()

    return find


def _mobiles(text: str) -> Iterator[Span]:
    for start, end in _around(MOBILE, BEFORE_MOBILE, 9)(text):
        # the sign or blank before the digits is part of what was found
        if not _decimals(text, start if text[start].isdigit() else start + 1):
            yield start, end


def _decimals(text: str, start: int) -> bool:
    """Whether the digits from here on follow the decimal comma of an element's number."""
    return WHOLE_PART.search(text[max(0, start - 20) : start]) is not None


def _coordinates(text: str) -> Iterator[Span]:
    for match in LONGITUDE.finditer(text):
        start = max(0, match.start() - 45)
        head = LATITUDE_BEFORE.search(text[start : match.start()])
        tail = LATITUDE_AFTER.match(text, match.end())
        if head:
            yield start + head.start(), match.end()
        elif tail and not text[match.start() - 1 : match.start()].isalnum():
            yield match.start(), tail.end()


def _other_coordinates(text: str, lower: str, words: set[str]) -> Iterator[Span]:
    """Degrees with a decimal comma or minutes, and pairs in labelled columns that lie apart."""
    yield from _around(COMMA_LONGITUDE, COMMA_LATITUDE, 30)(text)
    yield from _around(NORTH_WEST, BEFORE_NORTH, 24)(text)
    if any(sign in text for sign in (*DEGREES, "&deg;")):
        for pattern in (MINUTES, SIDED):
            yield from (match.span() for match in pattern.finditer(text))
    if not (words & LATITUDES or "latitud" in lower):
        return
    if not (words & LONGITUDES or "longitud" in lower):
        return
    for match in LONGITUDE.finditer(text):
        if text[match.start() - 1 : match.start()].isalnum():
            continue
        head = FAR_BEFORE.search(text[max(0, match.start() - 75) : match.start()])
        if head or FAR_AFTER.match(text, match.end()):
            yield match.span()


def _unsigned(lower: str, words: set[str]) -> Iterator[Span]:
    """Addresses without a sign before the number of the house, and houses of a block."""
    for word in sorted(words):
        for kind, rest in ((STREET_WORD, UNSIGNED), (BLOCK_WORD, IN_A_BLOCK)):
            begun = kind.fullmatch(word)
            for start, _ in standing(lower, {word}) if begun else ():
                match = rest.match(lower, start + len(begun[1])) if begun else None
                if match:
                    yield start, match.end()


def _cedulas(lower: str) -> Iterator[Span]:
    for word in CEDULA_WORDS:
        for at in occurrences(lower, word):
            match = CEDULA.match(lower, at + len(word))
            if match and not lower[at - 1 : at].isalnum() and not is_day(match[0]):
                yield at, match.end()


def _divipola(lower: str) -> Iterator[Span]:
    for match in DIVIPOLA.finditer(lower):
        yield match.span()


def is_day(text: str) -> bool:
    """Whether the digits at the end of a text are a date written as yyyymmdd."""
    digits = re.sub(r"\D", "", text)
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", digits))


def is_cedula(digits: str) -> bool:
    """Whether seven to ten digits can be a cédula: no date, no round number."""
    return (
        SHORTEST_CEDULA <= len(digits) <= LONG_CEDULA
        and digits[0] != "0"
        and (len(digits) < LONG_CEDULA or digits[0] == "1")
        and not is_day(digits)
        and not digits.endswith("0000")
    )


def _bare_numbers(text: str, words: set[str]) -> Iterator[Span]:
    """Cells that are a whole number of seven to ten digits, dates and round numbers apart."""
    found = {
        w
        for w in words
        if SHORTEST_CEDULA <= len(w) <= LONG_CEDULA and w.isdecimal() and is_cedula(w)
    }
    for start, end in standing(text, found):
        # totals of people are written so too, in seven digits
        short = len(text[start:end]) == SHORTEST_CEDULA and text[end : end + 1] == "."
        if alone(text, start, end) and not (short or _decimals(text, start)):
            yield start, end


def _grouped(text: str) -> Iterator[Span]:
    for match in GROUPED.finditer(text):
        if is_cedula(re.sub(r"\D", "", match[0])) and alone(text, *match.span()):
            yield match.span()


def _dotted(text: str) -> Iterator[Span]:
    """Numbers parted as on the card that stand alone, or where no amount is told."""
    for match in DOTTED.finditer(text):
        start, end = match.span()
        digits = re.sub(r"\D", "", match[0])
        if len(digits) < SHORTEST_DOTTED or not is_cedula(digits):
            continue
        before = text[max(0, start - REACH_OF_A_NAME) : start]
        if AMOUNT_BEFORE.search(before) or AMOUNT_AFTER.match(text, end):
            continue
        long = len(digits) == LONG_CEDULA
        if long or alone(text, start, end) or NAMED_BEFORE.search(before):
            yield start, end


def _bare_codes(text: str, words: set[str]) -> Iterator[Span]:
    """Cells like 05001: only a code of departments 05 and 08 has a leading zero."""
    found = {w for w in words if len(w) in (5, 8) and w.isdigit() and w[:2] in ("05", "08")}
    for start, end in standing(text, found):
        if alone(text, start, end) and not _decimals(text, start):
            yield start, end


def alone(text: str, start: int, end: int) -> bool:
    """Whether what stands there fills its cell; a program may have written it with ``.0``."""
    zeros = ZEROS.match(text, end)
    end = zeros.end() if zeros else end
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    return (not before or before in LONELY) and (not after or after in LONELY)


def occurrences(text: str, piece: str) -> Iterator[int]:
    """Where each occurrence of a piece begins, overlapping ones too."""
    at = text.find(piece)
    while at >= 0:
        yield at
        at = text.find(piece, at + 1)


def standing(
    text: str, words: set[str] | frozenset[str], joins: Callable[[str], bool] | None = None
) -> Iterator[Span]:
    """Where each of the words stands as a word of its own: no letter that joins beside it."""
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
