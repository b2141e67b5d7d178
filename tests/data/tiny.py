"""A study small enough to read: 4 clusters, 6 people each, a CSV baseline and a Stata endline.

It is clean as written: a test damages one thing and looks at what is said about it.
"""

import argparse
import csv
import hashlib
import io
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyreadstat

from evaluation.cli.stages import clean, read
from tests.data import in_spanish
from tests.fixtures.locking import relock

ENDLINE_LABELS: dict[str, dict[int, str]] = {
    "t1": {1: "Nada", 2: "not very", 3: "algo", 4: "very"},
    "t2": {1: "disagree", 2: "neither", 3: "agree"},
    **{name: {1: "yes", 2: "no"} for name in ("acepta", "v1", "x2")},
}

STUDY = """
id = "tiny"
synthetic = true
title = { en = "Tiny", es = "Diminuto" }
question = { en = "Q?", es = "¿Q?" }
population = { en = "Adults", es = "Adultos" }
citation = { en = "none", es = "ninguna" }
short_interview_minutes = 10
[names]
cluster = { en = "municipality", es = "municipio" }
clusters = { en = "municipalities", es = "municipios" }
[columns]
respondent = "respondent"
cluster = "municipality"
arm = "arm"
weight = "weight"
date = "interview_date"
cohort = "cohort"
duration = "duration_min"
exposure = "took_part"
[[round]]
id = "baseline"
kind = "baseline"
label = { en = "Baseline", es = "Línea de base" }
start = 2021-02-01
end = 2021-05-31
[[round]]
id = "endline"
kind = "endline"
label = { en = "Endline", es = "Línea final" }
start = 2024-10-01
end = 2025-02-28
[[arm]]
id = "treated"
label = { en = "Treatment group", es = "Grupo de intervención" }
treatments = ["programme"]
[[arm]]
id = "comparison"
label = { en = "Comparison group", es = "Grupo de comparación" }
treatments = []
[[treatment]]
id = "programme"
label = { en = "Programme", es = "Programa" }
[[cohort]]
id = "c2021"
label = { en = "Entered 2021", es = "Ingreso 2021" }
entry = 2021-05-20
[[event]]
id = "suspension"
label = { en = "Suspension", es = "Suspensión" }
start = 2025-01-24
affects = "treated only"
rule = "flag"
"""

