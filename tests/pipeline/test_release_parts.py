"""A release with all its parts: calibrated, with public data of its own data, and what it lacks."""

import argparse
import json
from pathlib import Path

import pytest

from evaluation import io
from evaluation.cli import (
    publish,
    release_calibration,
    release_public,
    release_words,
    stage,
    verify,
)
from evaluation.errors import StorageError
from evaluation.report import tables
from evaluation.spec.study import read_study
from tests.pipeline.release_build import MADE_FROM, ROOT, change, small_build
from tests.report import examples


@pytest.fixture
def options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    """A small finished build, and options that publish it."""
    monkeypatch.chdir(tmp_path)
    return small_build()


# ---- a release shows how often each method errs -------------------------------------------------


@pytest.fixture
def calibrated(options) -> argparse.Namespace:
    """The small build with an exhibit of calibration that is made."""
    exhibit = '[[exhibit]]\nid = "tbl-errs"\nbuilder = "calibration"\n'
    io.write_text(Path("config/made_up/exhibits.toml"), exhibit)
    change(options, "calibration.json", json.dumps(MADE_FROM))
    change(options, "en/exhibits/tbl-errs.json", json.dumps({"rows": [{"id": "a-wcr_s"}]}))
    return options


def test_a_calibrated_study_is_published(calibrated):
    publish.run(calibrated)
    assert Path("out/v1/en/exhibits/tbl-errs.json").is_file()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("calibration.json", MADE_FROM | {"plan_hash": "other"}, "made with another plan_hash"),
        ("calibration.json", MADE_FROM | {"data_hash": "other"}, "made with another data_hash"),
        ("en/exhibits/tbl-errs.json", {"rows": [{"id": "not_run"}]}, "before the calibration"),
        ("calibration.json", None, "nobody has computed"),
    ],
)
def test_a_study_that_is_not_calibrated_is_not_published(calibrated, name, content, told: str):
    if content is None:
        (Path("build/made_up") / name).unlink()
    else:
        change(calibrated, name, json.dumps(content))
    with pytest.raises(StorageError, match=told) as stopped:
        publish.run(calibrated)
    assert "make publish DEST=folder" in stopped.value.mend
    assert not Path("out").exists()


def test_the_row_of_an_empty_table_of_calibration_is_known():
    made = tables.build(examples.exhibit("calibration"), examples.source(calibration=None))
    assert [row.id for row in made.rows] == [release_calibration.NOT_RUN]


# ---- public data ---------------------------------------------------------------------------------

RULES = '\n[release]\nkeys = ["sex"]\n'


@pytest.fixture
def with_data(options) -> argparse.Namespace:
    """The small build with public data that are of it."""
    study = Path("config/made_up/study.toml")
    io.write_text(study, io.read_text(study) + RULES)
    io.write_text(Path("config/made_up/dictionary/a.toml"), "# a\n")
    io.write_text(Path("data_clean/made_up/panel.parquet"), "rows")
    change(options, "provenance.json", json.dumps(MADE_FROM))
    io.write_text(Path("public/made_up/panel.csv"), "person\np1\n")
    read = read_study(Path("config/made_up"))
    release_public.keep(stage.Paths.of(options), read)
    return options


def test_public_data_of_these_data_are_part_of_the_release(with_data, capsys):
    publish.run(with_data)
    assert io.read_text(Path("out/v1/public/panel.csv")) == "person\np1\n"
    assert "public/panel.csv" in io.read_text(Path("out/v1/SHA256SUMS"))
    assert "No public data" not in capsys.readouterr().out
    assert "`public/`: de-identified data" in io.read_text(Path("out/v1/README.md"))
    verify.run(with_data)
    assert not list(Path("out").rglob(release_public.STAMP))


@pytest.mark.parametrize(
    "changed",
    [
        "build/made_up/provenance.json",
        "config/made_up/study.toml",
        "config/made_up/plan.toml",
        "config/made_up/dictionary/a.toml",
        "data_clean/made_up/panel.parquet",
        "public/made_up/panel.csv",
        "public/made_up/thesis.txt",
    ],
)
def test_public_data_of_something_else_stay_out_and_that_is_told(with_data, capsys, changed: str):
    path = Path(changed)
    before = io.read_text(path) if path.is_file() else ""
    other = json.dumps({"data_hash": "other"}) if path.suffix == ".json" else f"{before}\n# other\n"
    io.write_text(path, other)
    publish.run(with_data)
    assert not Path("out/v1/public").exists()
    assert "No public data: those there are of another plan" in capsys.readouterr().out


def test_without_public_data_the_release_says_how_they_are_made(with_data, capsys):
    (Path("build/made_up/private") / release_public.STAMP).unlink()
    publish.run(with_data)
    assert "make public-data" in capsys.readouterr().out
    (Path("public/made_up/panel.csv")).unlink()
    Path("public/made_up").rmdir()
    publish.run(with_data)
    assert "No public data: none are made" in capsys.readouterr().out


def test_a_study_without_rules_releases_no_data_whatever_lies_there(options, capsys):
    io.write_text(Path("public/made_up/panel.csv"), "person\np1\n")
    publish.run(options)
    assert not Path("out/v1/public").exists()
    assert "no table [release]" in capsys.readouterr().out


def test_the_release_itself_says_what_it_holds_and_lacks_in_its_languages():
    study = read_study(ROOT / "config" / "somos_comunidad")
    text = release_words.page(study, {"en": "current", "es": "stale"}, public="absent")
    english, spanish = text.split("\n# ")
    assert "SYNTHETIC" in english
    assert "`en/book.pdf`" in english
    assert "holds no data of persons" in english
    assert "SINTÉTICOS" in spanish
    assert "no trae los PDF" in spanish
    assert "book.pdf" not in spanish
    assert "`es/site/index.html`" in spanish
