"""Where a sentence comes from: ``python tools/says.py "a sentence, a part of one, or an id"``.

Prints the entries of the package's catalogues that can read so, in either language, and under each
the lines of the code that ask for it, also where they put its id together. Sentences of pages and
of studies are looked up in `book`, `notebooks` and `config`.
"""

import ast
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from evaluation.locale.messages import HOLE, LANGUAGES, catalogue  # noqa: E402

# Errors and rules name an entry without these.
ENDINGS = ("", ".problem", ".fix", ".reason")
# These take how the ids of a kind begin: ``entries("unit")`` asks for ``unit.share``.
BY_KIND = {"entries", "term", "texts", "by_english", "understood"}
# Ids of which the English text is what the code holds.
BY_TEXT = ("word.", "outside.")
# What people write, one file a page or a study.
WRITTEN = ("book/**/*.md", "book/**/*.html", "notebooks/*.ipynb", "config/**/*.toml")
# An entry that shares fewer letters with a sentence may be in any; and this share of its letters.
FEWEST, MOST_LETTERS = 12, 0.6
SHOWN = 8


class Place(NamedTuple):
    """A line of the code and the pattern of the ids that it asks for."""

    where: str
    pattern: re.Pattern[str]


@functools.cache
def places() -> tuple[Place, ...]:
    """Every text of the code that can be an id, or a part of one."""
    return tuple(
        place
        for path in sorted((ROOT / "evaluation").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for place in _places(path.relative_to(ROOT).as_posix(), node)
    )


def _places(path: str, node: ast.AST) -> Iterator[Place]:
    where = f"{path}:{getattr(node, 'lineno', 0)}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield Place(where, re.compile(re.escape(node.value)))
    elif isinstance(node, ast.JoinedStr):
        fixed = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        # a text of holes alone can be anything
        if any(part and str(part).strip(" .:-") for part in fixed):
            parts = (".+?" if part is None else re.escape(str(part)) for part in fixed)
            yield Place(where, re.compile("".join(parts)))
    elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in BY_KIND:
        kinds = (arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant))
        yield from (Place(where, re.compile(re.escape(f"{kind}.") + ".+")) for kind in kinds)


def asked_for(identifier: str) -> list[str]:
    """Lines of the code that ask for an entry, those that hold its whole id first."""
    names = {identifier.removesuffix(ending) for ending in ENDINGS} | {identifier}
    if identifier.startswith(BY_TEXT):
        names |= set(catalogue("en")[identifier])
    found = [
        (len(place.pattern.pattern), place.where)
        for place in places()
        if any(place.pattern.fullmatch(name) for name in names)
    ]
    return [*dict.fromkeys(where for _, where in sorted(found, key=lambda one: -one[0]))]


def entries_of(sentence: str) -> list[str]:
    """Ids of entries that can read so, in either language, those with most letters of it first."""
    wanted = " ".join(sentence.split())
    if wanted in catalogue("en"):
        return [wanted]
    found: dict[str, int] = {}
    for language in LANGUAGES:
        for identifier, texts in catalogue(language).items():
            shared = max(_shared(wanted, text) for text in texts)
            if shared:
                found[identifier] = max(found.get(identifier, 0), shared)
    return sorted(found, key=lambda identifier: -found[identifier])


def _shared(sentence: str, text: str) -> int:
    """Letters of a text's fixed parts that are in a sentence; 0 where most of them are not."""
    if sentence.lower() in text.lower():
        return len(sentence)
    parts = [part.strip(" :;,.") for part in HOLE.sub("\0", text).split("\0")]
    shared = sum(len(part) for part in parts if part in sentence)
    return shared if shared >= max(FEWEST, MOST_LETTERS * sum(map(len, parts))) else 0


def written(sentence: str) -> Iterator[str]:
    """Lines of pages, notebooks and studies that hold a sentence."""
    for glob in WRITTEN:
        for path in sorted(ROOT.glob(glob)):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                if sentence in line:
                    yield f"{path.relative_to(ROOT).as_posix()}:{number}"


def main(sentence: str) -> int:
    """Print what is found; 1 where nothing is."""
    found, pages = entries_of(sentence), list(written(sentence))
    for identifier in found[:SHOWN]:
        texts = " / ".join(catalogue(language)[identifier][0] for language in LANGUAGES)
        lines = "".join(f"  {where}\n" for where in asked_for(identifier)[:SHOWN])
        sys.stdout.write(f"{identifier}: {texts}\n{lines}")
    sys.stdout.write("".join(f"{where}\n" for where in pages))
    if not found and not pages:
        sys.stderr.write("no entry, page or study says so; try fewer words\n")
    return 0 if found or pages else 1


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
