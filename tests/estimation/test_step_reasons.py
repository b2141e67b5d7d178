"""Steps whose numbers would be rounding, or could not say no: a reason instead, by both ways in."""

import dataclasses

import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.inference import permutation_draws, steps
from evaluation.estimation.inference.cr2 import cr2
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.regression import panel_products
from evaluation.estimation.regression.design import build
from evaluation.estimation.regression.fit import StepUnavailable, least_squares
from tests.estimation.one_call import two_rounds
from tests.estimation.regression.test_exact_outcomes import EXACT, marked
from tests.estimation.studies import DID, INFERENCE, PROVENANCE, STUDY, outcome, panel
from tests.estimation.test_two_rounds import CALL

EVERY = ("cv1", "cv3", "cr2", "wcr", "wcr_s", "ri")
HEADING = Heading.of(
    DID, outcome(), study=STUDY, level=INFERENCE.level, provenance=PROVENANCE, status="exploratory"
)


def by_rows(table, **changes):
    return build(table, dataclasses.replace(DID, **changes), outcome=outcome(), study=STUDY)


def by_cells(table, **changes):
    chosen = dataclasses.replace(DID, **changes)
    return panel_products.collect(table, chosen, outcomes=(outcome(),), study=STUDY).regression("y")


WAYS = pytest.mark.parametrize("way", [by_rows, by_cells])


@WAYS
@pytest.mark.parametrize("name", EXACT)
def test_cr2_of_an_outcome_without_residuals_cannot_be_had(name, way):
    """Rounding would leave a variance of 1e-34 or so, which is more than zero."""
    table = marked()
    table = table.assign(y=EXACT[name](table))
    made = way(table, covariates=("age",) if name == "covariate" else ())
    blocks = made.accumulate()
    with pytest.raises(StepUnavailable, match="CR2: the variance is zero, so residuals are"):
        cr2(blocks, least_squares(blocks), made.column)


@WAYS
def test_a_variance_of_rounding_is_refused_by_itself(way, monkeypatch):
    """As where residuals are left only in clusters that say nothing after adjustment."""
    monkeypatch.setattr(
        "evaluation.estimation.inference.cr2.check_residuals", lambda *_, **__: None
    )
    table = marked()
    made = way(table.assign(y=EXACT["effect"](table)))
    blocks = made.accumulate()
    with pytest.raises(StepUnavailable, match="CR2: no cluster has variation left for the coef"):
        cr2(blocks, least_squares(blocks), made.column)


@WAYS
def test_cr2_of_a_coefficient_that_one_cluster_identifies_cannot_be_had(way, monkeypatch):
    """Age varies in v02 alone and not between rounds: no direction of it is left after its fit.

    Rounding leaves a trace of 1e-30 of the variance that CR2 estimates, more than zero. Residuals
    are zero too, which is said first.
    """
    table = panel(43)
    inside = table["village"] == "v02"
    total = table.groupby(["village", "round"])["weight"].transform("sum")
    cell = table.assign(age=table["age"] * table["weight"] / total)
    mean = cell.groupby(["village", "round"])["age"].transform("sum")
    made = way(table.assign(age=(table["age"] - mean).where(inside, 0.0)), covariates=("age",))
    blocks = made.accumulate()
    fit = least_squares(blocks)
    with pytest.raises(StepUnavailable, match="CR2: the variance is zero, so residuals are zero"):
        cr2(blocks, fit, "age")
    monkeypatch.setattr(
        "evaluation.estimation.inference.cr2.check_residuals", lambda *_, **__: None
    )
    moved = dataclasses.replace(fit, sizes=0.0 * fit.sizes)
    with pytest.raises(StepUnavailable, match="CR2: no cluster has variation left for the coef"):
        cr2(blocks, moved, "age")


def a_trait():
    """Respondents of both rounds, with weights of their own, and whether they are of the coast."""
    table = marked()
    table = table[table["panel_member"]]
    first = table[table["round"] == "baseline"].set_index("respondent")
    table = table.assign(
        y=(table["respondent"].map(first["region"]) == "coast").astype(float),
        weight=table["respondent"].map(first["weight"]),
    )
    return table[table["y"].notna()].sample(frac=1.0, random_state=4)


@WAYS
def test_a_trait_that_no_one_changes_has_no_record_with_a_number(way):
    """Sums of equal numbers in another order: changes of 1e-17 with t statistics of their own."""
    analysis = steps.analyse(way(a_trait()), ("cv1", "cv3", "cr2"), draws=None)
    found = steps.records(analysis, HEADING)
    assert not any(isinstance(record, Estimate) for record in found)
    assert all("zero" in str(record.reason) for record in found)


def test_nor_has_it_by_the_front_door():
    found = two_rounds(a_trait(), **CALL, steps=EVERY, draws=99)
    assert [record.step for record in found] == list(EVERY)
    assert all(isinstance(record, Unavailable) for record in found)


@WAYS
def test_a_standard_deviation_of_rounding_divides_nothing(way):
    """Comparison villages all say 0.1 at baseline; sums of it leave an SD of 1e-17 or 1e-8.

    The latter where squares are summed around another point than the mean.
    """
    table = marked()
    same = (table["round"] == "baseline") & (table["arm"] == "comparison")
    made = way(table.assign(y=table["y"].mask(same, 0.1)))
    assert made.baseline_sd < 1e-7
    analysis = steps.analyse(made, ("cv1",), draws=None)
    with pytest.raises(EstimationError, match="does not vary in the comparison group at baseline"):
        steps.records(analysis, HEADING)
    in_sd = dataclasses.replace(HEADING, unit="SD")
    (record,) = steps.records(analysis, in_sd)
    assert record.estimate_sd == record.estimate


@WAYS
@pytest.mark.parametrize(("villages", "smallest"), [(4, "0.33"), (6, "0.1")])
def test_permutations_that_cannot_reject_are_said(villages, smallest, way):
    """By hand: 2 of 4 in 6 ways, 3 of 6 in 20; two of them give |t| whatever the data."""
    table = panel(44, clusters=villages)
    arms = dict(zip(table["village"], table["arm"], strict=True))
    drawn = permutation_draws.permutations(arms, strata={}, number=99, seed=1)
    analysis = steps.analyse(way(table), ("ri", "cv1"), draws=None, permutations=drawn)
    found, cv1 = steps.records(analysis, HEADING)
    assert isinstance(found, Unavailable)
    assert f"no p-value is below {smallest}, so none is below 0.05" in str(found.reason)
    assert isinstance(cv1, Estimate)
    low = dataclasses.replace(HEADING, level=0.6)
    assert isinstance(steps.records(analysis, low)[0], Estimate)
