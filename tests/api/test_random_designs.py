"""Random designs of every door against dense arithmetic, and what must change nothing.

30 designs a door in each run, 300 in that of all tests. A design is refused only where the dense
arithmetic has no answer either.
"""

import numpy as np
import pytest

import evaluation as ev
from evaluation.errors import EstimationError
from evaluation.estimation.records import Estimate
from tests.api import random_designs as dense
from tests.api.random_designs import CLOSE

SEEDS = [*range(30), *(pytest.param(s, marks=pytest.mark.long) for s in range(30, 300))]
ALL_SEEDS = pytest.mark.parametrize("seed", SEEDS)
GROUPS = {"treated": "treated", "cluster": "c"}
# Of a statistic near zero the p-value has no relative digits.
NEAR = {"rel": CLOSE, "abs": CLOSE}


def drawn(seed, **choices):
    """One value of each choice."""
    rng = np.random.default_rng((seed, 2))
    return {name: values[rng.integers(len(values))] for name, values in choices.items()}


def found(door, given, call):
    """Estimate, standard error and p-value of each row, by term and method."""
    result = door(given, outcome="y", **call)
    return {
        # a category is a factor, whose label has its value
        (r.specification.replace("treated=1", "treated"), r.step): (
            r.estimate,
            r.std_error,
            r.p_value,
        )
        if isinstance(r, Estimate)
        else None
        for r in result.records
        if hasattr(r, "step")
    }


def assert_same(one, other, *, sign=1.0, scale=1.0):
    assert one.keys() == other.keys()
    for key, expected in one.items():
        row = other[key]
        assert (row is None) == (expected is None), key
        if row is not None and expected is not None:
            estimate, error, p = expected
            assert row[0] == pytest.approx(sign * scale * estimate, **NEAR), key
            assert row[1] == pytest.approx(scale * error, rel=CLOSE), key
            assert row[2] == pytest.approx(p, abs=CLOSE), key


def assert_dense(rows, fit, columns):
    for (term, method), row in rows.items():
        estimate, error, p = fit.row(method, columns.get(term, 0))
        if row is None:
            assert not np.isfinite(error), (term, method)
        else:
            assert row == pytest.approx((estimate, error, p), **NEAR), (term, method)


def assert_nothing_changes(door, given, call, rows, seed):
    """Order of rows, names of clusters, unit and level of the outcome, types of columns."""
    rng = np.random.default_rng((seed, 3))
    assert_same(rows, found(door, given.sample(frac=1.0, random_state=seed), call))
    ids = given["c"].unique()
    names = dict(zip(ids, rng.permutation(len(ids)).tolist(), strict=True))
    assert_same(rows, found(door, given.assign(c=given["c"].map(names)), call))
    scale = float(10.0 ** rng.integers(-3, 4))
    # a level of a thousand times the spread costs three digits
    moved = given.assign(y=scale * (given["y"] + 1e3))
    assert_same(rows, found(door, moved, call), scale=scale)
    types = dense.of_other_types(given)
    for name in (sorted(types)[seed % len(types)], sorted(types)[(seed + 1) % len(types)]):
        assert_same(rows, found(door, types[name], call))


@ALL_SEEDS
def test_did(seed):
    given = dense.survey(seed)
    call = GROUPS | {"post": "post", "population": "people", "methods": ["cv1", "cv3"]}
    call |= drawn(
        seed, weights=["none", "w"], estimand=["equal", "population", "respondents"],
        covariates=[(), ("x",), ("kind",), ("x", "kind")], strata_round=["", "block"],
    )  # fmt: skip
    fit = dense.did(given, call)
    if not fit.identifies(0):  # blocks that are the groups: nothing is left of the effect
        with pytest.raises(EstimationError, match="collinear"):
            found(ev.did, given, call)
        return
    rows = found(ev.did, given, call)
    assert_dense(rows, fit, {})
    assert_nothing_changes(ev.did, given, call, rows, seed)
    swapped = given.assign(treated=1 - given["treated"])
    assert_same(rows, found(ev.did, swapped, call), sign=-1.0)


