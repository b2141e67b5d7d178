"""The smallest study folder that the spec layer accepts, to be spoilt one line at a time."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.errors import SpecError
from tests.fixtures.locking import relock

STUDY = """\
id = "tiny"
synthetic = true
title = { en = "Tiny", es = "Mínimo" }
question = { en = "Does it?", es = "¿Sí?" }
population = { en = "Adults", es = "Personas adultas" }
citation = { en = "None", es = "Ninguna" }
names = { cluster = { en = "town", es = "pueblo" }, clusters = { en = "towns", es = "pueblos" } }
columns = { respondent = "respondent", cluster = "town", arm = "arm" }

[[round]]
id = "before"
kind = "baseline"
label = { en = "Before", es = "Antes" }
start = 2021-02-01
end = 2021-03-01

[[round]]
id = "after"
kind = "endline"
label = { en = "After", es = "Después" }
start = 2024-09-01
end = 2024-10-01

[[arm]]
id = "treated"
label = { en = "Treated", es = "Intervención" }
treatments = ["programme"]

[[arm]]
id = "comparison"
label = { en = "Comparison", es = "Comparación" }
treatments = []

[[treatment]]
id = "programme"
label = { en = "Programme", es = "Programa" }
"""
MANIFEST = """\
[[file]]
id = "first"
path = "first.csv"
role = "baseline"
round = "before"
format = "csv"
sha256 = "00"
rows = 4
origin = "made here"
dialect = { encoding = "utf-8", delimiter = ",", decimal = "." }

[[file]]
id = "second"
path = "second.dta"
role = "endline"
round = "after"
format = "dta"
sha256 = "00"
rows = 4
origin = "made here"

[[file]]
id = "towns"
path = "towns.csv"
role = "frame"
format = "csv"
sha256 = "00"
rows = 2
origin = "made here"
dialect = { encoding = "utf-8", delimiter = ",", decimal = "." }
"""
DICTIONARY = """\
module = "core"
title = { en = "Core", es = "Básico" }

[[codes]]
id = "yes_no"
values = [
  { code = "1", value = 1, en = "Yes", es = "Sí" },
  { code = "2", value = 0, en = "No", es = "No" },
]

[[missing]]
id = "usual"
dont_know = ["88"]
refused = ["99"]

[[variable]]
name = "respondent"
type = "id"
label = { en = "Respondent", es = "Persona" }
raw = { before = "KEY", after = "key" }
personal = "direct"
source = "made here"

[[variable]]
name = "town"
type = "nominal"
label = { en = "Town", es = "Pueblo" }
raw = { before = "town", after = "town", frame = "town" }
personal = "quasi"
source = "made here"

[[variable]]
name = "arm"
type = "nominal"
label = { en = "Group", es = "Grupo" }
raw = { frame = "arm" }
personal = "none"
source = "made here"

[[variable]]
name = "trust"
type = "binary"
label = { en = "Trust", es = "Confianza" }
raw = { before = "t1", after = "T1" }
codes = "yes_no"
missing = "usual"
personal = "none"
source = "made here"

[[variable]]
name = "visits"
type = "count"
label = { en = "Visits", es = "Visitas" }
raw = { before = "v1", after = "V1" }
range = [0, 30]
personal = "none"
source = "made here"
"""
PLAN = """\
standardise = "baseline comparison group"

[inference]
primary_step = "wcr_s"
level = 0.95
draws = 999
weights_kind = "rademacher"
seed_entry = "tiny"
family_wise = "max_t"
family_wise_check = ["romano_wolf", "holm"]
false_discovery = "benjamini_hochberg"

[balance]
variables = ["visits"]

[[family]]
id = "trust"
label = { en = "Trust", es = "Confianza" }
question = { en = "Does trust rise?", es = "¿Sube?" }
tier = "primary"
correction = "family_wise"

[[outcome]]
id = "trusting"
family = "trust"
label = { en = "Trusting", es = "Confía" }
function = "value"
items = [{ name = "trust" }]
minimum_items = 1
unit = "percentage points"
desired = "up"
scale = 100
primary = true
smallest_effect = 5
assumed_effect = 8

[[specification]]
id = "did_main"
label = { en = "Main", es = "Principal" }
method = "did"
data = "panel"
sample = "all"
treatment = "programme"
contrast = ["before", "after"]
estimand = "equal"
weights = "none"
steps = ["cv1", "wcr_s"]
status = "primary"
families = ["trust"]
"""
LOCK = """\
plan_hash = ""
registry = "none"
registration = "none"
url = "https://example.org"
date = 2021-01-15
endline_data_seen = false
note = { en = "Locked.", es = "Cerrado." }
"""
EXHIBITS = """\
[[exhibit]]
id = "tbl-did-main"
code = "TI-T01"
builder = "effects"
title = { en = "Effects", es = "Efectos" }
reading = { en = "Read it so.", es = "Se lee así." }
notes = { en = "None.", es = "Ninguna." }
outcomes = ["trusting"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A valid study folder."""
    folder = tmp_path / "tiny"
    (folder / "dictionary").mkdir(parents=True)
    for name, text in {
        "study.toml": STUDY,
        "manifest.toml": MANIFEST,
        "dictionary/core.toml": DICTIONARY,
        "plan.toml": PLAN,
        "deviations.toml": "",
        "exhibits.toml": EXHIBITS,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "plan.lock").write_text(LOCK, encoding="utf-8")
    relock(folder)
    return folder


@pytest.fixture
def spoil(folder: Path) -> Callable[[str, str, str], Path]:
    """Replace one text in one file and lock the plan again: only the spoilt line may fail."""

    def spoil(name: str, old: str, new: str) -> Path:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        # what is spoilt on purpose may not be lockable: then reading it fails in the same way
        with contextlib.suppress(SpecError):
            relock(folder)
        return folder

    return spoil
