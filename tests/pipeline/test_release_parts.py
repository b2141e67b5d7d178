"""A release with all its parts: with public data of its own data, and what it lacks."""

import argparse
import json
from pathlib import Path

import pytest

from evaluation.cli import publish
from evaluation.cli.publish import run_verify
from evaluation.config.study import read_study
from evaluation.release import contents
from evaluation.storage import disk, folders
from tests.pipeline.conftest import ROOT
from tests.pipeline.release_build import MADE_FROM, change
from tests.tables import cases

CASES = cases(__file__)

# ---- public data ---------------------------------------------------------------------------------

RULES = '\n[release]\nkeys = ["sex"]\n'


@pytest.fixture
def with_data(options) -> argparse.Namespace:
    """The small build with public data that are of it."""
    study = Path("config/made_up/study.toml")
    disk.write_text(study, disk.read_text(study) + RULES)
    disk.write_text(Path("config/made_up/dictionary/a.toml"), "# a\n")
    disk.write_text(Path("data_clean/made_up/panel.parquet"), "rows")
    change(options, "provenance.json", json.dumps(MADE_FROM))
    disk.write_text(Path("public/made_up/panel.csv"), "person\np1\n")
    read = read_study(Path("config/made_up"))
    contents.keep_public(folders.Paths.of(options), read)
    return options


def test_public_data_of_these_data_are_part_of_the_release(with_data, capsys):
    publish.run_publish(with_data)
    assert disk.read_text(Path("out/v1/public/panel.csv")) == "person\np1\n"
    assert "public/panel.csv" in disk.read_text(Path("out/v1/SHA256SUMS"))
    assert "No public data" not in capsys.readouterr().out
    assert "`public/`: de-identified data" in disk.read_text(Path("out/v1/README.md"))
    run_verify(with_data)
    assert not list(Path("out").rglob(contents.STAMP))


@pytest.mark.parametrize("changed", CASES["out"])
def test_public_data_of_something_else_stay_out_and_that_is_told(with_data, capsys, changed):
    path = Path(changed)
    before = disk.read_text(path) if path.is_file() else ""
    other = json.dumps({"data_hash": "other"}) if path.suffix == ".json" else f"{before}\n# other\n"
    disk.write_text(path, other)
    publish.run_publish(with_data)
    assert not Path("out/v1/public").exists()
    assert "No public data: those there are of another plan" in capsys.readouterr().out


def test_without_public_data_the_release_says_how_they_are_made(with_data, capsys):
    (Path("build/made_up/private") / contents.STAMP).unlink()
    publish.run_publish(with_data)
    assert "evaluation public-data" in capsys.readouterr().out
    (Path("public/made_up/panel.csv")).unlink()
    Path("public/made_up").rmdir()
    publish.run_publish(with_data)
    assert "No public data: none are made" in capsys.readouterr().out


def test_a_study_without_rules_releases_no_data_whatever_lies_there(options, capsys):
    disk.write_text(Path("public/made_up/panel.csv"), "person\np1\n")
    publish.run_publish(options)
    assert not Path("out/v1/public").exists()
    assert "no table [release]" in capsys.readouterr().out


def test_the_release_itself_says_what_it_holds_and_lacks_in_its_languages():
    study = read_study(ROOT / "config" / "somos_comunidad")
    text = contents.readme(study, {"en": "current", "es": "stale"}, public="absent")
    english, spanish = text.split("\n# ")
    assert "SYNTHETIC" in english
    assert "`en/book.pdf`" in english
    assert "contains no data about individuals" in english
    assert "SINTÉTICOS" in spanish
    assert "no contiene los PDF" in spanish
    assert "book.pdf" not in spanish
    assert "`es/site/index.html`" in spanish
