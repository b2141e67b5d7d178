"""Command ``power``: what a next round of this study could see.

The plan of the next round starts from the finished study: whatever the command line leaves open
is as it was there. It writes tables and curves and touches no result.
"""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from evaluation.analysis.planning import next_round
from evaluation.cli.stages.clean_frames import read_frames, read_provenance
from evaluation.config.declared import read_declared
from evaluation.config.design_records import PlannedPower
from evaluation.config.plan import Outcome
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.planning import design_parameters
from evaluation.estimation.planning.planned_design import Replacement
from evaluation.estimation.planning.simulation import SIMULATIONS
from evaluation.estimation.records import Unavailable
from evaluation.fieldwork.power_list import shelf_table, solved, table
from evaluation.locale.messages import message
from evaluation.report.figures import power
from evaluation.report.terminal import spoken
from evaluation.storage import disk, folders

FOLDER, ABSENT = "power", "unavailable.csv"
# File of each kind of row.
TABLES = (
    ("table.csv", (next_round.ASSUMED, next_round.SMALLEST)),
    ("power_curves.csv", (next_round.CURVE,)),
    ("detectable_effects.csv", (next_round.DETECTABLE,)),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Decisions about the next round; each is as in the finished study where it is not given."""
    parser.add_argument("--clusters-treated", type=int, metavar="NUMBER")
    parser.add_argument("--clusters-comparison", type=int, metavar="NUMBER")
    parser.add_argument(
        "--respondents", type=float, metavar="NUMBER", help="per cluster and round, on average"
    )
    parser.add_argument(
        "--panel-share",
        type=float,
        metavar="SHARE",
        help="of the first round's respondents to be interviewed again, such as 0.6",
    )
    parser.add_argument(
        "--attrition", type=float, default=0.0, metavar="SHARE", help="of those, not found again"
    )
    parser.add_argument(
        "--replacement",
        choices=get_args(Replacement),
        default="fresh",
        help="who takes the place of those not found (default: %(default)s respondents)",
    )
    parser.add_argument("--r2-between", type=float, default=0.0, metavar="SHARE")
    parser.add_argument(
        "--r2-within",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of the variance between clusters' changes, within clusters, explained by covariates",
    )
    parser.add_argument(
        "--shelf",
        action="store_true",
        help="print design parameters of other real surveys, and plan nothing",
    )
    parser.add_argument("--simulations", type=int, default=SIMULATIONS, metavar="NUMBER")


def run(options: argparse.Namespace) -> str:
    """Print the table, and write it with the curves under ``build/<study>/power/``.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, or a number of the design cannot be.
    """
    if options.shelf:
        sys.stdout.write(shelf_table(design_parameters.shelf(), spoken(options.language)))
        return ""
    if options.simulations < 1:
        raise EstimationError(
            message("simulations.problem", simulations=options.simulations),
            where="--simulations",
            fix=message("ask-positive-number-such.fix", simulations=SIMULATIONS),
        )
    paths = folders.Paths.of(options)
    study, _, preregistration = read_declared(paths.config)
    provenance = read_provenance(paths.build / "provenance.json", study, preregistration)
    choices = next_round.NextRoundOptions(
        treated=options.clusters_treated,
        comparison=options.clusters_comparison,
        respondents=options.respondents,
        panel_share=options.panel_share,
        attrition=options.attrition,
        replacement=options.replacement,
        r2_between=options.r2_between,
        r2_within=options.r2_within,
    )
    frames, plan = read_frames(paths.clean), preregistration.plan
    declared: dict[str, Any] = {"study": study, "plan": plan, "provenance": provenance}
    found = next_round.plan_round(frames, choices, simulations=options.simulations, **declared)
    rows = [row for row in found if isinstance(row, PlannedPower)]
    absent = [row for row in found if isinstance(row, Unavailable)]
    outcomes = plan.primary_outcomes()
    folder = paths.build / FOLDER
    alternatives = _draw(rows, outcomes, study, folder, options.language)
    for name, sources in TABLES:
        chosen = [row for row in rows if row.effect_from in sources]
        disk.write_records(folder / name, chosen, PlannedPower, mark=study.mark)
    disk.write_records(folder / ABSENT, absent, Unavailable, mark=study.mark)
    disk.write_json(
        folder / "power.json",
        dataclasses.asdict(provenance)
        | {"synthetic": study.mark, "choices": dataclasses.asdict(choices), "alt": alternatives},
    )
    language = spoken(options.language)
    sys.stdout.write(table(rows, outcomes, study.mark, absent=absent, language=language))
    concluded = next_round.plan_conclusions(frames, choices, **declared)
    sys.stdout.write(solved(concluded, language))
    return folder.as_posix()


def _draw(
    rows: Sequence[PlannedPower],
    outcomes: Sequence[Outcome],
    study: Study,
    folder: Path,
    language: str,
) -> dict[str, str]:
    """Write both figures; their alternative texts."""
    alternatives = {}
    for name, draw in (
        ("power_curves", power.power_curves),
        ("detectable_effects", power.detectable_curves),
    ):
        drawing = draw(rows, outcomes, mark=study.mark, language=language)
        disk.write_bytes(folder / f"{name}.svg", drawing.svg)
        disk.write_bytes(folder / f"{name}.png", drawing.png)
        alternatives[name] = drawing.alt
    return alternatives
