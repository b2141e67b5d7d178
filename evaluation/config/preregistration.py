"""The plan as it was registered: its fingerprints, its lock and the deviations from it.

The plan's hash proves that *something* changed; the fingerprints say *which* entries did, so a
deviation that names the wrong one, or none, is refused. Some things decide results and stand
outside ``plan.toml``: how the items of outcomes are coded, what is done with interviews that an
event touched, from what age on people belong to the sample, and how weights are built. They are
fingerprinted too, and the list of clusters with arm, stratum and cohort has one fingerprint as a
whole: the stage ``clean`` compares it.

What differs from the lock is found out entry by entry, never taken on trust: each changed entry
needs a dated, reasoned deviation that names it, and nothing is estimated without. Whether the plan
came before the endline data is a fact recorded in ``plan.lock`` and checked against the dates.
"""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.config import toml_reader
from evaluation.config.confidentiality import with_sensitive_outcomes
from evaluation.config.dictionary import Dictionary, Variable
from evaluation.config.panel_study import declared
from evaluation.config.plan import Check, Outcome, Plan, Specification
from evaluation.config.plan_rules import check_plan, check_strata, printed_entries
from evaluation.config.study import LOCK, Study
from evaluation.config.toml_reader import Text, TomlFile, named, read
from evaluation.estimation.records import Status
from evaluation.locale.messages import message

SHOWN = 16
LISTS = ("family", "outcome", "specification", "series", "check", "known")
WHOLE = ("inference", "standardise", "balance")
# tables of surveys, which a panel has no use for
OF_SURVEYS = ("standardise", "balance")
OPTIONAL = ("power", "panel_power")
# the fingerprint of the list of clusters, which deviations name so
ASSIGNMENT = "assignment"
# of locks that hold it
FORMAT = 2


def plan_hash(table: Mapping[str, Any]) -> str:
    """sha256 of the parsed TOML as canonical JSON."""
    return hashlib.sha256(_canonical(table)).hexdigest()


def fingerprints(
    table: Mapping[str, Any], plan: Plan, study: Study, dictionary: Dictionary
) -> dict[str, str]:
    """Fingerprint of every entry that decides a result.

    Parameters
    ----------
    table : Mapping
        ``plan.toml`` as parsed.
    plan : Plan
        The same, checked.
    study : Study
        Gives the treatment of events, the youngest age and the building of weights.
    dictionary : Dictionary
        Gives the coding of the outcomes' items.

    Returns
    -------
    dict of str to str
        By entry: ``inference``, ``standardise``, ``balance``, ``power``, ``family.<id>``,
        ``outcome.<id>``, ``specification.<id>``, ``series.<id>``, ``check.<id>``, ``event.<id>``,
        ``coding.<variable>``, and ``minimum_age`` and ``weights`` where the study has them; of a
        panel ``panel.<part>``, ``panel_power``, ``known.<id>`` and ``cohort.<id>`` too.
    """
    found = {key: _short(table[key]) for key in (*WHOLE, *OPTIONAL) if key in table}
    for kind in LISTS:
        found |= {f"{kind}.{entry['id']}": _short(entry) for entry in table.get(kind, [])}
    found |= {
        f"event.{e.id}": _short([e.start, e.end, e.affects, e.rule])
        for e in study.event
        if e.rule != "none"
    }
    if study.minimum_age is not None:
        found["minimum_age"] = _short(study.minimum_age)
    if study.weights is not None:
        found["weights"] = _short(dataclasses.asdict(study.weights))
    if study.panel is not None:
        found |= {name: _short(value) for name, value in declared(study.panel)}
        found |= {f"cohort.{cohort.id}": _short(cohort.entry) for cohort in study.cohort}
    return found | {f"coding.{name}": _short(code) for name, code in _codings(plan, dictionary)}


def _codings(plan: Plan, dictionary: Dictionary) -> Iterator[tuple[str, object]]:
    """What turns raw texts into the values of the outcomes' items; labels are free."""
    items = {name for outcome in plan.outcome for name in outcome.sources}
    for name, variable in dictionary.variables.items():
        if name not in items:
            continue
        yield (
            name,
            [
                [
                    source,
                    [[c.code, c.value] for c in codes.values]
                    if (codes := dictionary.code_list(name, source))
                    else [],
                    dataclasses.asdict(missing) | {"id": ""}
                    if (missing := dictionary.missing_codes(name, source))
                    else {},
                    variable.range,
                    _skip_rule(variable),
                ]
                for source in sorted(variable.raw)
            ],
        )


