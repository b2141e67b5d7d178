"""Clean frames: from an empty frame, one variable at a time, so that nothing unread leaks in.

REQUIRES a parsed table without errors. CREATES ``row_key``, ``line`` and, for every variable of
the source, its value ``x`` and the companion ``x__missing``.
"""

import pandas as pd

from evaluation.data.parse import Column, Parsed, is_numeric
from evaluation.errors import DataError
from evaluation.spec.dictionary import Dictionary, Variable

MISSING = "__missing"


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
        numbers and codes with number values, text for other codes and ids, timestamps for dates.

    Raises
    ------
    DataError
        A row that consented still holds a cell that could not be parsed.
    """
    for name, flaw in parsed.flaws():
        raw = dictionary.variables[name].raw[parsed.file.source]
        raise DataError(
            flaw.problem.problem,
            where=f"{parsed.keys[flaw.rows[0]]}, column {raw}",
            mend=flaw.problem.mend,
            rule=flaw.problem.rule,
        )
    columns: dict[str, object] = {
        "row_key": pd.array(parsed.keys, dtype="str"),
        "line": parsed.lines,
    }
    for name, column in parsed.columns.items():
        columns[name] = _values(column, dictionary.variables[name], dictionary)
        columns[f"{name}{MISSING}"] = pd.array(column.missing, dtype="str")
    return pd.DataFrame(columns)


def _values(column: Column, variable: Variable, dictionary: Dictionary) -> object:
    if is_numeric(variable, dictionary):
        return column.values
    if variable.type in ("date", "datetime"):
        # a date is midnight: one type for both keeps the files readable everywhere
        unit = "datetime64[D]" if variable.type == "date" else "datetime64[s]"
        return column.values.astype(unit).astype("datetime64[s]")
    return pd.array(column.values, dtype="str")
