"""Nothing about single clusters, and no number of few, follows from what a release shows."""

import dataclasses
import math

import pytest

from evaluation.analysis import cluster_diagnostics
from evaluation.estimation.records import Diagnostic
from evaluation.report.hidden_rows import Rules
from evaluation.report.record_disclosure import released
from evaluation.report.record_set import Records
from tests.analysis.test_diagnostics import made as analysed
from tests.estimation.studies import STUDY as OF_ESTIMATION
from tests.estimation.studies import panel
from tests.report import check_examples as made
from tests.report import examples, recovery, recovery_clusters
from tests.report.test_recovery import CHECK, STUDY

LEAST = OF_ESTIMATION.minimum_cell
PLACES = 6


def quantities(counts):
    """Rows of a release whose clusters of an arm and round have these numbers."""
    fewest, usual, clusters = counts
    cell = "treated_baseline"
    named = {"clusters_treated": clusters, f"respondents_min_{cell}": fewest,
             f"respondents_median_{cell}": usual}  # fmt: skip
    return [
        {"outcome": "y", "specification": "did_main", "name": name, "value": str(value)}
        for name, value in named.items()
    ]


@pytest.mark.parametrize(
    ("counts", "valid", "found"),
    [
        # a hundred in each of 35 places, and 93 answers where they are fewest
        ((93.0, 97.0, 35.0), 3500, [7.0, 4.0]),
        # rounded down: one to ten people lack an answer, or nobody, or eleven to twenty
        ((90.0, 90.0, 35.0), 3500, [None, None]),
        ((80.0, 100.0, 35.0), 3500, [None, None]),
        # places of no one size tell nothing
        ((93.0, 102.0, 35.0), 3517, [9.0]),
    ],
)
def test_the_size_of_a_cluster_less_the_fewest_is_tried(counts, valid, found):
    tried = recovery_clusters.of_one_cluster(
        quantities(counts), {"treated_baseline": valid}, recovery.number, least=10
    )
    assert [few for _, few in tried] == found


def test_no_cluster_s_people_without_an_answer_are_counted():
    """Fourteen interviews a village; four of one village do not answer."""
    table = panel(107, rows=14)
    one = (table["village"] == "v03") & (table["round"] == "baseline")
    table = table[~(one & (table.groupby(["village", "round"]).cumcount() >= LEAST))]
    analysis, heading = analysed(table)
    made_rows = cluster_diagnostics.of_cells(analysis.design.rounds, heading, minimum_cell=LEAST)
    rows = [
        {"outcome": d.outcome, "specification": d.specification, "name": d.name,
         "value": str(d.value)}
        for d in made_rows if isinstance(d, Diagnostic)
    ]  # fmt: skip
    valid = {f"{a}_{r}": 14 * PLACES for a in ("treated", "comparison") for r in
             ("baseline", "endline")}  # fmt: skip
    tried = [*recovery_clusters.of_one_cluster(rows, valid, recovery.number, least=LEAST)]
    assert len(tried) == 2 * len(valid)
    assert [few for _, few in tried if few] == []


def rows_of_a_group(clusters):
    """One group without one or two comparison clusters, by bootstrap and by jackknife."""
    for step, error in (("wcr_s", 0.1), ("cv3", 0.1 * math.sqrt(clusters / (clusters - 1)))):
        yield made.of_check(
            examples.OUTCOMES[0],
            CHECK,
            "a",
            step=step,
            estimate=0.3,
            std_error=error,
            mde=2.8 * error,
            n=500,
            n_clusters_treated=35,
            n_clusters_comparison=clusters,
            mc_error=0.001 if step == "wcr_s" else 0.0,
        )


@pytest.mark.parametrize("clusters", [33, 34])
def test_a_row_without_its_number_of_clusters_keeps_one_standard_error(clusters):
    rows = tuple(rows_of_a_group(clusters))
    texts = [{f.name: str(getattr(row, f.name)) for f in dataclasses.fields(row)} for row in rows]
    shown = [{**text, "n_clusters_comparison": "nan"} for text in texts]
    assert [g for _, g in tried_errors(shown)] == [clusters]
    usual = examples.records(examples.CONFIGURATION)
    primary = tuple(
        dataclasses.replace(e, n=5000, n_clusters_treated=35, n_clusters_comparison=35)
        for e in usual.estimates
    )
    plan = dataclasses.replace(examples.PLAN, check=(CHECK,))
    records = Records(
        provenance=examples.PROVENANCE,
        estimates=primary,
        levels=usual.levels,
        check_estimates=rows,
    )
    rules = Rules(plan=plan, study=STUDY, variables=examples.CONFIGURATION.dictionary.variables)
    changed = released(records, rules)["check_estimates"]
    shown = [{**text, **gone} for text, gone in zip(texts, changed, strict=True)]
    assert all(recovery.is_withheld(row["n_clusters_comparison"]) for row in shown)
    assert [row["std_error"] != "nan" for row in shown].count(True) == 1
    assert [row["mde"] != "nan" for row in shown].count(True) == 1
    assert [*tried_errors(shown)] == []


def tried_errors(rows):
    return recovery_clusters.by_two_errors(rows, recovery.number, recovery.is_withheld)
