"""The order of periods and the entry of units, by whatever type of column they come.

Every form of one panel has to give the estimate of its whole numbers: no tolerance, since the
outcome and the order are the same.
"""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from tests.estimation.many_periods import worlds

COLUMNS = {"outcome": "y", "unit": "unit", "time": "time", "first_treated": "first"}
COHORTS = (0,) * 8 + (4,) * 7 + (7,) * 6
PERIODS = 8
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug")
ORDERED = pd.CategoricalDtype(MONTHS, ordered=True)


def panel(form, never=None, entry=None):
    """The panel with periods 1 to 8 and entries written by a function."""
    frame = worlds.frame(cohorts=COHORTS, periods=PERIODS, effect=2.0)
    first = [never if np.isnan(v) else (entry or form)(int(v)) for v in frame["first"]]
    return frame.assign(time=[form(t) for t in frame["time"]], first=first)


def both(form, never, dtype):
    return panel(form, never).astype({"time": dtype, "first": dtype})


def found(frame, **choices):
    return ev.event_study(frame, **COLUMNS, method="callaway_santanna", **choices)


USUAL = found(panel(lambda t: t, np.nan)).primary.estimate
FORMS = {
    "years": lambda: panel(lambda t: 2000 + t, np.nan),
    "zero is never": lambda: panel(lambda t: t, 0),
    "infinite is never": lambda: panel(float, np.inf),
    "negative": lambda: panel(lambda t: t - 5, np.nan),
    "half years": lambda: panel(lambda t: 2000 + t / 2, np.nan),
    "Int64": lambda: both(lambda t: 2000 + t, pd.NA, "Int64"),
    "int64[pyarrow]": lambda: both(lambda t: 2000 + t, pd.NA, "int64[pyarrow]"),
    "objects": lambda: both(lambda t: t, 0, object),
    "decimals": lambda: panel(Decimal),
    "small integers": lambda: panel(lambda t: t, 0).astype({"time": "uint8", "first": "uint8"}),
    "dates": lambda: panel(lambda t: datetime.date(2010 + t, 1, 1)),
    "months": lambda: panel(lambda t: pd.Timestamp(2019, t, 1), pd.NaT),
    "ends of months": lambda: panel(
        lambda t: pd.Timestamp(2019, t, 1) + pd.offsets.MonthEnd(), pd.NaT
    ),
    "hours": lambda: panel(lambda t: pd.Timestamp(2019, 1, 1, t), pd.NaT),
    "time zone": lambda: panel(lambda t: pd.Timestamp(2010 + t, 1, 1, tz="America/Bogota"), pd.NaT),
    "far date is never": lambda: panel(
        lambda t: datetime.date(2010 + t, 1, 1), datetime.date(9999, 12, 31)
    ),
    "pandas periods": lambda: panel(lambda t: pd.Period(year=2000 + t, freq="Y"), pd.NaT),
    "ordered months": lambda: both(lambda t: MONTHS[t - 1], None, ORDERED),
    "ordered months, entry as text": lambda: panel(lambda t: MONTHS[t - 1]).astype(
        {"time": ORDERED}
    ),
    "ordered numbers": lambda: panel(lambda t: t, 0).assign(
        time=lambda f: pd.Categorical(f["time"], ordered=True)
    ),
    "numbers as categories": lambda: both(lambda t: t, 0, "category"),
    "polars": lambda: pl.from_pandas(
        panel(lambda t: MONTHS[t - 1]).astype({"first": object})
    ).with_columns(pl.col("time").cast(pl.Enum(MONTHS))),
    "text by month": lambda: panel(lambda t: f"2019-{t:02d}"),
    "text by quarter": lambda: panel(lambda t: f"{2019 + t // 4}Q{t % 4 + 1}"),
    "waves": lambda: panel(lambda t: f"wave {t}"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_panel_is_the_same_by_every_type_of_period(form):
    """A category in order was searched unsorted, and zero among objects meant period 0."""
    result = found(FORMS[form](), strict=True)
    assert result.primary.estimate == USUAL
    assert result.primary.inference == "cv3"


@pytest.mark.parametrize("entry", [str, int])
def test_numbers_held_as_text_are_ordered_as_numbers_and_noted(entry):
    """7 to 12 as text begin with 10, which was silent."""
    frame = panel(lambda t: str(t + 4), entry=lambda t: entry(t + 4))
    result = found(frame)
    assert result.primary.estimate == USUAL
    assert [note.id for note in result.notes] == ["periods-text.note"]
    with pytest.raises(EstimationError, match="as text"):
        found(frame, strict=True)


REFUSED = {
    "zero where a period is zero": (lambda: panel(lambda t: t - 1, 0), "entry-zero.problem"),
    "zero where a period is below": (lambda: panel(lambda t: t - 5, 0), "entry-zero.problem"),
    "text without order": (lambda: panel(lambda t: MONTHS[t - 1]), "periods-order.problem"),
    "categories without order": (
        lambda: panel(lambda t: MONTHS[t - 1]).astype({"time": "category"}),
        "periods-order.problem",
    ),
    "text of other lengths": (lambda: panel(lambda t: f"w{t + 4}"), "periods-order.problem"),
    "month before year": (lambda: panel(lambda t: f"{t:02d}/2019"), "periods-order.problem"),
    "several kinds": (lambda: panel(lambda t: t if t < 5 else str(t)), "periods-mixed.problem"),
    "infinite": (lambda: panel(lambda t: t if t > 1 else -np.inf, np.nan), "periods-mixed.problem"),
    "too close": (lambda: panel(lambda t: 2**60 + t, None), "periods-mixed.problem"),
    "half of a year": (
        lambda: panel(lambda t: 2000 + t, np.nan, lambda t: 1999.5 + t),
        "entry-inside.problem",
    ),
    "half of a year, floats": (
        lambda: panel(lambda t: 2000.0 + t, np.nan, lambda t: 1999.5 + t),
        "entry-inside.problem",
    ),
    "day of a year": (
        lambda: panel(
            lambda t: datetime.date(2010 + t, 1, 1), entry=lambda t: datetime.date(2009 + t, 3, 1)
        ),
        "entry-inside.problem",
    ),
    "day of a month": (
        lambda: panel(
            lambda t: pd.Timestamp(2019, t, 1), pd.NaT, lambda t: pd.Timestamp(2019, t - 1, 15)
        ),
        "entry-inside.problem",
    ),
    "hour of a day": (
        lambda: panel(
            lambda t: pd.Timestamp(2019, 1, 3 * t), pd.NaT, lambda t: pd.Timestamp(2019, 1, t, 12)
        ),
        "entry-inside.problem",
    ),
    "other categories": (
        lambda: panel(lambda t: MONTHS[t - 1], entry=lambda t: f"{t}").astype({"time": ORDERED}),
        "panel-other-periods.problem",
    ),
    "years and months": (
        lambda: panel(
            lambda t: pd.Period(year=2000 + t, freq="Y"),
            pd.NaT,
            lambda t: pd.Period(year=2000 + t, month=1, freq="M"),
        ),
        "panel-other-periods.problem",
    ),
    "time zone of one column": (
        lambda: panel(
            lambda t: pd.Timestamp(2010 + t, 1, 1, tz="America/Bogota"),
            pd.NaT,
            lambda t: pd.Timestamp(2010 + t, 1, 1),
        ),
        "panel-other-periods.problem",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_could_mean_two_things_is_refused(case):
    make, problem = REFUSED[case]
    with pytest.raises(EstimationError) as caught:
        found(make())
    assert caught.value.problem.id == problem
    assert caught.value.where == "event_study"


NOTED = {
    "entry in a year without rows": (
        lambda: panel(lambda t: 2000 + 2 * t, np.nan, lambda t: 1999 + 2 * t),
        ["entry-between.note"],
    ),
    "entry in a month without rows": (
        lambda: panel(
            lambda t: pd.Timestamp(2010 + t // 4, 1 + 3 * (t % 4), 1),
            pd.NaT,
            lambda t: pd.Timestamp(2010 + (t - 1) // 4, 2 + 3 * ((t - 1) % 4), 1),
        ),
        ["entry-between.note"],
    ),
    "uneven years": (lambda: panel(lambda t: 2000 + t + 5 * (t > 4), 0), ["periods-uneven.note"]),
    "uneven months": (
        lambda: panel(lambda t: pd.Timestamp(2019, t + (t > 4), 1), pd.NaT),
        ["periods-uneven.note"],
    ),
    "a category without rows": (
        lambda: panel(lambda t: MONTHS[t - 1]).astype(
            {"time": pd.CategoricalDtype([*MONTHS[:4], "-", *MONTHS[4:]], ordered=True)}
        ),
        ["periods-uneven.note"],
    ),
}


@pytest.mark.parametrize("case", NOTED)
def test_uneven_periods_and_entry_between_them_are_noted(case):
    """Relative periods count positions; an entry between two periods counts from the later one."""
    make, notes = NOTED[case]
    result = found(make())
    assert result.primary.estimate == USUAL
    assert [note.id for note in result.notes] == notes
    with pytest.raises(EstimationError) as caught:
        found(make(), strict=True)
    assert caught.value.problem.id == "strict-refused.problem"


def test_the_labels_of_dates_are_days():
    made = found(FORMS["months"](), aggregate=("group",)).table
    assert made["at"].tolist() == ["average", "2019-04-01", "2019-07-01", "average"]
