"""What Jupyter Book ships with every page and these pages do not use leaves the site.

``sphinx-thebe`` would run cells on a server elsewhere: its scripts name that server, stand twice in
a page, and then stop with an error. The index of the search is for the page that searches, the
styles of ``sphinx-design`` for pages that have its cards. Source maps are for the theme's own
developers. A picture is fetched when a reader comes near it.
"""

import re
from pathlib import Path

from evaluation import io

THEBE = re.compile(
    r"\s*<script[^>]*>\s*const THEBE_JS_URL.*?</script>"
    r'|\s*<script[^>]*(?:src="[^"]*sphinx-thebe\.js[^"]*"|type="text/x-thebe-config")[^>]*>.*?</script>'
    r"|\s*<script>kernelName = [^<]*</script>"
    r'|\s*<link[^>]*href="[^"]*sphinx-thebe\.css[^"]*"[^>]*>',
    re.DOTALL,
)
SEARCH = re.compile(
    r'\s*<script[^>]*src="[^"]*(?:searchtools|language_data|searchindex)\.js[^"]*"[^>]*></script>'
)
SEARCHES = 'id="search-results"'
DESIGN = re.compile(
    r'\s*<link[^>]*href="[^"]*sphinx-design\.min\.css[^"]*"[^>]*>'
    r'|\s*<script[^>]*src="[^"]*design-tabs\.js[^"]*"[^>]*></script>'
)
DESIGNED = re.compile(r'class="[^"]*\bsd-')
IMAGE = re.compile(r"<img (?![^>]*loading=)")
UNUSED = ("_static/sphinx-thebe.*", "_static/**/*.map")


def trim(site: Path) -> None:
    """Take it out of every page of a finished site, and its files with it.

    Parameters
    ----------
    site : Path
        Folder with ``index.html``.
    """
    for page in sorted(site.rglob("*.html")):
        io.write_text(page, trimmed(io.read_text(page)))
    for pattern in UNUSED:
        for path in sorted(site.glob(pattern)):
            path.unlink()


def trimmed(page: str) -> str:
    """One page without what it does not use."""
    page = THEBE.sub("", page)
    if SEARCHES not in page:
        page = SEARCH.sub("", page)
    if not DESIGNED.search(page):
        page = DESIGN.sub("", page)
    return IMAGE.sub('<img loading="lazy" decoding="async" ', page)
