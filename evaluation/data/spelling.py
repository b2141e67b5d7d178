"""How names and codes are written: lost zeros, lookalike signs, headers of forms, legal names.

To a person an id with a Cyrillic first letter is the same id; to a program it is somebody else.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from importlib import resources

from evaluation.config.toml_reader import Text

# Excel also writes whole numbers as 5045.0 when they pass through a number's column
DIGITS = re.compile(r"(\d{1,15})(?:\.0+)?", re.ASCII)
ZERO_LED = re.compile(r"0\d{1,14}", re.ASCII)


def whole_number(text: str, decimal: str = ".") -> str:
    """A whole number that was written with decimals, without them: ``42`` for ``42.0``.

    Every other text is given back as it is.

    Parameters
    ----------
    text : str
    decimal : {".", ","}
        Decimal mark of its file.
    """
    number, mark, decimals = text.partition(decimal)
    digits = number.removeprefix("-")
    written = mark and decimals and not decimals.strip("0") and digits.isascii()
    return number if written and digits.isdecimal() else text


def lost_zeros(values: Iterable[object], codes: Iterable[object]) -> dict[str, str]:
    """Values that are no code, and the code that each would be with zeros in front.

    Parameters
    ----------
    values, codes : iterable
        Cells of a file, and the codes they should be. What has other letters than digits is left
        out, and so is a value that two codes would fit.

    Returns
    -------
    dict of str to str
        Code by value, sorted by value.
    """
    known = {str(code) for code in codes}
    bare: dict[str, set[str]] = {}
    for code in filter(ZERO_LED.fullmatch, known):
        bare.setdefault(_bare(code), set()).add(code)
    # what is no number, and zeros alone, are nobody's short form
    bare.pop("", None)
    found = {}
    for value in sorted({str(value) for value in values} - known):
        fitting = bare.get(_bare(value), set())
        if len(fitting) == 1:
            found[value] = next(iter(fitting))
    return found


def lost_zero_example(pairs: Mapping[str, str]) -> tuple[str, str]:
    """The first value and code, by which the loss is shown; the same for every row of a file."""
    return next(iter(pairs.items()))


def _bare(text: str) -> str:
    """Digits without zeros in front; empty where there are none."""
    match = DIGITS.fullmatch(text)
    return match[1].lstrip("0") if match else ""


# Capital and small letters of Cyrillic and Greek that are drawn as Latin ones (Unicode Technical
# Standard 39, confusables.txt, the single letters of these two scripts), in pairs.
CONFUSABLE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеѕіјорсухӀԁԛԝһΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαρνυιкт",
    "ABESIJKMHOPCTYXaesijopcyxIdqwhABEZHIKMNOPTYXoapvuikt",
)
# look like letters, and no normalisation takes them for these
DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\uff0d"), "-")


def plain_signs(text: str) -> str:
    """The text in the signs that it looks to be written in: NFKC, then letters drawn alike."""
    if text.isascii():
        return text
    compatible = unicodedata.normalize("NFKC", text).translate(CONFUSABLE).translate(DASHES)
    # a digit of any script is one of 0 to 9
    return "".join(str(unicodedata.digit(s)) if s.isdecimal() else s for s in compatible)


def is_lookalike(text: str) -> bool:
    """Whether a text has signs that only look like a keyboard's.

    A text all in another script (a name in Cyrillic letters) is not meant: some of its letters
    must be Latin or stay no letter at all once these signs are plain.
    """
    if text.isascii():
        return False
    plain = plain_signs(text)
    return plain != unicodedata.normalize("NFC", text) and plain.isascii()


# spellings of columns, languages and types
LISTS: dict[str, dict[str, list[str]]] = tomllib.loads(
    resources.files(__package__).joinpath("spelling.toml").read_text("utf-8")
)
SPELLINGS = {spelled: base for base, others in LISTS["headers"].items() for spelled in others}
# prefixes that say where a column lands in the form's XML, not what it holds
PREFIXES = ("bind", "control", "body", "jr")
TYPE_SPELLINGS = {s: known for known, others in LISTS["types"].items() for s in (known, *others)}
SELECTS = ("select_one", "select_multiple", "rank")


def plain(text: str) -> str:
    """Lower case without accents, blanks at the ends removed and inner ones made single."""
    folded = unicodedata.normalize("NFKD", text.replace("’", "'"))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def header(text: str, *, code_column: str = "name") -> tuple[str, str]:
    """Base name and language of a column.

    Parameters
    ----------
    text : str
        As in the form: ``label::English (en)``, ``label:portuguese``, ``relevance``.
    code_column : str
        What a column ``value`` is called: the choices sheet of some servers names codes so.

    Returns
    -------
    base, language : str
        Language is "en", "es", another name in lower case, or empty.
    """
    parts = [part.strip() for part in re.split(r"::?", text.strip())]
    if len(parts) > 1 and plain(parts[0]) in PREFIXES:
        parts = parts[1:]
    base = re.sub(r"[\s-]+", "_", plain(parts[0]))
    base = code_column if base == "value" else SPELLINGS.get(base, base)
    if base == "media" and len(parts) > 1:
        return f"media:{plain(parts[1])}", language(":".join(parts[2:]))
    return base, language(":".join(parts[1:]))


def language(text: str) -> str:
    """Two-letter code for English and Spanish by name or code, else the name in lower case."""
    named = plain(text)
    code = re.search(r"\(([a-z]{2,3})(?:[-_][a-z0-9]+)?\)$", named)
    names = (code[1] if code else "", re.sub(r"\s*\(.*\)$", "", named), named.split("-")[0])
    for known, spellings in LISTS["languages"].items():
        if any(name in spellings for name in names):
            return known
    return named


def split_type(text: str) -> tuple[str, str, str]:
    """Type, list name and the rest of a type cell; the type is empty where it is unknown.

    ``select_one yesno or_other`` gives ``("select_one", "yesno", "or_other")``.
    """
    words = text.split()
    for length in range(min(4, len(words)), 0, -1):
        spelled = re.sub(r"[\s-]+", "_", plain(" ".join(words[:length])))
        if spelled in TYPE_SPELLINGS:
            known = TYPE_SPELLINGS[spelled]
            if known not in SELECTS:
                # further words are parameters of some servers
                return known, "", " ".join(words[length:])
            rest = words[length:]
            return known, rest[0] if rest else "", " ".join(rest[1:])
    return "", "", ""


LONGEST = 32
SHORT = 90
UNNAMED = ""


def legal(raw: str) -> str:
    """A name ``[a-z][a-z0-9_]{0,31}`` for a raw one.

    Accents and capitals go, other signs become one ``_``, a name that begins with no letter gets
    ``v_``, and what is too long is cut.
    """
    name = re.sub(r"[^a-z0-9]+", "_", plain(raw)).strip("_")
    if not name[:1].isalpha():
        name = f"v_{name}".rstrip("_")
    return name[:LONGEST].rstrip("_")


def legal_names(raws: Iterable[str]) -> list[str]:
    """Legal names in order; one that is taken already gets ``_2``, ``_3`` and so on."""
    taken: set[str] = set()
    names = []
    for raw in raws:
        name, number = legal(raw), 1
        stem = name
        while name in taken:
            number += 1
            ending = f"_{number}"
            name = stem[: LONGEST - len(ending)].rstrip("_") + ending
        taken.add(name)
        names.append(name)
    return names


def bilingual(labels: Mapping[str, str], *, otherwise: str) -> tuple[Text, tuple[str, ...]]:
    """English and Spanish of a label, and what is to be translated.

    Parameters
    ----------
    labels : mapping of language to text
        "en", "es", other names, or "" where the form does not name the language.
    otherwise : str
        Stands for both where there is no text at all.

    Returns
    -------
    text, notes
        One ``translate:`` note where a language is missing: its text is then another's.
    """
    said = {language: words(label) for language, label in labels.items() if words(label)}
    if not said:
        return Text(otherwise, otherwise), ()
    spare = said.get(UNNAMED) or next(iter(said.values()))
    text = Text(said.get("en", spare), said.get("es", spare))
    lacking = [language for language in ("en", "es") if language not in said]
    if not lacking:
        return text, ()
    if UNNAMED in said:
        origin = "the form does not name the language of this text"
    else:
        origin = f"the form has {', '.join(said)}"
    return text, (f"translate: {' and '.join(lacking)} ({origin})",)


def words(label: str) -> str:
    """A label in one line, without the marks of a web page."""
    return " ".join(re.sub(r"</?[A-Za-z][^<>]*>", " ", label).split())


def short(text: Text) -> Text:
    """At most 90 letters of each language, cut between words."""
    return Text(_cut(text.en), _cut(text.es))


def _cut(text: str) -> str:
    if len(text) <= SHORT:
        return text
    return text[: SHORT - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
