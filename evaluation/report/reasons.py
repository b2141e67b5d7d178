"""What results say of themselves in Spanish: why there is no number, how an interval was made.

Estimates and reasons are made in English where the rule stands. ``reasons_es.toml`` pairs each
English template with its Spanish one, as ``messages_es.toml`` does for the data layer.
"""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.locale import messages
from evaluation.report import formats
from evaluation.report.spanish import HOLE, Template, ordered, read_catalogue

CATALOGUE = "reasons_es.toml"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")
AND = " and "
# distinct texts of one run that are kept
KEPT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """English templates and their Spanish: reasons, and parts of reasons."""

    reasons: dict[str, str]
    parts: dict[str, str]


def in_language(text: str, language: str) -> str:
    """A reason, or the kind of an interval or a p, in a language.

    Parameters
    ----------
    text : str
        As the record holds it, in English.
    language : {"en", "es"}

    Returns
    -------
    str
        The English text where the language is English, or where no template fits: a study's own
        words stand as they are.
    """
    said = spanish(text) if language == "es" else None
    return text if said is None else said


@functools.lru_cache(maxsize=KEPT)
def spanish(text: str) -> str | None:
    """A reason in Spanish; None where no template fits."""
    return _found(text, *templates("reasons"))


@functools.cache
def catalogue() -> Catalogue:
    """The pairs as written.

    Raises
    ------
    SpecError
        The file is not what it should be.
    """
    return read_catalogue(Catalogue, CATALOGUE)


@functools.cache
def templates(name: str) -> tuple[dict[str, str], tuple[Template, ...]]:
    """Whole texts of a part of the catalogue, and its templates with holes, most letters first."""
    pairs = getattr(catalogue(), name)
    return ordered({**pairs, **messages.pairs()} if name == "reasons" else pairs)


def _found(text: str, exact: dict[str, str], others: Sequence[Template]) -> str | None:
    if text in exact:
        return exact[text]
    return next((said for t in others if (said := _filled(t, text)) is not None), None)


def _filled(found: Template, text: str) -> str | None:
    """A text by one template; None where it does not fit. The Spanish says what a hole is."""
    match = found.pattern.fullmatch(text)
    if match is None:
        return None
    return HOLE.sub(lambda hole: _hole(match[f"h{hole[1]}"], hole[2] or ""), found.spanish)


def _hole(text: str, kind: str) -> str:
    if kind == "list":
        return formats.listed([_part(part) for part in text.split(AND)], "es")
    if kind == "word":
        return _part(text)
    return formats.marks(text, "es") if NUMBER.fullmatch(text) else text


def _part(text: str) -> str:
    """A part of a reason; what is none stays."""
    said = _found(text, *templates("parts"))
    return text if said is None else said
