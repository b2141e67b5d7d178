"""How often either permutation test detects a fall: treatment placed at random, all tests anew.

Both tests hold their size where treatment was placed at random inside strata. Which detects more is
another question, and no permutation of the data as they are answers it: so here a fall is put into
places drawn at random, and each data set is tested by both.
"""

import numpy as np

from evaluation.config.plan import seed
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference.permutation_draws import Permutations, permutations
from evaluation.estimation.many_periods import poisson_inference
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.estimation.many_periods.poisson_strata import placements
from evaluation.estimation.many_periods.poisson_units import Counts, counts

PERMUTATIONS = 199
BLOCK = 25
ENTRY = "homicides power of tests"
LEVEL = 0.05


def rejections(panel: UnitPanel, fall: float, block: int) -> tuple[int, int]:
    """Data sets of a block in which either test rejects no effect at five percent.

    Parameters
    ----------
    panel : UnitPanel
        Counts of one cohort, as they were recorded.
    fall : float
        Share of the events after entry that treatment prevents; 0 gives the size.
    block : int
        Number of the block, from 0: its placements and its chance are its own.

    Returns
    -------
    coefficient, studentised : int
        Of `BLOCK` data sets.

    Notes
    -----
    Each event of a treated unit after entry stays with probability 1 - fall. What the programme did
    where it really was is among the events that are kept.
    """
    generator = np.random.default_rng([seed(ENTRY), block])
    made, places = counts(panel), _entries(panel, _drawn(panel, block, BLOCK, "placed"))
    tests = placements(made, _entries(panel, _drawn(panel, block, PERMUTATIONS, "tested")))
    found = np.zeros(2, dtype=int)
    for first in places:
        kept = np.where(made.columns[first][:, :, 0] > 0.0, 1.0 - fall, 1.0)
        y = generator.binomial(made.y.astype(int), kept).astype(float)
        permuted = poisson_inference.permuted_as(_with(made, y, first), tests)
        p = (permuted.p_value(studentised=False), permuted.p_value())
        found += np.array(p) <= LEVEL + 1e-9
    return int(found[0]), int(found[1])


def _drawn(panel: UnitPanel, block: int, number: int, what: str) -> Permutations:
    first = dict(zip(panel.units, map(str, panel.first.tolist()), strict=True))
    strata = dict(zip(panel.units, map(str, panel.stratum.tolist()), strict=True))
    key = seed(f"{ENTRY} {what} {block}")
    return permutations(first, strata=strata, number=number, seed=key)


def _entries(panel: UnitPanel, drawn: Permutations) -> Codes:
    among = drawn.among(panel.units)
    first = np.zeros(among.n_arms, dtype=np.int64)
    first[among.observed] = panel.first
    return np.asarray(first[among.codes.T])


def _with(made: Counts, y: Floats, first: Codes) -> Counts:
    """Other counts and other places; periods in which a stratum then has no event are left out."""
    events = np.zeros((int(made.stratum.max()) + 1, y.shape[1]))
    np.add.at(events, made.stratum, y)
    exposure = np.where(events[made.stratum] > 0.0, made.exposure, 0.0)
    return Counts(y, exposure, made.stratum, first, made.columns, made.names, made.weight)
