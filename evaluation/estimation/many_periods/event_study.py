"""Effects of a treatment that units enter at their own time; `evaluation.event_study` calls it."""

import functools
from collections.abc import Mapping
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
from evaluation.estimation.many_periods.estimates import Estimates, parts_of, refit_of
from evaluation.estimation.many_periods.event_study_result import EventStudy
from evaluation.estimation.many_periods.panel import WHERE, PanelColumns, UnitPanel, panel
from evaluation.estimation.many_periods.result_table import EstimateRow, level_of, rows
from evaluation.estimation.many_periods.row_inference import (
    ENOUGH,
    Inference,
    Inferred,
    Scale,
    fewest_units,
    inferred,
    is_exact,
    withheld,
)
from evaluation.estimation.many_periods.two_by_two import Base, Comparison
from evaluation.estimation.regression.fit import StepUnavailable
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
# Those whose effects by relative period begin before treatment.
LEADS: tuple[Method, ...] = ("callaway_santanna", "sun_abraham")
_OTHERS: tuple[Method, ...] = tuple(name for name in METHODS if name not in SYNTHETIC)

# Choices of a call, and the methods that heed them: others refuse what is not the default.
HEEDED: Mapping[str, tuple[Method, ...]] = {
    "comparison": ("imputation", "callaway_santanna"),
    "covariates": ("imputation", "callaway_santanna", "poisson"),
    "weights": _OTHERS,
    "strata": _OTHERS,
    "model": ("callaway_santanna",),
    "base": ("callaway_santanna",),
    "anticipation": ("imputation", "callaway_santanna", "sun_abraham"),
    "window": ("stacked",),
    "aggregate": linear.METHODS,
    "inference": _OTHERS,
}
# Units up to which a Poisson regression is fitted anew without each of them unasked.
_REFITTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStudyOptions:
    """What a call asks for beside the columns; `evaluation.event_study` says what each is."""

    method: Method = "imputation"
    comparison: Comparison | None = None
    model: adjusted.Model = "doubly_robust"
    base: Base = "universal"
    anticipation: int = 0
    window: tuple[int, int] | None = None
    aggregate: tuple[Kind, ...] = ("simple", "event")
    inference: Inference | None = None
    draws: int = 999
    seed: int = 1
    level: float = 0.95

    @property
    def against(self) -> Comparison:
        """The comparison that is taken unasked too."""
        return self.comparison or "not_yet"

    @property
    def only_never(self) -> bool:
        """Whether only units that are never treated are compared."""
        return self.against == "never" or self.method == "sun_abraham"

    @property
    def around(self) -> tuple[int, int]:
        """Periods before and after entry that are taken unasked too."""
        return self.window or (1, 0)


def event_study(frame: pd.DataFrame, columns: PanelColumns, asked: EventStudyOptions) -> EventStudy:
    """Effects of a treatment that begins in some units, at different times, and does not end.

    Parameters
    ----------
    frame : DataFrame
        One row a unit and period.
    columns : PanelColumns
    asked : EventStudyOptions

    Returns
    -------
    EventStudy

    Raises
    ------
    EstimationError
        The frame is no panel, or the method is unavailable for it.
    """
    if asked.method not in METHODS:
        raise EstimationError.of(
            "event-study-method", "event-study-methods", WHERE, methods=", ".join(METHODS)
        )
    _check_heeded(columns, asked)
    made = panel(frame, columns)
    kinds = tuple(dict.fromkeys(("simple", *asked.aggregate)))
    asked = replace(asked, aggregate=kinds, level=level_of(asked.level))
    notes = _notes(made, asked)
    made = _unanticipated(made, asked)
    unequal = _of_unequal_size(made)
    if columns.exposure and asked.method not in POISSON:
        made = replace(made, y=made.y / made.exposure, exposure=np.zeros(0))
    found = _estimated(made, asked, notes)
    few = fewest_units(found.panel, never=asked.only_never) < ENOUGH
    if unequal and few and np.isfinite(found.primary.p_value):
        found = replace(found, doubts=(*found.doubts, message("event-study-unequal.note")))
    return found


def _of_unequal_size(made: UnitPanel) -> bool:
    """Whether units weigh more or less, or counts of theirs are relative to more or less."""
    size = np.nanmean(made.exposure, axis=1) if made.exposure.size else made.weight
    return bool(np.ptp(size) > 0.0 or np.ptp(made.weight) > 0.0)


def _check_heeded(columns: PanelColumns, asked: EventStudyOptions) -> None:
    """Refuse a choice that the method would not heed."""
    usual = EventStudyOptions()
    for name, methods in HEEDED.items():
        of_columns = getattr(columns, name, ())
        given = bool(of_columns) or getattr(asked, name, None) != getattr(usual, name, None)
        if given and asked.method not in methods:
            raise EstimationError.of(
                "event-study-unheeded",
                "event-study-heeds",
                WHERE,
                method=asked.method,
                name=name,
                methods=", ".join(methods),
            )


