"""One regression by every inference step of the plan, and the records that say so.

Whatever the design (difference-in-differences, analysis of covariance, a trend), the rest is the
same: cross-products by cluster, one fit, one result per step.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from evaluation.errors import EstimationError
from evaluation.estimation.inference import bootstrap, permutation
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.cr2 import cr2
from evaluation.estimation.inference.estimate_record import (
    EffectByMethod,
    Heading,
    RowFacts,
    effect,
    record,
    unavailable,
)
from evaluation.estimation.inference.inversion import Distribution, Shape
from evaluation.estimation.inference.jackknife import Jackknife, jackknife
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.records import Estimate, LeaveOneOut, Step, Unavailable
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import (
    Fit,
    StepResult,
    StepUnavailable,
    critical,
    cv1,
    least_squares,
    two_sided,
)
from evaluation.estimation.regression.panel_regressions import Built
from evaluation.estimation.regression.sample import is_error, is_spread
from evaluation.locale.messages import Message, message

P_KINDS: Mapping[Step, Message] = {
    "cv1": message("cv-standard-error.reason"),
    "cv3": message("cv-jackknife.reason"),
    "cr2": message("satterthwaite-cr.reason"),
    "wcr": message("wild-cluster-bootstrap.reason"),
    "wcr_s": message("wild-cluster.reason"),
    "ri": message("randomisation-inference.reason"),
}
CI_T = message("unadjusted-quantile.reason")
CI_SHAPES: Mapping[Shape, Message] = {
    "interval": message("steps-unadjusted-inverted-test.reason"),
    "unbounded": message("unadjusted-inverted-test.reason"),
    "pieces": message("unadjusted-inverted.reason"),
}
# Steps whose p-values are multiples of a smallest one that few clusters cannot make small.
WILD: tuple[Step, ...] = ("wcr", "wcr_s")
# Steps whose error is made of the clusters' scores.
SCORES: tuple[Step, ...] = ("cv1", "cr2")
# Clusters of an arm below which cv1 and cv3 reject too often, and the bootstrap too rarely.
ENOUGH = 6
# Share of a product by which it may differ from another through rounding.
_CONSTANT = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """One regression and what each step made of it, in the order of the steps asked for."""

    design: Built
    blocks: Blocks
    fit: Fit
    draws: Draws | None
    steps: Mapping[Step, StepResult | Distribution | StepUnavailable]

    @property
    def effect(self) -> float:
        """The coefficient that is the effect."""
        return float(self.fit.estimates(self.design.column))


def analyse(
    design: Built,
    steps: tuple[Step, ...],
    *,
    draws: Draws | None,
    permutations: Permutations | None = None,
) -> Analysis:
    """Fit a design and run the inference steps.

    Parameters
    ----------
    design : Design or Regression
    steps : tuple of step names
    draws : Draws or None
        Bootstrap multipliers that cover the design's clusters; steps of `WILD` are unavailable
        without.
    permutations : Permutations, optional
        Permutations that cover the design's clusters; step ``ri`` is unavailable without.

    Returns
    -------
    Analysis
        A step that is unavailable holds the `StepUnavailable` that says why.

    Raises
    ------
    EstimationError
        The regression itself cannot be estimated.
    """
    blocks = design.accumulate()
    fit = least_squares(blocks)
    column = design.column
    methods: Mapping[Step, Callable[[], StepResult | Distribution]] = {
        "cv1": lambda: cv1(fit, column),
        "cv3": lambda: jackknife(blocks, fit, column),
        "cr2": lambda: cr2(blocks, fit, column),
        "wcr": lambda: bootstrap.wild(blocks, column, _drawn(draws), scores="plain"),
        "wcr_s": lambda: bootstrap.wild(blocks, column, _drawn(draws), scores="jackknifed"),
        "ri": lambda: permutation.randomise(blocks, column, _given(permutations)),
    }
    results = {step: _attempt(methods[step]) for step in steps}
    return Analysis(design=design, blocks=blocks, fit=fit, draws=draws, steps=results)


def _attempt(
    method: Callable[[], StepResult | Distribution],
) -> StepResult | Distribution | StepUnavailable:
    try:
        return method()
    except StepUnavailable as reason:
        return reason


def _drawn(draws: Draws | None) -> Draws:
    if draws is None:
        raise StepUnavailable.of("no-bootstrap-multipliers", "pass-draws-study", "bootstrap")
    return draws


def _given(permutations: Permutations | None) -> Permutations:
    if permutations is None:
        raise StepUnavailable.of("nothing-says", "pass-permutations", "randomisation inference")
    return permutations


def records(analysis: Analysis, heading: Heading) -> tuple[Estimate | Unavailable, ...]:
    """One record per step, in the order the steps were asked for.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    """
    found: list[Estimate | Unavailable] = []
    for step, result in analysis.steps.items():
        if isinstance(result, StepUnavailable):
            found.append(unavailable(heading, step, _reason(analysis, result)))
            continue
        reason = (
            _no_error(analysis.design, result)
            or _one_cluster(analysis, step)
            or _too_few(analysis, step, result, heading.level)
        )
        found.append(
            unavailable(heading, step, reason)
            if reason
            else _estimate(analysis, heading, step, result)
        )
    return tuple(found)


def _reason(analysis: Analysis, step: StepUnavailable) -> Message:
    """Why a step is unavailable: that there is no error at all goes before the digits it costs."""
    try:
        plain = cv1(analysis.fit, analysis.design.column)
    except StepUnavailable:
        return step.problem
    return _no_error(analysis.design, plain) or step.problem


def _no_error(design: Built, result: StepResult | Distribution) -> Message | None:
    """Why a standard error is rounding of zero, so that nothing can be made of it; else empty."""
    if is_error(result.std_error, mean=design.baseline_mean, sd=design.baseline_sd):
        return None
    return message("standard-error.reason")


def _one_cluster(analysis: Analysis, step: Step) -> Message | None:
    """Why scores cannot tell the error of an effect that rests on one cluster; empty elsewhere.

    Least squares fits the mean of that cluster: its score is zero whatever its noise.
    """
    design = analysis.design
    alone = len(design.clusters_treated) == 1
    if len(design.clusters_comparison) == 1:
        alone = alone or _of_whole_clusters(analysis.blocks, design.column)
    return message("one-cluster.reason") if alone and step in SCORES else None


def _of_whole_clusters(blocks: Blocks, column: str) -> bool:
    """Whether a column is constant in every cluster: its products attain Cauchy and Schwarz."""
    j, own = 1 + blocks.position(column), blocks.products[1]
    left = own[:, 0, 0] * own[:, j, j] - own[:, 0, j] ** 2
    return bool((left <= _CONSTANT * own[:, 0, 0] * own[:, j, j]).all())


def _too_few(
    analysis: Analysis, step: Step, result: StepResult | Distribution, level: float
) -> Message | None:
    """Why so few draws or permutations could not reject whatever the data; empty elsewhere."""
    if isinstance(result, Distribution) and step == "ri":
        return permutation.too_few(result, level)
    if not isinstance(result, Distribution) or analysis.draws is None:
        return None
    few = bootstrap.too_few(analysis.draws, analysis.fit.n_clusters, level)
    return few or bootstrap.undefined_too_often(result, level)


def ci_kind(step: Step, shape: Shape) -> Message:
    """What kind of interval a step's inverted test gives, in the words of the records.

    Permuting y - r x tests that the effect is r in every cluster, so its interval says so.

    Parameters
    ----------
    step : str
    shape : {"interval", "unbounded", "pieces"}
    """
    kind = CI_SHAPES[shape]
    return message("constant-effect.ci-kind", kind=kind) if step == "ri" else kind


def interval_of(result: StepResult | Distribution, level: float) -> tuple[float, float]:
    """The ends of a step's interval.

    Parameters
    ----------
    result : StepResult or Distribution
    level : float
        Confidence level, 0 to 1.
    """
    found = result.interval(level)
    return found if isinstance(found, tuple) else (found.low, found.high)


def by_t(
    estimate: float, std_error: float, *, df: float, level: float, p_kind: Message
) -> EffectByMethod:
    """An effect with p and interval from t(df).

    Parameters
    ----------
    estimate, std_error : float
        In the unit of the record.
    df : float
    level : float
        Confidence level.
    p_kind : Message
        How p is computed.
    """
    half = critical(df, level) * std_error
    statistic = estimate / std_error
    return EffectByMethod(
        estimate=estimate,
        std_error=std_error,
        statistic=statistic,
        df=df,
        p_value=float(two_sided(df, statistic)),
        p_kind=p_kind,
        ci_low=estimate - half,
        ci_high=estimate + half,
        ci_kind=CI_T,
    )


def _found(
    analysis: Analysis, step: Step, result: StepResult | Distribution, level: float
) -> EffectByMethod:
    if isinstance(result, StepResult):
        error, kind = result.std_error, _p_kind(analysis, step)
        return by_t(result.estimate, error, df=result.df, level=level, p_kind=kind)
    interval = result.interval(level)
    return EffectByMethod(
        estimate=result.estimate,
        std_error=result.std_error,
        statistic=result.estimate / result.std_error,
        df=float(analysis.fit.n_clusters - 1),
        p_value=float(result.p_value()),
        p_kind=_p_kind(analysis, step),
        ci_low=interval.low,
        ci_high=interval.high,
        ci_kind=ci_kind(step, interval.shape),
        mc_error=float(result.mc_error()),
        ci_low_mc_error=interval.low_mc_error,
        ci_high_mc_error=interval.high_mc_error,
        spread=result.spread() if step == "ri" else 1.0,
    )


def _estimate(
    analysis: Analysis, heading: Heading, step: Step, result: StepResult | Distribution
) -> Estimate:
    design, found = analysis.design, _found(analysis, step, result, heading.level)
    size = _in_sd(result, heading, design)
    return effect(heading, step, found, sizes=RowFacts.of(design), estimate_sd=size)


def _p_kind(analysis: Analysis, step: Step) -> Message:
    webb = step in WILD and analysis.draws is not None and analysis.draws.kind == "webb"
    return message("webb.p-kind", kind=P_KINDS[step]) if webb else P_KINDS[step]


def _in_sd(result: StepResult | Distribution, heading: Heading, design: Built) -> float:
    """An index is in standard deviations already; its scale was fixed when it was made.

    Not a number where there are none and the heading needs none.
    """
    if heading.unit == "SD":
        return result.estimate
    change = max(abs(result.estimate), result.std_error)
    if not is_spread(design.baseline_sd, mean=design.baseline_mean, change=change):
        if not heading.needs_sd:
            return math.nan
        raise EstimationError(
            message("outcome-does.reason"),
            where=f"specification {heading.specification}, outcome {heading.outcome}",
            fix=message("check-coding-effect.fix"),
        )
    return result.estimate / design.baseline_sd


def leave_one_out(
    analysis: Analysis, heading: Heading, arms: Mapping[str, str]
) -> tuple[LeaveOneOut, ...]:
    """Estimates without each cluster, where the jackknife was asked for and can be had.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    arms : mapping of str to str
        Cluster id to arm.
    """
    result = analysis.steps.get("cv3")
    if not isinstance(result, Jackknife):
        return ()
    return tuple(
        record(LeaveOneOut, heading, cluster=cluster, arm=arms[cluster], estimate=estimate)
        for cluster, estimate in result.leave_one_out.items()
    )
