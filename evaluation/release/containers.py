"""What lies packed inside a file: compressed data, streams of a PDF, segments of a picture.

Each function gives the name and the content of every piece, or says why it cannot be read: what is
not opened must be told, or a search would vouch for what it never saw.
"""

import base64
import binascii
import bz2
import lzma
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from evaluation.locale.messages import Message, message

JPEG = b"\xff\xd8\xff"
PDF = b"%PDF-"
# Operands of what draws, moves and colours: places on a page, which read like numbers of people.
# No operator takes more than six; a print lists its objects in tens of thousands of numbers.
DRAWN = re.compile(
    rb"(?:[-+]?[\d.]+\s+){1,6}(?:re|m|l|c|v|y|cm|w|i|M|j|J|d0|d1|rg|RG|g|G|k|K|scn?|SCN?|T[dDmwcLzrs])\b"
)
NUMBERED = re.compile(rb"\A(?:\d+\s+)++")
WIDTHS = re.compile(rb"/W\s*\[(?:[\d.\s]|\[[\d.\s]*\])*\]")
INVENTORY = b"# Sphinx inventory"
GZIP, BZIP, XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0"
COMPRESSED = (GZIP, BZIP, XZ)
# how much of a file says in which encoding it is, and the share of NUL bytes that tells
SAMPLE, MOST_NULS = 4096, 0.4
# larger contents are not unpacked
LARGEST = 1 << 28
DATA_URI = re.compile(
    r"data:([a-z]+/[a-z0-9.+-]+)?((?:;[a-zA-Z0-9_.-]+(?:=[^;,\"'\s]*)?)*),"
    r"((?:[^\s\"'<>()\\]|\\n)+)"
)
BASE64 = re.compile(rb"[A-Za-z0-9+/=_-]*")
SUFFIXES = {"image/svg+xml": ".svg", "image/jpeg": ".jpg", "text/plain": ".txt",
            "application/gzip": ".gz", "text/markdown": ".md", "application/javascript": ".js",
            "text/javascript": ".js", "application/font-woff": ".woff", "": ".txt",
            "image/x-icon": ".ico"}  # fmt: skip
# Numbers by which objects of a PDF name each other, and texts, in which the same signs are words.
REFERENCE = re.compile(rb"(\((?:\\.|[^\\()])*\))|\b\d+ \d+ (?=(?:R|obj)\b)", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)(?:\r?\n)?endstream", re.DOTALL)
FILTER = re.compile(rb"/Filter\s*\[?\s*/(\w+)")
# pictures in a document: their points say nothing
PIXELS = (b"DCTDecode", b"JPXDecode", b"CCITTFaxDecode", b"JBIG2Decode")
SHOWN_TEXT = re.compile(rb"\[((?:[^\[\]()]|\((?:\\.|[^\\()])*\))*)\]\s*TJ")
LITERAL = re.compile(rb"\(((?:\\.|[^\\()])*)\)|<([0-9A-Fa-f\s]+)>")


@dataclass(frozen=True, slots=True)
class Piece:
    """Content found inside a file, or why there is none."""

    name: str
    data: bytes = b""
    why: Message | None = None


def inflated(name: str, data: bytes) -> Piece:
    """What a file of one compressed content holds, under its name without the last suffix.

    Parameters
    ----------
    name : str
        Of the file.
    data : bytes
        Content of the file.
    """
    inside = re.sub(r"\.(?:gz|bz2|xz|svgz)$", "", name, flags=re.IGNORECASE)
    inside += ".svg" if name.lower().endswith(".svgz") else ""
    try:
        if data.startswith(GZIP):
            content = _unzipped(data)
        elif data.startswith(BZIP):
            content = bz2.BZ2Decompressor().decompress(data, LARGEST)
        else:
            content = lzma.LZMADecompressor().decompress(data, LARGEST)
    except (OSError, EOFError, zlib.error, lzma.LZMAError):
        return Piece(name, why=message("unread.damaged"))
    return (
        Piece(inside, why=message("unread.too-large"))
        if len(content) >= LARGEST
        else Piece(inside, content)
    )


def _unzipped(data: bytes) -> bytes:
    """Every member of a gzip file, one after the other."""
    found = b""
    while data.startswith(GZIP) and len(found) < LARGEST:
        machine = zlib.decompressobj(31)
        found += machine.decompress(data, LARGEST)
        data = machine.unused_data
    return found


