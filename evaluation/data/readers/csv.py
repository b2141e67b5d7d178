"""Strict reading of delimited text: declared dialect, physical lines, no guesses.

``pandas.read_csv`` is not used: on damaged files it pads, shifts, converts and merges in silence.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence

import pandas as pd

from evaluation.data.findings import Rule
from evaluation.data.readers import plain_rows
from evaluation.data.readers.decoding import LINE_END, as_utf8, decode, encoding_findings, line_of
from evaluation.data.readers.raw_table import text_frame
from evaluation.errors import DataError
from evaluation.locale.messages import Plain, message, outside, word
from evaluation.study.file_layout import Dialect
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding

MIXED_LINE_ENDS = Rule("mixed-line-ends", "warn")
REPEATED_HEADER = Rule("repeated-header", "error")
HEADER_ONE_CELL = Rule("dialect", "error", "header-one-cell", "declare-delimiter")
RAGGED_ROW = Rule("ragged-row", "error", fix="get-file-again.problem")
RAGGED_ROWS = Rule("ragged-row", "error", "ragged-rows", "ragged-rows")
COLUMN_NO_NAME = Rule("header", "error", "column-no-name", "name-every-column")
NO_LAST_LINE_END = Rule("no-last-line-end", "warn")
ROW_BEGINS_HERE = Rule("quoting", "error", "row-begins-here", "look-quote-not")
SWALLOWED_ROWS = Rule("quoting", "error", "swallowed-rows", "swallowed-rows")
COLUMNS_SAME = Rule("header", "error", "columns-same", "get-export-again")

DELIMITERS = {",": "','", ";": "';'", "\t": "tab"}
QUOTED = re.compile(r'"(?:[^"]|"")*"')
QUOTED_BYTES = re.compile(rb'"(?:[^"]|"")*"')
# what a spreadsheet program writes above the header to say where cells end
SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?[;,\t]*(?:\r|\n)", re.IGNORECASE)
DIGITS, LETTERS = re.compile(r"[0-9]"), re.compile(r"[^\W\d_]")
# in a narrower file a remark of two lines may hold as many delimiters as a row
NARROW = 4
# one cause, one message: from this many ragged rows on, where they are more than the whole ones
MANY_RAGGED = 3


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
        Another encoding, NUL bytes, quotes that do not fit, another delimiter, no header, a blank
        or repeated name in the header.
    """
    dialect = file.dialect
    if dialect is None:
        raise DataError.of("no-dialect", "add-manifest", file.path)
    text, dialect, findings = decode(data, dialect, file)
    _check_separator_line(text, file)
    utf8 = as_utf8(data, text, dialect)
    findings = findings or encoding_findings(data, text, dialect, file, utf8=utf8)
    frame = _plain(utf8, dialect, file)
    if frame is not None:
        return frame, findings
    findings += _line_end_findings(text, file)
    rows, lines = _rows(text, dialect, file)
    header = _header(rows, lines, dialect, file)
    width = len(header)
    swallowing, told = _swallowing(rows, lines, dialect, file)
    findings += told
    kept = [pair for pair in zip(rows, lines, strict=True) if pair[1] not in swallowing]
    rows, lines = [row for row, _ in kept], [line for _, line in kept]
    findings += _ragged(rows, lines, file)
    # two files were put one under the other
    again = [line for row, line in kept[1:] if row == header]
    findings += [REPEATED_HEADER.about(file, "", line) for line in again]
    whole = [(row, n) for row, n in kept[1:] if len(row) == width and row != header]
    return text_frame(header, [row for row, _ in whole], [n for _, n in whole]), findings


def _plain(utf8: bytes, dialect: Dialect, file: RawFile) -> pd.DataFrame | None:
    """All rows at a time where the file leaves no doubt; what follows then has no finding."""
    shape = plain_rows.shape(utf8, dialect.delimiter)
    # a quote that is not closed at its place joins rows: those are looked at one by one
    if shape is None or (shape.broken and _joins_rows(utf8, dialect.delimiter)):
        return None
    rows, lines = _rows(utf8[: shape.body].decode(), dialect, file)
    header = _header(rows, lines, dialect, file)
    return plain_rows.read(utf8, shape, header, dialect.delimiter)


def _line_end_findings(text: str, file: RawFile) -> list[Finding]:
    ends = Counter(LINE_END.findall(QUOTED.sub("", text) if '"' in text else text))
    if ends and not text.endswith(("\n", "\r")):
        return [NO_LAST_LINE_END.about(file, "", line_of(text, len(text)))]
    if len(ends) < 2:
        return []
    names = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
    listed = ", ".join(f"{ends[end]} {names[end]}" for end in sorted(ends))
    return [MIXED_LINE_ENDS.about(file, listed=listed)]


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
        # under another delimiter quotes stand where they may not: that is the cause
        _header([first_row(text, dialect)], [1], dialect, file)
        raise ROW_BEGINS_HERE.refused(file.path, start, error=outside(f"{error}")) from None
    return rows, lines


