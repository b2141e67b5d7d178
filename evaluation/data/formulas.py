"""Text that a spreadsheet program would run as a formula when it opens a CSV file.

Clean files hold codes, labels from the configuration and short texts of the design, none of which
begins with such a sign. One that does is refused, with its column, and never changed: a cell with
a mark before it would no longer be the cell that was delivered. Numbers below zero are numbers.
"""

from collections.abc import Iterable

import pandas as pd

from evaluation.errors import DataError
from evaluation.locale.messages import message
from evaluation.spec import formulas

RULE = "formula"
is_active = formulas.is_active


def check_table(table: pd.DataFrame, *, where: str) -> None:
    """Refuse a table whose text cells or column names begin like a formula.

    Parameters
    ----------
    table : DataFrame
        What is to be written as CSV.
    where : str
        The file's name, for the message.

    Raises
    ------
    DataError
        Names the columns and how many cells each; never a cell.
    """
    found = {
        str(name): count
        for name in table.columns
        if (count := _active_cells(table[name]) + is_active(str(name)))
    }
    if found:
        raise _refused(", ".join(f"{name} ({count})" for name, count in found.items()), where)


def check_texts(texts: Iterable[tuple[str, str]], *, where: str) -> None:
    """Refuse words of the configuration that begin like a formula.

    Parameters
    ----------
    texts : iterable of (str, str)
        What each text is (``question_en of t1``), and the text.
    where : str
        The file's name, for the message.

    Raises
    ------
    DataError
        Names the texts.
    """
    found = [name for name, text in texts if is_active(text)]
    if found:
        raise _refused(", ".join(found), where)


def _active_cells(column: pd.Series) -> int:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_dtype(column):
        return 0
    # each distinct text once: a survey has few
    active = [cell for cell in column.unique() if isinstance(cell, str) and is_active(cell)]
    return int(column.isin(active).sum()) if active else 0


def _refused(names: str, where: str) -> DataError:
    return DataError(
        message("text-spreadsheet.problem", names=names),
        where=where,
        mend=message("begin-text-letter.mend"),
        rule=RULE,
    )
