"""The catalogue of messages against itself and against the source that uses it."""

import ast
import functools
import re
from pathlib import Path

import pytest

from evaluation.locale.messages import HOLE, LANGUAGES, catalogue, message, pairs

CALLED = ("message", "messages.message", "worded")
ROOT = Path(__file__).resolve().parents[2] / "evaluation"


def holes(text: str) -> set[str]:
    return {name for name, _ in HOLE.findall(text)}


@functools.cache
def used() -> dict[str, str]:
    """Ids that the source asks for, and where."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.setdefault(node.value, f"{path.name}:{node.lineno}")
    return found


def test_both_languages_hold_the_same_ids_in_order() -> None:
    english, spanish = (list(catalogue(language)) for language in LANGUAGES)
    assert english == spanish
    assert english == sorted(set(english))


def test_every_entry_says_something_with_the_same_holes() -> None:
    for identifier, text in catalogue("en").items():
        assert text, identifier
        assert catalogue("es")[identifier], identifier
        assert holes(text) == holes(catalogue("es")[identifier]), identifier


def beginnings() -> set[str]:
    """How ids begin that the source puts together, such as ``f"benchmark-{kind}"``."""
    found = set()
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) in CALLED and node.args):
                continue
            for part in ast.walk(node.args[0]):
                if isinstance(part, ast.JoinedStr) and isinstance(part.values[0], ast.Constant):
                    found.add(str(part.values[0].value))
    return found


def test_no_entry_is_without_use() -> None:
    begun = tuple(beginnings())
    unused = {i for i in catalogue("en") if i not in used() and not i.startswith(begun)}
    assert not unused


def test_every_id_that_is_asked_for_is_there() -> None:
    asked = {}
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in CALLED and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    asked[first.value] = path.name
    assert set(asked) <= set(catalogue("en")), set(asked) - set(catalogue("en"))


def test_a_stored_english_text_is_found_again_in_spanish() -> None:
    for identifier, text in catalogue("en").items():
        assert re.sub(r"\{[a-z_]+(:[a-z]+)?\}", "{}", text) in {
            re.sub(r"\{\d+(:[a-z]+)?\}", "{}", key) for key in pairs()
        }, identifier


def test_a_hole_without_a_parameter_is_refused() -> None:
    with pytest.raises(KeyError):
        message("no-such-id.problem")
