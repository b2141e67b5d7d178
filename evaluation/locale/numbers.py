"""Numbers as a language prints them: true minus, never a negative zero, never p = 0.

English writes ``1,234.5`` and Spanish, as Colombia does, ``1.234,5``.
"""

import math

from evaluation.locale.messages import MARKS, wording

MINUS = "\N{MINUS SIGN}"
SMALLEST_P = 0.001


def plain(value: float, decimals: int, language: str = "en") -> str:
    """A number with thousands separators, e.g. ``1,234.50``; ``unbounded`` for an infinity.

    Parameters
    ----------
    value : float
        Not a NaN: whoever prints decides what stands in the place of none.
    decimals : int
    language : {"en", "es"}
    """
    if math.isinf(value):
        return wording("format.unbounded", language)
    shown = f"{abs(value):,.{decimals}f}"
    lead = MINUS if value < 0 and not prints_as_zero(shown) else ""
    return lead + marks(shown, language)


def count(value: int, language: str = "en") -> str:
    """A whole number with thousands separators."""
    return marks(f"{value:,d}", language)


def p_value(value: float, language: str = "en") -> str:
    """Three decimals, ``<0.001`` below that; 1 is printed only for exactly 1.

    Parameters
    ----------
    value : float
        From 0 to 1.
    language : {"en", "es"}
    """
    if value < SMALLEST_P:
        return marks(f"<{SMALLEST_P}", language)
    return marks(">0.999" if 0.9995 <= value < 1 else f"{value:.3f}", language)


def prints_as_zero(shown: str) -> bool:
    """Whether all digits of a printed number are zeros."""
    return not any(digit in shown for digit in "123456789")


def marks(shown: str, language: str) -> str:
    """A number printed in English with the language's marks of thousands and decimals."""
    return shown.translate(MARKS[language])
