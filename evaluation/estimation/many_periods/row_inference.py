"""Errors, intervals and p-values of an event study's estimates; what is unavailable is withheld.

Clustered errors say nothing of a cohort that is one unit, and reject far too often where few units
are treated; permuted entry does not, but has a smallest p-value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.inversion import Distribution, share_of
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.many_periods import panel_permutation, panel_refits, poisson_inference
from evaluation.estimation.many_periods.estimates import Estimates
from evaluation.estimation.many_periods.multipliers import bootstrapped
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel
from evaluation.estimation.regression.fit import StepUnavailable, critical, two_sided
from evaluation.estimation.regression.sample import is_error, weighted_moments
from evaluation.locale.messages import Message, Plain, message

Inference = Literal["cv3", "cv1", "permutation", "wild_bootstrap"]
Scale = Literal["level", "log_ratio"]

# Treated units from which clustered errors are taken unasked.
ENOUGH = 6


class InferenceOptions(Protocol):
    """What the inference needs of a call."""

    @property
    def draws(self) -> int:
        """Permutations."""
        ...

    @property
    def seed(self) -> int:
        """Their seed."""
        ...

    @property
    def level(self) -> float:
        """Confidence level."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Inferred:
    """What is known of K estimates.

    Attributes
    ----------
    error, low, high, p : ndarray, shape (K,)
        Not numbers where they are withheld.
    cv1 : ndarray, shape (K,)
        Errors clustered by unit.
    notes : tuple of Message
        What was withheld, and why.
    banded : bool
        Whether errors can be widened to a simultaneous band: with few treated units they cannot.
    """

    error: Floats
    low: Floats
    high: Floats
    p: Floats
    cv1: Floats
    notes: tuple[Message, ...] = ()
    banded: bool = True

    def without(self, rows: Flags, note: Message) -> "Inferred":
        """The same without anything but the estimate in some rows."""
        if not rows.any():
            return self
        return replace(
            self,
            error=np.where(rows, np.nan, self.error),
            low=np.where(rows, np.nan, self.low),
            high=np.where(rows, np.nan, self.high),
            p=np.where(rows, np.nan, self.p),
            notes=(*self.notes, note),
        )


def treated_units(panel: UnitPanel) -> int:
    """Units that are treated in the panel."""
    return int(np.count_nonzero(panel.first < panel.n_periods))


def fewest_units(panel: UnitPanel, *, never: bool) -> int:
    """Units that are treated, or that are not if these are fewer and all that is compared with.

    Parameters
    ----------
    panel : UnitPanel
    never : bool
        Whether only units that are never treated are compared.
    """
    treated = treated_units(panel)
    untreated = len(panel.units) - treated
    compared = untreated and (never or len(panel.cohorts) == 1)
    return min(treated, untreated) if compared else treated


def is_exact(error: float, panel: UnitPanel) -> bool:
    """Whether an error in the unit of the outcome is zero but for rounding."""
    return not _are_errors(np.array([error]), panel, "level")[0]


def inferred(
    found: Estimates,
    panel: UnitPanel,
    *,
    scale: Scale,
    inference: Inference,
    asked: InferenceOptions,
) -> Inferred:
    """Errors, intervals and p-values of some estimates.

    Parameters
    ----------
    found : Estimates
    panel : UnitPanel
        The units they use.
    scale : {"level", "log_ratio"}
    inference : {"cv3", "cv1", "permutation", "wild_bootstrap"}
    asked : InferenceOptions

    Raises
    ------
    StepUnavailable
        The inference is not offered for these estimates.
    """
    exact = ~_are_errors(found.std_errors(), panel, scale)
    alone = found.alone(panel)
    cv1 = np.where(alone | exact, np.nan, found.std_errors())
    if inference == "permutation":
        made = _permuted(found, panel, cv1, asked)
    elif inference == "wild_bootstrap":
        made = _bootstrapped(found, exact, cv1, asked)
    else:
        error = found.jackknife_errors() if inference == "cv3" else found.std_errors()
        made = _by_t(found.estimates, error, cv1, len(panel.units) - 1.0, asked.level)
    if inference == "cv1":
        made = made.without(alone & ~exact, message("event-study-alone.note"))
    return made.without(exact, message("event-study-exact.note"))


def withheld(
    found: Estimates, panel: UnitPanel, *, scale: Scale, reason: StepUnavailable
) -> Inferred:
    """Estimates without inference, because none can be had.

    Parameters
    ----------
    found : Estimates
    panel : UnitPanel
    scale : {"level", "log_ratio"}
    reason : StepUnavailable
    """
    none = np.full(len(found.names), np.nan)
    cv1 = np.where(
        found.alone(panel) | ~_are_errors(found.std_errors(), panel, scale),
        np.nan,
        found.std_errors(),
    )
    said = message("event-study-no-inference.note", reason=reason.problem, fix=reason.fix)
    return Inferred(none, none, none, none, cv1, (said,))


def _are_errors(error: Floats, panel: UnitPanel, scale: Scale) -> Flags:
    """Whether errors are more than the rounding of zero, as of two rounds."""
    mean, sd = 1.0, 0.0
    if scale == "level":
        y = panel.y / panel.exposure if panel.exposure.size else panel.y
        y = y[panel.seen]
        mean, sd = weighted_moments(y, np.ones(len(y)))
    return np.array([is_error(one, mean=mean, sd=sd) for one in error.tolist()], dtype=bool)


