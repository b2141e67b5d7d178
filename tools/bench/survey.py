"""The invented survey that everybody is measured on, an invented panel, and nothing else.

Two rounds, 70 municipalities of unequal size, rounds of unequal size, rows shuffled, names as text.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SEED = 20_261_101
CLUSTERS = 70
TREATED = 35
# Effects of many outcomes run from none to this; one outcome alone has none, so that its p-value
# is one that says something when two packages are compared.
EFFECT = 0.2
COVARIATES, OUTCOMES = 10, 20
MISSING = 0.05
# The panel's periods, and those in which its cohorts are treated first.
PERIODS, COHORTS = 10, (4, 5, 6, 7, 8)


@dataclass(frozen=True, slots=True)
class Kind:
    """Which columns a measurement needs: ``x0``, ``x1``, ... and ``y0``, ``y1``, ...

    ``missing`` is the share of every outcome that is not observed.
    """

    covariates: int = 0
    outcomes: int = 1
    missing: float = 0.0


# One outcome with covariates, as estimates of one primary outcome are made.
ONE = Kind(covariates=COVARIATES)
# Many outcomes as surveys arrive: each with answers missing in rows of its own.
MANY = Kind(outcomes=OUTCOMES, missing=MISSING)
# Many outcomes observed in the same rows, which other packages need for Romano-Wolf.
COMPLETE = Kind(outcomes=OUTCOMES)
# One outcome and no covariate: permutations of municipalities, and rounds that are planned.
PLAIN = Kind()
KINDS: Mapping[str, Kind] = {"one": ONE, "many": MANY, "complete": COMPLETE, "plain": PLAIN}


def names(kind: Kind) -> tuple[list[str], list[str]]:
    """Names of the covariates and of the outcomes."""
    return [f"x{j}" for j in range(kind.covariates)], [f"y{j}" for j in range(kind.outcomes)]


def make(n: int, kind: Kind) -> pd.DataFrame:
    """The survey, n rows.

    Columns ``municipality`` (text), ``treated``, ``post`` and ``did`` (their product) as 0.0 and
    1.0, the covariates and the outcomes. The same n gives the same municipalities and rounds for
    every kind.
    """
    rng = np.random.default_rng([SEED, n])
    sizes = rng.lognormal(sigma=0.7, size=CLUSTERS)
    cluster, post = _rows(n, sizes / sizes.sum(), rng)
    treated = (rng.permutation(CLUSTERS) < TREATED).astype(np.float64)
    labels = np.array([f"municipality {g:02d}" for g in rng.permutation(CLUSTERS)], dtype=object)
    columns = {
        "municipality": pd.Series(labels[cluster], dtype="str"),
        "treated": treated[cluster],
        "post": post,
        "did": treated[cluster] * post,
    }
    draw = np.random.default_rng([SEED, n, kind.covariates, kind.outcomes])
    common = draw.normal(scale=0.1, size=(kind.outcomes, 2, CLUSTERS))
    slope = np.zeros(n)
    covariates, outcomes = names(kind)
    for j, name in enumerate(covariates):
        columns[name] = draw.standard_normal(n) + 0.1 * j * post
        slope += 0.05 * (j + 1) * columns[name]
    for j, name in enumerate(outcomes):
        effect = EFFECT * (j % 4) / 3.0
        y = draw.standard_normal(n) + 3.0 + slope + effect * columns["did"]
        y += np.where(post > 0.0, common[j, 1][cluster], 0.0) + common[j, 0][cluster]
        if kind.missing:
            y[draw.random(n) < kind.missing] = np.nan
        columns[name] = y
    return pd.DataFrame(columns)


def panel(n: int) -> pd.DataFrame:
    """Units in ten periods, of which five cohorts are treated from the fourth to the eighth on.

    Columns ``unit`` and ``time``, ``first`` (0 for never treated) and ``y``; n rows, shuffled.
    """
    rng = np.random.default_rng([SEED, n, PERIODS])
    units, time = n // PERIODS, np.arange(1, PERIODS + 1)
    first = rng.choice([0, *COHORTS], size=units, p=[0.3, *[0.7 / len(COHORTS)] * len(COHORTS)])
    treated = (first[:, None] > 0) & (time >= first[:, None])
    y = rng.normal(size=(units, 1)) + 0.1 * time + EFFECT * treated
    y += rng.normal(size=(units, PERIODS))
    columns = {
        "unit": np.repeat(np.arange(units), PERIODS),
        "time": np.tile(time, units),
        "first": np.repeat(first, PERIODS),
        "y": y.ravel(),
    }
    return pd.DataFrame(columns).take(rng.permutation(units * PERIODS)).reset_index(drop=True)


def _rows(
    n: int, share: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Municipality and round of every row, shuffled; every cell has rows."""
    second = rng.uniform(0.4, 0.65, size=CLUSTERS)
    cells = np.column_stack([share * (1.0 - second), share * second]).ravel()
    counts = np.maximum(2, np.floor(cells * n)).astype(np.int64)
    counts[int(counts.argmax())] += n - counts.sum()
    cell = rng.permutation(np.repeat(np.arange(2 * CLUSTERS), counts))
    return cell // 2, (cell % 2).astype(np.float64)
