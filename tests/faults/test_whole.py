"""No plausible damage of the two studies' own files passes in silence, and clean files pass."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.kinds.whole_design import HARMLESS
from tests.faults.kinds.whole_expected import KINDS, TWINS, UNDECIDABLE
from tests.faults.whole import Plausible, run_kind, undamaged
from tests.faults.whole_run import OUTCOMES, RESULTS, SEEDS

FIRST = Path(__file__).with_name("whole_first_run.json")
# one of each family at each commit: a study is read again for every run
PER_COMMIT = (
    "arms-exchanged:medellin",
    "arm-and-cohort:somos_comunidad",
    "blocks-exchanged:medellin",
    "survey-arm-differs:somos_comunidad",
    "sex-turned-398:somos_comunidad",
    "headers-exchanged:medellin",
    "item-half-empty:medellin",
    "item-constant-end:medellin",
    "series-cumulative:somos_comunidad",
    "ids-cyrillic:somos_comunidad",
)
NAMED = {kind.id: kind for kind in KINDS}
# new warnings that are right: with other rows the counts they tell are others
OF_COUNTS = ("heaping", "recall-crosses-event", "near-identical-interview", "few-interviews")
# the demonstration's interviewers do lift and lower answers: which of them lies beyond chance hangs
# on whose interviews are in the file
OF_PARTS = (*OF_COUNTS, "interviewer-effect")


def stands(kind: Plausible, seed: int) -> None:
    result = run_kind(kind, seed)
    if kind.undecidable or (kind.id, seed) in TWINS:
        return
    assert result.outcome == "reported", (kind.id, seed, result.found[:3])


@pytest.mark.parametrize("name", PER_COMMIT)
def test_plausible_damage_is_reported(name):
    stands(NAMED[name], 0)


@pytest.mark.faults
@pytest.mark.parametrize("name", NAMED)
def test_plausible_damage_is_reported_on_all_seeds(name):
    for seed in range(SEEDS):
        stands(NAMED[name], seed)


@pytest.mark.faults
@pytest.mark.parametrize("kind", HARMLESS, ids=lambda kind: kind.id)
def test_clean_files_in_another_order_or_in_part_get_no_new_word(kind):
    right = OF_PARTS if kind.id.startswith("four-fifths") else OF_COUNTS
    for seed in range(SEEDS):
        found = [f for f in run_kind(kind, seed).found if f.rule not in right]
        assert found == []


@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_the_studies_as_delivered_have_no_errors(study):
    assert [f for f in undamaged(study) if f.severity == "error"] == []


def test_the_first_run_is_of_these_kinds():
    first = json.loads(FIRST.read_text(encoding="utf-8"))
    known = {kind["id"] for kind in first["kinds"]}
    assert set(NAMED) | {kind.id for kind in HARMLESS} == known
    assert len({name.partition(":")[0] for name in NAMED}) >= 40
    silent = Counter(kind["id"] for kind in first["kinds"] if kind.get("silent"))
    assert len(silent) >= 50


def test_the_stored_results_are_of_these_kinds_and_none_of_them_failed():
    stored = json.loads(RESULTS.read_text(encoding="utf-8"))
    rows = {row["id"]: row for row in stored["kinds"]}
    assert list(rows) == [*NAMED, *(kind.id for kind in HARMLESS)]
    assert stored["seeds"] == SEEDS
    for name, row in rows.items():
        assert sum(row.get(outcome, 0) for outcome in OUTCOMES) == SEEDS, name
        if name in NAMED and not NAMED[name].undecidable:
            twins = sum(kind == name for kind, _ in TWINS)
            assert row.get("reported") == SEEDS - twins, name


def test_every_undecidable_kind_is_one_of_them():
    bare = {name.partition(":")[0] for name in NAMED}
    assert {name for name in UNDECIDABLE if name not in NAMED} <= bare
