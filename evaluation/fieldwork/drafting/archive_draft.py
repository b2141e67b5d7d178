"""The layout of an archive or workbook of a survey server, proposed from its tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from evaluation.config.file_layout import Export, Repeat, SubmissionReview
from evaluation.config.manifest import RawFile
from evaluation.data.findings import LINE
from evaluation.errors import DataError

# how servers name the parent in a repeat's file, and the key it points to
PARENTS = {"PARENT_KEY": "KEY", "_submission__uuid": "_uuid", "_parent_index": "_index"}
# how servers mark what the office refused
REVIEWS: Mapping[str, str] = {
    "review_status": "REJECTED",
    "ReviewState": "rejected",
    "_validation_status": "validation_status_not_approved",
}
UNKNOWN = "?"
# KoBo's column of a repeat with the table that it repeats in
INSIDE = "_parent_table_name"


def review(frame: pd.DataFrame) -> tuple[SubmissionReview | None, list[str]]:
    """Declaration of refused submissions where a server's column is there, and its note."""
    for column, word in REVIEWS.items():
        if column in frame.columns:
            count = int((frame[column] == word).sum())
            note = f"seen: {count} of {len(frame)} rows have {word!r} in `{column}`"
            return SubmissionReview(column=column, rejected=(word,)), [note]
    return None, []


def candidates(names: Sequence[str], file: RawFile) -> Export:
    """The layout under which all tables of an archive can be read, before it is known which.

    Raises
    ------
    DataError
        The archive has no .csv member.
    """
    tables = [name for name in names if name.lower().endswith(".csv")]
    if not tables:
        raise DataError.of("archive", "archive", file.path, rule="archive")
    return Export(
        member=tables[0],
        repeat=tuple(Repeat(member=n, parent=UNKNOWN, key=UNKNOWN, most=1) for n in tables[1:]),
        ignore_members=_patterns(name for name in names if name not in tables),
    )


def _patterns(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({f"*.{n.rpartition('.')[2]}" if "." in n else n for n in names}))


def interviews(frames: Mapping[str, pd.DataFrame]) -> str:
    """Member of the interviews: the first that names no parent."""
    alone = (name for name, frame in frames.items() if _parent(frame) is None)
    return next(alone, next(iter(frames)))


def _parent(frame: pd.DataFrame) -> str | None:
    return next((name for name in PARENTS if name in frame.columns), None)


def repeated(sheets: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Sheets of a workbook that repeat in its interviews; not those that repeat in one another.

    Parameters
    ----------
    sheets : mapping of name to DataFrame
        All but that of the interviews, as text.
    """
    return {
        name: frame
        for name, frame in sheets.items()
        if _parent(frame) is not None
        and not (INSIDE in frame and frame[INSIDE].isin(list(sheets)).any())
    }


def layout(
    main: str, frames: Mapping[str, pd.DataFrame], ignored: tuple[str, ...]
) -> tuple[Export, list[str]]:
    """Propose the layout of an archive.

    Parameters
    ----------
    main : str
        Member of the interviews.
    frames : mapping of member to DataFrame
        All tables as text.
    ignored : tuple of str
        Patterns of the other members.

    Returns
    -------
    Export, list of str
        The layout, and a note with its evidence for each guess.
    """
    reviewed, reviews = review(frames[main])
    notes = [f"seen: {main!r} holds the interviews: it names no parent", *reviews]
    repeats = []
    for name in (name for name in frames if name != main):
        repeat, rows = _repeat(name, frames[name]), len(frames[name])
        repeats.append(repeat)
        notes.append(
            f"seen: repeat {name!r}: {rows} rows, at most {repeat.most} of one interview here;"
            " `most` is the form's own limit"
        )
    if ignored:
        notes.append(f"seen: nobody uses the members {', '.join(ignored)}")
    names = [str(name) for name in frames[main].columns if name != LINE]
    marks = {mark: sum(mark in name for name in names) for mark in "/-:"}
    mark = max(marks, key=lambda each: marks[each])
    if marks[mark]:
        notes.append(f"seen: {marks[mark]} of {len(names)} columns carry a group before {mark!r}")
    groups: Any = f"drop {mark}" if marks[mark] else "keep"
    export = Export(member=main, ignore_members=ignored, groups=groups, review=reviewed)
    return replace(export, repeat=tuple(repeats)), notes


def _repeat(name: str, rows: pd.DataFrame) -> Repeat:
    parent = _parent(rows) or UNKNOWN
    most = int(rows[parent].value_counts().max()) if parent in PARENTS and len(rows) else 1
    return Repeat(member=name, parent=parent, key=PARENTS.get(parent, UNKNOWN), most=most)
