"""Bytes of delimited text to text: declared encoding, byte-order marks, letters that were lost."""

import re
from dataclasses import replace
from typing import Literal

from evaluation.data import garbled, plain_rows
from evaluation.data.finding import about_file
from evaluation.errors import DataError
from evaluation.locale.messages import Message, Plain, message
from evaluation.spec.manifest import Dialect, RawFile
from evaluation.spec.records import Finding, Severity

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
CHARACTERS: tuple[tuple[str, Severity, Message, Message], ...] = (
    (
        "garbled-text",
        "error",
        message("garbled-text-on-line.problem"),
        message("check-declared.mend"),
    ),
    (
        "control-character",
        "warn",
        message("control-character-on-line.problem"),
        message("look-cell-ask-export.mend"),
    ),
)


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
        raise _empty(file)
    actual, findings = _actual(data, dialect, file)
    try:
        text = data.decode(actual)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise damage(
            file,
            "encoding",
            message("not-byte.problem", actual=actual, start=error.start),
            message("declare-encoding-file.mend"),
            line,
        ) from None
    if "\0" in text:
        line = line_of(text, text.index("\0"))
        raise damage(
            file,
            "nul-byte",
            message("file-holds-nul.problem"),
            message("get-file-again.mend"),
            line,
        )
    if not text.strip():
        raise _empty(file)
    return text, replace(dialect, encoding=actual), findings


def _empty(file: RawFile) -> DataError:
    return damage(
        file, "empty-file", message("file-empty.problem"), message("get-the-file-again.mend")
    )


def _actual(data: bytes, dialect: Dialect, file: RawFile) -> tuple[Encoding, list[Finding]]:
    """The encoding that a file has, and an error where it is not the declared one."""
    declared = dialect.encoding
    mark = next((mark for mark in MARKS if data.startswith(mark)), None)
    if mark is not None:
        shown, owner, encoding = MARKS[mark]
        if owner == MARKED.get(declared):
            return declared, []
        problem = message("declared-but.problem", declared=declared, owner=owner, shown=shown)
        mend = message("declare-this-encoding.mend", encoding=encoding)
        return encoding, [_encoding(file, problem, mend)]
    if declared in SINGLE_BYTE:
        return declared, []
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        single: Encoding = "latin-1" if UNDEFINED.search(data) else "cp1252"
        problem = message("encoding-not-utf-8.problem", declared=declared)
        mend = message("encoding-single-byte.mend", encoding=single)
        return single, [_encoding(file, problem, mend, line)]
    if declared == "utf-8":
        return declared, []
    problem = message("encoding-without-mark.problem", declared=declared)
    return "utf-8", [_encoding(file, problem, message("declare-encoding-utf.mend"))]


def _encoding(file: RawFile, problem: Message, mend: Message, line: int = 0) -> Finding:
    return about_file(
        file, rule="encoding", severity="error", line=line, problem=problem, mend=mend
    )


def encoding_findings(
    data: bytes, text: str, dialect: Dialect, file: RawFile, *, utf8: bytes
) -> list[Finding]:
    """Text under another encoding than its own: as an error, because names would be published."""
    if dialect.encoding in SINGLE_BYTE and not data.isascii() and _is_utf8(data):
        first = next(i for i, byte in enumerate(data) if byte > 0x7F)
        return [
            about_file(
                file,
                rule="garbled-text",
                severity="error",
                line=data.count(b"\n", 0, first) + 1,
                problem=message("garbled-text.problem", encoding=Plain(dialect.encoding)),
                mend=message("declare-encoding-utf.mend"),
            )
        ]
    findings = []
    # the whole text is searched only where what is looked for stands in it
    beyond = "" if text.isascii() else plain_rows.foreign(utf8)
    controls = len(utf8.translate(None, CONTROLS)) < len(utf8)
    places = {
        "garbled-text": garbled.first(text, beyond=beyond),
        "control-character": first_control(text) if controls else None,
    }
    for rule, severity, problem, mend in CHARACTERS:
        found = places[rule]
        if found is not None:
            line = line_of(text, found)
            findings.append(
                about_file(
                    file, rule=rule, severity=severity, line=line, problem=problem, mend=mend
                )
            )
    return findings


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


def damage(file: RawFile, rule: str, problem: Message, mend: Message, line: int = 0) -> DataError:
    """Damage that stops the reading of a file, as an error to raise."""
    where = f"{file.path}:{line}" if line else file.path
    return DataError(problem, where=where, mend=mend, rule=rule)
