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

from evaluation import io
from evaluation.cli import stage
from evaluation.cli.clean_frames import read_frames, read_provenance
from evaluation.cli.told import spoken
from evaluation.errors import EstimationError
from evaluation.report import figure_power
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.design_records import PlannedPower
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.plan import Outcome
from evaluation.spec.promise import read_promise
from evaluation.spec.records import Unavailable
from evaluation.spec.study import Study, read_study
from evaluation.stats.planning import Replacement
from evaluation.stats.planning_run import (
    ASSUMED,
    CURVE,
    DETECTABLE,
    SMALLEST,
    Choices,
    Method,
    plan_round,
)
from evaluation.stats.planning_simulation import SIMULATIONS

FOLDER, ABSENT = "power", "unavailable.csv"
# File of each kind of row.
TABLES = (
    ("table.csv", (ASSUMED, SMALLEST)),
    ("power_curves.csv", (CURVE,)),
    ("detectable_effects.csv", (DETECTABLE,)),
)
METHODS = get_args(Method)
CLOSED = METHODS[0]
# Heads of the columns of each method's power.
POWERS: dict[str, str] = dict(zip(METHODS, ("power", "clusters", "people"), strict=True))
NOTE = (
    "mde: effect seen with 80 % power. power: closed form; clusters, people: the same, simulated\n"
    "from this study's cluster changes, and from its clusters and whole numbers of respondents.\n"
    "Simulated tests are CV1 with t(G - 1): with few clusters they reject too often, which is no\n"
    "power. The closed form is that of a test that keeps its level.\n"
    "type S, type M: chance that a significant estimate has the wrong sign, and how many times it\n"
    "overstates the effect on average (closed form)."
)
HEAD = ("outcome", "effect", "unit", "mde", *POWERS.values(), "type S", "type M")


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
            f"{options.simulations} simulations",
            where="--simulations",
            mend=f"ask for a positive number, such as {SIMULATIONS}",
        )
    paths = stage.Paths.of(options)
    study = read_study(paths.config)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    promise = read_promise(paths.config, study, dictionary)
    provenance = read_provenance(paths.build / "provenance.json", study, promise)
    choices = _choices(options)
    found = plan_round(
        read_frames(paths.clean),
        choices,
        study=study,
        plan=promise.plan,
        provenance=provenance,
        simulations=options.simulations,
    )
    rows = [row for row in found if isinstance(row, PlannedPower)]
    absent = [row for row in found if isinstance(row, Unavailable)]
    outcomes = promise.plan.primary_outcomes()
    folder = paths.build / FOLDER
    alternatives = _draw(rows, outcomes, study, folder, options.language)
    _save(rows, study, folder)
    io.write_records(folder / ABSENT, absent, Unavailable, mark=study.mark)
    io.write_json(
        folder / "power.json",
        dataclasses.asdict(provenance)
        | {"synthetic": study.mark, "choices": dataclasses.asdict(choices), "alt": alternatives},
    )
    sys.stdout.write(table(rows, outcomes, study.mark, absent=absent))
    language = spoken(options.language)
    stage.announce("power", folder.as_posix(), time.monotonic() - start, language)


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
        io.write_records(folder / name, chosen, PlannedPower, mark=study.mark)


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
        ("power_curves", figure_power.power_curves),
        ("detectable_effects", figure_power.detectable_curves),
    ):
        drawing = draw(rows, outcomes, mark=study.mark, language=language)
        io.write_bytes(folder / f"{name}.svg", drawing.svg)
        io.write_bytes(folder / f"{name}.png", drawing.png)
        said[name] = drawing.alt
    return said


def table(
    rows: Iterable[PlannedPower],
    outcomes: Sequence[Outcome],
    mark: str,
    *,
    absent: Iterable[Unavailable] = (),
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
    """
    found = {(r.outcome, r.effect_from, r.method): r for r in rows if r.effect_from != CURVE}
    lines, designs = [HEAD], set()
    for outcome in outcomes:
        for source in (ASSUMED, SMALLEST):
            closed, *drawn = (found.get((outcome.id, source, method)) for method in METHODS)
            if closed:
                lines.append(_line(outcome, closed, drawn))
                designs.add(_design(closed))
    widths = [max(len(line[k]) for line in lines) for k in range(len(HEAD))]
    body = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    head = [mark] if mark else []
    said = [*head, *sorted(designs), *(line.rstrip() for line in body), *_reasons(absent), NOTE]
    return "\n".join(said) + "\n"


def _reasons(absent: Iterable[Unavailable]) -> list[str]:
    """A line for each method and reason, with the outcomes that it stands for."""
    outcomes: dict[tuple[str, str], list[str]] = {}
    for row in absent:
        outcomes.setdefault((POWERS[row.step], row.reason), []).append(row.outcome)
    return [f"{head} - ({', '.join(of)}): {why}" for (head, why), of in outcomes.items()]


def _line(
    outcome: Outcome, closed: PlannedPower, drawn: Sequence[PlannedPower | None]
) -> tuple[str, ...]:
    """Cells of one outcome and effect, from its row by each method that has one."""
    return (
        outcome.id,
        f"{closed.effect:.{outcome.decimals}f} {closed.effect_from}",
        outcome.unit,
        f"{closed.mde:.{outcome.decimals}f}",
        *(f"{100 * row.power:.0f}%" if row else "-" for row in (closed, *drawn)),
        f"{100 * closed.type_s:.1f}%",
        f"{closed.type_m:.1f}",
    )


def _design(row: PlannedPower) -> str:
    respondents = f"{row.respondents:.0f} respondent{'' if round(row.respondents) == 1 else 's'}"
    return (
        f"{row.clusters_treated} treated and {row.clusters_comparison} comparison clusters,"
        f" {respondents} each a round, {100 * row.panel_share:.0f}% to be"
        f" interviewed again, {100 * row.attrition:.0f}% of them lost"
    )
