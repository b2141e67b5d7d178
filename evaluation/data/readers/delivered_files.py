"""Delivered files before they are read: declared, there, unchanged, and of the kind they say.

A login page that was saved, a pointer that a version store left, a workbook that was renamed: each
has its own cause, and a message about encodings or quotes would lead away from it.
"""

import fnmatch
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from evaluation.config.manifest import DELIMITED, WORKBOOKS, Manifest, RawFile
from evaluation.data.findings import Rule
from evaluation.data.readers.blocks import Bytes
from evaluation.data.readers.decoding import CONTROLS, MARKS
from evaluation.errors import DataError
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain, message

EXCHANGED_FILE = Rule("checksum", "error", "exchanged-file", "exchanged-file")
FOLDER_FOR_FILE = Rule("missing-file", "error", "folder-for-file", "folder-for-file")
LINK_TO_NOTHING = Rule("missing-file", "error", "link-to-nothing", "link-to-nothing")
NO_PLAIN_FILE = Rule("missing-file", "error", "no-plain-file", "folder-for-file")
OUTSIDE_FOLDER = Rule("outside-folder", "error", fix="link-to-nothing")
FILE_DOES_NOT = Rule("missing-file", "error", "file-does-not", "put-origin-name")
UNLISTED_FILE = Rule("unlisted-file", "error")
SAME_FILE = Rule("same-file", "error")

KIND_RULE = "another-file"
# enough for every mark below, blank lines and a comment before a page included
HEAD = 2048
# first bytes, the kind, and what is to be done about it
STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file-kind.old-office", "another-file.saved-again"),
    (b"\x1f\x8b", "file-kind.gzip", "another-file.packed"),
    (b"BZh", "file-kind.bzip2", "another-file.packed"),
    (b"\xfd7zXZ\0", "file-kind.xz", "another-file.packed"),
    (b"\x28\xb5\x2f\xfd", "file-kind.zstd", "another-file.packed"),
    (b"7z\xbc\xaf\x27\x1c", "file-kind.7z", "another-file.packed"),
    (b"Rar!\x1a\x07", "file-kind.rar", "another-file.packed"),
    (b"%PDF-", "file-kind.pdf", "another-file.document"),
    (b"{\\rtf", "file-kind.rtf", "another-file.document"),
    (b"\xff\xd8\xff", "file-kind.picture", "another-file.document"),
    (b"\x89PNG\r\n\x1a\n", "file-kind.picture", "another-file.document"),
    (b"GIF8", "file-kind.picture", "another-file.document"),
    (b"II*\0", "file-kind.picture", "another-file.document"),
    (b"MM\0*", "file-kind.picture", "another-file.document"),
    (b"SQLite format 3\0", "file-kind.sqlite", "another-file.exported"),
    (b"PAR1", "file-kind.parquet", "another-file.exported"),
    (b"ARROW1", "file-kind.arrow", "another-file.exported"),
    (b"\x89HDF\r\n\x1a\n", "file-kind.hdf", "another-file.exported"),
    (b"RDX", "file-kind.r", "another-file.exported"),
    (b"RDA", "file-kind.r", "another-file.exported"),
    (b"X\n\0\0\0", "file-kind.r", "another-file.exported"),
    (b"\x93NUMPY", "file-kind.numpy", "another-file.exported"),
    (b"MZ", "file-kind.program", "another-file.document"),
    (b"\x7fELF", "file-kind.program", "another-file.document"),
    (b"<stata_dta>", "file-kind.dta", "another-file.declared"),
    (b"$FL2", "file-kind.sav", "another-file.declared"),
    (b"$FL3", "file-kind.sav", "another-file.declared"),
    (b"version https://git-lfs.github.com/spec", "file-kind.lfs", "another-file.lfs"),
)
# formats known by their first bytes; of a further one its own reader says what is wrong
RECOGNISED = ("csv", "dta", "sav", "xls", "xlsx", "zip")
# the formats of a manifest that a kind is
FORMATS = {
    "file-kind.dta": ("dta",),
    "file-kind.sav": ("sav",),
    "file-kind.xlsx": ("xlsx",),
    "file-kind.zip": ("zip",),
    # with a password or of the old format: what the reader of workbooks says is nearer
    "file-kind.old-office": WORKBOOKS,
}
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")
# an archive of tar says so in the header of its first member
AT_TAR, TAR = 257, b"ustar"
# share of control bytes of what is no text, and the bytes that say so
BINARY, SMALLEST = 0.1, 64
OF_TEXT = ("file-kind.pdf", "file-kind.rtf", "file-kind.dta", "file-kind.lfs")
OWN = {"sav": (b"$FL2", b"$FL3"), "dta": (b"<stata_dta>",)}
PICKLED = re.compile(rb"\x80[\x02-\x05][\x95\x8c}\]\(cX]")
# release, byte order, kind of file, and a byte that is not used
OLD_STATA = re.compile(rb"[\x66-\x73][\x01\x02]\x01\0")
# `/annex/objects/...` in place of a file, or a link's text
ANNEX = re.compile(rb"\s*(?:\.\./|\./)*(?:\.git)?/?annex/objects/\S+\s*$")
PAGE = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|meta|title|div|p|h1)\b",
    re.IGNORECASE | re.DOTALL,
)
XML = re.compile(rb"\s*<\?xml|\s*<[A-Za-z][\w:.-]*(?:\s[^<>]*)?>\s*<")
JSON = re.compile(rb'\s*(?:\[\s*)?\{\s*"(?:[^"\\]|\\.)*"\s*:')
PACKAGE, OPEN = "[Content_Types].xml", "mimetype"
# members of an archive that say what it is
MEMBERS: tuple[tuple[str, str, str], ...] = (
    ("xl/", "file-kind.xlsx", "another-file.declared"),
    ("word/", "file-kind.docx", "another-file.document"),
    ("ppt/", "file-kind.pptx", "another-file.document"),
    (OPEN, "file-kind.opendocument", "another-file.saved-again"),
)
# of names in an archive, and of the letters of one
SHOWN_NAMES, SHOWN_NAME = 3, 40
TEXT = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]+")


