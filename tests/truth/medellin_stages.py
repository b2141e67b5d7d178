"""Run stages of the Medellín study on the delivered files, in a folder of a test."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import shared_data
from tests.fixtures import once
from tests.fixtures.locking import relock

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config" / "medellin"
FEWER_STEPS = {
    '["ri", "cr2", "cv3", "cv1"]': '["ri", "cv3"]',
    '["cv1", "cr2", "cv3", "wcr", "wcr_s", "ri"]': '["cv3", "wcr_s"]',
    '["cv1", "cr2", "cv3", "wcr", "wcr_s"]': '["wcr_s"]',
    '["cr2", "cv1", "cv3", "wcr_s"]': '["cr2"]',
}
OPTIONS = ("--study", "medellin", "--data-raw")


def cleaned(factory: pytest.TempPathFactory) -> Path:
    """A folder in which the delivered files were read and cleaned; to be read only."""
    raw = shared_data("metaketa4_colombia/col_units.csv").parent

    def make(folder: Path) -> None:
        configure(folder)
        run(folder, raw, ("read", "clean"))

    return once.folder(factory, "medellin", make)


def continued(factory: pytest.TempPathFactory, stage: str) -> Path:
    """A copy of that folder in which one stage more was run."""
    folder = factory.mktemp("medellin") / "root"
    shutil.copytree(cleaned(factory), folder)
    run(folder, shared_data("metaketa4_colombia/col_units.csv").parent, (stage,))
    return folder


def configure(folder: Path) -> Path:
    """The study's configuration with few draws and steps and a lock to match.

    No estimate depends on the draws, and each step that a test here reads is left.

    The lock holds the plan as it stands, so that nothing is left to deviate from it.
    """
    config = folder / "config" / "medellin"
    shutil.copytree(CONFIG, config)
    replace(config / "plan.toml", "draws = 99999", "draws = 999")
    replace(config / "plan.toml", "permutations = 9999", "permutations = 99")
    for before, after in FEWER_STEPS.items():
        replace(config / "plan.toml", f"\nsteps = {before}\n", f"\nsteps = {after}\n")
    (config / "deviations.toml").write_text("", encoding="utf-8")
    relock(config)
    return config


def run(folder: Path, raw: Path, stages: tuple[str, ...]) -> None:
    """Run stages one after the other; each has to end well."""
    for stage in stages:
        result = subprocess.run(
            [sys.executable, "-m", "evaluation", stage, *OPTIONS, str(raw)],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, f"{stage}: {result.stderr}"


def replace(path: Path, old: str, new: str) -> None:
    """Change a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
