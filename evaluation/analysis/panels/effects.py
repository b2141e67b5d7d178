"""Effects of one specification of a panel study, by its method and inference steps."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from evaluation.analysis.panels import given, neighbours
from evaluation.analysis.panels.units import ENTRY, RATE, STRATUM, UNIT, YEAR, Units
from evaluation.config.panel_study import COUNTED, PanelChoice, span
from evaluation.config.plan import Specification, seed
from evaluation.errors import EstimationError
from evaluation.estimation import did
from evaluation.estimation.call_choices import CallOptions
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.inference.estimate_record import (
    EffectByMethod,
    Heading,
    RowFacts,
    diagnostic,
    effect,
    record,
)
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.jackknife import errors_of
from evaluation.estimation.many_periods import (
    linear,
    panel_permutation,
    poisson,
    poisson_inference,
    synthetic,
)
from evaluation.estimation.many_periods.panel import UnitPanel
from evaluation.estimation.many_periods.poisson_inference import Permuted
from evaluation.estimation.records import Diagnostic, Estimate, Unavailable
from evaluation.estimation.regression.fit import critical, two_sided
from evaluation.locale.messages import Plain, message

Row = Estimate | Diagnostic | Unavailable
LINEAR: Mapping[str, linear.LinearOptions] = {
    "imputation": linear.LinearOptions(method="imputation"),
    "callaway_santanna": linear.LinearOptions(method="callaway_santanna"),
    "callaway_santanna_never": linear.LinearOptions(method="callaway_santanna", comparison="never"),
    "sun_abraham": linear.LinearOptions(method="sun_abraham"),
    "log_plus": linear.LinearOptions(method="imputation"),
}
# level of the narrower interval, by which a meaningful effect is ruled out
NARROWER = 0.90
NONE = float("nan")
# placebos of the synthetic estimator, which is fitted anew for each
PLACEBOS = 199


@dataclass(frozen=True, kw_only=True, eq=False)
class ReportedSpecification:
    """One specification with what its records say beside their numbers."""

    units: Units
    specification: Specification
    heading: Heading
    count: str

    @property
    def choice(self) -> PanelChoice:
        """What it chooses beside method and years."""
        return self.specification.panel or PanelChoice()

    @property
    def is_primary(self) -> bool:
        """Whether it is what the conclusion is of."""
        return self.specification.status == "primary"

    def panel(self) -> UnitPanel:
        """Its rows as units by periods, on the scale of its method."""
        method = self.specification.method
        made = self.units.panel(self.specification, self.count, rates=method not in COUNTED)
        if method != "log_plus":
            return made
        counts = self.units.panel(self.specification, self.count, rates=False)
        logs = np.log(counts.y + self.choice.plus)
        return replace(counts, y=logs, exposure=np.zeros(0))

    def sizes(self, made: UnitPanel) -> RowFacts:
        """Rows, clusters of either group, and the comparison group's rates before.

        Parameters
        ----------
        made : UnitPanel
        """
        treated = self.units.treated(made)
        rows = self.units.rows(self.specification, self.count)
        before = span(self.specification.contrast[0])
        own = rows[rows[ENTRY].isna() & rows[YEAR].isin(before)]
        by_unit = own.groupby(UNIT)[RATE].mean()
        return RowFacts(
            n=int(np.count_nonzero(made.seen)),
            n_clusters_treated=int(np.count_nonzero(treated)),
            n_clusters_comparison=int(np.count_nonzero(~treated)),
            baseline_mean=float(by_unit.mean()),
            baseline_sd=float(by_unit.std()),
        )


def effects(asked: ReportedSpecification) -> Iterator[Row]:
    """Records of a specification that estimates one effect.

    Parameters
    ----------
    asked : ReportedSpecification
    """
    method = asked.specification.method
    yield from METHODS.get(method, _linear)(asked)


def _poisson(asked: ReportedSpecification) -> Iterator[Row]:
    """A log ratio, with the permuted coefficient and the permuted studentised one."""
    made = asked.panel()
    after = made.periods.index(str(min(span(asked.specification.contrast[1]))))
    if not made.y[asked.units.treated(made), after:].any():
        raise EstimationError.of("panel-separated", "panel-more-events", "plan.toml")
    if asked.choice.neighbours:
        yield from _neighbours(asked, made)
        return
    found = poisson_inference.ratios(made)
    sizes = asked.sizes(found.panel)
    if "cv3" in asked.specification.steps:
        errors = float(found.jackknife_errors()[0])
        yield _by_t(asked, float(found.estimates[0]), errors, sizes)
    if not {"ri", "ri_coefficient"} & {*asked.specification.steps}:
        return
    permuted = poisson_inference.randomise(found, asked.units.drawn(made))
    yield from _permuted_ratio(asked, permuted, sizes)


def _neighbours(asked: ReportedSpecification, made: UnitPanel) -> Iterator[Row]:
    """The ratio of the treated or of their neighbours, against clusters farther away."""
    found = neighbours.compared(
        made, asked.choice, asked.units.places(made.units), asked.units.drawn(made)
    )
    own, others = found.sizes
    sizes = replace(asked.sizes(made), n_clusters_treated=own, n_clusters_comparison=others)
    yield _by_coefficient(asked, found, sizes, interval=min(neighbours.INTERVAL, len(found.drawn)))


def _given(asked: ReportedSpecification) -> Iterator[Row]:
    """The log ratio with the rate of the years before as a covariate."""
    made = asked.panel()
    found = given.given(made, asked.units.drawn(made))
    yield _by_coefficient(asked, found, asked.sizes(made), interval=len(found.drawn))
    yield diagnostic(asked.heading, "persistence", found.persistence, "number")


def _by_coefficient(
    asked: ReportedSpecification,
    found: given.ConditionalEffect | neighbours.Compared,
    sizes: RowFacts,
    *,
    interval: int,
) -> Estimate:
    """A permuted coefficient, with the permutations behind its interval."""
    p, spread, number = found.p_value(), float(np.nanstd(found.drawn)), len(found.drawn)
    low, high = found.interval(asked.heading.level)
    made = EffectByMethod(
        estimate=found.ratio,
        std_error=spread,
        statistic=found.ratio / spread,
        df=NONE,
        p_value=p,
        p_kind=message("panel-ri-coefficient.p", n=Plain(number)),
        ci_low=low,
        ci_high=high,
        ci_kind=message("panel-ri-coefficient.interval", n=Plain(interval)),
        mc_error=math.sqrt(p * (1.0 - p) / number),
        ci_low_mc_error=NONE,
        ci_high_mc_error=NONE,
    )
    return effect(asked.heading, "ri_coefficient", made, sizes=sizes, estimate_sd=NONE)


def _permuted_ratio(
    asked: ReportedSpecification, permuted: Permuted, sizes: RowFacts
) -> Iterator[Row]:
    heading = asked.heading
    for step in asked.specification.steps:
        if step == "ri_coefficient":
            ends = permuted.interval_near(heading.level)
            p = permuted.p_value(studentised=False)
            yield from _simulated(
                asked, "ri_coefficient", permuted.ratio, permuted.spread, ends, p, sizes, permuted
            )
        elif step == "ri":
            ends = permuted.interval_near(heading.level, studentised=True)
            p = permuted.p_value()
            yield from _simulated(
                asked, "ri", permuted.ratio, permuted.error, ends, p, sizes, permuted
            )
    yield diagnostic(heading, "permuted_mean", permuted.mean, heading.unit)
    yield diagnostic(heading, "permuted_sd", permuted.spread, heading.unit)
    yield diagnostic(heading, "clustered_std_error", permuted.error, heading.unit)
    smaller = 100.0 * float(np.mean(permuted.errors < permuted.error))
    yield diagnostic(heading, "clustered_error_below", smaller, "percent")
    # how often a test by the clustered error would reject where nothing was done
    farther = np.abs(permuted.drawn / permuted.errors) > ndtri(0.5 + heading.level / 2.0)
    yield diagnostic(heading, "clustered_rejection", 100.0 * float(farther.mean()), "percent")
    if asked.is_primary:
        low, high = permuted.interval_near(NARROWER)
        yield diagnostic(heading, "simultaneous_90_low", low, heading.unit)
        yield diagnostic(heading, "simultaneous_90_high", high, heading.unit)


def _simulated(  # noqa: PLR0913, PLR0917
    asked: ReportedSpecification,
    step: str,
    estimate: float,
    error: float,
    ends: tuple[float, float],
    p: float,
    sizes: RowFacts,
    drawn: Permuted | Distribution,
) -> Iterator[Estimate]:
    number = _number(drawn)
    mc_error = 0.0 if drawn.enumerated else math.sqrt(p * (1.0 - p) / number)
    kind = "panel-ri-coefficient" if step == "ri_coefficient" else "panel-ri-studentised"
    said = {"n": Plain(number)}
    found = EffectByMethod(
        estimate=estimate,
        std_error=error,
        statistic=estimate / error,
        df=NONE,
        p_value=p,
        p_kind=message(f"{kind}.p", **said),
        ci_low=ends[0],
        ci_high=ends[1],
        ci_kind=message(f"{kind}.interval", **said),
        mc_error=mc_error,
        ci_low_mc_error=NONE,
        ci_high_mc_error=NONE,
    )
    made = effect(asked.heading, step, found, sizes=sizes, estimate_sd=NONE)  # type: ignore[arg-type]
    if asked.is_primary and step == "ri_coefficient":
        # one primary outcome: the set that is tested together is this test
        made = replace(made, adjustment="max_t")
    yield made


def _number(drawn: Permuted | Distribution) -> int:
    return len(drawn.drawn) if isinstance(drawn, Permuted) else drawn.numerator.shape[1]


def _linear(asked: ReportedSpecification) -> Iterator[Row]:
    """The average effect of a linear estimator."""
    made = asked.panel()
    found = linear.linear(made, replace(LINEAR[asked.specification.method], kinds=("simple",)))
    sizes, steps = asked.sizes(found.panel), asked.specification.steps
    if "cv3" in steps:
        yield _by_t(asked, float(found.estimates[0]), float(found.jackknife_errors()[0]), sizes)
    if not {"ri", "ri_coefficient"} & {*steps}:
        return
    (drawn,) = panel_permutation.randomise(found, asked.units.drawn(made))
    permuted = panel_permutation.permuted_estimates(drawn)
    spread = float(np.std(permuted))
    if "ri_coefficient" in steps:
        ends = panel_permutation.coefficient_interval(drawn, asked.heading.level)
        p = panel_permutation.coefficient_test(drawn)
        yield from _simulated(
            asked, "ri_coefficient", drawn.estimate, spread, ends, p, sizes, drawn
        )
    if "ri" in steps:
        interval = drawn.interval(asked.heading.level)
        ends = (interval.low, interval.high)
        yield from _simulated(
            asked, "ri", drawn.estimate, drawn.std_error, ends, drawn.p_value(), sizes, drawn
        )
    yield diagnostic(asked.heading, "permuted_mean", float(np.mean(permuted)), asked.heading.unit)
    yield diagnostic(asked.heading, "permuted_sd", spread, asked.heading.unit)


def _by_t(asked: ReportedSpecification, estimate: float, error: float, sizes: RowFacts) -> Estimate:
    """The cluster jackknife with t(G - 1)."""
    df = sizes.n_clusters_treated + sizes.n_clusters_comparison - 1.0
    half = critical(df, asked.heading.level) * error
    found = EffectByMethod(
        estimate=estimate,
        std_error=error,
        statistic=estimate / error,
        df=df,
        p_value=float(two_sided(df, estimate / error)),
        p_kind=message("panel-jackknife.p"),
        ci_low=estimate - half,
        ci_high=estimate + half,
        ci_kind=message("panel-jackknife.interval"),
    )
    return effect(asked.heading, "cv3", found, sizes=sizes, estimate_sd=NONE)


def _poisson_cohorts(asked: ReportedSpecification) -> Iterator[Row]:
    """Wooldridge's regression with effects of cohorts in place of units."""
    fit = poisson.poisson(asked.panel())
    estimate = float(fit.log_ratios()[0])
    _, without = fit.without_each()
    error = float(errors_of(without, fit.log_ratios())[0])
    yield _by_t(asked, estimate, error, asked.sizes(fit.panel))


