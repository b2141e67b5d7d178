"""F8: files that would run code in a careless reader leave no mark in this one."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from tests.faults.damage import BASELINE, FRAME, in_cell, in_column, in_file
from tests.faults.edit import put, put_sheet, sheet
from tests.faults.harness import run
from tests.faults.study import delivery
from tests.tables import cases

CASES = cases(__file__)

MARKER = "marker_of_code_that_ran"


class Payload:
    """Unpickling it writes a file."""

    def __reduce__(self):
        return Path.write_text, (Path(MARKER), "ran")


def _pickled() -> bytes:
    return pickle.dumps(Payload())


def _array(folder: Path) -> bytes:
    path = folder / "array.npy"
    np.save(path, np.array([Payload()], dtype=object), allow_pickle=True)
    return path.read_bytes()


def _tags() -> bytes:
    words = f"!!python/object/apply:pathlib.Path.touch\n- !!python/object:pathlib.Path {MARKER}\n"
    return words.encode()


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_payload_would_write_its_mark():
    pickle.loads(_pickled())  # noqa: S301 - that is what is shown
    assert Path(MARKER).exists()


@pytest.mark.parametrize("kind", ["pickle", "array", "tags"])
@pytest.mark.parametrize("name", [BASELINE, FRAME])
def test_a_file_that_holds_code_is_reported_and_does_nothing(kind, name, tmp_path):
    data = {"pickle": _pickled(), "array": _array(tmp_path), "tags": _tags()}[kind]
    refused = in_file(
        "another-file", "dialect", "encoding", "nul-byte", "quoting", why="it is another file"
    )
    result = run(put(delivery(), name, data), manifest="renewed", expect=refused)
    assert result.outcome == "reported", result.trace
    assert not Path(MARKER).exists()


@pytest.mark.parametrize("text", CASES["code"])
@pytest.mark.parametrize("place", ["name of a column", "cell"])
def test_code_in_a_name_or_a_cell_is_text(text, place):
    before = sheet(delivery(), BASELINE)
    if place == "cell":
        changed = put_sheet(delivery(), before.set({3: text}, "edad"))
        expect = in_cell("not-a-number")
    else:
        header = delivery().files[BASELINE].split(b"\n", 1)
        named = header[0].replace(b"edad", f'"{text}"'.encode())
        changed = put(delivery(), BASELINE, named + b"\n" + header[1])
        expect = in_column("missing-column")
    result = run(changed, manifest="renewed", expect=expect)
    assert result.outcome == "reported", result.trace
    assert not Path(MARKER).exists()
    assert all(text not in finding.value for finding in result.findings)
