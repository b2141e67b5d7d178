"""A table that stays where it is: a path, a dataset or a query, checked without its rows.

What `given` refuses and `doubts` notes of a frame is refused and noted of what queries say.
"""

import glob
import importlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from evaluation.api import given
from evaluation.api.doubts import (
    CODES,
    ENTRIES,
    MOST_PERIODS,
    PERIODS,
    look_at_entry,
    look_at_rounds,
    look_at_values,
    note_codes,
)
from evaluation.api.given import GivenFrame
from evaluation.errors import EstimationError
from evaluation.estimation import lazy_cells
from evaluation.estimation.dataframe_study import Variables
from evaluation.estimation.lazy_cells import LazyCells
from evaluation.estimation.regression.lazy_sums import asked
from evaluation.locale.messages import message

# Nothing is fetched, and rows come in whatever order they are read.
_SETTINGS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
}
_LEAST_CODE = min(map(abs, CODES))


def opened(table: Any, where: str) -> tuple[nw.LazyFrame, str] | None:
    """A table whose rows stay where they are, and its mark; None of any other.

    Parameters
    ----------
    table : Any
        A lazy frame of narwhals' (DuckDB, Ibis, Spark, polars), a path of a Parquet file or of a
        folder of them, or a pyarrow dataset.
    where : str
        Name of the call.

    Raises
    ------
    EstimationError
        There is no such file, it is not Parquet, files differ in their columns, or DuckDB is not
        installed.
    """
    mark = ""
    datasets: Any = sys.modules.get("pyarrow.dataset")
    if isinstance(table, str | os.PathLike):
        table, mark = _parquet(Path(table), where)
    elif datasets is not None and isinstance(table, datasets.Dataset):
        table, mark = _duckdb(where).from_arrow(table), _mark(table.schema)
    elif isinstance(table, pd.DataFrame):
        return None
    try:
        found = nw.from_native(table)
    except TypeError:
        return None
    return (found, mark) if isinstance(found, nw.LazyFrame) else None


def _parquet(path: Path, where: str) -> tuple[Any, str]:
    """A Parquet file, or a folder of them with the same columns, as DuckDB has it."""
    if not path.exists():
        raise _refused("frame-no-file", where, path=path)
    try:
        found = importlib.import_module("pyarrow.dataset").dataset(path, format="parquet")
        schemas = {each.path: each.physical_schema for each in found.get_fragments()}
    except (OSError, ValueError):
        raise _refused("frame-not-parquet", where, path=path) from None
    if not schemas:
        raise _refused("frame-not-parquet", where, path=path)
    first, schema = next(iter(schemas.items()))
    for other, its_own in schemas.items():
        if not its_own.equals(schema):
            raise _refused("frame-files-differ", where, path=other, other=first)
    files = [glob.escape(name) for name in schemas]
    # one file of invented rows makes all of them invented
    return _duckdb(where).read_parquet(files), max(map(_mark, schemas.values()))


def _duckdb(where: str) -> Any:
    """A connection of our own."""
    try:
        return importlib.import_module("duckdb").connect(config=_SETTINGS)
    except ImportError:
        raise _refused("duckdb-not-there", where) from None


def _mark(schema: Any) -> str:
    """The mark that pandas left in a file of invented data."""
    attributes = json.loads((schema.metadata or {}).get(b"PANDAS_ATTRS", b"{}"))
    return str(attributes.get(given.MARK, ""))


def _refused(name: str, where: str, **holes: object) -> EstimationError:
    return EstimationError.of(name, name, where, rule="sample", **holes)


