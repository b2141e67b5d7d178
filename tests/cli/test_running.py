"""How a command ends for what lies around it: another run, memory, Ctrl-C, a mistyped study."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyreadstat
import pytest

from evaluation.__main__ import COMMANDS, INTERRUPTED, main, piped
from evaluation.cli import doctor
from evaluation.cli.all import WRITTEN
from evaluation.cli.stages import read
from evaluation.config.manifest import RawFile
from evaluation.config.toml_reader import read_toml
from evaluation.data.readers import stata
from evaluation.errors import SpecError, StorageError
from evaluation.site import pango
from evaluation.storage import one_run
from evaluation.storage.folders import ORDER, STAGES

REPOSITORY = Path(__file__).resolve().parents[2]
STUDY = "somos_comunidad"
HOLDING = """
import sys, time
from pathlib import Path
from evaluation.storage import one_run
from evaluation.storage.folders import ORDER, STAGES
with one_run.only_run(Path(sys.argv[1]), "data", "clean"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def at_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    for study in (STUDY, "medellin"):
        (tmp_path / "config" / study).mkdir(parents=True)
        (tmp_path / "config" / study / "study.toml").write_text("", encoding="utf-8")
    return tmp_path


@pytest.fixture
def holder(at_root: Path):
    """Another process that holds the lock of `read` and `clean`."""
    folder = at_root / "build" / STUDY / "private"
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(folder)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("command", ["read", "clean", "all"])
def test_a_second_run_is_told_of_the_first(command, holder, capsys):
    assert main([command, "--study", STUDY]) == 1
    said = capsys.readouterr().err
    assert f"another run is writing here (clean, process {holder.pid})" in said
    assert "other programs" not in said


def test_every_command_that_writes_results_holds_a_lock():
    """Those of the book one a language, as these are made side by side."""
    locks = {name: COMMANDS[name].get("lock") for name in (*STAGES, "pdf", "software")}
    assert all(locks.values())
    own = {name: lock for name, lock in locks.items() if lock not in ("data", "book-{language}")}
    assert len(set(own.values())) == len(own)
    assert {name for name, lock in locks.items() if "{language}" in lock} == {*WRITTEN, "pdf"}


def test_a_run_of_another_stage_is_not_held_up(holder, at_root):
    with one_run.only_run(at_root / "build" / STUDY / "private", "estimate", "estimate"):
        assert holder.poll() is None


def test_a_killed_run_keeps_nobody_out(holder, at_root):
    folder = at_root / "build" / STUDY / "private"
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (folder / ".running-data").exists(), "nobody took it away"
    with one_run.only_run(folder, "data", "read"):
        pass
    assert list(folder.iterdir()) == []


def test_a_run_that_fails_gives_its_lock_back(tmp_path):
    with pytest.raises(ValueError), one_run.only_run(tmp_path, "data", "read"):  # noqa: PT011
        raise ValueError
    assert list(tmp_path.iterdir()) == []


def test_the_lock_is_kept_while_it_is_held(tmp_path):
    with one_run.only_run(tmp_path, "data", "read"):
        with pytest.raises(StorageError), one_run.only_run(tmp_path, "data", "clean"):
            pass
        with pytest.raises(StorageError), one_run.only_run(tmp_path, "data", "clean"):
            pass


@pytest.mark.parametrize(
    "error", [MemoryError("Unable to allocate 22.7 GiB"), OSError(errno.ENOMEM, "no memory")]
)
def test_out_of_memory_is_one_message(error, at_root, monkeypatch, capsys):
    def fails(_: object) -> None:
        raise error

    monkeypatch.setattr(read, "run", fails)
    assert main(["read", "--study", STUDY]) == 1
    said = capsys.readouterr().err
    assert "the memory of this machine is not enough" in said
    assert "Traceback" not in said


def test_the_reading_librarys_want_of_memory_is_no_damage_of_the_file():
    error = pyreadstat.ReadstatError("Unable to allocate memory")
    file = RawFile(
        id="x", path="x.dta", role="frame", format="dta", sha256="", rows=1, origin="invented"
    )
    with pytest.raises(MemoryError):
        stata.unreadable(error, "Stata", file)


def test_ctrl_c_ends_quietly(at_root, monkeypatch, capsys):
    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(read, "run", stopped)
    assert piped(["read", "--study", STUDY]) == INTERRUPTED
    assert capsys.readouterr().err == "\nstopped by the keyboard; nothing half-written was left\n"
    assert not list((at_root / "build").rglob(".running-*"))


def test_ctrl_c_of_a_real_run_has_no_traceback(at_root):
    code = (
        "import sys, time\nfrom evaluation.cli.stages import read\n"
        "def run(_): print('up', flush=True); time.sleep(60)\n"
        "read.run = run\nfrom evaluation.__main__ import piped\n"
        f"sys.exit(piped(['read', '--study', '{STUDY}']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == INTERRUPTED
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("somos_communidad", STUDY), ("medelin", "medellin"), ("somos", STUDY), ("xqz", "")],
)
@pytest.mark.parametrize("command", ["status", "read", "all", "power"])
def test_a_study_that_is_not_there_is_refused(command, typed, meant, at_root, capsys):
    assert main([command, "--study", typed]) == 2
    said = capsys.readouterr().err
    assert f"there is no study `{typed}`" in said
    assert f"did you mean `{meant}`" in said if meant else "medellin, somos_comunidad" in said
    assert not (at_root / "build").exists()