def check_kind(data: Bytes, file: RawFile, *, declared: str = "") -> None:
    """Refuse a file of another kind than the manifest says.

    Parameters
    ----------
    data : Bytes
        The file, or a member of an archive.
    file : RawFile
        Its entry in the manifest.
    declared : str
        Format, where it is not the file's own: that of an archive's members.

    Raises
    ------
    DataError
        Names the kind, and what to do about it.
    """
    head = data[:HEAD]
    # what an archive holds stands at its end; zeros alone are no text, whatever follows them is
    whole = not head.strip(b"\0") or head.startswith(ARCHIVES)
    error = other_kind(
        data[:] if whole else head, where=file.path, declared=declared or file.format
    )
    if error is not None:
        raise error


def other_kind(data: bytes, *, where: str, declared: str) -> DataError | None:
    """What is to be said of a file of another kind than declared; None of one that may be it.

    Parameters
    ----------
    data : bytes
    where : str
        Its name, for the message.
    declared : str
        Its format in the manifest.
    """
    if declared not in RECOGNISED or data.startswith(OWN.get(declared, ())):
        return None  # what is wrong with it is damage, also where little of it is left
    found = kind_of(data)
    if found is not None and found[0] == "file-kind.binary" and declared not in DELIMITED:
        return None  # its own reader says what is wrong with it
    if found is None and declared not in DELIMITED and data and TEXT.fullmatch(data[:HEAD]):
        found = ("file-kind.text", "another-file.declared")
    if found is None or declared in FORMATS.get(found[0], ()):
        return None
    if found[0] == "file-kind.zip" and declared == "xlsx" and not _names(data):
        return None  # a workbook whose directory is gone: its reader says so
    kind, fix = found
    holds = {"members": _members(data)} if kind == "file-kind.zip" and _names(data) else {}
    rule = Rule(KIND_RULE, "error", "another-file-holding" if holds else "another-file", fix)
    return rule.refused(where, kind=message(kind), **holds, declared=declared)


def kind_of(data: bytes) -> tuple[str, str] | None:
    """Kind of a file and what to do about it, as ids of messages; None of one that is no kind."""
    head = data[:HEAD]
    if len(data) > 1 and not data.strip(b"\0"):
        return "file-kind.zeros", "another-file.again"
    plain = TEXT.fullmatch(head) is not None
    for start, kind, fix in STARTS:
        # a header may begin with MZ or PAR1: in plain text only what is text itself is a mark
        if head.startswith(start) and (not plain or kind in OF_TEXT):
            return kind, fix
    if head.startswith(ARCHIVES):
        return _archive(data)
    if head[AT_TAR : AT_TAR + len(TAR)] == TAR:
        return "file-kind.tar", "another-file.packed"
    for pattern, kind, fix in (
        (PICKLED, "file-kind.pickle", "another-file.exported"),
        (OLD_STATA, "file-kind.dta", "another-file.declared"),
        (ANNEX, "file-kind.annex", "another-file.annex"),
    ):
        if pattern.match(head):
            return kind, fix
    return _written(head) or _binary(head)


def _written(head: bytes) -> tuple[str, str] | None:
    """Kinds of text, whatever mark stands before them."""
    bare = next((head[len(mark) :] for mark in MARKS if head.startswith(mark)), head)
    for pattern, kind in (
        (PAGE, "file-kind.page"),
        (XML, "file-kind.xml"),
        (JSON, "file-kind.json"),
    ):
        if pattern.match(bare.replace(b"\0", b"")):
            return kind, "another-file.server"
    if bare is head and _is_utf_16(head):
        return "file-kind.utf-16", "another-file.utf-16"
    return None


