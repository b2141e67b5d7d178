"""Plausible damage to blocks of rows and columns of one file. Written before its rules."""

import random
from collections.abc import Callable

import numpy as np
import pandas as pd

from tests.faults.kinds.between_rounds import BOTH, a_battery, batteries, yes_no
from tests.faults.kinds.whole_kinds import (
    Change,
    alike,
    answered,
    codes,
    in_round,
    items,
    put,
    raw,
)
from tests.faults.whole import DEMONSTRATION, Plausible, Whole

KINDS: list[Plausible] = []


def add(name: str, words: str, change: Change, *studies: str, rules: tuple[str, ...]) -> None:
    KINDS.extend(
        Plausible(
            id=f"{name}:{study}", group="D4", study=study, words=words, apply=in_round(change),
            rules=rules,
        )
        for study in studies
    )  # fmt: skip


def stretch(rows: np.ndarray, size: int, draw: random.Random, ahead: int = 0) -> np.ndarray:
    start = draw.randrange(ahead, max(len(rows) - size, ahead + 1))
    return rows[start : start + size]


def pasted(size: int, offset: int) -> Change:
    """A battery of a stretch of rows pasted once more over the rows below."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        place = draw.randrange(offset, len(rows) - size)
        for name in a_battery(before, draw):
            column = raw(before, name, source)
            texts = frame[column].iloc[rows[place - offset : place - offset + size]].to_numpy()
            frame = put(frame, rows[place : place + size], column, texts)
        return frame

    return change


def all_pasted(size: int, offset: int) -> Change:
    """All scales of a stretch of rows pasted once more over the rows below."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        place = draw.randrange(offset, len(rows) - size)
        for name in [*items(before)[:25]]:
            column = raw(before, name, source)
            texts = frame[column].iloc[rows[place - offset : place - offset + size]].to_numpy()
            frame = put(frame, rows[place : place + size], column, texts)
        return frame

    return change


def reordered(size: int, order: Callable[[np.ndarray, random.Random], np.ndarray]) -> Change:
    """A battery of a stretch of rows in another order of people."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = stretch(answered(before, source, frame), size, draw)
        other = order(rows, draw)
        for name in a_battery(before, draw):
            column = raw(before, name, source)
            frame = put(frame, rows, column, frame[column].iloc[other].to_numpy())
        return frame

    return change


def down(step: int) -> Callable[[np.ndarray, random.Random], np.ndarray]:
    return lambda rows, _: np.roll(rows, step)


def upside_down(rows: np.ndarray, _: random.Random) -> np.ndarray:
    return rows[::-1]


def mixed(rows: np.ndarray, draw: random.Random) -> np.ndarray:
    return np.array(draw.sample(rows.tolist(), len(rows)))


def of_one_scale(before: Whole, source: str) -> list[list[str]]:
    """Items of one battery with the same codes in one round."""
    found = []
    for battery in batteries(before):
        for first in battery:
            same = [n for n in battery if codes(before, n, source) == codes(before, first, source)]
            if len(same) >= 3 and same not in found:
                found.append(same)
    return found


def moved_by_a_column(size: int) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = stretch(answered(before, source, frame), size, draw)
        names = draw.choice(of_one_scale(before, source))
        cells = [frame[raw(before, n, source)].iloc[rows].to_numpy() for n in names]
        for name, texts in zip(names, [cells[-1], *cells[:-1]], strict=True):
            frame = put(frame, rows, raw(before, name, source), texts)
        return frame

    return change


def crimes_by_a_column(size: int) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = stretch(answered(before, source, frame), size, draw)
        names = [n for n in yes_no(before, "victimisation") if n[1:].split("_")[0] in "4 5 6 7 8 9"]
        cells = [frame[raw(before, n, source)].iloc[rows].to_numpy() for n in names]
        for name, texts in zip(names, [cells[-1], *cells[:-1]], strict=True):
            frame = put(frame, rows, raw(before, name, source), texts)
        return frame

    return change


def stretch_exchanged(size: int) -> Change:
    """Two items of one scale changed columns in a stretch of rows."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = stretch(answered(before, source, frame), size, draw)
        one, two = (raw(before, n, source) for n in draw.choice(alike(before, source)))
        left, right = (frame[c].iloc[rows].to_numpy() for c in (one, two))
        return put(put(frame, rows, one, right), rows, two, left)

    return change


