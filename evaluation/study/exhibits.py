"""The exhibits registry: permanent ids, targets and costs declared for tables, and errata.

Both stand in ``exhibits.toml``, because they decide no estimate: a changed target or cost makes
new exhibits and nothing else.

An id is anchor and file name, its code what one says aloud. A retired one stays with its reason.
"""

import datetime
import functools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evaluation.errors import SpecError
from evaluation.locale.messages import Message, message
from evaluation.study import toml_reader
from evaluation.study.plan import Plan
from evaluation.study.toml_reader import Text


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
    toml_reader.unique((i.outcome for i in indicators), what="indicator", where=where)
    for entry in indicators:
        key = f"indicator.{entry.outcome}"
        toml_reader.known(entry.outcome, outcomes, what="outcome", where=where, key=key)
        if not math.isfinite(entry.target):
            raise _wrong(
                message("no-finite-number.problem", key=key),
                where,
                message("write-level-aimed.fix"),
            )
    if costs is None:
        return
    for name in ("amount", "residents", "participants"):
        value = getattr(costs, name)
        if not (math.isfinite(value) and value > 0):
            raise _wrong(
                message("not-above-zero.problem", name=name), where, message("correct-take.fix")
            )
    if costs.participants > costs.residents:
        raise _wrong(message("more.problem"), where, message("count-people.fix"))


def _wrong(problem: Message, where: str, fix: Message) -> SpecError:
    return SpecError(problem, where=where, fix=fix, rule="programme")


# Builders: what a table or figure is made by; the function of the report that has its name.
TABLES = (
    "effects",
    "levels",
    "methods",
    "balance",
    "flow",
    "findings",
    "corrections",
    "published",
    "trend_tests",
    "dictionary",
    "deviations",
    "robustness",
    "breakdown",
    "bounds",
    "diagnostics",
    "reliability",
    "invariance",
    "interviewers",
    "conditioning",
    "functional_form",
    "answer_shares",
    "covariate_balance",
    "subgroups",
    "places",
    "exposure",
    "calibration",
    "silence",
    "conclusion_chances",
    "spillover",
    "composition",
    "response",
    "weights",
    "attrition_map",
    "backcheck",
    "overturn",
    "assumptions",
    "risk_of_bias",
    "certainty",
    "claims",
    "erratum",
    "statements",
    "indicators",
    "costs",
    "recovery",
)
FIGURES = (
    "coefficient_plot",
    "levels_plot",
    "flow_diagram",
    "frame_map",
    "trend_plot",
    "timeline",
    "specification_curve",
    "breakdown_plot",
    "leave_one_out_plot",
    "detectable_plot",
    "love_plot",
    "subgroups_plot",
    "places_plot",
    "pipeline_map",
    "theory_of_change",
)

