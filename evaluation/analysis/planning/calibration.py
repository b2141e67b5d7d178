"""How often each step rejects a true null in null data from a study's own residuals.

A step that rejects 5 % of them at the 5 % line deserves belief in this design; a step that rejects
9 % does not, whatever theory says of it. The rule of conclusions as a whole: `rule_calibration`.
"""

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import numpy as np

from evaluation.analysis.planning.null_data import (
    NULLS,
    Null,
    NullData,
    NullDesign,
    layout_of,
    null_data,
)
from evaluation.analysis.study_clusters import Frames
from evaluation.config.design_records import CALIBRATION_DRAWS, Calibration
from evaluation.config.plan import Plan, seed
from evaluation.config.study import Study
from evaluation.estimation.arrays import Floats
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.inference.cr2 import cr2_errors
from evaluation.estimation.inference.estimate_record import Subject, record, unavailable
from evaluation.estimation.inference.inversion import TIE, share_of
from evaluation.estimation.inference.jackknife import cv3_errors
from evaluation.estimation.inference.restricted_scores import Scores
from evaluation.estimation.many_fits import Each, here
from evaluation.estimation.records import Step, Unavailable
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import (
    StepUnavailable,
    cv1_errors,
    inverse,
    least_squares,
    two_sided,
)
from evaluation.locale.messages import message, word


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
    """Rejection rates of the primary step, CV3 and randomisation inference, by primary outcome.

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
        By outcome, kind of null data and step, at the plan's level. `Unavailable` where a step
        fails in some of the data sets: a rate over the rest would be a rate over easy ones.

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
        if isinstance(made, StepUnavailable) or len(next(iter(made.values()))) < _PART:
            more.discard(kind)
    specification = plan.checked().primary_specification()
    about = {k: Subject.about(specification, o, study.id) for k, o in outcomes.items()}
    return tuple(
        row
        for (outcome, null), sets in found.items()
        for row in _rates(about[outcome], null, sets, plan=plan)
    )


def calibrated(plan: Plan) -> tuple[Step, ...]:
    """The primary step, CV3 and randomisation inference, in the order of `STEPS`."""
    kept = {plan.checked().inference.primary_step, "cv3", "ri"}
    return tuple(step for step in STEPS if step in kept)


def _of_part(
    shared: tuple[Mapping[str, NullDesign], Plan], part: tuple[_Kind, int, int]
) -> tuple[_Kind, _Made]:
    """Data sets of one kind from a place on: p-values by every step, or why there are none."""
    (layouts, plan), (kind, start, number) = shared, part
    (outcome, null), settings = kind, plan.inference
    entry = f"{settings.seed_entry} calibration {outcome} {null} {start}"
    layout, weights_kind = layouts[outcome], settings.weights_kind
    try:
        given = null_data(layout, null, number=number, entry=entry)
        found = p_values(
            layout,
            given,
            entry=f"{entry} draws",
            weights_kind=weights_kind,
            steps=calibrated(plan),
        )
    except StepUnavailable as reason:
        return kind, reason
    return kind, found


def p_values(
    layout: NullDesign,
    given: NullData,
    *,
    entry: str,
    weights_kind: bootstrap.Kind,
    steps: Collection[Step] = STEPS,
) -> Mapping[Step, Floats]:
    """p-values of a zero effect by each step, shape (C,) each, with draws that follow ``entry``.

    Not a number where a step is unavailable.

    Parameters
    ----------
    layout : NullDesign
    given : NullData
        C data sets.
    entry : str
        Text from which the draws follow.
    weights_kind : {"rademacher", "webb"}
    steps : collection of str
    """
    blocks, column = given.regressions, layout.treatments[0]
    fit = least_squares(blocks)
    estimate, df = fit.estimates(column), float(fit.n_clusters - 1)
    signs = bootstrap.draws(blocks.clusters, number=DRAWS, seed=seed(entry), kind=weights_kind)
    observed = estimate / cv1_errors(fit, column)

    def bootstrapped(scores: Scores) -> Floats:
        return bootstrap.p_of_each_data_set(blocks, fit, column, signs, scores=scores)

    def cr2() -> Floats:
        errors, freedom = cr2_errors(blocks, fit, column)
        return two_sided(freedom, estimate / errors)

    made: Mapping[Step, Callable[[], Floats]] = {
        "cv1": lambda: two_sided(df, observed),
        "cv3": lambda: two_sided(df, estimate / cv3_errors(blocks, fit, column)),
        "cr2": cr2,
        "wcr": lambda: bootstrapped("plain"),
        "wcr_s": lambda: bootstrapped("jackknifed"),
        "ri": lambda: _p_permuted(layout, given.bases, observed, f"{entry} permutations"),
    }
    return {step: made[step]() for step in steps}


def _p_permuted(layout: NullDesign, bases: Blocks, observed: Floats, entry: str) -> Floats:
    """p-values of randomisation inference, shape (C,); not a number where nothing can move."""
    try:
        given, enumerated = layout.assigned(number=DRAWS, entry=entry)
    except StepUnavailable:
        return np.full(len(observed), np.nan)
    drawn = t_assignments(bases, layout.mixing(given))
    larger = np.count_nonzero(drawn**2 >= observed[:, None] ** 2 * (1.0 - TIE), axis=1)
    return share_of(larger, len(given), enumerated=enumerated)


def _rates(
    subject: Subject, null: Null, sets: Sequence[_Made], *, plan: Plan
) -> Iterator[Calibration | Unavailable]:
    """Rejection rates of every step under one kind of null data."""
    last, nominal = sets[-1], round(1.0 - plan.inference.level, 6)
    for step in calibrated(plan):
        if isinstance(last, StepUnavailable):
            yield unavailable(subject, f"calibration of {step}", last.problem)
            continue
        p = np.concatenate([made[step] for made in sets if not isinstance(made, StepUnavailable)])
        missing = int(np.count_nonzero(np.isnan(p)))
        if missing:
            problem = message("step-cannot-had.reason", null=word(null), missing=missing, n=len(p))
            yield unavailable(subject, f"calibration of {step}", problem)
            continue
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
