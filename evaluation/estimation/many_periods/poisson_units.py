"""Poisson regression with effects of units and of every stratum's periods, for many data sets.

Effects of units are profiled out: given the rest, a unit's events are spread over its periods by a
multinomial law. What is left are blocks of one stratum each, joined by the few coefficients of
treatment, so that leaving out each unit, or permuting treatment, is one solution of many at once.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags, Floats
from evaluation.estimation.many_periods.aggregation import Name
from evaluation.estimation.many_periods.multipliers import cv1_of
from evaluation.estimation.many_periods.panel import WHERE, UnitPanel

Effect = Literal["one", "event"]

_ITERATIONS = 40
# Step of a coefficient at which Newton's method has arrived, and the longest step it takes.
_ARRIVED, _LONGEST = 1e-9, 2.0
# A log ratio beyond this is that of a cell without events.
_SEPARATED = 15.0
# Numbers in one table of data sets, units, periods and columns.
_CELLS = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts of N units in T periods, and how treatment enters.

    Attributes
    ----------
    y, exposure : ndarray, shape (N, T)
        Zero where a unit was not seen, or nobody of its stratum had an event.
    stratum : ndarray of int, shape (N,)
    first : ndarray of int, shape (N,)
    columns : ndarray, shape (T + 1, T, c)
        Columns of treatment of each cohort in each period; T is never.
    names : tuple of c Name
    weight : ndarray, shape (N,)
        Of the units.
    """

    y: Floats
    exposure: Floats
    stratum: Codes
    first: Codes
    columns: Floats
    names: tuple[Name, ...]
    weight: Floats

    @property
    def strata(self) -> list[Codes]:
        """Units of each stratum."""
        return [np.flatnonzero(self.stratum == s) for s in np.unique(self.stratum)]

    def less(self, log_ratios: Floats) -> "Counts":
        """Counts as they were if treatment had multiplied them by known ratios, (c,) in logs."""
        factor = np.exp(-self.columns[self.first] @ log_ratios)
        return replace(self, y=self.y * factor)


def counts(panel: UnitPanel, effect: Effect = "one") -> Counts:
    """A panel of counts.

    Parameters
    ----------
    panel : UnitPanel
    effect : {"one", "event"}
        One ratio for all treated periods, or one for every relative period but the last before
        treatment.

    Raises
    ------
    EstimationError
        A negative outcome.
    """
    if (panel.y[panel.seen] < 0.0).any():
        raise EstimationError.of("panel-negative", "panel-counts", WHERE)
    y = np.where(panel.seen, panel.y, 0.0)
    exposure = np.where(panel.seen, panel.exposure if panel.exposure.size else 1.0, 0.0)
    events = np.zeros((len(panel.strata), panel.n_periods))
    np.add.at(events, panel.stratum, y)
    exposure = np.where(events[panel.stratum] > 0.0, exposure, 0.0)
    columns, names = _columns(panel, effect)
    return Counts(y, exposure, panel.stratum, panel.first, columns, names, panel.weight)


