"""The number registry: every number a page may quote, by a permanent id.

An id is ``<exhibit>.<row>.<field>``. Pages quote numbers by id, so a digit typed in prose cannot
go stale.
"""

import math
from collections.abc import Iterable
from typing import Any

from evaluation.errors import ReportError
from evaluation.report.formats import words
from evaluation.report.formats.table import NUMERIC, Cell, Table, text

QUOTABLE_TEXT = ("conclusion", "evidence", "reading", "status", "adjustment")


def collect(tables: Iterable[Table]) -> dict[str, dict[str, Any]]:
    """Numbers (and quotable words) of all tables.

    Parameters
    ----------
    tables : iterable of Table
        Tables whose numbers prose may quote.

    Returns
    -------
    dict
        Id to ``{value, text, unit, decimals, kind}``. ``value`` is None for words, for what is
        withheld, and for an infinity, which JSON cannot hold; ``text`` is always what the table
        prints, and ``unit`` is in the table's language.

    Raises
    ------
    ReportError
        Two numbers have one id, or an id holds a dot too many.
    """
    numbers: dict[str, dict[str, Any]] = {}
    for table in tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                quoted = cell.kind == "text" and column.id in QUOTABLE_TEXT
                if not (quoted or cell.kind in (*NUMERIC, "unavailable", "suppressed")):
                    continue
                _add(numbers, (table.id, row.id, column.id), cell, table.language)
        for name, sentence in table.said:
            _add(numbers, (table.id, "all", name), text(sentence), table.language)
    return numbers


def _add(
    numbers: dict[str, dict[str, Any]], parts: tuple[str, str, str], cell: Cell, language: str
) -> None:
    identifier = ".".join(parts)
    if identifier in numbers or any("." in part for part in parts):
        raise ReportError.of(
            "number-id-stands", "rename-row-column", parts[0], identifier=identifier
        )
    numbers[identifier] = {
        "value": finite(cell.value),
        "text": cell.text,
        "unit": words.unit(cell.unit, language),
        "decimals": cell.decimals,
        "kind": cell.kind,
    }


def marked(numbers: dict[str, dict[str, Any]], *, mark: str) -> dict[str, Any]:
    """The content of ``numbers.json``: the numbers under the mark of invented data.

    Parameters
    ----------
    numbers : dict
        What :func:`collect` returns.
    mark : str
        Empty where the data are real.
    """
    return {"synthetic": mark, "numbers": numbers}


def finite(value: float | None) -> float | int | None:
    """The value, or None where JSON has no number for it."""
    return None if value is None or not math.isfinite(value) else value
