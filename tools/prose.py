"""How much prose a built book has, and how much of it is printed again on another page.

`python -m tools.prose build/somos_comunidad/en/site` prints a row for each page, and one for all.
Text belongs to the innermost paragraph, list item, definition, figure caption or summary of a
page's article; notes and tooltips count, tables, figures and code do not. A word has a letter or a
digit, and a sentence ends in a full stop. A paragraph is repeated where an earlier page has it.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

PROSE = ("p", "li", "dd", "dt", "figcaption", "summary")
NO_PROSE = ("table", "svg", "pre", "script", "style")
ARTICLE, SEARCH = "article", "search.html"  # the page of the search has no prose
ENDS = re.compile(r"(?<=[.!?…])[)\]»”’\"']*\s+(?=[¿¡“«(\[\"']*[A-ZÁÉÍÓÚÑ0-9])")
CLOSED = re.compile(r"[.!?…][)\]»”’\"']*$")


class Paragraphs(HTMLParser):
    """Collects the texts of the article of one page in ``found``."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[list[str]] = []
        self._depth = dict.fromkeys((ARTICLE, *NO_PROSE), 0)

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        """Enter a part of the page."""
        if tag in self._depth:
            self._depth[tag] += 1
        elif tag in PROSE and self._counts():
            self._open.append([])

    def handle_endtag(self, tag: str) -> None:
        """Leave it; a paragraph that ends is kept where it holds a word."""
        if tag in self._depth:
            self._depth[tag] -= 1
        elif tag in PROSE and self._counts() and self._open:
            text = " ".join("".join(self._open.pop()).split())
            self.found.extend([text] if words(text) else [])

    def handle_data(self, data: str) -> None:
        """Text goes to the innermost paragraph."""
        if self._open and self._counts():
            self._open[-1].append(data)

    def _counts(self) -> bool:
        return self._depth[ARTICLE] > 0 and not any(self._depth[tag] for tag in NO_PROSE)


class Prose(NamedTuple):
    """Counts of a page or of all: words, paragraphs, those repeated, and words by sentence."""

    words: int
    paragraphs: int
    repeated: int
    sentences: tuple[int, ...]


def words(text: str) -> int:
    """Words of a text: what stands between spaces and has a letter or a digit."""
    return sum(any(c.isalnum() for c in word) for word in text.split())


def paragraphs(page: str) -> list[str]:
    """Texts of prose of one page of HTML, in their order."""
    parser = Paragraphs()
    parser.feed(page)
    return parser.found


def measured(pages: Mapping[str, Iterable[str]]) -> dict[str, Prose]:
    """Counts by page, from the paragraphs of each."""
    before: set[str] = set()
    counts = {}
    for name, texts in pages.items():
        here = tuple(texts)
        sentences = [s for text in here if CLOSED.search(text) for s in ENDS.split(text)]
        length, again = sum(map(words, here)), len(before.intersection(here))
        counts[name] = Prose(length, len(here), again, tuple(map(words, sentences)))
        before |= set(here)
    return counts


def site(folder: Path) -> dict[str, list[str]]:
    """Paragraphs of each page of a built site that has any."""
    pages = (path for path in sorted(folder.rglob("*.html")) if path.name != SEARCH)
    read = ((page, paragraphs(page.read_text(encoding="utf-8"))) for page in pages)
    return {page.relative_to(folder).as_posix(): texts for page, texts in read if texts}


def main(folders: list[str]) -> None:
    """Print one table a site."""
    for folder in folders:
        counts = measured(site(Path(folder)))
        total = Prose(
            words=sum(c.words for c in counts.values()),
            paragraphs=sum(c.paragraphs for c in counts.values()),
            repeated=sum(c.repeated for c in counts.values()),
            sentences=tuple(n for c in counts.values() for n in c.sentences),
        )
        lines = [folder, f"{'page':<32}   words  longest  a sentence  paragraphs  repeated"]
        for name, c in {**counts, "all": total}.items():
            mean = sum(c.sentences) / max(len(c.sentences), 1)
            lengths = f"{c.words:>7,} {max(c.sentences, default=0):>8} {mean:>11.1f}"
            share = f"{c.paragraphs:>11,} {c.repeated / max(c.paragraphs, 1):>9.1%}"
            lines.append(f"{name:<32} {lengths} {share}")
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
