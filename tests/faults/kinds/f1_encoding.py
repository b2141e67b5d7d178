"""F1: encoding and line ends."""

import random
from collections.abc import Callable

from tests.faults.damage import BASELINE, ENDLINE, FRAME, Delivery, Kind, expected
from tests.faults.edit import ENCODINGS, on_bytes, put

UTF8 = (BASELINE, FRAME)


def _as(encoding: str, names: tuple[str, ...]):
    def apply(delivery: Delivery, draw: random.Random) -> Delivery:
        name = draw.choice(names)
        text = delivery.files[name].decode(ENCODINGS[name])
        return put(delivery, name, text.encode(encoding))

    return apply


def _twice(data: bytes, _: random.Random) -> bytes:
    return data.decode("cp1252", errors="replace").encode("utf-8")


def _dos(data: bytes, _: random.Random) -> bytes:
    return data.decode("utf-8").encode("cp850").decode("cp1252", errors="replace").encode("utf-8")


def _macintosh(data: bytes, _: random.Random) -> bytes:
    text = data.decode("utf-8").encode("mac_roman")
    return text.decode("cp1252", errors="replace").encode("utf-8")


def _nul(data: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(data))
    return data[:at] + b"\0" + data[at:]


def _mixed(data: bytes, draw: random.Random) -> bytes:
    lines = data.split(b"\n")
    at = draw.randrange(50, len(lines) - 50)
    return b"\n".join(lines[:at]) + b"\n" + b"\r\n".join(lines[at:])


def _windows_ends(data: bytes, _: random.Random) -> bytes:
    return data.replace(b"\n", b"\r\n")


def _old_ends(data: bytes, _: random.Random) -> bytes:
    return data.replace(b"\n", b"\r")


def _lost_letters(data: bytes, _: random.Random) -> bytes:
    return data.decode("utf-8").encode("ascii", errors="replace")


EXPECT = expected("F1")


def _kind(name: str, words: str, apply: Callable[..., Delivery]) -> Kind:
    return Kind(id=f"F1-{name}", group="F1", words=words, apply=apply, expect=EXPECT[name])


KINDS = (
    _kind("latin-1", "saved as Latin-1 where UTF-8 is declared", _as("latin-1", UTF8)),
    _kind("cp1252", "saved as Windows-1252 where UTF-8 is declared", _as("cp1252", UTF8)),
    _kind("utf-8", "saved as UTF-8 where Windows-1252 is declared", _as("utf-8", (ENDLINE,))),
    _kind("bom", "saved by a spreadsheet with a byte-order mark", _as("utf-8-sig", UTF8)),
    _kind(
        "utf-16",
        "saved as `Unicode text`, which is UTF-16",
        _as("utf-16", (BASELINE, ENDLINE, FRAME)),
    ),
    _kind("mojibake", "UTF-8 opened as Windows-1252 and saved again", on_bytes(_twice, UTF8)),
    _kind("dos-letters", "letters of a DOS code page", on_bytes(_dos, (FRAME,))),
    _kind("macintosh-letters", "letters of an old Macintosh", on_bytes(_macintosh, (FRAME,))),
    _kind(
        "cp850",
        "saved in the code page of DOS where Windows-1252 is declared",
        _as("cp850", (ENDLINE,)),
    ),
    _kind(
        "mac-roman",
        "saved in the code page of an old Macintosh where Windows-1252 is declared",
        _as("mac_roman", (ENDLINE,)),
    ),
    _kind(
        "lost-letters",
        "letters with accents became question marks",
        on_bytes(_lost_letters, (FRAME,)),
    ),
    _kind("nul", "a NUL byte from a damaged disk", on_bytes(_nul)),
    _kind(
        "mixed-line-ends",
        "the second part of the file has Windows line ends",
        on_bytes(_mixed, (BASELINE,)),
    ),
    _kind(
        "windows-line-ends", "all line ends became Windows line ends", on_bytes(_windows_ends, UTF8)
    ),
    _kind(
        "old-line-ends", "all line ends became those of an old Macintosh", on_bytes(_old_ends, UTF8)
    ),
)
