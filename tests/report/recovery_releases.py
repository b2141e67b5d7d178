"""Attempts on two releases that differ by one interview: each estimate's change is an answer.

Who was interviewed in a treated place at the endline raises an effect by a 1 and lowers it by a 0.
Withdrawn, the signs turn round: where the later estimate is lower the answer was 1.
"""

from collections.abc import Mapping


def answers(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, int]:
    """Answers of the withdrawn person to questions of yes and no, by outcome.

    Parameters
    ----------
    before, after : mapping of str to float
        Estimates of both releases, as published; where they are alike nothing is told.
    """
    return {name: int(after[name] < before[name]) for name in before if after[name] != before[name]}
