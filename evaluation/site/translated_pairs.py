"""Which Spanish text translates which English one: a text that changed alone is seen.

A ``.po`` file is keyed by its English texts. Whoever edits one there, so that it fits the page
again, leaves a translation of the old text that looks like one of the new. ``translated.csv`` in
the same folder therefore has a line for each translated pair: page, and the beginning of both
texts' SHA-256. A Spanish text that is known with other English texts only is *open* until somebody
has looked at it.
"""

import csv
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from babel.messages.catalog import Catalog

from evaluation.file_content import csv_text
from evaluation.storage import disk

RECORD = "translated.csv"
HEAD = ("page", "spanish", "english")
DIGITS = 8
# A sum has letters only: seven digits and more read like the number of an identity card.
LETTERS = str.maketrans("0123456789", "ghijklmnop")
FUZZY = "fuzzy"

# By page, sums of a Spanish text and of an English one that it translates.
Pairs = Mapping[str, frozenset[tuple[str, str]]]


def read(folder: Path) -> dict[str, frozenset[tuple[str, str]]]:
    """Pairs that were translated, by page; none where there is no record.

    Parameters
    ----------
    folder : Path
        Of a language's ``.po`` files.
    """
    path = folder / RECORD
    if not path.is_file():
        return {}
    found: dict[str, set[tuple[str, str]]] = {}
    for row in csv.DictReader(disk.read_text(path).splitlines()):
        found.setdefault(row["page"], set()).add((row["spanish"], row["english"]))
    return {page: frozenset(pairs) for page, pairs in found.items()}


def as_csv(pairs: Pairs) -> str:
    """The record's file.

    Parameters
    ----------
    pairs : mapping
        As :func:`read` gives them.
    """
    rows = [(page, *pair) for page, known in sorted(pairs.items()) for pair in sorted(known)]
    return csv_text([HEAD, *rows])


def of(catalogue: Catalog) -> frozenset[tuple[str, str]]:
    """Pairs of a page's catalogue.

    Parameters
    ----------
    catalogue : Catalog
    """
    return frozenset(
        (_sum(str(entry.string)), _sum(str(entry.id)))
        for entry in catalogue
        if entry.id and entry.string
    )


def open_texts(catalogue: Catalog, known: Iterable[tuple[str, str]]) -> list[str]:
    """English texts whose Spanish one translates another text that the page no longer has.

    Parameters
    ----------
    catalogue : Catalog
        Of a page.
    known : iterable of (str, str)
        The page's pairs of the record.
    """
    pairs = set(known)
    english = {_sum(str(entry.id)) for entry in catalogue if entry.id}
    before: dict[str, set[str]] = {}
    for spanish, text in pairs:
        before.setdefault(spanish, set()).add(text)
    found = []
    for entry in catalogue:
        pair = (_sum(str(entry.string)), _sum(str(entry.id)))
        of_old = before.get(pair[0], set())
        if entry.id and of_old and pair not in pairs and not of_old & english:
            found.append(str(entry.id))
    return found


def mark(catalogue: Catalog, known: Iterable[tuple[str, str]]) -> bool:
    """Mark open texts as such (``fuzzy``), and say whether there are any.

    Parameters
    ----------
    catalogue : Catalog
        Of a page; changed in place.
    known : iterable of (str, str)
        The page's pairs of the record.
    """
    found = open_texts(catalogue, known)
    for text in found:
        catalogue[text].flags.add(FUZZY)
    return bool(found)


def _sum(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:DIGITS].translate(LETTERS)
