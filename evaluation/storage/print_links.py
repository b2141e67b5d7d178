"""Links of a page to the prints beside its site: in the page while they are there, else a comment.

The site is built before anything is printed, and a release may lack the prints. A comment is no
link, and holds the words for the day when the prints are made.
"""

import re

BEGIN, END = '<span class="print-links">', "</span>"
LINKS = re.compile(rf"(?:<!--)?({re.escape(BEGIN)}.*?{re.escape(END)})(?:-->)?", re.DOTALL)


def with_links(page: str) -> str:
    """The page, its links to the prints in force."""
    return LINKS.sub(r"\1", page)


def without_links(page: str) -> str:
    """The page, its links to the prints as a comment."""
    return LINKS.sub(r"<!--\1-->", page)
