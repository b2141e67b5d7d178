"""Shares that parallel trends imply: by hand, by group means, and without each village."""

import dataclasses

import numpy as np
import pytest

from evaluation.analysis.checks.check_context import questions
from evaluation.analysis.checks.functional_form import _cells, _implied, _targets, functional_form
from evaluation.config.plan import Item
from evaluation.errors import EstimationError
from tests.analysis.checks.outcome_checks import (
    ROUNDING,
    diagnostics,
    equal_weights,
    people,
    reasons,
    trial,
    without,
)
from tests.estimation.studies import ANCOVA, DID, FACTORIAL, outcome, panel

KIND = "functional_form"
PLAIN = dataclasses.replace(DID, estimand="respondents", weights="none")
# Both stop when coefficients move by less than 1e-9; statsmodels' scoring and ours then agree
# to about the square root of what is left in the likelihood.
CONVERGED = 1e-6


def answers(seed, **size):
    """Answers 1 to 5."""
    table = panel(seed, **size)
    return table.assign(y=np.clip(np.round(table["y"] + 3.0), 1.0, 5.0))


def test_distributions_by_arm_and_round_and_what_parallel_shares_imply():
    table = answers(6)
    said = diagnostics(functional_form(trial(table, KIND)))
    w = equal_weights(table)
    share = {}
    for arm in ("treated", "comparison"):
        for round_id in DID.contrast:
            rows = (table["arm"] == arm) & (table["round"] == round_id)
            for value in (1, 2, 3, 4, 5):
                share[arm, round_id, value] = w[rows & (table["y"] == value)].sum() / w[rows].sum()
                found = said[f"{arm}:{round_id}", f"share:{value}"]
                assert found == pytest.approx(share[arm, round_id, value], abs=ROUNDING)
    for value in (1, 2, 3, 4, 5):
        expected = (
            share["treated", "baseline", value]
            + share["comparison", "endline", value]
            - share["comparison", "baseline", value]
        )
        assert said["implied", f"share:{value}"] == pytest.approx(expected, abs=CONVERGED)


@pytest.mark.truth
def test_a_distribution_that_cannot_be_is_counted():
    """Nobody treated answered 1 before, and comparison 1s fell from half to none: implied -1/2."""
    given = {
        ("c", "baseline"): [1, 1, 2, 3],
        ("c", "endline"): [2, 2, 3, 3],
        ("t", "baseline"): [2, 2, 3, 3],
        ("t", "endline"): [2, 3, 3, 1],
    }
    table = people({(f"{g}{n}", r): v for (g, r), v in given.items() for n in (1, 2)})
    said = diagnostics(functional_form(trial(table, KIND)))
    assert said["implied", "share:1"] == pytest.approx(-0.5, abs=ROUNDING)
    assert said["implied", "share:2"] == pytest.approx(0.75, abs=ROUNDING)
    assert said["implied", "negative_shares"] == 1.0
    assert said["implied", "smallest_share"] == pytest.approx(-0.5, abs=ROUNDING)
    assert said["implied", "smallest_share_std_error"] == pytest.approx(0.0, abs=ROUNDING)


def test_the_smallest_implied_share_has_its_jackknife_error():
    case = trial(answers(7), KIND)
    said = diagnostics(functional_form(case))
    smallest = said["implied", "smallest_share"]
    label = min(
        (k for k in said if k[0] == "implied" and k[1].startswith("share:")), key=said.__getitem__
    )
    left = [
        diagnostics(functional_form(without(case, v)))[label]
        for v in sorted(set(case.frames.panel["village"]))
    ]
    expected = np.sqrt(11 / 12 * np.sum((np.array(left) - smallest) ** 2))
    assert said["implied", "smallest_share_std_error"] == pytest.approx(expected, rel=1e-6)


def test_an_implied_share_without_its_jackknife_says_of_what():
    """Here without the second village, of which no share is known in one arm and round."""
    made = trial(answers(7), KIND)
    whole = _cells(made, made.design(made.frames.panel))
    share = whole.share.copy()
    share[2] = np.nan
    said = reasons(_implied(made, dataclasses.replace(whole, share=share), "y"))
    reason = "without some cluster an arm has no rows in a round"
    assert said == {("item:y:implied", "smallest_share_std_error"): reason}


