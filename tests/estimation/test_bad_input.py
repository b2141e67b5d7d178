"""Bad input is one clear error that names the cause, by the plan's way in and by the short one.

Each case spoils the same panel once; both ways must refuse it, name the same cause, say what to
do, and show no respondent's value.
"""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.inference import steps
from evaluation.estimation.records import Unavailable
from evaluation.estimation.regression import panel_products
from evaluation.estimation.regression.design import build
from evaluation.estimation.regression.fit import least_squares
from tests.estimation.one_call import two_rounds
from tests.estimation.studies import DID, STUDY, outcome, panel

COVARIATES = ("age", "height")


def table():
    rng = np.random.default_rng(2)
    return panel(2).assign(height=lambda t: rng.normal(170, 10, len(t)))


def by_plan(given, **changes):
    """From a clean frame and a specification to a fit."""
    specification = dataclasses.replace(DID, covariates=COVARIATES, **changes)
    built = build(given, specification, outcome=outcome(), study=STUDY)
    return least_squares(built.accumulate())


def by_cells(given, **changes):
    """The same through one pass for many outcomes."""
    specification = dataclasses.replace(DID, covariates=COVARIATES, **changes)
    found = panel_products.collect(given, specification, outcomes=(outcome(),), study=STUDY)
    return least_squares(found.regression("y").accumulate())


def by_frame(given, **changes):
    """Five lines without a study folder; the indicators carry gaps of arm and round."""
    given = given.assign(
        post=(given["round"] == "endline").astype(float).mask(given["round"].isna()),
        treated=(given["arm"] == "treated").astype(float).mask(given["arm"].isna()),
    ).drop(columns=["round", "arm"])
    return two_rounds(
        given,
        outcome="y",
        treated="treated",
        post="post",
        cluster="village",
        weights="weight",
        estimand=changes.get("estimand", "equal"),
        population="population",
        respondent="respondent",
        covariates=COVARIATES,
        steps=("cv1",),
        seed=1,
    )


def masked(column, value, rows=(3,)):
    return lambda t: t.assign(**{column: t[column].mask(t.index.isin(rows), value)})


def moved_village(t):
    moved = (t["village"] == "v01") & (t["round"] == "endline")
    return t.assign(arm=t["arm"].mask(moved, "comparison"))


def twice(t):
    return pd.concat([t, t.iloc[[0]]], ignore_index=True)


CASES = {
    "a cluster in both arms": (moved_village, "v01"),
    "one treated cluster": (
        lambda t: t[(t["arm"] == "comparison") | (t["village"] == "v00")],
        "1 treated clusters; at least 2 are needed",
    ),
    "one comparison cluster": (
        lambda t: t[(t["arm"] == "treated") | (t["village"] == "v11")],
        "1 comparison clusters; at least 2 are needed",
    ),
    "collinear columns": (
        lambda t: t.assign(height=2.0 * t["age"] + 7.0),
        "collinear with the columns before them: height",
    ),
    "a constant column": (lambda t: t.assign(height=170.0), "constant within clusters: height"),
    "constant within clusters": (
        lambda t: t.assign(height=t["population"]),
        "constant within clusters: height",
    ),
    "a weight of zero": (masked("weight", 0.0), "1 rows have a weight that is missing, zero"),
    "a negative weight": (masked("weight", -2.0), "1 rows have a weight that is missing, zero"),
    "a missing weight": (masked("weight", np.nan), "1 rows have a weight that is missing, zero"),
    "an infinite weight": (masked("weight", np.inf), "1 rows have a weight that is missing, zero"),
    "an infinite outcome": (masked("y", -np.inf, (3, 8)), "2 rows have an infinite y"),
    "a column twice": (lambda t: pd.concat([t, t[["y"]]], axis=1), "two columns of the name y"),
    "clusters that read the same": (
        lambda t: t.assign(village=t["village"].replace({"v00": 0, "v07": "0"})),
        "two different values of village read as 0",
    ),
    "no variation": (lambda t: t.assign(y=4.0), "the outcome has the same value in every row"),
    "an infinite covariate": (masked("age", np.inf), "missing or infinite values in age"),
    "a missing cluster": (masked("village", None), "1 rows have no village"),
    "duplicate ids": (twice, "1 rows repeat a respondent of the same round"),
    "missing in one round": (
        lambda t: t.assign(y=t["y"].where(t["round"] == "baseline")),
        "the outcome is missing in every row of round endline",
    ),
    "missing throughout": (lambda t: t.assign(y=np.nan), "the outcome is missing in every row"),
    "text": (lambda t: t.assign(y=t["y"].astype(str)), "not numeric"),
    "no such column": (lambda t: t.drop(columns="height"), "no column height"),
    "a population that differs": (masked("population", 3.0), "population differs within a cluster"),
    "no population": (masked("population", np.nan), "population is missing or not positive"),
}


