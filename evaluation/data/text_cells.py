"""Numbers and days that a workbook holds as text: how a person may declare them, on what evidence.

The reader itself guesses nothing: without a declaration such a cell is a flaw that says so.
"""

from dataclasses import replace
from typing import Any

from evaluation.data import dialect_evidence, workbook
from evaluation.data.delivered import Delivered
from evaluation.data.dialect_evidence import COMMA, SLASHED, Guess
from evaluation.data.finding import LINE
from evaluation.locale.messages import message
from evaluation.spec.dictionary import Cell, Problem
from evaluation.spec.manifest import RawFile, TextCells

COMMAS = message("where-office-writes.mend")
DAYS = message("where-office.mend")


def declarable(cell: Cell | Problem, text: str) -> Cell | Problem:
    """A flaw of a workbook's cell, with the mend that a declaration would be, if it would be one.

    Parameters
    ----------
    cell : Cell or Problem
        What the dictionary says of a text of a workbook.
    text : str
        The text.
    """
    if not isinstance(cell, Problem):
        return cell
    if cell.rule == "not-a-number" and COMMA.fullmatch(text):
        return replace(cell, mend=COMMAS)
    if cell.rule == "not-a-date" and SLASHED.fullmatch(text):
        return replace(cell, mend=DAYS)
    return cell


def examine(table: Delivered) -> dict[str, Guess]:
    """What text cells say of ``text_cells``; empty where numbers and days need no declaration.

    Parameters
    ----------
    table : Delivered
        A sheet as it was read without a declaration.
    """
    numbers: list[str] = []
    days: list[str] = []
    for name in (str(name) for name in table.frame.columns if name != LINE):
        texts = table.frame[name].tolist()
        # beside cells that are numbers, only a comma tells which are texts
        numbers += [t for t in texts if COMMA.fullmatch(t)] if name in table.numbers else texts
        # days in ISO form are days of the workbook, which are written as declared
        days += [t for t in texts if SLASHED.fullmatch(t)]
    most = dialect_evidence.LOOKED_AT
    mark, day = dialect_evidence.decimal(numbers[:most]), dialect_evidence.date(days[:most])
    if mark.value == "." and not days:
        return {}
    return {"decimal": mark, "date": day} if days else {"decimal": mark}


def read_as_seen(data: bytes, file: RawFile) -> tuple[Delivered, dict[str, Guess]]:
    """Read a sheet as its own text cells suggest, for a draft; and what they suggest.

    Parameters
    ----------
    data : bytes
        The workbook.
    file : RawFile
        A bare entry with a sheet.

    Raises
    ------
    DataError
        As the reader of workbooks.
    """
    table = workbook.read(data, file)
    guesses = examine(table)
    if not guesses:
        return table, guesses
    values: dict[str, Any] = {key: guess.value for key, guess in guesses.items()}
    # again: numbers that the workbook holds as such are then written like the others
    return workbook.read(data, replace(file, text_cells=TextCells(**values))), guesses
