"""The finished site, page by page: what raw HTML could smuggle past the strict build.

Sphinx checks its own links and images. HTML that a page or a notebook cell brought along it only
copies, so every finished page is read once more.
"""

import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

from evaluation.errors import ReportError

LISTED = 10
# what a browser fetches when it opens a page; links that a reader has to follow are free
FETCHED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "embed": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
}
FETCHED_LINKS = ("stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect")
OUTSIDE = ("http:", "https:", "//")
ELSEWHERE = (*OUTSIDE, "mailto:", "data:", "javascript:")
# the same page in another language, beside this site in the build and in a release
TWIN = re.compile(r"\.\./\.\./[a-z]{2}/site/(.+)")


class _Page(HTMLParser):
    """Ids, links, fetched addresses and images of one page."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.without_alt: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if FETCHED.get(tag, "") in values:
            self.fetched.append(values[FETCHED[tag]])
        if tag == "link" and set(values.get("rel", "").split()) & set(FETCHED_LINKS):
            self.fetched.append(values.get("href", ""))
        if tag == "img" and not values.get("alt", "").strip():
            self.without_alt.append(values.get("src", ""))


def check_site(site: Path) -> None:
    """Read every page of a finished site.

    Parameters
    ----------
    site : Path
        Folder with ``index.html``.

    Raises
    ------
    ReportError
        An image without alternative text, a link to nowhere inside the site, or something that
        opening a page would fetch from outside.
    """
    pages = {
        path.relative_to(site).as_posix(): _read(path) for path in sorted(site.rglob("*.html"))
    }
    found = [line for name, page in pages.items() for line in _faults(name, page, pages, site)]
    if found:
        more = len(found) - LISTED
        rest = [f"... and {more} more"] if more > 0 else []
        raise ReportError(
            "the finished pages have faults:\n"
            + "\n".join(f"  {line}" for line in [*found[:LISTED], *rest]),
            where="book",
            mend="mend the page or the notebook cell that the text comes from",
        )


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _faults(name: str, page: _Page, pages: dict[str, _Page], site: Path) -> Iterator[str]:
    for source in page.without_alt:
        yield f"{name}: image `{source}` has no alternative text"
    for address in page.fetched:
        if address.lower().startswith(OUTSIDE):
            yield f"{name}: opening the page fetches `{address}` from outside"
    for link in page.links:
        if not link.lower().startswith(ELSEWHERE) and _is_dead(name, link, pages, site):
            yield f"{name}: the link `{link}` leads nowhere"


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
