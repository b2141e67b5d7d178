"""Survey forms of a few rows, as workbooks in memory."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

from evaluation.fieldwork.drafting.dictionary_draft import Draft, draft_dictionary
from evaluation.fieldwork.drafting.xlsform import Form, read_form

Rows = Sequence[Sequence[Any]]
YES_NO = (("yn", "1", "Yes", "Sí"), ("yn", "2", "No", "No"))


def workbook(sheets: Mapping[str, Rows]) -> bytes:
    """A workbook as any program writes it: numbers as numbers, texts as texts."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def form_bytes(
    survey: Rows,
    choices: Rows = YES_NO,
    *,
    head: Sequence[str] = ("type", "name", "label::English (en)", "label::Español (es)"),
) -> bytes:
    """A form with a sheet of settings; ``head`` is the header of its survey sheet."""
    return workbook(
        {
            "survey": [head, *survey],
            "choices": [
                ("list_name", "name", "label::English (en)", "label::Español (es)"),
                *choices,
            ],
            "settings": [("form_id", "version"), ("small", 7)],
        }
    )


def form(survey: Rows, choices: Rows = YES_NO, **how: Any) -> Form:
    return read_form(form_bytes(survey, choices, **how), "small.xlsx")


def draft(survey: Rows, choices: Rows = YES_NO, *, server: str = "none", **how: Any) -> Draft:
    return draft_dictionary(form(survey, choices, **how), round_id="baseline", server=server)
