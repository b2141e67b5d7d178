"""Don't know and refused: coded as answers, changed with the programme, and what they could hide.

The rates are outcomes of their own. The bounds ask nothing of silent items: in the worst case each
had the answer of its scale that pulls the estimate down, in the best case the one that pulls up,
and the outcome is made of the filled items (`alternative_outcomes` of `data.cleaning`).
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.checks.check_context import CheckContext, Row, computes
from evaluation.estimation.checks.difference_from_primary import compared
from evaluation.estimation.inference import steps
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.estimate_record import Sizes
from evaluation.estimation.inference.jackknife import influence
from evaluation.estimation.levels_and_balance import levels
from evaluation.estimation.regression.cluster_changes import two_rounds
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.locale.messages import message
from evaluation.study.plan import Item
from evaluation.study.records import Estimate, Step
from evaluation.study.row_keys import Coded, Part, Rate, RowKey

DEFAULT_CODINGS = ("lowest", "highest")


@computes
def coding(context: CheckContext) -> Iterable[Row]:
    """Rows ``dont_know:<coding>``: don't know and refused counted as an answer.

    Parameters
    ----------
    context : CheckContext
        ``check.values`` names the codings; the panel holds ``<outcome>__<check>_<coding>``.

    Raises
    ------
    EstimationError
        The panel has no such column.

    Notes
    -----
    The effect's SD is that of the recoded outcome at the baseline comparison group, except for an
    index, whose scale the main run fixed.
    """
    for value in context.check.values or DEFAULT_CODINGS:
        column = f"{context.outcome.id}__{context.check.id}_{value}"
        context.require(column)
        built = context.regression(context.frames.panel, column)
        yield from compared(context, built, sample=Coded(value))


SILENT = ("dont_know", "refused")
CI_ENDS = message("lower-limit-lower.reason")
MATTERS, ANSWERED, WORST = Part("silent"), Part("answered"), Part("worst_case")
ENDLESS = message("silence.endless")


@computes
def nonresponse(context: CheckContext) -> Iterable[Row]:
    """Rates of silence as outcomes, and worst-case bounds.

    Parameters
    ----------
    context : CheckContext
        The panel holds ``<outcome>__<check>_least`` and ``_most``; see
        `data.cleaning.alternative_outcomes.extremes`.

    Returns
    -------
    iterable of records
        Estimates in percentage points: ``rate:dont_know`` and ``rate:refused`` (share of the
        questions asked of a person), ``silent`` (people whose outcome a silent item could change),
        the last with its `Level` in every arm and round; the estimate ``answered``, without people
        whose outcome a silent item could change; and the `Bound` ``worst_case`` (Horowitz and
        Manski 2000, JASA 95(449)).

    Raises
    ------
    EstimationError
        The panel has no such columns.
    """
    items = context.observed_questions()
    percent = context.in_unit("percentage points")
    for kind, rate in _rates(context.frames.panel, items).items():
        yield from _rate(percent, rate, Rate(kind))
    least, most = (_made(context, end) for end in ("least", "most"))
    matters = np.where(np.isnan(least), np.nan, 100.0 * (least < most))
    found = tuple(_rate(percent, matters, MATTERS))
    yield from found
    if isinstance(found[0], Estimate):
        yield from _levels(percent, matters)
        # the other choice: a silence that could change the outcome leaves it missing
        yield from _effect(context, np.where(least < most, np.nan, least), ANSWERED)
    yield _bounds(context, least, most)


def _made(context: CheckContext, end: str) -> Floats:
    column = f"{context.outcome.id}__{context.check.id}_{end}"
    context.require(column)
    return context.frames.panel[column].to_numpy(dtype=np.float64)


def _rates(panel: pd.DataFrame, items: tuple[Item, ...]) -> dict[str, Floats]:
    """What share of the questions asked of a person was left open, in percent."""
    names = [item.name for item in items]
    missing = panel[[n for n in (f"{name}__missing" for name in names) if n in panel.columns]]
    counts = {kind: missing.isin([kind]).sum(axis=1).to_numpy(dtype=np.float64) for kind in SILENT}
    asked = panel[names].notna().sum(axis=1).to_numpy(dtype=np.float64)
    asked += np.sum([*counts.values()], axis=0)
    number = np.where(asked > 0.0, asked, np.nan)
    return {kind: 100.0 * count / number for kind, count in counts.items()}


def _rate(context: CheckContext, values: Floats, sample: RowKey) -> Iterable[Row]:
    if not np.nansum(values) > 0.0:
        return (context.unavailable(message("happened-nobody.reason"), sample=sample),)
    # where nobody of the comparison group was silent at baseline there is none
    return _effect(context, values, sample)


def _effect(context: CheckContext, values: Floats, sample: RowKey) -> Iterable[Row]:
    return context.attempt(
        lambda: context.linear(_regression(context, values), sample=sample), sample=sample
    )


def _levels(context: CheckContext, values: Floats) -> Iterable[Row]:
    """The share whose outcome silence could change, in every arm and round."""
    rows = two_rounds(_regression(context, values))
    for level in levels(rows, context.outcome):
        yield dataclasses.replace(level, sample=MATTERS)


def _regression(context: CheckContext, values: Floats) -> Design:
    column = f"{context.outcome.id}__{context.check.id}"
    return context.regression(context.frames.panel.assign(**{column: values}), column)


def _bounds(context: CheckContext, least: Floats, most: Floats) -> Row:
    if np.isinf(least).any() or np.isinf(most).any():
        return context.unavailable(ENDLESS, WORST.value, sample=WORST)
    step = context.plan.inference.primary_step
    try:
        ends = extreme_ends(_regression(context, least), _regression(context, most))
    except EstimationError as error:
        # as where nobody answered, so that all have the least outcome
        return context.unavailable(error.problem, WORST.value, sample=WORST)
    try:
        effects, interval = around(
            ends, step, draws=context.draws, level=context.plan.inference.level
        )
    except StepUnavailable as reason:
        return context.unavailable(reason.problem, step, sample=WORST)
    return context.bound(
        effects,
        interval=interval,
        kind=CI_ENDS,
        sizes=Sizes.of(ends[0]),
        sample=WORST,
    )


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
        The step cannot be had at one of them.
    """
    worst, best = (steps.analyse(end, (step,), draws=draws) for end in ends)
    limits = []
    for result in (worst.steps[step], best.steps[step]):
        if isinstance(result, StepUnavailable):
            raise result
        limits.append(steps.interval_of(result, level))
    return (worst.effect, best.effect), (limits[0][0], limits[1][1])


def extreme_ends(all_least: Design, all_most: Design) -> tuple[Design, Design]:
    """The regression with silence filled so that the estimate is least, and most.

    The estimate is a weighted sum of outcomes: whoever counts with a positive weight there has
    the least outcome for the least estimate, whoever counts with a negative one the most.
    """
    upward = influence(all_least) > 0.0
    low = np.where(upward, all_least.y, all_most.y)
    high = np.where(upward, all_most.y, all_least.y)
    return dataclasses.replace(all_least, y=low), dataclasses.replace(all_least, y=high)
