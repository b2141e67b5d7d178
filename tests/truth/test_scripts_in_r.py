"""The R script of the primary estimates, run: it must agree with the engine.

Runs only where Rscript and the packages haven, sandwich and clubSandwich are. The do-file for Stata
is written and not run; tests/report/formats/test_scripts.py reads its text.
"""

import csv
import dataclasses
import io
import math
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from evaluation.analysis.adjustment import UNADJUSTED
from evaluation.config.configuration import read_configuration
from evaluation.estimation.inference import bootstrap, steps
from evaluation.estimation.inference.inversion import Distribution
from evaluation.estimation.records import Diagnostic, Estimate
from evaluation.estimation.regression import design
from evaluation.report.formats import replication_scripts
from evaluation.storage.disk import read_json, read_records
from tests.conftest import absent
from tests.estimation import studies

pytestmark = pytest.mark.truth

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("haven", "sandwich", "clubSandwich")
# Twelve clusters: 4,096 sign vectors, all used, so p-values are equal and not only close.
DRAWS = 4_999
SINGLE_THREAD = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="module")
def rscript() -> str:
    program = shutil.which("Rscript")
    if program is None:
        absent("Rscript is not on this machine")
    loads = "; ".join(f"stopifnot(requireNamespace('{name}', quietly = TRUE))" for name in PACKAGES)
    found = subprocess.run([program, "-e", loads], capture_output=True, check=False)
    if found.returncode != 0:
        absent(f"R has not all of {', '.join(PACKAGES)}")
    return program


def run(rscript: str, text: str, folder: Path, *, start: Path) -> dict[tuple[str, str], dict]:
    script = folder / "primary.R"
    script.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [rscript, str(script)],
        capture_output=True,
        text=True,
        check=False,
        cwd=start,
        env=SINGLE_THREAD,
    )
    assert done.returncode == 0, done.stderr
    return {(row["outcome"], row["step"]): row for row in csv.DictReader(io.StringIO(done.stdout))}


def four_arms(table: pd.DataFrame) -> pd.DataFrame:
    number = table["village"].str[1:].astype(int)
    names = {0: "neither", 1: "meetings", 2: "leaflets", 3: "both"}
    return table.assign(arm=(number % 4).map(names))


def with_strata(table: pd.DataFrame) -> pd.DataFrame:
    number = table["village"].str[1:].astype(int)
    return table.assign(stratum=(number % 3).map({0: "north", 1: "south", 2: "west"}))


