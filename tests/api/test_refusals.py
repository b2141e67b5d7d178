"""What a door cannot estimate from, or could not in an earlier version, and what it says then."""

import typing

import numpy as np
import pandas as pd
import polars as pl
import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from evaluation.estimation.records import CheckStep, Estimand, Step
from tests.api.test_doors import panel, rows

GROUPS = {"treated": "treated", "cluster": "village", "methods": ["cv1"]}
DID = {"outcome": "trust", "post": "endline", **GROUPS}
# The same sums of columns less another constant.
CLOSE = {"rel": 1e-9}


def last():
    return rows().query("endline == 1").assign(before=lambda t: t["age"] * 1.0)


def refused(door, frame, **call):
    with pytest.raises(EstimationError) as caught:
        door(frame, **call)
    assert caught.value.fix.text("es")
    return caught.value


def told(error):
    """Door, id and parameters."""
    return str(error.where), error.problem.id, dict(error.problem.parameters)


TRUTHS = {
    "bool[pyarrow]": lambda c: c.astype("bool[pyarrow]"),
    "objects": lambda c: c.astype(object),
    "objects with none": lambda c: c.astype(object).where(c.index != 5, None),
    "nullable": lambda c: c.astype("boolean").where(c.index != 5, pd.NA),
    "categories": lambda c: c.astype("category"),
}


@pytest.mark.parametrize("kind", TRUTHS)
def test_truth_values_of_every_type_are_numbers(kind):
    given = rows().assign(old=lambda t: t["age"] > 40)
    other = given.assign(old=TRUTHS[kind](given["old"]))
    if other["old"].isna().any():
        given = given.assign(old=given["old"].astype(float).where(given.index != 5))
    for make in (
        lambda t: ev.did(t, **(DID | {"outcome": "old"})),
        lambda t: ev.regression(
            t, outcome="trust", terms=["old"], cluster="village", methods=["cv1"]
        ),
        lambda t: ev.balance(t, variables=["old"], post="endline", **GROUPS_ONLY),
    ):
        pd.testing.assert_frame_equal(make(other).to_frame(), make(given).to_frame())


GROUPS_ONLY = {"treated": "treated", "cluster": "village"}


def test_truth_values_of_polars_with_nulls_are_numbers():
    given = pl.from_pandas(rows())
    old = pl.when(pl.col("age") > 20).then(pl.col("age") > 40)
    expected = rows().assign(old=lambda t: (t["age"] > 40).astype(float).where(t["age"] > 20))
    call = {"outcome": "trust", "terms": ["old"], "cluster": "village", "methods": ["cv1"]}
    found = ev.regression(given.with_columns(old=old), **call)
    pd.testing.assert_frame_equal(found.to_frame(), ev.regression(expected, **call).to_frame())


def test_groups_and_rounds_may_be_truth_values_of_any_type():
    expected = ev.did(rows(), **DID).to_frame()
    for turn in (lambda c: c.astype(bool).astype(object), lambda c: c.astype("category")):
        given = rows().assign(treated=lambda t: turn(t["treated"]))  # noqa: B023 -- used at once
        given["endline"] = (given["endline"] == 1).astype("bool[pyarrow]")
        pd.testing.assert_frame_equal(ev.did(given, **DID).to_frame(), expected)


