"""Five numbers per permutation, from cross-products of clusters, that answer every tested value.

The k treated columns are made anew from the base column; the p other columns are partialled out.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.estimation.arrays import Codes, Floats
from evaluation.estimation.inference.permutation_draws import Assignments
from evaluation.estimation.regression.cluster_blocks import Blocks
from evaluation.estimation.regression.fit import Fit, inverse

Positions = Codes

# Share of the treated columns' variation that the other columns must leave in a permuted design.
_SINGULAR = 1e-10
# Share of sum q1^2 below which a draw's d2 is rounding of an exact zero, as in the bootstrap.
_ZERO = 1e-12
# Numbers in one (clusters x permutations) table: several such tables stay in cache.
_CELLS = 16_384
# The same where sums by arm suffice and there is but one such table.
_CELLS_ALONE = 65_536


@dataclass(frozen=True, slots=True)
class TreatedColumns:
    """The k treated columns of a regression, as treatments of arms times one base column.

    Positions count the constant first, so that they fit ``Blocks.products``.
    """

    base: int
    columns: Positions
    others: Positions
    tested: int
    table: Floats

    @property
    def span(self) -> float:
        """Largest less smallest tested treatment of an arm: the same if the arms are swapped."""
        return float(np.ptp(self.table[self.tested]))


@dataclass(frozen=True, slots=True)
class _Parts:
    """Cross-products per cluster of the base column (b), the p other columns (o) and two outcomes.

    The outcomes are y less everything of the fit but the other treatments, and the tested column
    as it was observed: permuting y - r x for every r needs these two only.
    Of the other columns, support (G, s) are those that are not zero in a cluster, and inner
    (G, s, s) their products.
    """

    bb: Floats
    bo: Floats
    oo: Floats
    by: Floats
    oy: Floats
    support: Positions
    inner: Floats


def moments(
    blocks: Blocks, fit: Fit, treatment: TreatedColumns, drawn: Assignments
) -> tuple[Floats, Floats]:
    """Numerators and squared errors of one coefficient under every permutation.

    Parameters
    ----------
    blocks : Blocks
    fit : Fit
        Fit of the outcome on the blocks, the treatment as it was observed.
    treatment : TreatedColumns
    drawn : Assignments
        Permutations of the blocks' clusters.

    Returns
    -------
    numerator : ndarray, shape (2, B)
    squared_error : ndarray, shape (3, B)
        As in `evaluation.estimation.inference.inversion.Distribution`; all zero where a permuted
        design is singular.
    """
    return _moments(_parts(blocks, fit, treatment, drawn), treatment, drawn)


def _parts(blocks: Blocks, fit: Fit, treatment: TreatedColumns, drawn: Assignments) -> _Parts:
    """Other columns scaled to unit length, and both outcomes small where that is possible."""
    products, o, b = blocks.products[1], treatment.others, treatment.base
    tested = int(treatment.columns[treatment.tested])
    width = 1 + len(blocks.columns)
    coefficients = np.zeros(width)
    coefficients[tested] = fit.coefficients[tested - 1]
    coefficients[o] = fit.coefficients[o - 1]
    rest = products[:, :, width] - products[:, :, :width] @ coefficients
    bb, bo, oo = products[:, b, b], products[:, b][:, o], products[:, o][:, :, o]
    scale = 1.0 / np.sqrt(np.einsum("gii->i", oo))
    observed = treatment.table[treatment.tested, drawn.observed]
    oo = oo * np.outer(scale, scale)
    support = _support(oo)
    rows = np.take_along_axis(oo, support[:, :, None], axis=1)
    return _Parts(
        bb=bb,
        bo=bo * scale,
        oo=oo,
        support=support,
        inner=np.take_along_axis(rows, support[:, None, :], axis=2),
        by=np.stack([rest[:, b], observed * bb], axis=1),
        oy=np.stack([rest[:, o], observed[:, None] * bo], axis=2) * scale[:, None],
    )


def _moments(parts: _Parts, treatment: TreatedColumns, drawn: Assignments) -> tuple[Floats, Floats]:
    """The five numbers of each permutation, chunk by chunk."""
    number = drawn.number
    numerator, squared_error = np.empty((2, number)), np.empty((3, number))
    alone = treatment.others.tolist() == [treatment.base]
    step = max(1, (_CELLS_ALONE if alone else _CELLS) // len(parts.bb))
    pooled = inverse(parts.oo.sum(axis=0)) if len(treatment.others) else np.zeros((0, 0))
    summed = _summed(parts)
    for start in range(0, number, step):
        part = slice(start, start + step)
        codes = drawn.codes[:, part]
        by_arm = np.stack([summed @ (codes == arm).astype(float) for arm in range(drawn.n_arms)])
        solved = _solved(parts, treatment, by_arm, pooled)
        numerator[:, part] = solved.slopes[:, treatment.tested].T
        if alone:
            errors = _errors_of_base_alone(parts, treatment, by_arm, solved)
        else:
            errors = _errors(parts, treatment.table[:, codes], solved, span=treatment.span)
        squared_error[:, part] = errors
    return numerator, squared_error


def _summed(parts: _Parts) -> Floats:
    """What is summed over the clusters of an arm, shape (1 + p + 2 + 6, G).

    bb, bo and by; and by by', by bb and bb bb, which suffice where the base is the only other
    column.
    """
    one, two = parts.by.T
    products = (one * one, one * two, two * two, one * parts.bb, two * parts.bb, parts.bb**2)
    return np.vstack([parts.bb, parts.bo.T, parts.by.T, *products])


@dataclass(frozen=True, slots=True)
class _Solved:
    """Regressions of both outcomes under c permutations; zero where the design is singular.

    row (c, k) and other (c, p) are the tested row of the inverse; slopes (c, k, 2) and fitted
    (c, p, 2) the coefficients of treated and other columns.
    """

    row: Floats
    other: Floats
    slopes: Floats
    fitted: Floats


def _solved(parts: _Parts, treatment: TreatedColumns, by_arm: Floats, pooled: Floats) -> _Solved:
    """Partial the other columns out and solve for the treated ones."""
    table, p = treatment.table, len(treatment.others)
    own = np.einsum("ka,la,ac->ckl", table, table, by_arm[:, 0])
    shared = np.einsum("ka,apc->ckp", table, by_arm[:, 1 : 1 + p])
    moment = np.einsum("ka,aoc->cko", table, by_arm[:, 1 + p : 3 + p])
    others = parts.oy.sum(axis=0)
    projected = shared @ pooled
    schur = own - projected @ shared.transpose(0, 2, 1)
    size = np.sqrt(np.maximum(np.einsum("ckk->ck", own), np.finfo(np.float64).tiny))
    scaled = schur / (size[:, :, None] * size[:, None, :])
    back = _inverted(scaled) / (size[:, :, None] * size[:, None, :])
    row = back[:, treatment.tested]
    slopes = back @ (moment - projected @ others)
    return _Solved(
        row=row,
        other=-(row[:, None, :] @ projected)[:, 0],
        slopes=slopes,
        fitted=pooled @ others - projected.transpose(0, 2, 1) @ slopes,
    )


def _inverted(scaled: Floats) -> Floats:
    """Inverses of c matrices (k, k); zero where one is singular."""
    one = scaled.shape[1] == 1
    singular = (scaled[:, 0, 0] if one else np.linalg.det(scaled)) <= _SINGULAR
    scaled[singular] = np.eye(scaled.shape[1])
    back = 1.0 / scaled if one else np.linalg.inv(scaled)
    back[singular] = 0.0
    return np.asarray(back)


def _errors(parts: _Parts, received: Floats, solved: _Solved, *, span: float) -> Floats:
    """d0, d1, d2 of c permutations: sums over clusters of z0^2, 2 z0 z1 and z1^2, shape (3, c)."""
    u = np.einsum("kgc,ck->gc", received, solved.row)
    crossed = parts.bo @ solved.other.T
    other = _within(solved.other, parts.support) @ parts.inner
    z = []
    for outcome in (0, 1):
        v = np.einsum("kgc,ck->gc", received, solved.slopes[:, :, outcome])
        gamma = solved.fitted[:, :, outcome]
        before = u * parts.by[:, outcome, None] + parts.oy[:, :, outcome] @ solved.other.T
        joint = np.einsum("gcs,gcs->gc", other, _within(gamma, parts.support))
        after = u * (v * parts.bb[:, None] + parts.bo @ gamma.T) + v * crossed + joint
        z.append(before - after)
    d0, d1, d2 = (np.einsum("gc,gc->c", z[i], z[j]) for i, j in ((0, 0), (0, 1), (1, 1)))
    # as if every cluster were treated: of the treated clusters alone this can vanish with d2, and
    # rounding would decide which permutations are degenerate
    whole = span * (u * parts.bb[:, None] + crossed)
    return without_rounding(d0, d1, d2, scale=np.einsum("gc,gc->c", whole, whole))


def _support(oo: Floats) -> Positions:
    """Columns that are not zero in each cluster, shape (G, s); filled up with others that are.

    Of the dummies of blocks a cluster has one, so that a product of all columns is mostly zeros.
    """
    zero = np.einsum("gii->gi", oo) == 0.0
    width = int((~zero).sum(axis=1).max())
    return np.argsort(zero, axis=1, kind="stable")[:, :width]


def _within(coefficients: Floats, support: Positions) -> Floats:
    """Coefficients (c, p) of each cluster's own columns, shape (G, c, s)."""
    return np.moveaxis(coefficients[:, support], 0, 1)


