"""Addresses that were published stay alive: pages that moved, and the list of all ever published.

``redirects.toml`` says where a page moved to. ``published_pages.txt`` names every page of every
release: each is still a page of the book, or moved.
"""

import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from evaluation.config import toml_reader
from evaluation.errors import ReportError
from evaluation.storage import disk
from evaluation.storage.folders import SOFTWARE
from evaluation.storage.packaged import filled_beside

REDIRECTS = "redirects.toml"
PUBLISHED = "published_pages.txt"
COMMON, HAD_THEM = "common", "had_them"
PAGE = re.compile(r"^\s*(?:-\s*)?(?:file|root):\s*(\S+)\s*$", re.MULTILINE)


def pages(table: Path) -> tuple[str, ...]:
    """Names of all pages of a table of contents, notebooks included, in its order."""
    return tuple(PAGE.findall(disk.read_text(table)))


def redirects(book: Path, study: str) -> dict[str, str]:
    """Where pages of a study's book moved to, by their old names; common ones included.

    The common ones are of the studies that `had_them`, or of all where the file does not say which.

    Parameters
    ----------
    book : Path
        Folder of the pages.
    study : str
        Id of the study.
    """
    path = book / REDIRECTS
    if not path.is_file():
        return {}
    found = toml_reader.read_toml(path)
    had_them = study != SOFTWARE and study in found.get(HAD_THEM, [study])
    return {**(found.get(COMMON, {}) if had_them else {}), **found.get(study, {})}


def check_moves(moved: Mapping[str, str], there: Iterable[str]) -> None:
    """Refuse a redirect from a page that is still there, or to one that is not.

    Parameters
    ----------
    moved : mapping
        New name of a page, with the anchor if there is one, by its old name.
    there : iterable of str
        Pages of the book. Whether a page has an anchor is seen when the site is built.

    Raises
    ------
    ReportError
        Names the entry.
    """
    known = set(there)
    for old, new in moved.items():
        if old in known:
            raise ReportError.of("page-said-moved", "take-entry-away", f"book/{REDIRECTS}", old=old)
        if new.partition("#")[0] not in known:
            raise ReportError.of(
                "page-moved-not", "name-page-table", f"book/{REDIRECTS}", old=old, new=new
            )


def check_published(book: Path, study: str, alive: Iterable[str]) -> None:
    """Refuse a book that lost a page of an earlier release.

    Parameters
    ----------
    book : Path
        Folder with ``published_pages.txt``.
    study : str
        Id of the study.
    alive : iterable of str
        Pages of the book, and pages that moved.

    Raises
    ------
    ReportError
        Names the first lost page and its line.
    """
    answering = set(alive)
    for number, (of_study, page) in enumerate(_listed(book / PUBLISHED), start=1):
        if of_study == study and page not in answering:
            raise ReportError.of(
                "page-published",
                "say-book-where",
                f"book/{PUBLISHED}:{number}",
                page=page,
                redirects=REDIRECTS,
            )


def _listed(path: Path) -> list[tuple[str, str]]:
    if not path.is_file():
        return []
    lines = disk.read_text(path).splitlines()
    return [(study, page) for study, _, page in (line.partition(" ") for line in lines)]


def add_published(book: Path, study: str, names: Iterable[str]) -> tuple[str, ...]:
    """Add a release's pages to the list of all ever published; give those that are new.

    The book that they are pages of is not older for that: list and folder keep their times.

    Parameters
    ----------
    book : Path
        Folder of the pages.
    study : str
        Id of the study.
    names : iterable of str
        Pages of the release.
    """
    path = book / PUBLISHED
    before = _listed(path)
    new = tuple(sorted({name for name in names if (study, name) not in before}))
    if new:
        lines = sorted([*before, *((study, name) for name in new)])
        times = [(kept, kept.stat()) for kept in (path, book) if kept.exists()]
        disk.write_text(path, "".join(f"{of_study} {name}\n" for of_study, name in lines))
        for kept, stat in times:
            os.utime(kept, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return new


def addresses(book: Path, study: str) -> tuple[str, ...]:
    """Names of all pages that a book answers for: its own, and those that moved.

    Parameters
    ----------
    book : Path
        Folder of the pages.
    study : str
        Id of the study.
    """
    return tuple(sorted({*pages(book / f"_toc.{study}.yml"), *redirects(book, study)}))


def redirect_page(old: str, new: str, *, language: str, said: str, banner: str) -> str:
    """A page that sends its readers on, from the web and from a folder.

    Parameters
    ----------
    old, new : str
        Names of the pages, without ending; the new one with the anchor if there is one.
    language : str
        Of the book.
    said : str
        What stands before the link.
    banner : str
        Mark of the study; empty where the data are real.
    """
    page, hash_, anchor = new.partition("#")
    path = posixpath.relpath(f"{page}.html", posixpath.dirname(old) or ".")
    address = escape(f"{path}{hash_}{anchor}", quote=True)
    mark = f'<p class="synthetic-banner" role="note">{escape(banner)}</p>\n' if banner else ""
    texts = {"language": language, "address": address, "said": escape(said), "mark": mark}
    return filled_beside(__file__, "moved_page.html", **texts)
