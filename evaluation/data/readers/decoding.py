"""Bytes to letters: the declared encoding, and letters that were lost or decoded in another one.

Signs that are no text at all give a file away wherever they stand. Others do only inside a word: a
DOS code page read as Windows-1252 turns ``Nariño`` into ``Nari¤o``, that of an old Macintosh into
``Nari–o``; a lossy export writes ``Nari?o``, a web page ``Nari&ntilde;o``. Quotes, ranges,
questions and amounts of money stand between words, so they raise no alarm.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import resources
from typing import Literal

import pandas as pd

from evaluation.data.findings import LINE, Rule
from evaluation.data.readers import plain_rows
from evaluation.locale.messages import Plain, message
from evaluation.study.file_layout import Dialect
from evaluation.study.manifest import RawFile
from evaluation.study.records import Finding

FILE_EMPTY = Rule("empty-file", "error", "file-empty", "get-the-file-again")
FILE_HOLDS_NUL = Rule("nul-byte", "error", "file-holds-nul", "get-file-again")
NOT_BYTE = Rule("encoding", "error", "not-byte", "declare-encoding-file")
ENCODING_WITHOUT_MARK = Rule("encoding", "error", "encoding-without-mark", "declare-encoding-utf")
GARBLED_TEXT = Rule("garbled-text", "error", fix="declare-encoding-utf")
DECLARED_BUT = Rule("encoding", "error", "declared-but", "declare-this-encoding")
GARBLED_LINE = Rule("garbled-text", "error", "garbled-text-on-line", "check-declared")
CONTROL_LINE = Rule(
    "control-character", "warn", "control-character-on-line", "look-cell-ask-export"
)
GARBLED_LABELS = Rule("garbled-text", "error", "garbled-labels", "look-cell-ask")
ENCODING_NOT_UTF_8 = Rule("encoding", "error", "encoding-not-utf-8", "encoding-single-byte")

# the bytes 80 to BF, which follow the first byte of a UTF-8 letter, as both encodings show them
FOLLOWING = "\x80-\xbf" + "".join(
    bytes([byte]).decode("cp1252", errors="ignore") for byte in range(0x80, 0xA0)
)
# letters decoded twice, the replacement character, and bytes that are no letter in Latin-1
GARBLED = re.compile(f"[\x80-\x9f\ufffd]|Ã[{FOLLOWING}]|Â[\xa0-\xbf]|â€")

LISTS = tomllib.loads(resources.files(__package__).joinpath("garbled.toml").read_text("utf-8"))


def _in_word() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Signs inside a word that are no letters, and the pattern of each, which begins with it."""
    for entry in LISTS["sign"]:
        for sign in entry["signs"]:
            pattern = entry["pattern"]
            for name, part in (*LISTS["parts"].items(), ("SIGN", re.escape(sign))):
                pattern = pattern.replace(f"{{{name}}}", part)
            yield sign, re.compile(re.escape(sign) + pattern)


IN_WORD = tuple(_in_word())


def first_garbled(text: str, *, beyond: str | None = None) -> int | None:
    """Place of the first letter that was lost or decoded in another encoding; None without one.

    Parameters
    ----------
    text : str
        A cell, or a whole file of delimited text.
    beyond : str, optional
        What of a large text is beyond ASCII, runs as they stand: the text itself is searched only
        for signs that it holds.
    """
    foreign = ("" if text.isascii() else text) if beyond is None else beyond
    found = [GARBLED.search(text)] if foreign and GARBLED.search(foreign) else []
    found += [
        pattern.search(text)
        for sign, pattern in IN_WORD
        if sign in (text if sign.isascii() else foreign)
    ]
    return min((match.start() for match in found if match), default=None)


Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]
# byte-order marks: as people write them, whose they are, and the encoding to declare
MARKS: dict[bytes, tuple[str, str, Encoding]] = {
    b"\xef\xbb\xbf": ("EF BB BF", "UTF-8", "utf-8-sig"),
    b"\xff\xfe": ("FF FE", "UTF-16", "utf-16"),
    b"\xfe\xff": ("FE FF", "UTF-16", "utf-16"),
}
MARKED = {"utf-8-sig": "UTF-8", "utf-16": "UTF-16"}
SINGLE_BYTE = ("latin-1", "cp1252")
# bytes that Windows-1252 leaves open
UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
CONTROLS = bytes(byte for byte in range(0x80) if CONTROL.match(chr(byte)))
LINE_END = re.compile(r"\r\n|\r|\n")


def as_utf8(data: bytes, text: str, dialect: Dialect) -> bytes:
    """The text in UTF-8 without a mark: the file's own bytes where it is so written."""
    if dialect.encoding in ("utf-8", "utf-8-sig"):
        return data[len(plain_rows.MARK) :] if dialect.encoding == "utf-8-sig" else data
    return text.encode()