DICTIONARY = """
module = "tiny"
title = { en = "Tiny", es = "Diminuto" }
[[codes]]
id = "trust_baseline"
values = [
  { code = "1", value = 4, en = "very", es = "muy" },
  { code = "2", value = 3, en = "somewhat", es = "algo" },
  { code = "3", value = 2, en = "not very", es = "poco" },
  { code = "4", value = 1, en = "not at all", es = "nada" },
]
[[codes]]
id = "trust_endline"
values = [
  { code = "1", value = 1, en = "not at all", es = "nada" },
  { code = "2", value = 2, en = "not very", es = "poco" },
  { code = "3", value = 3, en = "somewhat", es = "algo" },
  { code = "4", value = 4, en = "very", es = "muy" },
]
[[codes]]
id = "agree"
values = [
  { code = "1", value = 1, en = "disagree", es = "en desacuerdo" },
  { code = "2", value = 2, en = "neither", es = "ninguno" },
  { code = "3", value = 3, en = "agree", es = "de acuerdo" },
]
[[codes]]
id = "yes_no"
values = [
  { code = "1", value = 1, en = "yes", es = "sí" },
  { code = "2", value = 0, en = "no", es = "no" },
]
[[codes]]
id = "arms"
values = [
  { code = "treated", value = "treated", en = "Treatment", es = "Intervención" },
  { code = "comparison", value = "comparison", en = "Comparison", es = "Comparación" },
]
[[missing]]
id = "survey"
dont_know = ["88", "888888"]
refused = ["98"]
[[missing]]
id = "stata"
dont_know = [".a"]
refused = [".b"]
[[missing]]
id = "no_cohort"
blank = "not_applicable"
[[variable]]
name = "respondent"
type = "id"
label = { en = "Respondent", es = "Persona" }
raw = { baseline = "id_persona", endline = "id_persona" }
personal = "direct"
source = "test"
[[variable]]
name = "full_name"
type = "text"
label = { en = "Name", es = "Nombre" }
raw = { baseline = "nombre" }
personal = "direct"
source = "test"
[[variable]]
name = "municipality"
type = "id"
label = { en = "Municipality", es = "Municipio" }
raw = { baseline = "municipio", endline = "municipio", frame = "municipality" }
personal = "quasi"
source = "test"
[[variable]]
name = "interview_date"
type = "date"
label = { en = "Date", es = "Fecha" }
raw = { baseline = "fecha", endline = "fecha" }
personal = "quasi"
source = "test"
[[variable]]
name = "duration_min"
type = "number"
label = { en = "Minutes", es = "Minutos" }
raw = { baseline = "duracion", endline = "duracion" }
range = [1, 300]
personal = "none"
source = "test"
[[variable]]
name = "form_version"
type = "text"
label = { en = "Form", es = "Formulario" }
raw = { baseline = "formdef_version", endline = "version" }
personal = "none"
source = "test"
[[variable]]
name = "consent"
type = "binary"
label = { en = "Consent", es = "Consentimiento" }
raw = { baseline = "acepta", endline = "acepta" }
codes = "yes_no"
personal = "none"
source = "test"
[[variable]]
name = "weight"
type = "number"
label = { en = "Weight", es = "Peso" }
raw = { baseline = "peso", endline = "peso" }
personal = "none"
source = "test"
[[variable]]
name = "trust"
type = "ordinal"
label = { en = "Trust", es = "Confianza" }
raw = { baseline = "t1", endline = "t1" }
codes = { baseline = "trust_baseline", endline = "trust_endline" }
missing = { baseline = "survey", endline = "stata" }
personal = "none"
source = "test"
[[variable]]
name = "help"
type = "ordinal"
label = { en = "Help", es = "Ayuda" }
raw = { baseline = "t2", endline = "t2" }
codes = "agree"
missing = { baseline = "survey", endline = "stata" }
personal = "none"
source = "test"
[[variable]]
name = "victim"
type = "binary"
label = { en = "Victim", es = "Víctima" }
raw = { baseline = "v1", endline = "v1" }
codes = "yes_no"
missing = { baseline = "survey", endline = "stata" }
personal = "sensitive"
source = "test"
[[variable]]
name = "times"
type = "count"
label = { en = "Times", es = "Veces" }
raw = { baseline = "v2", endline = "v2" }
range = [1, 60]
missing = { baseline = "survey", endline = "stata" }
personal = "none"
source = "test"
asked_if = { variable = "victim", values = [1] }
[[variable]]
name = "took_part"
type = "binary"
label = { en = "Took part", es = "Participó" }
raw = { endline = "x2" }
codes = "yes_no"
personal = "none"
source = "test"
[[variable]]
name = "aliases"
type = "text"
label = { en = "Variants", es = "Variantes" }
raw = { frame = "aliases" }
missing = "no_cohort"
personal = "none"
source = "test"
[[variable]]
name = "arm"
type = "nominal"
label = { en = "Group", es = "Grupo" }
raw = { frame = "arm" }
codes = "arms"
personal = "none"
source = "test"
[[variable]]
name = "cohort"
type = "text"
label = { en = "Cohort", es = "Cohorte" }
raw = { frame = "cohort" }
missing = "no_cohort"
personal = "none"
source = "test"
[[variable]]
name = "population"
type = "count"
label = { en = "Population", es = "Población" }
raw = { frame = "population" }
personal = "none"
source = "test"
"""

