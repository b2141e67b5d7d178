"""An invented study as offices deliver one: two rounds and a frame as CSV, and its configuration.

Two hundred variables in the dictionary: codes, counts, numbers, dates, ids, skip rules and missing
codes, and a column of open text that nobody uses. Whole, or with faults planted in single cells.
"""

import hashlib
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

SEED = 20_261_102
CLUSTERS = 70
# the design's nine variables among them
VARIABLES = 200
STUDY = "survey"
FILES = {"baseline": "baseline.csv", "endline": "endline.csv", "frame": "frame.csv"}
STARTS = {"baseline": "2021-02-15", "endline": "2024-10-07"}
ENDS = {"baseline": "2021-05-28", "endline": "2025-01-24"}
VERSIONS = {"baseline": "2102081530", "endline": "2409231010"}
DAYS = 100
# share of the endline's people who were in the baseline
AGAIN = 0.6
INTERVIEWS = 170
A_DAY = 4
DONT_KNOW, REFUSED, NO_CONSENT = 0.02, 0.01, 0.02
REMARKS = (
    "",
    "",
    "Contestó con calma, en el patio",
    "Pidió terminar pronto; había ruido",
    'Dijo "mañana vuelvo", y volvió',
    "Vive con su hija y tres nietos",
)
FAULTS = 50
QUOTE, MARKS = '"', set('",\n')
Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, the same in both rounds."""

    name: str
    kind: str
    codes: str = ""
    choices: tuple[str, ...] = ()
    gate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A study on disk: folders ``config/survey`` and ``data_raw/survey`` below ``root``.

    ``faults`` names file, line and column of every cell that was damaged.
    """

    root: Path
    rows: int
    faults: tuple[tuple[str, int, str], ...] = field(default=())


SCALES = {"four": 4, "five": 5, "seven": 7, "ten": 10}


