"""Comparison clusters near a treated one get a ratio of their own in the regression of counts.

Who is near follows from who is treated. So each permutation of treatment has neighbours of its own,
and where treatment changed nothing anywhere the test is exact.
"""

from dataclasses import dataclass, replace

import numpy as np

from evaluation.config.panel_study import PanelChoice
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference.inversion import TIE, share_of
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.many_periods import poisson_inference
from evaluation.estimation.many_periods.aggregation import Name
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.estimation.many_periods.poisson_units import Counts, fits

EARTH_KM = 6371.0
# permutations behind an interval, at each of whose ends all is fitted anew
INTERVAL = 999
# ratios of the treated and of their neighbours; the neighbours enter as if in the first period
TREATED, NEAR = 0, 1
_ENTRY_NEAR = 0


def distances(places: Floats) -> Floats:
    """Great-circle distances in km, shape (N, N).

    Parameters
    ----------
    places : ndarray, shape (N, 2)
        Latitude and longitude in degrees.
    """
    lat, lon = np.radians(places).T
    half = np.sin((lat[:, None] - lat) / 2.0) ** 2
    half = half + np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2.0) ** 2
    return np.asarray(2.0 * EARTH_KM * np.arcsin(np.sqrt(half)))


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """Log ratios of the treated and of their neighbours against those farther away.

    Attributes
    ----------
    made : Counts
    first : ndarray of int, shape (1 + B, N)
        Who is treated and who is near, as it was and under every permutation.
    which : {0, 1}
        The ratio that is asked for: of the treated, or of their neighbours.
    ratios : ndarray, shape (1 + B, 2)
    """

    made: Counts
    first: Codes
    which: int
    ratios: Floats

    @property
    def ratio(self) -> float:
        """The log ratio that is asked for."""
        return float(self.ratios[0, self.which])

    @property
    def drawn(self) -> Floats:
        """Its permutations, shape (B,)."""
        return self.ratios[1:, self.which]

    @property
    def sizes(self) -> tuple[int, int]:
        """Units that the ratio is of, and those farther away."""
        near = int(np.count_nonzero(self.first[0] == _ENTRY_NEAR))
        far = int(np.count_nonzero(self.first[0] == self.made.y.shape[1]))
        own = near if self.which == NEAR else self.first.shape[1] - near - far
        return own, far

    def p_value(self) -> float:
        """Share of permutations as far from zero; without solution they count as farther."""
        return _share(self.ratio, self.drawn)

    def interval(self, level: float) -> tuple[float, float]:
        """Log ratios that are not rejected, the other ratio held at its estimate.

        Parameters
        ----------
        level : float
        """
        spread = float(np.nanstd(self.drawn))
        low, high = (
            poisson_inference.end_near(self._p_of, self.ratio, side * spread, 1.0 - level)
            for side in (-1.0, 1.0)
        )
        return low, high

    def _p_of(self, log_ratio: float) -> float:
        values = self.ratios[0].copy()
        values[self.which] = log_ratio
        less = replace(self.made, first=self.first[0]).less(values)
        found = fits(less, self.first[: INTERVAL + 1], clustered=False).ratios[:, self.which]
        return _share(float(found[0]), found[1:])


def _share(own: float, drawn: Floats) -> float:
    larger = int(np.count_nonzero(~(drawn**2 < own**2 * (1.0 - TIE))))
    return float(share_of(larger, len(drawn), enumerated=False))


def compared(
    panel: UnitPanel, choice: PanelChoice, places: Floats, drawn: Permutations
) -> Compared:
    """Fit the comparison as it was and under every permutation of the treated.

    Parameters
    ----------
    panel : UnitPanel
        Counts of the treated and of all that they may be compared with; one cohort.
    choice : PanelChoice
        With ``neighbours`` and ``within_km``.
    places : ndarray, shape (N, 2)
    drawn : Permutations

    Raises
    ------
    EstimationError
        More than one cohort; or no comparison unit, or every one, is that near.

    Notes
    -----
    Butts (2021, arXiv:2105.03737, section 3), with counts: effects of units and of each stratum's
    periods, and one ratio each for the treated and their neighbours from entry on.
    """
    if len(panel.cohorts) != 1:
        raise EstimationError.of("panel-neighbours-cohorts", "panel-given-cohorts", "plan.toml")
    entry, never = int(panel.cohorts[0]), panel.n_periods
    near = (distances(places) <= choice.within_km).astype(float)
    among = drawn.among(panel.units)
    own = panel.first < never
    observed, drawn_arms = among.observed[np.flatnonzero(own)[0]], among.codes.T
    treated = np.vstack([own, drawn_arms == observed])
    ring = (treated @ near > 0.0) & ~treated
    if not ring[0].any() or (ring | treated)[0].all():
        raise EstimationError.of("panel-no-ring", "panel-no-ring", "plan.toml")
    columns = np.zeros((never + 1, never, 2))
    columns[entry, entry:, TREATED] = columns[_ENTRY_NEAR, entry:, NEAR] = 1.0
    made = replace(
        poisson_inference.ratios(panel).counts,
        columns=columns,
        names=(Name("simple"), Name("group", NEAR)),
    )
    first = np.where(treated, entry, np.where(ring, _ENTRY_NEAR, never))
    which = NEAR if choice.neighbours == "estimated" else TREATED
    return Compared(made, first, which, fits(made, first, clustered=False).ratios)
