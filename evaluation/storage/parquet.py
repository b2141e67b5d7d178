"""Frames as Parquet and back: the bytes depend on the content alone.

Text of a survey says few things in many rows. Here each of them is held once, as long as many
cells are alike: a column whose cells are nearly all different is shorter as it stands.
"""

import io
from base64 import b64encode
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# where a file says of which types its columns were
SCHEMA = b"ARROW:schema"
ROWS_OF_GROUP = 1 << 20


def written(frame: pd.DataFrame) -> bytes:
    """A frame as Parquet (zstd). The index is not kept: give it a column if it matters.

    Categories are written as the texts that they are, which is what the file says of them; no
    column of theirs is whole in memory as text.

    Parameters
    ----------
    frame : DataFrame
    """
    coded = frame.columns[frame.dtypes == "category"]
    nothing = pd.array([None] * len(frame), dtype="str")
    plain = frame.assign(**dict.fromkeys(coded, nothing))
    table = pa.Table.from_pandas(plain, preserve_index=False, nthreads=1)
    said = {**table.schema.metadata, SCHEMA: b64encode(table.schema.serialize().to_pybytes())}
    for name in coded:
        table = table.set_column(table.column_names.index(name), name, _texts(frame[name].array))
    buffer = io.BytesIO()
    with pq.ParquetWriter(buffer, table.schema, compression="zstd", store_schema=False) as file:
        file.write_table(table, row_group_size=ROWS_OF_GROUP)
        file.add_key_value_metadata(said)
    return buffer.getvalue()


def _texts(cells: pd.Categorical) -> pa.Array:
    """Texts of categories; where many are alike each distinct one once, in order of appearance."""
    listed = pa.array(cells.categories, type=pa.large_string())
    gaps = cells.codes < 0
    places, seen = pd.factorize(cells.codes)
    if _differ(len(seen), len(places)):
        return listed.take(pa.array(cells.codes, mask=gaps))
    # cells without a text have a place, but none among the texts
    kept = seen >= 0
    ranks = (np.cumsum(kept) - 1).astype(np.min_scalar_type(-max(len(seen), 1)))
    indices = pa.array(ranks[places], mask=gaps)
    return pa.DictionaryArray.from_arrays(indices, listed.take(pa.array(seen[kept])))


def _differ(distinct: int, cells: int) -> bool:
    return 2 * distinct > cells


def frame(data: bytes) -> pd.DataFrame:
    """The frame that a file holds.

    Raises
    ------
    pyarrow.ArrowInvalid
        It is not Parquet.
    """
    # use_threads: one thread keeps the memory of a run predictable on shared machines
    return _table(data).to_pandas(use_threads=False)


def coded_frame(data: bytes) -> pd.DataFrame:
    """The same, its columns of text as categories where many cells are alike.

    Raises
    ------
    pyarrow.ArrowInvalid
        It is not Parquet.
    """
    names = [f.name for f in pq.read_schema(io.BytesIO(data)) if pa.types.is_large_string(f.type)]
    table = _table(data, names)
    columns: dict[str, object] = {}
    for name in table.column_names:
        # what a column was read into goes when it is made
        column, table = table.column(name), table.drop_columns(name)
        coded = pa.types.is_dictionary(column.type)
        columns[name] = _coded(column) if coded else column.to_pandas()
    return pd.DataFrame(columns, copy=False)


def _table(data: bytes, dictionaries: Sequence[str] = ()) -> pa.Table:
    """A file's table, read in this thread alone.

    ``read_table`` starts threads whatever it is told; where an error ends the process meanwhile,
    they take it down with another exit code.
    """
    file = pq.ParquetFile(io.BytesIO(data), read_dictionary=list(dictionaries), pre_buffer=False)
    return file.read(use_threads=False)


def _coded(column: pa.ChunkedArray) -> object:
    whole = column.unify_dictionaries().combine_chunks()
    if _differ(len(whole.dictionary), len(whole)):
        return pd.array(whole.dictionary_decode(), dtype="str")
    codes = pc.fill_null(whole.indices, -1).to_numpy()
    return pd.Categorical.from_codes(codes, categories=pd.Index(whole.dictionary, dtype="str"))
