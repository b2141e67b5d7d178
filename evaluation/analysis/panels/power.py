"""What a panel's design can see: falls and their chance, dispersion, and what a whole list buys."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from scipy.special import ndtr

from evaluation.analysis.panels.effects import ReportedSpecification
from evaluation.analysis.panels.units import STATUS, TREATED
from evaluation.config.panel_study import span
from evaluation.config.plan import seed
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference import variance_components
from evaluation.estimation.inference.estimate_record import diagnostic
from evaluation.estimation.many_periods import linear, panel_permutation, poisson_inference
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.estimation.many_periods.poisson_units import counts, fits
from evaluation.estimation.records import Diagnostic, Estimate
from evaluation.estimation.row_keys import Part

MULTIPLE = variance_components.MULTIPLE
# placements of a whole list, each fitted anew; 999 give its standard deviation to 2.2 % of itself
PLACEMENTS = 999


def of_answer(asked: ReportedSpecification, spread: float) -> Iterator[Diagnostic]:
    """Smallest fall that is detected four times in five, dispersion, and what a whole list buys.

    Parameters
    ----------
    asked : ReportedSpecification
        A specification of a log ratio.
    spread : float
        Standard deviation of the permuted log ratios.
    """
    heading, settings = asked.heading, asked.units.plan.panel_power
    yield diagnostic(heading, "mde_fall", _fall(spread), "percent")
    yield diagnostic(heading, "dispersion", _dispersion(asked.panel()), "number")
    if settings and asked.is_primary:
        yield from _chances(asked, spread, settings.falls)
    second = _second_entry(asked)
    if settings and second and not asked.units.frames.complete:
        listed = _fall(_whole_list(asked, settings.listed, second))
        yield diagnostic(heading, "mde_fall_listed", listed, "percent")
        yield diagnostic(heading, "listed", float(settings.listed), "clusters")


def _chances(
    asked: ReportedSpecification, spread: float, falls: Sequence[float]
) -> Iterator[Diagnostic]:
    """Chance of a two-sided test at the plan's level, on a normal log ratio."""
    critical = -NormalDist().inv_cdf((1.0 - asked.heading.level) / 2.0)
    for fall in falls:
        at = abs(math.log(1.0 - fall)) / spread
        chance = float(ndtr(at - critical) + ndtr(-at - critical))
        yield diagnostic(asked.heading, f"power_{100 * fall:g}", 100.0 * chance, "percent")


def _second_entry(asked: ReportedSpecification) -> int:
    """Year in which the unnamed clusters entered, where the contrast has it; else 0."""
    study, declared = asked.units.study, asked.units.declared.treated
    years = {cohort.id: cohort.entry.year for cohort in study.cohort}
    entry = years.get(declared.unnamed_cohort or "", 0)
    return entry if entry in span(asked.specification.contrast[1]) else 0


def _fall(spread: float) -> float:
    """Detectable fall in percent of what would have been."""
    return 100.0 * (1.0 - math.exp(-MULTIPLE * spread))


def _dispersion(made: UnitPanel) -> float:
    """Pearson's statistic over its degrees of freedom, with effects of units and strata's periods.

    Of the years before treatment and the treated ones together, treatment's ratio included.
    """
    found = poisson_inference.ratios(made)
    fitted = _fitted(found)
    y = found.counts.y
    used = fitted > 0.0
    free = np.count_nonzero(used) - len(y) - _periods(found) - 1
    return float((((y - fitted) ** 2)[used] / fitted[used]).sum() / free)


def _periods(found: poisson_inference.Ratios) -> int:
    strata = len(np.unique(found.counts.stratum))
    return strata * (found.panel.n_periods - 1)


def _fitted(found: poisson_inference.Ratios) -> Floats:
    """Expected counts: iterative scaling to the sums of units and of strata's periods."""
    made = found.counts
    treated = made.columns[made.first][:, :, 0]
    mu = made.exposure * np.exp(treated * found.estimates[0])
    strata = made.strata
    for _ in range(500):
        before = mu.copy()
        total = mu.sum(axis=1, keepdims=True)
        events = made.y.sum(axis=1, keepdims=True)
        mu = mu * np.divide(events, total, out=0 * total, where=total > 0)
        for rows in strata:
            own = mu[rows].sum(axis=0)
            mu[rows] *= np.divide(made.y[rows].sum(axis=0), own, out=0 * own, where=own > 0)
        if np.abs(mu - before).max() < 1e-9:
            break
    return np.asarray(mu)


