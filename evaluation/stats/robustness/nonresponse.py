"""Don't know and refused: did they change with the programme, and how much could they hide.

The rates are outcomes of their own. The bounds ask nothing of those without a score: in the worst
case they all had the value that pulls the estimate down, in the best case the one that pulls up.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.plan import Item
from evaluation.stats import steps
from evaluation.stats.blocks import Blocks
from evaluation.stats.design import Design
from evaluation.stats.effect_record import Sizes
from evaluation.stats.fit import StepUnavailable, inverse
from evaluation.stats.robustness.case import Case, Row, bound, linear, unavailable
from evaluation.stats.robustness.items import in_unit, observed_questions, regression
from evaluation.stats.steps import Analysis

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SILENT = ("dont_know", "refused")
BOUNDED = ("SD", "percentage points", "points")
CI_ENDS = "lower limit of the lower end to upper limit of the upper end"
NO_SCORE, WORST = "no_score", "worst_case"


def nonresponse(case: Case) -> Iterable[Row]:
    """Rates of don't know, refused and no score as outcomes, and worst-case bounds.

    Parameters
    ----------
    case : Case

    Returns
    -------
    iterable of records
        Estimates in percentage points: ``rate:dont_know`` and ``rate:refused`` (share of the
        questions asked of a person), ``no_score`` (asked, and without a score); and the `Bound`
        ``worst_case`` (Manski 1990, American Economic Review 80(2)).
    """
    items = observed_questions(case)
    percent = in_unit(case, "percentage points")
    asked, rates = _rates(case.frames.panel, items)
    score = case.frames.panel[case.outcome.id].to_numpy(dtype=np.float64)
    for kind, rate in rates.items():
        yield from _rate(percent, rate, f"rate:{kind}")
    without = np.where(asked | np.isfinite(score), 100.0 * ~np.isfinite(score), np.nan)
    yield from _rate(percent, without, NO_SCORE)
    yield _bounds(case, score, asked)


def _rates(panel: pd.DataFrame, items: tuple[Item, ...]) -> tuple[Flags, dict[str, Floats]]:
    """Who was asked anything, and what share of the questions each left open, in percent."""
    counts = {kind: np.zeros(len(panel)) for kind in SILENT}
    asked = np.zeros(len(panel))
    for item in items:
        asked += panel[item.name].notna().to_numpy()
        if f"{item.name}__missing" not in panel.columns:
            continue
        reason = panel[f"{item.name}__missing"]
        for kind in SILENT:
            counts[kind] += reason.isin([kind]).to_numpy()
    asked = asked + sum(counts.values())
    number = np.where(asked > 0.0, asked, np.nan)
    return asked > 0.0, {kind: 100.0 * count / number for kind, count in counts.items()}


def _rate(case: Case, values: Floats, sample: str) -> Iterable[Row]:
    column = f"{case.outcome.id}__{case.check.id}"
    if not np.nansum(values) > 0.0:
        return (unavailable(case, "all", "it happened to nobody", sample=sample),)
    try:
        built = regression(case, case.frames.panel.assign(**{column: values}), column)
        return linear(case, built, sample=sample)
    except EstimationError as error:
        # as where nobody of the comparison group was silent at baseline
        return (unavailable(case, "all", error.problem, sample=sample),)


def _bounds(case: Case, score: Floats, asked: Flags) -> Row:
    if case.outcome.unit not in BOUNDED:
        reason = f"an outcome in {case.outcome.unit} has no largest value to put for the missing"
        return unavailable(case, WORST, reason, sample=WORST)
    low, high = float(np.nanmin(score)), float(np.nanmax(score))
    missing = asked & ~np.isfinite(score)
    ends = [case.primary_design()] * 2
    if missing.any():
        ends = _filled(case, score, missing, (low, high))
    step = case.plan.inference.primary_step
    worst, best = (steps.analyse(end, (step,), draws=case.draws) for end in ends)
    limits = [_limits(analysis, case.plan.inference.level) for analysis in (worst, best)]
    if isinstance(limits[0], str) or isinstance(limits[1], str):
        reason = next(text for text in limits if isinstance(text, str))
        return unavailable(case, step, reason, sample=WORST)
    return bound(
        case,
        (_coefficient(worst), _coefficient(best)),
        interval=(limits[0][0], limits[1][1]),
        kind=CI_ENDS,
        sizes=Sizes.of(ends[0]),
        sample=WORST,
    )


def _filled(
    case: Case, values: Floats, missing: Flags, limits: tuple[float, float]
) -> list[Design]:
    """The regression with the missing at the values that make the estimate least, and most.

    The estimate is a weighted sum of outcomes: whoever counts with a positive weight there gets
    the lowest value for the least estimate, whoever counts with a negative one the highest.
    """
    column = f"{case.outcome.id}__{case.check.id}"
    panel = case.frames.panel
    all_low, all_high = (
        regression(case, panel.assign(**{column: np.where(missing, end, values)}), column)
        for end in limits
    )
    upward = _influence(all_low) > 0.0
    least = np.where(upward, all_low.y, all_high.y)
    most = np.where(upward, all_high.y, all_low.y)
    return [dataclasses.replace(all_low, y=y) for y in (least, most)]


def _influence(built: Design) -> Floats:
    """Weight of each row's outcome in the coefficient of interest, up to a cluster's constant."""
    products: Blocks = built.accumulate()
    j = products.position(built.column)
    slopes = inverse(products.xx().sum(axis=0))[j]
    X = built.X
    if built.absorb == "cluster":
        _, code = np.unique(built.cluster.astype(str), return_inverse=True)
        weight = np.bincount(code, weights=built.weights)
        means = np.column_stack([np.bincount(code, built.weights * x) / weight for x in X.T])
        X = X - means[code]
    return np.asarray(built.weights * (X @ slopes))


def _coefficient(analysis: Analysis) -> float:
    return float(analysis.fit.coefficients[analysis.fit.columns.index(analysis.design.column)])


def _limits(analysis: Analysis, level: float) -> tuple[float, float] | str:
    result = next(iter(analysis.steps.values()))
    if isinstance(result, StepUnavailable):
        return result.problem
    found = result.interval(level)
    return found if isinstance(found, tuple) else (found.low, found.high)
