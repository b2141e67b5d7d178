"""Codes that a spreadsheet has shortened: 5045 for 05045. Told as a question, never repaired."""

import re
from collections.abc import Iterable, Mapping

# Excel also writes whole numbers as 5045.0 when they pass through a number's column
DIGITS = re.compile(r"(\d{1,15})(?:\.0+)?", re.ASCII)
ZERO_LED = re.compile(r"0\d{1,14}", re.ASCII)


def lost_zeros(values: Iterable[object], codes: Iterable[object]) -> dict[str, str]:
    """Values that are no code, and the code that each would be with zeros in front.

    Parameters
    ----------
    values, codes : iterable
        Cells of a file, and the codes they should be. What has other letters than digits is left
        out, and so is a value that two codes would fit.

    Returns
    -------
    dict of str to str
        Code by value, sorted by value.
    """
    known = {str(code) for code in codes}
    bare: dict[str, set[str]] = {}
    for code in filter(ZERO_LED.fullmatch, known):
        bare.setdefault(_bare(code), set()).add(code)
    # what is no number, and zeros alone, are nobody's short form
    bare.pop("", None)
    found = {}
    for value in sorted({str(value) for value in values} - known):
        fitting = bare.get(_bare(value), set())
        if len(fitting) == 1:
            found[value] = next(iter(fitting))
    return found


def example(pairs: Mapping[str, str]) -> tuple[str, str]:
    """The first value and code, by which the loss is shown; the same for every row of a file."""
    return next(iter(pairs.items()))


def _bare(text: str) -> str:
    """Digits without zeros in front; empty where there are none."""
    match = DIGITS.fullmatch(text)
    return match[1].lstrip("0") if match else ""
