"""A delivery cut in many ways is one delivery: the same cells, findings, errors and clean files."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from evaluation.config.file_layout import Dialect
from evaluation.config.manifest import RawFile
from evaluation.data.cleaning import clean_files, stata_writer
from evaluation.data.readers import blocks, csv, plain_rows, text_columns
from evaluation.data.readers.blocks import FileBytes, Utf8
from evaluation.data.readers.text_columns import TextColumns, as_texts
from evaluation.errors import DataError
from tests.fixtures.tiny import Tiny

CUTS = (1, 2, 3, 7)
MARK = "\ufeff".encode()
MIXED = "the line ends differ: {}"


def file(encoding: str) -> RawFile:
    return RawFile(
        id="f", path="raw.csv", role="baseline", round="baseline", format="csv", sha256="",
        rows=2, origin="test", dialect=Dialect(encoding=encoding, delimiter=",", decimal="."),
    )  # fmt: skip


def outcome(data: blocks.Bytes, described: RawFile) -> tuple:
    try:
        frame, findings = csv.read_coded(data, described)
    except DataError as error:
        return ("error", error.rule, error.where, str(error.problem), str(error.fix))
    kinds = [str(kind) for kind in frame.dtypes]
    return ("read", kinds, as_texts(frame).to_dict("list"), findings)


ROWS = 'p,q\n1,"ñandú, ""sí""\ny más"\n2,€ 5\n3,\n'
# row by row: a quote stands inside a cell
ODD = 'p,q\n1,a"ñ"b\n"x, y\nz",€\n\n3,4\n1,2,3\np,q\n5,6\n'
DELIVERED = {
    "whole": (ROWS.encode(), "utf-8"),
    "mark": (MARK + ROWS.encode(), "utf-8-sig"),
    "two bytes a letter": (ROWS.encode("utf-16"), "utf-16"),
    "one byte a letter": (ROWS.encode("cp1252"), "cp1252"),
    "declared wrongly": (ROWS.encode("cp1252"), "utf-8"),
    "decoded twice": (ROWS.encode(), "latin-1"),
    # a mark is no part of a file but at its beginning, wherever a block ends
    "a mark before a row": (b"p,q\n1,2\n" + MARK + b"3,4\n5,6\n", "utf-8"),
    "lines of Windows": (ROWS.replace("\n", "\r\n").encode(), "utf-8"),
    "lines of an old Macintosh": (ROWS.replace("\n", "\r").encode(), "utf-8"),
    # blocks of eight bytes: one ends between the CR and the LF, and the next has two rows
    "far down with lines of Windows": (
        b"p,q\r\n1,aaaaaaaaaaaaaaaa\r\n2,\r\n3,\r\n4,\x07\r\n",
        "utf-8",
    ),
    # what stands before an old line end says whether a word begins behind it
    "behind an old line end": ("p,q\r1,b\ra–o,2\r".encode(), "utf-8"),
    "row by row": (ODD.encode(), "utf-8"),
    "row by row with a mark": (MARK + ODD.encode(), "utf-8-sig"),
    "lines of two kinds": (ROWS.encode() + b"4,5\r\n6,7\r8,9\n", "utf-8"),
    "no last line end": (ROWS.encode() + b'"4\r\n",5', "utf-8"),
    "a quote that is not closed": (ROWS.encode() + b'4,"5\r\n6,7\n', "utf-8"),
    "a ragged row": (ROWS.encode() + b"4,5,6\n7\n8,9\n", "utf-8"),
    "rows in a cell": (b'a,b,c,d\n1,"x\n2,3,4,5\n3",4,5\n6,7,8,9\n', "utf-8"),
    "header once more": (ROWS.encode() + ROWS.encode(), "utf-8"),
    "NUL": (ROWS.encode() + b"4,\0\n", "utf-8"),
    "a control character": (ROWS.encode() + b"4,\x07\n5,\x07\n", "utf-8"),
    "a wrong byte": (MARK + ROWS.encode() + b"4,\xc3\n", "utf-8-sig"),
    "half a letter at the end": (MARK + ROWS.encode() + b"4,\xe2\x82", "utf-8-sig"),
    "half of two bytes": (ROWS.encode("utf-16") + b"\x00", "utf-16"),
    # what the blank that does not break is, is said by the line behind it
    "a lost letter": ("p,q\n1,m\u00a0s\nx,y\n".encode(), "utf-8"),
    "a number behind its unit": ("p,q\n1,m\u00a0s\n5,6\n".encode(), "utf-8"),
    "behind blank lines": ("p,q\n1,m\u00a0s\n \n\u3000\n5,6\n".encode(), "utf-8"),
    "a wrong letter": (ROWS.encode() + "4,Nari¤o\n5,Nari¤o\n".encode(), "utf-8"),
    "blanks": (b" \n\n \r\n", "utf-8"),
    "blanks of two bytes": ("\u3000\n\u3000".encode(), "utf-8"),
}


@pytest.mark.parametrize("name", DELIVERED)
def test_a_delivery_cut_in_many_ways_is_one_delivery(name, monkeypatch):
    data, encoding = DELIVERED[name]
    whole = outcome(data, file(encoding))
    # so that every byte of the first rows is the last one of a block once
    for size in range(1, 24):
        monkeypatch.setattr(blocks, "BLOCK", size)
        assert outcome(data, file(encoding)) == whole, size


def test_the_deliveries_above_are_read_in_both_ways():
    plain = {
        name
        for name, (data, encoding) in DELIVERED.items()
        if outcome(data, file(encoding))[0] == "read"
        and plain_rows.shape(Utf8(data, encoding), ",") is not None
    }
    assert {"whole", "mark", "two bytes a letter", "one byte a letter"} <= plain
    assert not plain & {"row by row", "row by row with a mark", "lines of two kinds"}


def test_line_ends_inside_quotes_are_no_matter_unless_the_quote_is_not_closed():
    odd, other = b'p,q\na"b"c,1\n"","x\r\ny"\n', b'"","x\r\ny"z,"1\r2\n'
    _, findings = csv.read(odd, file("utf-8"))
    assert findings == []
    _, findings = csv.read(odd + b"3,4\r\n", file("utf-8"))
    assert [str(f.problem) for f in findings] == [MIXED.format("3 LF, 1 CRLF")]
    with pytest.raises(DataError):
        csv.read(odd + other, file("utf-8"))
    _, findings = csv.read(odd + b'5,b"6\r7,8\n', file("utf-8"))
    assert [str(f.problem) for f in findings] == [MIXED.format("4 LF, 1 CR")]


def test_a_wrong_byte_is_counted_from_the_beginning_of_the_file():
    data, encoding = DELIVERED["a wrong byte"]
    with pytest.raises(DataError) as caught:
        csv.read(data, file(encoding))
    place = len(MARK + ROWS.encode() + b"4,")
    assert str(caught.value.problem) == f"not utf-8-sig (byte {place})"
    assert caught.value.where == "raw.csv:6"


class Recorded:
    """Bytes that remember how many were asked for at a time."""

    def __init__(self, data: bytes) -> None:
        self.data, self.most = data, 0

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, part: slice) -> bytes:
        found = self.data[part]
        self.most = max(self.most, len(found))
        return found


@pytest.mark.parametrize("name", ["whole", "row by row", "two bytes a letter"])
def test_no_more_than_a_block_is_asked_for(name, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 16)
    data, encoding = DELIVERED[name]
    recorded = Recorded(data)
    outcome(recorded, file(encoding))
    assert recorded.most == 16


def test_bytes_of_a_file_are_the_files(tmp_path):
    path = tmp_path / "raw.csv"
    path.write_bytes(ROWS.encode())
    with path.open("rb") as opened:
        data = FileBytes(opened)
        assert (len(data), data[:], data[2:5], data[5:2]) == (
            len(ROWS.encode()),
            ROWS.encode(),
            ROWS.encode()[2:5],
            b"",
        )
        assert outcome(data, file("utf-8")) == outcome(ROWS.encode(), file("utf-8"))


@pytest.mark.parametrize("many", [1, 1 << 16])
@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_columns_that_grow_are_the_columns(many, size, monkeypatch):
    """Whatever was thought of a column at its beginning, in the end it is known what it is."""
    monkeypatch.setattr(text_columns, "MANY", many)
    cells = {
        "alike": ["b", "a", "", "b", "b", "a", "b", "", "b", "b", "a", "b"],
        "different": [f"t{i}" for i in range(12)],
        # at first all different, then all the same, and the other way round
        "sorted": [*"abcd", *"dddddddd"],
        "late": [*"dddddddd", *"abcd"],
    }
    columns = TextColumns(list(cells))
    for start in range(0, 12, size):
        columns.add([pa.array(c[start : start + size], pa.large_string()) for c in cells.values()])
    lines = pd.Series(range(2, 14)).to_numpy()
    frame = columns.frame(lines)
    assert frame["__line__"].tolist() == lines.tolist()
    kinds = frame.drop(columns="__line__").dtypes.astype(str).to_dict()
    assert kinds == {
        "alike": "category", "different": "str", "sorted": "category", "late": "category"
    }  # fmt: skip
    assert as_texts(frame).drop(columns="__line__").to_dict("list") == cells
    assert frame["alike"].cat.categories.tolist() == ["b", "a", ""]


def files(tiny: Tiny) -> dict[str, bytes]:
    return {
        path.relative_to(tiny.root).as_posix(): path.read_bytes()
        for folder in (tiny.build, tiny.clean)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_study_cut_in_many_ways_is_one_study(tiny, monkeypatch):
    """The same bytes of findings, clean data and all that is beside them."""
    # a line end and two delimiters inside quotes, letters of two and three bytes
    tiny.baseline[3]["nombre"] = "Doña Ñ,\nla de la esquina, 5 €"
    tiny.write()
    tiny.run()
    whole = files(tiny)
    assert {"findings.csv", "panel.csv", "panel.dta", "panel.parquet"} <= {
        Path(name).name for name in whole
    }
    for size in CUTS:
        monkeypatch.setattr(blocks, "BLOCK", size)
        monkeypatch.setattr(clean_files, "ROWS_AT_A_TIME", size)
        monkeypatch.setattr(stata_writer, "BLOCK", size)
        tiny.run()
        assert files(tiny) == whole, size
