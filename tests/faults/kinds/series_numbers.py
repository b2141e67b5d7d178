"""Plausible damage to an administrative series. Written before its rules."""

import random
from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.faults.kinds.whole_design import Change, of
from tests.faults.kinds.whole_kinds import put
from tests.faults.whole import DEMONSTRATION, Plausible

KINDS: list[Plausible] = []
COUNTS = ("homicides", "road_injuries")


def wide(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    return frame.assign(**{column: frame[column].astype(int)}).pivot_table(
        index="municipality", columns="quarter", values=column, sort=False
    )


def written(frame: pd.DataFrame, column: str, table: pd.DataFrame) -> pd.DataFrame:
    keys = zip(frame["municipality"], frame["quarter"], strict=True)
    texts = [str(round(table.loc[place, quarter])) for place, quarter in keys]
    return frame.assign(**{column: pd.array(texts, dtype="str")})


def carried(number: int, lag: int) -> Change:
    """The last quarters hold those before them once more."""

    def change(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
        column = draw.choice(COUNTS)
        table = wide(frame, column)
        for place in range(table.shape[1] - number, table.shape[1]):
            table.iloc[:, place] = table.iloc[:, place - lag]
        return written(frame, column, table)

    return change


def year_again(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    column = draw.choice(COUNTS)
    table = wide(frame, column)
    for quarter in "1234":
        table[f"2023Q{quarter}"] = table[f"2022Q{quarter}"]
    return written(frame, column, table)


def shared_out(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    """A year's count shared evenly among its quarters."""
    column = draw.choice(COUNTS)
    table = wide(frame, column)
    for year in range(2018, 2026):
        quarters = [f"{year}Q{q}" for q in "1234"]
        mean = table[quarters].mean(axis=1)
        for quarter in quarters:
            table[quarter] = np.floor(mean + 0.5)
    return written(frame, column, table)


def rates(start: str = "") -> Change:
    """Rates per 100,000 people in the place of counts."""

    def change(frame: pd.DataFrame, _: random.Random) -> pd.DataFrame:
        rows = np.flatnonzero(frame["quarter"] >= start)
        people = frame["population"].astype(float).to_numpy()[rows]
        counts = frame["road_injuries"].astype(float).to_numpy()[rows]
        texts = [str(round(c)) for c in np.minimum(2000, counts / people * 100_000)]
        return put(frame, rows, "road_injuries", texts)

    return change


def zeros_from(start: str, number: int) -> Change:
    def change(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
        busy = wide(frame, "road_injuries").mean(axis=1).nlargest(30).index
        places = draw.sample(sorted(busy), number)
        where = frame["municipality"].isin(places) & (frame["quarter"] >= start)
        return put(frame, np.flatnonzero(where), "road_injuries", "0")

    return change


def counts_exchanged(start: str = "", *columns: str) -> Change:
    """Two places of unequal size have each other's counts."""

    def change(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
        size = wide(frame, "population").mean(axis=1).sort_values().index
        one, two = draw.choice(size[:15].tolist()), draw.choice(size[-15:].tolist())
        for column in columns or COUNTS:
            table = wide(frame, column)
            late = [q for q in table.columns if q >= start]
            table.loc[[one, two], late] = table.loc[[two, one], late].to_numpy()
            frame = written(frame, column, table)
        return frame

    return change


def place_copied(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    """One place's counts are another's."""
    column = draw.choice(COUNTS)
    table = wide(frame, column)
    busy = sorted(table.mean(axis=1).nlargest(40).index)
    one, two = draw.sample(busy, 2)
    table.loc[one] = table.loc[two]
    return written(frame, column, table)


def capped(frame: pd.DataFrame, _: random.Random) -> pd.DataFrame:
    """Counts of two digits and more lost all but the last."""
    return frame.assign(road_injuries=frame["road_injuries"].str[-1:])


def add(name: str, words: str, change: Callable, *rules: str) -> None:
    KINDS.append(
        Plausible(
            id=f"{name}:{DEMONSTRATION}", group="D7", study=DEMONSTRATION, words=words,
            apply=of("series", change), rules=rules,
        )
    )  # fmt: skip


add("series-two-carried", "the last two quarters are the one before", carried(2, 1),
    "series-repeated")  # fmt: skip
add("series-last-carried", "the last quarter is the one before", carried(1, 1), "series-repeated")
add("series-year-carried", "the last four quarters are the year before", carried(4, 4),
    "series-repeated")  # fmt: skip
add("series-year-again", "2023 is 2022 once more", year_again, "series-repeated")
add("series-shared-out", "a year's counts are shared evenly", shared_out, "series-repeated",
    "sorted-item")  # fmt: skip
add("series-rates", "rates stand for counts", rates(), "series-rates", "series-without-places")
add("series-rates-2022", "rates stand for counts from 2022 on", rates("2022Q1"), "series-rates",
    "series-level-break")  # fmt: skip
add("series-place-zero", "one place has zeros after many from 2022 on", zeros_from("2022Q1", 1),
    "series-place-zeros")  # fmt: skip
add("series-places-zero", "five places have zeros in the last year", zeros_from("2025Q1", 5),
    "series-place-zeros")  # fmt: skip
add("series-counts-exchanged", "two places have each other's counts", counts_exchanged(),
    "series-place-level")  # fmt: skip
add("series-counts-exchanged-2022", "two places have each other's counts from 2022 on",
    counts_exchanged("2022Q1"), "series-place-level")  # fmt: skip
add("series-injuries-exchanged", "two places have each other's injuries",
    counts_exchanged("", "road_injuries"), "series-place-level")  # fmt: skip
add("series-place-copied", "one place's counts are another's", place_copied, "series-repeated",
    "series-place-level")  # fmt: skip
add("series-last-digit", "counts lost all but their last digit", capped, "series-rates",
    "series-without-places", "series-exchanged")  # fmt: skip
