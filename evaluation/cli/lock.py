"""Commands ``lock`` and ``complete-lock``: write ``plan.lock``, or add what older ones lack."""

import argparse
import datetime
import sys
from collections.abc import Iterator
from pathlib import Path

from evaluation.cli.stages import assignment
from evaluation.config.check_kinds import check_checks
from evaluation.config.decisions import unread
from evaluation.config.declared import read_declared, sources
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.plan import Plan
from evaluation.config.preregistration import FORMAT, RULE, check_lock, fingerprints, read_plan
from evaluation.config.study import LOCK, read_study
from evaluation.config.toml_writer import value_text
from evaluation.errors import SpecError
from evaluation.fieldwork.power_list import warnings
from evaluation.locale.messages import Message, message, several, wording
from evaluation.storage import disk, folders

HEAD = (
    "# What was registered, where and when. Written once;"
    " a later plan goes through deviations.toml."
)

ENTRIES = (
    "# One fingerprint an entry: a deviation must name every entry that differs from these.\n"
    "[entries]\n"
)


def add_lock_arguments(parser: argparse.ArgumentParser) -> None:
    """Say where the plan is registered; nothing of it is guessed."""
    parser.add_argument("--registry", required=True, help="name of the registry, or none")
    parser.add_argument("--registration", default="none", help="id there")
    parser.add_argument("--registry-es", default="", help="the registry's name in Spanish")
    parser.add_argument("--registration-es", default="", help="the id with its words in Spanish")
    parser.add_argument("--url", default="", help="address of the registration")
    parser.add_argument("--endline-data-seen", required=True, choices=("yes", "no"))
    parser.add_argument("--note-en", required=True, help="one sentence for readers, English")
    parser.add_argument("--note-es", required=True, help="the same in Spanish")
    parser.add_argument(
        "--anyway",
        action="store_true",
        help="lock although comments are unread, or the planned design is missing or too small",
    )


def run(options: argparse.Namespace) -> None:
    """Write the lock.

    Raises
    ------
    DataError
        The list of clusters, whose assignment is locked too, is not there or has an error.
    SpecError
        The plan has a lock already (changes go through deviations.toml), or does not hold; the
        lock would say that finished interviews were not seen; or something is left to read or to
        plan, and nobody said to lock it as it is.
    """
    paths = folders.Paths.of(options)
    path = paths.config / "plan.lock"
    if path.exists():
        raise SpecError.of("plan-lock", "plan-lock", f"{options.study}/plan.lock", rule="plan-lock")
    study = read_study(paths.config)
    dictionary = read_dictionary(paths.config, sources(paths.config, study))
    table, plan = read_plan(paths.config, study, dictionary)
    check_checks(plan, dictionary, paths.config)
    today, seen = datetime.datetime.now(tz=datetime.UTC).date(), options.endline_data_seen == "yes"
    check_lock(paths.config, study, today, seen=seen)
    comments, warned = tuple(_unread(paths.config)), warnings(plan, options.language)
    left = (*comments, *warned)
    if left and not options.anyway:
        listed = "".join(f"\n  {line}" for line in left)
        where = f"{options.study}/plan.toml"
        steps = several(_steps(plan, comments=bool(comments), warned=bool(warned)), ", ")
        raise SpecError.of(
            "lock-left", "lock-left", where, rule="lock-left", listed=listed, steps=steps
        )
    assigned = assignment.delivered(paths)
    assignment.refuse_other(paths, assigned)
    entries = sorted(fingerprints(table, plan, study, dictionary).items())
    lines = [
        HEAD,
        f"format = {FORMAT}",
        f"plan_hash = {value_text(plan.hash)}",
        f"registry = {_named(options.registry, options.registry_es)}",
        f"registration = {_named(options.registration, options.registration_es)}",
        f"url = {value_text(options.url)}",
        f"date = {today.isoformat()}",
        f"endline_data_seen = {value_text(seen)}",
        "",
        "[note]",
        f"en = {value_text(options.note_en)}",
        f"es = {value_text(options.note_es)}",
        "",
        *_assignment(assigned, today),
        "",
        *ENTRIES.splitlines(),
        *(f'"{entry}" = "{digest}"' for entry, digest in entries),
    ]
    disk.write_text(path, "\n".join(lines) + "\n")
    done = wording("lock.done", options.language, path=path.as_posix(), digest=plan.hash[:12])
    sys.stdout.write(done + "".join(f"{line}\n" for line in left))


def run_complete_lock(options: argparse.Namespace) -> None:
    """Add the assignment, as it is delivered today, to a lock of the format without it.

    Raises
    ------
    DataError
        The list of clusters is not there or has an error.
    SpecError
        There is no lock, or it holds the assignment; or Git's history of the lock or an earlier
        release has another assignment.
    """
    paths = folders.Paths.of(options)
    path, name = paths.config / LOCK, f"{options.study}/{LOCK}"
    _, _, promise = read_declared(paths.config)
    if promise.lock is None:
        raise SpecError.of("no-lock", "no-lock", name, rule=RULE)
    if promise.lock.assignment is not None:
        raise SpecError.of("plan-lock", "assignment-locked", name, rule=RULE)
    today = datetime.datetime.now(tz=datetime.UTC).date()
    assigned = assignment.delivered(paths)
    assignment.refuse_other(paths, assigned)
    assignment.released_otherwise(paths, assigned)
    head, entries, rest = disk.read_text(path).partition(ENTRIES)
    first, _, after = head.partition("plan_hash = ")
    added = "\n".join(_assignment(assigned, today))
    locked = f"{first}format = {FORMAT}\nplan_hash = {after}{added}\n\n{entries}{rest}"
    disk.write_text(path, locked)
    sys.stdout.write(wording("lock.completed", options.language, path=path.as_posix()))


def _assignment(assigned: str, day: datetime.date) -> Iterator[str]:
    yield "# The list of clusters with arm, stratum and cohort, first locked on this day."
    yield "[assignment]"
    yield f"sum = {value_text(assigned)}"
    yield f"date = {day.isoformat()}"


def _steps(plan: Plan, *, comments: bool, warned: bool) -> Iterator[Message]:
    """What to do about what is left, and about nothing else."""
    if comments:
        yield message("lock-left.read")
    if warned:
        planned = plan.power is not None
        yield message("lock-left.larger") if planned else message("lock-left.power")


def _unread(config: Path) -> Iterator[str]:
    """What nobody confirmed of a draft, by file and line."""
    for where, said in unread(config):
        yield f"{where} {said}"


def _named(english: str, spanish: str) -> str:
    """One text where both languages say the same, or a pair."""
    return value_text({"en": english, "es": spanish} if spanish else english)
