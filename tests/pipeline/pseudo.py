"""The package and its pages in a language that nobody speaks: what is in another bypassed them.

Every vowel of the Spanish texts becomes one that neither English nor Spanish has. A word that is
shown with plain vowels was then written by no catalogue, unless the study's own files have it.
"""

import re
import shutil
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from babel.messages.pofile import read_po

from evaluation.site import translations
from tests.pipeline.conftest import ROOT, files_of_the_tree

# figures can draw them
VOWELS = str.maketrans("aeiouáéíóúAEIOUÁÉÍÓÚ", "åêîøüåêîøüÅÊÎØÜÅÊÎØÜ")
OUTSIDE_HOLES = re.compile(r"(\{[a-z_:]+\})")
# what a page's text says to Sphinx and no reader: roles, code, addresses, names of references
OUTSIDE_MARKUP = re.compile(
    r"(\{[\w-]+\}`[^`<]*`|\{[\w-]+\}`|<[^>`]*>`|`[^`]*`|https?://\S+|\]\([^)]*\)|\$[^$]+\$)"
)
WORD = re.compile(r"(?<!\w)[^\W\d_]{3,}(?!\w)")
PLAIN = re.compile("[aeiouáéíóú]")
COPIED = ("evaluation/", "book/", "notebooks/", "CHANGELOG.md")


def written(root: Path) -> Path:
    """Package, pages and notebooks of the repository in a folder, their Spanish in pseudo."""
    for name in files_of_the_tree():
        if name.startswith(COPIED):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, root / name)
    for package in (root / "evaluation" / "locale").rglob("es.po"):
        entries = {
            name: (comments, tuple(outside(OUTSIDE_HOLES, text) for text in texts))
            for name, (comments, texts) in translations.package_entries(package).items()
        }
        package.write_bytes(translations.package_bytes(entries, "es"))
    pages = (*root.glob("book/locale/**/*.po"), *root.glob("evaluation/fieldwork/**/*.po"))
    for path in sorted(pages):
        catalogue = read_po(BytesIO(path.read_bytes()))
        for entry in catalogue:
            if entry.id:
                entry.string = outside(OUTSIDE_MARKUP, str(entry.string))
        path.write_bytes(translations.as_bytes(catalogue))
    return root


def outside(kept: re.Pattern[str], text: str) -> str:
    """A text in pseudo, what the pattern finds as it is."""
    return "".join(
        part if number % 2 else part.translate(VOWELS)
        for number, part in enumerate(kept.split(text))
    )


def strange(texts: Iterable[str], own: set[str]) -> list[str]:
    """Words that neither the catalogues nor the study wrote."""
    words = {word for text in texts for word in WORD.findall(text)}
    return sorted(w for w in words if PLAIN.search(w) and w.casefold() not in own)


def declared(value: object) -> Iterator[str]:
    """What a study's files say in Spanish, and what has no language: names and ids."""
    if isinstance(value, dict):
        spoken = {"en", "es"} <= set(value)
        for name, entry in value.items():
            yield from declared(entry) if not (spoken and name == "en") else ()
    elif isinstance(value, list):
        for entry in value:
            yield from declared(entry)
    elif isinstance(value, str):
        yield value


class Page(HTMLParser):
    """What readers see of a page, and what is read to them."""

    HIDDEN = ("script", "style", "code", "pre", "kbd", "metadata")
    READ = ("title", "alt", "aria-label", "placeholder", "content", "data-bs-title")
    EMPTY = ("meta", "link", "img", "br", "input", "hr", "wbr", "source", "col")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the attributes that are read, and remember whether what follows is seen."""
        named = dict(attrs)
        hidden = tag in self.HIDDEN or any(self.open[-1:])
        if tag not in self.EMPTY:
            self.open.append(hidden)
        if not hidden:
            self.texts += [named[name] or "" for name in self.READ if name in named]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without an end, as of drawings."""
        self.handle_starttag(tag, attrs)
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag not in self.EMPTY and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        """Take a text that is seen."""
        if not any(self.open[-1:]):
            self.texts.append(data)


def seen(page: str) -> list[str]:
    """Texts of a page or a drawing that somebody sees, or has read to them."""
    reader = Page()
    reader.feed(page)
    return reader.texts