def _whole_list(asked: ReportedSpecification, number: int, second: int) -> float:
    """Standard deviation of log ratios if so many of all clusters were treated, at random places.

    They are drawn inside strata, by these strata's sizes: as many as are known now enter when these
    did, the others in the year ``second``. Where is not kept.
    """
    specification = replace(asked.specification, panel=replace(asked.choice, comparison="listed"))
    made = asked.units.panel(specification, asked.count, rates=False)
    entry, known = int(made.first.min()), int(np.count_nonzero(made.first < made.n_periods))
    later = made.periods.index(f"{second}")
    generator = np.random.default_rng(seed(asked.units.plan.inference.seed_entry))
    draws = min(PLACEMENTS, asked.units.plan.inference.permutations)
    first = np.full((draws, len(made.units)), made.n_periods)
    parts = list(zip(*_shares(made, number), strict=True))
    for draw in range(draws):
        chosen = np.concatenate([generator.permutation(rows)[:some] for rows, some in parts])
        first[draw, chosen] = later
        first[draw, generator.permutation(chosen)[:known]] = entry
    found = fits(counts(replace(made, first=first[0])), first).ratios[:, 0]
    return float(np.nanstd(found))


def _shares(made: UnitPanel, number: int) -> tuple[list[Codes], list[int]]:
    """Units of each stratum and how many of them are treated: by size, largest remainders first."""
    rows = [np.flatnonzero(made.stratum == s) for s in range(len(made.strata))]
    exact = np.array([number * len(one) / len(made.units) for one in rows])
    some = np.floor(exact).astype(int)
    order = np.argsort(some - exact, kind="stable")
    some[order[: number - int(some.sum())]] += 1
    return rows, some.tolist()


def mix_of_strata(asked: ReportedSpecification) -> Iterator[Diagnostic]:
    """Mean of a linear estimator's permuted effects: what the mix of strata alone makes.

    Parameters
    ----------
    asked : ReportedSpecification
        A specification without effects of strata.
    """
    made = asked.panel()
    found = linear.linear(made, linear.LinearOptions(kinds=("simple",)))
    (drawn,) = panel_permutation.randomise(found, asked.units.drawn(made))
    mean = float(np.mean(panel_permutation.permuted_estimates(drawn)))
    yield diagnostic(asked.heading, "strata_mean", mean, asked.heading.unit)


def leave_one_out(asked: ReportedSpecification, named: Sequence[str]) -> Iterator[Diagnostic]:
    """Range of the estimate without each treated cluster but those that have a row of their own.

    Parameters
    ----------
    asked : ReportedSpecification
    named : sequence of str
        Codes with a row of their own.
    """
    if asked.units.frames.complete:
        return
    found = poisson_inference.ratios(asked.panel())
    others = [k for k in _treated(asked, found.panel) if found.panel.units[k] not in named]
    without = found.without[0, others]
    for end, value in (("low", without.min()), ("high", without.max())):
        yield diagnostic(asked.heading, f"without_another_{end}", value, asked.heading.unit)


def _treated(asked: ReportedSpecification, made: UnitPanel) -> list[int]:
    """Positions of the clusters that the study knows to be treated."""
    status = asked.units.table[STATUS]
    return [k for k, code in enumerate(made.units) if status[code] == TREATED]


def tests_without_each(asked: ReportedSpecification) -> Iterator[Diagnostic]:
    """Both tests without each treated cluster: which of them a small p-value rests on.

    Parameters
    ----------
    asked : ReportedSpecification
        The primary specification. With a whole list there is nothing: a row would name a cluster.
    """
    if asked.units.frames.complete:
        return
    whole = asked.panel()
    for k in _treated(asked, whole):
        kept = np.arange(len(whole.units)) != k
        made = whole.kept(kept)
        found = poisson_inference.ratios(made)
        permuted = poisson_inference.randomise(found, asked.units.drawn(made))
        heading = replace(asked.heading, sample=Part(whole.units[k]))
        values = {
            "without_ratio": (permuted.ratio, asked.heading.unit),
            "without_error": (permuted.error, asked.heading.unit),
            "without_p": (permuted.p_value(studentised=False), "number"),
            "without_p_studentised": (permuted.p_value(), "number"),
        }
        for name, (value, unit) in values.items():
            yield diagnostic(heading, name, value, unit)


def spread_of(rows: Sequence[object], specification: str) -> float:
    """Standard deviation of the permuted coefficients of a specification, among its records.

    Parameters
    ----------
    rows : sequence of records
    specification : str
    """
    return next(
        row.std_error
        for row in rows
        if isinstance(row, Estimate)
        and row.specification == specification
        and row.step == "ri_coefficient"
    )
