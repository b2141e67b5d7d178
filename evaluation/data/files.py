"""The clean panel as files for people: CSV, and Stata with labels and missing kinds."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
from numpy.typing import NDArray
from pyarrow import csv

from evaluation.data import stata
from evaluation.data.clean import MISSING
from evaluation.errors import DataError
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.plan import Plan
from evaluation.spec.study import Study

# Stata 14 and later read this version
STATA_VERSION = 14
LONGEST_NAME, LONGEST_LABEL = 32, 80
DAY = 86_400_000
DAY_ZERO = np.datetime64("1960-01-01T00:00:00", "ms")


def marked(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The table with the study's mark, where it has one, as a last column ``synthetic``."""
    if not study.mark:
        return table
    return table.assign(synthetic=pd.array([study.mark] * len(table), dtype="str"))


def csv_bytes(table: pd.DataFrame, dictionary: Dictionary) -> bytes:
    """The table as UTF-8 CSV with LF line ends; dates without a time, missing cells empty."""
    arrow = pa.Table.from_pandas(_plain_dates(table, dictionary), preserve_index=False, nthreads=1)
    sink = pa.BufferOutputStream()
    csv.write_csv(arrow, sink, csv.WriteOptions(quoting_style="needed"))
    return bytes(sink.getvalue().to_pybytes())


def _plain_dates(table: pd.DataFrame, dictionary: Dictionary) -> pd.DataFrame:
    columns = {}
    for name in table.columns:
        variable = dictionary.variables.get(str(name))
        if variable is not None and variable.type in ("date", "datetime"):
            pattern = "%Y-%m-%d" if variable.type == "date" else "%Y-%m-%d %H:%M:%S"
            columns[name] = table[name].dt.strftime(pattern)
    return table.assign(**columns)


def stata_bytes(
    table: pd.DataFrame, dictionary: Dictionary, plan: Plan, study: Study, *, language: str
) -> bytes:
    """The panel as a labelled Stata file.

    Missing kinds become ``.a`` (don't know), ``.b`` (refused), ``.c`` (not applicable) and
    ``.d`` (not asked), so the companions ``x__missing`` are left out. The bytes depend on the
    content alone.

    Raises
    ------
    DataError
        A column name is too long for Stata.
    """
    columns: dict[str, pd.Series] = {}
    formats: dict[str, str] = {}
    kinds: dict[int, NDArray[np.object_]] = {}
    for name in (str(c) for c in table.columns if not str(c).endswith(MISSING)):
        if len(name) > LONGEST_NAME:
            raise DataError(
                f"`{name}` has more than {LONGEST_NAME} characters",
                where="panel.dta",
                mend="shorten the id of the outcome or event",
            )
        column = table[name]
        if pd.api.types.is_datetime64_dtype(column):
            formats[name] = "%td" if dictionary.variables[name].type == "date" else "%tc"
        columns[name] = _writable(column, formats.get(name, ""))
        companion = f"{name}{MISSING}"
        if companion in table.columns and columns[name].dtype == float:
            kinds[len(columns) - 1] = table[companion].to_numpy(dtype=object)
    written = _written(
        pd.DataFrame(columns),
        file_label=f"{study.mark} {study.id}".strip(),
        column_labels=_column_labels(list(columns), dictionary, plan, language),
        version=STATA_VERSION,
        variable_value_labels=_value_labels(columns, dictionary, language),
        variable_format=formats,
    )
    return stata.with_missing(written, kinds, rows=len(table))


def _writable(column: pd.Series, stata_format: str) -> pd.Series:
    """A column as doubles (dates counted from 1960) or as text without missing cells."""
    if stata_format:
        since = (column.to_numpy().astype("datetime64[ms]") - DAY_ZERO).astype("timedelta64[ms]")
        numbers = np.where(np.isnat(since), np.nan, since.astype("int64").astype(float))
        return pd.Series(numbers / (DAY if stata_format == "%td" else 1))
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    return column.astype(object).where(column.notna(), "").astype("str")


def _column_labels(
    names: list[str], dictionary: Dictionary, plan: Plan, language: str
) -> list[str | None]:
    outcomes = {outcome.id: outcome.label for outcome in plan.outcome}
    found = [
        dictionary.variables[n].label if n in dictionary.variables else outcomes.get(n)
        for n in names
    ]
    return [None if text is None else text[language][:LONGEST_LABEL] for text in found]


def _value_labels(
    columns: dict[str, pd.Series], dictionary: Dictionary, language: str
) -> dict[str, dict[float, str]]:
    labels: dict[str, dict[float, str]] = {}
    for name, column in columns.items():
        if name not in dictionary.variables or column.dtype != float:
            continue
        listed = [dictionary.code_list(name, s) for s in dictionary.variables[name].raw]
        codes = [code for entry in listed if entry is not None for code in entry.values]
        pairs = {
            code.value: str(getattr(code, language))
            for code in codes
            if isinstance(code.value, float)
        }
        if pairs:
            labels[name] = pairs
    return labels


def _written(frame: pd.DataFrame, **options: Any) -> bytes:
    """Bytes of a Stata file. The library writes to a path only, hence the temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.dta"
        pyreadstat.write_dta(frame, path, **options)
        return stata.fixed_time(path.read_bytes())
