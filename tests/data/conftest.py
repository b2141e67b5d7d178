"""The tiny study, in a folder that is the working directory, and the default one, clean."""

from pathlib import Path

import pytest

from evaluation.__main__ import main
from tests.data.tiny import Tiny
from tests.fixtures import demonstration, once


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    monkeypatch.chdir(tmp_path)
    return Tiny(tmp_path)


@pytest.fixture(scope="session")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default study after ``read`` and ``clean``; to be read only."""
    return once.folder(tmp_path_factory, "demonstration", read_and_cleaned)


def read_and_cleaned(root: Path) -> None:
    demonstration.write_study(root, "default")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert main(["read"]) == 0
        assert main(["clean"]) == 0


@pytest.fixture(scope="session")
def demonstration_folder(cleaned: Path) -> Path:
    """Its clean files."""
    return cleaned / "data_clean" / demonstration.STUDY
