"""Patterns of how somebody is reached or told apart: phones, links, devices, plates, births, names.

As in :mod:`evaluation.release.identifier_patterns`, each search begins with a sign or word that
is rare in results, and looks around it only then.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.release.identifier_patterns import is_cedula, is_day
from evaluation.release.personal_names import names

Span = tuple[int, int]

_DIGITS = r"\d{3}[ .-]?\d{2}[ .-]?\d{2}"
# the code of a region in brackets, as on a letterhead; or 60 and a digit with blanks after it
LANDLINE = re.compile(
    rf"(?<![\w.,])(?:\+?57[ .-]?)?(?:\((?:60)?[1-8]\)[ .-]?{_DIGITS}|60[1-8][ -]{_DIGITS})"
    r"(?![\w]|[.,]\d)"
)
CALLED_LEADS = ("tel", "tfno", "fijo", "phone", "whats", "cel", "movil", "móvil", "llam", "llám")
SHORTEST_PHONE = 7
LANDLINE_LEAD = re.compile(r"\((?:60)?[1-8]\)[ .-]?\d|60[1-8][ -]\d")
CALLED = re.compile(
    r"\b(?:tel[eé]fonos?|tel|tfno|fijo|phone|whats?app|cel(?:ular)?|m[oó]vil|ll[aá]m\w{1,4} al)"
    r"[\s.:#=]{1,3}(?:n[uú]mero\s|no\.?\s|al\s|es\s)?(\+?\(?\d[\d ().-]{5,17}\d)",
)
_AT = r"(?:\s{0,2}[(\[{<]\s{0,2}(?:arroba|at)\s{0,2}[)\]}>]\s{0,2}|\s{1,2}arroba\s{1,2})"
_DOT = r"(?:\s{0,2}[(\[{<]?\s{0,2}(?:punto|dot)\s{0,2}[)\]}>]?\s{0,2}|\s?\.\s?)"
_ENDING = r"(?:com|co|org|net|edu|gov|es|info)\b"
SPELLED = re.compile(
    rf"[\w.+-]{{2,40}}{_AT}[\w-]{{2,40}}{_DOT}{_ENDING}"
    rf"|[\w.+-]{{2,40}}\sat\s[\w-]{{2,40}}\s(?:dot|punto)\s{_ENDING}"
)
SPELLED_LEAD = re.compile(r"arroba|[(\[{<]\s{0,2}at\s{0,2}[)\]}>]|\sat\s[\w-]+\s(?:dot|punto)\s")
# blanks around the signs of an address, where those without any are another pattern's
PARTED = re.compile(
    rf"@[ \t]{{0,2}}[\w-]{{2,40}}(?:[ \t]?\.[ \t]?[\w-]{{2,40}}){{0,2}}?[ \t]?\.[ \t]?{_ENDING}"
)
BEFORE_PARTED = re.compile(r"(?:\w[\w+-]*[ \t]?\.[ \t]?){0,2}\w[\w+-]+[ \t]{0,2}\Z")
REACH_OF_PARTED = 48
LINK = re.compile(
    r"(?<![\w.-])(?:wa\.(?:me|link)|t\.me|m\.me|signal\.me|telegram\.me|discord\.gg"
    r"|(?:api|chat|web)\.whatsapp\.com)"
    r"/[\w+?=/#@-]{3,}"
)
PROFILE = re.compile(
    r"(?<![\w-])(?:facebook|fb|instagram|tiktok|twitter|x|linkedin|youtube|threads|snapchat)"
    r"\.(?:com|net|me)/(?!(?:sharer|share|intent|hashtag|watch|embed|plugins|search|home)\b)"
    r"(?:in/|add/|user/|c/|@)?[a-z0-9][\w.-]{2,}"
)
HANDLE = re.compile(
    r"\b(?:instagram|insta|facebook|tik ?tok|twitter|telegram|whats?app|skype)\s{0,2}[:=]\s{0,2}"
    r"@?[a-z][\w.]{3,}"
    r"|\b(?:instagram|insta|facebook|tik ?tok|twitter|telegram|ig)\s{1,2}@[a-z_][\w.]{2,}"
)
MAP = re.compile(
    r"(?<![\w.-])(?:maps\.app\.goo\.gl/|goo\.gl/maps/|maps\.google\.[a-z.]{2,6}/"
    r"|(?:www\.)?google\.[a-z.]{2,6}/maps[/?@]|(?:www\.)?waze\.com/(?:ul|live-map)[/?]"
    r"|maps\.apple\.com/|what3words\.com/)[\w+?=&/@.,%-]{3,}"
)
PLUS_CODE = re.compile(
    r"(?<![\w+/=-])(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[23456789CFGHJMPQRVWX]{4,8}"
    r"\+[23456789CFGHJMPQRVWX]{2,3}(?![\w+/=])"
)
PLUS_CODE_LEAD = re.compile(r"\+[23456789CFGHJMPQRVWX]{2}")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
ADDRESS = re.compile(rf"(?<![\w.,-]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w-]|\.\d)")
ADDRESS_LEAD = re.compile(r"\.\d{1,3}\.\d{1,3}\.\d")
# the machine itself, and whatever says a version
NOBODY = ("127.", "0.", "255.")
VERSION = re.compile(r"(?:version|versi[oó]n|v|==|>=|<=|~=)[\s:=\"']{0,3}\Z")
SMALL_OCTETS = 10
ADDRESS_6 = re.compile(
    r"(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])"
    r"|(?<![\w:])[23][0-9a-f]{3}:(?:[0-9a-f]{1,4}:){0,5}:[0-9a-f]{1,4}(?![\w:])"
)
ADDRESS_6_LEAD = re.compile(r"::|:[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:")
CARD = re.compile(r"(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\w:-])")
CARD_LEAD = re.compile(r"([:-])[0-9a-f]{2}\1[0-9a-f]{2}\1[0-9a-f]{2}\1")
# without its colons, or in three groups, where it is named
NAMED_CARD = re.compile(
    r"\b(?:mac|bssid|bluetooth|wi-?fi)\b(?:\s{1,2}(?:address|direcci[oó]n|id))?[\s:=#\"'(]{1,4}"
    r"(?=[a-f-]{0,12}\d)(?:[0-9a-f]{12}|[0-9a-f]{6}-[0-9a-f]{6}|[0-9a-f]{4}(?:[.-][0-9a-f]{4}){2})\b"
)
IMEI = re.compile(r"(?<![\w.,-])(\d{2}[ -]?\d{6}[ -]?\d{6}[ -]?\d)(?![\w]|[.,]\d)")
DEVICE_WORDS = re.compile(r"\b(?:imei|meid|dispositivo|device|tel[eé]fono|celular|equipo)\b")
# what most phones' numbers begin with
DEVICES = ("35", "86", "01", "99")
_DAY = (
    r"(?:\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)?\d\d"
    r"|(?:19|20)\d\d[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-][a-z]{3,12}\.?[/.-](?:19|20)?\d\d"
    r"|\d{1,2}\s(?:de\s)?[a-zé]{3,12}\.?\s(?:de\s|del\s)?(?:19|20)\d\d)"
)
BORN = re.compile(
    r"\b(?:nac(?:i[oó]|id[oa]|imiento|í)?|f\.?\s?nac|born|birth ?date|date of birth|birthday|dob"
    rf"|cumplea[nñ]os)\b\D{{0,24}}{_DAY}(?!\d)|\bf\.?\s?n\.?[\s:=]{{1,3}}{_DAY}(?!\d)"
)
TAX = re.compile(r"\b(?:nit|rut)\b[\s.:#°no]{0,6}\d{1,3}(?:[. ]?\d{3}){2}(?:\s?-\s?\d)?(?!\d)"
                 r"|(?<![\w.])[89]\d{2}\.\d{3}\.\d{3}\s?-\s?\d(?!\w)")  # fmt: skip
TAX_LEAD = re.compile(r"\b(?:nit|rut)\b|\.\d{3}\.\d{3}\s?-\s?\d")
# a card of minors, of foreigners, a permit, a register of births: in capitals, or of ten digits
_NUMBER = r"[\s:#]{0,3}(?:[Nn](?:[.°º]|o\.|[úu]m(?:ero)?\.?)\s{0,2})?"
CARD_WORD = re.compile(
    rf"\b(?:T\.?\s?I|C\.?\s?E|P\.?P\.?T|P\.?E\.?P|R\.?\s?C|D\.?N\.?I)\b\.?{_NUMBER}"
    r"(\d{6,15}|\d{1,3}(?:\.\d{3}){1,4})(?!\w|[.,]\d)"
)
MINOR = re.compile(rf"\bt\.?i\b\.?{_NUMBER}(1\d{{9}})(?!\w|[.,]\d)")
SHORTEST_CARD = 6
PASSPORT = re.compile(
    r"\b(?:pasaporte|passport)s?\b[^\n\d]{0,24}?\b(?:[a-z]{1,3}[ -]?\d{5,8}|\d{6,9})\b(?![.,]\d)"
)
PLATE = re.compile(
    r"\b(?:placas?|moto(?:cicleta)?s?|carro|veh[ií]culo|camioneta|taxi|plates?)\b[^\n\d]{0,24}?"
    r"\b[a-z]{3}[ -]?\d{2}(?:\d|[a-z])\b"
)
# enrolments have the same word: three letters that touch the digits, or capitals
REGISTERED = re.compile(
    r"\b[Mm]atr[ií]culas?\b[^\n\d]{0,24}?\b(?:[A-Za-z]{3}-?|[A-Z]{3} )\d{2}[\dA-Za-z]\b"
)


@dataclass(frozen=True, slots=True)
class Search:
    """A pattern of a rule, and what a text must hold for the longer search to be worth its time.

    ``leads`` are pieces of the text in lower case, or a shorter pattern; ``cased`` patterns look at
    the text as it is, and so do their shorter ones.
    """

    rule: str
    pattern: re.Pattern[str]
    leads: tuple[str, ...] | re.Pattern[str]
    cased: bool = False

    def spans(self, text: str, lower: str) -> Iterator[Span]:
        """Where the pattern is."""
        searched = text if self.cased else lower
        if isinstance(self.leads, re.Pattern):
            led = self.leads.search(searched) is not None
        else:
            led = any(lead in lower for lead in self.leads)
        if led:
            yield from (match.span() for match in self.pattern.finditer(searched))


SEARCHES = (
    Search("e-mail", SPELLED, SPELLED_LEAD),
    Search("profile", LINK, (".me/", "wa.link/", "whatsapp.com/", "discord.gg/")),
    Search("gps", MAP, ("goo.gl/", "google.", "waze.com/", "maps.apple.", "what3words.")),
    Search("profile", PROFILE, (".com/", ".net/", ".me/")),
    Search(
        "profile",
        HANDLE,
        ("insta", "facebook", "tik", "twitter", "telegram", "whats", "skype", "ig @", "ig  @"),
    ),
    Search("phone", LANDLINE, LANDLINE_LEAD, cased=True),
    Search("gps", PLUS_CODE, PLUS_CODE_LEAD, cased=True),
    Search("device", ADDRESS_6, ADDRESS_6_LEAD),
    Search("device", CARD, CARD_LEAD),
    Search("device", NAMED_CARD, ("mac", "bssid", "bluetooth", "wifi", "wi-fi")),
    Search(
        "birth",
        BORN,
        ("nac", "born", "birth", "dob", "cumplea", "fn", "f.n", "f. n", "f n"),
    ),
    Search("cedula", TAX, TAX_LEAD),
    Search("cedula", PASSPORT, ("pasaporte", "passport")),
    Search(
        "plate",
        PLATE,
        ("placa", "moto", "carro", "vehículo", "vehiculo", "camioneta", "taxi", "plate"),
    ),
    Search("plate", REGISTERED, ("matrícula", "matricula"), cased=True),
)


def contact_hits(text: str, lower: str, *, cells: bool) -> Iterator[tuple[str, Span]]:
    """Each rule with where it finds something.

    Parameters
    ----------
    text, lower : str
        The text, and the same in lower case.
    cells : bool
        Whether short values stand alone, so that a bare number says something.
    """
    for search in SEARCHES:
        yield from ((search.rule, span) for span in search.spans(text, lower))
    yield from (("e-mail", span) for span in _parted(lower))
    yield from (("phone", span) for span in _called(lower))
    yield from (("device", span) for span in _devices(text, lower, cells=cells))
    yield from (("cedula", span) for span in _documents(text, lower))
    yield from (("name", span) for span in names(text))


def _called(lower: str) -> Iterator[Span]:
    """Numbers behind the word of a telephone."""
    if any(lead in lower for lead in CALLED_LEADS):
        for match in CALLED.finditer(lower):
            if len(re.sub(r"\D", "", match[1])) >= SHORTEST_PHONE:
                yield match.span()


def _parted(lower: str) -> Iterator[Span]:
    """Addresses of mail with a blank beside their signs."""
    for match in PARTED.finditer(lower):
        start = max(0, match.start() - REACH_OF_PARTED)
        head = BEFORE_PARTED.search(lower[start : match.start()])
        if head is None:
            continue
        blank = head[0][-1].isspace() or re.search(r"\s\.", head[0]) or re.search(r"\s", match[0])
        if blank:
            yield start + head.start(), match.end()


def _documents(text: str, lower: str) -> Iterator[Span]:
    """Numbers of cards, permits and passports behind their short names."""
    for match in CARD_WORD.finditer(text):
        digits = re.sub(r"\D", "", match[1])
        if len(digits) >= SHORTEST_CARD and not (is_day(digits) or digits.endswith("0000")):
            yield match.span()
    for match in MINOR.finditer(lower):
        # in capitals it was found above
        if is_cedula(match[1]) and not text[match.start()].isupper():
            yield match.span()


def _devices(text: str, lower: str, *, cells: bool) -> Iterator[Span]:
    """Addresses in a network, of a card, and serial numbers of phones."""
    for match in ADDRESS.finditer(text) if ADDRESS_LEAD.search(text) else ():
        before = lower[max(0, match.start() - 12) : match.start()]
        octets = [int(x) for x in match[0].split(".")]
        # numbers of versions and of sections are small
        if max(octets) < SMALL_OCTETS or match[0].startswith(NOBODY) or VERSION.search(before):
            continue
        yield match.span()
    for match in IMEI.finditer(text) if cells or DEVICE_WORDS.search(lower) else ():
        digits = re.sub(r"\D", "", match[1])
        near = DEVICE_WORDS.search(lower[max(0, match.start() - 24) : match.start()])
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
