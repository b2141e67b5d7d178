"""Every check in another unit of the outcome, from another zero, and with other units of weight.

Definition: effects are in the outcome's unit, so they are multiplied with it; p-values, shares,
correlations and effects in standard deviations know no unit, and nothing but means knows a zero.
"""

import dataclasses
import math

import pytest

from evaluation.estimation.records import (
    Bound,
    CovariateBalance,
    Diagnostic,
    Difference,
    Estimate,
    Level,
    Unavailable,
)
from tests.analysis.checks.every_check import people, places, rows_of, rows_of_the_study
from tests.analysis.checks.register import REGISTER
from tests.estimation.studies import DID, series

# The same sums of numbers of another size: six digits of fifteen.
EXACT = 1e-6
# Rows of other variables than the outcome.
OTHERS = ("covariate:", "rate:", "silent", "item:", "first_stage")
# Rows of item nonresponse that are in the unit of the outcome.
OF_THE_OUTCOME = ("answered", "silence", "assumed:half", "assumed:once", "assumed:twice")
IN_UNIT = ("estimate", "std_error", "ci_low", "ci_high", "baseline_comparison_sd")
WITHOUT = ("statistic", "df", "p_value", "estimate_sd", "n", "n_clusters_treated", "level")


@pytest.fixture(scope="module")
def table():
    return people()


def rows(kind, table, **keys):
    return rows_of(kind, table, places(table), series(table), **keys)


def alike(one, other, what):
    if math.isnan(one) or math.isinf(one):
        assert str(one) == str(other), what
    else:
        assert other == pytest.approx(one, rel=EXACT, abs=EXACT), what


def compare_differences(one, other, factor):
    moved = 1.0 if one.sample.text().startswith(OTHERS) else factor
    for name in ("estimate", "difference", "std_error", "ci_low", "ci_high"):
        alike(getattr(one, name), getattr(other, name) / moved, (one.sample.text(), name))
    for name in ("df", "n", "n_clusters_treated", "level"):
        alike(getattr(one, name), getattr(other, name), (one.sample.text(), name))


def compare(one, other, factor):
    """A row and the same row after the change, by what its numbers are."""
    assert type(one) is type(other)
    if isinstance(one, Unavailable):
        assert (one.sample.text(), one.step, one.reason) == (
            other.sample.text(),
            other.step,
            other.reason,
        )
    elif isinstance(one, CovariateBalance):
        alike(one.before, other.before, one.variable)
        alike(one.after, other.after, one.variable)
    elif isinstance(one, Diagnostic):
        moved = factor if one.unit == "points" else 1.0
        alike(one.value, other.value / moved, (one.sample.text(), one.name))
    elif isinstance(one, Level):
        alike(one.mean, other.mean, (one.arm, one.round))
    elif isinstance(one, Bound):
        moved = factor if one.unit == "points" else 1.0
        for name in ("low", "high", "ci_low", "ci_high"):
            alike(getattr(one, name), getattr(other, name) / moved, (one.sample.text(), name))
    elif isinstance(one, Difference):
        compare_differences(one, other, factor)
    else:
        assert isinstance(one, Estimate)
        moved = 1.0 if one.sample.text().startswith(OTHERS) else factor
        for name in IN_UNIT:
            alike(
                getattr(one, name),
                getattr(other, name) / moved,
                (one.sample.text(), one.step, name),
            )
        for name in WITHOUT:
            alike(getattr(one, name), getattr(other, name), (one.sample.text(), one.step, name))


@pytest.mark.property
@pytest.mark.parametrize("kind", REGISTER)
def test_another_unit_of_the_outcome(kind, table):
    known = rows_of_the_study(kind)
    for factor in (1e4, 1e-5):
        columns = [name for name in table.columns if name == "y" or name.startswith("y__looked")]
        changed = table.assign(**{name: factor * table[name] for name in columns})
        found = rows(kind, changed)
        assert len(known) == len(found)
        # an index in SD, and items, have their own unit
        own = 1.0 if kind in ("nonresponse", "measurement") else factor
        for one, other in zip(known, found, strict=True):
            if kind == "nonresponse" and (
                isinstance(one, Bound) or one.sample.text() in OF_THE_OUTCOME
            ):
                compare(one, other, factor)
            else:
                compare(one, other, own)


@pytest.mark.property
@pytest.mark.parametrize("kind", REGISTER)
def test_another_zero_of_the_outcome(kind, table):
    """Levels move by it, as the diagnostic of levels does; nothing else."""
    columns = [name for name in table.columns if name == "y" or name.startswith("y__looked")]
    changed = table.assign(**{name: 50.0 + table[name] for name in columns})
    for one, other in zip(rows_of_the_study(kind), rows(kind, changed), strict=True):
        if isinstance(one, Diagnostic) and one.name == "baseline_level":
            alike(one.value + 50.0, other.value, one.sample.text())
        else:
            compare(one, other, 1.0)


@pytest.mark.property
@pytest.mark.parametrize("estimand", ["equal", "respondents"])
@pytest.mark.parametrize("kind", REGISTER)
def test_another_unit_of_the_weights(kind, estimand, table):
    """Only what share of all the weight somebody has counts."""
    own = dataclasses.replace(DID, estimand=estimand)
    changed = table.assign(weight=table["weight"] / 2048.0)
    known, found = rows_of_the_study(kind, own), rows(kind, changed, specification=own)
    for one, other in zip(known, found, strict=True):
        compare(one, other, 1.0)
