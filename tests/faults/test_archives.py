"""F7: archives that would write elsewhere, unpack without end or hide a file are refused."""

import io
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.config.file_layout import Export
from evaluation.data.readers.read import read_file
from evaluation.errors import DataError
from tests.faults.damage import BASELINE
from tests.faults.harness import declared
from tests.faults.study import ROWS, delivery

Write = Callable[[zipfile.ZipFile], None]


def _archive(write: Write) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(BASELINE, delivery().files[BASELINE])
        write(archive)
    return data.getvalue()


def _nothing(_: zipfile.ZipFile) -> None:
    """The archive as it should be."""


def _upwards(archive: zipfile.ZipFile) -> None:
    archive.writestr("../outside.csv", b"x")


def _absolute(archive: zipfile.ZipFile) -> None:
    archive.writestr("/outside.csv", b"x")


def _link(archive: zipfile.ZipFile) -> None:
    entry = zipfile.ZipInfo("link.csv")
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    archive.writestr(entry, b"/etc/hostname")


def _nested(archive: zipfile.ZipFile) -> None:
    archive.writestr("inside.zip", _archive(_nothing))


def _bomb(archive: zipfile.ZipFile) -> None:
    archive.writestr("bomb.csv", b"0" * 50_000_000)


def _twice(archive: zipfile.ZipFile) -> None:
    archive.writestr("Baseline.CSV", delivery().files[BASELINE])


def _undeclared(archive: zipfile.ZipFile) -> None:
    archive.writestr("other.csv", b"x")


def _read(data: bytes, folder: Path):
    file = next(f for f in declared().manifest.file if f.path == BASELINE)
    (folder / "baseline.zip").write_bytes(data)
    zipped = replace(
        file, path="baseline.zip", format="zip", export=Export(member=BASELINE, largest_mb=20)
    )
    return read_file(zipped, folder / "baseline.zip")


def _encrypted(data: bytes) -> bytes:
    """The flag of encryption, in the local header and in the directory."""
    local = data[:6] + bytes([data[6] | 1]) + data[7:]
    at = local.index(b"PK\x01\x02") + 8
    return local[:at] + bytes([local[at] | 1]) + local[at + 1 :]


def test_an_archive_as_declared_is_read(tmp_path):
    table = _read(_archive(_nothing), tmp_path)
    assert len(table.frame) == ROWS
    assert table.findings == ()


@pytest.mark.parametrize("write", [_upwards, _absolute, _link, _nested, _bomb, _twice, _undeclared])
def test_an_attack_is_refused_and_nothing_is_written(write, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with pytest.raises(DataError) as caught:
        _read(_archive(write), folder)
    assert caught.value.rule
    assert caught.value.fix
    assert "baseline.zip" in caught.value.where
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["baseline.zip", "data"]


def test_an_encrypted_archive_is_refused(tmp_path):
    with pytest.raises(DataError, match="encrypted"):
        _read(_encrypted(_archive(_nothing)), tmp_path)


def test_a_cut_archive_is_refused(tmp_path):
    with pytest.raises(DataError):
        _read(_archive(_nothing)[:-40], tmp_path)
