"""Columns of text that grow block by block, each distinct text of a column once.

A survey says few things in many rows: the cells of a column are places in its list of texts. Where
they are nearly all different (ids, clocks) a list saves nothing, and the cells stay as they are.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from evaluation.data.findings import LINE

# from so many distinct texts on it is asked whether a list of them saves anything
MANY = 1 << 16


def differ(distinct: int, cells: int) -> bool:
    """Whether cells are so different that no list of their texts is made."""
    return 2 * distinct > cells


def as_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """A table with every cell as text, where its columns are as `TextColumns` makes them."""
    coded = frame.columns[frame.dtypes == "category"]
    return frame.astype(dict.fromkeys(coded, "str"))


class TextColumns:
    """Columns of one table.

    Parameters
    ----------
    names : sequence of str
        No name twice.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._columns = [_Column() for _ in names]

    def add(self, block: Sequence[pa.Array]) -> None:
        """Further rows.

        Parameters
        ----------
        block : sequence of array of large_string
            One a column.
        """
        for column, cells in zip(self._columns, block, strict=True):
            column.add(cells)

    def frame(self, lines: NDArray[np.int64]) -> pd.DataFrame:
        """All rows: categories, or text where cells are nearly all different, and ``__line__``.

        The columns are gone then.

        Parameters
        ----------
        lines : ndarray of int, shape (n,)
        """
        columns: dict[str, object] = {}
        for name in self._names:
            columns[name] = self._columns.pop(0).made()
        return pd.DataFrame(columns | {LINE: lines}, copy=False)


class _Column:
    """Cells as places among the distinct texts so far; from a point on as they are."""

    def __init__(self) -> None:
        self._known = pa.array([], type=pa.large_string())
        self._codes: list[NDArray[np.integer]] = []
        self._plain: list[pa.Array] = []
        self._cells = 0

    def add(self, cells: pa.Array) -> None:
        self._cells += len(cells)
        if self._plain:
            self._plain.append(cells)
            return
        block = cells.dictionary_encode()
        places = pc.index_in(block.dictionary, value_set=self._known)
        new = np.asarray(places.is_null())
        numbers = places.fill_null(0).to_numpy().copy()
        numbers[new] = len(self._known) + np.arange(new.sum())
        fresh = block.dictionary.filter(pa.array(new))
        self._known = pa.concat_arrays([self._known, fresh])
        self._codes.append(numbers.astype(_smallest(len(self._known)))[block.indices.to_numpy()])
        if len(self._known) > MANY and differ(len(self._known), self._cells):
            self._plain, self._codes = [self._texts()], []

    def made(self) -> object:
        if self._plain:
            whole = pa.concat_arrays(self._plain)
            self._plain = []
            coded = whole.dictionary_encode()
            if differ(len(coded.dictionary), self._cells):
                return pd.array(whole, dtype="str")
            self._known, self._codes = coded.dictionary, [coded.indices.to_numpy()]
        if differ(len(self._known), self._cells):
            return pd.array(self._texts(), dtype="str")
        texts = pd.Index(pd.array(self._known, dtype="str"))
        return pd.Categorical.from_codes(self._joined(), categories=texts)

    def _texts(self) -> pa.Array:
        return self._known.take(pa.array(self._joined()))

    def _joined(self) -> NDArray[np.integer]:
        none: NDArray[np.integer] = np.empty(0, dtype=np.int8)
        return np.concatenate([none, *self._codes])


def _smallest(distinct: int) -> np.dtype:
    return np.min_scalar_type(-max(distinct, 1))
