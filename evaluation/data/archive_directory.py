"""The directory of a zip archive, judged whole before a byte is unpacked."""

import fnmatch
import io
import re
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Sequence

from evaluation.errors import DataError
from evaluation.spec.exports import Export
from evaluation.spec.manifest import RawFile

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
AGAIN = "get the archive again, whole"
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
        See :func:`evaluation.data.archive.members`.
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
        raise refused(
            file,
            "archive",
            "the file is no zip archive",
            "check that this is the right file, or declare the format that it has",
        )
    end = data.rfind(END)
    if end < 0:
        raise refused(file, "archive-damaged", "the archive is cut: its directory is gone", AGAIN)
    try:
        (size,) = struct.unpack_from("<I", data, end + 12)
        if size > MOST_DIRECTORY:
            raise _many(file, f"the archive has a directory of {size:,} bytes")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except UNREADABLE as error:
        raise refused(
            file,
            "archive-damaged",
            f"the archive's directory cannot be read ({type(error).__name__})",
            AGAIN,
        ) from None
    if len(entries) > MOST_ENTRIES:
        raise _many(file, f"the archive has {len(entries):,} members")
    return entries


def _many(file: RawFile, problem: str) -> DataError:
    return refused(
        file,
        "archive-entries",
        f"{problem}, more than {MOST_ENTRIES:,} members can have",
        "export without media, or pack only the files that the manifest declares",
    )


def _check_names(entries: Sequence[zipfile.ZipInfo], file: RawFile) -> None:
    seen: dict[str, str] = {}
    for entry in entries:
        # as the archive has it: what `zipfile` makes of it depends on its version
        name = entry.orig_filename
        problem = _misnamed(name)
        if problem:
            raise refused(
                file,
                "archive-path",
                f"member {shown(name)} {problem}",
                "do not unpack this archive; ask where it comes from, and get it again",
            )
        # two spellings of one name overwrite each other on the machines people unpack on
        key = unicodedata.normalize("NFC", name).casefold().rstrip("/")
        if key in seen:
            raise refused(
                file,
                "archive-duplicate",
                f"members {shown(seen[key])} and {shown(name)} have the same name",
                "get the archive again with one member of each name",
            )
        seen[key] = name


def _misnamed(name: str) -> str:
    """Why a member's name is refused; an empty text where it is not."""
    parts = name.removesuffix("/").split("/")
    problems = (
        (name.startswith("/"), "has an absolute path"),
        ("\\" in name, "has a backslash in its name"),
        (re.match(r"[A-Za-z]:", name) is not None, "has a drive letter in its name"),
        (".." in parts, "leads out of the archive (`..`)"),
        (not all(parts) or "." in parts, "has an empty part in its name"),
        (any(ord(letter) < 0x20 for letter in name), "has control characters in its name"),
    )
    return next((problem for holds, problem in problems if holds), "")


def _check_kind(entry: zipfile.ZipInfo, export: Export, file: RawFile) -> None:
    name = shown(entry.orig_filename)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & ENCRYPTED:
        raise refused(
            file,
            "archive-encrypted",
            f"member {name} is encrypted",
            "unpack it with its password, pack it again without, and declare that archive",
        )
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        what = "a symbolic link" if kind == stat.S_IFLNK else "a special file"
        raise refused(
            file,
            "archive-link",
            f"member {name} is {what}, not a file",
            "pack the file itself",
        )
    if ARCHIVES.search(entry.orig_filename) and not _ignored(entry.orig_filename, export):
        raise nested(name, file)


def _ignored(name: str, export: Export) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in export.ignore_members)


def _check_sizes(entries: Sequence[zipfile.ZipInfo], export: Export, file: RawFile) -> None:
    """What the directory says of sizes; unpacking says whether it is true."""
    total = sum(entry.file_size for entry in entries)
    if total > export.largest_mb * MEGABYTE:
        raise too_large(f"the archive holds {total:,} bytes when unpacked", export.largest_mb, file)
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * entry.compress_size:
            raise _bomb(entry, file)


def _bomb(entry: zipfile.ZipInfo, file: RawFile) -> DataError:
    return refused(
        file,
        "archive-ratio",
        f"member {shown(entry.orig_filename)} unpacks to more than {MOST_RATIO} times its size",
        "do not unpack this archive; a real export is never packed so tightly: get it again",
    )


def _check_declared(
    found: dict[str, zipfile.ZipInfo], wanted: Sequence[str], export: Export, file: RawFile
) -> None:
    for name in wanted:
        if name not in found:
            raise refused(
                file,
                "archive-missing",
                f"the archive has no member {shown(name)}",
                "get the whole export, or correct `export` in manifest.toml",
            )
    for name in found:
        if name not in wanted and not _ignored(name, export):
            raise refused(
                file,
                "archive-undeclared",
                f"member {shown(name)} is not declared",
                "declare it as `export.repeat`, or list it in `export.ignore_members`",
            )


def _check_overlap(entries: Sequence[zipfile.ZipInfo], size: int, file: RawFile) -> None:
    """Members that share bytes: how a small archive unpacks to a huge one."""
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    starts = [*(entry.header_offset for entry in ordered[1:]), size]
    for entry, following in zip(ordered, starts, strict=True):
        if entry.header_offset + LOCAL.size + entry.compress_size > following:
            raise damaged(entry, "reaches into what follows it", file)


def nested(name: str, file: RawFile) -> DataError:
    """A member that is an archive, by its name or its content."""
    return refused(
        file,
        "archive-nested",
        f"member {name} is an archive itself",
        "unpack it, and declare the inner archive or file",
    )


def too_large(problem: str, largest_mb: int, file: RawFile) -> DataError:
    """More than the manifest allows, by the directory or in truth."""
    return refused(
        file,
        "archive-size",
        f"{problem}, more than `largest_mb` = {largest_mb} allows",
        "look at what it holds; raise `export.largest_mb` in manifest.toml if that is right",
    )


def damaged(entry: zipfile.ZipInfo, problem: str, file: RawFile) -> DataError:
    """A member that is not what the directory says."""
    return refused(file, "archive-damaged", f"member {shown(entry.orig_filename)} {problem}", AGAIN)


def shown(name: str) -> str:
    """A name as a message may print it: control characters escaped, and not endless."""
    return repr(name if len(name) <= SHOWN else f"{name[:SHOWN]}...")


def refused(file: RawFile, rule: str, problem: str, mend: str) -> DataError:
    """The one form of all refusals: the archive, the rule and the mend."""
    return DataError(problem, where=file.path, mend=mend, rule=rule)
