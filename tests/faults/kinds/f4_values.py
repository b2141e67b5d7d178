"""F4: values that no answer can have."""

import random

from tests.faults.damage import BASELINE, FRAME, Kind, expected
from tests.faults.edit import Sheet, answered, on_cells, one_cell, whole_column

CODED = ("sexo", "educacion", "etnia", "confia_vecinos", "confia_policia", "victima")
NUMBERS = ("duracion", "ingreso", "peso")
REQUIRED = (
    "id_persona", "municipio", "fecha", "inicio", "duracion", "encuestador", "version", "consent",
    "sexo", "edad", "ingreso", "peso",
)  # fmt: skip
LABELS = {"1": "Hombre", "2": "Mujer"}


def _one_of(columns: tuple[str, ...], cell):
    """One cell of one of the columns."""

    def change(before: Sheet, draw: random.Random) -> Sheet:
        return one_cell(draw.choice(columns), cell)(before, draw)

    return change


def _unlisted(_: str, __: Sheet, draw: random.Random) -> str:
    return draw.choice(("9", "-1", "77", "99", "11"))


def _label(cell: str, _: Sheet) -> str:
    return LABELS.get(cell, cell)


def _na(_: str, __: Sheet, draw: random.Random) -> str:
    return draw.choice(("NA", "N/A", "nan", "NULL", "None", ".", "-", "#N/A"))


def _blank(_: str, __: Sheet, ___: random.Random) -> str:
    return ""


def _spaces(_: str, __: Sheet, draw: random.Random) -> str:
    return " " * draw.randint(1, 4)


def _too_old(before: Sheet, draw: random.Random) -> Sheet:
    name, low, high = draw.choice(
        (("edad", 100, 250), ("duracion", 301, 2000), ("ingreso", 20001, 90000))
    )
    value = f"{draw.uniform(low, high):.0f}" if name == "edad" else f"{draw.uniform(low, high):.1f}"
    row = draw.choice(answered(before, name))
    return before.set({row: before.decimal(value)}, name)


def _too_young(cell: str, _: Sheet, draw: random.Random) -> str:
    return str(draw.randint(0, 17))


def _infinite(_: str, __: Sheet, draw: random.Random) -> str:
    return draw.choice(("inf", "-inf", "Infinity", "1.#INF"))


def _beyond(_: str, __: Sheet, draw: random.Random) -> str:
    return draw.choice(("1e400", "9" * 400))


def _full_width(cell: str, _: Sheet, __: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isdigit() else c for c in cell)


def _arabic(cell: str, _: Sheet, __: random.Random) -> str:
    return cell.translate({ord(str(i)): 0x660 + i for i in range(10)})


def _padded(cell: str, _: Sheet, draw: random.Random) -> str:
    return draw.choice((f" {cell}", f"{cell} ", f"{cell}\t"))


def _words(_: str, __: Sheet, draw: random.Random) -> str:
    return draw.choice(("no sabe", "treinta", "ver nota", "aprox. 500"))


def _negative(cell: str, _: Sheet, __: random.Random) -> str:
    return f"-{cell}"


def _fraction(cell: str, before: Sheet, __: random.Random) -> str:
    return f"{cell}{before.decimal('.5')}"


def _unit(cell: str, _: Sheet, draw: random.Random) -> str:
    return draw.choice((f"$ {cell}", f"{cell} min", f"{cell}%", f"'{cell}"))


def _other_missing(before: Sheet, _: random.Random) -> Sheet:
    """Don't know is 99 in this file, where the dictionary says 88."""
    after = before
    for name in ("educacion", "confia_vecinos", "victima"):
        texts = enumerate(before.column(name))
        after = after.set({i: "99" for i, text in texts if text == "88"}, name)
    return after


def _short_missing(before: Sheet, _: random.Random) -> Sheet:
    """Don't know is 88 for the age too, where the dictionary says 888888."""
    texts = enumerate(before.column("edad"))
    return before.set({i: "88" for i, text in texts if text == "888888"}, "edad")


def _missing_as_blank(before: Sheet, _: random.Random) -> Sheet:
    texts = enumerate(before.column("educacion"))
    return before.set({i: "" for i, text in texts if text in ("88", "98")}, "educacion")


def _impossible_day(_: str, before: Sheet, draw: random.Random) -> str:
    if before.name == BASELINE:
        return draw.choice(("2021-02-30", "2021-13-05", "2021-04-00", "0000-00-00"))
    return draw.choice(("31/11/2024", "05/13/2024", "00/12/2024", "00/00/0000"))


