"""Typefaces that come with this package and with the theme of its pages: they hold no words.

They are known by their sums, so that another file under the name of a typeface is not.
"""

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from evaluation.storage import disk

# packages that are not imported for it: the theme loads all of Sphinx
SHIPPED = {"evaluation": "report/figures/fonts", "pydata_sphinx_theme": "theme"}
SUFFIXES = (".ttf", ".woff2")


def is_known(data: bytes) -> bool:
    """Whether a content is one of those typefaces, byte for byte."""
    return hashlib.sha256(data).digest() in sums()


@cache
def sums() -> frozenset[bytes]:
    """The sum of each of them."""
    found = (
        path
        for package, folder in SHIPPED.items()
        for place in _places(package)
        for path in (place / folder).rglob("*")
        if path.suffix in SUFFIXES
    )
    return frozenset(hashlib.sha256(disk.read_bytes(path)).digest() for path in found)


def _places(package: str) -> tuple[Path, ...]:
    spec = find_spec(package)
    return tuple(map(Path, (spec and spec.submodule_search_locations) or ()))
