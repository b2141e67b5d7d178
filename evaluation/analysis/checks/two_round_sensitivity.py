"""How unequal trends may be before the primary interval says nothing any more.

Two rounds cannot show whether trends were parallel. If the groups' changes without the programme
differ by at most M, the effect lies in [L - M, U + M] where [L, U] is the primary interval as it is
published: simultaneous over the primary outcomes. The benchmarks of `trend_benchmarks` say which M
is plausible.
"""

import math
from collections.abc import Iterable
from functools import partial

from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.trend_benchmarks import trend_benchmarks
from evaluation.estimation.inference import steps
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.inference.fixed_length import critical_value
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import StepResult, StepUnavailable
from evaluation.estimation.row_keys import FixedLength, Widened
from evaluation.locale.messages import message

CI_WIDENED = message("primary-interval.reason")
CI_FIXED_LENGTH = message("fixed-length.reason")


@computes
def two_round_sensitivity(context: CheckContext) -> Iterable[Row]:
    """Breakdown values, benchmarks, and the two kinds of interval at each benchmark.

    Parameters
    ----------
    context : CheckContext
        ``check.variables`` may name the variable whose values are places.

    Returns
    -------
    iterable of records
        Diagnostics ``breakdown`` (least M at which the widened interval holds zero; 0 where it
        does without), ``breakdown_point`` (M that would explain the whole estimate), both in the
        outcome's unit and as ``..._sd``, and ``interval_holds_zero`` (1 or 0); one diagnostic
        ``benchmark`` for each M (sample ``m:<benchmark>``), with ``benchmark_low`` and
        ``benchmark_high``; bounds ``m:<benchmark>`` and ``flci:<benchmark>``.

    Notes
    -----
    Manski and Pepper (2018), Review of Economics and Statistics 100(2), for bounded variation of
    trends; Armstrong and Kolesar (2018), Econometrica 86(2), for the fixed-length interval
    estimate +- cv(M / se) se, here with cv of Student's t, as the standard error is estimated.
    """
    built = context.primary_design()
    settings = context.plan.inference
    step, level = settings.primary_step, settings.level
    analysis = steps.analyse(built, (step, "cv3"), draws=context.draws)
    primary, spread = analysis.steps[step], analysis.steps["cv3"]
    if isinstance(primary, StepUnavailable):
        yield context.unavailable(primary.problem, step)
        return
    estimate = primary.estimate
    low, high = context.interval or steps.interval_of(primary, level)
    yield from _breakdown(context, built, estimate, (low, high))
    found, rows = trend_benchmarks(context, built)
    yield from rows
    bound = partial(context.bound, sizes=RowFacts.of(built))
    for one in found:
        if one.reason:
            yield context.unavailable(one.reason, "benchmark", sample=Widened(one.name))
            continue
        m, ends, fixed = one.m, (estimate - one.m, estimate + one.m), FixedLength(one.name)
        wide = (low - m, high + m)
        yield bound(ends, interval=wide, kind=CI_WIDENED, sample=Widened(one.name))
        if isinstance(spread, StepUnavailable):
            yield context.unavailable(spread.problem, "cv3", sample=fixed)
            continue
        df = spread.df if isinstance(spread, StepResult) else math.inf
        half = critical_value(m / spread.std_error, level, df=df) * spread.std_error
        around = (spread.estimate - half, spread.estimate + half)
        ends = (spread.estimate - m, spread.estimate + m)
        yield bound(ends, interval=around, kind=CI_FIXED_LENGTH, sample=fixed)


def _breakdown(
    context: CheckContext, built: Design, estimate: float, interval: tuple[float, float]
) -> Iterable[Row]:
    low, high = interval
    holds = low <= 0.0 <= high
    value = 0.0 if holds else min(abs(low), abs(high))
    unit = context.outcome.unit
    sd = 1.0 if unit == "SD" else built.baseline_sd
    yield context.diagnostic("interval_holds_zero", float(holds), unit="1 yes, 0 no")
    for name, m in (("breakdown", value), ("breakdown_point", abs(estimate))):
        yield context.diagnostic(name, m, unit=unit)
        if sd > 0.0:
            yield context.diagnostic(f"{name}_sd", m / sd, unit="SD")
            continue
        reason = message("outcome-does.reason")
        yield context.unavailable(reason, f"{name}_sd")
