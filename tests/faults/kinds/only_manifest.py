"""Damage that leaves a file another office could have delivered: only the manifest can show it.

Each is run with the manifest as declared, and must be reported. `python -m tests.faults` runs each
with a renewed manifest too, and states how often the data alone give it away.
"""

import random
from dataclasses import replace

from tests.faults.damage import FRAME, READ_RIGHT, Delivery, Expectation, Kind, in_file
from tests.faults.edit import Sheet, answered, on_cells, one_cell, put_sheet, sheet

SCALES = {"educacion": 6, "confia_vecinos": 4, "confia_policia": 7}
TURNED = {"1": "4", "2": "3", "3": "2", "4": "1"}


def _cut(before: Sheet, draw: random.Random) -> Sheet:
    return replace(before, rows=before.rows[: draw.randrange(250, len(before.rows) - 1)])


def _other_arm(cell: str, _: Sheet, __: random.Random) -> str:
    return {"treated": "comparison", "comparison": "treated"}[cell]


def _arms_swapped(delivery: Delivery, draw: random.Random) -> Delivery:
    frame = sheet(delivery, FRAME)
    arms = frame.column("arm")
    one = draw.choice([i for i, arm in enumerate(arms) if arm == "treated"])
    two = draw.choice([i for i, arm in enumerate(arms) if arm == "comparison"])
    return put_sheet(delivery, frame.set({one: arms[two], two: arms[one]}, "arm"))


def _other_answer(before: Sheet, draw: random.Random) -> Sheet:
    name = draw.choice(tuple(SCALES))
    row = draw.choice(answered(before, name))
    now = before.rows[row][before.at(name)]
    codes = [str(i) for i in range(name != "educacion", SCALES[name] + (name != "educacion"))]
    return before.set({row: draw.choice([c for c in codes if c != now])}, name)


def _scale_turned(before: Sheet, _: random.Random) -> Sheet:
    texts = enumerate(before.column("confia_vecinos"))
    return before.set({i: TURNED.get(text, text) for i, text in texts}, "confia_vecinos")


def _column_shuffled(before: Sheet, draw: random.Random) -> Sheet:
    name = draw.choice((*SCALES, "ingreso", "peso"))
    rows = answered(before, name)
    cells = [before.rows[i][before.at(name)] for i in rows]
    return before.set(dict(zip(rows, draw.sample(cells, len(cells)), strict=True)), name)


def _new_digit(cell: str, _: Sheet, draw: random.Random) -> str:
    last = draw.choice([d for d in "0123456789" if d != cell[-1]])
    return cell[:-1] + last


def _inhabitants(cell: str, _: Sheet, __: random.Random) -> str:
    return cell[:-2] + cell[-1] + cell[-2] if cell[-1] != cell[-2] else str(int(cell) + 90)


BY_CHECKSUM = in_file("checksum", why="the file could be true: nothing in it is damaged")
# what is left to notice once a person has accepted the delivery
THIN = in_file(
    "empty-cluster", "few-interviews", why="the rows are gone, and no line is left to name"
)


def _kind(group: str, name: str, words: str, apply, accepted: Expectation = READ_RIGHT) -> Kind:
    return Kind(
        id=f"{group}-{name}",
        group=group,
        words=words,
        apply=apply,
        manifest="as declared",
        expect=BY_CHECKSUM,
        accepted=accepted,
    )


KINDS = (
    _kind("F2", "cut-at-row-end", "the download stopped at the end of a row", on_cells(_cut), THIN),
    _kind("F2", "column-shuffled", "one column's answers changed rows", on_cells(_column_shuffled)),
    _kind("F4", "other-answer", "one answer became another answer", on_cells(_other_answer)),
    _kind("F4", "inhabitants", "two digits of a population changed places",
          on_cells(one_cell("population", _inhabitants), (FRAME,))),
    _kind("F5", "other-digit", "an id has another last digit",
          on_cells(one_cell("id_persona", _new_digit))),
    _kind("F5", "other-arm", "a municipality changed its group in the frame",
          on_cells(one_cell("arm", _other_arm), (FRAME,))),
    _kind("F5", "arms-swapped", "two municipalities changed groups", _arms_swapped),
    _kind("F6", "scale-turned", "a scale runs the other way, and nothing says so",
          on_cells(_scale_turned)),
)  # fmt: skip
