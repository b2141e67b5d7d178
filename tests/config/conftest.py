"""The tiny study's configuration, to be spoilt one line at a time."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.tiny import Tiny


@pytest.fixture
def folder(tiny: Tiny) -> Path:
    """A valid study folder."""
    tiny.write()
    return tiny.config


@pytest.fixture
def spoil(tiny: Tiny, folder: Path) -> Callable[[str, str, str], Path]:
    """Replace one text in one file and lock the plan again: only the spoilt line may fail."""
    return tiny.edit
