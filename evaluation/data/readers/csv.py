"""Strict reading of delimited text: declared dialect, physical lines, no guesses.

``pandas.read_csv`` is not used: on damaged files it pads, shifts, converts and merges in silence.
"""

import array
import csv
import io
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from evaluation.config.file_layout import Dialect
from evaluation.config.manifest import RawFile
from evaluation.data.findings import Rule
from evaluation.data.readers import blocks, plain_rows
from evaluation.data.readers.blocks import Bytes, Utf8
from evaluation.data.readers.decoding import decode, line_ends
from evaluation.data.readers.text_columns import TextColumns, as_texts
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from evaluation.file_content import merged_badly
from evaluation.locale.messages import Plain, message, outside, word

MIXED_LINE_ENDS = Rule("mixed-line-ends", "warn")
REPEATED_HEADER = Rule("repeated-header", "error")
HEADER_ONE_CELL = Rule("dialect", "error", "header-one-cell", "declare-delimiter")
RAGGED_ROW = Rule("ragged-row", "error", fix="get-file-again.problem")
CONFLICT_MARKER = Rule("ragged-row", "error", "conflict-marker", "conflict-marker")
RAGGED_ROWS = Rule("ragged-row", "error", "ragged-rows", "ragged-rows")
COLUMN_NO_NAME = Rule("header", "error", "column-no-name", "name-every-column")
NO_LAST_LINE_END = Rule("no-last-line-end", "warn")
ROW_BEGINS_HERE = Rule("quoting", "error", "row-begins-here", "look-quote-not")
SWALLOWED_ROWS = Rule("quoting", "error", "swallowed-rows", "swallowed-rows")
COLUMNS_SAME = Rule("header", "error", "columns-same", "get-export-again")

DELIMITERS = {",": "','", ";": "';'", "\t": "tab"}
LINE_END = re.compile(r"\r\n|\r|\n")
# what a spreadsheet program writes above the header to say where cells end
SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?[;,\t]*(?:\r|\n)", re.IGNORECASE)
DIGITS, LETTERS = re.compile(r"[0-9]"), re.compile(r"[^\W\d_]")
# in a narrower file a remark of two lines may hold as many delimiters as a row
NARROW = 4
# one cause, one message: from this many ragged rows on, where they are more than the whole ones
MANY_RAGGED = 3


