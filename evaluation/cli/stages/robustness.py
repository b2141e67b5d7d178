"""Stage ``robustness``: clean data and the plan's checks in, records beside the estimates out."""

import argparse
import dataclasses
import time
from pathlib import Path

import pandas as pd

from evaluation.cli.stages.clean_frames import read_frames, read_provenance
from evaluation.data.cleaning.alternative_outcomes import alternatives
from evaluation.estimation.run_checks import Checks, run_checks
from evaluation.estimation.study_clusters import Frames
from evaluation.report.terminal import counted, spoken
from evaluation.storage import disk, folders
from evaluation.study.configuration import read_declared
from evaluation.study.dictionary import Dictionary
from evaluation.study.preregistration import Promise
from evaluation.study.records import (
    Bound,
    CovariateBalance,
    Diagnostic,
    Difference,
    Estimate,
    Level,
    Unavailable,
)
from evaluation.study.study import Study

# File of each kind of record.
TABLES: tuple[tuple[str, str, type], ...] = (
    ("robustness_estimates", "estimates", Estimate),
    ("robustness_differences", "differences", Difference),
    ("robustness_unavailable", "unavailable", Unavailable),
    ("robustness_diagnostics", "diagnostics", Diagnostic),
    ("robustness_bounds", "bounds", Bound),
    ("robustness_covariates", "covariates", CovariateBalance),
    ("robustness_levels", "levels", Level),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Run every check of the plan and save the records.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, the clean data belong to another study, or a check
        cannot be made at all. Nothing is written then.
    """
    start = time.monotonic()
    paths = folders.Paths.of(options)
    study, dictionary, preregistration = read_declared(paths.config)
    provenance = read_provenance(paths.build / "provenance.json", study, preregistration)
    frames = _with_alternatives(read_frames(paths.clean), preregistration, study, dictionary)
    checks = run_checks(frames, study=study, preregistration=preregistration, provenance=provenance)
    _save(checks, study, paths.build)
    # Last: its presence says that every table beside it is complete.
    disk.write_json(
        paths.build / "robustness.json",
        dataclasses.asdict(provenance) | {"synthetic": study.mark},
    )
    language = spoken(options.language)
    done = ", ".join(
        (
            counted(len(preregistration.plan.check), "check", language),
            counted(len(checks.estimates), "estimate", language),
        )
    )
    folders.announce("robustness", done, time.monotonic() - start, language)


def _with_alternatives(
    frames: Frames, preregistration: Promise, study: Study, dictionary: Dictionary
) -> Frames:
    """The panel with the outcomes of each check that codes them otherwise."""
    made = [
        alternatives(
            frames.panel, check, plan=preregistration.plan, study=study, dictionary=dictionary
        )
        for check in preregistration.plan.check
    ]
    return dataclasses.replace(frames, panel=pd.concat([frames.panel, *made], axis=1))


def _save(checks: Checks, study: Study, folder: Path) -> None:
    for name, kind, record in TABLES:
        disk.write_records(folder / f"{name}.csv", getattr(checks, kind), record, mark=study.mark)
