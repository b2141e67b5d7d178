"""Null data sets from a study's own two-round residuals, without touching a row.

A difference-in-differences is taken apart into cross-products that stay and treatments that move;
a null data set is then a new assignment of treatments, or new signs of the clusters' residuals.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import EstimationError
from evaluation.spec.plan import Outcome, Plan, seed
from evaluation.spec.study import Study
from evaluation.stats import bootstrap, design, permutation_draws, repeated
from evaluation.stats.assignments import strata_of
from evaluation.stats.blocks import Blocks
from evaluation.stats.fit import StepUnavailable
from evaluation.stats.frames import Frames
from evaluation.stats.repeated import Bases, Regressions

Floats = NDArray[np.float64]
Null = Literal["permuted treatment", "sign flips"]

NULLS: tuple[Null, ...] = get_args(Null)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """A difference-in-differences taken apart into rows that stay and treatments that move.

    Attributes
    ----------
    clusters : tuple of G str
    bases : Bases
        Second round and covariates; the second round is the first base column.
    received : ndarray, shape (G, n_treatments)
        0 or 1; the first treatment is the one whose effect is tested.
    strata : ndarray of int, shape (G,)
        Stratum inside which treatment may be permuted.
    """

    clusters: tuple[str, ...]
    bases: Bases
    received: Floats
    strata: NDArray[np.int64]

    def mixing(self, received: Floats) -> Floats:
        """T_g for assignments of shape (c, G, n_treatments)."""
        c, g, n = received.shape
        p = self.bases.products.shape[-1] - 1
        mixing = np.zeros((c, g, p, n + p))
        mixing[..., 0, :n] = received
        mixing[..., np.arange(p), n + np.arange(p)] = 1.0
        return mixing

    def assigned(self, *, number: int, entry: str) -> tuple[Floats, bool]:
        """Treatments permuted within strata, shape (B, G, n_treatments), and whether these are all.

        Raises
        ------
        StepUnavailable
            No stratum has clusters that received different things.
        """
        arms = {c: str(row.tolist()) for c, row in zip(self.clusters, self.received, strict=True)}
        strata = {c: str(k) for c, k in zip(self.clusters, self.strata.tolist(), strict=True)}
        found = permutation_draws.permutations(
            arms, strata=strata, number=number, seed=seed(entry)
        ).among(self.clusters)
        by_arm = np.zeros((found.n_arms, self.received.shape[1]))
        by_arm[found.observed] = self.received
        return by_arm[found.codes.T], found.enumerated


def layout_of(frames: Frames, outcome: Outcome, *, study: Study, plan: Plan) -> Layout:
    """Take an outcome's primary regression apart.

    Raises
    ------
    EstimationError
        See `calibrate`.
    """
    specification = plan.checked().primary_specification()
    if specification.method != "did":
        raise EstimationError(
            f"null data are made from the changes between two rounds, not for `"
            f"{specification.method}`",
            where=f"specification {specification.id}",
            mend="calibrate a study whose primary specification is a difference-in-differences",
        )
    built = design.build(frames.panel, specification, outcome=outcome, study=study)
    blocks = built.accumulate()
    treatments = (specification.treatment, *specification.adjust_treatments)
    last = specification.contrast[1]
    moving = tuple(blocks.position(f"{name} x {last}") for name in treatments)
    post = blocks.position(last)
    size = blocks.xx()[:, post, post]
    variable = plan.inference.permutation_strata
    return Layout(
        clusters=blocks.clusters,
        bases=_bases(blocks, moving=moving, post=post),
        received=np.round(blocks.xx()[:, moving, post] / size[:, None]),
        strata=strata_of(blocks.clusters, frames.frame, variable, study.columns.cluster),
    )


def _bases(blocks: Blocks, *, moving: tuple[int, ...], post: int) -> Bases:
    """Cross-products of the second round and of all columns that are no treatment's."""
    others = set(range(len(blocks.columns))) - {post, *moving}
    place = [0, *(1 + j for j in (post, *sorted(others)))]
    products = blocks.products[:, :, place]
    return Bases(products=products[..., place][:, None], moments=products[:2, None, :, :, -1])


def null_data(layout: Layout, null: Null, *, number: int, entry: str) -> Regressions:
    """Regressions on null data sets.

    Parameters
    ----------
    layout : Layout
    null : {"permuted treatment", "sign flips"}
    number : int
        Data sets; fewer where there are no more sign vectors or assignments.
    entry : str
        Text from which the random numbers follow.

    Returns
    -------
    Regressions

    Raises
    ------
    StepUnavailable
        Sign flips, and the fit without some cluster is singular; permuted treatment, and no
        stratum has clusters that received different things.
    """
    products, moments = layout.bases.products, layout.bases.moments
    real = layout.mixing(layout.received[None])
    fitted = repeated.regressions(layout.bases, real)
    if null == "permuted treatment":
        n = layout.received.shape[1]
        effects = layout.received @ fitted.coefficients[0, :n]
        less = moments - products[:2, ..., 1] * effects[:, None]
        given, _ = layout.assigned(number=number, entry=entry)
        return repeated.regressions(Bases(products, less), layout.mixing(given))
    without = repeated.leave_one_out(fitted.gram, fitted.moment)
    if np.isnan(without).any():
        raise StepUnavailable(
            "the fit without some cluster is singular, so that cluster's residuals are not known",
            where="calibration",
            mend="use fewer covariates",
        )
    base = (real @ without[..., None])[None]
    residual = moments - (products[:2, ..., 1:] @ base)[..., 0]
    signs = bootstrap.draws(layout.clusters, number=number, seed=seed(entry)).codes.T
    flipped = residual * signs[None, :, :, None].astype(np.float64)
    return repeated.regressions(Bases(products, flipped), real)
