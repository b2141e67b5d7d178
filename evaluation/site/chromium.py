"""Print an HTML page to PDF with Chromium, and take out of the PDF what a clock put in."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

import pikepdf

from evaluation.errors import ReportError
from evaluation.locale.messages import Message, message
from evaluation.storage.packaged import read_beside

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTINGS = read_beside(__file__)["settings"]
BLANKS = re.compile(r"\s+")
LONGEST = 300  # seconds; a book takes about ten
FILE = "file:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a PDF says of itself.

    Attributes
    ----------
    day : date
        Of both dates in the file: of the commit, never of the clock.
    made_by : str
        Program and version.
    headings : tuple of str
        As the page has them. Chromium drops the blank where a heading goes on in the next line, and
        the bookmarks get it back from here.
    """

    title: str
    author: str
    language: str
    subject: str
    day: date
    made_by: str
    headings: tuple[str, ...] = ()


def find_chromium() -> str:
    """The browser that the variable names, or the first of the usual names on PATH.

    Raises
    ------
    ReportError
        There is none.
    """
    named = os.environ.get(VARIABLE, "")
    candidates = (named,) if named else NAMES
    found = next((path for path in map(shutil.which, candidates) if path), None)
    if found is None:
        raise ReportError(
            message("no-program.problem", named=named)
            if named
            else message("pdf-printed-chromium.problem"),
            where=VARIABLE if named else "pdf",
            fix=message("install-debian.fix", variable=VARIABLE),
        )
    return found


def print_page(chromium: str, page: Path, profile: Path) -> bytes:
    """The PDF that Chromium makes of a page.

    Parameters
    ----------
    chromium : str
        The browser.
    page : Path
        An HTML file.
    profile : Path
        An empty folder: the browser keeps its state there, and nowhere else.

    Raises
    ------
    ReportError
        Chromium stops, or writes nothing.
    """
    target = profile / "printed.pdf"
    profile.mkdir(parents=True)
    command = [chromium, *SETTINGS, f"--user-data-dir={profile.resolve()}"]
    command += [f"--print-to-pdf={target.resolve()}", page.resolve().as_uri()]
    try:
        finished = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except subprocess.TimeoutExpired:
        raise _unprinted(message("took-longer", seconds=LONGEST)) from None
    if finished.returncode != 0 or not target.is_file():
        said = finished.stderr.strip().splitlines()
        raise _unprinted(said[-1] if said else message("wrote-nothing"))
    return target.read_bytes()


def _unprinted(why: str | Message) -> ReportError:
    return ReportError.of("chromium-did", "try-page-browser", "pdf", why=why, variable=VARIABLE)


def settled(data: bytes, described: Described) -> tuple[bytes, int]:
    """A printed PDF with fixed dates, title and language; and its number of pages.

    Parameters
    ----------
    data : bytes
        As Chromium printed it.
    described : Described
        What the file says of itself.

    Raises
    ------
    ReportError
        The file has no tags or no language, or it links to a file of this machine.
    """
    with pikepdf.open(BytesIO(data)) as document:
        _check_links(document)
        root = document.Root
        if "/StructTreeRoot" not in root or "/MarkInfo" not in root:
            raise ReportError.of("printed-pdf-no", "use-chromium", "pdf")
        root.Lang = pikepdf.String(described.language)
        root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        root.PageMode = pikepdf.Name("/UseOutlines" if "/Outlines" in root else "/UseNone")
        _describe(document, described)
        _name_bookmarks(document, described.headings)
        _number_elements(document)
        # the first half of a file's id stays for its life, and the printer may have drawn it by lot
        if "/ID" in document.trailer:
            del document.trailer["/ID"]
        buffer = BytesIO()
        document.save(buffer, deterministic_id=True, linearize=False)
        return buffer.getvalue(), len(document.pages)


def folios(data: bytes) -> dict[str, int]:
    """The sheet of every place in a PDF that a link inside leads to, the first being 1.

    Parameters
    ----------
    data : bytes
        As Chromium printed it.
    """
    with pikepdf.open(BytesIO(data)) as document:
        sheets = {page.obj.objgen: number for number, page in enumerate(document.pages, start=1)}
        named = document.Root.get("/Dests", pikepdf.Dictionary())
        return {name.removeprefix("/"): sheets[place[0].objgen] for name, place in named.items()}


def _describe(document: pikepdf.Pdf, described: Described) -> None:
    stamp = f"D:{described.day:%Y%m%d}000000Z"
    fields = {
        "/Title": described.title,
        "/Author": described.author,
        "/Subject": described.subject,
        "/Creator": described.made_by,
        "/Producer": described.made_by,
        "/CreationDate": stamp,
        "/ModDate": stamp,
    }
    described_by = pikepdf.Dictionary({name: pikepdf.String(text) for name, text in fields.items()})
    document.trailer["/Info"] = document.make_indirect(described_by)


def _name_bookmarks(document: pikepdf.Pdf, headings: Iterable[str]) -> None:
    whole = {BLANKS.sub("", heading): heading for heading in headings}
    with document.open_outline() as outline:
        left = list(outline.root)
        while left:
            item = left.pop()
            item.title = whole.get(BLANKS.sub("", item.title), item.title)
            left += item.children


def _number_elements(document: pikepdf.Pdf) -> None:
    """Ids of headers of tables, in their order and from one on.

    Chromium takes the numbers of its own nodes, which begin higher or lower as the machine is busy.
    """
    tree = document.Root.StructTreeRoot
    if "/IDTree" not in tree:
        return
    elements = sorted(pikepdf.NameTree(tree.IDTree).items())
    numbered = {old: f"node{number:08}" for number, (old, _) in enumerate(elements, start=1)}
    for old, element in elements:
        element.ID = pikepdf.String(numbered[old])
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem":
            _rename_headers(each, numbered)
    again = pikepdf.NameTree.new(document)
    for old, element in elements:
        again[numbered[old]] = element
    tree.IDTree = again.obj


def _rename_headers(element: pikepdf.Object, numbered: Mapping[str, str]) -> None:
    attributes = element.get("/A", pikepdf.Array())
    for each in attributes if isinstance(attributes, pikepdf.Array) else [attributes]:
        if "/Headers" in each:
            each.Headers = pikepdf.Array(pikepdf.String(numbered[str(h)]) for h in each.Headers)


def _check_links(document: pikepdf.Pdf) -> None:
    """A link to a file names a folder of this machine, and leads nowhere on another."""
    for number, page in enumerate(document.pages, start=1):
        notes = page.obj.get("/Annots", pikepdf.Array())
        actions = [note["/A"] for note in notes if "/A" in note]
        for action in actions:
            if "/URI" in action and str(action["/URI"]).startswith(FILE):
                raise ReportError.of("printed-page", "link-page-exhibit", f"pdf, page {number}")
