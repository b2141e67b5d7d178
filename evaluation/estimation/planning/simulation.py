"""Power by simulation from a study's own residuals: clusters' changes drawn, or respondents.

An effect only shifts the estimate, so one set of simulated estimates under no effect answers
every effect.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference.detection import least
from evaluation.estimation.planning.planned_design import OwnData, Planned, Residuals, Spread
from evaluation.estimation.regression.fit import StepUnavailable, critical
from evaluation.locale.messages import ResultNumber, message, several

Source = Literal["changes", "rows"]

SIMULATIONS = 1_000
# Respondents drawn at a time: the block stays in cache.
_BLOCK = 65_536


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulated:
    """Simulated studies without an effect.

    Attributes
    ----------
    estimates, std_errors : ndarray, shape (S,)
        Difference-in-differences and its CV1 standard error, in the outcome's unit.
    critical : float
        |t| from which an estimate is significant.
    """

    estimates: Floats
    std_errors: Floats
    critical: float

    def power(self, effect: float) -> tuple[float, float]:
        """Share of studies that are significant at an effect, and its Monte Carlo error."""
        share = float(np.mean(self._significant(effect)))
        return share, float(np.sqrt(share * (1.0 - share) / len(self.estimates)))

    def sign_and_magnitude(self, effect: float) -> tuple[float, float]:
        """Type S and Type M error at a positive effect; not a number where none is significant."""
        found = (self.estimates + effect)[self._significant(effect)]
        if not len(found):
            return float("nan"), float("nan")
        return float(np.mean(found < 0.0)), float(np.mean(np.abs(found)) / effect)

    def detectable(self, chance: float = 0.8) -> float:
        """Smallest effect that is significant in a share of the studies, by bisection."""
        return least(lambda effect: self.power(effect)[0] >= chance, unit=self.std_errors.mean())

    def _significant(self, effect: float) -> Flags:
        return np.abs(self.estimates + effect) >= self.critical * self.std_errors


def simulate(
    own: OwnData,
    planned: Planned,
    *,
    source: Source,
    seed: int,
    simulations: int = SIMULATIONS,
    level: float = 0.95,
) -> Simulated:
    """Simulate a planned design without an effect.

    Parameters
    ----------
    own : OwnData
        Residuals; treated clusters are drawn from treated ones, others from others, with
        replacement.
    planned : Planned
        The design. With "changes" only the numbers of clusters matter: respondents, panel and
        weights are those of the study. With "rows" every cluster has the respondents of
        `drawn_design`.
    source : {"changes", "rows"}
        Draw clusters' observed changes, or clusters' shocks and, inside, respondents.
    seed : int
    simulations : int
    level : float
        One minus the two-sided significance level of the CV1 test with t(G - 1).

    Returns
    -------
    Simulated

    Raises
    ------
    StepUnavailable
        Respondents are drawn and the design has panel respondents where the study has none, or
        leaves nobody in the second round.
    """
    rng = np.random.Generator(np.random.Philox(seed))
    groups = ((own.treated, planned.treated), (own.comparison, planned.comparison))
    parts = []
    for residuals, number in groups:
        picked = rng.integers(0, len(residuals.changes), size=(simulations, number))
        sizes = residuals.sizes[picked]
        if source == "changes":
            changes = residuals.changes[picked]
        else:
            changes = residuals.shocks[picked] + _sampling(residuals, planned, picked.shape, rng)
        parts.append(_mean(changes, sizes))
    (treated, spread), (comparison, other) = parts
    g = planned.treated + planned.comparison
    return Simulated(
        estimates=treated - comparison,
        std_errors=np.sqrt(g / (g - 1) * (spread + other)),
        critical=critical(g - 1, level),
    )


def check_source(own: OwnData, planned: Planned, spread: Spread, *, source: Source) -> None:
    """That studies drawn from a source are studies of the planned design.

    Parameters
    ----------
    own : OwnData
    planned : Planned
    spread : Spread
        That of the study, with what covariates are planned to explain.
    source : {"changes", "rows"}
        Changes keep the study's respondents per cluster, panel and attrition; neither source
        knows covariates.

    Raises
    ------
    StepUnavailable
        The plan differs from the study in one of these.
    """
    had = own.planned
    # what is drawn as the study had it: from clusters' changes, and from any source
    design = (
        ("planned-respondents.part", planned.respondents, had.respondents),
        ("planned-panel-share.part", planned.panel_share, had.panel_share),
        ("planned-attrition.part", planned.attrition, had.attrition),
    )
    covariates = (
        ("planned-r-squared-between.part", spread.r2_between, own.spread.r2_between),
        ("planned-r-squared-within.part", spread.r2_within, own.spread.r2_within),
    )
    compared = (*design, *covariates) if source == "changes" else covariates
    differ = [
        message(what, new=ResultNumber(f"{new:g}"), old=ResultNumber(f"{old:g}"))
        for what, new, old in compared
        if new != old
    ]
    if differ:
        raise StepUnavailable(
            message(f"planned-{source}-differ.reason", differ=several(differ)),
            where="planned design",
            fix=message("rely-closed-form.fix"),
        )


def drawn_design(planned: Planned) -> Planned:
    """The design with whole respondents per cluster, as they are drawn.

    Respondents, panel respondents and those of them found again are each rounded; the shares are
    what that makes of them.
    """
    wanted = planned.panel_share * planned.respondents
    first, panel = round(planned.respondents), round(wanted)
    found = round(wanted * (1.0 - planned.attrition))
    return dataclasses.replace(
        planned,
        respondents=float(first),
        panel_share=panel / first,
        attrition=(panel - found) / panel if panel else 0.0,
    )


def _mean(changes: Floats, sizes: Floats) -> tuple[Floats, Floats]:
    """Weighted mean change of each simulation, and its CR0 variance."""
    total = sizes.sum(axis=1)
    mean = np.sum(sizes * changes, axis=1) / total
    squared = np.sum((sizes * (changes - mean[:, None])) ** 2, axis=1)
    return mean, squared / total**2


def _sampling(
    residuals: Residuals, planned: Planned, shape: tuple[int, int], rng: np.random.Generator
) -> Floats:
    """What drawing respondents adds to the clusters' changes, shape (simulations, clusters)."""
    simulations, clusters = shape
    added = np.zeros(shape)
    for pool, number in _pools(residuals, planned):
        if not number:
            continue
        step = max(1, _BLOCK // (clusters * number))
        for start in range(0, simulations, step):
            some = min(step, simulations - start)
            drawn = pool.take(rng.integers(0, len(pool), size=(some, clusters, number)))
            added[start : start + some] += drawn.sum(axis=2)
    return added


def _pools(residuals: Residuals, planned: Planned) -> Iterator[tuple[Floats, int]]:
    """Contributions to a cluster's change, and how many of each kind a cluster draws."""
    drawn = drawn_design(planned)
    first = round(drawn.respondents)
    panel = round(first * drawn.panel_share)
    both = round(panel * (1.0 - drawn.attrition))
    second = first - (panel - both) if planned.replacement == "none" else first
    if not second:
        raise StepUnavailable.of("no-respondent", "plan-more-respondents", "planned design")
    if both and not len(residuals.both):
        raise StepUnavailable.of("no-respondent-study", "set-panel-share", "planned design")
    if both:
        yield residuals.both[:, 1] / second - residuals.both[:, 0] / first, both
    yield -residuals.first / first, first - both
    yield residuals.second / second, second - both
