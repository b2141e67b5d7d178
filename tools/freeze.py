"""Compare what two checkouts have built: ``python tools/freeze.py OLD NEW``.

Looks at records, exhibits, ``numbers.json``, findings with their texts and the visible text of the
books' pages, of every study that OLD has built. Pages that print names of code or sums of files
are left out, as is the footer. Prints one line for each difference and exits 1 if there is one.
"""

import csv
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup

LANGUAGES = ("en", "es")
# pages that print names of code, the commit, times of this machine or sums of files
OF_CODE = ("api", "claims", "checksums", "performance", "genindex", "search", "damaged_files")
# a last column of records that the comparison passes over: the same text as an id
MESSAGES = "messages"


def records(path: Path) -> str:
    """A table of records without its column of messages."""
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines(keepends=True)))
    kept = [n for n, head in enumerate(rows[0] if rows else ()) if head != MESSAGES]
    return "\n".join(repr([row[n] for n in kept]) for row in rows)


def visible(path: Path) -> str:
    """The text of a page without its footer, scripts and navigation."""
    page = BeautifulSoup(path.read_bytes(), "html.parser")
    body = page.find("main") or page
    for tag in body.find_all(["script", "style", "footer", "nav"]):
        tag.decompose()
    return " ".join(body.get_text(" ").split())


def frozen(root: Path, study: str) -> Iterator[tuple[str, str]]:
    """Name and content of everything of a study that must not move."""
    build = root / "build" / study
    for path in sorted([*build.glob("*.csv"), *build.glob("private/*.csv")]):
        yield path.relative_to(build).as_posix(), records(path)
    for language in LANGUAGES:
        home = build / language
        for path in sorted([home / "numbers.json", *(home / "exhibits").glob("*")]):
            sum_of = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "none"
            yield path.relative_to(build).as_posix(), sum_of
        for path in sorted((home / "site").rglob("*.html")):
            if path.stem not in OF_CODE and "_static" not in path.parts:
                yield path.relative_to(build).as_posix(), visible(path)
    if (build / "findings.html").exists():
        yield "findings.html", visible(build / "findings.html")


def differences(old: Path, new: Path) -> Iterator[str]:
    """One line for each entry that differs, with the place where it begins to."""
    for folder in sorted((old / "build").iterdir()):
        if not (folder / "results.json").exists():
            continue
        before, after = (dict(frozen(root, folder.name)) for root in (old, new))
        for name in sorted(before.keys() | after.keys()):
            one, other = before.get(name, "(not there)"), after.get(name, "(not there)")
            if one != other:
                pairs = enumerate(zip(one, other, strict=False))
                at = next((i for i, (a, b) in pairs if a != b), 0)
                near = slice(max(0, at - 60), at + 80)
                yield f"{folder.name}/{name}: {one[near]!r} -> {other[near]!r}"
        sys.stderr.write(f"{folder.name}: {len(before)} entries\n")


if __name__ == "__main__":
    found = list(differences(Path(sys.argv[1]), Path(sys.argv[2])))
    sys.stdout.write("".join(f"{line}\n" for line in found) or "the same\n")
    sys.exit(bool(found))