def read(data: Bytes, file: RawFile) -> tuple[pd.DataFrame, list[Finding]]:
    """Read delimited text as declared.

    Parameters
    ----------
    data : Bytes
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
    frame, findings = read_coded(data, file)
    return as_texts(frame), findings


def read_coded(data: Bytes, file: RawFile) -> tuple[pd.DataFrame, list[Finding]]:
    """The same, block by block, columns as `TextColumns` makes them: no text is whole in memory.

    Parameters
    ----------
    data, file
        As of `read`.

    Raises
    ------
    DataError
        As of `read`.
    """
    dialect = file.dialect
    if dialect is None:
        raise DataError.of("no-dialect", "add-manifest", file.path)
    text, dialect, findings = decode(data, dialect, file)
    _check_separator_line(text, file)
    frame = _plain(text, dialect, file)
    if frame is not None:
        return frame, findings
    findings += _line_end_findings(text, file)
    frame, more = _row_by_row(text, dialect, file)
    return frame, findings + more


def _plain(text: Utf8, dialect: Dialect, file: RawFile) -> pd.DataFrame | None:
    """Many rows at a time where the file leaves no doubt; what follows then has no finding."""
    shape = plain_rows.shape(text, dialect.delimiter)
    if shape is None:
        return None
    ((header, line),) = _rows(Utf8(shape.header, "utf-8"), dialect, file)
    _check_header(header, line, dialect, file)
    return plain_rows.read(text, shape, header, dialect.delimiter)


def _row_by_row(text: Utf8, dialect: Dialect, file: RawFile) -> tuple[pd.DataFrame, list[Finding]]:
    """Rows as wide as the header, and what is wrong with the others."""
    rows = _rows(text, dialect, file)
    header, first = next(rows)
    sorted_out = _Rows(header, dialect.delimiter)
    for row, line in rows:
        sorted_out.add(row, line)
    _check_header(header, first, dialect, file)
    return sorted_out.frame(), sorted_out.findings(file)


class _Rows:
    """Rows below a header as they come: the whole ones some at a time, the others by their lines.

    Parameters
    ----------
    header : list of str
    delimiter : str
    """

    def __init__(self, header: list[str], delimiter: str) -> None:
        self._header, self._delimiter = header, delimiter
        self._columns = TextColumns(header)
        self._block: list[list[str]] = []
        # letters in the block, and lines of all whole rows
        self._letters, self._lines = 0, array.array("q")
        # rows that lie in a cell of one, width of a ragged row, marks of Git, header once more: by
        # line
        self._swallowed: dict[int, int] = {}
        self._wrong: dict[int, int] = {}
        self._marks: list[int] = []
        self._again: list[int] = []

    def add(self, row: list[str], line: int) -> None:
        swallowed = _swallowed(row, len(self._header), self._delimiter)
        if swallowed:
            self._swallowed[line] = swallowed
        elif len(row) != len(self._header) and row and merged_badly(row[0]):
            self._marks.append(line)
        elif len(row) != len(self._header):
            self._wrong[line] = len(row)
        elif row == self._header:
            # two files were put one under the other
            self._again.append(line)
        else:
            self._block.append(row)
            self._lines.append(line)
            self._letters += sum(map(len, row))
            if self._letters >= blocks.BLOCK:
                self._close_block()

    def _close_block(self) -> None:
        if self._block:
            cells = zip(*self._block, strict=True)
            self._columns.add([pa.array(column, type=pa.large_string()) for column in cells])
        self._block, self._letters = [], 0

    def frame(self) -> pd.DataFrame:
        self._close_block()
        return self._columns.frame(np.array(self._lines, dtype=np.int64))

    def findings(self, file: RawFile) -> list[Finding]:
        return [
            *(SWALLOWED_ROWS.about(file, "", n, n=f"{c:,}") for n, c in self._swallowed.items()),
            *self._ragged(file),
            *(CONFLICT_MARKER.about(file, "", line) for line in self._marks),
            *(REPEATED_HEADER.about(file, "", line) for line in self._again),
        ]

    def _ragged(self, file: RawFile) -> list[Finding]:
        """Rows of another width than the header; one finding where most of them are."""
        width, wrong = Plain(len(self._header)), list(self._wrong.items())
        of = len(wrong) + len(self._again) + len(self._lines)
        many = len(wrong) >= MANY_RAGGED and 2 * len(wrong) > of
        rule = RAGGED_ROWS if many else RAGGED_ROW
        said = {"n": Plain(len(wrong)), "of": Plain(of)} if many else {}
        return [
            rule.about(file, "", line, cells=Plain(cells), width=width, **said)
            for line, cells in (wrong[:1] if many else wrong)
        ]


def _line_end_findings(text: Utf8, file: RawFile) -> list[Finding]:
    """Line ends of several kinds, or none at the end; those inside quotes are no matter."""
    ends, unclosed = Counter[str](), Counter[str]()
    quoted, line, last = False, 1, ""
    for _, part, _ in text.texts():
        line, last = line + line_ends(part), part[-1:]
        for number, stretch in enumerate(part.split('"')):
            if number:
                quoted, unclosed = not quoted, Counter[str]()
            (unclosed if quoted else ends).update(LINE_END.findall(stretch))
    # a quote that is not closed quotes nothing
    ends += unclosed
    if ends and last not in ("\n", "\r"):
        return [NO_LAST_LINE_END.about(file, "", line)]
    if len(ends) < 2:
        return []
    names = {"\r\n": "CRLF", "\n": "LF", "\r": "CR"}
    listed = ", ".join(f"{ends[end]} {names[end]}" for end in sorted(ends))
    return [MIXED_LINE_ENDS.about(file, listed=listed)]


def _rows(text: Utf8, dialect: Dialect, file: RawFile) -> Iterator[tuple[list[str], int]]:
    """Rows and the physical lines they begin on; lines that are wholly empty are ragged rows."""
    parts = (io.StringIO(part, newline="") for _, part, _ in text.texts())
    lines = itertools.chain.from_iterable(parts)
    reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
    start = 1
    try:
        for row in reader:
            yield row, start
            start = reader.line_num + 1
    except csv.Error as error:
        # under another delimiter quotes stand where they may not: that is the cause
        _check_header(first_row(_beginning(text), dialect), 1, dialect, file)
        raise ROW_BEGINS_HERE.refused(file.path, start, error=outside(f"{error}")) from None


def _beginning(text: Utf8) -> str:
    """Its first lines."""
    return next(part for _, part, _ in text.texts())


def first_row(text: str, dialect: Dialect) -> list[str]:
    """Cells of the first line, its quotes taken as letters."""
    line = LINE_END.split(text, maxsplit=1)[0]
    return line.split(dialect.delimiter)


def _check_separator_line(text: Utf8, file: RawFile) -> None:
    found = SEPARATOR_LINE.match(_beginning(text))
    if found is not None:
        mark = DELIMITERS.get(found[1], f"'{found[1]}'")
        rule = Rule("header", "error", "separator-line", message("separator-line.fix", mark=mark))
        raise rule.refused(file.path, 1, mark=found[1])


def _swallowed(row: list[str], width: int, delimiter: str) -> int:
    """How many other rows a row holds in its cells.

    Two quotes that stand alone make one cell of what lies between them: with as many delimiters as
    rows have, for each line end in it. Text of a remark does not.
    """
    return sum(
        _rows_in(cell, width, delimiter)
        for cell in row
        if "\n" in cell and _begins_alike(cell, row[0], delimiter)
    )


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


def _check_header(header: list[str], line: int, dialect: Dialect, file: RawFile) -> None:
    found = found_delimiter(header, dialect.delimiter)
    if len(header) == 1 and found != dialect.delimiter:
        raise HEADER_ONE_CELL.refused(
            file.path,
            line,
            delimiters=word(DELIMITERS[dialect.delimiter]),
            delimiters_other=word(DELIMITERS[found]),
            dumps=json.dumps(found),
        )
    blank = [str(i) for i, name in enumerate(header, start=1) if not name.strip()]
    if blank:
        raise COLUMN_NO_NAME.refused(file.path, line, blank=blank[0])
    first: dict[str, int] = {}
    for i, name in enumerate(header, start=1):
        # by position: in place of the header may stand a row of answers
        if first.setdefault(name, i) != i:
            raise COLUMNS_SAME.refused(file.path, line, first=first[name], i=i)


def found_delimiter(header: Sequence[str], declared: str) -> str:
    """Delimiter that stands most often in a header as it was split; the declared one in a tie."""
    line = declared.join(header)
    return max(DELIMITERS, key=lambda mark: (line.count(mark), mark == declared))
