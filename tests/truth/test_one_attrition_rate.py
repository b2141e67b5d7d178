"""The loss of the panel is one number, whichever stage computes it; pages take it from one table.

Independent: the weighted share by hand, municipalities counted equally.
"""

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from evaluation.analysis.run_checks import run_checks
from evaluation.analysis.study_clusters import Frames
from evaluation.config.declared import FILE_SOURCES
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.preregistration import read_promise
from evaluation.data.cleaning.outcomes import construct
from evaluation.data.rules.progress import found_again
from evaluation.estimation.regression import levels_and_balance
from evaluation.estimation.regression.sample import first_weights
from tests.fixtures.demonstration import CONFIG, ROOT, demonstration
from tests.tables import cases
from tests.truth.test_recovery import NOTHING, OUTCOMES

CASES = cases(__file__)

# Sums of 1,750 numbers in another order.
EXACT = 1e-12
PAGES = [*(ROOT / "book").rglob("*.md"), *(ROOT / "notebooks").glob("*.ipynb")]


@pytest.fixture(scope="module")
def panel():
    made = demonstration()
    wanted = (*OUTCOMES, "procedural_justice")
    names = {*made.items_of(*wanted), *made.plan.balance.attrition_variables}
    for check in made.plan.check:
        if check.kind == "attrition_weights":
            names |= set(check.variables)
    variables = tuple(n for n in made.dictionary.variables if n in names)
    drawn = made.draw("default", seed=7, attrition="planned", variables=variables).panel
    places = made.frame.set_index("municipality")["department"]
    member = drawn["panel_member"].to_numpy(dtype=bool)
    number = drawn.groupby(["municipality", "round", member]).cumcount().astype(str)
    once = np.where(member, "twice", "once at " + drawn["round"])
    drawn = drawn.assign(
        department=drawn["municipality"].map(places),
        respondent=drawn["municipality"] + " " + once + " " + number,
    )
    return construct(drawn, made.plan, made.study, outcomes=("procedural_justice", *OUTCOMES))[0]


def by_hand(panel, arm):
    """Mean over municipalities of the weighted share seen again."""
    first = panel[(panel["round"] == "baseline") & (panel["arm"] == arm)]
    shares = [
        np.average(part["panel_member"], weights=part["weight"])
        for _, part in first.groupby("municipality")
    ]
    return float(np.mean(shares))


@pytest.mark.truth
def test_every_stage_gives_the_same_shares(panel):
    made = demonstration()
    study, primary = made.study, made.plan.primary_specification()
    shares = {arm: by_hand(panel, arm) for arm in ("treated", "comparison")}
    assert abs(shares["treated"] - shares["comparison"]) > 0.01
    # the table of attrition
    row = levels_and_balance.attrition(
        panel, made.plan.balance.attrition_variables, primary, study
    )[0]
    assert row.mean_treated == pytest.approx(shares["treated"], abs=EXACT)
    assert row.mean_comparison == pytest.approx(shares["comparison"], abs=EXACT)
    # the table by department, all departments together
    weights = first_weights(panel, primary, study)
    for arm, share in shares.items():
        found = [r for r in found_again(panel, weights, study) if r.arm == arm]
        total = sum(r.weight_again for r in found) / sum(r.weight for r in found)
        assert total == pytest.approx(share, abs=EXACT)
    # the check of the panel weighted for who was found again
    dictionary = read_dictionary(CONFIG, (*study.rounds, *FILE_SOURCES))
    preregistration = read_promise(CONFIG, study, dictionary)
    kept = tuple(c for c in preregistration.plan.check if c.kind == "attrition_weights")
    inference = dataclasses.replace(preregistration.plan.inference, draws=99)
    plan = dataclasses.replace(preregistration.plan, check=kept, inference=inference)
    checks = run_checks(
        Frames(panel=panel, frame=made.frame),
        study=study,
        preregistration=dataclasses.replace(preregistration, plan=plan),
        provenance=NOTHING,
    )
    rates = {d.name: d.value for d in checks.diagnostics if d.sample.text() == "rate:reinterviewed"}
    for arm, share in shares.items():
        assert rates[f"reinterviewed_{arm}"] == pytest.approx(100.0 * share, abs=100 * EXACT)


def test_pages_take_the_loss_from_the_table_of_attrition_only():
    """A share of a group as a whole that is quoted from another table is a second definition."""
    quoted = re.compile(r"`tbl-attrition-map\.all\.lost|`tbl-bounds[^`]*seen_again")
    found = [p.name for p in PAGES if quoted.search(p.read_text(encoding="utf-8"))]
    assert not found


@pytest.mark.parametrize("page", CASES["pages"])
def test_first_pages_and_the_page_of_its_own_tell_the_loss(page):
    assert "{sentence}`tbl-balance.all.again`" in (ROOT / Path(page)).read_text(encoding="utf-8")
