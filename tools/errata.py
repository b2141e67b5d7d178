"""Printed values of an earlier commit, and why those of a later build differ.

`python -m tools.errata keep build` writes the values of all studies (English) that a finished build
prints, a file a study; `python -m tools.errata table build` prints which of them a build changed
or no longer has, by the reasons in `changes.toml` and in the studies' `errata.toml`.
"""

import csv
import io
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from evaluation.config.exhibits import Erratum, read_errata
from evaluation.storage import disk

ROOT = Path(__file__).resolve().parents[1]
KEPT, CONFIG = ROOT / "tests" / "fixtures" / "errata", ROOT / "config"
STUDIES, LANGUAGE = ("somos_comunidad", "medellin", "homicides"), "en"
HEAD, MARK = ("number", "text"), "synthetic"

Texts = dict[str, str]


class Moved(NamedTuple):
    """A value that a later build prints otherwise; ``after`` is None where it prints none."""

    before: str
    after: str | None


class Change(NamedTuple):
    """One reason: the ids that it explains (a regular expression) in one study, and the line."""

    study: str
    numbers: str
    line: str
    why: str


def printed(build: Path, study: str) -> Texts:
    """Text by number of a built study, and its mark where its data are invented."""
    made = disk.read_json(build / study / LANGUAGE / "numbers.json")
    texts = {name: number["text"] for name, number in made["numbers"].items()}
    return {**({MARK: made[MARK]} if made[MARK] else {}), **texts}


def kept(study: str) -> Texts:
    """Text by number of the earlier commit."""
    with (KEPT / f"{study}.csv").open(encoding="utf-8", newline="") as file:
        return {row["number"]: row["text"] for row in csv.DictReader(file)}


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Moved]:
    """Values that differ or ended; what is new is no erratum."""
    found = {name: Moved(text, after.get(name)) for name, text in before.items()}
    return {name: move for name, move in found.items() if move.before != move.after}


def changes(study: str) -> list[Change]:
    """Reasons of one study, in their order."""
    read = tomllib.loads((KEPT / "changes.toml").read_text(encoding="utf-8"))
    return [c for c in (Change(**entry) for entry in read["change"]) if c.study == study]


def errata(study: str) -> list[Erratum]:
    """Entries of the study's own list since the day of the earlier commit."""
    read = tomllib.loads((KEPT / "changes.toml").read_text(encoding="utf-8"))
    return [e for e in read_errata(CONFIG / study) if e.date >= read["since"]]


def covered(study: str, moves: Mapping[str, Moved]) -> dict[Change, list[str]]:
    """Ids that each reason explains; an erratum of one number is a reason of its own."""
    listed = [Change(study, re.escape(e.number), "errata", e.reason["en"]) for e in errata(study)]
    return {
        change: [name for name in moves if re.fullmatch(change.numbers, name)]
        for change in (*changes(study), *listed)
    }


def keep(build: Path) -> None:
    """Write the values of every study of a build."""
    for study in STUDIES:
        file = io.StringIO()
        csv.writer(file, lineterminator="\n").writerows([HEAD, *printed(build, study).items()])
        (KEPT / f"{study}.csv").write_text(file.getvalue(), encoding="utf-8", newline="")


def table(build: Path) -> None:
    """Print one row a reason and study, then what no reason explains."""
    write = sys.stdout.write
    for study in (name for name in STUDIES if (build / name / LANGUAGE / "numbers.json").is_file()):
        moves = moved(kept(study), printed(build, study))
        found = covered(study, moves)
        write(f"{study}: {len(moves)} of {len(kept(study))} values changed or ended\n")
        for change, names in found.items():
            write(f"  {change.line:<7}{len(names):>5}  {change.numbers}: {change.why}\n")
        for name in sorted(moves.keys() - {n for names in found.values() for n in names}):
            write(f"  without a reason: {name}: {moves[name].before} -> {moves[name].after}\n")


if __name__ == "__main__":
    {"keep": keep, "table": table}[sys.argv[1]](Path(sys.argv[2]))
