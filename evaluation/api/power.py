"""`evaluation.power`: what a design can see, or what it takes to see an effect."""

import math
from dataclasses import dataclass, field, replace
from typing import Any, get_args

import numpy as np
import pandas as pd

from evaluation.api.door import check_language, door
from evaluation.api.result import Result, drawing
from evaluation.errors import EstimationError
from evaluation.estimation import call_choices
from evaluation.estimation.inference.detection import Detection, detection, least
from evaluation.estimation.planning import design_parameters, planned_design
from evaluation.estimation.planning.conclusion_chances import (
    Intervals,
    chances,
    design_intervals,
    first_enough,
    scaled,
)
from evaluation.estimation.planning.planned_design import Compared, Planned, Replacement, Spread
from evaluation.locale.messages import Message, Plain, ResultNumber, message, wording

WHERE = "power"
# Clusters a side from which their number is sought.
START = 2
# Reach of the curve in standard errors, and its points.
FAR, POINTS = 5.0, 41


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PowerResult(Result):
    """A design's power, which a figure shows over effects."""

    curve: pd.DataFrame = field(kw_only=True)

    def plot(self, ax: Any = None, language: str = "en") -> Any:
        """Power by the size of the effect.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure without.
        language : {"en", "es"}

        Returns
        -------
        matplotlib Axes
        """
        check_language(language, "plot")
        heads = [wording(f"api-head.{name}", language) for name in self.curve]
        return drawing().curve(self.curve, heads, title=self.title.text(language), ax=ax)


@door(WHERE)
def power(  # noqa: PLR0913 -- every number of a design is one of its own
    *,
    icc: float | None = None,
    cac: float | None = None,
    like: str | None = None,
    sd: float = 1.0,
    treated: int | None = None,
    comparison: int | None = None,
    respondents: float | None = None,
    effect: float | None = None,
    chance: float | None = None,
    smallest_effect: float | None = None,
    panel_share: float = 0.0,
    attrition: float = 0.0,
    individual_correlation: float | None = None,
    replacement: Replacement = "fresh",
    compared: Compared = "changes",
    outcomes: int = 1,
    level: float = 0.95,
) -> PowerResult:
    """Power of a design of two rounds; or the clusters, respondents or effect that reach a power.

    Of clusters, respondents, ``effect`` and ``chance`` exactly one is left open: it is solved for.
    Without ``chance`` and with all others, that is the power.

    Parameters
    ----------
    icc, cac, sd : float
        Intraclass correlation within a round; correlation of a cluster's true means between the
        rounds (0 where neither it nor ``like`` is given); standard deviation of the outcome.
    like : str, optional
        A question of a real survey from whose data come the ICC, the autocorrelation and the
        correlation of respondents' answers that are not given, such as "medellin_victim"; see
        `evaluation.estimation.planning.design_parameters`. An unknown one lists all.
    treated, comparison : int, optional
        Clusters; without either, the smallest equal number in both groups is sought.
    respondents : float, optional
        Mean number per cluster and round.
    effect : float, optional
        True effect, in the unit of ``sd``.
    chance : float, optional
        Power: 0.8 where another number is sought.
    smallest_effect : float, optional
        Smallest effect that matters: gives the chance of each conclusion at ``effect``.
    panel_share, attrition, individual_correlation, replacement, compared
        See `evaluation.estimation.planning.planned_design.Planned` and ``Spread`` there.
    outcomes : int
        Primary outcomes that are looked at together.
    level : float
        One minus the two-sided significance level.

    Returns
    -------
    PowerResult

    Raises
    ------
    EstimationError
        Not exactly one number is left open, a number of the design cannot be, or there is neither
        an ICC nor a question that it is taken from.

    Examples
    --------
    >>> import evaluation as ev
    >>> design = {"icc": 0.05, "cac": 0.6, "respondents": 30}
    >>> found = ev.power(**design, treated=20, comparison=20, effect=0.25)
    >>> round(found.primary, 2)
    0.67
    >>> ev.power(**design, effect=0.25).primary
    27
    """
    call_choices.check_level(level)
    call_choices.check_between(
        -math.inf, math.inf, sd=sd, panel_share=panel_share, attrition=attrition,
        **_given(
            icc=icc, cac=cac, individual_correlation=individual_correlation,
            respondents=respondents, effect=effect,
        ),
    )  # fmt: skip
    call_choices.check_whole(outcomes=outcomes, **_given(treated=treated, comparison=comparison))
    positive = _given(smallest_effect=smallest_effect)
    call_choices.check_between(0.0, math.inf, outcomes=outcomes, **positive)
    call_choices.check_between(1.0 - level, 1.0, **_given(chance=chance))
    _check_kinds(compared, replacement)
    clusters = _clusters(treated, comparison)
    sought = _left_open(chance, clusters=clusters, respondents=respondents, effect=effect)
    wanted = 0.8 if chance is None else chance
    groups = clusters or (START, START)
    planned = Planned(
        treated=groups[0],
        comparison=groups[1],
        respondents=1.0 if respondents is None else respondents,
        panel_share=panel_share,
        attrition=attrition,
        replacement=replacement,
        compared=compared,
    )
    spread = _spread(sd, like, icc=icc, cac=cac, individual_correlation=individual_correlation)
    if sought in ("clusters", "respondents"):
        planned = _solved(planned, spread, sought, _size(effect), wanted, outcomes, level)
    test = design_intervals(planned, spread, outcomes=outcomes, level=level)
    share = level ** (1.0 / outcomes)
    if effect is None:
        effect = least(
            lambda size: _chance(size, test.std_error, planned, share) >= wanted,
            unit=test.std_error,
        )
    found = detection(_size(effect) / test.std_error, df=planned.df, level=share)
    row = _row(planned, test, effect, found, smallest_effect)
    primary = {
        "clusters": planned.treated,
        "respondents": int(planned.respondents),
        "effect": effect,
        "chance": found.chance,
    }[sought]
    return PowerResult(
        curve=_curve(test.std_error, planned, share),
        primary=primary,
        table=pd.DataFrame([row]),
        title=message("power.title"),
        sentence=_sentence(planned, effect, found.chance, level),
        choices=message(
            f"power.solved-{sought}", icc=Plain(f"{spread.icc:g}"), cac=Plain(f"{spread.cac:g}")
        ),
        citation=message("cite.power-endlines" if compared == "endlines" else "cite.power"),
    )


