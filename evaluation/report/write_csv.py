"""A table as CSV: one header line, numbers at full precision, and what its rows must keep."""

from evaluation.report import download_words
from evaluation.report.table import Cell, Table
from evaluation.spec import formulas
from evaluation.spec.record_rows import csv_text


def to_csv(table: Table) -> bytes:
    """UTF-8, LF; one header line; numbers at full precision.

    In English cells stand between commas and decimals behind a point; in Spanish between
    semicolons and behind a comma, so that a double click opens the file in columns where a
    computer is set up for Colombia.

    The mark, the citation and the hashes of plan and data are columns: rows copied elsewhere keep
    them.

    A byte-order mark tells spreadsheet programs that it is UTF-8: people open these files.
    """
    grouped = any(row.group for row in table.rows)
    kept = {"plan_hash": table.plan_hash, "data_hash": table.data_hash}
    if table.citation:
        kept["citation"] = formulas.inert(table.citation)
    if table.mark:
        kept["synthetic"] = table.mark
    head = ["row", *(["group"] if grouped else []), *(c.id for c in table.columns)]
    rows = [[*head, *kept]]
    for row in table.rows:
        group = [formulas.inert(row.group)] if grouped else []
        cells = (_cell(c, table.language) for c in row.cells)
        rows.append([row.id, *group, *cells, *kept.values()])
    separator = download_words.SEPARATORS[table.language]
    return csv_text(rows, separator=separator).encode("utf-8-sig")


def _cell(cell: Cell, language: str) -> str:
    if cell.value is None:
        return formulas.inert("" if cell.kind == "none" else cell.text)
    return repr(cell.value).replace(".", download_words.DECIMALS[language])
