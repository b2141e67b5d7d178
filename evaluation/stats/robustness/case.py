"""What every check of the plan is given, and the records that all of them make alike.

A check looks at one primary outcome under one doubt. Where its estimator is a weighted least
squares regression with known weights, `linear` gives the estimate with the interval of the
primary step. Where weights are estimated or the model is not linear, `jackknifed` repeats the
whole estimator without each cluster, and the primary step is `Unavailable` with the reason.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from evaluation.spec.plan import Check, Outcome, Plan, Specification
from evaluation.spec.records import (
    Bound,
    CheckStep,
    CovariateBalance,
    Diagnostic,
    Estimate,
    Level,
    Provenance,
    Status,
    Step,
    Unavailable,
)
from evaluation.spec.study import Study
from evaluation.stats import design, steps
from evaluation.stats.bootstrap import Draws
from evaluation.stats.design import Design
from evaluation.stats.effect_record import Found, Sizes, record
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.frames import Frames
from evaluation.stats.heading import Heading

Floats = NDArray[np.float64]
Row = Estimate | Unavailable | Diagnostic | Bound | CovariateBalance | Level

# Steps of a linear row: the primary interval, and a standard error for those who pool studies.
STEPS: tuple[Step, ...] = ("wcr_s", "cv3")
JACKKNIFE = "t(G-1), jackknife of the whole estimator"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One outcome under one check.

    Attributes
    ----------
    specification : Specification
        The plan's primary one, which the check varies.
    status : str
        How the rows may be called.
    draws : Draws
        Bootstrap multipliers over all clusters of the study, the same as the primary estimates'.
    """

    check: Check
    outcome: Outcome
    specification: Specification
    frames: Frames
    study: Study
    plan: Plan
    provenance: Provenance
    status: Status
    draws: Draws

    @property
    def first(self) -> bool:
        """Whether this is the check's first outcome: what depends on no outcome is made once."""
        return self.outcome.id == self.plan.outcomes_of_check(self.check)[0].id

    def heading(self, sample: str = "all") -> Heading:
        """Heading of a row; ``sample`` tells rows of one check apart, such as ``without:Cauca``."""
        return dataclasses.replace(
            Heading.of(
                self.specification,
                self.outcome,
                study=self.study,
                inference=self.plan.inference,
                provenance=self.provenance,
                status=self.status,
            ),
            specification=self.check.id,
            sample=sample,
        )

    def primary_design(self) -> Design:
        """The primary specification's regression for this outcome."""
        return self.design(self.frames.panel)

    def design(self, panel: pd.DataFrame, **changes: object) -> Design:
        """Regression of the primary specification on some rows, with some of its keys changed.

        Parameters
        ----------
        panel : DataFrame
            Rows of the clean panel.
        changes
            Keys of the specification and their values, such as ``covariates=("age",)``.

        Raises
        ------
        EstimationError
            See `design.build`.
        """
        # the fields' types differ, so that those of `changes` cannot be said
        varied = dataclasses.replace(self.specification, **changes)  # type: ignore[arg-type]
        return design.build(panel, varied, outcome=self.outcome, study=self.study)


def linear(
    case: Case, built: Design, *, sample: str = "all", wanted: tuple[Step, ...] = STEPS
) -> tuple[Estimate | Unavailable, ...]:
    """Records of a weighted least squares row, by the primary step and the jackknife.

    Parameters
    ----------
    case : Case
    built : Design
        With weights that were not estimated from the data.
    sample : str
        Tells rows of one check apart.
    wanted : tuple of step names

    Returns
    -------
    tuple of Estimate and Unavailable
        Where the comparison group had one value at baseline the effect stands in the outcome's
        unit, and its size in standard deviations is NaN.
    """
    varies = case.outcome.unit == "SD" or built.baseline_sd > 0.0
    scaled = built if varies else dataclasses.replace(built, baseline_sd=1.0)
    found = steps.records(steps.analyse(scaled, wanted, draws=case.draws), case.heading(sample))
    return found if varies else tuple(map(_unscaled, found))


def _unscaled(row: Estimate | Unavailable) -> Estimate | Unavailable:
    """The row of an outcome that has no standard deviation."""
    if isinstance(row, Unavailable):
        return row
    return dataclasses.replace(row, estimate_sd=float("nan"), baseline_comparison_sd=0.0)


def in_sd(estimate: float, unit: str, baseline_sd: float) -> float:
    """An effect in standard deviations; NaN where the comparison group had one value."""
    if unit == "SD":
        return estimate
    return estimate / baseline_sd if baseline_sd > 0.0 else float("nan")