def _regression(asked: ReportedSpecification) -> Iterator[Row]:
    """Least squares of mean rates before and after, with effects of strata and period."""
    rows = asked.units.rows(asked.specification, asked.count)
    after = span(asked.specification.contrast[1])
    rows = rows.assign(
        post=rows[YEAR].isin(after).astype(int), treated=rows[ENTRY].notna().astype(int)
    )
    keys = [UNIT, "post", "treated", STRATUM]
    means = rows.groupby(keys, as_index=False)[RATE].mean()
    settings = asked.units.plan.inference
    columns = Variables(
        outcome=RATE,
        treated="treated",
        post="post",
        cluster=UNIT,
        weights="none",
        strata_round=STRATUM,
        strata=STRATUM,
    )
    choices = CallOptions(
        estimand="equal",
        steps=asked.specification.steps,
        draws=settings.permutations,
        seed=seed(settings.seed_entry),
        level=settings.level,
        weights_kind="rademacher",
        one_round="refuse",
    )
    found = did.estimate(means, columns, choices)
    sizes = asked.sizes(asked.panel())
    for one in found:
        if isinstance(one, Estimate):
            # the number of means is not that of rows
            yield record(Estimate, one, asked.heading, n=sizes.n, estimate_sd=NONE)
        elif isinstance(one, Unavailable):
            yield record(Unavailable, one, asked.heading)


