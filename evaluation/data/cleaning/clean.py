"""Clean frames: from an empty frame, one variable at a time, so that nothing unread leaks in.

REQUIRES a parsed table without errors. CREATES ``row_key``, ``line`` and, for every variable of
the source, its value ``x`` and the companion ``x__missing``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from evaluation.config.dictionary import MISSING_KINDS, Dictionary, Variable
from evaluation.data.cleaning.parse import NOT_ASKED, Parsed, ParsedColumn, is_numeric
from evaluation.errors import DataError

MISSING = "__missing"
KINDS = pd.Index(MISSING_KINDS, dtype="str")
PLACES = {kind: place for place, kind in enumerate(MISSING_KINDS)}


def clean(parsed: Parsed, dictionary: Dictionary) -> pd.DataFrame:
    """Make the clean frame of one file.

    Parameters
    ----------
    parsed : Parsed
        The file's values.
    dictionary : Dictionary
        Types, in the order of the columns.

    Returns
    -------
    DataFrame, one row per row of the file
        ``row_key``, ``line``, then ``x`` and ``x__missing`` by variable: float64 for counts,
        numbers and codes with number values, text for other codes and ids, timestamps for dates;
        missing kinds as categories, one byte a cell (see :func:`plain_kinds`).

    Raises
    ------
    DataError
        A row that consented still holds a cell that could not be parsed.
    """
    for name, flaw in parsed.flaws():
        found, place = flaw.problem, f"{parsed.key(flaw.rows[0])}, column {parsed.raw(name)}"
        raise DataError(found.problem, where=place, fix=found.fix, rule=found.rule)
    columns: dict[str, object] = {
        "row_key": pd.array(parsed.keys, dtype="str"),
        "line": parsed.lines,
    }
    for name, column in parsed.columns.items():
        columns[name] = _values(column, dictionary.variables[name], dictionary)
        columns[f"{name}{MISSING}"] = _kinds(column)
    return pd.DataFrame(columns, copy=False)


def _values(column: ParsedColumn, variable: Variable, dictionary: Dictionary) -> object:
    if is_numeric(variable, dictionary):
        return column.values
    if variable.type in ("date", "datetime"):
        # a date is midnight: one type for both keeps the files readable everywhere
        unit = "datetime64[D]" if variable.type == "date" else "datetime64[s]"
        return column.as_type(unit).astype("datetime64[s]")
    return _texts(column.meanings, column.codes)


def _kinds(column: ParsedColumn) -> pd.Categorical:
    places = np.array([PLACES.get(kind, -1) for kind in column.kinds], dtype=np.int8)
    codes = places[column.codes]
    if column.unasked is not None:
        codes[column.unasked] = PLACES[NOT_ASKED]
    if column.skipped is not None:
        codes[column.skipped] = PLACES[column.skipped_kind]
    return pd.Categorical.from_codes(codes, categories=KINDS)


def plain_kinds(frame: pd.DataFrame) -> pd.DataFrame:
    """A clean frame with its missing kinds as text, as files hold them."""
    nothing = pd.array([None] * len(frame), dtype="str")
    columns = {}
    for name in frame.columns[frame.dtypes == "category"]:
        cells = frame[name].cat
        empty = bool((cells.codes < 0).all())
        columns[name] = nothing if empty else _texts(cells.categories, cells.codes.to_numpy())
    return frame.assign(**columns)


def _texts(
    distinct: Sequence[object] | NDArray[np.object_] | pd.Index, codes: NDArray[np.integer[Any]]
) -> pd.api.extensions.ExtensionArray:
    """Text of each cell, none where its code is -1."""
    listed = pa.array(distinct, type=pa.large_string(), from_pandas=True)
    places = pa.array(codes, mask=codes < 0)
    return pd.array(listed.take(places), dtype="str")
