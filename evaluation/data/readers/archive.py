"""Declared members of a zip archive, in memory: nothing is written to disk, nothing is trusted.

The archive's directory is judged whole before a byte is unpacked, and what it says of a member is
judged again while that member is unpacked, because a directory can lie. ``zipfile`` reads only the
directory: it stops at the length the directory states, so that a longer member would be cut in
silence.
"""

import fnmatch
import io
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence

from evaluation.config.file_layout import Export
from evaluation.config.manifest import RawFile
from evaluation.data.findings import Rule
from evaluation.errors import DataError

MEMBER_UNPACKS = Rule("archive-ratio", "error", "member-unpacks", "do-not-unpack")
MEMBER_ARCHIVE = Rule("archive-nested", "error", "member-archive", "unpack-declare")
FILE_NO_ZIP = Rule("archive", "error", "file-no-zip", "check-right-file")
ARCHIVE_CUT_DIRECTORY = Rule(
    "archive-damaged", "error", "archive-cut-directory", "get-archive-again-whole"
)
MEMBER_ENCRYPTED = Rule("archive-encrypted", "error", "member-encrypted", "unpack-password")
ARCHIVE_DIRECTORY = Rule("archive-damaged", "error", "archive-directory", "get-archive-again-whole")
MEMBERS_SAME = Rule("archive-duplicate", "error", "members-same", "get-archive-again")
ARCHIVE_NO_MEMBER = Rule("archive-missing", "error", "archive-no-member", "get-whole-export")
LARGE_DIRECTORY = Rule("archive-entries", "error", "archive-large-directory", "export-without")
MANY_MEMBERS = Rule("archive-entries", "error", "archive-many-members", "export-without")
ARCHIVE_TOO_LARGE = Rule("archive-size", "error", "archive-too-large", "look-what-holds")
MEMBER_DOES_NOT_END = Rule("archive-size", "error", "member-does-not-end", "look-what-holds")
MEMBER_NOT_DECLARED = Rule("archive-undeclared", "error", "member-not-declared", "declare-list")

# an export with a photograph for each interview has thousands of members, not tens of thousands
MOST_ENTRIES = 20_000
# of the directory itself: 20,000 entries of 500 bytes
MOST_DIRECTORY = 10_000_000
# 590 columns with 5 answers in each row pack 23 to 1 (measured); deflate reaches 1,032 to 1
MOST_RATIO = 200
# below this size no ratio does harm
RATIO_FROM = 1_000_000
MEGABYTE = 1_000_000
START, END, LOCAL = b"PK\x03\x04", b"PK\x05\x06", struct.Struct("<4s5H3I2H")
# encrypted, strongly encrypted, directory masked
ENCRYPTED = 0x1 | 0x40 | 0x2000
ARCHIVES = re.compile(r"\.(zip|xlsx|xlsm|docx|jar|tar|tgz|gz|bz2|xz|zst|7z|rar)$", re.IGNORECASE)
SHOWN = 60
# what reading a directory of arbitrary bytes can raise
UNREADABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    ValueError,
    OverflowError,
    OSError,
    EOFError,
    struct.error,
)


def read(data: bytes, export: Export, file: RawFile) -> dict[str, zipfile.ZipInfo]:
    """Read and judge an archive's directory.

    Parameters
    ----------
    data : bytes
        The archive.
    export : Export
        Members that are read or ignored, and how much there may be.
    file : RawFile
        The archive's entry in the manifest, for the messages.

    Returns
    -------
    dict of str to ZipInfo
        What the directory says of each member, by name; every declared one is there.

    Raises
    ------
    DataError
        See :func:`members`.
    """
    entries = _directory(data, file)
    _check_names(entries, file)
    for entry in entries:
        _check_kind(entry, export, file)
    _check_sizes(entries, export, file)
    found = {
        entry.orig_filename: entry for entry in entries if not entry.orig_filename.endswith("/")
    }
    _check_declared(found, declared(export), export, file)
    _check_overlap(entries, len(data), file)
    return found


def declared(export: Export) -> tuple[str, ...]:
    """Members that are read: the interviews, then each repeat."""
    return (export.member, *(repeat.member for repeat in export.repeat))


def _directory(data: bytes, file: RawFile) -> list[zipfile.ZipInfo]:
    if not data.startswith((START, END)):
        raise FILE_NO_ZIP.refused(file.path)
    end = data.rfind(END)
    if end < 0:
        raise ARCHIVE_CUT_DIRECTORY.refused(file.path)
    try:
        (size,) = struct.unpack_from("<I", data, end + 12)
        if size > MOST_DIRECTORY:
            raise LARGE_DIRECTORY.refused(file.path, n=f"{size:,}", most=f"{MOST_ENTRIES:,}")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except UNREADABLE as error:
        raise ARCHIVE_DIRECTORY.refused(file.path, name=type(error).__name__) from None
    if len(entries) > MOST_ENTRIES:
        n = f"{len(entries):,}"
        raise MANY_MEMBERS.refused(file.path, n=n, most=f"{MOST_ENTRIES:,}")
    return entries


