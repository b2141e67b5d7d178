"""Cells that a spreadsheet program may have rewritten, read back: days, lines, ids, new values.

A spreadsheet in Colombia writes ``3,5`` for 3.5, ``4/3/2025`` or 45720 for the 4 March 2025,
``1,23E+05`` for 123456, VERDADERO for true, and drops zeros in front. What can be read in one way
only is read so; the rest is refused with the fix.
"""

import datetime
import re
import string
from dataclasses import dataclass
from decimal import Decimal

from evaluation.config.file_layout import DateForm
from evaluation.data.readers.sheets import SheetCell
from evaluation.fieldwork.dictionary_cells import CellError
from evaluation.fieldwork.office_rows import folded, is_blank_word
from evaluation.locale.messages import message

# day 0 of spreadsheets; the leap day of 1900 that they invented lies before every survey
DAY_ZERO = datetime.date(1899, 12, 30)
SERIAL = re.compile(r"([2-7]\d{4})(?:[.,]\d+)?", re.ASCII)
ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ][\d:.]+)?", re.ASCII)
DAY_FIRST = re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})(?: [\d:.]+)?", re.ASCII)
NUMBER = re.compile(r"[+-]?\d+(?:[.,](?P<part>\d+))?(?:[eE](?P<power>[+-]?\d{1,3}))?", re.ASCII)
WITH_PART = re.compile(r"[+-]?\d+[.,]\d+", re.ASCII)
NO_PART = re.compile(r"([+-]?\d+)[.,]0+", re.ASCII)
EXPONENT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d{1,3}", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+", re.ASCII)
GROUPS = re.compile(r"[.,'\u00a0\u202f ]")
UNSEEN = "\u00a0\u200b\u2060\ufeff"
# a spreadsheet number has 15 digits
MOST_DIGITS = 15
LOGICAL = {"true": True, "verdadero": True, "false": False, "falso": False}
AS_TEXT = message("set-cell-format.problem")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCell:
    """The cell of a raw file that gets a new value.

    Attributes
    ----------
    type : str
        Of its variable; text where the dictionary does not know the column.
    allowed : tuple of str
        Codes and missing codes of its column.
    present : frozenset of str
        Texts that the column holds.
    decimal, date : str
        How the file writes numbers and days.
    """

    type: str
    allowed: tuple[str, ...]
    present: frozenset[str]
    decimal: str
    date: DateForm


def bare(cell: SheetCell) -> str:
    """Text of a cell without blanks at its ends; a line end inside becomes a blank.

    Raises
    ------
    CellError
        The cell holds a formula or an error value.
    """
    if cell.kind in ("formula", "error"):
        raise CellError(f"cell-holds-{cell.kind}.problem", AS_TEXT)
    return trimmed(" ".join(cell.text.splitlines()))


def trimmed(text: str) -> str:
    """A text without blanks at its ends, those included that nobody sees."""
    return text.strip(f"{string.whitespace}{UNSEEN}")


def whole(cell: SheetCell) -> int:
    """A line or group number: 1066, 1066,0 or 1.066.

    Raises
    ------
    CellError
        It is none.
    """
    text = bare(cell)
    grouped = GROUPED.fullmatch(text) and cell.kind != "number"
    text = GROUPS.sub("", text) if grouped else _without_part(text)
    if not (text.isascii() and text.isdecimal()):
        raise CellError("cell-not-whole", "write-workbook.problem")
    return int(text)


def day(cell: SheetCell) -> str:
    """A day as ``2025-03-31``: from that, from 31/3/2025, or from a spreadsheet's number.

    Raises
    ------
    CellError
        It is no day, or could be two.
    """
    text = bare(cell)
    if found := ISO.fullmatch(text) or DAY_FIRST.fullmatch(text):
        try:
            return datetime.date(*(int(found[part]) for part in ("y", "m", "d"))).isoformat()
        except ValueError:
            raise CellError("cell-no-day", "write-day-month.problem") from None
    if found := SERIAL.fullmatch(text):
        return (DAY_ZERO + datetime.timedelta(days=int(found[1]))).isoformat()
    raise CellError("cell-not-day", "write-like.problem")