def _errors_of_base_alone(
    parts: _Parts, treatment: TreatedColumns, by_arm: Floats, solved: _Solved
) -> Floats:
    """The same where the base is the only other column: sums over arms, not over clusters.

    In a cluster of arm a then z = U_a (by - V_a bb), with U_a and V_a the permuted row and
    coefficients of the base column itself.
    """
    length = np.sqrt(parts.oo[0, 0, 0] / parts.bb[0])
    lever = treatment.table.T @ solved.row.T + length * solved.other[:, 0]
    slope = np.einsum("ka,cko->oac", treatment.table, solved.slopes)
    slope = slope + length * solved.fitted[:, 0].T[:, None]
    own, crossed, size = by_arm[:, -6:-3], by_arm[:, -3:-1], by_arm[:, -1]
    found = []
    for position, (i, j) in enumerate(((0, 0), (0, 1), (1, 1))):
        product = slope[i] * slope[j] * size - slope[i] * crossed[:, j] - slope[j] * crossed[:, i]
        found.append(np.sum(lever**2 * (own[:, position] + product), axis=0))
    return without_rounding(*found, scale=treatment.span**2 * np.sum(lever**2 * size, axis=0))


def without_rounding(d0: Floats, d1: Floats, d2: Floats, *, scale: Floats) -> Floats:
    """d0, 2 d1 and d2, exact zeros where the permuted treatment fits the observed one.

    The observed treatment itself and its mirror image do, and so do permutations that leave whole
    strata without a comparison and the others as they are. Rounding in d1 or d2 would grow without
    bound as the tested value moves away.

    Parameters
    ----------
    d0, d1, d2 : ndarray
        Sums over clusters of z0^2, z0 z1 and z1^2, of one shape.
    scale : ndarray
        What d2 would be without cancelling.
    """
    zero = d2 <= _ZERO * scale
    return np.stack([np.maximum(d0, 0.0), np.where(zero, 0.0, 2.0 * d1), np.where(zero, 0.0, d2)])
