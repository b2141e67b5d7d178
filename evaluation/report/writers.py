"""A table in the formats that people cite from. Same table, same bytes, whoever writes it and when.

One module a format; each makes bytes from a table alone. The mark of invented data and the citation
are in every one of them.
"""

from collections.abc import Callable, Mapping

from evaluation.report.table import Table
from evaluation.report.write_csv import to_csv
from evaluation.report.write_docx import to_docx
from evaluation.report.write_html import to_html
from evaluation.report.write_latex import to_latex
from evaluation.report.write_markdown import to_markdown
from evaluation.report.write_xlsx import to_workbook, to_xlsx

__all__ = ["FORMATS", "TYPES", "to_csv", "to_docx", "to_html", "to_latex", "to_markdown"]
__all__ += ["to_workbook", "to_xlsx"]

# By the ending of the file, in the order in which they are offered.
FORMATS: Mapping[str, Callable[[Table], bytes]] = {
    "csv": to_csv,
    "xlsx": to_xlsx,
    "docx": to_docx,
    "tex": to_latex,
    "html": to_html,
    "md": to_markdown,
}
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES: Mapping[str, str] = {
    "csv": "text/csv",
    "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "docx": f"{OFFICE}.wordprocessingml.document",
    "tex": "application/x-tex",
    "html": "text/html",
    "md": "text/markdown",
    "svg": "image/svg+xml",
    "png": "image/png",
}
