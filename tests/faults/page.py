"""The book's page about damaged files, from the stored results of the fault suite.

``python -m tests.faults.page`` writes book/software/damaged_files.md, after
``python -m tests.faults`` and ``python -m tests.site.planted``.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.faults.__main__ import RESULTS, blind_kinds
from tests.faults.damage import Kind
from tests.faults.listed import KINDS
from tests.site.planted import table
from tests.tables import cases

CASES = cases(__file__)

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "book" / "software" / "damaged_files.md"
# by the rule of the blind kinds' first run, when any word about the damaged file was enough
FIRST = ("read right", "reported", "silent", "traceback")
PRESENT = ("read right", "reported", "elsewhere", "silent", "traceback", "any word")

TEXT = CASES["text"]


def text(results: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    """The page from the results of the suite and the first run of the blind kinds."""
    blind = blind_kinds()
    placeless = [k for k in (*KINDS, *blind) if k.expect.rules and k.expect.place == "file"]
    warned = [
        kind
        for kinds, name in ((KINDS, "warned"), (blind, "blind_warned"))
        for kind in kinds
        if kind.id in results[name]
    ]
    return TEXT.format(
        seeds=results["seeds"],
        listed=_groups(results["groups"], PRESENT),
        blind_kinds=sum(group["kinds"] for group in first["groups"]),
        first=_groups(first["groups"], FIRST),
        blind=_groups(results["blind_groups"], PRESENT),
        without=f"`{len(placeless)}`",
        placeless=_by_reason(placeless),
        warned=_list(map(_words, warned)),
        accepted=_table(
            "What happened",
            ((f"{row['words']}", "", row) for row in results["accepted"]),
            PRESENT[:-1],
        ),
        planted=table.text(),
    )


def _words(kind: Kind) -> str:
    words = kind.words
    return words[0].lower() + words[1:] if words[1].islower() or words[1] == " " else words


def _by_reason(kinds: Sequence[Kind]) -> str:
    """Each reason once, with the kinds below it."""
    reasons = dict.fromkeys(kind.expect.why for kind in kinds)
    return "\n".join(
        f"- {reason[0].upper()}{reason[1:]}:\n"
        + "\n".join(f"  - {_words(kind)}" for kind in kinds if kind.expect.why == reason)
        for reason in reasons
    )


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _groups(groups: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    rows = list(groups)
    total = {name: sum(row[name] for row in rows) for name in ("kinds", *columns)}
    named = [(str(row["words"]), row["kinds"], row) for row in rows]
    return _table("Damage to", [*named, ("**all**", total["kinds"], total)], columns)


def _table(
    head: str, rows: Iterable[tuple[str, object, Mapping[str, Any]]], columns: Sequence[str]
) -> str:
    entries = list(rows)
    counted = any(kinds != "" for _, kinds, _ in entries)
    heads = [head, *(["Kinds"] if counted else []), *(name.capitalize() for name in columns)]
    lines = [
        "| " + " | ".join(heads) + " |",
        "| --- |" + " ---: |" * (len(heads) - 1),
    ]
    for name, kinds, row in entries:
        cells = [*([kinds] if counted else []), *(f"{row[column]:,}" for column in columns)]
        lines.append(f"| {name} | " + " | ".join(f"`{cell}`" for cell in cells) + " |")
    return "\n".join(lines)


def stored() -> str:
    """The page from what is stored."""
    results, first = (
        json.loads(path.read_text(encoding="utf-8"))
        for path in (RESULTS, HERE / "blind_first_run.json")
    )
    return text(results, first)


if __name__ == "__main__":
    PAGE.write_text(stored(), encoding="utf-8", newline="\n")
