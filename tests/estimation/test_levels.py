"""Means by arm and round, and the estimate they add up to."""

import dataclasses

import numpy as np
import pytest

from evaluation.errors import EstimationError
from evaluation.estimation.regression.levels_and_balance import levels, sampling_error
from evaluation.estimation.regression.sample import select
from tests.estimation.studies import DID, FACTORIAL, STUDY, outcome, panel
from tests.estimation.test_did import estimates


def table_of(table, specification=DID):
    sample = select(table, specification, value="z", rounds=("baseline", "endline"), study=STUDY)
    found = levels(sample, outcome("z"))
    return {(row.arm, row.round): row for row in found}


def test_difference_of_differences_is_the_estimate():
    """Equal weights, no covariates: four printed means and the estimate cannot disagree."""
    table = panel(30)
    found = table_of(table)
    change = {
        arm: found[arm, "endline"].mean - found[arm, "baseline"].mean
        for arm in ("treated", "comparison")
    }
    estimate = estimates(table, y="z")["cv1"].estimate
    assert change["treated"] - change["comparison"] == pytest.approx(estimate, abs=1e-10)


def test_mean_sd_and_counts_written_out():
    table = panel(31)
    row = table_of(table, dataclasses.replace(DID, estimand="respondents"))["treated", "endline"]
    rows = table[(table["arm"] == "treated") & (table["round"] == "endline")].dropna(subset=["z"])
    mean = np.average(rows["z"], weights=rows["weight"])
    variance = np.average((rows["z"] - mean) ** 2, weights=rows["weight"])
    assert row.mean == pytest.approx(mean, abs=1e-12)
    assert row.sd == pytest.approx(variance**0.5, abs=1e-12)
    assert (row.n, row.n_clusters) == (len(rows), 6)


def test_levels_stand_under_their_specification_in_the_studys_order():
    """Arms as declared, baseline before endline, and the counts of each cell by pandas."""
    table = panel(33)
    varied = dataclasses.replace(DID, estimand="respondents", sample="all")
    sample = select(table, varied, value="z", rounds=("baseline", "endline"), study=STUDY)
    rows = levels(sample, outcome("z", unit="percentage points"))
    assert [(row.arm, row.round) for row in rows] == [
        (arm, when) for arm in ("treated", "comparison") for when in ("baseline", "endline")
    ]
    seen = table.dropna(subset=["z"]).groupby(["arm", "round"])
    for row in rows:
        assert (row.study, row.outcome, row.estimand, row.sample.text(), row.unit) == (
            "small",
            "z",
            "respondents",
            "all",
            "percentage points",
        )
        cell = seen.get_group((row.arm, row.round))
        assert (row.n, row.n_clusters) == (len(cell), cell["village"].nunique())


def test_an_arm_that_was_not_interviewed_has_no_level():
    """Two of four arms are in the sample; the others leave no row."""
    table = panel(34)
    named = {"treated": "meetings", "comparison": "neither"}
    table["arm"] = table["arm"].map(named)
    two = dataclasses.replace(DID, treatment="meetings", adjust_treatments=("leaflets",))
    sample = select(table, two, value="z", rounds=("baseline", "endline"), study=FACTORIAL)
    rows = levels(sample, outcome("z"))
    assert [row.arm for row in rows] == ["neither"] * 2 + ["meetings"] * 2


def test_levels_have_the_error_of_people_sampled_within_clusters():
    """Written out: sum over villages of share^2 n/(n-1) sum (w (y - own mean) / sum w)^2."""
    table = panel(36)
    for (arm, when), row in table_of(table).items():
        rows = table[(table["arm"] == arm) & (table["round"] == when)].dropna(subset=["z"])
        variance = 0.0
        for _, own in rows.groupby("village"):
            y, w = own["z"].to_numpy(), own["weight"].to_numpy()
            part = w * (y - np.average(y, weights=w)) / w.sum()
            variance += len(y) / (len(y) - 1) * np.sum(part**2) / 6**2
        # sums of about sixty rows
        assert row.std_error == pytest.approx(variance**0.5, rel=1e-12), (arm, when)


def test_respondents_count_as_weighted_in_one_ratio():
    """Without fixed totals the deviations are from the mean of all, centred in each village."""
    rng = np.random.default_rng(8)
    clusters = np.repeat(list("abc"), [4, 6, 5]).astype(object)
    y, w = rng.normal(size=15), rng.uniform(1, 3, 15)
    z = w * (y - np.average(y, weights=w)) / w.sum()
    variance = sum(
        n / (n - 1) * np.sum((z[own] - z[own].mean()) ** 2)
        for name in "abc"
        for own in [clusters == name]
        for n in [own.sum()]
    )
    found = sampling_error(y, w, clusters, estimand="respondents")
    assert found == pytest.approx(variance**0.5, rel=1e-12)


@pytest.mark.truth
def test_clusters_of_one_interview_are_one_stratum_by_hand():
    """a: 0 and 2, b: 5, c: 9, equal weights: 2 x (1/4)^2 x 2 of a, 2 x (1/4)^2 x (4 + 4) of b, c.

    One alone joins the smallest of the others: 0, 2 and 5 around 7/3, 3/2 of 114/9 over 9.
    """
    one = np.ones(4)
    both = sampling_error(
        np.array([0.0, 2.0, 5.0, 9.0]),
        one,
        np.array(["a", "a", "b", "c"], dtype=object),
        estimand="equal",
    )
    assert both**2 == pytest.approx(2 * 2 / 16 + 2 * 8 / 16, rel=1e-14)
    alone = sampling_error(
        np.array([0.0, 2.0, 5.0]),
        one[:3],
        np.array(["a", "a", "b"], dtype=object),
        estimand="equal",
    )
    assert alone**2 == pytest.approx(3 / 2 * (114 / 9) / 9, rel=1e-14)


def test_a_single_interview_has_no_standard_error():
    with pytest.raises(EstimationError, match="single sampling unit"):
        sampling_error(np.ones(1), np.ones(1), np.array(["a"], dtype=object), estimand="equal")
