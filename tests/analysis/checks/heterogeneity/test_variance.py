"""Variance of changes: cases by hand, sampling noise by repetition, ratios by leaving out."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from evaluation.analysis.checks.variance_of_changes import (
    ClusterChanges,
    changes,
    ratio_interval,
    variance_of_changes,
)
from evaluation.estimation.records import Bound
from tests.analysis.checks.small_checks import ROUNDING, case, diagnostics, reasons, villages
from tests.estimation.studies import DID, FACTORIAL, STUDY, panel

SMALL = dataclasses.replace(STUDY, minimum_clusters=2, minimum_cell=1)
HAND = {"t1": 9.0, "t2": 1.0, "t3": -4.0, "c1": 1.0, "c2": 8.0, "c3": 0.0}


def _bounds(rows):
    return {r.sample.text(): r for r in rows if isinstance(r, Bound)}


def _changes(table, **keys):
    made = case(table, "variance_of_changes", **keys)
    return changes(made.primary_design().rounds, arm="arm", respondent="respondent")


@pytest.mark.truth
def test_worked_by_hand():
    """Two respondents at +-1 of a cell's mean: its variance is (1 + 1)/1/2 = 1, a change's 2.

    Treated 9, 1, -4: mean 2, variance (49 + 1 + 36)/2 = 43, less 2 is 41. Comparison 1, 8, 0:
    mean 3, variance (4 + 25 + 9)/2 = 19, less 2 is 17.
    """
    rows = variance_of_changes(case(villages(HAND), "variance_of_changes"))
    beside = diagnostics(rows)
    expected = {"treated": (43.0, 2.0, 41.0), "comparison": (19.0, 2.0, 17.0)}
    for name, squares in expected.items():
        for key, square in zip(("changes", "noise", "between"), squares, strict=True):
            assert beside[name, f"sd_{'of_' * (key != 'between')}{key}"] == pytest.approx(
                square**0.5, abs=ROUNDING
            )
    found = _bounds(rows)
    spread = found["sd_of_effects"]
    assert spread.low == pytest.approx(41**0.5 - 17**0.5, abs=ROUNDING)
    assert spread.high == pytest.approx(41**0.5 + 17**0.5, abs=ROUNDING)
    assert (spread.unit, str(spread.ci_kind)) == ("points", "none")


@pytest.mark.truth
def test_the_interval_of_the_ratio_by_hand():
    """Pairs left of 9, 1, -4: variances 12.5, 84.5, 32; of 1, 8, 0: .5, 32, 24.5; noise 2 off all.

    Jackknife variances 2/3 sum (v - mean v)^2: treated mean 43, deviations -30.5, 41.5, -11:
    2/3 x 2773.5 = 1849. Comparison mean 19: -18.5, 13, 5.5: 2/3 x 541.5 = 361. t(4) at .975 is
    2.776445: neither variance is beyond it, so every ratio is possible.
    """
    rows = variance_of_changes(case(villages(HAND), "variance_of_changes"))
    ratio = _bounds(rows)["ratio"]
    assert ratio.low == ratio.high == pytest.approx(41 / 17, abs=ROUNDING)
    assert (ratio.ci_low, ratio.ci_high, ratio.unit) == (0.0, np.inf, "ratio")
    # At 30 %, t(4) is .414163: (41 - 17 r)^2 = .171531 (1849 + 361 r^2), by the quadratic formula:
    # 227.077 r^2 - 1394 r + 1363.839 = 0.
    low, high = ratio_interval(_changes(villages(HAND)), level=0.3)
    assert (low, high) == pytest.approx((1.2212, 4.9177), abs=2e-4)


def _spread(seed, size, times):
    """Changes of 12 + 12 clusters with the comparison's spread, and ``times`` it."""
    rng = np.random.default_rng(seed)
    treated = np.arange(24) < 12
    return ClusterChanges(
        change=rng.normal(size=24) * np.where(treated, times, 1.0) * size,
        noise=rng.uniform(0.5, 1.0, 24),
        treated=treated,
        arm=treated.astype(int),
        dropped=0,
    )


