"""Where in a workbook something stands, in the language of who reads it."""

import re

# as the readers of workbooks write it: book.xlsx: sheet name, row 4, column reason
ROW = re.compile(r": sheet (.+?), row (\d+)(?:(, )column (?=.))?")
SHEET = re.compile(r": sheet (?=[^,]+$)")


def place_in_language(text: str, language: str) -> str:
    """A place, or a message that names one, with the words for sheet, row and column put over.

    Parameters
    ----------
    text : str
        As an error names it; places of another kind stay as they are.
    language : {"en", "es"}
    """
    if language != "es":
        return text
    said = ROW.sub(lambda m: f": hoja {m[1]}, fila {m[2]}{', columna ' if m[3] else ''}", text)
    return SHEET.sub(": hoja ", said)
