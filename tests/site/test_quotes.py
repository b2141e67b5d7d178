"""Sentences to copy: each with its source, and a button for each of the two in view."""

import importlib.util
import re
import sys
from html import unescape

import pytest

from evaluation.locale.messages import texts
from tests.site.conftest import REPOSITORY, exhibit

EXTENSIONS = REPOSITORY / "book" / "_ext"
SENTENCE = 'Trust & "care": +0.41 (95% interval +0.29 to +0.53).'
CITED = "[SYNTHETIC] A (2026). T (Table SM-T01). Version 9.9."


@pytest.fixture
def quotes(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(EXTENSIONS), *sys.path])
    path = EXTENSIONS / "evaluation_quotes.py"
    specification = importlib.util.spec_from_file_location("evaluation_quotes", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("day", ["30 November 2026", ""])
def test_a_sentence_is_copied_alone_or_with_citation_code_version_and_day(quotes, language, day):
    words = texts("book-exhibit", language)
    table = exhibit("tbl-statements", citations=[{"name": "plain", "text": CITED}])
    made = quotes.quote(SENTENCE, table, day, words)
    alone, sourced = map(unescape, re.findall('data-copy="([^"]*)"', made))
    assert alone == SENTENCE
    assert sourced.startswith(f"{SENTENCE}\n{CITED} ")
    for part in ("SM-T01 v0.1", day):
        assert part in sourced
        # and it is there to be read at the sentence itself
        assert part in re.search("<figcaption>(.*?)</figcaption>", made)[1]
    for name in ("copy_sentence", "copy_sourced"):
        assert f">{words[name]}</button>" in made


def test_its_buttons_need_no_pointer_over_them_and_a_script():
    sheet = (REPOSITORY / "book" / "_static" / "evaluation.css").read_text("utf-8")
    rules = re.findall(
        r"([^{}]*quote-buttons[^{}]*|[^{}]*cite-text button[^{}]*)\{([^}]*)\}", sheet
    )
    assert rules
    assert not [name for name, rule in rules if "opacity: 0" in rule]
    assert any("cite-text button" in name and "opacity: 1" in rule for name, rule in rules)
