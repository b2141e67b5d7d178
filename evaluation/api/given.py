"""A table as somebody passes it: pandas, polars or Arrow; what in it cannot be estimated from."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from evaluation.api import column_types
from evaluation.errors import EstimationError
from evaluation.estimation.parameters import BLINDED, SYNTHETIC
from evaluation.estimation.regression.rows import check_once
from evaluation.locale.messages import Message, message, several

# Column in which invented data, and clean data of a scrambled treatment, carry their mark, whatever
# kind of table holds them; and the key of a pandas frame's ``attrs``, where columns are chosen.
COLUMN, MARK = "synthetic", "mark"
# Where Stata's missing values of a float and of a double begin, when they are read as numbers.
STATA_FLOAT, STATA_DOUBLE = 2.0**127, 2.0**1023
# Sums of squares of weights beyond these, or of weights further apart, have no digits left.
LEAST_WEIGHT, MOST_WEIGHT, FURTHEST_WEIGHTS = 1e-60, 1e60, 1e12
# Values of which squares can be added up.
SMALLEST, LARGEST = 1e-100, 1e100
# A level this many times its own spread leaves a change fewer than seven digits.
LEVEL_OVER_SPREAD = 1e9


@dataclass(frozen=True, slots=True)
class GivenFrame:
    """A frame that may be estimated from, and what a reader of its results has to know.

    Attributes
    ----------
    frame : DataFrame
    where : str
        Name of the call, for messages.
    mark : str
        SYNTHETIC of invented data, else empty.
    notes : list of Message
    doubts : list of Message
        Those of the notes that a strict call refuses.
    """

    frame: pd.DataFrame
    where: str
    mark: str = ""
    notes: list[Message] = field(default_factory=list)
    doubts: list[Message] = field(default_factory=list)

    def doubt(self, said: Message) -> None:
        """Note what a strict call refuses."""
        self.doubts.append(said)
        self.notes.append(said)

    def settled(self, *, strict: bool) -> tuple[Message, ...]:
        """The notes.

        Raises
        ------
        EstimationError
            The call is strict and something is in doubt.
        """
        if strict and self.doubts:
            listed = several(self.doubts, "lines")
            raise EstimationError.of("strict-refused", "strict-refused", self.where, listed=listed)
        return tuple(self.notes)


def given(
    table: Any,
    where: str,
    *,
    numbers: Iterable[str] = (),
    clusters: Iterable[str] = (),
    others: Iterable[str] = (),
    measures: Iterable[str] = (),
    weights: str = "none",
) -> GivenFrame:
    """A table as a pandas frame whose columns can be used.

    Parameters
    ----------
    table : pandas, polars or Arrow table
    where : str
        Name of the call.
    numbers, clusters, others : iterable of str
        Columns of outcomes and the like; of ids; and further ones.
    measures : iterable of str
        Those of the further ones that may be numbers of any level, as covariates may.
    weights : str
        Column, or "none".

    Raises
    ------
    EstimationError
        It is no table, lacks a column, holds text where a number is needed, Stata's missing
        values as numbers, ids that read the same, weights or levels so large that no
        digits are left.
    """
    frame = as_pandas(table, where)
    numbers, clusters, others = list(numbers), list(clusters), list(others)
    weighted = [] if weights == "none" else [weights]
    named = [name for name in (*numbers, *clusters, *others, *weighted) if name]
    check_columns(frame, named, where)
    check_once(frame, named, "frame", where=where)
    for name in dict.fromkeys(named):
        column_types.check_kind(frame[name], where)
    frame = column_types.plain(frame, named, ids=clusters)
    for name in dict.fromkeys(named):
        _check_values(frame[name], where)
    for name in filter(None, (*numbers, *weighted)):
        _check_numeric(frame[name], where)
    for name in filter(None, dict.fromkeys((*numbers, *measures))):
        _check_level(frame[name], where)
    for name in filter(None, clusters):
        check_blanks(frame[name], where)
    for name in weighted:
        _check_weights(frame[name], where)
    found = GivenFrame(frame, where, mark=_mark(frame))
    for name in filter(None, clusters):
        look_at_capitals(found, frame[name])
    return found


def look_at_capitals(given: GivenFrame, column: pd.Series) -> None:
    """Note ids that differ by capitals only, which may be one cluster or two.

    Parameters
    ----------
    given : GivenFrame
    column : Series
        Ids of clusters.
    """
    seen: dict[str, str] = {}
    for value in column.dropna().unique():
        other = seen.setdefault(value.casefold(), value) if isinstance(value, str) else value
        if other != value:
            said = {"name": column.name, "one": repr(other), "two": repr(value)}
            given.doubt(message("ids-differ-by-capitals.note", **said))
            return


def marked(frame: pd.DataFrame, mark: str) -> pd.DataFrame:
    """Data with their mark, in a column and for pandas.

    Parameters
    ----------
    frame : DataFrame
    mark : str
        SYNTHETIC, BLINDED, both, or empty.
    """
    if not mark:
        return frame
    made = frame.assign(**{COLUMN: mark})
    made.attrs[MARK] = mark
    return made


def _mark(frame: pd.DataFrame) -> str:
    words = str(frame.attrs.get(MARK, "")).split()
    if COLUMN in frame.columns and frame.columns.is_unique:
        words += [word for value in frame[COLUMN].unique() for word in str(value).split()]
    return " ".join(word for word in (SYNTHETIC, BLINDED) if word in words)


def as_pandas(table: Any, where: str) -> pd.DataFrame:
    """A table as a pandas frame.

    Parameters
    ----------
    table : pandas, polars or Arrow table
    where : str
        Name of the call.

    Raises
    ------
    EstimationError
        It is no table.
    """
    if isinstance(table, pd.DataFrame):
        return table
    try:
        native = nw.from_native(table, eager_only=True)
    except TypeError:
        name = f"{type(table).__module__.partition('.')[0]}.{type(table).__name__}"
        name = name.removeprefix("builtins.")
        raise EstimationError.of(
            "frame-not-dataframe", "pass-a-table", where, rule="sample", name=name
        ) from None
    return native.to_pandas()


def check_columns(frame: pd.DataFrame, named: Sequence[str], where: str) -> None:
    """Refuse columns that are not there, with what was probably meant.

    Parameters
    ----------
    frame : DataFrame
    named : sequence of str
    where : str
        Name of the call.
    """
    for name in named:
        if not isinstance(name, str):
            raise EstimationError.of(
                "not-name-column", "write-name-column", where, name=where, name_other=repr(name)
            )
    absent = [name for name in dict.fromkeys(named) if name not in frame.columns]
    if not absent:
        return
    columns = [str(column) for column in frame.columns]
    near = [found[0] for n in absent if (found := difflib.get_close_matches(n, columns, n=1))]
    fix = (
        message("name-columns-near.fix", near=", ".join(near))
        if near
        else message("name-columns.fix")
    )
    said = message("frame-no-column.problem", absent=", ".join(absent))
    raise EstimationError(said, where=where, fix=fix, rule="sample")


def _numbers(column: pd.Series) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Its finite numbers; none of a column that holds no numbers."""
    if not pd.api.types.is_numeric_dtype(column):
        return np.zeros(0)
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return values[np.isfinite(values)]


