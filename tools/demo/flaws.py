"""Flaws planted in the delivered files, and the ledger rows that cure those a person must cure.

Each function changes a round's raw text, and returns the marks it leaves for the ledger. The
others are met by declaration (missing codes, aliases, code lists by round) or stay as warnings
(short interviews, heaped recall, exposure in a comparison municipality).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from evaluation.estimation.parameters import SYNTHETIC
from tools.demo.survey import DemoData

Generator = np.random.Generator
TABLET_NOTES = (
    "Entrevista interrumpida por lluvia.\nSe retoma a los 20 minutos.",
    "La persona pidió no grabar el audio",
    "Segunda visita:\nprimera vez no estaba en casa",
)


def surveycto_columns(generator: Generator, table: pd.DataFrame) -> pd.DataFrame:
    """What a SurveyCTO export has around the form's own questions."""
    n = len(table)
    start = pd.to_datetime(table["starttime"])
    ended = start + pd.to_timedelta(table["duration_min"].astype(float), unit="min")
    sent = ended.dt.normalize() + pd.to_timedelta(generator.integers(68400, 79200, n), unit="s")
    notes = np.full(n, "", dtype=object)
    notes[generator.choice(n, 12, replace=False)] = np.tile(TABLET_NOTES, 4)
    own = surveycto_keys(generator, n)
    front = pd.DataFrame(
        {
            "SubmissionDate": sent.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "starttime": table["starttime"],
            "endtime": ended.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "deviceid": "tablet-" + table["encuestador"].str[1:],
        },
        index=table.index,
    )
    back = pd.DataFrame(
        {"observaciones": notes, "instanceID": own, "KEY": own, "synthetic": SYNTHETIC},
        index=table.index,
    )
    return pd.concat([front, table.drop(columns="starttime"), back], axis=1)


def surveycto_keys(generator: Generator, n: int) -> list[str]:
    """Random instance ids, as the survey server gives them."""
    digits = generator.integers(0, 16, (n, 20))
    words = ["".join("0123456789abcdef"[d] for d in row) for row in digits.tolist()]
    return [f"uuid:{w[:8]}-{w[8:12]}-{w[12:16]}-{w[16:]}" for w in words]


