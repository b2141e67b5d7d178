"""What is confidential: counts of few people, and sensitive answers.

Tables, sentences and the reasons of what is not available say a count by the same function, so that
none prints what another withholds.

Who was asked how often he was threatened said that he was threatened: the number of people in a
cell of the second item tells the first. So the rules of the first hold for the second.
"""

import dataclasses
from collections.abc import Mapping
from typing import Self

from evaluation.config.dictionary import Variable
from evaluation.config.plan import Plan
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


SENSITIVE = "sensitive"


def sensitive_variables(variables: Mapping[str, Variable]) -> frozenset[str]:
    """Variables classed as sensitive, and those asked by the answer to one of them.

    Parameters
    ----------
    variables : mapping of str to Variable
        Of the dictionary.

    Returns
    -------
    frozenset of str
        Of items asked by the answer to an item that is asked so itself, too.
    """
    found = {name for name, v in variables.items() if v.personal == SENSITIVE}
    led_to = {name: v.asked_if.variable for name, v in variables.items() if v.asked_if is not None}
    while more := {name for name, by in led_to.items() if by in found} - found:
        found |= more
    return frozenset(found)


def with_sensitive_outcomes(plan: Plan, variables: Mapping[str, Variable]) -> Plan:
    """The plan, in which an outcome is sensitive where who has a value tells a sensitive answer.

    Parameters
    ----------
    plan : Plan
        As declared. What it declares sensitive stays so; an outcome of an item that is sensitive
        itself is what the plan says.
    variables : mapping of str to Variable
        Of the dictionary.
    """
    classed = {name for name, v in variables.items() if v.personal == SENSITIVE}
    telling = sensitive_variables(variables) - classed
    if not telling:
        return plan
    outcomes = []
    for outcome in plan.outcome:  # an outcome may use one declared above it
        if any(item.name in telling for item in outcome.items):
            telling |= {outcome.id}
            outcomes.append(dataclasses.replace(outcome, sensitive=True))
        else:
            outcomes.append(outcome)
    return dataclasses.replace(plan, outcome=tuple(outcomes))