@pytest.mark.parametrize("way", [by_plan, by_cells, by_frame])
@pytest.mark.parametrize("case", CASES)
def test_one_clear_error_that_names_the_cause(case, way):
    spoil, message = CASES[case]
    changes = {"estimand": "population"} if "population" in message else {}
    with pytest.raises(EstimationError) as caught:
        way(spoil(table()), **changes)
    assert message in str(caught.value.problem)
    assert caught.value.fix
    assert caught.value.where


@pytest.mark.parametrize("way", [by_plan, by_cells, by_frame])
def test_the_panel_itself_is_accepted(way):
    """So each error above is the spoiling's."""
    way(table())
    way(table(), estimand="population")


@pytest.mark.parametrize("way", [by_plan, by_cells, by_frame])
def test_messages_show_no_respondents_value(way):
    given = table().assign(weight=lambda t: t["weight"].mask(t.index == 3, -98765.4321))
    with pytest.raises(EstimationError) as caught:
        way(given)
    assert "98765" not in str(caught.value)


# Indicators, and what only the short way asks for.
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"post": "when"}, "when is not 0 and 1"),
        ({"post": "two"}, "two is not 0 and 1"),
        ({"post": "gap"}, "1 rows have no gap"),
        ({"post": "one"}, "one is the same in every row"),
        ({"post": "zero"}, "zero is the same in every row"),
        ({"treated": "gap"}, "1 rows have no gap"),
        ({"treated": "product"}, "product differs within 6 clusters, the first being v00"),
        ({"treated": "post"}, "`post` is named twice, as treated= and as post="),
        ({"covariates": ("gap",)}, "1 rows have no gap"),
        ({"outcome": "nothing"}, "the frame has no column nothing"),
        ({"covariates": ("arm",)}, "a variable is called 'arm'"),
        ({"estimand": "everyone"}, "'everyone' is not an estimand"),
        ({"estimand": "population"}, "needs each cluster's population"),
        ({"steps": ("cv1", "hc3")}, "'hc3' is not an inference step"),
        ({"steps": ("cv1", "cr2", "cv1")}, "the step cv1 is asked for twice"),
        ({"steps": "cv1"}, "methods is 'cv1', not a list"),
        ({"covariates": "age"}, "covariates is 'age', not a list"),
        ({"covariates": None}, "covariates is None, not a list"),
        ({"covariates": ("age", "age")}, "the covariate age is asked for twice"),
        ({"one_round": "keep"}, "'keep' is not a choice of one_round"),
        ({"weights_kind": "mammen"}, "'mammen' is not a choice of weights_kind"),
        ({"weights": None}, "weights is None"),
        ({"weights": ""}, "weights is ''"),
        ({"cluster": ""}, "cluster is ''"),
        ({"post": 1}, "post is 1"),
        ({"population": None}, "population is None"),
        ({"seed": "a"}, "seed is 'a'"),
        ({"seed": 1.5}, "seed is 1.5"),
        ({"seed": True}, "seed is True"),
        ({"draws": "many"}, "draws is 'many'"),
        ({"level": "95%"}, "the level is '95%'"),
        ({"level": 0.49}, "the level is 0.49"),
        ({"steps": ()}, "no inference step"),
        ({"level": 95}, "the level is 95"),
        ({"draws": 0}, "0 draws"),
        ({"strata_round": "region"}, "region differs within"),
        ({"strata": "region", "steps": ("ri",)}, "region differs within"),
    ],
)
def test_choices_of_two_rounds_that_make_no_sense(changes, message):
    given = table().rename(columns={"round": "when"})
    given = given.assign(
        post=given["when"] == "endline",
        treated=given["arm"] == "treated",
        two=given.index % 3,
        one=1,
        zero=0,
        gap=np.where(given.index == 5, np.nan, given.index % 2),
        product=lambda t: t["post"] & t["treated"],
    )
    call = {
        "outcome": "y",
        "treated": "treated",
        "post": "post",
        "cluster": "village",
        "weights": "none",
        "estimand": "equal",
        "steps": ("cv1",),
        "seed": 1,
    }
    with pytest.raises(EstimationError) as caught:
        two_rounds(given, **(call | changes))
    assert message in str(caught.value.problem)
    assert caught.value.fix


