"""One pass over the rows for all outcomes of a specification.

A cell is a cluster in one round. Treatment, round, stratum and the other treatments are constant
in a cell, and a weight total can be set per cell, so the rows are needed only for cross-products
of the respondents' covariates and outcomes, each outcome over the rows in which it is observed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.parameters import OutcomeColumn, Regression, StudyDesign
from evaluation.estimation.regression import design
from evaluation.estimation.regression.cross_products import ProductTable, cancelled, cross_products
from evaluation.estimation.regression.panel_regressions import (
    ClusterRoundCells,
    RespondentCovariate,
)
from evaluation.estimation.regression.rows import (
    Labels,
    check_columns,
    choose,
    complete,
    in_text_order,
    plain,
    sample_error,
    strata,
)
from evaluation.estimation.regression.sample_checks import (
    check_people,
    differing,
    in_two_arms,
    infinite,
    not_positive,
)

_NOBODY = np.array([], dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PanelRows:
    """The rows of both rounds without a missing covariate.

    rows are their positions among the frame's N rows (None for all), gone those of rows with a
    missing covariate; cluster (n,) their clusters, post (n,) whether they are of the endline,
    arm (G,) the clusters' arms, ends (2, G) first and last row of each cluster.
    """

    frame: pd.DataFrame
    where: str
    rows: Codes | None
    gone: Codes
    clusters: tuple[str, ...]
    cluster: Codes
    post: Flags
    arm: Labels
    ends: Codes

    def column(self, name: str) -> pd.Series:
        """A column's values in these rows."""
        return self.frame[name] if self.rows is None else self.frame[name].take(self.rows)

    def by_cluster(self, name: str) -> pd.Series:
        """A column's value in the first row of each cluster."""
        return self.frame[name].take(self.ends[0])

    @property
    def first(self) -> Codes:
        """First row of each cluster among these rows, shape (G,)."""
        return self.ends[0] if self.rows is None else np.searchsorted(self.rows, self.ends[0])

    def differing(self, codes: Codes) -> Flags:
        """Clusters in which a coded column has more than one value, shape (G,)."""
        differs = np.flatnonzero(codes.take(self.first).take(self.cluster) != codes)
        number = np.bincount(self.cluster.take(differs), minlength=len(self.clusters))
        return np.asarray(number > 0)


def collect(
    frame: pd.DataFrame,
    specification: Regression,
    *,
    outcomes: Sequence[OutcomeColumn],
    study: StudyDesign,
) -> ClusterRoundCells:
    """Read the rows once, for all outcomes.

    Parameters
    ----------
    frame : DataFrame
        Clean rounds stacked, one row per interview, with each outcome under its id.
    specification : Regression
        With method ``did``.
    outcomes : sequence of OutcomeColumn
    study : StudyDesign

    Returns
    -------
    ClusterRoundCells

    Raises
    ------
    EstimationError
        A column is absent, a cluster is in two arms, a respondent is twice in a round, a weight
        or population is missing or not positive, a stratum or population differs within a
        cluster, an outcome is not numeric or infinite, or the specification is of another method.

    Notes
    -----
    Cost O(N (1 + k)(1 + k + m)) for k respondent columns and m outcomes; of the rows no more
    than one block is copied at a time.
    """
    chosen = rows_of(frame, specification, outcomes, study)
    covariates, left = _covariates(chosen, specification)
    right = [_numbers(frame[outcome.id], outcome.id, chosen.where) for outcome in outcomes]
    for outcome, values in zip(outcomes, right, strict=True):
        _check_bounded(values, outcome.id, chosen)
    given = _weights(chosen, specification, right)
    shift = _shift(chosen, covariates, [*left, *right])
    table = ProductTable(
        left=left,
        right=right,
        weights=given,
        # clusters in order, and baseline before endline
        key=2 * chosen.cluster + chosen.post,
        n_keys=2 * len(chosen.clusters),
        shift=np.repeat(shift, 2, axis=1),
        rows=chosen.rows,
    )
    sums, by_id = cross_products(table, missing="allowed"), {o.id: o for o in outcomes}
    numbers = [j for j, covariate in enumerate(covariates) if not covariate.variable]
    return ClusterRoundCells(
        **by_cluster(chosen, specification, study),
        covariates=covariates,
        outcomes=tuple(by_id),
        incomplete=[int(np.isfinite(values.take(chosen.gone)).sum()) for values in right],
        sums=sums,
        shift=shift.T,
        cancelled=frozenset(compress(by_id, cancelled(sums, numbers=numbers))),
        from_rows=lambda name: design.build(frame, specification, outcome=by_id[name], study=study),
    )


