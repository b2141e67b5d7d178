"""F5: who, where, and in which round."""

import datetime
import random
from dataclasses import replace

from tests.faults.damage import BASELINE, ENDLINE, FRAME, Delivery, Kind, expected
from tests.faults.edit import (
    ENCODINGS,
    Sheet,
    answered,
    on_cells,
    one_cell,
    put,
    put_sheet,
    sheet,
    text,
)

VERSIONS = {BASELINE: "2102081530", ENDLINE: "2409231010"}
NUMBERS = ("duracion", "ingreso", "peso")
LOOK_ALIKE = {"M": "\u041c", "E": "\u0415", "0": "\u041e", "1": "l"}


def _exact_copy(before: Sheet, draw: random.Random) -> Sheet:
    row = draw.choice(answered(before, "id_persona"))
    at = draw.randrange(len(before.rows))
    return replace(before, rows=[*before.rows[:at], before.rows[row], *before.rows[at:]])


def _same_id(before: Sheet, draw: random.Random) -> Sheet:
    one, two = draw.sample(answered(before, "id_persona"), 2)
    return before.set({one: before.rows[two][before.at("id_persona")]}, "id_persona")


def _copied(before: Sheet, draw: random.Random) -> Sheet:
    """An interview once more, under an id that nobody has."""
    row = list(before.rows[draw.choice(answered(before, "id_persona"))])
    row[before.at("id_persona")] = f"9{draw.randrange(10**7):07d}"
    return replace(before, rows=[*before.rows, row])


def _trial(_: str, __: Sheet, draw: random.Random) -> str:
    return draw.choice(("00000000", "99999999", "12345678"))


def _other_place(delivery: Delivery, draw: random.Random) -> Delivery:
    """Another municipality of somebody who was met once only; far from its team's days."""
    name, other = draw.sample((BASELINE, ENDLINE), 2)
    before, known = sheet(delivery, name), set(sheet(delivery, other).column("id_persona"))
    once = [i for i in answered(before, "municipio") if before.rows[i][0] not in known]
    row = draw.choice(once)
    place = int(before.rows[row][before.at("municipio")][1:])
    far = draw.choice([i for i in range(1, 13) if abs(i - place) > 3])
    return put_sheet(delivery, before.set({row: f"M{far:02d}"}, "municipio"))


def _blank_id(_: str, __: Sheet, ___: random.Random) -> str:
    return ""


def _lower(cell: str, _: Sheet, __: random.Random) -> str:
    return cell.lower()


def _invisible(cell: str, before: Sheet, draw: random.Random) -> str:
    # the endline's encoding has no zero-width characters
    mark = "\u00a0" if before.name == ENDLINE else draw.choice(("\u00a0", "\u200b", "\ufeff"))
    at = draw.randint(0, len(cell))
    return cell[:at] + mark + cell[at:]


def _look_alike(cell: str, _: Sheet, draw: random.Random) -> str:
    letter = draw.choice([c for c in cell if c in LOOK_ALIKE])
    return cell.replace(letter, LOOK_ALIKE[letter], 1)


def _short_id(cell: str, _: Sheet, __: random.Random) -> str:
    return cell[:-1]


def _as(rows: Sheet, name: str) -> Sheet:
    """Rows of one round as the other round's office writes them."""
    if rows.name == name:
        return rows
    after = replace(rows, name=name)
    for column in NUMBERS:
        mark = {BASELINE: (",", "."), ENDLINE: (".", ",")}[name]
        texts = enumerate(rows.column(column))
        after = after.set({i: text.replace(*mark) for i, text in texts}, column)
    for column, clock in (("fecha", ""), ("inicio", " %H:%M:%S")):
        old = {BASELINE: "%Y-%m-%d", ENDLINE: "%d/%m/%Y"}[rows.name] + clock
        new = {BASELINE: "%Y-%m-%d", ENDLINE: "%d/%m/%Y"}[name] + clock
        changed = {
            i: datetime.datetime.strptime(text, old).strftime(new)
            for i, text in enumerate(rows.column(column))
        }
        after = after.set(changed, column)
    return after


def _wrong_round(delivery: Delivery, draw: random.Random) -> Delivery:
    """Some interviews of one round stand in the other's file."""
    name, other = draw.sample((BASELINE, ENDLINE), 2)
    into, source = sheet(delivery, name), _as(sheet(delivery, other), name)
    taken = draw.sample(answered(source, "id_persona"), draw.randint(1, 10))
    return put_sheet(delivery, replace(into, rows=[*into.rows, *(source.rows[i] for i in taken)]))


def _same_file(delivery: Delivery, draw: random.Random) -> Delivery:
    name, other = draw.sample((BASELINE, ENDLINE), 2)
    return put(delivery, name, delivery.files[other])


def _same_content(delivery: Delivery, draw: random.Random) -> Delivery:
    """The other round's interviews, as this round's office would have saved them."""
    name, other = draw.sample((BASELINE, ENDLINE), 2)
    return put_sheet(delivery, _as(sheet(delivery, other), name))


def _pasted_answers(delivery: Delivery, _: random.Random) -> Delivery:
    """People of both rounds have their baseline answers again in the endline."""
    before = _as(sheet(delivery, BASELINE), ENDLINE)
    after = sheet(delivery, ENDLINE)
    known = {row[0]: row for row in before.rows}
    first = before.at("consent")
    rows = [[*row[:first], *known.get(row[0], row)[first:]] for row in after.rows]
    return put_sheet(delivery, replace(after, rows=rows))


def _swapped_rounds(delivery: Delivery, _: random.Random) -> Delivery:
    files = dict(delivery.files)
    files[BASELINE], files[ENDLINE] = files[ENDLINE], files[BASELINE]
    return Delivery(files=files)


