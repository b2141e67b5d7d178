"""What the package says, as an id and named parameters; the text is made here.

``en.po`` and ``es.po`` beside this module hold one entry for each id. A word that is said anew
keeps its id, so that no translation is lost. A hole is written ``{name}``; in the Spanish
``{name:word}`` says that the parameter is itself a word of the package.
"""

import functools
import re
from collections.abc import Mapping
from pathlib import Path

from babel.messages import pofile

HOLE = re.compile(r"\{([a-z_]+)((?::[a-z]+)?)\}")
LANGUAGES = ("en", "es")


def message(identifier: str, /, language: str = "en", **parameters: object) -> str:
    """The text of a message.

    Parameters
    ----------
    identifier : str
        Id of an entry of the catalogue, such as ``series-year-of-zeros.problem``.
    language : {"en", "es"}
    parameters
        A value for each hole of the entry, by name.

    Raises
    ------
    KeyError
        There is no such entry, or its holes are not the parameters given.
    """
    text = catalogue(language)[identifier]
    holes = {name for name, _ in HOLE.findall(text)}
    if holes != set(parameters):
        problem = f"{identifier} takes {sorted(holes)}, not {sorted(parameters)}"
        raise KeyError(problem)
    return HOLE.sub(lambda hole: str(parameters[hole[1]]), text)


@functools.cache
def catalogue(language: str) -> Mapping[str, str]:
    """Texts by id in one language, holes unfilled."""
    with Path(__file__).with_name(f"{language}.po").open("rb") as file:
        entries = pofile.read_po(file, locale=language, abort_invalid=True)
    return {str(entry.id): str(entry.string) for entry in entries if entry.id}


@functools.cache
def pairs() -> Mapping[str, str]:
    """Spanish by English, holes numbered as readers of texts stored in English want them."""
    found: dict[str, str] = {}
    for identifier, english in catalogue("en").items():
        spanish = catalogue("es")[identifier]
        kinds = dict(HOLE.findall(spanish))
        numbered = {
            name: f"{{{n}{kinds[name]}}}" for n, name in enumerate(dict(HOLE.findall(english)))
        }
        found[_numbered(english, numbered)] = _numbered(spanish, numbered)
    return found


def _numbered(text: str, holes: Mapping[str, str]) -> str:
    return HOLE.sub(lambda hole: holes[hole[1]], text)
