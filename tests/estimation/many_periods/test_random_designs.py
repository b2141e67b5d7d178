"""Random designs through the door: the value of a second calculation, or a refusal that is due.

Each seed makes a panel (cohorts before, in and after it; weights, strata, missing rows, a
covariate) and a call; `dense` calculates it anew. Then the same has to come of other orders, names,
units and types of column. Tolerance: both are sums of some hundred numbers around ten in double
precision, and least squares of dummies costs two digits.
"""

import datetime

import numpy as np
import pandas as pd
import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from tests.estimation.many_periods import dense
from tests.tables import cases

CASES = cases(__file__)

COLUMNS = {"outcome": "y", "unit": "unit", "time": "time", "first_treated": "first"}
FIXED, NIGHTLY = range(30), range(30, 330)
CLOSE = {"rel": 1e-9, "abs": 1e-8}


def design(seed):
    """A panel and the choices of a call."""
    draw = np.random.default_rng([26, seed])
    units, periods = int(draw.integers(9, 24)), int(draw.integers(5, 10))
    begun = [np.nan, *draw.integers(2, periods + 3, size=int(draw.integers(2, 4)))]
    first = draw.choice(begun, size=units)
    if draw.random() < 0.2:
        first = np.where(np.isnan(first), periods, first)
    unit, time = (v.ravel() for v in np.mgrid[0:units, 1 : periods + 1])
    x = draw.normal(size=units)
    weights = 1.0 + draw.integers(0, 3, size=units) if draw.random() < 0.4 else np.ones(units)
    strata = draw.integers(0, 2, size=units) if draw.random() < 0.3 else np.zeros(units, int)
    frame = pd.DataFrame(
        {
            "unit": [f"u{k:02d}" for k in unit],
            "time": time,
            "first": first[unit],
            "x": x[unit],
            "w": weights[unit],
            "s": strata[unit],
            "y": draw.normal(size=len(unit)) + 5.0 * draw.normal(size=units)[unit] + 0.4 * time,
        }
    )
    frame["y"] += np.where(time >= first[unit], 1.0 + 0.5 * (time - first[unit]), 0.0)
    if draw.random() < 0.3:
        frame = frame.drop(index=draw.choice(len(frame), size=3, replace=False))
    choices = {
        "method": draw.choice(["imputation", "callaway_santanna", "callaway_santanna"]).item(),
        "anticipation": int(draw.integers(0, 3)),
        "weights": "w",
        "strata": "s",
        "draws": 19,
    }
    if choices["method"] == "callaway_santanna":
        choices["comparison"] = draw.choice(["never", "not_yet"]).item()
        choices["base"] = draw.choice(["universal", "varying"]).item()
        if not strata.any() and draw.random() < 0.3:
            choices |= {"covariates": ["x"], "model": "regression"}
    return frame, choices


def expected(frame, choices):
    """The simple average and effects by relative period of the second calculation."""
    anticipation = choices["anticipation"]
    if choices["method"] == "imputation":
        return dense.imputed(frame, anticipation=anticipation), {}
    found, size = dense.cells(
        frame,
        comparison=choices["comparison"],
        base=choices["base"],
        anticipation=anticipation,
        regression="covariates" in choices,
    )
    return dense.averages(found, size) if found else (None, {})


def call(frame, choices):
    """The result, or the id of the refusal; nothing else may come."""
    try:
        return ev.event_study(frame, **COLUMNS, **choices)
    except EstimationError as refused:
        return refused.problem.id if refused.where == "event_study" else str(refused)


def due(refusal, frame, choices, simple):
    """Whether a call had to be refused: no contrast or effect, no value or slope of a covariate."""
    if refusal == "panel-told-apart.problem":
        # a slope cannot be had from one unit, where least squares of the least norm gives a number
        names = ("comparison", "base", "anticipation")
        cells = dense.compared(frame, **{name: choices[name] for name in names})
        return "covariates" in choices and any(len(other) == 1 for *_, other in cells)
    first = frame["first"].fillna(np.inf)
    first = first.where(first <= frame["time"].max(), np.inf)
    if refusal == "panel-no-contrast.problem":
        return bool((first == first.iloc[0]).all())
    if refusal == "panel-no-covariate.problem":
        before = frame["time"] < max(first.min(), 2)
        return set(frame.loc[before, "unit"]) < set(frame["unit"])
    return simple is None and refusal in ("panel-no-effect.problem", "panel-not-imputed.problem")


