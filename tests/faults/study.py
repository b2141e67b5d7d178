"""The tiny invented study: two rounds of 400 interviews and a frame, as an office delivers them.

All numbers are drawn from one seed; nobody and nothing here exists.
"""

import csv
import datetime
import functools
import io
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.faults.damage import BASELINE, ENDLINE, FRAME, Delivery

CONFIG = Path(__file__).parent / "config" / "faults"
ROWS = 400
CLUSTERS = tuple(f"M{i:02d}" for i in range(1, 13))
INTERVIEWERS = tuple(f"E{i:02d}" for i in range(1, 9))
COLUMNS = (
    "id_persona", "municipio", "fecha", "inicio", "duracion", "encuestador", "version", "consent",
    "sexo", "edad", "educacion", "etnia", "confia_vecinos", "confia_policia", "victima", "veces",
    "denuncio", "ingreso", "peso", "observaciones",
)  # fmt: skip
NAMES = (
    "Añil Viejo", "Brumalva", "Cañizal Alto", "Dormilón", "Esquírola", "Fuentelña",
    "Garzúa", "Hondañé", "Iguanera Baja", "Jurelí", "Lumbrera Ñata", "Mirañuelo",
)  # fmt: skip
DEPARTMENTS = ("Alta Ñandera", "Costa Güira", "Sierra Mayúscula")
STRATA = ("small", "medium", "large")
REMARKS = (
    "",
    "",
    "",
    "La señora pidió terminar pronto",
    "Entrevista en el patio, con ruido",
    'Dijo "mañana vuelvo", pero contestó',
    "Llovió\nse hizo en la escuela; después siguió",
    "Habló de su niñez, de la vereda y del río",
)
# days of fieldwork that one municipality takes: 12 of them fill the round's time
DAYS = {BASELINE: 8, ENDLINE: 10}
STARTS = {BASELINE: datetime.date(2021, 2, 15), ENDLINE: datetime.date(2024, 10, 7)}
VERSIONS = {BASELINE: "2102081530", ENDLINE: "2409231010"}
AGED = {BASELINE: 0, ENDLINE: 3}
PANEL = 240
REFUSED = 0.03
Person = dict[str, str]
Row = dict[str, str]


@functools.cache
def delivery(seed: int = 20210215) -> Delivery:
    """The undamaged files; of another seed, other people of the same study."""
    draw = random.Random(seed)  # noqa: S311 - invented people need no secrets
    ids = draw.sample(range(100_000, 40_000_000), 2 * ROWS - PANEL)
    people = [_person(draw, f"{number:08d}", i) for i, number in enumerate(ids)]
    baseline = _round(draw, people[:ROWS], BASELINE)
    again = draw.sample(people[:ROWS], PANEL)
    endline = _round(draw, [*again, *people[ROWS:]], ENDLINE)
    return Delivery(
        files={
            BASELINE: text(baseline, delimiter=",", end="\n").encode("utf-8"),
            ENDLINE: text([_local(row) for row in endline], delimiter=";", end="\r\n").encode(
                "cp1252"
            ),
            FRAME: text(_frame(draw), delimiter=",", end="\n").encode("utf-8"),
        }
    )


