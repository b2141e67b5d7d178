"""Text to values, column by column, exactly as the dictionary declares; flaws stay beside them.

Each distinct text of a column is parsed once. A cell that cannot be parsed has no value and a
:class:`Flaw`; it never becomes silently missing. Skip rules are applied here, because they decide
whether an empty cell is a gap or as it should be.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.finding import LINE
from evaluation.data.read import RawTable
from evaluation.spec.dictionary import CODED, Cell, Dictionary, Problem, Variable
from evaluation.spec.manifest import RawFile

CONSENT = "consent"
SKIPPED_KINDS = ("not_asked", "not_applicable")
ANSWERED = Problem(
    "skip-violation",
    "answered although the skip rule leaves the question out",
    "correct the cell or the answer that the skip rule looks at",
)
UNANSWERED = Problem(
    "skip-violation",
    "left out although the skip rule asks the question",
    "correct the cell or the answer that the skip rule looks at",
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """A problem of one or more cells that hold the same text.

    Attributes
    ----------
    rows : ndarray of int
        Positions of the cells in the table.
    text : str
        The raw text: never to be shown without :func:`evaluation.data.finding.shown`.
    """

    rows: NDArray[np.intp]
    text: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Column:
    """One parsed variable, n rows.

    Attributes
    ----------
    values : ndarray, shape (n,)
        float64 with NaN; or objects (str, datetime) with None.
    missing : ndarray of object, shape (n,)
        Missing kind where a cell is missing by declaration, else None.
    texts : Series of str, n rows
        The raw cells.
    """

    values: NDArray[np.float64] | NDArray[np.object_]
    missing: NDArray[np.object_]
    texts: pd.Series
    flaws: tuple[Flaw, ...]

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Where a value stands."""
        return ~pd.isna(self.values)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A raw table with its meaning.

    Attributes
    ----------
    columns : dict of str to Column
        By clean name, in the dictionary's order.
    lines : ndarray of int, shape (n,)
        Physical line (or observation number) of each row.
    consented : ndarray of bool, shape (n,)
        False where the variable ``consent`` is zero: nothing else is asked of such a row.
    """

    file: RawFile
    columns: dict[str, Column]
    lines: NDArray[np.int64]
    consented: NDArray[np.bool_]

    @property
    def keys(self) -> list[str]:
        """Row keys, file:line."""
        return [f"{self.file.path}:{line}" for line in self.lines]

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
        consented = columns[CONSENT].values != 0
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


def _column(table: RawTable, variable: Variable, dictionary: Dictionary) -> Column:
    source, dialect = table.file.source, table.file.dialect
    decimal, date = (dialect.decimal, dialect.date) if dialect else (".", "%Y-%m-%d")
    texts = table.frame[variable.raw[source]]
    codes, uniques = pd.factorize(texts)
    parsed = [
        dictionary.parse(variable.name, text, source=source, decimal=decimal, date=date)
        for text in uniques
    ]
    if is_numeric(variable, dictionary):
        values = np.array([_number(cell) for cell in parsed] or [np.nan], dtype=float)
    else:
        values = np.array([_object(cell) for cell in parsed] or [None], dtype=object)
    missing = np.array([_missing(cell) for cell in parsed] or [None], dtype=object)
    flaws = tuple(
        Flaw(np.flatnonzero(codes == i), str(uniques[i]), cell)
        for i, cell in enumerate(parsed)
        if isinstance(cell, Problem)
    )
    if not len(codes):
        return Column(values[:0], missing[:0], texts, ())
    return Column(values[codes], missing[codes], texts, flaws)


def _number(cell: Cell | Problem) -> object:
    value = cell.value if isinstance(cell, Cell) else None
    return np.nan if value is None else value


def _object(cell: Cell | Problem) -> object:
    value = cell.value if isinstance(cell, Cell) else None
    # a nominal list may mix texts and numbers; the clean column is text then
    return f"{value:g}" if isinstance(value, float) else value


def _missing(cell: Cell | Problem) -> str | None:
    return cell.missing if isinstance(cell, Cell) else None


def answered_without_consent(parsed: Parsed, dictionary: Dictionary) -> NDArray[np.int64]:
    """Number of questions each row answers although it refused consent, shape (n,).

    Questions are the variables that have a wording or a skip rule; what the interview itself left
    (place, time, enumerator) is none.
    """
    counts = np.zeros(len(parsed.lines), dtype=np.int64)
    for name, column in parsed.columns.items():
        variable = dictionary.variables[name]
        if name == CONSENT or (variable.question is None and variable.asked_if is None):
            continue
        empty = (column.texts == "").to_numpy(dtype=bool)
        counts += ~parsed.consented & ~empty & ~np.isin(column.missing, SKIPPED_KINDS)
    return counts


def _skip(columns: dict[str, Column], variable: Variable) -> Column:
    """Apply a skip rule: where it leaves the question out, an empty cell is as it should be.

    Where the answer that the rule looks at is itself missing, either is accepted.
    """
    rule, column = variable.asked_if, columns[variable.name]
    if rule is None:
        return column
    gate = columns[rule.variable]
    asked = np.isin(gate.values, list(rule.values)) & gate.observed
    left_out = gate.observed & ~asked | np.isin(gate.missing, SKIPPED_KINDS)
    empty = (column.texts == "").to_numpy(dtype=bool)
    answered = ~empty & ~np.isin(column.missing, SKIPPED_KINDS)
    # a blank may be declared to stand for an answer (don't know, refused)
    silent = ~answered & ~np.isin(column.missing, ("dont_know", "refused"))
    missing = column.missing.copy()
    missing[~asked & empty & pd.isna(missing)] = "not_asked"
    flaws = _other_flaws(column, left_out)
    flaws += _skip_flaws(column, left_out & answered, ANSWERED)
    flaws += _skip_flaws(column, asked & silent, UNANSWERED)
    return Column(column.values, missing, column.texts, flaws)


def _other_flaws(column: Column, left_out: NDArray[np.bool_]) -> tuple[Flaw, ...]:
    """Flaws of a question under a skip rule, but for empty cells: those the rule itself judges."""
    kept = [
        replace(flaw, rows=flaw.rows[~left_out[flaw.rows]])
        for flaw in column.flaws
        if flaw.problem.rule != "blank"
    ]
    return tuple(flaw for flaw in kept if len(flaw.rows))


def _skip_flaws(column: Column, where: NDArray[np.bool_], problem: Problem) -> tuple[Flaw, ...]:
    rows = np.flatnonzero(where)
    texts = column.texts.to_numpy(dtype=object)[rows]
    return tuple(
        Flaw(rows[texts == text], str(text), problem) for text in sorted(set(texts.tolist()))
    )
