"""Stage ``estimate``: clean data and the plan in, result records out."""

import argparse
import dataclasses
import time

from evaluation.cli.stages.clean_frames import read_frames, read_provenance
from evaluation.estimation.planning.conclusion_chances import planned_chances
from evaluation.estimation.planning.next_round import detectable_effects
from evaluation.estimation.run_plan import Results, run_plan
from evaluation.report.terminal import counted, spoken
from evaluation.storage import disk, folders
from evaluation.study.configuration import read_declared
from evaluation.study.design_records import ConclusionChance, PlannedPower
from evaluation.study.records import (
    Adjustment,
    Balance,
    Diagnostic,
    Estimate,
    LeaveOneOut,
    Level,
    Trend,
    Unavailable,
)
from evaluation.study.study import Study

# File of each kind of record. `leave_one_out` names clusters and stays in the private folder.
TABLES: tuple[tuple[str, type], ...] = (
    ("estimates", Estimate),
    ("unavailable", Unavailable),
    ("adjustments", Adjustment),
    ("diagnostics", Diagnostic),
    ("levels", Level),
    ("balance", Balance),
    ("trends", Trend),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Estimate everything that the plan promises and save the records.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, the clean data belong to another study, or something
        promised cannot be estimated. Nothing is written then.
    """
    start = time.monotonic()
    paths = folders.Paths.of(options)
    study, _, preregistration = read_declared(paths.config)
    provenance = read_provenance(paths.build / "provenance.json", study, preregistration)
    frames = read_frames(paths.clean)
    results = run_plan(frames, study=study, preregistration=preregistration, provenance=provenance)
    planned = detectable_effects(
        frames, study=study, plan=preregistration.plan, provenance=provenance
    )
    absent = tuple(row for row in planned if isinstance(row, Unavailable))
    results = dataclasses.replace(results, unavailable=(*results.unavailable, *absent))
    _save(results, study, paths)
    disk.write_records(
        paths.build / "detectable_effects.csv",
        [row for row in planned if isinstance(row, PlannedPower)],
        PlannedPower,
        mark=study.mark,
    )
    disk.write_records(
        paths.build / folders.CHANCES,
        planned_chances(preregistration.plan, study=study.id),
        ConclusionChance,
        mark=study.mark,
    )
    made = disk.read_json(paths.build / "provenance.json")
    # Last: its presence says that every table beside it is complete.
    disk.write_json(
        paths.build / "results.json",
        dataclasses.asdict(provenance)
        | {
            "synthetic": study.mark,
            "entries": dict(preregistration.entries),
            "files": made["files"],
            "corrections": made["corrections"],
        },
    )
    language, counts = spoken(options.language), (results.estimates, results.unavailable)
    nouns = zip(counts, ("estimate", "unavailable"), strict=True)
    done = ", ".join(counted(len(rows), noun, language) for rows, noun in nouns)
    folders.announce("estimate", done, time.monotonic() - start, language)


def _save(results: Results, study: Study, paths: folders.Paths) -> None:
    for name, kind in TABLES:
        disk.write_records(
            paths.build / f"{name}.csv", getattr(results, name), kind, mark=study.mark
        )
    disk.write_records(
        paths.private / "leave_one_out.csv", results.leave_one_out, LeaveOneOut, mark=""
    )