def text(rows: Sequence[Mapping[str, str]], *, delimiter: str, end: str) -> str:
    """Delimited text with quotes only where they are needed."""
    written = io.StringIO()
    writer = csv.DictWriter(written, list(rows[0]), delimiter=delimiter, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


def _person(draw: random.Random, identifier: str, i: int) -> Person:
    """What stays with a person between the rounds."""
    return {
        "id_persona": identifier,
        "municipio": CLUSTERS[i % len(CLUSTERS)],
        "sexo": str(draw.randint(1, 2)),
        "edad": str(draw.randint(18, 92)),
        "etnia": draw.choices(("1", "2", "3", "4"), (2, 1, 1, 6))[0],
        "educacion": str(draw.randint(0, 5)),
    }


def _round(draw: random.Random, people: Sequence[Person], name: str) -> list[Row]:
    """One round: each municipality in its days, each interviewer one interview after another."""
    rows = []
    done: dict[tuple[str, datetime.date], int] = {}
    visits = dict.fromkeys(CLUSTERS, 0)
    for person in people:
        place = CLUSTERS.index(person["municipio"])
        visit = visits[person["municipio"]]
        visits[person["municipio"]] += 1
        day = STARTS[name] + datetime.timedelta(days=place * DAYS[name] + visit % DAYS[name])
        interviewer = INTERVIEWERS[(3 * place + visit // DAYS[name]) % len(INTERVIEWERS)]
        order = done[interviewer, day] = done.get((interviewer, day), -1) + 1
        hour, minute = divmod(8 * 60 + 150 * order + draw.randint(0, 40), 60)
        begin = datetime.datetime.combine(day, datetime.time(hour, minute, draw.randint(0, 59)))
        rows.append(_interview(draw, person, begin, interviewer=interviewer, name=name))
    return sorted(rows, key=lambda row: row["inicio"])


def _interview(
    draw: random.Random, person: Person, begin: datetime.datetime, *, interviewer: str, name: str
) -> Row:
    consents = draw.random() >= REFUSED
    row = {
        "id_persona": person["id_persona"],
        "municipio": person["municipio"],
        "fecha": f"{begin:%Y-%m-%d}",
        "inicio": f"{begin:%Y-%m-%d %H:%M:%S}",
        "duracion": f"{draw.uniform(22, 95):.1f}",
        "encuestador": interviewer,
        "version": VERSIONS[name],
        "consent": "1" if consents else "0",
    }
    answers = _answers(draw, person, name)
    return row | (answers if consents else dict.fromkeys(answers, ""))


def _answers(draw: random.Random, person: Person, name: str) -> Row:
    victim = _or_missing(draw, draw.choices(("1", "2"), (1, 3))[0])
    asked = victim == "1"
    age = str(int(person["edad"]) + AGED[name] + draw.randint(0, 1) * (name == ENDLINE))
    return {
        "sexo": person["sexo"],
        "edad": _or_missing(draw, age, long="8888"),
        "educacion": _or_missing(draw, person["educacion"]),
        "etnia": _or_missing(draw, person["etnia"]),
        "confia_vecinos": _or_missing(draw, str(draw.randint(1, 4))),
        "confia_policia": _or_missing(draw, str(draw.randint(1, 7))),
        "victima": victim,
        "veces": _or_missing(draw, str(min(50, 1 + int(draw.expovariate(0.5))))) if asked else "",
        "denuncio": _or_missing(draw, str(draw.randint(1, 2))) if asked else "",
        "ingreso": _or_missing(
            draw, f"{min(20000, draw.lognormvariate(6.6, 0.8)):.1f}", long="8888"
        ),
        "peso": f"{min(4.0, max(0.3, draw.lognormvariate(-0.1, 0.5))):.4f}",
        "observaciones": draw.choice(REMARKS),
    }


def _or_missing(draw: random.Random, answer: str, *, long: str = "") -> str:
    """The answer; or in 4 of 100 interviews don't know, in 2 of 100 refused."""
    return draw.choices((answer, f"88{long}", f"98{long}"), (94, 4, 2))[0]


def _local(row: Row) -> Row:
    """The endline's office writes decimal commas and days first."""
    begin = datetime.datetime.fromisoformat(row["inicio"])
    decimals = {name: row[name].replace(".", ",") for name in ("duracion", "ingreso", "peso")}
    dates = {"fecha": f"{begin:%d/%m/%Y}", "inicio": f"{begin:%d/%m/%Y %H:%M:%S}"}
    return row | decimals | dates


def _frame(draw: random.Random) -> list[Row]:
    return [
        {
            "municipality": code,
            "name": NAMES[i],
            "arm": "treated" if i % 2 == 0 else "comparison",
            "population": str(draw.randint(4_000, 90_000)),
            "stratum": STRATA[i // 2 % len(STRATA)],
            "department": DEPARTMENTS[i // 4],
        }
        for i, code in enumerate(CLUSTERS)
    ]
