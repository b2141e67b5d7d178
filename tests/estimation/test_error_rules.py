"""Mistakes in plan or data, each with its place and the rule that it breaks.

Source: the docstrings' ``Raises``. The rule is what the findings report is sorted by.
"""

import dataclasses
import datetime

import pytest

from evaluation.analysis import trends
from evaluation.analysis.checks.check_context import computes
from evaluation.analysis.run_plan import run_plan
from evaluation.analysis.study_clusters import Frames
from evaluation.config.study import Cohort
from evaluation.errors import EstimationError
from evaluation.estimation.regression import survey_design
from tests.analysis.checks.outcome_checks import trial
from tests.estimation.studies import (
    ANCOVA,
    COLUMNS,
    PROVENANCE,
    SERIES,
    STUDY,
    TEXT,
    frame,
    panel,
    plan_panel,
    preregistration,
    series,
)

DATED = dataclasses.replace(STUDY, columns=dataclasses.replace(COLUMNS, date="asked_on"))
ENTERED = dataclasses.replace(
    STUDY,
    columns=dataclasses.replace(COLUMNS, cohort="arm"),
    cohort=tuple(Cohort(id=n, label=TEXT, entry=datetime.date(2021, 3, 1)) for n in ("a", "b")),
)
CHECKS = {
    "recoding that was not made": ("coding", {}, "sample", "plan.toml"),
    "stratum of some rows only": (
        "strata_round",
        {"variables": ("region",)},
        "sample",
        "variable region",
    ),
    "no such place": ("leave_one_out", {"variables": ("x",)}, "sample", "variable x"),
    "no dates": (
        "before_date",
        {"date": datetime.date(2024, 1, 9), "study": DATED},
        "sample",
        "study.toml, `columns.date`",
    ),
    "undeclared cohort": ("cohorts", {"study": ENTERED}, "cohorts", "plan.toml"),
    "exposure of another kind": ("exposure", {"variables": ("age",)}, "exposure", "variable age"),
}


def raised(call):
    with pytest.raises(EstimationError) as found:
        call()
    return found.value.rule, found.value.where


@pytest.mark.parametrize("mistake", CHECKS)
def test_mistakes_of_checks(mistake):
    kind, keys, rule, where = CHECKS[mistake]
    made = trial(panel(5), kind, **keys)
    assert raised(lambda: tuple(computes[kind](made))) == (rule, where)


def test_a_stratum_that_is_missing_for_a_village():
    table = panel(5)
    table["place"] = table["village"].where(table["village"] != "v03")
    made = trial(table, "strata_round", variables=("place",))
    assert raised(lambda: tuple(computes["strata_round"](made))) == ("sample", "variable place")


def test_mistakes_of_calls():
    design = {"weights": [1.0, 1.0], "psu": [1, 2], "strata": ["a", None]}
    assert raised(lambda: survey_design.mean([1.0, 2.0], **design)) == (
        "survey-design",
        "survey design",
    )
    table = panel(5)
    early = dataclasses.replace(SERIES, last_before="2019Q1")
    data = trends.rates(series(table), frame(table), early, treatment="programme", study=STUDY)
    assert raised(lambda: trends.event_study(data, early)) == ("series", "series events")


def test_a_specification_on_a_file_that_is_not_there():
    """The plan's second specification asks for the analysis file."""
    table = plan_panel(70)
    ready = dataclasses.replace(
        ANCOVA, id="ready", data="analysis", lag="suffix", families=(), outcomes=("y",)
    )
    promised = preregistration()
    plan = dataclasses.replace(promised.plan, specification=(*promised.plan.specification, ready))
    given = Frames(panel=table, frame=frame(table), series=series(table))
    promised = dataclasses.replace(promised, plan=plan)
    with pytest.raises(EstimationError, match="no clean analysis file") as found:
        run_plan(given, study=STUDY, preregistration=promised, provenance=PROVENANCE)
    assert found.value.where == "specification ready"
    assert str(found.value.fix) == "add one to the manifest"
