"""Every check of the plan, in the plan's order."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evaluation.errors import EstimationError
from evaluation.estimation.checks.check_context import CheckContext, Repeated, Row, computes
from evaluation.estimation.checks.difference_from_primary import (
    DIFFERENCE,
    of_regression,
    repeated_of,
)
from evaluation.estimation.checks.subgroups import adjusted
from evaluation.estimation.inference import estimate_record, steps
from evaluation.estimation.inference.multiplicity import Reference, simultaneous
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.estimation.run_plan import Shared, of_kind, shared_draws
from evaluation.estimation.study_clusters import Frames
from evaluation.locale.messages import message
from evaluation.study.plan import Check, Outcome, Specification
from evaluation.study.preregistration import Promise
from evaluation.study.records import (
    Bound,
    CovariateBalance,
    Diagnostic,
    Difference,
    Estimate,
    Level,
    Provenance,
    Unavailable,
)
from evaluation.study.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """All records of the checks, each kind in the order of the plan."""

    estimates: tuple[Estimate, ...]
    differences: tuple[Difference, ...]
    unavailable: tuple[Unavailable, ...]
    diagnostics: tuple[Diagnostic, ...]
    bounds: tuple[Bound, ...]
    covariates: tuple[CovariateBalance, ...]
    levels: tuple[Level, ...] = ()


def run_checks(
    frames: Frames, *, study: Study, preregistration: Promise, provenance: Provenance
) -> Checks:
    """Run every check of the plan for each of its outcomes.

    Parameters
    ----------
    frames : Frames
        The panel may hold alternative codings of outcomes; see `codings`.
    study : Study
    preregistration : Promise
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
    planned, plan = preregistration.plan, preregistration.plan.checked()
    preregistration = dataclasses.replace(preregistration, plan=plan)
    draws = shared_draws(frames, study, plan)
    made = _Made(
        frames=frames,
        study=study,
        preregistration=preregistration,
        provenance=provenance,
        draws=draws,
    )
    primaries = {outcome.id: made.primary(outcome) for outcome in plan.primary_outcomes()}
    main = planned.primary_specification()
    published = (
        primaries
        if plan is planned
        else {o.id: made.repeated(main, o) for o in plan.primary_outcomes()}
    )
    intervals = made.intervals() if any(c.declared.benchmarks for c in plan.check) else {}
    rows: list[Row] = []
    for specification in planned.specification:
        if specification.status == "sensitivity":
            rows.extend(made.sensitivity(specification, published, main=main))
    for check in plan.check:
        for outcome in plan.outcomes_of_check(check):
            context = made.context(check, outcome, primaries.get(outcome.id))
            context = dataclasses.replace(context, interval=intervals.get(outcome.id))
            rows.extend(_rows(check, context))
    rows = list(adjusted(rows, plan))
    return Checks(
        estimates=of_kind(rows, Estimate),
        differences=of_kind(rows, Difference),
        unavailable=of_kind(rows, Unavailable),
        diagnostics=of_kind(rows, Diagnostic),
        bounds=of_kind(rows, Bound),
        covariates=of_kind(rows, CovariateBalance),
        levels=of_kind(rows, Level),
    )


class _Made(Shared):
    """What every check of one run shares."""

    def context(
        self, check: Check, outcome: Outcome, primary: Repeated | Unavailable | None
    ) -> CheckContext:
        """A check of an outcome."""
        plan = self.preregistration.plan
        return CheckContext(
            check=check,
            outcome=outcome,
            specification=plan.primary_specification(),
            frames=self.frames,
            study=self.study,
            plan=plan,
            provenance=self.provenance,
            status=self.preregistration.check_status(check, outcome, self.tier(outcome)),
            draws=self.draws,
            primary=primary,
        )

    def primary(self, outcome: Outcome) -> Repeated | Unavailable:
        """The estimate that the checks of an outcome depart from, with and without each cluster."""
        return self.repeated(self.preregistration.plan.primary_specification(), outcome)

    def repeated(self, specification: Specification, outcome: Outcome) -> Repeated | Unavailable:
        """A specification's estimate of an outcome with and without each cluster."""
        built, heading = self.design(specification, outcome), self.heading(specification, outcome)
        return repeated_of(built, heading)

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Intervals of the primary estimates as they are published; none where a step is absent."""
        plan = self.preregistration.plan
        specification, settings = plan.primary_specification(), plan.inference
        references: dict[str, Reference] = {}
        for outcome in plan.primary_outcomes():
            if outcome.id not in plan.corrected_together():
                continue
            built = self.design(specification, outcome)
            found = steps.analyse(built, (settings.primary_step,), draws=self.draws)
            reference = found.steps[settings.primary_step]
            if isinstance(reference, StepUnavailable):
                return {}
            references[outcome.id] = reference
        held = simultaneous(
            references,
            method=settings.family_wise,
            step=settings.primary_step,
            level=settings.level,
        )
        return {name: (one.interval.low, one.interval.high) for name, one in held.items()}

    def sensitivity(
        self,
        specification: Specification,
        primaries: Mapping[str, Repeated | Unavailable],
        *,
        main: Specification,
    ) -> Iterable[Row]:
        """How far a sensitivity specification of the plan moves each primary estimate."""
        for outcome in self.preregistration.plan.outcomes_of(specification):
            if outcome.id not in primaries:
                continue
            heading = self.heading(specification, outcome)
            asked = (specification.treatment, specification.contrast)
            if asked != (main.treatment, main.contrast):
                reason = message("another-treatment-or-rounds")
                yield estimate_record.unavailable(heading, DIFFERENCE, reason)
                continue
            built = self.design(specification, outcome)
            yield of_regression(primaries[outcome.id], built, heading)


def _rows(check: Check, context: CheckContext) -> Iterable[Row]:
    try:
        return tuple(computes[check.kind](context))
    except StepUnavailable as reason:
        return (context.unavailable(reason.problem),)
    except EstimationError as error:
        raise EstimationError(
            error.problem,
            where=f"check {check.id}, outcome {context.outcome.id}; {error.where}",
            fix=error.fix,
            rule=error.rule,
        ) from error
