"""Counts by place and period that repeat, stop, or do not go with the people of their place.

What chance explains is taken from the counts themselves: how often neighbours in time are equal,
how widely a place's counts spread, how far places differ from one another.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import DataRule, Declared
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

SERIES_REPEATED = DataRule("series-repeated", "warn")
PLACE_COPIED = DataRule("series-repeated", "warn", "series-place-copied")
SERIES_PLACE_ZEROS = DataRule("series-place-zeros", "warn")
SERIES_RATES = DataRule("series-rates", "warn")
SERIES_PLACE_LEVEL = DataRule("series-place-level", "warn")

# counts of places with so many events in a period are not equal by being zero
EVENTS, PLACES = 3.0, 20
# with fewer periods two places may have the same counts by chance
PERIODS = 12
# Share of places whose count is that of an earlier period; two Poisson counts of mean m are equal
# with the chance of about 0.28 / sqrt(m).
SAME, TIMES, EQUAL = 0.75, 2.0, 0.2821
# a quarter before and a year before
LAGS = (1, 4)
# expected number of such stretches of zeros in a file
CHANCE = 1e-6
# Counts grow with people as 1 to 1, rates not at all; halfway, by three standard errors.
HALFWAY, ERRORS = 0.5, 3.0
# populations that hardly differ tell nothing
UNEQUAL = 0.3
# Robust standard deviations of the places' rates, and the part of that distance that is left once
# two places are exchanged.
FAR, LEFT = 4.0, 1 / 3

Floats = NDArray[np.float64]


def value_findings(
    name: str, table: pd.DataFrame, parsed: Parsed, declared: Declared
) -> Iterator[Finding]:
    """Findings about one count.

    Parameters
    ----------
    name : str
        The variable.
    table : DataFrame
        Clusters by periods, NaN where absent.
    parsed : Parsed
        The series file.
    declared : Declared
        The frame has the people.
    """
    repeated = repeated_periods(table)
    if repeated:
        period, earlier, share = repeated
        said = {"period": period, "earlier": earlier, "share": Plain(f"{share:.0%}")}
        yield SERIES_REPEATED.at(parsed, name, series=name, **said)
    copied = copied_places(table.to_numpy(dtype=float))
    if copied:
        yield PLACE_COPIED.at(parsed, name, series=name, n=Plain(copied))
    places, most = silent_places(table.to_numpy(dtype=float))
    if places and not (table.sum(axis=0) == 0).any():
        yield SERIES_PLACE_ZEROS.at(parsed, name, series=name, n=Plain(places), most=Plain(most))
    people = _people(table, declared)
    if people is None:
        return
    counts = table.mean(axis=1).to_numpy(dtype=float)
    slope, error = people_slope(counts, people)
    if slope + ERRORS * error < HALFWAY:
        line = {"slope": Plain(f"{slope:.2f}"), "error": Plain(f"{error:.2f}")}
        yield SERIES_RATES.at(parsed, name, series=name, **line)
    elif exchanged_places(counts, people):
        yield SERIES_PLACE_LEVEL.at(parsed, name, series=name)


def repeated_periods(table: pd.DataFrame) -> tuple[str, str, float] | None:
    """The first period in which most places have the count of an earlier one, and the share."""
    values = table.to_numpy(dtype=float)
    for lag in LAGS:
        for at in range(lag, values.shape[1]):
            old, new = values[:, at - lag], values[:, at]
            # the mean of both, so that equal counts are not looked for among equal ones
            mean = np.nanmean(values, axis=1)
            use = (mean >= EVENTS) & ~np.isnan(old) & ~np.isnan(new)
            if use.sum() < PLACES:
                continue
            share = float((old[use] == new[use]).mean())
            chance = float(np.minimum(1.0, EQUAL / np.sqrt(mean[use])).mean())
            if share >= max(SAME, TIMES * chance):
                return str(table.columns[at]), str(table.columns[at - lag]), share
    return None


def copied_places(values: Floats) -> int:
    """Places with some events whose counts of all periods are those of another place.

    Two Poisson counts of mean m are equal with the chance of about 0.28 / sqrt(m), so twelve of
    mean three in one million pairs of places once.
    """
    whole = values[(values.mean(axis=1) >= EVENTS) & ~np.isnan(values).any(axis=1)]
    if values.shape[1] < PERIODS:
        return 0
    return len(whole) - len(np.unique(whole, axis=0))


def silent_places(values: Floats) -> tuple[int, int]:
    """Places with zeros after many, and the longest stretch of zeros among them, in periods.

    Notes
    -----
    Counts of a place with mean m and variance phi m are zero with the chance phi^(-m / (phi - 1)):
    the negative binomial distribution, and exp(-m) where phi is one.
    """
    found, longest = 0, 0
    for row in values:
        zero = np.concatenate([[0], (row == 0).astype(int), [0]])
        edges = np.flatnonzero(np.diff(zero))
        if not len(edges):
            continue
        lengths = edges[1::2] - edges[::2]
        start, length = int(edges[::2][lengths.argmax()]), int(lengths.max())
        rest = np.delete(row, np.arange(start, start + length))
        rest = rest[~np.isnan(rest)]
        if len(rest) < length or len(rest) < 4 or rest.mean() <= 0:
            continue
        mean = float(rest.mean())
        phi = max(float(rest.var(ddof=1)) / mean, 1.0 + 1e-6)
        log_chance = -length * mean / (phi - 1.0) * np.log(phi)
        if values.size * np.exp(log_chance) < CHANCE:
            found, longest = found + 1, max(longest, length)
    return found, longest


def _people(table: pd.DataFrame, declared: Declared) -> Floats | None:
    name = declared.study.columns.population
    if name is None or len(table) < PLACES or name not in declared.frame.table:
        return None
    frame = declared.frame.table.set_index(declared.frame.cluster)
    people = frame[name].reindex(table.index).to_numpy(dtype=float)
    spread = float(np.std(np.log(people))) if (people > 0).all() else 0.0
    return people if spread >= UNEQUAL else None


def people_slope(counts: Floats, people: Floats) -> tuple[float, float]:
    """By how much logarithms of counts grow with those of people, and its standard error.

    Parameters
    ----------
    counts, people : ndarray, shape (places,)
    """
    use = counts > 0
    if use.sum() < PLACES:
        return 1.0, 0.0
    x, y = np.log(people[use]), np.log(counts[use])
    x, y = x - x.mean(), y - y.mean()
    slope = float(x @ y / (x @ x))
    rest = y - slope * x
    return slope, float(np.sqrt(rest @ rest / (len(x) - 2) / (x @ x)))


def exchanged_places(counts: Floats, people: Floats) -> bool:
    """Two places whose rates lie far off, and among the others' once their people are exchanged."""
    use = counts > 0
    logs, sizes = np.log(counts[use]), np.log(people[use])
    rates = logs - sizes
    middle = float(np.median(rates))
    spread = 1.4826 * float(np.median(np.abs(rates - middle)))
    if spread <= 0 or use.sum() < PLACES:
        return False
    off = (rates - middle) / spread
    low, high = np.flatnonzero(off < -FAR), np.flatnonzero(off > FAR)
    for one in low:
        for two in high:
            back = np.array([logs[one] - sizes[two], logs[two] - sizes[one]]) - middle
            if (np.abs(back) < LEFT * spread * np.abs(off[[one, two]]).min()).all():
                return True
    return False
