"""Analysis of covariance: the endline outcome given its baseline value."""

import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.inference import steps
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.regression import design
from evaluation.study.plan import Inference, Outcome, Specification
from evaluation.study.records import Estimate, Provenance, Status, Unavailable
from evaluation.study.study import Study


def estimate(  # noqa: PLR0913 -- choices of the design have no default
    frame: pd.DataFrame,
    specification: Specification,
    *,
    outcome: Outcome,
    study: Study,
    inference: Inference,
    provenance: Provenance,
    status: Status,
    draws: Draws,
) -> tuple[Estimate | Unavailable, ...]:
    """Effect of the treatment on one outcome given its baseline value, by each inference step.

    Parameters
    ----------
    frame : DataFrame
        Clean rounds stacked (lag ``cluster_mean``), or the analysis file with its own baseline
        columns (lag ``suffix``).
    specification : Specification
        With method ``ancova``.
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
    y1 = a + tau treated + b y0 + effects + covariates, clusters not absorbed, so the treatment is
    compared between clusters (McKenzie 2012). Where y0 is the cluster's baseline mean it
    carries sampling error, which biases b towards zero and leaves part of the baseline gap in tau.
    """
    if specification.method != "ancova":
        raise EstimationError.of(
            "specification-method",
            "call-evaluation",
            f"specification {specification.id}",
            method=specification.method,
        )
    heading = Heading.of(
        specification,
        outcome,
        study=study,
        inference=inference,
        provenance=provenance,
        status=status,
    )
    built = design.build(frame, specification, outcome=outcome, study=study)
    return steps.records(
        steps.analyse(built, specification.steps_for(outcome), draws=draws), heading
    )
