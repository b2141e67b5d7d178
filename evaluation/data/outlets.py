"""Everything readable in a published file: text, cells, metadata, whatever its format.

CREATES parts of text. Workbooks and documents are opened (properties, comments and hidden sheets
too), pictures give their text chunks, notebooks the text of their outputs and the chunks of the
pictures in them.
"""

import base64
import binascii
import html
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

# "cells" are short values that stand alone; a bare number says more there than in prose
CELLS = (".csv", ".tsv", ".json", ".ipynb", ".html", ".xlsx", ".dta", ".log", ".txt")
PICTURES = b"\x89PNG\r\n\x1a\n"
ZIPPED = b"PK\x03\x04"
# parts of office files that hold shapes and styles: numbers of points and pixels
SHAPES = re.compile(r"(^|/)(drawings|charts|theme|media|styles\.xml)")
# fonts and compiled catalogues hold no text of ours
UNREADABLE = (".woff", ".woff2", ".ttf", ".otf", ".eot", ".mo", ".gif", ".ico", ".jpg")
TAG = re.compile(r"<[^>]*>")
# runs of one line are not parted: a program cuts them wherever the format changes
PARAGRAPH = re.compile(r"</(?!(?:w:|a:)?(?:t|r|rPr)>)[^>]*>")
ESCAPED = re.compile(r"\\(u[0-9a-fA-F]{4}|[nrt\"\\/])")
LETTERS = {"n": "\n", "r": "\r", "t": "\t"}
EMBEDDED = re.compile(r"(?:data:[a-z/+-]+;base64,|%PNG)[A-Za-z0-9+/=\\n]{64,}")
# the lines of a drawing: only numbers
OUTLINE = re.compile(r' (?:d|points)="[^"]*"')
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Part:
    """Text of a file, or of one member or chunk of it."""

    name: str
    text: str
    cells: bool


def parts(name: str, data: bytes, depth: int = 0) -> Iterator[Part]:
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
    elif data.startswith(PICTURES):
        yield from (Part(f"{name}!{k}", text, cells=False) for k, text in chunks(data))
    elif suffix in (".json", ".ipynb"):
        yield from _json(name, data)
    elif suffix not in UNREADABLE:
        yield Part(name, _plain(data, suffix), cells=suffix in CELLS)


def _plain(data: bytes, suffix: str) -> str:
    text = _decoded(data)
    if suffix in (".html", ".svg", ".xml"):
        return html.unescape(OUTLINE.sub("", EMBEDDED.sub("", text)))
    if suffix == ".js" and "\\" in text:
        return ESCAPED.sub(_unescaped, text)
    return text


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else LETTERS.get(code, code)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    text = data.decode("utf-8", "replace")
    # text in an older encoding must not hide behind its accents
    return data.decode("latin-1") if "�" in text else text


def _members(name: str, data: bytes, depth: int) -> Iterator[Part]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        yield Part(name, _decoded(data), cells=False)
        return
    yield Part(f"{name}!comment", _decoded(archive.comment), cells=False)
    office = "[Content_Types].xml" in archive.namelist()
    for member in archive.infolist():
        inside = f"{name}!{member.filename}"
        if member.is_dir() or (office and SHAPES.search(member.filename)):
            continue
        content = archive.read(member)
        if office and member.filename.endswith((".xml", ".rels")):
            yield Part(
                inside, _office(_decoded(content)), cells="sheet" in inside or "Str" in inside
            )
        elif depth < DEEPEST:
            yield from parts(inside, content, depth + 1)


def _office(text: str) -> str:
    """Text between tags; a paragraph's runs stay together, cells and properties part."""
    values = " ".join(re.findall(r'"([^"]*)"', text)) if "Relationship" in text else ""
    return html.unescape(TAG.sub("", PARAGRAPH.sub("\n", text))) + "\n" + values


def chunks(data: bytes) -> Iterator[tuple[str, str]]:
    """Keyword and text of the text chunks of a PNG picture."""
    at = len(PICTURES)
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind not in (b"tEXt", b"zTXt", b"iTXt"):
            continue
        keyword, _, rest = body.partition(b"\0")
        yield keyword.decode("latin-1"), _chunk_text(kind, rest)


def _chunk_text(kind: bytes, rest: bytes) -> str:
    packed = kind == b"zTXt"
    if packed:
        rest = rest[1:]
    if kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].partition(b"\0")[2].partition(b"\0")[2]
    try:
        return _decoded(zlib.decompress(rest) if packed else rest)
    except zlib.error:
        return _decoded(rest)


def _json(name: str, data: bytes) -> Iterator[Part]:
    text = _decoded(data)
    try:
        content = json.loads(text)
    except ValueError:
        yield Part(name, text, cells=True)
        return
    found: list[str] = []
    pictures: list[bytes] = []
    _strings(content, found, pictures)
    joined = "\n".join(found)
    yield Part(name, html.unescape(OUTLINE.sub("", EMBEDDED.sub("", joined))), cells=True)
    for i, picture in enumerate(pictures):
        yield from parts(f"{name}!picture{i}.png", picture)


def _strings(value: Any, found: list[str], pictures: list[bytes]) -> None:
    """Every key, text and number of JSON; lists of lines, as notebooks have them, as one text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            found.append(key)
            if key == "image/png":
                pictures.extend(_picture(inner))
            else:
                _strings(inner, found, pictures)
    elif isinstance(value, list):
        if value and all(isinstance(v, str) for v in value):
            found.append("".join(value) if value[0].endswith("\n") else "\n".join(value))
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
