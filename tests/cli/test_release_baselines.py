"""What a release holds of the baseline means that its tables withhold."""

import dataclasses
import math

import pytest

from evaluation import io
from evaluation.cli import release_baselines
from evaluation.cli.release_baselines import FIELDS, is_hidden, without
from evaluation.spec.records import Estimate
from tests.report import examples

STUDY, PLAN = examples.STUDY, examples.PLAN
RECORDS = examples.records()
TRUST = next(e for e in RECORDS.estimates if e.outcome == "trust")
THREATS = next(e for e in RECORDS.estimates if e.outcome == "threats")


def levels(outcome, round_="baseline", **changes):
    return tuple(
        dataclasses.replace(x, **changes)
        if (x.outcome, x.arm, x.round) == (outcome, "comparison", round_)
        else x
        for x in RECORDS.levels
    )


@pytest.mark.parametrize(
    ("record", "changes", "hidden"),
    [
        (TRUST, {"n": 9}, True),
        (TRUST, {"n": 10}, False),
        (TRUST, {"n_clusters": 2}, True),
        (TRUST, {"n": 9, "round_": "endline"}, True),  # goes with its arm's other round
        (THREATS, {"n": 29}, True),
        (THREATS, {"n": 30}, False),
        (THREATS, {"mean": 100.0}, True),
    ],
)
def test_the_rule_is_that_of_the_table_of_levels(record, changes, hidden):
    assert is_hidden(record, levels(record.outcome, **changes), PLAN, STUDY) is hidden
    # a part of the sample differs from the whole by what was left out
    part = dataclasses.replace(record, sample="without:A")
    assert is_hidden(part, levels(record.outcome, **changes), PLAN, STUDY) is hidden


@pytest.mark.parametrize("changes", [{"n": 9}, {"n_clusters_comparison": 2}])
def test_a_small_part_is_withheld_by_itself(changes):
    part = dataclasses.replace(TRUST, sample="before:2021", **changes)
    assert is_hidden(part, RECORDS.levels, PLAN, STUDY)


def test_hidden_rows_lose_their_level_and_nothing_else(tmp_path):
    path = tmp_path / "estimates.csv"
    io.write_records(path, (TRUST, THREATS), Estimate, mark="SYNTHETIC")
    assert without(path.read_bytes(), [False, False]) == path.read_bytes()
    io.write_bytes(path, without(path.read_bytes(), [False, True]))
    first, second = io.read_records(path, Estimate)
    assert first == TRUST
    level = ("baseline_comparison_mean", "baseline_comparison_sd", "estimate_sd")
    assert all(math.isnan(getattr(second, name)) for name in level)
    assert set(level) == set(FIELDS)
    kept = {f.name: getattr(THREATS, f.name) for f in dataclasses.fields(Estimate)}
    assert {n: getattr(second, n) for n in kept if n not in FIELDS} == {
        n: v for n, v in kept.items() if n not in FIELDS
    }
    assert path.read_text(encoding="utf-8").count("SYNTHETIC") == 2


def test_a_table_without_levels_is_published_as_it_is(tmp_path):
    io.write_text(tmp_path / "estimates.csv", "study,estimate\nx,1\n")
    found = release_baselines.published([("estimates.csv", tmp_path / "estimates.csv")], None)
    assert found == {"estimates.csv": b"study,estimate\nx,1\n"}