def test_weights_that_are_left_out_are_said_to_be_written_so():
    with pytest.raises(EstimationError) as caught:
        two_rounds(
            table(),
            outcome="y",
            treated="arm",
            post="round",
            cluster="village",
            weights=None,
            estimand="equal",
            seed=1,
        )
    assert 'write weights="none" for equal weights' in str(caught.value.fix)


def test_a_frame_that_is_none_is_refused():
    with pytest.raises(EstimationError, match="the frame is a dict, not a DataFrame"):
        two_rounds(
            {"y": [1.0]},
            outcome="y",
            treated="treated",
            post="post",
            cluster="village",
            weights="none",
            estimand="equal",
            seed=np.int64(1),
        )


@pytest.mark.parametrize("name", ["treated", "post"])
def test_an_indicator_twice_is_refused(name):
    given = table().rename(columns={"round": "when"})
    given = given.assign(post=given["when"] == "endline", treated=given["arm"] == "treated")
    with pytest.raises(EstimationError, match=f"two columns of the name {name}"):
        two_rounds(
            pd.concat([given, given[[name]]], axis=1),
            outcome="y",
            treated="treated",
            post="post",
            cluster="village",
            weights="none",
            estimand="equal",
            seed=1,
        )


def test_a_column_twice_that_is_not_asked_for_does_not_matter():
    given = table().assign(other=1.0)
    by_frame(pd.concat([given, given[["other"]]], axis=1))


def one_round_only(t):
    return t[~((t["village"] == "v07") & (t["round"] == "endline"))]


def test_a_cluster_in_one_round_is_dropped_and_counted_by_a_plan():
    given = one_round_only(table())
    built = build(given, DID, outcome=outcome(), study=STUDY)
    found = panel_products.collect(given, DID, outcomes=(outcome(),), study=STUDY).regression("y")
    for regression in (built, found):
        assert regression.one_round == ("v07",)
        assert len(regression.clusters_comparison) == 5


def test_a_cluster_in_one_round_is_refused_by_the_short_way():
    with pytest.raises(EstimationError, match="1 clusters have the outcome in one round only: v07"):
        by_frame(one_round_only(table()))


def test_a_step_that_cannot_be_had_holds_a_reason_and_no_number():
    """Age varies in one village only, so no jackknife; the record has no field for a number."""
    given = table()
    given["age"] = ((given["village"] == "v02") & (given.index % 2 == 0)).astype(float)
    specification = dataclasses.replace(DID, covariates=("age",))
    built = build(given, specification, outcome=outcome(), study=STUDY)
    result = steps.analyse(built, ("cv3",), draws=None).steps["cv3"]
    assert "without 1 of 12 clusters" in str(result.problem)
    assert not {"estimate", "std_error", "p_value"} & {
        field.name for field in dataclasses.fields(Unavailable)
    }
