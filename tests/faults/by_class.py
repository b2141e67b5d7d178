"""Do the damage of each class to the studies, and write what became of it.

``python -m tests.faults.by_class FILE [study]`` runs each kind once and writes one line a kind:
found (a rule that speaks of the damage), misleading (others alone do) or silent.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from tests.faults.kinds import between_rounds, blocks_of_rows, by_interviewer, series_numbers
from tests.faults.whole import run_kind

PARTS = (between_rounds, blocks_of_rows, by_interviewer, series_numbers)
KINDS = tuple(kind for part in PARTS for kind in part.KINDS)
WORDS = {"reported": "found", "elsewhere": "misleading", "silent": "silent", "read right": "silent"}
SEED = 0


def main() -> int:
    """Run, write and count."""
    path, *studies = sys.argv[1:]
    rows = []
    for kind in KINDS:
        if studies and kind.study not in studies:
            continue
        result = run_kind(kind, SEED)
        rules = sorted({f"{f.rule}/{f.severity}" for f in result.found})
        row = {"id": kind.id, "class": kind.group, "outcome": WORDS[result.outcome], "rules": rules}
        rows.append(row)
        print(json.dumps(row), flush=True)
    Path(path).write_text(json.dumps(rows), encoding="utf-8")
    print(Counter((row["class"], row["outcome"]) for row in rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
