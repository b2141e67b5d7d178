"""Bounds on changes when the programme may change who is seen again (Lee 2009, on differences)."""

from dataclasses import dataclass

import numpy as np

from evaluation.estimation.arrays import Codes, Flags, Floats, Ids
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.regression.fit import StepUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimmedBounds:
    """Bounds, and the weight of the treated respondents they are about."""

    low: float
    high: float
    mass: float


def change_bounds(change: Floats, weights: Floats, treated: Flags) -> TrimmedBounds:
    """Bounds on the effect for those who would be seen again under either treatment.

    Parameters
    ----------
    change : ndarray, shape (n,)
        Endline minus baseline; NaN where the outcome was not seen again.
    weights : ndarray, shape (n,)
        Not negative.
    treated : ndarray of bool, shape (n,)

    Returns
    -------
    TrimmedBounds

    Raises
    ------
    StepUnavailable
        Nobody of one of the groups was seen again.

    Notes
    -----
    With shares q1, q0 seen again among treated and comparison, the group seen more often is
    trimmed by p = 1 - min(q) / max(q) of its weight, at its highest changes for one bound and at
    its lowest for the other (Lee 2009, Review of Economic Studies 76(3), prop. 1a). Applied to
    changes it asks for parallel trends among those who would be seen again in either case
    (principal parallel trends) and for monotonicity: being treated keeps nobody from being seen
    whom it does not lose, or the reverse. The observation at the edge is trimmed in part, so
    that outcomes with few values lose exactly the share p.
    """
    seen = np.isfinite(change) & (weights > 0.0)
    values, shares = [], []
    for group in (treated, ~treated):
        total = weights[group].sum()
        rows = seen & group
        if not rows.any():
            raise StepUnavailable.of("nobody-one-groups", "leave-checks", "panel members")
        values.append((change[rows], weights[rows]))
        shares.append(float(weights[rows].sum() / total))
    kept = [min(shares) / share for share in shares]
    low = trimmed_mean(*values[0], kept=kept[0]) + trimmed_mean(
        -values[1][0], values[1][1], kept=kept[1]
    )
    high = -trimmed_mean(-values[0][0], values[0][1], kept=kept[0]) - trimmed_mean(
        *values[1], kept=kept[1]
    )
    mass = float(weights[treated].sum()) * min(shares)
    return TrimmedBounds(low=low, high=high, mass=mass)


def trimmed_mean(values: Floats, weights: Floats, *, kept: float) -> float:
    """Weighted mean of the lowest values that hold a share of the weight.

    Parameters
    ----------
    values, weights : ndarray, shape (n,)
    kept : float
        Share of the weight that stays, 0 to 1; the value at the edge stays in part.
    """
    order = np.argsort(values, kind="stable")
    w = weights[order]
    above = np.cumsum(w) - w
    goal = kept * w.sum()
    inside = np.clip(goal - above, 0.0, w)
    return float(inside @ values[order] / inside.sum())


@dataclass(frozen=True, slots=True, eq=False)
class LinkedChanges:
    """Baseline respondents with the outcome, and the change of those seen again.

    Attributes
    ----------
    change : ndarray, shape (n,)
        NaN where the outcome was not seen again.
    strata : ndarray of int, shape (n,)
        Combination of the other treatments.
    """

    change: Floats
    weights: Floats
    treated: Flags
    strata: Codes
    cluster: Ids
    baseline: tuple[float, float]

    def ends(self, kept: Floats) -> tuple[float, float]:
        """Bounds with some rows' weights set to zero."""
        found = [
            change_bounds(self.change[rows], (self.weights * kept)[rows], self.treated[rows])
            for rows in (self.strata == s for s in np.unique(self.strata))
        ]
        mass = np.array([one.mass for one in found])
        low, high = mass @ np.array([(one.low, one.high) for one in found]) / mass.sum()
        return float(low), float(high)

    @property
    def g(self) -> int:
        """Number of clusters."""
        return len(set(self.cluster))

    def errors(self, ends: tuple[float, float]) -> tuple[Floats, int]:
        """Jackknife standard error of each end, and without how many clusters there is none."""
        found, lacking = [], 0
        for cluster in sorted(set(self.cluster)):
            try:
                found.append(self.ends((self.cluster != cluster).astype(np.float64)))
            except StepUnavailable:
                lacking += 1
        squares = ((np.array(found).reshape(-1, 2) - ends) ** 2).sum(axis=0)
        return np.asarray(np.sqrt((self.g - 1) / self.g * squares)), lacking

    def sizes(self) -> RowFacts:
        """What a record says of the rows."""
        seen = np.isfinite(self.change)
        return RowFacts(
            n=int(seen.sum()),
            n_clusters_treated=len(set(self.cluster[seen & self.treated])),
            n_clusters_comparison=len(set(self.cluster[seen & ~self.treated])),
            baseline_mean=self.baseline[0],
            baseline_sd=self.baseline[1],
        )

    def described(self) -> dict[str, float]:
        """Shares seen again, and what is trimmed in the group seen more often."""
        seen = np.isfinite(self.change)
        rates = {
            name: float(np.average(seen[group], weights=self.weights[group]))
            for name, group in (("treated", self.treated), ("comparison", ~self.treated))
        }
        lowest = min(rates.values())
        trimmed = {f"trimmed_{n}": max(0.0, 1.0 - lowest / rate) for n, rate in rates.items()}
        return {f"seen_again_{name}": rate for name, rate in rates.items()} | trimmed
