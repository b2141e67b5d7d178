"""Numbers of the doors, held against other programs and against each other.

Tolerances: both sides sum the same products in another order, which moves the last four or so of
sixteen digits; 1e-9 leaves room for a condition number of a thousand.
"""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import evaluation as ev
from evaluation.errors import EstimationError
from evaluation.estimation.sensitivity.attrition_bounds import change_bounds
from tests.tables import cases

CASES = cases(__file__)

CLOSE = {"rel": 1e-9, "abs": 1e-12}
COLUMNS = {"treated": "treated", "post": "endline", "cluster": "village"}


def rows():
    return ev.example().dropna(subset=["trust"]).reset_index(drop=True)


def by(found, method, term=0):
    table = found.to_frame()
    return table[table["method"] == method].iloc[term]


def design(given, names, *, absorb=None):
    columns = [given[n].astype(float) if isinstance(n, str) else given[n[0]] * given[n[1]] * 1.0
               for n in names]  # fmt: skip
    if absorb:
        columns += [(given[absorb] == v).astype(float) for v in sorted(given[absorb].unique())]
    else:
        columns.append(pd.Series(1.0, index=given.index))
    return np.column_stack(columns)


@pytest.mark.truth
@pytest.mark.parametrize("absorb", ["", "village", "sex"])
@pytest.mark.parametrize("weights", ["none", "weight"])
def test_regression_is_that_of_statsmodels(absorb, weights):
    """Source: statsmodels WLS with dummies, nonrobust, HC1 clustered without n - 1."""
    given = rows()
    terms = [("treated", "endline"), "endline", "age"]
    found = ev.regression(
        given, outcome="trust", terms=terms, cluster="village", absorb=absorb, weights=weights,
        methods=["cv1", "classical", "hc1"],
    )  # fmt: skip
    w = 1.0 if weights == "none" else given[weights]
    x = design(given, terms, absorb=absorb or None)
    fit = sm.WLS(given["trust"], x, weights=w).fit()
    g = given["village"].nunique()
    clustered = fit.get_robustcov_results(
        "cluster", groups=pd.factorize(given["village"])[0], use_correction=False
    ).bse * np.sqrt(g / (g - 1))
    robust = fit.get_robustcov_results("HC1").bse
    for j in range(3):
        assert by(found, "cv1", j)["estimate"] == pytest.approx(fit.params.iloc[j], **CLOSE)
        assert by(found, "cv1", j)["std_error"] == pytest.approx(clustered[j], **CLOSE)
        assert by(found, "classical", j)["std_error"] == pytest.approx(fit.bse.iloc[j], **CLOSE)
        assert by(found, "hc1", j)["std_error"] == pytest.approx(robust[j], **CLOSE)
        assert by(found, "hc1", j)["df"] == fit.df_resid
        assert by(found, "classical", j)["p_value"] == pytest.approx(fit.pvalues.iloc[j], **CLOSE)


def test_regression_with_effects_of_clusters_is_did():
    given = rows()
    methods = ["wcr_s", "cv3", "cr2", "cv1"]
    found = ev.regression(
        given, outcome="trust", terms=[("treated", "endline")], controls=["endline"],
        absorb="village", cluster="village", weights="weight", methods=methods, draws=199,
    )  # fmt: skip
    expected = ev.did(
        given, outcome="trust", **COLUMNS, weights="weight", estimand="respondents",
        methods=methods, draws=199,
    )  # fmt: skip
    for name in ("estimate", "std_error", "ci_low", "ci_high", "p_value", "df"):
        assert found.to_frame()[name].tolist() == pytest.approx(
            expected.to_frame()[name].tolist(), rel=1e-8
        )
    assert found.to_frame()["clusters"].eq(24).all()
    assert found.to_frame()["term"].unique().tolist() == ["treated x endline"]


def test_a_treatment_may_vary_inside_clusters_and_categories_are_dummies():
    given = rows().assign(lottery=lambda t: (t.index % 3 == 0).astype(int))
    found = ev.regression(
        given, outcome="trust", terms=["lottery", "sex"], cluster="village", methods=["cv1"]
    )
    assert found.to_frame()["term"].tolist() == ["lottery", "sex=woman"]
    x = np.column_stack([given["lottery"], given["sex"] == "woman", np.ones(len(given))])
    fit = np.linalg.lstsq(x.astype(float), given["trust"], rcond=None)[0]
    assert found.to_frame()["estimate"].tolist() == pytest.approx(fit[:2].tolist(), rel=1e-9)


def test_column_names_are_never_read_as_a_formula():
    given = rows().rename(columns={"age": "C(village) + I(1/0)"})
    found = ev.regression(
        given, outcome="trust", terms=["C(village) + I(1/0)"], cluster="village", methods=["cv1"]
    )
    assert found.to_frame()["term"].tolist() == ["C(village) + I(1/0)"]


def test_rows_that_lack_a_column_are_counted():
    given = rows()
    given.loc[:4, "age"] = np.nan
    found = ev.regression(given, outcome="trust", terms=["age"], cluster="village", methods=["cv1"])
    assert any("missing: 5" in str(note) for note in found.notes)
    assert by(found, "cv1")["n"] == len(given) - 5


