"""F6: answers that contradict each other, the design or the form."""

import datetime
import random
from dataclasses import replace

from tests.faults.damage import BASELINE, ENDLINE, Kind, expected
from tests.faults.edit import Sheet, answered, on_cells, one_cell

FORMATS = {BASELINE: "%Y-%m-%d", ENDLINE: "%d/%m/%Y"}


def _rows(before: Sheet, column: str, code: str) -> list[int]:
    place = before.at(column)
    return [i for i in answered(before, column) if before.rows[i][place] == code]


def _answered_unasked(before: Sheet, draw: random.Random) -> Sheet:
    name, cell = draw.choice((("veces", "3"), ("denuncio", "1")))
    return before.set({draw.choice(_rows(before, "victima", "2")): cell}, name)


def _asked_unanswered(before: Sheet, draw: random.Random) -> Sheet:
    name = draw.choice(("veces", "denuncio"))
    return before.set({draw.choice(_rows(before, "victima", "1")): ""}, name)


def _gate_turned(before: Sheet, draw: random.Random) -> Sheet:
    code = draw.choice(("1", "2"))
    row = draw.choice(_rows(before, "victima", code))
    return before.set({row: "2" if code == "1" else "1"}, "victima")


def _outside(_: str, before: Sheet, draw: random.Random) -> str:
    day = datetime.date(*draw.choice(((2020, 3, 5), (2021, 8, 14), (2023, 1, 9), (2026, 2, 2))))
    return day.strftime(FORMATS[before.name])


def _other_day(cell: str, before: Sheet, draw: random.Random) -> str:
    """Another day of the same fieldwork; the start of the interview says the right one."""
    pattern = FORMATS[before.name]
    day = datetime.datetime.strptime(cell, pattern).date()
    first = {BASELINE: datetime.date(2021, 2, 15), ENDLINE: datetime.date(2024, 10, 7)}
    days = [first[before.name] + datetime.timedelta(days=i) for i in range(95)]
    return draw.choice([d for d in days if d != day]).strftime(pattern)


def _weight(*cells: str):
    def cell(_: str, before: Sheet, draw: random.Random) -> str:
        return before.decimal(draw.choice(cells))

    return one_cell("peso", cell)


def _huge(cell: str, before: Sheet, draw: random.Random) -> str:
    value = float(cell.replace(",", ".")) * draw.choice((100, 1000, 10_000))
    return before.decimal(f"{value:.4f}")


def _expansion(before: Sheet, _: random.Random) -> Sheet:
    """Weights that sum to the inhabitants where weights around one are declared."""
    changes = {
        i: before.decimal(f"{float(before.rows[i][before.at('peso')].replace(',', '.')) * 743:.4f}")
        for i in answered(before, "peso")
    }
    return before.set(changes, "peso")


def _other_version(before: Sheet, draw: random.Random) -> Sheet:
    """From some row on a newer form, whose scale runs the other way."""
    rows = answered(before, "confia_vecinos")
    late = rows[draw.randrange(len(rows) // 4, len(rows) - 1) :]
    place = before.at("confia_vecinos")
    turned = {"1": "4", "2": "3", "3": "2", "4": "1"}
    answers = {i: turned.get(before.rows[i][place], before.rows[i][place]) for i in late}
    version = {BASELINE: "2103010900", ENDLINE: "2411200800"}[before.name]
    return before.set(answers, "confia_vecinos").set(dict.fromkeys(late, version), "version")


def _refused_but_answers(before: Sheet, draw: random.Random) -> Sheet:
    return before.set({draw.choice(answered(before, "consent")): "0"}, "consent")


def _consents_but_blank(before: Sheet, draw: random.Random) -> Sheet:
    rows = [i for i, row in enumerate(before.rows) if row[before.at("consent")] == "0"]
    return before.set({draw.choice(rows): "1"}, "consent")


def _no_refusals(before: Sheet, _: random.Random) -> Sheet:
    place = before.at("consent")
    return replace(before, rows=[row for row in before.rows if row[place] == "1"])


def _sexes_turned(before: Sheet, _: random.Random) -> Sheet:
    turned = {"1": "2", "2": "1"}
    texts = enumerate(before.column("sexo"))
    return before.set({i: turned.get(text, text) for i, text in texts}, "sexo")


EXPECT = expected("F6")


def _kind(name: str, words: str, change) -> Kind:
    return Kind(
        id=f"F6-{name}", group="F6", words=words, apply=on_cells(change), expect=EXPECT[name]
    )


KINDS = (
    _kind("answered-unasked", "an answer to a question not asked", _answered_unasked),
    _kind("asked-unanswered", "no answer to a question asked", _asked_unanswered),
    _kind("gate-turned", "the answer that a skip looks at was turned", _gate_turned),
    _kind("outside-fieldwork", "a date outside fieldwork", one_cell("fecha", _outside)),
    _kind("other-day", "another day within fieldwork", one_cell("fecha", _other_day)),
    _kind("weight-zero", "a weight of nothing", _weight("0", "0.0", "0.0000")),
    _kind("weight-negative", "a weight below nothing", _weight("-1.2000", "-0.5")),
    _kind("weight-huge", "a weight far from all others", one_cell("peso", _huge)),
    _kind("weight-missing", "a weight is missing", _weight("", "NA", ".")),
    _kind("weight-expansion", "weights sum to the inhabitants", _expansion),
    _kind("form-version", "a newer form turned a scale", _other_version),
    _kind("refused-but-answers", "consent refused, questions answered", _refused_but_answers),
    _kind("consents-but-blank", "consent given, nothing answered", _consents_but_blank),
    _kind("no-refusals", "the office took the refusals out", _no_refusals),
    _kind("sexes-turned", "men became women and women men", _sexes_turned),
)  # fmt: skip
