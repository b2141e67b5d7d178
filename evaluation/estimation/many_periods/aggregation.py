"""From effects by cohort and period to what is reported: simple, by group, calendar and event.

Each is a mean of effects weighted by the cohorts' sizes, or a plain mean of such means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from scipy import sparse

from evaluation.estimation.arrays import Codes, Floats

Kind = Literal["simple", "group", "calendar", "event", "cell"]


@dataclass(frozen=True, slots=True)
class Name:
    """What an estimate is of: ``at`` is a cohort's, calendar or relative period, or none.

    A cell has its cohort in ``cohort``. Without ``at`` it is the mean over the kind.
    """

    kind: Kind
    at: int | None = None
    cohort: int | None = None


@dataclass(frozen=True, eq=False)
class Aggregation:
    """K estimates as plain means of R ratios, each a mean of the J effects by cohort size.

    Attributes
    ----------
    names : tuple of Name
    mean : ndarray, shape (K, R)
    part : ndarray, shape (R, J)
        Multiples of the cohort's size that an effect has in a ratio.
    size : ndarray, shape (J,)
        Total weight of the effect's cohort.
    """

    names: tuple[Name, ...]
    mean: Floats
    part: Floats
    size: Floats

    @cached_property
    def ratios(self) -> Floats:
        """Weights of the effects in each ratio, shape (R, J)."""
        raw = self.part * self.size
        return raw / raw.sum(axis=1, keepdims=True)

    @cached_property
    def mixing(self) -> Floats:
        """Weights of the effects in each estimate, shape (K, J)."""
        return self._averaged(self.ratios)

    def _averaged(self, ratios: Floats) -> Floats:
        """Estimates of ratios: nearly all estimates are one ratio each."""
        return np.asarray(sparse.csr_array(self.mean) @ ratios)

    def by_size(self, effects: Floats, cohort: Codes, number: int) -> Floats:
        """Derivative of each estimate in the total weight of each cohort.

        Parameters
        ----------
        effects : ndarray, shape (J,)
        cohort : ndarray of int, shape (J,)
        number : int
            One more than the largest cohort.

        Returns
        -------
        ndarray, shape (K, number)
        """
        ratio = self.ratios @ effects
        away = self.part * (effects - ratio[:, None])
        total = (self.part * self.size).sum(axis=1, keepdims=True)
        belongs = np.eye(number)[cohort]
        return self._averaged(away / total @ belongs)


def aggregate(
    cohort: Codes, period: Codes, size: Floats, *, kinds: Sequence[Kind] = ("simple", "event")
) -> Aggregation:
    """Ways to average J effects.

    Parameters
    ----------
    cohort, period : ndarray of int, shape (J,)
        First treated period and period of each effect.
    size : ndarray, shape (J,)
        What an effect counts: the total weight of its cohort.
    kinds : sequence of {"simple", "group", "calendar", "event", "cell"}

    Returns
    -------
    Aggregation
        Of each kind its parts, ascending, and then the mean over treated periods.

    Notes
    -----
    Callaway and Sant'Anna (2021), table 1: simple is eq. 3.10 (all effects of treated periods
    by cohort size), group 3.7, calendar 3.8, event 3.4; the means over the latter are plain for
    calendar and event, by size for group.
    """
    rows: list[tuple[Name, Floats]] = []
    names: list[tuple[Name, list[int]]] = []
    after = period >= cohort
    for kind in kinds:
        parts = _parts(kind, cohort, period)
        start = len(rows)
        rows += parts
        names += [(name, [start + i]) for i, (name, _) in enumerate(parts)]
        treated = [start + i for i, (n, p) in enumerate(parts) if after[p > 0.0].all()]
        if kind == "group" and treated:
            rows.append((Name(kind), np.sum([rows[i][1] for i in treated], axis=0)))
            names.append((Name(kind), [len(rows) - 1]))
        elif kind in ("calendar", "event") and treated:
            names.append((Name(kind), treated))
    mean = np.zeros((len(names), len(rows)))
    for k, (_, mixed) in enumerate(names):
        mean[k, mixed] = 1.0 / len(mixed)
    part = np.array([row for _, row in rows]).reshape(len(rows), len(cohort))
    return Aggregation(tuple(name for name, _ in names), mean, part, size)


def _parts(kind: Kind, cohort: Codes, period: Codes) -> list[tuple[Name, Floats]]:
    """Ratios of a kind: how often each effect counts, before its cohort's size."""
    after = (period >= cohort).astype(np.float64)
    if kind == "simple":
        return [(Name(kind), after)] if after.any() else []
    if kind == "cell":
        each = np.eye(len(cohort))
        return [
            (Name(kind, int(t), int(c)), each[j]) for j, (c, t) in enumerate(_pairs(cohort, period))
        ]
    if kind == "event":
        relative = period - cohort
        return [(Name(kind, e), (relative == e) * 1.0) for e in np.unique(relative).tolist()]
    of = cohort if kind == "group" else period
    found = [(Name(kind, v), (of == v) * after) for v in np.unique(of[after > 0.0]).tolist()]
    if kind == "calendar":
        return found
    return [(name, part / part.sum()) for name, part in found]


def _pairs(cohort: Codes, period: Codes) -> list[tuple[int, int]]:
    return list(zip(cohort.tolist(), period.tolist(), strict=True))
