"""The exhibits registry: permanent ids of tables and figures, never reused.

An id is anchor and file name, its code what one says aloud. A retired one stays with its reason.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.spec import load
from evaluation.spec.load import Text
from evaluation.spec.plan import Plan
from evaluation.spec.programme import Costs, Indicator, check_programme

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
    registry: Registry = load.convert(
        Registry, load.read_toml(folder / "exhibits.toml"), where=where
    )
    load.unique(
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
            raise SpecError(
                message("exhibit-id-starts.problem", id=exhibit.id),
                where=where,
                mend=message("name-tables-tbl.mend"),
            )
    _check_codes(registry, where=where)
    for exhibit in registry.exhibit:
        key, builders = f"exhibit.{exhibit.id}.builder", (*TABLES, *FIGURES)
        load.known(exhibit.builder, builders, what="builder", where=where, key=key)
        for attribute, allowed in declared.items():
            for name in getattr(exhibit, attribute):
                key = f"exhibit.{exhibit.id}.{attribute}"
                load.known(name, allowed, what=attribute, where=where, key=key)
    return registry


def _check_codes(registry: Registry, *, where: str) -> None:
    """Codes have the form of codes, letters of one study, and are given once for all time."""
    entries: tuple[Exhibit | Retired, ...] = (*registry.exhibit, *registry.retired)
    study = next((found[1] for e in entries if (found := CODE.fullmatch(e.code))), "XX")
    for entry in entries:
        wanted = f"{study}-{LETTERS.get(entry.id[:4], 'T')}"
        if not (CODE.fullmatch(entry.code) and entry.code.startswith(wanted)):
            raise SpecError(
                message("exhibit-no-code.problem", id=entry.id),
                where=where,
                mend=message("next-free-code.mend", next_code=_next_code(entries, wanted)),
            )
    codes = [entry.code for entry in entries]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise SpecError(
            message("code-stands-twice.problem", twice=twice[0]),
            where=where,
            mend=message("next-free-code.mend", next_code=_next_code(entries, twice[0][:-2])),
        )


def _next_code(entries: Iterable[Exhibit | Retired], beginning: str) -> str:
    """The code behind the last of its kind, retired ones counted: none is given again."""
    given = [e.code.removeprefix(beginning) for e in entries if e.code.startswith(beginning)]
    numbers = [int(number) for number in given if number.isdecimal()]
    return f"{beginning}{max(numbers, default=0) + 1:02d}"
