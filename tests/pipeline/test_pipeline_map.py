"""The map of the pipeline is that of the Makefile, arrow by arrow."""

from pathlib import Path

from evaluation.__main__ import COMMANDS as LISTED
from evaluation.report.figures.pipeline import STAGES
from evaluation.storage.folders import STAGES as COMMANDS
from tests.pipeline.conftest import rules

ROOT = Path(__file__).resolve().parents[2]
STUDY = "somos_comunidad"
# the list that each stage leaves
TARGETS = {
    stage: f"build/{STUDY}/private/made/{LISTED[stage]['list'].format(language='en')}.sha256"
    for stage in COMMANDS
}


def test_the_map_has_the_stages_of_the_commands_in_their_order():
    assert tuple(STAGES) == COMMANDS == tuple(TARGETS)


def test_an_arrow_stands_where_a_rule_lists_another_stages_files():
    listed_in = rules(STUDY)
    listed = {
        stage: {other for other, file in TARGETS.items() if file in listed_in[target]}
        for stage, target in TARGETS.items()
    }
    assert listed == {name: set(stage.needs) for name, stage in STAGES.items()}


def test_a_stage_is_listed_after_those_that_it_needs():
    order = list(STAGES)
    pairs = [(n, s) for s, stage in STAGES.items() for n in stage.needs]
    assert [(n, s) for n, s in pairs if order.index(n) > order.index(s)] == []
