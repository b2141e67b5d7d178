"""No damage of the tiny study passes in silence, and none ends in a traceback."""

import json
import random
from collections import Counter

import pytest

from tests.data.in_spanish import unknown
from tests.faults.__main__ import FAILED, RESULTS, SEEDS, blind_kinds
from tests.faults.blind import EXPECT, WRITTEN
from tests.faults.damage import READ_RIGHT, Kind, in_file
from tests.faults.edit import put_sheet, sheet
from tests.faults.harness import Result, right, run, run_kind
from tests.faults.listed import GROUPS, KINDS
from tests.faults.page import PAGE, stored
from tests.faults.study import ROWS, delivery

PER_COMMIT = 2
ROUNDS = ("baseline", "endline")
NAMED = [pytest.param(kind, id=kind.id) for kind in (*KINDS, *blind_kinds())]


def stands(kind: Kind, seed: int) -> None:
    """The pass rule, for one kind and one seed."""
    result = run_kind(kind, seed)
    assert result.changed, f"{kind.id}, seed {seed}: the damage changed no file"
    assert result.outcome != "traceback", f"{kind.id}, seed {seed}: {result.trace}"
    assert result.outcome != "silent", f"{kind.id}, seed {seed}: {kind.words}"
    assert result.outcome != "elsewhere", (
        f"{kind.id}, seed {seed}: no finding by {kind.expect.rules} names the {kind.expect.place}"
    )
    if not kind.expect.rules:
        assert result.outcome == "read right", f"{kind.id}, seed {seed}: nothing was to be found"
    for finding in result.findings:
        assert finding.file
        assert finding.rule
        assert finding.fix
        assert unknown(finding.problem, finding.fix) == []


@pytest.mark.parametrize("kind", NAMED)
def test_damage_is_read_right_or_reported(kind):
    for seed in range(PER_COMMIT):
        stands(kind, seed)


@pytest.mark.faults
@pytest.mark.parametrize("kind", NAMED)
def test_damage_is_read_right_or_reported_on_all_seeds(kind):
    for seed in range(PER_COMMIT, SEEDS):
        stands(kind, seed)


def test_the_undamaged_study_has_no_findings():
    result = run(delivery(), manifest="as declared", expect=READ_RIGHT)
    assert result == Result(outcome="read right")
    files = (*ROUNDS, "frame")
    assert set(right()) == {*files, *(f"{name}: letters" for name in files)}
    # what would change if a remark were read in another encoding
    assert right()["endline: letters"] == "éíñó"


def test_every_group_has_the_kinds_that_were_planned():
    planned = {"F1": 7, "F2": 22, "F3": 10, "F4": 15, "F5": 13, "F6": 8}
    found = {group: sum(kind.group == group for kind in KINDS) for group in GROUPS}
    assert all(found[group] >= number for group, number in planned.items()), found
    assert len({kind.id for kind in KINDS}) == len(KINDS)


def test_another_value_without_a_finding_is_called_silent():
    # what the suite exists to show: a plausible edit that a person accepted
    before = sheet(delivery(), "baseline.csv")
    row = next(i for i, text in enumerate(before.column("confia_policia")) if text == "3")
    changed = put_sheet(delivery(), before.set({row: "4"}, "confia_policia"))
    assert run(changed, manifest="renewed", expect=READ_RIGHT).outcome == "silent"
    by_checksum = in_file("checksum", why="the file could be true")
    told = run(changed, manifest="as declared", expect=by_checksum)
    assert told.outcome == "reported"
    assert [finding.rule for finding in told.telling] == ["checksum"]


def test_every_blind_kind_has_an_expectation():
    assert {kind.id for kind in WRITTEN} == set(EXPECT)
    unsaid = [kind.id for kind in WRITTEN if kind.expect != READ_RIGHT]
    assert unsaid == [], "the blind author says what happened, not what must be found"


def test_damage_does_not_touch_the_delivery_and_repeats_itself():
    whole = dict(delivery().files)
    for kind in KINDS:
        one, two = (kind.apply(delivery(), random.Random(7)).files for _ in range(2))  # noqa: S311
        assert dict(one) == dict(two), kind.id
    assert dict(delivery().files) == whole


def test_the_study_is_the_one_that_was_agreed():
    baseline, endline = (sheet(delivery(), f"{name}.csv") for name in ROUNDS)
    assert len(baseline.rows) == len(endline.rows) == ROWS
    both = set(baseline.column("id_persona")) & set(endline.column("id_persona"))
    assert len(both) == 240
    assert any(identifier.startswith("0") for identifier in both)
    assert any(float(text or 0) > 1000 for text in baseline.column("ingreso"))
    assert delivery().files["endline.csv"].count(b"\r\n") > ROWS


def test_the_books_page_says_what_is_stored():
    assert PAGE.read_text(encoding="utf-8") == stored()


def test_the_stored_results_are_of_these_kinds_and_none_of_them_failed():
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert results["seeds"] == SEEDS
    for name, kinds in (("groups", KINDS), ("blind_groups", blind_kinds())):
        counted = {row["group"]: row["kinds"] for row in results[name]}
        assert counted == Counter(kind.group for kind in kinds)
        assert [row[outcome] for row in results[name] for outcome in FAILED if row[outcome]] == []
    asked = [kind.id for kind in KINDS if kind.manifest == "as declared"]
    assert [row["id"] for row in results["accepted"]] == asked
