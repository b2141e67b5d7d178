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
