"""Everything the repository's history holds: versions of files, messages and authors."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from evaluation.spec import load

INVENTORS = "evaluation/data/demo"
# The repository's own list of the persons who may be named as authors.
AUTHORS = Path("CITATION.cff")
NO_REPLY = "noreply"


def exists() -> bool:
    """Whether this folder lies in a repository that Git can read."""
    try:
        _git("rev-parse", "--git-dir")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def versions() -> Iterator[tuple[str, bytes]]:
    """Every version of every file in the repository, the invented raw files apart."""
    listed = _git("rev-list", "--objects", "--all").decode("utf-8", "replace")
    names = dict(
        line.split(" ", 1) for line in listed.splitlines() if " " in line and line[41:].strip()
    )
    invented = tuple(_invented())
    wanted = [(digest, name) for digest, name in names.items() if not name.startswith(invented)]
    answer = _git("cat-file", "--batch", given="".join(f"{d}\n" for d, _ in wanted).encode())
    at = 0
    for digest, name in wanted:
        end = answer.index(b"\n", at)
        _, kind, size = answer[at:end].split(b" ")
        data = answer[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
        if kind == b"blob":
            yield f"history {digest[:12]} {name}", data


def messages() -> Iterator[tuple[str, bytes]]:
    """Message and persons of every commit and tag; addresses of the repository's authors apart.

    An address that answers nobody, or that stands in ``CITATION.cff``, is published on purpose.
    """
    own = AUTHORS.read_text("utf-8") if AUTHORS.is_file() else ""
    commits = _git("log", "--all", "--format=%H%x00%an%x00%ae%x00%cn%x00%ce%x00%B%N%x00")
    fields = commits.decode("utf-8", "replace").split("\0")
    for row in (fields[i : i + 6] for i in range(0, len(fields) - 5, 6)):
        name = f"commit {row[0].strip()[:12]}"
        persons = "\n".join(_person(row[i], row[i + 1], own) for i in (1, 3))
        yield f"{name} authors", persons.encode()
        yield f"{name} message", row[5].encode()
    tags = _git(
        "for-each-ref",
        "--format=%(refname:short)%00%(taggername)%00%(taggeremail)%00%(contents)%00",
        "refs/tags",
    )
    fields = tags.decode("utf-8", "replace").split("\0")
    for row in (fields[i : i + 4] for i in range(0, len(fields) - 3, 4)):
        name = f"tag {row[0].strip()}"
        yield f"{name} authors", _person(row[1], row[2].strip("<>"), own).encode()
        yield f"{name} message", row[3].encode()


def _person(name: str, address: str, own: str) -> str:
    """A person as a commit names them, without an address that may be published."""
    allowed = NO_REPLY in address.lower() or (address and address in re.split(r"[\s\"'<>]+", own))
    return name if allowed else f"{name} <{address}>"


def _invented() -> Iterator[str]:
    """Raw files and ledgers of demonstration studies, and what makes them: nobody is in them."""
    for file in sorted(Path("config").glob("*/study.toml")):
        # not read strictly: another study may still wait for a person's decisions
        if load.parse_toml(file)[1].get("synthetic") is True:
            yield f"data_raw/{file.parent.name}/"
            yield f"config/{file.parent.name}/corrections.csv"
            yield INVENTORS


def _git(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], input=given, capture_output=True, check=True)
    return done.stdout
