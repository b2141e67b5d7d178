"""The finished site, page by page, and the faults of a book with the fix of each.

Sphinx checks its own links and images. HTML that a page or a notebook cell brought along it only
copies, and style sheets too, so every finished page and sheet is read once more. Sphinx's own
warnings are told by what they mean for the person who writes a page; what no rule of
``page_check.toml`` knows is told as Sphinx says it.
"""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

from evaluation.errors import ReportError
from evaluation.locale.messages import Message, message, wording
from evaluation.report.terminal import ListedError
from evaluation.storage import disk
from evaluation.storage.packaged import pattern, read_beside

# rules by name, and patterns of the warnings that break one
RULES = read_beside(__file__)
KNOWN = {name: pattern(rule["pattern"], {}) for name, rule in RULES.items() if "pattern" in rule}
LISTED = 10
CELL = 10_000
BUILDING = message("book-does-not-build")
FINISHED = message("finished-pages-have-faults")
UNNAMED = "<id>"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
PROBLEM = re.compile(r"WARNING|ERROR|CRITICAL|Traceback|Error:|Exception")
WARNING = re.compile(
    r"(?:(?P<where>[^:]+?)(?::(?P<line>\d*))?(?::[^ ]*)?: )?"
    r"(?:WARNING|ERROR|CRITICAL): (?P<said>.+)"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes
    ----------
    where : str
        Page, and line or cell as far as they are known.
    rule : str
        Of ``page_check.toml``; empty where none knows it.
    said : tuple of str
        What fills the rule's words; without a rule the problem itself.
    """

    where: str
    rule: str
    said: tuple[str, ...]

    def problem(self, language: str) -> str:
        """What is wrong."""
        if not self.rule:
            return self.said[0]
        return self._worded(f"book-rule.{self.rule}", language)

    def fix(self, language: str, study: str = UNNAMED) -> str:
        """What to do about it.

        Parameters
        ----------
        language : {"en", "es"}
        study : str
            Whose book it is.
        """
        if not self.rule:
            return wording("book-fault.other", language)
        return self._worded(RULES[self.rule]["fix"], language, study=study)

    def _worded(self, identifier: str, language: str, **more: str) -> str:
        said = dict(zip(("first", "second"), self.said, strict=False)) | more
        return wording(identifier, language, role="{val}", **said)


class BookFaults(ListedError, ReportError):
    """Faults that stop the build of a book.

    Parameters
    ----------
    faults : sequence of Fault
        All of them, at least one; the first ten are printed.
    heading : Message
        What they are faults of.
    study : str
        Whose book it is.
    """

    def __init__(self, faults: Sequence[Fault], heading: Message, study: str = UNNAMED) -> None:
        self.faults, self.heading, self.study = tuple(faults), heading, study
        super().__init__(
            message("book-faults.problem", heading=heading),
            where="book",
            fix=message("book-faults.fix"),
        )

    def listed(self, language: str) -> str:
        """The first of them, each with page, rule and fix."""
        lines = [
            f"  {fault.where}: {fault.problem(language)}"
            + (f" [{fault.rule}]" if fault.rule else "")
            + f"\n    {wording('error.fix', language)}: {fault.fix(language, self.study)}"
            for fault in self.faults[:LISTED]
        ]
        more = len(self.faults) - LISTED
        if more > 0:
            lines.append("  " + wording("book-fault.more", language, n=more))
        return "\n".join((self.problem.text(language), *lines))


def warned(output: str, source: Path) -> list[Fault]:
    """Faults that a strict build named, without folder names.

    Parameters
    ----------
    output : str
        What the build printed.
    source : Path
        Assembled folder.
    """
    text = COLOUR.sub("", output).replace(f"{source.resolve()}/", "").replace(f"{source}/", "")
    lines = [line.strip() for line in text.splitlines() if PROBLEM.search(line)]
    found = [fault for line in dict.fromkeys(lines) if (fault := _fault(line, source))]
    return found or [Fault("book", "", (text.strip() or "no word",))]


def _fault(line: str, source: Path) -> Fault | None:
    """A line of the build's output as a fault; None where it only announces one."""
    warning = WARNING.fullmatch(line)
    rule = known(warning["said"] if warning else line)
    if warning:
        where = _where(warning["where"] or "book", warning["line"] or "", source)
        return Fault(where, *rule) if rule else Fault(where, "", (warning["said"],))
    if rule:
        return Fault(RULES[rule[0]].get("place", "book"), *rule)
    announced = line.startswith(("Traceback", "RuntimeError"))
    return None if announced else Fault("book", "", (line,))


def known(warning: str) -> tuple[str, tuple[str, ...]] | None:
    """The rule that a warning of the strict build breaks, and what it caught."""
    for name, text in KNOWN.items():
        found = text.fullmatch(warning)
        if found:
            return name, tuple(part for part in found.groups() if part is not None)
    return None


def _where(page: str, line: str, source: Path) -> str:
    """Page and line; in a notebook the cell, which the build counts by ten thousand lines."""
    if not line:
        return page
    if page.endswith(".ipynb") and int(line) >= CELL:
        cells = json.loads(disk.read_text(source / page))["cells"]
        return f"{Path(page).name}, cell {cells[int(line) // CELL - 1]['id']}"
    return f"{page}:{line}"


def placed(page: str, words: str, source: Path | None) -> str:
    """Where in the assembled folder a finished page's words come from; the page if unknown.

    Parameters
    ----------
    page : str
        Name of the finished page.
    words : str
        As they stand in it.
    source : Path or None
        Assembled folder.
    """
    if source is None or not words:
        return page
    return next(_holding(page.removesuffix(".html"), words, source), page)


def _holding(page: str, words: str, source: Path) -> Iterator[str]:
    text, notebook = source / f"{page}.md", source / f"{page}.ipynb"
    if text.is_file():
        for number, line in enumerate(disk.read_text(text).splitlines(), start=1):
            if words in line:
                yield f"{text.name}:{number}"
    if notebook.is_file():
        for cell in json.loads(disk.read_text(notebook))["cells"]:
            if words in "".join(_strings(cell)):
                yield f"{notebook.name}, cell {cell['id']}"


def _strings(part: object) -> Iterable[str]:
    """All texts in a piece of JSON."""
    if isinstance(part, str):
        return [part]
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for each in inside for text in _strings(each)]


# what a browser fetches when it opens a page; links that a reader has to follow are free
FETCHED = {
    **dict.fromkeys(("script", "iframe", "embed", "track", "audio", "input"), ("src",)),
    **dict.fromkeys(("img", "source"), ("src", "srcset")),
    **dict.fromkeys(("image", "use"), ("href", "xlink:href")),
    "video": ("src", "poster"),
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
    page.feed(disk.read_text(path))
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
    for line, address in _named(disk.read_text(path)):
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
