"""What a reader of an estimate has to know of the data, and a strict call refuses.

Numbers that are easy to get wrong without an error: categories that are numbers held as text,
codes for no answer that were left in, rows twice, rounds that were pooled.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.api.given import GivenFrame
from evaluation.estimation.call_choices import listed
from evaluation.locale.messages import Plain, message

# How codes for don't know, refused and the like are written.
CODES = frozenset(
    float(sign * code)
    for code in (77, 88, 97, 98, 99, 777, 888, 997, 998, 999, 7777, 8888, 9997, 9998, 9999)
    for sign in (1, -1)
)
# How columns that count rounds or periods are called, in English and Spanish.
PERIODS = frozenset({
    "round", "wave", "ronda", "ola", "vuelta", "period", "periodo", "período", "year", "anio",
    "año", "time", "tiempo", "survey", "encuesta",
})  # fmt: skip
# How columns are called that say when a unit was treated.
ENTRIES = frozenset({
    "first_treated", "first_treat", "treated_from", "treatment_year", "start_year", "entry",
    "cohort", "cohorte", "ingreso", "inicio", "anio_inicio", "año_inicio", "gvar",
})  # fmt: skip
FEWEST_NUMBERS, FEWEST_CODES, MOST_PERIODS = 3, 2, 60


def look_at_values(
    given: GivenFrame,
    outcomes: Sequence[str],
    covariates: Sequence[str],
    *,
    first: Literal["drop", "keep"] = "drop",
) -> None:
    """Note how covariates are used, and codes for no answer in outcomes and covariates.

    Parameters
    ----------
    given : GivenFrame
    outcomes, covariates : sequence of str
    first : {"drop", "keep"}
        Whether the first value of a category has no dummy of its own, which is noted.
    """
    for name in dict.fromkeys(listed(covariates, "covariates")):
        if not pd.api.types.is_numeric_dtype(given.frame[name]):
            _categories(given, name, first)
    for name in dict.fromkeys((*outcomes, *covariates)):
        _codes(given, name)


def _categories(given: GivenFrame, name: str, first: Literal["drop", "keep"]) -> None:
    values = given.frame[name].dropna()
    found = values.unique()
    declared = isinstance(values.dtype, pd.CategoricalDtype)
    texts = [str(value).strip() for value in found]
    numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").notna()
    if len(texts) >= FEWEST_NUMBERS and bool(numbers.all()) and not declared:
        given.doubt(message("numbers-as-text.note", name=name, n=Plain(len(texts) - 1)))
        return
    if first == "drop" and texts:
        given.notes.append(message("categories.note", name=name, first=min(texts)))


def _codes(given: GivenFrame, name: str) -> None:
    column = given.frame[name]
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    values = values[np.isfinite(values)]
    whole = values == np.rint(values)
    distinct, number = np.unique(values[whole], return_counts=True)
    is_code = np.isin(distinct, list(CODES))
    rest = np.r_[distinct[~is_code], values[~whole]]
    if is_code.any() and len(rest):
        codes = dict(zip(distinct[is_code].tolist(), number[is_code].tolist(), strict=True))
        ends = float(rest.min()), float(rest.max())
        note_codes(given, name, codes, ends=ends, measured=not whole.all())


def note_codes(
    given: GivenFrame,
    name: str,
    codes: Mapping[float, int],
    *,
    ends: tuple[float, float],
    measured: bool,
) -> None:
    """Note codes for no answer that stand apart from a column's other values.

    Parameters
    ----------
    given : GivenFrame
    name : str
    codes : mapping of float to int
        In how many rows each of `CODES` is.
    ends : tuple of float
        The smallest and the largest of the others.
    measured : bool
        Whether one of the others is no whole number.
    """
    apart = _beyond if measured else _far_out
    left = [value for value in sorted(codes) if apart(value, *ends)]
    number = sum(codes[value] for value in left)
    # one far value of a measure may be what it was; a code stands in it again and again
    if number >= (FEWEST_CODES if measured else 1):
        listed_codes = ", ".join(f"{value:g}" for value in left)
        given.doubt(message("codes-left.note", name=name, codes=listed_codes, n=Plain(number)))


def _far_out(value: float, low: float, high: float) -> bool:
    """Whether a value is twice as large as any other of a scale or count, or alone below zero."""
    return abs(value) > 2.0 * max(abs(low), abs(high), 1.0) or value < 0.0 <= low


def _beyond(value: float, low: float, high: float) -> bool:
    """Whether a value is farther from all others of a measure than these are from each other."""
    return max(low - value, value - high) > high - low


def look_for_doubles(given: GivenFrame, used: Sequence[str]) -> None:
    """Note rows that are the same in every column of the frame.

    Parameters
    ----------
    given : GivenFrame
    used : sequence of str
        Columns of the estimate: only rows alike in them can be alike in all.
    """
    names = list(dict.fromkeys(name for name in used if name))
    frame = given.frame
    try:
        # most rows already differ in two columns
        likely = frame[frame.duplicated(names[:2], keep=False)]
        likely = likely[likely.duplicated(names, keep=False)]
        number = int(likely.duplicated().sum())
    except TypeError:
        # a column of lists, which are not compared
        return
    if number:
        given.doubt(message("rows-twice.note", n=Plain(number)))


def look_at_rounds(given: GivenFrame, post: str, cluster: str, used: Sequence[str]) -> None:
    """Note rounds that were pooled, and a start that differs between clusters.

    Parameters
    ----------
    given : GivenFrame
    post, cluster : str
    used : sequence of str
        Columns of the estimate, which are not looked at.
    """
    frame = given.frame
    for name in frame.columns:
        if str(name).casefold() not in PERIODS or name in used:
            continue
        known = frame[[name, post, cluster]].dropna()
        periods = known[name].nunique()
        if not 2 < periods <= MOST_PERIODS:
            continue
        last = known.groupby(name, observed=True)[post].nunique()
        if (last <= 1).all():
            given.doubt(message("rounds-pooled.note", name=name, n=Plain(periods), post=post))
            continue
        starts = known[known[post].astype(float) == 1.0].groupby(cluster, observed=True)[name].min()
        if len(starts.unique()) > 1:
            given.doubt(message("starts-differ.note", name=name, post=post))


def look_at_entry(given: GivenFrame, treated: str, cluster: str, used: Sequence[str]) -> None:
    """Note a column that says when each cluster was treated, where that is not the same.

    Parameters
    ----------
    given : GivenFrame
    treated, cluster : str
    used : sequence of str
        Columns of the estimate, which are not looked at.
    """
    frame = given.frame
    for name in frame.columns:
        if str(name).casefold() not in ENTRIES or name in used:
            continue
        entered = frame.loc[frame[treated].astype(float) == 1.0, [cluster, name]].dropna()
        starts = entered.drop_duplicates()[name].unique()
        if len(starts) > 1:
            given.doubt(message("ever-treated.note", name=name, n=Plain(len(starts))))
