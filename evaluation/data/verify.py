"""Files against the manifest: each is there, is the one that was declared, and none is extra."""

import fnmatch
import hashlib
from collections.abc import Iterator
from pathlib import Path

from evaluation.data.finding import about_file
from evaluation.locale.messages import Plain, message
from evaluation.spec.manifest import Manifest, RawFile
from evaluation.spec.records import Finding

# left behind by desktops, never data
LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")
SHOWN = 12
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
            findings.append(_outside(file))
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        digests[f"{file.folder}/{file.path}"] = digest
        # tools print hexadecimal digits in either case
        if digest != file.sha256.lower():
            owner = next((f for f in manifest.file if f.sha256.lower() == digest), None)
            findings.append(_changed(file, digest) if owner is None else _exchanged(file, owner))
    findings += _same(manifest, digests)
    findings += _unlisted(manifest, raw_folder)
    return digests, tuple(findings)


def _missing(file: RawFile, path: Path) -> Finding:
    if path.is_dir():
        problem, mend = message("folder-for-file.problem"), message("folder-for-file.mend")
    elif path.is_symlink():
        problem, mend = message("link-to-nothing.problem"), message("link-to-nothing.mend")
    elif path.exists():
        problem, mend = message("no-plain-file.problem"), message("folder-for-file.mend")
    else:
        problem = message("file-does-not.problem")
        mend = message("put-origin-name.mend", origin=file.origin)
    return about_file(file, rule="missing-file", severity="error", problem=problem, mend=mend)


def _outside(file: RawFile) -> Finding:
    return about_file(
        file,
        rule="outside-folder",
        severity="error",
        problem=message("outside-folder.problem"),
        mend=message("link-to-nothing.mend"),
    )


def _changed(file: RawFile, digest: str) -> Finding:
    return about_file(
        file,
        rule="checksum",
        severity="error",
        problem=message(
            "manifest-expects.problem",
            sha=Plain(file.sha256[:SHOWN].lower()),
            digest=Plain(digest[:SHOWN]),
        ),
        mend=message("get-declared.mend", digest=digest, id=file.id),
    )


def _exchanged(file: RawFile, owner: RawFile) -> Finding:
    return about_file(
        file,
        rule="checksum",
        severity="error",
        problem=message("exchanged-file.problem", id=owner.id, path=Plain(owner.path)),
        mend=message("exchanged-file.mend"),
    )


def _same(manifest: Manifest, digests: dict[str, str]) -> Iterator[Finding]:
    seen: dict[str, RawFile] = {}
    for file in manifest.file:
        digest = digests.get(f"{file.folder}/{file.path}")
        if digest is None:
            continue
        if digest in seen:
            yield about_file(
                file,
                rule="same-file",
                severity="error",
                problem=message("same-file.problem", id=seen[digest].id, path=seen[digest].path),
                mend=message("same-file.mend"),
            )
        seen.setdefault(digest, file)


def _unlisted(manifest: Manifest, raw_folder: Path) -> Iterator[Finding]:
    listed = {file.path for file in manifest.file if file.folder == "data_raw"}
    # a folder of others' files is not even walked through: it may be a whole disk
    if not raw_folder.is_dir() or ALL_OTHERS in manifest.ignore:
        return
    for path in sorted(raw_folder.rglob("*")):
        name = path.relative_to(raw_folder).as_posix()
        ignored = any(fnmatch.fnmatchcase(name, pattern) for pattern in manifest.ignore)
        if path.is_dir() or name in listed or ignored or path.name in LITTER:
            continue
        yield Finding(
            rule="unlisted-file",
            severity="error",
            round="",
            file=name,
            row_key="",
            line=0,
            column="",
            value="",
            problem=message("unlisted-file.problem"),
            mend=message("unlisted-file.mend"),
        )
