"""Ten surveys with planted flaws and attrition through every stage: what bias is left?

The recovery test draws clean surveys; here each draw is delivered as raw files, is read, corrected,
cleaned and estimated by the stages themselves, and its bias is printed. The truth of a draw is the
finite-sample effect on the treated, taken from the same interviews with and without the programme
before any flaw was planted: what is left is sampling error and what the flaws did.
"""

import os
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from evaluation import io
from evaluation.cli import clean, estimate, read
from evaluation.data import demo_export
from evaluation.data.construct import construct
from evaluation.spec.records import Estimate, Finding
from tests.fixtures.demonstration import STUDY, demonstration, lay_out
from tests.fixtures.locking import relock
from tests.truth.test_recovery import OUTCOMES, truth_of

pytestmark = pytest.mark.simulation

DRAWS = 10
SEED = 70_000


def lower_draws(config: Path) -> None:
    """199 bootstrap draws, locked again: only point estimates are read here."""
    path = config / "plan.toml"
    text = path.read_text(encoding="utf-8")
    assert "draws = 99999" in text
    path.write_text(text.replace("draws = 99999", "draws = 199"), encoding="utf-8")
    relock(config)


def run_stages(folder: Path) -> None:
    options = Namespace(study=STUDY, data_raw=f"data_raw/{STUDY}", language="en")
    before = Path.cwd()
    os.chdir(folder)
    try:
        for stage in (read, clean, estimate):
            stage.run(options)
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def errors(tmp_path_factory):
    """Estimate minus truth, shape (draws,), by primary outcome."""
    made = demonstration()
    names = [o.id for o in made.plan.outcome]
    left = {name: [] for name in OUTCOMES}
    for number in range(DRAWS):
        data = made.draw("default", seed=SEED + number, flaws="planted", attrition="planned")
        folder = tmp_path_factory.mktemp(f"draw_{number}")
        lay_out(folder, demo_export.export(data, made.dictionary, versions=made.versions))
        lower_draws(folder / "config" / STUDY)
        run_stages(folder)
        build = folder / "build" / STUDY
        assert len(io.read_records(build / "findings.csv", Finding)) > DRAWS
        treated, _ = construct(data.panel, made.plan, made.study, outcomes=names)
        untreated, _ = construct(data.untreated, made.plan, made.study, outcomes=names)
        for row in io.read_records(build / "estimates.csv", Estimate):
            if (row.specification, row.step) == ("did_main", "wcr_s") and row.outcome in left:
                truth = truth_of(treated, untreated, row.outcome, "weight")
                left[row.outcome].append(row.estimate - truth)
    return {name: np.array(found) for name, found in left.items()}


@pytest.mark.parametrize("name", OUTCOMES)
def test_flaws_and_attrition_leave_no_visible_bias(errors, name, record_property):
    """Ten draws: the mean error within 3.7 of its standard errors, the 99.5 % point of t(9)."""
    assert len(errors[name]) == DRAWS
    error = errors[name].std(ddof=1) / DRAWS**0.5
    record_property(
        "reported",
        f"{name}: bias {errors[name].mean():+.4f} (Monte Carlo standard error {error:.4f})"
        f" over {DRAWS} flawed surveys",
    )
    assert error > 0.0
    assert abs(errors[name].mean()) < 3.7 * error
