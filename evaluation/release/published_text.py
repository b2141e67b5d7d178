"""Everything readable in a published file: text, cells, metadata, whatever its format.

CREATES parts of text. Workbooks and documents are opened (every text and attribute of every part:
properties, comments, hidden sheets, drawings and charts too), SPSS files give cells, labels and
notes, pictures their text chunks, notebooks the text of their outputs and the chunks of the
pictures in them; what is packed in a file is unpacked. What cannot be read is a part that says so.
"""

import base64
import binascii
import hashlib
import html
import io
import json
import re
import struct
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.data.readers import spss
from evaluation.locale.messages import Message, message
from evaluation.release import containers
from evaluation.release.containers import SAMPLE, Piece, decoded
from evaluation.release.identifiers import file_properties
from evaluation.release.identifiers.file_properties import EXIF
from evaluation.storage import disk
from evaluation.storage.packaged import patterns, read_beside

PATTERN = patterns(read_beside(__file__))
# Typefaces that come with these packages hold no words. They are known by their sums, so that
# another file under the name of a typeface is not. The packages are not imported for it: the theme
# loads all of Sphinx.
FONTS = {"evaluation": "report/figures/fonts", "pydata_sphinx_theme": "theme"}
FONT_SUFFIXES = (".ttf", ".woff2")


class Joined:
    """A text without its tags, and where one was taken out of a line.

    Parameters
    ----------
    text : str
        Text with tags. Those that part lines become ``<>``, which parts cells too; line ends
        inside tags stay.
    """

    def __init__(self, text: str) -> None:
        self.joints: list[int] = []
        pieces: list[str] = []
        at = length = 0
        for match in PATTERN["marked"].finditer(text):
            left = "\n" * match[0].count("\n") if "\n" in match[0] else ""
            pieces += [text[at : match.start()], left if match[1] else f"<>{left}"]
            length += match.start() - at
            if match[1]:
                self.joints.append(length)
            length += len(pieces[-1])
            at = match.end()
        self.text = "".join([*pieces, text[at:]])

    def is_joined(self, start: int, end: int) -> bool:
        """Whether what stands there was in several pieces: a tag stood inside it.

        Parameters
        ----------
        start : int
            Where it begins in the joined text.
        end : int
            The first place behind it.
        """
        i = bisect_right(self.joints, start)
        return i < len(self.joints) and self.joints[i] < end


def office_text(text: str) -> str:
    """Every text of a part of an office file, then every attribute, each in a line of its own.

    A paragraph's runs stay together, cells and properties part.

    Parameters
    ----------
    text : str
        The part's XML.
    """
    text = PATTERN["placed"].sub(
        "", PATTERN["as_typed"].sub(lambda typed: html.escape(typed[1]), text)
    )
    values = [
        *PATTERN["comment"].findall(text),
        *("".join(said) for said in PATTERN["said"].findall(text)),
    ]
    plain = PATTERN["tag"].sub("", PATTERN["paragraph"].sub("\n", PATTERN["comment"].sub("", text)))
    return html.unescape("\n".join([plain, *dict.fromkeys(values)]))


