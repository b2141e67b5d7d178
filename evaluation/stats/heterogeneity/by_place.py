"""Effects place by place, each against comparison clusters of its own."""

import pandas as pd

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.spec.records import Unavailable
from evaluation.spec.row_keys import Only
from evaluation.stats.heterogeneity import parts
from evaluation.stats.robustness.case import Case, Row, computes, unavailable
from evaluation.stats.robustness.left_out import too_few


@computes
def by_place(case: Case) -> tuple[Row, ...]:
    """Effect within each place against its own comparison clusters.

    Parameters
    ----------
    case : Case
        The check names one variable that is constant within clusters.

    Returns
    -------
    tuple of Estimate and Unavailable
        Samples ``only:<place>``.

    Raises
    ------
    EstimationError
        The variable is not in the panel or differs within a cluster.

    Notes
    -----
    A place's effect holds the shocks that its treated and comparison clusters do not share: the
    spread of these effects is that of effects and of local shocks together, and is not estimated.
    A place that leaves too few clusters out has no row, since theirs could be had by subtraction;
    see `left_out`.
    """
    strata, whole = _strata(case), case.primary_design()
    rows: list[Row] = []
    for name in sorted(strata.dropna().unique()):
        sample = Only(name)
        built = parts.part(case, case.frames.panel[strata == name], sample)
        if isinstance(built, Unavailable):
            rows.append(built)
        elif reason := too_few(case, whole, built):
            rows.append(unavailable(case, "all", reason, sample=sample))
        else:
            rows += parts.effect(case, built, sample=sample)
    return tuple(rows)


def _strata(case: Case) -> "pd.Series[str]":
    panel, (name,) = case.frames.panel, case.check.variables
    where = f"check {case.check.id}, variable {name}"
    if name not in panel.columns:
        raise EstimationError(
            message("strata.problem"), where=where, mend=message("strata.mend"), rule="strata"
        )
    known = panel[[case.study.columns.cluster, name]].dropna().drop_duplicates()
    twice = known[known[case.study.columns.cluster].duplicated()]
    if len(twice):
        raise EstimationError(
            message("clusters-two.problem", n=len(twice)),
            where=where,
            mend=message("name-variable-frame.mend"),
            rule="strata",
        )
    return panel[name].astype("str")