def test_two_turns_of_the_scale_are_none():
    inner = outcome("inner", function="mean", items=(Item(name="c", sign=-1), Item(name="d")))
    top = outcome("y", function="mean", items=(Item(name="inner", sign=-1), Item(name="e")))
    plan = trial(panel(8), KIND, outcomes=(top, inner)).plan
    assert [(i.name, i.sign) for i in questions(top, plan)] == [("c", 1), ("d", -1), ("e", 1)]


def test_an_unknown_item_is_an_error_and_a_dull_one_is_said():
    table = answers(12).assign(dull=1.0)
    index = (outcome("y", function="index", unit="SD", items=(Item(name="dull"),)),)
    rows = tuple(functional_form(trial(table, KIND, outcomes=index)))
    assert "same value in every row" in reasons(rows)["item:dull:implied", "all"]
    with pytest.raises(EstimationError, match="no column absent"):
        tuple(functional_form(trial(table, KIND, variables=("absent",))))


def test_one_round_is_an_error():
    last = answers(13).query("round == 'endline'").assign(y_baseline=lambda t: t["age"])
    suffix = dataclasses.replace(ANCOVA, lag="suffix")
    with pytest.raises(EstimationError, match="needs two rounds"):
        tuple(functional_form(trial(last, KIND, specification=suffix)))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("value", [("y", "")]),
        ("mean", [("a", "a"), ("b", "b")]),
        ("sum", [("a", "a"), ("b", "b")]),
        ("index", [("a", "a"), ("b", "b")]),
    ],
)
def test_what_is_made_of_items_is_looked_at_item_by_item(function, expected):
    made = outcome("y", function=function, items=(Item(name="a"), Item(name="b")))
    assert list(_targets(trial(answers(8), KIND, outcomes=(made,)))) == expected


def test_an_index_is_looked_at_item_by_item_through_its_inner_outcomes():
    table = answers(8)
    table = table.assign(
        a=table["y"], b=(table["y"] > 3).astype(float), c=6.0 - table["y"], index=table["y"] / 2
    )
    inner = outcome("inner", function="mean", items=(Item(name="b"), Item(name="c", sign=-1)))
    top = outcome("index", function="index", unit="SD", items=(Item(name="a"), Item(name="inner")))
    rows = tuple(functional_form(trial(table, KIND, outcomes=(top, inner))))
    assert {s for s, name in diagnostics(rows) if name == "smallest_share"} == {
        f"item:{name}:implied" for name in "abc"
    }
    # the same answers turned round
    said = diagnostics(rows)
    for value in (1, 2, 3, 4, 5):
        assert said["item:a:implied", f"share:{value}"] == pytest.approx(
            said["item:c:implied", f"share:{6 - value}"], abs=CONVERGED
        )
    own = tuple(functional_form(trial(table, KIND, outcomes=(top, inner), variables=("a",))))
    assert {s.split(":")[1] for s, _ in diagnostics(own)} == {"a"}


def test_many_values_have_no_shares():
    rows = tuple(functional_form(trial(panel(10), KIND)))
    assert "only linear models" in reasons(rows)["implied", "all"]
    assert diagnostics(rows) == {}


def test_four_arms_imply_shares_of_everybody_with_the_treatment():
    """Both arms with meetings at endline, less the effect by least squares of the share."""
    table = panel(11, clusters=16)
    arms = ("both", "meetings", "leaflets", "neither")
    table = table.assign(
        y=(table["y"] > 0.2).astype(float), arm=[arms[int(v[1:]) % 4] for v in table["village"]]
    )
    specification = dataclasses.replace(
        PLAIN, treatment="meetings", adjust_treatments=("leaflets",)
    )
    case = trial(table, KIND, study=FACTORIAL, specification=specification)
    said = diagnostics(functional_form(case))
    post = (table["round"] == "endline").to_numpy(dtype=float)
    one, two = (
        table["arm"].isin([t, "both"]).to_numpy(dtype=float) for t in ("meetings", "leaflets")
    )
    X = np.column_stack([np.ones(len(post)), one, two, one * two, post, one * post, two * post])
    y = table["y"].to_numpy()
    effect = np.linalg.lstsq(X, y, rcond=None)[0][5]
    expected = y[(one * post).astype(bool)].mean() - effect
    assert said["implied", "share:1"] == pytest.approx(expected, abs=CONVERGED)
