"""Raw files as tables of text: strict, nothing guessed, every cell with its line.

REQUIRES a file that the manifest describes. CREATES a :class:`RawTable` of text and the findings
about the file's shape; what a cell means is the dictionary's business (``parse.py``).

A header is held against the dictionary. Exports put a group's name in front, change capitals, or
leave a blank that nobody sees. To take such a column for one too many would lose its item; so the
name that was meant is proposed.
"""

import dataclasses
import errno
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pandas as pd

from evaluation.config.dictionary import Dictionary
from evaluation.config.manifest import RawFile
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers import archive, csv, delivered_files, embedded_labels, survey_export
from evaluation.data.readers.blocks import Bytes, FileBytes
from evaluation.data.readers.raw_table import Delivered, reads
from evaluation.data.readers.survey_export import member_of
from evaluation.data.readers.text_columns import as_texts
from evaluation.data.spelling import whole_number
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

FOLDER_FOR_FILE = Rule("missing-file", "error", "folder-for-file", "folder-for-file")
MISSING_FILE = Rule("missing-file", "error", fix="put-where-manifest")
NO_ROWS = Rule("no-rows", "error", "file-header-no", "get-the-whole-file")
ROW_COUNT = Rule("row-count", "error")
NOT_IN_FILE = Rule("missing-column", "error", "column-not-file", "get-whole-file")
NAMED_BUT_GONE = Rule("missing-column", "error", "names-column", "remove-manifest")
WHOLE_BUT_GONE = Rule("missing-column", "error", "whole-numbers-gone", "whole-numbers-gone")
NOT_DESCRIBED = Rule("unexpected-column", "error", "column-not-dictionary", "describe-dictionary")
DESCRIBED_AND_IGNORED = Rule("contradictory-column", "error", "column-dictionary", "remove-one-two")
HEADER_DELIMITER = Rule("dialect", "error", "header-delimiter", "header-delimiter")
HEADER_OTHER_FILE = Rule("dialect", "error", "header-other-file", "header-other-file")
HEADER_NO_NAMES = Rule("dialect", "error", "header-no-names", "header-no-names")

NO_ROUND_COLUMN = Rule("rows-of-round", "error", "column-not-file", "round-column")
NO_ROUND = Rule("rows-of-round", "error", "row-of-no-round", "row-of-no-round")
ROWS_OF_NOBODY = Rule("rows-of-round", "error", "round-without-rows", "row-of-no-round")

# share of the dictionary's columns above which a file is another one, not one with a gap
MOST = 0.5
SHOWN = 3


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RawTable(Delivered):
    """One raw file as text.

    Attributes
    ----------
    file : RawFile
        What the manifest says of it.
    frame : DataFrame, rows x (columns + 1)
        Every cell as text, exactly as delivered, and ``__line__``: the physical line on which the
        row begins (of a Stata or SPSS file: the number of the observation; of a workbook: of the
        row).
    labels, unlabelled, variable_labels, user_missing, numbers
        As of `Delivered`.
    set_aside : int
        Submissions that the office rejected: they are not in the frame.
    refused : DataFrame
        Their rows, for the sample flow to count them by place.
    findings : tuple of Finding
        What reading had to say.
    """

    file: RawFile
    set_aside: int = 0
    refused: pd.DataFrame = dataclasses.field(default_factory=pd.DataFrame)
    findings: tuple[Finding, ...] = ()


def read_file(file: RawFile, path: Path) -> RawTable:
    """Read one raw file as text.

    Parameters
    ----------
    file : RawFile
        Its entry in the manifest.
    path : Path
        Where it lies.

    Raises
    ------
    DataError
        As of `read_coded`.
    """
    table = read_coded(file, path)
    return dataclasses.replace(table, frame=as_texts(table.frame), refused=as_texts(table.refused))


def read_coded(file: RawFile, path: Path) -> RawTable:
    """The same with columns of delimited text as `TextColumns` makes them, for large files.

    Raises
    ------
    DataError
        The file does not exist, or is damaged so that no rows can be told apart: another
        encoding, NUL bytes, an unclosed quote, no header, a cut file, an archive or a workbook
        that may not be opened. Everything else is a finding.
    """
    with _opened(file, path) as opened:
        data = FileBytes(opened) if file.format == "csv" else opened.read()
        delivered_files.check_kind(data, file)
        main = reads[file.format](data, file)
    repeats = {name: each.frame for name, each in main.repeats.items()}
    findings = [f for each in (main, *main.repeats.values()) for f in each.findings]
    ragged = any(f.rule == "ragged-row" for f in main.findings)
    findings += _row_count(len(main.frame), file, ragged=ragged)
    frame, set_aside = main.frame, 0
    if file.export is not None:
        # columns of a server's export are put together anew
        main = dataclasses.replace(main, frame=as_texts(main.frame))
        frame, arranging, set_aside = survey_export.arranged(main.frame, file, repeats)
        findings += arranging
    frame, told = rows_of(_without_decimals(frame, file), file)
    findings += told
    delivered = {field.name: getattr(main, field.name) for field in dataclasses.fields(main)}
    delivered |= {"frame": frame, "repeats": {}, "findings": tuple(findings)}
    refused = survey_export.set_aside(main.frame, file)
    aside, _ = rows_of(_without_decimals(refused, file), file)
    return RawTable(**delivered, file=file, set_aside=set_aside, refused=aside)


