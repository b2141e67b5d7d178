"""How often each step rejects a true null in null data from a study's own residuals.

A difference-in-differences is taken apart into cross-products that stay and treatments that move;
a null data set is then a new assignment of treatments, or new signs of the clusters' residuals.

Null data sets are made from a study's own two-round residuals, so sizes, weights, the spread of
changes and the number of clusters are the study's. A step that rejects 5 % of them at the 5 % line
deserves belief in this design; a step that rejects 9 % does not, whatever theory says of it.
"""

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference import bootstrap, permutation_draws
from evaluation.estimation.inference.cr2 import cr2_errors
from evaluation.estimation.inference.estimate_record import Subject, record, unavailable
from evaluation.estimation.inference.inversion import TIE, share_of
from evaluation.estimation.inference.jackknife import cv3_errors, without_each
from evaluation.estimation.many_fits import Each, here
from evaluation.estimation.regression import design
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import (
    StepUnavailable,
    cv1_errors,
    inverse,
    least_squares,
    two_sided,
)
from evaluation.estimation.regression.rows import strata_of
from evaluation.estimation.study_clusters import Frames
from evaluation.locale.messages import message, word
from evaluation.study.design_records import CALIBRATION_DRAWS, Calibration
from evaluation.study.plan import Outcome, Plan, seed
from evaluation.study.records import Step, Unavailable
from evaluation.study.study import Study

Null = Literal["permuted treatment", "sign flips"]

NULLS: tuple[Null, ...] = get_args(Null)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
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


