"""Numbers, days and clocks of binary formats as the text a person would have typed."""

import datetime
from collections.abc import Callable

import numpy as np
import pandas as pd


def number(value: float) -> str:
    """Shortest text of a number that reads back as the same number; whole ones have no point."""
    return str(int(value)) if value.is_integer() else repr(value)


def day(value: float, *, since: datetime.datetime) -> str:
    """Text ``2021-05-31`` of a number of days; the number where no calendar has such a day."""
    try:
        return (since + datetime.timedelta(days=value)).strftime("%Y-%m-%d")
    except (OverflowError, ValueError):
        return number(value)


def moment(seconds: float, *, since: datetime.datetime) -> str:
    """Text ``2021-05-31 08:05:00``; the number where no calendar has such a day."""
    try:
        return (since + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError):
        return number(seconds)


def clock(seconds: float) -> str:
    """Text ``08:05:00`` of a time of day or a length of time; hours may pass 24."""
    sign = "-" if seconds < 0 else ""
    whole = int(abs(seconds))
    return f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def column(cells: pd.Series, text: Callable[[object], str]) -> pd.Series:
    """Text of every cell; each distinct value is turned once, blanks are empty texts."""
    positions, values = pd.factorize(cells, use_na_sentinel=True)
    known = np.array([*(text(value) for value in values), ""], dtype=object)
    return pd.Series(known[positions], dtype="str")
