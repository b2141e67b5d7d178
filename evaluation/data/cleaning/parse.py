"""Text to values, column by column, exactly as the dictionary declares; flaws stay beside them.

Each distinct text of a column is parsed once. A cell that cannot be parsed has no value and a
:class:`Flaw`; it never becomes silently missing. Skip rules are applied here, because they decide
whether an empty cell is a gap or as it should be.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import CODED, Dictionary, ParsedCell, Problem, Variable
from evaluation.config.manifest import WORKBOOKS, RawFile
from evaluation.data.cleaning.plain_texts import plain_values
from evaluation.data.findings import LINE
from evaluation.data.readers import dialect_evidence
from evaluation.data.readers.read import RawTable
from evaluation.data.readers.text_columns import differ
from evaluation.locale.messages import message

CONSENT = "consent"
# the value of somebody who agreed; whatever else stands there, or nothing, is no consent
GIVEN = 1.0
NOT_ASKED = "not_asked"
SKIPPED_KINDS = (NOT_ASKED, "not_applicable")


@dataclass(frozen=True, slots=True)
class Flaw:
    """A problem of one or more cells that hold the same text.

    Attributes
    ----------
    rows : ndarray of int
        Positions of the cells in the table.
    text : str
        The raw text: never to be shown without :func:`evaluation.data.findings.shown`.
    """

    rows: NDArray[np.intp]
    text: str
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedColumn:
    """One parsed variable, n rows with k distinct texts.

    What stands once for each distinct text is parsed, kept and compared once; whole columns are
    made anew on every request, so that a table of many rows stays small.

    Attributes
    ----------
    raw : str
        What the file calls it.
    codes : ndarray of int, shape (n,)
        Place of each cell's text among the distinct ones.
    distinct : ndarray of object, shape (k,)
        The raw texts, in order of first appearance.
    meanings : ndarray, shape (k,)
        Their values: float64 with NaN; or objects (str, datetime) with None.
    kinds : ndarray of object, shape (k,)
        Missing kind where a text is missing by declaration, else None.
    unasked : ndarray of bool, shape (n,), or None
        Empty cells that a skip rule explains.
    skipped : ndarray of bool, shape (n,), or None
        Empty cells of people who were asked, where the rule says what these mean.
    skipped_kind : str
        What they mean.
    """

    raw: str
    codes: NDArray[np.integer[Any]]
    distinct: NDArray[np.object_]
    meanings: NDArray[np.float64] | NDArray[np.object_]
    kinds: NDArray[np.object_]
    flaws: tuple[Flaw, ...]
    unasked: NDArray[np.bool_] | None = None
    skipped: NDArray[np.bool_] | None = None
    skipped_kind: str = ""

    @property
    def values(self) -> NDArray[np.float64] | NDArray[np.object_]:
        """Value of each cell: float64 with NaN; or objects with None."""
        return self.meanings[self.codes]

    @property
    def missing(self) -> NDArray[np.object_]:
        """Missing kind where a cell is missing by declaration, else None."""
        found = self.kinds[self.codes]
        if self.unasked is not None:
            found[self.unasked] = NOT_ASKED
        if self.skipped is not None:
            found[self.skipped] = self.skipped_kind
        return found

    @property
    def texts(self) -> pd.Series:
        """The raw cells."""
        return pd.Series(pd.array(self.distinct, dtype="str").take(self.codes))

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Where a value stands."""
        return np.asarray(~pd.isna(self.meanings)[self.codes])

    @property
    def empty(self) -> NDArray[np.bool_]:
        """Where the raw cell is empty."""
        return self.texts_where(self.distinct == "")

    def texts_where(self, found: NDArray[np.bool_] | list[bool]) -> NDArray[np.bool_]:
        """Cells whose distinct text is marked, shape (n,)."""
        marked = np.asarray(found, dtype=bool)
        return marked[self.codes] if marked.any() else np.zeros(len(self.codes), dtype=bool)

    def is_missing(self, *kinds: str) -> NDArray[np.bool_]:
        """Cells that are missing by one of these kinds."""
        found = self.texts_where(np.isin(self.kinds, kinds))
        if self.unasked is not None:
            found = found | self.unasked if NOT_ASKED in kinds else found & ~self.unasked
        if self.skipped is not None:
            of_kind = self.skipped_kind in kinds
            found = found | self.skipped if of_kind else found & ~self.skipped
        return found

    def as_type(self, dtype: str) -> NDArray[Any]:
        """Values as another type of numpy, converted once for each distinct text."""
        return self.meanings.astype(dtype)[self.codes]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A raw table with its meaning.

    Attributes
    ----------
    columns : dict of str to ParsedColumn
        By clean name, in the dictionary's order.
    lines : ndarray of int, shape (n,)
        Physical line (or observation number) of each row.
    consented : ndarray of bool, shape (n,)
        True where the variable ``consent`` is one. Whoever refused it, does not know, or has no
        value there has not consented: nothing else is asked of such a row.
    """

    file: RawFile
    columns: dict[str, ParsedColumn]
    lines: NDArray[np.int64]
    consented: NDArray[np.bool_]

    @property
    def keys(self) -> list[str]:
        """Row keys, file:line."""
        return [f"{self.file.path}:{line}" for line in self.lines.tolist()]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Values of a numeric variable, NaN where missing and where nobody consented."""
        column = self.columns[name]
        found = column.meanings.astype(float)[column.codes]
        found[~self.consented] = np.nan
        return found

    def key(self, row: int | np.integer) -> str:
        """Row key of one row."""
        return f"{self.file.path}:{self.lines[row]}"

    def mask(self, rows: NDArray[np.intp] | list[int]) -> NDArray[np.bool_]:
        """Which rows stand at some positions, shape (n,)."""
        marked = np.zeros(len(self.lines), dtype=bool)
        marked[rows] = True
        return marked

    def raw(self, name: str) -> str:
        """What the file calls a variable."""
        return self.columns[name].raw

    def flaws(self) -> Iterator[tuple[str, Flaw]]:
        """Variable and flaw, for every flaw in a row that consented."""
        for name, column in self.columns.items():
            for flaw in column.flaws:
                rows = flaw.rows if name == CONSENT else flaw.rows[self.consented[flaw.rows]]
                if len(rows):
                    yield name, replace(flaw, rows=rows)


