"""Writers are atomic and deterministic, and what they wrote is read back to the last bit."""

import csv
import dataclasses
import math
import os
import subprocess
import sys
from pathlib import Path

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies

from evaluation.errors import StorageError
from evaluation.estimation.records import Diagnostic, Provenance, Unavailable
from evaluation.estimation.row_keys import parse
from evaluation.storage import disk
from tests.conftest import absent

texts = strategies.text(alphabet=strategies.characters(exclude_categories=("Cs",)))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    name: str
    value: float
    n: int
    sure: bool


def diagnostic(value: float) -> Diagnostic:
    return Diagnostic(
        study="s", outcome='a,"b', specification="x\r\ny", estimand="equal",
        sample=parse("ñ"), name=" =1+1", value=value, unit="",
    )  # fmt: skip


@pytest.mark.property
@hypothesis.given(
    strategies.builds(
        Typed,
        name=texts,
        value=strategies.floats(allow_nan=False),
        n=strategies.integers(),
        sure=strategies.booleans(),
    )
)
@hypothesis.settings(
    max_examples=200, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_records_come_back_equal(tmp_path, record):
    disk.write_records(tmp_path / "t.csv", [record], Typed, mark="")
    (read,) = disk.read_records(tmp_path / "t.csv", Typed)
    assert read == record
    assert math.copysign(1, read.value) == math.copysign(1, record.value), "minus zero is kept"


def test_not_a_number_comes_back(tmp_path):
    disk.write_records(tmp_path / "d.csv", [diagnostic(math.nan)], Diagnostic, mark="")
    assert math.isnan(disk.read_records(tmp_path / "d.csv", Diagnostic)[0].value)


def test_infinities_and_awkward_texts_come_back(tmp_path):
    records = tuple(map(diagnostic, (math.inf, -math.inf, 1 / 3, 5e-324, -0.0)))
    disk.write_records(tmp_path / "d.csv", records, Diagnostic, mark="")
    assert disk.read_records(tmp_path / "d.csv", Diagnostic) == records


def test_an_empty_table_keeps_its_header(tmp_path):
    disk.write_records(tmp_path / "u.csv", [], Unavailable, mark="")
    header = (tmp_path / "u.csv").read_bytes()
    assert header == b"study,outcome,specification,estimand,sample,step,reason,messages\n"
    assert disk.read_records(tmp_path / "u.csv", Unavailable) == ()


def test_records_of_another_kind_are_refused(tmp_path):
    with pytest.raises(TypeError, match="Diagnostic in a table of Unavailable"):
        disk.write_records(tmp_path / "u.csv", [diagnostic(1.0)], Unavailable, mark="")
    disk.write_records(tmp_path / "d.csv", [diagnostic(1.0)], Diagnostic, mark="")
    with pytest.raises(StorageError, match="columns are not those of Provenance"):
        disk.read_records(tmp_path / "d.csv", Provenance)


def test_an_edited_row_is_named_by_file_and_line(tmp_path):
    path = tmp_path / "d.csv"
    disk.write_records(path, [diagnostic(1.0), diagnostic(2.0)], Diagnostic, mark="")
    path.write_text(path.read_text(encoding="utf-8").replace(",2.0,", ",two,"), encoding="utf-8")
    with pytest.raises(StorageError, match="not one of Diagnostic") as caught:
        disk.read_records(path, Diagnostic)
    assert caught.value.where.endswith("d.csv:5"), "the first record takes two lines"


def test_frames_come_back_with_their_types_and_the_same_bytes(tmp_path):
    frame = pd.DataFrame(
        {"trust": [1.0, None], "trust__missing": [None, "refused"], "panel_member": [True, False]}
    )
    frame["__line__"] = [2, 3]
    for name in ("one", "two"):
        disk.write_frame(tmp_path / name, frame)
    pd.testing.assert_frame_equal(disk.read_frame(tmp_path / "one"), frame)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_json_is_sorted_and_keeps_letters(tmp_path):
    disk.write_json(tmp_path / "a.json", {"b": 1, "a": "ñ"})
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == '{\n  "a": "ñ",\n  "b": 1\n}\n'
    assert disk.read_json(tmp_path / "a.json") == {"a": "ñ", "b": 1}


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing(tmp_path, monkeypatch):
    path = tmp_path / "kept.txt"
    disk.write_text(path, "old")

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(StorageError, match="No space left") as caught:
        disk.write_text(path, "new")
    assert "free space on that disk" in str(caught.value.fix)
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["kept.txt"]


def test_a_reader_never_sees_half_a_file(tmp_path, monkeypatch):
    path = tmp_path / "kept.txt"
    disk.write_text(path, "old")
    seen = []
    fsync = os.fsync

    def look(handle: int) -> None:
        seen.append(path.read_text(encoding="utf-8"))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", look)
    disk.write_text(path, "new")
    assert seen == ["old"], "the target was touched before the new file was whole"
    assert path.read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("read", [disk.read_bytes, disk.read_text, disk.read_json, disk.sha256])
def test_a_missing_file_is_one_message(tmp_path, read):
    with pytest.raises(StorageError, match="does not exist"):
        read(tmp_path / "none")


def test_damaged_files_are_one_message(tmp_path):
    (tmp_path / "bad").write_bytes(b"\xff{")
    with pytest.raises(StorageError, match="not UTF-8"):
        disk.read_json(tmp_path / "bad")
    (tmp_path / "bad").write_bytes(b"{")
    with pytest.raises(StorageError, match="not valid JSON"):
        disk.read_json(tmp_path / "bad")
    with pytest.raises(StorageError, match="not Parquet"):
        disk.read_frame(tmp_path / "bad")


def test_a_folder_takes_the_old_ones_place_whole(tmp_path):
    new, site = tmp_path / ".tmp-site", tmp_path / "site"
    disk.write_text(site / "gone.html", "old")
    disk.write_text(new / "index.html", "new")
    disk.replace_folder(new, site)
    assert [p.name for p in tmp_path.iterdir()] == ["site"]
    assert [p.name for p in site.iterdir()] == ["index.html"]


def test_the_sweep_takes_temporary_files_and_folders_only(tmp_path):
    disk.write_text(tmp_path / "a" / ".tmp-b.csv", "half")
    disk.write_text(tmp_path / ".tmp-site" / "index.html", "half")
    disk.write_text(tmp_path / "a" / "kept.csv", "whole")
    disk.sweep(tmp_path)
    left = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert left == ["a", "a/kept.csv"]


def test_sha256_is_the_published_vector(tmp_path):
    # FIPS 180-2, appendix B.1: the digest of "abc"
    (tmp_path / "abc").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert disk.sha256(tmp_path / "abc") == digest


def test_the_mark_of_invented_data_stands_on_every_row_and_is_no_field(tmp_path):
    records = (diagnostic(1.0), diagnostic(2.0))
    path = tmp_path / "d.csv"
    disk.write_records(path, records, Diagnostic, mark="SYNTHETIC")
    with path.open(encoding="utf-8", newline="") as lines:
        assert [row["synthetic"] for row in csv.DictReader(lines)] == ["SYNTHETIC", "SYNTHETIC"]
    assert disk.read_records(path, Diagnostic) == records
    # a row without its mark is not taken for one of real data
    text = path.read_text(encoding="utf-8")
    path.write_text(text.removesuffix(",SYNTHETIC\n") + "\n", encoding="utf-8")
    with pytest.raises(StorageError, match="not one of Diagnostic"):
        disk.read_records(path, Diagnostic)


@pytest.mark.parametrize(
    ("cells", "categories"),
    [
        # in another order than they come, one in no row, a gap first; nothing; nearly all different
        ([None, "b", "a", "b", None, "ñ"] * 5, ["a", "b", "c", "ñ"]),
        ([None] * 30, ["a"]),
        ([None] * 30, []),
        ([None, *(f"t{n}" for n in range(29))], [f"t{n}" for n in range(29)]),
        ([], ["a"]),
    ],
)
def test_categories_are_written_as_the_texts_that_they_are(cells, categories, tmp_path):
    texts = pd.DataFrame({"n": np.arange(len(cells)) / 2, "x": pd.Series(cells, dtype="str")})
    coded = texts.assign(x=pd.Categorical(texts["x"], categories=pd.Index(categories, dtype="str")))
    for name, frame in (("texts", texts), ("coded", coded)):
        disk.write_frame(tmp_path / name, frame)
    assert (tmp_path / "coded").read_bytes() == (tmp_path / "texts").read_bytes()
    pd.testing.assert_frame_equal(disk.read_frame(tmp_path / "coded"), texts)
    read = disk.read_texts(tmp_path / "coded")["x"]
    pd.testing.assert_series_equal(read.astype("str"), texts["x"])


THREADS = """
import os, sys
from pathlib import Path
from evaluation.storage import disk

def threads():
    return len(os.listdir("/proc/self/task"))

before = threads()
disk.read_texts(Path(sys.argv[1]))
disk.read_frame(Path(sys.argv[1]))
print(threads() - before)
"""


def test_reading_starts_no_threads_that_could_outlive_an_error(tmp_path):
    """A thread that runs while the process ends on an error made it end with another exit code."""
    if not Path("/proc/self/task").exists():
        absent("threads are counted in /proc, which is Linux")
    path = tmp_path / "texts.parquet"
    frame = pd.DataFrame(
        {f"q{n}": pd.Series(["a", "b", None] * 400, dtype="str") for n in range(9)}
    )
    disk.write_frame(path, frame)
    command = [sys.executable, "-c", THREADS, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0"]


def test_a_file_that_holds_the_same_bytes_already_keeps_its_time(tmp_path):
    same, other, new = (tmp_path / name for name in ("same.po", "other.po", "new.po"))
    same.write_bytes(b"a")
    other.write_bytes(b"b")
    for path in (same, other):
        os.utime(path, (1, 1))
    disk.write_all({same: b"a", other: b"c", new: b"d"})
    assert [p.read_bytes() for p in (same, other, new)] == [b"a", b"c", b"d"]
    assert same.stat().st_mtime == 1
    assert other.stat().st_mtime > 1
