"""Complementary suppression: which further cells to withhold so that none can be worked out.

A reader of published tables knows every open cell, every total and that counts are not negative.
What he can say of a withheld cell is the range that it takes over all tables that agree with this:
two linear programmes. A withheld cell is protected if its range reaches far enough from the truth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.errors import ReportError

Key = Any  # whatever tells cells apart and can be looked up
Range = Literal["far", "wide"]
Floats = NDArray[np.float64]
# coefficients are 0, 1 and -1 and counts are whole: what is smaller than this is rounding
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class PublishedSum:
    """A published sum: ``total`` is the sum of ``parts``. All are keys of cells."""

    total: Key
    parts: tuple[Key, ...]


def suppress(
    cells: Mapping[Key, int],
    margins: Sequence[PublishedSum],
    *,
    minimum: int,
    secret: frozenset[Key] = frozenset(),
    elsewhere: frozenset[Key] = frozenset(),
    unprinted: frozenset[Key] = frozenset(),
    range_: Range = "far",
) -> frozenset[Key]:
    """Cells to withhold: the small ones, and the smallest others that protect them.

    Parameters
    ----------
    cells : mapping of key to int
        All counts that would be published, totals and the cells of linked tables among them.
    margins : sequence of PublishedSum
        Which cells sum to which; tables that share a total share its key.
    minimum : int
        Cells from 1 to ``minimum - 1`` are withheld, and no withheld cell may be known to be
        within ``minimum - 1`` of its value.
    secret : frozenset of key
        Cells withheld for another reason.
    elsewhere : frozenset of key
        Cells that other tables show: withheld if they are small or secret, never to protect.
    unprinted : frozenset of key
        Sums that no table prints, which tie its parts to those of another: a reader does not know
        them, and they are no secrets.
    range_ : {"far", "wide"}
        How a withheld cell is protected: its range reaches ``minimum`` away from its value, or is
        ``minimum`` wide, as for parts of a printed sum of at least ``minimum``.

    Returns
    -------
    frozenset of key

    Raises
    ------
    ValueError
        A margin does not hold: its parts do not sum to its total.
    ReportError
        What is withheld could still be worked out, because all that would protect it stands
        elsewhere.

    Notes
    -----
    Greedy: while a withheld cell is not protected, the smallest open cell of a margin with it is
    withheld too (zeros last, ties in the order of ``cells``); at the end, every cell that turned
    out not to be needed is opened again, the largest first.
    """
    for margin in margins:
        if cells[margin.total] != sum(cells[part] for part in margin.parts):
            raise ValueError(f"the parts of {margin.total!r} do not sum to it")
    small = {key for key, n in cells.items() if 0 < n < minimum or key in secret}
    first = small - unprinted
    hidden = set(first)

    def weakest(withheld: set[Key]) -> frozenset[Key]:
        """Withheld cells that what is not withheld gives away."""
        unknown = withheld | unprinted
        return exposed(cells, margins, unknown, minimum=minimum, range_=range_) - unprinted

    while True:
        weak = weakest(hidden)
        # where the margins of an exposed cell are withheld whole, a cell further off may help it
        free = set(cells) - hidden - elsewhere - unprinted
        near = (_beside(weak, margins) & free) or free
        if not weak or not near:
            break
        hidden.add(min((k for k in cells if k in near), key=lambda k: (cells[k] == 0, cells[k])))
    if weak:
        raise ReportError.of("withheld-counts", "withhold-counts", "suppression", n=len(weak))
    for key in sorted(hidden - first, key=lambda k: -cells[k]):
        if not weakest(hidden - {key}):
            hidden.discard(key)
    return frozenset(hidden)


def exposed(
    cells: Mapping[Key, int],
    margins: Sequence[PublishedSum],
    hidden: set[Key] | frozenset[Key],
    *,
    minimum: int,
    range_: Range = "far",
) -> frozenset[Key]:
    """Withheld cells whose value a reader knows to within ``minimum - 1``; see :func:`suppress`.

    Parameters
    ----------
    cells, margins, minimum, range_
        As there.
    hidden : set of key
        What is withheld, and sums that nobody prints.
    """
    unknown = [key for key in cells if key in hidden]
    table, basis = feasible(*_equations(cells, margins, unknown))
    found = []
    for i, key in enumerate(unknown):
        goal = np.zeros(len(unknown))
        goal[i] = 1.0
        true = cells[key]
        above = largest(table, basis, goal, enough=true + minimum) - true
        if above >= minimum - TINY:
            continue
        below = true + largest(table, basis, -goal, enough=minimum - true)
        if below < minimum - TINY and (range_ == "far" or above + below < minimum - TINY):
            found.append(key)
    return frozenset(found)


def _beside(weak: frozenset[Key], margins: Sequence[PublishedSum]) -> set[Key]:
    """Cells of margins that hold an exposed one."""
    return {
        key
        for margin in margins
        if not weak.isdisjoint((margin.total, *margin.parts))
        for key in (margin.total, *margin.parts)
    }


def _equations(
    cells: Mapping[Key, int], margins: Sequence[PublishedSum], unknown: list[Key]
) -> tuple[Floats, Floats]:
    """What the margins say of the withheld cells, shape (M, U) and (M,), values not negative."""
    place = {key: i for i, key in enumerate(unknown)}
    rows, values = [], []
    for margin in margins:
        row, value = np.zeros(len(unknown)), 0.0
        for key, sign in ((margin.total, -1.0), *((part, 1.0) for part in margin.parts)):
            if key in place:
                row[place[key]] += sign
            else:
                value -= sign * cells[key]
        if row.any():
            flip = -1.0 if value < 0 else 1.0
            rows.append(flip * row)
            values.append(flip * value)
    return np.array(rows).reshape(len(rows), len(unknown)), np.array(values)


def feasible(rows: Floats, values: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """A simplex tableau of equations whose basis is a non-negative solution.

    Parameters
    ----------
    rows, values : array, shape (M, U) and (M,)
        Equations; they must have a non-negative solution, and values are not negative.

    Returns
    -------
    table : array, shape (R, U + 1)
        R equations that say something of their own, solved for the basis; values stand last.
    basis : array of int, shape (R,)
        The unknown that each is solved for.
    """
    equations, unknowns = rows.shape
    table = np.hstack([rows, np.eye(equations), values[:, None]])
    basis = np.arange(unknowns, unknowns + equations)
    # the artificial unknowns are driven to zero: their negative sum is maximised
    costs = np.concatenate([table[:, :unknowns].sum(axis=0), np.zeros(equations)])
    _climb(table, basis, costs, start=-values.sum(), enough=np.inf)
    return _without_artificial(table, basis, unknowns)


def largest(table: Floats, basis: NDArray[np.int64], goal: Floats, *, enough: float) -> float:
    """Largest value of a linear goal over the non-negative solutions of equations.

    Parameters
    ----------
    table, basis : array, shape (R, U + 1) and (R,)
        From :func:`feasible`; changed in place to another basis, from which the next goal starts.
    goal : array, shape (U,)
    enough : float
        Stop as soon as the goal is as large.

    Returns
    -------
    float
        The maximum, infinity where there is none, or some value from ``enough`` on.

    Notes
    -----
    The simplex method in two phases on a dense tableau, Bland's rule against cycling (Bland 1977,
    Mathematics of Operations Research 2(2), 103-107).
    """
    costs = goal - goal[basis] @ table[:, :-1] if len(basis) else goal.astype(float)
    start = float(goal[basis] @ table[:, -1]) if len(basis) else 0.0
    return _climb(table, basis, costs, start=start, enough=enough)


def _climb(
    table: Floats, basis: NDArray[np.int64], costs: Floats, *, start: float, enough: float
) -> float:
    """Pivot until no reduced cost is positive; table, basis and costs are changed in place."""
    value = start
    while value < enough:
        rising = np.flatnonzero(costs > TINY)
        if len(rising) == 0:
            return value
        column = int(rising[0])
        limits = table[:, column] > TINY
        if not limits.any():
            return np.inf
        ratios = np.full(len(basis), np.inf)
        ratios[limits] = table[limits, -1] / table[limits, column]
        ties = np.flatnonzero(ratios <= ratios.min() + TINY)
        row = int(ties[np.argmin(basis[ties])])
        value += costs[column] * ratios[row]
        _pivot(table, basis, row, column)
        costs -= costs[column] * table[row, :-1]
    return value


def _pivot(table: Floats, basis: NDArray[np.int64], row: int, column: int) -> None:
    table[row] /= table[row, column]
    factors = table[:, column].copy()
    factors[row] = 0.0
    table -= factors[:, None] * table[row]
    basis[row] = column


def _without_artificial(
    table: Floats, basis: NDArray[np.int64], unknowns: int
) -> tuple[Floats, NDArray[np.int64]]:
    """The tableau in the real unknowns alone; equations that say nothing new are dropped."""
    keep = []
    for row in range(len(basis)):
        if basis[row] >= unknowns:
            real = np.flatnonzero(np.abs(table[row, :unknowns]) > TINY)
            if len(real) == 0:
                continue
            _pivot(table, basis, row, int(real[0]))
        keep.append(row)
    columns = [*range(unknowns), table.shape[1] - 1]
    return table[np.ix_(keep, columns)], basis[keep]
