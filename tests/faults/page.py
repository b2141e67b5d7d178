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

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "book" / "software" / "damaged_files.md"
# by the rule of the blind kinds' first run, when any word about the damaged file was enough
FIRST = ("read right", "reported", "silent", "traceback")
PRESENT = ("read right", "reported", "elsewhere", "silent", "traceback", "any word")

TEXT = """# Damaged files

*For reviewers and those who rerun: what becomes of an export that was damaged on its way, and of a
fault in the book itself.*

The data layer is run on a small invented study of two rounds, `800` interviews and a list of
places, in files as an office delivers them: one with commas in Unicode, one with semicolons and
decimal commas as Excel in Colombia saves it. Each kind of damage is done in `{seeds}` ways. The
undamaged study gives no finding.

- *Reported*: an error or a warning with a fix names the damage, by a rule that speaks of this kind
  of damage and at its place: file, line and column of a damaged cell, the line where a whole line
  is damaged, the column where only a column is. Of several damaged places one is enough.
- *Read right*: no such finding, and the clean values are those of the undamaged study.
- *Elsewhere*: other values, and findings about the damaged file by other rules or at other places
  only. It counts as a failure.
- *Silent*: the worst, other values and no word.
- *Any word*: runs with any finding about a damaged file, whatever its rule and place. This was
  enough to be called reported before the rule was tightened.

Rules and places of each kind were written down after a look at the findings of `8` of the `{seeds}`
ways. That they hold in all of them is no estimate of what happens to damage that nobody thought
of; the first run below is the nearest to one.

Unless said otherwise the manifest's checksum and number of rows were made those of the damaged
file, as if somebody had accepted the delivery.

## Kinds written with the reader in sight

{listed}

## Kinds written without it

`{blind_kinds}` further kinds were written by a person who had not seen the reader or its tests,
and were kept before their first run. Two of them did not run at all, because they took the clock
of the second file for another format: only they were changed. This is that first run of all,
before anything in the reader could be fixed. It was counted by the earlier rule, by which any
word about the damaged file was a report.

{first}

The same kinds and the present reader, by the present rule. Their author said what happened to a
file, not what must be found: rules and places were added afterwards, by somebody who has seen the
reader and its findings. No damage was changed. Three of these expectations were corrected after
their first use: row numbers put in front are a column too many or rows too long, by what the
header calls them; part of a file sent twice may leave nothing but ids that stand twice; and a
note as long as a photograph, harmless by its author's word, may be refused by its line.

{blind}

## What the tighter rule found

There was a word in every run that was not read right, but not always the right one. Before
anything was fixed `3,395` of `3,425` runs of the kinds written with the reader in sight passed by
the present rule, and `2,065` of `2,075` of the others. In `30` runs the warning about a
municipality that no one visited did not say in which row of the list it is; in `10` a
municipality that stands twice was named at the second of its rows only, whichever had been put in.
Both findings name their rows now.

## Damage without a place

{without} kinds have no line and no column to name: the finding names the file.

{placeless}

## Damage that is only warned of

In every reported run of these kinds, nothing that names the damage is an error: the run goes on,
and somebody has to read the warning.

{warned}

## What only the manifest can notice

Some damage leaves a file that could be true. Its checksum gives it away as long as the manifest
is that of the file the office sent. Had a person accepted the delivery unseen, this would become
of it:

{accepted}

So compare a new delivery with the survey firm's own count of interviews before writing its
checksum into the manifest.

{planted}"""


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