def _synthetic(asked: ReportedSpecification) -> Iterator[Row]:
    """Synthetic difference-in-differences, with limits by the placebos' spread."""
    made, settings = asked.panel(), asked.units.plan.inference
    fit = synthetic.synthetic(made, draws=PLACEBOS, seed=seed(settings.seed_entry))
    half = float(ndtri(0.5 + asked.heading.level / 2.0)) * fit.std_error
    found = EffectByMethod(
        estimate=fit.estimate,
        std_error=fit.std_error,
        statistic=fit.estimate / fit.std_error,
        df=NONE,
        p_value=fit.p_value,
        p_kind=message("panel-placebo.p", n=Plain(PLACEBOS)),
        ci_low=fit.estimate - half,
        ci_high=fit.estimate + half,
        ci_kind=message("panel-placebo.interval", n=Plain(PLACEBOS)),
        mc_error=math.sqrt(fit.p_value * (1.0 - fit.p_value) / PLACEBOS),
        ci_low_mc_error=NONE,
        ci_high_mc_error=NONE,
    )
    yield effect(asked.heading, "ri", found, sizes=asked.sizes(made), estimate_sd=NONE)


METHODS: Mapping[str, Callable[[ReportedSpecification], Iterator[Row]]] = {
    "poisson": _poisson,
    "poisson_cohorts": _poisson_cohorts,
    "poisson_given": _given,
    "regression": _regression,
    "synthetic_did": _synthetic,
}
