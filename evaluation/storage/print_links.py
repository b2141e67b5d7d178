"""Links of a page to the prints beside its site: in the page while they are there, else a comment.

The site is built before anything is printed, and a release may lack the prints. A comment is no
link, and holds the words for the day when the prints are made.
"""

import re
from pathlib import Path

from evaluation.storage import disk, made_files
from evaluation.storage.folders import PRINTED, PRINTED_FROM

BEGIN, END = '<span class="print-links">', "</span>"
LINKS = re.compile(rf"(?:<!--)?({re.escape(BEGIN)}.*?{re.escape(END)})(?:-->)?", re.DOTALL)


def with_links(page: str) -> str:
    """The page, its links to the prints in force."""
    return LINKS.sub(r"\1", page)


def without_links(page: str) -> str:
    """The page, its links to the prints as a comment."""
    return LINKS.sub(r"<!--\1-->", page)


def are_there(folder: Path) -> bool:
    """Whether a language's folder holds the prints and what they were made from."""
    return all((folder / name).is_file() for name in (*PRINTED, PRINTED_FROM))


def offer(site: Path) -> None:
    """Put the links to the prints into a site's first page.

    Parameters
    ----------
    site : Path
        Finished site; where there is none, nothing is to be done.
    """
    page = site / "index.html"
    text = disk.read_text(page) if page.is_file() else ""
    if text != (linked := with_links(text)):
        disk.write_text(page, linked)
        made_files.amend(page)
