"""Printed files in a release: there if they are of these results, never a reason to differ."""

import argparse
import json
from pathlib import Path

import pytest

from evaluation import io
from evaluation.cli import release, verify

MADE_FROM = {"study": "x", "plan_hash": "a" * 64, "data_hash": "b" * 64, "version": "1.2.3"}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build whose book is printed."""
    for name in release.RECORDS:
        io.write_text(tmp_path / name, json.dumps(MADE_FROM))
    for name in ("numbers.json", release.PRINTED_FROM):
        io.write_text(tmp_path / "en" / name, json.dumps(MADE_FROM))
    for name in release.PRINTED:
        io.write_bytes(tmp_path / "en" / name, b"%PDF")
    return tmp_path


def printed_of(build: Path) -> list[str]:
    return [name for name, _ in release.released(build, ("en",)) if release.is_printed(name)]


def test_a_release_holds_what_was_printed(build: Path) -> None:
    assert printed_of(build) == ["en/book.pdf", "en/brief.docx", "en/brief.pdf"]


@pytest.mark.parametrize("field", release.MADE_FROM)
def test_a_print_of_other_results_stays_out(build: Path, field: str) -> None:
    io.write_text(build / "en" / release.PRINTED_FROM, json.dumps(MADE_FROM | {field: "other"}))
    assert printed_of(build) == []


def test_a_build_that_was_not_printed_has_none(build: Path) -> None:
    (build / "en" / release.PRINTED_FROM).unlink()
    assert printed_of(build) == []


def test_a_machine_that_prints_nothing_verifies_a_release_with_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"results.json": b"{}", "en/book.pdf": b"%PDF"}
    for name, data in files.items():
        io.write_bytes(tmp_path / "v1" / name, data)
    sums = "".join(f"{io.sha256(tmp_path / 'v1' / name)}  {name}\n" for name in files)
    io.write_text(tmp_path / "v1" / "SHA256SUMS", sums)
    built = {"results.json": b"{}"}
    monkeypatch.setattr(verify, "contents", lambda _: built)
    options = argparse.Namespace(study="x", data_raw="", release=str(tmp_path / "v1"))
    verify.run(options)
    assert "1 files are the same to the byte" in capsys.readouterr().out