def by_cluster(chosen: PanelRows, specification: Regression, study: StudyDesign) -> dict[str, Any]:
    """What `ClusterRoundCells` need of the clusters, and no sums over rows.

    Parameters
    ----------
    chosen : PanelRows
    specification : Regression
    study : StudyDesign
    """
    return {
        "where": chosen.where,
        "estimand": specification.estimand,
        "rounds": (specification.contrast[0], specification.contrast[1]),
        "clusters": chosen.clusters,
        "treated": chosen.arm.flags(study.arms_with(specification.treatment)),
        "comparison": chosen.arm.flags(study.arms_without_any()),
        "population": _population(chosen, specification, study),
        "changes": _changes(chosen, specification, study),
    }


def rows_of(
    frame: pd.DataFrame,
    specification: Regression,
    outcomes: Sequence[OutcomeColumn],
    study: StudyDesign,
) -> PanelRows:
    """The rows that a specification speaks of.

    Parameters
    ----------
    frame : DataFrame
    specification : Regression
    outcomes : sequence of OutcomeColumn
    study : StudyDesign
    """
    where = f"specification {specification.id}"
    if specification.method != "did":
        raise sample_error("cells-exist-method", "use", where)
    rounds = specification.contrast
    for outcome in outcomes:
        check_columns(frame, specification, value=outcome.id, rounds=rounds, study=study)
    choice = choose(frame, specification, rounds, study, where)
    names = (*specification.covariates, *specification.effects)
    gone = np.flatnonzero(choice.keep & ~complete(frame, names)) if names else _NOBODY
    keep = choice.keep
    keep[gone] = False
    kept = None if keep.all() else np.flatnonzero(keep)
    clusters, cluster = _clusters(choice.cluster, kept)
    position = np.arange(len(frame)) if kept is None else kept
    ends = np.zeros((2, len(clusters)), dtype=np.int64)
    ends[0, cluster[::-1]], ends[1, cluster] = position[::-1], position
    chosen = PanelRows(
        frame=frame,
        where=where,
        rows=kept,
        gone=gone,
        clusters=clusters,
        cluster=cluster,
        post=_taken(choice.last, kept),
        arm=choice.arm.take(ends[0]),
        ends=ends,
    )
    both = np.flatnonzero(chosen.differing(_taken(choice.arm.codes, kept)))
    if len(both):
        raise in_two_arms(clusters[both[0]], len(both), where)
    return chosen


def _taken(values: NDArray, kept: Codes | None) -> NDArray:
    return values if kept is None else values.take(kept)


def _clusters(labels: Labels, kept: Codes | None) -> tuple[tuple[str, ...], Codes]:
    """Sorted ids of the clusters of the rows that are kept, and each row's among them."""
    codes = _taken(labels.codes, kept)
    occurs = np.bincount(codes, minlength=len(labels.values)) > 0
    if occurs.all():
        return in_text_order(codes, labels.values)
    values = [value for value, flag in zip(labels.values, occurs, strict=True) if flag]
    return in_text_order((np.cumsum(occurs) - 1).take(codes), values)


def _numbers(values: pd.Series, name: str, where: str) -> Floats:
    """A numeric column as it lies in the frame, where it is one of floats."""
    if not pd.api.types.is_numeric_dtype(values):
        raise sample_error("not-numeric", "name-numeric", where, name=name)
    if values.dtype == np.float64:
        return values.to_numpy()
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _covariates(
    chosen: PanelRows, specification: Regression
) -> tuple[tuple[RespondentCovariate, ...], list[Floats]]:
    named: list[RespondentCovariate] = []
    columns: list[Floats] = []
    for name in specification.covariates:
        values = chosen.frame[name]
        if pd.api.types.is_numeric_dtype(values):
            named.append(RespondentCovariate(label=name))
            columns.append(_numbers(values, name, chosen.where))
            _check_finite(columns[-1], name, chosen)
            continue
        codes, found = pd.factorize(values, sort=True)
        for code, value in enumerate(found):
            named.append(RespondentCovariate(label=f"{name}={plain(value)}", variable=name))
            columns.append((codes == code).astype(np.float64))
    return tuple(named), columns


