"""Whether two engines found the same: nothing is timed that does not agree.

Estimates and standard errors agree to the digits of the less exact of the two; a p-value or a
simulated standard deviation within four errors of the simulation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

# Errors of a simulation by which two p-values may differ; by chance alone about one pair in
# sixteen thousand does.
ERRORS = 4.0


@dataclass(frozen=True, slots=True)
class Found:
    """Numbers of one engine, its digits, and the draws behind what it simulated."""

    engine: str
    values: Mapping[str, float]
    digits: float
    draws: int


class DisagreementError(Exception):
    """Two engines found different numbers, or cannot be compared."""


def check(task: str, found: Sequence[Found]) -> dict[str, float]:
    """Compare all engines of a task in pairs.

    Returns
    -------
    dict of str to float
        By engine, the largest difference from any other as a share of what is allowed.

    Raises
    ------
    DisagreementError
        A number differs by more, or an engine has no number that another one has.
    """
    share: dict[str, float] = {}
    for one, other in combinations(found, 2):
        for name in sorted(set(one.values) & set(other.values)):
            part = difference(name, one, other)
            if not part <= 1.0:
                raise DisagreementError(
                    f"{task}: {name} is {one.values[name]:.12g} by {one.engine} and"
                    f" {other.values[name]:.12g} by {other.engine}"
                )
            for engine in (one.engine, other.engine):
                share[engine] = max(share.get(engine, 0.0), part)
    alone = [each.engine for each in found if each.engine not in share]
    if alone and len(found) > 1:
        raise DisagreementError(f"{task}: {alone[0]} has no number to compare with another's")
    return share


def difference(name: str, one: Found, other: Found) -> float:
    """Difference of one number as a share of what is allowed."""
    left, right = one.values[name], other.values[name]
    if name.startswith("p."):
        return abs(left - right) / _p_value(left, right, one.draws, other.draws)
    if name == "sd":
        # the standard error of a standard deviation from S draws is 1/sqrt(2 S) of it
        allowed = ERRORS * (0.5 / one.draws + 0.5 / other.draws) ** 0.5
        return abs(left / right - 1.0) / allowed
    allowed = max(one.digits, other.digits) * max(abs(left), abs(right))
    return abs(left - right) / allowed if allowed else 0.0


def _p_value(left: float, right: float, one: int, other: int) -> float:
    """Four errors of a difference of two simulated p-values, and the one draw that some add."""
    fewest = min(one, other)
    p = min(max((left + right) / 2.0, 1.0 / fewest), 1.0 - 1.0 / fewest)
    return ERRORS * (p * (1.0 - p) * (1.0 / one + 1.0 / other)) ** 0.5 + 1.0 / fewest
