"""What an earlier search has found nothing in, so that it is not searched again.

A content is remembered by a digest of its name and bytes, under a sum of everything else that the
answer depends on: the source of the search with its patterns, the libraries that open files, and
all that is looked for. Whatever anything was found in, an exception of a person or not, and what
could not be read, is searched every time. A file that is damaged, or of other sums, counts as none.
"""

import ast
import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evaluation.release import identifier_scan, published_text
from evaluation.release.identifier_scan import Hit, KnownValues
from evaluation.release.published_text import TextPart

PACKAGE = Path(__file__).resolve().parents[1]
# of the repository's history: outlives what `make clean` removes, and is in no commit
HISTORY = Path(".audit_cache")
# of what a study publishes, beside its private files
PUBLISHED = "searched.json"
DIGITS = 20


@dataclasses.dataclass(frozen=True, slots=True)
class SearchResult:
    """What was found in a content, and which of its parts could not be read."""

    hits: tuple[Hit, ...]
    unread: tuple[TextPart, ...]


def found_in(name: str, data: bytes, known: KnownValues) -> SearchResult:
    """Everything that the rules find in a content, whatever may be excused later.

    Parameters
    ----------
    name : str
        Of the file; its ending says what the bytes do not.
    data : bytes
    known : KnownValues
        What the study's files hold.
    """
    parts = tuple(published_text.parts(name, data))
    hits = tuple(hit for part in parts for hit in identifier_scan.search(part, known))
    return SearchResult(hits, tuple(part for part in parts if part.unread))


class SearchedBefore:
    """Contents in which nothing was found, as a file keeps them.

    Parameters
    ----------
    path : Path
        The file; none is a file that holds nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = _read(path)
        self._met: dict[str, set[str]] = {}

    def by(self, known: KnownValues) -> "Clean":
        """Those of a search for what is known."""
        rules = rules_of(known)
        return Clean(self._kept.get(rules, frozenset()), self._met.setdefault(rules, set()))

    def write(self) -> None:
        """Keep what this run has met, in one step; where nothing can be kept, nothing is."""
        content = {rules: sorted(met) for rules, met in self._met.items()}
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # a name of its own: another run may write the same file
            number, temporary = tempfile.mkstemp(prefix=".tmp-", dir=self._path.parent)
            try:
                with os.fdopen(number, "w", encoding="utf-8") as file:
                    json.dump(content, file, indent=0, sort_keys=True)
                Path(temporary).replace(self._path)
            finally:
                Path(temporary).unlink(missing_ok=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Clean:
    """Contents in which one set of rules found nothing: of earlier runs, and met in this one."""

    kept: frozenset[str]
    met: set[str]

    def has(self, entry: str) -> bool:
        """Whether nothing was found in it; then it is met."""
        if entry in self.kept:
            self.met.add(entry)
        return entry in self.met


def entry_of(name: str, digest: bytes) -> str:
    """By what a content is remembered.

    Parameters
    ----------
    name : str
        Under which it is searched.
    digest : bytes
        Of its bytes.
    """
    told = name.encode("utf-8", "surrogatepass") + b"\0" + digest
    return hashlib.blake2b(told, digest_size=DIGITS).hexdigest()


def _read(path: Path) -> dict[str, frozenset[str]]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    listed = content.values() if isinstance(content, dict) else (None,)
    if not all(isinstance(each, list) and all(isinstance(e, str) for e in each) for each in listed):
        return {}
    return {rules: frozenset(entries) for rules, entries in content.items()}


def rules_of(known: KnownValues) -> str:
    """Sum of everything, beside a content, that decides what is found in it.

    Parameters
    ----------
    known : KnownValues
        What is looked for: it is in the sum, and cannot be read from it.
    """
    sums = [(file.relative_to(PACKAGE).as_posix(), _sum(file)) for file in sources()]
    typefaces = sorted(digest.hex() for digest in published_text.font_sums())
    told = [sums, sys.version, list(libraries()), typefaces, plain(known)]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def plain(value: Any) -> Any:
    """What is known as JSON can hold it, the same whatever the order of its sets.

    Raises
    ------
    TypeError
        A kind of value of which nothing is known here: it would be missing in the sum.
    """
    if dataclasses.is_dataclass(value):
        # what is not to be seen has its own sum in another field
        shown = [f.name for f in dataclasses.fields(value) if f.repr]
        return [[name, plain(getattr(value, name))] for name in shown]
    if isinstance(value, Mapping):
        return sorted(([plain(k), plain(v)] for k, v in value.items()), key=json.dumps)
    if isinstance(value, frozenset | set):
        return sorted((plain(each) for each in value), key=json.dumps)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, str | bool | int | float | None):
        return value
    raise TypeError(type(value).__name__)


def sources() -> tuple[Path, ...]:
    """Modules that the search is made of, those that they import, and the tables beside them."""
    modules = _imported()
    tables = {table for module in modules for table in module.parent.glob("*.toml")}
    return tuple(sorted({*modules, *tables}))


def libraries() -> Iterator[str]:
    """Libraries that these modules import, with their versions."""
    own = PACKAGE.name
    outside = {name.partition(".")[0] for names in _imported().values() for name in names} - {own}
    for name in sorted(outside - sys.stdlib_module_names):
        yield f"{name} {getattr(sys.modules.get(name), '__version__', '')}"


@functools.cache
def _imported() -> dict[Path, frozenset[str]]:
    """Modules of the search with what each names in its imports."""
    found: dict[Path, frozenset[str]] = {}
    doors = [PACKAGE / "release" / name for name in ("search.py", "history.py")]
    waiting = [Path(__file__).resolve(), *doors]
    while waiting:
        module = waiting.pop()
        if module not in found:
            found[module] = frozenset(_names(module))
            # what is to be known is in the sum as it is, however it was come by
            if module not in doors:
                waiting += [file for name in found[module] for file in _files(name)]
    return found


def _names(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _files(name: str) -> Iterator[Path]:
    """The file of a module of this package, and those of the packages around it."""
    top, *inner = name.split(".")
    if top != PACKAGE.name:
        return
    place = PACKAGE
    for piece in inner:
        yield from (file for file in (place / "__init__.py",) if file.is_file())
        place /= piece
    yield from (f for f in (place.with_suffix(".py"), place / "__init__.py") if f.is_file())