@ALL_SEEDS
def test_ancova(seed):
    given = dense.after(seed)
    call = GROUPS | {"baseline": "before", "methods": ["cv1", "cv3", "classical", "hc1"]}
    call |= drawn(
        seed, weights=["none", "w"], blocks=["", "block"],
        covariates=[(), ("x",), ("kind",), ("x", "kind")],
    )  # fmt: skip
    rows = found(ev.ancova, given, call)
    assert_dense(rows, dense.ancova(given, call), {})
    assert_nothing_changes(ev.ancova, given, call, rows, seed)
    swapped = given.assign(treated=1 - given["treated"])
    assert_same(rename(rows), rename(found(ev.ancova, swapped, call)), sign=-1.0)


def rename(rows):
    """By method alone."""
    return {method: row for (_, method), row in rows.items()}


@ALL_SEEDS
def test_regression(seed):
    given = dense.survey(seed)
    terms = [("treated", "post"), "dose"]
    call = {"cluster": "c", "terms": terms, "controls": ["post", "x"]}
    call |= {"methods": ["cv1", "cv3", "classical", "hc1"]}
    call |= drawn(seed, weights=["none", "w"], absorb=["", "c", "block", "kind"])
    rows = found(ev.regression, given, call)
    assert_dense(rows, dense.regression(given, call), {"treated x post": 0, "dose": 1})
    assert_nothing_changes(ev.regression, given, call, rows, seed)


@ALL_SEEDS
def test_balance(seed):
    given = dense.survey(seed)
    call = GROUPS | {"variables": ["x", "kind"], "post": "post", "population": "people"}
    call |= drawn(seed, weights=["none", "w"], estimand=["equal", "population", "respondents"])
    columns = ["difference", "std_error", "p_value", "normalised_difference"]

    def table(frame):
        made = ev.balance(frame, **call).to_frame()
        return made.set_index("variable")[columns].to_numpy(dtype=float)

    expected = np.array([row[1:] for row in dense.balance(given, call)])
    rows = table(given)
    np.testing.assert_allclose(rows, expected, rtol=CLOSE, atol=CLOSE)
    changed = [given.sample(frac=1.0, random_state=seed), given.assign(c=given["c"] + " north")]
    types = dense.of_other_types(given)
    for other in (*changed, types[sorted(types)[seed % len(types)]]):
        np.testing.assert_allclose(table(other), rows, rtol=CLOSE, atol=CLOSE)
    swapped = table(given.assign(treated=1 - given["treated"]))
    np.testing.assert_allclose(swapped, rows * [-1, 1, 1, -1], rtol=CLOSE, atol=CLOSE)
    moved = table(given.assign(x=given["x"] * 4.0))
    np.testing.assert_allclose(moved[0], rows[0] * [4, 4, 1, 1], rtol=CLOSE, atol=CLOSE)


@ALL_SEEDS
def test_bounds(seed):
    given = dense.survey(seed)
    call = GROUPS | {"post": "post", "respondent": "who", "method": "cv1"}
    call |= drawn(seed, weights=["none", "w"], estimand=["equal", "respondents"])
    scale = (float(np.floor(given["y"].min())), float(np.ceil(given["y"].max())))

    def ends(frame, by=1.0, level=0.0):
        made = ev.bounds(
            frame, outcome="y", **call, scale=tuple(by * (end + level) for end in scale)
        )
        return made.to_frame()[["low", "high", "ci_low", "ci_high"]].to_numpy()

    rows = ends(given)
    expected = [dense.attrition(given, call), dense.silence(given, call | {"scale": scale})]
    np.testing.assert_allclose(rows[:, :2], expected, rtol=CLOSE, atol=CLOSE)
    assert (rows[:, 2] <= rows[:, 0]).all()
    assert (rows[:, 3] >= rows[:, 1]).all()
    types = dense.of_other_types(given)
    for other in (
        given.sample(frac=1.0, random_state=seed),
        given.assign(c=given["c"] + " north"),
        types[sorted(types)[seed % len(types)]],
    ):
        np.testing.assert_allclose(ends(other), rows, rtol=CLOSE, atol=CLOSE)
    swapped = ends(given.assign(treated=1 - given["treated"]))
    np.testing.assert_allclose(swapped, -rows[:, [1, 0, 3, 2]], rtol=CLOSE, atol=CLOSE)
    moved = ends(given.assign(y=2.0 * (given["y"] + 100.0)), 2.0, 100.0)
    np.testing.assert_allclose(moved, 2.0 * rows, rtol=CLOSE, atol=CLOSE)
