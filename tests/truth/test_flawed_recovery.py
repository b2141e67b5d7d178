"""Surveys with planted flaws and attrition through the stages: what bias is left?

The recovery test draws clean surveys. Here a draw is delivered as raw files with flaws, is read,
corrected and cleaned by the stages themselves, and gives the estimates of its answers as they were
drawn, to rounding: the flaws leave nothing behind. What attrition leaves is therefore seen in the
drawn answers alone, of many more surveys. The draw goes through stage ``estimate`` and through the
function that it calls too. The truth of a draw is the finite-sample effect on the treated, taken
from the same interviews with and without the programme before any flaw was planted.
"""

import contextlib
import dataclasses
from argparse import Namespace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.run_plan import run_plan
from evaluation.cli.stages import clean, estimate, read
from evaluation.cli.stages.clean_frames import read_frames, read_provenance
from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.preregistration import read_promise
from evaluation.config.study import read_study
from evaluation.estimation.inference import bootstrap
from evaluation.estimation.records import Estimate, Finding
from evaluation.storage import disk
from tests.fixtures.demonstration import STUDY, demonstration, lay_out
from tests.fixtures.locking import relock
from tests.truth.test_recovery import OUTCOMES, in_one_pass, truth_of
from tests.truth.three_truths import needed, outcomes
from tools.demo import export

pytestmark = pytest.mark.simulation

DRAWS = 100
SEED = 70_000


def lower_draws(config: Path) -> None:
    """199 bootstrap draws, locked again: only point estimates are read here."""
    path = config / "plan.toml"
    text = path.read_text(encoding="utf-8")
    assert "draws = 99999" in text
    path.write_text(text.replace("draws = 99999", "draws = 199"), encoding="utf-8")
    relock(config)


def run_stages(folder: Path, *stages) -> None:
    options = Namespace(study=STUDY, data_raw=f"data_raw/{STUDY}", language="en")
    with contextlib.chdir(folder):
        for stage in stages:
            stage.run(options)


def estimated(folder: Path) -> dict[str, float]:
    """Point estimates of the primary outcomes from what the stages before left in the folder."""
    config, build = folder / "config" / STUDY, folder / "build" / STUDY
    study = read_study(config)
    dictionary = read_dictionary(config, (*study.rounds, *FILE_SOURCES))
    preregistration = read_promise(config, study, dictionary)
    plan, primary = preregistration.plan, preregistration.plan.primary_specification()
    only = dataclasses.replace(
        primary,
        families=tuple(o.family for o in plan.primary_outcomes()),
        steps=(plan.inference.primary_step,),
    )
    plan = dataclasses.replace(plan, specification=(only,), series=())
    found = run_plan(
        read_frames(folder / "data_clean" / STUDY),
        study=study,
        preregistration=dataclasses.replace(preregistration, plan=plan),
        provenance=read_provenance(build / "provenance.json", study, preregistration),
    )
    return point_estimates(found.estimates)


def regressed(panel: pd.DataFrame) -> dict[str, float]:
    """The same from the regressions alone, without records of anything beside them."""
    made = demonstration()
    primary = dataclasses.replace(made.plan.primary_specification(), steps=("wcr_s",))
    clusters = panel[made.study.columns.cluster].unique()
    draws = bootstrap.draws(clusters, number=199, seed=1)
    found = in_one_pass(panel, primary, tuple(made.plan.primary_outcomes()), draws)
    return point_estimates(row for records in found for row in records)


def point_estimates(rows) -> dict[str, float]:
    return {
        row.outcome: row.estimate
        for row in rows
        if (row.specification, row.step) == ("did_main", "wcr_s") and row.outcome in OUTCOMES
    }


def draw_folder(parent: Path, number: int):
    """Raw files and configuration of a draw, and its interviews before any flaw was planted."""
    made = demonstration()
    data = made.draw("default", seed=SEED + number, flaws="planted", attrition="planned")
    lay_out(parent, export.export(data, versions=made.versions))
    lower_draws(parent / "config" / STUDY)
    return data


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """A folder in which a draw has been read and cleaned, and its interviews."""
    folder = tmp_path_factory.mktemp("draw")
    data = draw_folder(folder, 0)
    run_stages(folder, read, clean)
    return folder, data


def test_flaws_that_are_corrected_leave_no_trace_in_the_estimates(staged):
    """Sums of the same 14,000 answers, once as drawn and once from files with flaws and ledger."""
    folder, data = staged
    assert len(disk.read_records(folder / "build" / STUDY / "findings.csv", Finding)) > 10
    cleaned = regressed(read_frames(folder / "data_clean" / STUDY).panel)
    assert set(cleaned) == set(OUTCOMES)
    assert cleaned == pytest.approx(regressed(outcomes(data.panel)), rel=1e-9)


@pytest.fixture(scope="module")
def errors():
    """Estimate minus truth, shape (draws,), by primary outcome."""
    made = demonstration()
    left = {name: [] for name in OUTCOMES}
    variables = made.items_of(*needed())
    for seed in range(SEED, SEED + DRAWS):
        data = made.draw("default", seed=seed, attrition="planned", variables=variables)
        treated, untreated = outcomes(data.panel), outcomes(data.untreated)
        for name, estimate_of in regressed(treated).items():
            left[name].append(estimate_of - truth_of(treated, untreated, name, "weight"))
    return {name: np.array(found) for name, found in left.items()}


@pytest.mark.parametrize("name", OUTCOMES)
def test_attrition_leaves_little_bias(errors, name, record_property):
    """Less than a fifth of the smallest effect that matters, with 2.9 errors of the mean on top.

    That is the 99.5 % point of t(99). The groups lose other people, so that there is a bias: about
    .016 SD in confidence in the police. Ten draws would not see it.
    """
    assert len(errors[name]) == DRAWS
    error = errors[name].std(ddof=1) / DRAWS**0.5
    record_property(
        "reported",
        f"{name}: bias {errors[name].mean():+.4f} (Monte Carlo standard error {error:.4f})"
        f" over {DRAWS} surveys with attrition",
    )
    matters = {o.id: o.smallest_effect for o in demonstration().plan.outcome}[name]
    assert error > 0.0
    assert abs(errors[name].mean()) + 2.9 * error < matters / 5.0


def test_the_stage_saves_the_estimates_that_are_read_here(staged):
    """To the last bit: the same function on the same files, there with the whole plan."""
    folder, _ = staged
    run_stages(folder, estimate)
    rows = disk.read_records(folder / "build" / STUDY / "estimates.csv", Estimate)
    assert point_estimates(rows) == estimated(folder)
    panel = read_frames(folder / "data_clean" / STUDY).panel
    assert regressed(panel) == pytest.approx(estimated(folder), rel=1e-9)
