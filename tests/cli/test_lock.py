"""``lock`` writes a lock once, and what it writes is the lock of the plan as it stands."""

import shutil
from argparse import Namespace
from pathlib import Path

import pytest

from evaluation.cli import lock
from evaluation.errors import SpecError
from evaluation.spec.configuration import read_configuration
from evaluation.spec.load import Text

ROOT = Path(__file__).parents[2]
STUDY = "somos_comunidad"
OPTIONS = Namespace(
    study=STUDY,
    data_raw=None,
    language="en",
    registry='a "registry"',
    registration="7",
    registry_es="",
    registration_es="",
    url="",
    endline_data_seen="yes",
    note_en="Locked.",
    note_es="Cerrado.",
)


@pytest.fixture
def config(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "config" / STUDY, tmp_path / "config" / STUDY)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "config" / STUDY


def test_a_locked_plan_is_not_locked_again(config):
    before = (config / "plan.lock").read_bytes()
    with pytest.raises(SpecError, match="locked already") as stopped:
        lock.run(OPTIONS)
    assert "deviations.toml" in stopped.value.mend
    assert (config / "plan.lock").read_bytes() == before


def test_a_new_lock_is_that_of_the_plan_as_it_stands(config, capsys):
    committed = read_configuration(config).promise.lock
    (config / "plan.lock").unlink()
    lock.run(OPTIONS)
    assert f"the plan {committed.plan_hash[:12]} is locked" in capsys.readouterr().out
    promise = read_configuration(config).promise
    assert promise.changed == frozenset()
    assert promise.lock.entries == committed.entries
    assert (promise.lock.registry, promise.lock.registration) == ('a "registry"', "7")
    assert promise.lock.endline_data_seen is True


def test_a_number_with_words_is_written_in_both_languages(config):
    (config / "plan.lock").unlink()
    lock.run(Namespace(**{**vars(OPTIONS), "registration_es": "7, del ensayo"}))
    written = read_configuration(config).promise.lock
    assert (written.registry, written.registration) == (
        'a "registry"',
        Text(en="7", es="7, del ensayo"),
    )
