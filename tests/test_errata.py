"""Every value printed by commit bb8f3d67 is printed still, or one line says why it is not."""

import pytest

from tests.pipeline.conftest import built_here
from tools import errata

SHORT = 12  # longer texts are sentences, which errata shorten


@pytest.fixture(params=errata.STUDIES)
def study(request):
    return request.param


@pytest.fixture
def moves(study):
    build = built_here(study, "exhibits") / "build"
    return errata.moved(errata.kept(study), errata.printed(build, study))


@pytest.mark.built
def test_every_changed_value_has_its_reason(study, moves):
    explained = {name for names in errata.covered(study, moves).values() for name in names}
    assert {name: move for name, move in moves.items() if name not in explained} == {}


@pytest.mark.built
def test_every_reason_explains_a_changed_value(study, moves):
    found = errata.covered(study, moves)
    whole = {name.split(".")[0] for name in errata.kept(study)}
    errata_of_exhibits = {e.number for e in errata.errata(study)} & whole
    idle = {c.numbers for c, names in found.items() if not names}
    assert {name for name in idle if name.replace("\\", "") not in errata_of_exhibits} == set()


@pytest.mark.built
def test_errata_of_one_number_give_what_was_printed_and_what_is(study, moves):
    for entry in errata.errata(study):
        before, after = moves.get(entry.number, ("", ""))
        for text, said in ((before, entry.before["en"]), (after or "", entry.after["en"])):
            assert len(text) > SHORT or text in said, entry.number


def test_a_value_that_changes_or_ends_is_found_and_a_new_one_is_none():
    before, after = {"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "2.5", "d": "4"}
    assert errata.moved(before, after) == {"b": ("2", "2.5"), "c": ("3", None)}


def test_the_demonstration_keeps_its_mark_and_no_reason_begins_with_any_exhibit(study):
    assert (errata.MARK in errata.kept(study)) == (study == "somos_comunidad")
    # a reason names its exhibits: none explains whatever changes
    assert [c.numbers for c in errata.changes(study) if not c.numbers.startswith("tbl-")] == []
