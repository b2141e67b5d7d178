"""Change the code in one place at a time and see whether a test turns red.

``python -m tools.mutation`` in the environment of tools/mutation/requirements.lock runs every room
and every sample. What is kept of it is short: tools/mutation/results.json counts, report.md shows
the shares. Every survivor stands in build/mutation/<room>.md. Rooms named on the command line are
run alone and replaced in the results. ``--survivors`` runs again, with the tests as they are now,
only what survived the last run: enough after tests were added and none was changed. ``--report``
only writes the report again.
"""

import argparse
import datetime
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from tools.kept import lines_of
from tools.mutation import report, running
from tools.mutation.rooms import every_room

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "mutation"
RESULTS, REASONS, REPORT = HERE / "results.json", HERE / "survivors.toml", HERE / "report.md"
Which = Literal["all", "survivors"]
ROOMS = {room.name: room for room in every_room(ROOT)}
NAMES = tuple(ROOMS)


def main() -> int:
    """Run and write, or only write the report."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="room", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--report", action="store_true", help="only write the report again")
    parser.add_argument("--survivors", action="store_true", help="only what survived the last run")
    parser.add_argument("--children", type=int, default=1, help="mutants run at the same time")
    options = parser.parse_args()
    if set(options.rooms) - set(NAMES):
        parser.error(f"rooms are {', '.join(NAMES)}")
    left = 0
    if not options.report:
        try:
            which = "survivors" if options.survivors else "all"
            for name in options.rooms or NAMES:
                left += _write_results(name, _room(name, options.children, which))
        except running.MutationError as problem:
            sys.stderr.write(f"{problem}\n")
            return 1
    REPORT.write_text(report.render(stored()), encoding="utf-8", newline="\n")
    sys.stdout.write(f"{REPORT.relative_to(ROOT)}: {left} survivors without a reason\n")
    return 1 if left else 0


def stored() -> dict[str, Any]:
    """What is kept of all runs."""
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def given_reasons() -> list[dict[str, Any]]:
    """Hand-written reasons of survivors."""
    return tomllib.loads(REASONS.read_text(encoding="utf-8")).get("survivor", [])


def _write_results(name: str, mutants: Sequence[Mapping[str, Any]]) -> int:
    """Write a room's survivors and replace its counts; the number of survivors without a reason."""
    reasons, alive = given_reasons(), report.survivors(mutants)
    (BUILD / f"{name}.md").write_text(report.listed(alive, reasons), encoding="utf-8", newline="\n")
    rows = [row for row in stored()["counts"] if row["room"] != name]
    run = {"run": datetime.date.today().isoformat()}
    rows += [row | run for row in report.summary(report.counts(mutants), alive, reasons)]
    rows.sort(key=lambda row: (NAMES.index(row["room"]), row["module"]))
    head = {"mutmut": version("mutmut")}
    RESULTS.write_text(lines_of(head, {"counts": rows}), encoding="utf-8", newline="\n")
    return len(report.unexplained(alive, reasons))


def _room(name: str, children: int, which: Which) -> list[dict[str, Any]]:
    folder, room = BUILD / name, ROOMS[name]
    sources, tests = room.sources, room.tests
    if which == "survivors":
        running.renew(ROOT, folder, sources, tests)
        before = running.found(folder, name, sources)
        chosen = [m["name"] for m in before if m["status"] not in report.KILLED]
    else:
        running.copy(ROOT, folder, sources, tests)
        chosen = running.sampled(running.generated(folder, sources)) if room.sampled else []
    if chosen or which == "all":
        running.run(folder, chosen, children)
    mutants = running.found(folder, name, sources)
    killed = sum(mutant["status"] in report.KILLED for mutant in mutants)
    sys.stdout.write(f"{name}: {killed} of {len(mutants)} killed\n")
    sys.stdout.flush()
    return mutants


if __name__ == "__main__":
    sys.exit(main())