def _left_open(chance: float | None, **asked: object) -> str:
    """The one number that is sought."""
    missing = [name for name, value in asked.items() if value is None]
    if chance is None and not missing:
        missing = ["chance"]
    if len(missing) != 1:
        names = ", ".join(missing) or "-"
        raise EstimationError.of("power-one-open", "power-one-open", WHERE, names=names)
    return missing[0]


def _check_kinds(compared: str, replacement: str) -> None:
    """Refuse a design that there is not."""
    for name, value, kind in (
        ("compared", compared, Compared),
        ("replacement", replacement, Replacement),
    ):
        call_choices.check_one_of(value, get_args(kind), message("word.a-choice", name=name))


def _spread(sd: float, question: str | None, **given: float | None) -> Spread:
    """What is given, else what is known of the question, else no correlation over time."""
    values = {name: value for name, value in given.items() if value is not None}
    if question is not None:
        found = design_parameters.like(question)
        known = {name: getattr(found, name).value for name in given}
        values = {name: x for name, x in known.items() if not math.isnan(x)} | values
    if "icc" not in values:
        raise EstimationError.of("power-no-icc", "power-no-icc", WHERE)
    return Spread(sd=sd, icc=values.pop("icc"), cac=values.pop("cac", 0.0), **values)


def _row(
    planned: Planned,
    test: Intervals,
    effect: float,
    found: Detection,
    smallest_effect: float | None,
) -> dict[str, Any]:
    """The design with what it detects, and the chance of each conclusion where that is asked."""
    row: dict[str, Any] = {
        "treated": planned.treated,
        "comparison": planned.comparison,
        "respondents": planned.respondents,
        "effect": effect,
        "std_error": test.std_error,
        "chance": found.chance,
        "type_s": found.type_s if effect else math.nan,
        "type_m": found.type_m if effect else math.nan,
    }
    if smallest_effect is not None:
        made = chances(effect, test, smallest_effect=smallest_effect)
        for name in ("detected", "ruled_out", "inconclusive"):
            row[f"chance_{name}"] = getattr(made, name)
    return row


def _curve(std_error: float, planned: Planned, level: float) -> pd.DataFrame:
    """Power from no effect to one that is nearly always detected."""
    effects = np.linspace(0.0, FAR * std_error, POINTS)
    found = [_chance(float(size), std_error, planned, level) for size in effects]
    return pd.DataFrame({"effect": effects, "chance": found})


def _clusters(treated: int | None, comparison: int | None) -> tuple[int, int] | None:
    if treated is None and comparison is None:
        return None
    if treated is None or comparison is None:
        raise EstimationError.of("power-both-groups", "power-both-groups", WHERE)
    return treated, comparison


def _given(**numbers: float | None) -> dict[str, float]:
    """Those that are not left open."""
    return {name: number for name, number in numbers.items() if number is not None}


def _size(effect: float | None) -> float:
    return abs(effect or 0.0)


def _chance(size: float, std_error: float, planned: Planned, level: float) -> float:
    return detection(size / std_error, df=planned.df, level=level).chance


def _solved(
    planned: Planned,
    spread: Spread,
    sought: str,
    size: float,
    wanted: float,
    outcomes: int,
    level: float,
) -> Planned:
    """The design with the smallest number of clusters, or respondents, that is enough."""
    share = level ** (1.0 / outcomes)

    def design(number: int) -> Planned:
        if sought == "clusters":
            return scaled(planned, number / START)
        return replace(planned, respondents=float(number))

    def enough(number: int) -> bool:
        made = design(number)
        return _chance(size, planned_design.std_error(made, spread), made, share) >= wanted

    first = first_enough(enough, start=START if sought == "clusters" else 1)
    if first is None:
        raise EstimationError.of(f"power-no-{sought}", f"power-no-{sought}", WHERE)
    return design(first)


def _sentence(planned: Planned, effect: float, chance: float, level: float) -> Message:
    return message(
        "power.text",
        treated=Plain(planned.treated),
        comparison=Plain(planned.comparison),
        respondents=Plain(f"{planned.respondents:g}"),
        effect=ResultNumber(f"{effect:.3g}"),
        chance=ResultNumber(f"{100.0 * chance:.0f}"),
        level=Plain(f"{100.0 * (1.0 - level):g}"),
    )
