"""The jackknife without each cluster, against the jackknife of the data without that cluster."""

import dataclasses

import pytest

from evaluation.spec.records import Diagnostic
from evaluation.stats import bootstrap, steps, without_each
from evaluation.stats.design import build
from evaluation.stats.jackknife import jackknife
from tests.stats.studies import DID, STUDY, outcome, panel
from tests.stats.test_diagnostics import made


def fitted(table):
    design = build(table, DID, outcome=outcome(), study=STUDY)
    draws = bootstrap.draws(design.cluster, number=9, seed=1)
    return steps.analyse(design, ("cv1",), draws=draws)


def test_without_a_cluster_is_the_jackknife_of_the_rows_that_are_left():
    """Theirs: `jackknife`, checked elsewhere, on a table from which the cluster was taken.

    Design weights are rescaled inside clusters only, so nothing else of the fit changes; 1e-9
    is rounding of two orders of summation.
    """
    table = panel(41)
    analysis = fitted(table)
    column = analysis.design.column
    found = without_each.without_each(analysis.blocks, column)
    assert len(found) == len(analysis.blocks.clusters) == 12
    for name, one in list(zip(analysis.blocks.clusters, found, strict=True))[:4]:
        rest = fitted(table[table["village"] != name])
        theirs = jackknife(rest.blocks, rest.fit, column)
        assert one.estimate == pytest.approx(theirs.estimate, rel=1e-9)
        assert one.std_error == pytest.approx(theirs.std_error, rel=1e-9)
        assert one.df == theirs.df == 10.0


@pytest.mark.parametrize("smallest", [1e-6, 0.2, 1e6])
def test_the_count_is_of_clusters_whose_absence_changes_an_answer(smallest):
    """Counted here from the intervals: whether they hold zero, and reach the smallest effect."""
    analysis, heading = made(panel(41))
    measured = dataclasses.replace(outcome(), smallest_effect=smallest)
    rows = without_each.of_verdict(analysis, heading, measured)
    whole = jackknife(analysis.blocks, analysis.fit, analysis.design.column)

    def said(one):
        low, high = one.interval(0.95)
        return (low <= 0 <= high), max(abs(low), abs(high)) >= smallest

    others = without_each.without_each(analysis.blocks, analysis.design.column)
    expected = sum(said(one) != said(whole) for one in others)
    assert [(r.name, r.value, r.unit) for r in rows if isinstance(r, Diagnostic)] == [
        ("loo_verdict_changes", float(expected), "clusters")
    ]


def test_one_place_that_makes_the_result_is_counted():
    """A change of ten in one of six treated villages and nothing else but noise of size one.

    With it the interval is wide and reaches far beyond the smallest effect; without it, it is
    inside it. No other village does that, so the count is 1.
    """
    table = panel(7)
    table = table.assign(y=table["y"] * 0.01)
    treated = min(set(table.loc[table["arm"] == "treated", "village"]))
    there = (table["village"] == treated) & (table["round"] == "endline")
    table.loc[there, "y"] += 10.0
    analysis, heading = made(table)
    measured = dataclasses.replace(outcome(), smallest_effect=0.5)
    (row,) = without_each.of_verdict(analysis, heading, measured)
    assert row.value == 1.0


def test_an_outcome_without_a_smallest_effect_has_no_verdict_to_change():
    analysis, heading = made(panel(41))
    measured = dataclasses.replace(outcome(), smallest_effect=None)
    assert without_each.of_verdict(analysis, heading, measured) == ()


@pytest.mark.parametrize(
    ("interval", "answers"),
    [
        # smallest effect 0.2; whether zero is left out, whether an effect that matters is reached
        ((0.1, 0.3), (True, True)),
        ((-0.3, -0.1), (True, True)),
        ((0.05, 0.1), (True, False)),
        ((-0.1, 0.1), (False, False)),
        ((-0.3, 0.1), (False, True)),
        ((0.0, 0.2), (False, True)),  # ties: zero is held, the smallest effect is reached
    ],
)
def test_the_two_questions_of_the_verdict(interval, answers):
    assert without_each._answers(interval, 0.2) == answers
