"""What is possible: each task written by hand, without formulas, checks or result objects.

A task takes the survey and gives a call to be timed; what a package may do before its own timed
call (a prior fit, codes of text) stands before it here too.
"""

from collections.abc import Callable

import numba
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tools.bench import survey

Floats = NDArray[np.float64]
Call = Callable[[], dict[str, float]]
SEED = 1
THREADS = 2
ROWS = 65_536


# ---- Sums by municipality and round --------------------------------------------------------------


@numba.njit(parallel=True, fastmath=True, cache=True)
def _cells_jit(cell, rows, shift, parts):  # pragma: no cover -- compiled
    """Cross-products of [1, rows - shift] by cell, in as many parts as there are threads."""
    width = rows.shape[1] + 1
    n = rows.shape[0]
    # sixteen columns whatever the width: the loop over them is then two instructions
    out = np.zeros((parts, 2 * survey.CLUSTERS, width, 16))
    for part in numba.prange(parts):
        z = np.zeros(16)
        z[0] = 1.0
        for i in range(part * n // parts, (part + 1) * n // parts):
            for j in range(1, width):
                z[j] = rows[i, j - 1] - shift[j - 1]
            mine = out[part, cell[i]]
            for a in range(width):
                for b in range(16):
                    mine[a, b] += z[a] * z[b]
    return out.sum(axis=0)[:, :, :width]


def _cells_numpy(cell, rows, shift, parts):
    """The same, block by block: sorted by cell in cache, one small product a cell."""
    width = rows.shape[1] + 1
    out = np.zeros((2 * survey.CLUSTERS, width, width))
    for start in range(0, len(rows), ROWS):
        keys = cell[start : start + ROWS].astype(np.uint8)
        order = np.argsort(keys, kind="stable")
        edges = np.searchsorted(keys[order], np.arange(2 * survey.CLUSTERS + 1))
        z = np.ones((len(keys), width))
        z[:, 1:] = rows[start : start + ROWS][order] - shift
        for k in range(2 * survey.CLUSTERS):
            some = z[edges[k] : edges[k + 1]]
            out[k] += some.T @ some
    return out


def _matrices(cells: Floats) -> tuple[Floats, Floats]:
    """X'X (G, q, q) and X'y (G, q) of [did, post, x] less municipality means."""
    before, after = cells[0::2], cells[1::2]
    width = cells.shape[1]
    size = np.full((survey.CLUSTERS, width + 1, width + 1), np.nan)
    total = before + after
    size[:, 0, 0], size[:, 0, 1:], size[:, 1:, 0] = after[:, 0, 0], after[:, 0], after[:, :, 0]
    size[:, 1:, 1:] = total
    # columns are now post, 1, x, y; the second is taken out
    mean = size[:, 1] / size[:, 1, 1][:, None]
    size -= size[:, 1, 1][:, None, None] * mean[:, :, None] * mean[:, None, :]
    kept = np.delete(np.arange(width + 1), 1)
    size = size[:, kept][:, :, kept]
    return size[:, :-1, :-1], size[:, :-1, -1]


def _with_effect(gram: Floats, moment: Floats, treated: Floats) -> tuple[Floats, Floats]:
    first = np.concatenate([[0], np.arange(gram.shape[1])])
    scale = np.ones((len(gram), gram.shape[1] + 1))
    scale[:, 0] = treated
    gram = gram[:, first][:, :, first] * scale[:, :, None] * scale[:, None, :]
    return gram, moment[:, first] * scale


class Fit:
    """Matrices by municipality, estimate and scores of [did, post, x]."""

    def __init__(self, gram: Floats, moment: Floats) -> None:
        self.gram, self.moment = gram, moment
        self.bread = np.linalg.inv(gram.sum(axis=0))
        self.beta = self.bread @ moment.sum(axis=0)
        self.scores = moment - gram @ self.beta

    def cr0(self) -> float:
        return float(np.sqrt(np.sum((self.scores @ self.bread[0]) ** 2)))


def _arrays(table: pd.DataFrame) -> tuple[NDArray[np.int64], Floats, Floats]:
    covariates = [name for name in table.columns if name.startswith("x")]
    code = np.unique(table["municipality"].to_numpy(dtype=object), return_inverse=True)[1]
    treated = np.zeros(survey.CLUSTERS)
    treated[code] = table["treated"]
    cell = 2 * code + table["post"].to_numpy().astype(np.int64)
    return cell, np.ascontiguousarray(table[[*covariates, "y0"]].to_numpy()), treated


def _fit(cell, rows, treated, engine=_cells_numpy) -> Fit:
    return Fit(*_with_effect(*_matrices(engine(cell, rows, rows[0], THREADS)), treated))


def did(table: pd.DataFrame, engine=_cells_numpy) -> Call:
    cell, rows, treated = _arrays(table)

    def call():
        fit = _fit(cell, rows, treated, engine)
        return {"estimate": float(fit.beta[0]), "cr0": fit.cr0()}

    return call


def did_jit(table: pd.DataFrame) -> Call:
    return did(table, _cells_jit)


def many(table: pd.DataFrame) -> Call:
    """All outcomes from the frame with its text names; counts and sums are all that is needed."""
    outcomes = [name for name in table.columns if name.startswith("y")]

    def call():
        code, ids = pd.factorize(table["municipality"])
        cell = 2 * code + table["post"].to_numpy().astype(np.int64)
        treated = np.zeros(len(ids))
        treated[code] = table["treated"].to_numpy()
        found = {}
        for name in outcomes:
            count, total = _sums_jit(cell, table[name].to_numpy(), 2 * len(ids))
            found |= _changes(count, total, treated, name)
        return found

    return call


@numba.njit(cache=True)
def _sums_jit(cell, y, number):  # pragma: no cover -- compiled
    count, total = np.zeros(number), np.zeros(number)
    for i in range(len(y)):
        if not np.isnan(y[i]):
            count[cell[i]] += 1.0
            total[cell[i]] += y[i]
    return count, total


def _changes(count: Floats, total: Floats, treated: Floats, name: str) -> dict[str, float]:
    change, size = _change(count, total)
    estimate, variance = _two_means(change, size, treated)
    return {f"estimate.{name}": estimate, f"cr0.{name}": float(np.sqrt(variance))}


def _change(count: Floats, total: Floats) -> tuple[Floats, Floats]:
    mean = total / count
    size = count[0::2] * count[1::2] / (count[0::2] + count[1::2])
    return mean[1::2] - mean[0::2], size


def _two_means(change: Floats, size: Floats, treated: Floats) -> tuple[float, float]:
    """Difference of weighted means and its CR0 variance."""
    estimate, variance = 0.0, 0.0
    for sign, group in ((1.0, treated > 0.0), (-1.0, treated == 0.0)):
        mean = np.average(change[group], weights=size[group])
        estimate += sign * mean
        variance += np.sum((size[group] * (change[group] - mean)) ** 2) / size[group].sum() ** 2
    return float(estimate), float(variance)


# ---- Inference ----------------------------------------------------------------------------------


def _signs(b: int) -> Floats:
    return 2.0 * np.random.default_rng(SEED).integers(0, 2, size=(survey.CLUSTERS, b)) - 1.0


def _restricted(fit: Fit) -> Floats:
    others = fit.gram[:, 1:, 1:]
    beta = np.linalg.solve(others.sum(axis=0), fit.moment[:, 1:].sum(axis=0))
    return fit.moment - fit.gram[:, :, 1:] @ beta


def _t_star(fit: Fit, v: Floats) -> Floats:
    """t statistics of the draws with the null imposed: one product, then q by q forms."""
    scores = _restricted(fit)
    lever = np.einsum("i,gij->gj", fit.bread[0], fit.gram)
    part = scores @ fit.bread[0]
    moved = fit.bread @ (scores.T @ v)
    crossed = (part[:, None] * lever).T @ v
    square = np.einsum("qb,qb->b", (lever.T @ lever) @ moved, moved)
    own = part**2 @ v**2
    return moved[0] / np.sqrt(own - 2.0 * np.einsum("qb,qb->b", moved, crossed) + square)


def _p(t: float, t_star: Floats) -> float:
    return float((1 + np.count_nonzero(np.abs(t_star) >= abs(t))) / (len(t_star) + 1))


def wcr(table: pd.DataFrame, draws: int) -> Call:
    fit = _fit(*_arrays(table))
    t = float(fit.beta[0]) / fit.cr0()
    return lambda: {"p.wcr": _p(t, _t_star(fit, _signs(draws)))}


def romano_wolf(table: pd.DataFrame, draws: int) -> Call:
    cell, _, treated = _arrays(table)
    outcomes = [name for name in table.columns if name.startswith("y")]
    fits = [_fit(cell, table[[name]].to_numpy(), treated) for name in outcomes]

    def call():
        v = _signs(draws)
        t = np.abs([fit.beta[0] / fit.cr0() for fit in fits])
        largest, found, order = np.zeros(draws), {}, np.argsort(t)
        for k in order:
            largest = np.maximum(largest, np.abs(_t_star(fits[k], v)))
            found[k] = (1 + np.count_nonzero(largest >= t[k])) / (draws + 1)
        steps = np.maximum.accumulate([found[k] for k in order[::-1]])
        return {f"p.{outcomes[k]}": float(p) for k, p in zip(order[::-1], steps, strict=True)}

    return call


def changes(table: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Change, its weight and treatment of each municipality."""
    cell, rows, treated = _arrays(table)
    count = np.bincount(cell).astype(np.float64)
    return *_change(count, np.bincount(cell, weights=rows[:, -1])), treated


def ri(table: pd.DataFrame, draws: int) -> Call:
    change, size, treated = changes(table)
    columns = np.stack([size, size * change, size**2, size**2 * change, (size * change) ** 2])

    def call():
        keys = np.random.default_rng(SEED).random((draws, survey.CLUSTERS))
        chosen = np.zeros((draws + 1, survey.CLUSTERS))
        first = np.argpartition(keys, survey.TREATED, axis=1)[:, : survey.TREATED]
        np.put_along_axis(chosen[1:], first, 1.0, axis=1)
        chosen[0] = treated
        inside = columns @ chosen.T
        estimate, variance = 0.0, 0.0
        for sign, sums in ((1.0, inside), (-1.0, columns.sum(axis=1)[:, None] - inside)):
            mean = sums[1] / sums[0]
            estimate = estimate + sign * mean
            squared = sums[4] - 2.0 * mean * sums[3] + mean**2 * sums[2]
            variance = variance + squared / sums[0] ** 2
        t = estimate / np.sqrt(variance)
        plain = np.abs(estimate)
        return {
            "p.ri": _p(t[0], t[1:]),
            "p.ri_coefficient": float((1 + np.sum(plain[1:] >= plain[0])) / (draws + 1)),
        }

    return call


def cv3(table: pd.DataFrame) -> Call:
    cell, rows, treated = _arrays(table)

    def call():
        fit = _fit(cell, rows, treated)
        rest = fit.gram.sum(axis=0) - fit.gram
        without = np.linalg.solve(rest, (fit.moment.sum(axis=0) - fit.moment)[:, :, None])
        away = without[:, 0, 0] - fit.beta[0]
        return {"cv3": float(np.sqrt(np.sum(away**2)))}

    return call


def cr2(table: pd.DataFrame) -> Call:
    """q by q eigenproblems of the matrices, and one G by G matrix for the degrees of freedom."""
    cell, rows, treated = _arrays(table)

    def call():
        fit = _fit(cell, rows, treated)
        root = np.linalg.cholesky(fit.bread)
        values, vectors = np.linalg.eigh(root.T @ fit.gram @ root)
        power = np.where(values > 1e-12, 1.0 / np.sqrt(np.maximum(1.0 - values, 1e-12)), 1.0)
        # coordinates of W_g X_g M c after the adjustment: X_g a_g
        start = vectors.swapaxes(1, 2) @ (root.T @ np.eye(len(fit.bread))[0])
        adjusted = root @ (vectors @ (power * start)[:, :, None])
        influence = np.einsum("gi,gi->g", adjusted[:, :, 0], fit.scores)
        inner = np.einsum("gij,gj->gi", fit.gram, adjusted[:, :, 0])
        p = -inner @ fit.bread @ inner.T
        p[np.diag_indices(len(p))] += np.einsum("gi,gi->g", adjusted[:, :, 0], inner)
        df = np.trace(p) ** 2 / np.sum(p**2)
        return {"cr2": float(np.sqrt(np.sum(influence**2))), "df": float(df)}

    return call


def power(table: pd.DataFrame, simulations: int, spread: tuple[float, float]) -> Call:
    """Rows drawn: one call of the generator and one bincount a simulation."""
    n, g = len(table) // (2 * survey.CLUSTERS), survey.CLUSTERS
    cell = np.repeat(np.arange(2 * g), n)
    treated = np.arange(g) < survey.TREATED
    within, shock = spread

    def call():
        rng = np.random.default_rng(SEED)
        estimates, errors = np.empty(simulations), np.empty(simulations)
        for s in range(simulations):
            mean = np.bincount(cell, weights=rng.standard_normal(len(cell))) / n
            change = within * (mean[1::2] - mean[0::2]) + shock * rng.standard_normal(g)
            estimates[s], errors[s] = _two_means(change, np.ones(g), treated.astype(float))
        return {
            "first.estimate": float(estimates[0]),
            "first.cr0": float(np.sqrt(errors[0])),
            "sd": float(np.std(estimates)),
        }

    return call
