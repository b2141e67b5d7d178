"""Fixed words of all exhibits: units, methods, marks, statuses, short remarks, downloads."""

import re
from typing import Literal

from evaluation.config.plan import Outcome
from evaluation.config.toml_reader import Text
from evaluation.estimation.records import Status
from evaluation.locale.messages import entries, term, wording

# Inference methods, in their order.
STEPS = ("cv1", "cv3", "cr2", "wcr", "wcr_s", "ri", "conley", "two_way")


def mark(of_study: str, language: str) -> str:
    """The short mark of a study (``Study.mark``) in words; empty where it has none."""
    return "; ".join(wording(f"mark.{name}", language) for name in of_study.split())


def data_mark(of_study: str, language: str) -> str:
    """The shortest mark of a study, as a sentence; empty where it has none."""
    if not of_study:
        return ""
    named = " ".join(wording(f"figure.mark.{name}", language) for name in of_study.split())
    return wording("figure.marked", language, named=named)


def banner(of_study: str, language: str) -> str:
    """The mark of a study as a sentence; empty where it has none."""
    return "; ".join(wording(f"banner.{name}", language) for name in of_study.split())


def unit(name: str, language: str) -> str:
    """Unit of an effect in words; an unknown unit (a series' own) stands as it is."""
    return "" if name == "number" else term("unit", name, language)


def first_unit(name: str, language: str) -> str:
    """Unit of an effect where a reader meets it first: an abbreviation is written out."""
    return (
        wording(f"unit-written-out.{name}", language)
        if name in entries("unit-written-out")
        else unit(name, language)
    )


def short_unit(name: str, language: str) -> str:
    """Unit as it stands behind a number; empty where the number needs none."""
    return "" if name in ("count", "number") else term("short-unit", name, language)


def with_unit(shown: str, unit: str, language: str) -> str:
    """A number with its short unit behind it.

    Parameters
    ----------
    shown : str
        The number as it is printed.
    unit : str
    language : {"en", "es"}
    """
    return f"{shown} {short_unit(unit, language)}".rstrip()


def level_unit(name: str, language: str) -> str:
    """Unit of a level: a percentage where effects are in percentage points."""
    return (
        wording(f"level-unit.{name}", language)
        if name in entries("level-unit")
        else unit(name, language)
    )


def status(name: Status, language: str) -> str:
    """Plan status of a row in words."""
    return wording(f"status-of-plan.{name}", language)


def status_sentence(name: Status, language: str) -> str:
    """Plan status in a sentence that stands by itself, as what is copied has it.

    Parameters
    ----------
    name : Status
    language : {"en", "es"}
    """
    if name == "specified after data collection":
        return wording("statement.after-data", language)
    return wording("statement.status", language, status=status(name, language))


def registry(named: str | Text, language: str) -> str:
    """Registry or number of a lock: a name, or ``none`` with a remark.

    A remark that stands in one language is English: other languages have the bare word.
    """
    if isinstance(named, Text):
        return named[language]
    is_none = named.split(" ", maxsplit=1)[0] == wording("plan.no-registry", "en")
    return wording("plan.no-registry", language) if is_none and language != "en" else named


def unit_in_sentence(name: str, language: str, *, number: Literal["one", "other"]) -> str:
    """Unit of an effect spelt out behind its number; an unknown unit stands as it is."""
    if number == "one" and name in entries("unit-in-sentence-one"):
        return wording(f"unit-in-sentence-one.{name}", language)
    return term("unit-in-sentence", name, language)


def step(name: str, language: str) -> str:
    """Short name of an inference method."""
    return wording(f"step.{name}", language)


def step_in_words(name: str, language: str) -> str:
    """Inference method in words."""
    return wording(f"step-in-words.{name}", language)


def adjustment(name: str, language: str) -> str:
    """Multiplicity adjustment in words."""
    return term("adjustment", name, language)


def labelled(label: str, *sentences: str) -> str:
    """A note: one or two words that say what it is about, then its sentences."""
    return " ".join((f"{label}.", *(sentence for sentence in sentences if sentence)))


def begun(text: str) -> str:
    """A text as it stands at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def spoken(label: str, language: str) -> str:
    """A label as it is said: without what stands in brackets, "12 months" behind "in"."""
    bare = label.split(" (", maxsplit=1)[0]
    return re.sub(r", (\d+ (?:months|meses|days|días))$", wording("format.in-time", language), bare)


def noun(outcome: Outcome, language: str) -> str:
    """What a sentence calls an outcome."""
    if outcome.noun is not None:
        return outcome.noun[language]
    return in_sentence(spoken(outcome.label[language], language))


def in_sentence(label: str) -> str:
    """A label as it stands inside a sentence; an acronym at its beginning stays as it is."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


# Marks of the spreadsheet programs of each language: what is between cells, and before decimals.
SEPARATORS = {"en": ",", "es": ";"}
DECIMALS = {"en": ".", "es": ","}
# The language with its country, which decides hyphens and spelling in word processors.
LOCALES = {"en": "en-US", "es": "es-CO"}
