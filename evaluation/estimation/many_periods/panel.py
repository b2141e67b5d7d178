"""A panel of units over many periods, some of which are treated from one period on.

Units are sorted by their ids as text and periods by their values, so that the order of rows
changes nothing; a unit's treatment is the position of its first treated period.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.many_periods import periods
from evaluation.estimation.many_periods.periods import label
from evaluation.locale.messages import Message, Plain

WHERE = periods.WHERE
_NOTHING = np.zeros(0)
# Largest id whose digits can be filled up without losing any.
_LONGEST = 10**17


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelColumns:
    """Names of the columns of a frame; empty where there is none.

    ``strata`` have changes of their own in each period, and treatment is permuted inside them.
    """

    outcome: str
    unit: str
    time: str
    first_treated: str
    exposure: str = ""
    weights: str = ""
    strata: str = ""
    covariates: tuple[str, ...] = ()

    def named(self) -> list[str]:
        """All columns, each once."""
        names = [self.outcome, self.unit, self.time, self.first_treated, self.exposure]
        return [
            n for n in dict.fromkeys([*names, self.weights, self.strata, *self.covariates]) if n
        ]


@dataclass(frozen=True, slots=True, eq=False)
class UnitPanel:
    """N units in T periods.

    Attributes
    ----------
    units : tuple of str
        Sorted ids.
    periods : tuple of str
        Labels, in the order of the periods.
    first : ndarray of int, shape (N,)
        Position of the first treated period; T for units that are never treated in the panel.
    y : ndarray, shape (N, T)
        Outcome; not a number where a unit was not seen.
    weight : ndarray, shape (N,)
        Positive weights of the units.
    stratum : ndarray of int, shape (N,)
        Position among the strata.
    strata : tuple of str
    exposure : ndarray, shape (N, T) or (0,)
        Positive; empty where there is none.
    covariates : ndarray, shape (N, p)
        One value a unit: that of its last period before treatment can have begun.
    late : ndarray of int, shape (N,) or (0,)
        Periods from the last one to the entry of units that enter after it; zero for others.
    doubts : tuple of Message
        What a reader has to know of the order and spacing of periods, and of entry.
    """

    units: tuple[str, ...]
    periods: tuple[str, ...]
    first: Codes
    y: Floats
    weight: Floats
    stratum: Codes
    strata: tuple[str, ...]
    exposure: Floats = field(default_factory=lambda: _NOTHING)
    covariates: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    late: Codes = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    doubts: tuple[Message, ...] = ()

    @property
    def n_periods(self) -> int:
        """Number of periods T."""
        return len(self.periods)

    @property
    def seen(self) -> Flags:
        """Whether a unit was seen in a period, shape (N, T)."""
        return np.isfinite(self.y)

    @property
    def cohorts(self) -> list[int]:
        """First treated periods that occur, without those of never treated units."""
        return [c for c in np.unique(self.first).tolist() if c < self.n_periods]

    def seen_before(self, anticipation: int = 0) -> Flags:
        """Units that were seen before they were treated, shape (N,)."""
        start = np.where(self.first == self.n_periods, self.first, self.first - anticipation)
        untreated = np.arange(self.n_periods) < start[:, None]
        return np.asarray((self.seen & untreated).any(axis=1))

    def kept(self, rows: Flags | Codes) -> "UnitPanel":
        """The panel of some of its units, in their order."""
        if rows.dtype == bool and rows.all():
            return self
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        return replace(
            self,
            units=tuple(self.units[row] for row in rows.tolist()),
            first=self.first[rows],
            y=self.y[rows],
            weight=self.weight[rows],
            stratum=self.stratum[rows],
            exposure=self.exposure[rows] if self.exposure.size else self.exposure,
            covariates=self.covariates[rows] if self.covariates.size else self.covariates,
            late=self.late[rows] if self.late.size else self.late,
        )

    def unanticipated(self, anticipation: int, *, never: bool) -> "UnitPanel":
        """Without rows in which units that enter after the panel may anticipate their treatment.

        Parameters
        ----------
        anticipation : int
            Periods before treatment in which there may be an effect already.
        never : bool
            Whether only units that are never treated are compared: these are not.
        """
        soon = (self.late > 0) & (self.late <= anticipation) if self.late.size else None
        if soon is None or not soon.any():
            return self
        if never:
            return self.kept(~soon)
        to_entry = self.late[:, None] + np.arange(self.n_periods)[::-1]
        return replace(self, y=np.where(soon[:, None] & (to_entry <= anticipation), np.nan, self.y))

    def between(self, start: int, stop: int) -> "UnitPanel":
        """The panel of periods from one position to before another."""
        length = stop - start
        first = np.where(self.first >= stop, length, np.maximum(self.first - start, 0))
        return replace(
            self,
            periods=self.periods[start:stop],
            first=first,
            y=self.y[:, start:stop],
            exposure=self.exposure[:, start:stop] if self.exposure.size else self.exposure,
        )


def panel(frame: pd.DataFrame, columns: PanelColumns) -> UnitPanel:
    """A panel from a frame with one row a unit and period.

    Parameters
    ----------
    frame : DataFrame
        Rows without an outcome are as if they were not there.
    columns : PanelColumns

    Returns
    -------
    UnitPanel

    Raises
    ------
    EstimationError
        A column is absent; a unit, period, exposure, weight, stratum or covariate is missing; a
        unit stands twice in a period; what belongs to the unit differs between its rows; no unit
        is treated or fewer than two periods are there; and as of `periods.periods`.
    """
    names = columns.named()
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise EstimationError.of("frame-no-column", "name-columns", WHERE, absent=", ".join(absent))
    there = frame[columns.outcome].notna()
    rows = frame[names] if there.all() else frame.loc[there, names]
    _check_complete(rows, [n for n in names if n != columns.first_treated])
    unit, units = _sorted_ids(rows[columns.unit])
    entry = _by_unit(rows[columns.first_treated], unit, len(units))
    when = periods.periods(rows[columns.time], entry)
    time, first, shape = when.position, when.first, (len(units), len(when.labels))
    _check_once(unit, time, len(when.labels))
    stratum, strata = _strata(rows, columns, unit, len(units))
    made = UnitPanel(
        units=units,
        periods=when.labels,
        first=first,
        y=_table(rows[columns.outcome], unit, time, shape),
        weight=_weights(rows, columns, unit, len(units)),
        stratum=stratum,
        strata=strata,
        exposure=_exposure(rows, columns, unit, time, shape),
        covariates=_covariates(rows, columns, unit, time, first),
        late=when.late,
        doubts=when.doubts,
    )
    _check_treated(made)
    return made


def _check_complete(rows: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        without = int(rows[name].isna().sum())
        if without:
            raise EstimationError.of("rows-no", "drop-complete", WHERE, without=without, name=name)


def _sorted_ids(column: pd.Series) -> tuple[Codes, tuple[str, ...]]:
    """Position of each row's unit among the sorted ids."""
    codes, values = pd.factorize(column)
    found = np.asarray(values)
    whole = found.dtype.kind in "iu"
    text = list(map(str if whole else label, found.tolist()))
    order = _digits_order(found) if whole else np.argsort(np.array(text, np.str_), kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place[codes], tuple(text[k] for k in order.tolist())


def _digits_order(numbers: np.ndarray) -> Codes:
    """The order of distinct whole numbers as text, without the texts."""
    if len(numbers) and (numbers.min() < 0 or numbers.max() > _LONGEST):
        return np.argsort(numbers.astype(np.str_), kind="stable")
    value = numbers.astype(np.int64)
    digits = np.searchsorted(10 ** np.arange(1, 19), value, side="right")
    # as many digits for all; of 1, 10 and 100 the shortest is the first
    return np.lexsort((digits, value * 10 ** (digits.max(initial=0) - digits)))


def _check_once(unit: Codes, time: Codes, periods: int) -> None:
    there = np.zeros((int(unit.max(initial=0)) + 1, periods), dtype=bool)
    there[unit, time] = True
    twice = len(unit) - np.count_nonzero(there)
    if twice:
        raise EstimationError.of("panel-twice", "panel-one-row", WHERE, n=Plain(twice))
    if periods < 2:
        raise EstimationError.of("panel-one-period", "panel-more-periods", WHERE)


def _by_unit(column: pd.Series, unit: Codes, number: int) -> pd.Series:
    """The one value of each unit, missing where all its rows are.

    Raises
    ------
    EstimationError
        A unit has two values.
    """
    row = np.empty(number, dtype=np.int64)
    row[unit] = np.arange(len(unit))
    codes, _ = pd.factorize(column)
    other = codes != codes[row][unit]
    if other.any():
        differ = len(np.unique(unit[other]))
        raise EstimationError.of(
            "panel-differs", "panel-one-value", WHERE, name=column.name, n=Plain(differ)
        )
    return column.iloc[row]


def _strata(
    rows: pd.DataFrame, columns: PanelColumns, unit: Codes, number: int
) -> tuple[Codes, tuple[str, ...]]:
    if not columns.strata:
        return np.zeros(number, dtype=np.int64), ("",)
    values = _by_unit(rows[columns.strata], unit, number).map(label)
    codes, labels = pd.factorize(values, sort=True)
    return np.asarray(codes, dtype=np.int64), tuple(labels)


def _weights(rows: pd.DataFrame, columns: PanelColumns, unit: Codes, number: int) -> Floats:
    if not columns.weights:
        return np.ones(number)
    values = _by_unit(rows[columns.weights], unit, number).to_numpy(dtype=np.float64)
    _check_positive(values, columns.weights)
    return values


def _exposure(
    rows: pd.DataFrame, columns: PanelColumns, unit: Codes, time: Codes, shape: tuple[int, int]
) -> Floats:
    if not columns.exposure:
        return _NOTHING
    _check_positive(rows[columns.exposure].to_numpy(dtype=np.float64), columns.exposure)
    return _table(rows[columns.exposure], unit, time, shape)


def _check_positive(values: Floats, name: str) -> None:
    if not (np.isfinite(values) & (values > 0.0)).all():
        raise EstimationError.of("panel-not-positive", "panel-correct", WHERE, name=name)


def _covariates(
    rows: pd.DataFrame, columns: PanelColumns, unit: Codes, time: Codes, first: Codes
) -> Floats:
    """Of each unit, in its last period before it is treated or before anybody is.

    Never treated units have that of the last period before the first cohort, so that no covariate
    was seen after a treatment began.
    """
    if not columns.covariates:
        return np.zeros((0, 0))
    latest = np.minimum(first, first.min()).clip(1)
    before = np.flatnonzero(time < latest[unit])
    order = before[np.lexsort((time[before], unit[before]))]
    last = np.r_[np.diff(unit[order]) > 0, True]
    chosen = order[last]
    if len(chosen) < len(first):
        raise EstimationError.of(
            "panel-no-covariate", "panel-covariate", WHERE, n=Plain(len(first) - len(chosen))
        )
    return rows[list(columns.covariates)].to_numpy(dtype=np.float64)[chosen]


def _table(column: pd.Series, unit: Codes, time: Codes, shape: tuple[int, int]) -> Floats:
    values = column.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all():
        raise EstimationError.of("panel-infinite", "panel-correct", WHERE, name=column.name)
    table = np.full(shape, np.nan)
    table[unit, time] = values
    return table


def _check_treated(made: UnitPanel) -> None:
    if not made.cohorts or (made.first == made.first[0]).all():
        raise EstimationError.of("panel-no-contrast", "panel-contrast", WHERE)