def cells(
    opened_table: tuple[nw.LazyFrame, str],
    where: str,
    variables: Variables,
    outcomes: Sequence[str],
) -> tuple[LazyCells, GivenFrame]:
    """The table, if its columns can be used, and what to note of it without its rows.

    Parameters
    ----------
    opened_table : tuple of LazyFrame and str
        See `opened`.
    where : str
        Name of the call.
    variables : Variables
    outcomes : sequence of str

    Raises
    ------
    EstimationError
        As of `given.given` and `lazy_cells.read`.
    """
    table, mark = opened_table
    columns = pd.DataFrame(columns=table.collect_schema().names())
    named = [*outcomes, *replace(variables, outcome=outcomes[0]).kept()]
    given.check_columns(columns, [*named, variables.treated, variables.post], where)
    rows = lazy_cells.read(table, variables, outcomes)
    for own, name in rows.numbers():
        if given.is_stata(np.abs(rows.ends(own))):
            raise given.stata_missing(name, where)
    for own, name in rows.of("y"):
        level, spread = rows.moments(own)
        given.check_level(level, spread, name=name, where=where)
    clusters = rows.facts["cluster"].rename(variables.cluster)
    given.check_blanks(clusters, where)
    for own, name in rows.of("w"):
        given.check_reach(*rows.ends(own), name=name, where=where)
    found = GivenFrame(columns, where, mark=mark)
    given.look_at_capitals(found, clusters)
    return rows, found


def look_at_columns(data: GivenFrame, rows: LazyCells) -> None:
    """Note what `doubts.look_at_values` would, and that no row is looked for that is there twice.

    Parameters
    ----------
    data : GivenFrame
    rows : LazyCells
    """
    for own, name in rows.of("xy"):
        if own in rows.values:
            values = pd.DataFrame({name: list(rows.values[own])})
            look_at_values(replace(data, frame=values), (), (name,))
        elif not rows.number(f"{own} broken") and max(np.abs(rows.ends(own))) >= _LEAST_CODE:
            _look_at_codes(data, rows, own, name)
    data.notes.append(message("rows-stay.note"))


def look_at_periods(data: GivenFrame, rows: LazyCells, used: Sequence[str]) -> None:
    """Note what `doubts.look_at_rounds` and `look_at_entry` would.

    Parameters
    ----------
    data : GivenFrame
    rows : LazyCells
    used : sequence of str
        Columns of the estimate.
    """
    names = [name for name in rows.table.collect_schema().names() if name not in used]
    for name in names:
        if name.casefold() in PERIODS:
            _look_at_rounds(data, rows, name, used)
    for name in names:
        if name.casefold() in ENTRIES:
            _look_at_entry(data, rows, name, used)


def _look_at_codes(data: GivenFrame, rows: LazyCells, own: str, name: str) -> None:
    value = nw.col(own)
    code = nw.when(value.is_in(sorted(CODES))).then(value)
    part = nw.when(value != value.round(0)).then(1).otherwise(0)
    table = rows.rows.filter(value.is_finite()).select(
        code.alias("code"), value.alias("low"), value.alias("high"), part.alias("part")
    )
    ends = nw.col("low").min(), nw.col("high").max(), nw.col("part").max()
    found = asked(table.group_by("code").agg(nw.len().alias("rows"), *ends))
    rest, codes = found[found["code"].isna()], found[found["code"].notna()]
    if len(rest):
        numbers = dict(zip(codes["code"].map(float), codes["rows"].map(int), strict=True))
        low, high, measured = rest[["low", "high", "part"]].iloc[0]
        between = float(low), float(high)
        note_codes(data, name, numbers, ends=between, measured=bool(measured))


def _look_at_rounds(data: GivenFrame, rows: LazyCells, name: str, used: Sequence[str]) -> None:
    post, cluster = rows.variables.post, rows.variables.cluster
    known = rows.table.filter(~nw.col(name).is_null())
    if asked(known.select(nw.col(name).n_unique())).iloc[0, 0] <= MOST_PERIODS:
        met = asked(known.select(name, post, cluster).unique())
        look_at_rounds(replace(data, frame=met), post, cluster, used)


def _look_at_entry(data: GivenFrame, rows: LazyCells, name: str, used: Sequence[str]) -> None:
    treated, cluster = rows.variables.treated, rows.variables.cluster
    inside = nw.col(treated).cast(nw.Float64) == 1.0
    met = asked(rows.table.filter(inside & ~nw.col(name).is_null()).select(name).unique())
    look_at_entry(
        replace(data, frame=met.assign(**{treated: 1, cluster: 0})), treated, cluster, used
    )
