"""Compare what two checkouts have built: ``python tools/freeze.py OLD NEW``.

Looks at records, exhibits, ``numbers.json``, findings with their texts and the visible text of the
books' pages, of every study that OLD has built. Pages that print names of code or sums of files
are left out, as is the footer. Prints one line for each difference and exits 1 if there is one.
With ``--near`` texts are compared with numbers cut to nine digits and without sums and sizes of
files, and formats that hold other files' sums or code, or are packed, are passed over.
"""

import csv
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup

LANGUAGES = ("en", "es")
# pages that print names of code, the commit, times of this machine or sums of files
OF_CODE = ("api", "claims", "checksums", "performance", "genindex", "search", "damaged_files")
# a last column of records that the comparison passes over: the same text as an id
MESSAGES = "messages"
DIGITS = re.compile(r"-?\d+[.,]\d{9,}(?:e[-+]?\d+)?")
SUMS = re.compile(r'"bytes": \d+|[0-9a-f]{64}|\(\d[\d,.]* kB\)')
PACKED = (".docx", ".xlsx", ".png")


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


def cut(text: str) -> str:
    """A text with numbers of nine digits and without sums of files."""
    return SUMS.sub("", DIGITS.sub(lambda found: f"{float(found[0].replace(',', '.')):.9g}", text))


def frozen(root: Path, study: str, *, near: bool) -> Iterator[tuple[str, str]]:
    """Name and content of everything of a study that must not move."""
    build = root / "build" / study
    for path in sorted([*build.glob("*.csv"), *build.glob("private/*.csv")]):
        yield path.relative_to(build).as_posix(), records(path)
    for language in LANGUAGES:
        home = build / language
        for path in sorted([*home.glob("numbers.json"), *(home / "exhibits").glob("*")]):
            name, data = path.relative_to(build).as_posix(), path.read_bytes()
            if not near:
                yield name, hashlib.sha256(data).hexdigest()
            elif path.suffix not in PACKED and path.stem not in ("tbl-claims", "citable"):
                yield name, data.decode("utf-8")
        for path in sorted((home / "site").rglob("*.html")):
            if path.stem not in OF_CODE and "_static" not in path.parts:
                yield path.relative_to(build).as_posix(), visible(path)
    if (build / "findings.html").exists():
        yield "findings.html", visible(build / "findings.html")


def differences(old: Path, new: Path, *, near: bool) -> Iterator[str]:
    """One line for each entry that differs, with the place where it begins to."""
    for folder in sorted((old / "build").iterdir()):
        if not (folder / "results.json").exists():
            continue
        before, after = (dict(frozen(root, folder.name, near=near)) for root in (old, new))
        for name in sorted(before.keys() | after.keys()):
            one, other = (found.get(name, "(not there)") for found in (before, after))
            if near:
                one, other = cut(one), cut(other)
            if one != other:
                pairs = enumerate(zip(one, other, strict=False))
                at = next((i for i, (a, b) in pairs if a != b), 0)
                about = slice(max(0, at - 60), at + 80)
                yield f"{folder.name}/{name}: {one[about]!r} -> {other[about]!r}"
        sys.stderr.write(f"{folder.name}: {len(before)} entries\n")


if __name__ == "__main__":
    old, new = (Path(name) for name in sys.argv[1:3])
    found = list(differences(old, new, near="--near" in sys.argv))
    sys.stdout.write("".join(f"{line}\n" for line in found) or "the same\n")
    sys.exit(bool(found))
