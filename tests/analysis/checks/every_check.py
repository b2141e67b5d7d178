"""One study in which every kind of check of the plan has something to say."""

import dataclasses
import datetime
import functools

import numpy as np

from evaluation.analysis.checks.check_context import computes
from evaluation.config.study import Cohort
from tests.analysis.checks.outcome_checks import trial
from tests.analysis.checks.register import REGISTER
from tests.estimation.studies import (
    COLUMNS,
    DID,
    STUDY,
    TEXT,
    frame,
    panel,
    series,
)

WIDE = dataclasses.replace(
    STUDY,
    columns=dataclasses.replace(
        COLUMNS, x_km="east", y_km="north", subregion="zone", cohort="cohort", date="asked_on"
    ),
    cohort=tuple(
        Cohort(id=name, label=TEXT, entry=datetime.date(2021, month, 1))
        for name, month in (("first", 3), ("second", 9))
    ),
    minimum_clusters=2,
    minimum_cell=5,
)


@functools.cache
def people():
    """24 villages in four places of both groups, with everything that a check may ask for."""
    table = panel(21, clusters=24, rows=12)
    rng = np.random.default_rng(8)
    ids = sorted(set(table["village"]))
    place = {v: "ABCD"[k % 4] for k, v in enumerate(ids)}
    # places and villages have shocks of their own, above what sampling explains
    shock = dict(zip(ids, 2.0 * (np.arange(24) % 4) + rng.normal(size=24), strict=True))
    moved = table["village"].map(shock) * (table["round"] == "endline")
    table = table.assign(y=table["y"] + moved)
    after = (table["round"] == "endline").to_numpy()
    treated = (table["arm"] == "treated").to_numpy()
    days = rng.integers(0, 30, len(table)).astype("timedelta64[D]")
    start = np.where(after, np.datetime64("2024-01-01"), np.datetime64("2021-01-01"))
    lost = set(table["respondent"][table["panel_member"] & (rng.random(len(table)) < 0.2)])
    member = table["panel_member"] & ~table["respondent"].isin(lost)
    asked = table["y"].to_numpy()[:, None] + rng.normal(size=(len(table), 3))
    silent = rng.random((len(table), 3)) < 0.05
    made = table.assign(
        place=table["village"].map(place),
        asked_on=start + days,
        panel_member=member,
        sex=rng.integers(0, 2, len(table)).astype(float),
        asker=np.array(list("abcdef"))[np.random.default_rng(3).integers(0, 6, len(table))],
        took_part=np.where(after, rng.random(len(table)) < np.where(treated, 0.7, 0.1), np.nan),
        **{
            f"y__looked_{c}": table["y"] + rng.normal(size=len(table))
            for c in ("lowest", "highest")
        },
    )
    for k, name in enumerate("abc"):
        made[name] = np.where(silent[:, k], np.nan, asked[:, k])
        made[f"{name}__missing"] = np.where(silent[:, k], "refused", None)
    shift = np.where(silent.any(axis=1), 2.0, 0.0)
    made = made.assign(
        y__looked_least=table["y"] - shift,
        y__looked_most=table["y"] + shift,
        y__looked_floor=table["y"].min() - 2.0,
        y__looked_ceiling=table["y"].max() + 2.0,
    )
    return made.assign(y=np.where(silent.all(axis=1), np.nan, table["y"]))


def places(table):
    """The frame: a map, covariates, cohorts of the treated, and who borders whom."""
    known = frame(table)
    rng = np.random.default_rng(5)
    xy = rng.uniform(0, 100, (len(known), 2))
    treated = (known["arm"] == "treated").to_numpy()
    return known.assign(
        east=xy[:, 0],
        north=xy[:, 1],
        zone=["SN"[k % 2] for k in range(len(known))],
        cohort=np.where(treated, np.where(np.arange(len(known)) % 2, "first", "second"), None),
        place=["ABCD"[k % 4] for k in range(len(known))],
        # the treated come first: two comparison villages border them
        neighbours=["v12|v13" if k == 0 else "v23" if k == 14 else "" for k in range(len(known))],
    )


def rows_of(kind, table, known, events, *, specification=DID):
    """Rows of a kind of check, from a panel, a frame of villages and a series of them."""
    one, keys, _ = REGISTER[kind]
    own = {name: keys[name] for name in ("known", "groups") if name in keys}
    made = trial(
        table,
        kind,
        outcomes=(one,),
        study=WIDE,
        specification=specification,
        known=known,
        series=events,
        **{name: value for name, value in keys.items() if name not in own},
    )
    check = dataclasses.replace(made.check, **own)
    return tuple(computes[kind](dataclasses.replace(made, check=check)))


@functools.cache
def rows_of_the_study(kind, specification=DID):
    """Rows of a kind of check from the study as it is: the same for all tests."""
    table = people()
    return rows_of(kind, table, places(table), series(table), specification=specification)
