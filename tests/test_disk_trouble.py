"""A full disk and a missing right: each is one message with its own fix, wherever it is met."""

import errno
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from evaluation.__main__ import main
from evaluation.cli.stages import estimate, read
from evaluation.errors import StorageError
from evaluation.site import building
from evaluation.site.page_check import BookFaults
from evaluation.storage import disk, disk_trouble
from evaluation.storage.staged import TEMPORARY

STUDY = "somos_comunidad"
FIXES = [
    (errno.ENOSPC, "free space on that disk"),
    (errno.EDQUOT, "free space on that disk"),
    (errno.EACCES, "take the right to write there"),
    (errno.EROFS, "take the right to write there"),
    (errno.EBUSY, "close it in other programs"),
]


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config" / STUDY).mkdir(parents=True)
    (tmp_path / "config" / STUDY / "study.toml").write_text("", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("number", "fix"), FIXES)
def test_a_file_that_cannot_be_written_says_what_to_do(number, fix, tmp_path, monkeypatch):
    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(StorageError) as caught:
        disk.write_text(tmp_path / "a.csv", "n\n")
    assert str(caught.value.fix).startswith(fix)
    assert os.strerror(number) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_is_full_in_earnest_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(secrets, "token_hex", lambda _: "0")
    (tmp_path / f"{TEMPORARY}0-a.csv").symlink_to("/dev/full")
    with pytest.raises(StorageError, match="No space left") as caught:
        disk.write_text(path, "new")
    assert str(caught.value.fix).startswith("free space")
    assert path.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize(("number", "fix"), FIXES[:4])
def test_what_a_library_meets_is_the_same_message(number, fix, at_root, monkeypatch, capsys):
    def refused(_: object) -> None:
        raise OSError(number, os.strerror(number), "build/figure.png")

    monkeypatch.setattr(estimate, "run", refused)
    assert main(["estimate", "--study", STUDY]) == 1
    said = capsys.readouterr().err
    # nobody knows whether the library read, wrote or ran what it has no right to
    is_right = number == errno.EACCES
    problem = "the system refuses it" if is_right else "the file cannot be written"
    assert said.startswith(f"estimate stopped: build/figure.png: {problem}")
    assert ("check the rights of the file and of its folder" if is_right else fix) in said
    assert "Traceback" not in said


def test_any_other_refusal_stays_an_error_of_the_program(at_root, monkeypatch):
    def broken(_: object) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(estimate, "run", broken)
    with pytest.raises(OSError, match="Bad file descriptor"):
        main(["estimate", "--study", STUDY])


@pytest.mark.parametrize("command", ["read", "all"])
def test_a_build_does_not_begin_on_a_disk_on_which_it_cannot_end(
    command, at_root, monkeypatch, capsys
):
    asked = []

    def usage(path: Path) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(free=99_900_000)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    monkeypatch.setattr(read, "read_files", lambda _: pytest.fail("it began"))
    assert main([command, "--study", STUDY]) == 1
    said = capsys.readouterr().err
    assert f"build/{STUDY}: the disk has 99 MB free, and a build needs 100 MB" in said
    assert "fix: free space on that disk" in said
    assert all(path.is_dir() for path in asked)


def test_with_enough_room_nothing_is_said(tmp_path, monkeypatch):
    usage = SimpleNamespace(free=disk_trouble.LEAST_FREE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    disk_trouble.refuse_little(tmp_path / "not" / "there")


@pytest.mark.parametrize(
    ("said", "status", "error", "told"),
    [
        ("a.ttf: OSError(28, 'No space left on device')", 2, StorageError, "out: the file cannot"),
        ("MemoryError\n", 2, MemoryError, ""),
        ("", -9, MemoryError, ""),
        ("page.md: WARNING: no such figure", 1, BookFaults, "page.md"),
    ],
)
def test_what_stops_the_book_is_told_from_faults_of_its_pages(
    said, status, error, told, tmp_path, monkeypatch
):
    done = subprocess.CompletedProcess([], status, stdout="", stderr=said)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(error) as caught:
        building.made(tmp_path / "source", tmp_path / "out", "html")
    assert told in str(caught.value)
