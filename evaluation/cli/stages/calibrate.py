"""Stage ``calibrate``: how often every inference step, and the rule, err in this study's design.

Its result is kept until something changes that it depends on (:mod:`unchanged`).
"""

import argparse
import dataclasses

from evaluation.analysis.planning.calibration import DATA_SETS, calibrate
from evaluation.analysis.planning.rule_calibration import calibrate_rule
from evaluation.cli.stages import unchanged
from evaluation.cli.stages.clean_frames import read_frames, read_provenance
from evaluation.config.declared import read_declared
from evaluation.config.design_records import Calibration
from evaluation.errors import EstimationError
from evaluation.estimation import many_fits
from evaluation.estimation.records import Unavailable
from evaluation.locale.messages import message, wording
from evaluation.report.terminal import all_counted, spoken
from evaluation.storage import disk, folders

TABLE, ABSENT, MADE_FROM = folders.CALIBRATED, folders.UNCALIBRATED, folders.CALIBRATION


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say how many null data sets are made."""
    parser.add_argument(
        "--data-sets",
        type=int,
        default=DATA_SETS,
        metavar="NUMBER",
        help="null data sets of each kind (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> str:
    """Calibrate the primary specification, unless that is done for this plan and these data.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, or the primary specification cannot be calibrated.
        Nothing is written then.
    """
    number, language = options.data_sets, spoken(options.language)
    if number < 1:
        raise EstimationError(
            message("null-data-sets.problem", data_sets=number),
            where="--data-sets",
            fix=message("ask-positive-number.fix", data_sets=DATA_SETS),
        )
    paths = folders.Paths.of(options)
    study, _, preregistration = read_declared(paths.config)
    provenance = read_provenance(paths.build / folders.PROVENANCE, study, preregistration)
    inputs = unchanged.sum_of_inputs(paths, preregistration.plan.hash, data_sets=number)
    if unchanged.is_unchanged(paths, "calibrate", inputs):
        return wording("stage.unchanged", language)
    frames, plan = read_frames(paths.clean), preregistration.plan
    each = many_fits.asked()
    found = calibrate(frames, study=study, plan=plan, data_sets=number, each=each)
    # each data set of the rule is analysed for all primary outcomes and two effects
    half = (number + 1) // 2
    found += calibrate_rule(frames, study=study, plan=plan, data_sets=half, each=each)
    rates = [row for row in found if isinstance(row, Calibration)]
    absent = [row for row in found if isinstance(row, Unavailable)]
    disk.write_records(paths.build / TABLE, rates, Calibration, mark=study.mark)
    disk.write_records(paths.build / ABSENT, absent, Unavailable, mark=study.mark)
    # Last: its presence says that both tables beside it are complete.
    made_from = {"synthetic": study.mark, "data_sets": number}
    disk.write_json(paths.build / MADE_FROM, made_from | dataclasses.asdict(provenance))
    unchanged.note(paths, "calibrate", inputs)
    counts = (len(rates), "rejection rate"), (len(absent), "unavailable")
    return all_counted(language, *counts)
