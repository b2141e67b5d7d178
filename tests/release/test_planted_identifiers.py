"""Planted identifiers in files of all kinds are found; see :mod:`tests.release.planted`."""

from collections import Counter

import pytest

from evaluation.release.identifier_scan import Known
from evaluation.release.searched_before import found_in
from tests.release import planted

KNOWN = Known(ids=planted.IDS, answers={})
# at least these shares are to be found of what the form decides, and of names (issue 27)
BY_FORM, NAMES = 0.9, 0.75
OF_NAMES = ("name of a department", "surnames first")
TEXTS = [(rule, text) for _, rule, texts in planted.TEXTS for text in texts]
# words, places and numbers that look like them
CLEAN = [
    "Mina, Dagua and Balanta are a mine, a town and a river",
    "la mina de Dagua; el municipio de Dagua, Valle; la vereda Balanta y el Alto Mina",
    "San Andrés Mina, Santa Rosa Mina, Villa Carmen Dagua",
    "El Carmen de Bolívar, Simití, San Jacinto, Santander de Quilichao, Patía, Caloto",
    "el resguardo Tuberquia y la familia Domicó viven allí",
    "CC BY 4.0, cc-by-4.0, CC0-1.0, cc 12, c.c. de 2020",
    "0,048; -7,081 y -74,123, 4,609 y 4,60; -74,08",
    "panel (a) results.csv, panel (b), f(a) b.code",
    "casas en el sitio punto por punto, en 2020 punto final",
    "table in Facebook's report, posts on Twitter, en Instagram hay fotos",
    "1O3 and l2 of 31O, 10l5 in row O5",
    "review board (201701883), registered in 2017",
    "born out by Table 3 of 2020, nac 12 de 350, May 3, 2020",
    "W 48 of 2137, QX 04 and 12 07, w-48, 7c0f93b1d2",
    '{"range": [-74, 4.6], "ticks": [-75.5, 6.25]}',
]


def rules(name, data):
    return {hit.rule for hit in found_in(f"release/en/{name}", data, KNOWN).hits}


@pytest.mark.parametrize(("group", "rule", "text", "name", "data"), planted.plants(),
                         ids=lambda value: "" if isinstance(value, bytes) else None)  # fmt: skip
def test_planted_identifiers_are_found(group, rule, text, name, data):
    assert (rule in rules(name, data)) is (text not in planted.UNDECIDABLE), group


def test_enough_is_found_of_what_form_decides_and_of_names():
    found, all_of = Counter(), Counter()
    for group, rule, _, name, data in planted.plants():
        kind = group in OF_NAMES
        all_of[kind] += 1
        found[kind] += rule in rules(name, data)
    assert found[False] >= BY_FORM * all_of[False]
    assert found[True] >= NAMES * all_of[True]
    assert sum(all_of.values()) + len(planted.COLUMNS) >= 120
    assert len(planted.CONTAINERS) >= 20


@pytest.mark.parametrize("container", planted.CONTAINERS)
def test_every_container_hides_few_of_them(container):
    """Whatever the file; signs that Latin-1 lacks are lost in some of them."""
    missed = [
        text
        for rule, text in TEXTS
        if text not in planted.UNDECIDABLE
        and rule not in rules(container, planted.CONTAINERS[container](planted.whole(text)))
    ]
    assert len(missed) <= 3, missed


@pytest.mark.parametrize("text", CLEAN)
@pytest.mark.parametrize("name", ["page.md", "page.html", "comma.csv", "text.json"])
def test_words_and_places_are_no_identifiers(text, name):
    assert rules(name, planted.CONTAINERS[name](text)) == set()
