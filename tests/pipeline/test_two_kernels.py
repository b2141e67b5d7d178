"""A release verifies on a processor whose kernel of linear algebra is another one.

OpenBLAS chooses its kernel by the processor; OPENBLAS_CORETYPE has it take another, so that one
machine is two.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import absent
from tests.pipeline import schools
from tests.pipeline.conftest import ROOT

pytestmark = [pytest.mark.book, pytest.mark.pipeline]

STUDY = ("--study", schools.STUDY, "--data-raw", "raw")
SETTING = "OPENBLAS_CORETYPE"
# of x86-64 and of ARM, each older than what tests run on
OTHERS = ("Prescott", "Sandybridge", "Haswell", "CORTEXA53", "ARMV8")
ASKED = "from evaluation.cli.doctor import kernel; print(kernel())"


def kernel(**settings: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    ran = subprocess.run(
        [sys.executable, "-c", ASKED], env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def elsewhere(written: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A release made here, beside a build of the same study by another kernel, and its name."""
    own = kernel()
    other = next((name for name in OTHERS if kernel(**{SETTING: name}) not in ("", own)), "")
    if not other:
        absent("there is no second kernel of linear algebra here")
    folder = tmp_path_factory.mktemp("kernels")
    first = shutil.copytree(written, folder / "first")
    schools.run(first, "publish", *STUDY, "--dest", "../release")
    root = shutil.copytree(
        written, folder / "second", ignore=shutil.ignore_patterns("build", "data_clean")
    )
    schools.run(root, "all", *STUDY, **{SETTING: other})
    # as files leave they are in whole digits of the release; as they lie here they have last bits
    tables = [r / "build" / schools.STUDY / "estimates.csv" for r in (first, root)]
    assert tables[0].read_bytes() != tables[1].read_bytes()
    return root, other


def test_a_release_of_another_kernel_verifies(elsewhere):
    root, other = elsewhere
    told = schools.run(root, "verify", *STUDY, "--release", "../release", **{SETTING: other})
    files = (root.parent / "release" / "SHA256SUMS").read_text().splitlines()
    # four digits hide what differs in the sixteenth; a boundary may part a few, and is told then
    assert f"{len(files)} files are identical" in told or "rounding boundary" in told


@pytest.mark.parametrize(
    ("name", "column"),
    [("estimates.csv", "estimate"), ("en/exhibits/tbl-did-main.csv", "estimate")],
)
def test_a_last_digit_changed_by_one_is_refused(elsewhere, tmp_path, name, column):
    root, other = elsewhere
    release = shutil.copytree(root.parent / "release", tmp_path / "release")
    path = release / name
    head, row, *rest = path.read_text(encoding="utf-8").splitlines()
    cells, at = row.split(","), head.split(",").index(column)
    cells[at] = cells[at][:-1] + f"{(int(cells[at][-1]) + 1) % 10}"
    path.write_text("\n".join((head, ",".join(cells), *rest, "")), encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    listed = release / "SHA256SUMS"
    lines = [line for line in listed.read_text().splitlines() if not line.endswith(f"  {name}")]
    listed.write_text("\n".join((*lines, f"{digest}  {name}", "")))
    with pytest.raises(AssertionError, match=f"{name}: line 2, column {column}"):
        schools.run(root, "verify", *STUDY, "--release", str(release), **{SETTING: other})
