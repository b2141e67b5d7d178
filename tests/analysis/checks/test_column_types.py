"""Columns of types that know missing values give what plain floats and flags give."""

import dataclasses
import math

import pandas as pd
import pytest

from tests.analysis.checks.every_check import people, places, rows_of, rows_of_the_study
from tests.analysis.checks.register import REGISTER
from tests.estimation.studies import series


@pytest.fixture(scope="module")
def table():
    return people()


def known_missing(table):
    """Whole numbers, decimals, flags and texts in pandas' own types, and flags as 0 and 1."""
    made = table.convert_dtypes()
    flags = [name for name in ("panel_member", "took_part") if name in made.columns]
    return made.astype(dict.fromkeys(flags, "Int64"))


def same(one, other):
    if isinstance(one, float):
        # sums may be taken in another order: numbers of size 1 to 100
        return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return one == other


@pytest.mark.parametrize("kind", REGISTER)
def test_a_check_does_not_ask_how_a_column_is_stored(kind, table):
    plain = rows_of_the_study(kind)
    stored = rows_of(kind, *map(known_missing, (table, places(table), series(table))))
    assert len(plain) == len(stored)
    for one, other in zip(plain, stored, strict=True):
        assert type(one) is type(other)
        for field in dataclasses.fields(one):
            pair = getattr(one, field.name), getattr(other, field.name)
            both_missing = all(isinstance(x, float) and math.isnan(x) for x in pair)
            assert both_missing or same(*pair), (field.name, pair)


def test_the_types_are_not_plain(table):
    types = {str(t) for t in known_missing(table).dtypes}
    assert {"Int64", "Float64"} <= types
    assert pd.api.types.is_extension_array_dtype(known_missing(table)["village"])