CASES = {
    "equal": (studies.STUDY, {"estimand": "equal", "weights": "weight"}, lambda table: table),
    "four arms, covariates": (
        studies.FACTORIAL,
        {
            "estimand": "respondents",
            "weights": "none",
            "treatment": "meetings",
            "adjust_treatments": ("leaflets",),
            "covariates": ("age", "region"),
        },
        four_arms,
    ),
    "population, strata, panel members": (
        studies.STUDY,
        {
            "estimand": "population",
            "weights": "inverse:weight",
            "sample": "panel_members",
            "strata_round": "stratum",
        },
        with_strata,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_script_agrees_with_the_engine(name, rscript, tmp_path):
    """Estimates, errors, df: 1e-8 of a standard error or of themselves, below any printed digit.

    p: equal counts of the same sign vectors. Ends of the set: bisection stops at a thousandth.
    """
    study, changes, made = CASES[name]
    panel = made(studies.panel(4))
    plan = studies.preregistration().plan
    specification = dataclasses.replace(plan.specification[0], **changes)
    plan = dataclasses.replace(
        plan,
        specification=(specification,),
        inference=dataclasses.replace(plan.inference, draws=DRAWS),
    )
    stored = panel.assign(panel_member=panel["panel_member"].astype(float))
    stored.to_stata(tmp_path / "panel.dta", write_index=False, version=118)
    configuration = SimpleNamespace(study=study, preregistration=SimpleNamespace(plan=plan))
    found = run(
        rscript,
        replication_scripts.r_script(configuration, panel="panel.dta"),
        tmp_path,
        start=tmp_path,
    )
    draws = bootstrap.draws(panel["village"], number=DRAWS, seed=1)
    for outcome in plan.primary_outcomes():
        built = design.build(panel, specification, outcome=outcome, study=study)
        analysis = steps.analyse(built, ("cv1", "cv3", "cr2", "wcr_s"), draws=draws)
        for step, ours in analysis.steps.items():
            theirs = {k: found[outcome.id, step][k] for k in ("estimate", "std_error", "p_value")}
            assert float(theirs["estimate"]) == pytest.approx(
                ours.estimate, abs=1e-8 * ours.std_error
            )
            assert float(theirs["std_error"]) == pytest.approx(ours.std_error, rel=1e-8)
            assert float(theirs["p_value"]) == pytest.approx(ours.p_value(), abs=1e-8)
            assert int(found[outcome.id, step]["n"]) == analysis.blocks.n
        package = found[outcome.id, "cr2_clubSandwich"]
        assert float(package["std_error"]) == pytest.approx(
            analysis.steps["cr2"].std_error, rel=1e-8
        )
        assert float(package["df"]) == pytest.approx(analysis.steps["cr2"].df, rel=1e-7)
        wild = analysis.steps["wcr_s"]
        assert isinstance(wild, Distribution)
        assert wild.enumerated
        ends = [float(found[outcome.id, "wcr_s"][end]) for end in ("ci_low", "ci_high")]
        bounds = wild.interval(0.95)
        assert ends == pytest.approx((bounds.low, bounds.high), abs=1.5e-3 * wild.std_error)


# Permutations of the trial's script here: a tenth of the plan's, which are 9,999.
PERMUTATIONS = 999


@pytest.mark.built
@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_the_script_agrees_with_the_results_that_are_built_here(study, rscript, tmp_path):
    """Every step of the primary outcomes; p and set within five Monte Carlo errors of both.

    One outcome at a time, the script's interval is the unadjusted one, which the build keeps among
    the diagnostics where the published interval is simultaneous; ``ri_max_t`` is the published one.
    Errors and ends that nothing is drawn for: 1e-9 of a standard error, as Stata keeps doubles. The
    script's sets rest on a tenth of the draws or permutations, and that of the bootstrap stops at a
    thousandth of an error.
    """
    build, panel = ROOT / "build" / study, ROOT / "data_clean" / study / "panel.dta"
    if not ((build / "results.json").exists() and panel.exists()):
        absent(f"{study} is not built here")
    configuration = read_configuration(ROOT / "config" / study)
    plan = configuration.preregistration.plan
    if read_json(build / "results.json")["plan_hash"] != plan.hash:
        absent(f"{study} was built from another plan")
    trial = plan.primary_specification().method == "ancova"
    text = replication_scripts.r_script(configuration, panel=panel.relative_to(ROOT).as_posix())
    if trial:
        text = text.replace(
            f"draws <- {plan.inference.permutations}\n", f"draws <- {PERMUTATIONS}\n"
        )
        assert f"draws <- {PERMUTATIONS}\n" in text
    theirs = run(rscript, text, tmp_path, start=ROOT)
    main = plan.primary_specification().id
    ours = {
        (e.outcome, e.step): e
        for e in read_records(build / "estimates.csv", Estimate)
        if e.specification == main
    }
    alone = {
        (d.outcome, d.name): d.value
        for d in read_records(build / "diagnostics.csv", Diagnostic)
        if d.specification == main
    }
    fewer = 5 * 11**0.5
    for (outcome, step), row in theirs.items():
        together = step == "ri_max_t"
        record = ours[outcome, step.removesuffix("_clubSandwich").removesuffix("_max_t")]
        p, ends = record.p_value, (record.ci_low, record.ci_high)
        if together:
            p = record.p_adjusted
        elif str(record.ci_kind).startswith("simultaneous"):
            ends = tuple(alone[outcome, name] for name in UNADJUSTED)
        number = {k: float(row[k]) for k in ("estimate", "std_error", "df", "p_value")}
        assert number["estimate"] == pytest.approx(record.estimate, abs=1e-9 * record.std_error)
        assert number["std_error"] == pytest.approx(record.std_error, rel=1e-9)
        assert number["df"] == pytest.approx(record.df, rel=1e-7)
        mc_error = (
            math.sqrt(p * (1 - p) / plan.inference.permutations) if together else (record.mc_error)
        )
        random = fewer if step.startswith("ri") else 5 * 2**0.5
        assert number["p_value"] == pytest.approx(p, abs=1e-8 + random * mc_error)
        slack = 1e-9 + (1e-3 if step == "wcr_s" else 0.0)
        for name, end in zip(("ci_low", "ci_high"), ends, strict=True):
            error = getattr(record, f"{name}_mc_error")
            allowed = slack * record.std_error + fewer * error
            assert float(row[name]) == pytest.approx(end, abs=allowed)
        assert row["mark"] == configuration.study.mark
    names = {outcome.id for outcome in plan.primary_outcomes()}
    steps_asked = {"cv1", "cv3", "cr2"} | ({"ri", "ri_max_t"} if trial else {"wcr_s"})
    assert {(o, s) for o in names for s in steps_asked} <= set(theirs)