LISTED = {
    "did": (ev.did, rows, DID | {"cluster": ["village"]}, "cluster"),
    "ancova": (
        ev.ancova, last, {"outcome": ["trust"], "baseline": "before", **GROUPS}, "outcome"
    ),
    "regression": (
        ev.regression, rows, {"outcome": "trust", "terms": [["age"]], "cluster": "village"}, "terms"
    ),
    "absorb": (
        ev.regression, rows,
        {"outcome": "trust", "terms": ["age"], "cluster": "village", "absorb": ["sex"]}, "absorb",
    ),
    "balance": (ev.balance, rows, {"variables": [["age"]], **GROUPS_ONLY}, "variables"),
    "bounds": (
        ev.bounds, rows,
        {"outcome": ["trust"], "post": "endline", "scale": (0, 10), **GROUPS_ONLY}, "outcome",
    ),
    "event_study": (
        ev.event_study, panel,
        {"outcome": "rate", "unit": ["town"], "time": "year", "first_treated": "start"}, "unit",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LISTED)
def test_a_list_is_no_name_of_a_column(case):
    door, make, call, argument = LISTED[case]
    where, problem, holes = told(refused(door, make(), **call))
    assert (where, problem) == (door.__name__, "not-name-column.problem")
    assert holes["name"] == argument


@pytest.mark.parametrize("level", [1e5, 1e8])
@pytest.mark.parametrize("absorb", ["", "sex"])
def test_the_level_of_a_column_changes_nothing(level, absorb):
    """Centred by hand, except for what the level itself has rounded away."""
    call = {"outcome": "trust", "terms": ["treated", "age"], "cluster": "village"}
    call |= {"absorb": absorb, "methods": ["cv1", "classical"]}
    given = rows().assign(age=rows()["age"] / 7.0)
    exact = (given["age"] + level) - level
    expected = ev.regression(given.assign(age=exact), **call).to_frame()
    found = ev.regression(given.assign(age=exact + level), **call).to_frame()
    for name in ("estimate", "std_error"):
        assert found[name].tolist() == pytest.approx(expected[name].tolist(), **CLOSE)
    moved = given.assign(trust=(given["trust"] + level) - level, age=exact)
    expected = ev.regression(moved, **call).to_frame()
    found = ev.regression(moved.assign(trust=moved["trust"] + level), **call).to_frame()
    assert found["std_error"].tolist() == pytest.approx(expected["std_error"].tolist(), **CLOSE)


def test_a_level_that_leaves_no_digits_names_its_column():
    given = rows().assign(age=lambda t: t["age"] + 1e12)
    calls = (
        (ev.regression, {"outcome": "trust", "terms": ["age"], "cluster": "village"}),
        (ev.balance, {"variables": ["age"], **GROUPS_ONLY}),
        (ev.did, DID | {"covariates": ["age"]}),
    )
    for door, call in calls:
        where, problem, holes = told(refused(door, given, **call))
        assert (where, problem) == (door.__name__, "level-over-spread.problem")
        assert holes["name"] == "age"


def test_what_is_collinear_with_the_constant_or_the_blocks_is_named():
    call = {"outcome": "trust", "terms": ["same"], "cluster": "village"}
    for absorb in ("", "treated"):
        error = refused(ev.regression, rows().assign(same=3.0), absorb=absorb, **call)
        assert "same" in str(error.problem)
        assert "constant)" not in str(error.problem)


@pytest.mark.parametrize("language", ["fr", "EN", None, ""])
@pytest.mark.parametrize("method", ["summary", "cite", "to_latex", "plot"])
def test_a_language_without_words_is_refused(language, method):
    for found in (ev.did(rows(), **DID), ev.power(icc=0.1, respondents=10, effect=0.3)):
        error = refused(lambda _, f=found: getattr(f, method)(language=language), None)
        assert error.problem.id == "not-one-of.problem"


def test_ids_that_differ_by_round_are_named():
    given = rows().assign(village=lambda t: t["village"] + "-" + t["endline"].astype(str))
    _, problem, holes = told(refused(ev.did, given, **DID))
    assert problem == "clusters-not-linked.problem"
    assert (holes["one"], holes["two"]) == ("village 01-0", "village 01-1")
    given = rows().assign(person=lambda t: t["person"].astype(str) + t["endline"].astype(str))
    call = {"outcome": "trust", "post": "endline", "respondent": "person", **GROUPS_ONLY}
    where, problem, holes = told(refused(ev.bounds, given, **call))
    assert (where, problem, holes["name"]) == ("bounds", "respondents-not-linked.problem", "person")


def test_people_without_an_id_are_not_linked_to_each_other():
    """Two blanks were one person: a row of each round without an id counted as seen again."""
    given = rows()
    call = {"outcome": "trust", "post": "endline", "respondent": "person", **GROUPS_ONLY}
    late = given["endline"].eq(1) & given.index.isin(given.index[given["endline"].eq(1)][:3])
    gone = given.assign(person=given["person"].astype(float).mask(late))
    assert ev.bounds(gone, **call).primary.n == ev.bounds(given[~late], **call).primary.n
    gone = given.assign(person=given["person"].astype(float).where(given.index > 0))
    assert told(refused(ev.bounds, gone, **call))[1] == "rows-no.problem"


@pytest.mark.parametrize(
    "where", [("outcome",), ("outcome", "weights"), ("outcome", "blocks")], ids="-".join
)
def test_a_row_that_is_not_used_makes_no_indicator(where):
    """One row without outcome, and its baseline missing too: what is estimated without that row."""
    given, column = last(), {"outcome": "trust", "weights": "weight", "blocks": "block"}
    given = given.assign(block=given["sex"]).dropna(subset=["trust"]).reset_index(drop=True)
    call = {"outcome": "trust", "baseline": "before", **GROUPS}
    call |= {name: column[name] for name in where if name != "outcome"}
    expected = ev.ancova(given.iloc[1:], **call).primary
    for name in where:
        gap = given.assign(**{n: given[n].where(given.index > 0) for n in ("before", column[name])})
        found = ev.ancova(gap, **call).primary
        assert found.estimate == pytest.approx(expected.estimate, **CLOSE)
        assert found.std_error == pytest.approx(expected.std_error, **CLOSE)


def test_a_whole_block_without_baseline_has_its_effect_for_an_indicator():
    """By the regression with zeros where the baseline is missing and effects of the blocks."""
    given = last().assign(block=lambda t: t["sex"])
    lacks = given["block"] == "man"
    gap = given.assign(before=given["before"].mask(lacks))
    found = ev.ancova(gap, outcome="trust", baseline="before", blocks="block", **GROUPS).primary
    expected = ev.regression(
        gap.fillna({"before": 0.0}), outcome="trust", terms=["treated"], controls=["before"],
        absorb="block", cluster="village", methods=["cv1"],
    ).primary  # fmt: skip
    assert found.estimate == pytest.approx(expected.estimate, **CLOSE)
    assert found.std_error == pytest.approx(expected.std_error, **CLOSE)


BASELINES = {
    "constant": (4.0, "columns-cannot.problem"),
    "missing": (np.nan, "no-baseline.problem"),
    "one group's": (lambda t: t["before"].where(t["treated"] == 0), "baseline-one-group.problem"),
    "infinite": (lambda t: t["before"].replace(t["before"].max(), np.inf), "rows-infinite.problem"),
}


@pytest.mark.parametrize("case", BASELINES)
def test_a_baseline_that_cannot_be_used_is_named_as_the_user_names_it(case):
    make, problem = BASELINES[case]
    given = last().assign(before=make)
    error = refused(ev.ancova, given, outcome="trust", baseline="before", **GROUPS)
    assert (error.where, error.problem.id) == ("ancova", problem)
    assert "before" in str(error.problem)
    assert "baseline value missing" not in str(error.problem)


def test_columns_of_the_users_own_are_not_overwritten():
    given = last().assign(before=lambda t: t["before"].where(t.index % 5 > 0))
    call = {"outcome": "trust", "baseline": "before", **GROUPS}
    expected = ev.ancova(given, **call).primary
    renamed = given.rename(columns={"treated": "baseline value"})
    found = ev.ancova(renamed, **(call | {"treated": "baseline value"})).primary
    assert found.estimate == expected.estimate
    named = given.assign(**{"before missing": 1.0})
    assert ev.ancova(named, **call).primary.estimate == expected.estimate


def test_a_column_that_is_named_for_two_things_is_refused():
    for changes in ({"post": "treated"}, {"covariates": ["trust"]}, {"outcome": ["age", "age"]}):
        assert told(refused(ev.did, rows(), **(DID | changes)))[1] == "column-for-two.problem"


SCALES = [(10, 0), (0,), "ab", (0, "10"), (np.nan, 10), (0, np.inf), 5, (0, 1, 2), (True, 10)]


@pytest.mark.parametrize("scale", SCALES)
def test_a_scale_is_two_numbers(scale):
    call = {"outcome": "trust", "post": "endline", "scale": scale, **GROUPS_ONLY}
    where, problem, _ = told(refused(ev.bounds, rows(), **call))
    assert (where, problem) == ("bounds", "scale-unclear.problem")


def test_ids_that_read_the_same_are_one_cluster_and_capitals_a_doubt():
    given = rows().assign(village=lambda t: t["village"].str.replace("village", "Peñón"))
    other = given["village"].where(given.index % 2 == 0, given["village"].str.normalize("NFD"))
    error = refused(ev.did, given.assign(village=other), **DID)
    assert error.problem.id == "ids-read-the-same.problem"
    other = given["village"].where(given.index % 2 == 0, given["village"].str.upper())
    notes = [note.id for note in ev.did(given.assign(village=other), **DID).notes]
    assert "ids-differ-by-capitals.note" in notes


POWERS = [
    {"icc": "a"},
    {"icc": None},
    {"icc": 0.1, "treated": 2.5, "comparison": 3},
    {"icc": 0.1, "outcomes": 0},
    {"icc": 0.1, "chance": 0.01},
    {"icc": 0.1, "chance": 1.0},
    {"icc": 0.1, "level": 95},
    {"icc": 0.1, "compared": "both"},
    {"icc": 0.1, "replacement": "some"},
    {"icc": 0.1, "smallest_effect": -1.0},
    {"icc": -1.0},
]


@pytest.mark.parametrize("call", POWERS)
def test_a_number_of_a_design_that_cannot_be_is_named(call):
    error = refused(lambda _, **c: ev.power(**c), None, respondents=10, effect=0.2, **call)
    assert error.where == "power"


def promised(door, argument):
    """What a type hint lists."""
    hint = typing.get_type_hints(door)[argument]
    found, left = [], [hint]
    while left:
        part = left.pop()
        if typing.get_origin(part) is typing.Literal:
            found += typing.get_args(part)
        else:
            left += typing.get_args(part)
    return sorted(found)


HINTS = [
    (ev.did, "methods", lambda m: ev.did(rows(), **(DID | {"methods": [m], "draws": 99}))),
    (
        ev.did, "estimand",
        lambda e: ev.did(rows().assign(n=9), **DID, estimand=e, population="n")
    ),
    (
        ev.ancova, "methods",
        lambda m: ev.ancova(
            last(), outcome="trust", baseline="before", draws=99, **(GROUPS | {"methods": [m]})
        ),
    ),
    (
        ev.regression, "methods",
        lambda m: ev.regression(
            rows(), outcome="trust", terms=["age"], cluster="village", methods=[m], draws=99
        ),
    ),
    (
        ev.balance, "estimand",
        lambda e: ev.balance(
            rows().assign(n=9), variables=["age"], estimand=e, population="n", **GROUPS_ONLY
        ),
    ),
    (
        ev.bounds, "method",
        lambda m: ev.bounds(
            rows(), outcome="trust", post="endline", scale=(0, 10), method=m, draws=99,
            **GROUPS_ONLY,
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("door", "argument", "call"), HINTS)
def test_a_type_hint_promises_what_there_is_and_nothing_else(door, argument, call):
    listed = promised(door, argument)
    for choice in listed:
        assert isinstance(call(choice).primary, object)
    for choice in {*typing.get_args(Step), *typing.get_args(CheckStep), *typing.get_args(Estimand)}:
        if choice not in listed:
            with pytest.raises(EstimationError):
                call(choice)
