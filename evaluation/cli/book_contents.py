"""The table of contents and the pages: each entry has its page, and each page its entry."""

import re
from collections.abc import Iterator
from pathlib import Path

from evaluation import io
from evaluation.cli import book_moved
from evaluation.errors import ReportError
from evaluation.locale.messages import message

INCLUDED = re.compile(r"\{include\} ([\w./-]+\.md)")


def check_contents(book: Path, study: str, source: Path) -> None:
    """Refuse an entry without a page, and a page that no table of contents leads to.

    Parameters
    ----------
    book : Path
        Folder with ``_toc.<study>.yml``, ``common/`` and ``<study>/``.
    study : str
        Id of the study.
    source : Path
        Assembled folder, with all pages and notebooks.

    Raises
    ------
    ReportError
        Names the entry's line, or the page.
    """
    table = book / f"_toc.{study}.yml"
    for number, line in enumerate(io.read_text(table).splitlines(), start=1):
        for page in book_moved.PAGE.findall(line):
            if not any((source / f"{page}{end}").is_file() for end in (".md", ".ipynb")):
                raise ReportError(
                    message("table-contents.problem", page=page),
                    where=f"book/{table.name}:{number}",
                    mend=message("correct-name-write.mend"),
                )
    lost = next(_lost(book, study, source), None)
    if lost is not None:
        raise ReportError(
            message("page-no-table.problem"),
            where=f"book/{lost}",
            mend=message("add-book-delete.mend", name=table.name),
        )


def _lost(book: Path, study: str, source: Path) -> Iterator[str]:
    own = set(book_moved.pages(book / f"_toc.{study}.yml"))
    # another study's book may have a common page that this one has not
    anywhere = {page for table in book.glob("_toc.*.yml") for page in book_moved.pages(table)}
    written = (*source.glob("*.md"), *source.glob("notebooks/*.ipynb"))
    named = (name for path in written for name in INCLUDED.findall(io.read_text(path)))
    # a notebook names it from its own folder
    included = {Path(name).name for name in named}
    for layer, listed in (("common", anywhere), (study, own)):
        for path in sorted((book / layer).glob("*.md")):
            if path.stem not in listed and path.name not in included:
                yield f"{layer}/{path.name}"
