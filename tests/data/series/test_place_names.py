"""Names to codes in two steps, by hand."""

import pandas as pd
import pytest

from evaluation.data.series.place_names import NamedPlace, PlaceCodes, folded, named_places
from tests.tables import cases

CASES = cases(__file__)

PLACES = pd.DataFrame(CASES["places"], columns=["department", "name", "code"])
CODED = pd.DataFrame(CASES["coded"], columns=["department", "name", "code"])
KNOWN = PlaceCodes.of(PLACES, CODED)


@pytest.mark.parametrize(
    ("pair", "code", "reason"),
    [
        (("ANTIOQUIA", "MEDELLIN (CT)"), "05001", "divipola"),
        (("Cauca", "Argelia"), "19050", "divipola"),
        (("VALLE", "CALI (CT)"), "76001", "workbooks"),
    ],
)
def test_a_pair_has_the_code_of_the_first_step_that_knows_it(pair, code, reason):
    place = NamedPlace(department=pair[0], name=pair[1], code=code, reason=reason)
    assert KNOWN.resolve(pair) == place
    assert place.row == (*pair, code, reason)


@pytest.mark.parametrize("pair", CASES["not_sure"])
def test_what_is_not_sure_is_not_resolved(pair):
    assert KNOWN.resolve(tuple(pair)) is None


def test_pairs_are_resolved_once_and_in_order():
    pairs = [("VALLE", "CALI (CT)"), ("X", "Y"), ("ANTIOQUIA", "MEDELLIN"), ("X", "Y")]
    found, left = named_places(pairs, KNOWN)
    assert [place.name for place in found] == ["MEDELLIN", "CALI (CT)"]
    assert left == [("X", "Y")]


def test_capitals_accents_and_the_mark_of_a_capital_are_not_heard():
    assert (
        folded("  San José de Cúcuta (CT) ")
        == folded("SAN JOSE  DE CUCUTA")
        == "san jose de cucuta"
    )