REFUSALS = (24, 31)
COPIES = (4, 3)
RELABELLED = (2, 1)
FIRST_NEW_ROW = 1_000_000
# interviewers of two teams of the baseline
OLD_FORM_TEAMS = ("E005", "E006", "E007", "E008", "E017", "E018", "E019", "E020")
OLD_FORM = {"888888": "88", "988888": "98"}
HASTY = ("E011", "E079")
HASTY_INTERVIEWS = (4, 9)
EXPOSED = {"x1": 0.46, "x2": 0.22, "x3": 0.25, "x4": 0.15}
HEAPS = {"5": 0.12, "10": 0.05}
VARIANT_SHARES = (0.08, 0.05)
REVIEWED = ("2021-06-18", "2025-03-04")
REVIEWER = "data quality team"
ID = "id_persona"
# of either round
MINUTES = ("duration_min", "duracion")
# columns that the interview itself fills in
OF_INTERVIEW = (
    *("municipio", "today", "starttime", "encuestador", "encuestador_sexo", "modo"),
    *("formdef_version", "fecha", "inicio", "version_form"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A ledger row before the row's line is known."""

    round: str
    row: int
    column: str
    old: str
    new: str
    action: str = "set"
    reason: str
    by: str
    date: str


# makes marks of one round
Marker = Callable[..., Mark]


@dataclass(frozen=True, slots=True)
class Planted:
    """Raw text by round, indexed by row, and the marks for the ledger."""

    texts: dict[str, pd.DataFrame]
    marks: tuple[Mark, ...]


def plant(texts: Mapping[str, pd.DataFrame], data: DemoData) -> Planted:
    """Add what a delivered file has around the answers and, where asked, the planted flaws.

    Parameters
    ----------
    texts : mapping of round to DataFrame
        Raw text by raw column, indexed by row.
    data : DemoData
        Gives the frame, the rounds, the seed, and whether flaws are planted.
    """
    planted: dict[str, pd.DataFrame] = {}
    marks: list[Mark] = []
    for i, round_id in enumerate(data.rounds):
        generator = np.random.default_rng([data.seed, 2 + i])
        table = texts[round_id].copy()
        mark = partial(Mark, round=round_id, by=REVIEWER, date=REVIEWED[i])
        if data.flaws == "planted":
            _rename_places(generator, table, data.frame, i)
            _shorten(generator, table, i)
            _change_answers(generator, table, data.frame, i)
            marks += _mistype(generator, table, mark, i)
            marks.append(_exchange_id(generator, table, mark))
            table = pd.concat([table, _without_consent(generator, table, i)])
        if i == 0:
            table = surveycto_columns(generator, table)
        if data.flaws == "planted":
            copies, found = _copies(generator, table, mark, i)
            table = pd.concat([table, copies])
            marks += found
        planted[round_id] = table
    return Planted(planted, tuple(marks))


def _rename_places(generator: Generator, table: pd.DataFrame, frame: pd.DataFrame, i: int) -> None:
    """Name variants; at endline, one treated municipality under the names of its two parts."""
    listed = zip(frame["municipality"], frame["aliases"].str.split("|"), strict=True)
    aliases: dict[str, list[str]] = dict(listed)
    luck = generator.random(len(table))
    pick = generator.integers(0, 4, len(table))
    names = [
        aliases[code][k] if u < VARIANT_SHARES[i] else code
        for code, u, k in zip(table["municipio"], luck, pick, strict=True)
    ]
    split = next(code for code, a in aliases.items() if len(a) > 4)
    if i == 1:
        parts = aliases[split][4:]
        names = [
            parts[int(zone) - 1] if code == split and zone in ("1", "2") else name
            for code, zone, name in zip(table["municipio"], table["zona"], names, strict=True)
        ]
    table["municipio"] = names


def _shorten(generator: Generator, table: pd.DataFrame, i: int) -> None:
    """Interviews of one hasty interviewer that are too short to have been held in full."""
    own = table.index[table["encuestador"] == HASTY[i]].to_numpy()
    rows = np.sort(generator.choice(own, HASTY_INTERVIEWS[i], replace=False))
    table.loc[rows, MINUTES[i]] = [str(n) for n in generator.integers(6, 13, len(rows))]


def _change_answers(generator: Generator, table: pd.DataFrame, frame: pd.DataFrame, i: int) -> None:
    """Old missing codes at baseline; heaped recall and an exposed comparison place at endline."""
    if i == 0:
        rows = table["encuestador"].isin(OLD_FORM_TEAMS)
        coded = [c for c in table.columns if c not in ("edad", "l1")]
        table.loc[rows, coded] = table.loc[rows, coded].replace(OLD_FORM)
        return
    victims = table.index[table["v2"].str.fullmatch(r"\d+")].to_numpy()
    luck = generator.random(len(victims))
    table.loc[victims[luck < HEAPS["5"] + HEAPS["10"]], "v2"] = "5"
    table.loc[victims[luck < HEAPS["10"]], "v2"] = "10"
    place = frame[frame["arm"] == "comparison"].iloc[4]
    own = table.index[
        table["municipio"].isin([place["municipality"], *place["aliases"].split("|")])
    ]
    for column, share in EXPOSED.items():
        yes = generator.random(len(own)) < share
        table.loc[own[yes & (table.loc[own, column] == "0").to_numpy()], column] = "1"


def _mistype(generator: Generator, table: pd.DataFrame, mark: Marker, i: int) -> list[Mark]:
    """Cells that no code list or range allows, and dates of another year."""
    typed = (
        (("p4", "44"), ("v5", "11"), ("edad", "172"), ("t2", "6")),
        (("t7", "9"), ("s1", "44"), ("duracion", "0"), ("l2", "55")),
    )[i]
    reason = "typed wrong; read again on the audio record"
    clock = "tablet clock set to another year; date of the route sheet"
    answered = np.logical_and.reduce([table[c].str.fullmatch(r"\d{1,2}") for c, _ in typed])
    rows = generator.choice(table.index[answered].to_numpy(), len(typed) + 2, replace=False)
    changes = [(row, *change, reason) for row, change in zip(rows, typed, strict=False)]
    column, year = (("today", "2012"), ("fecha", "2023"))[i]
    changes += [
        (row, column, year + str(table.loc[row, column])[4:], clock) for row in rows[len(typed) :]
    ]
    marks = []
    for row, column, wrong, why in changes:
        right = str(table.loc[row, column])
        marks.append(mark(row=int(row), column=column, old=wrong, new=right, reason=why))
        table.loc[row, column] = wrong
    return marks


def _exchange_id(generator: Generator, table: pd.DataFrame, mark: Marker) -> Mark:
    """One person under the id of another."""
    first, second = generator.choice(table.index.to_numpy(), 2, replace=False)
    right, wrong = table.loc[first, ID], table.loc[second, ID]
    table.loc[first, ID] = wrong
    reason = "id of another person; matched by the sealed contact sheet"
    return mark(row=int(first), column=ID, old=wrong, new=right, action="new_id", reason=reason)


def _without_consent(generator: Generator, table: pd.DataFrame, i: int) -> pd.DataFrame:
    """People who did not consent: the interview's own columns and nothing else."""
    rows = generator.choice(table.index.to_numpy(), REFUSALS[i], replace=False)
    refused = table.loc[rows, :].copy()
    refused[[column for column in table.columns if column not in OF_INTERVIEW]] = ""
    refused["consent"] = "0"
    refused[MINUTES[i]] = "2"
    refused[ID] = [f"R{i}{n:03d}" for n in range(len(rows))]
    refused.index = pd.RangeIndex(FIRST_NEW_ROW, FIRST_NEW_ROW + len(rows))
    return refused


def _copies(
    generator: Generator, table: pd.DataFrame, mark: Marker, i: int
) -> tuple[pd.DataFrame, list[Mark]]:
    """Interviews sent twice, and interviews copied under another id."""
    answered = table.index[table["consent"] == "1"].to_numpy()
    count = COPIES[i] + RELABELLED[i]
    rows = generator.choice(answered, count, replace=False)
    copies = table.loc[rows].copy()
    copies.index = pd.RangeIndex(FIRST_NEW_ROW + 500, FIRST_NEW_ROW + 500 + count)
    marks = []
    for k, row in enumerate(copies.index):
        reason = "sent twice by the tablet; the first is kept"
        if k >= COPIES[i]:
            copies.loc[row, ID] = f"C{i}{k:03d}"
            reason = "copy of another interview; the supervisor's call found no such person"
        own = str(copies.loc[row, ID])
        marks.append(mark(row=int(row), column=ID, old=own, new="", action="drop", reason=reason))
    if i == 0:
        copies["KEY"] = copies["instanceID"] = surveycto_keys(generator, count)
    time, minutes = (("SubmissionDate", 190), ("inicio", 67))[i]
    later = pd.to_datetime(copies[time]) + pd.Timedelta(minutes=minutes)
    copies[time] = later.dt.strftime("%Y-%m-%d %H:%M:%S")
    return copies, marks
