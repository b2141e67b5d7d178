"""Columns of a frame in the few types that the estimators know.

One column of numbers or of truth values has many types: of numpy, pandas' nullable ones, Arrow's,
or plain objects, as polars makes of truth values of which some are missing. The same values give
the same result whatever their type.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError

# What pandas calls the values of an object column, missing ones left aside, and their type here.
NUMBERS = {
    "boolean": "boolean",
    "integer": "Int64",
    "floating": "float64",
    "mixed-integer-float": "float64",
    "decimal": "float64",
    # all are missing
    "empty": "float64",
}


def plain(frame: pd.DataFrame, named: Iterable[str], *, ids: Iterable[str]) -> pd.DataFrame:
    """A frame of which some columns have a type of numpy's or a nullable one of pandas'.

    Parameters
    ----------
    frame : DataFrame
    named : iterable of str
        Columns that are used.
    ids : iterable of str
        Those of them that are names of units, whose values stay as they are.
    """
    if not frame.columns.is_unique:
        return frame
    used = {*named} - {*ids}
    found = {name: _of_this_machine(frame[name]) for name in frame.columns}
    found |= {name: _plain(column) for name, column in found.items() if name in used}
    changed = {name: c for name, c in found.items() if c.dtype != frame[name].dtype}
    if not changed:
        return frame
    made = frame.copy(deep=False)
    for name, column in changed.items():
        # not by `assign`: the name of a column need not be text
        made[name] = column
    return made


def _of_this_machine(column: pd.Series) -> pd.Series:
    """Numbers whose bytes are in the other order, put into this machine's."""
    if isinstance(column.dtype, np.dtype) and not column.dtype.isnative:
        return column.astype(column.dtype.newbyteorder("="))
    return column


def _plain(column: pd.Series) -> pd.Series:
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        truth = pd.api.types.infer_dtype(kind.categories, skipna=True) == "boolean"
        return column.astype(object).astype("boolean") if truth else column
    if isinstance(kind, pd.ArrowDtype) and kind.kind == "b":
        return column.astype("boolean")
    if not pd.api.types.is_object_dtype(kind):
        return column
    wanted = NUMBERS.get(pd.api.types.infer_dtype(column, skipna=True))
    if wanted is None:
        return column
    try:
        return column.where(column.notna(), None).astype(wanted)
    except (TypeError, ValueError, OverflowError):
        # whole numbers of more digits than a computer's
        return column


def check_kind(column: pd.Series, where: str) -> None:
    """Refuse values that have no order: lists and the like, and complex numbers.

    Parameters
    ----------
    column : Series
    where : str
        Name of the call.

    Raises
    ------
    EstimationError
    """
    problem = ""
    if pd.api.types.is_object_dtype(column.dtype):
        kinds = set(map(type, column.array))
        names = {kind.__name__ for kind in kinds if kind.__hash__ is None}
        # that of Stata is told for itself
        if names - {"StataMissingValue"}:
            problem = "column-of-lists"
        elif complex in kinds:
            problem = "column-complex"
    elif pd.api.types.is_complex_dtype(column.dtype):
        problem = "column-complex"
    if problem:
        raise EstimationError.of(problem, problem, where, rule="sample", name=column.name)
