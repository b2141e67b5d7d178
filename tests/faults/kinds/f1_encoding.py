"""F1: encoding and line ends."""

import random

from tests.faults.damage import BASELINE, ENDLINE, FRAME, Delivery, Kind
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


KINDS = (
    Kind(
        id="F1-latin-1",
        group="F1",
        words="saved as Latin-1 where UTF-8 is declared",
        apply=_as("latin-1", UTF8),
    ),
    Kind(
        id="F1-cp1252",
        group="F1",
        words="saved as Windows-1252 where UTF-8 is declared",
        apply=_as("cp1252", UTF8),
    ),
    Kind(
        id="F1-utf-8",
        group="F1",
        words="saved as UTF-8 where Windows-1252 is declared",
        apply=_as("utf-8", (ENDLINE,)),
    ),
    Kind(
        id="F1-bom",
        group="F1",
        words="saved by a spreadsheet with a byte-order mark",
        apply=_as("utf-8-sig", UTF8),
    ),
    Kind(
        id="F1-utf-16",
        group="F1",
        words="saved as `Unicode text`, which is UTF-16",
        apply=_as("utf-16", (BASELINE, ENDLINE, FRAME)),
    ),
    Kind(
        id="F1-mojibake",
        group="F1",
        words="UTF-8 opened as Windows-1252 and saved again",
        apply=on_bytes(_twice, UTF8),
    ),
    Kind(
        id="F1-dos-letters",
        group="F1",
        words="letters of a DOS code page",
        apply=on_bytes(_dos, (FRAME,)),
    ),
    Kind(
        id="F1-macintosh-letters",
        group="F1",
        words="letters of an old Macintosh",
        apply=on_bytes(_macintosh, (FRAME,)),
    ),
    Kind(
        id="F1-cp850",
        group="F1",
        words="saved in the code page of DOS where Windows-1252 is declared",
        apply=_as("cp850", (ENDLINE,)),
    ),
    Kind(
        id="F1-mac-roman",
        group="F1",
        words="saved in the code page of an old Macintosh where Windows-1252 is declared",
        apply=_as("mac_roman", (ENDLINE,)),
    ),
    Kind(
        id="F1-lost-letters",
        group="F1",
        words="letters with accents became question marks",
        apply=on_bytes(_lost_letters, (FRAME,)),
    ),
    Kind(id="F1-nul", group="F1", words="a NUL byte from a damaged disk", apply=on_bytes(_nul)),
    Kind(
        id="F1-mixed-line-ends",
        group="F1",
        words="the second part of the file has Windows line ends",
        apply=on_bytes(_mixed, (BASELINE,)),
    ),
    Kind(
        id="F1-windows-line-ends",
        group="F1",
        words="all line ends became Windows line ends",
        apply=on_bytes(_windows_ends, UTF8),
    ),
    Kind(
        id="F1-old-line-ends",
        group="F1",
        words="all line ends became those of an old Macintosh",
        apply=on_bytes(_old_ends, UTF8),
    ),
)
