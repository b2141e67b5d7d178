"""Damage the tiny study in every listed way and write what became of it.

``python -m tests.faults`` runs 25 seeds of each kind, those of the author who had not seen the
reader as well, prints kinds and groups against outcomes and writes build/faults/results.json. What
the book's page needs of it is kept in tests/faults/results.json; that of the blind kinds' first run
stands in tests/faults/blind_first_run.json.

Beside the outcomes stands ``any word``: runs with a finding about a damaged file, whatever its rule
and place, which is what "reported" meant in that first run. ``only warned`` are reported runs in
which nothing that names the damage is an error.
"""

import argparse
import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.faults.damage import Kind
from tests.faults.harness import run_kind
from tests.faults.listed import GROUPS, KINDS
from tools.kept import lines_of

HERE = Path(__file__).resolve().parent
RESULTS, FULL = HERE / "results.json", HERE.parents[1] / "build" / "faults" / "results.json"
SEEDS = 25
OUTCOMES = ("read right", "reported", "elsewhere", "silent", "traceback")
COUNTS = (*OUTCOMES, "any word", "only warned")
FAILED = ("elsewhere", "silent", "traceback")


def main() -> int:
    """Run, print and write; 1 where a kind came out as anything but read right or reported."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="runs of each kind")
    options = parser.parse_args()
    listed = [outcomes(kind, options.seeds) for kind in KINDS]
    accepted = [
        outcomes(replace(kind, manifest="renewed", expect=kind.accepted), options.seeds)
        for kind in KINDS
        if kind.manifest == "as declared"
    ]
    blind = [outcomes(kind, options.seeds) for kind in blind_kinds()]
    written = {"kinds": listed, "accepted": accepted, "blind": blind}
    FULL.parent.mkdir(parents=True, exist_ok=True)
    FULL.write_text(lines_of({"seeds": options.seeds}, written), encoding="utf-8", newline="\n")
    RESULTS.write_text(kept(written, options.seeds), encoding="utf-8", newline="\n")
    _print(written, options.seeds)
    failed = [kind for kind in (*listed, *blind) if any(kind[outcome] for outcome in FAILED)]
    return 1 if failed else 0


def kept(written: Mapping[str, Sequence[dict[str, Any]]], seeds: int) -> str:
    """What the page needs: sums of groups, kinds that are only warned of, and what was accepted."""
    listed, blind = written["kinds"], written["blind"]
    warned = {
        name: [
            row["id"] for row in rows if row["reported"] and row["only warned"] == row["reported"]
        ]
        for name, rows in (("warned", listed), ("blind_warned", blind))
    }
    shown = ("id", "words", *COUNTS)
    tables = {
        "groups": by_group(listed),
        "blind_groups": by_group(blind),
        "accepted": [{name: row[name] for name in shown} for row in written["accepted"]],
    }
    return lines_of({"seeds": seeds} | warned, tables)


def blind_kinds() -> tuple[Kind, ...]:
    """Kinds of the blind author."""
    return tuple(importlib.import_module("tests.faults.blind").BLIND)


def outcomes(kind: Kind, seeds: int) -> dict[str, Any]:
    """How often each outcome came out, and the rules that named the damage first."""
    results = [run_kind(kind, seed) for seed in range(seeds)]
    counts: Counter[str] = Counter(result.outcome for result in results)
    counts["any word"] = sum(bool(result.findings) for result in results)
    counts["only warned"] = sum(
        bool(result.telling) and all(f.severity == "warn" for f in result.telling)
        for result in results
    )
    rules = Counter(result.telling[0].rule for result in results if result.telling)
    traces = sorted({result.trace for result in results if result.trace})
    return {
        "id": kind.id,
        "group": kind.group,
        "words": kind.words,
        "manifest": kind.manifest,
        "place": kind.expect.place if kind.expect.rules else "",
        "why": kind.expect.why,
        **{name: counts[name] for name in COUNTS},
        "rules": dict(sorted(rules.items())),
        "traces": traces,
    }


def by_group(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outcomes summed over the kinds of each group."""
    return [
        {
            "group": group,
            "words": GROUPS.get(group, ""),
            "kinds": sum(row["group"] == group for row in rows),
            **{name: sum(row[name] for row in rows if row["group"] == group) for name in COUNTS},
        }
        for group in sorted({row["group"] for row in rows})
    ]


def _print(written: Mapping[str, Sequence[dict[str, Any]]], seeds: int) -> None:
    for title, key in (
        ("kinds", "kinds"),
        ("the same, had a person accepted the delivery", "accepted"),
        ("blind kinds", "blind"),
    ):
        print(f"{title:44}" + "".join(f"{name:>12}" for name in COUNTS))
        for row in written[key]:
            print(f"{row['id']:44}" + "".join(f"{row[name]:>12}" for name in COUNTS))
    for title, key in (("", "kinds"), ("blind ", "blind")):
        for row in by_group(written[key]):
            name = f"{title}{row['group']} {row['words']}, {row['kinds']} kinds"
            print(f"{name:44}" + "".join(f"{row[name]:>12}" for name in COUNTS))
        print(f"{title}kinds: {rates(written[key], seeds)}")


def rates(rows: Sequence[dict[str, Any]], seeds: int) -> str:
    """Runs that pass by the present rule, and those that passed while any word was enough."""
    runs = seeds * len(rows)
    now = sum(row["read right"] + row["reported"] for row in rows)
    before = runs - sum(row["silent"] + row["traceback"] for row in rows)
    return f"{now:,} of {runs:,} read right or reported at the place; {before:,} by any word"


if __name__ == "__main__":
    raise SystemExit(main())
