"""Cases and texts that tests hold in files beside them, with the comments that explain them."""

import tomllib
from pathlib import Path
from typing import Any


def cases(of: str) -> dict[str, Any]:
    """Tables of the TOML file that has the name of a test file, ``cases(__file__)``."""
    return tomllib.loads(Path(of).with_suffix(".toml").read_text(encoding="utf-8"))


def text(of: str, name: str) -> str:
    """A text file in the folder of a test file."""
    return (Path(of).parent / name).read_text(encoding="utf-8")
