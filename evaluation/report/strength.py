"""What an interval that excludes zero survives: the other method, adjustment for many outcomes."""

import math

from evaluation.report.sources import Source, find
from evaluation.report.verdicts import Evidence, evidence
from evaluation.spec.plan import Outcome, Specification
from evaluation.spec.records import Estimate, Unavailable

ACROSS = "benjamini_hochberg_across"


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
    across = p_across(source, estimate)
    if "cv3" not in specification.steps_for(outcome):
        return evidence(estimate, None, across=across)
    other = find(source, outcome.id, specification=specification, step="cv3")
    return evidence(estimate, None if isinstance(other, Unavailable) else other, across=across)


def p_across(source: Source, estimate: Estimate) -> float:
    """The p-value of an estimate adjusted beyond its own family; infinite where there is none.

    Primary outcomes are adjusted together whatever their family: theirs is the adjusted p itself.
    """
    if estimate.outcome in {o.id for o in source.plan.primary_outcomes()}:
        return estimate.p_adjusted
    asked = (estimate.outcome, estimate.specification, estimate.estimand, ACROSS)
    return next(
        (
            a.p_adjusted
            for a in source.records.adjustments
            if (a.outcome, a.specification, a.estimand, a.method) == asked
        ),
        math.inf,
    )
