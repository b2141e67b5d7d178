"""Periods of a panel in their order, and the period in which each unit enters treatment.

Whatever holds them (numbers, dates, pandas periods, text, ordered categories), periods become
numbers on one scale before anything is sorted or compared, so that a panel gives the same result
by every type of column.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.locale.messages import Message, Plain, message

WHERE = "event_study"
Kind = Literal["numbers", "dates", "periods", "text", "empty", "mixed"]
# What pandas calls the values of a column.
_KINDS: dict[str, Kind] = {
    "integer": "numbers", "floating": "numbers", "mixed-integer-float": "numbers",
    "integer-na": "numbers", "decimal": "numbers", "boolean": "numbers",
    "timedelta": "numbers", "timedelta64": "numbers",
    "datetime": "dates", "datetime64": "dates", "date": "dates",
    "period": "periods", "string": "text", "empty": "empty",
}  # fmt: skip
_DIGITS = re.compile(r"\d+")
# Digits of a year, by which text sorts before its months or quarters.
_YEAR = 4
# Microseconds of a day, and the sign for the last day of a month.
_DAY, _END = 86_400e6, 0
# Labels that a note names at most.
_NAMED = 6
# Share of a step by which an entry may be off a period, for rounding.
_ROUNDING = 1e-9
# Periods after the last one from which it does not matter how many they are.
_MOST_LATE = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """Periods in their order.

    Attributes
    ----------
    position : ndarray of int, shape (rows,)
        Position of each row's period.
    labels : tuple of T str
    first : ndarray of int, shape (N,)
        Position of each unit's first treated period; T where there is none in the panel.
    late : ndarray of int, shape (N,)
        Periods from the last one to the entry of units that enter after it; zero for others.
    doubts : tuple of Message
        What a reader has to know of the order, the spacing and the entry.
    """

    position: Codes
    labels: tuple[str, ...]
    first: Codes
    late: Codes
    doubts: tuple[Message, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """Periods of rows and entries of units as numbers; an entry that is not a number is never.

    ``shown`` holds what each row has as its period. An entry between two periods is a whole number
    of steps after the first, or else inside it. Distances mean something where it is ``spaced``.
    """

    time: Floats
    entry: Floats
    shown: Sequence[object] | Floats | pd.Index
    step: float = 1.0
    spaced: bool = True
    doubts: tuple[Message, ...] = ()


def periods(time: pd.Series, entry: pd.Series) -> Periods:
    """Order the periods, and find each unit's first treated one among them.

    Parameters
    ----------
    time : Series, one value a row
        Periods, none missing.
    entry : Series, one value a unit
        First treated periods; missing, infinite, or a zero below all periods means never.

    Returns
    -------
    Periods

    Raises
    ------
    EstimationError
        Nothing tells the order of the periods; entries are written in another way than periods,
        are zero where that could be a period, or lie inside a period.
    """
    scale = _scale(time, entry)
    values, row, position = np.unique(scale.time, return_index=True, return_inverse=True)
    labels = tuple(label(scale.shown[k]) for k in row.tolist())
    known = np.isfinite(scale.entry)
    first = np.full(len(scale.entry), len(values), dtype=np.int64)
    first[known] = np.searchsorted(values, scale.entry[known])
    between = _between(values, scale, first, known)
    doubts = list(scale.doubts)
    if between.any():
        _check_inside(values, scale, np.flatnonzero(between), first, (entry, time, labels))
        n = Plain(int(np.count_nonzero(between)))
        doubts.append(message("entry-between.note", name=entry.name, n=n))
    steps = np.diff(values)
    if scale.spaced and len(steps) and np.ptp(steps) > _ROUNDING * steps.max():
        shown = labels if len(labels) <= _NAMED else (*labels[: _NAMED - 1], "…", labels[-1])
        doubts.append(message("periods-uneven.note", name=time.name, periods=", ".join(shown)))
    late = _late(values, scale.entry)
    return Periods(np.asarray(position, dtype=np.int64), labels, first, late, tuple(doubts))


def _late(values: Floats, entry: Floats) -> Codes:
    """Periods from the last one to an entry after it, each as long as the last step."""
    if len(values) < 2:
        return np.zeros(len(entry), dtype=np.int64)
    away = (np.where(np.isfinite(entry), entry, values[0]) - values[-1]) / (values[-1] - values[-2])
    return np.ceil(away.clip(0.0, _MOST_LATE) - _ROUNDING).astype(np.int64)


def _between(values: Floats, scale: _Scale, first: Codes, known: Flags) -> Flags:
    """Units that enter after the first period and before the last, at none of the periods."""
    inside = known & (first > 0) & (first < len(values))
    at = values[np.where(inside, first, 0)]
    with np.errstate(invalid="ignore"):
        return np.asarray(inside & (at - scale.entry > _ROUNDING * scale.step))


def _check_inside(
    values: Floats,
    scale: _Scale,
    units: Codes,
    first: Codes,
    shown: tuple[pd.Series, pd.Series, Sequence[str]],
) -> None:
    """Refuse entries that are not a whole number of steps after a period."""
    entry, time, labels = shown
    steps = (scale.entry[units] - values[first[units] - 1]) / scale.step
    odd = units[np.abs(steps - np.rint(steps)) > _ROUNDING]
    if not len(odd):
        return
    unit = odd[0]
    raise EstimationError.of(
        "entry-inside", "entry-inside", WHERE,
        name=entry.name, n=Plain(len(odd)), value=label(entry.iloc[unit]), time=time.name,
        before=labels[first[unit] - 1], after=labels[first[unit]],
    )  # fmt: skip


def label(value: object) -> str:
    """A period or id as text; a whole number without its decimal point, a day without its hour."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return str(value.date())
    return str(value)


