"""A survey server's export as one frame: groups, reviews, select-multiple, repeats as declared.

REQUIRES text as it was delivered and the layout that a person declared. CREATES the frame that the
dictionary describes, whichever layout the export had; what does not fit is a finding.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.file_layout import Export, Repeat, SubmissionReview
from evaluation.config.manifest import RawFile
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers.select_multiple import code_columns, spread
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Count

MISSING_COLUMN = Rule("missing-column", "error")
WITHOUT_THEIR = Rule("name-collision", "error", "without-their", "declare-groups")
KEY_UNCLEAR = Rule("repeat-group", "error", "key-repeats-point", "get-export-again-server")
ROW_OF_NOBODY = Rule("repeat-group", "error", "row-interview", "get-whole-export-repeat")
TOO_MANY = Rule("repeat-group", "error", "interview-more", "raise-manifest")
NAME_COLLISION = Rule("name-collision", "error")
REVIEW_VALUE = Rule("review-value", "warn")
SET_ASIDE = Rule("set-aside", "info")
COLUMN_OFFICE = Rule("missing-column", "error", "column-office", "export-correct")


def member_of(file: RawFile, member: str) -> RawFile:
    """The entry of an archive or workbook as findings about one of its tables name it."""
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
        MISSING_COLUMN.about(described, column)
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
    doubtful = interviews[LINE].to_numpy()[unclear.to_numpy(dtype=bool)]
    of_nobody = rows[LINE].to_numpy()[~rows[repeat.parent].isin(keys).to_numpy(dtype=bool)]
    member = member_of(file, repeat.member)
    return [
        *KEY_UNCLEAR.at_lines(file, doubtful, repeat.key),
        *ROW_OF_NOBODY.at_lines(member, of_nobody, repeat.parent, main=_main(file)),
    ]


def _main(file: RawFile) -> str:
    member = file.export.member if file.export else ""
    return member or file.sheet or file.path


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
    too_many = rows[LINE].to_numpy()[order == repeat.most]
    member = member_of(file, repeat.member)
    findings = TOO_MANY.at_lines(member, too_many, repeat.parent, most=repeat.most)
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
        said = {"main": _main(file), "member": repeat.member}
        return interviews, [
            *findings,
            *(NAME_COLLISION.about(file, name, **said) for name in taken or [""]),
        ]
    lines = interviews[LINE]
    wide = pd.DataFrame(new, index=interviews.index)
    return pd.concat([interviews.drop(columns=LINE), wide, lines], axis=1), findings


# what SurveyCTO, ODK Central and KoBo write about submissions that nobody refused
NOT_REJECTED = (
    *("", "NONE", "APPROVED"),
    *("received", "hasIssues", "edited", "approved"),
    *("validation_status_approved", "validation_status_on_hold", "Approved", "On hold"),
)


def arranged(
    frame: pd.DataFrame, file: RawFile, repeats: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, list[Finding], int]:
    """Bring an export into the one layout that the dictionary describes.

    Parameters
    ----------
    frame : DataFrame
        Interviews: text columns and ``__line__``.
    file : RawFile
        Its entry in the manifest; without an export nothing changes.
    repeats : mapping of member to DataFrame
        Repeat groups that are members of their own, as text with ``__line__``.

    Returns
    -------
    DataFrame
        Interviews that the office did not refuse: bare column names; one 0/1 column for each code
        of a question with several answers; ``<column>_1`` to ``<column>_<most>`` for repeats.
    list of Finding
        What did not fit.
    int
        Submissions that the office refused, set aside.
    """
    export = file.export
    if export is None:
        return frame, [], 0
    interviews, findings = _without_groups(frame, export, file)
    refused, judged = _refused(interviews, export.review, file)
    kept = interviews.loc[~refused].reset_index(drop=True)
    groups: list[tuple[Repeat, pd.DataFrame]] = []
    findings += judged
    for repeat in export.repeat:
        described = member_of(file, repeat.member)
        rows, renamed = _without_groups(repeats[repeat.member], export, described)
        findings += [*renamed, *check_keys(interviews, rows, repeat, file)]
        if repeat.key in interviews and repeat.parent in rows:
            # rows of refused submissions go with them; those of nobody were found above
            mine = rows[repeat.parent].isin(kept[repeat.key])
            groups.append((repeat, rows.loc[mine].reset_index(drop=True)))
    kept, groups, found = _spread(kept, groups, export, file)
    findings += found
    for repeat, rows in groups:
        kept, found = widen(kept, rows, repeat, file)
        findings += found
    return kept, findings, int(refused.sum())


def set_aside(frame: pd.DataFrame, file: RawFile) -> pd.DataFrame:
    """Submissions that the office refused: the rows that :func:`arranged` leaves out.

    Column names are bare. The sample flow counts them by arm, for which it needs their clusters.
    """
    if file.export is None:
        # by place: a slice of no rows would hold all of them in memory
        return frame.iloc[[]]
    interviews, _ = _without_groups(frame, file.export, file)
    refused, _ = _refused(interviews, file.export.review, file)
    return interviews.loc[refused].reset_index(drop=True)


def _without_groups(
    frame: pd.DataFrame, export: Export, file: RawFile
) -> tuple[pd.DataFrame, list[Finding]]:
    """The frame with bare column names; names that would meet stay as they are, and are errors."""
    if export.groups == "keep":
        return frame, []
    names = [name for name in frame.columns if name != LINE]
    bare = _bare_names(names, export)
    owners: dict[str, list[str]] = {}
    for name in names:
        owners.setdefault(bare[name], []).append(name)
    findings = [
        WITHOUT_THEIR.about(file, name, names=", ".join(f"`{o}`" for o in both))
        for name, both in owners.items()
        if len(both) > 1
    ]
    return frame.rename(columns={n: b for n, b in bare.items() if len(owners[b]) == 1}), findings


def _bare_names(names: Sequence[str], export: Export) -> dict[str, str]:
    """Name without groups, by name; a code's column keeps its question: ``group/crops/maize``."""
    mark = export.groups.removeprefix("drop ")
    listed = {
        name
        for multiple in export.select_multiple
        for code in multiple.codes
        for name in code_columns(multiple, code)
    }
    questions = set(_questions(names, mark, export))
    return {name: _bare(name, mark, listed, questions) for name in names}