def is_same(text: str, known: str) -> bool:
    """Whether a text is what a spreadsheet may have made of a known one.

    Zeros lost in front, digits lost to an exponent or beyond the fifteenth, thousands marked, a
    logical value in another language.
    """
    if text == known:
        return True
    if folded(text) in LOGICAL:
        return LOGICAL.get(folded(known)) == LOGICAL[folded(text)]
    if not NUMBER.fullmatch(known):
        return False
    if GROUPED.fullmatch(text) and _number(GROUPS.sub("", text))[0] == _number(known)[0]:
        return True
    if not NUMBER.fullmatch(text):
        return False
    (shown, unit), (true, _) = _number(text), _number(known)
    return abs(shown - true) <= unit / 2 if unit else shown == true


def _number(text: str) -> tuple[Decimal, Decimal]:
    """The number, and the unit of the last digit that is to be trusted (0: every digit is)."""
    found = NUMBER.fullmatch(text)
    value = Decimal(text.replace(",", "."))
    if found is None or not value:
        return value, Decimal(0)
    if found["power"] is not None:
        return value, Decimal(1).scaleb(int(found["power"]) - len(found["part"] or ""))
    excess = value.adjusted() + 1 - MOST_DIGITS
    # the sixteenth digit and all after it are zeros in a spreadsheet: cut, not rounded
    return value, Decimal(2).scaleb(excess) if excess > 0 else Decimal(0)


def restored(cell: SheetCell, target: RawCell) -> str:
    """A new value as the raw file would write it.

    Raises
    ------
    CellError
        The cell is empty, or a spreadsheet changed it so that it can be read in two ways.
    """
    text = bare(cell)
    if not text:
        raise CellError("new-value-empty", "write-cell-shall.problem")
    if is_blank_word(text):
        return ""
    if cell.kind == "text" and text in target.allowed:
        return text
    if cell.kind == "logical" or folded(text) in LOGICAL:
        return _logical(text, cell, target)
    if target.type in ("date", "datetime"):
        return _moment(cell, target)
    if cell.kind == "date":
        raise CellError("spreadsheet-made", AS_TEXT)
    digits = sum(letter.isdecimal() for letter in text)
    if EXPONENT.fullmatch(text) or (cell.kind == "number" and digits > MOST_DIGITS):
        raise CellError("spreadsheet-shortened-number", AS_TEXT)
    if target.type in ("count", "number"):
        return _quantity(text, cell, target)
    if target.allowed:
        return _code(text, target)
    return _identifier(text, target) if target.type == "id" else text


def _logical(text: str, cell: SheetCell, target: RawCell) -> str:
    if cell.kind == "text" and text in target.present:
        return text
    means = LOGICAL[folded(text)]
    forms = {t for t in (*target.allowed, *target.present) if LOGICAL.get(folded(t)) == means}
    if len(forms) != 1:
        raise CellError("cell-is-logical", AS_TEXT)
    return forms.pop()


def _moment(cell: SheetCell, target: RawCell) -> str:
    # with all its zeros, which every system can write
    text, pattern = bare(cell), target.date.replace("%-", "%")
    if target.type == "datetime" and cell.kind not in ("date", "number"):
        return text
    if target.type == "date":
        return f"{datetime.date.fromisoformat(day(cell)):{pattern}}"
    try:
        return f"{datetime.datetime.fromisoformat(text):{pattern} %H:%M:%S}"
    except ValueError:
        raise CellError("cell-not-moment", AS_TEXT) from None


def _quantity(text: str, cell: SheetCell, target: RawCell) -> str:
    # 12.000 is twelve thousand to one reader and twelve to the other
    if cell.kind != "number" and GROUPED.fullmatch(text):
        raise CellError("number-may-mark", "write-without.problem")
    if WITH_PART.fullmatch(_without_part(text)):
        return text.replace(",", ".").replace(".", target.decimal)
    return _without_part(text)


def _without_part(text: str) -> str:
    """12,0 as 12; all else as it is."""
    return NO_PART.sub(r"\1", text) if NO_PART.fullmatch(text) else text


def _code(text: str, target: RawCell) -> str:
    code = _without_part(text)
    if code in target.allowed:
        return code
    alike = {known for known in target.allowed if is_same(code, known)}
    return alike.pop() if len(alike) == 1 else text


def _identifier(text: str, target: RawCell) -> str:
    plain = _without_part(text)
    digits = [t for t in target.present if t.isdecimal()]
    shortest = min((len(t) for t in digits), default=0)
    if plain.isdecimal() and len(plain) < shortest and any(t.startswith("0") for t in digits):
        raise CellError("id-digits-those", AS_TEXT, n=len(plain), shortest=shortest)
    return plain
