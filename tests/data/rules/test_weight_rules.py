"""Findings about weights as a whole: each threshold from both sides, and what they may not say."""

import dataclasses

import pytest

from evaluation.config.manifest import RawFile
from evaluation.config.sampling import WeightCheck
from evaluation.data.rules.design import weight_findings
from tests.tables import cases

CASES = cases(__file__)

FILE = RawFile(
    id="endline",
    path="endline.csv",
    role="endline",
    format="csv",
    sha256="",
    rows=0,
    origin="test",
    round="endline",
)
WHOLE = WeightCheck(
    study="s",
    round="endline",
    level="all",
    name="",
    n=100,
    n_clusters=4,
    total=1000.0,
    people=1000.0,
    coverage=1.0,
    design_effect=1.2,
    largest_to_smallest=10.0,
    share_change=1.0,
)


def found(*, whole=None, n=20, **changes):
    """Four clusters of n interviews, the third and fourth of which are as given."""
    checks = [dataclasses.replace(WHOLE, **(whole or {}))]
    for i in range(4):
        own = {"level": "cluster", "name": f"M{i}", "n": n, "n_clusters": 1}
        checks.append(dataclasses.replace(WHOLE, **own, **(changes if i >= 2 else {})))
    return weight_findings(checks, {"endline": FILE}, weight="weight")


def test_weights_that_follow_the_frame_are_no_finding():
    assert found() == ()


@pytest.mark.parametrize(("changes", "rule"), CASES["faults"])
def test_one_warning_for_each_fault(changes, rule):
    (finding,) = found(**changes)
    assert (finding.rule, finding.severity) == (rule, "warn")
    assert (finding.file, finding.column, finding.line) == ("endline.csv", "weight", 0)


@pytest.mark.parametrize("changes", CASES["thresholds"])
def test_the_thresholds_themselves_and_unknown_people_are_no_finding(changes):
    assert found(**changes) == ()


def test_clusters_are_counted_and_not_named():
    (finding,) = found(coverage=3.0)
    assert "in 2 of 4 clusters (of 20 interviews or more)" in str(finding.problem)
    assert "M2" not in f"{finding.problem}{finding.row_key}{finding.value}"


def test_clusters_of_few_interviews_are_not_judged():
    changes = {
        "coverage": 3.0,
        "share_change": 3.0,
        "design_effect": 5.0,
        "largest_to_smallest": 500.0,
    }
    assert {f.rule for f in found(**changes)} == {
        "weight-total",
        "weight-share-change",
        "weight-spread",
        "weight-ratio",
    }
    assert found(n=19, **changes) == ()
