"""Stage ``robustness``: clean data and the plan's checks in, records beside the estimates out."""

import argparse
import dataclasses

import pandas as pd

from evaluation.analysis.run_checks import run_checks, sizes_beside
from evaluation.cli.stages import unchanged
from evaluation.cli.stages.clean_frames import read_frames, read_provenance, write_results
from evaluation.config.check_kinds import check_checks
from evaluation.config.declared import read_declared
from evaluation.data.cleaning.alternative_outcomes import alternatives
from evaluation.estimation import many_fits
from evaluation.locale.messages import wording
from evaluation.report.hidden_rows import Rules
from evaluation.report.record_disclosure import without_derivable
from evaluation.report.record_set import Records
from evaluation.report.terminal import all_counted, spoken
from evaluation.storage import disk, folders


def run(options: argparse.Namespace) -> str:
    """Run every check of the plan and save the records, unless that is done.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, the clean data belong to another study, or a check
        cannot be made at all. Nothing is written then.
    """
    paths = folders.Paths.of(options)
    study, dictionary, preregistration = read_declared(paths.config)
    plan = preregistration.plan
    check_checks(plan, dictionary, paths.config)
    provenance = read_provenance(paths.build / folders.PROVENANCE, study, preregistration)
    inputs = unchanged.sum_of_inputs(paths, plan.hash)
    if unchanged.is_unchanged(paths, "robustness", inputs):
        return wording("stage.unchanged", spoken(options.language))
    frames = read_frames(paths.clean)
    # the outcomes of each check that codes them otherwise
    others = [
        alternatives(frames.panel, check, plan=plan, study=study, dictionary=dictionary)
        for check in plan.check
    ]
    frames = dataclasses.replace(frames, panel=pd.concat([frames.panel, *others], axis=1))
    checks = run_checks(
        frames,
        study=study,
        preregistration=preregistration,
        provenance=provenance,
        each=many_fits.asked(),
    )
    made = Records(
        provenance=provenance,
        check_estimates=checks.estimates,
        differences=checks.differences,
        bounds=checks.bounds,
        check_diagnostics=checks.diagnostics,
        check_unavailable=checks.unavailable,
    )
    rules = Rules(plan=plan, study=study, variables=dictionary.variables)
    outcomes = {e.outcome for e in checks.estimates}
    beside = sizes_beside(frames, study=study, preregistration=preregistration, outcomes=outcomes)
    closed = without_derivable(made, beside, rules)
    checks = dataclasses.replace(
        checks,
        estimates=closed.check_estimates,
        differences=closed.differences,
        bounds=closed.bounds,
        diagnostics=closed.check_diagnostics,
        unavailable=closed.check_unavailable,
    )
    write_results(paths.build, checks, mark=study.mark, prefix="robustness_")
    # Last: its presence says that every table beside it is complete.
    disk.write_json(
        paths.build / "robustness.json",
        dataclasses.asdict(provenance) | {"synthetic": study.mark},
    )
    unchanged.note(paths, "robustness", inputs)
    counts = (len(plan.check), "check"), (len(checks.estimates), "estimate")
    return all_counted(spoken(options.language), *counts)
