"""What a spreadsheet program would run as a formula: one answer for all that is written as CSV."""

import re

# the signs that begin a formula, and their full-width forms
SIGNS = "=+@＝＋－＠-"
# a program may skip blanks, tabs, line ends and what nobody sees before the sign; a tab or a line
# end at the start moves the rest to a cell of its own
START = re.compile(f"[\t\r\n]|[\\s\u200b-\u200f\u2060\ufeff]*[{SIGNS}]")


def is_active(text: str) -> bool:
    """Whether a spreadsheet program may take the text for a formula."""
    return START.match(text) is not None


def inert(text: str) -> str:
    """A cell that is only looked at: an apostrophe stands before what may be a formula."""
    return f"'{text}" if is_active(text) else text


# what a spreadsheet takes for a number, whatever its sign
NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:[eE][-+]?\d+)?")
APOSTROPHE = "'"


def guarded(text: str) -> str:
    """A cell of a CSV file as text: an apostrophe before what a spreadsheet program would run.

    :func:`unguarded` gives every text back as it was.
    """
    return f"{APOSTROPHE}{text}" if _would_run(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell that :func:`guarded` made."""
    is_guarded = cell.startswith(APOSTROPHE) and _would_run(cell[1:])
    return cell[1:] if is_guarded else cell


def _would_run(text: str) -> bool:
    # behind apostrophes of its own too: a text that begins with one must come back with it
    bare = text.lstrip(APOSTROPHE)
    return is_active(bare) and NUMBER.fullmatch(bare) is None
