"""Plausible damage to groups, blocks and administrative series, written before their rules."""

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.data.findings import LINE
from tests.faults.kinds.whole_kinds import put
from tests.faults.whole import DEMONSTRATION, TRIAL, Damage, Plausible, Tables, Whole

KINDS: list[Plausible] = []
Change = Callable[[pd.DataFrame, random.Random], pd.DataFrame]


def add(name: str, study: str, words: str, apply: Damage) -> None:
    KINDS.append(Plausible(id=f"{name}:{study}", study=study, words=words, apply=apply))


def of(file: str, change: Change) -> Damage:
    """A damage of one file of a study."""

    def apply(before: Whole, draw: random.Random) -> Tables:
        return before.with_frame(file, change(before.tables[file].frame.copy(), draw))

    return apply


# ---- groups and blocks --------------------------------------------------------------------------
def words_exchanged(column: str, cycle: tuple[str, ...]) -> Change:
    """Names of groups each taken for the next one."""
    following = dict(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
    return lambda frame, _: frame.assign(**{column: frame[column].replace(following)})


def one_flipped(column: str, words: tuple[str, ...]) -> Change:
    def change(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
        row = draw.randrange(len(frame))
        others = [w for w in words if w != frame[column].iloc[row]]
        return put(frame, row, column, draw.choice(others))

    return change


def mixed(column: str, number: int | None = None) -> Change:
    def change(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
        rows = draw.sample(range(len(frame)), number or len(frame))
        return put(frame, rows, column, frame[column].iloc[draw.sample(rows, len(rows))].to_numpy())

    return change


def mixed_within(column: str, block: str, number: int) -> Change:
    """Groups drawn anew inside some blocks."""

    def change(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
        for name in draw.sample(sorted(set(frame[block])), number):
            rows = np.flatnonzero(frame[block] == name)
            frame = put(frame, rows, column, np.roll(frame[column].iloc[rows].to_numpy(), 1))
        return frame

    return change


def ascending(column: str) -> Change:
    return lambda frame, _: frame.assign(**{column: sorted(frame[column])})


def blocks_exchanged(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    """Two police beats are listed in each other's block."""
    one = draw.randrange(len(frame))
    two = draw.choice(np.flatnonzero(frame["block_ID"] != frame["block_ID"].iloc[one]).tolist())
    return put(frame, [one, two], "block_ID", frame["block_ID"].iloc[[two, one]].to_numpy())


def group_and_cohort(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    row = draw.randrange(len(frame))
    treated = frame["arm"].iloc[row] == "treated"
    frame = put(frame, row, "arm", "comparison" if treated else "treated")
    return put(frame, row, "cohort", "" if treated else draw.choice(("c2021", "c2022")))


def survey_column(wrong: int, *, name: str = "grupo") -> Damage:
    """The survey file tells the group too, and of some municipalities another one."""

    def apply(before: Whole, draw: random.Random) -> Tables:
        source = draw.choice(("baseline", "endline"))
        table = before.tables[source]
        known = before.tables["frame"].frame
        arms = {}
        for code, aliases, arm in zip(
            known["municipality"], known["aliases"], known["arm"], strict=True
        ):
            arms |= dict.fromkeys([code, *aliases.split("|")], (code, arm == "treated"))
        flipped = set(draw.sample(sorted(known["municipality"]), wrong))
        cells = [
            str(int(arms[place][1] != (arms[place][0] in flipped))) if place in arms else ""
            for place in table.frame["municipio"]
        ]
        frame = table.frame.assign(**{name: pd.array(cells, dtype="str")})
        file = replace(table.file, ignore_columns=(*table.file.ignore_columns, name))
        return {**before.tables, source: replace(table, frame=frame, file=file)}

    return apply


ARMS = ("CONTROL", "REUNION", "VOLANTES", "REUNION Y VOLANTES")
add(
    "arms-exchanged",
    TRIAL,
    "meetings and control changed names in the frame",
    of("units", words_exchanged("treatment_chr", ARMS[:2])),
)
add(
    "arms-rotated",
    TRIAL,
    "all four groups changed names in the frame",
    of("units", words_exchanged("treatment_chr", ARMS)),
)
add(
    "arm-flipped",
    TRIAL,
    "one police beat has another group",
    of("units", one_flipped("treatment_chr", ARMS)),
)
add(
    "arms-mixed",
    TRIAL,
    "the groups stand beside other police beats",
    of("units", mixed("treatment_chr")),
)
add(
    "arms-within-blocks",
    TRIAL,
    "the groups are exchanged inside ten blocks",
    of("units", mixed_within("treatment_chr", "block_ID", 10)),
)
add(
    "arms-sorted",
    TRIAL,
    "the groups were sorted on their own",
    of("units", ascending("treatment_chr")),
)
add(
    "arm-code-flipped",
    TRIAL,
    "the group's code is another one, not its word",
    of("units", one_flipped("Z", ("0", "1", "2", "3"))),
)
add(
    "blocks-mixed",
    TRIAL,
    "the blocks stand beside other police beats",
    of("units", mixed("block_ID")),
)
add(
    "blocks-exchanged",
    TRIAL,
    "two police beats are listed in each other's block",
    of("units", blocks_exchanged),
)
add(
    "analysis-arm-flipped",
    TRIAL,
    "the analysis file has other groups for 40 rows",
    of("analysis", lambda f, d: put(f, d.sample(range(len(f)), 40), "Z", "2")),
)
add(
    "analysis-blocks-mixed",
    TRIAL,
    "the analysis file has other blocks",
    of("analysis", mixed("block_ID")),
)
add(
    "arm-flipped",
    DEMONSTRATION,
    "one municipality has the other group",
    of("frame", one_flipped("arm", ("treated", "comparison"))),
)
add(
    "arms-exchanged",
    DEMONSTRATION,
    "the two groups changed names",
    of("frame", words_exchanged("arm", ("treated", "comparison"))),
)
add(
    "arm-and-cohort",
    DEMONSTRATION,
    "one municipality has the other group, and a cohort to fit",
    of("frame", group_and_cohort),
)
add(
    "survey-arm-differs",
    DEMONSTRATION,
    "a survey file gives two municipalities the other group",
    survey_column(2),
)
add(
    "survey-arm-exchanged",
    DEMONSTRATION,
    "a survey file calls every treated municipality 0",
    survey_column(70),
)


# ---- series -------------------------------------------------------------------------------------
def year(frame: pd.DataFrame) -> pd.Series:
    return frame["quarter"].str[:4]


def cumulated(column: str, years: tuple[str, ...] = ()) -> Change:
    """Counts added up since January."""

    def change(frame: pd.DataFrame, _: random.Random) -> pd.DataFrame:
        numbers = frame[column].astype(int)
        added = numbers.groupby([frame["municipality"], year(frame)]).cumsum()
        where = year(frame).isin(years) if years else pd.Series(data=True, index=frame.index)
        return frame.assign(**{column: added.where(where, numbers).astype(str).astype("str")})

    return change


def zeros(column: str, periods: Callable[[pd.Series], pd.Series]) -> Change:
    return lambda frame, _: put(frame, np.flatnonzero(periods(frame["quarter"])), column, "0")


def times(column: str, factor: int, rows: Callable[[pd.DataFrame, random.Random], np.ndarray]):
    def change(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
        where = rows(frame, draw)
        return put(frame, where, column, [str(int(t) * factor) for t in frame[column].iloc[where]])

    return change


def everywhere(frame: pd.DataFrame, _: random.Random) -> np.ndarray:
    return np.arange(len(frame))


def one_place(frame: pd.DataFrame, draw: random.Random) -> np.ndarray:
    return np.flatnonzero(frame["municipality"] == draw.choice(sorted(set(frame["municipality"]))))


def one_quarter(frame: pd.DataFrame, draw: random.Random) -> np.ndarray:
    return np.flatnonzero(frame["quarter"] == draw.choice(sorted(set(frame["quarter"]))))


def headers(start: str = "") -> Change:
    def change(frame: pd.DataFrame, _: random.Random) -> pd.DataFrame:
        rows = np.flatnonzero(frame["quarter"] >= start)
        one, two = (frame[c].iloc[rows].to_numpy() for c in ("homicides", "road_injuries"))
        return put(put(frame, rows, "homicides", two), rows, "road_injuries", one)

    return change


def sorted_alone(frame: pd.DataFrame, _: random.Random) -> pd.DataFrame:
    return frame.assign(homicides=sorted(frame["homicides"], key=int))


def one_down(frame: pd.DataFrame, _: random.Random) -> pd.DataFrame:
    return frame.assign(homicides=np.roll(frame["homicides"].to_numpy(dtype=object), 1))


def series_mixed(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    cells = frame["homicides"].tolist()
    return frame.assign(homicides=draw.sample(cells, len(cells)))


def places_exchanged(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    one, two = draw.sample(sorted(set(frame["municipality"])), 2)
    return frame.assign(municipality=frame["municipality"].replace({one: two, two: one}))


LAST = "2025"
for name, words, damage in (
    ("series-cumulative", "homicides are added up since January", cumulated("homicides")),
    (
        "series-cumulative-year",
        "injuries of two years are added up since January",
        cumulated("road_injuries", ("2022", "2023")),
    ),
    (
        "series-last-year-zero",
        "the last year of homicides is zeros",
        zeros("homicides", lambda q: q.str[:4] == LAST),
    ),
    (
        "series-last-half-zero",
        "the last two quarters of injuries are zeros",
        zeros("road_injuries", lambda q: q >= f"{LAST}Q3"),
    ),
    (
        "series-population-x10",
        "all populations are ten times too large",
        times("population", 10, everywhere),
    ),
    (
        "series-population-x10-place",
        "one municipality's population is ten times too large",
        times("population", 10, one_place),
    ),
    (
        "series-population-x10-quarter",
        "one quarter's populations are ten times too large",
        times("population", 10, one_quarter),
    ),
    (
        "series-counts-x10-quarter",
        "one quarter's injuries are ten times too many",
        times("road_injuries", 10, one_quarter),
    ),
    ("series-headers", "the two series changed names", headers()),
    ("series-headers-late", "the two series changed names from 2022 on", headers("2022Q1")),
    ("series-sorted", "homicides were sorted on their own", sorted_alone),
    ("series-one-down", "homicides stand one row too low", one_down),
    ("series-mixed", "homicides stand beside other municipalities", series_mixed),
    ("series-places", "two municipalities' codes changed places", places_exchanged),
):
    add(name, DEMONSTRATION, words, of("series", damage))


# ---- harmless -----------------------------------------------------------------------------------
def rows_mixed(before: Whole, draw: random.Random) -> Tables:
    tables = before.tables
    for name, table in before.tables.items():
        order = draw.sample(range(len(table.frame)), len(table.frame))
        tables = {
            **tables,
            name: replace(table, frame=table.frame.iloc[order].reset_index(drop=True)),
        }
    return tables


def four_fifths(before: Whole, draw: random.Random) -> Tables:
    """A random part of the interviews; the rows that the ledger names stay."""
    named = {entry.row_key for entry in before.ledger.corrections}
    tables = before.tables
    for name in ("baseline", "endline"):
        table = before.tables[name]
        keys = [f"{table.file.path}:{line}" for line in table.frame[LINE]]
        kept = [i for i, key in enumerate(keys) if key in named or draw.random() < 0.8]
        tables = {
            **tables,
            name: replace(table, frame=table.frame.iloc[kept].reset_index(drop=True)),
        }
    return tables


def columns_mixed(before: Whole, draw: random.Random) -> Tables:
    tables = before.tables
    for name, table in before.tables.items():
        names = table.frame.columns.tolist()
        tables = {**tables, name: replace(table, frame=table.frame[draw.sample(names, len(names))])}
    return tables


HARMLESS = [
    Plausible(id=f"{name}:{study}", study=study, words=words, apply=damage)
    for study in (DEMONSTRATION, TRIAL)
    for name, words, damage in (
        ("rows-mixed", "all rows in another order", rows_mixed),
        ("four-fifths", "four fifths of the interviews", four_fifths),
        ("columns-mixed", "all columns in another order", columns_mixed),
    )
]
