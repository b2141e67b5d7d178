"""What an interval that excludes zero survives: the other method, adjustment for many outcomes."""

from evaluation.report.conclusions import Evidence, evidence
from evaluation.report.sources import Source, find
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.records import Estimate, Unavailable


def strength(
    source: Source, specification: Specification, outcome: Outcome, estimate: Estimate
) -> Evidence:
    """Level of evidence, with the cluster jackknife beside the primary step where there is one.

    Parameters
    ----------
    source : Source
        Holds the estimate by the jackknife, or why it cannot be had.
    specification : Specification
        The one that the estimate is by.
    outcome : Outcome
    estimate : Estimate
        By the step the specification is read by.
    """
    if "cv3" not in specification.steps_for(outcome):
        return evidence(estimate, None)
    other = find(source, outcome.id, specification=specification, step="cv3")
    return evidence(estimate, None if isinstance(other, Unavailable) else other)
