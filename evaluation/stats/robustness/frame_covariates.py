"""Covariates of the frame beside the cross-products of the primary regression, by cluster."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.locale.messages import message
from evaluation.stats.design import Design
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.robustness.case import Case
from evaluation.stats.robustness.reweighting import both_rounds, check_columns, solve, terms
from evaluation.stats.weights import weighted_moments

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Covariates and cross-products of G clusters.

    Attributes
    ----------
    ids : tuple of str
        Sorted.
    labels : tuple of k str
    values : ndarray, shape (G, k)
    treated : ndarray of bool, shape (G,)
    weight : ndarray, shape (G,)
        Weight of each cluster's change in the primary estimate.
    counts : ndarray of int, shape (G,)
        Rows.
    gram, moment : ndarray, shape (G, q, q) and (G, q)
        Of the primary regression, cluster effects removed.
    position : int
        The column that is the effect.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    values: Floats
    treated: Flags
    weight: Floats
    counts: NDArray[np.int64]
    gram: Floats
    moment: Floats
    position: int

    def effect(self, weight: Floats) -> float:
        """The effect with other weights of the clusters, zero leaving one out, shape (G,)."""
        factor = weight / self.weight
        gram = np.einsum("g,gij->ij", factor, self.gram)
        return float(solve(gram, factor @ self.moment)[self.position])

    def gaps(self, weight: Floats) -> Floats:
        """Normalised difference: treated minus comparison means over the pooled SD, shape (k,).

        The formula of `balance.baseline`. The SD is that before any reweighting, so that what is
        left can be compared with what there was.
        """
        groups = (self.treated, ~self.treated)
        means = [np.average(self.values[g], axis=0, weights=weight[g]) for g in groups]
        return np.asarray((means[0] - means[1]) / self.spreads())

    def spreads(self) -> Floats:
        """Square root of the mean of the two groups' variances of each covariate, shape (k,).

        Raises
        ------
        StepUnavailable
            A covariate is the same throughout each group.
        """
        variances = [
            [weighted_moments(column[g], self.weight[g])[1] ** 2 for column in self.values.T]
            for g in (self.treated, ~self.treated)
        ]
        found = np.asarray(np.sqrt(np.mean(variances, axis=0)))
        flat = [name for name, sd in zip(self.labels, found, strict=True) if not sd > 0.0]
        if flat:
            raise StepUnavailable(
                message("flat-covariate.problem", names=", ".join(flat)),
                where="check, variables",
                mend=message("flat-covariate.mend"),
            )
        return found

    def described_by(self, case: Case, names: list[str]) -> "Clusters":
        """The same clusters with other covariates of the frame."""
        labels, values = _frame_values(case, self.ids, names)
        return dataclasses.replace(self, labels=labels, values=values)


def clusters_of(case: Case, built: Design) -> Clusters:
    """Clusters of a regression with the check's variables from the frame.

    Parameters
    ----------
    case : Case
        ``variables`` names covariates of the frame.
    built : Design
        Of two rounds.

    Raises
    ------
    EstimationError
        A covariate is not in the frame, or missing for a cluster.
    """
    sample, blocks = both_rounds(built), built.accumulate()
    ids = blocks.clusters
    labels, values = _frame_values(case, ids, list(case.check.variables))
    place = {cluster: position for position, cluster in enumerate(ids)}
    codes = np.array([place[cluster] for cluster in built.cluster])
    before = np.bincount(codes, built.weights * ~sample.post)
    after = np.bincount(codes, built.weights * sample.post)
    return Clusters(
        ids=ids,
        labels=labels,
        values=values,
        treated=np.isin(ids, built.clusters_treated),
        weight=before * after / (before + after),
        counts=blocks.counts,
        gram=blocks.xx(),
        moment=blocks.xy(),
        position=blocks.position(built.column),
    )


def _frame_values(
    case: Case, ids: tuple[str, ...], names: list[str]
) -> tuple[tuple[str, ...], Floats]:
    frame = case.frames.frame
    check_columns(frame, names)
    known = frame.set_index(frame[case.study.columns.cluster].astype(str))[names].dropna()
    absent = sorted(set(ids) - set(known.index))
    if absent:
        raise EstimationError(
            message("clusters-lack.problem", n=len(absent), names=", ".join(names)),
            where="frame of clusters",
            mend=message("complete-frame-name.mend"),
        )
    values, labels = terms(known.loc[list(ids)], names)
    return labels, values
