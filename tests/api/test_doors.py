"""What a notebook calls: one protocol, every kind of table, and a sentence for what cannot be."""

import doctest
import importlib
import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pandas.io.stata import StataMissingValue

import evaluation as ev
from evaluation import api
from evaluation.errors import EstimationError

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = {"treated": "treated", "post": "endline", "cluster": "village"}
DID = {"outcome": "trust", **COLUMNS, "draws": 199}


def rows():
    return ev.example()


def panel():
    made = pd.DataFrame(
        [(u, t, 3.0 if u < 4 else np.nan) for u in range(12) for t in range(6)],
        columns=["town", "year", "start"],
    )
    noise = np.random.default_rng(3).normal(size=len(made))
    return made.assign(rate=made["town"] + made["year"] + noise + (made["year"] >= made["start"]))


EVENTS = {"outcome": "rate", "unit": "town", "time": "year", "first_treated": "start"}
CALLS = {
    "did": lambda: ev.did(rows(), **DID),
    "several": lambda: ev.did(rows(), **(DID | {"outcome": ["trust", "age"]})),
    "ancova": lambda: ev.ancova(
        rows().query("endline == 1").assign(before=lambda t: t["age"].where(t["age"] > 30)),
        outcome="trust", baseline="before", treated="treated", cluster="village", draws=199,
    ),
    "regression": lambda: ev.regression(
        rows(), outcome="trust", terms=["treated", "sex"], cluster="village", draws=199
    ),
    "event_study": lambda: ev.event_study(panel(), **EVENTS),
    "power": lambda: ev.power(icc=0.05, respondents=20, effect=0.3),
    "balance": lambda: ev.balance(
        rows(), variables=["age", "sex"], treated="treated", cluster="village", post="endline"
    ),
    "bounds": lambda: ev.bounds(rows(), **DID, respondent="person", scale=(0, 10)),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_every_result_keeps_the_protocol(name):
    found = CALLS[name]()
    table = found.to_frame()
    assert len(table) >= 1
    assert isinstance(found.notes, tuple)
    assert all(isinstance(note.text("es"), str) for note in found.notes)
    for language in ("en", "es"):
        assert found.summary(language)
        assert "evaluation 0." in found.cite(language)
        text = found.to_latex(language)
        assert text.count("\\begin{longtable}") == text.count("\\end{longtable}") == 1
        assert str(found.choices.text(language)).split(":")[0] in text.replace("\\_", "_")
    assert found.to_frame().to_string()
    assert repr(found) == str(found)
    assert "<table" in found._repr_html_()
    with pytest.raises(AttributeError):
        found.table = None
    table.loc[0, table.columns[0]] = None
    assert found.to_frame().notna().loc[0, table.columns[0]]


@pytest.mark.parametrize("name", CALLS)
def test_every_result_is_drawn(name, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    plt = importlib.import_module("matplotlib.pyplot")
    axes = CALLS[name]().plot()
    assert axes.get_title(loc="left")
    axes.figure.canvas.draw()
    plt.close(axes.figure)


def test_without_matplotlib_one_sentence_says_so(monkeypatch):
    found = CALLS["did"]()
    monkeypatch.setitem(sys.modules, "evaluation.api.plots", None)
    with pytest.raises(EstimationError, match="matplotlib, or this package with its extra `plot`"):
        found.plot()


def test_invented_data_carry_their_mark_and_others_none():
    found = ev.did(rows(), **DID)
    for text in (str(found), found.summary(), found.to_latex(), found._repr_html_()):
        assert "SYNTHETIC" in text
    assert "SYNTHETIC" in found.plot().get_title(loc="left")
    assert "SINTÉTICOS" in found.summary("es")
    plain = rows().drop(columns="synthetic")
    plain.attrs.clear()
    assert "SYNTHETIC" not in str(ev.did(plain, **DID))


def test_the_example_is_small_and_what_its_maker_makes():
    path = ROOT / "evaluation" / "api" / "example.csv"
    assert path.stat().st_size <= 50_000
    assert path.read_text(encoding="utf-8").startswith("# SYNTHETIC")
    made = importlib.import_module("tools.example").made()
    pd.testing.assert_frame_equal(rows().drop(columns="synthetic"), made, check_dtype=False)


@pytest.mark.parametrize("turn", [pl.from_pandas, pa.Table.from_pandas])
def test_polars_and_arrow_give_the_numbers_of_pandas(turn):
    expected = ev.did(rows(), **DID, covariates=["sex", "age"]).to_frame()
    found = ev.did(turn(rows()), **DID, covariates=["sex", "age"]).to_frame()
    pd.testing.assert_frame_equal(found, expected)


@pytest.mark.parametrize(
    "turn", [pl.from_pandas, pa.Table.from_pandas, lambda t: t[[*t.columns[:-1]]], pd.DataFrame]
)
def test_the_mark_of_invented_data_goes_along(turn):
    assert "SYNTHETIC" in ev.did(turn(rows()), **DID).summary()


def test_clean_data_of_a_study_carry_their_mark():
    plain = pd.DataFrame(rows().to_dict("list")).assign(synthetic="SYNTHETIC BLINDED")
    assert "SYNTHETIC" in ev.did(plain, **DID).summary()
    assert "BLINDED" in ev.did(plain, **DID).summary()
    assert "[" not in ev.did(plain.assign(synthetic=1), **DID).summary()


def test_a_lazy_frame_is_told_to_collect():
    with pytest.raises(EstimationError, match=r"polars.LazyFrame(.|\n)*collect"):
        ev.balance(
            pl.from_pandas(rows()).lazy(), variables=["age"], treated="treated", cluster="village"
        )


def test_columns_of_the_other_byte_order_are_the_same_numbers():
    turned = rows()
    turned["trust"] = turned["trust"].to_numpy().astype(">f8")
    turned["weight"] = turned["weight"].to_numpy().astype(">f4")
    call = DID | {"weights": "weight"}
    assert ev.did(turned, **call).primary.estimate == pytest.approx(
        ev.did(rows(), **call).primary.estimate, rel=1e-6
    )
    table = {"outcome": "trust", "terms": ["treated"], "cluster": "village", "methods": ["cv1"]}
    assert (
        ev.regression(turned, **table).primary.estimate
        == ev.regression(rows(), **table).primary.estimate
    )


def spoiled(name, value, *, where=lambda t: t.index == 3):
    given = rows()
    if given[name].dtype != object and not isinstance(value, float):
        given[name] = given[name].astype(object)
    given.loc[where(given), name] = value
    return given


SENTENCES = {
    "offset": (lambda: rows().assign(trust=rows()["trust"] + 1e12), "16 digits", {}),
    "Stata double": (lambda: spoiled("trust", 2.0**1023), "Stata's missing", {}),
    "Stata float": (lambda: spoiled("trust", 2.0**127), "Stata's missing", {}),
    "Stata object": (lambda: spoiled("trust", StataMissingValue(101)), "Stata's missing", {}),
    "heavy": (lambda: rows().assign(weight=1e200), "no digits left", {"weights": "weight"}),
    "light": (lambda: rows().assign(weight=1e-200), "no digits left", {"weights": "weight"}),
    "apart": (
        lambda: rows().assign(weight=np.where(rows().index % 2, 1e9, 1e-9)),
        "no digits left",
        {"weights": "weight"},
    ),
    "blank": (lambda: spoiled("village", "village 01 "), "which read the same", {}),
    "few draws": (rows, "at least 20", {"draws": 19}),
    "mistyped": (rows, "did you mean trust?", {"outcome": "turst"}),
    "group in words": (
        lambda: rows().assign(treated=np.where(rows()["treated"] == 1, "yes", "no")),
        "frame[\"treated\"] == the value that stands for 1, which is one of 'no', 'yes'",
        {},
    ),
    "group of two codes": (
        lambda: rows().assign(treated=rows()["treated"] + 1), "which is one of 1, 2", {},
    ),
    "no group": (rows, "village is not 0 and 1 [sample]\n  fix: name a column of 0 and 1",
        {"treated": "village", "cluster": "person"},
    ),
    "number as text": (
        lambda: rows().assign(trust=rows()["trust"].astype(str)),
        'frame["trust"] = pandas.to_numeric(frame["trust"])', {},
    ),
    "answers in words": (
        lambda: rows().assign(trust="agree"), 'a number: frame["trust"].map(...)', {},
    ),
    "no such method": (rows, "'cv9' is not", {"methods": ["cv9"]}),
}  # fmt: skip


@pytest.mark.parametrize("case", SENTENCES)
def test_what_cannot_be_estimated_is_one_sentence(case):
    make, expected, changes = SENTENCES[case]
    with pytest.raises(EstimationError) as caught:
        ev.did(make(), **(DID | changes))
    assert expected in str(caught.value)
    assert caught.value.fix.text("es")


def test_a_person_at_the_prompt_sees_text():
    found = ev.did(rows(), **DID, covariates=["sex"])
    assert repr(found.notes) == (
        "('`sex` is used as dummies of its values, without the first, man',)"
    )
    assert "Message(" not in repr(found.primary)


def test_an_outcome_that_is_flat_at_baseline_has_an_effect_and_a_note():
    given = rows()
    flat = (given["endline"] == 0) & (given["treated"] == 0)
    given.loc[flat, "trust"] = 2.0
    found = ev.did(given, **DID)
    assert found.primary.estimate == found.primary.estimate
    assert np.isnan(found.primary.estimate_sd)
    assert "no size in standard deviations" in str(found)


def staggered():
    """Village 02 is after the start in 2001 already, all others in 2002."""
    given = rows()
    early = given["village"] == "village 02"
    year = (
        2000 + given["endline"] * np.where(early, 1, 2) + (1 - given["endline"]) * (given.index % 2)
    )
    return given.assign(year=year.where(~early | (given["endline"] == 1), 2000))


DOUBTS = {
    "text": (
        lambda: rows().assign(age=rows()["age"].astype(str)),
        "numbers as text",
        {"covariates": ["age"]},
    ),
    "codes": (lambda: spoiled("trust", 99.0), "holds 99 in 1 rows", {}),
    "negative codes": (lambda: spoiled("trust", -88.0), "holds -88", {}),
    "negative ages": (
        lambda: spoiled("age", -88.0), "`age` holds -88", {"covariates": ["age"]},
    ),
    "codes in decimals": (
        lambda: spoiled("trust", 99.0, where=lambda t: t.index.isin([3, 7])),
        "holds 99 in 2 rows",
        {},
    ),
    "negative codes in decimals": (
        lambda: spoiled("trust", -88.0, where=lambda t: t.index.isin([3, 7])).assign(
            trust=lambda t: t["trust"].mask(t["trust"] > 0, t["trust"] + 95)
        ),
        "holds -88",
        {},
    ),
    "doubles": (lambda: pd.concat([rows(), rows().iloc[:2]]), "in every column: 2", {}),
    "pooled": (
        lambda: rows().assign(wave=np.where(rows()["endline"] == 0, rows().index % 2, 2)),
        "`wave` has 3 values", {},
    ),
    "starts": (staggered, "begins at different times", {}),
    "ever treated": (
        lambda: rows().assign(cohort=np.where(rows()["village"] == "village 02", 2019, 2020)),
        "2 different starts", {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", DOUBTS)
def test_what_is_easily_wrong_is_noted_and_refused_by_a_strict_call(case):
    make, expected, changes = DOUBTS[case]
    given = make()
    if case in ("codes", "negative codes"):
        given["trust"] = given["trust"].round()
    call = DID | changes
    found = ev.did(given, **call)
    assert any(expected in str(note) for note in found.notes), [str(n) for n in found.notes]
    with pytest.raises(EstimationError, match="strict call refuses"):
        ev.did(given, **call, strict=True)


def test_whole_data_have_no_doubts():
    found = ev.did(rows(), **DID, covariates=["age", "sex"], strict=True)
    assert [str(note) for note in found.notes] == [
        "`sex` is used as dummies of its values, without the first, man"
    ]


def test_ages_near_ninety_are_no_codes():
    given = rows().assign(age=rows()["age"] + 19)
    assert given["age"].max() > 97
    assert ev.did(given, **DID, covariates=["age"], strict=True)


def measures():
    """Decimals as they are, with a code's number among them where a measure may have one."""
    random = np.random.default_rng(5)
    n = len(rows())
    yield "weight", random.normal(70, 15, n).round(1)
    yield "near ninety-nine", random.normal(95, 3, n).round(1)
    yield "income", random.lognormal(3, 1.5, n).round(1)
    yield "heavy tail", (random.pareto(1, n) * 10).round() / 2
    yield "percent", (100 * random.beta(0.3, 0.3, n)).round(1).clip(0, 99)
    yield "one far value", np.r_[random.random(n - 1), 99.0]


@pytest.mark.parametrize(("name", "values"), list(measures()))
def test_a_measure_is_no_list_of_codes(name, values):
    assert ev.did(rows().assign(age=values), **DID, covariates=["age"], strict=True), name


def test_whether_is_not_when():
    given = panel().assign(start=lambda t: t["start"].notna().astype(int))
    given["year"] += 2000
    with pytest.raises(EstimationError):
        ev.event_study(given, **EVENTS, strict=True)


def test_a_panels_rows_that_are_twice_stop_the_estimate_unless_they_have_no_outcome():
    made = panel()
    with pytest.raises(EstimationError, match="has a row already"):
        ev.event_study(pd.concat([made, made.iloc[:1]]), **EVENTS)
    gap = made.iloc[:1].assign(rate=np.nan)
    once, twice = (ev.event_study(pd.concat([made.iloc[1:], *[gap] * n]), **EVENTS) for n in (1, 2))
    assert twice.notes == once.notes
    assert twice.to_frame().equals(once.to_frame())


def test_several_outcomes_get_adjusted_p_values():
    found = CALLS["several"]()
    table = found.to_frame()
    assert table["outcome"].tolist() == ["trust", "age"]
    assert (table["p_adjusted"] >= table["p_value"]).all()
    alone = ev.did(rows(), **DID).primary
    assert table.loc[0, "p_value"] == alone.p_value
    plain = ev.did(rows(), **(DID | {"outcome": ["trust", "age"]}), methods=["cv1"]).to_frame()
    assert plain["p_adjusted"].tolist() == pytest.approx(
        np.minimum(1.0, 2 * plain["p_value"]).tolist()
    )


def test_one_name_of_several_is_not_its_letters():
    with pytest.raises(EstimationError, match="not a list"):
        ev.did(rows(), **DID, covariates="age")


MODULES = [name for _, name, _ in pkgutil.iter_modules(api.__path__) if name != "plots"]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_the_doors_run(name):
    module = importlib.import_module(f"evaluation.api.{name}")
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


def test_every_door_has_an_executed_example():
    for name in ev.__all__:
        assert ">>> import evaluation as ev" in getattr(ev, name).__doc__, name
        assert name in dir(ev)
    stub = (ROOT / "evaluation" / "__init__.pyi").read_text(encoding="utf-8")
    assert [name for name in ev.__all__ if f'    "{name}",' not in stub] == []
    with pytest.raises(AttributeError, match="two_rounds"):
        _ = ev.two_rounds


def test_a_call_loads_no_slow_library():
    code = (
        "import evaluation as ev, sys, json\n"
        "c = {'treated': 'treated', 'post': 'endline', 'cluster': 'village'}\n"
        "str(ev.did(ev.example(), outcome='trust', **c, draws=99))\n"
        "slow = ['scipy.stats', 'statsmodels', 'matplotlib', 'pyreadstat', 'polars', 'docx']\n"
        "print(json.dumps([n for n in slow if n in sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(run.stdout) == []


def test_latex_turns_a_wide_table_of_few_rows_and_says_a_repeated_name_once():
    """One outcome has fourteen numbers, which no line of a page holds side by side."""
    call = {"treated": "treated", "post": "endline", "cluster": "village"}
    one = ev.did(ev.example(), outcome="trust", **call).to_latex("es")
    assert one.count(r"\arraybackslash") == 2
    (line,) = [row for row in one.splitlines() if row.startswith("Estimación &")]
    assert line == r"Estimación & 0,4934 \\"
    methods = ["cv1", "cv3", "cr2", "wcr", "wcr_s"]
    several = ev.did(ev.example(), outcome="trust", **call, methods=methods).to_latex()
    firsts = [row.split(" & ")[0] for row in several.splitlines() if " & " in row]
    assert firsts == ["Outcome", "trust", "", "", "", ""]
