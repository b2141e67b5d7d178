"""Strict reading of delimited text: declared dialect, physical lines, no guesses.

``pandas.read_csv`` is not used: on damaged files it pads, shifts, converts and merges in silence.
"""

import csv
import io
import re
from collections import Counter

import pandas as pd

from evaluation.data.finding import LINE, about_file
from evaluation.errors import DataError
from evaluation.spec.manifest import Dialect, RawFile
from evaluation.spec.records import Finding

BOM = b"\xef\xbb\xbf"
# control characters, the replacement character, and UTF-8 read as Latin-1 once too often
GARBLED = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd]|Ã[\x80-\xbf]|â€")
QUOTED = re.compile(r'"(?:[^"]|"")*"')


def read(data: bytes, file: RawFile) -> tuple[pd.DataFrame, list[Finding]]:
    """Read delimited text as declared.

    Parameters
    ----------
    data : bytes
        The file.
    file : RawFile
        Its entry in the manifest, with a dialect.

    Returns
    -------
    DataFrame, list of Finding
        Text columns and ``__line__``; rows that are too short or too long are findings and are
        left out.

    Raises
    ------
    DataError
        Another encoding, NUL bytes, quotes that do not fit, no header, a blank or repeated name
        in the header.
    """
    dialect = file.dialect
    if dialect is None:
        raise DataError("no dialect", where=file.path, mend="add it to manifest.toml")
    text = _decode(data, dialect, file)
    findings = _character_findings(text, file)
    rows, lines = _rows(text, dialect, file)
    header = _header(rows, lines, file)
    width = len(header)
    findings += [
        about_file(
            file,
            rule="ragged-row",
            severity="error",
            line=line,
            problem=f"{len(row)} cells, the header has {width}",
            mend="get the file again; a cell with the delimiter or a line end must be quoted",
        )
        for row, line in zip(rows[1:], lines[1:], strict=True)
        if len(row) != width
    ]
    whole = [(row, n) for row, n in zip(rows[1:], lines[1:], strict=True) if len(row) == width]
    columns = list(zip(*(row for row, _ in whole), strict=True)) or [()] * width
    frame = pd.DataFrame(
        {name: pd.array(column, dtype="str") for name, column in zip(header, columns, strict=True)}
    )
    frame[LINE] = pd.array([line for _, line in whole], dtype="int64")
    return frame, findings


def _decode(data: bytes, dialect: Dialect, file: RawFile) -> str:
    if not data.strip():
        raise _damage(file, "empty-file", "the file is empty", "get the file again")
    bom = data.startswith(BOM)
    if bom and dialect.encoding == "utf-8":
        raise _damage(
            file,
            "encoding",
            "the file begins with a byte-order mark",
            'declare encoding = "utf-8-sig"',
        )
    if not bom and dialect.encoding == "utf-8-sig":
        raise _damage(
            file,
            "encoding",
            "the file does not begin with a byte-order mark",
            'declare encoding = "utf-8"',
        )
    try:
        text = data.decode(dialect.encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _damage(
            file,
            "encoding",
            f"not {dialect.encoding} (byte {error.start})",
            "declare the encoding that the file has, or get it again",
            line,
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _damage(
            file,
            "nul-byte",
            "the file holds NUL characters",
            "get the file again; UTF-16 must be declared",
            line,
        )
    return text


def _character_findings(text: str, file: RawFile) -> list[Finding]:
    findings = []
    garbled = GARBLED.search(text)
    if garbled:
        findings.append(
            about_file(
                file,
                rule="garbled-text",
                severity="warn",
                line=text.count("\n", 0, garbled.start()) + 1,
                problem="control characters or text decoded twice, first on this line",
                mend="check the declared encoding; ask for the export in UTF-8",
            )
        )
    ends = Counter(re.findall(r"\r\n|\r|\n", QUOTED.sub("", text) if '"' in text else text))
    if len(ends) > 1:
        names = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
        listed = ", ".join(f"{ends[end]} {names[end]}" for end in sorted(ends))
        findings.append(
            about_file(
                file,
                rule="mixed-line-ends",
                severity="warn",
                problem=f"the line ends differ: {listed}",
                mend="check that two files were not joined; get the file again",
            )
        )
    return findings


def _rows(text: str, dialect: Dialect, file: RawFile) -> tuple[list[list[str]], list[int]]:
    """Rows and the physical lines they begin on; lines that are wholly empty are ragged rows."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            rows.append(row)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        raise _damage(
            file,
            "quoting",
            f"the row that begins here cannot be read: {error}",
            "look for a quote that is not closed or stands inside a cell",
            start,
        ) from None
    return rows, lines


def _header(rows: list[list[str]], lines: list[int], file: RawFile) -> list[str]:
    header = rows[0]
    blank = [str(i) for i, name in enumerate(header, start=1) if not name.strip()]
    if blank:
        raise _damage(
            file,
            "header",
            f"column {blank[0]} has no name in the header",
            "name every column; a row of values in place of the header is no header",
            lines[0],
        )
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise _damage(
            file,
            "header",
            f"column `{twice[0]}` stands twice in the header",
            "get the export again with one column of each name",
            lines[0],
        )
    return header


def _damage(file: RawFile, rule: str, problem: str, mend: str, line: int = 0) -> DataError:
    where = f"{file.path}:{line}" if line else file.path
    return DataError(problem, where=where, mend=mend, rule=rule)
