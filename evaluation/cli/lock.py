"""Command ``lock``, and what it and ``power`` say of conclusions that cannot be reached."""

import argparse
import datetime
import sys
from collections.abc import Iterable, Mapping

from evaluation.errors import SpecError
from evaluation.estimation.planning.conclusion_chances import (
    Intervals,
    Needed,
    planned_intervals,
    unreachable,
)
from evaluation.estimation.planning.next_round import PlannedConclusions
from evaluation.locale.messages import wording
from evaluation.report.formats import words
from evaluation.storage import disk, folders
from evaluation.study.configuration import FILE_SOURCES
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.plan import Outcome, Plan
from evaluation.study.preregistration import fingerprints, read_plan
from evaluation.study.study import read_study
from evaluation.study.toml_writer import value_text

POWERS = ("power-list.power", "power-list.clusters", "power-list.people")


def heads(language: str) -> tuple[str, ...]:
    """Heads of the table's columns."""
    said = (
        "power-list.outcome",
        "power-list.effect",
        "power-list.unit",
        "power-list.mde",
        *POWERS,
        "power-list.type-s",
        "power-list.type-m",
    )
    return tuple(wording(text, language) for text in said)


def number(value: float, decimals: int, language: str) -> str:
    """A number with the language's mark of decimals."""
    shown = f"{value:.{decimals}f}"
    return shown if language == "en" else shown.replace(".", ",")


def share(value: float, decimals: int, language: str) -> str:
    """A share of one as a percentage."""
    return wording("power-list.share", language, n=number(100 * value, decimals, language))


def design(
    *,
    treated: int,
    comparison: int,
    respondents: float,
    panel: float,
    lost: float,
    language: str,
) -> str:
    """The design of the next round, on one line.

    Parameters
    ----------
    treated, comparison : int
        Clusters of each group.
    respondents : float
        In each cluster and round.
    panel, lost : float
        Shares: of respondents to be interviewed again, and of these who are lost.
    language : {"en", "es"}
    """
    people = f"power-list.respondents.{'one' if round(respondents) == 1 else 'other'}"
    return wording(
        "power-list.design",
        language,
        treated=treated,
        comparison=comparison,
        respondents=wording(people, language, n=f"{respondents:.0f}"),
        panel=share(panel, 0, language),
        lost=share(lost, 0, language),
    )


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
        for made, said in ((one.detected, "detected"), (one.ruled_out, "ruled_out")):
            lines.append(_line(one.outcome, made, said, language))
        warned += _warnings({one.outcome.id: one.intervals}, (one.outcome,), language)
    return "\n".join((*lines, *warned)) + "\n"


def warnings(plan: Plan, language: str) -> tuple[str, ...]:
    """Conclusions that the planned design cannot reach, whatever the truth; a line for each.

    Parameters
    ----------
    plan : Plan
        Its ``[power]`` is the planned design.
    language : {"en", "es"}
    """
    if plan.power is None:
        return (wording("needed.no-inputs", language),)
    return _warnings(planned_intervals(plan), plan.primary_outcomes(), language)


def _warnings(
    intervals: Mapping[str, Intervals], outcomes: Iterable[Outcome], language: str
) -> tuple[str, ...]:
    said = []
    for outcome in outcomes:
        if outcome.smallest_effect is None:
            continue
        missed = unreachable(intervals[outcome.id], smallest_effect=outcome.smallest_effect)
        if "ruled_out" in missed:
            said.append(wording("needed.no-ruled-out", language, outcome=outcome.id))
        if "smaller" in missed:
            said.append(wording("needed.no-smaller", language, outcome=outcome.id))
    return tuple(said)


def _line(outcome: Outcome, needed: Needed, target: str, language: str) -> str:
    respondents = (
        wording("needed.no-respondents", language)
        if needed.respondents is None
        else wording("needed.respondents", language, n=needed.respondents)
    )
    clusters = (
        wording("needed.no-clusters", language)
        if needed.clusters is None
        else wording("needed.clusters", language, n=needed.clusters)
    )
    holes = {
        "outcome": outcome.id,
        "size": number(needed.smallest_effect, outcome.decimals + 1, language),
        "unit": words.unit(outcome.unit, language),
        "respondents": respondents,
        "clusters": clusters,
    }
    if target == "detected":
        return wording("needed.detected", language, **holes)
    return wording("needed.ruled-out", language, **holes)


HEAD = (
    "# What was registered, where and when. Written once;"
    " a later plan goes through deviations.toml."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say where the plan is registered; nothing of it is guessed."""
    parser.add_argument("--registry", required=True, help="name of the registry, or none")
    parser.add_argument("--registration", default="none", help="id there")
    parser.add_argument("--registry-es", default="", help="the registry's name in Spanish")
    parser.add_argument("--registration-es", default="", help="the id with its words in Spanish")
    parser.add_argument("--url", default="", help="address of the registration")
    parser.add_argument("--endline-data-seen", required=True, choices=("yes", "no"))
    parser.add_argument("--note-en", required=True, help="one sentence for readers, English")
    parser.add_argument("--note-es", required=True, help="the same in Spanish")


def run(options: argparse.Namespace) -> None:
    """Write the lock.

    Raises
    ------
    SpecError
        The plan has a lock already (changes go through deviations.toml), or does not hold.
    """
    paths = folders.Paths.of(options)
    path = paths.config / "plan.lock"
    if path.exists():
        raise SpecError.of("plan-lock", "plan-lock", f"{options.study}/plan.lock", rule="plan-lock")
    study = read_study(paths.config)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    table, plan = read_plan(paths.config, study, dictionary)
    facts = {
        "plan_hash": plan.hash,
        "registry": _named(options.registry, options.registry_es),
        "registration": _named(options.registration, options.registration_es),
        "url": options.url,
    }
    lines = [f"{key} = {value_text(value)}" for key, value in facts.items()]
    lines += [
        f"date = {datetime.datetime.now(tz=datetime.UTC).date().isoformat()}",
        f"endline_data_seen = {'true' if options.endline_data_seen == 'yes' else 'false'}",
        "",
        "[note]",
        f"en = {value_text(options.note_en)}",
        f"es = {value_text(options.note_es)}",
        "",
        "# One fingerprint an entry: a deviation must name every entry that differs from these.",
        "[entries]",
    ]
    entries = fingerprints(table, plan, study, dictionary)
    lines += [f'"{entry}" = "{digest}"' for entry, digest in sorted(entries.items())]
    disk.write_text(path, "\n".join([HEAD, *lines]) + "\n")
    told = wording("lock.done", options.language, path=path.as_posix(), digest=plan.hash[:12])
    said = "".join(f"{line}\n" for line in warnings(plan, options.language))
    sys.stdout.write(told + said)


def _named(english: str, spanish: str) -> str | dict[str, str]:
    """One text where both languages say the same, or a pair."""
    return {"en": english, "es": spanish} if spanish else english
