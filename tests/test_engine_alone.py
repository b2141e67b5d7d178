"""The engine copied alone into an empty folder: it estimates, and says what it has not got."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import evaluation as ev
from tests.tables import text

ROOT = Path(__file__).resolve().parents[1] / "evaluation"
FILES = ("__init__.py", "__init__.pyi", "errors.py", "registry.py")
# Sentences of a study are not among what the engine says, and readers belong to a study's data.
LEFT_OUT = shutil.ignore_patterns("__pycache__", "reading.py")
LINES = text(__file__, "engine_alone_lines.txt")


@pytest.fixture(scope="module")
def alone(tmp_path_factory) -> Path:
    """Folder that holds the engine and nothing else."""
    folder = tmp_path_factory.mktemp("alone")
    package = folder / "evaluation"
    for name in ("estimation", "api"):
        shutil.copytree(ROOT / name, package / name, ignore=LEFT_OUT)
    locale = package / "locale"
    shutil.copytree(ROOT / "locale" / "engine", locale / "engine")
    for path in (ROOT / "locale").glob("*.py"):
        shutil.copy(path, locale)
    for name in FILES:
        shutil.copy(ROOT / name, package)
    return folder


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )


def test_every_module_of_it_can_be_imported(alone):
    names = [
        ".".join(path.relative_to(alone).with_suffix("").parts)
        for path in sorted(alone.rglob("*.py"))
        if path.name != "__init__.py"
    ]
    assert len(names) > 60
    listed = "\n".join(f"import {name}" for name in names)
    done = run(alone, "-c", f"{listed}\nimport sys\nprint(sys.modules['evaluation'].__file__)")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(alone)


def test_it_estimates_and_says_what_it_has_not_got(alone):
    """The effect is that of the whole package, which `tests/api` holds against other programs."""
    done = run(alone, "-c", LINES)
    assert done.returncode == 0, done.stderr
    absent, readers, said = done.stdout.splitlines()
    assert absent.startswith("EstimationError")
    assert readers.startswith("EstimationError")
    assert "holds the engine alone" in readers
    whole = ev.did(
        ev.example(), outcome="trust", treated="treated", post="endline", cluster="village"
    )
    assert said == whole.summary()
