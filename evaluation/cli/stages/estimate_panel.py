"""Stage ``estimate`` of a study of type panel: the clean panel and its plan in, records out."""

import argparse
import dataclasses

from evaluation.cli.stages.clean_frames import read_provenance, write_results
from evaluation.estimation import many_fits
from evaluation.estimation.panels.run_panel import run_panel
from evaluation.estimation.panels.units import PanelFrames
from evaluation.report.terminal import all_counted, spoken
from evaluation.storage import disk, folders
from evaluation.study.configuration import read_declared
from evaluation.study.records import Bound


def run(options: argparse.Namespace) -> str:
    """Estimate everything that the plan of a panel promises and save the records.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, the clean data belong to another study, or something
        promised cannot be estimated. Nothing is written then.
    """
    paths = folders.Paths.of(options)
    study, _, preregistration = read_declared(paths.config)
    provenance = read_provenance(paths.build / folders.PROVENANCE, study, preregistration)
    frames = read_panel_frames(paths)
    with many_fits.asked(many_fits.in_threads) as each:
        results = run_panel(
            frames,
            study=study,
            preregistration=preregistration,
            provenance=provenance,
            each=each,
        )
    write_results(paths.build, results, mark=study.mark, without="bounds")
    disk.write_records(paths.build / folders.BOUNDS, results.bounds, Bound, mark=study.mark)
    made = disk.read_json(paths.build / folders.PROVENANCE)
    # Last: its presence says that every table beside it is complete.
    disk.write_json(
        paths.build / "results.json",
        dataclasses.asdict(provenance)
        | {name: made[name] for name in ("files", "corrections")}
        | {"synthetic": study.mark, "entries": dict(preregistration.entries)},
    )
    counts = (len(results.estimates), "estimate"), (len(results.unavailable), "unavailable")
    return all_counted(spoken(options.language), *counts)


def read_panel_frames(paths: folders.Paths) -> PanelFrames:
    """Clean tables of a panel study, who is treated, and the events that were counted.

    Parameters
    ----------
    paths : Paths

    Raises
    ------
    StorageError
        One of them is missing.
    """
    return PanelFrames(
        panel=disk.read_frame(paths.clean / "panel.parquet"),
        merged=disk.read_frame(paths.clean / "merged.parquet"),
        frame=disk.read_frame(paths.clean / "frame.parquet"),
        assignment=disk.read_frame(paths.private / folders.ASSIGNMENT),
        events=disk.read_frame(paths.private / folders.EVENTS),
    )
