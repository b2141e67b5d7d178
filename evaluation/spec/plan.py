"""The analysis plan: outcomes, families, specifications and inference, locked by a hash.

A changed plan needs a dated, reasoned entry in ``deviations.toml``; without one nothing is
estimated. Whether the plan came before the endline data is a fact recorded in ``plan.lock``.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evaluation.errors import SpecError
from evaluation.spec import load
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.load import Text
from evaluation.spec.records import Estimand, Status, Step
from evaluation.spec.study import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A set of outcomes corrected together.

    ``family_wise`` families are corrected *across* each other over their primary outcomes
    (Romano-Wolf, with Holm as a check); ``false_discovery`` families inside (Benjamini-Hochberg).
    """

    id: str
    label: Text
    question: Text
    tier: Literal["primary", "secondary", "exploratory"]
    correction: Literal["family_wise", "false_discovery", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A variable, or an outcome declared above, that enters an outcome with a sign."""

    name: str
    sign: Literal[-1, 1] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an outcome is made from items, and what it stands for.

    Attributes
    ----------
    function : str
        Construction function: ``value`` the one item; ``mean`` or ``sum`` over items;
        ``any`` one if any item is one; ``at_least`` one if the item is at or above
        ``threshold``; ``at_most`` likewise; ``index`` the inverse-covariance index, in SD of the
        baseline comparison group.
    minimum_items : int
        Items that must be observed for a score.
    scale : float
        Multiplies the result: 100 turns a share into percentage points.
    smallest_effect, assumed_effect : float, optional
        Smallest effect that matters, and the effect assumed in planning, in ``unit``; required
        for primary outcomes.
    primary : bool
        Whether the outcome is the one its primary family is judged by.
    """

    id: str
    family: str
    label: Text
    function: Literal["value", "mean", "sum", "any", "at_least", "at_most", "index"]
    items: tuple[Item, ...]
    minimum_items: int
    unit: Literal["SD", "percentage points", "points", "events per 100 adults", "count", "minutes"]
    desired: Literal["up", "down", "none"]
    scale: float = 1.0
    threshold: float | None = None
    primary: bool = False
    smallest_effect: float | None = None
    assumed_effect: float | None = None
    components: tuple[str, ...] = ()
    decimals: int = 2
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One regression, run for the outcomes of its ``families`` or for the named ``outcomes``.

    Attributes
    ----------
    method : {"did", "ancova"}
        ``did``: outcome on treatment x endline with cluster and round effects. ``ancova``:
        endline outcome on treatment and the baseline value (``lag``), with ``effects`` dummies.
    adjust_treatments : tuple of str
        Other randomised treatments held fixed (with their round interaction under ``did``).
    weights : str
        Name of a weight variable, its inverse with ``inverse:`` before it, or ``none``.
    lag : {"cluster_mean", "suffix", "none"}
        Baseline value for ``ancova``: the cluster's baseline mean, or the analysis file's own
        column with ``_baseline`` at its end, missing set to zero as the authors published it.
    """

    id: str
    label: Text
    method: Literal["did", "ancova"]
    data: Literal["panel", "analysis"]
    sample: Literal["all", "panel_members"]
    treatment: str
    contrast: tuple[str, ...]
    estimand: Estimand
    weights: str
    steps: tuple[Step, ...]
    status: Literal["primary", "sensitivity", "replication", "exploratory"]
    adjust_treatments: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    lag: Literal["cluster_mean", "suffix", "none"] = "none"
    families: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """Settings of the inference steps; ``primary_step`` gives the primary p-value and interval."""

    primary_step: Step
    level: float
    draws: int
    weights_kind: Literal["rademacher", "webb"]
    seed_entry: str
    family_wise: Literal["romano_wolf", "holm"]
    family_wise_check: Literal["holm", "none"]
    false_discovery: Literal["benjamini_hochberg"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceTable:
    """Variables compared between the arms at the first round."""

    variables: tuple[str, ...]
    frame_variables: tuple[str, ...] = ()
    attrition_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """An administrative cluster-by-period series and the periods before and after the start.

    ``per`` divides (population) and ``scale`` multiplies (100000 gives a rate per 100,000).
    """

    id: str
    variable: str
    label: Text
    unit: Text
    period: str
    last_before: str
    role: Literal["pre_trend", "placebo"]
    per: str | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that was promised. ``hash`` is of the parsed TOML, so comments are free."""

    hash: str
    inference: Inference
    family: tuple[Family, ...]
    outcome: tuple[Outcome, ...]
    specification: tuple[Specification, ...]
    balance: BalanceTable
    standardise: Literal["baseline comparison group"]
    series: tuple[Series, ...] = ()

    def outcomes_of(self, specification: Specification) -> tuple[Outcome, ...]:
        """Outcomes a specification is run for, in the plan's order."""
        return tuple(
            o
            for o in self.outcome
            if o.family in specification.families or o.id in specification.outcomes
        )

    def primary_specification(self) -> Specification:
        """The one specification whose primary step is the primary estimate."""
        return next(s for s in self.specification if s.status == "primary")

    def primary_outcomes(self) -> tuple[Outcome, ...]:
        """Primary outcomes in the plan's order."""
        return tuple(o for o in self.outcome if o.primary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """``plan.lock``: what was registered, where and when, and whether endline data were seen."""

    plan_hash: str
    registry: str
    registration: str
    url: str
    date: datetime.date
    endline_data_seen: bool
    note: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A dated, reasoned change of the plan after the lock."""

    date: datetime.date
    plan_hash: str
    entries: tuple[str, ...]
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviations:
    """All deviations, oldest first."""

    deviation: tuple[Deviation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A plan with its lock and deviations."""

    plan: Plan
    lock: Lock
    deviations: tuple[Deviation, ...]

    def status(self, specification: Specification, outcome: Outcome, tier: str) -> Status:
        """How a result may be called: a fact about dates and about the deviations."""
        changed = {entry for d in self.deviations for entry in d.entries}
        if specification.status == "exploratory" or tier == "exploratory":
            return "exploratory"
        if specification.id in changed or outcome.id in changed:
            return "deviation"
        return "specified after data collection" if self.lock.endline_data_seen else "pre-specified"


def plan_hash(table: Mapping[str, Any]) -> str:
    """sha256 of the parsed TOML as canonical JSON."""
    text = json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def seed(plan_entry: str) -> int:
    """Seed derived from the id of a plan entry: changing the entry's name changes its draws."""
    return int.from_bytes(hashlib.sha256(plan_entry.encode()).digest()[:8], "big")


def read_promise(folder: Path, study: Study, dictionary: Dictionary) -> Promise:
    """Read ``plan.toml``, ``plan.lock`` and ``deviations.toml`` and check them together.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold; a plan that is not the locked one and
        has no deviation.
    """
    where = f"{folder.name}/plan.toml"
    table = load.read_toml(folder / "plan.toml")
    digest = plan_hash(table)
    plan: Plan = load.convert(Plan, {**table, "hash": digest}, where=where)
    check_plan(plan, study, dictionary, where)
    lock = load.convert(
        Lock, load.read_toml(folder / "plan.lock"), where=f"{folder.name}/plan.lock"
    )
    deviations = load.convert(
        Deviations,
        load.read_toml(folder / "deviations.toml"),
        where=f"{folder.name}/deviations.toml",
    ).deviation
    _check_lock(plan, lock, deviations, where)
    return Promise(plan=plan, lock=lock, deviations=deviations)


def _check_lock(plan: Plan, lock: Lock, deviations: tuple[Deviation, ...], where: str) -> None:
    allowed = {lock.plan_hash, *(d.plan_hash for d in deviations)}
    if plan.hash not in allowed:
        raise SpecError(
            f"the plan (hash {plan.hash}) is not the locked one ({lock.plan_hash[:12]}...)",
            where=where,
            mend="undo the change, or add a dated and reasoned [[deviation]] with this plan_hash"
            " to deviations.toml",
            rule="plan-lock",
        )


def check_plan(plan: Plan, study: Study, dictionary: Dictionary, where: str) -> None:
    """Check ids and references of a plan.

    Raises
    ------
    SpecError
        Names the entry and the mend.
    """
    for what in ("family", "outcome", "specification", "series"):
        load.unique((e.id for e in getattr(plan, what)), what=what, where=where)
    _check_outcomes(plan, study, dictionary, where)
    for specification in plan.specification:
        _check_specification(plan, specification, study, dictionary, where)
    _check_used(plan, where)
    listed = (
        *plan.balance.variables,
        *plan.balance.frame_variables,
        *plan.balance.attrition_variables,
        *(s.variable for s in plan.series),
    )
    for name in listed:
        load.known(name, dictionary.variables, what="variable", where=where, key="balance/series")


def _check_outcomes(plan: Plan, study: Study, dictionary: Dictionary, where: str) -> None:
    families = {f.id: f for f in plan.family}
    components = [c.id for c in study.component]
    declared = set(dictionary.variables)
    for outcome in plan.outcome:
        key = f"outcome.{outcome.id}"
        load.known(outcome.family, families, what="family", where=where, key=key)
        for item in outcome.items:
            load.known(item.name, declared, what="item", where=where, key=f"{key}.items")
        for component in outcome.components:
            load.known(component, components, what="component", where=where, key=key)
        if not 1 <= outcome.minimum_items <= len(outcome.items):
            raise SpecError(
                f"`{key}.minimum_items` is outside 1 to {len(outcome.items)}",
                where=where,
                mend="say how many items a score needs",
            )
        if (outcome.threshold is None) == (outcome.function in ("at_least", "at_most")):
            raise SpecError(
                f"`{key}.threshold` does not fit `{outcome.function}`",
                where=where,
                mend="thresholds belong to at_least and at_most only",
            )
        if outcome.primary and None in (outcome.smallest_effect, outcome.assumed_effect):
            raise SpecError(
                f"`{key}` is primary and has no smallest or assumed effect",
                where=where,
                mend="add `smallest_effect` and `assumed_effect`",
            )
        declared.add(outcome.id)


def _check_specification(
    plan: Plan, specification: Specification, study: Study, dictionary: Dictionary, where: str
) -> None:
    key = f"specification.{specification.id}"
    treatments = [t.id for t in study.treatment]
    for name in (specification.treatment, *specification.adjust_treatments):
        load.known(name, treatments, what="treatment", where=where, key=key)
    for round_id in specification.contrast:
        load.known(round_id, study.rounds, what="round", where=where, key=f"{key}.contrast")
    weights = specification.weights.removeprefix("inverse:")
    variables = [*specification.covariates, *specification.effects]
    for name in variables if weights == "none" else [*variables, weights]:
        load.known(name, dictionary.variables, what="variable", where=where, key=key)
    for name in specification.families:
        load.known(name, [f.id for f in plan.family], what="family", where=where, key=key)
    for name in specification.outcomes:
        load.known(name, [o.id for o in plan.outcome], what="outcome", where=where, key=key)
    if len(specification.contrast) != 2:
        raise SpecError(f"`{key}.contrast` is not two rounds", where=where, mend="[from, to]")
    if (specification.method == "did") != (specification.lag == "none"):
        raise SpecError(
            f"`{key}.lag` does not fit method {specification.method!r}",
            where=where,
            mend="ancova needs a lag, did has none",
        )


def _check_used(plan: Plan, where: str) -> None:
    used = {o.id for s in plan.specification for o in plan.outcomes_of(s)}
    used |= {item.name for o in plan.outcome for item in o.items}
    for outcome in plan.outcome:
        if outcome.id not in used:
            raise SpecError(
                f"outcome `{outcome.id}` is unused",
                where=where,
                mend="remove it, or let a specification name it or its family",
            )
    for family in plan.family:
        if not any(o.family == family.id for o in plan.outcome):
            raise SpecError(f"family `{family.id}` is unused", where=where, mend="remove it")
    if sum(s.status == "primary" for s in plan.specification) != 1:
        raise SpecError(
            "not exactly one primary specification",
            where=where,
            mend='give one specification status = "primary"',
        )
