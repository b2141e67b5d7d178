"""What files say of who wrote them and where: properties of office files, EXIF of pictures."""

import html
import re
import struct
import zlib
from collections.abc import Iterator

from evaluation.release.containers import decoded

PICTURES, EXIF = b"\x89PNG\r\n\x1a\n", "eXIf"
Held = tuple[tuple[str, str], ...]

# blocks of EXIF begin with their byte order (TIFF 6.0); JPEG has a name before it
ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
NAMED = b"Exif\0\0"
# the entry of the first directory that points to where the picture was taken (EXIF 2.32, 4.6.3)
GPS_BLOCK = 0x8825
ENTRY = 12
# parts of office files that name persons: properties, then comments and changes
PROPERTIES = re.compile(r"(?:^|/)(?:core|app|meta)\.xml$")
COMMENTED = re.compile(r"(?:^|/)(?:word|xl|ppt)/.*\.xml$|(?:^|/)content\.xml$")
WRITER = re.compile(
    r"<(?:cp:lastModifiedBy|dc:creator|meta:initial-creator|meta:printed-by|Manager)>([^<]+)<"
)
COMMENTER = re.compile(
    r"<(?:author|dc:creator)>([^<]+)<|\sw:author=\"([^\"]+)\"|<p:cmAuthor\s[^>]*\bname=\"([^\"]+)\""
)
LETTERS = re.compile(r"[^\W\d_]{2}")
# programs that put their own name there
PROGRAMS = re.compile(
    r"(?i)\s*(?:openpyxl|python-docx|python-pptx|xlsxwriter|apache poi|microsoft office user"
    r"|microsoft|libreoffice|unknown|author|usuario|user|windows user)?\s*"
)


def writers(member: str, text: str) -> Held:
    """Persons whom an office program noted as author, last author or commenter, programs apart.

    Parameters
    ----------
    member : str
        Name of the part of the file.
    text : str
        Its XML.

    Returns
    -------
    tuple of (str, str)
        The rule ``name``, and each name once.
    """
    if PROPERTIES.search(member):
        found: Iterator[str] = iter(WRITER.findall(text))
    elif COMMENTED.search(member):
        found = ("".join(groups) for groups in COMMENTER.findall(text))
    else:
        return ()
    names = dict.fromkeys(html.unescape(name).strip() for name in found)
    return tuple(
        ("name", name) for name in names if LETTERS.search(name) and not PROGRAMS.fullmatch(name)
    )


def place_of(block: bytes) -> Held:
    """Whether a block of EXIF says where a picture was taken, whatever it says of it.

    Parameters
    ----------
    block : bytes
        Content of a PNG chunk ``eXIf``, or of a JPEG segment.

    Returns
    -------
    tuple of (str, str)
        The rule ``gps`` once, or nothing.
    """
    at = block.find(NAMED)
    block = block[at + len(NAMED) :] if at >= 0 else block
    order = ORDERS.get(block[:4])
    if order is None:
        return ()
    try:
        (directory,) = struct.unpack_from(f"{order}I", block, 4)
        (entries,) = struct.unpack_from(f"{order}H", block, directory)
        tags = [
            struct.unpack_from(f"{order}H", block, directory + 2 + i * ENTRY)[0]
            for i in range(entries)
        ]
    except struct.error:
        # damaged: whatever is left of it is read as text
        return ()
    return (("gps", "EXIF GPS"),) if GPS_BLOCK in tags else ()


def chunks(data: bytes) -> Iterator[tuple[str, str]]:
    """Keyword and text of the chunks of a PNG picture that hold words, EXIF as it is.

    Parameters
    ----------
    data : bytes
        Content of the file.
    """
    at = len(PICTURES)
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == EXIF.encode():
            yield EXIF, body.decode("latin-1")
        elif kind in (b"tEXt", b"zTXt", b"iTXt"):
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
        return decoded(zlib.decompress(rest) if packed else rest)
    except zlib.error:
        return decoded(rest)