def embedded(name: str, text: str) -> Iterator[Piece]:
    """Contents of the data addresses of a page, a style or a drawing.

    Parameters
    ----------
    name : str
        Of the file.
    text : str
        Its text.
    """
    for i, match in enumerate(DATA_URI.finditer(text)):
        kind, settings, body = match[1] or "", match[2], match[3]
        suffix = SUFFIXES.get(kind, f".{kind.rpartition('/')[2]}")
        inside = f"{name}!data{i}{suffix}"
        raw = unquote_to_bytes(body.replace("\\n", "").replace("&#10;", ""))
        if ";base64" not in settings:
            yield Piece(inside, raw)
            continue
        decoded = _from_base64(raw)
        yield (
            Piece(inside, why=message("unread.damaged"))
            if decoded is None
            else Piece(inside, decoded)
        )


def _from_base64(raw: bytes) -> bytes | None:
    letters = BASE64.match(raw.translate(None, b" \r\n\t"))
    plain = letters[0].translate(bytes.maketrans(b"-_", b"+/"), b"=") if letters else b""
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except binascii.Error:
        return None


def document(name: str, data: bytes) -> Iterator[Piece]:
    """Text of a PDF: what stands outside its streams, and each stream as text.

    Parameters
    ----------
    name : str
        Of the file.
    data : bytes
        Content of the file.
    """
    yield Piece(f"{name}!objects", _texts(STREAM.sub(b"\n", data[len(PDF) :])))
    if b"/Encrypt" in data:
        yield Piece(name, why=message("unread.encrypted"))
        return
    for i, match in enumerate(STREAM.finditer(data)):
        head = data[max(0, match.start() - 400) : match.start()]
        head = head[max(head.rfind(b"obj"), 0) :]
        kind = FILTER.search(head)
        inside = f"{name}!stream{i}"
        try:
            content = zlib.decompressobj().decompress(match[1], LARGEST)
        except zlib.error:
            if kind is None or kind[1] in PIXELS:
                # a picture of a document keeps the words of its camera
                jpeg = match[1].startswith(JPEG)
                yield Piece(f"{inside}.jpg" if jpeg else inside, match[1])
            else:
                yield Piece(inside, why=message("unread.packed", kind=kind[1].decode("latin-1")))
            continue
        if b"/ObjStm" in head:
            # numbers and places of its objects, and widths of letters
            content = WIDTHS.sub(b"", NUMBERED.sub(b"", content))
        if b"/Subtype/Image" not in head.replace(b" ", b"") and b"/FontFile" not in head:
            yield Piece(inside, _texts(DRAWN.sub(b" ", content)))


def _texts(content: bytes) -> bytes:
    """The content without references, and below it the texts that it cuts into letters."""
    content = REFERENCE.sub(lambda found: found[1] or b"", content)
    lines = [b"".join(_literals(m[1])) for m in SHOWN_TEXT.finditer(content)]
    lines += [b"".join(_literals(m[0])) for m in re.finditer(rb"<FEFF[0-9A-Fa-f\s]+>", content)]
    # two bytes a letter, where only the second says something
    return b"\n".join([content, *lines]).replace(b"\0", b"").replace(b"\xfe\xff", b"")


def _literals(array: bytes) -> Iterator[bytes]:
    for match in LITERAL.finditer(array):
        if match[2] is None:
            yield re.sub(rb"\\(.)", rb"\1", match[1])
        else:
            digits = re.sub(rb"\s", b"", match[2])
            yield bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))


def segments(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Marker and content of the segments of a JPEG picture that programs write words into.

    Letters of two bytes, as EXIF writes some, lose the empty one.
    """
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        marker = data[at + 1]
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xE0 <= marker <= 0xEF or marker == 0xFE:
            body = data[at + 4 : at + 2 + length]
            # what the camera writes first says how its numbers lie, not what they are
            yield f"segment{marker:02x}", body.replace(b"\0", b"") + b"\n" + body
        at += 2 + max(length, 2)


def inventory(name: str, data: bytes) -> Piece:
    """The names of pages and headings that a book lists for other books.

    Parameters
    ----------
    name : str
        Of the file.
    data : bytes
        Content of the file.
    """
    head = data.split(b"\n", 4)
    try:
        return Piece(name, b"\n".join([*head[:4], zlib.decompressobj().decompress(head[4])]))
    except (zlib.error, IndexError):
        return Piece(name, why=message("unread.damaged"))


def decoded(data: bytes) -> str:
    """Bytes as text: UTF-8, two bytes a letter with or without a mark, else Latin-1.

    Parameters
    ----------
    data : bytes
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    wide = _wide(data[:SAMPLE])
    if wide:
        return data.decode(wide, "replace")
    text = data.decode("utf-8", "replace")
    # text in an older encoding must not hide behind its accents
    return data.decode("latin-1") if "�" in text else text


def _wide(sample: bytes) -> str:
    """The encoding of two bytes a letter that shows without a mark: every second byte is NUL."""
    half = len(sample) // 2
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if half and second > MOST_NULS * half and not first:
        return "utf-16-le"
    return "utf-16-be" if half and first > MOST_NULS * half and not second else ""