def questions() -> tuple[Question, ...]:
    """The questions in their order: 191, beside nine variables of the design."""
    found = [
        Question(name="sex", kind="nominal", codes="sex", choices=("1", "2")),
        Question(name="age", kind="count"),
        Question(name="victim", kind="binary", codes="yes_no", choices=("1", "2")),
    ]
    scales = list(SCALES)
    for i in range(VARIABLES - 9 - len(found)):
        name = f"q{i + 1:03d}"
        gate = "victim" if i % 24 == 23 else ""
        if i % 12 == 10:
            found.append(Question(name=name, kind="count", gate=gate))
        elif i % 12 == 11:
            found.append(Question(name=name, kind="number", gate=gate))
        elif i % 12 in (3, 7):
            found.append(
                Question(name=name, kind="binary", codes="yes_no", choices=("1", "2"), gate=gate)
            )
        elif i % 12 == 9:
            listed = tuple(str(j) for j in range(1, 7))
            found.append(Question(name=name, kind="nominal", codes="place", choices=listed))
        else:
            scale = scales[(i + i // 12) % len(scales)]
            listed = tuple(str(j) for j in range(1, SCALES[scale] + 1))
            found.append(Question(name=name, kind="ordinal", codes=scale, choices=listed))
    return tuple(found)


def write(root: Path, n: int, *, faults: int = 0) -> Files:
    """Write the study, half of its n interviews in each round.

    Parameters
    ----------
    root : Path
        Folder for ``config`` and ``data_raw``.
    n : int
        Interviews of both rounds.
    faults : int
        Cells to damage, each in a row of its own.
    """
    raw, config = root / "data_raw" / STUDY, root / "config" / STUDY
    raw.mkdir(parents=True)
    (config / "dictionary").mkdir(parents=True)
    rng = np.random.default_rng([SEED, n])
    half = n // 2
    ids = rng.choice(90_000_000, size=2 * half, replace=False) + 5_000_000
    again = int(AGAIN * half)
    people = {"baseline": np.arange(half), "endline": np.arange(half - again, 2 * half - again)}
    everyone = 2 * half
    fixed = _fixed(everyone, rng)
    planted: list[tuple[str, int, str]] = []
    for name, rows in people.items():
        own = {key: values[rows] for key, values in fixed.items()}
        table = _round(name, ids[rows], own, rng, everyone=everyone)
        if faults:
            share = faults // 2 if name == "baseline" else faults - faults // 2
            planted += _plant(table, name, share, rng)
        _write_csv(raw / FILES[name], table)
    _write_csv(raw / FILES["frame"], _frame())
    _write_config(config, raw, {"baseline": half, "endline": half, "frame": CLUSTERS})
    return Files(root=root, rows=2 * half, faults=tuple(planted))


# ---- Answers -------------------------------------------------------------------------------------


def _fixed(n: int, rng: np.random.Generator) -> dict[str, NDArray[np.int64]]:
    """What stays with a person between rounds."""
    return {
        "person": np.arange(n),
        "cluster": rng.choice(CLUSTERS, size=n, p=_sizes() / _sizes().sum()),
        "sex": rng.integers(1, 3, size=n),
        "age": rng.integers(18, 90, size=n),
    }


def _sizes() -> NDArray[np.int64]:
    """People of each municipality."""
    sizes = np.random.default_rng(SEED).lognormal(sigma=0.25, size=CLUSTERS)
    return (20_000 * sizes).astype(np.int64)


def _round(
    name: str,
    ids: NDArray[np.int64],
    fixed: dict[str, NDArray[np.int64]],
    rng: np.random.Generator,
    *,
    everyone: int,
) -> dict[str, Texts]:
    n, order = len(ids), np.argsort(fixed["cluster"], kind="stable")
    ids, fixed = ids[order], {key: values[order] for key, values in fixed.items()}
    cluster = fixed["cluster"]
    who, day, clock = _visits(cluster, rng)
    date = np.datetime64(STARTS[name]) + day
    start = date.astype("datetime64[s]") + clock
    consents = rng.random(n) >= NO_CONSENT
    table = {
        "id_persona": _zeros(ids, 8),
        "municipio": _labels("M", CLUSTERS)[cluster],
        "fecha": np.datetime_as_string(date).astype(object),
        "inicio": np.char.replace(np.datetime_as_string(start), "T", " ").astype(object),
        "duracion": _decimals(rng.integers(200, 900, size=n), 1),
        "encuestador": _labels("E", int(who.max()) + 1)[who],
        "version": np.full(n, VERSIONS[name], dtype=object),
        "consent": np.where(consents, "1", "0").astype(object),
        "peso": _decimals(rng.integers(5_000, 30_000, size=n), 4),
    }
    years = 0 if name == "baseline" else 3
    age = np.array([str(i) for i in range(120)], dtype=object)[fixed["age"] + years]
    answers = {"sex": np.array(["", "1", "2"], dtype=object)[fixed["sex"]], "age": age}
    mood = 0.6 * rng.standard_normal(n)
    for place, question in enumerate(questions()):
        given = answers.get(question.name)
        if given is None:
            lean = _lean(place, mood, fixed["person"], everyone)
            given = _missing(_answers(question, lean, rng), rng, question)
        if question.gate:
            given = np.where(answers[question.gate] == "1", given, "")
        answers[question.name] = given
        table[question.name] = np.where(consents, given, "")
    table["observaciones"] = np.array(REMARKS, dtype=object)[rng.integers(0, len(REMARKS), size=n)]
    return table


def _visits(
    cluster: NDArray[np.int64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.timedelta64], NDArray[np.timedelta64]]:
    """Interviewer, day and clock: one interviewer after another in a cluster, some a day."""
    first = np.searchsorted(cluster, np.arange(CLUSTERS))
    place = np.arange(len(cluster)) - first[cluster]
    teams = np.ceil(np.bincount(cluster, minlength=CLUSTERS) / INTERVIEWS).astype(np.int64)
    number = place % teams[cluster]
    who = (np.cumsum(teams) - teams)[cluster] + number
    turn = place // teams[cluster]
    day = (cluster * 7) % (DAYS - INTERVIEWS // A_DAY - 2) + turn // A_DAY
    minutes = 8 * 60 + 120 * (turn % A_DAY)
    seconds = 60 * minutes + rng.integers(0, 1_200, size=len(cluster))
    return who, day.astype("timedelta64[D]"), seconds.astype("timedelta64[s]")


def _lean(
    place: int, mood: NDArray[np.float64], person: NDArray[np.int64], everyone: int
) -> NDArray[np.float64]:
    """How far people lean to a question's higher answers.

    One trait stands behind all questions, more or less and in either direction; besides, each has
    its level, and people a view of it that they keep until the next round. Questions of which
    nobody has a view of their own could not be told from each other, and are in no real survey.
    """
    trait = 0.8 * np.random.default_rng(SEED).standard_normal(everyone)[person] + mood
    of_question = np.random.default_rng([SEED, place])
    level, loading = of_question.uniform(-1.0, 1.0), of_question.uniform(-0.8, 0.8)
    return level + loading * trait + of_question.standard_normal(everyone)[person]


def _answers(question: Question, lean: NDArray[np.float64], rng: np.random.Generator) -> Texts:
    n = len(lean)
    if question.kind == "count":
        words = np.array([str(i) for i in range(61)], dtype=object)
        return words[np.minimum(rng.poisson(np.exp(1.5 + 0.3 * lean)), 60)]
    if question.kind == "number":
        return _decimals(np.minimum(rng.lognormal(6.0 + 0.2 * lean, 0.6, size=n), 90_000.0), 1)
    rank = 1.0 / (1.0 + np.exp(-(lean + rng.logistic(size=n))))
    chosen = (rank * len(question.choices)).astype(np.int64)
    return np.array(question.choices, dtype=object)[np.minimum(chosen, len(question.choices) - 1)]


def _missing(answers: Texts, rng: np.random.Generator, question: Question) -> Texts:
    long = "8888" if question.kind in ("count", "number") else ""
    draw = rng.random(len(answers))
    told = np.where(draw < DONT_KNOW, f"88{long}", answers)
    return np.where(draw > 1.0 - REFUSED, f"98{long}", told)


def _zeros(numbers: NDArray[np.int64], width: int) -> Texts:
    return np.char.zfill(numbers.astype(str), width).astype(object)


def _decimals(numbers: NDArray[np.generic], places: int) -> Texts:
    whole = numbers.astype(np.int64)
    step = 10**places
    parts = np.char.add((whole // step).astype(str), ".")
    return np.char.add(parts, np.char.zfill((whole % step).astype(str), places)).astype(object)


def _labels(letter: str, n: int) -> Texts:
    return np.array([f"{letter}{i + 1:04d}" for i in range(n)], dtype=object)


def _frame() -> dict[str, Texts]:
    return {
        "municipio": _labels("M", CLUSTERS),
        # one of each two, and in no order that a digit of a number could tell
        "arm": np.array(["treated", "comparison"], dtype=object)[
            [i.bit_count() % 2 for i in range(CLUSTERS)]
        ],
        "population": _sizes().astype(str).astype(object),
        "stratum": np.array(["small", "large"], dtype=object)[np.arange(CLUSTERS) // 2 % 2],
    }


# ---- Faults --------------------------------------------------------------------------------------


def _plant(
    table: dict[str, Texts], name: str, number: int, rng: np.random.Generator
) -> list[tuple[str, int, str]]:
    """Damage cells in rows of their own: codes that are none, ranges, dates, letters in numbers."""
    consents = np.flatnonzero(table["consent"] == "1")
    rows = np.sort(rng.choice(consents, size=number, replace=False))
    asked = [question for question in questions() if not question.gate]
    by_kind = {kind: [q.name for q in asked if q.kind == kind] for kind in ("ordinal", "number")}
    kinds = (
        ("fecha", "2019-01-01"),
        ("duracion", "veinte"),
        ("age", "17"),
        ("", "0"),
        ("number", "1,5"),
    )
    planted = []
    for i, row in enumerate(rows):
        column, text = kinds[i % len(kinds)]
        if column in ("", "number"):
            names = by_kind["number" if column else "ordinal"]
            column = names[i % len(names)]
        table[column] = table[column].copy()
        table[column][row] = text
        planted.append((FILES[name], int(row) + 2, column))
    return planted


# ---- Files ---------------------------------------------------------------------------------------


def _write_csv(path: Path, table: dict[str, Texts]) -> None:
    columns = [pa.array(_quoted(cells), type=pa.string()) for cells in table.values()]
    rows = pc.binary_join_element_wise(*columns, ",")
    with path.open("wb") as handle:
        handle.write((",".join(table) + "\n").encode())
        for start in range(0, len(rows), 10_000):
            handle.write(("\n".join(rows[start : start + 10_000].to_pylist()) + "\n").encode())


def _quoted(cells: Texts) -> Texts:
    """Quotes only where they are needed, as survey servers write them."""
    codes, names = pd.factorize(cells)
    written = [f'"{name.replace(QUOTE, 2 * QUOTE)}"' if MARKS & {*name} else name for name in names]
    return np.array(written, dtype=object)[codes]


def _write_config(config: Path, raw: Path, rows: dict[str, int]) -> None:
    texts = {
        "study.toml": STUDY_TOML,
        "plan.toml": PLAN_TOML,
        "deviations.toml": "",
        "corrections.csv": "round,row_key,column,old,new,action,reason,by,date,delivery\n",
        "manifest.toml": "".join(_file(name, raw / FILES[name], n) for name, n in rows.items()),
        "dictionary/survey.toml": _dictionary(),
    }
    for name, text in texts.items():
        (config / name).write_text(text, encoding="utf-8", newline="\n")


def _file(name: str, path: Path, rows: int) -> str:
    of_round = name in STARTS
    lines = {
        "id": name,
        "path": path.name,
        "role": name,
        "format": "csv",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "rows": rows,
        "origin": "invented",
    }
    if of_round:
        lines |= {"round": name, "form_version": VERSIONS[name]}
        lines |= {"ignore_columns": ["observaciones"]}
    told = "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items())
    return f'[[file]]\n{told}dialect = {{ encoding = "utf-8", delimiter = ",", decimal = "." }}\n'


def _words(text: str) -> str:
    return f"{{ en = {json.dumps(text)}, es = {json.dumps(text)} }}"


def _codes(name: str, pairs: dict[str, float | str]) -> str:
    listed = ", ".join(
        f"{{ code = {json.dumps(code)}, value = {json.dumps(value)}, en = {json.dumps(str(value))},"
        f" es = {json.dumps(str(value))} }}"
        for code, value in pairs.items()
    )
    return f'[[codes]]\nid = "{name}"\nvalues = [{listed}]\n'


def _variable(name: str, kind: str, raw: str, *, rounds: bool = True, **more: object) -> str:
    sources = {"baseline": raw, "endline": raw} if rounds else {"frame": raw}
    if name == "municipality":
        sources["frame"] = raw
    listed = ", ".join(f'{key} = "{value}"' for key, value in sources.items())
    rest = "".join(
        f"{key} = {value if isinstance(value, str) and value[:1] == '{' else json.dumps(value)}\n"
        for key, value in more.items()
    )
    return (
        f'[[variable]]\nname = "{name}"\ntype = "{kind}"\nlabel = {_words(name)}\n'
        f'raw = {{ {listed} }}\nsource = "invented"\n{rest}'
    )


def _dictionary() -> str:
    parts = [f'module = "survey"\ntitle = {_words("Survey")}\n']
    parts.append(_codes("consent", {"1": 1, "0": 0}))
    parts.append(_codes("yes_no", {"1": 1, "2": 0}))
    parts.append(_codes("sex", {"1": "man", "2": "woman"}))
    parts.append(_codes("place", {str(i): f"place {i}" for i in range(1, 7)}))
    parts.append(_codes("arms", {"treated": "treated", "comparison": "comparison"}))
    parts.append(_codes("strata", {"small": "small", "large": "large"}))
    parts += [_codes(name, {str(i): i for i in range(1, n + 1)}) for name, n in SCALES.items()]
    parts.append('[[missing]]\nid = "short"\ndont_know = ["88"]\nrefused = ["98"]\n')
    parts.append('[[missing]]\nid = "long"\ndont_know = ["888888"]\nrefused = ["988888"]\n')
    parts += [
        _variable("respondent", "id", "id_persona", pattern=r"\d{8}", personal="direct"),
        _variable("municipality", "id", "municipio", pattern=r"M\d{4}", personal="quasi"),
        _variable("interview_date", "date", "fecha", personal="quasi"),
        _variable("start_time", "datetime", "inicio", personal="quasi"),
        _variable("duration_min", "number", "duracion", range=[1, 300], personal="none"),
        _variable("enumerator", "id", "encuestador", pattern=r"E\d{4}", personal="quasi"),
        _variable("form_version", "text", "version", pattern=r"\d{10}", personal="none"),
        _variable("consent", "binary", "consent", codes="consent", personal="none"),
        _variable("weight", "number", "peso", range=[0.1, 10], personal="none"),
        _variable("arm", "nominal", "arm", rounds=False, codes="arms", personal="none"),
        _variable(
            "population", "count", "population", rounds=False, range=[100, 900_000], personal="none"
        ),
        _variable("stratum", "nominal", "stratum", rounds=False, codes="strata", personal="none"),
    ]
    parts += [_question(question) for question in questions()]
    return "\n".join(parts)


def _question(question: Question) -> str:
    more: dict[str, object] = {"question": _words(f"{question.name}?"), "personal": "none"}
    if question.codes:
        more["codes"] = question.codes
    if question.name == "age":
        more |= {"range": [18, 99], "over_time": "ages", "personal": "quasi"}
    elif question.kind == "count":
        more["range"] = [0, 60]
    elif question.kind == "number":
        more["range"] = [0, 100_000]
    if question.name == "sex":
        more |= {"over_time": "same", "personal": "quasi"}
    if question.name not in ("sex", "age"):
        more["missing"] = "long" if question.kind in ("count", "number") else "short"
    if question.gate:
        more["asked_if"] = f'{{ variable = "{question.gate}", values = [1] }}'
    return _variable(question.name, question.kind, question.name, **more)


STUDY_TOML = f"""
id = "{STUDY}"
synthetic = true
title = {{ en = "Survey of the bench", es = "Encuesta de medición" }}
question = {{ en = "How long does it take?", es = "¿Cuánto tarda?" }}
population = {{ en = "Invented adults", es = "Personas adultas inventadas" }}
citation = {{ en = "none", es = "ninguna" }}
short_interview_minutes = 10

[names]
cluster = {{ en = "municipality", es = "municipio" }}
clusters = {{ en = "municipalities", es = "municipios" }}

[columns]
respondent = "respondent"
cluster = "municipality"
arm = "arm"
weight = "weight"
date = "interview_date"
duration = "duration_min"
enumerator = "enumerator"
population = "population"
stratum = "stratum"

[[round]]
id = "baseline"
kind = "baseline"
label = {{ en = "Baseline", es = "Línea de base" }}
start = {STARTS["baseline"]}
end = {ENDS["baseline"]}

[[round]]
id = "endline"
kind = "endline"
label = {{ en = "Endline", es = "Línea final" }}
start = {STARTS["endline"]}
end = {ENDS["endline"]}

[[arm]]
id = "treated"
label = {{ en = "Treatment group", es = "Grupo de intervención" }}
treatments = ["programme"]

[[arm]]
id = "comparison"
label = {{ en = "Comparison group", es = "Grupo de comparación" }}
treatments = []

[[treatment]]
id = "programme"
label = {{ en = "Programme", es = "Programa" }}
"""

PLAN_TOML = """
standardise = "baseline comparison group"

[inference]
primary_step = "wcr_s"
level = 0.95
draws = 99999
weights_kind = "rademacher"
seed_entry = "survey"
family_wise = "max_t"
family_wise_check = ["romano_wolf", "holm"]
false_discovery = "benjamini_hochberg"
permutations = 9999
permutation_strata = "stratum"

[balance]
variables = ["sex", "age"]
frame_variables = ["population"]
attrition_variables = ["age"]

[[family]]
id = "trust"
label = { en = "Trust", es = "Confianza" }
question = { en = "Do people trust more?", es = "¿Confía más la gente?" }
tier = "primary"
correction = "family_wise"

[[outcome]]
id = "victimisation"
family = "trust"
label = { en = "Victim", es = "Víctima" }
function = "value"
items = [{ name = "victim" }]
minimum_items = 1
unit = "percentage points"
desired = "down"
scale = 100.0
primary = true
smallest_effect = 3.0
assumed_effect = 4.5
decimals = 1

[[outcome]]
id = "trust_index"
family = "trust"
label = { en = "Trust index", es = "Índice de confianza" }
function = "index"
items = [{ name = "q001" }, { name = "q002" }, { name = "q003" }, { name = "q005" }]
minimum_items = 3
unit = "SD"
desired = "up"
primary = true
smallest_effect = 0.1
assumed_effect = 0.15
decimals = 2

[[specification]]
id = "did_main"
label = { en = "Two rounds", es = "Dos rondas" }
method = "did"
data = "panel"
sample = "all"
treatment = "programme"
contrast = ["baseline", "endline"]
estimand = "equal"
weights = "weight"
steps = ["wcr_s"]
status = "primary"
families = ["trust"]
"""


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
