"""The map of the pipeline is that of the Makefile, arrow by arrow."""

from pathlib import Path

from evaluation.report.figures.pipeline import STAGES
from evaluation.storage.folders import STAGES as COMMANDS
from tests.pipeline.conftest import rules

ROOT = Path(__file__).resolve().parents[2]
STUDY = "somos_comunidad"
# one target of each stage's rule
TARGETS = {
    "read": f"build/{STUDY}/provenance.json",
    "clean": f"data_clean/{STUDY}/panel.parquet",
    "estimate": f"build/{STUDY}/estimates.csv",
    "robustness": f"build/{STUDY}/robustness.json",
    "calibrate": f"build/{STUDY}/calibration.json",
    "exhibits": f"build/{STUDY}/en/numbers.json",
    "notebook": f"build/{STUDY}/en/notebooks/main_results.ipynb",
    "book": f"build/{STUDY}/en/site/index.html",
    "audit": f"build/{STUDY}/audit.json",
}


def test_the_map_has_the_stages_of_the_commands_in_their_order() -> None:
    assert tuple(STAGES) == COMMANDS == tuple(TARGETS)


def test_an_arrow_stands_where_a_rule_lists_another_stages_files() -> None:
    listed_in = rules(STUDY)
    listed = {
        stage: {other for other, file in TARGETS.items() if file in listed_in[target]}
        for stage, target in TARGETS.items()
    }
    assert listed == {name: set(stage.needs) for name, stage in STAGES.items()}


def test_a_stage_is_listed_after_those_that_it_needs() -> None:
    order = list(STAGES)
    pairs = [(n, s) for s, stage in STAGES.items() for n in stage.needs]
    assert [(n, s) for n, s in pairs if order.index(n) > order.index(s)] == []
