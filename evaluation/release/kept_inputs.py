"""What a release was made from: kept privately with it, and compared with what is there now."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from evaluation.config.study import LEDGER, LOCK
from evaluation.file_content import dict_rows
from evaluation.release.interview_changes import INTERVIEWS
from evaluation.release.published_tables import KEPT
from evaluation.storage import disk, parquet
from evaluation.storage.folders import Paths

# Digits of the release's checksum that name its private copy.
DIGITS = 16
# Files of a study's folder that decide results beside the plan, which the release tells entry by
# entry; and the folder of its dictionary.
CONFIGURATION = ("study.toml", "manifest.toml")
# what later locks are compared with
ALSO = (LOCK,)
DICTIONARY = "dictionary"
# Mark of a copy whose folder was for comparing alone: it left nothing.
DRAFT = "draft"
# Column of the raw tables that holds each row's line.
LINE = "__line__"
# What a line of the ledger does, and why.
EFFECT = ("round", "row_key", "column", "old", "new", "action", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """How one delivered file differs from the one of the release, without any value.

    Attributes
    ----------
    added, removed : tuple of str
        Row keys (file:line): of the file now, and of the file then.
    cells : Counter of str
        Changed cells by raw column.
    """

    id: str
    source: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    cells: Counter[str]

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.cells)


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """One line of the ledger that only one of the two has, without its values."""

    source: str
    row_key: str
    column: str
    action: str
    reason: str
    is_new: bool


def list_of_sums(files: Mapping[str, bytes]) -> bytes:
    """The list of checksums of a release's files, by name."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    return "".join(lines).encode()


def private_copy(paths: Paths, sums: bytes) -> Path:
    """Folder of what a release was made from, named after the release's list of checksums.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    sums : bytes
        The release's list of checksums.
    """
    return paths.private / "releases" / hashlib.sha256(sums).hexdigest()[:DIGITS]


def keep(
    paths: Paths, sums: bytes, *, rows: pd.DataFrame | None = None, draft: bool = False
) -> None:
    """Copy what a release was made from to its private folder.

    Raw tables, ledger, study file, manifest and dictionary, which interviews were analysed, and the
    result tables that are not published.

    Parameters
    ----------
    paths : Paths
        Folders of the study.
    sums : bytes
        The release's list of checksums.
    rows : DataFrame, optional
        Which interviews were analysed, where they are persons'.
    draft : bool
        Whether the folder is for comparing alone.
    """
    folder = private_copy(paths, sums)
    config = (
        paths.config / name for name in (*CONFIGURATION, *ALSO) if (paths.config / name).is_file()
    )
    dictionary = sorted((paths.config / DICTIONARY).glob("*.toml"))
    kept = {
        **{path.name: path for path in sorted((paths.private / "raw").glob("*.parquet"))},
        LEDGER: paths.config / LEDGER,
        **{path.relative_to(paths.config).as_posix(): path for path in (*config, *dictionary)},
        **{name: paths.build / name for name in KEPT if (paths.build / name).is_file()},
    }
    files = {name: disk.read_bytes(path) for name, path in kept.items()}
    files |= {} if rows is None else {INTERVIEWS: parquet.written(rows)}
    disk.write_folder(folder, {**files, **({DRAFT: b""} if draft else {})})


def file_changes(
    before: Path, now: Path, files: dict[str, str], *, respondents: dict[str, str]
) -> tuple[FileChange, ...]:
    """Differences of the raw tables, file by file.

    Parameters
    ----------
    before, now : Path
        Folders with one Parquet file per delivered file.
    files : dict of str to str
        Source (round or role) of each file id.
    respondents : dict of str to str
        Raw column of the respondent id by source. Rows are matched by it where it is there and
        tells all rows apart in both, else by their line.
    """
    found = []
    for name, source in files.items():
        old, new = (_table(folder / f"{name}.parquet") for folder in (before, now))
        found.append(_compared(name, source, old, new, key=respondents.get(source, "")))
    return tuple(change for change in found if change.any)


def _table(path: Path) -> pd.DataFrame:
    return disk.read_frame(path).astype("str") if path.is_file() else pd.DataFrame()


def _compared(
    name: str, source: str, old: pd.DataFrame, new: pd.DataFrame, *, key: str
) -> FileChange:
    tells_apart = all(key in t.columns and t[key].is_unique for t in (old, new))
    key = key if tells_apart else LINE
    left, right = (t.set_index(key, drop=False) if key in t.columns else t for t in (old, new))
    shared = left.index.intersection(right.index, sort=False)
    columns = [c for c in left.columns.intersection(right.columns, sort=False) if c != LINE]
    cells: Counter[str] = Counter()
    for column in columns:
        moved = int((left.loc[shared, column] != right.loc[shared, column]).sum())
        if moved:
            cells[column] = moved
    for column in left.columns.symmetric_difference(right.columns, sort=False):
        # of a file that only one side has, the rows are told
        if len(shared):
            cells[column] = len(shared)
    return FileChange(
        id=name,
        source=source,
        added=_keys(right, right.index.difference(left.index, sort=False), name),
        removed=_keys(left, left.index.difference(right.index, sort=False), name),
        cells=cells,
    )


def _keys(table: pd.DataFrame, chosen: pd.Index, name: str) -> tuple[str, ...]:
    if table.empty:
        return ()
    return tuple(f"{name}:{line}" for line in table.loc[chosen, LINE])


def ledger_changes(before: Path, now: Path) -> tuple[LedgerChange, ...]:
    """Lines that correct something in one of two ledgers only, whoever signed for them.

    Parameters
    ----------
    before : Path
        The ledger of the release.
    now : Path
        The ledger as it stands.
    """
    old, new = (Counter(map(_effect, _lines(path))) for path in (before, now))
    return (
        *(_ledger_change(line, is_new=False) for line in (old - new)),
        *(_ledger_change(line, is_new=True) for line in (new - old)),
    )


def confirmed_lines(before: Path, now: Path) -> int:
    """How many lines differ in the delivery that they are for, and in no correction.

    Parameters
    ----------
    before : Path
        The ledger of the release.
    now : Path
        The ledger as it stands.
    """
    old, new = (Counter(_with_delivery(line) for line in _lines(p)) for p in (before, now))
    gone, added = (Counter(line[1:] for line in some.elements()) for some in (old - new, new - old))
    return sum((gone & added).values())


def _lines(path: Path) -> list[dict[str, str]]:
    return dict_rows(disk.read_text(path))


def _effect(line: dict[str, str]) -> tuple[str, ...]:
    """A line without who signed for it, when, and for which delivery."""
    return tuple(line[name] for name in EFFECT)


def _with_delivery(line: dict[str, str]) -> tuple[str, ...]:
    return (line["delivery"], *_effect(line))


def _ledger_change(line: tuple[str, ...], *, is_new: bool) -> LedgerChange:
    source, row_key, column, _, _, action, reason = line
    return LedgerChange(source, row_key, column, action, reason, is_new)
