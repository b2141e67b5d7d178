"""Change the code in one place at a time and see whether a test turns red.

``python -m tests.mutation`` in the environment of tests/mutation/requirements.lock runs every room
and every sample, and writes tests/mutation/results.json and report.md. Rooms named on the command
line are run alone and replaced in the results. ``--survivors`` runs again, with the tests as they
are now, only what survived the last run: enough after tests were added and none was changed.
``--report`` only writes the report again.
"""

import argparse
import datetime
import importlib.metadata
import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from tests.mutation import report, running
from tests.mutation.rooms import every_room

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / "build" / "mutation"
RESULTS, REASONS, REPORT = HERE / "results.json", HERE / "survivors.toml", HERE / "report.md"
Which = Literal["all", "survivors"]
ROOMS = {room.name: room for room in every_room(ROOT)}
NAMES = tuple(ROOMS)


def main() -> int:
    """Run and write, or only write the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("rooms", nargs="*", metavar="room", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--report", action="store_true", help="only write the report again")
    parser.add_argument("--survivors", action="store_true", help="only what survived the last run")
    parser.add_argument("--children", type=int, default=1, help="mutants run at the same time")
    options = parser.parse_args()
    if set(options.rooms) - set(NAMES):
        parser.error(f"rooms are {', '.join(NAMES)}")
    if not options.report:
        try:
            which = "survivors" if options.survivors else "all"
            _write_results(options.rooms or NAMES, options.children, which)
        except running.MutationError as problem:
            sys.stderr.write(f"{problem}\n")
            return 1
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    reasons = given_reasons()
    REPORT.write_text(report.render(results, reasons), encoding="utf-8", newline="\n")
    left = report.unexplained(results, reasons)
    sys.stdout.write(f"{REPORT.relative_to(ROOT)}: {len(left)} survivors without a reason\n")
    return 1 if left else 0


def given_reasons() -> list[dict[str, Any]]:
    """Hand-written reasons of survivors."""
    return tomllib.loads(REASONS.read_text(encoding="utf-8")).get("survivor", [])


def _write_results(rooms: Sequence[str], children: int, which: Which) -> None:
    for name in rooms:
        mutants = _room(name, children, which)
        stored = _stored()
        kept_counts = [row for row in stored["counts"] if row["room"] != name]
        kept = [row for row in stored["survivors"] if row["room"] != name]
        order = {room: number for number, room in enumerate(NAMES)}
        stored = {
            "date": datetime.date.today().isoformat(),
            "mutmut": importlib.metadata.version("mutmut"),
            "counts": sorted(
                kept_counts + report.counts(mutants),
                key=lambda row: (order[row["room"]], row["module"]),
            ),
            "survivors": sorted(
                kept + report.survivors(mutants),
                key=lambda row: (order[row["room"]], row["module"], row["line"], row["now"]),
            ),
        }
        text = json.dumps(stored, indent=1, sort_keys=True, ensure_ascii=False)
        RESULTS.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _stored() -> Mapping[str, Any]:
    if RESULTS.exists():
        return json.loads(RESULTS.read_text(encoding="utf-8"))
    return {"counts": [], "survivors": []}


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
