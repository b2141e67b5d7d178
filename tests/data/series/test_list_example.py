"""The programme office's list: the example on the page is read as the page says."""

from pathlib import Path

import pandas as pd
import pytest

from evaluation.config.declared import read_files
from evaluation.data.series import treated_list
from tests.conftest import shared_data

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "book" / "homicides" / "reproduce.md"
RAW = {"municipality": "cod_mpio", "name": "municipio", "department": "departamento"}
pytestmark = pytest.mark.truth


def example() -> str:
    return PAGE.read_text("utf-8").partition("```text\n")[2].partition("```")[0]


def read(text: str) -> treated_list.ReadTreatedList:
    study, manifest, _ = read_files(ROOT / "config" / "homicides")
    public = next(f for f in manifest.file if f.role == "treated")
    table = pd.read_csv(shared_data("colombia_municipalities/divipola.csv"), dtype=str)
    places = {
        row.cod_mpio: (str(row.departamento), str(row.municipio)) for row in table.itertuples()
    }
    file, frame, findings = treated_list.read_given(text.encode(), public)
    assert not findings
    return treated_list.listed(frame, file, RAW, study, places)


def test_the_example_of_the_page_is_read():
    found = read(example())
    assert not found.findings
    assert found.cohorts == {"52835": "c2021", "05120": "c2021", "54720": "c2021"}
    # nothing but what is public stands there
    public = pd.read_csv(
        shared_data("colombia_municipalities/somos_comunidad_first_10.csv"), dtype=str
    )
    assert set(found.cohorts) <= set(public["cod_mpio"])


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("52835,", "05001,", "treated-contradiction"),
        ("SARDINATA", "SARDINATO", "treated-not-found"),
        ("05120,CÁCERES,ANTIOQUIA", "52835,TUMACO,NARIÑO", "treated-contradiction"),
        ("ANTIOQUIA,c2021", "ANTIOQUIA,c2030", "treated-cohort"),
    ],
)
def test_what_the_page_says_stops_the_run_does(old, new, rule):
    text = example()
    assert old in text
    found = read(text.replace(old, new, 1))
    assert found.findings
    said = " ".join(f"{f.problem.id} {f.line}" for f in found.findings)
    assert rule in said
    # the line's number is said, and no place
    assert not any(name in f.problem.text("en") for f in found.findings for name in ("TUMACO",))
    assert all(f.line > 1 for f in found.findings)


def test_a_blank_cohort_is_the_first_one():
    found = read(example().replace("NORTE DE SANTANDER,c2021", "NORTE DE SANTANDER,"))
    assert found.cohorts["54720"] == "c2021"
