"""How many more people of the treatment group took part, and so how far an effect is diluted.

The effect is on everybody in the treated clusters (intention to treat). Dividing it by how many
more took part would assume that the programme did nothing to people who did not.
"""

import dataclasses

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message
from evaluation.spec.records import Estimate, Unavailable
from evaluation.spec.row_keys import Part
from evaluation.stats.heterogeneity import parts
from evaluation.stats.robustness.case import Case, Row, computes, diagnostic, unavailable

FIRST_STAGE, DILUTION = Part("first_stage"), "dilution"


@computes
def exposure(case: Case) -> tuple[Row, ...]:
    """How much more the treatment group was exposed, and the dilution that follows.

    Parameters
    ----------
    case : Case
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
    named = dataclasses.replace(case.outcome, id=_column(case))
    built = parts.part(dataclasses.replace(case, outcome=named), _panel(case), FIRST_STAGE)
    if isinstance(built, Unavailable):
        return (unavailable(case, "all", built.reason, sample=FIRST_STAGE),)
    scaled = dataclasses.replace(case.outcome, unit="percentage points")
    rows = parts.effect(dataclasses.replace(case, outcome=scaled), built, sample=FIRST_STAGE)
    share = next((row.estimate / 100.0 for row in rows if isinstance(row, Estimate)), None)
    if share is None:
        return rows
    if not share > 0.0:
        reason = message("nobody-more-exposed")
        return *rows, unavailable(case, DILUTION, reason, sample=FIRST_STAGE)
    return *rows, diagnostic(case, DILUTION, share, unit="share", sample=FIRST_STAGE)


def _panel(case: Case) -> pd.DataFrame:
    """Rows whose outcome and exposure are known, with the exposure in percent."""
    panel, (name,) = case.frames.panel, case.check.variables
    if name not in panel.columns:
        raise _mistake(case, message("strata.problem"), message("strata.mend"))
    exposed = panel[name].to_numpy(dtype=np.float64)
    before = (panel["round"] == case.specification.contrast[0]).to_numpy()
    if np.isnan(exposed[before]).all():
        exposed = np.where(before, 0.0, exposed)
    known = np.isfinite(exposed)
    if not np.isin(exposed[known], (0.0, 1.0)).all():
        raise _mistake(case, message("exposure-holds.problem"), message("name-yes-no.mend"))
    known &= np.isfinite(panel[case.outcome.id].to_numpy(dtype=np.float64))
    return panel[known].assign(**{_column(case): 100.0 * exposed[known]})


def _column(case: Case) -> str:
    """Name of the exposure in percent, which no variable of a dictionary can have."""
    return f"{case.check.variables[0]} (percent)"


def _mistake(case: Case, problem: Message, mend: Message) -> EstimationError:
    where = f"check {case.check.id}, variable {', '.join(case.check.variables)}"
    return EstimationError(problem, where=where, mend=mend, rule="exposure")
