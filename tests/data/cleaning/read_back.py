"""The clean files read by others' libraries, each brought back to the frame of the pipeline.

CSV is read by the types that ``datapackage.json`` declares, Stata by pandas, which shares no code
with the library that wrote the file.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MISSING = "__missing"
KINDS = {".a": "dont_know", ".b": "refused", ".c": "not_applicable", ".d": "not_asked"}
DAY = 86_400_000
STATA_ZERO = np.datetime64("1960-01-01", "ms")
# a name in Stata has 32 characters
LONGEST = 32


def fields(folder: Path, name: str) -> list[dict[str, Any]]:
    """Fields of the Table Schema of one file."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (resource,) = [entry for entry in package["resources"] if entry["path"] == name]
    return resource["schema"]["fields"]


def from_csv(folder: Path, name: str) -> pd.DataFrame:
    """A CSV file by its schema; a cell of a type other than the declared one raises."""
    with (folder / name).open(encoding="utf-8", newline="") as handle:
        header, *rows = list(csv.reader(handle))
    declared = fields(folder, name)
    assert header == [field["name"] for field in declared]
    cells = list(zip(*rows, strict=True))
    return pd.DataFrame(
        {f["name"]: _typed(list(c), f) for f, c in zip(declared, cells, strict=True)}
    )


def _typed(cells: list[str], field: dict[str, Any]) -> Any:
    kind = field["type"]
    if kind == "string":
        return pd.array([cell or None for cell in cells], dtype="str")
    if kind == "boolean":
        return [{"true": True, "false": False}[cell] for cell in cells]
    if kind in ("date", "datetime"):
        pattern = field.get("format", "%Y-%m-%d")
        found = pd.to_datetime([cell or None for cell in cells], format=pattern)
        return found.astype("datetime64[ms]")
    convert = int if kind == "integer" else float
    return np.array([float(convert(cell)) if cell else np.nan for cell in cells])


def from_stata(folder: Path, name: str) -> pd.DataFrame:
    """A Stata file with the companions of missing kinds made again from its missing values."""
    stored = pd.read_stata(
        folder / name, convert_missing=True, convert_categoricals=False, convert_dates=False
    )
    columns: dict[str, Any] = {}
    for field in fields(folder, "panel.csv"):
        column = field["name"]
        if not column.endswith(MISSING):
            columns[column] = _value(stored[column], field["type"])
            continue
        of = column.removesuffix(MISSING)
        kept = f"{of[: LONGEST - len(MISSING)]}{MISSING}"
        cells = stored[kept] if kept in stored.columns else stored[of].map(_kind)
        columns[column] = pd.array([cell or None for cell in cells], dtype="str")
    return pd.DataFrame(columns)


def _kind(cell: object) -> str:
    return KINDS.get(str(cell), "") if not isinstance(cell, str) else ""


def _value(column: pd.Series, kind: str) -> Any:
    if kind == "string":
        return pd.array([cell or None for cell in column], dtype="str")
    numbers = pd.to_numeric(column.map(lambda c: c if isinstance(c, float) else np.nan))
    if kind == "boolean":
        return numbers == 1.0
    if kind not in ("date", "datetime"):
        return numbers.astype("float64")
    since = (numbers * (DAY if kind == "date" else 1)).to_numpy(dtype=float)
    moments = np.full(len(since), "NaT", dtype="datetime64[ms]")
    known = ~np.isnan(since)
    moments[known] = STATA_ZERO + since[known].astype("int64").astype("timedelta64[ms]")
    return moments


def labels(data: bytes) -> tuple[dict[str, str], dict[str, dict[Any, str]]]:
    """Labels of the variables and of their values, as pandas reads them."""
    with pd.io.stata.StataReader(io.BytesIO(data), convert_categoricals=False) as reader:
        reader.read()
        return reader.variable_labels(), reader.value_labels()
