"""Data without an effect, made from a study's own two-round residuals.

A difference-in-differences is taken apart into cross-products that stay and treatments that move;
a null data set is then a new assignment of treatments, or new signs of the clusters' residuals, so
that sizes, weights, the spread of changes and the number of clusters are the study's.
"""

import dataclasses
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from evaluation.analysis.study_clusters import Frames
from evaluation.config.plan import Outcome, Plan, seed
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference import bootstrap, permutation_draws
from evaluation.estimation.inference.jackknife import without_each
from evaluation.estimation.regression import design
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import StepUnavailable, least_squares
from evaluation.estimation.regression.rows import strata_of

Null = Literal["permuted treatment", "sign flips"]

NULLS: tuple[Null, ...] = get_args(Null)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NullDesign:
    """A difference-in-differences taken apart into rows that stay and treatments that move.

    Attributes
    ----------
    bases : Blocks
        Second round and covariates; the second round is the first of the p columns.
    treatments : tuple of str
        Columns of the regression that a treatment times the second round makes; the first is the
        one whose effect is tested.
    received : ndarray, shape (G, n_treatments)
        0 or 1.
    strata : ndarray of int, shape (G,)
        Stratum inside which treatment may be permuted.
    """

    bases: Blocks
    treatments: tuple[str, ...]
    received: Floats
    strata: Codes

    def mixing(self, received: Floats) -> Floats:
        """T_g for assignments of shape (..., G, n_treatments)."""
        n, p = received.shape[-1], len(self.bases.columns)
        mixing = np.zeros((*received.shape[:-1], p, n + p))
        mixing[..., 0, :n] = received
        mixing[..., np.arange(p), n + np.arange(p)] = 1.0
        return mixing

    def regressions(self, bases: Blocks, received: Floats) -> Blocks:
        """Regressions on treatments that are given anew, shape (..., G, n_treatments)."""
        return bases.mixed(self.mixing(received), (*self.treatments, *bases.columns))

    def assigned(self, *, number: int, entry: str) -> tuple[Floats, bool]:
        """Treatments permuted within strata, shape (B, G, n_treatments), and whether these are all.

        Raises
        ------
        StepUnavailable
            No stratum has clusters that received different things.
        """
        clusters = self.bases.clusters
        arms = {c: str(row.tolist()) for c, row in zip(clusters, self.received, strict=True)}
        strata = {c: str(k) for c, k in zip(clusters, self.strata.tolist(), strict=True)}
        found = permutation_draws.permutations(
            arms, strata=strata, number=number, seed=seed(entry)
        ).among(clusters)
        by_arm = np.zeros((found.n_arms, self.received.shape[1]))
        by_arm[found.observed] = self.received
        return by_arm[found.codes.T], found.enumerated


def layout_of(frames: Frames, outcome: Outcome, *, study: Study, plan: Plan) -> NullDesign:
    """Take an outcome's primary regression apart.

    Parameters
    ----------
    frames : Frames
    outcome : Outcome
    study : Study
    plan : Plan

    Raises
    ------
    EstimationError
        See `calibrate`.
    """
    specification = plan.checked().primary_specification()
    if specification.method != "did":
        raise EstimationError.of(
            "null-data-made",
            "calibrate-study",
            f"specification {specification.id}",
            method=specification.method,
        )
    built = design.build(frames.panel, specification, outcome=outcome, study=study)
    blocks, last = built.accumulate(), specification.contrast[1]
    treatments = (specification.treatment, *specification.adjust_treatments)
    columns = tuple(f"{name} x {last}" for name in treatments)
    moving, post = [blocks.position(name) for name in columns], blocks.position(last)
    received = np.round(blocks.xx()[:, moving, post] / blocks.xx()[:, post, post, None])
    variable = plan.inference.permutation_strata
    return NullDesign(
        bases=_part(blocks, (last, *(c for c in blocks.columns if c not in (last, *columns)))),
        treatments=columns,
        received=received,
        strata=strata_of(blocks.clusters, frames.frame, variable, study.columns.cluster),
    )


def _part(blocks: Blocks, columns: tuple[str, ...]) -> Blocks:
    """Cross-products of some of the columns."""
    place = [0, *(1 + blocks.position(name) for name in columns)]
    products = blocks.products[:, :, place][..., [*place, -1]]
    return dataclasses.replace(blocks, columns=columns, products=products)


@dataclass(frozen=True, slots=True, eq=False)
class NullData:
    """Regressions of many null data sets, and the base columns and outcomes that they are of."""

    regressions: Blocks
    bases: Blocks


def null_data(layout: NullDesign, null: Null, *, number: int, entry: str) -> NullData:
    """Regressions on null data sets.

    Parameters
    ----------
    layout : NullDesign
    null : {"permuted treatment", "sign flips"}
    number : int
        Data sets; fewer where there are no more sign vectors or assignments.
    entry : str
        Text from which the random numbers follow.

    Returns
    -------
    NullData

    Raises
    ------
    StepUnavailable
        Sign flips, and the fit without some cluster is singular; permuted treatment, and no
        stratum has clusters that received different things.
    """
    bases, given = layout.bases, layout.received
    products = bases.products[..., :-1]
    if null == "permuted treatment":
        less = without_effects(layout)
        bases = dataclasses.replace(bases, products=np.concatenate([products, less[..., None]], -1))
        assigned, _ = layout.assigned(number=number, entry=entry)
        return NullData(layout.regressions(bases, assigned), bases)
    signs = bootstrap.draws(bases.clusters, number=number, seed=seed(entry)).codes
    flipped = residuals(layout)[..., None] * signs[:, None].astype(np.float64)
    flipped = np.concatenate([products, flipped], axis=-1)
    # one outcome alone would be one data set, without an axis of data sets
    bases = dataclasses.replace(bases, products=flipped if signs.shape[1] > 1 else flipped[None])
    return NullData(layout.regressions(bases, given), bases)


def without_effects(layout: NullDesign) -> Floats:
    """Products of the outcome less the fitted effects of all treatments, shape (3, G, 1 + p)."""
    products, given = layout.bases.products, layout.received
    effects = (
        given
        @ least_squares(layout.regressions(layout.bases, given)).coefficients[: given.shape[1]]
    )
    return np.asarray(products[..., -1] - products[..., 1] * effects[:, None])


def residuals(layout: NullDesign) -> Floats:
    """Products of each cluster's residuals from a fit without it, shape (3, G, 1 + p).

    Raises
    ------
    StepUnavailable
        The fit without some cluster is singular.
    """
    products, given = layout.bases.products, layout.received
    real = layout.regressions(layout.bases, given)
    without = without_each(real.xx(), real.xy()[..., None])
    if np.isnan(without).any():
        raise StepUnavailable.of("fit-without-some", "use-fewer-covariates", "calibration")
    fitted = (products[..., 1:-1] @ (layout.mixing(given) @ without))[..., 0]
    return np.asarray(products[..., -1] - fitted)
