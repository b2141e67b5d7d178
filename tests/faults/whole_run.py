"""Do the plausible damage to both studies and write what became of it.

``python -m tests.faults.whole_run`` runs three seeds of each kind, the harmless ones as well: half
an hour and more. It writes build/faults/whole_results.json, keeps the outcomes alone in
tests/faults/whole_results.json, and prints what failed.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.faults.kinds.whole_design import HARMLESS
from tests.faults.kinds.whole_expected import KINDS, TWINS
from tests.faults.whole import Plausible, run_kind
from tools.kept import lines_of

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "whole_results.json"
FULL = HERE.parents[1] / "build" / "faults" / "whole_results.json"
SEEDS = 3
OUTCOMES = ("read right", "reported", "elsewhere", "silent")


def outcomes(kind: Plausible, seeds: int) -> dict[str, Any]:
    """How often each outcome came out, and in how many runs each rule spoke of the damage.

    Of a harmless kind, where no rule has to speak, all rules stand that said something new.
    """
    counts: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    for seed in range(seeds):
        result = run_kind(kind, seed)
        counts[result.outcome] += 1
        told = result.telling if kind.rules else result.found
        rules.update({f"{f.rule}/{f.severity}" for f in told})
    return {
        "id": kind.id,
        **{name: counts[name] for name in OUTCOMES if counts[name]},
        "rules": dict(sorted(rules.items())),
    }


def bare(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the rules that spoke."""
    return [{name: value for name, value in row.items() if name != "rules"} for row in rows]


def main() -> int:
    """Run, print and write; 1 where damage was neither reported nor undecidable."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.whole_run", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="runs of each kind")
    seeds = parser.parse_args().seeds
    damage = [(kind, outcomes(kind, seeds)) for kind in KINDS]
    harmless = [outcomes(kind, seeds) for kind in HARMLESS]
    rows = [row for _, row in damage]
    FULL.parent.mkdir(parents=True, exist_ok=True)
    for path, kept in ((FULL, [*rows, *harmless]), (RESULTS, bare([*rows, *harmless]))):
        path.write_text(lines_of({"seeds": seeds}, {"kinds": kept}), encoding="utf-8", newline="\n")
    twins = Counter(name for name, seed in TWINS if seed < seeds)
    failed = [
        row
        for kind, row in damage
        if not kind.undecidable and row.get("reported", 0) != seeds - twins[kind.id]
    ]
    for row in failed:
        print(json.dumps(row))
    totals = {name: sum(row.get(name, 0) for row in rows) for name in OUTCOMES}
    print(f"{len(rows)} kinds of damage, {seeds} seeds each: {totals}")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
