"""The plan as it was promised: its hash, the lock and the deviations.

A changed plan needs a dated, reasoned entry in ``deviations.toml``; without one nothing is
estimated. Whether the plan came before the endline data is a fact recorded in ``plan.lock``.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import SpecError
from evaluation.spec import load
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.load import Text
from evaluation.spec.plan import Outcome, Plan, Specification
from evaluation.spec.plan_rules import check_plan
from evaluation.spec.records import Status
from evaluation.spec.study import Study


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
    if "hash" in table:
        raise SpecError("unknown key `hash`", where=where, mend="remove it; it is computed")
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
