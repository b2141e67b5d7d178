"""A whole build in a folder with a space and an ñ: complete, silent about the place, repeatable."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.pipeline.conftest import copy_tree, digests, in_english, surroundings

pytestmark = pytest.mark.pipeline
SITE = "build/somos_comunidad/en/site/index.html"


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *arguments],
        cwd=root,
        env=surroundings(),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_last_line_names_the_book(built):
    assert built.output.splitlines()[-1] == f"The book: {SITE}"
    assert (built.root / SITE).is_file()


def test_a_second_make_has_nothing_to_do(built):
    assert run(built.root, "--question", "book").returncode == 0


def test_no_temporary_file_is_left(built):
    assert list(built.root.rglob(".tmp-*")) == []


def test_outputs_do_not_say_where_they_were_made(built):
    mark = os.fsencode(str(built.root))
    told = [
        path.relative_to(built.root).as_posix()
        for top in ("build", "data_clean")
        for path in (built.root / top).rglob("*")
        if path.is_file() and mark in path.read_bytes()
    ]
    assert told == []


def test_two_jobs_in_another_folder_make_the_same_bytes(built, tmp_path):
    other = in_english(copy_tree(tmp_path / "plain"))
    finished = run(other, "-j2")
    assert finished.returncode == 0, finished.stderr
    made = digests(other)
    assert [n for n in made if made[n] != built.bytes.get(n)] == []
    assert made.keys() == built.bytes.keys()


def test_a_lost_raw_file_is_a_message_and_leaves_the_build(built):
    path = next((built.root / "data_raw/somos_comunidad").glob("*.csv"))
    hidden = built.root.parent / path.name
    path.rename(hidden)
    try:
        failed = run(built.root)
    finally:
        hidden.rename(path)
    assert failed.returncode != 0
    assert path.name in failed.stderr
    assert "fix:" in failed.stderr
    assert "Traceback" not in failed.stderr
    left = digests(built.root)
    # a failed check writes the list of errors
    assert left.pop("build/somos_comunidad/private/findings_error.csv", "")
    # and that read had begun, which no release passes over
    assert left.pop("build/somos_comunidad/private/made/read.begun", "")
    # what was made stays, but no later stage goes on from it: those files say that read is done
    folder = "build/somos_comunidad"
    pending = {f"{folder}/provenance.json", f"{folder}/private/made/read.sha256"}
    assert pending.isdisjoint(left)
    assert left == {name: digest for name, digest in built.bytes.items() if name not in pending}