def parse(table: RawTable, dictionary: Dictionary) -> Parsed:
    """Parse every dictionary variable that the table's source has.

    Parameters
    ----------
    table : RawTable
        Text; columns already checked against the dictionary.
    dictionary : Dictionary
        What each text means.

    Returns
    -------
    Parsed
        Values, missing kinds and flaws.
    """
    source = table.file.source
    variables = dictionary.in_source(source)
    columns = {v.name: _column(table, v, dictionary) for v in variables}
    for variable in variables:
        if variable.asked_if is not None and variable.asked_if.variable in columns:
            columns[variable.name] = _skip(columns, variable)
    lines = table.frame[LINE].to_numpy()
    consented = np.ones(len(lines), dtype=bool)
    if CONSENT in columns:
        consented = columns[CONSENT].texts_where(columns[CONSENT].meanings == GIVEN)
    return Parsed(table.file, columns, lines, consented)


def is_numeric(variable: Variable, dictionary: Dictionary) -> bool:
    """Whether the clean column holds numbers: counts, numbers, and codes whose values are numbers.

    One answer for all sources, so that rounds can be stacked.
    """
    if variable.type in ("count", "number"):
        return True
    if variable.type not in CODED:
        return False
    lists = [dictionary.code_list(variable.name, source) for source in variable.raw]
    return all(
        codes is not None and all(isinstance(code.value, float) for code in codes.values)
        for codes in lists
    )


def _column(table: RawTable, variable: Variable, dictionary: Dictionary) -> ParsedColumn:
    source, (decimal, date) = table.file.source, table.file.marks
    raw = variable.raw[source]
    codes, distinct = coded_texts(table.frame[raw])
    values, kinds = (np.empty(len(distinct), dtype=object) for _ in range(2))
    doubtful = np.arange(len(distinct))
    if dictionary.code_list(variable.name, source) is None:
        missing = dictionary.missing_codes(variable.name, source)
        known = missing.all if missing else ()
        plain, found = plain_values(variable, distinct, missing=known, decimal=decimal, date=date)
        values[plain] = found
        doubtful = np.flatnonzero(~plain)
    texts = distinct[doubtful].tolist()
    parsed = dictionary.parse_all(variable.name, texts, source=source, decimal=decimal, date=date)
    if table.file.format in WORKBOOKS:
        parsed = [dialect_evidence.declarable(*pair) for pair in zip(parsed, texts, strict=True)]
    values[doubtful] = [cell.value if isinstance(cell, ParsedCell) else None for cell in parsed]
    kinds[doubtful] = [cell.missing if isinstance(cell, ParsedCell) else None for cell in parsed]
    meanings: NDArray[Any] = values
    if is_numeric(variable, dictionary):
        meanings = values.astype(float)
    elif variable.type in CODED:
        # a nominal list may mix texts and numbers; the clean column is text then
        meanings[:] = [f"{value:g}" if isinstance(value, float) else value for value in values]
    flaws = tuple(
        Flaw(np.flatnonzero(codes == i), str(distinct[i]), cell)
        for i, cell in zip(doubtful.tolist(), parsed, strict=True)
        if isinstance(cell, Problem)
    )
    return ParsedColumn(
        raw=raw, codes=codes, distinct=distinct, meanings=meanings, kinds=kinds, flaws=flaws
    )


