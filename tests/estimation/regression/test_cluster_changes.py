"""One change per cluster: least squares of the changes is the regression of the rows."""

import dataclasses

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.regression.cluster_changes import cluster_means, last_round, two_rounds
from tests.analysis.checks.small_checks import ROUNDING, case, least_squares, primary
from tests.estimation.studies import ANCOVA, DID, panel


def changes_of(table, **keys):
    made = case(table, "bracket", **keys)
    built = made.primary_design()
    return made, built, cluster_means(two_rounds(built))


def on_treatment(built, found, weights):
    treated = np.isin(found.cluster, built.clusters_treated).astype(float)
    X = np.column_stack([treated, np.ones(len(treated))])
    return least_squares(X, found.change, weights)[0]


@pytest.mark.property
@pytest.mark.parametrize("y", ["y", "z"])
def test_first_differences_are_the_primary_estimate_under_equal_weights(y):
    """Bertrand, Duflo and Mullainathan (2004), section IV.C, with two rounds and weight one."""
    made, built, found = changes_of(panel(3), y=y)
    expected = on_treatment(built, found, np.ones(len(found.cluster)))
    assert primary(made)["cv3"].estimate == pytest.approx(expected, abs=ROUNDING)


@pytest.mark.property
@pytest.mark.parametrize("estimand", ["equal", "population", "respondents"])
def test_weights_of_changes_give_the_primary_estimate(estimand):
    """h = w0 w1 / (w0 + w1) makes least squares of the changes that of the rows."""
    made, built, found = changes_of(
        panel(9), specification=dataclasses.replace(DID, estimand=estimand)
    )
    assert found.cluster.tolist() == sorted(found.cluster)
    expected = on_treatment(built, found, found.weight)
    assert primary(made)["cv3"].estimate == pytest.approx(expected, abs=ROUNDING)


def test_needs_two_rounds():
    made = case(panel(1), "bracket", specification=ANCOVA)
    with pytest.raises(EstimationError, match="two rounds"):
        last_round(made.primary_design())
