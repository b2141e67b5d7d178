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

from evaluation.config.check_kinds import kind_of
from evaluation.config.plan import Plan
from evaluation.config.toml_reader import Text, TomlFile, named, read

PROGRAMME = "programme"


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
        Total cost, positive, in ``currency`` of ``year``.
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
    indicators: Sequence[Indicator], costs: Costs | None, *, outcomes: Sequence[str], toml: TomlFile
) -> None:
    """Check targets and costs.

    Parameters
    ----------
    indicators : sequence of Indicator
    costs : Costs or None
    outcomes : sequence of str
        Ids of the plan's outcomes.
    toml : TomlFile
        That they stand in.

    Raises
    ------
    SpecError
        A target of no outcome or a second one of the same; a number that cannot be; more
        participants than residents.
    """
    toml.unique((i.outcome for i in indicators), "indicator")
    for entry in indicators:
        key, wrong = f"indicator.{entry.outcome}", not math.isfinite(entry.target)
        toml.known(entry.outcome, outcomes, "outcome", key)
        toml.refuse(wrong, "no-finite-number", "write-level-aimed", rule=PROGRAMME, key=key)
    if costs is None:
        return
    for name in ("amount", "residents", "participants"):
        wrong = not 0 < getattr(costs, name) < math.inf
        toml.refuse(wrong, "not-above-zero", "correct-take", rule=PROGRAMME, name=name)
    more = costs.participants > costs.residents
    toml.refuse(more, "more", "count-people", rule=PROGRAMME)


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
    "pooled",
    "baseline_answers",
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
    "answer_shares",
    "covariate_balance",
    "subgroups",
    "places",
    "exposure",
    "calibration",
    "rule_errors",
    "silence",
    "conclusion_chances",
    "spillover",
    "composition",
    "response",
    "weights",
    "attrition_map",
    "backcheck",
    "overturn",
    "threat_matrix",
    "assumptions",
    "risk_of_bias",
    "certainty",
    "claims",
    "erratum",
    "statements",
    "indicators",
    "description",
    "costs",
    "recovery",
    "panel_answer",
    "panel_estimates",
    "panel_ranges",
    "panel_power",
    "panel_years",
    "panel_statements",
    "panel_without",
    "panel_tests_power",
    "known_results",
)
FIGURES = (
    "coefficient_plot",
    "components_plot",
    "levels_plot",
    "flow_diagram",
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
    "event_study_plot",
    "estimators_plot",
    "places_map",
    "described_plot",
)

CODE = re.compile(r"([A-Z]{2,4})-([TF])(\d{2,3})")
EFFECTS, ROBUSTNESS = "effects", "robustness"
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
        For ``published``: outcome id to the name in the published file; for ``pooled``: to the
        hypothesis there.
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
class ExhibitRegistry:
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


def read_registry(folder: Path, plan: Plan) -> ExhibitRegistry:
    """Read ``exhibits.toml`` and check it against the plan.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold; a retired id in use.
    """
    toml = TomlFile(named(folder, "exhibits.toml"))
    registry = read(ExhibitRegistry, folder, "exhibits.toml")
    entries: tuple[Exhibit | Retired, ...] = (*registry.exhibit, *registry.retired)
    toml.unique((entry.id for entry in entries), "exhibit")
    declared = {
        "outcomes": [o.id for o in plan.outcome],
        "families": [f.id for f in plan.family],
        "specifications": [*(s.id for s in plan.specification), *(c.id for c in plan.check)],
        "series": [s.id for s in plan.series],
    }
    check_programme(registry.indicator, registry.costs, outcomes=declared["outcomes"], toml=toml)
    for exhibit in registry.exhibit:
        unnamed = not exhibit.id.startswith(tuple(LETTERS))
        toml.refuse(unnamed, "exhibit-id-starts", "name-tables-tbl", id=exhibit.id)
    _check_codes(entries, toml)
    for exhibit in registry.exhibit:
        key = f"exhibit.{exhibit.id}"
        toml.known(exhibit.builder, (*TABLES, *FIGURES), "builder", f"{key}.builder")
        for what, allowed in declared.items():
            toml.known(getattr(exhibit, what), allowed, what, f"{key}.{what}")
    _check_shown(registry, plan, toml)
    return registry


def _check_shown(registry: ExhibitRegistry, plan: Plan, toml: TomlFile) -> None:
    """What is computed and shown nowhere cannot be weighed by anybody: a check, the answer."""
    effects, main = (
        [e for e in registry.exhibit if e.builder == EFFECTS],
        plan.primary_specification().id,
    )
    shown = not effects or any(main in (e.specifications or [main]) for e in effects)
    ids = ", ".join(e.id for e in effects)
    toml.refuse(not shown, "primary-not-shown", "primary-not-shown", main=main, ids=ids)
    tables = [e for e in registry.exhibit if e.builder == ROBUSTNESS]
    if not tables or not all(e.specifications for e in tables):
        return
    named = {name for exhibit in registry.exhibit for name in exhibit.specifications}
    # some kinds have a table of their own
    own = {exhibit.builder for exhibit in registry.exhibit}
    hidden = [
        check.id
        for check in plan.check
        if kind_of(check).is_compared and check.id not in named and check.kind not in own
    ]
    ids = ", ".join(e.id for e in tables)
    toml.refuse(hidden, "check-not-shown", "check-not-shown", names=", ".join(hidden), ids=ids)


def _check_codes(entries: Sequence[Exhibit | Retired], toml: TomlFile) -> None:
    """Codes have the form of codes, letters of one study, and are given once for all time."""
    study = next((found[1] for e in entries if (found := CODE.fullmatch(e.code))), "XX")
    for entry in entries:
        wanted = f"{study}-{LETTERS.get(entry.id[:4], 'T')}"
        toml.refuse(
            not (CODE.fullmatch(entry.code) and entry.code.startswith(wanted)),
            "exhibit-no-code",
            "next-free-code",
            id=entry.id,
            next_code=_next_code(entries, wanted),
        )
    codes = [entry.code for entry in entries]
    for twice in sorted({code for code in codes if codes.count(code) > 1}):
        free = _next_code(entries, twice[:-2])
        toml.refuse(twice, "code-stands-twice", "next-free-code", twice=twice, next_code=free)


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
    found = read(Errata, folder, path.name).erratum
    numbered = (f"{e.date.isoformat()} {e.number}" for e in found)
    TomlFile(named(folder, "errata.toml")).unique(numbered, "erratum")
    return found
