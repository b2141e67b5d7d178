"""Each kind of check gives the rows that the register names, each once."""

import pytest

from evaluation.analysis.checks.check_context import computes
from evaluation.config.check_kinds import KINDS
from evaluation.estimation.records import (
    Bound,
    CovariateBalance,
    Diagnostic,
    Difference,
    Estimate,
    Level,
    Unavailable,
)
from tests.analysis.checks.every_check import rows_of_the_study
from tests.analysis.checks.register import REGISTER


def line(row):
    """What a row is, apart from its numbers."""
    if isinstance(row, Estimate):
        return ("estimate", row.sample.text(), row.step, row.unit)
    if isinstance(row, Unavailable):
        return ("unavailable", row.sample.text(), row.step)
    if isinstance(row, Difference):
        return ("difference", row.sample.text(), row.unit)
    if isinstance(row, Bound):
        return ("bound", row.sample.text(), str(row.ci_kind), row.unit)
    if isinstance(row, CovariateBalance):
        return ("balance", row.variable)
    if isinstance(row, Level):
        return ("level", row.sample.text(), row.arm, row.round, row.unit)
    assert isinstance(row, Diagnostic)
    return ("diagnostic", row.sample.text(), row.name, row.unit)


def test_every_kind_is_in_the_register():
    assert set(REGISTER) == set(KINDS) == set(computes)


@pytest.mark.parametrize("kind", REGISTER)
def test_rows_of_each_kind(kind):
    """Rows as registered, each once, under the check's heading whatever regression it is from."""
    expected = REGISTER[kind].rows
    rows = rows_of_the_study(kind)
    found = [line(row) for row in rows]
    assert set(found) == expected
    assert len(found) == len(expected), "a row is there twice"
    for row in rows:
        assert row.study == "small"
        if isinstance(row, Level):
            continue
        assert row.specification == "looked"
        if isinstance(row, CovariateBalance):
            continue
        assert (row.outcome, row.estimand) == ("y", "equal")
        if isinstance(row, Estimate | Difference | Bound):
            assert (row.status, row.level) == ("exploratory", 0.95)
            assert (row.plan_hash, row.data_hash) == ("p" * 64, "d" * 64)
            assert min(row.n, row.n_clusters_treated, row.n_clusters_comparison) > 0
