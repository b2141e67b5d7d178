"""The plan as it was promised: its lock and the deviations from it.

What differs from the lock is found out entry by entry, never taken on trust: each changed entry
needs a dated, reasoned deviation that names it, and nothing is estimated without. Whether the plan
came before the endline data is a fact recorded in ``plan.lock`` and checked against the dates.
"""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.spec import load
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.fingerprints import fingerprints, plan_hash
from evaluation.spec.load import Text
from evaluation.spec.plan import Check, Outcome, Plan, Specification
from evaluation.spec.plan_rules import check_plan
from evaluation.spec.records import Status
from evaluation.spec.sensitive import with_sensitive_outcomes
from evaluation.spec.study import Study

LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """``plan.lock``: what was registered, where and when, and whether endline data were seen.

    Attributes
    ----------
    plan_hash : str
        Of the plan as locked.
    registry, registration : str or Text
        Name and number that read the same in every language, or a pair where words are in them.
    entries : dict of str to str
        Fingerprint of each entry as locked; see `fingerprints.fingerprints`.
    """

    plan_hash: str
    registry: str | Text
    registration: str | Text
    url: str
    date: datetime.date
    endline_data_seen: bool
    note: Text
    entries: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A dated, reasoned change after the lock, of the entries it names.

    ``plan_hash`` is that of the plan after the change.
    """

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
    """A plan with its lock and deviations; ``changed`` holds the entries that left the lock.

    ``entries`` are the fingerprints of the plan as it stands.

    ``lock`` is None as long as the plan is not locked: results are blinded until then.
    """

    plan: Plan
    lock: Lock | None
    deviations: tuple[Deviation, ...]
    changed: frozenset[str] = frozenset()
    entries: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def status(self, specification: Specification, outcome: Outcome, tier: str) -> Status:
        """How a result may be called: a fact about dates and about what was changed."""
        if self.lock is None:
            return "blinded"
        if specification.status == "exploratory" or tier == "exploratory":
            return "exploratory"
        family = f"family.{outcome.family}"
        ways = {f"specification.{specification.id}", family, *self._made_of(outcome.id)}
        return self._status(ways)

    def check_status(self, check: Check, outcome: Outcome, tier: str) -> Status:
        """The same for a row of a check, which varies the primary specification."""
        primary = self.plan.primary_specification()
        if self.lock is None:
            return "blinded"
        if tier == "exploratory":
            return "exploratory"
        ways = {
            f"check.{check.id}",
            f"specification.{primary.id}",
            f"family.{outcome.family}",
            *self._made_of(outcome.id),
        }
        return self._status(ways)

    def series_status(self, series: str) -> Status:
        """The same for an administrative series."""
        return self._status({f"series.{series}"})

    def _status(self, ways: Iterable[str]) -> Status:
        if self.lock is None:
            return "blinded"
        everywhere = ("inference", "standardise")
        touched = any(
            entry in ways or entry in everywhere or entry.startswith("event.")
            for entry in self.changed
        )
        if touched:
            return "deviation"
        return "specified after data collection" if self.lock.endline_data_seen else "pre-specified"

    def _made_of(self, name: str) -> set[str]:
        """Entries that decide an outcome: its own, those of outcomes inside it, its coding."""
        found = {f"outcome.{name}", f"coding.{name}"}
        for outcome in self.plan.outcome:
            if outcome.id == name:
                inside = [item.name for item in outcome.items if item.name != name]
                found = found.union(*map(self._made_of, inside))
        return found


def read_promise(folder: Path, study: Study, dictionary: Dictionary) -> Promise:
    """Read ``plan.toml``, ``plan.lock`` and ``deviations.toml`` and check them together.

    Without ``plan.lock`` the promise is blinded.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold; an entry that is not the locked one and
        is named by no deviation; a deviation that names what did not change; a plan that claims
        to have come before endline data that had been collected; deviations from a plan that has
        no lock.
    """
    table, plan = read_plan(folder, study, dictionary)
    now = fingerprints(table, plan, study, dictionary)
    # after the fingerprints: what follows from the dictionary is no change of the plan
    plan = with_sensitive_outcomes(plan, dictionary.variables)
    where = f"{folder.name}/deviations.toml"
    deviations: tuple[Deviation, ...] = load.convert(
        Deviations, load.read_toml(folder / "deviations.toml"), where=where
    ).deviation
    if study.blinded:
        if deviations:
            raise SpecError(
                message("deviations-but.problem"),
                where=where,
                mend=message("restore-plan.mend"),
                rule="plan-lock",
            )
        return Promise(plan=plan, lock=None, deviations=(), entries=now)
    lock: Lock = load.convert(
        Lock, load.read_toml(folder / "plan.lock"), where=f"{folder.name}/plan.lock"
    )
    _check_dates(lock, study, f"{folder.name}/plan.lock")
    changed = frozenset(
        entry for entry in {*now, *lock.entries} if now.get(entry) != lock.entries.get(entry)
    )
    _check_changes(plan, changed, deviations, folder.name)
    _check_deviations(plan, lock, changed, deviations, where)
    return Promise(plan=plan, lock=lock, deviations=deviations, changed=changed, entries=now)


def read_plan(folder: Path, study: Study, dictionary: Dictionary) -> tuple[dict[str, Any], Plan]:
    """Read ``plan.toml`` alone: the parsed table and the checked plan.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold.
    """
    where = f"{folder.name}/plan.toml"
    table = load.read_toml(folder / "plan.toml")
    if "hash" in table:
        raise SpecError(
            message("promise-unknown-key.problem"),
            where=where,
            mend=message("remove-computed.mend"),
        )
    plan: Plan = load.convert(Plan, {**table, "hash": plan_hash(table)}, where=where)
    check_plan(plan, study, dictionary, where)
    return table, plan


def _check_dates(lock: Lock, study: Study, where: str) -> None:
    last = study.round[-1]
    if not lock.endline_data_seen and lock.date > last.end:
        raise SpecError(
            message("false-but-lock.problem", date=lock.date, id=last.id, end=last.end),
            where=where,
            mend=message("write-endline.mend"),
            rule="plan-lock",
        )


def _check_changes(
    plan: Plan, changed: frozenset[str], deviations: tuple[Deviation, ...], study: str
) -> None:
    named = {entry for deviation in deviations for entry in deviation.entries}
    unnamed = sorted(changed - named)
    if unnamed:
        more = f" and {len(unnamed) - LISTED} more" if len(unnamed) > LISTED else ""
        raise SpecError(
            message("not-locked-plan.problem", row=f"{', '.join(unnamed[:LISTED])}{more}"),
            where=f"{study}/plan.toml",
            mend=message("undo-change-add.mend", hash=plan.hash),
            rule="plan-lock",
        )


def _check_deviations(
    plan: Plan,
    lock: Lock,
    changed: frozenset[str],
    deviations: tuple[Deviation, ...],
    where: str,
) -> None:
    before = lock.date
    for number, deviation in enumerate(deviations):
        key = f"deviation[{number}]"
        reasons = (deviation.reason.en.strip(), deviation.reason.es.strip())
        if not deviation.entries or not all(reasons):
            raise SpecError(
                message("names-no-entry.problem", key=key),
                where=where,
                mend=message("name-changed.mend"),
            )
        if deviation.date < before:
            raise SpecError(
                message("before-lock-deviation.problem", key=key, date=deviation.date),
                where=where,
                mend=message("give-date-change.mend"),
            )
        for entry in deviation.entries:
            if entry not in changed:
                raise SpecError(
                    message("names-locked.problem", key=key, entry=entry),
                    where=where,
                    mend=message(
                        "deviation-changed.mend",
                        names=", ".join(sorted(changed)) or message("word.none-changed"),
                    ),
                )
        before = deviation.date
    if deviations and deviations[-1].plan_hash != plan.hash:
        raise SpecError(
            message("last-deviation.problem"),
            where=where,
            mend=message("write-plan-hash.mend", hash=plan.hash),
            rule="plan-lock",
        )
