"""Results do not depend on the Python: a small study from its files to its book, made by two.

EVAL_OTHER_PYTHON names the second interpreter, in an environment with the lock's libraries.
"""

import os
import shutil
import subprocess
import sys

import pytest

from tests.pipeline import schools
from tests.pipeline.conftest import digests

OTHER = os.environ.get("EVAL_OTHER_PYTHON", "")
pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not OTHER, reason="EVAL_OTHER_PYTHON names no second interpreter"),
]
VERSION = "import sys; print(sys.version_info[:2])"


def test_two_pythons_make_the_same_bytes(pupils, site_packages, tmp_path):
    other = tmp_path / "other"
    made = shutil.ignore_patterns("build", "data_clean")
    shutil.copytree(pupils, other, ignore=made)
    asked = ("all", "--study", schools.STUDY, "--data-raw", "raw")
    schools.run(other, *asked, python=OTHER, PYTHONPATH=str(site_packages))
    found, again = digests(pupils), digests(other)
    assert len(found) > 300
    names = sorted(found.keys() | again.keys())
    assert [name for name in names if found.get(name) != again.get(name)] == []


def test_they_are_two():
    versions = {
        subprocess.run([python, "-c", VERSION], capture_output=True, text=True, check=True).stdout
        for python in (sys.executable, OTHER)
    }
    assert len(versions) == 2
