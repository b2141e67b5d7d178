"""The tiny study in a temporary folder that is also the working directory."""

from pathlib import Path

import pytest

from tests.data.tiny import Tiny


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    monkeypatch.chdir(tmp_path)
    return Tiny(tmp_path)
