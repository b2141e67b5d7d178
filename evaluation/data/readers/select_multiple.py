"""Questions with several answers: three layouts of survey servers, one frame.

Whatever the server wrote, the frame gets one column for each code: ``1`` where it was chosen,
``0`` where it was not, blank where the question was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.findings import LINE, about_file, both
from evaluation.locale.messages import Message, message
from evaluation.study.manifest import RawFile, SelectMultiple
from evaluation.study.records import Finding

RULE = "select-multiple"
# lines named for one problem of one column; the last one says how many more there are
MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """Answers of n rows to a question of k codes.

    Attributes
    ----------
    codes : ndarray of bool, shape (n, k)
        Which codes were chosen.
    blank : ndarray of bool, shape (n,)
        Where the question has no answer.
    findings : list of Finding
        What did not fit.
    """

    codes: NDArray[np.bool_]
    blank: NDArray[np.bool_]
    findings: list[Finding]


def code_columns(multiple: SelectMultiple, code: str) -> tuple[str, ...]:
    """Names that the column of a code may have in a file: ``-`` cannot stand in some of them."""
    name = f"{multiple.column}{multiple.join}{code}"
    return tuple(dict.fromkeys((name, f"{multiple.column}{multiple.join}{_plain(code)}")))


def spread(
    frame: pd.DataFrame, multiple: SelectMultiple, file: RawFile
) -> tuple[pd.DataFrame, list[Finding]]:
    """Put one column for each code in the place of a question.

    Parameters
    ----------
    frame : DataFrame
        Text columns and ``__line__``.
    multiple : SelectMultiple
        The question, which the frame holds in any layout.
    file : RawFile
        Whose rows these are, for the findings.

    Returns
    -------
    DataFrame, list of Finding
        The frame with columns ``<column>_<code>`` (a ``-`` of the code is ``_`` there), in the
        order of the codes, where the question's first column stood; and errors: an unlisted code,
        a cell that is neither 0 nor 1, a column that is missing or should not be there, layouts
        that contradict each other.
    """
    codes = tuple(dict.fromkeys(multiple.codes))
    columns = {c: next((n for n in code_columns(multiple, c) if n in frame), "") for c in codes}
    present = {code: name for code, name in columns.items() if name}
    problems = [*_misfits(frame, multiple, present, file), *_unlisted(frame, multiple, file)]
    if problems:
        return frame, problems
    lines = frame[LINE].to_numpy()
    if multiple.layout == "many columns":
        chosen = _of_many(frame[list(present.values())], lines, multiple, file)
    else:
        chosen = _of_one(frame[multiple.column], lines, codes, multiple, file)
    if multiple.layout == "both":
        chosen.findings.extend(_disagreements(frame, chosen, columns, multiple, file))
    cells = np.where(chosen.blank[:, None], "", np.where(chosen.codes, "1", "0"))
    new = {f"{multiple.column}_{_plain(c)}": cells[:, i] for i, c in enumerate(codes)}
    gone = {multiple.column, *present.values()}
    taken = [name for name in new if name in frame and name not in gone]
    if len(new) < len(codes) or taken:
        name = taken[0] if taken else ""
        return frame, [_about(file, "two-codes-code", "rename-one-them", name)]
    return _in_place(frame, new, gone), chosen.findings


def _plain(code: str) -> str:
    return code.replace("-", "_")


def _misfits(
    frame: pd.DataFrame, multiple: SelectMultiple, present: dict[str, str], file: RawFile
) -> Iterator[Finding]:
    """Columns against the declared layout."""
    column, layout = multiple.column, multiple.layout
    if not multiple.codes:
        yield _about(file, "no-codes-declared", "list-manifest", column)
    fix, other = (
        "get-whole-file-correct",
        message("layout-file-column.problem", layout=repr(layout)),
    )
    if layout != "many columns" and column not in frame:
        yield _about(file, message("layout-column.problem", layout=repr(layout)), fix, column)
    if layout == "many columns" and column in frame:
        yield _about(file, other, fix, column)
    if layout == "one column":
        for name in present.values():
            yield _about(file, other, fix, name)
    if layout == "many columns" or not present:
        for code in multiple.codes:
            if layout != "one column" and code not in present:
                name = f"{column}{multiple.join}{code}"
                yield _about(file, "column-declared", fix, name)


def _unlisted(frame: pd.DataFrame, multiple: SelectMultiple, file: RawFile) -> Iterator[Finding]:
    """Columns of codes that are not declared; only ``/`` tells them from other questions."""
    if multiple.join != "/":
        return
    listed = {name for code in multiple.codes for name in code_columns(multiple, code)}
    for name in frame.columns:
        if name.startswith(f"{multiple.column}/") and name not in listed:
            yield _about(file, "column-code-not", "add-code-manifest-toml", name)


def _of_one(
    texts: pd.Series,
    lines: NDArray[np.int64],
    codes: Sequence[str],
    multiple: SelectMultiple,
    file: RawFile,
) -> Chosen:
    """Answers from the codes that one column holds; each distinct text is taken apart once."""
    positions, distinct = pd.factorize(texts)
    place = {code: i for i, code in enumerate(codes)}
    chosen = np.zeros((len(distinct), len(codes)), dtype=bool)
    blank, unlisted, twice = (np.zeros(len(distinct), dtype=bool) for _ in range(3))
    for row, text in enumerate(distinct):
        # of blanks only: another white space is part of what was typed, and no code
        words = [word for word in str(text).split(" ") if word]
        known = [place[word] for word in words if word in place]
        chosen[row, known] = True
        blank[row] = not words
        unlisted[row] = len(known) < len(words)
        twice[row] = len(set(known)) < len(known)
    findings = [
        *at_lines(
            file,
            lines[unlisted[positions]],
            "cell-holds-code-not",
            "add-code-manifest",
            column=multiple.column,
        ),
        *at_lines(
            file,
            lines[twice[positions]],
            "cell-holds-code",
            "correct-the-cell",
            column=multiple.column,
        ),
    ]
    return Chosen(chosen[positions], blank[positions], findings)


def _of_many(
    cells: pd.DataFrame, lines: NDArray[np.int64], multiple: SelectMultiple, file: RawFile
) -> Chosen:
    """Answers from one column for each code.

    Some exports write 1 where a code was chosen and leave all other cells blank. Where a question
    has no 0 at all, a blank beside a 1 is such a cell; beside a 0 it is a gap.
    """
    texts = cells.to_numpy(dtype=object)
    findings = _neither(cells, lines, file)
    chosen, empty = texts == "1", texts == ""
    blank = empty.all(axis=1)
    partly = empty.any(axis=1) & ~blank
    if partly.any() and not (texts == "0").any():
        findings.append(
            about_file(
                file,
                RULE,
                "info",
                "export-blanks",
                "nothing-if-server",
                column=multiple.column,
                n=int(partly.sum()),
            )
        )
    else:
        findings += at_lines(
            file, lines[partly], "some-codes-question", "correct-cells", column=multiple.column
        )
    return Chosen(chosen, blank, findings)


def _disagreements(
    frame: pd.DataFrame,
    chosen: Chosen,
    columns: dict[str, str],
    multiple: SelectMultiple,
    file: RawFile,
) -> Iterator[Finding]:
    """The code columns against the one column.

    Some servers write 0 for every code where the question is blank, and give no column to a code
    that nobody chose: what the one column says, neither contradicts.
    """
    lines = frame[LINE].to_numpy()
    yield from _neither(frame[[name for name in columns.values() if name]], lines, file)
    for i, (code, name) in enumerate(columns.items()):
        if name:
            differs = (frame[name] == "1").to_numpy(dtype=bool) != chosen.codes[:, i]
            yield from at_lines(
                file,
                lines[differs],
                message("cell-does-not.problem", column=multiple.column),
                "correct-one-two",
                column=name,
            )
        elif chosen.codes[:, i].any():
            problem = message("code-chosen-column.problem", column=multiple.column)
            fix = "get-the-whole-file"
            yield _about(file, problem, fix, f"{multiple.column}{multiple.join}{code}")


def _neither(cells: pd.DataFrame, lines: NDArray[np.int64], file: RawFile) -> list[Finding]:
    return [
        finding
        for name in cells.columns
        for finding in at_lines(
            file,
            lines[~cells[name].isin(("0", "1", "")).to_numpy(dtype=bool)],
            "cell-code-neither",
            "correct-cell",
            column=name,
        )
    ]


def at_lines(
    file: RawFile,
    lines: NDArray[np.int64],
    problem: Message | str,
    fix: str,
    *,
    column: str,
    rule: str = RULE,
    **values: object,
) -> list[Finding]:
    """One error for each line; where there are many, the last one counts those left out.

    Parameters
    ----------
    file, problem, fix, column, rule, values
        As of `evaluation.data.findings.about_file`.
    lines : ndarray of int
        Where it holds.
    """
    more = len(lines) - MOST_LINES
    each, remedy = both(problem, fix, values)
    last = message("more-rows.problem", problem=each, more=more)
    return [
        about_file(
            file,
            rule,
            "error",
            last if more > 0 and i == MOST_LINES - 1 else each,
            remedy,
            line=int(line),
            column=column,
        )
        for i, line in enumerate(lines[:MOST_LINES])
    ]


def _about(file: RawFile, problem: Message | str, fix: str, column: str) -> Finding:
    return about_file(file, RULE, "error", problem, fix, column=column)


def _in_place(
    frame: pd.DataFrame, new: dict[str, NDArray[np.str_]], gone: set[str]
) -> pd.DataFrame:
    """The frame with new columns where the first of those that go stood."""
    columns: dict[str, object] = {}
    for name in frame.columns:
        if name not in gone:
            columns[name] = frame[name].array
        elif not new.keys() & columns.keys():
            columns |= {column: pd.array(cells, dtype="str") for column, cells in new.items()}
    return pd.DataFrame(columns, index=frame.index)