def codes_from(
    share: float, order: Callable[[list[str]], list[str]], size: int = 0, *, whole: bool = False
) -> Change:
    """Codes of an item (or battery) are others from a row on, or in a stretch."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        rows = stretch(rows, size, draw) if size else rows[int(share * len(rows)) :]
        names = a_battery(before, draw) if whole else [draw.choice(items(before))]
        for name in names:
            listed = codes(before, name, source)
            turned = dict(zip(listed, order(listed), strict=True))
            column = raw(before, name, source)
            texts = frame[column].iloc[rows]
            frame = put(frame, rows, column, [turned.get(text, text) for text in texts])
        return frame

    return change


def yes_no_from(share: float) -> Change:
    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = answered(before, source, frame)
        rows = rows[int(share * len(rows)) :]
        name = draw.choice(items(before, "binary", answers=2))
        listed = codes(before, name, source)
        turned = dict(zip(listed, reversed(listed), strict=True))
        column = raw(before, name, source)
        texts = frame[column].iloc[rows]
        return put(frame, rows, column, [turned.get(text, text) for text in texts])

    return change


def filled(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
    """From the middle on, silence in a battery was filled with the usual answer."""
    rows = answered(before, source, frame)
    rows = rows[len(rows) // 2 :]
    for name in a_battery(before, draw):
        column = raw(before, name, source)
        texts = frame[column].iloc[rows]
        given = texts[texts.isin(codes(before, name, source))]
        frame = put(frame, rows, column, texts.where(texts.isin(given), given.mode()[0]).tolist())
    return frame


def thermometer_from(before: Whole, source: str, frame: pd.DataFrame, _: random.Random):
    """From the middle on a number from 0 to 100 is written from 0 to 10."""
    rows = answered(before, source, frame)
    rows = rows[len(rows) // 2 :]
    column = raw(before, "l1_thermometer", source)
    texts = [
        str(round(float(t) / 10)) if t.replace(".", "").isdecimal() and float(t) <= 100 else t
        for t in frame[column].iloc[rows]
    ]
    return put(frame, rows, column, texts)


def place_of_neighbours(size: int) -> Change:
    """The municipality of a stretch of rows stands forty rows too low."""

    def change(before: Whole, source: str, frame: pd.DataFrame, draw: random.Random):
        rows = stretch(answered(before, source, frame), size, draw, 40)
        column = raw(before, before.study.columns.cluster, source)
        return put(frame, rows, column, frame[column].iloc[np.roll(rows, 40)].to_numpy())

    return change


def one_up(listed: list[str]) -> list[str]:
    return [*listed[1:], listed[-1]]


def turned(listed: list[str]) -> list[str]:
    return listed[::-1]


# pasted a few rows lower, a block covers its own source: it has moved
PASTED = ("pasted-rows", "loose-stretch", "near-identical-interview", "duplicate-interview")
MOVED = ("loose-stretch", "shifted-columns", "loose-item", "pasted-rows")
LEVEL = ("loose-stretch", "absent-answer", "exchanged-items", "loose-item", "reversed-scale")
for name, words, change in (
    ("battery-pasted-7", "a battery of 300 rows was pasted again 7 rows lower", pasted(300, 7)),
    ("battery-pasted-40", "a battery of 40 rows was pasted again below", pasted(40, 40)),
    ("battery-pasted-500", "a battery of 500 rows was pasted again below", pasted(500, 500)),
    ("scales-pasted-120", "all scales of 120 rows were pasted again below", all_pasted(120, 120)),
):
    add(name, words, change, *BOTH, rules=PASTED)
for name, words, change in (
    ("battery-7-down", "a battery of 1,500 rows stands 7 rows too low", reordered(1500, down(7))),
    ("battery-40-down", "a battery of 700 rows stands 40 rows too low", reordered(700, down(40))),
    ("battery-upside-down", "a battery of 1,000 rows was sorted the other way",
     reordered(1000, upside_down)),
    ("battery-mixed-1200", "a battery of 1,200 rows stands beside other people",
     reordered(1200, mixed)),
    ("battery-mixed-300", "a battery of 300 rows stands beside other people",
     reordered(300, mixed)),
):  # fmt: skip
    add(name, words, change, *BOTH, rules=MOVED)
for name, words, change in (
    ("column-right-600", "a scale of 600 rows stands one column too far", moved_by_a_column(600)),
    ("column-right-200", "a scale of 200 rows stands one column too far", moved_by_a_column(200)),
    ("items-exchanged-700", "two items changed columns in 700 rows", stretch_exchanged(700)),
    ("codes-up-half", "an item's codes are one higher from the middle on", codes_from(0.5, one_up)),
    ("codes-up-last-tenth", "an item's codes are one higher in the last tenth",
     codes_from(0.9, one_up)),
    ("codes-up-400", "an item's codes are one higher in 400 rows", codes_from(0, one_up, 400)),
    ("battery-up-600", "a battery's codes are one higher in 600 rows",
     codes_from(0, one_up, 600, whole=True)),
    ("codes-turned-half", "an item's scale runs the other way from the middle on",
     codes_from(0.5, turned)),
    ("codes-turned-500", "an item's scale runs the other way in 500 rows",
     codes_from(0, turned, 500)),
    ("battery-turned-600", "a battery's scales run the other way in 600 rows",
     codes_from(0, turned, 600, whole=True)),
    ("yes-no-turned-half", "yes and no changed places from the middle on", yes_no_from(0.5)),
    ("yes-no-turned-tenth", "yes and no changed places in the last tenth", yes_no_from(0.9)),
):  # fmt: skip
    add(name, words, change, *BOTH, rules=LEVEL)
add("silence-filled-half", "silence was filled with the usual answer from the middle on", filled,
    DEMONSTRATION, rules=("absent-answer",))  # fmt: skip
add("thermometer-tenth-half", "0 to 100 is written 0 to 10 from the middle on", thermometer_from,
    DEMONSTRATION, rules=LEVEL)  # fmt: skip
add("crimes-column-right", "crimes told in 900 rows stand one column too far",
    crimes_by_a_column(900), DEMONSTRATION, rules=(*LEVEL, "recall-crosses-event"))  # fmt: skip
add("places-40-down", "the municipality of 600 rows stands 40 rows too low",
    place_of_neighbours(600), *BOTH,
    rules=("cluster-changed", "lonely-date", "frame-mismatch"))  # fmt: skip
