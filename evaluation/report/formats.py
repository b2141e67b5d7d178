"""How numbers are printed: true minus, never a negative zero, never p = 0."""

import math

from evaluation.errors import ReportError

MINUS = "\N{MINUS SIGN}"
SMALLEST_P = 0.001


def plain(value: float, decimals: int) -> str:
    """A number with thousands separators, e.g. ``1,234.50``; ``unbounded`` for an infinity.

    Raises
    ------
    ReportError
        Not a number: an exhibit never prints one, so a reason was lost on the way.
    """
    if math.isnan(value):
        raise _unprintable("a quantity is not a number")
    if math.isinf(value):
        return "unbounded"
    shown = f"{abs(value):,.{decimals}f}"
    is_zero = not any(digit in shown for digit in "123456789")
    return shown if value >= 0 or is_zero else MINUS + shown


def signed(value: float, decimals: int) -> str:
    """Like :func:`plain` with a plus sign before positive numbers that do not print as zero."""
    shown = plain(value, decimals)
    is_zero = not any(digit in shown for digit in "123456789")
    return shown if value <= 0 or is_zero or math.isinf(value) else f"+{shown}"


def count(value: int) -> str:
    """A whole number with thousands separators."""
    return f"{value:,d}"


def p_value(value: float) -> str:
    """Three decimals, ``<0.001`` below that; 1 is printed only for exactly 1.

    Raises
    ------
    ReportError
        Outside [0, 1].
    """
    if not 0 <= value <= 1:
        raise _unprintable("a p-value is not between 0 and 1")
    if value < SMALLEST_P:
        return f"<{SMALLEST_P}"
    return ">0.999" if 0.9995 <= value < 1 else f"{value:.3f}"


def interval(low: float, high: float, decimals: int) -> str:
    """``+0.05 to +0.24``; an infinite bound is spelt out."""
    if math.isinf(low) and math.isinf(high):
        return "unbounded on both sides"
    if math.isinf(low):
        return f"at most {signed(high, decimals)}"
    if math.isinf(high):
        return f"at least {signed(low, decimals)}"
    return f"{signed(low, decimals)} to {signed(high, decimals)}"


def percent(level: float) -> str:
    """A confidence level, e.g. ``95%``."""
    return f"{100 * level:g}%"


def short_hash(digest: str) -> str:
    """First twelve characters of a hash, enough to compare by eye."""
    return digest[:12]


def _unprintable(problem: str) -> ReportError:
    return ReportError(
        problem,
        where="result records",
        mend="a quantity that cannot be had is an Unavailable record with its reason",
        rule="unprintable-number",
    )
