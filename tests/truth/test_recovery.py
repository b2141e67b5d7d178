"""Does the estimator find effects that are known? Repeated demonstration surveys say so.

Each of 200 draws, 500 in the long run, is a whole survey of 70 municipalities and two rounds
without flaws, attrition or silence that differs (what that hides is not in the answers, so that no
estimate can find it), made into outcomes by the pipeline's own construction and estimated as a plan
is, all outcomes from one pass over the rows; that each outcome by itself gives the same is tested
on one of them. The truth of a draw is its finite-sample effect on the treated: the same endline
interviews with and without the programme, design weights inside a municipality, municipalities
counted equally.
"""

import dataclasses

import numpy as np
import pytest

from evaluation.data.cleaning.outcomes import construct
from evaluation.estimation.inference import bootstrap, steps
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.records import Provenance
from evaluation.estimation.regression import panel_products
from tests.estimation.one_estimate import estimate
from tests.fixtures.demonstration import demonstration

pytestmark = pytest.mark.simulation

DRAWS = (200, pytest.param(500, marks=pytest.mark.long))
# Intervals need their bounds to about a tenth of a standard error here, which 999 draws give.
BOOTSTRAPS = 999
NOTHING = Provenance(study="", plan_hash="", data_hash="", version="")


def truth_of(treated, untreated, name, weight):
    """Mean over municipalities of the weighted mean effect on their endline interviews."""
    rows = treated[(treated["round"] == "endline") & (treated["arm"] == "treated")]
    rows = rows[rows[name].notna()]
    effect = rows[name] - untreated.loc[rows.index, name]
    total = rows.groupby("municipality")[weight].transform("sum")
    return float((effect * rows[weight] / total).sum() / rows["municipality"].nunique())


def in_one_pass(panel, specification, outcomes, draws):
    """Records of each outcome in turn, its steps in the order of the specification."""
    made = demonstration()
    collected = panel_products.collect(panel, specification, outcomes=outcomes, study=made.study)
    for outcome in outcomes:
        heading = Heading.of(
            specification,
            outcome,
            study=made.study,
            level=made.plan.inference.level,
            provenance=NOTHING,
            status="exploratory",
        )
        asked = specification.steps_for(outcome)
        built = collected.regression(outcome.id)
        yield steps.records(steps.analyse(built, asked, draws=draws), heading)


@pytest.fixture(scope="module", params=DRAWS)
def surveys(request):
    """Per primary outcome, one row per draw: estimate, truth, interval, CV3 interval."""
    made = demonstration()
    plan, study = made.plan, made.study
    primary = tuple(plan.primary_outcomes())
    specification = dataclasses.replace(plan.primary_specification(), steps=("wcr_s", "cv3"))
    inner = [o.id for o in plan.outcome if any(o.id == i.name for p in primary for i in p.items)]
    names = (*inner, *(o.id for o in primary))
    variables = made.items_of(*names)
    rows = {o.id: [] for o in primary}
    for number in range(request.param):
        data = made.draw("default", seed=20_000 + number, variables=variables)
        observed, _ = construct(data.panel, plan, study, outcomes=names)
        untreated, _ = construct(data.untreated, plan, study, outcomes=names)
        draws = bootstrap.draws(data.frame[study.columns.cluster], number=BOOTSTRAPS, seed=number)
        for wild, cv3 in in_one_pass(observed, specification, primary, draws):
            truth = truth_of(observed, untreated, wild.outcome, specification.weights)
            rows[wild.outcome].append(
                (wild.estimate, truth, wild.ci_low, wild.ci_high, cv3.ci_low, cv3.ci_high)
            )
    return {name: np.array(found) for name, found in rows.items()}


OUTCOMES = ("trust_neighbours", "confidence_police", "victimisation_any")


def test_an_outcome_by_itself_gives_what_one_pass_gives():
    """Sums of the same 14,000 rows in another order: nine digits of ten agree."""
    made = demonstration()
    plan, study = made.plan, made.study
    primary = tuple(plan.primary_outcomes())
    specification = dataclasses.replace(plan.primary_specification(), steps=("wcr_s", "cv3"))
    data = made.draw("default", seed=20_000)
    panel, _ = construct(data.panel, plan, study)
    draws = bootstrap.draws(data.frame[study.columns.cluster], number=BOOTSTRAPS, seed=0)
    for outcome, rows in zip(
        primary, in_one_pass(panel, specification, primary, draws), strict=True
    ):
        alone = estimate(
            panel,
            specification,
            outcome=outcome,
            study=study,
            inference=plan.inference,
            provenance=NOTHING,
            status="exploratory",
            draws=draws,
        )
        for one, other in zip(rows, alone, strict=True):
            for name in ("estimate", "std_error", "p_value", "ci_low", "ci_high"):
                assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9)


@pytest.mark.parametrize("name", OUTCOMES)
def test_mean_estimate_is_the_effect(surveys, name):
    """Within three Monte Carlo standard errors of the mean difference."""
    error = surveys[name][:, 0] - surveys[name][:, 1]
    assert len(error) >= 200
    assert abs(error.mean()) < 3.0 * error.std(ddof=1) / len(error) ** 0.5


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.parametrize(("method", "low", "high"), [("wcr_s", 2, 3), ("cv3", 4, 5)])
def test_intervals_cover_the_effect(surveys, name, method, low, high):
    """95 % intervals cover in 95 % of draws, to two Monte Carlo standard errors: 1 % of 500."""
    found = surveys[name]
    covered = np.mean((found[:, low] <= found[:, 1]) & (found[:, 1] <= found[:, high]))
    error = (0.95 * 0.05 / len(found)) ** 0.5
    assert abs(covered - 0.95) <= 2.05 * error, method


def test_there_are_effects_to_find_and_none_where_none_was_put_in(surveys):
    """Otherwise an estimator that always says zero would pass."""
    for name in ("trust_neighbours", "victimisation_any"):
        truth = surveys[name][:, 1]
        assert abs(truth.mean()) > 10.0 * truth.std(ddof=1) / len(truth) ** 0.5
    assert (surveys["confidence_police"][:, 1] == 0.0).all()
