"""Stage ``calibrate``: how often each inference step rejects a true null in this study's design.

Its result depends on the plan, the clean data and the statistics only, and is kept until one of
them changes.
"""

import argparse
import dataclasses
import hashlib
from pathlib import Path

from evaluation import estimation
from evaluation.cli.stages.clean_frames import read_frames, read_provenance
from evaluation.errors import EstimationError
from evaluation.estimation import many_fits
from evaluation.estimation.planning.calibration import DATA_SETS, calibrate
from evaluation.locale.messages import message, wording
from evaluation.report.terminal import all_counted, spoken
from evaluation.storage import disk, folders
from evaluation.study.configuration import read_declared
from evaluation.study.design_records import Calibration
from evaluation.study.records import Unavailable

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
    code = hashlib.sha256()
    for path in sorted(Path(estimation.__path__[0]).rglob("*.py")):
        code.update(path.read_bytes())
    made_from = {"synthetic": study.mark, "data_sets": number, "code": code.hexdigest()}
    made_from |= dataclasses.asdict(provenance)
    files = [paths.build / name for name in (TABLE, ABSENT, MADE_FROM)]
    if all(path.exists() for path in files) and disk.read_json(files[-1]) == made_from:
        # written anew, so that they are younger than the data that they are still right for
        for path in files:
            disk.write_bytes(path, disk.read_bytes(path))
        return wording("calibrate.kept", language)
    frames, plan = read_frames(paths.clean), preregistration.plan
    with many_fits.asked() as each:
        found = calibrate(frames, study=study, plan=plan, data_sets=number, each=each)
    rates = [row for row in found if isinstance(row, Calibration)]
    absent = [row for row in found if isinstance(row, Unavailable)]
    disk.write_records(files[0], rates, Calibration, mark=study.mark)
    disk.write_records(files[1], absent, Unavailable, mark=study.mark)
    # Last: its presence says that both tables beside it are complete.
    disk.write_json(files[2], made_from)
    counts = (len(rates), "rejection rate"), (len(absent), "unavailable")
    return all_counted(language, *counts)
