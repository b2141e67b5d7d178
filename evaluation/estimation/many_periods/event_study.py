"""Effects of a treatment that units enter at their own time; `evaluation.event_study` calls it."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.many_periods import (
    adjusted,
    linear,
    poisson,
    poisson_inference,
    synthetic,
)
from evaluation.estimation.many_periods.aggregation import Kind
from evaluation.estimation.many_periods.event_study_result import EventStudy
from evaluation.estimation.many_periods.panel import WHERE, Columns, Panel, panel
from evaluation.estimation.many_periods.result_table import (
    Estimates,
    Inference,
    Row,
    Scale,
    level_of,
    rows,
)
from evaluation.estimation.many_periods.two_by_two import Base, Comparison
from evaluation.locale.messages import Message, Plain, message

Method = Literal[
    "imputation",
    "callaway_santanna",
    "sun_abraham",
    "stacked",
    "poisson",
    "poisson_units",
    "synthetic_did",
    "synthetic_control",
]
METHODS: tuple[Method, ...] = get_args(Method)
POISSON: tuple[Method, ...] = ("poisson", "poisson_units")
SYNTHETIC: tuple[Method, ...] = ("synthetic_did", "synthetic_control")
_OTHERS: tuple[Method, ...] = tuple(name for name in METHODS if name not in SYNTHETIC)

# Choices of a call, and the methods that heed them: others refuse.
HEEDED: Mapping[str, tuple[Method, ...]] = {
    "comparison": ("imputation", "callaway_santanna"),
    "covariates": ("imputation", "callaway_santanna", "poisson"),
    "weights": _OTHERS,
    "strata": _OTHERS,
    "anticipation": ("imputation", "callaway_santanna", "sun_abraham"),
}
# Units up to which a Poisson regression is fitted anew without each of them unasked.
_REFITTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a call asks for beside the columns; see `event_study`."""

    method: Method
    comparison: Comparison
    model: adjusted.Model
    base: Base
    anticipation: int
    window: tuple[int, int]
    aggregate: tuple[Kind, ...]
    inference: Inference | None
    draws: int
    seed: int
    level: float


def event_study(  # noqa: PLR0913 -- a call names the columns and choices of a whole study
    frame: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    first_treated: str,
    exposure: str = "",
    method: Method | None = None,
    comparison: Comparison | None = None,
    covariates: Sequence[str] = (),
    weights: str = "",
    strata: str = "",
    model: adjusted.Model = "doubly_robust",
    base: Base = "universal",
    anticipation: int = 0,
    window: tuple[int, int] = (1, 0),
    aggregate: Sequence[Kind] = ("simple", "event"),
    inference: Inference | None = None,
    draws: int = 999,
    seed: int = 1,
    level: float = 0.95,
) -> EventStudy:
    """Effects of a treatment that begins in some units, at different times, and does not end.

    Parameters
    ----------
    frame : DataFrame
        One row a unit and period.
    outcome, unit, time, first_treated : str
        Columns: a number; the unit that is treated as a whole; its period, which sorts; the
        unit's first treated period, missing (or zero) where it is never treated.
    exposure : str
        Column of what counts are relative to, such as people: the outcome is a count then.
        Methods other than Poisson use outcome over exposure.
    method : str, optional
        One of `METHODS`: "poisson" where there is an exposure, else "imputation".
    comparison : {"never", "not_yet"}, optional
        Units that are never treated, or all that are not treated yet, which is taken unasked.
    covariates : sequence of str
        Numbers that do not change with time, or whose value before treatment counts.
    weights, strata : str
        Columns of the unit: its weight; what has changes of its own in every period.
    model : {"doubly_robust", "regression", "weighting"}
        How "callaway_santanna" uses covariates.
    base : {"universal", "varying"}
        Base period of effects before treatment, of the same method.
    anticipation : int
        Periods before treatment in which there may be an effect already.
    window : (int, int)
        Periods before and after entry of "stacked".
    aggregate : sequence of {"simple", "group", "calendar", "event", "cell"}
        Averages, of methods other than Poisson and synthetic ones.
    inference : {"cv3", "cv1", "permutation", "wild_bootstrap"}, optional
        Jackknife, where it can be had, or clustered errors without; or entry permuted between
        units inside strata; or the bootstrap with the null imposed and jackknifed scores, the
        weights of the estimate held as they are.
    draws, seed : int
        Of permutations, bootstrap, placebos and the simultaneous band.
    level : float
        Confidence level.

    Returns
    -------
    EventStudy

    Raises
    ------
    EstimationError
        The frame is no panel, or the method cannot be had for it.
    """
    chosen = method or ("poisson" if exposure else "imputation")
    if chosen not in METHODS:
        raise EstimationError.of(
            "event-study-method", "event-study-methods", WHERE, methods=", ".join(METHODS)
        )
    given = {
        "comparison": comparison is not None,
        "covariates": bool(covariates),
        "weights": bool(weights),
        "strata": bool(strata),
        "anticipation": bool(anticipation),
    }
    _check_heeded(chosen, given)
    names = Columns(
        outcome=outcome,
        unit=unit,
        time=time,
        first_treated=first_treated,
        exposure=exposure,
        weights=weights,
        strata=strata,
        covariates=tuple(covariates),
    )
    made = panel(frame, names)
    asked = Asked(
        method=chosen,
        comparison=comparison or "not_yet",
        model=model,
        base=base,
        anticipation=anticipation,
        window=window,
        aggregate=tuple(dict.fromkeys(("simple", *aggregate))),
        inference=inference,
        draws=draws,
        seed=seed,
        level=level_of(level),
    )
    notes = _notes(made, asked)
    if exposure and chosen not in POISSON:
        made = replace(made, y=made.y / made.exposure, exposure=np.zeros(0))
    return _estimated(made, asked, notes)


