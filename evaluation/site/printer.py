"""Print a page to PDF/UA-1 with WeasyPrint, which runs no scripts and asks no network.

WeasyPrint draws with Pango, a library of the system: importing this module where there is none is
an ``OSError``.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from weasyprint import HTML
from weasyprint.logger import LOGGER
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from evaluation.errors import ReportError

VARIANT = "pdf/ua-1"
FILE, INSIDE = "file", "data"


class OwnFolder(URLFetcher):  # type: ignore[misc]  # WeasyPrint carries no types
    """What a page is made of: it lies in the page's own folder, or in the page itself.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(
            allowed_protocols=(FILE, INSIDE), allow_redirects=False, fail_on_errors=True
        )
        self.folder, self.missing = folder.resolve(), ""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The content of an address; any other than those stops the print."""
        parts = urlsplit(url)
        # the name alone: a path names folders of this machine
        self.missing = parts.netloc or PurePosixPath(parts.path).name
        if parts.scheme != INSIDE:
            Path(unquote(parts.path)).resolve().relative_to(self.folder)
        found = super().fetch(url, headers)
        self.missing = ""
        return found


def print_page(text: str, described: Mapping[str, Any], folder: Path) -> tuple[bytes, int]:
    """A page as a tagged PDF, and its number of sheets.

    Parameters
    ----------
    text : str
        HTML; its title and language are those of the file.
    described : mapping
        What the file says of itself besides, by the names of WeasyPrint's ``DocumentMetadata``:
        `authors`, `description`, `generator`, `created`, `modified`.
    folder : Path
        The files that the page names lie here.

    Raises
    ------
    ReportError
        The page asks for a file outside its folder or for a network, links to a file of this
        machine or to a place that is not there, or shows a picture without words for it.
    """
    fetcher = OwnFolder(folder)
    try:
        with _strictly():
            page = HTML(string=text, base_url=folder, url_fetcher=fetcher)
            document = page.render(pdf_variant=VARIANT)
            _check_links(document.pages)
            vars(document.metadata).update(described)
            data = document.write_pdf(
                pdf_variant=VARIANT,
                pdf_identifier=True,
                finisher=lambda _, pdf: pdf.catalog.update(PageMode="/UseOutlines"),
            )
    except (FatalURLFetchingError, _Fault) as fault:
        if fetcher.missing:
            raise ReportError.of("page-asks", "page-asks", "pdf", name=fetcher.missing) from None
        why = str(fault).replace(fetcher.folder.as_uri(), "")
        raise ReportError.of("page-unprinted", "page-unprinted", "pdf", why=why) from None
    return data, len(document.pages)


class _Fault(Exception):
    """What WeasyPrint cannot print."""


class _Stop(logging.Handler):
    """WeasyPrint notes an error and goes on without what it cannot print; here it stops."""

    def emit(self, record: logging.LogRecord) -> None:
        raise _Fault(record.getMessage())


@contextmanager
def _strictly() -> Iterator[None]:
    handler = _Stop(logging.ERROR)
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)


def _check_links(pages: Iterable[Any]) -> None:
    """A link to a file names a folder of this machine, and leads nowhere on another."""
    for number, page in enumerate(pages, start=1):
        for kind, target, *_ in page.links:
            if kind == "external" and urlsplit(target).scheme == FILE:
                raise ReportError.of("printed-page", "link-page-exhibit", f"pdf, page {number}")
