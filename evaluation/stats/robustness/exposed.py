"""Without comparison clusters that were reached: where many say that they took part."""

from collections.abc import Iterable

import numpy as np

from evaluation.locale.messages import message
from evaluation.spec.row_keys import LeaveOut
from evaluation.stats.robustness.case import Case, Row, computes, diagnostic, unavailable
from evaluation.stats.robustness.samples import without

SAMPLE = LeaveOut("exposed")


@computes
def leave_exposed(case: Case) -> Iterable[Row]:
    """The primary estimate without comparison clusters whose exposure is above a share.

    Parameters
    ----------
    case : Case
        The check's ``variables`` names the 0/1 question of exposure, its ``share`` the share of
        the last round's answers above which a comparison cluster is left out.

    Returns
    -------
    tuple of Row
        The estimate, or its reason, under the sample ``without:exposed``, and how many clusters
        were left out. Never which. The estimate is withheld where they are few: with the primary
        one it would give their change.

    Notes
    -----
    Exposure in the comparison group, by people who moved or by a programme that crossed a border,
    makes the effect look smaller. Dropping the clusters assumes that they are like the others.
    """
    panel, columns = case.frames.panel, case.study.columns
    exposure = panel[case.check.variables[0]].to_numpy(dtype=np.float64)
    compared = panel[columns.arm].isin(case.study.arms_without_any()).to_numpy()
    last = (panel["round"] == case.specification.contrast[1]).to_numpy()
    asked = compared & last & np.isfinite(exposure)
    if not asked.any():
        reason = message("nobody-comparison.reason")
        return (unavailable(case, "all", reason, sample=SAMPLE),)
    shares = panel.loc[asked].assign(share=exposure[asked]).groupby(columns.cluster)["share"].mean()
    reached = set(shares.index[shares > case.check.share])
    gone = panel[columns.cluster].isin(reached).to_numpy()
    rows, _ = without(case, gone, sample=SAMPLE, whole=case.primary_design())
    count = diagnostic(
        case, "clusters_left_out_comparison", len(reached), unit="clusters", sample=SAMPLE
    )
    return *rows, count
