"""A count of people or places in words that keep to the disclosure rule.

Tables, sentences and the reasons of what is not available say a count by the same function, so that
none prints what another withholds.
"""

from typing import Self

from evaluation.locale.messages import Message, Plain, message


def is_below(n: float, least: int) -> bool:
    """Whether a count, or a difference of two, is of too few; nobody is not about anybody."""
    return 0 < abs(n) < least


def said(n: int, least: int) -> str | Message:
    """A count as a message holds it.

    Parameters
    ----------
    n : int
        People, interviews or clusters.
    least : int
        The study's least number of them that may be published.
    """
    return message("fewer-than", least=Plain(least)) if is_below(n, least) else f"{n}"


class Withheld(float):
    """A number that the disclosure rule took out: not a number, and so is what is made from it.

    Cells and sentences know it and say that it is suppressed; arithmetic hands it on.
    """

    __slots__ = ()

    def __new__(cls) -> Self:
        """There is one."""
        return super().__new__(cls, "nan")

    def _itself(self, *_: object) -> "Withheld":
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _itself
    __truediv__ = __rtruediv__ = __neg__ = __abs__ = __round__ = _itself  # type: ignore[assignment]


WITHHELD = Withheld()
# a withheld count of which it may be said that it is below the least
FEW = Withheld()


def is_withheld(n: float) -> bool:
    """Whether the disclosure rule took a number out."""
    return isinstance(n, Withheld)
