"""Interviewers' variance, their balance and two-way clustering, against sums written out."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from evaluation.analysis.checks.interviewing import cramers_v, interviewer_icc, interviewers
from evaluation.config.plan import Item
from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from tests.analysis.checks.outcome_checks import (
    ROUNDING,
    diagnostics,
    did_by_dummies,
    equal_weights,
    estimates,
    reasons,
    trial,
)
from tests.estimation.studies import outcome, panel

KIND = "interviewers"
ASKERS = np.array(list("abcdefgh"))
ITEM = (outcome("y", items=(Item(name="y"),)),)


def asked(seed, habit=0.0, **size):
    """A panel whose interviewers a to h are drawn at random, each with a habit of its own."""
    table = panel(seed, **size)
    rng = np.random.default_rng(seed + 9)
    who = rng.integers(0, len(ASKERS), len(table))
    own = habit * rng.normal(size=len(ASKERS))
    return table.assign(asker=ASKERS[who], y=table["y"] + own[who])


def rows(table, **keys):
    case = trial(table, KIND, outcomes=ITEM, variables=("asker",), **keys)
    return tuple(interviewers(case))


def by_loops(table):
    """Variance of the effect by two groupings and their pairs, by dummies and loops."""
    post = (table["round"] == "endline").to_numpy(dtype=float)
    treated = (table["arm"] == "treated").to_numpy(dtype=float)
    villages = (table["village"].to_numpy()[:, None] == np.unique(table["village"])).astype(float)
    X = np.column_stack([treated * post, post, villages])
    w, y = equal_weights(table).to_numpy(), table["y"].to_numpy()
    bread = np.linalg.inv(X.T @ (w[:, None] * X))
    beta = bread @ (X.T @ (w * y))
    scores = X * (w * (y - X @ beta))[:, None]

    def clustered(groups):
        names = sorted(set(groups))
        total = np.zeros((X.shape[1], X.shape[1]))
        for name in names:
            part = scores[[g == name for g in groups]].sum(axis=0)
            total += np.outer(part, part)
        return len(names) / (len(names) - 1) * (bread @ total @ bread)[0, 0]

    one, two = table["village"].tolist(), table["asker"].tolist()
    both = list(zip(one, two, strict=True))
    return clustered(one) + clustered(two) - clustered(both)


@pytest.mark.truth
def test_two_way_clustering_by_loops():
    """Cameron, Gelbach and Miller (2011), section 2.3: three variances, each with its own G."""
    table = asked(1, habit=1.0, clusters=12, rows=16)
    row = estimates(rows(table))["all", "two_way"]
    assert row.estimate == pytest.approx(did_by_dummies(table), abs=ROUNDING)
    assert row.std_error == pytest.approx(by_loops(table) ** 0.5, rel=1e-9)
    assert row.df == len(ASKERS) - 1  # fewer interviewers than villages


def test_a_variance_that_is_not_positive_is_unavailable():
    """Draws until the sum is negative, which the loops say by themselves."""
    for seed in range(200):
        table = asked(seed, clusters=6, rows=6)
        if by_loops(table) <= 0.0:
            break
    else:
        pytest.fail("no draw has a negative two-way variance")
    told = reasons(rows(table))
    assert told["all", "two_way"] == str(message("two-way-not-positive.reason"))


@pytest.mark.truth
def test_the_icc_of_a_balanced_layout_is_that_of_analysis_of_variance():
    """One cell, k interviewers of m: s_u^2 = (MSB - MSW) / m, Searle et al. 1992, section 3.5."""
    rng = np.random.default_rng(5)
    k, m = 12, 10
    y = (rng.normal(size=(k, 1)) + rng.normal(size=(k, m))).ravel()
    who = np.repeat(np.arange(k), m)
    means = y.reshape(k, m).mean(axis=1)
    between = m * ((means - y.mean()) ** 2).sum() / (k - 1)
    within = ((y.reshape(k, m) - means[:, None]) ** 2).sum() / (k * (m - 1))
    share = (between - within) / m
    expected = share / (share + within)
    found = interviewer_icc(y, who, np.zeros(k * m, dtype=int))
    assert found == pytest.approx(expected, rel=1e-10)


def test_the_icc_finds_what_was_put_in():
    """30 interviewers over 80 cells, variance 1 of 21: within three standard errors of .048.

    Its standard error over 40 draws is that of their spread.
    """
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        who, cell = rng.integers(0, 30, 4000), rng.integers(0, 80, 4000)
        y = rng.normal(size=30)[who] + rng.normal(size=80)[cell] + 20**0.5 * rng.normal(size=4000)
        found.append(interviewer_icc(y, who, cell))
    assert np.mean(found) == pytest.approx(1 / 21, abs=3 * np.std(found) / 40**0.5)


def test_interviewers_with_cells_of_their_own_cannot_be_told_apart():
    y = np.random.default_rng(0).normal(size=20)
    cells = np.repeat(np.arange(5), 4)
    assert np.isnan(interviewer_icc(y, cells, cells))


def test_balance_is_cramers_v_and_counts_are_counted():
    table = asked(2, clusters=12, rows=16)
    table.loc[table["arm"] == "treated", "asker"] = table["asker"].replace("a", "b")
    found = diagnostics(rows(table))
    for round_id in ("baseline", "endline"):
        here = table[table["round"] == round_id]
        counts = np.array(
            [
                [
                    ((here["asker"] == a) & (here["arm"] == g)).sum()
                    for g in ("treated", "comparison")
                ]
                for a in sorted(set(here["asker"]))
            ]
        )
        chi_square = chi2_contingency(counts, correction=False).statistic
        expected = (chi_square / counts.sum()) ** 0.5
        assert found[f"round:{round_id}", "v"] == pytest.approx(expected, rel=1e-10)
    assert found["all", "interviewers"] == 8
    assert found["all", "interviewers_in_both_groups"] == 7
    assert found["all", "interviewers_in_both_rounds"] == 8


def test_v_has_both_its_ends():
    who = np.repeat([0, 1], 10)
    assert cramers_v(who, who == 1) == pytest.approx(1.0)
    assert cramers_v(who, np.tile([True, False], 10)) == pytest.approx(0.0)
    assert np.isnan(cramers_v(who, np.ones(20, dtype=bool)))


def test_an_unknown_interviewer_is_said_and_not_left_out():
    table = asked(3)
    table.loc[4, "asker"] = None
    told = reasons(rows(table))
    assert told["all", "all"] == str(message("interviewer-unknown.reason"))


def test_a_study_without_the_variable_is_an_error():
    with pytest.raises(EstimationError, match="no column asker"):
        rows(panel(4))
