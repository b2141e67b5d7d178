"""Sixty planted identifiers of kinds that were missed, and twenty answers that somebody altered.

All are invented. What is missed stands beside, with its reason, so that nobody takes the search for
more than it is.
"""

import pytest

from evaluation.release.identifier_scan import KnownValues, altered_of, answers_by_word, search
from evaluation.release.published_text import TextPart
from tests.tables import cases

CASES = cases(__file__)

PLANTED = CASES["planted"]
# kinds that a reader of the first list missed
MORE = CASES["more"]
# the e-mail and others in the name of a file
NAMED = CASES["named"]
assert len(PLANTED) + len(NAMED) == 60

ANSWER = (
    "Vinieron de noche cuatro hombres armados y me quitaron la finca de mis abuelos, por eso salí"
    " con mis hijos para la ciudad"
)
OTHER = "El inspector nunca quiso recibir la denuncia porque decía que faltaba una firma"
KNOWN = KnownValues(
    ids=frozenset({"P48213"}),
    answers=answers_by_word({ANSWER, OTHER}),
    altered=altered_of({ANSWER, OTHER}),
    places=frozenset({"macondo"}),
)
ALTERED = CASES["altered"]
assert len(ALTERED) == 20
# what the search does not find, and why
MISSED = CASES["missed"]
CLEAN = CASES["clean"]


def rules(text, name="t.txt", known=KNOWN, *, cells=False):
    return {hit.rule for hit in search(TextPart(name, text, cells), known)}


@pytest.mark.parametrize(("rule", "text"), PLANTED, ids=lambda x: ascii(x)[1:25].replace("\\", ""))
@pytest.mark.parametrize("around", ["{}", "Se dijo: {}, y nada más.", 'row,"{}",3'])
def test_sixty_planted_identifiers_are_found(rule, text, around):
    assert rule in rules(around.format(text))


@pytest.mark.parametrize(("rule", "text"), MORE, ids=lambda x: ascii(x)[1:25].replace("\\", ""))
@pytest.mark.parametrize("around", ["{}", "Se dijo: {}, y nada más.", 'row,"{}",3', "<td>{}</td>"])
def test_further_planted_identifiers_are_found(rule, text, around):
    assert rule in rules(around.format(text))


@pytest.mark.parametrize("around", ["{}", 'row,"{}",3', "<td>{}</td>", "1;{};2"])
def test_one_surname_and_one_first_name_are_found_in_a_cell(around):
    assert "name" in rules(around.format("Rojas, María"))


@pytest.mark.parametrize(("rule", "name"), NAMED)
def test_what_a_files_name_says_is_found(rule, name):
    assert rule in rules("nothing", name=f"release/en/{name}")
    # what a name says stands in no line
    hits = search(TextPart(f"release/en/{name}", "a first line\nnothing", cells=False), KNOWN)
    assert {hit.line for hit in hits if hit.rule == rule} == {0}


@pytest.mark.parametrize("text", ALTERED)
def test_twenty_altered_answers_are_found(text):
    assert "raw-answer" in rules(f"Una persona dijo: {text}. Y siguió.")


@pytest.mark.parametrize(("why", "text"), MISSED)
def test_what_is_missed_is_known(why, text):
    assert rules(f"Se dijo: {text}, y nada más.") == set(), why


@pytest.mark.parametrize("text", CLEAN)
def test_results_and_prose_are_no_identifiers(text):
    assert rules(text) == set()


def test_a_phrase_that_several_people_said_is_nobodys():
    known = KnownValues(
        answers={},
        altered=altered_of(
            {"la junta de acción comunal ayuda", "llamé a la junta de acción comunal"}
        ),
    )
    assert rules("habló con la junta de acción comunal de la vereda", known=known) == set()
