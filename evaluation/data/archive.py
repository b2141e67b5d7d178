"""Declared members of a zip archive, in memory: nothing is written to disk, nothing is trusted.

The archive's directory is judged whole before a byte is unpacked, and what it says of a member is
judged again while that member is unpacked, because a directory can lie. ``zipfile`` reads only the
directory: it stops at the length the directory states, so that a longer member would be cut in
silence.
"""

import zipfile
import zlib

from evaluation.data.archive_directory import (
    ENCRYPTED,
    END,
    LOCAL,
    MEGABYTE,
    START,
    damaged,
    declared,
    nested,
    read,
    shown,
    too_large,
)
from evaluation.errors import DataError
from evaluation.locale.messages import message
from evaluation.spec.manifest import RawFile

MAGIC = (START, END, b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")


def members(data: bytes, file: RawFile) -> dict[str, bytes]:
    """Unpack the members that the manifest declares.

    Parameters
    ----------
    data : bytes
        The archive.
    file : RawFile
        Its entry in the manifest, with an export.

    Returns
    -------
    dict of str to bytes
        Content by member: the interviews first, then each repeat, as declared.

    Raises
    ------
    DataError
        No zip archive, or a damaged one; an encrypted member; a name that leaves the archive; a
        link; two members of one name, also in another case; an archive inside; a member that
        nobody declared or ignores; a declared one that is missing; too many members, too much
        when unpacked, or packed more than 200 to 1, by the directory or in truth.
    """
    export = file.export
    if export is None:
        raise DataError(
            message("no-export.problem"), where=file.path, mend=message("add-manifest.mend")
        )
    found, wanted = read(data, export, file), declared(export)
    left = export.largest_mb * MEGABYTE
    unpacked: dict[str, bytes] = {}
    for name in wanted:
        unpacked[name] = _unpacked(data, found[name], file, most=left)
        left -= len(unpacked[name])
    return unpacked


def _unpacked(data: bytes, entry: zipfile.ZipInfo, file: RawFile, *, most: int) -> bytes:
    """One member's bytes, of which at most ``most`` are ever held."""
    packed = _packed(data, entry, file)
    content, is_whole = packed, True
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        # one byte more than stated shows that there is more
        bound = min(entry.file_size, most) + 1
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            content = stream.decompress(packed, bound)
        except zlib.error:
            raise damaged(entry, "cannot-be-unpacked", file) from None
        is_whole = stream.eof and not stream.unused_data
    elif entry.compress_type != zipfile.ZIP_STORED:
        raise damaged(entry, "another-method", file)
    if len(content) > most:
        limit = file.export.largest_mb if file.export else 0
        problem = message(
            "member-does-not-end.problem", most=limit, name=shown(entry.orig_filename)
        )
        raise too_large(problem, file)
    if not is_whole or len(content) != entry.file_size:
        raise damaged(entry, "other-size", file, size=f"{entry.file_size:,}")
    if zlib.crc32(content) != entry.CRC:
        raise damaged(entry, "other-checksum", file)
    if content.startswith(MAGIC):
        raise nested(shown(entry.orig_filename), file)
    return content


def _packed(data: bytes, entry: zipfile.ZipInfo, file: RawFile) -> bytes:
    """A member's packed bytes, behind its own header.

    Notes
    -----
    Layout: PKWARE, .ZIP File Format Specification, section 4.3.7.
    """
    start = entry.header_offset
    if start < 0 or start + LOCAL.size > len(data):
        raise damaged(entry, "elsewhere", file)
    mark, _, flags, method, *_, name_length, extra_length = LOCAL.unpack_from(data, start)
    if mark != START or method != entry.compress_type or flags & ENCRYPTED:
        raise damaged(entry, "described-otherwise", file)
    at = start + LOCAL.size + name_length
    encoding = "utf-8" if entry.flag_bits & 0x800 else "cp437"
    if data[at - name_length : at] != entry.orig_filename.encode(encoding):
        raise damaged(entry, "named-otherwise", file)
    at += extra_length
    packed = data[at : at + entry.compress_size]
    if len(packed) < entry.compress_size:
        raise damaged(entry, "cut", file)
    return packed