def _notes(made: UnitPanel, asked: EventStudyOptions) -> list[Message]:
    always = int(np.count_nonzero(~made.seen_before(asked.anticipation)))
    gaps = int(np.count_nonzero(~made.seen))
    found = [message("event-study-always.note", n=Plain(always))] if always else []
    if gaps:
        found.append(message("event-study-gaps.note", n=Plain(gaps)))
    if gaps and asked.method == "sun_abraham":
        found.append(message("event-study-differences.note"))
    late = np.count_nonzero(made.seen) - np.count_nonzero(_unanticipated(made, asked).seen)
    if late:
        found.append(message("event-study-late.note", n=Plain(late)))
    if made.exposure.size and asked.method not in POISSON:
        found.append(message("event-study-rate.note"))
    return found


def _unanticipated(made: UnitPanel, asked: EventStudyOptions) -> UnitPanel:
    return made.unanticipated(asked.anticipation, never=asked.only_never)


def _estimated(made: UnitPanel, asked: EventStudyOptions, notes: list[Message]) -> EventStudy:
    if asked.method in SYNTHETIC:
        return _synthetic(made, asked, notes)
    by_scale, used = _fitted(made, asked)
    first = next(iter(by_scale.values()))
    if not any(name.kind == "simple" for name in first.names):
        # effects before treatment alone
        raise EstimationError.of("panel-no-effect", "panel-comparison", WHERE)
    notes += _left_out(first, made, used, asked)
    inference = asked.inference or _usual(by_scale, used, asked, notes)
    found: list[EstimateRow] = []
    lost: list[Message] = []
    for scale, estimates in by_scale.items():
        known = _inferred(estimates, used, scale, inference, asked)
        lost += known.notes
        found += rows(estimates, used, known, scale=scale, inference=inference, asked=asked)
    notes += [*dict.fromkeys(lost), *_without_leads(asked, used)]
    doubts = (*used.doubts, *_few(used, inference, asked))
    return EventStudy(tuple(found), asked.method, asked.level, tuple(notes), used, first, doubts)


def _inferred(
    estimates: Estimates,
    used: UnitPanel,
    scale: Scale,
    inference: Inference,
    asked: EventStudyOptions,
) -> Inferred:
    """By the inference that was asked for; withheld where one taken unasked is unavailable."""
    try:
        return inferred(estimates, used, scale=scale, inference=inference, asked=asked)
    except StepUnavailable as reason:
        if asked.inference:
            raise
        return withheld(estimates, used, scale=scale, reason=reason)


def _few(used: UnitPanel, inference: Inference, asked: EventStudyOptions) -> list[Message]:
    """That errors which were asked for are too small with few treated units."""
    number = fewest_units(used, never=asked.only_never)
    if inference == "permutation" or number >= ENOUGH:
        return []
    return [message("event-study-few.note", n=Plain(number), inference=inference)]


def _without_leads(asked: EventStudyOptions, used: UnitPanel) -> list[Message]:
    """That nothing is shown of the trends before treatment, and which methods show it."""
    shown = (*LEADS, "poisson_units") if used.exposure.size else LEADS
    seen = asked.method in shown or (asked.method == "stacked" and asked.around[0] > 1)
    if seen or not any(cohort > 1 for cohort in used.cohorts):
        return []
    return [message("event-study-leads.note", methods=", ".join(shown))]


def _left_out(
    found: Estimates, made: UnitPanel, used: UnitPanel, asked: EventStudyOptions
) -> list[Message]:
    """Units, and rows of treated units and periods, in no estimate for want of a comparison."""
    usable = made.kept(made.seen_before(asked.anticipation))
    notes = []
    if len(used.units) < len(usable.units):
        gone = Plain(len(usable.units) - len(used.units))
        notes.append(message("event-study-anticipating.note", n=gone))
        usable = usable.kept(np.isin(usable.units, used.units))
    if found.cells is None:
        return notes
    there = np.zeros((made.n_periods + 1, made.n_periods), dtype=bool)
    there[found.cells] = True
    treated = usable.seen & (np.arange(made.n_periods) >= usable.first[:, None])
    rows = int(np.count_nonzero(treated & ~there[usable.first]))
    return [*notes, message("event-study-unsupported.note", n=Plain(rows))] if rows else notes