def coded_texts(texts: pd.Series) -> tuple[NDArray[np.integer[Any]], NDArray[np.object_]]:
    """Place of each cell among the distinct texts, in the smallest type, and these texts."""
    if isinstance(texts.dtype, pd.CategoricalDtype):
        listed = texts.cat.categories.to_numpy(dtype=object)
        # in order of appearance, without what stands in no row
        codes, seen = pd.factorize(texts.cat.codes.to_numpy())
        distinct = listed[seen]
    else:
        codes, index = pd.factorize(texts)
        distinct = np.asarray(index, dtype=object)
    return codes.astype(np.min_scalar_type(-max(len(distinct), 1))), distinct


def as_categories(frame: pd.DataFrame) -> pd.DataFrame:
    """A table of text with each distinct text of a column once, where many of its cells are alike.

    All other columns are as they were.
    """
    columns: dict[str, object] = {}
    for name in frame.columns:
        columns[name] = frame[name]
        if isinstance(frame[name].dtype, pd.StringDtype):
            codes, distinct = coded_texts(frame[name])
            if not differ(len(distinct), len(codes)):
                listed = pd.Index(distinct, dtype="str")
                columns[name] = pd.Categorical.from_codes(codes, categories=listed)
    return pd.DataFrame(columns, index=frame.index, copy=False)


def answered_without_consent(parsed: Parsed, dictionary: Dictionary) -> NDArray[np.int64]:
    """Number of questions each row answers although it has no consent, shape (n,).

    Questions are the variables that have a wording or a skip rule; what the interview itself left
    (place, time, enumerator) is none. Rows whose consent could not be parsed have a flaw already.
    """
    counts = np.zeros(len(parsed.lines), dtype=np.int64)
    without = ~parsed.consented
    if CONSENT in parsed.columns:
        for flaw in parsed.columns[CONSENT].flaws:
            without[flaw.rows] = False
    for name, column in parsed.columns.items():
        variable = dictionary.variables[name]
        if name == CONSENT or (variable.question is None and variable.asked_if is None):
            continue
        counts += without & ~column.empty & ~column.is_missing(*SKIPPED_KINDS)
    return counts


def _skip(columns: dict[str, ParsedColumn], variable: Variable) -> ParsedColumn:
    """Apply a skip rule: where it leaves the question out, an empty cell is as it should be.

    Where the answer that the rule looks at is itself missing, either is accepted.
    """
    rule, column = variable.asked_if, columns[variable.name]
    if rule is None:
        return column
    gate = columns[rule.variable]
    # the answers of the question that the rule looks at, once for each distinct text
    known = ~pd.isna(gate.meanings)
    asked = gate.texts_where(np.isin(gate.meanings, list(rule.values)) & known)
    left_out = gate.observed & ~asked | gate.is_missing(*SKIPPED_KINDS)
    empty = column.empty
    answered = ~empty & ~column.is_missing(*SKIPPED_KINDS)
    # a blank may be declared to stand for an answer (don't know, refused)
    silent = ~answered & ~column.is_missing("dont_know", "refused")
    unasked = ~asked & empty & column.texts_where(pd.isna(column.kinds))
    flaws = _other_flaws(column, left_out)
    name, fix = rule.variable, message("correct-cell-answer.problem", gate=rule.variable)
    superfluous, lacking = (
        Problem("skip-violation", problem, fix)
        for problem in (
            message("answered-although.problem", gate=name),
            message("left-out-although.problem", gate=name),
        )
    )
    flaws += _skip_flaws(column, left_out & answered, superfluous)
    if rule.skipped == "error":
        flaws += _skip_flaws(column, asked & silent, lacking)
        return replace(column, flaws=flaws, unasked=unasked)
    skipped = asked & empty
    flaws += _skip_flaws(column, asked & silent & ~empty, lacking)
    return replace(column, flaws=flaws, unasked=unasked, skipped=skipped, skipped_kind=rule.skipped)


def _other_flaws(column: ParsedColumn, left_out: NDArray[np.bool_]) -> tuple[Flaw, ...]:
    """Flaws of a question under a skip rule, but for empty cells: those the rule itself judges."""
    kept = [
        replace(flaw, rows=flaw.rows[~left_out[flaw.rows]])
        for flaw in column.flaws
        if flaw.problem.rule != "blank"
    ]
    return tuple(flaw for flaw in kept if len(flaw.rows))


def _skip_flaws(
    column: ParsedColumn, where: NDArray[np.bool_], problem: Problem
) -> tuple[Flaw, ...]:
    rows = np.flatnonzero(where)
    texts = column.distinct[column.codes[rows]]
    return tuple(
        Flaw(rows[texts == text], str(text), problem) for text in sorted(set(texts.tolist()))
    )
