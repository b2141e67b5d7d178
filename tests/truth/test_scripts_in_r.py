"""The R script of the primary estimates, run: it must agree with the engine.

Runs only where Rscript and the packages haven, sandwich and clubSandwich are. The do-file for Stata
is written and not run; tests/report/test_scripts.py reads its text.
"""

import csv
import dataclasses
import io
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from evaluation.io import read_json, read_records
from evaluation.report import scripts
from evaluation.spec.configuration import read_configuration
from evaluation.spec.records import Diagnostic, Estimate
from evaluation.stats import bootstrap, design, steps
from evaluation.stats.adjustment import UNADJUSTED
from evaluation.stats.distribution import Distribution
from tests.conftest import absent
from tests.stats import studies

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
    plan = studies.promise().plan
    specification = dataclasses.replace(plan.specification[0], **changes)
    plan = dataclasses.replace(
        plan,
        specification=(specification,),
        inference=dataclasses.replace(plan.inference, draws=DRAWS),
    )
    stored = panel.assign(panel_member=panel["panel_member"].astype(float))
    stored.to_stata(tmp_path / "panel.dta", write_index=False, version=118)
    configuration = SimpleNamespace(study=study, promise=SimpleNamespace(plan=plan))
    found = run(
        rscript, scripts.r_script(configuration, panel="panel.dta"), tmp_path, start=tmp_path
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
            assert int(found[outcome.id, step]["n"]) == analysis.fit.n
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


@pytest.mark.built
@pytest.mark.parametrize("study", ["somos_comunidad", "medellin"])
def test_the_script_agrees_with_the_results_that_are_built_here(study, rscript, tmp_path):
    """Every step of the primary outcomes; p and set within five Monte Carlo errors of both.

    The script takes one outcome at a time: its interval is the unadjusted one, which the build
    keeps among the diagnostics where the published interval is simultaneous.
    """
    build, panel = ROOT / "build" / study, ROOT / "data_clean" / study / "panel.dta"
    if not ((build / "results.json").exists() and panel.exists()):
        absent(f"{study} is not built here")
    configuration = read_configuration(ROOT / "config" / study)
    if read_json(build / "results.json")["plan_hash"] != configuration.promise.plan.hash:
        absent(f"{study} was built from another plan")
    text = scripts.r_script(configuration, panel=panel.relative_to(ROOT).as_posix())
    theirs = run(rscript, text, tmp_path, start=ROOT)
    ours = {
        (e.outcome, e.step): e
        for e in read_records(build / "estimates.csv", Estimate)
        if e.specification == configuration.promise.plan.primary_specification().id
    }
    alone = {
        (d.outcome, d.name): d.value
        for d in read_records(build / "diagnostics.csv", Diagnostic)
        if d.specification == configuration.promise.plan.primary_specification().id
    }
    compared = 0
    for (outcome, step), row in theirs.items():
        record = ours[outcome, step.removesuffix("_clubSandwich")]
        ends = (record.ci_low, record.ci_high)
        if record.ci_kind.startswith("simultaneous"):
            ends = tuple(alone[outcome, name] for name in UNADJUSTED)
        number = {k: float(row[k]) for k in ("estimate", "std_error", "df", "p_value")}
        # Stata keeps full doubles, so nothing is lost in the file.
        assert number["estimate"] == pytest.approx(record.estimate, abs=1e-9 * record.std_error)
        assert number["std_error"] == pytest.approx(record.std_error, rel=1e-9)
        assert number["df"] == pytest.approx(record.df, rel=1e-7)
        random = 5 * 2**0.5
        assert number["p_value"] == pytest.approx(
            record.p_value, abs=1e-8 + random * record.mc_error
        )
        # the script's ends rest on a tenth of the draws and stop at a thousandth of an error
        slack = 1e-9 + (1e-3 if step == "wcr_s" else 0.0)
        for name, end in zip(("ci_low", "ci_high"), ends, strict=True):
            error = getattr(record, f"{name}_mc_error")
            allowed = slack * record.std_error + 5 * 11**0.5 * error
            assert float(row[name]) == pytest.approx(end, abs=allowed)
        assert row["mark"] == configuration.study.mark
        compared += 1
    assert compared >= 4 * len(configuration.promise.plan.primary_outcomes())
