"""Stage ``estimate``: clean data and the plan in, result records out."""

import argparse
import dataclasses

from evaluation.analysis.panels.run_panel import PanelResults, run_panel
from evaluation.analysis.panels.units import PanelFrames
from evaluation.analysis.planning.next_round import detectable_effects
from evaluation.analysis.planning.planned_chances import planned_chances
from evaluation.analysis.run_plan import PlanResults, run_plan
from evaluation.cli.stages import unchanged
from evaluation.cli.stages.clean_frames import read_frames, read_provenance, write_results
from evaluation.config.declared import read_declared
from evaluation.config.design_records import ConclusionChance, PlannedPower
from evaluation.config.preregistration import Promise
from evaluation.config.study import Study
from evaluation.estimation import many_fits
from evaluation.estimation.records import Bound, LeaveOneOut, Provenance, Unavailable
from evaluation.locale.messages import wording
from evaluation.report.terminal import all_counted, spoken
from evaluation.storage import disk, folders


def run(options: argparse.Namespace) -> str:
    """Estimate everything that the plan promises and save the records, unless that is done.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, the clean data belong to another study, or something
        promised cannot be estimated. Nothing is written then.
    """
    paths = folders.Paths.of(options)
    study, _, preregistration = read_declared(paths.config)
    provenance = read_provenance(paths.build / folders.PROVENANCE, study, preregistration)
    inputs = unchanged.sum_of_inputs(paths, preregistration.plan.hash)
    if unchanged.is_unchanged(paths, "estimate", inputs):
        return wording("stage.unchanged", spoken(options.language))
    results: PlanResults | PanelResults
    if study.panel is None:
        results = _two_rounds(paths, study, preregistration, provenance)
    else:
        results = _panel(paths, study, preregistration, provenance)
    made = disk.read_json(paths.build / folders.PROVENANCE)
    # Last: its presence says that every table beside it is complete.
    disk.write_json(
        paths.build / "results.json",
        dataclasses.asdict(provenance)
        | {name: made[name] for name in ("files", "corrections")}
        | {"synthetic": study.mark, "entries": dict(preregistration.entries)},
    )
    unchanged.note(paths, "estimate", inputs)
    counts = (len(results.estimates), "estimate"), (len(results.unavailable), "unavailable")
    return all_counted(spoken(options.language), *counts)


def _two_rounds(
    paths: folders.Paths, study: Study, preregistration: Promise, provenance: Provenance
) -> PlanResults:
    """Estimate and save the records of a study of two rounds, and what the next one would see."""
    frames, plan = read_frames(paths.clean), preregistration.plan
    results = run_plan(
        frames,
        study=study,
        preregistration=preregistration,
        provenance=provenance,
        each=many_fits.asked(),
    )
    planned = detectable_effects(frames, study=study, plan=plan, provenance=provenance)
    absent = tuple(row for row in planned if isinstance(row, Unavailable))
    results = dataclasses.replace(results, unavailable=(*results.unavailable, *absent))
    # it names clusters and stays in the private folder
    left_out = "leave_one_out"
    write_results(paths.build, results, mark=study.mark, without=left_out)
    disk.write_records(
        paths.private / f"{left_out}.csv", results.leave_one_out, LeaveOneOut, mark=""
    )
    detectable = [row for row in planned if isinstance(row, PlannedPower)]
    chances = planned_chances(plan, study=study.id)
    for name, rows, kind in (
        ("detectable_effects.csv", detectable, PlannedPower),
        (folders.CHANCES, chances, ConclusionChance),
    ):
        disk.write_records(paths.build / name, rows, kind, mark=study.mark)
    return results


def _panel(
    paths: folders.Paths, study: Study, preregistration: Promise, provenance: Provenance
) -> PanelResults:
    """Estimate and save the records of a study of type panel."""
    frames = read_panel_frames(paths)
    results = run_panel(
        frames,
        study=study,
        preregistration=preregistration,
        provenance=provenance,
        each=many_fits.asked(many_fits.in_threads),
    )
    write_results(paths.build, results, mark=study.mark, without="bounds")
    disk.write_records(paths.build / folders.BOUNDS, results.bounds, Bound, mark=study.mark)
    return results


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
