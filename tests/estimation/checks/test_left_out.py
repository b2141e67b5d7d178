"""What may not be published beside the whole: counted by hand on designs without a regression."""

import dataclasses

import pytest

from evaluation.estimation.checks.leave_out import hidden, too_few
from tests.estimation.checks.small_checks import case, villages
from tests.estimation.studies import STUDY

TREATED = {f"t{k}": 1.0 + k for k in range(6)}
OTHER = {f"c{k}": 2.0 * k for k in range(6)}


def made(least=3, cell=1):
    study = dataclasses.replace(STUDY, minimum_clusters=least, minimum_cell=cell)
    return case(villages(TREATED | OTHER), "leave_one_out", study=study)


def of(letters):
    """Values of the villages in order, treated first; a dash has none."""
    names = [*TREATED, *OTHER]
    return dict(zip(names, (x.replace("-", "") for x in letters), strict=True))


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        # all of three or more
        ("AAABBBAAABBB", set()),
        # B has two treated villages: the other value goes too, or B is what it leaves
        ("AAAABBAAABBB", {"A", "B"}),
        # B has treated villages only, and enough: nothing is short
        ("AAABBBAAAAAA", set()),
        # B has one treated village and none of the comparison, where nothing is short then
        ("AAAAABAAAAAA", {"A", "B"}),
        # A and B have two each: four are enough together, and C need not go
        ("AABB--AAABBB", {"A", "B"}),
        ("AABBCCCCCCCC", {"A", "B", "C"}),
        # B has one of the comparison, D two: three together, so that C need not go
        ("DDDCCCBCCCDD", {"B", "D"}),
        ("------------", set()),
    ],
)
def test_hidden_values(letters, expected):
    """A value is short where a group has it one or two times of at least three."""
    one = made()
    assert hidden(one, one.primary_design(), of(letters)) == expected


def test_the_next_fewest_goes_with_a_short_value():
    """B is short by one of the treated; of A (three) and C (four) there, A goes too."""
    names = {f"t{k}": 1.0 + k for k in range(9)} | {f"c{k}": 2.0 * k for k in range(9)}
    one = case(villages(names), "leave_one_out")
    values = dict(zip(names, "CCCCAAABBCCCCAAABB", strict=True))
    assert hidden(one, one.primary_design(), values) == {"A", "B"}
    # and by name where both are alike in number
    values = dict(zip(names, "CCC-AAABBCCC-AAABB", strict=True)) | {"t3": "", "c3": ""}
    assert hidden(one, one.primary_design(), values) == {"A", "B"}


def shown(reason):
    """A reason as the record holds it; empty where there is none."""
    return str(reason or "")


def without(one, *gone):
    panel = one.frames.panel
    return one.design(panel[~panel["village"].isin(gone)])


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        ((), ""),
        (("t0", "t1", "t2"), ""),
        (("t0", "t1"), "too few clusters left out to publish: fewer than 3 of the treatment group"),
        (("c0",), "too few clusters left out to publish: fewer than 3 of the comparison group"),
        (
            ("t0", "t1", "t2", "c0", "c1"),
            "too few clusters left out to publish: fewer than 3 of the comparison group",
        ),
    ],
)
def test_whole_villages_that_leave(gone, reason):
    one = made()
    assert shown(too_few(one, one.primary_design(), without(one, *gone))) == reason


@pytest.mark.parametrize(
    ("cell", "reason"),
    [(12, ""), (13, "too few interviews left out to publish: fewer than 13")],
)
def test_interviews_that_leave(cell, reason):
    """Three villages of two interviews in each of two rounds: twelve."""
    one = made(cell=cell)
    assert shown(too_few(one, one.primary_design(), without(one, "t0", "t1", "t2"))) == reason


@pytest.mark.parametrize(("short", "reason"), [(2, "fewer than 3"), (3, "")])
def test_villages_that_lose_one_interview_each(short, reason):
    one = made()
    panel = one.frames.panel
    lost = [f"c{k}endline0" for k in range(short)]
    fewer = one.design(panel[~panel["respondent"].isin(lost)])
    found = shown(too_few(one, one.primary_design(), fewer))
    assert found == (f"too few clusters left out to publish: {reason}" if reason else "")
