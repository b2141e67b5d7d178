"""Synthetic difference-in-differences and synthetic controls (Arkhangelsky and others 2021).

Weights of comparison units make their mean run parallel to the treated units before treatment,
weights of periods make the past resemble what comparison units had afterwards; the effect is the
difference of two weighted changes.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.inference.inversion import TIE, share_of
from evaluation.estimation.inference.permutation_draws import permutations
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel

Kind = Literal["synthetic_did", "synthetic_control", "did"]

# Steps of Frank and Wolfe before small weights are dropped, and after.
_FIRST_STEPS, _STEPS = 100, 10_000
# Decrease of the root mean squared error, in units of the noise, at which steps end.
_ARRIVED = 1e-5
# Regularisation of weights that should be as free as they can and still be unique.
_FREE = 1e-6
# Weights below this share of the largest are dropped.
_SMALL = 0.25
# Arm of untreated units.
_NONE = "never"


@dataclass(frozen=True, slots=True, eq=False)
class PanelBlocks:
    """B data sets of one shape: n + m units, the first n untreated, in S + P periods.

    Attributes
    ----------
    y : ndarray, shape (B, n + m, S + P)
    n, before : int
        Untreated units, and periods S before treatment.
    """

    y: Floats
    n: int
    before: int

    @property
    def treated(self) -> int:
        """Treated units times treated periods."""
        return int((self.y.shape[1] - self.n) * (self.y.shape[2] - self.before))

    def noise(self) -> Floats:
        """Standard deviation of untreated units' changes before treatment, shape (B,)."""
        changes = np.diff(self.y[:, : self.n, : self.before], axis=2)
        return np.asarray(np.std(changes.reshape(len(changes), -1), axis=1, ddof=1))

    def collapsed(self) -> Floats:
        """The treated units as one, and the periods after as one, shape (B, n + 1, S + 1)."""
        treated = self.y[:, self.n :].mean(axis=1, keepdims=True)
        rows = np.concatenate([self.y[:, : self.n], treated], axis=1)
        after = rows[:, :, self.before :].mean(axis=2, keepdims=True)
        return np.concatenate([rows[:, :, : self.before], after], axis=2)


@dataclass(frozen=True, slots=True, eq=False)
class Synthetic:
    """Weighted estimates of B data sets.

    Attributes
    ----------
    estimate : ndarray, shape (B,)
    units : ndarray, shape (B, n)
        Weights of untreated units.
    periods : ndarray, shape (B, S)
        Weights of periods before treatment; zeros under a synthetic control.
    """

    estimate: Floats
    units: Floats
    periods: Floats


def weighted(blocks: PanelBlocks, kind: Kind = "synthetic_did") -> Synthetic:
    """The estimates of data sets with one cohort.

    Parameters
    ----------
    blocks : PanelBlocks
    kind : {"synthetic_did", "synthetic_control", "did"}

    Returns
    -------
    Synthetic

    Notes
    -----
    Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021, American Economic Review 111(12)),
    algorithm 1 with the regularisation of eq. 5 and 6; the steps of Frank and Wolfe, their end and
    the dropping of small weights are those of the authors' program synthdid, whose digits follow
    from them. A synthetic control has no intercept, no weights of periods and as little
    regularisation as makes it unique.
    """
    n, before, noise = blocks.n, blocks.before, blocks.noise()
    every = len(blocks.y)
    units, periods = np.full((every, n), 1.0 / n), np.full((every, before), 1.0 / before)
    collapsed = blocks.collapsed()
    by_unit = np.swapaxes(collapsed[:, :, :before], 1, 2)
    if kind == "synthetic_did":
        periods = _weights(collapsed[:, :n], zeta=_FREE * noise, noise=noise, intercept=True)
        zeta = blocks.treated**0.25 * noise
        units = _weights(by_unit, zeta=zeta, noise=noise, intercept=True)
    elif kind == "synthetic_control":
        periods = np.zeros((every, before))
        units = _weights(by_unit, zeta=_FREE * noise, noise=noise, intercept=False)
    one = np.ones((every, 1))
    left, right = np.hstack([-units, one]), np.hstack([-periods, one])
    return Synthetic(np.einsum("bn,bns,bs->b", left, collapsed, right), units, periods)


