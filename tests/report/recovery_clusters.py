"""Attempts on numbers about single clusters: the fewest and the usual, and two standard errors."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

Number = Callable[[Mapping[str, str], str], float | None]
Rows = list[dict[str, str]]
FEWEST, USUAL = "respondents_min_", "respondents_median_"
# two methods' standard errors that differ by the factor of G clusters alone do so to this share of
# the distance to the factor of G + 1
NEAR = 0.5


class Range(NamedTuple):
    """What a reader knows of a number of people in one cluster."""

    low: float
    high: float


def of_one_cluster(
    rows: Rows, valid: Mapping[str, int], number: Number, *, least: int
) -> Iterator[tuple[str, float | None]]:
    """People of one cluster without an answer: its size less the fewest, by outcome and cell.

    Parameters
    ----------
    rows : list of dict
        The released quantities.
    valid : mapping of str to int
        Valid interviews of the sample flow, by group and round.
    number : callable
        A cell as a number.
    least : int
        Where all numbers are multiples of it, they are what a number is at least.

    Yields
    ------
    (str, float or None)
        Which two numbers, and their difference where it is known and of few.
    """
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in rows:
        value = number(row, "value")
        if value is not None:
            found[row["outcome"], row["specification"]][row["name"]] = value
    told = [v for of in found.values() for n, v in of.items() if n.startswith((FEWEST, USUAL))]
    width = least - 1 if told and all(v % least == 0 for v in told) else 0
    for (outcome, specification), of in found.items():
        for cell in (n.removeprefix(FEWEST) for n in of if n.startswith(FEWEST)):
            fewest = Range(of[FEWEST + cell], of[FEWEST + cell] + width)
            clusters = of.get(f"clusters_{cell.rpartition('_')[0]}", 0)
            size = valid.get(cell, 0) / clusters if clusters else 0
            usual = of.get(USUAL + cell, 0)
            sizes = {"size of the sample flow": Range(size, size),
                     "median": Range(usual, usual + width)}  # fmt: skip
            for said, other in sizes.items():
                if other.low.is_integer() and other.low:
                    where = f"{outcome} {specification} {cell}: {said}"
                    yield where, few_between(fewest, other, least)


def few_between(fewest: Range, size: Range, least: int) -> float | None:
    """The difference of two numbers where it counts few people, to less than half of least."""
    low = max(size.low - fewest.high, 0)
    high = size.high - fewest.low
    return low if low > 0 and high < least and high - low < least // 2 else None


def of_public_file(
    persons: Rows, sensitive: Rows, *, least: int
) -> Iterator[tuple[str, float | None]]:
    """People without an answer: rows of an arm and round less the respondents of a sensitive item.

    Respondents that are all multiples of ``least`` are read as rounded to the nearest.
    """
    size: dict[tuple[str, str], int] = defaultdict(int)
    for row in persons:
        size[row["round"], row["arm"]] += 1
    told = [int(row["respondents"]) for row in sensitive]
    down = least // 2 if all(n % least == 0 for n in told) else 0
    up = least - 1 - down if down else 0
    for row, n in zip(sensitive, told, strict=True):
        people = size[row["round"], row["arm"]]
        answered = Range(n - down, min(n + up, people))
        where = f"{row['item']} {row['round']} {row['arm']}"
        yield where, few_between(answered, Range(people, people), least)


def by_two_errors(
    rows: Rows, number: Number, is_withheld: Callable[[str], bool]
) -> Iterator[tuple[str, float | None]]:
    """Numbers of clusters from two methods' standard errors of one row that withholds them.

    The jackknife's is the bootstrap's times the root of G / (G - 1) in a balanced group.
    """
    errors: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for row in rows:
        hidden = any(is_withheld(row.get(c, "")) for c in ("n_clusters_treated",
                                                           "n_clusters_comparison"))  # fmt: skip
        error = number(row, "std_error")
        if hidden and error:
            place = tuple(row.get(c, "") for c in ("outcome", "specification", "sample"))
            errors[place][row.get("step", "")] = error
    for place, of in errors.items():
        for (one, a), (other, b) in combinations(of.items(), 2):
            yield f"{' '.join(place)}: {one}, {other}", _clusters((max(a, b) / min(a, b)) ** 2)


def _clusters(ratio: float) -> float | None:
    """The number G whose G / (G - 1) a ratio is next to."""
    if not 1 < ratio < 1.5:
        return None
    nearest = round(ratio / (ratio - 1))
    gap = 1 / (nearest - 1) - 1 / nearest
    return float(nearest) if abs(ratio - nearest / (nearest - 1)) <= NEAR * gap else None
