"""The book's page about damaged files, from the stored results of the fault suite.

``python -m tests.faults.page`` writes book/common/damaged_files.md.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "book" / "common" / "damaged_files.md"
OUTCOMES = ("read right", "reported", "silent", "traceback")

TEXT = """# Damaged files

*For reviewers and those who rerun: what becomes of an export that was damaged on its way.*

The data layer is run on a small invented study of two rounds, `800` interviews and a list of
places, in files as an office delivers them: one with commas in Unicode, one with semicolons and
decimal commas as Excel in Colombia saves it. Each kind of damage is done in `{seeds}` ways. A
file counts as *read right* where the clean values are those of the undamaged study, and as
*reported* where an error or a warning names the file, the rule and the mend. *Silent* is the
worst: other values, and no word. The undamaged study gives no finding.

Unless said otherwise the manifest's checksum and number of rows were made those of the damaged
file, as if somebody had accepted the delivery.

## Kinds written with the reader in sight

{listed}

## Kinds written without it

`{blind_kinds}` further kinds were written by somebody who had not seen the reader or its tests,
and were kept before their first run. Two of them did not run at all, because they took the clock
of the second file for another format: only they were changed. This is that first run of all,
before anything in the reader could be mended.

{blind}

## What only the manifest can notice

Some damage leaves a file that could be true. Its checksum gives it away as long as the manifest
is that of the file the office sent. Had a person accepted the delivery unseen, this would become
of it:

{accepted}

So compare a new delivery with the survey firm's own count of interviews before writing its
checksum into the manifest.
"""


def text(results: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    """The page from the results of the suite and the first run of the blind kinds."""
    return TEXT.format(
        seeds=results["seeds"],
        listed=_groups(results["groups"]),
        blind_kinds=len(first["kinds"]),
        blind=_groups(first["groups"]),
        accepted=_table(
            "What happened", ((f"{row['words']}", "", row) for row in results["accepted"])
        ),
    )


def _groups(groups: Iterable[Mapping[str, Any]]) -> str:
    rows = list(groups)
    total = {name: sum(row[name] for row in rows) for name in ("kinds", *OUTCOMES)}
    named = [(str(row["words"]), row["kinds"], row) for row in rows]
    return _table("Damage to", [*named, ("**all**", total["kinds"], total)])


def _table(head: str, rows: Iterable[tuple[str, object, Mapping[str, Any]]]) -> str:
    entries = list(rows)
    counted = any(kinds != "" for _, kinds, _ in entries)
    columns = [head, *(["Kinds"] if counted else []), *(o.capitalize() for o in OUTCOMES)]
    lines = [
        "| " + " | ".join(columns) + " |",
        "| --- |" + " ---: |" * (len(columns) - 1),
    ]
    for name, kinds, row in entries:
        cells = [*([kinds] if counted else []), *(f"{row[o]:,}" for o in OUTCOMES)]
        lines.append(f"| {name} | " + " | ".join(f"`{cell}`" for cell in cells) + " |")
    return "\n".join(lines)


def stored() -> str:
    """The page from what is stored."""
    results, first = (
        json.loads((HERE / name).read_text(encoding="utf-8"))
        for name in ("results.json", "blind_first_run.json")
    )
    return text(results, first)


if __name__ == "__main__":
    PAGE.write_text(stored(), encoding="utf-8", newline="\n")