@pytest.mark.parametrize(
    ("seed", "size", "times"), [(1, 9, 1), (2, 9, 4), (4, 1.6, 4), (5, 9, 0.3)]
)
def test_the_interval_is_where_the_jackknife_test_begins_to_reject(seed, size, times):
    """The test written out; a grid of ratios agrees with the set on each side of its ends."""
    found = _spread(seed, size, times)
    spreads = []
    for rows in (found.treated, ~found.treated):
        members = np.flatnonzero(rows)
        values = [
            np.var(np.delete(found.change[members], i), ddof=1)
            - np.delete(found.noise[members], i).mean()
            for i in range(12)
        ]
        full = np.var(found.change[members], ddof=1) - found.noise[members].mean()
        spreads.append((full, 11 / 12 * np.sum((values - np.mean(values)) ** 2)))
    (a, va), (c, vc) = spreads
    low, high = ratio_interval(found, level=0.95)
    assert low < a / c < high
    critical = student.ppf(0.975, 22)
    for r in np.concatenate([np.linspace(0, 3, 301), np.geomspace(3, 1e6, 301)]) * a / c:
        accepted = abs(a - r * c) <= critical * (va + r**2 * vc) ** 0.5
        if min(abs(r - low), abs(r - high)) > 1e-9:
            assert accepted == (low < r < high or r == low == 0.0)


def test_without_a_comparison_spread_there_is_a_lower_end_only():
    """Twelve treated changes spread far, comparison changes hardly more than their noise."""
    found = _spread(4, 1.6, 4)
    low, high = ratio_interval(found, level=0.95)
    assert 0.0 < low < np.inf
    assert high == np.inf


def test_a_treated_spread_within_noise_lets_the_ratio_be_zero():
    """Comparison changes spread far, treated ones hardly more than their noise."""
    found = dataclasses.replace(_spread(2, 9, 0.15), noise=np.full(24, 1.0))
    low, high = ratio_interval(found, level=0.95)
    assert found.between(found.treated) > 0.0
    assert low == 0.0
    assert 0.0 < high < np.inf


@pytest.mark.simulation
@pytest.mark.parametrize("times", [1.0, 1.7])
def test_the_interval_covers(times):
    """35 + 35 changes, noise as large as the spread: 95 % intervals cover in 93 to 98 of 100.

    Monte Carlo SE over 1,000 draws: .7 points. Jackknifed variances are a little too large, so
    that more than 95 % is expected.
    """
    rng = np.random.default_rng(11)
    covered = 0
    treated = np.arange(70) < 35
    for _ in range(1000):
        spread = np.where(treated, times, 1.0) * 0.2 * rng.normal(size=70)
        found = ClusterChanges(
            change=spread + 0.2 * rng.normal(size=70),
            noise=np.full(70, 0.04),
            treated=treated,
            arm=treated.astype(int),
            dropped=0,
        )
        low, high = ratio_interval(found, level=0.95)
        covered += low <= times**2 <= high
    assert 0.93 <= covered / 1000 <= 0.98


def test_noise_by_explicit_sums_over_persons():
    table = panel(7)
    found = _changes(table)
    for place, (_, rows) in enumerate(sorted(table.groupby("village"))):
        person: dict[str, float] = {}
        means = {}
        for sign, name in ((-1.0, "baseline"), (1.0, "endline")):
            cell = rows[rows["round"] == name]
            share = cell["weight"] / cell["weight"].sum()
            means[name] = np.sum(share * cell["y"])
            scale = (len(cell) / (len(cell) - 1)) ** 0.5
            parts = sign * share * (cell["y"] - means[name]) * scale
            for who, part in zip(cell["respondent"], parts, strict=True):
                person[who] = person.get(who, 0.0) + part
        assert found.change[place] == pytest.approx(means["endline"] - means["baseline"], abs=1e-10)
        assert found.noise[place] == pytest.approx(
            sum(part**2 for part in person.values()), abs=1e-10
        )
        assert found.treated[place] == (rows["arm"] == "treated").all()


def test_a_panel_of_unchanging_people_has_no_noise():
    table = villages(HAND)
    table["respondent"] = table["village"] + (
        table.groupby(["village", "round"]).cumcount()
    ).astype(str)
    assert _changes(table).noise == pytest.approx(np.zeros(6), abs=1e-12)


def test_rows_without_an_id_are_separate_people():
    table = villages(HAND)
    table["respondent"] = None
    assert _changes(table).noise == pytest.approx(np.full(6, 2.0), abs=ROUNDING)
    assert _changes(table.drop(columns="respondent")).noise == pytest.approx(
        np.full(6, 2.0), abs=ROUNDING
    )


@pytest.mark.simulation
def test_noise_is_what_repeated_samples_show():
    """60 clusters without any shock, unequal weights, 12 respondents, half of them seen twice.

    The mean noise equals the variance of changes around zero: ratio 1. Over 40 draws of 60
    changes its Monte Carlo SE is sqrt(2 / 2400) = .029, and the tolerance three of them.
    """
    rng = np.random.default_rng(3)
    square, noise = [], []
    for _ in range(40):
        found = _changes(_without_shocks(rng))
        square.append(np.mean(found.change**2))
        noise.append(found.noise.mean())
    assert np.mean(noise) / np.mean(square) == pytest.approx(1.0, abs=0.09)


