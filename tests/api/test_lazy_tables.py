"""Rows that stay in their engine: the numbers, refusals and notes of the same rows in memory."""

import importlib
import os
import sys
import time

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset as pads
import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from evaluation.estimation import dataframe_study, lazy_cells
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.regression import lazy_sums
from tests.conftest import library

COLUMNS = {"treated": "t", "post": "post", "cluster": "g"}
METHODS = ("wcr_s", "wcr", "cv3", "cr2", "cv1", "ri")
CALL = COLUMNS | {"outcome": ["y", "z", "q"], "draws": 199, "methods": METHODS}
# The same sums in another order and about another point: what issue and docstring promise.
# libraries, parted by blanks, without which a test fails where it would be skipped
MUST_HAVE = "EVAL_MUST_HAVE"
DIGITS = {"rtol": 1e-12, "atol": 1e-15}


def polars(frame, _):
    return pl.from_pandas(frame).lazy()


def duckdb(frame, _):
    return library("duckdb").connect().from_df(frame)


def ibis(frame, folder):
    frame.to_parquet(folder / "ibis.parquet")
    return library("ibis").duckdb.connect().read_parquet(folder / "ibis.parquet")


def spark(frame, folder):
    """One core of this machine; in no lock of the package: 450 MB that only Spark's users have.

    Who installed it says so, as the nightly workflow does: then it may not be missing.
    """
    reason = "tests/api/spark.lock has Spark; needs Java 17"
    sql = (
        importlib.import_module("pyspark.sql")
        if "pyspark" in os.environ.get(MUST_HAVE, "").split()
        else pytest.importorskip("pyspark.sql", reason=reason)
    )
    settings = {
        "spark.master": "local[1]",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # a folder of its own for what it spills and for its list of tables
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.sql.shuffle.partitions": "2",
    }
    frame.to_parquet(folder / "spark.parquet")
    session = sql.SparkSession.builder.config(map=settings).getOrCreate()
    return session.read.parquet(str(folder / "spark.parquet"))


def path(frame, folder):
    library("duckdb")
    frame.to_parquet(folder / "rows [1].parquet", row_group_size=500)
    # which the other's name would mean as a pattern
    frame.assign(y=0.0).to_parquet(folder / "rows 1.parquet")
    return folder / "rows [1].parquet"


def parts(frame, folder):
    """A folder of files of uneven size, one of them without rows."""
    library("duckdb")
    (folder / "parts").mkdir()
    for number, (low, high) in enumerate([(0, 7), (7, 7), (7, 1500), (1500, len(frame))]):
        frame.iloc[low:high].to_parquet(folder / "parts" / f"{number}.parquet", index=False)
    return str(folder / "parts")


def dataset(frame, folder):
    return pads.dataset(path(frame, folder))


# a minute for its start and the plans of its queries; of pandas 3 it says that not all works
SPARK = pytest.param(
    spark, marks=[pytest.mark.long, pytest.mark.filterwarnings("ignore:PySpark does not yet fully")]
)
ENGINES = [polars, duckdb, ibis, path, parts, dataset, SPARK]


@pytest.fixture(scope="module")
def frame():
    rng, n = np.random.default_rng(1), 3_000
    g, post = rng.integers(0, 16, n), rng.integers(0, 2, n)
    made = pd.DataFrame({"g": [f"v{i}" for i in g], "post": post, "t": g % 2})
    made["w"] = rng.uniform(0.3, 3.0, n)
    made["age"], made["sex"] = rng.integers(18, 77, n), rng.integers(0, 2, n).astype(bool)
    made["school"] = rng.choice(["none", "some", "much"], n)
    made["people"], made["north"] = 1_000 + 100 * g, np.where(g < 8, "yes", "no")
    made["some"] = np.select([g < 4, g < 8], [1, 0], rng.integers(0, 2, n))
    made["id"] = [f"{a}-{b}" for a, b in zip(post, range(n), strict=True)]
    made["y"] = 0.01 * made["age"] + rng.normal(size=n) + 0.3 * post * made["t"]
    # large levels that differ by cluster, and a fifth missing
    made["z"] = np.where(rng.random(n) < 0.2, np.nan, 1e9 + 1e6 * g + rng.normal(size=n))
    # most of a cluster is missing, so that covariates are alike in what is left of it
    made["q"] = np.where((rng.random(n) < 0.99) & (g == 3), np.nan, rng.normal(size=n))
    return made