def _check_values(column: pd.Series, where: str) -> None:
    """Refuse Stata's codes for a missing value that were read as numbers or objects."""
    if pd.api.types.is_object_dtype(column.dtype):
        kinds = set(map(type, column.array))
        found = any(kind.__name__ == "StataMissingValue" for kind in kinds)
    else:
        found = is_stata(np.abs(_numbers(column)))
    if found:
        raise stata_missing(str(column.name), where)


def is_stata(size: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    """Whether some absolute values are those of Stata's missing ones."""
    return bool(((size >= STATA_DOUBLE) | ((size >= STATA_FLOAT) & (size < 2.0**128))).any())


def stata_missing(name: str, where: str) -> EstimationError:
    """Error of a column with Stata's missing values.

    Parameters
    ----------
    name, where : str
        Of the column, and of the call.
    """
    return EstimationError.of("stata-missing", "stata-missing", where, rule="sample", name=name)


def _check_numeric(column: pd.Series, where: str) -> None:
    if pd.api.types.is_numeric_dtype(column):
        return
    texts = column.dropna().drop_duplicates().astype(str)
    digits = pd.to_numeric(texts, errors="coerce").notna().all()
    fix = "numbers-of-text" if digits else "numbers-of-labels"
    raise EstimationError.of("not-numeric", fix, where, rule="sample", name=column.name)


def _check_level(column: pd.Series, where: str) -> None:
    values = _numbers(column)
    largest = float(np.abs(values).max(initial=0.0))
    if not largest:
        return
    if not SMALLEST < largest < LARGEST:
        raise EstimationError.of(
            "values-too-far",
            "values-too-far",
            where,
            rule="sample",
            name=column.name,
            largest=f"{largest:.3g}",
        )
    middle = float(np.median(values))
    check_level(middle, float((values - middle).std()), name=str(column.name), where=where)


def check_level(level: float, spread: float, *, name: str, where: str) -> None:
    """Refuse a column whose level leaves no digits for its spread.

    Parameters
    ----------
    level, spread : float
    name, where : str
        Of the column, and of the call.
    """
    if spread > 0.0 and abs(level) > LEVEL_OVER_SPREAD * spread:
        raise EstimationError.of(
            "level-over-spread",
            "level-over-spread",
            where,
            rule="sample",
            name=name,
            level=f"{level:.3g}",
            spread=f"{spread:.3g}",
        )


def check_blanks(column: pd.Series, where: str) -> None:
    """Refuse ids that are one cluster to whoever reads them, and two here."""
    if pd.api.types.is_numeric_dtype(column):
        return
    ids = [value for value in column.dropna().unique() if isinstance(value, str)]
    seen: dict[str, str] = {}
    for value in ids:
        shown = " ".join(unicodedata.normalize("NFC", value).split())
        other = seen.setdefault(shown, value)
        if other != value:
            raise EstimationError.of(
                "ids-read-the-same",
                "ids-read-the-same",
                where,
                rule="sample",
                name=column.name,
                one=repr(other),
                two=repr(value),
            )


def _check_weights(column: pd.Series, where: str) -> None:
    values = _numbers(column)
    values = values[values > 0.0]
    if len(values):
        check_reach(float(values.min()), float(values.max()), name=str(column.name), where=where)


def check_reach(low: float, high: float, *, name: str, where: str) -> None:
    """Refuse weights of which sums of squares have no digits left.

    Parameters
    ----------
    low, high : float
        The smallest and the largest that are positive.
    name, where : str
        Of the column, and of the call.
    """
    if low < LEAST_WEIGHT or high > MOST_WEIGHT or high > FURTHEST_WEIGHTS * low:
        raise EstimationError.of(
            "weights-too-far",
            "weights-too-far",
            where,
            rule="weights",
            name=name,
            low=f"{low:.3g}",
            high=f"{high:.3g}",
        )
