"""What a next round could see, as plain text: its design, its power, what it takes to conclude."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from evaluation.analysis.planning.next_round import (
    ASSUMED,
    CURVE,
    SMALLEST,
    Method,
    PlannedConclusions,
)
from evaluation.analysis.planning.planned_chances import planned_intervals
from evaluation.config.design_records import PlannedPower
from evaluation.config.plan import Outcome, Plan
from evaluation.estimation.planning.conclusion_chances import Intervals, Needed, can_rule_out
from evaluation.estimation.planning.design_parameters import BoundedParameter, DesignParameters
from evaluation.estimation.records import Unavailable
from evaluation.locale.messages import wording
from evaluation.locale.numbers import marks
from evaluation.report.formats import words

# the columns of power by method, in the order of the methods; the first is the closed form
POWERS = ("power", "clusters", "people")
HEADS = ("outcome", "effect", "unit", "mde", *POWERS, "type-s", "type-m")
METHODS = get_args(Method)


def heads(language: str) -> tuple[str, ...]:
    """Heads of the table's columns."""
    return tuple(wording(f"power-list.{name}", language) for name in HEADS)


def table(
    rows: Iterable[PlannedPower],
    outcomes: Sequence[Outcome],
    mark: str,
    *,
    absent: Iterable[Unavailable] = (),
    language: str = "en",
) -> str:
    """The planned design and, per outcome and effect, what it can see.

    Parameters
    ----------
    rows : iterable of PlannedPower
    outcomes : sequence of Outcome
    mark : str
        The study's mark; empty for none.
    absent : iterable of Unavailable
        Methods without an answer: a dash in the table, and the reason below it.
    language : {"en", "es"}
    """
    found = {(r.outcome, r.effect_from, r.method): r for r in rows if r.effect_from != CURVE}
    lines, designs = [heads(language)], set()
    for outcome in outcomes:
        for source in (ASSUMED, SMALLEST):
            closed, *drawn = (found.get((outcome.id, source, method)) for method in METHODS)
            if closed:
                lines.append(_line(outcome, closed, drawn, language))
                designs.add(_design(closed, language))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    body = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    said = [words.mark(mark, language)] if mark else []
    said += [*sorted(designs), *body, *_reasons(absent, language)]
    return "".join(f"{line}\n" for line in (*said, wording("power-list.note", language)))


def _reasons(absent: Iterable[Unavailable], language: str) -> list[str]:
    """A line for each method and reason, with the outcomes that it stands for."""
    names = dict(zip(METHODS, POWERS, strict=True))
    outcomes: dict[tuple[str, str], list[str]] = {}
    for row in absent:
        head = wording(f"power-list.{names[row.step]}", language)
        outcomes.setdefault((head, row.reason.text(language)), []).append(row.outcome)
    return [f"{head} - ({', '.join(of)}): {why}" for (head, why), of in outcomes.items()]


def _line(
    outcome: Outcome, closed: PlannedPower, drawn: Sequence[PlannedPower | None], language: str
) -> tuple[str, ...]:
    """Cells of one outcome and effect, from its row by each method that has one."""
    effect = _number(closed.effect, outcome.decimals, language)
    return (
        outcome.id,
        f"{effect} {wording(f'power-list.effect-from.{closed.effect_from}', language)}",
        words.unit(outcome.unit, language),
        _number(closed.mde, outcome.decimals, language),
        *(_share(row.power, 0, language) if row else "-" for row in (closed, *drawn)),
        _share(closed.type_s, 1, language),
        _number(closed.type_m, 1, language),
    )


def _design(row: PlannedPower, language: str) -> str:
    """The design of the next round, on one line."""
    people = f"power-list.respondents.{'one' if round(row.respondents) == 1 else 'other'}"
    return wording(
        "power-list.design",
        language,
        treated=row.clusters_treated,
        comparison=row.clusters_comparison,
        respondents=wording(people, language, n=f"{row.respondents:.0f}"),
        panel=_share(row.panel_share, 0, language),
        lost=_share(row.attrition, 0, language),
    )


def _number(value: float, decimals: int, language: str) -> str:
    return marks(f"{value:.{decimals}f}", language)


def _share(value: float, decimals: int, language: str) -> str:
    """A share of one as a percentage."""
    return wording("power-list.share", language, n=_number(100 * value, decimals, language))


def shelf_table(shelf: Iterable[DesignParameters], language: str) -> str:
    """Design parameters of other surveys, with their intervals; a dash where one is not known."""
    names = ("icc", "cac", "individual")
    heads = ("id", "question", *names, "clusters", "respondents")
    lines = [tuple(wording(f"power-shelf.{name}", language) for name in heads)]
    for one in shelf:
        known = (_known(x, language) for x in (one.icc, one.cac, one.individual_correlation))
        sizes = (str(one.clusters), str(one.respondents))
        label = wording(f"power-shelf.row.{one.id}", language)
        lines.append((one.id, label, *known, *sizes))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    body = ("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)
    return "".join(f"{line}\n" for line in (*body, wording("power-shelf.note", language)))


def _known(one: BoundedParameter, language: str) -> str:
    if math.isnan(one.value):
        return "-"
    low, high = (_number(x, 3, language) for x in (one.low, one.high))
    return f"{_number(one.value, 3, language)} [{low}; {high}]"


def solved(found: Iterable[PlannedConclusions], language: str) -> str:
    """Smallest effect, respondents or clusters that give a conclusion in 80 % of studies.

    Parameters
    ----------
    found : iterable of PlannedConclusions
        One for each primary outcome.
    language : {"en", "es"}
    """
    lines = [wording("needed.head", language)]
    warned: list[str] = []
    for one in found:
        lines.append(_needed("needed.detected", one.outcome, one.detected, language))
        lines.append(_needed("needed.ruled-out", one.outcome, one.ruled_out, language))
        warned += _warnings({one.outcome.id: one.intervals}, (one.outcome,), language)
    return "".join(f"{line}\n" for line in (*lines, *warned))


def warnings(plan: Plan, language: str) -> tuple[str, ...]:
    """Conclusions that the planned design cannot reach, whatever the truth; a line for each.

    Parameters
    ----------
    plan : Plan
        Its ``[power]`` is the planned design.
    language : {"en", "es"}
    """
    if plan.panel_power is not None:
        return ()
    if plan.power is None:
        return (wording("needed.no-inputs", language),)
    return _warnings(planned_intervals(plan), plan.primary_outcomes(), language)


def _warnings(
    intervals: Mapping[str, Intervals], outcomes: Iterable[Outcome], language: str
) -> tuple[str, ...]:
    return tuple(
        wording("needed.no-ruled-out", language, outcome=o.id)
        for o in outcomes
        if o.smallest_effect is not None
        and not can_rule_out(intervals[o.id], smallest_effect=o.smallest_effect)
    )


def _needed(identifier: str, outcome: Outcome, needed: Needed, language: str) -> str:
    counts = {"respondents": needed.respondents, "clusters": needed.clusters}
    return wording(
        identifier,
        language,
        outcome=outcome.id,
        size=_number(needed.smallest_effect, outcome.decimals + 1, language),
        unit=words.unit(outcome.unit, language),
        **{
            name: wording(f"needed.no-{name}", language)
            if n is None
            else wording(f"needed.{name}", language, n=n)
            for name, n in counts.items()
        },
    )
