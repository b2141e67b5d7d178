"""Whether parallel trends can hold whatever scale the answers are read on.

Parallel trends of means on one scale (logs, log odds) contradict those on another wherever the
groups start apart. They hold on every scale only if they hold for the share of each answer, and
then they imply a distribution for the treated group at endline, which cannot have negative shares.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from evaluation.analysis.checks.check_context import CheckContext, Row, computes, questions
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.grouped_models import generalised
from evaluation.estimation.row_keys import ArmRound, Implied
from evaluation.locale.messages import message

MOST_VALUES = 10


@computes
def functional_form(context: CheckContext) -> Iterable[Row]:
    """Distribution of the answers, and the one that parallel trends of its shares imply.

    Parameters
    ----------
    context : CheckContext
        ``check.variables`` names the items instead of the outcome's own.

    Returns
    -------
    iterable of records
        Per outcome, or per item with ``item:<name>:`` before the sample, of at most ten values:
        diagnostics ``share:<value>`` with sample ``<arm>:<round>``; and, with sample ``implied``,
        ``share:<value>`` (the treated group's endline distribution that parallel trends of all
        shares imply), ``negative_shares``, and ``smallest_share`` with its jackknife standard
        error.

    Notes
    -----
    A negative implied share rejects parallel trends on every scale at once (Roth and Sant'Anna
    2023, Econometrica 91(2)). Arms take the place of cluster effects.
    """
    for name, item in _targets(context):
        yield from _target(context, name, item)


def _targets(context: CheckContext) -> Iterator[tuple[str, str]]:
    """Columns to look at, each with the item it is; empty of the outcome itself."""
    names = context.check.variables
    if not names and context.outcome.function not in ("index", "mean", "sum"):
        yield context.outcome.id, ""
        return
    for name in names or (item.name for item in questions(context.outcome, context.plan)):
        yield name, name


def _target(context: CheckContext, name: str, item: str) -> Iterable[Row]:
    try:
        built = context.regression(context.frames.panel, name)
    except EstimationError as error:
        if not item or name not in context.frames.panel.columns:
            raise
        yield context.unavailable(error.problem, sample=Implied(item))
        return
    values = len(np.unique(built.y))
    if values > MOST_VALUES:
        reason = message("more-different.reason", most_values=MOST_VALUES, values=values)
        yield context.unavailable(reason, sample=Implied(item))
        return
    cells = _cells(context, built)
    yield from _shares(context, cells, item)
    yield from _implied(context, cells, item)


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Totals of arms x rounds in R replicates: all clusters, then without each in turn.

    Attributes
    ----------
    weight : ndarray, shape (R, C)
    share : ndarray, shape (R, C, V)
    X : ndarray, shape (C, q)
        Constant, arms, endline, treatment x endline, other treatments x endline.
    effect : int
        Position of treatment x endline.
    target : ndarray of bool, shape (C,)
        Cells of the treated at endline.
    names : tuple of (str, str)
        Arm and round of each cell.
    """

    clusters: tuple[str, ...]
    values: Floats
    weight: Floats
    share: Floats
    X: Floats
    effect: int
    target: Flags
    names: tuple[tuple[str, str], ...]

    def mean_of_treated(self, difference: Floats) -> Floats:
        """Average over the treated at endline of differences (R, C); shape (R,)."""
        weight = self.weight[:, self.target]
        return np.asarray((weight * difference[:, self.target]).sum(axis=1) / weight.sum(axis=1))


def _cells(context: CheckContext, built: Design) -> _Cells:
    sample = built.rounds
    if sample is None:
        raise EstimationError.of("model-arm-round", "make-primary", f"check {context.check.id}")
    arm_of = sample.frame[context.study.columns.arm].to_numpy()
    arms = [arm for arm in context.study.arm if (arm_of == arm.id).any()]
    position = {arm.id: number for number, arm in enumerate(arms)}
    cell = 2 * np.array([position[arm] for arm in arm_of]) + sample.post
    clusters, cluster = np.unique(sample.cluster.astype(str), return_inverse=True)
    values, value = np.unique(built.y, return_inverse=True)
    shape = (len(clusters), 2 * len(arms), len(values))
    total = np.zeros(shape)
    np.add.at(total, (cluster, cell, value), sample.weights)
    pooled = total.sum(axis=0)
    replicates = np.concatenate([pooled[None], pooled[None] - total])
    # what is left of a cell after its only cluster is rounding, not rows
    replicates[replicates < 1e-12 * pooled.max()] = 0.0
    weight = replicates.sum(axis=2)
    treatments = (context.specification.treatment, *context.specification.adjust_treatments)
    received = np.array([[t in arm.treatments for t in treatments] for arm in arms])
    post = np.tile([0.0, 1.0], len(arms))
    return _Cells(
        clusters=tuple(clusters.tolist()),
        values=values,
        weight=weight,
        share=replicates / np.where(weight > 0.0, weight, 1.0)[:, :, None],
        X=_columns(len(arms), post, np.repeat(received, 2, axis=0)),
        effect=len(arms) + 1,
        target=(np.repeat(received[:, 0], 2) * post).astype(bool),
        names=tuple((arm.id, r) for arm in arms for r in context.specification.contrast),
    )


def _columns(arms: int, post: Floats, received: Floats) -> Floats:
    dummies = np.repeat(np.eye(arms), 2, axis=0)[:, 1:]
    return np.column_stack([np.ones(2 * arms), dummies, post, received * post[:, None]])


def _effects(cells: _Cells, share: Floats) -> Floats:
    """Effect on the share (R, C) of one answer among the treated at endline, shape (R,)."""
    slopes = generalised(cells.weight, share, cells.X, "identity")
    return cells.mean_of_treated(slopes[:, [cells.effect]] * cells.X[:, cells.effect])


def _shares(context: CheckContext, cells: _Cells, item: str) -> Iterable[Row]:
    """Distribution of the answers by arm and round, weighted as the primary estimate."""
    for name, shares in zip(cells.names, cells.share[0], strict=True):
        for value, share in zip(cells.values, shares, strict=True):
            label = f"share:{value:g}"
            yield context.diagnostic(label, share, unit="share", sample=ArmRound(*name, item))


def _implied(context: CheckContext, cells: _Cells, item: str) -> Iterable[Row]:
    """Whether parallel trends of every share leave the treated a distribution.

    Notes
    -----
    Roth and Sant'Anna (2023), Econometrica 91(2): the share of each value among the treated before,
    plus its change in the comparison group, must not be negative.
    """
    sample = Implied(item)
    shares = np.moveaxis(cells.share, 2, 0)
    without = (share - _effects(cells, share)[:, None] for share in shares)
    share = np.stack([*map(cells.mean_of_treated, without)], axis=1)
    for value, implied in zip(cells.values, share[0], strict=True):
        yield context.diagnostic(f"share:{value:g}", implied, unit="share", sample=sample)
    negative = int(np.count_nonzero(share[0] < 0.0))
    yield context.diagnostic("negative_shares", negative, unit="values", sample=sample)
    smallest = int(share[0].argmin())
    yield context.diagnostic("smallest_share", share[0, smallest], unit="share", sample=sample)
    g = len(cells.clusters)
    squares = float(np.sum((share[1:, smallest] - share[0, smallest]) ** 2))
    if not np.isfinite(squares):
        reason = message("without-some.reason")
        yield context.unavailable(reason, "smallest_share_std_error", sample=sample)
        return
    error = np.sqrt((g - 1) / g * squares)
    yield context.diagnostic("smallest_share_std_error", error, unit="share", sample=sample)
