"""Names that the theme and Sphinx have in English only, put into the language of the page.

The theme writes some of them into its templates, beyond the reach of its translations; of others
Sphinx has no translation in every language. They are what a screen reader says and a mouse shows.
"""

import re
from pathlib import Path

from evaluation import io
from evaluation.locale.messages import by_english

LANGUAGE = re.compile(r'<html\b[^>]*\blang="(\w+)"')
NAMED = re.compile(r'\b(title|aria-label)="([^"]*)"')


def name_controls(site: Path) -> None:
    """Put the names into every page of a finished site that is in another language than English.

    Parameters
    ----------
    site : Path
        Folder with ``index.html``.
    """
    for path in sorted(site.rglob("*.html")):
        page = io.read_text(path)
        named = with_names(page)
        if named != page:
            io.write_text(path, named)


def with_names(page: str) -> str:
    """One page with the names in the language it declares."""
    found = LANGUAGE.search(page)
    if found is None or found[1] not in ("en", "es"):
        return page
    names = by_english("book-theme", found[1])
    return NAMED.sub(lambda at: f'{at[1]}="{names.get(at[2], at[2])}"', page)