def layout_of(frames: Frames, outcome: Outcome, *, study: Study, plan: Plan) -> Layout:
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
    return Layout(
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


def null_data(layout: Layout, null: Null, *, number: int, entry: str) -> NullData:
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
    NullData

    Raises
    ------
    StepUnavailable
        Sign flips, and the fit without some cluster is singular; permuted treatment, and no
        stratum has clusters that received different things.
    """
    bases, given = layout.bases, layout.received
    real = layout.regressions(bases, given)
    products, outcome = bases.products[..., :-1], bases.products[..., -1]
    if null == "permuted treatment":
        effects = given @ least_squares(real).coefficients[: given.shape[1]]
        less = outcome - products[..., 1] * effects[:, None]
        bases = dataclasses.replace(bases, products=np.concatenate([products, less[..., None]], -1))
        assigned, _ = layout.assigned(number=number, entry=entry)
        return NullData(layout.regressions(bases, assigned), bases)
    without = without_each(real.xx(), real.xy()[..., None])
    if np.isnan(without).any():
        raise StepUnavailable.of("fit-without-some", "use-fewer-covariates", "calibration")
    residual = outcome - (products[..., 1:] @ (layout.mixing(given) @ without))[..., 0]
    signs = bootstrap.draws(bases.clusters, number=number, seed=seed(entry)).codes
    flipped = residual[..., None] * signs[:, None].astype(np.float64)
    flipped = np.concatenate([products, flipped], axis=-1)
    # one outcome alone would be one data set, without an axis of data sets
    bases = dataclasses.replace(bases, products=flipped if signs.shape[1] > 1 else flipped[None])
    return NullData(layout.regressions(bases, given), bases)


def t_assignments(bases: Blocks, mixing: Floats) -> Floats:
    """CV1 t statistics of a first column of m outcomes under each of B assignments of treatment.

    Parameters
    ----------
    bases : Blocks
        The columns that stay, with all outcomes.
    mixing : ndarray, shape (B, G, p, q)

    Returns
    -------
    ndarray, shape (m, B)

    Notes
    -----
    With c_g = T_g M_1 and L_g = A_g M_1, cluster g's influence is c_g'm_g - L_g'b. The sum of its
    squares, sum (c_g'm_g)^2 - 2 b'sum L_g c_g'm_g + b'(sum L_g L_g')b, needs products of
    (data sets x clusters) and (clusters x assignments) matrices only.
    """
    number, g, p, q = mixing.shape
    flat, columns = mixing.reshape(number, g * p, q), bases.xx() @ mixing
    bread = inverse(np.swapaxes(flat, 1, 2) @ columns.reshape(flat.shape))
    slopes = flat @ bread
    effect = slopes[..., 0].reshape(number, g, p)
    lever = np.vecmat(effect, columns)
    crossed = (effect[..., :, None] * lever[..., None, :]).reshape(flat.shape)
    moment = bases.xy().reshape(-1, g, p)
    b, u = (moment.reshape(-1, g * p) @ part.transpose(2, 1, 0) for part in (slopes, crossed))
    pairs = (moment[..., :, None] * moment[..., None, :]).reshape(-1, g * p * p)
    weights = (effect[..., :, None] * effect[..., None, :]).reshape(number, g * p * p)
    spread = np.swapaxes(lever, 1, 2) @ lever
    squared = pairs @ weights.T
    # column by column: q is small, and m x B tables are what costs
    for i in range(q):
        bent = functools.reduce(np.add, (spread[:, i, j] * b[j] for j in range(q)))
        squared += b[i] * (bent - 2.0 * u[i])
    return np.asarray(b[0] / np.sqrt(g / (g - 1) * squared))


STEPS: tuple[Step, ...] = ("cv1", "cv3", "cr2", "wcr", "wcr_s", "ri")
NOMINAL = (0.05, 0.10)
# Monte Carlo error of a rejection rate of 5 %: half a percentage point.
DATA_SETS = 2_000
DRAWS = CALIBRATION_DRAWS
# Data sets that share their draws. Fresh ones for each part keep the draws' own error, which
# sharing would put into every p-value alike, out of the rejection rate.
_PART = 100
# an outcome's null data sets of one sort; p-values by step of some of them
_Kind = tuple[str, Null]
_Made = Mapping[Step, Floats] | StepUnavailable


def calibrate(
    frames: Frames, *, study: Study, plan: Plan, data_sets: int = DATA_SETS, each: Each = here
) -> tuple[Calibration | Unavailable, ...]:
    """Rejection rates of every step for each primary outcome of the primary specification.

    Parameters
    ----------
    frames : Frames
    study : Study
    plan : Plan
    data_sets : int
        Null data sets of each kind.
    each : Each
        Where the fits run, a hundred data sets at a time; see `many_fits`.

    Returns
    -------
    tuple of Calibration or Unavailable
        By outcome, kind of null data, step and nominal level. `Unavailable` where a step cannot be
        had in some of the data sets: a rate over the rest would be a rate over easy ones.

    Raises
    ------
    EstimationError
        The primary specification is no difference-in-differences, or the clusters' strata are
        not known.

    Notes
    -----
    "permuted treatment": y less the fitted effects of all treatments, and treatments given anew to
    whole clusters within the plan's permutation strata. Randomisation inference is exact there by
    construction. "sign flips": each cluster's residuals, from a fit without that cluster, under a
    common random sign, with the treatments that really were given: unequal spread between the
    groups stays, but changes that are skewed become symmetric, which favours the bootstraps
    (MacKinnon 2026, arXiv 2604.02000; MacKinnon, Nielsen and Webb 2023). A data set is rejected
    when its p-value is at most the level: with 999 draws the smallest 5 % reach 0.05 itself.
    """
    outcomes = {outcome.id: outcome for outcome in plan.primary_outcomes()}
    layouts = {k: layout_of(frames, o, study=study, plan=plan) for k, o in outcomes.items()}
    found: dict[_Kind, list[_Made]] = {(k, null): [] for k in outcomes for null in NULLS}
    # kinds of which there may be more data sets
    more = set(found)
    parts = (
        (kind, start, min(_PART, data_sets - start))
        for kind in found
        for start in range(0, data_sets, _PART)
        if kind in more
    )
    for kind, made in each(_of_part, parts, (layouts, plan)):
        if kind not in more:
            continue
        found[kind].append(made)
        if isinstance(made, StepUnavailable) or len(made["cv1"]) < _PART:
            more.discard(kind)
    specification = plan.checked().primary_specification()
    return tuple(
        row
        for (outcome, null), sets in found.items()
        for row in _rates(Subject.about(specification, outcomes[outcome], study.id), null, sets)
    )


def _of_part(
    shared: tuple[Mapping[str, Layout], Plan], part: tuple[_Kind, int, int]
) -> tuple[_Kind, _Made]:
    """Data sets of one kind from a place on: p-values by every step, or why there are none."""
    (layouts, plan), (kind, start, number) = shared, part
    (outcome, null), settings = kind, plan.inference
    entry = f"{settings.seed_entry} calibration {outcome} {null} {start}"
    layout, weights_kind = layouts[outcome], settings.weights_kind
    try:
        given = null_data(layout, null, number=number, entry=entry)
        found = p_values(layout, given, entry=f"{entry} draws", weights_kind=weights_kind)
    except StepUnavailable as reason:
        return kind, reason
    return kind, found


def p_values(
    layout: Layout, given: NullData, *, entry: str, weights_kind: bootstrap.Kind
) -> Mapping[Step, Floats]:
    """p-values of a zero effect by every step, shape (C,) each, with draws that follow ``entry``.

    Not a number where a step cannot be had.

    Parameters
    ----------
    layout : Layout
    given : NullData
        C data sets.
    entry : str
        Text from which the draws follow.
    weights_kind : {"rademacher", "webb"}
    """
    blocks, column = given.regressions, layout.treatments[0]
    fit = least_squares(blocks)
    estimate, df = fit.estimates(column), float(fit.n_clusters - 1)
    signs = bootstrap.draws(blocks.clusters, number=DRAWS, seed=seed(entry), kind=weights_kind)
    observed = estimate / cv1_errors(fit, column)
    adjusted, freedom = cr2_errors(blocks, fit, column)
    return {
        "cv1": two_sided(df, observed),
        "cv3": two_sided(df, estimate / cv3_errors(blocks, fit, column)),
        "cr2": two_sided(freedom, estimate / adjusted),
        "wcr": bootstrap.p_of_each_data_set(blocks, fit, column, signs, scores="plain"),
        "wcr_s": bootstrap.p_of_each_data_set(blocks, fit, column, signs, scores="jackknifed"),
        "ri": _p_permuted(layout, given.bases, observed, f"{entry} permutations"),
    }


def _p_permuted(layout: Layout, bases: Blocks, observed: Floats, entry: str) -> Floats:
    """p-values of randomisation inference, shape (C,); not a number where nothing can move."""
    try:
        given, enumerated = layout.assigned(number=DRAWS, entry=entry)
    except StepUnavailable:
        return np.full(len(observed), np.nan)
    drawn = t_assignments(bases, layout.mixing(given))
    larger = np.count_nonzero(drawn**2 >= observed[:, None] ** 2 * (1.0 - TIE), axis=1)
    return share_of(larger, len(given), enumerated=enumerated)


def _rates(
    subject: Subject, null: Null, sets: Sequence[_Made]
) -> Iterator[Calibration | Unavailable]:
    """Rejection rates of every step under one kind of null data."""
    last = sets[-1]
    if isinstance(last, StepUnavailable):
        for step in STEPS:
            yield unavailable(subject, f"calibration of {step}", last.problem)
        return
    for step in STEPS:
        p = np.concatenate([made[step] for made in sets if not isinstance(made, StepUnavailable)])
        missing = int(np.count_nonzero(np.isnan(p)))
        if missing:
            problem = message("step-cannot-had.reason", null=word(null), missing=missing, n=len(p))
            yield unavailable(subject, f"calibration of {step}", problem)
            continue
        for nominal in NOMINAL:
            share = float(np.mean(p <= nominal + TIE))
            yield record(
                Calibration,
                subject,
                null=null,
                step=step,
                nominal=nominal,
                rejection=share,
                mc_error=float(np.sqrt(share * (1.0 - share) / len(p))),
                draws=len(p),
            )