def _arm_word(cell: str, _: Sheet, draw: random.Random) -> str:
    return draw.choice((cell.title(), cell.upper(), f"{cell} ", "tratamiento", "1", "control"))


def _moved_person(delivery: Delivery, draw: random.Random) -> Delivery:
    before, after = sheet(delivery, BASELINE), sheet(delivery, ENDLINE)
    known = {before.rows[i][0] for i in answered(before, "id_persona")}
    rows = [i for i in answered(after, "id_persona") if after.rows[i][0] in known]
    row = draw.choice(rows)
    now = after.rows[row][after.at("municipio")]
    other = draw.choice([f"M{i:02d}" for i in range(1, 13) if f"M{i:02d}" != now])
    return put_sheet(delivery, after.set({row: other}, "municipio"))


def _new_place(before: Sheet, draw: random.Random) -> Sheet:
    rows = draw.sample(answered(before, "municipio"), 30)
    return before.set(dict.fromkeys(rows, draw.choice(("M13", "M99", "M00"))), "municipio")


def _no_overlap(before: Sheet, _: random.Random) -> Sheet:
    ids = enumerate(before.column("id_persona"))
    return before.set({i: f"9{cell[1:]}" for i, cell in ids}, "id_persona")


def _shuffled_ids(before: Sheet, draw: random.Random) -> Sheet:
    ids = before.column("id_persona")
    return before.set(dict(enumerate(draw.sample(ids, len(ids)))), "id_persona")


def _lost_zeros_both(delivery: Delivery, _: random.Random) -> Delivery:
    for name in (BASELINE, ENDLINE):
        before = sheet(delivery, name)
        ids = enumerate(before.column("id_persona"))
        delivery = put_sheet(delivery, before.set({i: c.lstrip("0") for i, c in ids}, "id_persona"))
    return delivery


def _place_names(delivery: Delivery, draw: random.Random) -> Delivery:
    """Names of municipalities where their codes should be."""
    frame = sheet(delivery, FRAME)
    names = {row[0]: row[1] for row in frame.rows}
    before = sheet(delivery, draw.choice((BASELINE, ENDLINE)))
    cells = enumerate(before.column("municipio"))
    changed = before.set({i: names[c] for i, c in cells}, "municipio")
    return put(delivery, before.name, text(changed).encode(ENCODINGS[before.name]))


def _place_twice(before: Sheet, draw: random.Random) -> Sheet:
    return replace(before, rows=[*before.rows, draw.choice(before.rows)])


def _place_code(before: Sheet, draw: random.Random) -> Sheet:
    row = draw.randrange(len(before.rows))
    return before.set({row: draw.choice(("M13", "m01", "1", "M1", "05001"))}, "municipality")


def _extra_place(before: Sheet, _: random.Random) -> Sheet:
    row = ["M13", "Novelaña", "treated", "12000", "small", "Sierra Mayúscula"]
    return replace(before, rows=[*before.rows, row])


EXPECT = expected("F5")


def _kind(name: str, words: str, apply) -> Kind:
    return Kind(id=f"F5-{name}", group="F5", words=words, apply=apply, expect=EXPECT[name])


KINDS = (
    _kind("exact-copy", "a row stands twice", on_cells(_exact_copy)),
    _kind("same-id", "two people have one id", on_cells(_same_id)),
    _kind("copied", "an interview stands again under another id", on_cells(_copied)),
    _kind("trial", "a trial interview among the others", on_cells(one_cell("id_persona", _trial))),
    _kind("other-place", "an interview under another municipality's code", _other_place),
    _kind("blank-id", "an id is missing", on_cells(one_cell("id_persona", _blank_id))),
    _kind("lower-case", "a code in small letters", on_cells(one_cell("municipio", _lower))),
    _kind("invisible", "an invisible character in an id",
          on_cells(one_cell("id_persona", _invisible))),
    _kind("invisible-place", "an invisible character in a municipality's code",
          on_cells(one_cell("municipio", _invisible))),
    _kind("look-alike", "a letter of another alphabet in a code",
          on_cells(one_cell("municipio", _look_alike), (BASELINE,))),
    _kind("short-id", "an id lost its last digit", on_cells(one_cell("id_persona", _short_id))),
    _kind("wrong-round", "interviews of the other round among the rows", _wrong_round),
    _kind("same-file", "one file was delivered for both rounds", _same_file),
    _kind("same-content", "one round was saved again as the other", _same_content),
    _kind("pasted-answers", "baseline answers stand in the endline", _pasted_answers),
    _kind("swapped-rounds", "the two rounds' files changed names", _swapped_rounds),
    _kind("arm-word", "a group has another name", on_cells(one_cell("arm", _arm_word), (FRAME,))),
    _kind("moved-person", "a person was in another municipality before", _moved_person),
    _kind("new-place", "a municipality that the frame does not have",
          on_cells(_new_place, (ENDLINE,))),
    _kind("no-overlap", "no person of the endline stands in the baseline",
          on_cells(_no_overlap, (ENDLINE,))),
    _kind("shuffled-ids", "ids stand beside other people's answers", on_cells(_shuffled_ids)),
    _kind("zeros-lost-in-both", "both rounds' ids lost their zeros", _lost_zeros_both),
    _kind("place-names", "names of municipalities in place of codes", _place_names),
    _kind("place-twice", "a municipality stands twice in the frame",
          on_cells(_place_twice, (FRAME,))),
    _kind("place-code", "a municipality has another code in the frame",
          on_cells(_place_code, (FRAME,))),
    _kind("extra-place", "the frame has a municipality that nobody visited",
          on_cells(_extra_place, (FRAME,))),
)  # fmt: skip