def jackknifed(
    case: Case,
    estimate: float,
    without: Mapping[str, float],
    *,
    sizes: Sizes,
    reason: str,
    sample: str = "all",
) -> tuple[Estimate | Unavailable, ...]:
    """Records of an estimator that is not linear in the outcome.

    Parameters
    ----------
    case : Case
    estimate : float
        In the outcome's unit.
    without : mapping of str to float
        The whole estimator, weights and nuisance models included, repeated without each cluster;
        see `leave_one_out`.
    sizes : Sizes
    reason : str
        Why the primary step cannot be had.
    sample : str
        Tells rows of one check apart.

    Notes
    -----
    V = (G-1)/G sum_g (b_(g) - b)^2, centred at the full estimate, with t(G-1), as `jackknife`.
    """
    heading = case.heading(sample)
    absent = steps.unavailable(heading, case.plan.inference.primary_step, reason)
    values = np.fromiter(without.values(), dtype=np.float64)
    g = len(values)
    bad = int(np.count_nonzero(~np.isfinite(values)))
    variance = (g - 1) / g * float(np.sum((values - estimate) ** 2))
    if bad or not variance > 0.0:
        problem = (
            f"without {bad} of {g} clusters, one at a time, the estimator has no solution"
            if bad
            else "the estimate is the same without any cluster, so its variance is zero"
        )
        return absent, steps.unavailable(heading, "cv3", problem)
    error = float(np.sqrt(variance))
    found = by_t(estimate, error, df=float(g - 1), level=heading.level, p_kind=JACKKNIFE)
    return absent, recorded(heading, "cv3", found, sizes=sizes)


def by_t(estimate: float, std_error: float, *, df: float, level: float, p_kind: str) -> Found:
    """An effect with p and interval from t(df)."""
    half = float(stdtrit(df, 0.5 + level / 2.0)) * std_error
    statistic = estimate / std_error
    return Found(
        estimate=estimate,
        std_error=std_error,
        statistic=statistic,
        df=df,
        p_value=float(2.0 * stdtr(df, -abs(statistic))),
        p_kind=p_kind,
        ci_low=estimate - half,
        ci_high=estimate + half,
        ci_kind=steps.CI_T,
    )


def recorded(heading: Heading, step: Step | CheckStep, found: Found, *, sizes: Sizes) -> Estimate:
    """Record of a check's effect; in standard deviations where there are any."""
    size = in_sd(found.estimate, heading.unit, sizes.baseline_sd)
    return record(heading, step, found, sizes=sizes, estimate_sd=size)


def leave_one_out(clusters: tuple[str, ...], estimator: Callable[[str], float]) -> dict[str, float]:
    """The estimator without each cluster; NaN where it has no solution, for `jackknifed` to say.

    Parameters
    ----------
    clusters : tuple of str
    estimator : callable
        Takes the id of the cluster to leave out.
    """
    found: dict[str, float] = {}
    for cluster in clusters:
        try:
            found[cluster] = estimator(cluster)
        except StepUnavailable:
            found[cluster] = float("nan")
    return found


def diagnostic(
    case: Case, name: str, value: float, *, unit: str, sample: str = "all"
) -> Diagnostic:
    """A named quantity beside a check's rows."""
    heading = case.heading(sample)
    return Diagnostic(
        study=heading.study,
        outcome=heading.outcome,
        specification=heading.specification,
        estimand=heading.estimand,
        sample=sample,
        name=name,
        value=float(value),
        unit=unit,
    )


def unavailable(case: Case, step: str, reason: str, *, sample: str = "all") -> Unavailable:
    """A step or quantity of a check that cannot be had, and why."""
    return steps.unavailable(case.heading(sample), step, reason)


def bound(
    case: Case,
    ends: tuple[float, float],
    *,
    interval: tuple[float, float] | None,
    sizes: Sizes,
    sample: str,
    kind: str = "",
) -> Bound:
    """A range of effects; ``interval`` is None where no confidence interval is given around it."""
    heading = case.heading(sample)
    around = ends if interval is None else interval
    return Bound(
        study=heading.study,
        outcome=heading.outcome,
        specification=heading.specification,
        estimand=heading.estimand,
        sample=sample,
        status=heading.status,
        unit=heading.unit,
        low=ends[0],
        high=ends[1],
        ci_low=around[0],
        ci_high=around[1],
        ci_kind="none" if interval is None else kind,
        level=heading.level,
        n=sizes.n,
        n_clusters_treated=sizes.n_clusters_treated,
        n_clusters_comparison=sizes.n_clusters_comparison,
        plan_hash=heading.plan_hash,
        data_hash=heading.data_hash,
    )
