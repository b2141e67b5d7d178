"""Stage ``calibrate``: how often each inference step rejects a true null in this study's design.

Its result depends on the plan, the clean data and the statistics only, and is kept until one of
them changes.
"""

import argparse
import dataclasses
import hashlib
import time
from pathlib import Path
from typing import Any

from evaluation import estimation
from evaluation.cli.stages.clean_frames import read_frames, read_provenance
from evaluation.errors import EstimationError
from evaluation.estimation.planning.calibration import DATA_SETS, calibrate
from evaluation.locale.messages import message, wording
from evaluation.report.terminal import counted, spoken
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


def run(options: argparse.Namespace) -> None:
    """Calibrate the primary specification, unless that is done for this plan and these data.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, or the primary specification cannot be calibrated.
        Nothing is written then.
    """
    start, language = time.monotonic(), spoken(options.language)
    if options.data_sets < 1:
        raise EstimationError(
            message("null-data-sets.problem", data_sets=options.data_sets),
            where="--data-sets",
            fix=message("ask-positive-number.fix", data_sets=DATA_SETS),
        )
    paths = folders.Paths.of(options)
    study, _, preregistration = read_declared(paths.config)
    provenance = read_provenance(paths.build / "provenance.json", study, preregistration)
    made_from = dataclasses.asdict(provenance) | {
        "synthetic": study.mark,
        "data_sets": options.data_sets,
        "code": _code(),
    }
    if _kept(paths.build, made_from):
        # written anew, so that they are younger than the data that they are still right for
        for name in (TABLE, ABSENT, MADE_FROM):
            disk.write_bytes(paths.build / name, disk.read_bytes(paths.build / name))
        folders.announce(
            "calibrate", wording("calibrate.kept", language), time.monotonic() - start, language
        )
        return
    found = calibrate(
        read_frames(paths.clean),
        study=study,
        plan=preregistration.plan,
        data_sets=options.data_sets,
    )
    rates = [row for row in found if isinstance(row, Calibration)]
    absent = [row for row in found if isinstance(row, Unavailable)]
    disk.write_records(paths.build / TABLE, rates, Calibration, mark=study.mark)
    disk.write_records(paths.build / ABSENT, absent, Unavailable, mark=study.mark)
    # Last: its presence says that both tables beside it are complete.
    disk.write_json(paths.build / MADE_FROM, made_from)
    counts = ((rates, "rejection rate"), (absent, "unavailable"))
    done = ", ".join(counted(len(rows), noun, language) for rows, noun in counts)
    folders.announce("calibrate", done, time.monotonic() - start, language)


def _code() -> str:
    """Fingerprint of the statistics that the rates were made by."""
    made = hashlib.sha256()
    for path in sorted(Path(estimation.__path__[0]).rglob("*.py")):
        made.update(path.read_bytes())
    return made.hexdigest()


def _kept(build: Path, made_from: dict[str, Any]) -> bool:
    """Whether the tables are there and were made from the same plan, data and code."""
    files = [build / name for name in (TABLE, ABSENT, MADE_FROM)]
    return all(path.exists() for path in files) and disk.read_json(files[-1]) == made_from
