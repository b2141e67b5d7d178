"""Command ``power``: what a next round of this study could see.

The plan of the next round starts from the finished study: whatever the command line leaves open
is as it was there. It writes tables and curves and touches no result.
"""

import argparse
import dataclasses
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from evaluation.cli import lock as say
from evaluation.cli.lock import solved
from evaluation.cli.stages.clean_frames import read_frames, read_provenance
from evaluation.errors import EstimationError
from evaluation.estimation.planning.next_round import (
    ASSUMED,
    CURVE,
    DETECTABLE,
    SMALLEST,
    Choices,
    Method,
    plan_conclusions,
    plan_round,
)
from evaluation.estimation.planning.planned_design import Replacement
from evaluation.estimation.planning.simulation import SIMULATIONS
from evaluation.locale.messages import message, wording
from evaluation.report.figures import power
from evaluation.report.formats import words
from evaluation.report.terminal import spoken
from evaluation.storage import disk, folders
from evaluation.study.configuration import read_declared
from evaluation.study.design_records import PlannedPower
from evaluation.study.plan import Outcome
from evaluation.study.records import Unavailable
from evaluation.study.study import Study

FOLDER, ABSENT = "power", "unavailable.csv"
# File of each kind of row.
TABLES = (
    ("table.csv", (ASSUMED, SMALLEST)),
    ("power_curves.csv", (CURVE,)),
    ("detectable_effects.csv", (DETECTABLE,)),
)
METHODS = get_args(Method)
CLOSED = METHODS[0]


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
    parser.add_argument("--simulations", type=int, default=SIMULATIONS, metavar="NUMBER")


def run(options: argparse.Namespace) -> None:
    """Print the table, and write it with the curves under ``build/<study>/power/``.

    Raises
    ------
    EvaluationError
        A stage before this one has not run, or a number of the design cannot be.
    """
    start = time.monotonic()
    if options.simulations < 1:
        raise EstimationError(
            message("simulations.problem", simulations=options.simulations),
            where="--simulations",
            fix=message("ask-positive-number-such.fix", simulations=SIMULATIONS),
        )
    paths = folders.Paths.of(options)
    study, _, preregistration = read_declared(paths.config)
    provenance = read_provenance(paths.build / "provenance.json", study, preregistration)
    choices = _choices(options)
    frames = read_frames(paths.clean)
    found = plan_round(
        frames,
        choices,
        study=study,
        plan=preregistration.plan,
        provenance=provenance,
        simulations=options.simulations,
    )
    rows = [row for row in found if isinstance(row, PlannedPower)]
    absent = [row for row in found if isinstance(row, Unavailable)]
    outcomes = preregistration.plan.primary_outcomes()
    folder = paths.build / FOLDER
    alternatives = _draw(rows, outcomes, study, folder, options.language)
    _save(rows, study, folder)
    disk.write_records(folder / ABSENT, absent, Unavailable, mark=study.mark)
    disk.write_json(
        folder / "power.json",
        dataclasses.asdict(provenance)
        | {"synthetic": study.mark, "choices": dataclasses.asdict(choices), "alt": alternatives},
    )
    language = spoken(options.language)
    sys.stdout.write(table(rows, outcomes, study.mark, absent=absent, language=language))
    concluded = plan_conclusions(
        frames, choices, study=study, plan=preregistration.plan, provenance=provenance
    )
    sys.stdout.write(solved(concluded, language))
    folders.announce("power", folder.as_posix(), time.monotonic() - start, language)


def _choices(options: argparse.Namespace) -> Choices:
    return Choices(
        treated=options.clusters_treated,
        comparison=options.clusters_comparison,
        respondents=options.respondents,
        panel_share=options.panel_share,
        attrition=options.attrition,
        replacement=options.replacement,
        r2_between=options.r2_between,
        r2_within=options.r2_within,
    )


def _save(rows: Sequence[PlannedPower], study: Study, folder: Path) -> None:
    for name, sources in TABLES:
        chosen = [row for row in rows if row.effect_from in sources]
        disk.write_records(folder / name, chosen, PlannedPower, mark=study.mark)


def _draw(
    rows: Sequence[PlannedPower],
    outcomes: Sequence[Outcome],
    study: Study,
    folder: Path,
    language: str,
) -> dict[str, str]:
    """Write both figures; their alternative texts."""
    said = {}
    for name, draw in (
        ("power_curves", power.power_curves),
        ("detectable_effects", power.detectable_curves),
    ):
        drawing = draw(rows, outcomes, mark=study.mark, language=language)
        disk.write_bytes(folder / f"{name}.svg", drawing.svg)
        disk.write_bytes(folder / f"{name}.png", drawing.png)
        said[name] = drawing.alt
    return said


def table(
    rows: Iterable[PlannedPower],
    outcomes: Sequence[Outcome],
    mark: str,
    *,
    absent: Iterable[Unavailable] = (),
    language: str = "en",
) -> str:
    """The planned design and, per outcome and effect, what it can see, as plain text.

    Parameters
    ----------
    rows : iterable of PlannedPower
    outcomes : sequence of Outcome
    mark : str
        The study's mark; empty for none.
    absent : iterable of Unavailable
        Methods without an answer: a dash in the table, and the reason below it.
    language : {"en", "es"}
    """
    found = {(r.outcome, r.effect_from, r.method): r for r in rows if r.effect_from != CURVE}
    head = say.heads(language)
    lines, designs = [head], set()
    for outcome in outcomes:
        for source in (ASSUMED, SMALLEST):
            closed, *drawn = (found.get((outcome.id, source, method)) for method in METHODS)
            if closed:
                lines.append(_line(outcome, closed, drawn, language))
                designs.add(_design(closed, language))
    widths = [max(len(line[k]) for line in lines) for k in range(len(head))]
    body = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    marked = [words.mark(mark, language)] if mark else []
    said = [*marked, *sorted(designs), *(line.rstrip() for line in body)]
    return (
        "\n".join([*said, *_reasons(absent, language), wording("power-list.note", language)]) + "\n"
    )


def _reasons(absent: Iterable[Unavailable], language: str) -> list[str]:
    """A line for each method and reason, with the outcomes that it stands for."""
    heads = dict(zip(METHODS, say.POWERS, strict=True))
    outcomes: dict[tuple[str, str], list[str]] = {}
    for row in absent:
        why = row.reason.text(language)
        outcomes.setdefault((wording(heads[row.step], language), why), []).append(row.outcome)
    return [f"{head} - ({', '.join(of)}): {why}" for (head, why), of in outcomes.items()]


def _line(
    outcome: Outcome, closed: PlannedPower, drawn: Sequence[PlannedPower | None], language: str
) -> tuple[str, ...]:
    """Cells of one outcome and effect, from its row by each method that has one."""
    effect = say.number(closed.effect, outcome.decimals, language)
    return (
        outcome.id,
        f"{effect} {wording(f'power-list.effect-from.{closed.effect_from}', language)}",
        words.unit(outcome.unit, language),
        say.number(closed.mde, outcome.decimals, language),
        *(say.share(row.power, 0, language) if row else "-" for row in (closed, *drawn)),
        say.share(closed.type_s, 1, language),
        say.number(closed.type_m, 1, language),
    )


def _design(row: PlannedPower, language: str) -> str:
    return say.design(
        treated=row.clusters_treated,
        comparison=row.clusters_comparison,
        respondents=row.respondents,
        panel=row.panel_share,
        lost=row.attrition,
        language=language,
    )
