"""What tells a sensitive answer: the item itself, and an item that only some answers lead to.

Who was asked how often he was threatened said that he was threatened: the number of people in a
cell of the second item tells the first. So the rules of the first hold for the second.
"""

import dataclasses
from collections.abc import Mapping

from evaluation.spec.dictionary import Variable
from evaluation.spec.plan import Plan

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
