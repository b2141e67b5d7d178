"""Quantities printed beside an estimate, and flags where its inference steps disagree.

Rule: a step is on the rejecting side of a line when its p-value is below it, the value at which
its own interval, which holds every value with p >= 1 - level, would leave zero out. The steps of
one outcome and specification disagree about a line when they are not all on one side. Every step
that gives a p-value counts alike, randomisation inference too; adjusted p-values do not enter. A
step that could not reject whatever the data, because clusters or assignments are too few, is
unavailable and has no side.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from evaluation.analysis.cluster_diagnostics import (
    CLUSTERS,
    NUMBER,
    SHARE,
    Row,
    attempted,
    of_leverage,
    quartiles,
)
from evaluation.config.plan import Outcome
from evaluation.estimation.inference import variance_components
from evaluation.estimation.inference.cr2 import cr2
from evaluation.estimation.inference.detection import detection
from evaluation.estimation.inference.estimate_record import Heading, diagnostic, unavailable
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.inference.jackknife import Jackknife, jackknife
from evaluation.estimation.inference.steps import Analysis
from evaluation.estimation.parameters import Regression
from evaluation.estimation.records import Diagnostic, Estimate, Step
from evaluation.estimation.regression.fit import StepResult, StepUnavailable, cv1
from evaluation.estimation.regression.sample import Sample
from evaluation.locale.messages import Message, message


def of_analysis(analysis: Analysis, heading: Heading) -> tuple[Row, ...]:
    """Diagnostics of any fit that cost next to nothing: weights, clusters and leave-one-out.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``kish_deff`` n sum w^2 / (sum w)^2; ``largest3_weight_share``; ``clusters_dropped`` seen
        in one round only; ``rows_incomplete`` without a covariate; those of
        `cluster_diagnostics.of_leverage`; from CV3, where it was asked for, quartiles of the
        estimate without one cluster, and ``loo_sign_changes``, how many of them have the other
        sign. No extremes: beside the levels of both groups they would give one cluster's own
        change.
    """
    design, blocks = analysis.design, analysis.blocks
    totals, squares = blocks.products[1, :, 0, 0], blocks.products[2, :, 0, 0]
    deff = blocks.n * float(squares.sum()) / float(totals.sum()) ** 2
    largest = float(np.sort(totals)[-3:].sum() / totals.sum())
    result = analysis.steps.get("cv3")
    return (
        diagnostic(heading, "kish_deff", deff, NUMBER),
        diagnostic(heading, "largest3_weight_share", largest, SHARE),
        diagnostic(heading, "clusters_dropped", len(design.one_round), CLUSTERS),
        diagnostic(heading, "rows_incomplete", design.incomplete, NUMBER),
        *of_leverage(analysis, heading),
        *(_leave_one_out(result, heading) if isinstance(result, Jackknife) else ()),
    )


def without_clusters(analysis: Analysis, heading: Heading) -> tuple[Row, ...]:
    """Leave-one-out diagnostics of `of_analysis` where step CV3, which has them, was not asked for.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading

    Returns
    -------
    tuple of Diagnostic or Unavailable
        Empty where CV3 was asked for: its own records say what there is to say.
    """
    if "cv3" in analysis.steps:
        return ()
    try:
        result = jackknife(analysis.blocks, analysis.fit, analysis.design.column)
    except StepUnavailable as reason:
        return (unavailable(heading, "loo", reason.problem),)
    return tuple(_leave_one_out(result, heading))


def satterthwaite(analysis: Analysis, heading: Heading) -> Row:
    """``satterthwaite_df``: degrees of freedom of CR2, one measure of how many clusters count.

    Parameters
    ----------
    analysis : Analysis
    heading : Heading
    """
    done, column = analysis.steps.get("cr2"), analysis.design.column

    def df() -> float:
        result = (
            done if isinstance(done, StepResult) else cr2(analysis.blocks, analysis.fit, column)
        )
        return result.df

    return attempted(heading, "satterthwaite_df", CLUSTERS, df)


def _leave_one_out(result: Jackknife, heading: Heading) -> Iterator[Diagnostic]:
    without = np.array(list(result.leave_one_out.values()))
    yield from quartiles(heading, "loo", without)
    changed = float(np.sum(np.sign(without) != np.sign(result.estimate)))
    yield diagnostic(heading, "loo_sign_changes", changed, CLUSTERS)


def of_plan(
    analysis: Analysis, heading: Heading, outcome: Outcome, *, step: Step
) -> tuple[Row, ...]:
    """Type S and Type M error at the smallest effect that matters, for outcomes that have one.

    Parameters
    ----------
    analysis : Analysis
        Its CV1 standard error, with t(G - 1), is the precision that was realised; read by
        ``ri``, times the spread of the permuted statistics (`Distribution.spread`).
    heading : Heading
    outcome : Outcome
    step : str
        The step that the estimate is read by.

    Returns
    -------
    tuple of Diagnostic
        ``type_s`` chance that a significant estimate has the wrong sign, ``type_m`` the factor by
        which significant estimates overstate the effect on average. Empty where the plan assumes
        no effect, or zero.
    """
    if not outcome.smallest_effect:
        return ()
    realised = cv1(analysis.fit, analysis.design.column)
    permuted = analysis.steps.get(step) if step == "ri" else None
    spread = permuted.spread() if isinstance(permuted, Distribution) else 1.0
    ratio = outcome.smallest_effect / (realised.std_error * spread)
    found = detection(ratio, df=realised.df, level=heading.level)
    return (
        diagnostic(heading, "type_s", found.type_s, SHARE),
        diagnostic(heading, "type_m", found.type_m, NUMBER),
    )


def of_sample(sample: Sample, heading: Heading) -> tuple[Row, ...]:
    """Diagnostics of a two-round sample: how alike answers are, and what that would detect.

    Parameters
    ----------
    sample : Sample
        The closed form is that of the simplest specification only.
    heading : Heading

    Returns
    -------
    tuple of Diagnostic or Unavailable
        ``icc`` at baseline net of arm means; ``cac`` the cluster autocorrelation;
        ``closed_form_mde`` the closed form of `power.minimum_detectable_effect` at these two (kept
        within 0 and 1; a cac that is unavailable counts as 0, which never flatters the design), the
        harmonic mean of effective rows per cluster and round, the baseline comparison SD and
        fresh cross-sections: what equally weighted clusters could have detected, beside the
        realised 2.8 standard errors. Unavailable where the estimate is another one; the MDE of the
        design is the plan's (`evaluation.estimation.planning.planned_design`).
    """
    try:
        icc = variance_components.at_baseline(sample).icc
    except StepUnavailable as reason:
        names = ("icc", "cac", "closed_form_mde")
        return tuple(unavailable(heading, name, reason.problem) for name in names)
    cac = attempted(heading, "cac", NUMBER, lambda: variance_components.between_rounds(sample))
    lasting = cac.value if isinstance(cac, Diagnostic) else 0.0
    name, unfit = "closed_form_mde", _no_closed_form(sample.specification)
    mde: Row = (
        unavailable(heading, name, unfit)
        if unfit
        else diagnostic(
            heading, name, _closed_form(sample, heading, icc=icc, cac=lasting), heading.unit
        )
    )
    return (diagnostic(heading, "icc", icc, NUMBER), cac, mde)


def _no_closed_form(specification: Regression) -> Message | None:
    """Why the formula for equal clusters is not about an estimate; empty where it is."""
    if specification.method != "did":
        return message("closed-form-difference.reason")
    if specification.estimand != "equal":
        return message("closed-form-weights.reason")
    if specification.sample != "all":
        return message("closed-form-panel.reason")
    if specification.covariates or specification.strata_round or specification.adjust_treatments:
        return message("closed-form-columns.reason")
    return None


def _closed_form(sample: Sample, heading: Heading, *, icc: float, cac: float) -> float:
    _, cluster = np.unique(sample.cluster.astype(str), return_inverse=True)
    cell = 2 * cluster + sample.post
    effective = np.bincount(cell, sample.weights) ** 2 / np.bincount(cell, sample.weights**2)
    sd = 1.0 if heading.unit == "SD" else sample.moments(~sample.post & sample.comparison)[1]
    return sd * variance_components.minimum_detectable_effect(
        icc=min(max(icc, 0.0), 1.0),
        cac=min(max(cac, 0.0), 1.0),
        rows=float(len(effective) / np.sum(1.0 / effective)),
        treated=len(sample.clusters(sample.treated)),
        comparison=len(sample.clusters(~sample.treated)),
        individual_correlation=0.0,
        multiple=variance_components.MULTIPLE,
    )


LINES = (("steps_disagree_5", 0.05), ("steps_disagree_10", 0.10))
FLAG = "1 = yes"


def disagreements(estimates: Iterable[Estimate]) -> tuple[Diagnostic, ...]:
    """Flag every estimate whose steps disagree about the 5 or the 10 % line.

    Parameters
    ----------
    estimates : iterable of Estimate
        Of any number of outcomes and specifications.

    Returns
    -------
    tuple of Diagnostic
        ``steps_disagree_5`` and ``steps_disagree_10``, 1 or 0, for every outcome, specification,
        estimand and sample with two steps or more, in the order of their first estimates.
    """
    groups: dict[tuple[object, ...], list[Estimate]] = {}
    for e in estimates:
        key = (e.outcome, e.specification, e.estimand, e.sample, e.treatment)
        groups.setdefault(key, []).append(e)
    return tuple(
        diagnostic(found[0], name, len({e.p_value < line for e in found}) > 1, FLAG)
        for found in groups.values()
        if len(found) > 1
        for name, line in LINES
    )
