"""Messages of the data layer in Spanish: the English text is the key, as translators know it.

Findings and errors are made in English where the rule stands. ``messages_es.toml`` pairs each
English template with its Spanish one; here a message is matched to its template and filled in.
"""

import functools
import re
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.locale import messages
from evaluation.spec import load
from evaluation.spec.records import Finding

CATALOGUE = "messages_es.toml"
HOLE = re.compile(r"\{(\d+)(?::(said|word|list|items))?\}")
# how much of a message a hole of a kind takes
SPAN = {"said": ".+", "list": ".+", "items": ".*"}
SEPARATOR = "; "
ITEM = "\n    - "
QUOTES = "'\""
# distinct messages of one run that are kept
KEPT = 4096


Kind = typing.TypeVar("Kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """English templates and their Spanish: messages, parts of messages, words of libraries."""

    messages: dict[str, str]
    parts: dict[str, str]
    library: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One English template as a pattern, and its Spanish.

    Attributes
    ----------
    kinds : mapping of str to str
        By number of the hole: "" for a text that stays, "said", "word", "list" or "items".
    literal : int
        Letters of the English template outside its holes.
    """

    english: str
    spanish: str
    pattern: re.Pattern[str]
    kinds: Mapping[str, str]
    literal: int


def in_language(text: str, language: str) -> str:
    """A message of the data layer, or several between semicolons, in a language.

    Parameters
    ----------
    text : str
        The English message.
    language : {"en", "es"}

    Returns
    -------
    str
        The English text where the language is English, or where no template fits.
    """
    if language != "es":
        return text
    said = spanish(text) or _listed(text)
    return text if said is None else said


def finding_in_language(finding: Finding, language: str) -> Finding:
    """A finding with its problem and mend in a language; rule, place and value are the same."""
    return replace(
        finding,
        problem=in_language(finding.problem, language),
        mend=in_language(finding.mend, language),
    )


@functools.lru_cache(maxsize=KEPT)
def spanish(text: str) -> str | None:
    """A message in Spanish; None where no template fits."""
    exact, others = templates("messages")
    if text in exact:
        return exact[text]
    return next((said for t in others if (said := filled(t, text)) is not None), None)


@functools.cache
def catalogue() -> Catalogue:
    """The pairs as written.

    Raises
    ------
    SpecError
        The file is not what it should be.
    """
    return read_catalogue(Catalogue, CATALOGUE)


def read_catalogue(kind: type[Kind], name: str) -> Kind:
    """The pairs of a file beside this one, in the tables that ``kind`` has.

    Raises
    ------
    SpecError
        The file is not what it should be.
    """
    table = load.read_toml(Path(__file__).with_name(name))
    return typing.cast(Kind, load.convert(kind, table, where=name))


@functools.cache
def templates(*names: str) -> tuple[dict[str, str], tuple[Template, ...]]:
    """Whole texts of parts of the catalogue, and its templates with holes."""
    pairs = {en: es for name in names for en, es in getattr(catalogue(), name).items()}
    return ordered({**pairs, **messages.pairs()} if "messages" in names else pairs)


def ordered(pairs: Mapping[str, str]) -> tuple[dict[str, str], tuple[Template, ...]]:
    """Pairs as whole texts and as templates with holes.

    The templates stand in the order in which they are tried: most letters first.
    """
    exact = {en: es for en, es in pairs.items() if not HOLE.search(en)}
    others = [template(en, es) for en, es in pairs.items() if HOLE.search(en)]
    return exact, tuple(sorted(others, key=lambda t: (-t.literal, t.english)))


def template(english: str, spanish: str) -> Template:
    """A pair as a pattern that whole messages match."""
    bare = HOLE.split(english)
    # text, number, kind, text, number, kind, ..., text
    literals, numbers, kinds = bare[::3], bare[1::3], bare[2::3]
    # a whole message may hold what stands after it here, so it takes as much as it can
    pattern = re.escape(literals[0]) + "".join(
        f"(?P<h{number}>{SPAN.get(kind, '.+?')}){re.escape(after)}"
        for number, kind, after in zip(numbers, kinds, literals[1:], strict=True)
    )
    return Template(
        english=english,
        spanish=spanish,
        pattern=re.compile(pattern, re.DOTALL),
        kinds={n: k or "" for n, k in zip(numbers, kinds, strict=True)},
        literal=sum(map(len, literals)),
    )


def filled(found: Template, text: str) -> str | None:
    """A message by one template; None where it, or a message inside it, does not fit."""
    match = found.pattern.fullmatch(text)
    if match is None:
        return None
    holes = {number: _hole(match[f"h{number}"], kind) for number, kind in found.kinds.items()}
    if any(hole is None for hole in holes.values()):
        return None
    return HOLE.sub(lambda hole: str(holes[hole[1]]), found.spanish)


def _hole(text: str, kind: str) -> str | None:
    if kind == "said":
        return spanish(text)
    if kind == "list":
        return _listed(text)
    if kind == "items":
        return ITEM.join(part_in_spanish(item) for item in text.split(ITEM))
    return _word(text) if kind == "word" else text


def part_in_spanish(text: str) -> str:
    """A part of a message, or several between semicolons; what is none stays as it is."""
    exact, others = templates("parts", "library")
    said = exact.get(text)
    if said is None:
        said = next((s for t in others if (s := _filled_by_one(t, text)) is not None), None)
    if said is not None:
        return said
    several = text.split(SEPARATOR)
    return SEPARATOR.join(map(part_in_spanish, several)) if len(several) > 1 else text


def _filled_by_one(found: Template, text: str) -> str | None:
    """A part by one template, but not where a hole would swallow the end of it and another part."""
    match = found.pattern.fullmatch(text)
    plain = [number for number, kind in found.kinds.items() if not kind]
    if match is None or any(SEPARATOR in match[f"h{number}"] for number in plain):
        return None
    return filled(found, text)


def _word(text: str) -> str:
    """A part of a message, in its quotes, or a message of its own; what is neither stays."""
    bare = text[1:-1] if len(text) > 2 and text[0] == text[-1] and text[0] in QUOTES else text
    said = part_in_spanish(bare)
    if said == bare:
        said = spanish(bare) or bare
    return text.replace(bare, said)


def _listed(text: str) -> str | None:
    """Messages between semicolons, each in Spanish."""
    said = [spanish(part) for part in text.split(SEPARATOR)]
    return None if None in said else SEPARATOR.join(map(str, said))
