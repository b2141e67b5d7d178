"""How exhibits print numbers: what the disclosure rule took out, intervals, shares, dates."""

import datetime
import math
from collections.abc import Sequence

from babel import dates

from evaluation.config.confidentiality import Withheld
from evaluation.errors import ReportError
from evaluation.locale import numbers
from evaluation.locale.messages import Message, message, several, wording

# decimals more for a bound that would print as zero and is none
MOST_MORE = 2
NO_BREAK = "\N{NO-BREAK SPACE}"


def plain(value: float, decimals: int, language: str = "en") -> str:
    """A number with thousands separators, e.g. ``1,234.50``; ``unbounded`` for an infinity.

    ``suppressed`` for one that the disclosure rule took out.

    Raises
    ------
    ReportError
        Not a number: an exhibit never prints one, so a reason was lost on the way.
    """
    if isinstance(value, Withheld):
        return wording("cell.suppressed", language)
    if math.isnan(value):
        raise _unprintable(message("quantity-not.problem"))
    return numbers.plain(value, decimals, language)


def signed(value: float, decimals: int, language: str = "en") -> str:
    """Like :func:`plain` with a plus sign before positive numbers that do not print as zero."""
    shown = plain(value, decimals, language)
    return (
        shown if value <= 0 or math.isinf(value) or numbers.prints_as_zero(shown) else f"+{shown}"
    )


def apart(value: float, beside: float | None, decimals: int) -> int:
    """Decimals for two numbers side by side: one more where they differ and print the same."""
    if beside is None or not (math.isfinite(value) and math.isfinite(beside)):
        return decimals
    return decimals + (value != beside and plain(value, decimals) == plain(beside, decimals))


def of_ends(low: float, high: float, decimals: int) -> int:
    """Decimals for the ends of an interval: so many that one on one side of zero shows no zero.

    Parameters
    ----------
    low, high : float
    decimals : int
        Of other intervals; also where `MOST_MORE` further ones would not be enough.
    """
    if not (low > 0 or high < 0):
        return decimals
    nearest = low if low > 0 else -high
    enough = (
        decimals + more
        for more in range(MOST_MORE + 1)
        if not numbers.prints_as_zero(f"{nearest:.{decimals + more}f}")
    )
    return next(enough, decimals)


def count(value: int | Withheld, language: str = "en") -> str:
    """A whole number with thousands separators."""
    if isinstance(value, Withheld):
        return wording("cell.suppressed", language)
    return numbers.count(value, language)


def shortest(value: float, language: str = "en") -> str:
    """A number of the configuration with the digits it was written with, e.g. ``0.1``."""
    return numbers.marks(f"{value:g}", language)


def p_value(value: float, language: str = "en") -> str:
    """Three decimals, ``<0.001`` below that; 1 is printed only for exactly 1.

    Raises
    ------
    ReportError
        Outside [0, 1].
    """
    if isinstance(value, Withheld):
        return wording("cell.suppressed", language)
    if not 0 <= value <= 1:
        raise _unprintable(message("value-not-between.problem"))
    return numbers.p_value(value, language)


def interval(low: float, high: float, decimals: int, language: str = "en") -> str:
    """``+0.05 to +0.24``; an infinite bound is spelt out, and decimals are those of `of_ends`."""
    decimals = of_ends(low, high, decimals)
    if math.isinf(low) and math.isinf(high):
        return wording("format.both-sides", language)
    if math.isinf(low):
        return wording("format.at-most", language, value=signed(high, decimals, language))
    if math.isinf(high):
        return wording("format.at-least", language, value=signed(low, decimals, language))
    first, last = (signed(bound, decimals, language) for bound in (low, high))
    return wording("format.range", language, low=first, high=last)


def span(values: Sequence[int], language: str) -> str:
    """From which to which number, or the one that all are.

    Parameters
    ----------
    values : sequence of int
        At least one.
    language : {"en", "es"}
    """
    low, high = (count(x, language) for x in (min(values), max(values)))
    return low if low == high else wording("format.range", language, low=low, high=high)


def percent(level: float, language: str = "en") -> str:
    """A share such as a confidence level: ``95%``, in Spanish ``95 %``."""
    return with_percent(shortest(100 * level, language), language)


def share(value: float, decimals: int, language: str) -> str:
    """A share between 0 and 1 in percent, with so many decimals: ``12.5%``, ``12,5 %``."""
    return with_percent(plain(100 * value, decimals, language), language)


def with_percent(shown: str, language: str) -> str:
    """A printed number with its percent sign, which stands apart in Spanish.

    Parameters
    ----------
    shown : str
    language : {"en", "es"}
    """
    return f"{shown}{'' if language == 'en' else NO_BREAK}%"


def listed(parts: Sequence[str], language: str = "en") -> str:
    """Words in a row: ``a, b and c``; Spanish says ``e`` before the sound of an i."""
    return several(parts, "and").text(language)


def quoted(text: str, language: str = "en") -> str:
    """Words in the language's quotation marks."""
    return wording("format.quoted", language, quoted=text)


def date(value: datetime.date, language: str) -> str:
    """A day: ``2021-05-03``, in Spanish ``3 de mayo de 2021``."""
    if language == "en":
        return value.isoformat()
    return dates.format_date(value, "long", locale=language)


def short_hash(digest: str) -> str:
    """First twelve characters of a hash, enough to compare by eye."""
    return digest[:12]


def coded(code: str, version: str) -> str:
    """The code of an exhibit with the version, as one says it: ``SC-T03 v1.2``; else nothing.

    The version is the package's. Code, plan and exhibits of a study are released together; footer,
    change log and release carry the same number, and what differs between two states of the data
    shows in the data hash. A last part of three that is zero is not said.
    """
    short = version.removesuffix(".0") if version.count(".") > 1 else version
    return f"{code} v{short}" if code else ""


def _unprintable(problem: Message) -> ReportError:
    return ReportError(
        problem,
        where="result records",
        fix=message("unprintable-number.fix"),
        rule="unprintable-number",
    )
