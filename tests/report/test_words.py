"""Fixed words of the exhibits: one for each value that code compares, the same in both languages.

A text of two languages has the same holes in both; its Spanish has no English and the marks of
numbers that Colombia uses.
"""

import ast
import importlib
import re
from pathlib import Path
from typing import get_args

import pytest

from evaluation.report import rule_words, table_data, words
from evaluation.report.conclusions import CONCLUSIONS, EVIDENCES, EXPLAINED, Conclusion, Evidence
from evaluation.report.plan_words import TYPES
from evaluation.spec.dictionary import Kind
from evaluation.spec.load import Text
from evaluation.spec.plan import Theme
from evaluation.spec.records import CheckStep, Status, Step
from tests.report import examples
from tests.report.in_spanish import FUNCTION_WORDS

EVALUATION = Path(__file__).resolve().parents[2] / "evaluation"
LITERALS = {
    "conclusions": (Conclusion, CONCLUSIONS),
    "why conclusions": (Conclusion, EXPLAINED),
    "evidence": (Evidence, EVIDENCES),
    "status": (Status, words.STATUSES),
    "themes": (Theme, words.THEMES),
    "types": (Kind, TYPES),
}
# Words that both languages write alike, and names.
ALIKE = re.compile(
    r"^(?:p|M|no|CV\d|CR2|WCR|WCR-S|Conley|REML|CV3jackknife|Jackknife|panel|n|error|variable|ordinal|id|No|APA|BibTeX|RIS|Plan|Omega|Control"
    r"|nominal|Variable|pp|min|%|Error|km|CFI|RMSEA|SRMR|)$"
)


def found_texts() -> dict[str, Text]:
    """Every text of two languages of the report layer, by where it stands."""
    made = {}
    for path in sorted((EVALUATION / "report").glob("*.py")):
        module = importlib.import_module(f"evaluation.report.{path.stem}")
        for name, value in vars(module).items():
            for key, text in inside(value):
                made[f"{path.stem}.{name}{key}"] = text
    return made


def inside(value: object, key: str = "", depth: int = 0):
    if isinstance(value, Text):
        yield key, value
    elif depth < 2 and isinstance(value, dict):
        for name, part in value.items():
            yield from inside(part, f"{key}[{name}]", depth + 1)
    elif depth < 2 and isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from inside(part, f"{key}[{number}]", depth + 1)


TEXTS = found_texts()


@pytest.mark.parametrize("name", LITERALS)
def test_each_value_that_code_compares_has_words(name):
    literal, said = LITERALS[name]
    assert set(said) == set(get_args(getattr(literal, "__value__", literal)))


def test_each_inference_method_has_words():
    asked = {*get_args(Step), *get_args(CheckStep)}
    assert set(words.STEPS) == set(words.STEPS_IN_WORDS) == asked


@pytest.mark.parametrize("kind", ["conclusions", "evidence", "status"])
def test_the_english_word_of_a_value_is_the_value(kind):
    for value, text in LITERALS[kind][1].items():
        # what rests on assumptions says so behind the value
        assert text.en.removesuffix(" under these assumptions") == value


def test_the_texts_are_found():
    assert len(TEXTS) > 500
    assert "words.STATUSES[deviation]" in TEXTS


def test_holes_of_both_languages_are_the_same():
    holes = re.compile(r"\{[^{}]*\}")
    differ = [
        name
        for name, text in TEXTS.items()
        if set(holes.findall(text.en)) != set(holes.findall(text.es))
    ]
    assert differ == []


def test_no_english_stands_in_the_spanish():
    # the licence has one name in all languages
    bare = {name: re.sub(r"\{[^{}]*\}|CC BY 4\.0", "", text.es) for name, text in TEXTS.items()}
    assert [name for name, said in bare.items() if FUNCTION_WORDS.search(said)] == []
    alike = [
        name
        for name, text in TEXTS.items()
        if text.en == text.es and not ALIKE.match(re.sub(r"\{[^{}]*\}|[^\w-]", "", text.en))
    ]
    assert alike == []


def test_numbers_in_the_spanish_have_its_marks():
    """``2,8`` and ``80 %`` with a space that does not break; ``«»`` around quoted words."""
    wrong = re.compile(r"\d%|\d\.\d(?!\d\d)|\d,\d{3}\b|[\u201c\u201d\"]")
    bare = {name: text.es.replace("CC BY 4.0", "") for name, text in TEXTS.items()}
    assert [name for name, said in bare.items() if wrong.search(said)] == []


def test_each_rule_of_the_checks_has_a_spanish_name():
    rules = set()
    for path in (EVALUATION / "data").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            given = isinstance(node, ast.keyword) and node.arg == "rule"
            named = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RULE"
            if (given or named) and isinstance(node.value, ast.Constant):
                rules.add(node.value.value)
    assert len(rules) > 80
    assert sorted(rules - set(rule_words.RULES)) == []
    assert rule_words.rule_label("near-id", "en") == "near id"


def test_a_finding_in_spanish_has_the_decimal_comma():
    problem = "answers at 5, 10, 15, ... are 5.2 times as many as their neighbours'"
    source = examples.source(findings=(examples.finding("heaping", problem),))
    (found,) = source.records.findings
    assert "son 5,2 veces" in table_data._same(
        type(source)(records=source.records, configuration=source.configuration, language="es"),
        [found.problem],
        found.problem,
    )
    assert "5.2 times" in table_data._same(source, [found.problem], found.problem)


@pytest.mark.parametrize(
    ("label", "language", "said"),
    [
        ("Victim of any event, 12 months (battery)", "en", "Victim of any event in 12 months"),
        (
            "Algún contacto con la policía, 6 meses",
            "es",
            "Algún contacto con la policía en 6 meses",
        ),
        ("Trust in the police, 5 or more of 7", "en", "Trust in the police, 5 or more of 7"),
        ("Trust (index)", "en", "Trust"),
    ],
)
def test_a_label_is_said_without_brackets_and_its_time_behind_in(label, language, said):
    assert words.spoken(label, language) == said