def _questions(names: Sequence[str], mark: str, export: Export) -> Iterator[str]:
    """Full names of the questions whose code columns are joined by ``/``."""
    present = set(names)
    for multiple in export.select_multiple:
        if multiple.join == "/":
            heads = {name.rpartition("/")[0] for name in names} | present
            for head in heads:
                coded = (f"{head}/{code}" in present for code in multiple.codes)
                is_question = head.split(mark)[-1] == multiple.column
                if is_question and (head in present or any(coded)):
                    yield head


def _bare(name: str, mark: str, listed: set[str], questions: set[str]) -> str:
    parts = name.split(mark)
    tails = (mark.join(parts[start:]) for start in range(len(parts) - 1, -1, -1))
    coded = next((tail for tail in tails if tail in listed), "")
    if coded:
        return coded
    head, _, code = name.rpartition("/")
    if head in questions:
        return f"{head.split(mark)[-1]}/{code}"
    return parts[-1] or name


def _refused(
    interviews: pd.DataFrame, review: SubmissionReview | None, file: RawFile
) -> tuple[NDArray[np.bool_], list[Finding]]:
    """Which submissions the office refused, shape (n,), and what there is to say about it."""
    none = np.zeros(len(interviews), dtype=bool)
    if review is None:
        return none, []
    if review.column not in interviews:
        return none, [COLUMN_OFFICE.about(file, review.column)]
    values = interviews[review.column]
    refused = values.isin(review.rejected).to_numpy(dtype=bool)
    unknown = ~refused & ~values.isin(NOT_REJECTED).to_numpy(dtype=bool)
    findings, lines = [], interviews[LINE].to_numpy()[unknown]
    if len(lines):
        findings.append(REVIEW_VALUE.about(file, review.column, lines[0], n=len(lines)))
    if refused.any():
        n = Count(refused.sum(), "interviews")
        findings.append(SET_ASIDE.about(file, review.column, n=n))
    return refused, findings


def _spread(
    interviews: pd.DataFrame,
    groups: list[tuple[Repeat, pd.DataFrame]],
    export: Export,
    file: RawFile,
) -> tuple[pd.DataFrame, list[tuple[Repeat, pd.DataFrame]], list[Finding]]:
    """One column for each code, in the file that has the question."""
    findings: list[Finding] = []
    for multiple in export.select_multiple:
        names = {multiple.column, *(n for c in multiple.codes for n in code_columns(multiple, c))}
        at = next((i for i, (_, rows) in enumerate(groups) if names & {*rows.columns}), None)
        if at is None or names & {*interviews.columns}:
            interviews, found = spread(interviews, multiple, file)
        else:
            repeat, rows = groups[at]
            rows, found = spread(rows, multiple, member_of(file, repeat.member))
            groups = [*groups[:at], (repeat, rows), *groups[at + 1 :]]
        findings += found
    return interviews, groups, findings
