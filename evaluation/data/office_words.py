"""Words of the office's workbook in English and Spanish: sheets, headers, decisions, how to use it.

Whatever language a workbook was written in, both are understood when it comes back.
"""

import unicodedata

from evaluation.locale.messages import LANGUAGES, entries, wording

DUPLICATES, CORRECT = "duplicates", "to correct"
DECISIONS = ("keep", "drop", "new_id", "set", "merge")
INSTRUCTIONS = ("rows", *DECISIONS, "signed", "cells", "back")


def folded(text: str) -> str:
    """A word without accents, case, or the blanks and marks that people put between words."""
    bare = unicodedata.normalize("NFD", text.replace("_", " "))
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())


def understood(text: str, prefix: str) -> str | None:
    """Which word of a kind a text is, in either language; None where it is none of them.

    Parameters
    ----------
    text : str
        As it was typed.
    prefix : str
        How the ids of the words begin.
    """
    found = {
        folded(wording(f"{prefix}.{name}", language)): name
        for name in entries(prefix)
        for language in LANGUAGES
    }
    return found.get(folded(text))


def is_blank_word(text: str) -> bool:
    """Whether a new value says that the cell shall be empty."""
    return folded(text) in {folded(wording("office.blank", language)) for language in LANGUAGES}
