"""Which delivered values are names of places: small lists written down here."""

import pandas as pd
import pytest

from evaluation.release.known_identifiers import names_by_cluster, names_in_frame, without_places
from tests.tables import cases

CASES = cases(__file__)

NAMES = ["Aldea Uno", "Aldea Dos", "Puerto Tres", "Villa Cuatro"]
PLACES = pd.Series(["a", "a", "a", "b", "b", "b", "c", "c", "d", "d"])
OF_PLACE = pd.Series([NAMES["abcd".index(p)] for p in PLACES])


def test_a_column_of_the_frame_with_a_name_a_row_lists_places():
    assert names_in_frame(pd.Series([*NAMES, ""])) == set(NAMES)


@pytest.mark.parametrize("values", CASES["columns"])
def test_other_columns_of_the_frame_list_none(values):
    assert names_in_frame(pd.Series(values)) == set()


def test_what_every_row_of_a_place_says_alike_names_the_place():
    assert names_by_cluster(OF_PLACE, PLACES) == set(NAMES)


@pytest.mark.parametrize(("unnamed", "names"), [(2, set(NAMES)), (3, set())])
def test_nine_rows_in_ten_must_have_a_name(unnamed, names):
    places = pd.concat([PLACES, PLACES], ignore_index=True)
    said = pd.concat([OF_PLACE, OF_PLACE], ignore_index=True).mask(places.index < unnamed, "12")
    assert names_by_cluster(said, places) == names


def test_remarks_and_categories_are_no_names_of_places():
    said = pd.Series([f"dijo algo {'xyzuvwmnop'[i]}" for i in range(10)])
    assert names_by_cluster(said, PLACES) == set()
    # one remark in each place is not what every row of a place says
    rare = pd.Series([NAMES["abcd".index(p)] if i in (0, 3, 6, 8) else "" for i, p in
                      enumerate(PLACES)])  # fmt: skip
    assert names_by_cluster(rare, PLACES) == set()
    group = pd.Series(["con" if p in "ab" else "sin" for p in PLACES])
    assert names_by_cluster(group, PLACES) == set()
    # one row that says something else
    assert names_by_cluster(OF_PLACE.replace({2: "Otra"}).mask(PLACES.index == 2, "Otra"), PLACES) \
        == set()  # fmt: skip


def test_a_place_is_known_without_accents_and_in_capitals():
    said = {"MÚLTIPLE  puerto", "el puerto no es seguro"}
    assert without_places(said, ["Multiple Puerto"]) == {"el puerto no es seguro"}
