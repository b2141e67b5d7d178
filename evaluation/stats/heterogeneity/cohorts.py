"""Each entry cohort against the one comparison group, and the difference between cohorts."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import Message, message, several, word
from evaluation.spec.records import Unavailable
from evaluation.spec.row_keys import Only, Pair, RowKey
from evaluation.stats.design import Design
from evaluation.stats.heterogeneity import parts
from evaluation.stats.robustness.case import Case, Row, computes, linear, unavailable
from evaluation.stats.robustness.left_out import too_few

Flags = NDArray[np.bool_]


@computes
def cohorts(case: Case) -> tuple[Row, ...]:
    """Effect at endline on each entry cohort, and the differences between cohorts.

    Parameters
    ----------
    case : Case

    Returns
    -------
    tuple of Estimate and Unavailable
        Samples ``only:<cohort>``, all comparison clusters kept; and ``difference:<a>-<b>``, the
        effect on a less the effect on b, in the order of `parts.pairs`.

    Raises
    ------
    EstimationError
        The study declares no cohorts, or a treated cluster has none or an undeclared one.

    Notes
    -----
    y on treated x endline, (cohort b) x endline for all cohorts but one, endline: the cohorts
    share the comparison group, so that its change falls out of their difference. Descriptive:
    who entered when and where was not drawn by lot, and a later cohort was exposed for less time.
    """
    entry = _entry(case)
    ids = [cohort.id for cohort in case.study.cohort]
    panel = case.frames.panel
    cluster = panel[case.study.columns.cluster].astype(str).map(entry)
    whole = case.primary_design()
    found = {
        name: _cohort(case, whole, panel[(cluster.isna() | (cluster == name))], Only(name))
        for name in ids
    }
    rows: list[Row] = []
    for name, built in found.items():
        rows += (
            [built]
            if isinstance(built, Unavailable)
            else parts.effect(case, built, sample=Only(name))
        )
    for pair in parts.pairs(ids):
        rows += _difference(case, whole, found, pair, entry)
    return tuple(rows)


def _cohort(case: Case, whole: Design, panel: pd.DataFrame, sample: RowKey) -> Design | Unavailable:
    """A cohort's regression, or why there is none: too little of it, or of all the others."""
    built = parts.part(case, panel, sample)
    if isinstance(built, Unavailable):
        return built
    reason = too_few(case, whole, built)
    return unavailable(case, "all", reason, sample=sample) if reason else built


def _entry(case: Case) -> Mapping[str, str]:
    """Cohort of each treated cluster."""
    columns, known = case.study.columns, {cohort.id for cohort in case.study.cohort}
    if columns.cohort is None or len(known) < 2:
        raise _mistake(case, message("study-declares.problem"), message("remove-check.mend"))
    frame = case.frames.frame
    arms = case.study.arms_with(case.specification.treatment)
    treated = frame[frame[columns.arm].isin(arms)]
    entry = dict(
        zip(
            treated[columns.cluster].astype(str),
            treated[columns.cohort].astype(object),
            strict=True,
        )
    )
    strange = sorted(cluster for cluster, cohort in entry.items() if cohort not in known)
    if strange:
        raise _mistake(
            case,
            message("treated-clusters.problem", n=len(strange), strange=strange[0]),
            message("complete-frame-clusters.mend"),
        )
    return entry


def _difference(
    case: Case,
    whole: Design,
    found: Mapping[str, Design | Unavailable],
    pair: tuple[str, str],
    entry: Mapping[str, str],
) -> tuple[Row, ...]:
    sample = Pair(*pair)
    missing = [name for name in pair if isinstance(found[name], Unavailable)]
    if missing:
        reason = message("no-effect.reason", missing=several(map(word, missing), "and"))
        return (unavailable(case, "all", reason, sample=sample),)
    return linear(case, _contrasted(whole, pair, entry), sample=sample)


def _contrasted(whole: Design, pair: tuple[str, str], entry: Mapping[str, str]) -> Design:
    """The primary regression with one column per cohort but the second of a pair, the first first.

    The common treatment column then carries the second's effect.
    """
    cohort = pd.Series(whole.cluster).map(entry)
    others = [name for name in sorted(set(entry.values())) if name not in pair]
    names = (pair[0], *others)
    extra = [whole.X[:, 0] * (cohort == name).to_numpy() for name in names]
    labels = tuple(f"cohort {name} x endline" for name in names)
    return dataclasses.replace(
        whole,
        X=np.column_stack([*extra, whole.X]),
        columns=(*labels, *whole.columns),
        column=labels[0],
    )


def _mistake(case: Case, problem: Message, mend: Message) -> EstimationError:
    return EstimationError(problem, where=f"check {case.check.id}", mend=mend, rule="cohorts")
