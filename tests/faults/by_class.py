"""Do the damage of each class to the studies, and write what became of it.

``python -m tests.faults.by_class [FILE] [study]`` runs each kind once (a quarter of an hour) and
writes one line a kind: found (a rule that speaks of the damage), misleading (others alone do) or
silent. Without a file it writes the last run, which is kept.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.faults.kinds import between_rounds, blocks_of_rows, by_interviewer, series_numbers
from tests.faults.whole import run_kind
from tools.kept import lines_of

PARTS = (between_rounds, blocks_of_rows, by_interviewer, series_numbers)
KINDS = tuple(kind for part in PARTS for kind in part.KINDS)
NAMED = {kind.id: kind for kind in KINDS}
WORDS = {"reported": "found", "elsewhere": "misleading", "silent": "silent", "read right": "silent"}
OUTCOMES = ("found", "misleading", "silent")
# run on the code before the rules, with the kinds and the measure of the last run
FIRST = Path(__file__).with_name("by_class_first_run.json")
LAST = Path(__file__).with_name("by_class_last_run.json")
SEED = 0

Row = Mapping[str, str]


def outcome(name: str) -> str:
    """What becomes of one kind."""
    return WORDS[run_kind(NAMED[name], SEED).outcome]


def stored(path: Path) -> dict[str, Row]:
    """Kinds of a run by their id."""
    return {row["id"]: row for row in json.loads(path.read_text(encoding="utf-8"))["kinds"]}


def table(rows: Iterable[Row]) -> dict[str, tuple[int, ...]]:
    """How many kinds of each class were found, misled and passed in silence."""
    counts = Counter((row["class"], row["outcome"]) for row in rows)
    return {group: tuple(counts[group, each] for each in OUTCOMES) for group, _ in sorted(counts)}


def main() -> int:
    """Run, write and count."""
    path, *studies = sys.argv[1:] or [str(LAST)]
    rows = []
    for kind in KINDS:
        if not studies or kind.study in studies:
            row = {"id": kind.id, "class": kind.group, "outcome": outcome(kind.id)}
            rows.append(row)
            print(json.dumps(row), flush=True)
    Path(path).write_text(lines_of({"seed": SEED}, {"kinds": rows}), encoding="utf-8")
    print(OUTCOMES, table(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
