"""The tiny study, in a folder that is the working directory, and the default one, clean."""

from pathlib import Path

import pytest

from evaluation.cli import clean, read
from tests.data.tiny import Tiny
from tests.fixtures import demonstration


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    monkeypatch.chdir(tmp_path)
    return Tiny(tmp_path)


@pytest.fixture(scope="session")
def demonstration_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clean files of the default study."""
    root = demonstration.write_study(tmp_path_factory.mktemp("clean_files"), "default")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        options = Tiny(root).options()
        options.study = demonstration.STUDY
        read.run(options)
        clean.run(options)
    return root / "data_clean" / demonstration.STUDY
