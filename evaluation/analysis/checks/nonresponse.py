"""Don't know and refused: coded as answers, changed with the programme, and what they could hide.

The rates are outcomes of their own. The bounds ask nothing of silent items: in the worst case each
had the answer of its scale that pulls the estimate down, in the best case the one that pulls up,
and the outcome is made of the filled items (`alternative_outcomes` of `data.cleaning`). Between
them the estimate is linear in what silent people would have answered, which is what is known.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pandas as pd

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.difference_from_primary import compared
from evaluation.config.plan import Item
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.records import Estimate
from evaluation.estimation.regression.cluster_changes import two_rounds
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.regression.levels_and_balance import levels
from evaluation.estimation.row_keys import Assumed, Coded, Part, Rate, RowKey
from evaluation.estimation.sensitivity.silence import (
    SilenceLine,
    around,
    extreme_ends,
    silence_line,
)
from evaluation.locale.messages import message

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
LINE, PLAUSIBLE = Part("silence"), Part("plausible")
# Times the share among people who answered, by the name of its row.
TIMES = {0.5: "half", 1.0: "once", 2.0: "twice"}
ENDLESS = message("silence.endless")


@computes
def nonresponse(context: CheckContext) -> Iterable[Row]:
    """Rates of silence as outcomes, and worst-case bounds.

    Parameters
    ----------
    context : CheckContext
        The panel holds ``<outcome>__<check>_least``, ``_most``, ``_floor`` and ``_ceiling``; see
        `data.cleaning.alternative_outcomes.extremes`.

    Returns
    -------
    iterable of records
        Estimates in percentage points: ``rate:dont_know`` and ``rate:refused`` (share of the
        questions asked of a person), ``silent`` (people whose outcome a silent item could change),
        the last with its `Level` in every arm and round; the estimate ``answered``, without people
        whose outcome a silent item could change; the `Bound` ``worst_case`` (Horowitz and
        Manski 2000, JASA 95(449)); and, between these, the estimate as a function of the share of
        events among the silent, see `silence_line`: the diagnostics of ``silence``, the estimates
        ``assumed:half``, ``assumed:once`` and ``assumed:twice`` (that many times the share among
        people who answered) and the `Bound` ``plausible`` over the range of shares that the plan
        names (``silent_range``), else half to twice that of each group.

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
    if isinstance(found[0], Estimate) and not (np.isinf(least).any() or np.isinf(most).any()):
        yield from context.attempt(lambda: _line(context, least, most), "all", sample=LINE)


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
    try:
        ends = extreme_ends(_regression(context, least), _regression(context, most))
    except EstimationError as error:
        # as where nobody answered, so that all have the least outcome
        return context.unavailable(error.problem, WORST.value, sample=WORST)
    return _around(context, ends, WORST)


def _around(context: CheckContext, ends: tuple[Design, Design], sample: Part) -> Row:
    """A range of effects with the interval around both of its ends, or why there is none."""
    step = context.plan.inference.primary_step
    try:
        effects, interval = around(
            ends, step, draws=context.draws, level=context.plan.inference.level
        )
    except StepUnavailable as reason:
        return context.unavailable(reason.problem, step, sample=sample)
    return context.bound(
        effects, interval=interval, kind=CI_ENDS, sizes=RowFacts.of(ends[0]), sample=sample
    )


def _line(context: CheckContext, least: Floats, most: Floats) -> Iterable[Row]:
    """The line, estimates on it, and the range of effects over shares that are plausible."""
    ends = _regression(context, least), _regression(context, most)
    lowest, highest = (_made(context, end)[0] for end in ("floor", "ceiling"))
    line = silence_line(*ends, lowest=lowest, highest=highest)
    if np.isnan([line.rate_treated, line.rate_comparison]).any():
        yield context.unavailable(message("nobody-answered.reason"), sample=LINE)
        return
    yield from _coefficients(context, line)
    for times, name in TIMES.items():
        share = min(1.0, times * line.rate)
        yield from context.linear(_at(ends, share, share), sample=Assumed(name))
    treated, comparison = line.ranges(context.check.silent_range)
    for group, limits in (("treated", treated), ("comparison", comparison)):
        values = dict(
            zip((f"silence_{end}_{group}" for end in ("from", "to")), limits, strict=True)
        )
        yield from context.diagnostics(values, unit="share", sample=LINE)
    corners = sorted(
        ((line.effect(t, c), t, c) for t in treated for c in comparison),
        key=lambda corner: corner[0],
    )
    far = tuple(_at(ends, t, c) for _, t, c in (corners[0], corners[-1]))
    yield _around(context, (far[0], far[1]), PLAUSIBLE)


def _coefficients(context: CheckContext, line: SilenceLine) -> Iterable[Row]:
    slopes = ("intercept", "slope", "slope_treated", "slope_comparison")
    rates = ("rate", "rate_treated", "rate_comparison")
    for unit, names in ((context.outcome.unit, slopes), ("share", rates)):
        values = {f"silence_{name}": getattr(line, name) for name in names}
        yield from context.diagnostics(values, unit=unit, sample=LINE)


def _at(ends: tuple[Design, Design], treated: float, comparison: float) -> Design:
    """The regression with silent people of each group at a share of the way to their most."""
    least, most = ends
    share = np.where(np.isin(least.cluster, least.clusters_treated), treated, comparison)
    return dataclasses.replace(least, y=least.y + share * (most.y - least.y))
