"""Means of clusters and their sampling errors: by loops, and on people interviewed twice."""

import numpy as np
import pandas as pd
import pytest

from evaluation.estimation.regression.cluster_changes import cluster_means
from evaluation.estimation.regression.sample import select
from tests.analysis.checks.outcome_checks import ROUNDING, equal_weights, people
from tests.estimation.studies import DID, STUDY, panel


def means_of(table):
    sample = select(table, DID, value="y", rounds=DID.contrast, study=STUDY)
    return cluster_means(sample)


def test_against_loops_over_people():
    table = panel(3)
    table = table.assign(w=equal_weights(table))
    found = means_of(table)
    for g, village in enumerate(found.cluster):
        part = {
            r: table[(table["village"] == village) & (table["round"] == r)] for r in DID.contrast
        }
        before, after = part["baseline"], part["endline"]
        m0, m1 = (np.average(p["y"], weights=p["w"]) for p in (before, after))
        a, b = (
            dict(zip(p["respondent"], p["w"] / p["w"].sum(), strict=True)) for p in (before, after)
        )
        raw = left = 0.0
        for one, y in zip(before["respondent"], before["y"], strict=True):
            raw += a[one] ** 2 * (y - m0) ** 2
            left += a[one] ** 2 * (1 - 2 * a[one] + sum(x**2 for x in a.values()))
        v0 = raw * sum(x**2 for x in a.values()) / left
        c = left = 0.0
        twice = sorted(set(a) & set(b))
        both = sum(a[i] * b[i] for i in twice)
        y0, y1 = (dict(zip(p["respondent"], p["y"], strict=True)) for p in (before, after))
        for i in twice:
            c += a[i] * b[i] * (y0[i] - m0) * (y1[i] - m1)
            left += a[i] * b[i] * (1 - a[i] - b[i] + both)
        c *= both / left
        assert found.before[g] == pytest.approx(m0, abs=ROUNDING)
        assert found.after[g] == pytest.approx(m1, abs=ROUNDING)
        assert found.noise_before[g] == pytest.approx(v0, abs=ROUNDING)
        assert found.noise_shared[g] == pytest.approx(c, abs=ROUNDING)
        assert c != 0.0
    assert found.treated.tolist() == [True] * 6 + [False] * 6


def test_the_same_people_twice_have_no_error_in_their_change():
    """Everybody's answer moves by two: the change is known, however unlike the people are."""
    base = people({(v, "baseline"): [1, 4, 9] for v in ("c1", "c2", "t1", "t2")})
    both = pd.concat([base, base.assign(round="endline", y=base["y"] + 2.0)], ignore_index=True)
    found = means_of(both)
    np.testing.assert_allclose(found.change, 2.0, atol=ROUNDING)
    change = found.noise_before + found.noise_after - 2.0 * found.noise_shared
    np.testing.assert_allclose(change, 0.0, atol=ROUNDING)
    assert (found.noise_before > 1.0).all()


def test_one_respondent_says_nothing_of_the_spread():
    table = people(
        {
            (v, r): [float(len(v + r) + ord(v[0]))]
            for v in ("c1", "c2", "t1", "t2")
            for r in DID.contrast
        }
    )
    found = means_of(table)
    assert found.noise_before.tolist() == [0.0] * 4
    assert found.noise_shared.tolist() == [0.0] * 4


def test_without_a_respondent_column_nobody_is_known_to_be_the_same():
    found = means_of(panel(3).drop(columns="respondent"))
    assert found.noise_shared.tolist() == [0.0] * 12
    assert (found.noise_before > 0.0).all()


@pytest.mark.simulation
def test_the_estimated_errors_are_right_on_average():
    """Two thousand clusters of eight, five interviewed twice, of known variances and covariance.

    Own deviations have variance 4 and covariance 2 between the rounds. With weights of sum one
    the mean's variance is 4 sum a^2 and the covariance of both means 2 sum a b. Averages over
    clusters stand within three of their own standard errors.
    """
    rng = np.random.default_rng(5)
    rows = []
    for g in range(2000):
        own = 2.0 * rng.normal(size=8)
        kept = own[:5] / 2.0 + np.sqrt(3.0) * rng.normal(size=5)
        for round_id, values in (
            ("baseline", own),
            ("endline", np.concatenate([kept, 2.0 * rng.normal(size=3)])),
        ):
            weights = np.exp(rng.normal(0, 0.6, 8))
            rows.extend(
                {
                    "village": f"v{g:04d}",
                    "arm": "treated" if g % 2 else "comparison",
                    "round": round_id,
                    "respondent": f"{g}-{i}" if i < 5 else f"{g}-{i}-{round_id}",
                    "weight": w,
                    "y": y,
                }
                for i, (w, y) in enumerate(zip(weights, values, strict=True))
            )
    table = pd.DataFrame(rows)
    table = table.assign(w=equal_weights(table))
    found = means_of(table)
    square = (table["w"] ** 2)[table["round"] == "baseline"].groupby(table["village"]).sum()
    one, two = (table[table["round"] == r] for r in DID.contrast)
    pairs = one.merge(two, on=["village", "respondent"])
    shared = (pairs["w_x"] * pairs["w_y"]).groupby(pairs["village"]).sum()
    for estimated, known in (
        (found.noise_before, 4.0 * square.to_numpy()),
        (found.noise_shared, 2.0 * shared.to_numpy()),
    ):
        away = estimated - known
        error = away.std() / np.sqrt(len(away))
        assert abs(away.mean()) < 3.0 * error
        # so that an error of a tenth of the known size is noticed
        assert error < known.mean() / 30.0


@pytest.mark.parametrize("blank", ["", None])
def test_people_without_an_id_are_not_the_same_people(blank):
    """Half of each village has no id in either round; only the others are seen twice."""
    base = people({(v, "baseline"): [1, 4, 9, 2] for v in ("c1", "c2", "t1", "t2")})
    both = pd.concat([base, base.assign(round="endline", y=base["y"] + 2.0)], ignore_index=True)
    lacking = both["respondent"].str.endswith(("0", "1"))
    some = means_of(both.assign(respondent=both["respondent"].where(~lacking, blank)))
    fresh = both["respondent"] + np.where(lacking, both["round"], "")
    expected = means_of(both.assign(respondent=fresh))
    np.testing.assert_allclose(some.noise_shared, expected.noise_shared, atol=ROUNDING)
    assert (some.noise_shared != 0.0).all()
    nobody = means_of(both.assign(respondent=blank))
    np.testing.assert_allclose(nobody.noise_shared, 0.0, atol=0.0)
