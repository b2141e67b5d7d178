"""Difference-in-differences between two survey rounds, treatment given to whole clusters."""

from collections.abc import Iterable

import pandas as pd

from evaluation.errors import EstimationError
from evaluation.spec.plan import Inference, Outcome, Specification
from evaluation.spec.records import Estimate, Provenance, Status, Step, Unavailable
from evaluation.spec.study import Study
from evaluation.stats import design, steps
from evaluation.stats.bootstrap import Draws
from evaluation.stats.heading import Heading


def estimate(  # noqa: PLR0913 -- choices of the design have no default
    panel: pd.DataFrame,
    specification: Specification,
    *,
    outcome: Outcome,
    study: Study,
    inference: Inference,
    provenance: Provenance,
    status: Status,
    draws: Draws,
) -> tuple[Estimate | Unavailable, ...]:
    """Effect of the treatment on one outcome, by each inference step of the specification.

    Parameters
    ----------
    panel : DataFrame
        Clean rounds stacked, one row per interview, with the outcome under its id.
    specification : Specification
        With method ``did``.
    outcome : Outcome
    study : Study
    inference : Inference
        Gives the confidence level.
    provenance : Provenance
        Hashes that the records carry.
    status : str
        How the result may be called.
    draws : Draws
        Bootstrap multipliers of at least the sample's clusters.

    Returns
    -------
    tuple of Estimate or Unavailable
        One per step, in the order of the specification.

    Raises
    ------
    EstimationError
        See `design.build`; or the specification is of another method.

    Notes
    -----
    y = cluster effect + b_post post + tau (treated x post) + covariates, weighted least squares;
    tau is the average effect on the treated under parallel trends of the weighted cluster means.
    Without covariates it equals the regression of cluster changes, with weights
    w0 w1 / (w0 + w1) from the two rounds' weight totals, on treatment.
    """
    _check_method(specification, "did")
    heading = Heading.of(
        specification,
        outcome,
        study=study,
        inference=inference,
        provenance=provenance,
        status=status,
    )
    built = design.build(panel, specification, outcome=outcome, study=study)
    return steps.records(
        steps.analyse(built, specification.steps_for(outcome), draws=draws), heading
    )


def primary(estimates: Iterable[Estimate | Unavailable], inference: Inference) -> Estimate:
    """The estimate by the step that gives the plan's primary p-value and interval.

    Raises
    ------
    EstimationError
        That step is missing or cannot be had; the reason is given.
    """
    step: Step = inference.primary_step
    matching = [record for record in estimates if record.step == step]
    if len(matching) == 1 and isinstance(matching[0], Estimate):
        return matching[0]
    reason = (
        matching[0].reason
        if matching and isinstance(matching[0], Unavailable)
        else f"{len(matching)} records have the step {step}"
    )
    raise EstimationError(
        f"no primary estimate: {reason}",
        where="plan.toml, inference.primary_step",
        mend="pass the records of one outcome and specification whose steps include it",
    )


def _check_method(specification: Specification, method: str) -> None:
    if specification.method != method:
        raise EstimationError(
            f"the specification's method is {specification.method}, not {method}",
            where=f"specification {specification.id}",
            mend=f"call evaluation.stats.{specification.method}",
        )
