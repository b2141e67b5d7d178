"""Somebody who stands for next to nobody changes no weighted number, whatever their answer.

Definition: every mean, share and moment is weighted, so that a weight of a billionth beside
weights of one moves it by a billionth of how far the answer is away.
"""

import math

import pandas as pd
import pytest

from evaluation.analysis.checks.measurement_invariance import FIT
from evaluation.estimation.records import Bound, Diagnostic, Difference, Estimate
from tests.analysis.checks.every_check import people, places, rows_of, rows_of_the_study
from tests.analysis.checks.register import REGISTER
from tests.estimation.studies import series

# Answers a hundred away, of a billionth of the weight: a square moves by 1e-5 over some ten people.
NOTHING, AWAY, MOVED = 1e-9, 100.0, 1e-5
# How much sampling alone would move a change is told by the number of people too.
KINDS = [kind for kind in REGISTER if kind != "variance_of_changes"]
# What counts people, or takes everybody's answer as it is: numbers left out and not published,
# reliabilities and factor models of answers (`measurement` says that both are unweighted), largest
# and smallest answers, and the median of interviews.
COUNTED = (
    "interviews_",
    "undated_",
    "rows_without_",
    "alpha",
    "omega",
    "rest:",
    *FIT,
    "people",
    "factor_did",
    "index_did",
    "lowest_probability",
    "largest_propensity",
)
# Who did how many interviews in each group, and how far answers go with who asked: of interviews,
# as `interviewers` says. What the estimate makes of it (`two_way`) is weighted as the estimate is.
OF_INTERVIEWS = ("v", "icc")


@pytest.fixture(scope="module")
def more_people():
    table = people()
    member = table["panel_member"]
    few = table[~member].groupby(["village", "round"]).head(1)
    few = few[few["village"].isin(["v00", "v01", "v05", "v12", "v13", "v20"])]
    added = few.assign(
        respondent=few["respondent"] + "x",
        weight=NOTHING,
        y=few["y"] + AWAY,
        **{name: few[name] + AWAY for name in few.columns if name.startswith("y__looked")},
    )
    return pd.concat([table, added], ignore_index=True)


def numbers(row):
    if isinstance(row, Estimate):
        names = ("estimate", "std_error", "ci_low", "ci_high", "p_value", "estimate_sd")
        names += ("baseline_comparison_mean", "baseline_comparison_sd")
    elif isinstance(row, Bound):
        names = ("low", "high", "ci_low", "ci_high")
    elif isinstance(row, Difference):
        names = ("estimate", "difference", "std_error", "ci_low", "ci_high")
    elif isinstance(row, Diagnostic) and not row.name.startswith(COUNTED):
        names = () if row.name in OF_INTERVIEWS else ("value",)
    else:
        names = ()
    return {name: getattr(row, name) for name in names}


@pytest.mark.property
@pytest.mark.parametrize("kind", KINDS)
def test_a_weightless_answer_moves_nothing(kind, more_people):
    plain = rows_of_the_study(kind)
    more = rows_of(kind, more_people, places(more_people), series(more_people))
    assert len(plain) == len(more)
    for one, other in zip(plain, more, strict=True):
        found = numbers(other)
        for name, value in numbers(one).items():
            what = (one.sample.text(), getattr(one, "step", ""), getattr(one, "name", ""), name)
            if math.isnan(value):
                assert math.isnan(found[name]), what
            else:
                assert found[name] == pytest.approx(value, rel=MOVED, abs=MOVED), what
