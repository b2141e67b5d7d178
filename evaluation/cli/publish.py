"""Commands ``publish`` and ``verify``: copy a release to a folder, or compare with one."""

import argparse
import functools
import itertools
import json
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from evaluation.cli.stages import assignment
from evaluation.config.decisions import untranslated, unwritten
from evaluation.config.preregistration import RULE, Lock
from evaluation.config.study import LOCK, Study, read_languages, read_study
from evaluation.config.toml_reader import named, read
from evaluation.errors import SpecError, StorageError
from evaluation.locale.messages import Message, entries, message, several, word, wording
from evaluation.release import earlier_releases
from evaluation.release.contents import CITATION, README, Contents, answering, contents, readme
from evaluation.release.digits import FEW, digits_held, same_number
from evaluation.release.kept_inputs import keep, list_of_sums
from evaluation.release.published_tables import (
    NUMBERS,
    PUBLIC,
    cells_of,
    checksums,
    difference,
    may_lack,
    published,
    wrong_sums,
)
from evaluation.release.verifying import readable
from evaluation.release.verifying.readable import Versions
from evaluation.report.terminal import counted, spoken
from evaluation.site import moved_pages, pango, prints
from evaluation.storage import disk, made_files
from evaluation.storage.commit import is_committed, read_commit
from evaluation.storage.folders import BOOK, MADE_FROM, RELEASES, Paths, State

SUMS = "SHA256SUMS"
ABSENT: State = "absent"


def print_states(paths: Paths) -> dict[str, State]:
    """State of the prints in each language of a study's book."""
    languages = read_languages(paths.config)
    return {language: prints.print_state(paths, language, checksums) for language in languages}


def add_publish_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release's folder."""
    parser.add_argument(
        *("--dest", "--release"),
        dest="release",
        required=True,
        metavar="FOLDER",
        help="folder to write",
    )
    parser.add_argument(
        "--replace",
        default="no",
        choices=("yes", "no"),
        help="replace a release that was made from another plan or other data",
    )
    parser.add_argument(
        "--draft",
        default="no",
        choices=("yes", "no"),
        help="write a folder for compare alone, of a book that is still a draft",
    )
    parser.add_argument(
        "--check",
        default="no",
        choices=("yes", "no"),
        help="only say what stops the release, before anything is built",
    )


def run_publish(options: argparse.Namespace) -> None:
    """Copy results, exhibits, notebooks and site, with citation and checksums, or nothing.

    PDFs and public data go along where they are of these pages and data. Before anything is built
    the pages are added to the list of all that were ever published, and under version control that
    list is to be committed first. A draft has none of this, and no citation.

    Raises
    ------
    StorageError
        No folder is named, it holds something that is not a release, the book is still a draft,
        nobody answers for it, nothing is built, or prints are of other pages and could be made
        again here.
    SpecError
        The lock does not hold the assignment of clusters, or not the one that Git or an earlier
        release has.
    """
    target, paths, draft = _target(options.release), Paths.of(options), options.draft == "yes"
    study = read_study(paths.config)
    if not draft:
        _check_drafts(paths)
        answering(study)
        earlier_releases.check_earlier(paths, study)
        _check_assignment(paths, study)
        _list_pages(options.study, spoken(options.language))
    elif (target / CITATION).is_file():
        raise StorageError.of("release-not-draft", "name-folder-draft", target.as_posix())
    if options.check == "yes":
        return
    made_files.refuse_altered(paths.build)
    # read first: an unfinished build must not leave half a release
    prints = print_states(paths)
    if draft:
        prints = dict.fromkeys(prints, ABSENT)
    found = contents(paths, prints, draft=draft)
    files = found.files
    _check_prints(found.prints)
    if options.replace == "no":
        _check_same(target, files)
    sums = list_of_sums(files)
    keep(paths, sums, rows=earlier_releases.analysed(paths, study), draft=draft)
    if not _is_there(target, whole := {**files, SUMS: sums}):
        disk.write_folder(target, whole)
    language = spoken(options.language)
    if draft:
        _tell_written(files, target, language)
        sys.stdout.write(wording("publish.draft", language, folder=target.as_posix()))
        return
    tell_list(paths, language, is_new=earlier_releases.note(paths, study, sums, kind="release"))
    _tell(found, target, language)


def tell_list(paths: Paths, language: str, *, is_new: bool) -> None:
    """Say how the list of releases is committed, where it is new or waits for it.

    Parameters
    ----------
    paths : Paths
    language : {"en", "es"}
    is_new : bool
    """
    listed = paths.config / RELEASES
    if is_new or (listed.is_file() and not is_committed(listed)):
        sys.stdout.write(wording("publish.listed", language, path=listed.as_posix()))


