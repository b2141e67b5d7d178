"""A count of people or places in words that keep to the disclosure rule.

Tables, sentences and the reasons of what is not available say a count by the same function, so that
none prints what another withholds.
"""


def is_below(n: float, least: int) -> bool:
    """Whether a count, or a difference of two, is of too few; nobody is not about anybody."""
    return 0 < abs(n) < least


def below(least: int) -> str:
    """The words, in English, in place of a count that is below the least that may be said."""
    return f"fewer than {least}"


def said(n: int, least: int) -> str:
    """A count as an English message holds it.

    Parameters
    ----------
    n : int
        People, interviews or clusters.
    least : int
        The study's least number of them that may be published.
    """
    return below(least) if is_below(n, least) else f"{n}"
