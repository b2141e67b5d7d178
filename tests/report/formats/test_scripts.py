"""Text of the R script and the do-file: the plan's choices, marks, and what is refused.

That the R script gives the engine's numbers is tested in tests/truth/test_scripts_in_r.py.
"""

import dataclasses
import re
from types import SimpleNamespace

import pytest

from evaluation.errors import ReportError
from evaluation.report.formats import replication_scripts
from tests.estimation import studies
from tests.tables import cases

CASES = cases(__file__)


def configuration(*, study=studies.STUDY, **changes):
    plan = studies.preregistration().plan
    specification = dataclasses.replace(plan.specification[0], **changes)
    plan = dataclasses.replace(plan, specification=(specification,))
    return SimpleNamespace(study=study, preregistration=SimpleNamespace(plan=plan))


def settings(text: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+) <- (.+)$", text.partition("suppressPackage")[0], re.MULTILINE))


def test_the_r_script_holds_the_choices_of_the_plan():
    made = settings(replication_scripts.r_script(configuration(), panel="data/panel.dta"))
    assert made["panel_file"] == '"data/panel.dta"'
    assert made["outcomes"] == 'c("y", "z")'
    assert made["cluster_column"] == '"village"'
    assert made["treated_arms"] == 'c("treated")'
    assert made["estimand"] == '"equal"'
    assert (made["weight_column"], made["inverse_weights"]) == ('"weight"', "FALSE")
    assert (made["members_only"], made["covariates"]) == ("FALSE", "c()")
    assert (made["level"], made["draws"], made["weights_kind"]) == ("0.95", "999", '"rademacher"')


def test_the_r_script_follows_another_specification():
    made = settings(
        replication_scripts.r_script(
            configuration(
                study=studies.FACTORIAL,
                treatment="meetings",
                adjust_treatments=("leaflets",),
                weights="inverse:chance",
                sample="panel_members",
                strata_round="block",
                covariates=("age",),
            ),
            panel="p.dta",
        )
    )
    assert made["treated_arms"] == 'c("meetings", "both")'
    assert made["adjusted_arms"] == 'list("leaflets" = c("leaflets", "both"))'
    assert (made["weight_column"], made["inverse_weights"]) == ('"chance"', "TRUE")
    assert (made["members_only"], made["stratum_column"]) == ("TRUE", '"block"')
    assert made["covariates"] == 'c("age")'


def test_the_do_file_says_that_it_was_not_run_and_asks_for_the_same_inference():
    text = replication_scripts.stata_do(configuration(), panel="data/panel.dta")
    assert text.startswith("* WRITTEN, NOT RUN.\n* SYNTHETIC DATA")
    assert text.count("boottest did_effect, jk reps(999) weighttype(rademacher)") == 2
    assert text.count("reghdfe y did_effect `controls'") == 1
    assert text.count("cluster(did_cluster) mse level(95)") == 2
    assert 'generate double did_effect = (arm == "treated") * did_post' in text
    assert text.count("replace did_weight = did_weight / did_total\n") == 2
    assert text.count("preserve") == text.count("restore") == 2
    assert "{" not in text.replace("{c", "")


@pytest.mark.parametrize(("changes", "line"), CASES["do_file"])
def test_the_do_file_follows_the_specification(changes, line):
    assert (
        line in replication_scripts.stata_do(configuration(**changes), panel="p.dta").splitlines()
    )


def test_unscaled_weights_stay_as_they_are():
    text = replication_scripts.stata_do(configuration(estimand="respondents"), panel="p.dta")
    assert "did_total" not in text


def test_real_data_carry_no_mark_of_invented_data():
    study = dataclasses.replace(studies.STUDY, synthetic=False)
    for make in (replication_scripts.r_script, replication_scripts.stata_do):
        assert "SYNTHETIC" in make(configuration(), panel="p.dta")
        assert "SYNTHETIC" not in make(configuration(study=study), panel="p.dta")


def trial():
    """The endline given own baseline values, tested by permuting arms within blocks."""
    made = configuration(
        study=studies.FACTORIAL,
        method="ancova",
        treatment="meetings",
        adjust_treatments=("leaflets",),
        weights="inverse:chance",
        estimand="respondents",
        lag="respondent",
        effects=("block",),
    )
    plan = made.preregistration.plan
    settings = dataclasses.replace(
        plan.inference, primary_step="ri", permutations=499, permutation_strata="block"
    )
    plan = dataclasses.replace(plan, inference=settings)
    return SimpleNamespace(study=made.study, preregistration=SimpleNamespace(plan=plan))


def test_the_r_script_of_a_trial_permutes_within_blocks():
    """That its numbers are those of the engine is tested on a study in tests/truth."""
    text = replication_scripts.r_script(trial(), panel="p.dta")
    made = settings(text)
    assert (made["effects"], made["stratum_column"]) == ('c("block")', '"block"')
    assert (made["draws"], made["respondent_column"]) == ("499", '"respondent"')
    assert "weights_kind" not in made
    assert "permuted_arms(arms, as.character(strata), draws)" in text
    assert "wild_scores" not in text


def test_the_do_file_of_a_trial_permutes_within_blocks():
    text = replication_scripts.stata_do(trial(), panel="p.dta")
    assert text.startswith("* WRITTEN, NOT RUN.")
    assert text.count("ritest did_arm abs(_b[did_received0]/_se[did_received0]), reps(499)") == 2
    assert text.count("cluster(did_cluster) strata(did_stratum)") == 2
    assert "generate double did_weight = 1 / chance" in text
    assert 'did_received1 = (did_name == "leaflets" | did_name == "both")' in text
    assert text.count("preserve") == text.count("restore") == 2


def test_which_methods_have_scripts():
    assert replication_scripts.is_written(configuration())
    assert replication_scripts.is_written(trial())
    # an analysis of covariance that is not tested by permutation
    assert not replication_scripts.is_written(configuration(method="ancova"))


def test_a_text_that_a_do_file_cannot_quote_is_refused():
    with pytest.raises(ReportError, match="cannot be written in a do-file"):
        replication_scripts.stata_do(configuration(), panel="it's `odd'.dta")
