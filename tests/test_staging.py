"""Files written piece by piece are in their places all together, or none of them is."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.errors import DataError, StorageError
from evaluation.file_content import Content
from evaluation.storage.staged import Staged
from tests.messages import said


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_pieces_of_several_files_are_put_together(tmp_path):
    folder = tmp_path / "new"
    with Staged(folder) as staged:
        for name, part in (("a", b"1"), ("b", b"x"), ("a", memoryview(b"23"))):
            staged.add(name, part)
        begun = sorted(name.rpartition("-")[2] for name in names(folder))
        assert begun == ["a", "b"]
        assert all(name.startswith(".tmp-") for name in names(folder)), "a place was taken early"
        staged.put_in_place()
    assert names(folder) == ["a", "b"]
    assert (folder / "a").read_bytes() == b"123"
    assert (folder / "b").read_bytes() == b"x"


def test_two_that_write_one_file_each_write_it_whole(tmp_path):
    """As two programs do that were begun one after the other."""
    with Staged(tmp_path) as first, Staged(tmp_path) as second:
        first.add("a", b"1" * 100_000)
        second.add("a", b"2" * 50_000)
        first.add("a", b"1" * 100_000)
        first.put_in_place()
        assert (tmp_path / "a").read_bytes() == b"1" * 200_000
        second.put_in_place()
        assert (tmp_path / "a").read_bytes() == b"2" * 50_000
    assert names(tmp_path) == ["a"]


def test_size_and_checksum_are_those_of_the_file(tmp_path):
    with Staged(tmp_path) as staged:
        staged.add("a", b"ab")
        staged.add("a", b"c")
        # FIPS 180-4, example of a message of three bytes
        known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert staged.contents() == {"a": Content(3, known)}
        staged.put_in_place()
    assert hashlib.sha256((tmp_path / "a").read_bytes()).hexdigest() == known


def test_an_error_on_the_way_leaves_the_old_files_alone(tmp_path):
    (tmp_path / "a").write_bytes(b"old")

    def two_and_an_error() -> None:
        with Staged(tmp_path) as staged:
            staged.add("a", b"new")
            staged.add("b", b"new")
            raise DataError(said("wrong"), where="here", fix=said("fix it"))

    with pytest.raises(DataError):
        two_and_an_error()
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_bytes() == b"old"


def test_what_is_not_put_in_place_goes(tmp_path):
    with Staged(tmp_path) as staged:
        staged.add("a", b"new")
    assert names(tmp_path) == []


@pytest.mark.parametrize("write", ["fsync", "replace"])
def test_a_full_disk_is_one_message_and_leaves_nothing(write, tmp_path, monkeypatch):
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, write, no_space)
    with Staged(tmp_path) as staged:
        staged.add("a", b"new")
        with pytest.raises(StorageError, match="No space left") as caught:
            staged.put_in_place()
    assert caught.value.where.endswith("/a")
    assert names(tmp_path) == []


def test_all_are_on_the_disk_before_the_first_is_renamed(tmp_path, monkeypatch):
    steps: list[str] = []

    def noted(name: str, write: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: object) -> None:
            steps.append(name)
            write(*arguments)

        return call

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, noted(name, getattr(os, name)))
    with Staged(tmp_path) as staged:
        staged.add("b", b"1")
        staged.add("a", b"2")
        staged.put_in_place()
    assert steps == ["fsync", "fsync", "replace", "replace"]
