"""What an interval that excludes zero survives: the other method, adjustment for many outcomes."""

import math

from evaluation.report.sources import Source, find
from evaluation.report.verdicts import Evidence, evidence
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
    across = p_across(estimate)
    if "cv3" not in specification.steps_for(outcome):
        return evidence(estimate, None, across=across)
    other = find(source, outcome.id, specification=specification, step="cv3")
    return evidence(estimate, None if isinstance(other, Unavailable) else other, across=across)


def p_across(estimate: Estimate) -> float:
    """The p-value of an estimate adjusted with all outcomes of its kind; infinite where none is."""
    return math.inf if estimate.adjustment == "none" else estimate.p_adjusted