def check(seed):
    frame, choices = design(seed)
    simple, events = expected(frame, choices)
    found = call(frame, choices)
    if isinstance(found, str):
        assert due(found, frame, choices, simple), (found, simple)
        return
    assert simple is not None
    assert found.primary.estimate == pytest.approx(simple, **CLOSE)
    table = found.table[found.table["kind"] == "event"].set_index("at")["estimate"]
    for at, value in events.items():
        assert table[at] == pytest.approx(value, **CLOSE), at
    assert not events or set(table.index) - {"average"} == set(events)
    rows = frame.groupby("unit")["first"].first()
    if (rows < frame["time"].max() + 1).sum() < 6:
        assert found.primary.inference == "permutation"
    for name, other, factor in same(frame, seed):
        again = call(other, choices)
        assert again.primary.estimate == pytest.approx(factor * simple, **CLOSE), name
        if found.primary.inference != "permutation":
            expected_p = pytest.approx(found.primary.p_value, rel=1e-6, nan_ok=True)
            assert again.primary.p_value == expected_p, name


def same(frame, seed):
    """The same panel in another order, with other names, units, numbers and types of column."""
    draw = np.random.default_rng([27, seed])
    yield "order", frame.sample(frac=1.0, random_state=seed), 1.0
    name = dict(zip(sorted(set(frame["unit"])), draw.permutation(1000).tolist(), strict=False))
    yield "names", frame.assign(unit=frame["unit"].map(name)), 1.0
    yield "outcome", frame.assign(y=7.0 - 3.0 * frame["y"]), -3.0
    shift = int(draw.integers(-20, 2_000))
    yield "periods", frame.assign(time=frame["time"] + shift, first=frame["first"] + shift), 1.0
    for form in draw.choice(list(FORMS), size=2, replace=False).tolist():
        make, never = FORMS[form]
        first = [never if np.isnan(v) else make(int(v)) for v in frame["first"]]
        made = frame.assign(time=[make(t) for t in frame["time"]], first=first)
        dtype = DTYPES.get(form)
        yield form, made.astype({"time": dtype, "first": dtype}) if dtype else made, 1.0


MONTHS = CASES["months"]
FORMS = {
    "dates": (lambda t: datetime.date(2010 + t, 1, 1), None),
    "months": (lambda t: pd.Timestamp(2019, t, 1), pd.NaT),
    "years of pandas": (lambda t: pd.Period(year=2000 + t, freq="Y"), pd.NaT),
    "Int64": (lambda t: t, pd.NA),
    "float32": (float, np.nan),
    "arrow": (lambda t: t, pd.NA),
    "objects with zero": (lambda t: t, 0),
    "numbers as text": (str, None),
    "months as text": (lambda t: f"2019-{t:02d}", None),
    "categories": (lambda t: MONTHS[t - 1], None),
}
DTYPES = {
    "Int64": "Int64",
    "float32": "float32",
    "arrow": "int64[pyarrow]",
    "objects with zero": object,
    "categories": pd.CategoricalDtype(MONTHS, ordered=True),
}


@pytest.mark.parametrize("seed", FIXED)
def test_a_random_design_has_the_value_of_the_second_calculation(seed):
    check(seed)


@pytest.mark.simulation
@pytest.mark.long
@pytest.mark.parametrize("seed", NIGHTLY)
def test_more_random_designs_have_the_value_of_the_second_calculation(seed):
    check(seed)


def test_the_designs_reach_what_they_are_for():
    """Of the fixed ones: refusals are few, and every choice occurs."""
    made = [design(seed) for seed in FIXED]
    refused = [isinstance(call(*one), str) for one in made]
    assert 0 < sum(refused) < 8
    for key, values in (
        ("method", {"imputation", "callaway_santanna"}),
        ("anticipation", {0, 1, 2}),
        ("comparison", {"never", "not_yet", None}),
        ("base", {"universal", "varying", None}),
        ("model", {"regression", None}),
    ):
        assert {choices.get(key) for _, choices in made} == values
    assert any(len(frame) < frame["unit"].nunique() * frame["time"].max() for frame, _ in made)
    assert any(frame["first"].max() == frame["time"].max() + 1 for frame, _ in made)
