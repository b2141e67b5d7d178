"""One outcome of one specification by itself, as a run estimates it among others."""

import pandas as pd

from evaluation.config.plan import Inference, Outcome, Specification
from evaluation.config.study import Study
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.inference.steps import analyse, records
from evaluation.estimation.records import Estimate, Provenance, Status, Unavailable
from evaluation.estimation.regression import design


def estimate(
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
    """One record per step of the specification, from rows that are chosen for the outcome alone."""
    heading = Heading.of(
        specification,
        outcome,
        study=study,
        level=inference.level,
        provenance=provenance,
        status=status,
    )
    built = design.build(panel, specification, outcome=outcome, study=study)
    return records(analyse(built, specification.steps_for(outcome), draws=draws), heading)