def _columns(panel: UnitPanel, effect: Effect) -> tuple[Floats, tuple[Name, ...]]:
    time = np.arange(panel.n_periods)
    relative = time - np.arange(panel.n_periods + 1)[:, None]
    treated = relative[:-1] >= 0
    if effect == "one":
        found = np.zeros((panel.n_periods + 1, panel.n_periods, 1))
        found[:-1, :, 0] = treated
        return found, (Name("simple"),)
    there = np.unique(relative[panel.cohorts])
    at = [e for e in there.tolist() if e != -1]
    found = np.stack([relative == e for e in at], axis=2).astype(np.float64)
    found[-1] = 0.0
    return found, tuple(Name("event", e) for e in at)


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Solutions of R data sets; not a number where there is none.

    Attributes
    ----------
    ratios : ndarray, shape (R, c)
        Logs of the ratios.
    errors : ndarray, shape (R, c)
        Standard errors clustered by unit, with G/(G-1).
    contributions : ndarray, shape (R, c, N)
        What each unit adds to the error.
    """

    ratios: Floats
    errors: Floats
    contributions: Floats


def fits(
    made: Counts, first: Codes, weight: Floats | None = None, *, clustered: bool = True
) -> Fits:
    """Fit R data sets that differ in who is treated, or in the units' weights.

    Parameters
    ----------
    made : Counts
    first : ndarray of int, shape (R, N)
        First treated period of each unit in each data set.
    weight : ndarray, shape (R, N), optional
        Times the units' own; zero leaves one out.
    clustered : bool
        Whether errors and contributions are wanted; not a number where they are not.

    Notes
    -----
    Poisson pseudo-likelihood with unit effects (Hausman, Hall and Griliches 1984, Econometrica
    52(4); Wooldridge 1999, J. Econometrics 90(1)), by Newton's method. A sandwich of scores by
    unit, in which the periods' effects are partialled out.
    """
    weight = made.weight * (np.ones(first.shape) if weight is None else weight)
    size = made.y.size * (made.columns.shape[2] + 2)
    parts = np.array_split(np.arange(len(first)), max(1, len(first) * size // _CELLS))
    found = [
        _Newton(made, first[part], weight[part]).solve(clustered=clustered)
        for part in parts
        if len(part)
    ]
    return Fits(
        *(np.concatenate([getattr(f, name) for f in found]) for name in Fits.__dataclass_fields__)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _At:
    """Expected events of r data sets, and information of ratios after the periods' effects.

    Attributes
    ----------
    score : ndarray, shape (r, N, T)
        Events less expected ones.
    inner, shared : list of ndarray, shape (r, t, t) and (r, t, c)
        Of each stratum: information of its t period effects, and their part in the ratios.
    left : ndarray, shape (r, c, c)
    """

    score: Floats
    inner: list[Floats]
    shared: list[Floats]
    left: Floats


class _Newton:
    """Coefficients of r data sets on their way: period effects (r, S, T) and log ratios (r, c)."""

    def __init__(self, made: Counts, first: Codes, weight: Floats) -> None:
        self.made, self.D = made, made.columns[first]
        self.events = weight * made.y.sum(axis=1)
        self.y = made.y * weight[:, :, None]
        self.rows = made.strata
        self.place = np.unique(made.stratum, return_inverse=True)[1]
        seen = [np.flatnonzero(made.exposure[rows].any(axis=0)) for rows in self.rows]
        # the first period of a stratum is its reference
        self.used = [periods[1:] for periods in seen]
        start = np.array([_rates(made, *part) for part in zip(self.rows, seen, strict=True)])
        self.periods = np.repeat(start[None], len(first), axis=0)
        self.ratios = np.zeros((len(first), made.columns.shape[2]))

    def solve(self, *, clustered: bool) -> Fits:
        """Iterate, and make the sandwich at the solution where it is wanted."""
        lost = arrived = np.zeros(len(self.ratios), dtype=bool)
        for _ in range(_ITERATIONS):
            step = self._step(self._expected())
            far = (np.abs(self.ratios) > _SEPARATED).any(axis=1)
            lost = lost | far | ~np.isfinite(step).all(axis=1)
            arrived = np.abs(step).max(axis=1, initial=0.0) < _ARRIVED
            if (arrived | lost).all():
                break
        none = (lost | ~arrived)[:, None]
        if not clustered:
            absent = np.full((*self.ratios.shape, len(self.made.y)), np.nan)
            return Fits(np.where(none, np.nan, self.ratios), absent[:, :, 0], absent)
        z = self._contributions(self._expected())
        errors = np.where(none, np.nan, cv1_of(z))
        return Fits(np.where(none, np.nan, self.ratios), errors, z)

    def _expected(self) -> _At:
        """Spread each unit's events over its periods, and partial the periods' effects out."""
        made, D = self.made, self.D
        eta = self.periods[:, self.place] + np.einsum("rntc,rc->rnt", D, self.ratios)
        odds = made.exposure * np.exp(eta)
        total = odds.sum(axis=2, keepdims=True)
        share = np.divide(odds, total, out=np.zeros_like(odds), where=total > 0.0)
        mu, P = share * self.events[:, :, None], np.einsum("rnt,rntc->rnc", share, D)
        left = np.einsum("rntc,rntd->rcd", mu[..., None] * D, D, optimize=True)
        left -= np.einsum("rnc,rnd->rcd", self.events[..., None] * P, P, optimize=True)
        inner, shared = [], []
        for rows, used in zip(self.rows, self.used, strict=True):
            own, part = mu[:, rows][:, :, used], share[:, rows][:, :, used]
            information = -np.swapaxes(own, 1, 2) @ part
            information[:, np.arange(len(used)), np.arange(len(used))] += own.sum(axis=1)
            cross = np.einsum("rnt,rntc->rtc", own, D[:, rows][:, :, used], optimize=True)
            cross -= np.swapaxes(own, 1, 2) @ P[:, rows]
            inner.append(information)
            shared.append(_solved(information, cross))
            left -= np.swapaxes(cross, 1, 2) @ shared[-1]
        return _At(self.y - mu, inner, shared, left)

    def _step(self, at: _At) -> Floats:
        """One step of Newton's method, shape (r, coefficients)."""
        own = [
            at.score[:, rows][:, :, used].sum(axis=1)
            for rows, used in zip(self.rows, self.used, strict=True)
        ]
        right = np.einsum("rnt,rntc->rc", at.score, self.D, optimize=True)
        for score, shared in zip(own, at.shared, strict=True):
            right -= np.einsum("rtc,rt->rc", shared, score)
        step = _solved(at.left, right[:, :, None])[:, :, 0].clip(-_LONGEST, _LONGEST)
        every = [step]
        for s, (score, inner, shared) in enumerate(zip(own, at.inner, at.shared, strict=True)):
            move = _solved(inner, score[:, :, None])[:, :, 0]
            move = (move - np.einsum("rtc,rc->rt", shared, step)).clip(-_LONGEST, _LONGEST)
            self.periods[:, s, self.used[s]] += move
            every.append(move)
        self.ratios = self.ratios + step
        return np.concatenate(every, axis=1)

    def _contributions(self, at: _At) -> Floats:
        """What each unit adds to the error of the ratios, shape (r, c, N)."""
        z = np.einsum("rnt,rntc->rcn", at.score, self.D, optimize=True)
        for rows, used, shared in zip(self.rows, self.used, at.shared, strict=True):
            own = np.swapaxes(at.score[:, rows][:, :, used], 1, 2)
            z[:, :, rows] -= np.swapaxes(shared, 1, 2) @ own
        return _solved(at.left, z)


