"""Bounds on changes when the programme may change who is seen again (Lee 2009, on differences).

Everything here is about the respondents who were interviewed at baseline and sought again. It
says nothing of the fresh cross-section.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from evaluation.analysis.checks.attrition_weights import baseline_rows, nobody
from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.reweighting import other_treatments
from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.fit import critical
from evaluation.estimation.regression.sample import Sample
from evaluation.estimation.row_keys import Panel
from evaluation.estimation.sensitivity.attrition_bounds import LinkedChanges
from evaluation.locale.messages import message

CHANGES = Panel("changes")
# Each end's own two-sided limit: together they hold the whole range at least as often.
CONSERVATIVE = message("each-end-limit.reason")


@computes
def attrition_bounds(context: CheckContext) -> Iterable[Row]:
    """Bounds on the panel members' changes when the programme may change who is seen again.

    Parameters
    ----------
    context : CheckContext

    Returns
    -------
    iterable of Bound, Diagnostic and Unavailable
        Sample ``panel:changes``; the interval, where there is one, is conservative.

    Raises
    ------
    StepUnavailable
        Nobody of the baseline was interviewed again.

    Notes
    -----
    See `change_bounds`. Weights are those of the primary estimand among all baseline
    respondents with the outcome, fixed. Other treatments of the study are held fixed by bounding
    within each combination of them. The jackknife repeats shares, trimming and bounds without each
    cluster; where both groups are seen again equally often the bounds have a kink, and it is only
    a guide.
    """
    changes = _changes(context, baseline_rows(context))
    low, high = changes.ends(np.ones(len(changes.change)))
    errors, lacking = changes.errors((low, high))
    interval = None
    if not lacking:
        half = critical(changes.g - 1, context.plan.inference.level) * errors
        interval = (low - float(half[0]), high + float(half[1]))
    yield context.bound(
        (low, high), interval=interval, kind=CONSERVATIVE, sizes=changes.sizes(), sample=CHANGES
    )
    if lacking:
        problem = message("without-clusters.reason", g=changes.g)
        yield context.unavailable(problem, "cv3", sample=CHANGES)
    yield from context.diagnostics(changes.described(), unit="share", sample=CHANGES)


def _changes(context: CheckContext, first: pd.DataFrame) -> LinkedChanges:
    """Baseline respondents with the outcome, and the change of those seen again."""
    sample = context.select(first, context.outcome.id, at=0, covariates=("panel_member",))
    change = _endline_values(context, sample) - sample.y
    if not np.isfinite(change).any():
        raise nobody(message("nobody-outcome.problem"))
    # every combination of the other treatments has a number of its own
    others = other_treatments(context, sample)
    return LinkedChanges(
        change=change,
        weights=sample.weights,
        treated=sample.treated,
        strata=(others @ 2.0 ** np.arange(others.shape[1])).astype(np.int64),
        cluster=sample.cluster,
        baseline=sample.moments(sample.comparison),
    )


def _endline_values(context: CheckContext, sample: Sample) -> Floats:
    """Outcome at endline of each baseline row, NaN where it was not seen."""
    panel, respondent = context.frames.panel, context.study.columns.respondent
    members = panel["panel_member"].to_numpy(dtype=bool)
    last = panel[members & (panel["round"] == context.specification.contrast[1]).to_numpy()]
    values = pd.Series(
        last[context.outcome.id].to_numpy(dtype=np.float64),
        index=last[respondent].astype(str),
    )
    # only baseline rows of panel members may be linked: an empty id is nobody's
    linked = sample.frame["panel_member"].to_numpy()
    found = values.reindex(sample.frame[respondent].astype(str)).to_numpy()
    return np.asarray(np.where(linked, found, np.nan))
