"""Which delivered values name places of the study: they are no answers of a person.

REQUIRES tables as delivered. The frame lists the study's places; a column of a survey file that
says the same in all rows of a place, and something else in every other place, names places too.
"""

import unicodedata
from collections.abc import Iterable

import pandas as pd

# of the rows of a list of places, how many must have a name of their own for a column of names
MOSTLY = 0.9
# as many rows of a place must agree before that says something
FEWEST_ROWS = 2


def folded(text: str) -> str:
    """A name without accents, case and doubled blanks: files write the same place differently."""
    bare = unicodedata.normalize("NFD", text)
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())


def is_name(text: str) -> bool:
    """Whether a text is made of words: a name has letters, and no digit."""
    return any(c.isalpha() for c in text) and not any(c.isdigit() for c in text)


def names_in_frame(column: pd.Series) -> frozenset[str]:
    """Values of a column of the frame that is a list of names; empty for any other column.

    Parameters
    ----------
    column : Series
        Texts, one for each cluster.
    """
    values = _texts(column)
    named = [value for value in values if is_name(value)]
    # a category (a department, urban or rural) stands in many rows, a name in one
    if not len(values) or len(named) < MOSTLY * len(values):
        return frozenset()
    return frozenset(named) if len(set(named)) >= MOSTLY * len(named) else frozenset()


def names_by_cluster(column: pd.Series, clusters: pd.Series) -> frozenset[str]:
    """Values of a column that each stand for one cluster; empty for any other column.

    Parameters
    ----------
    column, clusters : Series
        Texts of a survey file's rows, and the cluster of each row.
    """
    values = _texts(column)
    named = values[values.map(is_name).to_numpy(dtype=bool)]
    if not len(values) or len(named) < MOSTLY * len(values):
        return frozenset()
    places = clusters.loc[named.index].astype(str)
    by_place = named.groupby(places)
    several = by_place.size() >= FEWEST_ROWS
    alike = named == by_place.transform("first")
    if not several.any() or not alike.all() or several.sum() < MOSTLY * len(several):
        return frozenset()
    return frozenset(named) if named.nunique() >= MOSTLY * places.nunique() else frozenset()


def without_places(values: Iterable[str], names: Iterable[str]) -> set[str]:
    """Values that are not the name of a place, however it is written."""
    known = {folded(name) for name in names}
    return {value for value in values if folded(value) not in known}


def _texts(column: pd.Series) -> pd.Series:
    texts = column.dropna().astype(str).str.strip()
    return texts[texts != ""]
