"""What a programme declares beside its results: targets of its indicators, and its costs.

Both stand in ``exhibits.toml``, because they decide no estimate: a changed target or cost makes
new exhibits and nothing else.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.errors import SpecError
from evaluation.locale.messages import Message, message
from evaluation.spec import load
from evaluation.spec.load import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """Target of an outcome: what the programme wanted the treatment group to reach at endline.

    Attributes
    ----------
    outcome : str
        Outcome of the plan.
    target : float
        Level aimed at, in the unit of the outcome's levels: per cent for shares.
    source : Text
        Who set it, and where it can be read.
    """

    outcome: str
    target: float
    source: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the programme cost.

    Attributes
    ----------
    amount : float
        Whole cost, positive, in ``currency`` of ``year``.
    currency : str
        Code of the currency: COP, USD.
    residents : int
        People who live in the places of the treatment group.
    participants : int
        People who took part.
    covers, source : Text
        What is in the amount and what is not; who says so.
    """

    amount: float
    currency: str
    year: int
    residents: int
    participants: int
    covers: Text
    source: Text


def check_programme(
    indicators: Sequence[Indicator], costs: Costs | None, *, outcomes: Sequence[str], where: str
) -> None:
    """Check targets and costs.

    Parameters
    ----------
    indicators : sequence of Indicator
    costs : Costs or None
    outcomes : sequence of str
        Ids of the plan's outcomes.
    where : str
        Name of the file, for messages.

    Raises
    ------
    SpecError
        A target of no outcome or a second one of the same; a number that cannot be; more
        participants than residents.
    """
    load.unique((i.outcome for i in indicators), what="indicator", where=where)
    for entry in indicators:
        key = f"indicator.{entry.outcome}"
        load.known(entry.outcome, outcomes, what="outcome", where=where, key=key)
        if not math.isfinite(entry.target):
            raise _wrong(
                message("no-finite-number.problem", key=key),
                where,
                message("write-level-aimed.mend"),
            )
    if costs is None:
        return
    for name in ("amount", "residents", "participants"):
        value = getattr(costs, name)
        if not (math.isfinite(value) and value > 0):
            raise _wrong(
                message("not-above-zero.problem", name=name), where, message("correct-take.mend")
            )
    if costs.participants > costs.residents:
        raise _wrong(message("more.problem"), where, message("count-people.mend"))


def _wrong(problem: Message, where: str, mend: Message) -> SpecError:
    return SpecError(problem, where=where, mend=mend, rule="programme")
