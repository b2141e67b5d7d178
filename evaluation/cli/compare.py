"""Command ``compare``: which numbers moved since a release, and which change can have moved each.

Inputs are compared entry by entry (plan, ledger of corrections, delivered files, and the study
file, manifest and dictionary where the release's private copy is on this machine), results field
by field. What a changed input reaches follows from the plan
(`evaluation.config.dependency_scope`): it *can* have moved a number there. A number that moved
beyond every changed input's reach has no known cause among the inputs, and is listed as such: the
code, another machine, an input that is not compared, or a fault.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from evaluation.cli.publish import SUMS
from evaluation.config.configuration import read_configuration
from evaluation.config.exhibits import ExhibitRegistry
from evaluation.config.study import read_languages
from evaluation.errors import StorageError
from evaluation.locale.messages import Message, Plain, message, wording
from evaluation.release.input_changes import (
    Cause,
    causes,
    causes_of,
    comparison,
    listed,
    number,
    side,
)
from evaluation.release.kept_inputs import private_copy
from evaluation.release.published_tables import KEPT, NUMBERED, RECORDS, published
from evaluation.release.result_diff import (
    SITE,
    WHOLE_ROW,
    Move,
    PrintedChange,
    changed_pages,
    moves,
    printed_changes,
    table,
)
from evaluation.report.terminal import grouped
from evaluation.storage import disk
from evaluation.storage.folders import Paths

TABLES = tuple(name for name in RECORDS if name.endswith(".csv"))
TABLE, PRINTED = "comparison.csv", "printed_changes.csv"
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release to compare with."""
    parser.add_argument("--base", required=True, metavar="FOLDER", help="folder of a release")


def run(options: argparse.Namespace) -> None:
    """Print what changed: in the book, in the inputs, and which fields of the records moved.

    ``printed_changes.csv`` has every printed text that differs, ``comparison.csv`` every field.

    Raises
    ------
    StorageError
        The folder is no release of this study, or nothing is built.
    """
    paths, base = Paths.of(options), Path(options.base)
    before, now = _results(options.base, base), disk.read_json(paths.build / "results.json")
    if before["study"] != now["study"]:
        there, here = repr(before["study"]), repr(now["study"])
        where = base.as_posix()
        raise StorageError.of("release-study", "name-release", where, before=there, now=here)
    configuration, sums = read_configuration(paths.config), disk.read_bytes(base / SUMS)
    changed = causes(paths, sums, before, now, configuration)
    plan, kept = configuration.preregistration.plan, private_copy(paths, sums)
    files = ((name, paths.build / name) for name in TABLES if (paths.build / name).is_file())
    current = published(files, paths)
    moved = (
        *moves(base, paths.build, TABLES, plan=plan, published=current),
        *moves(kept, paths.build, KEPT, plan=plan),
    )
    language = options.language
    languages = read_languages(paths.config)
    read = language if language in languages else languages[0]
    _in_the_book((base / read, paths.build / read), paths.build, configuration.registry, language)
    _tell(changed, moved, (before["version"], now["version"]), language)
    _tell_moves(moved, paths.build / TABLE, language)
    of_book = (f"{read}/{NUMBERED}", f"{read}/{SITE}")
    compared = ((base, TABLES), (kept, KEPT), (base, of_book))
    _tell_passed_over(paths.build, compared, language)
    disk.write_bytes(paths.build / TABLE, comparison(changed, moved, language))


def _in_the_book(
    books: tuple[Path, Path], build: Path, registry: ExhibitRegistry, language: str
) -> None:
    """Say and write what the book prints otherwise; nothing of an earlier comparison stays."""
    printed = printed_changes(*books, registry)
    disk.remove(build / PRINTED)
    if printed is not None:
        _tell_printed(printed, changed_pages(*books), build, language)
        disk.write_bytes(build / PRINTED, table(printed))


def _tell_printed(
    printed: tuple[PrintedChange, ...], pages: tuple[str, ...], build: Path, language: str
) -> None:
    """Say what a reader of the book finds changed: exhibits, pages and the texts themselves."""
    if not (printed or pages):
        sys.stdout.write(wording("compare.printed-none", language))
        return
    exhibits = ", ".join(dict.fromkeys(p.exhibit for p in printed)) or "-"
    said = "compare.printed.one" if len(printed) == 1 else "compare.printed.other"
    count, listing = number(len(printed), "number"), ", ".join(pages) or "-"
    values = {"numbers": count, "exhibits": exhibits, "pages": listing}
    sys.stdout.write(wording(said, language, **values))
    for p in printed[:SHOWN]:
        place = f"{p.exhibit}, {p.row}, {p.field}"
        sides = {"before": p.before or "-", "now": p.now or "-"}
        sys.stdout.write(wording("compare.field", language, place=place, **sides))
    if len(printed) > SHOWN:
        more, path = grouped(len(printed) - SHOWN, language), (build / PRINTED).as_posix()
        sys.stdout.write(wording("compare.printed-more", language, n=more, path=path))


def _results(named: str, base: Path) -> Any:
    if not named or not (base / SUMS).is_file():
        raise StorageError.of("no-there", "write-make-compare", base.as_posix(), sums=SUMS)
    return disk.read_json(base / "results.json")


def _tell(
    changed: tuple[Cause, ...],
    moved: tuple[Move, ...],
    versions: tuple[str, str],
    language: str,
) -> None:
    """Say what changed, and which fields each change can have moved."""

    def write(identifier: str, **values: Message | str) -> None:
        sys.stdout.write(wording(identifier, language, **values))

    write("compare.versions", before=versions[0], now=versions[1])
    inputs, fields = (len(changed), "changed input"), (len(moved), "moved field")
    write("compare.totals", inputs=number(*inputs), fields=number(*fields))
    for cause in changed:
        reached = [m for m in moved if cause.reach.holds(m.place)]
        names = _listed({m.place.outcome for m in reached} - {""})
        said = "compare.reached" if reached else "compare.reached-none"
        write(said, cause=cause.text, fields=number(len(reached), "field"), names=names)
    alone = [m for m in moved if not causes_of(m, changed, language)]
    if alone:
        names = _listed({f"{m.outcome} ({m.specification or m.table})" for m in alone})
        count = number(len(alone), "moved field")
        unknown = wording("compare.unknown", language)
        write("compare.unreached", unknown=unknown, fields=count, names=names)


def _tell_moves(moved: tuple[Move, ...], path: Path, language: str) -> None:
    """Show some estimates that moved, and say how many there are and where all of them stand."""
    if not moved:
        return
    shown = [m for m in moved if m.field in ("estimate", WHOLE_ROW)][:SHOWN]
    for m in shown:
        place = ", ".join(filter(None, (m.outcome, m.specification, m.sample, m.step)))
        sides = {"before": side(m.before, language), "now": side(m.now, language)}
        sys.stdout.write(wording("compare.field", language, place=place, **sides))
    fields = number(len(moved), "moved field")
    said = message("compare.shown", shown=Plain(len(shown)), fields=fields, path=path.as_posix())
    sys.stdout.write(said.text(language))


def _listed(names: set[str]) -> Message | str:
    return message("compare.of-names", names=listed(sorted(names))) if names else ""


def _tell_passed_over(
    build: Path, folders: tuple[tuple[Path, tuple[str, ...]], ...], language: str
) -> None:
    """Say which tables could not be compared: silence would read as agreement."""
    absent = [
        name
        for folder, names in folders
        for name in names
        if not ((folder / name).exists() and (build / name).exists())
    ]
    if absent:
        sys.stdout.write(wording("compare.passed-over", language, names=", ".join(absent)))