def _check_heeded(method: Method, given: Mapping[str, bool]) -> None:
    """Refuse a choice that the method would not heed."""
    for name, asked in given.items():
        if asked and method not in HEEDED[name]:
            raise EstimationError.of(
                "event-study-unheeded",
                "event-study-heeds",
                WHERE,
                method=method,
                name=name,
                methods=", ".join(HEEDED[name]),
            )


def _notes(made: Panel, asked: Asked) -> list[Message]:
    always = int(np.count_nonzero(~made.seen_before(asked.anticipation)))
    gaps = int(np.count_nonzero(~made.seen))
    found = [message("event-study-always.note", n=Plain(always))] if always else []
    if gaps:
        found.append(message("event-study-gaps.note", n=Plain(gaps)))
    if gaps and asked.method == "sun_abraham":
        found.append(message("event-study-differences.note"))
    if made.exposure.size and asked.method not in POISSON:
        found.append(message("event-study-rate.note"))
    return found


def _estimated(made: Panel, asked: Asked, notes: list[Message]) -> EventStudy:
    if asked.method in SYNTHETIC:
        return _synthetic(made, asked, notes)
    by_scale, used = _fitted(made, asked)
    unsupported = _unsupported(next(iter(by_scale.values())), used)
    if unsupported:
        notes.append(message("event-study-unsupported.note", n=Plain(unsupported)))
    inference = asked.inference or _usual(by_scale, used, asked, notes)
    found: list[Row] = []
    for scale, estimates in by_scale.items():
        found += rows(estimates, used, scale=scale, inference=inference, asked=asked)
    first = next(iter(by_scale.values()))
    return EventStudy(tuple(found), asked.method, asked.level, tuple(notes), used, first)


def _unsupported(found: Estimates, used: Panel) -> int:
    """Rows of treated units and periods in no estimate, for want of a comparison."""
    if found.linear is None:
        return 0
    made, time = found.linear.design.effects, np.arange(used.n_periods)
    there = np.zeros((used.n_periods + 1, used.n_periods), dtype=bool)
    there[made.cohort, made.period] = True
    treated = used.seen & (time >= used.first[:, None])
    return int(np.count_nonzero(treated & ~there[used.first]))


def _usual(
    by_scale: Mapping[Scale, Estimates], used: Panel, asked: Asked, notes: list[Message]
) -> Inference:
    """The jackknife, unless it would take long or is not offered."""
    jackknife = all(one.without_each is not None for one in by_scale.values())
    if jackknife and not (asked.method == "poisson" and len(used.units) > _REFITTED):
        return "cv3"
    notes.append(message("event-study-clustered.note"))
    return "cv1"


def _fitted(made: Panel, asked: Asked) -> tuple[dict[Scale, Estimates], Panel]:
    """Estimates by scale, and the panel they use."""
    if asked.method == "poisson":
        return _poisson(made)
    if asked.method == "poisson_units":
        return _poisson_units(made)
    if asked.method == "callaway_santanna" and made.covariates.size:
        fit = adjusted.adjusted(
            made,
            model=asked.model,
            comparison=asked.comparison,
            base=asked.base,
            anticipation=asked.anticipation,
            kinds=asked.aggregate,
        )
        return {"level": Estimates(fit.names, fit.estimates, fit.contributions)}, fit.panel
    return _linear(made, asked)


def _linear(made: Panel, asked: Asked) -> tuple[dict[Scale, Estimates], Panel]:
    choices = linear.Choices(
        method=_linear_method(asked.method),
        comparison=asked.comparison,
        base=asked.base,
        anticipation=asked.anticipation,
        window=asked.window,
        kinds=asked.aggregate,
    )
    fit = linear.linear(made, choices)
    found = Estimates(fit.names, fit.estimates, fit.contributions, fit.without_each, fit)
    return {"level": found}, fit.panel


def _linear_method(method: Method) -> linear.Method:
    return next(name for name in linear.METHODS if name == method)


def _poisson(made: Panel) -> tuple[dict[Scale, Estimates], Panel]:
    fit = poisson.poisson(made)
    difference, ratio = fit.contributions()
    without = functools.cache(fit.without_each)
    return {
        "level": Estimates(fit.names, fit.differences(), difference, lambda: without()[0]),
        "log_ratio": Estimates(fit.names, fit.log_ratios(), ratio, lambda: without()[1]),
    }, fit.panel


def _poisson_units(made: Panel) -> tuple[dict[Scale, Estimates], Panel]:
    """One ratio of all treated periods, and one of every relative period."""
    one, each = (poisson_inference.ratios(made, effect) for effect in ("one", "event"))

    def without() -> Floats:
        return np.vstack([one.without, each.without])

    found = Estimates(
        names=(*one.names, *each.names),
        estimates=np.r_[one.estimates, each.estimates],
        contributions=np.vstack([one.contributions, each.contributions]),
        without_each=without,
        ratio=one,
    )
    return {"log_ratio": found}, one.panel


def _synthetic(made: Panel, asked: Asked, notes: list[Message]) -> EventStudy:
    """The estimate, with normal limits by the placebos' spread, as the paper has it."""
    kind: synthetic.Kind = "synthetic_did"
    if asked.method == "synthetic_control":
        kind = "synthetic_control"
    fit = synthetic.synthetic(made, kind, draws=asked.draws, seed=asked.seed)
    row = Row.placebo(fit.estimate, fit.std_error, fit.p_value, level=asked.level)
    used = made.kept(made.first > 0)
    return EventStudy((row,), asked.method, asked.level, tuple(notes), used, None)