@pytest.mark.parametrize("command", [["status"], ["doctor"], ["publish", "--dest", "out"]])
def test_a_command_that_is_asked_in_spanish_refuses_in_spanish(command, at_root, capsys):
    assert main([*command, "--study", "medelin", "--language", "es"]) in (0, 2)
    said = capsys.readouterr()
    if command != ["doctor"]:
        assert "¿quiso decir `medellin`?" in said.err
    assert "did you mean" not in said.err


def test_status_of_a_study_that_is_there_is_said(at_root, monkeypatch, capsys):
    monkeypatch.setattr(doctor, "_left", lambda *_: None)
    assert main(["status", "--study", "medellin"]) == 0
    assert "none" in capsys.readouterr().out


def test_status_counts_exhibits_as_their_stage_does(at_root, monkeypatch, capsys):
    """Those of the registry: an exhibit may have no JSON, and a JSON may be no exhibit."""
    monkeypatch.setattr(doctor, "_left", lambda *_: None)
    folder = at_root / "build" / STUDY / "en" / "exhibits"
    folder.mkdir(parents=True)
    for name in ("fig-a.json", "citable.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    (folder / ORDER).write_text("fig-a\ntab-b\ntab-c\n", encoding="utf-8")
    assert main(["status", "--study", STUDY]) == 0
    assert "  exhibits: 3\n" in capsys.readouterr().out


LACKED = {
    "git": "git",
    "chromium": "Chromium (make browser)",
    "soffice": "LibreOffice (tests of workbooks)",
    "node": "node (make browser)",
    "Rscript": "R (tests against R)",
}


@pytest.mark.parametrize("gone", LACKED)
def test_doctor_names_a_program_that_is_not_there_and_what_it_is_for(
    gone, tmp_path, monkeypatch, capsys
):
    """One script a program on PATH, without the one; what a build can do without is no error."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "_libraries", lambda _: (True, ""))
    monkeypatch.setattr(doctor, "_folder", lambda _: (True, ""))
    monkeypatch.setattr(doctor, "_disk", lambda _: (True, ""))
    monkeypatch.setattr(pango, "unprintable", lambda _: "")
    for name in {*doctor.PROGRAMS} - {gone}:
        # some say their version on the other stream
        stream = ">&2" if name == "Rscript" else ""
        (tmp_path / name).write_text(f"#!/bin/sh\necho {name} 1.2 {stream}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    assert main(["doctor", "--study", STUDY]) == 0
    lines = capsys.readouterr().out.splitlines()
    absent = [line.split(maxsplit=1)[1] for line in lines if line.startswith("absent")]
    assert [line.removesuffix("not on PATH").strip() for line in absent] == [LACKED[gone]]
    assert sum(" 1.2" in line for line in lines) == len(doctor.PROGRAMS) - 1


def test_doctor_looks_for_the_browser_that_is_named(monkeypatch) -> None:
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    assert doctor.programs()["chromium"] == ("no-such-browser",)


def test_doctor_says_what_prints_need(monkeypatch) -> None:
    monkeypatch.setattr(pango, "LIBRARIES", ("no-such-library.so.0",))
    there, said = doctor._prints("en")
    assert not there
    assert "sudo apt install libpangoft2" in said
    monkeypatch.setattr(pango, "unprintable", lambda _: "")
    assert doctor._prints("en") == (True, "prints can be made")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_in_a_configuration_file_is_read(tmp_path, end):
    path = tmp_path / "study.toml"
    path.write_bytes(f'id = "año"{end}title = "x"{end}'.encode("utf-8-sig"))
    assert read_toml(path) == {"id": "año", "title": "x"}


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_a_configuration_file_in_utf_16_is_called_so(tmp_path, mark):
    path = tmp_path / "study.toml"
    order = "utf-16-le" if mark == b"\xff\xfe" else "utf-16-be"
    path.write_bytes(mark + 'id = "x"\n'.encode(order))
    with pytest.raises(SpecError, match="UTF-16"):
        read_toml(path)


def test_a_cp1252_configuration_file_names_the_line(tmp_path):
    path = tmp_path / "study.toml"
    path.write_bytes('id = "x"\ntitle = "Año"\n'.encode("cp1252"))
    with pytest.raises(SpecError, match="not UTF-8") as error:
        read_toml(path)
    assert error.value.where.endswith("study.toml:2")
    assert "save it as UTF-8" in str(error.value.fix)


def test_a_second_publish_is_told_of_the_first(at_root, capsys):
    with one_run.only_run(at_root / "build" / STUDY / "private", "publish", "publish"):
        assert main(["publish", "--study", STUDY, "--dest", "out"]) == 1
    assert "another run is writing here (publish, process" in capsys.readouterr().err
    assert not Path("out").exists()