CODE = re.compile(r"([A-Z]{2,4})-([TF])(\d{2,3})")
LETTERS = {"tbl-": "T", "fig-": "F"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One table (``tbl-``) or figure (``fig-``).

    Attributes
    ----------
    code : str
        Short enough to be said: letters of the study, T or F, a number of two digits or more.
    place : {"page", "annex"}
        Shown on a page of the book, or in the annex workbook only.
    builder : str
        Function of the report layer that makes it from result records.
    outcomes, families, specifications, series : tuple of str
        What it shows, in this order; empty means all. Of robustness, ``specifications`` names
        checks of the plan as well.
    match : dict of str to str
        For ``published``: outcome id to the name in the published file.
    """

    id: str
    code: str = ""
    place: Literal["page", "annex"] = "page"
    builder: str
    title: Text
    reading: Text
    notes: Text
    outcomes: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    specifications: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    match: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """An id and a code that may not be used again, and why."""

    id: str
    code: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All exhibits of a study in the order they are listed for citing.

    Attributes
    ----------
    people : Text
        Whom the survey stands for, in the plural: "of every 100 adults".
    indicator, costs
        What the programme declares of its targets and costs.
    """

    exhibit: tuple[Exhibit, ...]
    retired: tuple[Retired, ...] = ()
    people: Text = field(default_factory=functools.partial(Text.of, "people"))
    indicator: tuple[Indicator, ...] = ()
    costs: Costs | None = None


def read_registry(folder: Path, plan: Plan) -> Registry:
    """Read ``exhibits.toml`` and check it against the plan.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold; a retired id in use.
    """
    where = f"{folder.name}/exhibits.toml"
    registry: Registry = toml_reader.convert(
        Registry, toml_reader.read_toml(folder / "exhibits.toml"), where=where
    )
    toml_reader.unique(
        [*(e.id for e in registry.exhibit), *(r.id for r in registry.retired)],
        what="exhibit",
        where=where,
    )
    declared = {
        "outcomes": [o.id for o in plan.outcome],
        "families": [f.id for f in plan.family],
        "specifications": [*(s.id for s in plan.specification), *(c.id for c in plan.check)],
        "series": [s.id for s in plan.series],
    }
    check_programme(registry.indicator, registry.costs, outcomes=declared["outcomes"], where=where)
    for exhibit in registry.exhibit:
        if not exhibit.id.startswith(("tbl-", "fig-")):
            raise SpecError.of("exhibit-id-starts", "name-tables-tbl", where, id=exhibit.id)
    _check_codes(registry, where=where)
    for exhibit in registry.exhibit:
        key, builders = f"exhibit.{exhibit.id}.builder", (*TABLES, *FIGURES)
        toml_reader.known(exhibit.builder, builders, what="builder", where=where, key=key)
        for attribute, allowed in declared.items():
            for name in getattr(exhibit, attribute):
                key = f"exhibit.{exhibit.id}.{attribute}"
                toml_reader.known(name, allowed, what=attribute, where=where, key=key)
    return registry


def _check_codes(registry: Registry, *, where: str) -> None:
    """Codes have the form of codes, letters of one study, and are given once for all time."""
    entries: tuple[Exhibit | Retired, ...] = (*registry.exhibit, *registry.retired)
    study = next((found[1] for e in entries if (found := CODE.fullmatch(e.code))), "XX")
    for entry in entries:
        wanted = f"{study}-{LETTERS.get(entry.id[:4], 'T')}"
        if not (CODE.fullmatch(entry.code) and entry.code.startswith(wanted)):
            raise SpecError.of(
                "exhibit-no-code",
                "next-free-code",
                where,
                id=entry.id,
                next_code=_next_code(entries, wanted),
            )
    codes = [entry.code for entry in entries]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise SpecError.of(
            "code-stands-twice",
            "next-free-code",
            where,
            twice=twice[0],
            next_code=_next_code(entries, twice[0][:-2]),
        )


def _next_code(entries: Iterable[Exhibit | Retired], beginning: str) -> str:
    """The code behind the last of its kind, retired ones counted: none is given again."""
    given = [e.code.removeprefix(beginning) for e in entries if e.code.startswith(beginning)]
    numbers = [int(number) for number in given if number.isdecimal()]
    return f"{beginning}{max(numbers, default=0) + 1:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erratum:
    """One published number, sentence or exhibit that was wrong or is replaced.

    Attributes
    ----------
    number : str
        ``<exhibit>.<row>.<field>`` of a number, or the id of an exhibit.
    what : Text
        What it was called, such as "Confidence in the police: upper end of the interval".
    before, after : Text
        As printed, with unit; ``after`` says so where nothing stands in its place.
    """

    number: str
    date: datetime.date
    what: Text
    before: Text
    after: Text
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Errata:
    """The list of a study."""

    erratum: tuple[Erratum, ...] = ()


def read_errata(folder: Path) -> tuple[Erratum, ...]:
    """Read ``errata.toml``; a study without the file has none.

    Raises
    ------
    SpecError
        Any key or type that does not hold; an id that stands twice for one day.
    """
    path = folder / "errata.toml"
    if not path.is_file():
        return ()
    where = f"{folder.name}/errata.toml"
    found: Errata = toml_reader.convert(Errata, toml_reader.read_toml(path), where=where)
    named = (f"{e.date.isoformat()} {e.number}" for e in found.erratum)
    toml_reader.unique(named, what="erratum", where=where)
    return found.erratum