def _usual(
    by_scale: Mapping[Scale, Estimates],
    used: UnitPanel,
    asked: EventStudyOptions,
    notes: list[Message],
) -> Inference:
    """Permutations with few treated units; else the jackknife, unless it is long or not offered."""
    if fewest_units(used, never=asked.only_never) < ENOUGH:
        return "permutation"
    jackknife = all(one.without_each is not None for one in by_scale.values())
    if jackknife and not (asked.method == "poisson" and len(used.units) > _REFITTED):
        return "cv3"
    first = next(iter(by_scale.values()))
    if first.alone(used)[0] and first.refit:
        return "permutation"
    notes.append(message("event-study-clustered.note"))
    return "cv1"


def _fitted(made: UnitPanel, asked: EventStudyOptions) -> tuple[dict[Scale, Estimates], UnitPanel]:
    """Estimates by scale, and the panel they use."""
    if asked.method == "poisson":
        return _poisson(made)
    if asked.method == "poisson_units":
        return _poisson_units(made)
    if asked.method == "callaway_santanna" and made.covariates.size:
        return _adjusted(made, asked)
    return _linear(made, asked)


def _adjusted(
    made: UnitPanel, asked: EventStudyOptions
) -> tuple[dict[Scale, Estimates], UnitPanel]:
    def estimated(panel: UnitPanel) -> adjusted.Adjusted:
        return adjusted.adjusted(
            panel,
            model=asked.model,
            comparison=asked.against,
            base=asked.base,
            anticipation=asked.anticipation,
            kinds=asked.aggregate,
        )

    fit = estimated(made)
    found = Estimates(
        fit.names,
        fit.estimates,
        lambda: fit.contributions,
        cells=(fit.cohort, fit.period),
        parts=parts_of(fit.aggregation.mixing, fit.cohort, made.n_periods),
        refit=refit_of(fit.names, estimated),
    )
    return {"level": found}, fit.panel


def _linear(made: UnitPanel, asked: EventStudyOptions) -> tuple[dict[Scale, Estimates], UnitPanel]:
    choices = linear.LinearOptions(
        method=_linear_method(asked.method),
        comparison=asked.against,
        base=asked.base,
        anticipation=asked.anticipation,
        window=asked.around,
        kinds=asked.aggregate,
    )
    fit = linear.linear(made, choices)
    effects = fit.design.effects
    found = Estimates(
        fit.names,
        fit.estimates,
        lambda: fit.contributions,
        fit.without_each,
        fit,
        cells=(effects.cohort, effects.period),
        parts=parts_of(fit.design.aggregation.mixing, effects.cohort, made.n_periods),
        refit=refit_of(fit.names, lambda panel: linear.linear(panel, choices)),
    )
    return {"level": found}, fit.panel


def _linear_method(method: Method) -> linear.Method:
    return next(name for name in linear.METHODS if name == method)


def _poisson(made: UnitPanel) -> tuple[dict[Scale, Estimates], UnitPanel]:
    fit = poisson.poisson(made)
    difference, ratio = fit.contributions()
    without = functools.cache(fit.without_each)
    level = Estimates(fit.names, fit.differences(), lambda: difference, lambda: without()[0])
    log_ratio = Estimates(fit.names, fit.log_ratios(), lambda: ratio, lambda: without()[1])
    return {"level": level, "log_ratio": log_ratio}, fit.panel


def _poisson_units(made: UnitPanel) -> tuple[dict[Scale, Estimates], UnitPanel]:
    """One ratio of all treated periods, and one of every relative period."""
    one, each = (poisson_inference.ratios(made, effect) for effect in ("one", "event"))

    def without() -> Floats:
        return np.vstack([one.without, each.without])

    found = Estimates(
        names=(*one.names, *each.names),
        estimates=np.r_[one.estimates, each.estimates],
        contributions=lambda: np.vstack([one.contributions, each.contributions]),
        without_each=without,
        ratio=one,
    )
    return {"log_ratio": found}, one.panel


def _synthetic(made: UnitPanel, asked: EventStudyOptions, notes: list[Message]) -> EventStudy:
    """The estimate, with normal limits by the placebos' spread, as the paper has it."""
    kind: synthetic.Kind = "synthetic_did"
    if asked.method == "synthetic_control":
        kind = "synthetic_control"
    fit = synthetic.synthetic(made, kind, draws=asked.draws, seed=asked.seed)
    used = made.kept(made.first > 0)
    error, p = fit.std_error, fit.p_value
    if is_exact(error, used):
        error, p = np.nan, np.nan
        notes.append(message("event-study-exact.note"))
    elif fit.smallest >= round(1.0 - asked.level, 12):
        number, smallest = Plain(len(fit.placebos)), Plain(f"{fit.smallest:.2g}")
        notes.append(message("event-study-placebos.note", n=number, smallest=smallest))
    row = EstimateRow.placebo(fit.estimate, error, p, level=asked.level)
    notes += _without_leads(asked, used)
    return EventStudy((row,), asked.method, asked.level, tuple(notes), used, None)
