"""Frozen numbers and sums of R, as tests/fixtures/r/make_fixtures.R wrote them."""

from pathlib import Path

import causaldata
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.conftest import shared_data

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "r"
CASTLE = "causaldata/castle.dta"


def input_path(name: str) -> Path:
    """Where an input of the R script lies: in a package, beside it, or in the reference data."""
    if name == CASTLE:
        return Path(causaldata.__file__).parent / "castle" / "castle.dta"
    return FOLDER / name if "/" not in name else shared_data(name)


def sums(name: str) -> pd.DataFrame:
    """Sums by cluster of data that are not copied here."""
    return pd.read_csv(FOLDER / name)


def root(products: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows that have these cross-products: R with R'R equal to them, zero rows left out."""
    values, vectors = np.linalg.eigh(products)
    kept = values > 1e-14 * values[-1]
    return np.sqrt(values[kept])[:, None] * vectors[:, kept].T
