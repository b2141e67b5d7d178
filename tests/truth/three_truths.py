"""Surveys drawn under one of the demonstration's truths, and what the primary step says of them."""

import contextlib
import dataclasses
from argparse import Namespace
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from evaluation.analysis import trends
from evaluation.analysis.checks import trend_benchmarks
from evaluation.analysis.checks.check_context import CheckContext
from evaluation.analysis.checks.two_round_sensitivity import two_round_sensitivity
from evaluation.analysis.study_clusters import Frames
from evaluation.cli.stages import clean, estimate, read, robustness
from evaluation.config.plan import Outcome
from evaluation.data.cleaning.outcomes import construct
from evaluation.estimation.inference import bootstrap, steps
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.records import Diagnostic, Estimate
from evaluation.storage import disk
from tests.fixtures.demonstration import STUDY, demonstration, write_study
from tests.fixtures.locking import relock
from tests.truth.test_recovery import NOTHING, OUTCOMES, in_one_pass
from tools.demo.survey import DemoData

# .05 (B + 1) is an integer, so that the share of p <= .05 is 5 % under the null; bounds of
# intervals are good to about a tenth of a standard error.
BOOTSTRAPS = 999
PLACEBO = "justice_trust"
CHECK = "two_round_sensitivity"


@dataclasses.dataclass(frozen=True)
class Survey:
    """One drawn survey with its outcomes, and the bootstrap's multipliers."""

    data: DemoData
    frames: Frames
    draws: Draws


def needed() -> tuple[str, ...]:
    """Outcomes looked at, after those that they are made of."""
    plan = demonstration().plan
    items = {i.name for o in plan.primary_outcomes() for i in o.items}
    return (*(o.id for o in plan.outcome if o.id in items), *OUTCOMES, PLACEBO)


def outcomes(answers: pd.DataFrame) -> pd.DataFrame:
    """Primary outcomes and the placebo made from the answers of both rounds."""
    made = demonstration()
    return construct(answers, made.plan, made.study, outcomes=needed())[0]


def surveys(truth: str, number: int, *, first: int) -> Iterator[Survey]:
    made = demonstration()
    variables = made.items_of(*needed())
    for seed in range(first, first + number):
        data = made.draw(truth, seed=seed, variables=variables)
        panel = outcomes(data.panel)
        clusters = data.frame[made.study.columns.cluster]
        yield Survey(
            data=data,
            frames=Frames(panel=panel, frame=data.frame, analysis=None, series=data.series),
            draws=bootstrap.draws(clusters, number=BOOTSTRAPS, seed=seed),
        )


def looked_at() -> tuple[Outcome, ...]:
    return tuple(o for o in demonstration().plan.outcome if o.id in (*OUTCOMES, PLACEBO))


def primary_rows(survey: Survey) -> dict[str, Estimate]:
    """By name, the primary step's estimate of each outcome and each series."""
    made = demonstration()
    step = made.plan.inference.primary_step
    specification = dataclasses.replace(
        made.plan.primary_specification(), steps=(step,), secondary_steps=()
    )
    found = in_one_pass(survey.frames.panel, specification, looked_at(), survey.draws)
    rows = [row for records in (*found, *series_rows(survey)) for row in records]
    return {row.outcome: row for row in rows if isinstance(row, Estimate)}


def series_rows(survey: Survey) -> list[tuple[object, ...]]:
    made = demonstration()
    treatment, found = made.plan.primary_specification().treatment, []
    for series in made.plan.series:
        rates = trends.rates(
            survey.data.series, survey.data.frame, series, treatment=treatment, study=made.study
        )
        heading = trends.heading(
            rates,
            series,
            treatment=treatment,
            study=made.study,
            inference=made.plan.inference,
            provenance=NOTHING,
            status="exploratory",
        )
        built = trends.of_role(trends.event_study(rates, series), rates, series)
        step = made.plan.inference.primary_step
        found.append(steps.records(steps.analyse(built, (step,), draws=survey.draws), heading))
    return found


def benchmark(survey: Survey, outcome: Outcome) -> float:
    """Lower end of the benchmark that the negative control gives for an outcome's trends.

    The benchmarks of covariates, of which each is a regression of its own, are left out: that of
    the negative control knows nothing of them.
    """
    made = demonstration()
    balance = dataclasses.replace(made.plan.balance, frame_variables=())
    case = CheckContext(
        check=next(c for c in made.plan.check if c.kind == CHECK),
        outcome=outcome,
        specification=made.plan.primary_specification(),
        frames=survey.frames,
        study=made.study,
        plan=dataclasses.replace(made.plan, balance=balance),
        provenance=NOTHING,
        status="exploratory",
        draws=survey.draws,
    )
    return control(row for row in two_round_sensitivity(case) if isinstance(row, Diagnostic))


def control(rows: Iterable[Diagnostic]) -> float:
    """Lower end of the negative control's benchmark; 0 where chance alone would make as much."""
    sample = f"m:{trend_benchmarks.CONTROL}{PLACEBO}"
    return next(r.value for r in rows if (r.name, r.sample.text()) == ("benchmark_low", sample))


def run_stages(folder: Path, truth: str) -> tuple[dict[str, Estimate], list[Diagnostic]]:
    write_study(folder, truth)
    shorten(folder / "config" / STUDY)
    options = Namespace(study=STUDY, data_raw=f"data_raw/{STUDY}", language="en")
    with contextlib.chdir(folder):
        for stage in (read, clean, estimate, robustness):
            stage.run(options)
    build = folder / "build" / STUDY
    rows = disk.read_records(build / "estimates.csv", Estimate)
    step = demonstration().plan.inference.primary_step
    kinds = ("did_main", trends.PRE_TREND, "placebo")
    chosen = {r.outcome: r for r in rows if r.step == step and r.specification in kinds}
    return chosen, list(disk.read_records(build / "robustness_diagnostics.csv", Diagnostic))


def shorten(config: Path) -> None:
    """Fewer draws and steps, and of the checks that of unequal trends alone; locked again."""
    path = config / "plan.toml"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("draws = 99999", f"draws = {BOOTSTRAPS}"),
        ("ns = 9999\n", "ns = 99\n"),
        ('steps = ["wcr_s", "wcr", "ri", "cv3", "cr2", "cv1"]', 'steps = ["wcr_s"]'),
        ('steps = ["wcr_s", "cv3"]', 'steps = ["wcr_s"]'),
    ):
        assert old in text
        text = text.replace(old, new)
    head, *checks = text.split("\n[[check]]\n")
    kept = [check for check in checks if f'kind = "{CHECK}"' in check]
    assert len(kept) == 1
    path.write_text(f"{head}\n[[check]]\n{kept[0]}\n", encoding="utf-8")
    relock(config)
