"""The search for what identifies somebody, over named contents and the repository's history."""

import hashlib
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from evaluation.locale.messages import Figure, Message, message, wording
from evaluation.release.identifier_scan import NOTHING, Hit, Known
from evaluation.release.known_identifiers import known_of
from evaluation.release.searched_before import HISTORY, SearchedBefore, entry_of, found_in
from evaluation.report.terminal import ListedError, grouped
from evaluation.storage import disk
from evaluation.storage.folders import Paths
from evaluation.study import toml_reader
from evaluation.study.release_rules import Allowed, Rule, read_audit
from evaluation.study.study import Study

SHOWN = 20
# of a version of a file, in the name of a place
SHOWN_DIGITS = 12
PRIVATE = "private"
# Sources of tests hold invented identifiers; the study's own raw values are none of them.
TESTS, INVENTED = "tests/", frozenset(get_args(Rule)) - {"raw-id", "raw-answer"}
# A panel study's reviewed list of all places of a country and their public codes names nobody.
REGISTER, PUBLIC = "/place_names.csv", frozenset({"divipola", "name"})


@dataclass(slots=True)
class Searched:
    """What a search has found so far, and what it could not read.

    Attributes
    ----------
    hits : list of Hit
        In the order of the contents.
    unread : dict of str to Message
        Why a content, or a piece of one, was not searched.
    seen : set of bytes
        Digests of contents; each is searched once.
    """

    hits: list[Hit] = field(default_factory=list)
    unread: dict[str, Message] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)

    def add(
        self,
        files: Iterable[tuple[str, bytes]],
        known: Known,
        allowed: tuple[Allowed, ...],
        before: SearchedBefore | None = None,
    ) -> None:
        """Search contents that no earlier one was equal to.

        Parameters
        ----------
        files : iterable of (str, bytes)
            Name and content.
        known : Known
            What the study's files hold.
        allowed : tuple of Allowed
            Exceptions that a person has declared.
        before : SearchedBefore, optional
            Contents in which these rules have found nothing, and what is added to them.
        """
        clean = before and before.by(known)
        for name, data in files:
            digest = hashlib.blake2b(data, digest_size=32).digest()
            if digest in self.seen:
                continue
            self.seen.add(digest)
            entry = entry_of(name, digest)
            if clean and clean.has(entry):
                continue
            found = found_in(name, data, known)
            if clean and not (found.hits or found.unread):
                clean.met.add(entry)
            self.unread |= {part.name: part.unread for part in found.unread if part.unread}
            excused = _excused(name.partition(" ")[2].partition(" ")[2])
            self.hits += [
                hit
                for hit in found.hits
                if hit.rule not in excused and not any(_allows(entry, hit) for entry in allowed)
            ]

    def counts(self) -> dict[Message, int]:
        """How many contents were not searched, by reason."""
        counts = Counter(self.unread.values())
        return {why: counts[why] for why in sorted(counts, key=str)}

    def stop_on_hits(self, study: Study) -> None:
        """Raise where something was found.

        Raises
        ------
        Leaks
            The message says where and by which rule, never what.
        """
        if self.hits:
            raise Leaks(self.hits, study)


class Leaks(ListedError):
    """Places that hold what may identify somebody: where and by which rule, never what.

    Parameters
    ----------
    hits : sequence of Hit
        In the order they shall stand; at least one.
    study : Study
        Whose exceptions may name a false alarm.
    """

    def __init__(self, hits: Sequence[Hit], study: Study) -> None:
        self.hits, self.study = tuple(hits), study
        super().__init__(
            message("leaks.problem", n=Figure(f"{len(self.hits):,}")),
            where="audit",
            fix=message("leaks.fix", study=study.id),
            rule="leak",
        )

    def listed(self, language: str) -> str:
        """How many there are, and the first of them."""
        lines = []
        for hit in self.hits[:SHOWN]:
            # in Spanish with the word that an exception is written with beside it
            rule = wording(f"audit-rule.{hit.rule}", language)
            place = {"name": hit.name, "line": hit.line, "rule": rule}
            lines.append(wording("audit.place", language, **place))
        more = len(self.hits) - SHOWN
        if more > 0:
            lines.append(wording("audit.more-places", language, n=grouped(more, language)))
        return "\n  ".join([self.problem.text(language), *lines])


