"""Run stages of the Medellín study on the delivered files, in a folder of a test."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.fixtures.locking import relock

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config" / "medellin"


def configure(folder: Path) -> Path:
    """The study's configuration with 999 draws and a lock to match: no estimate depends on them.

    The lock holds the plan as it stands, so that nothing is left to deviate from it.
    """
    config = folder / "config" / "medellin"
    shutil.copytree(CONFIG, config)
    replace(config / "plan.toml", "draws = 99999", "draws = 999")
    (config / "deviations.toml").write_text("", encoding="utf-8")
    relock(config)
    return config


def run(folder: Path, raw: Path, stages: tuple[str, ...]) -> None:
    """Run stages one after the other; each has to end well."""
    for stage in stages:
        # a few null data sets: no estimate depends on them
        few = ["--data-sets", "20"] if stage == "calibrate" else []
        command = [sys.executable, "-m", "evaluation", stage, *few]
        result = subprocess.run(
            [*command, "--study", "medellin", "--data-raw", str(raw)],
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
