"""The exhibits registry: permanent ids of tables and figures, never reused.

An id is anchor, file name and citation code at once. A retired id stays with its reason.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from evaluation.errors import SpecError
from evaluation.spec import load
from evaluation.spec.load import Text
from evaluation.spec.plan import Plan

Builder = Literal[
    "effects",
    "levels",
    "methods",
    "balance",
    "attrition",
    "flow",
    "findings",
    "corrections",
    "published",
    "trend_tests",
    "framework",
    "dictionary",
    "deviations",
    "robustness",
    "breakdown",
    "bounds",
    "diagnostics",
    "reliability",
    "functional_form",
    "answer_shares",
    "covariate_balance",
    "subgroups",
    "places",
    "exposure",
    "calibration",
    "spillover",
    "composition",
    "reversion",
    "coefficient_plot",
    "levels_plot",
    "flow_diagram",
    "frame_map",
    "trend_plot",
    "timeline",
    "specification_curve",
    "methods_plot",
    "breakdown_plot",
    "love_plot",
    "subgroups_plot",
    "places_plot",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One table (``tbl-``) or figure (``fig-``).

    Attributes
    ----------
    builder : str
        Function of the report layer that makes it from result records.
    outcomes, families, specifications, series : tuple of str
        What it shows, in this order; empty means all.
    match : dict of str to str
        For ``published``: outcome id to the name in the published file.
    """

    id: str
    builder: Builder
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
    """An id that may not be used again, and why."""

    id: str
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """All exhibits of a study in the order they are listed for citing."""

    exhibit: tuple[Exhibit, ...]
    retired: tuple[Retired, ...] = ()


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
        "specifications": [s.id for s in plan.specification],
        "series": [s.id for s in plan.series],
    }
    for exhibit in registry.exhibit:
        if not exhibit.id.startswith(("tbl-", "fig-")):
            raise SpecError(
                f"exhibit id `{exhibit.id}` starts with neither tbl- nor fig-",
                where=where,
                mend="name tables tbl-... and figures fig-...",
            )
        for attribute, allowed in declared.items():
            for name in getattr(exhibit, attribute):
                key = f"exhibit.{exhibit.id}.{attribute}"
                load.known(name, allowed, what=attribute, where=where, key=key)
    return registry
