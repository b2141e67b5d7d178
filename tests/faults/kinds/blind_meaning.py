"""Blind kinds: values, ids, rounds and logic."""

import random
from datetime import datetime, timedelta

from tests.faults.kinds.blind_sheet import (
    BASELINE,
    DECIMALS,
    ENDLINE,
    FRAME,
    Register,
    Sheet,
    inserted,
    number,
    written,
)

KINDS = Register()


@KINDS.happened("F3-date-for-time")
def date_for_time(sheet: Sheet, rng: random.Random) -> None:
    """The day and the start time changed places, in all rows or in some."""
    day, start = sheet.at("fecha"), sheet.at("inicio")
    for row in rng.sample(sheet.table[1:], rng.choice((3, len(sheet.table) - 1))):
        row[day], row[start] = row[start], row[day]


@KINDS.happened("F4-stata-missing")
def stata_missing(sheet: Sheet, rng: random.Random) -> None:
    """Missing answers saved the way of Stata: a point for blanks, .a and .b for codes."""
    known = {"": ".", "88": ".a", "98": ".b"}
    for at in map(sheet.at, rng.sample(("victima", "veces", "denuncio", "etnia"), 2)):
        for row in sheet.answered():
            row[at] = known.get(row[at], row[at])


@KINDS.happened("F4-find-and-replace")
def find_and_replace(sheet: Sheet, rng: random.Random) -> str:
    """A replacement meant for one column was run on the whole file."""
    return sheet.text().replace(*rng.choice((("88", ""), ("98", "99"), ("M0", "M"))))


@KINDS.happened("F4-old-form")
def old_form(sheet: Sheet, rng: random.Random) -> None:
    """One interviewer used a form with codes one higher in one municipality."""
    town, by, yes = (sheet.at(name) for name in ("municipio", "encuestador", "victima"))
    seed = rng.choice([row for row in sheet.answered() if row[yes] in {"1", "2"}])
    for row in sheet.answered():
        if (row[town], row[by]) == (seed[town], seed[by]):
            for at in (yes, sheet.at("sexo")):
                row[at] = {"1": "2", "2": "3"}.get(row[at], row[at])


@KINDS.happened("F5-test-interviews")
def training_interviews(sheet: Sheet, rng: random.Random) -> None:
    """Interviews of the training days were left inside."""
    rows = [list(row) for row in rng.sample(sheet.answered(), rng.randint(2, 6))]
    for i, row in enumerate(rows, start=1):
        day = sheet.dialect.start - timedelta(days=rng.randint(2, 9))
        row[0], row[-1] = f"{i:08d}", "PRUEBA"
        row[sheet.at("fecha")] = day.strftime(sheet.dialect.day)
        row[sheet.at("inicio")] = f"{day:%Y-%m-%d} 09:00:00"
    inserted(sheet, rng, rows)


@KINDS.happened("F5-rows-of-other-round")
def rows_of_other_round(sheet: Sheet, rng: random.Random) -> None:
    """Rows of the other round were pasted in, in this file's dialect."""
    here = sheet.dialect
    there = ENDLINE if here is BASELINE else BASELINE
    other = Sheet.of(sheet.delivery, there)
    rows = rng.sample(other.answered(), rng.randint(5, 20))
    for row in rows:
        row[other.at("fecha")] = datetime.strptime(row[other.at("fecha")], there.day).strftime(
            here.day
        )
        for at in map(other.at, DECIMALS):
            row[at] = row[at].replace(there.point, here.point)
    inserted(sheet, rng, rows)


@KINDS.happened("F5-frame-two-versions", FRAME)
def frame_two_versions(sheet: Sheet, rng: random.Random) -> None:
    """A municipality's arm was corrected in a new line and the old line kept."""
    arm = sheet.at("arm")
    row = rng.choice(sheet.table[1:])
    other = next(r[arm] for r in sheet.table[1:] if r[arm] != row[arm])
    inserted(sheet, rng, [[*row[:arm], other, *row[arm + 1 :]]])


@KINDS.happened("F5-reinterviews")
def reinterviews(sheet: Sheet, rng: random.Random) -> None:
    """A supervisor's second interviews were added, with -2 behind the id."""
    rows = rng.sample(sheet.answered(), rng.randint(2, 8))
    inserted(sheet, rng, [[f"{row[0]}-2", *row[1:]] for row in rows])


@KINDS.happened("F5-copied-interviews")
def copied_interviews(sheet: Sheet, rng: random.Random) -> None:
    """Invented interviews: whole rows copied to the second under new ids."""
    rows = rng.sample(sheet.answered(), rng.randint(3, 10))
    ids = rng.sample(range(90_000_000, 99_999_999), len(rows))
    inserted(sheet, rng, [[str(i), *row[1:]] for i, row in zip(ids, rows, strict=True)])


@KINDS.happened("F6-weights-to-one")
def weights_to_one(sheet: Sheet, rng: random.Random) -> None:
    """The weights of one file were rescaled to a sum of 1, or of 100."""
    at, to = sheet.at("peso"), rng.choice((1, 100))
    total = sum(number(row[at]) for row in sheet.answered())
    for row in sheet.answered():
        row[at] = written(f"{to * number(row[at]) / total:.8f}", sheet.dialect)


@KINDS.happened("F6-clock-off")
def clock_off(sheet: Sheet, rng: random.Random) -> None:
    """One tablet's clock was some days off, so that start and day of interview differ."""
    at, by = sheet.at("inicio"), sheet.at("encuestador")
    tablet, off = rng.choice(sheet.table[1:])[by], timedelta(days=rng.choice((-3, -1, 1, 9)))
    for row in sheet.table[1:]:
        if row[by] == tablet:
            clock = f"{sheet.dialect.day} %H:%M:%S"
            row[at] = (datetime.strptime(row[at], clock) + off).strftime(clock)


@KINDS.happened("F6-withdrawn-not-erased")
def withdrawn_not_erased(sheet: Sheet, rng: random.Random) -> None:
    """Consent was withdrawn but the answers stayed."""
    for row in rng.sample(sheet.answered(), rng.randint(1, 6)):
        row[sheet.at("consent")] = "0"


@KINDS.happened("F6-not-asked-filled")
def not_asked_filled(sheet: Sheet, rng: random.Random) -> None:
    """The firm filled questions that were not asked with 0 or "no"."""
    column, filling = rng.choice((("veces", "0"), ("denuncio", "2")))
    rows = [row for row in sheet.answered() if row[sheet.at("victima")] == "2"]
    for row in rng.sample(rows, rng.choice((3, len(rows)))):
        row[sheet.at(column)] = filling
