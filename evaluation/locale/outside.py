"""Words that others wrote: reading libraries, the operating system, the demonstration's ledger.

They are known by their whole text, as it is written there; the catalogue holds it as an entry
whose id begins with ``outside``.
"""

import functools
from collections.abc import Mapping

from evaluation.locale.messages import Message, catalogue, message

BEGINNING = "outside."
# as the reader of delimited text says it, with the two marks
EXPECTED = " expected after "


def known(text: str) -> Message | str:
    """What somebody else said as a message of the catalogue, or as it stands where it is none."""
    if text in _entries():
        return message(_entries()[text])
    what, found, after = text.partition(EXPECTED)
    return message("expected-after.part", what=what, after=after) if found else text


def in_language(text: str, language: str) -> str:
    """What somebody else said in a language; as it stands where nobody put it into words.

    Parameters
    ----------
    text : str
        As it is written there.
    language : {"en", "es"}
    """
    found = known(text)
    return found.text(language) if isinstance(found, Message) else found


@functools.cache
def _entries() -> Mapping[str, str]:
    english = catalogue("en")
    return {english[name][0]: name for name in english if name.startswith(BEGINNING)}