def _rates(made: Counts, rows: Codes, seen: Codes) -> Floats:
    """Log rate of a stratum's periods against its first, shape (T,); zero where nobody was seen."""
    found = np.zeros(made.y.shape[1])
    rate = made.y[rows][:, seen].sum(axis=0) / made.exposure[rows][:, seen].sum(axis=0)
    found[seen] = np.log(rate / rate[0]) if len(seen) else rate
    return found


def _solved(left: Floats, right: Floats) -> Floats:
    """Solutions of many systems; not a number where one is singular."""
    if not left.shape[1]:
        return np.zeros_like(right)
    eye = np.eye(left.shape[1])
    scale = np.abs(np.einsum("rii->ri", left)).max(axis=1)[:, None, None]
    sound = np.isfinite(left).all(axis=(1, 2)) & (scale[:, 0, 0] > 0.0)
    scaled = np.where(sound[:, None, None], left, eye) / np.where(scale > 0.0, scale, 1.0)
    try:
        return _solution(scaled, right / scale, sound)
    except np.linalg.LinAlgError:
        # one of them: the others are solved without it
        sound &= np.abs(np.linalg.det(scaled)) > np.finfo(np.float64).tiny
        return _solution(np.where(sound[:, None, None], scaled, eye), right / scale, sound)


def _solution(left: Floats, right: Floats, sound: Flags) -> Floats:
    return np.asarray(np.linalg.solve(left, np.where(sound[:, None, None], right, np.nan)))


def without_each(made: Counts, units: int) -> Floats:
    """Log ratios without each unit, shape (N, c).

    Parameters
    ----------
    made : Counts
    units : int
    """
    first = np.repeat(made.first[None], units, axis=0)
    return fits(made, first, 1.0 - np.eye(units), clustered=False).ratios
