"""Where in a book numbers changed: texts that tables print, their exhibits, and the pages.

REQUIRES the list of printed numbers and the pages of both books. A page is one of those that
changed where the numbers that a reader sees in it do, in a table, a sentence or a picture's note.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation import file_content
from evaluation.release.published_tables import NUMBERED
from evaluation.study.exhibits import Registry

SITE, PAGE = "site", ".html"
ARTICLE = re.compile(r"(?s)<article\b.*</article>")
UNSEEN = re.compile(r"(?s)<(script|style|svg)\b.*?</\1>|<[^>]*>")
# not the digits of a checksum or of a name
NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*(?!\w)")
FIELDS = ("exhibit", "row", "field", "before", "now")


@dataclass(frozen=True, slots=True)
class Printed:
    """A text that a table of the book prints, before and now; empty where it is not printed.

    Attributes
    ----------
    exhibit : str
        Its code, as a reader cites it.
    """

    exhibit: str
    row: str
    field: str
    before: str
    now: str


def printed_changes(before: Path, now: Path, registry: Registry) -> tuple[Printed, ...] | None:
    """Printed texts that differ, in the order of the exhibits; None where one list is missing.

    Parameters
    ----------
    before, now : Path
        Folders of one language of a release and of the build.
    registry : Registry
        The exhibits, for their order and codes.
    """
    lists = [folder / NUMBERED for folder in (before, now)]
    if not all(path.is_file() for path in lists):
        return None
    old, new = (_texts(path) for path in lists)
    order = {exhibit.id: (i, exhibit.code) for i, exhibit in enumerate(registry.exhibit)}
    found = []
    for key in dict.fromkeys((*new, *old)):
        name, row, field = key.split(".")
        if old.get(key, "") != new.get(key, ""):
            place, code = order.get(name, (len(order), name))
            found.append((place, Printed(code, row, field, old.get(key, ""), new.get(key, ""))))
    return tuple(printed for _, printed in sorted(found, key=lambda pair: pair[0]))


def _texts(path: Path) -> dict[str, str]:
    numbers: Mapping[str, Mapping[str, str]] = json.loads(path.read_text("utf-8"))["numbers"]
    return {key: number["text"] for key, number in numbers.items()}


def changed_pages(before: Path, now: Path) -> tuple[str, ...]:
    """Pages, by their address without the ending, whose visible numbers differ.

    None where one of both has no pages: nothing is known of them then.

    Parameters
    ----------
    before, now : Path
        Folders of one language of a release and of the build.
    """
    sites = [folder / SITE for folder in (before, now)]
    if not all(site.is_dir() for site in sites):
        return ()
    old, new = (dict(_pages(site)) for site in sites)
    return tuple(name for name in sorted({*old, *new}) if old.get(name) != new.get(name))


def _pages(site: Path) -> Iterator[tuple[str, Counter[str]]]:
    for path in site.rglob(f"*{PAGE}"):
        article = ARTICLE.search(path.read_text("utf-8"))
        seen = html.unescape(UNSEEN.sub(" ", article[0])) if article else ""
        name = path.relative_to(site).as_posix().removesuffix(PAGE)
        yield name, Counter(NUMBER.findall(seen))


def table(printed: Sequence[Printed]) -> bytes:
    """All of them as CSV."""
    cells = [tuple(file_content.guarded(getattr(p, name)) for name in FIELDS) for p in printed]
    return file_content.csv_text((FIELDS, *cells)).encode()
