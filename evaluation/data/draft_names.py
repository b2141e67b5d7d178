"""Legal names and bilingual texts for what a form calls otherwise."""

import re
from collections.abc import Iterable, Mapping

from evaluation.data.xlsform_headers import plain
from evaluation.spec.load import Text

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