def _check_finite(values: Floats, name: str, chosen: PanelRows) -> None:
    if not np.isfinite(_taken(values, chosen.rows)).all():
        raise sample_error("missing-infinite-values", "select-clean", chosen.where, missing=name)


def _check_bounded(values: Floats, name: str, chosen: PanelRows) -> None:
    """An infinite answer is a mistake of coding, not a missing one."""
    number = int(np.count_nonzero(np.isinf(_taken(values, chosen.rows))))
    if number:
        raise infinite(number, name, chosen.where)


def _weights(chosen: PanelRows, specification: Regression, outcomes: list[Floats]) -> Floats | None:
    """Raw weights of all N rows, positive wherever an outcome is observed; None if all are one."""
    if specification.weights == "none":
        return None
    name = specification.weights.removeprefix("inverse:")
    given = _numbers(chosen.frame[name], name, chosen.where)
    bad = ~(np.isfinite(given) & (given > 0.0))
    if bad.any():
        used = np.zeros(len(given), dtype=bool)
        used[slice(None) if chosen.rows is None else chosen.rows] = True
        seen = np.any([np.isfinite(values) for values in outcomes], axis=0)
        number = int(np.count_nonzero(bad & used & seen))
        if number:
            raise not_positive(number, name, chosen.where)
        given = np.where(bad, 1.0, given)
    return 1.0 / given if specification.weights.startswith("inverse:") else given


def _population(chosen: PanelRows, specification: Regression, study: StudyDesign) -> Floats:
    if specification.estimand != "population":
        return np.ones(len(chosen.clusters))
    name = study.columns.population or "population"
    people = _numbers(chosen.column(name), name, chosen.where)
    check_people(people, name, chosen.where)
    if chosen.differing(pd.factorize(people)[0]).any():
        raise differing(name, chosen.where)
    return _numbers(chosen.by_cluster(name), name, chosen.where)


def _changes(chosen: PanelRows, specification: Regression, study: StudyDesign) -> dict[str, Floats]:
    """Columns that are zero at baseline and constant within clusters at endline."""
    number, endline = len(chosen.clusters), specification.contrast[1]
    columns: list[tuple[str, Floats]] = []
    for treatment in (specification.treatment, *specification.adjust_treatments):
        received = chosen.arm.flags(study.arms_with(treatment))
        columns.append((f"{treatment} x {endline}", received.astype(np.float64)))
    columns.insert(1, (endline, np.ones(number)))
    if specification.strata_round:
        values = chosen.column(specification.strata_round)
        codes, labels = strata(values, chosen.cluster, where=chosen.where)
        of_cluster = np.zeros(number, dtype=np.int64)
        of_cluster[chosen.cluster] = codes
        for code, label in enumerate(labels[1:], start=1):
            columns.append((f"{label} x {endline}", (of_cluster == code).astype(np.float64)))
    return dict(columns)


def _shift(
    chosen: PanelRows, covariates: tuple[RespondentCovariate, ...], columns: list[Floats]
) -> Floats:
    """A value of each column near to a cluster's own, shape (k + m, G).

    The mean of the cluster's first and last row where they are observed, else its first observed
    value; nothing for a dummy, whose products stay exact counts.
    """
    shift = np.zeros((len(columns), len(chosen.clusters)))
    for row, values in enumerate(columns):
        if row < len(covariates) and covariates[row].variable:
            continue
        ends = values.take(chosen.ends)
        observed = np.isfinite(ends)
        number = observed.sum(axis=0)
        near = np.where(observed, ends, 0.0).sum(axis=0) / np.maximum(number, 1)
        shift[row] = near if number.all() else near + _first(values, number == 0, chosen)
    return shift


def _first(values: Floats, wanted: Flags, chosen: PanelRows) -> Floats:
    """First observed value of some clusters, zero where there is none, shape (G,)."""
    rows = np.flatnonzero(wanted.take(chosen.cluster))[::-1]
    used = values.take(rows if chosen.rows is None else chosen.rows.take(rows))
    seen = np.isfinite(used)
    first = np.zeros(len(wanted))
    first[chosen.cluster.take(rows[seen])] = used[seen]
    return first
