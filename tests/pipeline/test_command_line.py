"""The command line: a problem with a fix is a message and status 1; every command has its help."""

import argparse
import importlib
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation import __main__
from evaluation.errors import SpecError
from evaluation.storage import folders
from evaluation.storage.folders import STAGES, Paths, announce
from tests.messages import said

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", __main__.COMMANDS)
def test_every_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as caught:
        __main__.main([name, "--help"])
    assert caught.value.code == 0
    told = capsys.readouterr().out
    assert "--study" in told
    assert "--data-raw" in told


def test_every_stage_is_a_command_with_a_module():
    assert set(STAGES) <= set(__main__.COMMANDS)
    for stage in STAGES:
        assert callable(importlib.import_module(f"evaluation.cli.stages.{stage}").run)


def test_a_problem_with_a_fix_is_a_message_and_status_one(monkeypatch, capsys):
    def fail(_: object) -> None:
        raise SpecError(
            said("`x` is wrong"), where="study.toml", fix=said("mend y"), rule="some-rule"
        )

    monkeypatch.setattr("evaluation.cli.doctor.run_status", fail)
    assert __main__.main(["status"]) == 1
    told = capsys.readouterr().err
    assert told == "status stopped: study.toml: `x` is wrong [some-rule]\n  fix: mend y\n"


@pytest.mark.parametrize("arguments", [("status",), ("--help",), ("read", "--help")])
@pytest.mark.parametrize("both", ["one outlet", "both outlets"])
def test_a_reader_that_leaves_early_is_no_error(arguments, both):
    """As ``| head`` does, but certain: nobody reads the pipe from the start."""
    reading, writing = os.pipe()
    os.close(reading)
    # without a buffer the parser of arguments meets the closed pipe itself, and is silent
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    found = subprocess.run(
        [sys.executable, "-m", "evaluation", *arguments],
        cwd=ROOT,
        env=buffered,
        stdout=writing,
        stderr=writing if both == "both outlets" else subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert found.returncode == __main__.PIPE_CLOSED == 141
    assert not found.stderr


def test_a_study_that_is_not_there_is_a_message():
    found = subprocess.run(
        [sys.executable, "-m", "evaluation", "read", "--study", "nowhere"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == __main__.MISTYPED == 2
    assert "there is no study `nowhere` under config/" in found.stderr
    assert "Traceback" not in found.stderr


def test_an_unknown_command_names_what_was_meant_or_the_known_ones(capsys):
    with pytest.raises(SystemExit) as caught:
        __main__.main(["estimat"])
    assert caught.value.code == 2
    assert "did you mean `estimate`?" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        __main__.main(["xyz"])
    assert re.search(r"choose from .*estimate", capsys.readouterr().err)


def test_without_a_command_all_are_listed_in_groups(capsys):
    assert __main__.main([]) == 0
    told = capsys.readouterr().out
    assert [n for n in __main__.COMMANDS if not re.search(rf"^  {n} ", told, re.MULTILINE)] == []
    assert {c["group"] for c in __main__.COMMANDS.values()} == set(__main__.GROUPS)


@pytest.mark.parametrize("name", __main__.COMMANDS)
def test_the_example_of_every_command_can_be_typed(name, monkeypatch, capsys):
    """It is parsed as it stands; the command itself is not run."""
    asked = []

    def heard(_name, _run, options):
        asked.append(options)

    monkeypatch.setattr(__main__, "_run", heard)
    example = shlex.split(__main__.COMMANDS[name]["example"])
    assert __main__.main([name, *example]) == 0
    assert len(asked) == 1
    with pytest.raises(SystemExit):
        __main__.main([name, "--help"])
    told = capsys.readouterr().out
    assert f"python -m evaluation {name} {__main__.COMMANDS[name]['example']}".strip() in told


@pytest.mark.parametrize("name", [n for n, c in __main__.COMMANDS.items() if "anywhere" not in c])
def test_an_unknown_study_is_refused_by_every_command(name, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    example = shlex.split(__main__.COMMANDS[name]["example"])
    if "--study" in example:
        place = example.index("--study")
        del example[place : place + 2]
    assert __main__.main([name, *example, "--study", "medelin"]) == 2
    # in English or Spanish, as the example asks
    assert re.search(r"(did you mean|quiso decir) `medellin`\?", capsys.readouterr().err)


def test_ctrl_c_while_the_program_is_loaded_says_nothing():
    """A signal once the first line of the package has run, long before a command begins."""
    code = (
        "import os, signal, sys\n"
        "sys.modules['__main__'].__spec__ = type('S', (), {'name': 'evaluation.__main__'})\n"
        "import evaluation.interruption\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stderr) == (-signal.SIGINT, "")


def test_a_program_that_imports_the_package_keeps_its_own_ctrl_c():
    code = (
        "import signal, evaluation.__main__ as m\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "activate the environment"), ("es", "active el entorno")]
)
def test_a_python_without_the_libraries_is_told_so(language, said):
    found = subprocess.run(
        [sys.executable, "-S", "-m", "evaluation", "read"],
        cwd=ROOT,
        env={**os.environ, "EVAL_LANG": language},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert said in found.stderr
    assert "Traceback" not in found.stderr
    assert len(found.stderr.splitlines()) == 2


def test_the_folder_of_last_time_is_taken_where_nobody_names_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert folders.raw_folder("trial") == Path("data_raw/trial")
    told = tmp_path / "build" / "trial" / "private" / folders.RAW_FOLDER
    told.parent.mkdir(parents=True)
    told.write_text("/somewhere/else\n/a/list.csv\n", encoding="utf-8")
    assert folders.raw_folder("trial") == Path("/somewhere/else")
    (tmp_path / "data_raw" / "trial").mkdir(parents=True)
    assert folders.raw_folder("trial") == Path("data_raw/trial")


def test_a_stage_says_one_line_on_stderr(capsys):
    announce("clean", "7,012 rows", 1.24)
    told = capsys.readouterr()
    assert told.err == "[2/9] clean  7,012 rows  1.2 s\n"
    assert told.out == ""


def test_paths_are_relative_to_the_root_and_follow_the_study():
    paths = Paths.of(argparse.Namespace(study="a", data_raw=""))
    assert (paths.config, paths.raw) == (Path("config/a"), Path("data_raw/a"))
    assert (paths.clean, paths.build) == (Path("data_clean/a"), Path("build/a"))
    assert paths.private == Path("build/a/private")
    assert paths.language("en") == Path("build/a/en")
    named = Paths.of(argparse.Namespace(study="a", data_raw="somewhere else"))
    assert named.raw == Path("somewhere else")


@pytest.mark.parametrize(
    ("line", "cut"),
    [
        ("new-study other --base a.csv", "--base"),
        ("corrections confirm --writ", "--writ"),
        ("audit --stud tiny", "--stud"),
    ],
)
def test_an_option_is_a_whole_name(line, cut, capsys):
    with pytest.raises(SystemExit) as stopped:
        __main__.main(line.split())
    assert stopped.value.code == __main__.MISTYPED
    assert cut in capsys.readouterr().err
