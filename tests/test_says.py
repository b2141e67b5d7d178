"""From a sentence to its entry and to the lines that ask for it."""

import re

import pytest

from evaluation.locale.messages import HOLE, catalogue
from tools import says


def test_every_entry_has_a_line_that_asks_for_it():
    """Also those whose id is put together, which a search for text does not find."""
    known = re.compile("|".join(sorted({f"(?:{p.pattern.pattern})" for p in says.places()})))
    without = [
        identifier
        for identifier in catalogue("en")
        # what the operating system says is found by its own English
        if not identifier.startswith("outside.")
        and not any(known.fullmatch(identifier.removesuffix(e)) for e in says.ENDINGS)
        and not says.asked_for(identifier)
    ]
    assert without == []


@pytest.mark.parametrize(
    "identifier",
    ["plan-lock.problem", "answers.none-below", "robustness-primary-row", "stage.unchanged"],
)
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_printed_sentence_finds_its_entry(identifier, language):
    if identifier in catalogue(language):
        printed = HOLE.sub("Number 7", catalogue(language)[identifier][0])
        assert identifier in says.entries_of(printed)[:3]


def test_the_line_that_puts_an_id_together_is_named(capsys):
    """``robustness-headline.open`` is nowhere in the code as a whole."""
    assert says.main("robustness-headline.open") == 0
    assert "evaluation/report/figures/robustness.py:" in capsys.readouterr().out


def test_a_sentence_of_a_study_and_one_that_nobody_wrote(capsys):
    assert says.main("Compared inside subregions but nowhere written") == 1
    assert says.main("Weighted by population") == 0
    assert "config/somos_comunidad/plan.toml:" in capsys.readouterr().out
