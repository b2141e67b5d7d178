"""Bytes to letters: the declared encoding, and letters that were lost or decoded in another one.

Signs that are no text at all give a file away wherever they stand. Others do only inside a word: a
DOS code page read as Windows-1252 turns ``Nariño`` into ``Nari¤o``, that of an old Macintosh into
``Nari–o``; a lossy export writes ``Nari?o``, a web page ``Nari&ntilde;o``. Quotes, ranges,
questions and amounts of money stand between words, so they raise no alarm.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.config.file_layout import Dialect
from evaluation.config.manifest import RawFile
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers.blocks import BLOCK, UTF_8, Bytes, NotInEncoding, Utf8, blocks, decoded
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain, message

FILE_EMPTY = Rule("empty-file", "error", "file-empty", "get-the-file-again")
LINE_TOO_LONG = Rule("unreadable-file", "error", "line-too-long", "line-too-long")
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


def first_garbled(text: str, *, beyond: str | None = None, start: int = 0) -> int | None:
    """Place of the first letter that was lost or decoded in another encoding; None without one.

    Parameters
    ----------
    text : str
        A cell, or many rows of delimited text.
    beyond : str, optional
        What of a large text is beyond ASCII, runs as they stand: the text itself is searched only
        for signs that it holds.
    start : int
        Place from which on it is searched; what stands before it is looked back at.
    """
    foreign = ("" if text.isascii() else text) if beyond is None else beyond
    found = [GARBLED.search(text, start)] if foreign and GARBLED.search(foreign) else []
    found += [
        pattern.search(text, start)
        for sign, pattern in IN_WORD
        if sign in (text if sign.isascii() else foreign)
    ]
    return min((match.start() for match in found if match), default=None)


Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]
# bytes of a line: thirty times the widest of a survey; more columns than that take all memory
LONGEST_LINE = BLOCK
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
BEYOND = re.compile(rb"[\x80-\xff]")
LINE_END = re.compile(rb"[\r\n]")
CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
CONTROLS = bytes(byte for byte in range(0x80) if CONTROL.match(chr(byte)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a file's bytes are, whatever they are to say.

    Attributes
    ----------
    blank : bool
        Whether there is none but blanks.
    not_utf8 : int or None
        Place of the first that is not UTF-8.
    beyond, undefined : int or None
        Of the first that is not ASCII, and that Windows-1252 leaves open.
    too_long : int or None
        Where the first line begins that is longer than any of a table.
    """

    blank: bool
    not_utf8: int | None
    beyond: int | None
    undefined: int | None
    too_long: int | None


def decode(data: Bytes, dialect: Dialect, file: RawFile) -> tuple[Utf8, Dialect, list[Finding]]:
    """The text of a file, and what is wrong with its letters.

    Where it is written in another encoding than declared and says in which, or can be read in one,
    that is a finding and the text is read so: what else is wrong, above all another file, shows
    only then. Text under another encoding than its own is an error, because names would be
    published.

    Parameters
    ----------
    data : Bytes
    dialect : Dialect
        As declared.
    file : RawFile

    Returns
    -------
    Utf8, Dialect, list of Finding
        The text; the dialect with the encoding it is read in; an error where that is another one,
        or the first garbled and the first control character.

    Raises
    ------
    DataError
        An empty file, one that is in no encoding that can be declared, NUL characters.
    """
    seen = _seen(data)
    if seen.blank:
        raise FILE_EMPTY.refused(file.path)
    if seen.too_long is not None:
        line = _line_at(data, seen.too_long)
        raise LINE_TOO_LONG.refused(file.path, line, most=f"{LONGEST_LINE:,}")
    actual, findings = _actual(data, seen, dialect, file)
    text = Utf8(data, actual)
    try:
        places = _letters(text, seen)
    except NotInEncoding as error:
        line = _line_at(data, error.place)
        raise NOT_BYTE.refused(file.path, line, actual=actual, start=error.place) from None
    if places.null is not None:
        raise FILE_HOLDS_NUL.refused(file.path, places.null)
    if places.blank:
        raise FILE_EMPTY.refused(file.path)
    if not findings:
        twice = actual in SINGLE_BYTE and seen.not_utf8 is None
        if twice and seen.beyond is not None:
            line = _line_at(data, seen.beyond)
            findings = [GARBLED_TEXT.about(file, "", line, encoding=Plain(actual))]
        else:
            findings = [rule.about(file, "", line) for rule, line in places.found.items()]
    return text, replace(dialect, encoding=actual), findings