def _scale(time: pd.Series, entry: pd.Series) -> _Scale:
    if isinstance(time.dtype, pd.CategoricalDtype) and time.dtype.ordered:
        return _categories(time, entry)
    time, entry = _values(time), _values(entry)
    kind = _kind(time)
    held = _kind(entry.dropna()) if entry.notna().any() else "empty"
    if kind == "mixed":
        raise EstimationError.of("periods-mixed", "periods-order", WHERE, name=time.name)
    if kind == "numbers" and (held in ("numbers", "empty") or _holds_numbers(entry)):
        return _numbers(time, entry)
    if kind == "dates" and (held in ("dates", "empty") or _holds_dates(entry)):
        return _dates(time, entry)
    if kind == "periods" and held in ("periods", "empty"):
        return _calendar(time, entry)
    if kind == "text" and _holds_numbers(time):
        if held in ("numbers", "empty") or _holds_numbers(entry):
            said = message("periods-text.note", name=time.name)
            return replace(_numbers(time, entry), doubts=(said,))
    elif kind == "text" and held in ("text", "empty"):
        dates = all(_holds_dates(column) for column in (time, entry))
        return _dates(time, entry) if dates else _texts(time, entry)
    raise _other_periods(time, entry)


def _values(column: pd.Series) -> pd.Series:
    """The column without its categories, whose order says nothing."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.astype(column.dtype.categories.dtype)
    return column


def _kind(column: pd.Series) -> Kind:
    held = column.to_numpy() if isinstance(column.dtype, np.dtype) else column.to_numpy(object)
    return _KINDS.get(pd.api.types.infer_dtype(held), "mixed")


def _floats(column: pd.Series) -> Floats:
    """The numbers of a column that holds numbers, or text that does."""
    if _kind(column) == "text":
        column = pd.to_numeric(column.astype(object))
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _holds_numbers(column: pd.Series) -> bool:
    """Whether it is text, and all of it numbers."""
    known = column.dropna().astype(object)
    return _kind(known) == "text" and bool(pd.to_numeric(known, errors="coerce").notna().all())


def _holds_dates(column: pd.Series) -> bool:
    """Whether it is text, and all of it dates from the year to the day, or it is missing."""
    known = column.dropna().astype(object)
    if _kind(known) not in ("text", "empty"):
        return False
    found = pd.to_datetime(known, errors="coerce", format="ISO8601")
    return bool(found.notna().all())


def _numbers(time: pd.Series, entry: pd.Series) -> _Scale:
    at, begun = _floats(time), _floats(entry)
    values = np.unique(at)
    if not np.isfinite(values).all() or len(values) < time.nunique():
        raise EstimationError.of("periods-mixed", "periods-order", WHERE, name=time.name)
    zeros = int(np.count_nonzero(begun == 0.0))
    if zeros and values[0] <= 0.0:
        raise EstimationError.of(
            "entry-zero", "entry-zero", WHERE, name=entry.name, n=Plain(zeros), time=time.name
        )
    begun = np.where(np.isfinite(begun) & (begun != 0.0), begun, np.nan)
    steps = np.diff(values)
    whole = (values == np.rint(values)).all() or not len(steps)
    step = 1.0 if whole else float(steps.min())
    return _Scale(at, begun, at, step)


def _texts(time: pd.Series, entry: pd.Series) -> _Scale:
    """Text in the order of its characters, where that is the order of time."""
    known = entry.notna().to_numpy()
    at = time.astype(str).to_numpy(dtype=np.str_)
    begun = entry[known].astype(str).to_numpy(dtype=np.str_)
    shapes, own = _shapes(at), _shapes(begun)
    numbers = _DIGITS.findall(str(at[0]))
    if len(shapes) > 1 or not numbers or (len(numbers) > 1 and len(numbers[0]) != _YEAR):
        raise EstimationError.of("periods-order", "periods-order", WHERE, name=time.name)
    if own - shapes:
        raise _other_periods(time, entry)
    values = np.unique(np.concatenate([at, begun]))
    entered = np.full(len(entry), np.nan)
    entered[known] = np.searchsorted(values, begun)
    found = np.searchsorted(values, at).astype(np.float64)
    return _Scale(found, entered, at.tolist(), spaced=False)


def _shapes(texts: np.ndarray) -> set[str]:
    """What texts look like, whatever their digits are."""
    return {_DIGITS.sub(lambda found: "0" * len(found[0]), str(text)) for text in np.unique(texts)}


def _categories(time: pd.Series, entry: pd.Series) -> _Scale:
    """Ordered categories, in their order; a period of which there are no rows counts as one."""
    categories, begun = time.cat.categories, _values(entry)
    known = begun.notna().to_numpy()
    if _kind(categories.to_series()) == "numbers":
        number = _floats(begun) if _kind(begun[known]) == "numbers" else np.zeros(0)
        zero = (number == 0.0) & (0 not in categories)
        known = known & np.isfinite(number) & ~zero if len(number) else known
    place = categories.get_indexer(pd.Index(begun[known].to_numpy(object), dtype=object))
    if (place < 0).any():
        raise _other_periods(time, entry)
    entered = np.full(len(entry), np.nan)
    entered[known] = place
    at = time.cat.codes.to_numpy(dtype=np.float64)
    return _Scale(at, entered, time.to_numpy(object))


def _calendar(time: pd.Series, entry: pd.Series) -> _Scale:
    """Periods of pandas, such as months or years, of one frequency."""
    try:
        at = pd.PeriodIndex(time)
        begun = pd.PeriodIndex(entry.dropna().to_numpy(object), dtype=at.dtype)
    except (TypeError, ValueError):
        # of another frequency
        raise _other_periods(time, entry) from None
    entered = np.full(len(entry), np.nan)
    entered[entry.notna().to_numpy()] = begun.asi8
    return _Scale(at.asi8.astype(np.float64), entered, at)


def _dates(time: pd.Series, entry: pd.Series) -> _Scale:
    """Dates in months where all are one day of the month or its end, else in days or less.

    Where all are in one month of the year, a step is a year. A date off these is inside a period.
    """
    at, begun = _moments(time), _moments(entry)
    if at is None or begun is None:
        raise _other_periods(time, entry)
    if (at.tz is None) != (begun.tz is None) and begun.notna().any():
        raise _other_periods(time, entry)
    shown = time.to_numpy(object) if _kind(time) == "text" else at
    if at.tz is not None and begun.tz is not None:
        at, begun = at.tz_localize(None), begun.tz_convert(at.tz).tz_localize(None)
    distinct = at.unique()
    day = _day_of_the_month(distinct)
    if day is None:
        unit = _DAY if (distinct == distinct.normalize()).all() else 1.0
        return _Scale(_microseconds(at) / unit, _microseconds(begun) / unit, shown)
    anchor = begun.days_in_month if day == _END else day
    off = np.sign(begun.day - anchor) / 2.0 + (begun != begun.normalize()) / 4.0
    entered = np.where(begun.isna(), np.nan, _months(begun) + off)
    step = 12.0 if (distinct.month == distinct.month[0]).all() else 1.0
    return _Scale(_months(at), entered, shown, step)


def _moments(column: pd.Series) -> pd.DatetimeIndex | None:
    """Dates and times; none where some cannot be read together."""
    held = column.to_numpy() if isinstance(column.dtype, np.dtype) else column.to_numpy(object)
    try:
        if _kind(column.dropna()) == "text":
            return pd.DatetimeIndex(pd.to_datetime(held, format="ISO8601")).as_unit("us")
        return pd.DatetimeIndex(pd.to_datetime(held)).as_unit("us")
    except (TypeError, ValueError):
        return None


def _day_of_the_month(distinct: pd.DatetimeIndex) -> int | None:
    """The day that all have in common, `_END` for the last; none where there is none."""
    if not (distinct == distinct.normalize()).all():
        return None
    if (distinct.day == distinct.day[0]).all():
        return int(distinct.day[0])
    return _END if distinct.is_month_end.all() else None


def _months(dates: pd.DatetimeIndex) -> Floats:
    return np.asarray(dates.year * 12.0 + dates.month, dtype=np.float64)


def _microseconds(dates: pd.DatetimeIndex) -> Floats:
    found = dates.to_numpy().astype(np.int64).astype(np.float64)
    return np.where(dates.isna(), np.nan, found)


def _other_periods(time: pd.Series, entry: pd.Series) -> EstimationError:
    return EstimationError.of(
        "panel-other-periods", "panel-same-periods", WHERE, name=entry.name, time=time.name
    )
