"""No plausible damage of the two studies' own files passes in silence, and clean files pass."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.whole import Plausible, run_kind, undamaged
from tests.faults.whole_design import HARMLESS
from tests.faults.whole_expected import KINDS, UNDECIDABLE

FIRST = Path(__file__).with_name("whole_first_run.json")
SEEDS = 3
# one of each family at each commit: a study is read again for every run
PER_COMMIT = (
    "arms-exchanged:medellin",
    "blocks-exchanged:medellin",
    "survey-arm-differs:somos_comunidad",
    "sex-turned-398:somos_comunidad",
    "headers-exchanged:medellin",
    "item-half-empty:medellin",
    "series-cumulative:somos_comunidad",
    "ids-cyrillic:somos_comunidad",
)
NAMED = {kind.id: kind for kind in KINDS}
# new warnings that are right: with other rows the counts they tell are others
OF_COUNTS = ("heaping", "recall-crosses-event", "near-identical-interview", "few-interviews")


def stands(kind: Plausible, seed: int) -> None:
    result = run_kind(kind, seed)
    if kind.undecidable:
        return
    assert result.outcome == "reported", (kind.id, seed, result.found[:3])


@pytest.mark.parametrize("name", PER_COMMIT)
def test_plausible_damage_is_reported(name: str) -> None:
    stands(NAMED[name], 0)


@pytest.mark.faults
@pytest.mark.parametrize("name", NAMED)
def test_plausible_damage_is_reported_on_all_seeds(name: str) -> None:
    for seed in range(SEEDS):
        stands(NAMED[name], seed)


@pytest.mark.faults
@pytest.mark.parametrize("kind", HARMLESS, ids=lambda kind: kind.id)
def test_clean_files_in_another_order_or_in_part_get_no_new_word(kind: Plausible) -> None:
    for seed in range(SEEDS):
        found = [f for f in run_kind(kind, seed).found if f.rule not in OF_COUNTS]
        assert found == []


@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_the_studies_as_delivered_have_no_errors(study: str) -> None:
    assert [f for f in undamaged(study) if f.severity == "error"] == []


def test_the_first_run_is_of_these_kinds() -> None:
    first = json.loads(FIRST.read_text(encoding="utf-8"))
    known = {kind["id"] for kind in first["kinds"]}
    assert set(NAMED) | {kind.id for kind in HARMLESS} == known
    assert len({name.partition(":")[0] for name in NAMED}) >= 40
    silent = Counter(kind["id"] for kind in first["kinds"] if kind.get("silent"))
    assert len(silent) >= 50


def test_every_undecidable_kind_is_one_of_them() -> None:
    bare = {name.partition(":")[0] for name in NAMED}
    assert {name for name in UNDECIDABLE if name not in NAMED} <= bare