def _check_names(entries: Sequence[zipfile.ZipInfo], file: RawFile) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        # as the archive has it: what `zipfile` makes of it depends on its version
        name = entry.orig_filename
        problem = _misnamed(name)
        if problem:
            rule = Rule("archive-path", "error", f"member-{problem}", "do-not-unpack-archive")
            raise rule.refused(file.path, name=shown(name))
        # two spellings of one name overwrite each other on the machines people unpack on
        key = unicodedata.normalize("NFC", name).casefold().rstrip("/")
        if key in seen:
            raise MEMBERS_SAME.refused(file.path, seen=shown(seen[key]), name=shown(name))
        seen[key] = name


def _misnamed(name: str) -> str:
    """Why a member's name is refused, as its message is called; empty where it is not."""
    parts = name.removesuffix("/").split("/")
    problems = (
        (name.startswith("/"), "absolute"),
        ("\\" in name, "backslash"),
        (re.match(r"[A-Za-z]:", name) is not None, "drive-letter"),
        (".." in parts, "leads-out"),
        (not all(parts) or "." in parts, "empty-part"),
        (any(ord(letter) < 0x20 for letter in name), "control-characters"),
    )
    return next((problem for holds, problem in problems if holds), "")


def _check_kind(entry: zipfile.ZipInfo, export: Export, file: RawFile) -> None:
    name = shown(entry.orig_filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & ENCRYPTED:
        raise MEMBER_ENCRYPTED.refused(file.path, name=name)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "symbolic-link" if kind == stat.S_IFLNK else "special-file"
        rule = Rule("archive-link", "error", f"member-{what}", "pack-file-itself")
        raise rule.refused(file.path, name=name)
    if ARCHIVES.search(entry.orig_filename) and not _ignored(entry.orig_filename, export):
        raise MEMBER_ARCHIVE.refused(file.path, name=name)


def _ignored(name: str, export: Export) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in export.ignore_members)


def _check_sizes(entries: Sequence[zipfile.ZipInfo], export: Export, file: RawFile) -> None:
    """What the directory says of sizes; unpacking says whether it is true."""
    total = sum(entry.file_size for entry in entries)
    if total > export.largest_mb * MEGABYTE:
        most = export.largest_mb
        raise ARCHIVE_TOO_LARGE.refused(file.path, size=f"{total:,}", most=most)
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * entry.compress_size:
            name = shown(entry.orig_filename)
            raise MEMBER_UNPACKS.refused(file.path, orig_filename=name, most_ratio=MOST_RATIO)


def _check_declared(
    found: dict[str, zipfile.ZipInfo], wanted: Sequence[str], export: Export, file: RawFile
) -> None:
    for name in wanted:
        if name not in found:
            raise ARCHIVE_NO_MEMBER.refused(file.path, name=shown(name))
    for name in found:
        if name not in wanted and not _ignored(name, export):
            raise MEMBER_NOT_DECLARED.refused(file.path, name=shown(name))


def _check_overlap(entries: Sequence[zipfile.ZipInfo], size: int, file: RawFile) -> None:
    """Members that share bytes: how a small archive unpacks to a huge one."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    starts = [*(entry.header_offset for entry in ordered[1:]), size]
    for entry, following in zip(ordered, starts, strict=True):
        if entry.header_offset + LOCAL.size + entry.compress_size > following:
            raise damaged(entry, "overlaps", file)


def damaged(entry: zipfile.ZipInfo, problem: str, file: RawFile, **values: object) -> DataError:
    """A member that is not what the directory says, in the way that its message is called by."""
    rule = Rule("archive-damaged", "error", f"member-{problem}", "get-archive-again-whole")
    return rule.refused(file.path, name=shown(entry.orig_filename), **values)


def shown(name: str) -> str:
    """A name as a message may print it: control characters escaped, and not endless."""
    return repr(name if len(name) <= SHOWN else f"{name[:SHOWN]}...")


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
        raise DataError.of("no-export", "add-manifest", file.path)
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
        name = shown(entry.orig_filename)
        raise MEMBER_DOES_NOT_END.refused(file.path, most=limit, name=name)
    if not is_whole or len(content) != entry.file_size:
        raise damaged(entry, "other-size", file, size=f"{entry.file_size:,}")
    if zlib.crc32(content) != entry.CRC:
        raise damaged(entry, "other-checksum", file)
    if content.startswith(MAGIC):
        raise MEMBER_ARCHIVE.refused(file.path, name=shown(entry.orig_filename))
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
