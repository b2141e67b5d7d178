"""mypy refuses the built-in sum of floats: their last digits depend on the Python."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.tables import text

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = "tools/float_sums.py"
MODULE = text(__file__, "float_sums_module.txt")


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


def test_sums_of_floats_are_refused_and_those_of_whole_numbers_are_not(said):
    refused = {line.split(":")[1] for line in said if "differs between Pythons" in line}
    meant = {str(n) for n, t in enumerate(MODULE.splitlines(), 1) if t.endswith("# refused")}
    assert len(meant) == 4
    assert refused == meant, "\n".join(said)


def test_the_packages_own_types_are_checked_so():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["mypy"]["plugins"] == [PLUGIN]
    assert project["tool"]["mypy"]["packages"] == ["evaluation"]
