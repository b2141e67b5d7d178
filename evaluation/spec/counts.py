"""A count of people or places in words that keep to the disclosure rule.

Tables, sentences and the reasons of what is not available say a count by the same function, so that
none prints what another withholds.
"""

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