def _skip_rule(variable: Variable) -> dict[str, Any]:
    """A skip rule as it was written before ``skipped`` could be said, where it is not."""
    rule = dataclasses.asdict(variable.asked_if) if variable.asked_if else {}
    return {key: value for key, value in rule.items() if (key, value) != ("skipped", "error")}


def _short(value: object) -> str:
    return hashlib.sha256(_canonical(value)).hexdigest()[:SHOWN]


def _canonical(value: object) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return text.encode()


LISTED = 8
RULE = "plan-lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedAssignment:
    """Fingerprint of the list of clusters, and the day on which it was first locked."""

    sum: str
    date: datetime.date


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
        Fingerprint of each entry as locked; see `fingerprints`.
    format : int
        2 where the lock holds the assignment, as every lock does that is written now; else 1.
    assignment : LockedAssignment, optional
        None in a lock of format 1 that was not completed.
    """

    plan_hash: str
    registry: str | Text
    registration: str | Text
    url: str
    date: datetime.date
    endline_data_seen: bool
    note: Text
    entries: dict[str, str]
    format: int = 1
    assignment: LockedAssignment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """A dated, reasoned change after the lock, of the entries it names.

    ``plan_hash`` is that of the plan after the change, ``assignment`` the fingerprint of the list
    of clusters after it, where the entry ``assignment`` is named.
    """

    date: datetime.date
    plan_hash: str
    entries: tuple[str, ...]
    reason: Text
    assignment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviations:
    """All deviations, oldest first."""

    deviation: tuple[Deviation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A plan with its lock and deviations; ``changed`` holds the entries that left the lock.

    ``entries`` are the fingerprints of the plan as it stands. ``changed_after_data`` says whether
    an entry was changed after endline data had been seen, or may have been: after the last day.

    ``lock`` is None as long as the plan is not locked: results are blinded until then.
    """

    plan: Plan
    lock: Lock | None
    deviations: tuple[Deviation, ...]
    changed: frozenset[str] = frozenset()
    entries: Mapping[str, str] = dataclasses.field(default_factory=dict)
    changed_after_data: bool = False

    def status(self, specification: Specification, outcome: Outcome, tier: str) -> Status:
        """How a result may be called: a fact about dates and about what was changed."""
        exploratory = "exploratory" in (specification.status, tier)
        return self._status(
            {f"specification.{specification.id}", *self._made_of(outcome)}, exploratory=exploratory
        )

    def check_status(self, check: Check, outcome: Outcome, tier: str) -> Status:
        """The same for a row of a check, which varies the primary specification."""
        primary = f"specification.{self.plan.primary_specification().id}"
        ways = {f"check.{check.id}", primary, *self._made_of(outcome)}
        return self._status(ways, exploratory=tier == "exploratory")

    def series_status(self, series: str) -> Status:
        """The same for an administrative series."""
        return self._status({f"series.{series}"})

    def _status(self, ways: set[str], *, exploratory: bool = False) -> Status:
        if self.lock is None:
            return "blinded"
        if exploratory:
            return "exploratory"
        touched = {*ways, "inference", "standardise", ASSIGNMENT}
        if any(entry in touched or entry.startswith("event.") for entry in self.changed):
            return "deviation"
        return "specified after data collection" if self.lock.endline_data_seen else "pre-specified"

    @property
    def assigned(self) -> str:
        """Fingerprint that the list of clusters must have; empty where none is locked."""
        if self.lock is None or self.lock.assignment is None:
            return ""
        later = [deviation.assignment for deviation in self.deviations if deviation.assignment]
        return later[-1] if later else self.lock.assignment.sum

    def reassigned(self) -> Deviation | None:
        """The last deviation that changed the list of clusters."""
        return next((d for d in reversed(self.deviations) if d.assignment), None)

    def _made_of(self, outcome: Outcome) -> set[str]:
        """Entries that decide an outcome: family, itself, outcomes inside it, their coding."""
        outcomes, names = {o.id: o for o in self.plan.outcome}, [outcome.id]
        for name in names:
            made_of = outcomes[name].sources if name in outcomes else ()
            names += [source for source in made_of if source not in names]
        decided = {f"{kind}.{name}" for kind in ("outcome", "coding") for name in names}
        return {f"family.{outcome.family}", *decided}


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
    toml = TomlFile(named(folder, "deviations.toml"))
    deviations = read(Deviations, folder, "deviations.toml").deviation
    if study.blinded:
        toml.refuse(deviations, "deviations-but", "restore-plan", rule=RULE)
        return Promise(plan=plan, lock=None, deviations=(), entries=now)
    lock = read(Lock, folder, LOCK)
    check_lock(folder, study, lock.date, seen=lock.endline_data_seen)
    _check_format(lock, TomlFile(named(folder, LOCK)))
    found = Promise(plan=plan, lock=lock, deviations=deviations, entries=now)
    changed = frozenset(
        entry for entry in {*now, *lock.entries} if now.get(entry) != lock.entries.get(entry)
    )
    if lock.assignment is not None and found.assigned != lock.assignment.sum:
        changed |= {ASSIGNMENT}
    unnamed = sorted(changed.difference(*(deviation.entries for deviation in deviations)))
    more = f" and {len(unnamed) - LISTED} more" if len(unnamed) > LISTED else ""
    TomlFile(named(folder, "plan.toml")).refuse(
        unnamed,
        "not-locked-plan",
        "undo-change-add",
        rule=RULE,
        row=f"{', '.join(unnamed[:LISTED])}{more}",
        hash=plan.hash,
    )
    _check_deviations(plan, lock, changed, deviations, toml)
    after_data = any(lock.endline_data_seen or d.date > _last(study)[1] for d in deviations)
    return dataclasses.replace(found, changed=changed, changed_after_data=after_data)


