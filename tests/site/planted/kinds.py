"""Faults that are planted in a small book, one kind each; ``run`` plants them.

Each kind stands on a page or in a notebook of its own, so that one build for each language holds
all of them and every message has to say which page it means.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Language = Literal["en", "es"]
BOTH: tuple[Language, ...] = ("en", "es")
# a planted page begins with its title and a sound sentence
FIRST = 5


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of fault.

    Attributes
    ----------
    words : str
        As the book's table calls it.
    rule : str
        Rule of ``book_rules`` that has to name it; empty where one message of its own does.
    said : str
        What the message has to hold of the fault.
    fix : str
        What the fix has to hold.
    line : int
        Line that the message has to name; 0 where the file or the page is all there is to name.
    """

    words: str
    rule: str = ""
    said: str
    fix: str
    line: int = FIRST


@dataclass(frozen=True, kw_only=True)
class OnPage(Kind):
    """Markdown of a page.

    Attributes
    ----------
    text : str
        Below title and sentence.
    spanish : dict of str to str, optional
        Texts of the page and their translation; the others are translated by themselves.
    languages : tuple
        Languages of the book that it has to stop.
    """

    text: str
    spanish: tuple[tuple[str, str], ...] = ()
    languages: tuple[Language, ...] = BOTH


@dataclass(frozen=True, kw_only=True)
class InFiles(Kind):
    """A change of the book's files.

    Attributes
    ----------
    plant : callable
        Changes the folder that holds ``book`` and ``results``.
    where : str
        End of the place that the message has to name.
    """

    plant: Callable[[Path], Any]
    where: str


@dataclass(frozen=True, kw_only=True)
class InNotebook(Kind):
    """Cells of a notebook that is executed.

    Attributes
    ----------
    cells : tuple of dict
        As the file has them.
    where : str
        End of the place that the message has to name.
    """

    cells: tuple[dict[str, Any], ...]
    where: str
