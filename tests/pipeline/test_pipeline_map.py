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


def test_no_two_boxes_lie_on_each_other() -> None:
    places = [stage.place for stage in STAGES.values()]
    assert len(set(places)) == len(places)
    below = [(STAGES[n].place[1], s.place[1]) for s in STAGES.values() for n in s.needs]
    assert all(above <= row for above, row in below), "arrows lead down or sideways"