CALLS = {
    "plain": {},
    "covariates": {"covariates": ["age", "school", "sex"]},
    "weights": {"weights": "w", "estimand": "respondents"},
    "everything": {
        "weights": "w", "estimand": "population", "population": "people", "strata": "north",
        "strata_round": "north", "covariates": ["school", "age"], "respondent": "id",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def of_memory(frame):
    return {name: ev.did(frame, **CALL, **more).to_frame() for name, more in CALLS.items()}


# Ibis's own call of DuckDB
@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CALLS)
def test_the_numbers_are_those_of_memory(frame, of_memory, tmp_path, engine, name):
    found = ev.did(engine(frame, tmp_path), **CALL, **CALLS[name]).to_frame()
    pd.testing.assert_frame_equal(found, of_memory[name], **DIGITS)


@pytest.mark.parametrize("kind", [np.float32, "Int64", bool])
def test_any_kind_of_number_is_the_same_number(frame, kind):
    table = frame.assign(y=(10.0 * frame["y"]).round().astype(np.float64) % 2)
    table["y"] = table["y"].astype(np.int64).astype(kind)
    call = CALL | {"outcome": "y", "methods": ["cv1"]}
    expected = ev.did(table, **call).to_frame()
    pd.testing.assert_frame_equal(
        ev.did(polars(table, None), **call).to_frame(), expected, **DIGITS
    )


def test_a_missing_number_may_be_null_or_nan(frame):
    call = CALL | {"outcome": "q"}
    table = pl.DataFrame({name: frame[name].to_numpy() for name in ("g", "post", "t", "q")})
    assert table["q"].is_nan().any()
    mixed = table.with_columns(
        pl.when(pl.col("post") == 1).then(pl.col("q").fill_nan(None)).otherwise(pl.col("q"))
    )
    expected = ev.did(frame, **call).to_frame()
    pd.testing.assert_frame_equal(ev.did(mixed.lazy(), **call).to_frame(), expected, **DIGITS)
    call = {"outcome": "q", "terms": ["t", "post"], "cluster": "g", "methods": ["cv1"]}
    expected = ev.regression(frame, **call).to_frame()
    found = ev.regression(mixed.lazy(), **call).to_frame()
    pd.testing.assert_frame_equal(found, expected, **DIGITS)


@pytest.fixture
def heights(monkeypatch):
    """How many rows each answer has that leaves the engine."""
    found, collect = [], nw.LazyFrame.collect

    def counted(self, *args, **kwargs):
        answer = collect(self, *args, **kwargs)
        found.append(len(answer))
        return answer

    monkeypatch.setattr(nw.LazyFrame, "collect", counted)
    return found


def test_only_sums_leave_the_engine(frame, heights):
    ev.did(polars(frame, None), **CALL, **CALLS["everything"])
    assert max(heights) == 2 * frame["g"].nunique()


def test_a_clock_called_time_does_not_leave_it(frame, heights):
    ev.did(polars(frame.assign(time=np.arange(len(frame))), None), **CALL)
    assert max(heights) == 2 * frame["g"].nunique()


def test_outcomes_in_several_queries_are_the_same(frame, of_memory, monkeypatch):
    monkeypatch.setattr(lazy_sums, "_MOST", 1)
    found = ev.did(polars(frame, None), **CALL, **CALLS["everything"]).to_frame()
    pd.testing.assert_frame_equal(found, of_memory["everything"], **DIGITS)


def test_a_weight_counts_where_some_outcome_is_there(frame):
    table = frame.assign(w=frame["w"].where(frame["q"].notna(), -1.0))
    call = CALL | {"outcome": ["q"], "weights": "w", "covariates": ["age"]}
    expected = ev.did(table, **call).to_frame()
    found = ev.did(polars(table, None), **call).to_frame()
    pd.testing.assert_frame_equal(found, expected, **DIGITS)


def test_what_cancels_is_asked_for_once_more(frame):
    # Nearly all weight of a cluster on rows where age is 40: about the mean of all, nothing of
    # their spread is left; and where q is known age may be one number.
    table = frame.assign(w=1.0)
    heavy = (table["g"] == "v5") & (table.index % 2 == 0)
    table.loc[heavy, ["w", "age"]] = 1e7, 40
    table.loc[(table["g"] == "v3") & table["q"].notna(), "age"] = 30
    variables = Variables(
        outcome="y", treated="t", post="post", cluster="g", weights="w", covariates=("age",)
    )
    chosen = dataframe_study.specification(variables, estimand="equal")
    rows = lazy_cells.read(nw.from_native(polars(table, None)), variables, ["y", "q"])
    _, cells = rows.collect(chosen, dataframe_study.study(variables))
    assert cells.cancelled == {"q"}
    call = CALL | {"outcome": ["y", "q"], "covariates": ["age"], "weights": "w"}
    expected = ev.did(table, **call).to_frame()
    pd.testing.assert_frame_equal(
        ev.did(polars(table, None), **call).to_frame(), expected, **DIGITS
    )


def with_(**columns):
    """A change of some columns: each a function of the frame."""
    return lambda frame: frame.assign(**columns)


def some(name, value, rows=slice(10, 13)):
    """A change of a column in three rows."""

    def change(frame):
        values = frame[name].astype(object if isinstance(value, str) else np.float64)
        values.iloc[rows] = value
        return frame.assign(**{name: values})

    return change


NAN, INF = float("nan"), float("inf")
Y = {"outcome": "y"}
REFUSED = {
    "treated varies in a cluster": (some("t", 1, slice(0, 40)), {}),
    "treated is 2": (some("t", 2), {}),
    "treated is a half": (some("t", 0.5), {}),
    "treated is text": (with_(t=lambda f: f["t"].map({0: "no", 1: "yes"})), {}),
    "treated is missing": (some("t", NAN), {}),
    "all are treated": (with_(t=1), {}),
    "a third round": (some("post", 2), {}),
    "half a round": (some("post", 0.5), {}),
    "no round": (some("post", NAN), {}),
    "one round": (with_(post=1), {}),
    "no cluster": (with_(g=lambda f: f["g"].where(f.index > 5)), {}),
    "one cluster": (with_(g="v", t=lambda f: f["post"]), {}),
    "clusters that read alike": (with_(
        g=lambda f: f["g"].where((f.index < 900) | (f["g"] != "v1"), "v1 "),
    ), {}),
    "two groups too small": (with_(t=lambda f: (f["g"] == "v1").astype(int)), {}),
    "negative weight": (some("w", -1), {"weights": "w"}),
    "weight of zero": (some("w", 0), {"weights": "w"}),
    "no weight": (some("w", NAN), {"weights": "w"}),
    "infinite weight": (some("w", INF), {"weights": "w"}),
    "weights too far apart": (some("w", 1e14), {"weights": "w"}),
    "weights are text": ({}, {"weights": "school"}),
    "outcome is text": ({}, {"outcome": ["y", "school"]}),
    "outcome is infinite": (some("q", INF), {}),
    "outcome is Stata's missing": (some("y", 2.0**1023), {}),
    "outcome is flat": (with_(q=3.0), {}),
    "outcome of one round": (with_(q=lambda f: f["q"].where(f["post"] == 0)), {}),
    "level over spread": (with_(y=lambda f: 1e10 + 1e-3 * f["post"]), Y),
    "covariate is missing": (some("age", NAN), {"covariates": ["age"]}),
    "text covariate is missing": (
        with_(school=lambda f: f["school"].where(f.index > 5)), {"covariates": ["age", "school"]},
    ),
    "covariate is infinite": (some("age", INF), {"covariates": ["age"]}),
    "covariate is constant in clusters": ({}, {"covariates": ["people"]}),
    "population is missing": (some("people", NAN), CALLS["everything"]),
    "population is negative": (some("people", -5), CALLS["everything"]),
    "population differs": (some("people", 7), CALLS["everything"]),
    "stratum is missing": (
        with_(north=lambda f: f["north"].where(f.index > 5)), {"strata_round": "north"},
    ),
    "stratum differs": (some("north", "maybe"), {"strata": "north"}),
    "changes differ": (some("north", "maybe"), {"strata_round": "north"}),
    "respondent twice": (some("id", "0-1", slice(0, 40)), {"respondent": "id"}),
    "no such column": ({}, {"covariates": ["aeg"]}),
    "a name that is made": (with_(round=lambda f: f["y"]), {"outcome": ["round"]}),
    "a cluster in one round": (
        lambda f: f[(f["g"] != "v1") | (f["post"] == 0)].reset_index(drop=True), {},
    ),
    "no rows": (lambda f: f.iloc[:0], {}),
}  # fmt: skip


@pytest.mark.parametrize("engine", [polars, duckdb])
@pytest.mark.parametrize("name", REFUSED)
def test_what_memory_refuses_is_refused_in_the_same_words(frame, name, engine):
    change, call = REFUSED[name]
    table = change(frame) if change else frame
    with pytest.raises(EstimationError) as expected:
        ev.did(table, **(CALL | call))
    with pytest.raises(EstimationError) as found:
        ev.did(engine(table, None), **(CALL | call))
    if name == "level over spread":
        # of which the spread has few digits in either
        assert found.value.problem.id == expected.value.problem.id
    else:
        # the fix of rows in memory may show their values and name pandas
        assert str(found.value.problem) == str(expected.value.problem)
        assert found.value.rule == expected.value.rule


NOTED = {
    "plain": ({}, {}),
    "categories": ({}, {"covariates": ["school"]}),
    "numbers as text": (
        with_(school=lambda f: (f.index % 4).astype(str)), {"covariates": ["school"]},
    ),
    "codes": (
        with_(q=lambda f: (f.index % 5).where(f.index % 50 != 0, 99)),
        {"outcome": ["y", "q"]},
    ),
    "no codes, since others are as large": (
        with_(q=lambda f: (f.index % 80).where(f.index % 50 != 0, 99)), {"outcome": ["y", "q"]},
    ),
    "codes and nothing else": (
        with_(q=lambda f: np.where(f.index % 3, 98, 99)), {"outcome": ["y", "q"]},
    ),
    "pooled rounds": (with_(wave=lambda f: 2 * f["post"] + f.index % 2), {}),
    "too many to be rounds": (with_(year=lambda f: f.index), {}),
    "starts differ": (
        with_(Year=lambda f: np.where(f["post"] == 1, 2003 + f["people"] // 100 % 2,
                                      2003 - f.index % 2)), {},
    ),
    "ever treated": (with_(cohort=lambda f: np.where(f["t"] == 1, f["people"] % 300, np.nan)), {}),
    "one start of the treated": (
        with_(cohort=lambda f: np.where(f["t"] == 1, 2003, f["people"])), {},
    ),
    "a cluster is dropped": (
        lambda f: f[(f["g"] != "v1") | (f["post"] == 0)].reset_index(drop=True),
        {"one_round": "drop"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("engine", [polars, duckdb])
@pytest.mark.parametrize("name", NOTED)
def test_what_is_noted_of_memory_is_noted(frame, name, engine):
    change, call = NOTED[name]
    table = change(frame) if change else frame
    expected = {str(note) for note in ev.did(table, **(CALL | call)).notes}
    found = ev.did(engine(table, None), **(CALL | call))
    said = {str(note) for note in found.notes}
    assert {text for text in said - expected if "occur twice" not in text} == expected - said
    assert any("occur twice was not checked" in text for text in said)


REGRESSION = {
    "outcome": "y", "cluster": "g", "draws": 199, "methods": ["wcr_s", "wcr", "cv3", "cr2", "cv1"],
}  # fmt: skip
MODELS = {
    "constant": {"terms": ["t", "school"], "controls": [("t", "post")]},
    "clusters": {"terms": [("t", "post"), "post"], "absorb": "g", "weights": "w"},
    "products": {"terms": [("school", "north"), "age", "sex"], "weights": "w"},
    "missing": {"outcome": "q", "terms": [("t", "post"), "z"], "controls": ["post"], "absorb": "g"},
    "large level": {"outcome": "z", "terms": [("t", "post"), "age"], "absorb": "g"},
    # which some clusters have all of, and others none of
    "all or none": {"terms": ["some"], "absorb": "g"},
    "weights as a term": {"terms": ["w", "people"], "weights": "w"},
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", MODELS)
def test_a_regression_has_the_numbers_of_memory(frame, tmp_path, engine, name):
    call = REGRESSION | MODELS[name]
    expected = ev.regression(frame, **call)
    found = ev.regression(engine(frame, tmp_path), **call)
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame(), **DIGITS)
    inside = [[each.n_clusters_treated for each in result.records] for result in (found, expected)]
    assert inside[0] == inside[1]
    said = {str(note) for note in found.notes if "occur twice" not in str(note)}
    assert said == {str(note) for note in expected.notes}


NO_REGRESSION = {
    "no such column": ({}, {"terms": ["aeg"]}),
    "outcome is text": ({}, {"outcome": "school"}),
    "outcome is infinite": (some("y", INF), {}),
    "outcome is Stata's missing": (some("y", 2.0**1023), {}),
    "term is infinite": (some("age", INF), {"terms": ["age", "t"]}),
    "no row is whole": (with_(age=NAN), {"terms": ["age"]}),
    "term twice": ({}, {"controls": ["t"]}),
    "collinear": ({}, {"controls": ["people", "t2"]}),
    "constant in clusters": ({}, {"absorb": "g"}),
    "negative weight": (some("w", -1), {"weights": "w"}),
    "weights too far apart": (some("w", 1e14), {"weights": "w"}),
    "weights are text": ({}, {"weights": "school"}),
    "one cluster": (with_(g="v"), {}),
    "clusters that read alike": (with_(
        g=lambda f: f["g"].where((f.index < 900) | (f["g"] != "v1"), "v1 "),
    ), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_REGRESSION)
def test_what_a_regression_refuses_of_memory_it_refuses(frame, name):
    change, call = NO_REGRESSION[name]
    table = (change(frame) if change else frame).assign(t2=frame["t"])
    call = REGRESSION | {"terms": ["t"]} | call
    with pytest.raises(EstimationError) as expected:
        ev.regression(table, **call)
    with pytest.raises(EstimationError) as found:
        ev.regression(polars(table, None), **call)
    assert str(found.value.problem) == str(expected.value.problem)
    assert found.value.rule == expected.value.rule


def test_where_spark_was_installed_its_absence_is_no_skip(frame, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    monkeypatch.delenv(MUST_HAVE, raising=False)
    with pytest.raises(pytest.skip.Exception):
        spark(frame, tmp_path)
    monkeypatch.setenv(MUST_HAVE, "duckdb pyspark")
    with pytest.raises(ImportError):
        spark(frame, tmp_path)


def test_methods_that_nobody_named_are_those_that_can_be_had(frame):
    call = {name: value for name, value in REGRESSION.items() if name != "methods"}
    call |= {"terms": ["t"], "draws": 99}
    of_rows = ev.regression(frame, **call)
    of_sums = ev.regression(polars(frame, None), **call)
    named = of_rows.to_frame()
    assert set(named["method"]) == {"wcr_s", "cv1", "classical", "hc1"}
    assert "methods: wcr_s, cv1;" in str(of_sums)
    compared = of_sums.to_frame()
    there = named[named["method"].isin(["wcr_s", "cv1"])].reset_index(drop=True)
    assert compared["method"].tolist() == there["method"].tolist()
    np.testing.assert_allclose(compared["estimate"], there["estimate"], rtol=1e-9)
    np.testing.assert_allclose(compared["std_error"], there["std_error"], rtol=1e-9)


def test_what_needs_rows_is_refused_of_sums(frame, heights):
    call = REGRESSION | {"terms": ["t"]}
    with pytest.raises(EstimationError, match=r"classical, hc1(.|\n)*need the rows"):
        ev.regression(polars(frame, None), **(call | {"methods": ["cv1", "classical", "hc1"]}))
    with pytest.raises(EstimationError, match="effects of school"):
        ev.regression(polars(frame, None), **call, absorb="school")
    assert heights == []


def test_a_strict_call_refuses_what_is_noted(frame):
    table = NOTED["codes"][0](frame)
    with pytest.raises(EstimationError, match="99"):
        ev.did(polars(table, None), **(CALL | {"outcome": "q", "strict": True}))


def test_invented_rows_keep_their_mark_in_a_file(tmp_path):
    library("duckdb")
    rows = ev.example()
    rows.to_parquet(tmp_path / "b.parquet")
    plain = rows.head(5)
    plain.attrs.clear()
    plain.to_parquet(tmp_path / "a.parquet")
    columns = {"treated": "treated", "post": "endline", "cluster": "village", "draws": 99}
    expected = ev.did(rows, outcome="trust", **columns).mark
    assert expected
    for each in (tmp_path / "b.parquet", tmp_path):
        assert ev.did(each, outcome="trust", **columns).mark == expected


def test_a_path_that_cannot_be_read_is_named(frame, tmp_path):
    def refused(where, text):
        with pytest.raises(EstimationError, match=text):
            ev.did(where, **CALL)

    refused(tmp_path / "none.parquet", r"none\.parquet(.|\n)*Parquet")
    refused("https://example.org/rows.parquet", "there is no file")
    (tmp_path / "rows.csv").write_text("y,t\n1,2\n")
    refused(tmp_path / "rows.csv", r"rows\.csv cannot be read as Parquet")
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", "empty cannot be read as Parquet")
    (tmp_path / "two").mkdir()
    frame.to_parquet(tmp_path / "two" / "a.parquet")
    frame.assign(y="text").to_parquet(tmp_path / "two" / "b.parquet")
    refused(tmp_path / "two", r"columns of (.|\n)*b\.parquet are not those of (.|\n)*a\.parquet")


def test_without_duckdb_a_path_is_told_the_extra(frame, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    frame.to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(EstimationError, match=r"FOLDER\[duckdb\]"):
        ev.did(tmp_path / "rows.parquet", **CALL)


def test_a_million_rows_take_seconds(tmp_path):
    rng, n = np.random.default_rng(2), 1_000_000
    g, post = rng.integers(0, 40, n), rng.integers(0, 2, n)
    table = pa.table({"g": g, "t": g % 2, "post": post, "y": rng.normal(size=n)})
    begun = time.process_time()
    call = COLUMNS | {"outcome": "y", "draws": 99, "methods": ["cv1"]}
    found = ev.did(pl.from_arrow(table).lazy(), **call)
    assert found.primary.n == n
    assert time.process_time() - begun < 3.0
