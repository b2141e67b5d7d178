"""Who took part: how far an effect is diluted, and the effect without comparison clusters reached.

The effect is on everybody in the treated clusters (intention to treat). Dividing it by how many
more took part would assume that the programme did nothing to people who did not.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
import pandas as pd

from evaluation.analysis.checks import subsample
from evaluation.analysis.checks.check_context import CheckContext, Row, computes
from evaluation.analysis.checks.leave_out import without
from evaluation.estimation.records import Estimate
from evaluation.estimation.row_keys import LeaveOut, Part
from evaluation.locale.messages import message

FIRST_STAGE, DILUTION = Part("first_stage"), "dilution"


@computes
def exposure(context: CheckContext) -> tuple[Row, ...]:
    """How much more the treatment group was exposed, and the dilution that follows.

    Parameters
    ----------
    context : CheckContext
        The check names one variable of the panel, 0 or 1. Where nobody was asked before the
        programme, nobody had been exposed.

    Returns
    -------
    tuple of Estimate, Unavailable and Diagnostic
        ``first_stage``: difference-in-differences of exposure, in percentage points, among people
        with the outcome; without exposure before and with equally weighted clusters it is the
        difference at endline. It has no scale in standard deviations where no comparison
        respondent was exposed before: that field is NaN. ``dilution``: the first stage as a share,
        which is the part of an effect on exposed people that reaches the effect on everybody if
        nobody else changes.

    Raises
    ------
    EstimationError
        The variable is not in the panel, or holds something other than 0 and 1.

    Notes
    -----
    No effect per exposed person is given: the ratio of two estimates is that effect only if the
    programme did nothing to people who were not exposed (Angrist, Imbens and Rubin 1996, J.
    American Statistical Association 91(434)).
    """
    named = dataclasses.replace(context.outcome, id=_column(context))
    asked = dataclasses.replace(context, outcome=named)
    built = subsample.part(asked, _panel(context), FIRST_STAGE)
    percent = context.in_unit("percentage points")
    rows = tuple(subsample.effects(percent, [(FIRST_STAGE, built)]))
    share = next((row.estimate / 100.0 for row in rows if isinstance(row, Estimate)), None)
    if share is None:
        return rows
    if not share > 0.0:
        reason = message("nobody-more-exposed")
        return *rows, context.unavailable(reason, DILUTION, sample=FIRST_STAGE)
    return *rows, context.diagnostic(DILUTION, share, unit="share", sample=FIRST_STAGE)


def _panel(context: CheckContext) -> pd.DataFrame:
    """Rows whose outcome and exposure are known, with the exposure in percent."""
    panel, (name,) = context.frames.panel, context.check.variables
    if name not in panel.columns:
        raise context.mistake("strata", "strata", rule="exposure")
    exposed = panel[name].to_numpy(dtype=np.float64)
    before = (panel["round"] == context.specification.contrast[0]).to_numpy()
    if np.isnan(exposed[before]).all():
        exposed = np.where(before, 0.0, exposed)
    known = np.isfinite(exposed)
    if not np.isin(exposed[known], (0.0, 1.0)).all():
        raise context.mistake("exposure-holds", "name-yes-no", rule="exposure")
    known &= np.isfinite(panel[context.outcome.id].to_numpy(dtype=np.float64))
    return panel[known].assign(**{_column(context): 100.0 * exposed[known]})


def _column(context: CheckContext) -> str:
    """Name of the exposure in percent, which no variable of a dictionary can have."""
    return f"{context.check.variables[0]} (percent)"


SAMPLE = LeaveOut("exposed")


@computes
def leave_exposed(context: CheckContext) -> Iterable[Row]:
    """The primary estimate without comparison clusters whose exposure is above a share.

    Parameters
    ----------
    context : CheckContext
        The check's ``variables`` names the 0/1 question of exposure, its ``share`` the share of
        the last round's answers above which a comparison cluster is left out.

    Returns
    -------
    tuple of Row
        The estimate, or its reason, under the sample ``without:exposed``, and how many clusters
        were left out. Never which.

    Notes
    -----
    Exposure in the comparison group, by people who moved or by a programme that crossed a border,
    makes the effect look smaller. Dropping the clusters assumes that they are like the others.
    """
    panel, columns = context.frames.panel, context.study.columns
    exposure = panel[context.check.variables[0]].to_numpy(dtype=np.float64)
    compared = panel[columns.arm].isin(context.study.arms_without_any()).to_numpy()
    last = (panel["round"] == context.specification.contrast[1]).to_numpy()
    asked = compared & last & np.isfinite(exposure)
    if not asked.any():
        reason = message("nobody-comparison.reason")
        return (context.unavailable(reason, sample=SAMPLE),)
    shares = panel.loc[asked].assign(share=exposure[asked]).groupby(columns.cluster)["share"].mean()
    reached = set(shares.index[shares > context.check.share])
    gone = panel[columns.cluster].isin(reached).to_numpy()
    rows, _ = without(context, gone, sample=SAMPLE)
    count = context.diagnostic(
        "clusters_left_out_comparison", len(reached), unit="clusters", sample=SAMPLE
    )
    return *rows, count
