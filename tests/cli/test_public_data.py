"""Command `public-data`: whose key is taken, and that it is never shown."""

from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.cli import public_data
from evaluation.cli.stage import Paths
from evaluation.errors import StorageError
from evaluation.spec.study import read_study

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
