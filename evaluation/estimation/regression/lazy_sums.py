"""Cross-products by cluster and round, asked for in the engine that has the rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import mul
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.cross_products import Sums

# The column of ones.
_ONE = "one"
# Sums of one query: engines plan longer ones for longer than they work on them.
_MOST = 400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ProductColumns:
    """Names of the columns that are multiplied with each other.

    Attributes
    ----------
    left : tuple of k str
        Columns that miss no row.
    numbers : tuple of str
        Those of them that are no dummies.
    right : tuple of m str
    whole : frozenset of str
        The right ones that miss no row either.
    weighted : bool
        Whether the rows have weights, in their column ``w``; they do where a right column is there.
    codes : mapping of id to int
        The G clusters' positions.
    """

    left: tuple[str, ...]
    numbers: tuple[str, ...]
    right: tuple[str, ...]
    whole: frozenset[str]
    weighted: bool
    codes: Mapping[Any, int]

    def parted(self) -> list["ProductColumns"]:
        """The same for some right columns at a time, so few that a query asks for `_MOST` sums."""
        each = len(self.powers) * (len(self.left) + 1 + len(self.pairs)) + 2
        size = max(1, _MOST // each)
        starts = range(0, len(self.right), size)
        return [replace(self, right=self.right[start : start + size]) for start in starts]

    @property
    def moved(self) -> tuple[str, ...]:
        """Columns that are taken about their means."""
        return (*self.numbers, *self.right)

    @property
    def powers(self) -> range:
        """Powers of the weights; see `Sums`."""
        return range(3 if self.weighted else 1)

    @property
    def groups(self) -> list[str]:
        """For each right column whose rows its sums are over: its own, or all."""
        return ["" if own in self.whole else own for own in self.right]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Positions of two among the ones and the left columns."""
        return [(i, j) for j in range(1 + len(self.left)) for i in range(j + 1)]


def sums_by_cell(rows: nw.LazyFrame, columns: ProductColumns) -> tuple[Sums, Floats]:
    """Cross-products by cell, each right column's over the rows that have it.

    Parameters
    ----------
    rows : LazyFrame
        ``cluster``, ``post`` of 0 and 1, and the columns, null where they are missing.
    columns : ProductColumns

    Returns
    -------
    Sums
        By cell, cluster by cluster, baseline before endline; with nothing that could cancel.
    ndarray, shape (G, k + m)
        What the columns are less of.
    """
    answers = [_answered(rows, part) for part in columns.parted()]
    (first, shift), k = answers[0], len(columns.left)
    others = answers[1:]
    return Sums(
        products=np.concatenate(
            [first.products, *(sums.products[..., 1 + k :] for sums, _ in others)], axis=-1
        ),
        absent=np.concatenate([sums.absent for sums, _ in answers], axis=1),
        squares=np.concatenate([sums.squares for sums, _ in answers], axis=1),
    ), np.concatenate([shift, *(each[:, k:] for _, each in others)], axis=1)


def _answered(rows: nw.LazyFrame, columns: ProductColumns) -> tuple[Sums, Floats]:
    """What `sums_by_cell` gives, in one query."""
    number, queries = len(columns.codes), _queries(columns)
    means = _means(rows, columns)
    # told how few they are, an engine keeps the means in memory and not the rows
    joined = rows.join(means.head(number), on="cluster", how="inner")
    less = [(nw.col(name) - nw.col(f"{name} shift")).alias(name) for name in columns.moved]
    by_cell = joined.with_columns(nw.lit(1.0).alias(_ONE), *less).group_by("cluster", "post")
    found = asked(by_cell.agg(*[query.alias(name) for name, query in queries.items()]))
    key = 2 * found["cluster"].map(columns.codes) + found["post"]
    values = found.set_index(key.to_numpy(dtype=np.int64))[list(queries)].astype(np.float64)
    values = values.reindex(range(2 * number)).fillna(0.0)
    return _placed(values, columns), _shift(values, columns)


def asked(query: nw.LazyFrame) -> pd.DataFrame:
    """The answer to a query, which has few rows."""
    if query.implementation.is_polars():
        return query.collect("polars", engine="streaming").to_pandas()
    return query.collect().to_pandas()


def _means(rows: nw.LazyFrame, columns: ProductColumns) -> nw.LazyFrame:
    """Means of columns by cluster; of a column that is constant there exactly that constant."""
    wanted: list[nw.Expr] = []
    shifts = []
    for name in columns.moved:
        value = nw.col(name)
        weight = nw.when(~value.is_null()).then(nw.col("w")) if columns.weighted else value
        mean = (value * weight).sum() / weight.sum() if columns.weighted else value.mean()
        wanted += [value.min().alias(f"{name} least"), value.max().alias(f"{name} greatest")]
        wanted.append(mean.alias(f"{name} mean"))
        least = nw.col(f"{name} least")
        shift = nw.when(least == nw.col(f"{name} greatest")).then(least)
        shifts.append(shift.otherwise(nw.col(f"{name} mean")).alias(f"{name} shift"))
    return rows.group_by("cluster").agg(*wanted).select("cluster", *shifts)


def _queries(columns: ProductColumns) -> dict[str, nw.Expr]:
    """What is asked of each cell, by name."""
    left, right = (_ONE, *columns.left), columns.right
    found = {f"{name} shift": nw.col(f"{name} shift").min() for name in columns.moved}
    first = ["w"] if columns.weighted else []
    found |= {f"{own} {own}": _product(*first, own, own).sum() for own in right}
    for p in columns.powers:
        times = ["w"] * p
        found |= {f"{p} {a} {own}": _product(*times, a, own).sum() for a in left for own in right}
        for group in dict.fromkeys(columns.groups):
            for i, j in columns.pairs:
                value = _product(*times, left[i], left[j])
                there = nw.when(~nw.col(group).is_null()).then(value) if group else value
                found[f"{p} {i} {j} {group}"] = there.sum()
    return found


def _product(*names: str) -> nw.Expr:
    return reduce(mul, [nw.col(name) for name in names if name != _ONE] or [nw.col(_ONE)])


def _placed(values: pd.DataFrame, columns: ProductColumns) -> Sums:
    """The answers where `Sums` have them."""
    left, right = (_ONE, *columns.left), columns.right
    powers, k, m = len(columns.powers), len(left), len(right)
    products = np.zeros((len(values), powers, k, k + m))
    absent = np.zeros((len(values), m, powers, k, k))
    for at, (own, group) in enumerate(zip(right, columns.groups, strict=True)):
        for p in columns.powers:
            names = [f"{p} {a} {own}" for a in left]
            products[:, p, :, k + at] = values[names].to_numpy()
            for i, j in columns.pairs:
                part = -values[f"{p} {i} {j} {group}"].to_numpy()
                absent[:, at, p, i, j] = absent[:, at, p, j, i] = part
    squares = values[[f"{own} {own}" for own in right]].to_numpy()
    return Sums(products=products, absent=absent, squares=squares)


def _shift(values: pd.DataFrame, columns: ProductColumns) -> Floats:
    """The shifts of clusters that have a baseline, as those of regressions do; none of dummies."""
    names = (*columns.left, *columns.right)
    shift = np.zeros((len(values) // 2, len(names)))
    for at, name in enumerate(names):
        if name in columns.moved:
            shift[:, at] = values[f"{name} shift"].to_numpy()[0::2]
    return shift
