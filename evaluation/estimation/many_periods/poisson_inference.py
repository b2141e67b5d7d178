"""What may be said of a ratio of counts: jackknife, and entry permuted inside strata.

The clustered standard error of a Poisson regression with few treated units rejects too often; it
studentises the permutations and is shown as a warning.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtri

from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.inversion import TIE, share_of
from evaluation.estimation.inference.jackknife import errors_of
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.many_periods.aggregation import Name
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.estimation.many_periods.panel_permutation import of_panel
from evaluation.estimation.many_periods.poisson_strata import (
    Placements,
    log_ratios,
    number_beyond,
    placements,
)
from evaluation.estimation.many_periods.poisson_units import (
    Counts,
    Effect,
    Fits,
    counts,
    fits,
    without_each,
)

# Halvings of the outermost change from accepted to rejected ratios, and how far out it is sought.
_HALVED, _REACH = 12, 8.0
# How near the p-value of an end is to the level, and how many distances are tried for that.
_CLOSE, _SOUGHT = 0.0015, 8


@dataclass(eq=False)
class Ratios:
    """Log ratios of a panel of counts.

    Attributes
    ----------
    panel : UnitPanel
        Without units that are treated from the first period on.
    counts : Counts
    fit : Fits
        Of the one data set.
    """

    panel: UnitPanel
    counts: Counts
    fit: Fits

    @property
    def names(self) -> tuple[Name, ...]:
        """What each of the c log ratios is of."""
        return self.counts.names

    @property
    def estimates(self) -> Floats:
        """Log ratios, shape (c,)."""
        return self.fit.ratios[0]

    @property
    def contributions(self) -> Floats:
        """What each unit adds to their error, shape (c, N)."""
        return self.fit.contributions[0]

    def std_errors(self) -> Floats:
        """Clustered by unit (CV1), shape (c,): too small where few units are treated."""
        return self.fit.errors[0]

    @cached_property
    def without(self) -> Floats:
        """Log ratios without each unit, shape (c, N)."""
        return without_each(self.counts, len(self.panel.units)).T

    def jackknife_errors(self) -> Floats:
        """CV3, shape (c,); not a number where there is no solution without some unit."""
        return errors_of(self.without, self.estimates)


def ratios(panel: UnitPanel, effect: Effect = "one") -> Ratios:
    """Fit the Poisson regression with effects of units and of each stratum's periods.

    Parameters
    ----------
    panel : UnitPanel
        Counts, with their exposure where there is one.
    effect : {"one", "event"}
        As of `counts`.

    Returns
    -------
    Ratios
    """
    usable = panel.kept(panel.seen_before())
    made = counts(usable, effect)
    return Ratios(usable, made, fits(made, usable.first[None]))


@dataclass(frozen=True, slots=True, eq=False)
class Permuted:
    """Permuted entry for one log ratio.

    Attributes
    ----------
    made : Counts
    placed : Placements
        First treated period of each unit under each permutation.
    enumerated : bool
    ratio, error : float
        Of the data, with the error that studentises.
    drawn, errors : ndarray, shape (B,)
        Of the permutations.
    """

    made: Counts
    placed: Placements
    enumerated: bool
    ratio: float
    error: float
    drawn: Floats
    errors: Floats

    @property
    def spread(self) -> float:
        """Standard deviation of the permuted log ratios."""
        return float(np.nanstd(self.drawn))

    @property
    def mean(self) -> float:
        """Mean of the permuted log ratios; not zero where strata differ outside the model."""
        return float(np.nanmean(self.drawn))

    def p_value(self, *, studentised: bool = True) -> float:
        """Share of permutations as far from zero, without solution counted as farther.

        Parameters
        ----------
        studentised : bool
            By log ratio over its error; the log ratio alone rejects wrongly in unequal groups.
        """
        if studentised:
            return self._share(self.drawn / self.errors, self.ratio / self.error)
        return self._share(self.drawn, self.ratio)

    def _share(self, drawn: Floats, value: float) -> float:
        larger = int(np.count_nonzero(~(drawn**2 < value**2 * (1.0 - TIE))))
        return float(share_of(larger, len(drawn), enumerated=self.enumerated))

    def at(self, log_ratio: float) -> "Permuted":
        """The test of another ratio: treated counts are divided by it, and all is fitted anew.

        Parameters
        ----------
        log_ratio : float
        """
        less = self.made.less(np.array([log_ratio]))
        return permuted_as(less, self.placed, enumerated=self.enumerated)

    def p_of(self, log_ratio: float, *, studentised: bool = True) -> float:
        """p-value of another ratio.

        Parameters
        ----------
        log_ratio : float
        studentised : bool
            As of `p_value`.
        """
        if studentised:
            return self.at(log_ratio).p_value()
        less = self.made.less(np.array([log_ratio]))
        own = float(fits(less, less.first[None], clustered=False).ratios[0, 0])
        larger = number_beyond(less, self.placed, own)
        return float(share_of(larger, len(self.drawn), enumerated=self.enumerated))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Log ratios that are not rejected, by halving on both sides of the estimate.

        Infinite where none within eight standard errors is rejected.

        Parameters
        ----------
        level : float
        """
        return self._end(-1.0, 1.0 - level), self._end(1.0, 1.0 - level)

    def interval_near(
        self, level: float = 0.95, *, studentised: bool = False
    ) -> tuple[float, float]:
        """The same in fewer steps, by the log ratio alone or over its standard error.

        Parameters
        ----------
        level : float
        studentised : bool
            As of `p_value`.
        """
        low, high = (
            self._sought(side, 1.0 - level, studentised=studentised) for side in (-1.0, 1.0)
        )
        return low, high

    def _sought(self, side: float, alpha: float, *, studentised: bool) -> float:
        def p_of(value: float) -> float:
            return self.p_of(value, studentised=studentised)

        return end_near(
            p_of, self.ratio, side * (self.error if studentised else self.spread), alpha
        )

    def _end(self, side: float, alpha: float) -> float:
        inside, outside = 0.0, 2.0
        while self.p_of(self.ratio + side * outside * self.error) >= alpha:
            inside, outside = outside, 1.5 * outside
            if outside > _REACH:
                return side * np.inf
        for _ in range(_HALVED):
            middle = (inside + outside) / 2.0
            accepted = self.p_of(self.ratio + side * middle * self.error) >= alpha
            inside, outside = (middle, outside) if accepted else (inside, middle)
        return self.ratio + side * inside * self.error


