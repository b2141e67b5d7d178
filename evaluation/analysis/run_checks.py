"""Every check of the plan, in the plan's order."""

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from evaluation.analysis.checks.check_context import CheckContext, JackknifedEstimate, Row, computes
from evaluation.analysis.checks.difference_from_primary import (
    DIFFERENCE,
    of_regression,
    repeated_of,
)
from evaluation.analysis.checks.subgroups import adjusted
from evaluation.analysis.run_plan import RunContext, RunRecords, shared_draws
from evaluation.analysis.study_clusters import Frames
from evaluation.config.check_kinds import kind_of
from evaluation.config.plan import Check, Outcome, Specification
from evaluation.config.preregistration import Promise
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.inference import estimate_record, steps
from evaluation.estimation.inference.estimate_record import RowFacts
from evaluation.estimation.inference.multiplicity import Reference, simultaneous
from evaluation.estimation.many_fits import Each, here
from evaluation.estimation.records import (
    Bound,
    CovariateBalance,
    Difference,
    Provenance,
    Unavailable,
)
from evaluation.estimation.regression import design
from evaluation.estimation.regression.fit import StepUnavailable
from evaluation.locale.messages import message


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResults(RunRecords):
    """All records of the checks of a plan."""

    differences: tuple[Difference, ...]
    bounds: tuple[Bound, ...]
    covariates: tuple[CovariateBalance, ...]


def run_checks(
    frames: Frames,
    *,
    study: Study,
    preregistration: Promise,
    provenance: Provenance,
    each: Each = here,
) -> CheckResults:
    """Run every check of the plan for each of its outcomes.

    Parameters
    ----------
    frames : Frames
        The panel may hold alternative codings of outcomes; see `alternative_outcomes` of
        `data.cleaning`.
    study : Study
    preregistration : Promise
        The plan with its lock and deviations.
    provenance : Provenance
    each : Each
        Where the checks run, one outcome at a time; see `many_fits`.

    Returns
    -------
    CheckResults

    Raises
    ------
    EstimationError
        A check cannot be made at all, its sample being no sample. What an estimator cannot give
        for this sample is an `Unavailable` record instead.
    """
    planned, plan = preregistration.plan, preregistration.plan.checked()
    made = _CheckRun(
        frames=frames,
        study=study,
        preregistration=dataclasses.replace(preregistration, plan=plan),
        provenance=provenance,
        draws=shared_draws(frames, study, plan),
    )
    main = planned.primary_specification()
    primaries = made.repeated(plan.primary_specification())
    published = primaries if plan is planned else made.repeated(main)
    intervals = made.intervals() if any(kind_of(c).benchmarks for c in plan.check) else {}
    rows: list[Row] = []
    # in this process too, which notes what it has loaded, where others make the checks
    computes.load()
    for specification in planned.specification:
        if specification.status == "sensitivity":
            rows.extend(made.sensitivity(specification, published, main=main))
    asked = (
        (check, outcome, primaries.get(outcome.id), intervals.get(outcome.id))
        for check in plan.check
        for outcome in plan.outcomes_of_check(check)
    )
    for found in each(_rows, asked, made):
        rows.extend(found)
    return CheckResults.of(adjusted(rows, plan))


def sizes_beside(
    frames: Frames, *, study: Study, preregistration: Promise, outcomes: Collection[str]
) -> dict[str, tuple[RowFacts, ...]]:
    """Interviews and clusters of the estimates that rows of checks stand beside, by outcome.

    Parameters
    ----------
    frames : Frames
    study : Study
    preregistration : Promise
    outcomes : collection of str
        Ids of the outcomes that are asked for.

    Returns
    -------
    dict of str to tuple of RowFacts
        Of the primary specification, and of the one that the checks depart from.
    """
    plan = preregistration.plan
    beside = {s.id: s for s in (p.primary_specification() for p in (plan, plan.checked()))}
    found: dict[str, tuple[RowFacts, ...]] = {}
    for outcome in plan.outcome:
        if outcome.id in outcomes:
            found[outcome.id] = tuple(
                RowFacts.of(design.build(frames.of(s), s, outcome=outcome, study=study))
                for s in beside.values()
            )
    return found


# A check of an outcome, the primary estimate beside it, and the interval this is published with.
_Asked = tuple[Check, Outcome, JackknifedEstimate | Unavailable | None, tuple[float, float] | None]


class _CheckRun(RunContext):
    """What every check of one run shares."""

    def context(self, asked: _Asked) -> CheckContext:
        """A check of an outcome."""
        check, outcome, primary, interval = asked
        return CheckContext(
            check=check,
            outcome=outcome,
            specification=self.plan.primary_specification(),
            frames=self.frames,
            study=self.study,
            plan=self.plan,
            provenance=self.provenance,
            status=self.preregistration.check_status(check, outcome, self.tier(outcome)),
            draws=self.draws,
            primary=primary,
            interval=interval,
        )

    def repeated(self, specification: Specification) -> dict[str, JackknifedEstimate | Unavailable]:
        """A specification's estimate of each primary outcome with and without each cluster."""
        return {
            o.id: repeated_of(self.design(specification, o), self.heading(specification, o))
            for o in self.plan.primary_outcomes()
        }

    def intervals(self) -> dict[str, tuple[float, float]]:
        """Intervals of the primary estimates as they are published; none where a step is absent."""
        plan = self.plan
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
        primaries: Mapping[str, JackknifedEstimate | Unavailable],
        *,
        main: Specification,
    ) -> Iterable[Row]:
        """How far a sensitivity specification of the plan moves each primary estimate."""
        for outcome in self.plan.outcomes_of(specification):
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


def _rows(run: _CheckRun, asked: _Asked) -> tuple[Row, ...]:
    context = run.context(asked)
    check = context.check
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