PLAN = """
standardise = "baseline comparison group"
[inference]
primary_step = "wcr_s"
level = 0.95
draws = 999
weights_kind = "rademacher"
seed_entry = "tiny"
family_wise = "max_t"
family_wise_check = []
false_discovery = "benjamini_hochberg"
[[family]]
id = "trust"
label = { en = "Trust", es = "Confianza" }
question = { en = "Q", es = "P" }
tier = "primary"
correction = "family_wise"
[[outcome]]
id = "trust_index"
family = "trust"
label = { en = "Trust index", es = "Índice de confianza" }
function = "index"
items = [{ name = "trust" }, { name = "help" }]
minimum_items = 1
unit = "SD"
desired = "up"
primary = true
smallest_effect = 0.1
assumed_effect = 0.2
[[outcome]]
id = "victim_pp"
family = "trust"
label = { en = "Victim", es = "Víctima" }
function = "any"
items = [{ name = "victim" }]
minimum_items = 1
unit = "percentage points"
scale = 100
desired = "down"
[[specification]]
id = "did_main"
label = { en = "DiD", es = "DiD" }
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
[balance]
variables = ["trust"]
"""

LOCK = """
plan_hash = ""
registry = "none"
registration = "none"
url = "none"
date = 2025-01-01
endline_data_seen = true
note = { en = "test", es = "prueba" }
"""

CLUSTERS = ("M1", "M2", "M3", "M4")
Row = dict[str, str]