def first_row(text: str, dialect: Dialect) -> list[str]:
    """Cells of the first line, its quotes taken as letters."""
    line = LINE_END.split(text, maxsplit=1)[0]
    return line.split(dialect.delimiter)


def _check_separator_line(text: str, file: RawFile) -> None:
    found = SEPARATOR_LINE.match(text)
    if found is not None:
        mark = DELIMITERS.get(found[1], f"'{found[1]}'")
        rule = Rule("header", "error", "separator-line", message("separator-line.fix", mark=mark))
        raise rule.refused(file.path, 1, mark=found[1])


def _joins_rows(utf8: bytes, delimiter: str) -> bool:
    """Whether a quoted cell may hold whole rows: it has a line end and many delimiters."""
    mark = delimiter.encode()
    columns = utf8.split(b"\n", 1)[0].count(mark)
    return any(
        b"\n" in cell and cell.count(mark) >= max(columns, 1) for cell in QUOTED_BYTES.findall(utf8)
    )


def _swallowing(
    rows: list[list[str]], lines: list[int], dialect: Dialect, file: RawFile
) -> tuple[set[int], list[Finding]]:
    """Lines of rows a cell of which holds other rows, and an error for each of them.

    Two quotes that stand alone make one cell of what lies between them: with as many delimiters as
    rows have, for each line end in it. Text of a remark does not.
    """
    width = len(rows[0])
    found = {}
    for row, line in zip(rows[1:], lines[1:], strict=True):
        counts = [
            _rows_in(cell, width, dialect.delimiter)
            for cell in row
            if "\n" in cell and _begins_alike(cell, row[0], dialect.delimiter)
        ]
        if any(counts):
            found[line] = sum(counts)
    return set(found), [
        SWALLOWED_ROWS.about(file, "", line, n=f"{count:,}") for line, count in found.items()
    ]


def _begins_alike(cell: str, first: str, delimiter: str) -> bool:
    """Whether a line inside a cell begins as the row does: digits and letters at their places."""
    shape = _shape(first)
    return any(_shape(line.split(delimiter)[0].strip()) == shape for line in cell.split("\n")[1:])


def _shape(text: str) -> str:
    return LETTERS.sub("A", DIGITS.sub("9", text))


def _rows_in(cell: str, width: int, delimiter: str) -> int:
    """How many rows a cell holds beside its own: 0 of a text of several lines."""
    ends, marks = cell.count("\n"), cell.count(delimiter)
    if width < NARROW:
        return 0
    # remarks among what is swallowed have line ends of their own
    rows = round(marks / (width - 1))
    return rows if marks == ends * (width - 1) or (ends > 1 and 2 * rows >= ends) else 0


def _ragged(rows: list[list[str]], lines: list[int], file: RawFile) -> list[Finding]:
    """Rows of another width than the header; one finding where most of them are."""
    width = len(rows[0])
    wrong = [
        (len(row), line) for row, line in zip(rows[1:], lines[1:], strict=True) if len(row) != width
    ]
    many = len(wrong) >= MANY_RAGGED and 2 * len(wrong) > len(rows) - 1
    rule = RAGGED_ROWS if many else RAGGED_ROW
    said = {"n": Plain(len(wrong)), "of": Plain(len(rows) - 1)} if many else {}
    return [
        rule.about(file, "", line, cells=Plain(cells), width=Plain(width), **said)
        for cells, line in (wrong[:1] if many else wrong)
    ]


def _header(rows: list[list[str]], lines: list[int], dialect: Dialect, file: RawFile) -> list[str]:
    header = rows[0]
    found = found_delimiter(header, dialect.delimiter)
    if len(header) == 1 and found != dialect.delimiter:
        raise HEADER_ONE_CELL.refused(
            file.path,
            lines[0],
            delimiters=word(DELIMITERS[dialect.delimiter]),
            delimiters_other=word(DELIMITERS[found]),
            dumps=json.dumps(found),
        )
    blank = [str(i) for i, name in enumerate(header, start=1) if not name.strip()]
    if blank:
        raise COLUMN_NO_NAME.refused(file.path, lines[0], blank=blank[0])
    first: dict[str, int] = {}
    for i, name in enumerate(header, start=1):
        # by position: in place of the header may stand a row of answers
        if first.setdefault(name, i) != i:
            raise COLUMNS_SAME.refused(file.path, lines[0], first=first[name], i=i)
    return header


def found_delimiter(header: Sequence[str], declared: str) -> str:
    """Delimiter that stands most often in a header as it was split; the declared one in a tie."""
    line = declared.join(header)
    return max(DELIMITERS, key=lambda mark: (line.count(mark), mark == declared))
