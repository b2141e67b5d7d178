"""How far trends may differ where the data say something of it: plausible values of M.

A bound M on the difference of the groups' trends is a choice. Four things speak of its size:
shocks of places in which the groups have unequal shares; how much the estimate moves when the gap
in a covariate from before the programme is closed; the same question in an earlier survey; and
outcomes that the programme cannot have moved.
"""

import dataclasses
import functools
import math
import operator
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtri

from evaluation.analysis.checks.check_context import CheckContext, Row
from evaluation.analysis.checks.difference_from_primary import of_regression, primary_of
from evaluation.config.plan import Outcome
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats, Ids
from evaluation.estimation.inference.jackknife import jackknife
from evaluation.estimation.records import Difference, Unavailable
from evaluation.estimation.regression import fit
from evaluation.estimation.regression.cluster_changes import ClusterMeans, cluster_means, last_round
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import least_squares
from evaluation.estimation.regression.sample import weighted_moments
from evaluation.estimation.row_keys import Widened
from evaluation.locale.messages import Message, message

PLACES, EARLIER = "places", "earlier_survey"
COVARIATE, MULTIPLE, CONTROL = "covariate_", "covariates_x", "control_"
# Of the largest move: an omitted variable that many times as strong as any covariate at hand.
MULTIPLES = (2, 3)
# Family of the plan whose outcomes the programme cannot have moved.
CONTROLS = "placebo"
# Between two places there is one difference, which is no spread.
MINIMUM_PLACES = 3
# Two groups' shares of a place nearer than this are one, added up in another order.
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A plausible M, in the outcome's unit.

    Attributes
    ----------
    m : float
        0 where ``reason`` says why it bounds nothing.
    ends : tuple of float or None
        Interval of ``m``.
    """

    name: str
    m: float
    ends: tuple[float, float] | None = None
    reason: Message | None = None


def trend_benchmarks(
    context: CheckContext, built: Design
) -> tuple[tuple[Benchmark, ...], tuple[Row, ...]]:
    """Benchmarks for M, and records that say how they came or why there is none.

    Parameters
    ----------
    context : CheckContext
        ``check.variables`` may name a variable whose values are places. Covariates are the plan's
        ``balance.frame_variables``, negative controls the outcomes of its family ``placebo``.
    built : Design
        The primary regression.

    Returns
    -------
    benchmarks : tuple of Benchmark
    rows : tuple of records
        For each benchmark diagnostics ``benchmark``, ``benchmark_low`` and ``benchmark_high`` with
        sample ``m:<name>``, and for places ``places_sd`` and ``places_share_gap``.

    Raises
    ------
    EstimationError
        A named variable is not one known value per cluster.

    Notes
    -----
    A move of the estimate, and a negative control, are estimates: where the interval of its size
    holds zero, chance alone would make as much. Intervals allow for the number of benchmarks of
    their kind (Bonferroni), so that without any difference of trends they exclude zero for one of
    a kind in 1 - level of studies at most.
    """
    if built.rounds is None:
        reason = message("primary-regression.reason")
        return (), (context.unavailable(reason, "benchmark"),)
    made: list[Benchmark | Row] = [
        *_places(context, cluster_means(built.rounds)),
        *_covariates(context, built),
        context.unavailable(message("no-earlier-survey"), "benchmark", sample=Widened(EARLIER)),
        *_controls(context, built),
    ]
    found = tuple(one for one in made if isinstance(one, Benchmark))
    rows = (one for one in made if not isinstance(one, Benchmark))
    return found, (*rows, *(row for one in found for row in _recorded(context, one)))


def _recorded(context: CheckContext, one: Benchmark) -> Iterator[Row]:
    unit, sample = context.outcome.unit, Widened(one.name)
    yield context.diagnostic("benchmark", one.m, unit=unit, sample=sample)
    if one.ends is not None:
        for name, end in zip(("benchmark_low", "benchmark_high"), one.ends, strict=True):
            yield context.diagnostic(name, end, unit=unit, sample=sample)


# ---- places


def _places(context: CheckContext, means: ClusterMeans) -> Iterator[Benchmark | Row]:
    """Shocks of places, as far as the groups have unequal shares in them.

    Notes
    -----
    If places change by independent shocks of variance v, the difference of two weighted means of
    their clusters' changes has the variance v sum_s (a_s - b_s)^2, with a_s and b_s the shares of
    place s in the two groups. v is the variance of the places' mean changes over clusters without
    any treatment, less the mean squared standard error of these means, and 0 where chance explains
    more than there is.
    """
    for variable in context.check.variables[:1]:
        places = _values(context, variable, means)
        gap = share_gap(places, means.treated, means.weight)
        sample = Widened(PLACES)
        yield context.diagnostic("places_share_gap", gap, unit="share", sample=sample)
        if gap == 0.0:
            # whatever a place's shock is, both groups have the same part of it
            yield Benchmark(PLACES, 0.0, (0.0, 0.0), message("places-with-equal-shares"))
            continue
        spread = _spread(means, places, context.plan.inference.level)
        if isinstance(spread, Message):
            yield context.unavailable(spread, "benchmark", sample=sample)
            continue
        sd, ends = spread
        yield context.diagnostic("places_sd", sd, unit=context.outcome.unit, sample=sample)
        reason = None if sd > 0.0 else message("places-differ-by-chance")
        yield Benchmark(PLACES, sd * gap, (ends[0] * gap, ends[1] * gap), reason)


def share_gap(places: Ids, treated: Flags, weight: Floats) -> float:
    """sqrt(sum_s (a_s - b_s)^2) of the shares of places in two groups; exactly 0 for equal ones.

    Parameters
    ----------
    places, treated, weight : ndarray, shape (G,)
        Of each cluster: its place, whether it is treated, and how much it counts in its group.
    """
    _, code = np.unique(places.astype(str), return_inverse=True)
    a, b = (
        np.bincount(code[rows], weights=weight[rows], minlength=code.max() + 1) / weight[rows].sum()
        for rows in (treated, ~treated)
    )
    apart = np.where(np.abs(a - b) > ROUNDING, a - b, 0.0)
    return float(np.sqrt(np.sum(apart**2)))


def _spread(
    means: ClusterMeans, places: Ids, level: float
) -> tuple[float, tuple[float, float]] | Message:
    """SD of places' changes without sampling noise and its interval, or why it is unavailable."""
    named = sorted(set(places[means.comparison]))
    groups = [np.flatnonzero((places == name) & means.comparison) for name in named]
    df = sum(len(g) - 1 for g in groups)
    if len(named) < MINIMUM_PLACES or not df:
        return message("too-few-places", n=len(named))
    change = np.array([weighted_moments(means.change[g], means.weight_after[g])[0] for g in groups])
    within = [float(np.sum((means.change[g] - means.change[g].mean()) ** 2)) for g in groups]
    squares = functools.reduce(operator.add, within)
    shares = [means.weight_after[g] / means.weight_after[g].sum() for g in groups]
    noise = squares / df * float(np.mean([np.sum(s**2) for s in shares]))
    variance = float(change.var(ddof=1))
    free, tail = len(named) - 1, (1.0 - level) / 2.0
    low, high = (variance * free / float(chdtri(free, p)) for p in (tail, 1.0 - tail))
    sd, least, most = (math.sqrt(max(0.0, v - noise)) for v in (variance, low, high))
    return sd, (least, most)


