"""Each class of file that a later stage copies or reads, changed under its old time stamp.

The next stage runs, the file is put back, and a release is written: it is refused, or it has the
right bytes, every time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline import schools
from tests.pipeline.conftest import ROOT, digests

pytestmark = pytest.mark.pipeline

BUILD, CLEAN = f"build/{schools.STUDY}", f"data_clean/{schools.STUDY}"
EXHIBITS = f"{BUILD}/en/exhibits"
# a pattern of the file, and the stage that reads it
CLASSES = {
    f"{BUILD}/provenance.json": "clean",
    f"{BUILD}/private/raw/*.parquet": "clean",
    f"{CLEAN}/panel.parquet": "estimate",
    f"{CLEAN}/frame.parquet": "robustness",
    f"{BUILD}/results.json": "exhibits",
    f"{BUILD}/estimates.csv": "exhibits",
    f"{BUILD}/robustness_estimates.csv": "exhibits",
    **{
        f"{EXHIBITS}/*.{kind}": "book"
        for kind in ("json", "svg", "png", "csv", "xlsx", "docx", "tex", "html", "md", "do", "R")
    },
    f"{BUILD}/en/numbers.json": "book",
    f"{BUILD}/en/notebooks/*.ipynb": "book",
}


def run(root: Path, command: str, *words: str) -> subprocess.CompletedProcess[str]:
    options = ("--study", schools.STUDY, "--data-raw", "raw")
    return subprocess.run(
        [sys.executable, "-m", "evaluation", command, *options, *words],
        cwd=root, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def changed(data: bytes) -> bytes:
    """Another digit where there is one, else another last byte."""
    for digit in range(1, 9):
        old, new = (b".%d" % digit, b".%d" % (digit + 1))
        if old in data:
            return data.replace(old, new, 1)
    return data[:-1] + bytes([data[-1] ^ 1])


@pytest.fixture(scope="module")
def root(pupils: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished build: what is published from it stays out of other tests' sight."""
    return shutil.copytree(pupils, tmp_path_factory.mktemp("trial") / "root")


@pytest.mark.parametrize("pattern", CLASSES)
def test_a_file_changed_under_its_old_time_reaches_no_release(root: Path, pattern: str) -> None:
    before = digests(root)
    path = min(root.glob(pattern))
    data, stat = path.read_bytes(), path.stat()
    path.write_bytes(changed(data))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    ran = run(root, CLASSES[pattern])
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert ran.returncode == 1, "the stage went on with a file that was edited"
    assert "not what the stage" in ran.stderr
    done = run(root, "publish", "--draft", "yes", "--dest", "../trial")
    made = {name: sum_ for name, sum_ in digests(root).items() if "private/" not in name}
    right = all(before[name] == sum_ for name, sum_ in made.items())
    assert done.returncode == 1 or right
    if done.returncode:
        # a stage takes its last result away before it begins: it makes the same again
        assert run(root, CLASSES[pattern]).returncode == 0
        assert run(root, "publish", "--draft", "yes", "--dest", "../trial").returncode == 0