# "cells" are short values that stand alone; a bare number says more there than in prose
CELLS = (".csv", ".tsv", ".json", ".ipynb", ".html", ".xlsx", ".dta", ".log", ".txt")
ZIPPED = b"PK\x03\x04"
# formats that nothing here opens
UNREADABLE = (".woff", ".woff2", ".ttf", ".otf", ".eot", ".ico", ".7z", ".rar", ".zst")
# pictures and catalogues whose words lie open between other bytes
HALF_READABLE = (".gif", ".mo")
TABLES = (".parquet", ".dta")
LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
# words of a book's index that are the decimals of a number; the pages are searched themselves
INDEX = "searchindex.js"
DEEPEST = 3
# numbers of a point in JSON: two, or three with its height
PAIR = (2, 3)
NOTEBOOK_DATA = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif",
                 "application/pdf": ".pdf"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text of a file, or of one member or chunk of it; ``unread`` says why there is none.

    ``held`` is what the format itself says of somebody: a rule and a text for each.
    """

    name: str
    text: str
    cells: bool
    unread: Message | None = None
    held: tuple[tuple[str, str], ...] = ()


def parts(name: str, data: bytes, depth: int = 0) -> Iterator[TextPart]:
    """Text of a file in parts.

    Parameters
    ----------
    name : str
        File name; the suffix decides what is not known from the bytes.
    data : bytes
        Content.
    depth : int
        Archives around it; deeper than three are not opened.
    """
    suffix = name[name.rfind(".") :].lower()
    if data.startswith(ZIPPED):
        yield from _members(name, data, depth)
    elif data.startswith((file_properties.PICTURES, containers.JPEG)):
        yield from _words_of_picture(name, data)
    elif data.startswith(containers.COMPRESSED):
        yield from _opened([containers.inflated(name, data)], depth)
    elif data.startswith(containers.PDF):
        yield from _opened(containers.document(name, data), depth)
    elif suffix in TABLES or data.startswith(spss.MARKS):
        yield from _table(name, data, suffix)
    elif suffix in (".json", ".ipynb"):
        yield from _json(name, data, depth)
    elif suffix in UNREADABLE:
        yield from _unopened(name, data, suffix)
    else:
        yield from _text(name, data, suffix, depth)


def _words_of_picture(name: str, data: bytes) -> Iterator[TextPart]:
    """What programs and cameras write into a picture."""
    if data.startswith(containers.JPEG):
        for kind, body in containers.segments(data):
            held = file_properties.place_of(body)
            yield TextPart(f"{name}!{kind}", decoded(body), cells=False, held=held)
        return
    for kind, text in file_properties.chunks(data):
        held = file_properties.place_of(text.encode("latin-1")) if kind == EXIF else ()
        yield TextPart(f"{name}!{kind}", text, cells=False, held=held)


def _unopened(name: str, data: bytes, suffix: str) -> Iterator[TextPart]:
    """Say that nothing opens such a file; of typefaces that came along nothing is to be said."""
    if not is_shipped_font(data):
        yield _unread(name, message("unread.format", suffix=suffix))


def _unread(name: str, why: Message) -> TextPart:
    return TextPart(name, "", cells=False, unread=why)


def _opened(pieces: Iterable[Piece], depth: int) -> Iterator[TextPart]:
    """Parts of what was packed in a file; deeper than three it is left as it is, and said so."""
    for piece in pieces:
        if piece.why or depth >= DEEPEST:
            yield _unread(piece.name, piece.why or message("unread.too-deep"))
        else:
            yield from parts(piece.name, piece.data, depth + 1)


def _table(name: str, data: bytes, suffix: str) -> Iterator[TextPart]:
    """Cells of a table in a format of bytes, and what its bytes say openly: labels and notes."""
    if data.startswith(spss.MARKS):
        yield from _spss(name, data)
        return
    yield TextPart(name, decoded(data), cells=suffix in CELLS)
    try:
        if suffix == ".parquet":
            table = pd.read_parquet(io.BytesIO(data))
        else:
            table = pd.read_stata(io.BytesIO(data), convert_categoricals=False, convert_dates=False)
    except (ValueError, OSError, KeyError, OverflowError, NotImplementedError, struct.error):
        yield _unread(name, message("unread.no-table"))
        return
    yield TextPart(f"{name}!cells", table.to_csv(), cells=True)


def _spss(name: str, data: bytes) -> Iterator[TextPart]:
    """Cells, labels and notes of an SPSS file, compressed or not, and what its bytes say openly."""
    yield TextPart(name, decoded(data), cells=False)
    try:
        labels, table = spss.told(data)
    except ValueError:
        yield _unread(name, message("unread.no-table"))
        return
    yield TextPart(f"{name}!labels", labels, cells=False)
    yield TextPart(f"{name}!cells", table.to_csv(lineterminator="\n"), cells=True)


def _text(name: str, data: bytes, suffix: str, depth: int) -> Iterator[TextPart]:
    if data.startswith(containers.INVENTORY):
        piece = containers.inventory(name, data)
        yield _unread(name, piece.why) if piece.why else TextPart(name, decoded(piece.data), False)
        return
    plain = decoded(data)
    yield TextPart(name, _plain(plain, suffix, name), cells=suffix in CELLS)
    if "\0" in plain[:SAMPLE] and suffix not in HALF_READABLE:
        yield _unread(name, message("unread.unknown-bytes"))
    if "data:" in plain:
        yield from _opened(containers.embedded(name, plain), depth)


def _plain(text: str, suffix: str, name: str) -> str:
    if suffix in (".html", ".svg", ".xml"):
        return html.unescape(PATTERN["outline"].sub("", PATTERN["embedded"].sub("", text)))
    if suffix == ".csv" and ";" in text.partition("\n")[0]:
        # a comma between cells would make an id of the digits behind a decimal comma
        text = PATTERN["comma_number"].sub(r"\1.\2", text)
    if name.endswith(INDEX):
        text = PATTERN["decimals"].sub("", text)
    if suffix == ".js" and "\\" in text:
        return PATTERN["escaped"].sub(_unescaped, text)
    return text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else LETTERS.get(code, code)


def _members(name: str, data: bytes, depth: int) -> Iterator[TextPart]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        yield TextPart(name, decoded(data), cells=False)
        return
    yield TextPart(f"{name}!comment", decoded(archive.comment), cells=False)
    office = "[Content_Types].xml" in archive.namelist()
    for member in archive.infolist():
        inside = f"{name}!{member.filename}"
        if member.is_dir():
            continue
        try:
            content = archive.read(member)
        except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
            encrypted = bool(member.flag_bits & 1)
            yield _unread(inside, message("unread.encrypted" if encrypted else "unread.damaged"))
            continue
        held = file_properties.writers(member.filename, decoded(content))
        if held:
            yield TextPart(inside, "", cells=False, held=held)
        if office and member.filename.endswith((".xml", ".rels")):
            yield TextPart(inside, office_text(decoded(content)), cells=True)
        else:
            yield from _opened([Piece(inside, content)], depth)


def _json(name: str, data: bytes, depth: int) -> Iterator[TextPart]:
    text = decoded(data)
    try:
        content = json.loads(text)
    except ValueError:
        yield TextPart(name, text, cells=True)
        return
    found: list[str] = []
    pictures: list[tuple[str, bytes]] = []
    _strings(content, found, pictures)
    joined = "\n".join(found)
    yield TextPart(
        name,
        html.unescape(PATTERN["outline"].sub("", PATTERN["embedded"].sub("", joined))),
        cells=True,
    )
    for i, (suffix, picture) in enumerate(pictures):
        yield from parts(f"{name}!picture{i}{suffix}", picture, depth)
    if "data:" in joined:
        yield from _opened(containers.embedded(name, joined), depth)


def _strings(value: Any, found: list[str], pictures: list[tuple[str, bytes]]) -> None:
    """Every key, text and number of JSON; lists of lines, as notebooks have them, as one text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            found.append(key)
            if key in NOTEBOOK_DATA:
                pictures.extend((NOTEBOOK_DATA[key], data) for data in _picture(inner))
            else:
                _strings(inner, found, pictures)
    elif isinstance(value, list):
        if value and all(isinstance(v, str) for v in value):
            found.append("".join(value) if value[0].endswith("\n") else "\n".join(value))
            return
        if len(value) in PAIR and all(type(v) in (int, float) for v in value):
            # a point: longitude, latitude, and how high
            found.append(", ".join(map(str, value)))
            return
        for inner in value:
            _strings(inner, found, pictures)
    elif isinstance(value, str):
        found.append(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found.append(str(value))


def _picture(encoded: Any) -> Iterator[bytes]:
    text = "".join(encoded) if isinstance(encoded, list) else str(encoded)
    try:
        yield base64.b64decode(text)
    except binascii.Error:
        return


def is_shipped_font(data: bytes) -> bool:
    """Whether a content is one of those typefaces, byte for byte."""
    return hashlib.sha256(data).digest() in font_sums()


@cache
def font_sums() -> frozenset[bytes]:
    """The sum of each of them."""
    found = (
        path
        for package, folder in FONTS.items()
        for place in _font_folders(package)
        for path in (place / folder).rglob("*")
        if path.suffix in FONT_SUFFIXES
    )
    return frozenset(hashlib.sha256(disk.read_bytes(path)).digest() for path in found)


def _font_folders(package: str) -> tuple[Path, ...]:
    spec = find_spec(package)
    return tuple(map(Path, (spec and spec.submodule_search_locations) or ()))
