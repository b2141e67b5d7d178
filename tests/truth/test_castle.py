"""Castle doctrine: CV1, CR2 with Satterthwaite df and CV3 as clubSandwich prints them."""

import csv
from pathlib import Path

import numpy as np
import pytest
from causaldata import castle

from evaluation.stats.blocks import accumulate
from evaluation.stats.cr2 import cr2
from evaluation.stats.fit import cv1, least_squares
from evaluation.stats.jackknife import jackknife

pytestmark = pytest.mark.truth

with (Path(__file__).parent / "castle_clubsandwich.csv").open(encoding="utf-8") as lines:
    PRINTED = list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _blocks(weights):
    data = castle.load_pandas().data
    years = sorted(data["year"].unique())[1:]
    dummies = (data["year"].to_numpy()[:, None] == np.array(years)).astype(float)
    return accumulate(
        np.column_stack([data["post"], dummies]),
        data["l_homicide"],
        weights=np.ones(len(data)) if weights == "none" else data[weights],
        cluster=data["sid"],
        columns=["post", *(f"year_{year}" for year in years)],
        absorb="cluster",
    )


def _result(blocks, step):
    fit = least_squares(blocks)
    if step == "CR2":
        return cr2(blocks, fit, "post")
    if step == "CV3":
        return jackknife(blocks, fit, "post")
    return cv1(fit, "post", factor=step)


@pytest.mark.parametrize("row", PRINTED, ids=lambda row: f"{row['step']}-{row['weights']}")
def test_every_printed_digit(row):
    """Tolerance: half a unit of the last printed digit; for p a unit, as the source cuts it there.

    (.0734635047, from N by N matrices too, is printed as .073463.)
    """
    result = _result(_blocks(row["weights"]), row["step"])
    found = {"estimate": result.estimate, "std_error": result.std_error, "df": result.df}
    found["p_value"] = result.p_value()
    printed = {name: row[name] for name in found if row[name]}
    assert "std_error" in printed
    for name, text in printed.items():
        unit = 10.0 ** -len(text.split(".")[1])
        assert abs(found[name] - float(text)) < (1.0 if name == "p_value" else 0.5) * unit, name


def test_the_table_is_complete():
    assert len(PRINTED) == 10
    assert sum(bool(row["df"]) for row in PRINTED) == 2
