"""The search for what identifies somebody, over named contents."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import get_args

from evaluation.config.release_rules import Allowed, Rule, read_audit
from evaluation.config.study import Study
from evaluation.locale.messages import Message, ResultNumber, message, wording
from evaluation.release import identifier_scan
from evaluation.release.identifier_scan import Hit, KnownValues
from evaluation.release.known_identifiers import known_of
from evaluation.release.published_text import TextPart
from evaluation.release.searched_before import SearchedBefore, SearchResult, entry_of, found_in
from evaluation.report.terminal import ListedError, grouped
from evaluation.storage import disk
from evaluation.storage.folders import Paths

SHOWN = 20
PRIVATE = "private"
# Sources of tests hold invented identifiers; the study's own raw values are none of them.
TESTS, INVENTED = "tests/", frozenset(get_args(Rule)) - {"raw-id", "raw-answer"}
# folder of a de-identified file of persons, whose rows the risk report is about
RELEASED = "public"
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
    seen : dict of (bytes, str) to bool
        Digests of contents with the ending of their names, each of which is searched once, and
        whether nothing was found.
    told : set of str
        Names of contents in which something was found, excused or not, or could not be read.
    rows : dict of str to int
        By id in lower case, how many rows of a delivered file share it.
    """

    hits: list[Hit] = field(default_factory=list)
    unread: dict[str, Message] = field(default_factory=dict)
    seen: dict[tuple[bytes, str], bool] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)

    def add(
        self,
        files: Iterable[tuple[str, bytes]],
        known: KnownValues,
        allowed: tuple[Allowed, ...],
        before: SearchedBefore | None = None,
    ) -> None:
        """Search contents that no earlier one was equal to.

        Parameters
        ----------
        files : iterable of (str, bytes)
            Name and content.
        known : KnownValues
            What the study's files hold.
        allowed : tuple of Allowed
            Exceptions that a person has declared.
        before : SearchedBefore, optional
            Contents in which these rules have found nothing, and what is added to them.
        """
        clean = before and before.by(known)
        self.rows |= known.rows
        for name, data in files:
            digest = hashlib.blake2b(data, digest_size=32).digest()
            # a file is opened by the ending of its name
            content, entry = (digest, PurePosixPath(name).suffix.lower()), entry_of(name, digest)
            again = content in self.seen
            if clean and clean.has(entry):
                self.seen.setdefault(content, True)
                continue
            # what is equal is searched once; what a file's own name says is in no content
            found = (
                SearchResult(_in_name(name, known), ()) if again else found_in(name, data, known)
            )
            nothing = self.seen.setdefault(content, not (found.hits or found.unread))
            if found.hits or not nothing:
                self.told.add(name)
            elif clean and not again:
                clean.met.add(entry)
            self.unread |= {part.name: part.unread for part in found.unread if part.unread}
            excused = _excused(name.partition(" ")[2].partition(" ")[2])
            excused |= {"rows"} if RELEASED in PurePosixPath(name).parts else set()
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
            raise Leaks(self.hits, study, self.rows)


class Leaks(ListedError):
    """Places that hold what may identify somebody: where and by which rule, never what.

    Parameters
    ----------
    hits : sequence of Hit
        In the order they shall stand; at least one.
    study : Study
        Whose exceptions may name a false alarm.
    rows : mapping of str to int, optional
        By id in lower case, how many rows of a delivered file share it.
    """

    def __init__(
        self, hits: Sequence[Hit], study: Study, rows: Mapping[str, int] | None = None
    ) -> None:
        self.hits, self.study, self.rows = tuple(hits), study, rows or {}
        super().__init__(
            message("leaks.problem", n=ResultNumber(f"{len(self.hits):,}")),
            where="audit",
            fix=message("leaks.fix", study=study.id),
            rule="leak",
        )

    def listed(self, language: str) -> str:
        """How many there are, and the first of each text, which is not shown."""
        by_text: dict[tuple[str, str], list[Hit]] = {}
        for hit in self.hits:
            by_text.setdefault((hit.rule, hit.text.lower()), []).append(hit)
        lines = []
        for (_, text), hits in list(by_text.items())[:SHOWN]:
            # in Spanish with the word that an exception is written with beside it
            rule = wording(f"audit-rule.{hits[0].rule}", language)
            place = {"name": hits[0].name, "line": hits[0].line, "rule": rule}
            line = wording("audit.place", language, **place)
            if len(hits) > 1:
                n = grouped(len(hits) - 1, language)
                line += wording("audit.same-text", language, n=n)
            if hits[0].rule == "raw-id" and self.rows.get(text, 0) > 1:
                line += wording("audit.shared", language, n=grouped(self.rows[text], language))
            lines.append(line)
        more = sum(len(hits) for hits in list(by_text.values())[SHOWN:])
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
    """Search the de-identified file of persons before it is published.

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
    known = replace(known_of(paths, study), persons=None)
    searched.add(files_of([folder]), known, read_audit(paths.config).allowed)
    searched.stop_on_hits(study)
    return searched


def _in_name(name: str, known: KnownValues) -> tuple[Hit, ...]:
    """What the name of a file says of somebody."""
    return identifier_scan.search(TextPart(name, "", cells=False), known)


def _excused(path: str) -> frozenset[str]:
    """Rules that say nothing of a version of this file of the repository."""
    if path.startswith(TESTS):
        return INVENTED
    return PUBLIC if path.startswith("config/") and path.endswith(REGISTER) else frozenset()


def _allows(entry: Allowed, hit: Hit) -> bool:
    name = hit.name.partition("!")[0]
    return entry.rule == hit.rule and entry.text == hit.text and name.endswith(entry.file)
