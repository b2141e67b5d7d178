"""What unanswered questions could hide: the worst case, and the effect as a line between its ends.

The bounds assume nothing about those who did not answer: in the worst case each has the answer that
pulls the estimate down, in the best case the one that pulls it up (Horowitz and Manski 2000, JASA
95(449)). Between the two, the estimate is linear in what they would have answered.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

from evaluation.estimation.arrays import Flags
from evaluation.estimation.inference import steps
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.jackknife import influence
from evaluation.estimation.records import Step
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceLine:
    """A regression's effect as a function of what silent people would have answered.

    effect = intercept + slope_treated p_treated + slope_comparison p_comparison, where p is how far
    silent people of a group lie between their least and their most: of an outcome that is an event,
    the share of them to whom it happened. On the line p is common to both groups.

    Attributes
    ----------
    intercept : float
        The effect where silent people have the least outcome they can have, in the outcome's unit.
    slope_treated, slope_comparison : float
        What a share of one adds, in the outcome's unit.
    rate_treated, rate_comparison, rate : float
        The same share among people whose outcome no silence can change, over both rounds and with
        the weights of the regression: in each group, and in both. NaN where there are none.
    """

    intercept: float
    slope_treated: float
    slope_comparison: float
    rate_treated: float
    rate_comparison: float
    rate: float

    @property
    def slope(self) -> float:
        """What a share of one adds where it is common to both groups."""
        return self.slope_treated + self.slope_comparison

    def effect(self, treated: float, comparison: float) -> float:
        """The effect at a share in each group."""
        return self.intercept + self.slope_treated * treated + self.slope_comparison * comparison

    def share_at(self, effect: float) -> float:
        """The share, common to both groups, at which the effect has a value; outside 0 to 1 none.

        NaN where the effect does not depend on it.
        """
        return (effect - self.intercept) / self.slope if self.slope else float("nan")

    def ranges(self, named: tuple[float, ...]) -> tuple[tuple[float, float], tuple[float, float]]:
        """From which to which share silent people of the treated and comparison group may have.

        Parameters
        ----------
        named : tuple of float
            The plan's range for both; empty for half to twice the share of those who answered.
        """
        if named:
            return (named[0], named[1]), (named[0], named[1])
        treated, comparison = (
            (rate / 2.0, min(1.0, 2.0 * rate)) for rate in (self.rate_treated, self.rate_comparison)
        )
        return treated, comparison


def silence_line(
    all_least: Design, all_most: Design, *, lowest: float, highest: float
) -> SilenceLine:
    """The effect of a regression as a function of the outcomes of silent people.

    Parameters
    ----------
    all_least, all_most : Design
        The same regression with the least and the most outcome that each silent person can have.
    lowest, highest : float
        The least and the most that the outcome of anybody can be.

    Notes
    -----
    The effect is a weighted sum of outcomes (`influence`) and so linear in the share: slopes are
    the sums of weights times the span of silent people, group by group. The three shares differ
    from the worst case in being common to the rounds of a group.
    """
    weights, span = influence(all_least), all_most.y - all_least.y
    treated = np.isin(all_least.cluster, all_least.clusters_treated)
    answered = span == 0.0
    place = (all_least.y - lowest) / (highest - lowest)

    def rate(rows: Flags) -> float:
        rows = rows & answered
        if not rows.any():
            return float("nan")
        return float(np.average(place[rows], weights=all_least.weights[rows]))

    return SilenceLine(
        intercept=float(weights @ all_least.y),
        slope_treated=float(weights[treated] @ span[treated]),
        slope_comparison=float(weights[~treated] @ span[~treated]),
        rate_treated=rate(treated),
        rate_comparison=rate(~treated),
        rate=rate(np.ones(len(span), dtype=bool)),
    )


def extreme_ends(all_least: Design, all_most: Design) -> tuple[Design, Design]:
    """The regression with silence filled so that the estimate is least, and most.

    The estimate is a weighted sum of outcomes: whoever counts with a positive weight there has
    the least outcome for the least estimate, whoever counts with a negative one the most.
    """
    upward = influence(all_least) > 0.0
    low = np.where(upward, all_least.y, all_most.y)
    high = np.where(upward, all_most.y, all_least.y)
    return dataclasses.replace(all_least, y=low), dataclasses.replace(all_least, y=high)


def around(
    ends: tuple[Design, Design], step: Step, *, draws: Draws | None, level: float
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The effects of both ends, and the interval around both.

    Parameters
    ----------
    ends : (Design, Design)
        The regressions of the least and of the most estimate.
    step : str
        Inference step.
    draws : Draws or None
    level : float

    Raises
    ------
    StepUnavailable
        The step is unavailable at one of them.
    """
    worst, best = (steps.analyse(end, (step,), draws=draws) for end in ends)
    limits = []
    for result in (worst.steps[step], best.steps[step]):
        if isinstance(result, StepUnavailable):
            raise result
        limits.append(steps.interval_of(result, level))
    return (worst.effect, best.effect), (limits[0][0], limits[1][1])