def _without_shocks(rng):
    g, n = 60, 12
    lasting = rng.normal(size=(g, n))
    parts = []
    for round_id, fresh in (("baseline", 0), ("endline", 1)):
        own = np.where(np.arange(n) % 2 == 0, lasting, rng.normal(size=(g, n)))
        y = own + rng.normal(size=(g, n))
        parts.append(
            pd.DataFrame(
                {
                    "round": round_id,
                    "village": np.repeat([f"v{i:02d}" for i in range(g)], n),
                    "arm": np.repeat(np.where(np.arange(g) < 30, "treated", "comparison"), n),
                    "respondent": [
                        f"{i}-{k}-{fresh * (k % 2)}" for i in range(g) for k in range(n)
                    ],
                    "weight": np.exp(rng.normal(0, 0.3, g * n)),
                    "population": 1000.0,
                    "panel_member": False,
                    "y": y.ravel(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def test_changes_are_centred_on_their_arm():
    """Leaflets add 100 to two of four treated changes: within arms nothing spreads more."""
    rng = np.random.default_rng(2)
    change, arm = rng.normal(0, 5, 8), np.array([0, 0, 1, 1, 2, 2, 3, 3])
    treated = arm >= 2
    plain = ClusterChanges(change=change, noise=np.zeros(8), treated=treated, arm=arm, dropped=0)
    moved = dataclasses.replace(plain, change=change + 100.0 * (arm % 2))
    for rows in (treated, ~treated):
        assert moved.spread(rows)[0] == pytest.approx(plain.spread(rows)[0], abs=1e-9)
        pair = change[rows].reshape(2, 2)
        assert plain.spread(rows)[0] == pytest.approx(pair.var(axis=1, ddof=1).mean(), abs=1e-9)


def test_four_arms_run():
    table = panel(2, clusters=16)
    number = table["village"].str[1:].astype(int) % 4
    table["arm"] = number.map({0: "neither", 1: "meetings", 2: "leaflets", 3: "both"})
    specification = dataclasses.replace(
        DID, treatment="meetings", adjust_treatments=("leaflets",), estimand="respondents"
    )
    rows = variance_of_changes(
        case(table, "variance_of_changes", study=FACTORIAL, specification=specification)
    )
    assert diagnostics(rows)["treated", "sd_of_changes"] > 0.0
    assert diagnostics(rows)["all", "clusters_dropped"] == 0


def test_clusters_of_one_respondent_are_dropped_and_counted():
    table = villages(HAND | {"t4": 50.0})
    lost = (table["village"] == "t4") & (table["respondent"] == "t4endline0")
    rows = variance_of_changes(case(table[~lost], "variance_of_changes"))
    assert diagnostics(rows)["all", "clusters_dropped"] == 1
    assert diagnostics(rows)["treated", "sd_of_changes"] == pytest.approx(43**0.5, abs=ROUNDING)


def test_two_clusters_have_no_ratio():
    table = villages({"t1": 9.0, "t2": 1.0, "c1": 1.0, "c2": 8.0, "c3": 0.0})
    rows = variance_of_changes(case(table, "variance_of_changes", study=SMALL))
    assert "fewer than 3 clusters in a group" in reasons(rows)["ratio", "all"]
    assert _bounds(rows) == {}


@pytest.mark.parametrize("group", ["treated", "comparison"])
def test_changes_within_noise_have_no_spread_between_clusters(group):
    still = {"t1": 2.0, "t2": 2.1, "t3": 2.2}
    changed = {"c1": 1.0, "c2": 8.0, "c3": 0.0}
    if group == "comparison":
        still = {name.replace("t", "c"): value for name, value in still.items()}
        changed = {name.replace("c", "t"): value for name, value in changed.items()}
    found = reasons(variance_of_changes(case(villages(still | changed), "variance_of_changes")))
    assert set(found) == {(group, "sd_between"), ("ratio", "all"), ("sd_of_effects", "all")}
    for reason in found.values():
        assert "no more than sampling alone" in reason


def test_one_round_has_no_changes():
    made = case(panel(3), "variance_of_changes")
    last = panel(3)
    last = last[last["round"] == "endline"]
    last = last.assign(y_baseline=np.random.default_rng(1).normal(size=len(last)))
    one = dataclasses.replace(made.specification, method="ancova", lag="suffix")
    frames = dataclasses.replace(made.frames, panel=last)
    rows = variance_of_changes(dataclasses.replace(made, specification=one, frames=frames))
    assert reasons(rows) == {("all", "all"): "changes need two rounds"}