def _opened(file: RawFile, path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except IsADirectoryError:
        raise FOLDER_FOR_FILE.refused(file.path) from None
    except OSError as error:
        if error.errno == errno.ENOMEM:
            raise
        raise MISSING_FILE.refused(file.path) from None


@reads.named("csv")
def _delimited(data: Bytes, file: RawFile) -> Delivered:
    frame, findings = csv.read_coded(data, file)
    return Delivered(frame=frame, findings=findings)


@reads.named("zip")
def _archive(data: bytes, file: RawFile) -> Delivered:
    """Every declared member; a repeat's findings name the member, the interviews' the archive."""
    main = file.export.member if file.export is not None else ""
    tables = {}
    for name, content in archive.members(data, file).items():
        part = file if name == main else member_of(file, name)
        delivered_files.check_kind(content, part, declared="csv")
        frame, findings = csv.read(content, part)
        tables[name] = Delivered(frame=frame, findings=findings)
    return dataclasses.replace(tables.pop(main), repeats=tables)


def _without_decimals(frame: pd.DataFrame, file: RawFile) -> pd.DataFrame:
    """The table with the columns that the manifest declares as whole numbers."""
    named, (decimal, _) = set(file.whole_numbers) & set(frame.columns), file.marks
    made = {
        n: frame[n].astype("str").map(lambda text: whole_number(str(text), decimal))
        for n in sorted(named)
    }
    return frame.assign(**made) if made else frame


def rows_of(frame: pd.DataFrame, file: RawFile) -> tuple[pd.DataFrame, list[Finding]]:
    """Rows that an entry reads of a file which holds several rounds, and what does not fit.

    Parameters
    ----------
    frame : DataFrame
        Text columns and ``__line__``.
    file : RawFile
        Its entry; without ``only`` all rows are its own.
    """
    only = file.only
    if only is None:
        return frame, []
    if only.column not in frame:
        return frame, [NO_ROUND_COLUMN.about(file, only.column)]
    cells = frame[only.column]
    strange = ~cells.isin((*only.values, *only.others)).to_numpy(dtype=bool)
    lines = frame[LINE].to_numpy()[strange]
    mine = frame.loc[cells.isin(only.values)].reset_index(drop=True)
    findings = NO_ROUND.at_lines(file, lines, only.column)
    return mine, findings if len(mine) else [*findings, ROWS_OF_NOBODY.about(file, only.column)]


def _row_count(found: int, file: RawFile, *, ragged: bool) -> list[Finding]:
    if found == 0 and not ragged:
        return [NO_ROWS.about(file)]
    return [ROW_COUNT.about(file, n=found, rows=file.rows)] if found != file.rows else []


def check_columns(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Compare a file's columns with the dictionary: none may be missing, repeated or unknown.

    Where most are missing, that is one finding: another delimiter, header or file. Names that are
    the same but for how they are written are told so, with the name that was meant.
    """
    file = table.file
    expected = {variable.raw[file.source] for variable in dictionary.in_source(file.source)}
    delivered = [name for name in table.frame.columns if name != LINE]
    missing = sorted(expected.difference(delivered))
    pairs = meant(delivered, {*expected, *file.ignore_columns})
    named = {pair.expected for pair in pairs}
    respelled = {pair.delivered for pair in pairs}
    if len(missing) > MOST * len(expected):
        if len(named & expected) > MOST * len(missing):
            return tuple(_respelled(pairs, file, whole=True))
        return (_other_header(file, delivered, missing, len(expected)),)
    ignored = file.ignore_columns
    columns = {
        NOT_IN_FILE: [name for name in missing if name not in named],
        NAMED_BUT_GONE: [n for n in ignored if n not in delivered and n not in named],
        WHOLE_BUT_GONE: [n for n in file.whole_numbers if n not in delivered],
        NOT_DESCRIBED: [n for n in delivered if n not in {*expected, *ignored, *respelled}],
        DESCRIBED_AND_IGNORED: [name for name in ignored if name in expected],
    }
    return (
        *_respelled(pairs, file, whole=False),
        *(rule.about(file, name) for rule, names in columns.items() for name in names),
    )


def _other_header(
    file: RawFile, delivered: Sequence[str], missing: Sequence[str], expected: int
) -> Finding:
    """One finding about a header that is not the one the dictionary describes."""
    line = 1 if file.dialect is not None else 0
    counts = {"missing": len(missing), "expected": expected}
    begins = shown(delivered)
    if file.dialect is not None:
        declared = file.dialect.delimiter
        found = csv.found_delimiter(delivered, declared)
        if found != declared:
            marks = {"declared": csv.DELIMITERS[declared], "found": csv.DELIMITERS[found]}
            first = ", ".join(f"`{name}`" for name in missing[:SHOWN])
            said = {"cells": f"{len(delivered)}", "first": first, **marks}
            plain = {name: Plain(text) for name, text in said.items()}
            return HEADER_DELIMITER.about(file, "", line, **plain, **counts)
    if begins:
        return HEADER_OTHER_FILE.about(file, "", line, first=begins, **counts)
    return HEADER_NO_NAMES.about(file, "", line, **counts)


BLANK = re.compile(
    r"[\s\u00a0\u00ad\u180e\u200b-\u200f\u2028-\u202f\u205f\u2060-\u2064\u3000\ufeff]+"
)
# what stands between a group and a question in the exports of survey servers
MARKS_OF_GROUPS = ("/", ":", ".", "-")
# of a header of names, this share looks like names: a row of answers does not
NAMES, MOST_SHOWN = 0.8, 3
A_NAME = re.compile(r"[^\W\d][\w/:.-]{0,39}")


@dataclass(frozen=True, slots=True)
class Meant:
    """A column of the header, the name that was meant, and how the two differ."""

    delivered: str
    expected: str
    way: str


def meant(delivered: Sequence[str], expected: Collection[str]) -> tuple[Meant, ...]:
    """Columns that the dictionary has under nearly the same name.

    Parameters
    ----------
    delivered : sequence of str
        Names in the header.
    expected : collection of str
        Raw names of the dictionary.

    Returns
    -------
    tuple of Meant
        In the order of the header. A name that two columns could mean, or a column that could mean
        two names, is none of them.
    """
    left = [name for name in delivered if name not in expected]
    wanted = [name for name in expected if name not in delivered]
    found: dict[str, Meant] = {}
    for way in WAYS:
        open_ = [name for name in wanted if name not in {m.expected for m in found.values()}]
        pairs = _pairs([name for name in left if name not in found], open_, way)
        found |= {name: Meant(name, other, way) for name, other in pairs}
    return tuple(found[name] for name in delivered if name in found)


def _pairs(left: Sequence[str], wanted: Sequence[str], way: str) -> list[tuple[str, str]]:
    """Columns and names that are alike in one way, each with one partner only."""
    alike = WAYS[way]
    there = [(name, other) for name in left for other in wanted if alike(name, other)]
    here, others = Counter(n for n, _ in there), Counter(o for _, o in there)
    return [(n, o) for n, o in there if here[n] == 1 and others[o] == 1]


def _shown(name: str) -> str:
    return unicodedata.normalize("NFKC", BLANK.sub("", name))


def _is_grouped(name: str, other: str) -> bool:
    """Whether one of two names is the other behind a group's name."""
    one, two = sorted((_shown(name).casefold(), _shown(other).casefold()), key=len)
    return bool(one) and two.endswith(tuple(f"{mark}{one}" for mark in MARKS_OF_GROUPS))


# from the smallest difference to the largest
WAYS: Mapping[str, Callable[[str, str], bool]] = {
    "blanks": lambda name, other: _shown(name) == _shown(other),
    "capitals": lambda name, other: _shown(name).casefold() == _shown(other).casefold(),
    "group": _is_grouped,
}


def _respelled(pairs: Sequence[Meant], file: RawFile, *, whole: bool) -> Iterator[Finding]:
    """One error for each way in which names differ, at the first of them.

    Where most of the header is concerned, it is the file's, no column's.
    """
    for way in WAYS:
        these = [pair for pair in pairs if pair.way == way]
        if these:
            first, many = these[0], len(these) > 1
            said = {"written": json.dumps(first.delivered), "name": first.expected}
            others = {"others": f"{len(these) - 1:,}"} if many else {}
            problem = f"header-{way}-many" if many else f"header-{way}"
            rule = Rule(
                "dialect" if whole else "unexpected-column", "error", problem, "header-written"
            )
            line = 1 if file.dialect is not None else 0
            yield rule.about(file, "" if whole else first.delivered, line, **said, **others)


def shown(delivered: Sequence[str]) -> str:
    """The first names of a header; empty where it may be a row of answers."""
    names = [name for name in delivered if A_NAME.fullmatch(name)]
    if len(names) < NAMES * len(delivered) or len(set(delivered)) < len(delivered):
        return ""
    return ", ".join(f"`{name}`" for name in names[:MOST_SHOWN])


def check_labels(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Compare what a file says of its own columns with the dictionary.

    Value labels of Stata and SPSS files, codes that an SPSS file calls missing, and ids that a
    workbook holds as numbers.
    """
    return tuple(embedded_labels.check(table.file, table, dictionary))


def drop_ignored(table: RawTable) -> RawTable:
    """The table without the columns that the manifest says nobody uses."""
    kept = [name for name in table.frame.columns if name not in table.file.ignore_columns]
    return dataclasses.replace(table, frame=table.frame[kept])


def all_of_file(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """What is wrong with a file as a whole: its rows, columns and labels.

    Parameters
    ----------
    table : RawTable
    dictionary : Dictionary
    """
    # printed estimates have no variables: only the report reads them
    if table.file.role == "published":
        return table.findings
    columns = check_columns(table, dictionary)
    # ragged rows and missing labels are what the wrong header brings with it
    if any(finding.rule == "dialect" for finding in columns):
        return columns
    return (*table.findings, *columns, *check_labels(table, dictionary))
