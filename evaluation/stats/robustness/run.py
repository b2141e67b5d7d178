"""Every check of the plan, in the plan's order."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from evaluation.errors import EstimationError
from evaluation.spec.plan import Check, CheckKind, Outcome, Plan
from evaluation.spec.promise import Promise
from evaluation.spec.records import (
    Bound,
    CovariateBalance,
    Diagnostic,
    Estimate,
    Level,
    Provenance,
    Unavailable,
)
from evaluation.spec.study import Study
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.frames import Frames
from evaluation.stats.heterogeneity.cohorts import cohorts
from evaluation.stats.heterogeneity.exposure import exposure
from evaluation.stats.heterogeneity.pooling import pooled_strata
from evaluation.stats.heterogeneity.subgroups import adjusted, subgroup
from evaluation.stats.heterogeneity.variance import variance_of_changes
from evaluation.stats.robustness.attrition import attrition_weights
from evaluation.stats.robustness.attrition_bounds import attrition_bounds
from evaluation.stats.robustness.bracket import bracket
from evaluation.stats.robustness.case import Case, Row, unavailable
from evaluation.stats.robustness.coding import coding, equal_weight_index
from evaluation.stats.robustness.comparison import entropy_balancing, matching
from evaluation.stats.robustness.composition import composition
from evaluation.stats.robustness.conley import conley
from evaluation.stats.robustness.controls import controls, strata_round
from evaluation.stats.robustness.doubly_robust import doubly_robust
from evaluation.stats.robustness.exposed import leave_exposed
from evaluation.stats.robustness.first_differences import first_differences
from evaluation.stats.robustness.functional_form import functional_form
from evaluation.stats.robustness.measurement import measurement
from evaluation.stats.robustness.nonresponse import nonresponse
from evaluation.stats.robustness.reversion import reversion
from evaluation.stats.robustness.samples import before_date, leave_one_out, leave_out
from evaluation.stats.robustness.spillover import spillover
from evaluation.stats.robustness.two_round import two_round_sensitivity
from evaluation.stats.run import shared_draws

KINDS: Mapping[CheckKind, Callable[[Case], Iterable[Row]]] = {
    "first_differences": first_differences,
    "strata_round": strata_round,
    "controls": controls,
    "leave_out": leave_out,
    "leave_one_out": leave_one_out,
    "before_date": before_date,
    "leave_exposed": leave_exposed,
    "spillover": spillover,
    "conley": conley,
    "entropy_balancing": entropy_balancing,
    "matching": matching,
    "composition": composition,
    "doubly_robust": doubly_robust,
    "attrition_weights": attrition_weights,
    "attrition_bounds": attrition_bounds,
    "bracket": bracket,
    "reversion": reversion,
    "two_round_sensitivity": two_round_sensitivity,
    "functional_form": functional_form,
    "coding": coding,
    "equal_weight_index": equal_weight_index,
    "nonresponse": nonresponse,
    "measurement": measurement,
    "subgroup": subgroup,
    "cohorts": cohorts,
    "exposure": exposure,
    "pooled_strata": pooled_strata,
    "variance_of_changes": variance_of_changes,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """All records of the checks, each kind in the order of the plan."""

    estimates: tuple[Estimate, ...]
    unavailable: tuple[Unavailable, ...]
    diagnostics: tuple[Diagnostic, ...]
    bounds: tuple[Bound, ...]
    covariates: tuple[CovariateBalance, ...]
    levels: tuple[Level, ...] = ()


def run_checks(frames: Frames, *, study: Study, promise: Promise, provenance: Provenance) -> Checks:
    """Run every check of the plan for each of its outcomes.

    Parameters
    ----------
    frames : Frames
        The panel may hold alternative codings of outcomes; see `codings`.
    study : Study
    promise : Promise
        The plan with its lock and deviations.
    provenance : Provenance

    Returns
    -------
    Checks

    Raises
    ------
    EstimationError
        A check cannot be made at all, its sample being no sample. What an estimator cannot give
        for this sample is an `Unavailable` record instead.
    """
    plan = promise.plan
    draws = shared_draws(frames, study, plan)
    rows: list[Row] = []
    for check in plan.check:
        for outcome in plan.outcomes_of_check(check):
            case = Case(
                check=check,
                outcome=outcome,
                specification=plan.primary_specification(),
                frames=frames,
                study=study,
                plan=plan,
                provenance=provenance,
                status=promise.check_status(check, outcome, _tier(plan, outcome)),
                draws=draws,
            )
            rows.extend(_rows(check, case))
    rows = list(adjusted(rows, plan))
    return Checks(
        estimates=tuple(r for r in rows if isinstance(r, Estimate)),
        unavailable=tuple(r for r in rows if isinstance(r, Unavailable)),
        diagnostics=tuple(r for r in rows if isinstance(r, Diagnostic)),
        bounds=tuple(r for r in rows if isinstance(r, Bound)),
        covariates=tuple(r for r in rows if isinstance(r, CovariateBalance)),
        levels=tuple(r for r in rows if isinstance(r, Level)),
    )


def _rows(check: Check, case: Case) -> Iterable[Row]:
    try:
        return tuple(KINDS[check.kind](case))
    except StepUnavailable as reason:
        return (unavailable(case, "all", reason.problem),)
    except EstimationError as error:
        raise EstimationError(
            error.problem,
            where=f"check {check.id}, outcome {case.outcome.id}; {error.where}",
            mend=error.mend,
            rule=error.rule,
        ) from error


def _tier(plan: Plan, outcome: Outcome) -> str:
    return next(f.tier for f in plan.family if f.id == outcome.family)
