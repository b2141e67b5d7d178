"""Fixed words of the exhibits: one for each value that code compares."""

import ast
from pathlib import Path
from typing import get_args

import pytest

from evaluation.config.dictionary import Kind
from evaluation.config.plan import Theme
from evaluation.estimation.records import CheckStep, Status, Step
from evaluation.locale.messages import entries, texts
from evaluation.report.formats import words
from evaluation.report.prose.conclusions import Conclusion, Evidence
from evaluation.report.tables import data_and_plan
from tests.report import examples
from tests.tables import cases

CASES = cases(__file__)

EVALUATION = Path(__file__).resolve().parents[3] / "evaluation"
LITERALS = {
    "conclusion": Conclusion,
    "conclusion-explained": Conclusion,
    "evidence": Evidence,
    "status-of-plan": Status,
    "theme": Theme,
    "variable-type": Kind,
}


@pytest.mark.parametrize("prefix", LITERALS)
def test_each_value_that_code_compares_has_words(prefix):
    literal = LITERALS[prefix]
    assert set(entries(prefix)) == set(get_args(getattr(literal, "__value__", literal)))


def test_each_inference_method_has_words():
    asked = {*get_args(Step), *get_args(CheckStep)}
    assert set(entries("step")) == set(entries("step-in-words")) == asked


@pytest.mark.parametrize("prefix", ["evidence", "status-of-plan"])
def test_the_english_word_of_a_value_is_the_value(prefix):
    for value, said in texts(prefix, "en").items():
        assert said == value


def test_a_statistical_result_rules_nothing_out_in_words():
    """The value names the interval; "ruled out" is written where certainty allows it."""
    for language in ("en", "es"):
        for said in texts("conclusion", language).values():
            assert "ruled" not in said
            assert "descarta" not in said


def test_each_rule_of_the_checks_has_a_spanish_name():
    rules = set()
    for path in (EVALUATION / "data").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            given = isinstance(node, ast.keyword) and node.arg == "rule"
            named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RULE"
            if (given or named) and isinstance(node.value, ast.Constant):
                rules.add(node.value.value)
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Rule", "DataRule"):
                named = (part for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant))
                rules |= {part.value for part in named if isinstance(part.value, str)}
    assert len(rules) > 80
    assert sorted(rules - set(entries("rule"))) == []


def test_a_finding_in_spanish_has_the_decimal_comma():
    problem = "answers at 5, 10, 15, ... are 5.2 times as many as their neighbours'"
    source = examples.source(findings=(examples.finding("heaping", problem),))
    (found,) = source.records.findings
    assert "son 5,2 veces" in data_and_plan._same(
        type(source)(records=source.records, configuration=source.configuration, language="es"),
        [found.problem],
        found.problem,
    )
    assert "5.2 times" in data_and_plan._same(source, [found.problem], found.problem)


@pytest.mark.parametrize(("label", "language", "said"), CASES["labels"])
def test_a_label_is_said_without_brackets_and_its_time_behind_in(label, language, said):
    assert words.spoken(label, language) == said
