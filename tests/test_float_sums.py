"""mypy refuses the built-in sum of floats: their last digits depend on the Python."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = "tools/float_sums.py"
MODULE = """\
import math
from typing import Any

def floats(x: list[float]) -> float:
    return sum(x)  # refused

def mixed(x: dict[str, int | float]) -> float:
    return max(1, sum(x.values(), 0))  # refused

def anything(x: Any) -> int:
    return int(sum(x))  # refused

def drawn(x: list[int]) -> float:
    return sum(1 / n for n in x)  # refused

def whole(x: list[int], y: Any, z: dict[str, bool]) -> int:
    many: list[int] = y.tolist()
    return sum(x) + sum(len(each) for each in y) + sum(many) + sum(z.values()) + sum(map(len, y))

def exact(x: list[float]) -> float:
    return math.fsum(x) + math.fsum(1 / n for n in x)
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("sums")
    (folder / "module.py").write_text(MODULE, encoding="utf-8")
    (folder / "mypy.ini").write_text(
        f"[mypy]\nstrict = true\nplugins = {(ROOT / PLUGIN).as_posix()}\n", encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "module.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.splitlines()


def test_sums_of_floats_are_refused_and_those_of_whole_numbers_are_not(said: list[str]) -> None:
    refused = {line.split(":")[1] for line in said if "differs between Pythons" in line}
    meant = {str(n) for n, t in enumerate(MODULE.splitlines(), 1) if t.endswith("# refused")}
    assert len(meant) == 4
    assert refused == meant, "\n".join(said)


def test_the_packages_own_types_are_checked_so() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["mypy"]["plugins"] == [PLUGIN]
    assert project["tool"]["mypy"]["packages"] == ["evaluation"]
