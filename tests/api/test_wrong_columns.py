"""Each column of each door as it should not be: a sentence, or a result, and no other exception."""

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from tests.api.test_doors import panel, rows

GROUPS = {"treated": "treated", "cluster": "village"}
EVENTS = {"outcome": "rate", "unit": "town", "time": "year", "first_treated": "start"}


def survey() -> pd.DataFrame:
    return rows().assign(people=lambda t: pd.factorize(t["village"])[0] + 100)


def endline() -> pd.DataFrame:
    return survey().query("endline == 1").assign(before=lambda t: t["age"])


def towns() -> pd.DataFrame:
    return panel().assign(
        people=100.0, stratum="a", w=1.0, x=lambda t: t["town"], rate=lambda t: t["rate"].abs()
    )


DOORS = {
    "did": (
        survey,
        lambda t: ev.did(
            t, outcome="trust", post="endline", **GROUPS, covariates=["age", "sex"], draws=99,
            weights="weight", respondent="person", population="people", estimand="population",
        ),
        "trust treated endline village age sex weight person people",
    ),
    "ancova": (
        endline,
        lambda t: ev.ancova(
            t, outcome="trust", baseline="before", covariates=["sex"], weights="weight",
            blocks="people", **GROUPS, methods=["cv1"],
        ),
        "trust before treated village sex weight people",
    ),
    "regression": (
        survey,
        lambda t: ev.regression(
            t, outcome="trust", terms=["age", ("treated", "endline")], controls=["sex"],
            cluster="village", weights="weight", methods=["cv1"],
        ),
        "trust treated age sex village weight endline",
    ),
    "balance": (
        survey,
        lambda t: ev.balance(
            t, variables=["age", "sex"], post="endline", weights="weight", **GROUPS
        ),
        "age sex endline treated village weight",
    ),
    "bounds": (
        survey,
        lambda t: ev.bounds(
            t, outcome="trust", post="endline", respondent="person", scale=(0, 10), draws=99,
            **GROUPS,
        ),
        "trust endline treated village person",
    ),
    "event_study": (
        towns,
        lambda t: ev.event_study(t, **EVENTS, weights="w", strata="stratum", covariates=["x"]),
        "rate town year start w stratum x",
    ),
    "counts": (
        towns,
        lambda t: ev.event_study(t, **EVENTS, exposure="people", strata="stratum"),
        "rate people start year",
    ),
}  # fmt: skip
WRONG = {
    "lists": lambda n: [[1]] * n,
    "numbers and words": lambda n: ([1, "a"] * n)[:n],
    "periods": lambda n: (pd.period_range("2010", "2015", freq="Y").tolist() * n)[:n],
    "infinite": lambda n: np.where(np.arange(n) % 9, np.arange(n) % 2, np.inf),
    "yes and no": lambda n: np.arange(n) % 5 == 0,
    "unknown": lambda n: pd.array([True, None, False] * n, dtype="boolean")[:n],
    "complex": lambda n: np.arange(n) % 2 + 1j,
    "complex objects": lambda n: pd.Series([1j, None] * n, dtype=object)[:n].to_numpy(),
    "nothing": lambda n: [None] * n,
    "large": lambda n: np.where(np.arange(n) % 2, 1e200, 2.0),
    "tuples": lambda n: [(i % 2,) for i in range(n)],
    "days": lambda n: pd.to_timedelta(np.arange(n) % 5, unit="D"),
}
OTHERS = {"did", "ancova", "regression", "balance", "bounds", "event_study", "specification"}
CASES = [(door, column) for door, (_, _, named) in DOORS.items() for column in named.split()]


@pytest.mark.parametrize(("door", "column"), CASES)
def test_a_wrong_column_is_told_in_a_sentence(door, column):
    make, call, _ = DOORS[door]
    frame, said = make(), []
    for wrong in WRONG.values():
        try:
            call(frame.assign(**{column: wrong(len(frame))}))
        except EstimationError as error:
            said.append((error.fix.text("es"), str(error)))
    # lists are in no column right
    assert said
    name = "event_study" if door == "counts" else door
    for fix, text in said:
        assert fix
        assert not text.startswith(tuple(OTHERS - {name}))


def test_lists_are_told_as_such():
    with pytest.raises(EstimationError, match=r"`sex` holds lists(.|\n)*str\[0\]"):
        ev.did(
            rows().assign(sex=[["man"]] * len(rows())), outcome="trust", post="endline", **GROUPS,
            covariates=["sex"],
        )  # fmt: skip