def _list_pages(study: str, language: str) -> None:
    """List the pages before anything is built: the book names a commit that has them.

    Raises
    ------
    StorageError
        The list has grown and is under version control.
    """
    new = moved_pages.add_published(BOOK, study, moved_pages.addresses(BOOK, study))
    if not new:
        return
    pages, path = counted(len(new), "page", language), (BOOK / moved_pages.PUBLISHED).as_posix()
    if read_commit(Path()) is not None:
        raise StorageError.of("pages-listed", "pages-listed", path, n=len(new))
    sys.stdout.write(wording("publish.new-pages", language, pages=pages, path=path))


def _tell(found: Contents, target: Path, language: str) -> None:
    """What was written, and what a release goes without."""
    _tell_written(found.files, target, language)
    sys.stdout.write("".join(f"{line}\n" for line in lacking(found, language)))


def _tell_written(files: Mapping[str, bytes], target: Path, language: str) -> None:
    n = counted(len(files), "file", language)
    sys.stdout.write(
        wording("publish.done", language, files=n, folder=target.as_posix(), sums=SUMS)
    )


def lacking(found: Contents, language: str) -> tuple[str, ...]:
    """What a release goes without, why, and how to make it; one sentence for each.

    Parameters
    ----------
    found : Contents
    language : {"en", "es"}
    """
    how = pango.unprintable(language) or wording("publish.print-first", language)
    said = [
        wording(
            "publish.no-pdf",
            language,
            language=name,
            why=wording(f"publish.without-pdf.{state}", language),
            how=how,
        )
        for name, state in found.prints.items()
        if state in entries("publish.without-pdf")
    ]
    if found.public != "current":
        made = wording("publish.make-data", language)
        why = wording(f"publish.without-data.{found.public}", language, how=made)
        said.append(wording("publish.no-data", language, why=why))
    return tuple(said)


def _check_drafts(paths: Paths) -> None:
    """A book that is still a draft is not released: nor is what stands in one language for both."""
    pages = sorted((BOOK / paths.config.name).glob("*.md"))
    files = sorted(paths.config.rglob("*.toml")) if "es" in read_languages(paths.config) else []
    waiting = [
        *((path, unwritten(disk.read_text(path)), "*A draft: …*") for path in pages),
        *((path, untranslated(disk.read_text(path)), "# translate:") for path in files),
    ]
    listed = "".join(f"\n  {path.as_posix()}: {n} x {mark}" for path, n, mark in waiting if n)
    if listed:
        where = paths.config.name
        raise StorageError.of("release-of-draft", "release-of-draft", where, listed=listed)


def _check_assignment(paths: Paths, study: Study) -> None:
    """A release is made of the assignment that was locked, in the lock that Git has."""
    lock = None if study.blinded else read(Lock, paths.config, LOCK)
    if assignment.is_missing(lock):
        where = named(paths.config, LOCK)
        raise SpecError.of(
            "release-unassigned", "release-unassigned", where, rule=RULE, name=study.id
        )
    assignment.check_earlier(paths, lock)


def _check_prints(prints: Mapping[str, State]) -> None:
    """Old prints are no part of a release; where they can be made anew, it waits for them."""
    stale = [language for language, state in prints.items() if state == "stale"]
    if stale and not pango.unprintable("en"):
        raise StorageError.of("pdfs-pages-book", "run-make-pdf", "publish", stale=", ".join(stale))


def _check_same(target: Path, files: dict[str, bytes]) -> None:
    """A release is what others compare with: only the same plan and data may write it again."""
    made = target / "results.json"
    if not made.is_file():
        return
    before, now = json.loads(disk.read_bytes(made)), json.loads(files["results.json"])
    other = [key for key in MADE_FROM if before.get(key) != now.get(key)]
    if other:
        raise StorageError.of(
            "folder-holds",
            "name-new-folder-write",
            target.as_posix(),
            other=several(map(word, other), ", "),
        )


def _is_there(target: Path, files: Mapping[str, bytes]) -> bool:
    """Whether a folder holds these files and no others: then it stays as it is."""
    there = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()}
    return there == files.keys() and all(
        (target / name).read_bytes() == data for name, data in files.items()
    )


def _target(named: str) -> Path:
    if not named:
        raise StorageError.of("no-folder-named", "write-make-publish", "make publish")
    target = Path(named)
    if target.exists() and not (target / SUMS).is_file():
        raise StorageError.of("folder-exists-not", "name-new-folder-one", target.as_posix())
    return target


