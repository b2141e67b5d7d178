"""Command `public-data`: whose key is taken, that it is never shown, and what its pages say."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from evaluation.cli import public_data
from evaluation.config.study import read_study
from evaluation.errors import StorageError
from evaluation.release import release_pages, risk_report
from evaluation.release.public_file import SENSITIVE
from evaluation.release.risk_report import risk_rows
from evaluation.storage.folders import Paths
from tests.release import test_release

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config" / "somos_comunidad"
SECRET = b"0123456789abcdef0123456789abcdef"
REAL = replace(read_study(CONFIG), synthetic=False)


def paths(config=CONFIG):
    return Paths(config=config, raw=config, clean=config, build=config)


def test_invented_data_have_a_published_key(monkeypatch):
    monkeypatch.delenv(public_data.KEY_FILE, raising=False)
    found = public_data._key(paths(), read_study(CONFIG))
    assert found.startswith(public_data.PUBLISHED)


def test_real_data_need_a_key_of_their_own(monkeypatch, tmp_path):
    monkeypatch.delenv(public_data.KEY_FILE, raising=False)
    with pytest.raises(StorageError, match="EVAL_KEY_FILE is not set"):
        public_data._key(paths(), REAL)
    monkeypatch.setenv(public_data.KEY_FILE, str(CONFIG / "test.key"))
    with pytest.raises(StorageError, match="published test key"):
        public_data._key(paths(), REAL)
    (tmp_path / "own.key").write_bytes(SECRET)
    monkeypatch.setenv(public_data.KEY_FILE, str(tmp_path / "own.key"))
    assert public_data._key(paths(), REAL) == SECRET


def test_a_key_that_is_not_there_is_named_by_its_variable_only(monkeypatch, tmp_path):
    monkeypatch.setenv(public_data.KEY_FILE, str(tmp_path / "absent.key"))
    with pytest.raises(StorageError, match="cannot be read") as caught:
        public_data._key(paths(), REAL)
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_with_something_else_is_not_replaced(tmp_path):
    (tmp_path / "thesis.docx").write_bytes(b"x")
    with pytest.raises(StorageError, match="not a release of data"):
        public_data._target(str(tmp_path), REAL)
    assert (tmp_path / "thesis.docx").exists()


# ---- what is written ---------------------------------------------------------------------------


def test_the_codebook_names_what_is_released_and_nothing_else():
    found, study = test_release.made(), test_release.study()
    rows = {row.name: row for row in release_pages.codebook((), found, study)}
    design = {"person", "round", "arm", "subregion", "sex", "age", "weight", "synthetic"}
    table = {"item", "statistic", "value", "respondents", "extorted", "crime", "all"}
    assert set(rows) == design | table | {"happy", "wellbeing"}
    # 480 persons in two rounds, all of whom answered
    assert rows["happy"].observed == "panel: 960"
    assert rows["extorted"].observed == f"{SENSITIVE}: 960"
    assert rows["arm"].observed == f"panel: 960; {SENSITIVE}: 12"
    assert "Weight" in rows["weight"].label_en


@pytest.mark.truth
def test_a_released_primary_outcome_is_compared_by_its_four_numbers():
    study = test_release.study()
    lines = [("t", "b", 10.0), ("t", "e", 13.0), ("c", "b", 20.0), ("c", "e", 18.5)]
    table = pd.DataFrame(lines, columns=["arm", "round", "value"]).assign(item="crime")
    other = table.assign(item="all", value=0.0)
    # (13 - 10) - (18.5 - 20)
    found = risk_report._of_table(pd.concat([other, table]), "crime", study, {"t"})
    assert found == 4.5


def test_every_measure_has_words_and_the_pages_promise_what_was_measured():
    found, study = test_release.made(), test_release.study()
    frame = pd.DataFrame({"town": test_release.panel()["town"].unique()})
    rows = risk_rows(found, frame, study)
    measures = {row.measure for row in rows}
    assert measures <= set(release_pages.MEASURES)
    assert {"smallest", "combinations_of_one_place", "fewest_respondents"} <= measures
    page = release_pages.risk_page(rows, study)
    assert "| panel | Persons in the smallest combination (k) | keys, arm and rounds | 1 |" in page
    assert "a second release must be made from the rows of the first" in " ".join(page.split())
    readme = release_pages.readme(study, study.release, files={"panel.csv": 960}, areas=["N", "S"])
    for said in ("At least 5 persons", "traits, arm, the rounds", "at least 30 respondents"):
        assert said in " ".join(readme.split())
    for text in (page, readme):
        assert text.startswith("> **SYNTHETIC")
        assert "`place`" not in text
