"""Thirds of the places of two groups: whose level, and whose number, a table must not show.

A group's places are cut where the places of both groups together are cut in three. Of a third of
few places nothing is shown, and nothing from which it follows: the whole group less its other
thirds, and, for its number, the places of both groups in that third less those of the other group.
"""

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluation.errors import ReportError
from evaluation.report.suppression import Key, Margin, suppress

Part = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Parts, as (group, third), of which the mean, and of which the number, is withheld."""

    levels: frozenset[Part]
    counts: frozenset[Part]


def withheld_thirds(
    counts: Mapping[Part, int], *, secret: Collection[Part], minimum: int
) -> Hidden:
    """What to withhold of the thirds of both groups.

    Parameters
    ----------
    counts : mapping of (group, third) to int
        Places; the number of each whole group is published.
    secret : collection of (group, third)
        Parts whose level says something about everybody.
    minimum : int
        Places of the smallest part that is shown.

    Returns
    -------
    Hidden
        Numbers are withheld wherever means are, and where they would give a withheld number away.
    """
    groups, thirds = ([*dict.fromkeys(part[i] for part in counts)] for i in (0, 1))
    cells: dict[Key, int] = {
        **counts,
        **{g: _sum(counts, [(g, t) for t in thirds]) for g in groups},
    }
    wholes = [Margin(g, tuple((g, t) for t in thirds)) for g in groups]
    open_ = frozenset(g for g in groups if cells[g] >= minimum)
    protect = functools.partial(suppress, minimum=minimum, range_="wide")
    levels = protect(cells, wholes, secret=frozenset(secret), elsewhere=open_)
    # how many places both groups have in a third follows from cutting all places in three
    across = {("", t): _sum(counts, [(g, t) for g in groups]) for t in thirds}
    known = {key: n for key, n in across.items() if n >= minimum}
    margins = [*wholes, *(Margin(key, tuple((g, key[1]) for g in groups)) for key in known)]
    try:
        elsewhere = open_ | frozenset(known)
        numbers = protect(cells | known, margins, secret=levels, elsewhere=elsewhere)
    except ReportError:
        # groups so small that their sums alone say nearly all: then no number is shown
        numbers = frozenset(counts)
    return Hidden(levels=levels & set(counts), counts=numbers & set(counts))


def _sum(counts: Mapping[Part, int], parts: Sequence[Part]) -> int:
    return sum(counts.get(part, 0) for part in parts)