def _binary(head: bytes) -> tuple[str, str] | None:
    """What is no text, by its control bytes: a few of them are a damaged text."""
    controls = len(head) - len(head.translate(None, CONTROLS + b"\0"))
    marked = head.startswith(tuple(MARKS))
    if marked or controls < BINARY * len(head) or len(head) < SMALLEST:
        return None
    return "file-kind.binary", "another-file.document"


def _is_utf_16(head: bytes) -> bool:
    """Text of two bytes a letter without its mark: a NUL in nearly every second byte."""
    sides = (head[0::2], head[1::2])
    return len(head) >= 16 and any(
        one.count(0) >= 0.9 * len(one) and not other.count(0) for one, other in (sides, sides[::-1])
    )


def _archive(data: bytes) -> tuple[str, str]:
    names = _names(data)
    for beginning, kind, fix in MEMBERS:
        if any(name.startswith(beginning) for name in names) and {PACKAGE, OPEN} & set(names):
            return kind, fix
    return "file-kind.zip", "another-file.packed"


def _names(data: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        return []


def _members(data: bytes) -> str:
    """The first names in an archive, as a message may show them."""
    names = [repr(name[:SHOWN_NAME]) for name in _names(data)]
    return ", ".join(names[:SHOWN_NAMES]) + (", ..." if len(names) > SHOWN_NAMES else "")


# left behind by desktops, never data
LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")
SHOWN_DIGITS = 12
# `ignore` of a study whose files lie in several folders, among others' files
ALL_OTHERS = "*"


def locate(file: RawFile, raw_folder: Path, config_folder: Path) -> Path:
    """Where a file of the manifest lies."""
    return (config_folder if file.folder == "config" else raw_folder) / file.path


def verify(
    manifest: Manifest, raw_folder: Path, config_folder: Path
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Compare the delivered files with the manifest.

    Parameters
    ----------
    manifest : Manifest
        What was declared.
    raw_folder, config_folder : Path
        Where files lie.

    Returns
    -------
    dict, tuple of Finding
        sha256 by ``folder/path``; and errors: a missing file, one outside its folder, one with
        other content, two entries with the same content, a file that nobody declared.
    """
    digests: dict[str, str] = {}
    findings: list[Finding] = []
    for file in manifest.file:
        folder = config_folder if file.folder == "config" else raw_folder
        path = folder / file.path
        if not path.is_file():
            findings.append(_missing(file, path))
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            findings.append(OUTSIDE_FOLDER.about(file))
            continue
        with path.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
        digests[f"{file.folder}/{file.path}"] = digest
        # tools print hexadecimal digits in either case
        if digest != file.sha256.lower():
            owner = next((f for f in manifest.file if f.sha256.lower() == digest), None)
            findings.append(_changed(file, digest, owner))
    findings += _same(manifest, digests)
    findings += _unlisted(manifest, raw_folder)
    return digests, tuple(findings)


def _missing(file: RawFile, path: Path) -> Finding:
    if path.is_dir():
        return FOLDER_FOR_FILE.about(file)
    if path.is_symlink():
        return LINK_TO_NOTHING.about(file)
    if path.exists():
        return NO_PLAIN_FILE.about(file)
    return FILE_DOES_NOT.about(file, origin=file.origin)


def _changed(file: RawFile, digest: str, owner: RawFile | None) -> Finding:
    """Other content than declared: that of another entry, if one has it."""
    if owner is not None:
        return EXCHANGED_FILE.about(file, id=owner.id, path=Plain(owner.path))
    fix = message("get-declared.fix", digest=digest, id=file.id)
    sha, found = (Plain(text[:SHOWN_DIGITS].lower()) for text in (file.sha256, digest))
    return Rule("checksum", "error", "manifest-expects", fix).about(file, sha=sha, digest=found)


def _same(manifest: Manifest, digests: dict[str, str]) -> Iterator[Finding]:
    seen: dict[str, RawFile] = {}
    for file in manifest.file:
        digest = digests.get(f"{file.folder}/{file.path}")
        if digest is None:
            continue
        shared = file.only is not None and seen.get(digest, file).path == file.path
        if digest in seen and not shared:
            yield SAME_FILE.about(file, id=seen[digest].id, path=seen[digest].path)
        seen.setdefault(digest, file)


def _unlisted(manifest: Manifest, raw_folder: Path) -> Iterator[Finding]:
    listed = {file.path for file in manifest.file if file.folder == "data_raw"}
    # a folder of others' files is not even walked through: it may be a whole disk
    if not raw_folder.is_dir() or ALL_OTHERS in manifest.ignore:
        return
    own = [raw_folder / name for name in manifest.folders] or [raw_folder]
    for path in sorted(path for folder in own for path in folder.rglob("*")):
        name = path.relative_to(raw_folder).as_posix()
        ignored = any(fnmatch.fnmatchcase(name, pattern) for pattern in manifest.ignore)
        if path.is_dir() or name in listed or ignored or path.name in LITTER:
            continue
        yield UNLISTED_FILE.in_file("", name)
