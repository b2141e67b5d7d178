"""Size study: how often each inference step rejects a true null in five invented designs.

Two rounds of G clusters, person weights, no effect. The designs differ in what few-cluster
inference suffers from: unequal weights, shocks that spread more among the treated, unequal groups.

Data-generating process
-----------------------
Cluster g has size n_g = exp(s z_g), z_g standard normal, drawn afresh for every data set; s is
``log_size_sd``. Its change between the rounds is u_g = r_g e_g with e_g standard normal, r_g = 1
in the comparison group and ``treated_spread`` in the treated group; sizes and changes are
independent. Both rounds carry the weight n_g, so the difference-in-differences with cluster and
round effects is the contrast of size-weighted mean changes, and its true value is zero. With
s = 1 the largest of 70 clusters holds about 10 % of the weight.
"""

import dataclasses
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr

from evaluation.config.plan import seed
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference import bootstrap, permutation, permutation_draws
from evaluation.estimation.inference.cr2 import cr2_errors
from evaluation.estimation.inference.inversion import TIE, share_of
from evaluation.estimation.inference.jackknife import cv3_errors
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import cv1_errors, least_squares, two_sided

Method = Literal["cv1", "cv1_normal", "cr2", "cv3", "wcr", "wcr_s", "ri_coefficient", "ri"]

EFFECT = "effect"
# Bootstrap draws, and permutations, behind each p-value.
DRAWS = 999
# Data sets that share their bootstrap draws and permutations.
_PART = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One design; see the module's data-generating process."""

    treated: int
    comparison: int
    log_size_sd: float
    treated_spread: float

    @property
    def id(self) -> str:
        """Short name, ``35/35, 1.0, x2``."""
        spread = f"x{self.treated_spread:g}"
        return f"{self.treated}/{self.comparison}, {self.log_size_sd:.1f}, {spread}"


SETTINGS = tuple(
    Setting(treated=treated, comparison=comparison, log_size_sd=sd, treated_spread=spread)
    for treated, comparison, sd, spread in (
        (35, 35, 0.3, 1.0),
        (35, 35, 1.0, 1.0),
        (35, 35, 1.0, 2.0),
        (35, 15, 1.0, 2.0),
        (10, 60, 1.0, 2.0),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Share of data sets in which a method rejects at the 5 % line, with its standard error.

    ``ri_coefficient`` permutes treatment and compares plain coefficients. It stands here alone, to
    show why the statistic of step ``ri`` is studentised.
    """

    setting: str
    method: Method
    rejection: float
    mc_error: float
    draws: int


def size_study(setting: Setting, *, data_sets: int, entry: str) -> tuple[Rate, ...]:
    """Rejection rates of all methods in one setting.

    Parameters
    ----------
    setting : Setting
    data_sets : int
        Data sets; a multiple of 100.
    entry : str
        Text from which the random numbers follow.

    Returns
    -------
    tuple of Rate
    """
    parts = [_p_values(setting, f"{entry} {setting.id} {k}") for k in range(data_sets // _PART)]
    rates = []
    for method in parts[0]:
        p = np.concatenate([part[method] for part in parts])
        share = float(np.mean(p <= 0.05 + TIE))
        error = float(np.sqrt(share * (1.0 - share) / len(p)))
        rates.append(
            Rate(setting=setting.id, method=method, rejection=share, mc_error=error, draws=len(p))
        )
    return tuple(rates)


def drawn(setting: Setting, *, number: int, seed: int) -> tuple[Floats, Floats]:
    """Sizes and changes of null data sets, each of shape (number, G), treated clusters first.

    Parameters
    ----------
    setting : Setting
    number : int
        Data sets C.
    seed : int
    """
    rng = np.random.Generator(np.random.Philox(seed))
    shape = (number, setting.treated + setting.comparison)
    sizes = np.exp(setting.log_size_sd * rng.standard_normal(shape))
    changes = rng.standard_normal(shape)
    changes[:, : setting.treated] *= setting.treated_spread
    return sizes, changes


def regressions(sizes: Floats, changes: Floats, treated: Floats) -> Blocks:
    """Two cells per cluster, one a round, both of weight ``sizes``.

    The round indicator is -1/2 and 1/2 after the cluster's effect, and the outcome half the
    change either way.

    Parameters
    ----------
    sizes, changes : ndarray, shape (C, G)
    treated : ndarray, shape (G,)
        0 or 1.
    """
    powers = np.stack([sizes**k for k in (0, 1, 2)], axis=1)
    products = np.zeros((*powers.shape, 2, 3))
    products[..., 0, 0], products[..., 1, 1] = 2.0 * powers, powers / 2.0
    products[..., 1, 2] = powers * changes[:, None] / 2.0
    ids = tuple(f"{k:03d}" for k in range(len(treated)))
    counts = np.full(len(ids), 2)
    mixing = np.stack([treated, np.ones(len(ids))], axis=1)[:, None]
    return Blocks(ids, ("round",), "cluster", counts, products).mixed(mixing, (EFFECT, "round"))


def _p_values(setting: Setting, entry: str) -> dict[Method, Floats]:
    number = seed(entry)
    sizes, changes = drawn(setting, number=_PART, seed=number)
    g = sizes.shape[1]
    treated = (np.arange(g) < setting.treated).astype(np.float64)
    blocks = regressions(sizes, changes, treated)
    fit = least_squares(blocks)
    estimate = fit.estimates(EFFECT)
    t = estimate / cv1_errors(fit, EFFECT)
    adjusted, df = cr2_errors(blocks, fit, EFFECT)
    ids = blocks.clusters
    signs = bootstrap.draws(ids, number=DRAWS, seed=number)
    arms = {cluster: str(arm) for cluster, arm in zip(ids, treated.tolist(), strict=True)}
    drawn_arms = permutation_draws.permutations(arms, strata={}, number=DRAWS, seed=number)
    each = (dataclasses.replace(blocks, products=own) for own in blocks.products)
    permuted = np.array([_permuted(own, drawn_arms) for own in each])
    return {
        "cv1": two_sided(g - 1, t),
        "cv1_normal": 2.0 * ndtr(-np.abs(t)),
        "cr2": two_sided(df, estimate / adjusted),
        "cv3": two_sided(g - 1, estimate / cv3_errors(blocks, fit, EFFECT)),
        "wcr": bootstrap.p_of_each_data_set(blocks, fit, EFFECT, signs, scores="plain"),
        "wcr_s": bootstrap.p_of_each_data_set(blocks, fit, EFFECT, signs, scores="jackknifed"),
        "ri_coefficient": permuted[:, 0],
        "ri": permuted[:, 1],
    }


def _permuted(blocks: Blocks, drawn: Permutations) -> tuple[float, float]:
    """p-values from permuted coefficients and from permuted t statistics, of one data set.

    The observed assignment counts as drawn, whether all or some of them were.
    """
    found = permutation.randomise(blocks, EFFECT, drawn)
    coefficients = found.numerator[0] + found.estimate * found.numerator[1]
    t, drawn_t = found.statistics()
    larger = (
        np.count_nonzero(np.abs(drawn) >= np.abs(own) * (1.0 - TIE))
        for own, drawn in ((found.estimate, coefficients), (t, drawn_t))
    )
    one, other = (float(share_of(int(number), found.number, enumerated=False)) for number in larger)
    return one, other
