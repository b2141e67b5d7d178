"""The flag of steps that disagree: its rule at the line itself, and what is compared with what."""

import dataclasses

import pytest

from evaluation.analysis.diagnostics import disagreements
from evaluation.analysis.run_plan import run_plan
from evaluation.analysis.study_clusters import Frames
from evaluation.estimation.row_keys import parse
from tests.estimation.studies import PROVENANCE, STUDY, frame, plan_panel, preregistration, series
from tests.tables import cases

CASES = cases(__file__)


@pytest.fixture(scope="module")
def estimate():
    table = plan_panel(3)
    given = Frames(panel=table, frame=frame(table), series=series(table))
    return run_plan(
        given, study=STUDY, preregistration=preregistration(), provenance=PROVENANCE
    ).estimates[0]


def flags(estimate, *p_values, **changes):
    rows = [
        dataclasses.replace(estimate, step=step, p_value=p, **changes)
        for step, p in zip(("wcr_s", "cv3", "cr2", "cv1", "ri"), p_values, strict=False)
    ]
    return {d.name: d.value for d in disagreements(rows)}


@pytest.mark.parametrize(("p_values", "five", "ten"), CASES["rule"])
def test_rule(estimate, p_values, five, ten):
    assert flags(estimate, *p_values) == {"steps_disagree_5": five, "steps_disagree_10": ten}


def test_one_step_cannot_disagree(estimate):
    assert flags(estimate, 0.01) == {}


def test_other_outcomes_specifications_and_treatments_are_not_compared(estimate):
    rows = [
        dataclasses.replace(estimate, p_value=0.01),
        dataclasses.replace(estimate, p_value=0.5, outcome="another"),
        dataclasses.replace(estimate, p_value=0.5, specification="another"),
        dataclasses.replace(estimate, p_value=0.5, sample=parse("panel_members")),
        dataclasses.replace(estimate, p_value=0.5, treatment="another"),
    ]
    assert disagreements(rows) == ()


def test_adjusted_values_do_not_enter(estimate):
    assert flags(estimate, 0.01, 0.02, p_adjusted=0.9)["steps_disagree_5"] == 0.0
