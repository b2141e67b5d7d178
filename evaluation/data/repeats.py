"""Repeat groups that came in a file of their own: their rows beside the interviews' columns."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd

from evaluation.data.finding import LINE, about_file
from evaluation.data.select_multiple import at_lines
from evaluation.locale.messages import message
from evaluation.spec.exports import Repeat
from evaluation.spec.manifest import RawFile
from evaluation.spec.records import Finding

RULE = "repeat-group"


def member_of(file: RawFile, member: str) -> RawFile:
    """The archive's entry as findings about the lines of one of its members name it."""
    return dataclasses.replace(file, path=f"{file.path}/{member}")


def check_keys(
    interviews: pd.DataFrame, rows: pd.DataFrame, repeat: Repeat, file: RawFile
) -> list[Finding]:
    """Whether a repeat's rows can be told to which interview they belong.

    Parameters
    ----------
    interviews, rows : DataFrame
        All interviews, and all rows of the repeat's file.
    repeat : Repeat
        Its keys.
    file : RawFile
        The archive.

    Returns
    -------
    list of Finding
        Errors: a key column that is missing, a key that is blank or stands twice, a row whose
        interview is not there.
    """
    absent = [
        about_file(
            described,
            rule="missing-column",
            severity="error",
            column=column,
            problem=message("missing-column.problem"),
            mend=message("missing-column.mend"),
        )
        for described, column, frame in (
            (file, repeat.key, interviews),
            (member_of(file, repeat.member), repeat.parent, rows),
        )
        if column not in frame
    ]
    if absent:
        return absent
    keys = interviews[repeat.key]
    unclear = (keys == "") | keys.duplicated()
    return [
        *at_lines(
            file,
            interviews[LINE].to_numpy()[unclear.to_numpy(dtype=bool)],
            problem=message("key-repeats-point.problem"),
            mend=message("get-export-again-server.mend"),
            column=repeat.key,
            rule=RULE,
        ),
        *at_lines(
            member_of(file, repeat.member),
            rows[LINE].to_numpy()[~rows[repeat.parent].isin(keys).to_numpy(dtype=bool)],
            problem=message("row-interview.problem", main=_main(file)),
            mend=message("get-whole-export-repeat.mend"),
            column=repeat.parent,
            rule=RULE,
        ),
    ]


def _main(file: RawFile) -> str:
    return file.export.member if file.export else file.path


def widen(
    interviews: pd.DataFrame, rows: pd.DataFrame, repeat: Repeat, file: RawFile
) -> tuple[pd.DataFrame, list[Finding]]:
    """Put each interview's repetitions beside it, in the order of their rows.

    Parameters
    ----------
    interviews : DataFrame, n rows
        With keys; where one stands twice, which :func:`check_keys` finds, the first row counts.
    rows : DataFrame
        Rows of these interviews only.
    repeat : Repeat
        Keys, and the largest number of repetitions.
    file : RawFile
        The archive.

    Returns
    -------
    DataFrame, list of Finding
        The interviews with columns ``<column>_1`` to ``<column>_<most>``, repetition by
        repetition, blank where an interview has fewer; and errors: more repetitions than ``most``,
        a name that another column has.
    """
    first = np.flatnonzero(~interviews[repeat.key].duplicated())
    keys = pd.Index(interviews[repeat.key].iloc[first])
    where = first[keys.get_indexer(pd.Index(rows[repeat.parent]))]
    order = rows.groupby(repeat.parent, sort=False).cumcount().to_numpy()
    findings = at_lines(
        member_of(file, repeat.member),
        rows[LINE].to_numpy()[order == repeat.most],
        problem=message("interview-more.problem", most=repeat.most),
        mend=message("raise-manifest.mend"),
        column=repeat.parent,
        rule=RULE,
    )
    names = [name for name in rows.columns if name not in (repeat.parent, LINE)]
    texts = {name: rows[name].to_numpy(dtype=object) for name in names}
    new: dict[str, object] = {}
    for number in range(1, repeat.most + 1):
        here = order == number - 1
        for name in names:
            cells = np.full(len(interviews), "", dtype=object)
            cells[where[here]] = texts[name][here]
            new[f"{name}_{number}"] = pd.array(cells, dtype="str")
    taken = [name for name in new if name in interviews]
    if taken or len(new) < repeat.most * len(names):
        return interviews, [*findings, *_taken(taken, repeat, file)]
    lines = interviews[LINE]
    wide = pd.DataFrame(new, index=interviews.index)
    return pd.concat([interviews.drop(columns=LINE), wide, lines], axis=1), findings


def _taken(taken: list[str], repeat: Repeat, file: RawFile) -> Iterator[Finding]:
    for name in taken or [""]:
        yield about_file(
            file,
            rule="name-collision",
            severity="error",
            column=name,
            problem=message("name-collision.problem", main=_main(file), member=repeat.member),
            mend=message("name-collision.mend"),
        )