def files_of(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file below the folders, private ones apart."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if path.is_file() and PRIVATE not in inside:
                yield path.as_posix(), disk.read_bytes(path)


def check_folder(folder: Path, paths: Paths, study: Study) -> Searched:
    """Search a folder before it is published.

    Parameters
    ----------
    folder : Path
        What is to be published.
    paths : Paths
        Folders of the study.
    study : Study

    Raises
    ------
    Leaks
        Something in it may identify somebody.
    """
    searched = Searched()
    searched.add(files_of([folder]), known_of(paths, study), read_audit(paths.config).allowed)
    searched.stop_on_hits(study)
    return searched


def _excused(path: str) -> frozenset[str]:
    """Rules that say nothing of a version of this file of the repository."""
    if path.startswith(TESTS):
        return INVENTED
    return PUBLIC if path.startswith("config/") and path.endswith(REGISTER) else frozenset()


def _allows(entry: Allowed, hit: Hit) -> bool:
    name = hit.name.partition("!")[0]
    return entry.rule == hit.rule and entry.text == hit.text and name.endswith(entry.file)


INVENTORS = ("evaluation/demo/", "evaluation/data/demo")
# The repository's own list of the persons who may be named as authors.
AUTHORS = Path("CITATION.cff")
NO_REPLY = "noreply"
# files of blocks with an empty line between: entries of catalogues, tables, paragraphs of code
IN_BLOCKS, BLANK = (".po", ".py", ".toml", ".lock"), b"\n\n"
# who names both anywhere in a file has coordinates looked for everywhere in it
COORDINATES = tuple(
    re.compile(rb"(?<![a-z0-9])(?:%b)(?![a-z0-9])|%bitud" % (short, long), re.IGNORECASE)
    for short, long in ((b"lat", b"lat"), (b"lon|lng|long", b"long"))
)


def add_history(
    searched: Searched, known: Known, allowed: tuple[Allowed, ...], *, study: str
) -> dict[str, int]:
    """Search what the repository remembers.

    Parameters
    ----------
    searched : Searched
        What it adds to.
    known : Known
        Names of places stand in the configuration, where they belong: they are not looked for.
    allowed : tuple of Allowed
    study : str
        Files that are older than its folder cannot hold what it delivered: in them only patterns
        are looked for, such as those of telephone numbers.

    Returns
    -------
    dict of str to int
        How many ``versions`` and ``messages``; empty where there is no history.
    """
    if not has_history():
        return {}
    without = replace(known, places=frozenset(), place_names=())
    older = _older_than(study)
    versions, messages = list(history_versions()), list(history_messages())
    before = SearchedBefore(HISTORY / f"{study}.json")
    patterns = replace(NOTHING, public_places=known.public_places)
    searched.add((v for v in versions if v[0].split()[1] in older), patterns, allowed, before)
    later = (v for v in versions if v[0].split()[1] not in older)
    searched.add((*later, *messages), without, allowed, before)
    before.write()
    return {"versions": len(versions), "messages": len(messages)}


def _older_than(study: str) -> frozenset[str]:
    """Begin of the digests of what stood in the repository before a study's folder did."""
    folder = f"config/{study}"
    commits = _git("log", "--all", "--format=%H", "--reverse", "--", folder).decode().split()
    ends = [f"{commits[0]}^@"] if commits else ["--all"]
    listed = _git("rev-list", "--objects", *ends).decode("utf-8", "replace")
    return frozenset(line[:SHOWN_DIGITS] for line in listed.splitlines())


def has_history() -> bool:
    """Whether this folder lies in a repository that Git can read."""
    try:
        _git("rev-parse", "--git-dir")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def history_versions() -> Iterator[tuple[str, bytes]]:
    """Every version of every file in the repository, the invented raw files apart.

    The newest version of a file is whole; of older ones, files in blocks (catalogues, modules,
    configuration) are without the blocks that one before them holds, unless they name latitude and
    longitude; lines keep their numbers.
    """
    listed = _git("rev-list", "--objects", "--all").decode("utf-8", "replace")
    names = dict(
        line.split(" ", 1) for line in listed.splitlines() if " " in line and line[41:].strip()
    )
    invented = tuple(_invented())
    # the oldest first, so that a new commit leaves what is new in each as it was
    wanted = [(d, name) for d, name in reversed(names.items()) if not name.startswith(invented)]
    newest = {name: digest for digest, name in wanted}
    met: dict[str, set[bytes]] = {}
    answer = _git("cat-file", "--batch", given="".join(f"{d}\n" for d, _ in wanted).encode())
    at = 0
    for digest, name in wanted:
        end = answer.index(b"\n", at)
        _, kind, size = answer[at:end].split(b" ")
        data = answer[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
        if kind == b"blob":
            labelled = all(pattern.search(data) for pattern in COORDINATES)
            if name.endswith(IN_BLOCKS) and newest[name] != digest and not labelled:
                data = _new_blocks(data, met.setdefault(name, set()))
            yield f"history {digest[:SHOWN_DIGITS]} {name}", data


def _new_blocks(data: bytes, met: set[bytes]) -> bytes:
    """A version with empty lines for the blocks that an older one of the file holds too.

    Parameters
    ----------
    data : bytes
    met : set of bytes
        Blocks of older versions; those of this one are added.
    """
    blocks = data.split(BLANK)
    new = BLANK.join(b"\n" * b.count(b"\n") if b in met else b for b in blocks)
    met.update(blocks)
    return new


def history_messages() -> Iterator[tuple[str, bytes]]:
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
        if toml_reader.parse_toml(file)[1].get("synthetic") is True:
            yield f"data_raw/{file.parent.name}/"
            yield f"config/{file.parent.name}/corrections.csv"
            yield from INVENTORS


def _git(*arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(["git", *arguments], input=given, capture_output=True, check=True)
    return done.stdout