def baseline_rows() -> list[Row]:
    """Answers that vary, every second person a victim, nobody's weight the same as the next."""
    rows = []
    for i in range(24):
        victim = i % 2 == 0
        rows.append(
            {
                "id_persona": f"p{i:02d}",
                "nombre": f"Persona Secreta {i}",
                "municipio": CLUSTERS[i // 6],
                "fecha": f"2021-03-{i + 1:02d}",
                "duracion": str(30 + i),
                "formdef_version": "v1",
                "acepta": "1",
                "peso": f"{1 + i % 5}.5",
                "t1": str(1 + i % 4),
                "t2": str(1 + (i + i // 4) % 3),
                "v1": "1" if victim else "2",
                "v2": str(1 + i % 3) if victim else "",
                "deviceid": f"device {i}",
            }
        )
    return rows


def endline_rows() -> list[Row]:
    """The first four people of each cluster again, and two new ones."""
    rows = []
    for i, row in enumerate(baseline_rows()):
        new = i % 6 >= 4
        kept = {k: v for k, v in row.items() if k not in ("nombre", "formdef_version", "deviceid")}
        rows.append(
            kept
            | {
                "id_persona": f"q{i:02d}" if new else row["id_persona"],
                "fecha": f"2024-11-{i + 1:02d}",
                "version": "v2",
                "t1": str(1 + (i + 1) % 4),
                "x2": "1" if i < 12 else "2",
            }
        )
    return rows


def frame_rows() -> list[Row]:
    return [
        {
            "municipality": code,
            "aliases": f"Municipio {code[1:]}|{code.lower()}",
            "arm": "treated" if i < 2 else "comparison",
            "cohort": "c2021" if i < 2 else "",
            "population": str(1000 * (i + 1)),
        }
        for i, code in enumerate(CLUSTERS)
    ]


@dataclass
class Tiny:
    """The study's files in a folder; ``write`` makes them, with a manifest that fits."""

    root: Path
    baseline: list[Row] = field(default_factory=baseline_rows)
    endline: list[Row] = field(default_factory=endline_rows)
    frame: list[Row] = field(default_factory=frame_rows)
    ledger: list[str] = field(default_factory=list)
    study: str = STUDY
    dictionary: str = DICTIONARY
    plan: str = PLAN
    labels: dict[str, dict[int, str]] = field(default_factory=lambda: dict(ENDLINE_LABELS))

    @property
    def config(self) -> Path:
        return self.root / "config" / "tiny"

    @property
    def raw(self) -> Path:
        return self.root / "data_raw" / "tiny"

    @property
    def build(self) -> Path:
        return self.root / "build" / "tiny"

    @property
    def clean(self) -> Path:
        return self.root / "data_clean" / "tiny"

    def write(self) -> None:
        (self.config / "dictionary").mkdir(parents=True, exist_ok=True)
        self.raw.mkdir(parents=True, exist_ok=True)
        (self.config / "study.toml").write_text(self.study, encoding="utf-8")
        (self.config / "dictionary" / "tiny.toml").write_text(self.dictionary, encoding="utf-8")
        (self.config / "plan.toml").write_text(self.plan, encoding="utf-8")
        (self.config / "plan.lock").write_text(LOCK, encoding="utf-8")
        relock(self.config)
        (self.config / "deviations.toml").write_text("", encoding="utf-8")
        (self.raw / "baseline.csv").write_bytes(csv_bytes(self.baseline))
        (self.raw / "endline.dta").write_bytes(dta_bytes(self.endline, self.labels))
        (self.config / "municipalities.csv").write_bytes(csv_bytes(self.frame))
        self.write_ledger()
        self.write_manifest()

    def write_ledger(self) -> None:
        """The lines of ``ledger``, each written for the file as it lies there."""
        header = "round,row_key,column,old,new,action,reason,by,date,delivery"
        files = {"endline": self.raw / "endline.dta", "frame": self.config / "municipalities.csv"}
        lines = [header]
        for line in self.ledger:
            path = files.get(line.split(",")[0], self.raw / "baseline.csv")
            lines.append(f"{line},{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}")
        text = "\n".join(lines) + "\n"
        (self.config / "corrections.csv").write_text(text, encoding="utf-8")

    def write_manifest(self) -> None:
        entries = [
            ("baseline", "baseline.csv", "baseline", self.raw, len(self.baseline)),
            ("endline", "endline.dta", "endline", self.raw, len(self.endline)),
            ("frame", "municipalities.csv", "frame", self.config, len(self.frame)),
        ]
        text = 'ignore = ["*.md"]\n'
        for name, path, role, folder, rows in entries:
            digest = hashlib.sha256((folder / path).read_bytes()).hexdigest()
            text += f'[[file]]\nid = "{name}"\npath = "{path}"\nrole = "{role}"\n'
            text += f'format = "{path[-3:]}"\nsha256 = "{digest}"\nrows = {rows}\norigin = "test"\n'
            if path.endswith("csv"):
                text += 'dialect = { encoding = "utf-8", delimiter = ",", decimal = "." }\n'
            if role == "frame":
                text += 'folder = "config"\n'
            else:
                text += f'round = "{role}"\nform_version = "v{1 + (role == "endline")}"\n'
            if role == "baseline":
                text += 'ignore_columns = ["deviceid"]\n'
        (self.config / "manifest.toml").write_text(text, encoding="utf-8")

    def options(self) -> argparse.Namespace:
        return argparse.Namespace(study="tiny", data_raw="", language="en")

    def run_read(self) -> None:
        read.run(self.options())

    def run(self) -> None:
        """Both stages; the working directory must be the study's root."""
        read.run(self.options())
        clean.run(self.options())

    def findings(self) -> pd.DataFrame:
        return self.records("findings.csv")

    def records(self, name: str) -> pd.DataFrame:
        """A table of the build; whatever was found, the Spanish edition must be able to say it."""
        table = pd.read_csv(self.build / name, dtype=str, keep_default_na=False)
        if {"problem", "fix"} <= set(table.columns):
            assert in_spanish.unknown_findings(table.itertuples()) == []
        return table

    def panel(self) -> pd.DataFrame:
        return pd.read_parquet(self.clean / "panel.parquet")


def csv_bytes(rows: list[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def dta_bytes(rows: list[Row], labels: dict[str, dict[int, str]]) -> bytes:
    """Numbers as numbers, ``.a`` and ``.b`` as extended missing values, blanks as missing."""
    columns: dict[str, pd.Series] = {}
    letters = {}
    for name in rows[0]:
        texts = [row[name] for row in rows]
        if name in ("id_persona", "municipio", "fecha", "version"):
            columns[name] = pd.Series(texts, dtype="str")
            continue
        letters[name] = sorted({t[1] for t in texts if t.startswith(".")})
        values = [t[1] if t.startswith(".") else float(t) if t else None for t in texts]
        columns[name] = pd.Series(values, dtype=object if letters[name] else float)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "endline.dta"
        pyreadstat.write_dta(
            pd.DataFrame(columns),
            path,
            version=14,
            missing_user_values={n: found for n, found in letters.items() if found},
            variable_value_labels={
                n: {float(c): t for c, t in p.items()} for n, p in labels.items()
            },
        )
        return path.read_bytes()
