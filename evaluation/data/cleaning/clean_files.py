"""The clean tables as files for people and archives: CSV, and Stata with labels and missing kinds.

REQUIRES clean tables with their mark. CREATES CSV, Stata in both languages, and their
descriptions.
"""

import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyreadstat
from pyarrow import csv

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Plan
from evaluation.config.study import Study
from evaluation.data.cleaning import codebook, file_metadata, stata_writer
from evaluation.data.cleaning.clean import MISSING
from evaluation.data.cleaning.ddi import ddi
from evaluation.data.cleaning.file_metadata import CleanColumn, describe
from evaluation.data.readers import stata
from evaluation.errors import DataError
from evaluation.locale.messages import wording

# Stata 14 and later read this version
STATA_VERSION = 14
LONGEST_NAME, LONGEST_LABEL = 32, 80
STATA_FILE = "panel.dta"
DAY = 86_400_000
# parts of a CSV file are made side by side, and their order is kept
ROWS_AT_A_TIME, THREADS = 20_000, 2
DAY_ZERO = np.datetime64("1960-01-01T00:00:00", "ms")
# name of a file and its next bytes: a large file is never whole in memory
Part = tuple[str, bytes | pa.Buffer]


def marked(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The table with the study's mark, where it has one, as a last column ``synthetic``."""
    if not study.mark:
        return table
    mark = pd.Series([study.mark] * len(table), index=table.index, dtype="str", name="synthetic")
    return pd.concat([table, mark], axis=1)


def csv_parts(table: pd.DataFrame, dictionary: Dictionary, *, name: str) -> Iterator[Part]:
    """The table as UTF-8 CSV with LF line ends; dates without a time, missing cells empty.

    Raises
    ------
    DataError
        A text cell begins with a sign that a spreadsheet program runs as a formula.
    """
    codebook.check_table(table, where=name)
    with ThreadPoolExecutor(THREADS) as pool:
        made: deque[Future[pa.Buffer]] = deque()
        for start in range(0, max(len(table), 1), ROWS_AT_A_TIME):
            rows = _plain_dates(table.iloc[start : start + ROWS_AT_A_TIME], dictionary)
            arrow = pa.Table.from_pandas(rows, preserve_index=False, nthreads=1)
            made.append(pool.submit(_csv_part, arrow, header=start == 0))
            # no more at a time than are being made: what is finished goes to the disk
            if len(made) > THREADS:
                yield name, made.popleft().result()
        for part in made:
            yield name, part.result()


def _whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Doubles as whole numbers where all are: the same digits, in less than half the time."""
    if not pa.types.is_float64(column.type):
        return column
    try:
        whole = column.cast(pa.int32())
    except pa.ArrowInvalid:
        return column
    # a zero that is less than none has a sign
    values = column.to_numpy()
    return column if (np.signbit(values) & (values == 0)).any() else whole


def _csv_part(rows: pa.Table, *, header: bool) -> pa.Buffer:
    """Some rows, the first of them below the header."""
    sink = pa.BufferOutputStream()
    options = csv.WriteOptions(include_header=header, quoting_style="needed")
    columns = [_whole(column) for column in rows.itercolumns()]
    csv.write_csv(pa.table(columns, names=rows.column_names), sink, options)
    return sink.getvalue()


def _plain_dates(table: pd.DataFrame, dictionary: Dictionary) -> pd.DataFrame:
    columns = {}
    for name in table.columns:
        variable = dictionary.variables.get(str(name))
        if variable is not None and variable.type in ("date", "datetime"):
            pattern = "%Y-%m-%d" if variable.type == "date" else "%Y-%m-%d %H:%M:%S"
            columns[name] = table[name].dt.strftime(pattern)
    return table.assign(**columns)


def stata_parts(
    table: pd.DataFrame,
    dictionary: Dictionary,
    plan: Plan,
    study: Study,
    *,
    languages: Mapping[str, str],
) -> Iterator[Part]:
    """The panel as labelled Stata files by name, each in one of the languages.

    All files at the same time, because they share their rows.

    Missing kinds of numbers and dates become ``.a`` (don't know), ``.b`` (refused), ``.c`` (not
    applicable) and ``.d`` (not asked), so their companions ``x__missing`` are left out. Text has
    no such values in Stata: its companions stay, where they say anything (see
    :func:`companion_name`). The bytes depend on the content alone.

    Raises
    ------
    DataError
        A column name is too long for Stata, or two become the same.
    """
    formats: dict[str, str] = {}
    cells: dict[str, stata_writer.Cells | None] = {}
    described = describe(table, dictionary, plan, study)
    kept: dict[str, CleanColumn] = {}
    for column in described:
        name = _stata_name(column, table, described)
        if not name:
            continue
        if name in cells:
            raise DataError.of("two-columns-would", "shorten-id-variable", STATA_FILE, name=name)
        if column.storage in ("date", "datetime"):
            formats[name] = "%td" if column.storage == "date" else "%tc"
        kept[name] = column
        cells[name] = _cells(column.name, table, formats.get(name, ""))
    row = stata_writer.one_row(cells)
    if row is None:
        all_rows = {n: _writable(table[c.name], formats.get(n, "")) for n, c in kept.items()}
        row = pd.DataFrame(all_rows)
    listed = tuple(cells.values())
    around: dict[str, stata_writer.StataEnvelope] = {}
    for file, language in languages.items():
        written = _written(
            row,
            file_label=f"{study.mark} {study.id}".strip(),
            column_labels=[_shortened(column.label[language]) for column in kept.values()],
            version=STATA_VERSION,
            variable_value_labels=_value_labels(cells, kept, language),
            variable_format=formats,
        )
        noted = stata_writer.with_notes(written, _notes(study, language))
        around[file] = stata_writer.around(noted, listed, rows=len(table))
        yield file, around[file].before
    for block in stata_writer.packed(noted, listed, rows=len(table)):
        for file in languages:
            yield file, block
    for file in languages:
        yield file, around[file].after


def companion_name(name: str) -> str:
    """What the companion of a text column is called in Stata, cut where the name is too long."""
    return f"{name[: LONGEST_NAME - len(MISSING)]}{MISSING}"


def _stata_name(column: CleanColumn, table: pd.DataFrame, described: Sequence[CleanColumn]) -> str:
    """Name in the Stata file, empty for what is left out."""
    if column.role != "missing":
        if len(column.name) > LONGEST_NAME:
            name, most = column.name, LONGEST_NAME
            raise DataError.of(
                "more-characters", "shorten-id-variable", STATA_FILE, name=name, longest_name=most
            )
        return column.name
    of = next((other for other in described if other.name == column.of), None)
    lossy = of is None or of.storage == "string"
    return companion_name(column.of) if lossy and table[column.name].notna().any() else ""


def _cells(name: str, table: pd.DataFrame, stata_format: str) -> stata_writer.Cells | None:
    """Cells of a column; its text is let go of, for that of all columns is a second panel."""
    written = _writable(table[name], stata_format)
    if written.dtype != float:
        return stata_writer.texts(written)
    companion = f"{name}{MISSING}"
    return stata_writer.numbers(written, table[companion] if companion in table.columns else None)


def _writable(column: pd.Series, stata_format: str) -> pd.Series:
    """A column as doubles (dates counted from 1960) or as text without missing cells."""
    if stata_format:
        since = (column.to_numpy().astype("datetime64[ms]") - DAY_ZERO).astype("timedelta64[ms]")
        numbers = np.where(np.isnat(since), np.nan, since.astype("int64").astype(float))
        return pd.Series(numbers / (DAY if stata_format == "%td" else 1))
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    return column.astype("str").fillna("")


def _shortened(text: str) -> str:
    """A label as long as Stata allows; what was cut shows an ellipsis at its end."""
    if len(text) <= LONGEST_LABEL:
        return text
    return text[: LONGEST_LABEL - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _value_labels(
    cells: Mapping[str, stata_writer.Cells | None], kept: dict[str, CleanColumn], language: str
) -> dict[str, dict[float, str]]:
    """Labels of number codes; Stata labels whole numbers only."""
    return {
        name: {float(value): label[language] for value, label in column.codes}
        for name, column in kept.items()
        if column.storage == "integer"
        and column.codes
        and isinstance(cells[name], stata_writer.Numbers)
    }


def _notes(study: Study, language: str) -> list[str]:
    """What a reader of the file alone must know: the mark, the terms, the missing values."""
    kinds = stata_writer.letters(language)
    missing = wording("clean-column.missing", language, kinds=kinds, column=f"x{MISSING}")
    said = (file_metadata.title, file_metadata.description, file_metadata.access)
    return [*(text(study)[language] for text in said), missing]


def _written(frame: pd.DataFrame, **options: Any) -> bytes:
    """Bytes of a Stata file. The library writes to a path only, hence the temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / STATA_FILE
        pyreadstat.write_dta(frame, path, **options)
        return stata.fixed_time(path.read_bytes())


# the list of clusters is left out: it names every place
TABLES = ("panel", "analysis", "series")
STATA = {STATA_FILE: "en", "panel_es.dta": "es"}
CODEBOOK, PACKAGE, DDI = "codebook.csv", "datapackage.json", "ddi.xml"


def clean_files(
    tables: Mapping[str, pd.DataFrame], dictionary: Dictionary, plan: Plan, study: Study
) -> Iterator[Part]:
    """Make every file but the codebook and the package that lists them all.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Clean tables by name; those of ``TABLES`` become files.
    dictionary, plan, study
        What was declared.

    Yields
    ------
    str, bytes-like
        A file's name and its next bytes.

    Raises
    ------
    DataError
        A name is too long for Stata, or a text would be a formula in a spreadsheet.
    """
    kept = {name: tables[name] for name in TABLES if name in tables}
    for name, table in kept.items():
        yield from csv_parts(table, dictionary, name=f"{name}.csv")
    yield from stata_parts(kept["panel"], dictionary, plan, study, languages=STATA)
    yield DDI, ddi(kept, dictionary, plan, study)