def end_near(p_of: Callable[[float], float], estimate: float, unit: float, alpha: float) -> float:
    """Value on one side of an estimate whose p-value is alpha.

    Parameters
    ----------
    p_of : callable
        p-value of a value.
    estimate : float
    unit : float
        Where the search begins, in normal quantiles; its sign is the side.
    alpha : float

    Notes
    -----
    A distance d from the estimate with p-value p is brought to d z(alpha) / z(p), z being the
    two-sided normal quantile, until p is alpha to within `_CLOSE`: less than the Monte Carlo error
    of p.
    """
    wanted = float(ndtri(1.0 - alpha / 2.0))
    distance = wanted * unit
    for _ in range(_SOUGHT):
        p = p_of(estimate + distance)
        if abs(p - alpha) <= _CLOSE:
            break
        distance *= min(max(wanted / max(float(ndtri(1.0 - p / 2.0)), 0.1), 0.5), 2.0)
    return estimate + distance


def randomise(found: Ratios, drawn: Permutations) -> Permuted:
    """Permute entry between units inside strata, for one ratio of all treated periods.

    Parameters
    ----------
    found : Ratios
        With effect "one".
    drawn : Permutations
        Of `of_panel`.

    Returns
    -------
    Permuted

    Notes
    -----
    RI-t of MacKinnon and Webb (2020, J. Econometrics 218(2)) on the log ratio over its clustered
    standard error, the whole regression fitted anew for every permutation.
    """
    among = drawn.among(found.panel.units)
    first = np.zeros(among.n_arms, dtype=np.int64)
    first[among.observed] = found.panel.first
    placed = placements(found.counts, first[among.codes.T])
    return permuted_as(found.counts, placed, enumerated=among.enumerated)


def permuted_as(made: Counts, placed: Placements, *, enumerated: bool = False) -> Permuted:
    """The log ratio of counts as they are and under placements of treatment.

    Parameters
    ----------
    made : Counts
        With one ratio.
    placed : Placements
    enumerated : bool
        Whether these are all that there are.
    """
    own, (drawn, errors) = fits(made, made.first[None]), log_ratios(made, placed)
    return Permuted(
        made=made,
        placed=placed,
        enumerated=enumerated,
        ratio=float(own.ratios[0, 0]),
        error=float(own.errors[0, 0]),
        drawn=drawn,
        errors=errors,
    )


def permuted(found: Ratios, *, number: int = 999, seed: int = 1) -> Permuted:
    """`randomise` with permutations of the panel's own.

    Parameters
    ----------
    found : Ratios
    number, seed : int
        As of `of_panel`.
    """
    return randomise(found, of_panel(found.panel, number=number, seed=seed))
