"""The one line of each stage, in the language that was asked for."""

import ast
import io
import sys
import time
from pathlib import Path

import pytest

from evaluation.__main__ import main
from evaluation.report import terminal
from evaluation.storage import disk, progress
from evaluation.storage.folders import announce
from tests.fixtures.tiny import Tiny

CLI = Path(__file__).parents[2] / "evaluation" / "cli"


def lines() -> list[tuple[str, ast.expr]]:
    """What each command returns as the text of its line, by module."""
    runs = [
        (path.name, node)
        for path in sorted(CLI.rglob("*.py"))
        for node in ast.parse(disk.read_text(path)).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("run")
    ]
    return [
        (name, node.value)
        for name, run in runs
        for node in ast.walk(run)
        if isinstance(node, ast.Return) and node.value is not None
    ]


def test_every_stage_says_its_line_in_a_language():
    """No line is written out in English where it is returned."""
    found = lines()
    assert len(found) > 12
    typed = [
        name
        for name, line in found
        for part in ast.walk(line)
        if isinstance(part, ast.Constant) and " " in str(part.value).strip(" :,")
    ]
    assert typed == []


def test_decimals_have_the_mark_of_the_language(capsys):
    announce("clean", "7.012 filas", 1.24, "es")
    assert capsys.readouterr().err == "[2/9] clean  7.012 filas  1,2 s\n"
    assert terminal.counted(7012, "row", "es") == "7.012 filas"
    assert terminal.counted(7012, "row", "en") == "7,012 rows"


@pytest.mark.parametrize("asked", ["option", "variable"])
def test_the_stages_on_raw_data_and_the_search_speak_spanish(tmp_path, monkeypatch, capsys, asked):
    monkeypatch.chdir(tmp_path)
    tiny = Tiny(tmp_path)
    tiny.write()
    (tiny.config / "plan.lock").unlink()
    more = ("--language", "es") if asked == "option" else ()
    if asked == "variable":
        monkeypatch.setenv(terminal.VARIABLE, "es")
    assert main(["read", "--study", "tiny", *more]) == 0
    assert main(["clean", "--study", "tiny", *more]) == 0
    disk.write_bytes(tiny.build / "a.ttf", b"x")
    assert main(["audit", "--study", "tiny", *more]) == 0
    first, second, third = capsys.readouterr().err.splitlines()
    assert first.startswith("[1/9] read  3 archivos, 52 filas  ")
    assert second.startswith("[2/9] clean  48 filas, 0 hallazgos; CEGADO: no hay plan.lock, ")
    assert "audit  no se encontró nada en " in third
    assert "no hay historial; sin mirar: 1 (formato .ttf 1: build/tiny)  " in third


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_terminal(patch: pytest.MonkeyPatch, first: float = 0.01) -> Terminal:
    """What a person sees from here on, without the two seconds; called where nothing else does."""
    shown = Terminal()
    patch.setattr(sys, "stderr", shown)
    patch.setattr(progress, "FIRST", first)
    patch.setattr(progress, "NEXT", 0.01)
    return shown


def wait_for(shown: Terminal, text: str) -> None:
    end = time.monotonic() + 10
    while text not in shown.getvalue():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_stage_at_work_shows_its_seconds_and_takes_them_away(monkeypatch):
    person = at_terminal(monkeypatch)
    with progress.shown("[4/9] robustness"):
        wait_for(person, "\r[4/9] robustness … 0 s")
        announce("notebook", "main_results", 3.9)
    # the line of the stage stands alone, whatever was shown before
    before, _, after = person.getvalue().partition("[7/9] notebook  main_results  3.9 s\n")
    erased = f"\r{' ' * len('[4/9] robustness … 0 s')}\r"
    assert before.endswith(erased)
    assert after == "" or after.endswith(erased)


def test_after_an_error_no_sign_is_left(monkeypatch):
    person = at_terminal(monkeypatch)

    def stopped() -> None:
        wait_for(person, "clean … 0 s")
        raise KeyError

    with pytest.raises(KeyError), progress.shown("clean"):
        stopped()
    assert person.getvalue().endswith(f"\r{' ' * len('clean … 0 s')}\r")


def test_a_quick_stage_and_a_log_show_nothing(monkeypatch, capsys):
    assert (progress.FIRST, progress.NEXT) == (2.0, 1.0)
    with monkeypatch.context() as patch:
        person = at_terminal(patch, first=2.0)
        with progress.shown("clean"):
            pass
    assert person.getvalue() == ""
    monkeypatch.setattr(progress, "FIRST", 0.0)
    with progress.shown("clean"):
        time.sleep(0.05)
    assert capsys.readouterr().err == ""


def test_a_stage_that_writes_shows_that_it_is_at_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Tiny(tmp_path).write()
    person = at_terminal(monkeypatch, first=0.0)
    assert main(["read", "--study", "tiny"]) == 0
    assert "\r[1/9] read … 0 s" in person.getvalue()
