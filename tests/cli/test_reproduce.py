"""``make reproduce``: prints are built and compared where Pango is there, and it says if not."""

import argparse
import sys
from pathlib import Path

import pytest

from evaluation.cli.stages import unchanged
from evaluation.storage.folders import Paths
from tools import reproduce

STUDY, PRINT, PAGE = "small", "build/small/en/book.pdf", "build/small/en/site/index.html"
OPTIONS = argparse.Namespace(study=STUDY, data_raw=f"data_raw/{STUDY}", language="en", other=None)


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands that would build, in place of builds: make writes a page, and a print if asked."""
    called: list[list[str]] = []

    def call(command: list[str], folder: Path, python: Path) -> None:
        called.append([*command, str(python)])
        if command[0] == "make":
            for name in (PAGE, PRINT) if "pdf" in command else (PAGE,):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text("the same", encoding="utf-8")

    monkeypatch.setattr(reproduce, "_call", call)
    return called


@pytest.fixture
def with_pango(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproduce, "unprintable", lambda _: "")


@pytest.fixture
def without_pango(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reproduce, "unprintable", lambda _: "there is no Pango; install it")


@pytest.mark.usefixtures("with_pango")
def test_prints_are_made_and_compared(
    built: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    reproduce.reproduce(OPTIONS)
    assert [c[:3] for c in built if c[0] == "make"] == [["make", "all", "pdf"]] * 2
    assert capsys.readouterr().out == (
        "2 files, 1 of them PDFs, the same to the byte in both clones\n"
    )
    folders = [Path(command[-2]).name for command in built if command[0] == "git"]
    assert folders == ["one", "otra carpeta ñ"]


@pytest.mark.usefixtures("without_pango")
def test_without_pango_it_says_that_prints_were_left_out(
    built: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    reproduce.reproduce(OPTIONS)
    assert [c[:3] for c in built if c[0] == "make"] == [["make", "all", "STUDY=small"]] * 2
    first, second = capsys.readouterr().out.splitlines()
    assert first == "1 file, 0 of them PDFs, the same to the byte in both clones"
    assert second == "PDFs were not compared: there is no Pango; install it"


@pytest.mark.usefixtures("with_pango", "built")
def test_a_print_that_differs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    call = reproduce._call

    def differing(command: list[str], folder: Path, python: Path) -> None:
        call(command, folder, python)
        if command[0] == "make":
            (folder / PRINT).write_text(folder.name, encoding="utf-8")

    monkeypatch.setattr(reproduce, "_call", differing)
    with pytest.raises(SystemExit, match=f"1 of 2 files differ: {PRINT}"):
        reproduce.reproduce(OPTIONS)


@pytest.mark.usefixtures("without_pango")
def test_the_second_clone_is_built_by_the_other_python(built: list[list[str]]) -> None:
    reproduce.reproduce(argparse.Namespace(**{**vars(OPTIONS), "other": "elsewhere/bin/python"}))
    pythons = [command[-1] for command in built if command[0] == "make"]
    assert pythons == [sys.executable, "elsewhere/bin/python"]


@pytest.mark.usefixtures("without_pango", "built")
def test_what_a_stage_notes_of_its_python_is_not_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call = reproduce._call

    def noting(command: list[str], folder: Path, python: Path) -> None:
        call(command, folder, python)
        if command[0] == "make":
            tops = {"config": "config", "raw": "data_raw", "clean": "data_clean", "build": "build"}
            paths = Paths(**{name: folder / top / STUDY for name, top in tops.items()})
            unchanged.note(paths, "estimate", python.name)

    monkeypatch.setattr(reproduce, "_call", noting)
    reproduce.reproduce(argparse.Namespace(**{**vars(OPTIONS), "other": "elsewhere/bin/other"}))
    assert capsys.readouterr().out.startswith("1 file, 0 of them PDFs, the same to the byte")
