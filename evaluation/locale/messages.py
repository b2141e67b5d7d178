"""What the package says, as an id and named parameters; the text is made here.

``en.po`` and ``es.po`` beside this module hold one entry for each id, those in ``engine`` what the
engine says, which stands alone without the others. A word that is said anew
keeps its id, so that no translation is lost. A hole is written ``{name}``; in the Spanish
``{name:word}`` says that the parameter is itself a word of the package. Words that others wrote
(reading libraries, the operating system, the demonstration's ledger) are known by their whole
text, as it is written there; the catalogue holds it as an entry whose id begins with ``outside``.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from babel.messages import pofile

from evaluation.locale.typed_commands import as_typed

HOLE = re.compile(r"\{([a-z_]+)\}")
LANGUAGES = ("en", "es")
# marks of thousands and decimals, exchanged
MARKS = {"en": str.maketrans({}), "es": str.maketrans({",": ".", ".": ","})}
LINE = "\n    - "
AND = {"en": " and ", "es": " y "}
# before the sound of an i Spanish says another word
AND_BEFORE_I = " e "
SOUNDS_I = re.compile(r"«?h?[ií](?!e)", re.IGNORECASE)
Counted = Literal["interviews", "clusters"]


@dataclass(frozen=True, slots=True)
class Count:
    """How many interviews or clusters a message is about: published where they are not few."""

    n: int
    of: Counted

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", int(self.n))


@dataclass(frozen=True, slots=True)
class Plain:
    """A number of the rule, the file or the questionnaire, as it is shown: it counts nobody."""

    shown: object

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", f"{self.shown}")


@dataclass(frozen=True, slots=True)
class ResultNumber:
    """A number of a result, as it is shown in English: it gets the marks of the language."""

    shown: str


@dataclass(frozen=True, slots=True)
class Several:
    """Values one after another: between semicolons, as lines of a list, or with commas and *and*.

    Attributes
    ----------
    values : tuple of Value
    between : {"; ", ", ", "lines", "and"}
    """

    values: tuple["Value", ...]
    between: Literal["; ", ", ", "lines", "and"] = "; "

    def text(self, language: str) -> str:
        """The values in a language."""
        said = [text_of(value, language) for value in self.values]
        if self.between == "lines":
            return "".join(f"{LINE}{line}" for line in said)
        if self.between == "and":
            before_i = language == "es" and said and SOUNDS_I.match(said[-1])
            joined = AND_BEFORE_I if before_i else AND[language]
            return joined.join(filter(None, (", ".join(said[:-1]), *said[-1:])))
        return self.between.join(said)


@dataclass(frozen=True, slots=True)
class Message:
    """What the package says: an entry of the catalogue and a value for each of its holes.

    Raises
    ------
    KeyError
        There is no such entry, or its holes are not the parameters given.
    """

    id: str
    parameters: tuple[tuple[str, "Value"], ...] = ()

    def __post_init__(self) -> None:
        given = {name for name, _ in self.parameters}
        if holes(self.id) != given:
            problem = f"{self.id} takes {sorted(holes(self.id))}, not {sorted(given)}"
            raise KeyError(problem)

    def __str__(self) -> str:
        return self.text("en")

    def __repr__(self) -> str:
        # notes and records are looked at in a notebook
        return repr(str(self))

    def text(self, language: str) -> str:
        """The sentence in a language, ``en`` or ``es``."""
        return wording(self.id, language, **dict(self.parameters))


# what JSON holds of a value
Data = Any
Value = str | Count | Plain | ResultNumber | Several | Message


def message(identifier: str, /, **parameters: object) -> Message:
    """A message of the package, to be made into text where somebody reads it.

    Parameters
    ----------
    identifier : str
        Id of an entry of the catalogue, such as ``series-year-of-zeros.problem``.
    parameters
        A value for each hole of the entry, by name: a `Value`, or anything that is shown by `str`.
        A number that the reader may always see is a `Plain`, one that counts respondents or
        clusters a `Count`.

    Raises
    ------
    KeyError
        There is no such entry, or its holes are not the parameters given.
    """
    return Message(identifier, tuple((name, _kept(v)) for name, v in parameters.items()))


def several(
    values: Iterable[object], between: Literal["; ", ", ", "lines", "and"] = "; "
) -> Several:
    """Values for one hole; see `Several`.

    Parameters
    ----------
    values : iterable of object
    between : Literal['; ', ', ', 'lines', 'and']
        What stands between them.
    """
    return Several(tuple(_kept(value) for value in values), between)


def word(name: str | Message) -> Message | str:
    """A word of the package by its English; it stands as it is where the catalogue has none."""
    if isinstance(name, Message):
        return name
    identifier = f"word.{name.replace(' ', '-').replace('_', '-')}"
    return Message(identifier) if identifier in catalogue("en") else name


def text_of(value: Value, language: str) -> str:
    """A parameter as a reader sees it.

    Parameters
    ----------
    value : Value
    language : {"en", "es"}
    """
    if isinstance(value, Message | Several):
        return value.text(language)
    if isinstance(value, ResultNumber):
        return value.shown.translate(MARKS[language])
    if isinstance(value, Count):
        return f"{value.n:,}".translate(MARKS[language])
    return _marked(f"{value.shown}", language) if isinstance(value, Plain) else value


def _marked(shown: str, language: str) -> str:
    """A number with the marks of a language; a day, a version and a list stay as they are."""
    digits = shown.removesuffix("%").replace(",", "").replace(".", "", 1)
    if language == "en" or not digits.isdecimal():
        return shown
    return shown.translate(MARKS[language]).replace("%", "\N{NO-BREAK SPACE}%")


def leaves(value: Value) -> Iterator[Value]:
    """Values inside a message, those of its parts among them."""
    if isinstance(value, Message | Several):
        parts = value.values if isinstance(value, Several) else (v for _, v in value.parameters)
        for part in parts:
            yield from leaves(part)
    else:
        yield value


def wording(identifier: str, language: str, /, **parameters: object) -> str:
    """The words of an entry in a language.

    Parameters
    ----------
    identifier : str
        Id of an entry of the catalogue, such as ``column.estimate``.
    language : {"en", "es"}
    parameters
        A value for each hole of the entry, by name; others are passed over.

    Raises
    ------
    KeyError
        There is no such entry, or a hole has no parameter.
    """
    said = {name: text_of(_kept(value), language) for name, value in parameters.items()}
    entry = catalogue(language)[identifier]
    text = HOLE.sub(lambda hole: said[hole[1]], entry[0 if said.get("n") == "1" else -1])
    return as_typed(text)


def term(prefix: str, name: str, language: str) -> str:
    """The words for a name, such as a unit or a column; the name itself where it has none.

    Parameters
    ----------
    prefix : str
        How the ids of the kind begin, such as ``unit``.
    name : str
        What stands behind it in the id.
    language : {"en", "es"}
    """
    return wording(f"{prefix}.{name}", language) if name in entries(prefix) else name


@functools.cache
def entries(prefix: str) -> tuple[str, ...]:
    """What stands behind a prefix in the ids: ``SD`` and others for ``unit``."""
    begin = f"{prefix}."
    return tuple(i.removeprefix(begin) for i in catalogue("en") if i.startswith(begin))


def texts(prefix: str, language: str) -> dict[str, str]:
    """Texts of a kind by name, their holes unfilled.

    Parameters
    ----------
    prefix : str
        How the ids of the kind begin.
    language : {"en", "es"}
    """
    return {name: catalogue(language)[f"{prefix}.{name}"][-1] for name in entries(prefix)}


def by_english(prefix: str, language: str) -> dict[str, str]:
    """Texts of a kind in a language by their English, which the source of a page has.

    Parameters
    ----------
    prefix : str
        How the ids of the kind begin.
    language : {"en", "es"}
    """
    said = texts(prefix, language)
    return {english: said[name] for name, english in texts(prefix, "en").items()}


@functools.cache
def holes(identifier: str) -> frozenset[str]:
    """Names of the parameters that an entry takes.

    Raises
    ------
    KeyError
        There is no such entry.
    """
    return frozenset(HOLE.findall(catalogue("en")[identifier][-1]))


@functools.cache
def named(identifier: str) -> frozenset[str]:
    """Parameters of an entry that stand in backticks: names of columns, files or keys."""
    return frozenset(
        name
        for part in catalogue("en")[identifier][-1].split("`")[1::2]
        for name in HOLE.findall(part)
    )


@functools.cache
def catalogue(language: str) -> Mapping[str, tuple[str, ...]]:
    """Texts by id in one language, holes unfilled: one text, or those for ``n`` = 1 and others."""
    here = Path(__file__).parent
    found = {}
    for path in (here / "engine" / f"{language}.po", here / f"{language}.po"):
        if path.parent == here and not path.is_file():
            continue
        with path.open("rb") as file:
            entries = pofile.read_po(file, locale=language, abort_invalid=True)
        for entry in entries:
            if entry.id:
                name = entry.id if isinstance(entry.id, str) else entry.id[0]
                found[name] = _texts(entry.string)
    return dict(sorted(found.items()))


def as_data(value: Value) -> Data:
    """A message or one of its parameters as JSON holds it; see `from_data`."""
    if isinstance(value, Message):
        said = {name: as_data(v) for name, v in value.parameters}
        return {"id": value.id, "with": said} if said else {"id": value.id}
    if isinstance(value, Several):
        return {"values": [as_data(v) for v in value.values], "between": value.between}
    if isinstance(value, Count):
        return {"count": value.n, "of": value.of}
    if isinstance(value, Plain):
        return {"plain": value.shown}
    return {"figure": value.shown} if isinstance(value, ResultNumber) else value


def from_data(data: Data) -> Value:
    """A message or one of its parameters from what `as_data` made of it.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is none of them, or the catalogue has no such message.
    """
    if isinstance(data, str):
        return data
    if "id" in data:
        said = data.get("with", {})
        return Message(data["id"], tuple((name, from_data(v)) for name, v in said.items()))
    if "values" in data:
        return Several(tuple(from_data(v) for v in data["values"]), data["between"])
    if "count" in data:
        return Count(data["count"], data["of"])
    return Plain(data["plain"]) if "plain" in data else ResultNumber(data["figure"])


def _texts(entry: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (entry,) if isinstance(entry, str) else tuple(entry or ())


def _kept(value: object) -> Value:
    if isinstance(value, str | Message | Count | Plain | ResultNumber | Several):
        return value
    return ResultNumber(f"{value}") if isinstance(value, float) else f"{value}"


BEGINNING = "outside."
# as the reader of delimited text says it, with the two marks
EXPECTED = " expected after "


def outside(text: str) -> Message | str:
    """What somebody else said as a message of the catalogue, or as it stands where it is none."""
    if text in _entries():
        return message(_entries()[text])
    what, found, after = text.partition(EXPECTED)
    return message("expected-after.part", what=what, after=after) if found else text


def outside_in(text: str, language: str) -> str:
    """What somebody else said in a language; as it stands where nobody put it into words.

    Parameters
    ----------
    text : str
        As it is written there.
    language : {"en", "es"}
    """
    found = outside(text)
    return found.text(language) if isinstance(found, Message) else found


@functools.cache
def _entries() -> Mapping[str, str]:
    english = catalogue("en")
    return {english[name][0]: name for name in english if name.startswith(BEGINNING)}