def _values(context: CheckContext, variable: str, means: ClusterMeans) -> Ids:
    """Value of a variable for each cluster, from the frame or, failing that, the panel."""
    key = context.study.columns.cluster
    table = next(
        (t for t in (context.frames.frame, context.frames.panel) if variable in t.columns),
        pd.DataFrame(),
    )
    known = table[[key, variable]].drop_duplicates() if len(table) else table
    if not len(known) or known[key].duplicated().any() or known[variable].isna().any():
        raise context.mistake("not-one-known", "name-variable-frame-clusters", variable=variable)
    values = dict(zip(known[key].astype(str), known[variable].astype(str), strict=True))
    absent = sorted(set(means.cluster) - set(values))
    if absent:
        n = len(absent)
        raise context.mistake("not-known-clusters", "complete-the-frame-of", variable=variable, n=n)
    return np.array([values[c] for c in means.cluster], dtype=object)


# ---- covariates from before the programme


def _covariates(context: CheckContext, built: Design) -> Iterator[Benchmark | Row]:
    """How much the estimate moves when the groups' gap in one covariate is closed.

    Notes
    -----
    The covariate times the last round joins the primary regression: clusters with the same value
    are compared, one covariate at a time. An omitted variable whose gap between the groups, times
    its slope, is k times that of the covariate moves the estimate k times as far (in the spirit of
    Cinelli and Hazlett 2020, J. Royal Statistical Society B 82(1), section 4.4).
    """
    names = context.plan.balance.frame_variables
    moves: list[Benchmark] = []
    for name in names:
        found = _move(context, built, name, of=len(names))
        if isinstance(found, Benchmark):
            moves.append(found)
            yield found
        else:
            reason = found.reason
            yield context.unavailable(reason, "benchmark", sample=Widened(f"{COVARIATE}{name}"))
    if not moves:
        return
    largest = max(moves, key=lambda one: one.m)
    for times in MULTIPLES:
        low, high = largest.ends or (0.0, 0.0)
        yield Benchmark(f"{MULTIPLE}{times}", times * largest.m, (times * low, times * high))