def _by_t(value: Floats, error: Floats, cv1: Floats, df: float, level: float) -> Inferred:
    half = critical(df, level) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(error > 0.0, two_sided(df, value / error), np.nan)
    return Inferred(error, value - half, value + half, p, cv1)


def _permuted(found: Estimates, panel: UnitPanel, cv1: Floats, asked: InferenceOptions) -> Inferred:
    """By permuted entry: studentised where a design stays the same, else the coefficient."""
    if found.ratio is not None:
        drawn = panel_permutation.of_panel(panel, number=asked.draws, seed=asked.seed)
        made = _permuted_ratio(found, found.ratio, drawn, cv1, asked)
        return _with_smallest(made, panel, drawn, 0, asked)
    alike = panel.seen.all() and not np.ptp(panel.weight) and not panel.covariates.size
    if found.linear is not None and alike:
        drawn = panel_permutation.of_panel(panel, number=asked.draws, seed=asked.seed)
        every = panel_permutation.randomise(found.linear, drawn)
        made = _of_distributions(every, cv1, asked)
        if _smaller_arm(panel) < ENOUGH:
            # the error that studentises is too small
            spread = [float(np.std(one.numerator[0])) for one in every]
            made = replace(made, error=np.where(np.isnan(made.p), np.nan, spread))
        return _with_smallest(made, panel, drawn, 0, asked)
    if found.refit is None:
        raise StepUnavailable.of("event-study-permutation", "event-study-permutable", WHERE)
    number = panel_refits.affordable(panel, asked.draws)
    drawn = panel_permutation.of_panel(panel, number=number, seed=asked.seed)
    refits = panel_refits.refitted(panel, found.refit, drawn, additive=found.additive)
    ends = np.array([refits.interval(k, asked.level) for k in range(len(found.names))])
    p = np.array([refits.p_value(k) for k in range(len(found.names))])
    made = Inferred(refits.spread, ends[:, 0], ends[:, 1], p, cv1)
    return _with_smallest(made, panel, drawn, refits.without_estimate, asked)


def _with_smallest(
    made: Inferred, panel: UnitPanel, drawn: Permutations, extreme: int, asked: InferenceOptions
) -> Inferred:
    """With the smallest p-value that few treated units can have; no verdict where that is large."""
    among = drawn.among(panel.units)
    same = int(np.count_nonzero((among.codes == among.observed[:, None]).all(axis=0)))
    smallest = float(share_of(same + extreme, among.number, enumerated=among.enumerated))
    alpha, fewest = round(1.0 - asked.level, 12), _smaller_arm(panel)
    said = {
        "n": Plain(fewest),
        "number": Plain(f"{among.number:,}"),
        "smallest": Plain(f"{smallest:.2g}"),
    }
    if smallest >= alpha:
        every = np.ones(len(made.p), dtype=bool)
        of_level = Plain(f"{alpha:.2g}")
        return made.without(every, message("event-study-no-verdict.note", alpha=of_level, **said))
    if fewest >= ENOUGH:
        return made
    notes = (*made.notes, message("event-study-permuted.note", **said))
    return replace(made, notes=notes, banded=False)


def _smaller_arm(panel: UnitPanel) -> int:
    """Units that are treated, or that are not if these are fewer but some."""
    treated = treated_units(panel)
    return min(treated, len(panel.units) - treated or treated)


def _bootstrapped(found: Estimates, exact: Flags, cv1: Floats, asked: InferenceOptions) -> Inferred:
    """By the wild bootstrap, of estimates that have an error at all."""
    made = found.linear
    if made is None or made.panel.covariates.size:
        raise StepUnavailable.of("event-study-bootstrap", "leave-step-out", WHERE)
    draws = bootstrap.draws(made.panel.units, number=asked.draws, seed=asked.seed)
    rows = np.flatnonzero(~exact).tolist()
    some = _of_distributions(bootstrapped(made, rows, draws), cv1[rows], asked)
    every = np.full((4, len(exact)), np.nan)
    every[:, rows] = some.error, some.low, some.high, some.p
    return Inferred(every[0], every[1], every[2], every[3], cv1)


def _of_distributions(
    every: Sequence[Distribution], cv1: Floats, asked: InferenceOptions
) -> Inferred:
    ends = np.array([_ends(one, asked.level) for one in every]).reshape(-1, 3)
    error = np.array([one.std_error for one in every])
    return Inferred(error, ends[:, 0], ends[:, 1], ends[:, 2], cv1)


def _ends(one: Distribution, level: float) -> tuple[float, float, float]:
    """Both ends and the p-value; not a number for an estimate that cannot differ from zero."""
    if not one.std_error > 0.0:
        return np.nan, np.nan, np.nan
    interval = one.interval(level)
    return interval.low, interval.high, one.p_value()


def _permuted_ratio(
    found: Estimates,
    made: poisson_inference.Ratios,
    drawn: Permutations,
    cv1: Floats,
    asked: InferenceOptions,
) -> Inferred:
    """Of the ratio of all treated periods; of single periods there is none."""
    one = poisson_inference.randomise(made, drawn)
    low, high = one.interval(asked.level)
    none = np.full(len(found.names) - 1, np.nan)
    return Inferred(
        np.r_[one.error, none], np.r_[low, none], np.r_[high, none], np.r_[one.p_value(), none], cv1
    )