def _no_place(_: str, __: Sheet, draw: random.Random) -> str:
    return draw.choice(("0", "-4200", "99999999", "12,5", ""))


def _true(cell: str, _: Sheet, __: random.Random) -> str:
    return "TRUE" if cell == "1" else "FALSE"


def _thousand_times(before: Sheet, _: random.Random) -> Sheet:
    """Income in pesos where thousands are declared."""
    place = before.at("ingreso")
    changes = {
        i: before.decimal(f"{float(row[place].replace(',', '.')) * 1000:.1f}")
        for i, row in enumerate(before.rows)
        if row[place] not in ("", "888888", "988888")
    }
    return before.set(changes, "ingreso")


def _millions(before: Sheet, _: random.Random) -> Sheet:
    """Income in millions of pesos where thousands are declared."""
    place = before.at("ingreso")
    changes = {
        i: before.decimal(f"{float(row[place].replace(',', '.')) / 1000:.1f}")
        for i, row in enumerate(before.rows)
        if row[place] not in ("", "888888", "988888")
    }
    return before.set(changes, "ingreso")


def _dragged(before: Sheet, draw: random.Random) -> Sheet:
    """A cell was dragged over the rows below it: copied, or counted on."""
    step = draw.choice((0, 1))
    name = draw.choice(("edad", "ingreso"))
    rows = answered(before, name, but=("", "888888", "988888"))
    at = draw.randrange(len(rows) - 40)
    first = draw.randint(20, 60)
    mark = "" if name == "edad" else before.decimal(".0")
    block = range(rows[at], rows[at] + 25)
    valid = set(answered(before, name))
    cells = {row: f"{first + step * i}{mark}" for i, row in enumerate(block) if row in valid}
    return before.set(cells, name)


EXPECT = expected("F4")


def _kind(name: str, words: str, change, names=None) -> Kind:
    apply = on_cells(change, names) if names else on_cells(change)
    return Kind(id=f"F4-{name}", group="F4", words=words, apply=apply, expect=EXPECT[name])


def _cell(name: str, words: str, columns: tuple[str, ...], cell) -> Kind:
    return _kind(name, words, _one_of(columns, cell))


KINDS = (
    _cell("unlisted-code", "a code that the codebook does not have", CODED, _unlisted),
    _kind("labels", "labels stand where codes should", whole_column(("sexo",), _label)),
    _cell("na-words", "a program wrote its word for nothing", REQUIRED, _na),
    _cell("blank", "a required cell is empty", REQUIRED, _blank),
    _cell("spaces", "a required cell holds blanks only", REQUIRED, _spaces),
    _kind("too-large", "a number above its range", _too_old),
    _cell("too-small", "an age below its range", ("edad",), _too_young),
    _cell("infinite", "a number without end", NUMBERS, _infinite),
    _cell("beyond", "a number that no machine holds", NUMBERS, _beyond),
    _kind(
        "full-width",
        "digits of another keyboard",
        _one_of((*REQUIRED, *CODED), _full_width),
        (BASELINE,),
    ),
    _kind(
        "arabic-digits",
        "digits of another script",
        _one_of(("edad", "id_persona", "sexo"), _arabic),
        (BASELINE,),
    ),
    _cell("padded", "blanks around a value", (*REQUIRED, *CODED), _padded),
    _cell("words", "words where a number should be", ("edad", *NUMBERS), _words),
    _cell("negative", "a number below nothing", ("edad", *NUMBERS), _negative),
    _cell("fraction", "a fraction of a person's year", ("edad", "veces"), _fraction),
    _cell("unit", "the unit stands in the cell", NUMBERS, _unit),
    _kind("other-missing-code", "don't know has another code", _other_missing),
    _kind("short-missing-code", "don't know is `88` for a number too", _short_missing),
    _kind("missing-as-blank", "missing codes were deleted", _missing_as_blank),
    _cell("impossible-day", "a day that no calendar has", ("fecha",), _impossible_day),
    _cell("true-false", "codes became TRUE and FALSE", ("consent", "victima"), _true),
    _kind("millions", "income is in millions, not in thousands", _millions),
    _kind("dragged", "a cell was dragged over the rows below it", _dragged),
    _kind("pesos", "income is in pesos, not in thousands", _thousand_times),
    _kind("population", "no number of inhabitants", one_cell("population", _no_place), (FRAME,)),
)
