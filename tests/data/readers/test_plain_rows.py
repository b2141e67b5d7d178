"""Many rows at a time give what row by row reading gives: frames, lines, findings and errors."""

import csv
import io
import random

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evaluation.config.file_layout import Dialect
from evaluation.config.manifest import RawFile
from evaluation.data.readers import blocks, plain_rows
from evaluation.data.readers.blocks import Utf8
from evaluation.data.readers.csv import read
from evaluation.errors import DataError
from tests.faults.harness import declared
from tests.faults.listed import KINDS
from tests.faults.study import delivery

# what the shape of a file hangs on, letters of one to three bytes, a mark, a control character
CHARACTERS = '",;\t\n\r ab0ñ€\ufeff\x07Ã©'
PIECES = ("\n", "\r\n", "\r", '"', '""', ",", ";", "a", "a,b\n", '"x,\ny",z\n', "a,b\r\n", "ñ", "")


def file(dialect: Dialect) -> RawFile:
    return RawFile(
        id="endline",
        path="endline.csv",
        role="endline",
        round="endline",
        format="csv",
        sha256="0" * 64,
        rows=1,
        origin="invented",
        dialect=dialect,
    )


def outcome(data: bytes, described: RawFile) -> tuple:
    try:
        frame, findings = read(data, described)
    except DataError as error:
        return ("error", error.rule, error.where, str(error.problem), str(error.fix))
    return ("read", frame, findings)


def row_by_row(data: bytes, described: RawFile) -> tuple:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_rows, "shape", lambda *_: None)
        return outcome(data, described)


def assert_alike(data: bytes, described: RawFile) -> None:
    many, one = outcome(data, described), row_by_row(data, described)
    assert many[0] == one[0]
    if many[0] == "error":
        assert many == one
        return
    pd.testing.assert_frame_equal(many[1], one[1])
    assert many[2] == one[2]


def dialect(encoding: str = "utf-8", delimiter: str = ",") -> Dialect:
    return Dialect(encoding=encoding, delimiter=delimiter, decimal=".")


cells = st.text(CHARACTERS, max_size=5)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=6),
    quoting=st.sampled_from((csv.QUOTE_ALL, csv.QUOTE_MINIMAL)),
    end=st.sampled_from(("\n", "\r\n")),
    delimiter=st.sampled_from((",", ";", "\t")),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16")),
)
def test_written_files_are_read_alike(rows, quoting, end, delimiter, encoding):
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([["a", "b", "c"], *rows])
    data = written.getvalue().encode(encoding)
    assert_alike(data, file(dialect(encoding, delimiter)))


@settings(max_examples=500, derandomize=True, deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=12))
@example(pieces=['"x,\ny",z\n', "a,b\n"])
@example(pieces=["a,b\n", "a,b\n"])
@example(pieces=["\n"])
@example(pieces=['a"b,c\n'])
@example(pieces=['"a"b,c\n'])
@example(pieces=["a,b", "\r"])
def test_broken_files_are_read_alike(pieces):
    assert_alike(("p,q\n" + "".join(pieces)).encode(), file(dialect()))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_every_fault_is_read_alike(kind):
    damaged = kind.apply(delivery(), random.Random(f"{kind.id}:0"))  # noqa: S311
    described = {entry.path: entry for entry in declared().manifest.file}
    for name in sorted(described.keys() & damaged.files.keys()):
        assert_alike(damaged.files[name], described[name])


def test_whole_files_go_many_rows_at_a_time():
    """Otherwise the comparisons above would compare one path with itself."""
    for data, delimiter in (
        (b'p,q\n1,"x ""y""\nz"\n2,\n', ","),
        (b"p;q\r\n1;2\r\n", ";"),
        (delivery().files["baseline.csv"], ","),
    ):
        text = Utf8(data, "utf-8")
        shape = plain_rows.shape(text, delimiter)
        assert shape is not None
        header = shape.header.decode().strip().split(delimiter)
        frame = plain_rows.read(text, shape, header, delimiter)
        assert frame is not None
        assert len(frame) == len(shape.lines)


@pytest.mark.parametrize(
    "data",
    [
        b"p,q\n1,2",
        b"p,q\n\n1,2\n",
        b"p,q\r\n1,2\n",
        b"p,q\n1,2\r3,4\n",
        b'p,q\n1,a"b\n',
        b'p,q\n1,a"b"\n',
        b'p,q\n1,"a"b\n',
        b'p,q\n1,"a\n',
        b"p,q\n1," + b"x" * (plain_rows.LONGEST + 1) + b"\n",
    ],
)
def test_doubtful_files_do_not(data, monkeypatch):
    for block in (blocks.BLOCK, *range(min(len(data), 20), 0, -1)):
        monkeypatch.setattr(blocks, "BLOCK", block if len(data) < 100 else blocks.BLOCK)
        assert plain_rows.shape(Utf8(data, "utf-8"), ",") is None


@pytest.mark.parametrize("before", [b"", b"1,2\n"])
def test_a_mark_before_a_row_is_no_mark_of_the_file(before, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 4)
    text = Utf8(b"p,q\n" + before + blocks.MARK + b"3,4\n", "utf-8")
    shape = plain_rows.shape(text, ",")
    assert shape is not None
    assert plain_rows.read(text, shape, ["p", "q"], ",") is None


def test_quotes_are_followed_over_the_edge_of_a_block(monkeypatch):
    data = b'p,q\n1,"x, ""y""\nz"\n"2",\n3,4\n'
    whole = plain_rows.shape(Utf8(data, "utf-8"), ",")
    for block in range(1, len(data)):
        monkeypatch.setattr(blocks, "BLOCK", block)
        found = plain_rows.shape(Utf8(data, "utf-8"), ",")
        assert found is not None
        assert whole is not None
        assert (found.header, found.broken) == (whole.header, whole.broken)
        assert found.ends.tolist() == whole.ends.tolist() == [19, 24, 28]
        assert found.lines.tolist() == whole.lines.tolist() == [2, 4, 5]
