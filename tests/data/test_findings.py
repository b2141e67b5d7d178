"""A problem and its fix by ids: every value has a hole, every hole a value."""

import pytest

from evaluation.data.findings import Rule
from evaluation.errors import problem_and_fix
from evaluation.locale.messages import message


def test_each_entry_gets_the_values_it_has_holes_for():
    problem, fix = problem_and_fix("empty", "fill-in", {"name": "by"})
    assert problem == message("empty.problem", name="by")
    assert fix == message("fill-in.fix", name="by")


@pytest.mark.parametrize("values", [{}, {"name": "by", "other": 1}])
def test_a_value_too_many_or_too_few_is_refused(values):
    with pytest.raises(KeyError):
        problem_and_fix("empty", "fill-in", values)


def test_the_rule_is_the_id_of_both_and_a_line_is_told():
    error = Rule("unreadable-file", "error").refused("a.csv", 3)
    assert (error.where, error.rule) == ("a.csv:3", "unreadable-file")
    assert error.problem == message("unreadable-file.problem")
    assert error.fix == message("unreadable-file.fix")
