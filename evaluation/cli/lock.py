"""``lock``: write ``plan.lock`` for a plan that has none, from the plan as it stands."""

import argparse
import datetime
import sys

from evaluation import io
from evaluation.cli import stage
from evaluation.cli.power_conclusions import warnings
from evaluation.errors import SpecError
from evaluation.locale.messages import message, wording
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.fingerprints import fingerprints
from evaluation.spec.promise import read_plan
from evaluation.spec.study import read_study
from evaluation.spec.toml_text import value_text

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
    paths = stage.Paths.of(options)
    path = paths.config / "plan.lock"
    if path.exists():
        raise SpecError(
            message("plan-lock.problem"),
            where=f"{options.study}/plan.lock",
            mend=message("plan-lock.mend"),
            rule="plan-lock",
        )
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
    io.write_text(path, "\n".join([HEAD, *lines]) + "\n")
    told = wording("lock.done", options.language, path=path.as_posix(), digest=plan.hash[:12])
    said = "".join(f"{line}\n" for line in warnings(plan, options.language))
    sys.stdout.write(told + said)


def _named(english: str, spanish: str) -> str | dict[str, str]:
    """One text where both languages say the same, or a pair."""
    return {"en": english, "es": spanish} if spanish else english