def _seen(data: Bytes) -> _Seen:
    found = {"beyond": BEYOND, "undefined": UNDEFINED}
    places: dict[str, int | None] = dict.fromkeys(found)
    blank, place = True, 0
    # where the line begins that a block goes on with: one longer than a block has no end in it
    begin, too_long = 0, None
    for part in blocks(data):
        blank = blank and not part.strip()
        first_end = LINE_END.search(part)
        ends = place + (first_end.start() if first_end else len(part))
        if too_long is None and ends - begin > LONGEST_LINE:
            too_long = begin
        if first_end:
            begin = place + max(part.rfind(b"\n"), part.rfind(b"\r")) + 1
        for name, pattern in found.items():
            first = pattern.search(part) if places[name] is None else None
            places[name] = places[name] if first is None else place + first.start()
        place += len(part)
    not_utf8 = None
    if places["beyond"] is not None:
        try:
            for _ in decoded(data, "utf-8"):
                pass
        except NotInEncoding as error:
            not_utf8 = error.place
    return _Seen(blank=blank, not_utf8=not_utf8, too_long=too_long, **places)


def _actual(
    data: Bytes, seen: _Seen, dialect: Dialect, file: RawFile
) -> tuple[Encoding, list[Finding]]:
    """The encoding that a file has, and an error where it is not the declared one."""
    declared = dialect.encoding
    head = data[:4]
    mark = next((mark for mark in MARKS if head.startswith(mark)), None)
    if mark is not None:
        shown, owner, encoding = MARKS[mark]
        if owner == MARKED.get(declared):
            return declared, []
        return encoding, [
            DECLARED_BUT.about(file, declared=declared, owner=owner, shown=shown, encoding=encoding)
        ]
    if declared in SINGLE_BYTE:
        return declared, []
    if seen.not_utf8 is not None:
        line = _line_at(data, seen.not_utf8)
        single: Encoding = "latin-1" if seen.undefined is not None else "cp1252"
        return single, [
            ENCODING_NOT_UTF_8.about(file, "", line, declared=declared, encoding=single)
        ]
    if declared == "utf-8":
        return declared, []
    return "utf-8", [ENCODING_WITHOUT_MARK.about(file, declared=declared)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letters:
    """Whether there is none but blanks, and lines of the first bad letters of each kind."""

    blank: bool
    null: int | None
    found: Mapping[Rule, int]


def _letters(text: Utf8, seen: _Seen) -> _Letters:
    """Look at every letter.

    Raises
    ------
    NotInEncoding
        The bytes are in another encoding than the text.
    """
    if text.encoding in UTF_8 and seen.not_utf8 is not None:
        raise NotInEncoding(seen.not_utf8)
    blank, null, line = True, None, 1
    found: dict[Rule, int] = {}
    for before, part, behind in text.texts():
        blank = blank and not part.strip()
        if null is None and "\0" in part:
            null = line + line_ends(part[: part.index("\0")])
        places = _first_places(before, part, behind)
        found |= {r: line + line_ends(part[:at]) for r, at in places.items() if r not in found}
        line += line_ends(part)
    listed = {rule: found[rule] for rule in KINDS if rule in found}
    return _Letters(blank=blank, null=null, found=listed)


def _first_places(before: str, part: str, behind: str) -> dict[Rule, int]:
    """Places of the first bad letters of a part, of each kind that it has."""
    around = before + part + behind
    # the whole text is searched only where what is looked for stands in it
    utf8 = around.encode()
    beyond = "" if around.isascii() else foreign(utf8)
    controls = len(utf8.translate(None, CONTROLS)) < len(utf8)
    found = {
        GARBLED_LINE: first_garbled(around, beyond=beyond, start=len(before)),
        CONTROL_LINE: first_control(around, start=len(before)) if controls else None,
    }
    last = len(before) + len(part)
    return {r: at - len(before) for r, at in found.items() if at is not None and at < last}


def first_control(text: str, *, start: int = 0) -> int | None:
    """Place of the first control character from another place on; None without one."""
    found = CONTROL.search(text, start)
    return found.start() if found else None


def line_ends(text: str) -> int:
    """How many line ends a text has, of whichever kind."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def foreign(data: bytes) -> str:
    """What is no ASCII in UTF-8 text: each run of it as it stands, a blank between two."""
    cells = np.frombuffer(data, np.uint8)
    places = np.flatnonzero(cells > 0x7F)
    cuts = np.flatnonzero(np.diff(places) > 1) + 1
    return bytes(np.insert(cells[places], cuts, ord(" "))).decode()


def _line_at(data: Bytes, place: int) -> int:
    """Line of a byte."""
    return sum(part.count(b"\n") for part in blocks(data, end=place)) + 1


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
