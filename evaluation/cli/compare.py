"""Command ``compare``: which numbers moved since a release, and which change can have moved each.

Inputs are compared entry by entry (plan, ledger of corrections, delivered files, and the study
file, manifest and dictionary where the release's private copy is on this machine), results field
by field. What a changed input reaches follows from the plan (`spec.reach`): it *can* have moved a
number there. A number that moved beyond every changed input's reach has no known cause among the
inputs, and is listed as such: the code, another machine, an input that is not compared, or a
fault.
"""

import argparse
import csv
import io as memory
import sys
from pathlib import Path
from typing import Any

from evaluation import io
from evaluation.cli.causes import NAMED, Cause, causes
from evaluation.cli.moves import WHOLE_ROW, Move, moves
from evaluation.cli.publish import SUMS
from evaluation.cli.release import KEPT, RECORDS
from evaluation.cli.release_inputs import private_copy
from evaluation.cli.stage import Paths
from evaluation.cli.told import counted
from evaluation.errors import StorageError
from evaluation.spec.configuration import read_configuration

TABLES = tuple(name for name in RECORDS if name.endswith(".csv"))
HEAD = (
    "table",
    "outcome",
    "specification",
    "estimand",
    "sample",
    "step",
    "field",
    "before",
    "now",
    "causes",
)
UNKNOWN = "no known reach"
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release to compare with."""
    parser.add_argument("--base", required=True, metavar="FOLDER", help="folder of a release")


def run(options: argparse.Namespace) -> None:
    """Print what changed and what moved, and write ``comparison.csv`` with every moved field.

    Raises
    ------
    StorageError
        The folder is no release of this study, or nothing is built.
    """
    paths, base = Paths.of(options), Path(options.base)
    before, now = _results(options.base, base), io.read_json(paths.build / "results.json")
    if before["study"] != now["study"]:
        raise StorageError(
            f"the release is of study {before['study']!r}",
            where=base.as_posix(),
            mend=f"name a release of {now['study']!r}",
        )
    configuration, sums = read_configuration(paths.config), io.read_bytes(base / SUMS)
    changed = causes(paths, sums, before, now, configuration)
    plan, kept = configuration.promise.plan, private_copy(paths, sums)
    moved = (
        *moves(base, paths.build, TABLES, plan=plan),
        *moves(kept, paths.build, KEPT, plan=plan),
    )
    _tell(changed, moved, before, now)
    _tell_passed_over(paths.build, ((base, TABLES), (kept, KEPT)))
    io.write_bytes(paths.build / "comparison.csv", _table(changed, moved))


def _results(named: str, base: Path) -> Any:
    if not named or not (base / SUMS).is_file():
        raise StorageError(
            f"no {SUMS} there",
            where=base.as_posix(),
            mend="write make compare BASE=folder, a folder that make publish wrote",
        )
    return io.read_json(base / "results.json")


def _causes_of(move: Move, changed: tuple[Cause, ...]) -> list[str]:
    return [cause.text for cause in changed if cause.reach.holds(move.place)]


def _tell(
    changed: tuple[Cause, ...],
    moved: tuple[Move, ...],
    before: dict[str, Any],
    now: dict[str, Any],
) -> None:
    write = sys.stdout.write
    write(f"release: version {before['version']}; here: version {now['version']}\n")
    write(f"{counted(len(changed), 'changed input')}, {counted(len(moved), 'moved field')}\n")
    for cause in changed:
        reached = [m for m in moved if cause.reach.holds(m.place)]
        names = _listed({m.place.outcome for m in reached} - {""})
        write(f"- {cause.text}: can have moved {counted(len(reached), 'field')}{names}\n")
    alone = [m for m in moved if not _causes_of(m, changed)]
    if alone:
        names = _listed({f"{m.outcome} ({m.specification or m.table})" for m in alone})
        write(
            f"- {UNKNOWN}: no changed input reaches {len(alone)} moved fields{names}; the code,"
            " another machine or an input that is not compared moved them, or it is a fault\n"
        )
    shown = [m for m in moved if m.field in ("estimate", WHOLE_ROW)]
    for m in shown[:SHOWN]:
        place = ", ".join(filter(None, (m.outcome, m.specification, m.sample, m.step)))
        write(f"  {place}: {m.before} -> {m.now}\n")


def _listed(names: set[str]) -> str:
    some = sorted(names)
    more = f" and {len(some) - NAMED} more" if len(some) > NAMED else ""
    return f" of {', '.join(some[:NAMED])}{more}" if some else ""


def _tell_passed_over(build: Path, folders: tuple[tuple[Path, tuple[str, ...]], ...]) -> None:
    """Say which tables could not be compared: silence would read as agreement."""
    absent = [
        name
        for folder, names in folders
        for name in names
        if not ((folder / name).is_file() and (build / name).is_file())
    ]
    if absent:
        sys.stdout.write(
            f"not compared: {', '.join(absent)}; the release, its private copy on this machine,"
            " or this build does not hold them\n"
        )


def _table(changed: tuple[Cause, ...], moved: tuple[Move, ...]) -> bytes:
    text = memory.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    for m in moved:
        said = "; ".join(_causes_of(m, changed)) or UNKNOWN
        place = (m.table, m.outcome, m.specification, m.estimand, m.sample, m.step)
        writer.writerow([*place, m.field, m.before, m.now, said])
    return text.getvalue().encode()
