"""Matched comparison clusters: by hand, and by loops over distances of another library."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist

from evaluation.stats.fit import StepUnavailable
from evaluation.stats.robustness.case import JACKKNIFE
from evaluation.stats.robustness.comparison import entropy_balancing, matching
from tests.stats.robustness.small_checks import (
    ROUNDING,
    case,
    diagnostics,
    estimates,
    numbers,
    primary,
    villages,
)
from tests.stats.robustness.village_checks import (
    cluster_weights,
    frame_from,
    frame_of,
    row_weights,
    with_dummies,
)
from tests.stats.studies import DID, STUDY, panel

CHANGES = {"t1": 5.0, "t2": 7.0, "t3": 3.0, "c1": 1.0, "c2": 2.0, "c3": 0.0, "c4": 9.0}
POVERTY = {"t1": 10.0, "t2": 20.0, "t3": 21.0, "c1": 11.0, "c2": 19.0, "c3": 30.0, "c4": 50.0}


@pytest.mark.truth
def test_matching_by_hand():
    """t1 is matched to c1, t2 and t3 to c2: 5 - (1 + 2 + 2) / 3 = 10 / 3."""
    study = dataclasses.replace(STUDY, minimum_clusters=2)
    made = case(
        villages(CHANGES),
        "matching",
        variables=("poverty",),
        frame=frame_from(POVERTY),
        study=study,
    )
    rows = list(matching(made))
    found = estimates(rows)["all", "cv3"]
    assert found.estimate == pytest.approx(10.0 / 3.0, abs=ROUNDING)
    assert (found.n_clusters_treated, found.n_clusters_comparison, found.n) == (3, 2, 20)
    assert found.df == 6.0
    assert found.p_kind == f"{JACKKNIFE}, approximate: matches jump"
    assert diagnostics(rows) == {
        ("all", "effective_comparison_clusters"): pytest.approx(9.0 / 5.0, abs=ROUNDING),
        ("all", "largest_comparison_share"): pytest.approx(2.0 / 3.0, abs=ROUNDING),
        ("all", "treated_without_overlap"): 0,
        ("all", "treated_without_overlap_share"): 0.0,
    }
    # Without t1: 5 - 2. Without t2 or t3: 4 - 1.5, 6 - 1.5. Without c1 t1's nearest is c2, 9
    # away, inside the reach. Without c2 the reach is 19.9: t2 and t3 take c1 and c3, both 9 away:
    # c1 for t2 (9 against 10), c3 for t3 (9 against 10).
    without = np.array([3.0, 2.5, 4.5, 3.0, 5.0 - 2.0 / 3.0, 10.0 / 3.0, 10.0 / 3.0])
    error = np.sqrt(6.0 / 7.0 * np.sum((without - 10.0 / 3.0) ** 2))
    assert found.std_error == pytest.approx(error, abs=ROUNDING)


@pytest.mark.truth
def test_a_treated_village_far_from_all_others_is_left_out():
    """Distances between comparisons: 8, 8, 11, 20, quantile 18.65; t4 is 20 from c4."""
    study = dataclasses.replace(STUDY, minimum_clusters=2)
    made = case(
        villages(CHANGES | {"t4": 100.0}),
        "matching",
        variables=("poverty",),
        frame=frame_from(POVERTY | {"t4": 70.0}),
        study=study,
    )
    rows = list(matching(made))
    assert estimates(rows)["all", "cv3"].estimate == pytest.approx(10.0 / 3.0, abs=ROUNDING)
    assert diagnostics(rows)["all", "treated_without_overlap"] == 1
    assert diagnostics(rows)["all", "treated_without_overlap_share"] == pytest.approx(0.25)
    near = case(
        villages(CHANGES | {"t4": 100.0}),
        "matching",
        variables=("poverty",),
        frame=frame_from(POVERTY | {"t4": 68.6}),
        study=study,
    )
    assert diagnostics(matching(near))["all", "treated_without_overlap"] == 0


def matching_twin(table, known, names):
    """Mahalanobis distances by scipy with an explicit inverse covariance, matches by loops."""
    weights = row_weights(table, "population")
    h = cluster_weights(table, weights)
    at = known.set_index("village").loc[h.index]
    own, other = (list(at.index[at["arm"] == arm]) for arm in ("treated", "comparison"))
    X = at[list(names)]
    inner = pd.concat([X.loc[g] - X.loc[g].mean() for g in (own, other)])
    VI = np.linalg.inv(inner.T.to_numpy() @ inner.to_numpy() / len(inner))
    metric = {"metric": "mahalanobis", "VI": VI}
    across = pd.DataFrame(cdist(X.loc[own], X.loc[other], **metric), own, other)
    among = pd.DataFrame(cdist(X.loc[other], X.loc[other], **metric), other, other)
    nearest = [min(among.loc[c, d] for d in other if d != c) for c in other]
    reach = np.quantile(nearest, 0.95)
    total = pd.Series(0.0, h.index)
    for t in own:
        if across.loc[t].min() <= reach:
            total[t] += h[t]
            total[across.loc[t].idxmin()] += h[t]
    return with_dummies(table, weights * table["village"].map(total / h)), total


def test_matching_by_loops():
    table = panel(5, clusters=20)
    known = frame_of(table, seed=1, names=("poverty", "distance", "coca"), wide=1.5)
    names = ("poverty", "distance", "coca")
    made = case(
        table,
        "matching",
        variables=names,
        frame=known,
        specification=dataclasses.replace(DID, estimand="population"),
    )
    found = estimates(matching(made))["all", "cv3"]
    full, total = matching_twin(table, known, names)
    assert found.estimate == pytest.approx(full, abs=1e-9)
    used = total[total > 0].index
    assert found.n == table["village"].isin(used).sum()
    assert found.n_clusters_treated + found.n_clusters_comparison == len(used) < 20
    without = np.array(
        [
            matching_twin(table[table["village"] != v], known, names)[0]
            for v in sorted(known["village"])
        ]
    )
    error = np.sqrt(19 / 20 * np.sum((without - full) ** 2))
    assert found.std_error == pytest.approx(error, abs=1e-9)


def test_matched_rows_keep_the_scale_of_the_primary_estimate():
    table = panel(5, clusters=20)
    known = frame_of(table, seed=1)
    made = case(table, "matching", variables=("poverty",), frame=known)
    found, plain = estimates(matching(made))["all", "cv3"], primary(made)["cv3"]
    assert numbers(found)[5] == numbers(plain)[5]
    assert found.baseline_comparison_sd == plain.baseline_comparison_sd


def test_too_few_matching_villages_are_not_informative():
    """c1 alone serves every treated village; three are the study's minimum."""
    poverty = {"t1": 10.0, "t2": 10.5, "t3": 11.0, "c1": 10.0, "c2": 30.0, "c3": 50.0, "c4": 70.0}
    made = case(villages(CHANGES), "matching", variables=("poverty",), frame=frame_from(poverty))
    with pytest.raises(StepUnavailable, match="not informative: fewer than 3 comparison clusters"):
        list(matching(made))


def test_covariates_that_repeat_each_other_have_no_distance():
    table = panel(3)
    known = frame_of(table).assign(double=lambda f: 2.0 * f["poverty"], flat=1.0)
    for names in (("poverty", "double"), ("poverty", "flat")):
        made = case(table, "matching", variables=names, frame=known)
        with pytest.raises(StepUnavailable, match="constant or repeat each other"):
            list(matching(made))


def test_the_frame_may_be_in_any_order():
    table = panel(5, clusters=20)
    known = frame_of(table, seed=1)
    mixed = known.sample(frac=1.0, random_state=1)
    for kind in (entropy_balancing, matching):
        one, two = (
            estimates(kind(case(table, "matching", variables=("poverty",), frame=f)))["all", "cv3"]
            for f in (known, mixed)
        )
        np.testing.assert_array_equal(numbers(one), numbers(two))
