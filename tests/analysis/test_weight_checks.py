"""Checks of any weights: totals, spread and rounds, by hand; columns and rounds that lack."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.design_weights import check_weights
from tests.data import field


def study(**columns):
    known = field.study()
    names = {"weight": "weight", "population": "people", "stratum": "zone"} | columns
    return dataclasses.replace(known, columns=dataclasses.replace(known.columns, **names))


def panel():
    """Two clusters in two rounds: at baseline 1 + 3 and 2 + 2, at endline 1 + 3 and 6 + 6."""
    return pd.DataFrame(
        {
            "round": ["baseline"] * 4 + ["endline"] * 4,
            "municipality": ["M00", "M00", "M01", "M01"] * 2,
            "zone": ["a", "a", "b", "b"] * 2,
            "weight": [1.0, 3.0, 2.0, 2.0, 1.0, 3.0, 6.0, 6.0],
            "people": [100.0, 100.0, 300.0, 300.0] * 2,
        }
    )


def by_place(checks):
    return {(c.round, c.level, c.name): c for c in checks}


def test_checks_by_hand():
    """Baseline: 4 and 4 of 8, people 100 and 300 of 400: M00 has 2 times its part, M01 2/3."""
    found = by_place(check_weights(panel(), study()))
    first, second = (found["baseline", "cluster", m] for m in ("M00", "M01"))
    assert (first.total, second.total, first.n) == (4.0, 4.0, 2)
    assert first.coverage == pytest.approx(2.0, rel=1e-15)  # exact numbers, one division
    assert second.coverage == pytest.approx(2 / 3, rel=1e-15)
    assert (first.design_effect, second.design_effect) == (1.25, 1.0)
    assert (first.largest_to_smallest, second.largest_to_smallest) == (3.0, 1.0)
    whole = found["baseline", "all", ""]
    assert (whole.total, whole.people, whole.coverage) == (8.0, 400.0, 1.0)
    assert (whole.n, whole.n_clusters) == (4, 2)
    # inside the clusters: mean of 1.25 and 1, and not the 82 / 64 of the four together
    later = found["endline", "all", ""]
    assert (later.design_effect, later.largest_to_smallest) == (1.125, 3.0)


def test_inequality_over_all_interviews_by_hand():
    """Endline 1 3 6 6: 4 (1 + 9 + 36 + 36) / 16^2 = 328 / 256; CV^2 is that less 1."""
    found = by_place(check_weights(panel(), study()))
    whole = found["endline", "all", ""]
    # exact numbers, one division and one root
    assert whole.whole_design_effect == pytest.approx(328 / 256, rel=1e-15)
    assert whole.variation == pytest.approx(math.sqrt(72 / 256), rel=1e-15)
    cluster = found["endline", "cluster", "M00"]
    assert cluster.whole_design_effect == cluster.design_effect == 1.25


def test_cut_weights_are_told_of_the_round_only():
    found = by_place(check_weights(panel(), study(), n_cut={"endline": 3}))
    assert found["endline", "all", ""].n_cut == 3
    assert found["baseline", "all", ""].n_cut == -1
    assert {c.n_cut for (_, level, _), c in found.items() if level != "all"} == {-1}


def test_rounds_are_compared_by_shares():
    """M00 goes from 4 of 8 to 4 of 16, M01 from 4 of 8 to 12 of 16."""
    found = by_place(check_weights(panel(), study()))
    assert found["endline", "cluster", "M00"].share_change == 0.5
    assert found["endline", "cluster", "M01"].share_change == 1.5
    assert found["endline", "stratum", "b"].share_change == 1.5
    assert found["endline", "all", ""].share_change == 1.0
    assert all(math.isnan(c.share_change) for c in found.values() if c.round == "baseline")


def test_the_unit_of_the_weights_changes_nothing_but_totals():
    scaled = panel().assign(weight=lambda d: 0.25 * d["weight"])
    for one, other in zip(
        check_weights(panel(), study()), check_weights(scaled, study()), strict=True
    ):
        assert other.total == 0.25 * one.total
        # a power of two changes no digit
        assert (other.coverage, other.design_effect) == (one.coverage, one.design_effect)


def test_a_stratum_that_cuts_through_clusters_has_no_population():
    cut = panel().assign(zone=["a", "b"] * 4)
    found = by_place(check_weights(cut, study()))
    assert math.isnan(found["baseline", "stratum", "a"].people)
    assert math.isnan(found["baseline", "stratum", "a"].coverage)
    assert found["baseline", "stratum", "a"].total == 3.0


def test_without_weight_or_population():
    assert check_weights(panel(), study(weight=None)) == ()
    bare = check_weights(panel().drop(columns="people"), study(population=None))
    assert all(math.isnan(c.people) for c in bare)
    assert len(bare) == 2 * (1 + 2 + 2)


def test_weights_of_no_use_are_passed_over():
    rows = panel()
    rows.loc[0, "weight"], rows.loc[2, "weight"] = np.nan, 0.0
    found = by_place(check_weights(rows, study()))
    assert found["baseline", "all", ""].n == 2


def test_weights_of_an_object_column_are_numbers():
    rows = panel().astype({"weight": object})
    rows.loc[0, "weight"] = pd.NA
    found = by_place(check_weights(rows, study()))
    assert (found["baseline", "all", ""].n, found["baseline", "all", ""].total) == (3, 7.0)


def test_columns_that_are_declared_and_not_there_are_passed_over():
    assert check_weights(panel().drop(columns="weight"), study()) == ()
    found = check_weights(panel().drop(columns=["zone", "people"]), study())
    assert [c.level for c in found] == ["all", "cluster", "cluster"] * 2
    assert all(math.isnan(c.people) for c in found)


def test_a_round_without_weights_does_not_hide_the_next():
    later = panel()[lambda d: d["round"] == "endline"]
    found = check_weights(later, study())
    assert {(c.study, c.round) for c in found} == {(study().id, "endline")}
    assert all(math.isnan(c.share_change) for c in found)
    assert len(found) == 1 + 2 + 2


def test_the_round_comes_first_and_its_parts_in_their_order():
    found = check_weights(panel().iloc[::-1], study())
    order = [("all", ""), ("stratum", "a"), ("stratum", "b"), ("cluster", "M00")]
    order.append(("cluster", "M01"))
    assert [(c.level, c.name) for c in found] == order * 2


def test_people_that_one_cluster_lacks_are_not_a_sum_of_the_others():
    rows = panel()
    rows.loc[rows["municipality"] == "M01", "people"] = np.nan
    found = by_place(check_weights(rows, study()))
    assert found["baseline", "cluster", "M00"].people == 100.0
    for part in (("cluster", "M01"), ("stratum", "b"), ("all", "")):
        assert math.isnan(found["baseline", *part].people)