SHOWN, NAMED = 10, 3


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release's folder."""
    parser.add_argument("--release", required=True, metavar="FOLDER", help="folder to compare")


def run_verify(options: argparse.Namespace) -> None:
    """Compare every file of the release; numbers agree to the digits that it holds.

    Raises
    ------
    StorageError
        A file of the release is damaged, missing here, or holds other numbers.
    """
    release = Path(options.release)
    sums = _sums(release)
    paths = Paths.of(options)
    made_files.refuse_altered(paths.build)
    built = contents(paths, print_states(paths)).files
    if README in built:
        built[README] = _as_released(paths, sums)
    # a machine without Pango prints nothing, and what it would print is compared as pages
    alone = [name for name in sums.keys() ^ built.keys() if not may_lack(name)]
    wrong = [message("release.only-there", name=name) for name in sums if name in alone]
    wrong += [message("release.only-here", name=name) for name in built if name in alone]
    there = {name: disk.sha256(release / name) for name in sums if (release / name).is_file()}
    damaged = [name for name in sorted(sums) if there.get(name) != sums[name]]
    wrong += [message("release.other-sum", name=name) for name in damaged]
    identical, other_bytes = 0, []
    theirs_all = {name: disk.read_bytes(release / name) for name in there}
    wrong += [message("release.other-sum", name=name) for name in wrong_sums(theirs_all)]
    tables = (cells_of(name, data) for name, data in theirs_all.items() if "/" not in name)
    digits, agreed = digits_held(itertools.chain.from_iterable(tables)), Counter[str]()
    same = functools.partial(same_number, digits=digits, counted=agreed)
    exact = _exact(paths, built) if digits == FEW else {}
    versions = Versions.of(built.get(CITATION, b""), theirs_all.get(CITATION, b""))
    for name in sorted((sums.keys() & built.keys()) - set(damaged)):
        theirs, ours = theirs_all[name], built[name]
        if ours == theirs:
            identical += 1
            continue
        if Path(name).suffix in NUMBERS:
            found = difference(name, exact.get(name, ours), theirs, same)
        else:
            found = readable.difference(name, ours, theirs, same, versions)
            other_bytes += [] if found else [name]
        if found:
            wrong.append(message("release.named", name=name, found=found))
    language = spoken(options.language)
    absent = [name for name in sums if name not in built and may_lack(name)]
    _tell_first("verify.not-compared", absent, language)
    sys.stdout.write(wording("verify.identical", language, n=identical))
    if agreed:
        numbers = {why: agreed[why] for why in ("rounded", "boundary")}
        sys.stdout.write(wording("verify.rounded", language, digits=digits, **numbers))
    _tell_first("verify.other-bytes", other_bytes, language)
    _refuse(wrong, versions)


def _as_released(paths: Paths, sums: Mapping[str, str]) -> bytes:
    """What a release says of its contents: what is not made here may be in it."""
    there = {name.rpartition("/")[0] for name in sums if may_lack(name)}
    prints: dict[str, str] = {
        language: "current" if language in there else ABSENT
        for language in read_languages(paths.config)
    }
    public = "current" if any(name.startswith(f"{PUBLIC}/") for name in sums) else ABSENT
    return readme(read_study(paths.config), prints, public=public).encode("utf-8")


def _exact(paths: Paths, built: Mapping[str, bytes]) -> dict[str, bytes]:
    """Tables of records before they are rounded: where a digit lies is seen in these."""
    tables = [name for name in built if name.endswith(".csv") and "/" not in name]
    return published(((name, paths.build / name) for name in tables), paths, exact=True)


def _tell_first(identifier: str, names: list[str], language: str) -> None:
    if names:
        first = ", ".join(names[:NAMED])
        sys.stdout.write(wording(identifier, language, n=len(names), names=first))


def _sums(release: Path) -> dict[str, str]:
    if not str(release) or not (release / SUMS).is_file():
        raise StorageError.of("no-there", "write-make-verify", release.as_posix(), sums=SUMS)
    lines = disk.read_text(release / SUMS).splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def _refuse(wrong: list[Message], versions: Versions) -> None:
    """Another version of the program may make other pages: its commit is where to verify them."""
    if not wrong:
        return
    fix = message("build-release.fix")
    if versions.theirs and versions.ours != versions.theirs:
        fix = message("build-release-of.fix", commit=versions.theirs[0])
    listed = several(wrong[:SHOWN], "lines")
    raise StorageError.of("files-differ-release", fix, "verify", n=len(wrong), listed=listed)
