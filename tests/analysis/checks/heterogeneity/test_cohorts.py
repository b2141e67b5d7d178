"""Entry cohorts against one comparison group, by hand and by explicit dummies."""

import dataclasses
import datetime

import numpy as np
import pytest

from evaluation.analysis.checks.subgroups import cohorts
from evaluation.config.study import Cohort
from evaluation.errors import EstimationError
from tests.analysis.checks.small_checks import (
    ROUNDING,
    case,
    cluster_dummies,
    equal_weights,
    estimates,
    least_squares,
    numbers,
    primary,
    published,
    reasons,
    villages,
)
from tests.estimation.studies import COLUMNS, DID, STUDY, TEXT, panel


def _study(*names, **changes):
    entered = tuple(
        Cohort(id=name, label=TEXT, entry=datetime.date(2021 + k, 3, 1))
        for k, name in enumerate(names)
    )
    columns = dataclasses.replace(COLUMNS, cohort="cohort")
    return dataclasses.replace(STUDY, columns=columns, cohort=entered, **changes)


def _case(table, entry, *, study=None, **keys):
    """``entry`` maps treated villages to cohorts."""
    known = table[["village", "arm", "population"]].drop_duplicates("village")
    frame = known.assign(cohort=known["village"].map(entry)).sort_values("village")
    study = study or _study("first", "second")
    return case(table, "cohorts", study=study, frame=frame, **keys)


EARLY = {f"v{g:02d}": "first" if g < 3 else "second" for g in range(6)}


@pytest.mark.truth
def test_worked_by_hand():
    """Changes 3, 1 (first), 5, 6 (second), comparison 1, 2: effects .5, 4, difference -3.5.

    Without c1 or c2 the difference stays -3.5; without t1, t2 it is -4.5, -2.5; without t3, t4
    it is -4, -3. Squared deviations 1 + 1 + 1/4 + 1/4 = 2.5; times 5/6.
    """
    table = villages({"t1": 3.0, "t2": 1.0, "t3": 5.0, "t4": 6.0, "c1": 1.0, "c2": 2.0})
    entry = {"t1": "first", "t2": "first", "t3": "second", "t4": "second"}
    study = _study("first", "second", minimum_clusters=2, minimum_cell=1)
    found = estimates(cohorts(_case(table, entry, study=study)))
    assert found["only:first", "cv3"].estimate == pytest.approx(0.5, abs=ROUNDING)
    assert found["only:second", "cv3"].estimate == pytest.approx(4.0, abs=ROUNDING)
    record = found["difference:first-second", "cv3"]
    assert record.estimate == pytest.approx(-3.5, abs=ROUNDING)
    assert record.std_error == pytest.approx((2.5 * 5 / 6) ** 0.5, abs=ROUNDING)
    assert (record.n_clusters_treated, record.n_clusters_comparison) == (4, 2)


def test_a_cohort_is_the_primary_regression_without_the_others():
    table = panel(3)
    found = estimates(cohorts(_case(table, EARLY)))
    for name in ("first", "second"):
        others = [village for village, cohort in EARLY.items() if cohort != name]
        kept = primary(_case(table[~table["village"].isin(others)], EARLY))
        for step in ("wcr_s", "cv3"):
            assert numbers(found[f"only:{name}", step]) == pytest.approx(
                numbers(kept[step]), abs=ROUNDING
            )


def test_the_difference_with_a_covariate_by_explicit_dummies():
    """With a covariate common to the cohorts the difference is not that of the separate rows."""
    table = panel(3)
    made = _case(table, EARLY, specification=dataclasses.replace(DID, covariates=("age",)))
    found = estimates(cohorts(made))["difference:first-second", "wcr_s"]
    post = (table["round"] == "endline").to_numpy(float)
    cohort = table["village"].map(EARLY)
    X = np.column_stack(
        [
            post * (cohort == "first"),
            post * (cohort == "second"),
            post,
            table["age"],
            cluster_dummies(table["village"]),
        ]
    ).astype(float)
    beta = least_squares(X, table["y"].to_numpy(), equal_weights(table).to_numpy())
    assert found.estimate == pytest.approx(beta[0] - beta[1], abs=1e-9)


def test_three_cohorts_are_set_against_the_first():
    table = panel(3, clusters=18)
    entry = {f"v{g:02d}": ("first", "second", "third")[g // 3] for g in range(9)}
    found = estimates(cohorts(_case(table, entry, study=_study("first", "second", "third"))))
    for name in ("second", "third"):
        apart = found[f"only:{name}", "cv3"].estimate - found["only:first", "cv3"].estimate
        record = found[f"difference:{name}-first", "cv3"]
        assert record.estimate == pytest.approx(apart, abs=ROUNDING)


def test_a_cohort_of_too_few_clusters():
    entry = {f"v{g:02d}": "first" if g < 2 else "second" for g in range(6)}
    made = _case(panel(3), entry)
    rows = published(made, cohorts(made))
    assert "fewer than 3 treated and 6 comparison" in reasons(rows)["only:first", "all"]
    # the second against everybody, beside the primary estimate, would tell what the first's did
    assert reasons(rows)["only:second", "all"] == (
        "too few clusters left out to publish: fewer than 3 of the treatment group"
    )
    assert reasons(rows)["difference:first-second", "all"] == "no effect for first"
    assert not estimates(rows)


@pytest.mark.parametrize(
    ("entry", "study", "problem"),
    [
        (EARLY, STUDY, "declares no two entry cohorts"),
        (EARLY, _study("first"), "declares no two entry cohorts"),
        (EARLY | {"v00": "third"}, None, "1 treated clusters have no declared cohort"),
        ({"v00": "first"}, None, "5 treated clusters have no declared cohort"),
    ],
)
def test_studies_without_cohorts(entry, study, problem):
    with pytest.raises(EstimationError, match=problem):
        cohorts(_case(panel(3), entry, study=study))