def _move(context: CheckContext, built: Design, name: str, *, of: int) -> Benchmark | Unavailable:
    columns = _known(context, built, name)
    if isinstance(columns, Message):
        return context.unavailable(columns, "benchmark")
    post = last_round(built)
    labels = tuple(f"{name} {k} x last round" for k in range(columns.shape[1]))
    joined = dataclasses.replace(
        built,
        X=np.column_stack([built.X, columns * post[:, None]]),
        columns=(*built.columns, *labels),
    )
    heading = dataclasses.replace(context.heading(), level=_shared(context, of))
    try:
        found = of_regression(primary_of(context), joined, heading)
    except EstimationError as error:
        return context.unavailable(error.problem, "benchmark")
    if not isinstance(found, Difference):
        return found
    half = found.ci_high - found.difference
    return _sized(f"{COVARIATE}{name}", found.difference, half)


def _known(context: CheckContext, built: Design, name: str) -> Floats | Message:
    """A covariate of the frame for each row, in columns, or why it is unavailable."""
    key, frame = context.study.columns.cluster, context.frames.frame
    if name not in frame.columns:
        return message("covariate-not-in-frame", variable=name)
    table = frame.set_index(frame[key].astype(str))[name]
    if pd.api.types.is_numeric_dtype(table):
        values = pd.DataFrame({name: table.astype(float)})
        values = (values - values.mean()) / values.std(ddof=0)
    else:
        values = pd.get_dummies(table, drop_first=True, dtype=float).where(table.notna(), np.nan)
    rows = values.reindex(built.cluster.astype(str)).to_numpy(dtype=np.float64)
    if not np.isfinite(rows).all():
        return message("covariate-not-known", variable=name)
    return rows


def _shared(context: CheckContext, number: int) -> float:
    """Level of one of a number of intervals that hold together at the plan's level."""
    return 1.0 - (1.0 - context.plan.inference.level) / number


def _sized(name: str, estimate: float, half: float) -> Benchmark:
    """The size of an estimate with an interval of that half width."""
    size = abs(estimate)
    return Benchmark(name, size, (max(0.0, size - half), size + half))


# ---- outcomes that the programme cannot have moved


def _controls(context: CheckContext, built: Design) -> Iterable[Benchmark | Row]:
    """Effect on each negative control, in SD of the comparison group at baseline.

    Notes
    -----
    A negative control that moved says that trends differed for it (Lipsitch, Tchetgen Tchetgen and
    Cohen 2010, Epidemiology 21(3)). That they differed as much, in SD, for the outcome is assumed.
    """
    chosen = [
        o for o in context.plan.outcome if o.family == CONTROLS and o.id != context.outcome.id
    ]
    if not chosen:
        reason = message("no-negative-control")
        yield context.unavailable(reason, "benchmark", sample=Widened(f"{CONTROL}none"))
    for outcome in chosen:
        found = _control(context, built, outcome, of=len(chosen))
        if isinstance(found, Benchmark):
            yield found
        else:
            yield context.unavailable(found, "benchmark", sample=Widened(f"{CONTROL}{outcome.id}"))


def _control(
    context: CheckContext, built: Design, outcome: Outcome, *, of: int
) -> Benchmark | Message:
    try:
        control = dataclasses.replace(context, outcome=outcome).primary_design()
        blocks = control.accumulate()
        found = jackknife(blocks, least_squares(blocks), control.column)
    except EstimationError as error:
        return error.problem
    own, other = (
        1.0 if o.unit == "SD" else d.baseline_sd
        for o, d in ((context.outcome, built), (outcome, control))
    )
    if not (own > 0.0 and other > 0.0):
        return message("no-scale-in-sd")
    half = fit.critical(found.df, _shared(context, of)) * found.std_error
    return _sized(f"{CONTROL}{outcome.id}", found.estimate * own / other, half * own / other)