def _check_format(lock: Lock, toml: TomlFile) -> None:
    """A lock of the present format holds the assignment; only an older one may go without."""
    known = lock.format in (1, FORMAT)
    toml.refuse(not known, "lock-format", "lock-format", rule=RULE, format=f"{lock.format}")
    held = lock.assignment is not None
    lost, loose = lock.format == FORMAT and not held, lock.format != FORMAT and held
    toml.refuse(lost, "lock-without-assignment", "lock-as-in-git", rule=RULE)
    toml.refuse(loose, "lock-of-two-formats", "lock-as-in-git", rule=RULE)


def check_lock(folder: Path, study: Study, date: datetime.date, *, seen: bool) -> None:
    """Whether a lock of that day may say that endline data were not seen.

    Parameters
    ----------
    folder : Path
        Of the study's configuration.
    study : Study
    date : date
        Of the lock.
    seen : bool
        What it says of the endline data.

    Raises
    ------
    SpecError
        They were not seen, by a lock from after the last day of the data.
    """
    last, end = _last(study)
    late = not seen and date > end
    TomlFile(named(folder, LOCK)).refuse(
        late, "false-but-lock", "write-endline", rule=RULE, date=date, id=last, end=end
    )


def _last(study: Study) -> tuple[str, datetime.date]:
    """What the data end with, and on which day: the last round, or a panel's last year."""
    if study.panel is not None:
        return f"{study.panel.last}", datetime.date(study.panel.last, 12, 31)
    return study.round[-1].id, study.round[-1].end


def read_plan(folder: Path, study: Study, dictionary: Dictionary) -> tuple[dict[str, Any], Plan]:
    """Read ``plan.toml`` alone: the parsed table and the checked plan.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold.
    """
    toml = TomlFile(named(folder, "plan.toml"))
    table = toml_reader.read_toml(folder / "plan.toml")
    toml.refuse("hash" in table, "promise-unknown-key", "remove-computed")
    for key in OF_SURVEYS if study.panel is None else ():
        toml.refuse(key not in table, "key-missing", "load-add", path=key, name=key)
    check_strata(table, study, toml)
    printed = printed_entries(table, LISTS, toml)
    plan = toml_reader.convert(
        Plan, {**table, **printed, "hash": plan_hash(table)}, where=toml.where
    )
    check_plan(plan, study, dictionary, toml)
    return table, plan


def _check_deviations(
    plan: Plan,
    lock: Lock,
    changed: frozenset[str],
    deviations: tuple[Deviation, ...],
    toml: TomlFile,
) -> None:
    before, names = lock.date, ", ".join(sorted(changed)) or message("word.none-changed")
    for number, deviation in enumerate(deviations):
        key, reason = f"deviation[{number}]", deviation.reason
        empty = not (deviation.entries and reason.en.strip() and reason.es.strip())
        toml.refuse(empty, "names-no-entry", "name-changed", key=key)
        unsummed = (ASSIGNMENT in deviation.entries) != bool(deviation.assignment)
        toml.refuse(unsummed, "deviation-of-assignment", "deviation-of-assignment", key=key)
        early = deviation.date < before
        toml.refuse(
            early, "before-lock-deviation", "give-date-change", key=key, date=deviation.date
        )
        for entry in deviation.entries:
            same = entry not in changed
            toml.refuse(
                same, "names-locked", "deviation-changed", key=key, entry=entry, names=names
            )
        before = deviation.date
    other = deviations and deviations[-1].plan_hash != plan.hash
    toml.refuse(other, "last-deviation", "write-plan-hash", rule=RULE, hash=plan.hash)