def decode(data: bytes, dialect: Dialect, file: RawFile) -> tuple[str, Dialect, list[Finding]]:
    """The text of a file.

    Where it is written in another encoding than declared and says in which, or can be read in one,
    that is a finding and the text is read so: what else is wrong, above all another file, shows
    only then.

    Parameters
    ----------
    data : bytes
    dialect : Dialect
        As declared.
    file : RawFile

    Returns
    -------
    str, Dialect, list of Finding
        The text; the dialect with the encoding it was read in; an error where that is another one.

    Raises
    ------
    DataError
        An empty file, one that is in no encoding that can be declared, NUL characters.
    """
    if not data.strip():
        raise FILE_EMPTY.refused(file.path)
    actual, findings = _actual(data, dialect, file)
    try:
        text = data.decode(actual)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise NOT_BYTE.refused(file.path, line, actual=actual, start=error.start) from None
    if "\0" in text:
        line = line_of(text, text.index("\0"))
        raise FILE_HOLDS_NUL.refused(file.path, line)
    if not text.strip():
        raise FILE_EMPTY.refused(file.path)
    return text, replace(dialect, encoding=actual), findings


def _actual(data: bytes, dialect: Dialect, file: RawFile) -> tuple[Encoding, list[Finding]]:
    """The encoding that a file has, and an error where it is not the declared one."""
    declared = dialect.encoding
    mark = next((mark for mark in MARKS if data.startswith(mark)), None)
    if mark is not None:
        shown, owner, encoding = MARKS[mark]
        if owner == MARKED.get(declared):
            return declared, []
        return encoding, [
            DECLARED_BUT.about(file, declared=declared, owner=owner, shown=shown, encoding=encoding)
        ]
    if declared in SINGLE_BYTE:
        return declared, []
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        single: Encoding = "latin-1" if UNDEFINED.search(data) else "cp1252"
        return single, [
            ENCODING_NOT_UTF_8.about(file, "", line, declared=declared, encoding=single)
        ]
    if declared == "utf-8":
        return declared, []
    return "utf-8", [ENCODING_WITHOUT_MARK.about(file, declared=declared)]


def encoding_findings(
    data: bytes, text: str, dialect: Dialect, file: RawFile, *, utf8: bytes
) -> list[Finding]:
    """Text under another encoding than its own: as an error, because names would be published."""
    if dialect.encoding in SINGLE_BYTE and not data.isascii() and _is_utf8(data):
        first = next(i for i, byte in enumerate(data) if byte > 0x7F)
        line = data.count(b"\n", 0, first) + 1
        return [GARBLED_TEXT.about(file, "", line, encoding=Plain(dialect.encoding))]
    # the whole text is searched only where what is looked for stands in it
    beyond = "" if text.isascii() else plain_rows.foreign(utf8)
    controls = len(utf8.translate(None, CONTROLS)) < len(utf8)
    places = (first_garbled(text, beyond=beyond), first_control(text) if controls else None)
    return [
        rule.about(file, "", line_of(text, found))
        for rule, found in zip(KINDS, places, strict=True)
        if found is not None
    ]


def first_control(text: str) -> int | None:
    """Place of the first control character; None without one."""
    found = CONTROL.search(text)
    return found.start() if found else None


def line_of(text: str, position: int) -> int:
    """Physical line of a position, whichever line ends the file has."""
    return len(LINE_END.findall(text, 0, position)) + 1


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# kinds of bad letters, as a file of text is told of them, and how each is found
KINDS: dict[Rule, Callable[[str], int | None]] = {
    GARBLED_LINE: first_garbled,
    CONTROL_LINE: first_control,
}
# formats whose text may be in an encoding that the file does not name, or names wrongly
DECLARED = ("dta", "sav")


def cell_findings(frame: pd.DataFrame, file: RawFile) -> list[Finding]:
    """Garbled text and control characters of a table, each kind and column at its first cell.

    Parameters
    ----------
    frame : DataFrame
        Text columns and ``__line__``.
    file : RawFile
        Its entry in the manifest.

    Returns
    -------
    list of Finding
        They show no cell.
    """
    findings = []
    for name in (name for name in frame.columns if name != LINE):
        positions, texts = pd.factorize(frame[name])
        for rule, first in KINDS.items():
            # each distinct text is looked at once
            found = [i for i, text in enumerate(texts) if first(text) is not None]
            if found:
                # texts are numbered by their first appearance
                line = frame[LINE].iloc[(positions == found[0]).argmax()]
                findings.append(_in_cells(rule, file).about(file, str(name), line))
    return findings


def label_findings(
    labels: Mapping[str, Mapping[str, str]], names: Iterable[str], file: RawFile
) -> list[Finding]:
    """Garbled names of columns and garbled value labels, one finding for each column."""
    return [
        _in_cells(GARBLED_LABELS, file).about(file, name)
        for name in names
        if any(first_garbled(text) is not None for text in (name, *labels.get(name, {}).values()))
    ]


def _in_cells(rule: Rule, file: RawFile) -> Rule:
    """The rule with the fix for cells and labels of the file's format."""
    if rule.id != "garbled-text" or file.format not in DECLARED:
        return replace(rule, fix="look-cell-ask")
    if file.encoding:
        return replace(rule, fix=message("declare-encoding.fix", encoding=file.encoding))
    return replace(rule, fix="declare-own-encoding")
