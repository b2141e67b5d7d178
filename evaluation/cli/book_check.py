"""The finished site, page by page: what raw HTML could smuggle past the strict build.

Sphinx checks its own links and images. HTML that a page or a notebook cell brought along it only
copies, and style sheets too, so every finished page and sheet is read once more.
"""

import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

from evaluation import io
from evaluation.cli.book_faults import FINISHED, BookFaults, Fault, placed

# what a browser fetches when it opens a page; links that a reader has to follow are free
FETCHED = {
    "script": ("src",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "embed": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "video": ("src", "poster"),
    "audio": ("src",),
    "input": ("src",),
    "image": ("href", "xlink:href"),
    "use": ("href", "xlink:href"),
    "object": ("data",),
}
FETCHED_LINKS = ("stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect")
OUTSIDE = ("http:", "https:", "//")
ELSEWHERE = (*OUTSIDE, "mailto:", "data:", "javascript:")
# the same page in another language, beside this site in the build and in a release
TWIN = re.compile(r"\.\./\.\./[a-z]{2}/site/(.+)")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NAMED_IN_STYLE = re.compile(
    r"""@import\s+(?:url\()?\s*["']?([^"')\s;]+)|url\(\s*["']?([^"')]+?)["']?\s*\)"""
)


class _Page(HTMLParser):
    """Ids, links, fetched addresses and images of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.without_alt: list[str] = []
        self.styles: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        named = [values[name] for name in FETCHED.get(tag, ()) if name in values]
        self.fetched += [
            part.split()[0] for text in named for part in text.split(",") if part.strip()
        ]
        self.styles.append(values.get("style", ""))
        self._in_style = tag == "style"
        if tag == "link" and set(values.get("rel", "").split()) & set(FETCHED_LINKS):
            self.fetched.append(values.get("href", ""))
        if tag == "img" and not values.get("alt", "").strip():
            self.without_alt.append(values.get("src", ""))

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.styles.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = self._in_style and tag != "style"


def check_site(site: Path, source: Path | None = None) -> None:
    """Read every page and style sheet of a finished site.

    Parameters
    ----------
    site : Path
        Folder with ``index.html``.
    source : Path, optional
        Assembled folder, where the line or cell that a fault came from is looked for.

    Raises
    ------
    BookFaults
        An image without alternative text, a link to nowhere inside the site, or something that
        opening a page would fetch from outside.
    """
    pages = {
        path.relative_to(site).as_posix(): _read(path) for path in sorted(site.rglob("*.html"))
    }
    found = [fault for name, page in pages.items() for fault in _faults(name, page, pages, site)]
    told = [Fault(placed(f.where, f.said[0], source), f.rule, f.said) for f in found]
    told += [fault for path in sorted(site.rglob("*.css")) for fault in _of_sheet(path, site)]
    if told:
        raise BookFaults(told, FINISHED)


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(io.read_text(path))
    return page


def _faults(name: str, page: _Page, pages: dict[str, _Page], site: Path) -> Iterator[Fault]:
    for address in page.without_alt:
        yield Fault(name, "alt", (address,))
    for address in (*page.fetched, *(a for style in page.styles for _, a in _named(style))):
        if address.lower().startswith(OUTSIDE):
            yield Fault(name, "outside", (address,))
    for link in page.links:
        if not link.lower().startswith(ELSEWHERE) and _is_dead(name, link, pages, site):
            yield Fault(name, "link", (link,))


def _of_sheet(path: Path, site: Path) -> Iterator[Fault]:
    """What a style sheet names outside the site, or names and the site has not."""
    for line, address in _named(io.read_text(path)):
        place = f"{path.relative_to(site).as_posix()}:{line}"
        file = path.parent / unquote(re.split("[?#]", address)[0])
        if address.lower().startswith(OUTSIDE):
            yield Fault(place, "outside", (address,))
        elif not address.lower().startswith((*ELSEWHERE, "#")) and not file.is_file():
            yield Fault(place, "style", (address,))


def _named(style: str) -> Iterator[tuple[int, str]]:
    """Line and address of what a style imports or shows."""
    # a comment's lines are kept, so that those below it keep their numbers
    text = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), style)
    for found in NAMED_IN_STYLE.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found[1] or found[2]


def _is_dead(name: str, link: str, pages: dict[str, _Page], site: Path) -> bool:
    address, anchor = urldefrag(link)
    twin = TWIN.fullmatch(posixpath.normpath(posixpath.join(posixpath.dirname(name), address)))
    if twin is not None:
        # all languages have the same pages, so it is there if this one is
        return unquote(twin[1]) not in pages
    path = (site / name).parent / unquote(address.split("?")[0]) if address else site / name
    if path.is_dir():
        path /= "index.html"
    if not path.is_file():
        return True
    target = pages.get(path.resolve().relative_to(site.resolve()).as_posix())
    return bool(anchor) and target is not None and unquote(anchor) not in target.ids