@pytest.mark.parametrize(("changes", "expected"), CASES["refused"])
def test_a_regression_that_cannot_be_is_refused(changes, expected):
    given = pd.concat([rows()] * 2, ignore_index=True).assign(constant=1.0)
    given["who"] = np.arange(len(given)) % 600
    call = {"outcome": "trust", "cluster": "village"} | changes
    with pytest.raises(EstimationError, match=expected):
        ev.regression(given, **call)


@pytest.mark.truth
def test_ancova_is_that_of_statsmodels():
    """Source: statsmodels WLS on treatment, baseline with zero where missing, its indicator."""
    given = ev.example()
    before = given[given["endline"] == 0].set_index("person")["trust"]
    after = given[given["endline"] == 1].dropna(subset=["trust"])
    after = after.assign(before=after["person"].map(before), block=after["village"].str[-1:])
    found = ev.ancova(
        after, outcome="trust", baseline="before", treated="treated", cluster="village",
        methods=["cv1", "classical"], weights="weight",
    )  # fmt: skip
    known = after["before"].notna()
    assert not known.all()
    x = np.column_stack(
        [after["treated"], after["before"].fillna(0.0), ~known, np.ones(len(after))]
    )
    fit = sm.WLS(after["trust"], x.astype(float), weights=after["weight"]).fit()
    assert by(found, "classical")["estimate"] == pytest.approx(fit.params.iloc[0], **CLOSE)
    assert by(found, "classical")["std_error"] == pytest.approx(fit.bse.iloc[0], **CLOSE)
    assert by(found, "cv1")["n"] == len(after)


def test_power_that_is_solved_for_reaches_it_and_one_less_does_not():
    design_ = {"icc": 0.05, "cac": 0.6, "panel_share": 0.5, "individual_correlation": 0.4}
    clusters = ev.power(**design_, respondents=30, effect=0.25, chance=0.8).primary
    assert clusters == 24
    for number, enough in ((clusters, True), (clusters - 1, False)):
        found = ev.power(
            **design_, treated=number, comparison=number, respondents=30, effect=0.25
        ).primary
        assert (found >= 0.8) is enough
    people = ev.power(**design_, treated=clusters, comparison=clusters, effect=0.25).primary
    assert people <= 30
    effect = ev.power(**design_, treated=20, comparison=20, respondents=30).primary
    again = ev.power(**design_, treated=20, comparison=20, respondents=30, effect=effect).primary
    assert again == pytest.approx(0.8, abs=1e-9)


def test_chances_of_conclusions_add_up():
    found = ev.power(
        icc=0.05, treated=20, comparison=20, respondents=30, effect=0.2, smallest_effect=0.3
    ).to_frame()
    chances = found.filter(like="chance_").iloc[0]
    assert chances.sum() == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"effect": 0.2}, "exactly one"),
        ({"treated": 20, "respondents": 20, "effect": 0.2}, "one group only"),
        ({"treated": 3, "comparison": 3, "effect": 0.01, "chance": 0.8}, "add clusters"),
        ({"respondents": 20, "effect": 1e-9}, "larger effect"),
    ],
)
def test_a_design_that_cannot_be_is_refused(changes, expected):
    with pytest.raises(EstimationError, match=expected):
        ev.power(icc=0.1, **changes)


def test_attrition_bounds_are_those_of_the_check():
    given = rows()
    found = ev.bounds(
        given, outcome="trust", **COLUMNS, respondent="person", estimand="respondents"
    )
    first = given[given["endline"] == 0]
    last = given[given["endline"] == 1].set_index("person")["trust"]
    change = (first["person"].map(last) - first["trust"]).to_numpy()
    expected = change_bounds(change, np.ones(len(first)), first["treated"].to_numpy() == 1)
    assert (found.primary.low, found.primary.high) == pytest.approx((expected.low, expected.high))
    assert found.primary.ci_low < found.primary.low <= found.primary.high < found.primary.ci_high


def test_silence_is_bounded_by_the_worst_fillings():
    given = ev.example()
    call = {"outcome": "trust", **COLUMNS, "estimand": "respondents", "draws": 99}
    found = ev.bounds(given, **call, scale=(0, 10)).primary
    effects = []
    silent = given["trust"].isna()
    for up in (0, 10):
        # a treated answer at endline counts with the effect, at baseline against it
        upward = (given["treated"] == given["endline"]).to_numpy()
        filled = given["trust"].where(~silent, np.where(upward, up, 10 - up))
        effects.append(ev.did(given.assign(trust=filled), **call, methods=["cv1"]).primary.estimate)
    assert (found.low, found.high) == pytest.approx(tuple(effects), rel=1e-9)
    with pytest.raises(EstimationError, match="outside the scale"):
        ev.bounds(given, **call, scale=(0, 5))
    with pytest.raises(EstimationError, match="neither"):
        ev.bounds(given, **call)


def test_balance_by_hand():
    given = rows()
    found = ev.balance(given, variables=["age", "sex"], treated="treated", cluster="village",
                       post="endline").to_frame()  # fmt: skip
    first = given[given["endline"] == 0]
    one, two = (first.loc[first["treated"] == k, "age"] for k in (1, 0))
    row = found.iloc[0]
    assert row["difference"] == pytest.approx(one.mean() - two.mean())
    spread = np.sqrt((one.var(ddof=0) + two.var(ddof=0)) / 2)
    assert row["normalised_difference"] == pytest.approx((one.mean() - two.mean()) / spread)
    assert row["n"] == len(first)
    assert found["variable"].tolist() == ["age", "sex=man", "sex=woman"]
