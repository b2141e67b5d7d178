"""Workbooks in which no text can become a formula, a link or a number, alike on every writing."""

import datetime
import io

import xlsxwriter

# Widest column of text that is set without asking.
WIDEST = 60
CREATED = datetime.datetime(2000, 1, 1)
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def workbook(buffer: io.BytesIO, **properties: str) -> xlsxwriter.Workbook:
    """An empty workbook that is written to a buffer when it is closed.

    Parameters
    ----------
    buffer : BytesIO
    **properties : str
        Of the document: title, subject, comments, status. The creation date is fixed, so that the
        bytes depend on the content alone.
    """
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    book.set_properties({**properties, "created": CREATED})
    return book
