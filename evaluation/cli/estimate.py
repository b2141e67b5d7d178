"""Stage ``estimate``: clean data and the plan in, result records out."""

import argparse
import dataclasses
import time
from pathlib import Path

import pandas as pd

import evaluation
from evaluation import io
from evaluation.cli import stage
from evaluation.errors import DataError
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.promise import Promise, read_promise
from evaluation.spec.records import (
    Adjustment,
    Balance,
    Diagnostic,
    Estimate,
    LeaveOneOut,
    Level,
    Provenance,
    Trend,
    Unavailable,
)
from evaluation.spec.study import Study, read_study
from evaluation.stats.run import Frames, Results, run_plan

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
    paths = stage.Paths.of(options)
    study = read_study(paths.config)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    promise = read_promise(paths.config, study, dictionary)
    provenance = _provenance(paths.build / "provenance.json", study, promise)
    frames = _frames(paths.clean)
    results = run_plan(frames, study=study, promise=promise, provenance=provenance)
    _save(results, provenance, study, paths)
    count = f"{len(results.estimates):,} estimates, {len(results.unavailable)} unavailable"
    stage.announce("estimate", count, time.monotonic() - start)


def _provenance(path: Path, study: Study, promise: Promise) -> Provenance:
    read = io.read_json(path)
    if read.get("study") != study.id:
        raise DataError(
            f"the file belongs to study {read.get('study')!r}",
            where=path.name,
            mend="run the stages read and clean for this study",
        )
    return Provenance(
        study=study.id,
        plan_hash=promise.plan.hash,
        data_hash=read["data_hash"],
        version=evaluation.__version__,
    )


def _frames(folder: Path) -> Frames:
    def optional(name: str) -> pd.DataFrame | None:
        path = folder / f"{name}.parquet"
        return io.read_frame(path) if path.exists() else None

    return Frames(
        panel=io.read_frame(folder / "panel.parquet"),
        frame=io.read_frame(folder / "frame.parquet"),
        analysis=optional("analysis"),
        series=optional("series"),
    )


def _save(results: Results, provenance: Provenance, study: Study, paths: stage.Paths) -> None:
    for name, kind in TABLES:
        io.write_records(paths.build / f"{name}.csv", getattr(results, name), kind, mark=study.mark)
    io.write_records(
        paths.private / "leave_one_out.csv", results.leave_one_out, LeaveOneOut, mark=""
    )
    # Last: its presence says that every table beside it is complete.
    io.write_json(
        paths.build / "results.json", dataclasses.asdict(provenance) | {"synthetic": study.mark}
    )
