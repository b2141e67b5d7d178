"""Questions with several answers: three layouts of survey servers, one frame.

Whatever the server wrote, the frame gets one column for each code: ``1`` where it was chosen,
``0`` where it was not, blank where the question was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.file_layout import SelectMultiple
from evaluation.config.manifest import RawFile
from evaluation.data.findings import LINE, Rule
from evaluation.estimation.records import Finding

EXPORT_BLANKS = Rule("select-multiple", "info", "export-blanks", "nothing-if-server")
TWO_CODES = Rule("select-multiple", "error", "two-codes-code", "rename-one-them")
NO_CODES = Rule("select-multiple", "error", "no-codes-declared", "list-manifest")
WITHOUT_COLUMN = Rule("select-multiple", "error", "layout-column", "get-whole-file-correct")
OTHER_LAYOUT = Rule("select-multiple", "error", "layout-file-column", "get-whole-file-correct")
WITHOUT_CODE_COLUMN = Rule("select-multiple", "error", "column-declared", "get-whole-file-correct")
UNLISTED_COLUMN = Rule("select-multiple", "error", "column-code-not", "add-code-manifest-toml")
CHOSEN_WITHOUT_COLUMN = Rule("select-multiple", "error", "code-chosen-column", "get-the-whole-file")
UNLISTED_CODE = Rule("select-multiple", "error", "cell-holds-code-not", "add-code-manifest")
CODE_TWICE = Rule("select-multiple", "error", "cell-holds-code", "correct-the-cell")
SOME_CODES = Rule("select-multiple", "error", "some-codes-question", "correct-cells")
DISAGREES = Rule("select-multiple", "error", "cell-does-not", "correct-one-two")
NEITHER = Rule("select-multiple", "error", "cell-code-neither", "correct-cell")


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
        return frame, [TWO_CODES.about(file, name)]
    return _in_place(frame, new, gone), chosen.findings


def _plain(code: str) -> str:
    return code.replace("-", "_")


def _misfits(
    frame: pd.DataFrame, multiple: SelectMultiple, present: dict[str, str], file: RawFile
) -> Iterator[Finding]:
    """Columns against the declared layout."""
    column, layout = multiple.column, multiple.layout
    shown = repr(layout)
    if not multiple.codes:
        yield NO_CODES.about(file, column)
    if layout != "many columns" and column not in frame:
        yield WITHOUT_COLUMN.about(file, column, layout=shown)
    if layout == "many columns" and column in frame:
        yield OTHER_LAYOUT.about(file, column, layout=shown)
    if layout == "one column":
        for name in present.values():
            yield OTHER_LAYOUT.about(file, name, layout=shown)
    elif layout == "many columns" or not present:
        for code in multiple.codes:
            if code not in present:
                yield WITHOUT_CODE_COLUMN.about(file, f"{column}{multiple.join}{code}")


def _unlisted(frame: pd.DataFrame, multiple: SelectMultiple, file: RawFile) -> Iterator[Finding]:
    """Columns of codes that are not declared; only ``/`` tells them from other questions."""
    if multiple.join != "/":
        return
    listed = {name for code in multiple.codes for name in code_columns(multiple, code)}
    for name in frame.columns:
        if name.startswith(f"{multiple.column}/") and name not in listed:
            yield UNLISTED_COLUMN.about(file, name)


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
        *UNLISTED_CODE.at_lines(file, lines[unlisted[positions]], multiple.column),
        *CODE_TWICE.at_lines(file, lines[twice[positions]], multiple.column),
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
        findings.append(EXPORT_BLANKS.about(file, multiple.column, n=int(partly.sum())))
    else:
        findings += SOME_CODES.at_lines(file, lines[partly], multiple.column)
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
            yield from DISAGREES.at_lines(file, lines[differs], name, column=multiple.column)
        elif chosen.codes[:, i].any():
            lacking = f"{multiple.column}{multiple.join}{code}"
            yield CHOSEN_WITHOUT_COLUMN.about(file, lacking, column=multiple.column)


def _neither(cells: pd.DataFrame, lines: NDArray[np.int64], file: RawFile) -> list[Finding]:
    findings = []
    for name in cells.columns:
        wrong = ~cells[name].isin(("0", "1", "")).to_numpy(dtype=bool)
        findings += NEITHER.at_lines(file, lines[wrong], name)
    return findings


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
