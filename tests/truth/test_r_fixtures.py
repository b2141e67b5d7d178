"""The frozen numbers of R belong to the data that are here, and to one run of one script."""

import hashlib
import re

import pytest

from tests.truth import validation
from tests.truth.calculations import fixtures

pytestmark = pytest.mark.truth

FROZEN = sorted(path.name for path in fixtures.FOLDER.glob("*.json"))
SCRIPT = (fixtures.FOLDER / "make_fixtures.R").read_text(encoding="utf-8")
INPUTS = sorted({(name, key) for name in FROZEN for key in validation.frozen(name)["inputs"]})


@pytest.mark.parametrize(("name", "key"), INPUTS)
def test_the_numbers_were_made_from_the_data_used_now(name, key):
    """R read the very file that the tests read; its sum was recorded when it did."""
    content = fixtures.input_path(key).read_bytes()
    assert hashlib.sha256(content).hexdigest() == validation.frozen(name)["inputs"][key]


def test_every_file_is_made_by_the_script_and_compared():
    saved = set(re.findall(r'save_(?:values|sums)\(\s*"(\w+)"', SCRIPT))
    here = {path.stem for path in fixtures.FOLDER.iterdir() if path.suffix in (".json", ".csv")}
    assert saved == here
    compared = {entry["file"] for entry in validation._list()["example"] if "file" in entry}
    assert {name for name in compared if "/" not in name} == set(FROZEN)


@pytest.mark.parametrize("name", FROZEN)
def test_versions_are_recorded(name):
    """R and at least one package, each with a number; every package is one the script loads."""
    versions = validation.frozen(name)["versions"]
    assert len(versions) > 1
    assert all(re.fullmatch(r"\d+(\.\d+)+", version) for version in versions.values())
    assert set(versions) - {"R"} <= set(re.findall(r"library\((\w+)\)", SCRIPT))


def test_no_respondent_is_copied_from_a_package():
    """Sums by cluster only: no file has as many lines as the data behind it have rows."""
    lines = {p.name: len(p.read_text().splitlines()) for p in fixtures.FOLDER.glob("*.csv")}
    assert lines == {
        "apiclus1_cells.csv": 7,
        "apiclus1_sums.csv": 16,
        "nhanes_sums.csv": 32,
        "petersen_sums.csv": 511,
    }