def _weights(y: Floats, *, zeta: Floats, noise: Floats, intercept: bool) -> Floats:
    """Weights on the simplex with which the columns but the last fit the last, shape (B, s)."""
    y = y - y.mean(axis=1, keepdims=True) if intercept else y
    problem = _Problem(
        gram=np.swapaxes(y, 1, 2) @ y / y.shape[1], zeta=zeta**2, least=(_ARRIVED * noise) ** 2
    )
    size = y.shape[2] - 1
    found = problem.solve(np.full((len(y), size), 1.0 / size), _FIRST_STEPS)
    large = np.where(found > _SMALL * found.max(axis=1, keepdims=True), found, 0.0)
    return problem.solve(large / large.sum(axis=1, keepdims=True), _STEPS)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """B problems: mean squares and products (B, s + 1, s + 1), penalties and ends (B,)."""

    gram: Floats
    zeta: Floats
    least: Floats

    def solve(self, weights: Floats, steps: int) -> Floats:
        """Steps of Frank and Wolfe from weights (B, s); a problem ends where it hardly moves."""
        found = np.empty_like(weights)
        open_ = np.arange(len(found))
        now = _State.of(self, weights)
        for _ in range(steps):
            moved = now.step()
            going = now.value - moved.value > self.least[open_]
            now = moved
            if not going.all():
                found[open_[~going]] = now.weights[~going]
                open_, now = open_[going], now.kept(going)
            if not len(open_):
                break
        found[open_] = now.weights
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Where B problems are: gram (B, s, s) times weights (B, s) is fitted; right (B, s)."""

    gram: Floats
    right: Floats
    constant: Floats
    zeta: Floats
    weights: Floats
    fitted: Floats
    value: Floats

    @classmethod
    def of(cls, made: _Problem, weights: Floats) -> "_State":
        gram = made.gram[:, :-1, :-1]
        right, constant = made.gram[:, :-1, -1], made.gram[:, -1, -1]
        fitted = (gram @ weights[:, :, None])[:, :, 0]
        beyond = np.full(len(weights), np.inf)
        return cls(gram, right, constant, made.zeta, weights, fitted, beyond)

    def kept(self, rows: Flags) -> "_State":
        """Some of the problems."""
        return _State(*(getattr(self, name)[rows] for name in self.__slots__))

    def step(self) -> "_State":
        """One step towards the vertex at which the gradient is smallest."""
        weights, fitted, zeta = self.weights, self.fitted, self.zeta
        gradient = fitted - self.right + zeta[:, None] * weights
        best, row = gradient.argmin(axis=1), np.arange(len(weights))
        own = self.gram[row, :, best]
        squares, error = np.vecdot(weights, weights), np.vecdot(weights, fitted)
        curvature = error - 2.0 * fitted[row, best] + own[row, best]
        curvature += zeta * (squares - 2.0 * weights[row, best] + 1.0)
        gain = np.vecdot(gradient, weights) - gradient[row, best]
        length = np.divide(gain, curvature, out=np.zeros(len(row)), where=curvature > 0.0)
        length = length.clip(0.0, 1.0)
        weights = weights * (1.0 - length)[:, None]
        weights[row, best] += length
        fitted = fitted + length[:, None] * (own - fitted)
        value = np.vecdot(weights, fitted - 2.0 * self.right + zeta[:, None] * weights)
        value += self.constant
        return replace(self, weights=weights, fitted=fitted, value=value)


@dataclass(frozen=True, slots=True, eq=False)
class Placebo:
    """An estimate over all cohorts, and what the same method finds where nothing was done.

    Attributes
    ----------
    estimate : float
    placebos : ndarray, shape (B,)
        Estimates with untreated units in place of the treated ones.
    enumerated : bool
        Whether these are all there are.
    by_cohort : mapping of int to Synthetic
    """

    estimate: float
    placebos: Floats
    enumerated: bool
    by_cohort: dict[int, Synthetic]

    @property
    def std_error(self) -> float:
        """Standard deviation of the placebos, of B and not B - 1."""
        return float(np.std(self.placebos))

    @property
    def smallest(self) -> float:
        """The smallest p-value that any data can have."""
        return float(share_of(0, len(self.placebos), enumerated=False))

    @property
    def p_value(self) -> float:
        """Share of placebos as far from zero as the estimate; ties count in full.

        The estimate counts as one of them also where all are listed: it is no placebo.
        """
        larger = np.count_nonzero(self.placebos**2 >= self.estimate**2 * (1.0 - TIE))
        return float(share_of(int(larger), len(self.placebos), enumerated=False))


def synthetic(
    panel: UnitPanel, kind: Kind = "synthetic_did", *, draws: int = 200, seed: int = 1
) -> Placebo:
    """Effect on treated units by never treated ones, with placebo inference.

    Parameters
    ----------
    panel : UnitPanel
        Every unit seen in every period; weights, strata and covariates are not used.
    kind : {"synthetic_did", "synthetic_control", "did"}
    draws : int
        Placebos wanted; all there are where these are not more.
    seed : int

    Returns
    -------
    Placebo
        Cohorts are weighted by their treated units and periods.

    Raises
    ------
    EstimationError
        A unit was not seen in some period, a cohort has fewer than two periods before treatment,
        or there are not more never treated units than treated ones.

    Notes
    -----
    Arkhangelsky and others (2021), algorithm 4: as many never treated units as are treated get
    their treatment, and the others are the comparison. Needs that both groups' noise is alike.
    """
    usable = panel.kept(panel.first > 0)
    never = np.flatnonzero(usable.first == usable.n_periods)
    treated = np.flatnonzero(usable.first < usable.n_periods)
    if not usable.seen.all() or usable.first.min() < 2:
        raise EstimationError.of("synthetic-unbalanced", "synthetic-balanced", WHERE)
    if len(never) <= len(treated):
        raise EstimationError.of("synthetic-few", "synthetic-more", WHERE)
    first = usable.first[treated]
    by_cohort = {
        cohort: weighted(_blocks(usable, never, treated[first == cohort], cohort), kind)
        for cohort in np.unique(first).tolist()
    }
    arms = {usable.units[u]: _NONE for u in never.tolist()}
    arms |= dict(zip(sorted(arms)[: len(treated)], map(str, first.tolist()), strict=True))
    clusters = tuple(sorted(arms))
    drawn = permutations(arms, strata={}, number=draws, seed=seed).among(clusters)
    names = list(dict.fromkeys(arms[unit] for unit in clusters))
    entry = np.array([usable.n_periods if n == _NONE else int(n) for n in names])[drawn.codes.T]
    return Placebo(
        estimate=float(_pooled(by_cohort, first, usable.n_periods)[0]),
        placebos=_placebos(usable, never, entry, kind),
        enumerated=drawn.enumerated,
        by_cohort=by_cohort,
    )


def _placebos(panel: UnitPanel, never: Codes, entry: Codes, kind: Kind) -> Floats:
    """Estimates with entries (B, n) of never treated units, shape (B,)."""
    last = panel.n_periods
    cohorts = np.unique(entry[entry < last]).tolist()
    against = _sorted_where(never, entry == last)
    found = {
        cohort: weighted(
            _blocks(panel, against, _sorted_where(never, entry == cohort), cohort), kind
        )
        for cohort in cohorts
    }
    return _pooled(found, entry[0][entry[0] < last], last)


def _sorted_where(units: Codes, chosen: Flags) -> Codes:
    """The chosen units of each row, as many in every row, shape (B, m)."""
    return units[np.nonzero(chosen)[1]].reshape(len(chosen), -1)


def _blocks(panel: UnitPanel, never: Codes, treated: Codes, cohort: int) -> PanelBlocks:
    never, treated = np.atleast_2d(never), np.atleast_2d(treated)
    return PanelBlocks(panel.y[np.hstack([never, treated])], never.shape[1], cohort)


def _pooled(found: dict[int, Synthetic], first: Codes, periods: int) -> Floats:
    """Mean over treated units and periods of each data set."""
    size = {c: np.count_nonzero(first == c) * (periods - c) for c in found}
    total = np.sum([size[c] * found[c].estimate for c in found], axis=0)
    return np.asarray(total / sum(size.values()))
