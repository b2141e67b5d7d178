"""What a changed input can move follows from the plan and the study file."""

import dataclasses
from pathlib import Path

import pytest

from evaluation.config.check_kinds import KINDS
from evaluation.config.configuration import read_configuration
from evaluation.config.dependency_scope import (
    NOTHING,
    ResultAddress,
    of_column,
    of_entry,
    of_variable,
)
from tests.tables import cases

CASES = cases(__file__)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found():
    return read_configuration(ROOT / "config" / "somos_comunidad")


@pytest.fixture(scope="module")
def medellin():
    return read_configuration(ROOT / "config" / "medellin")


def declared(found):
    return {
        "plan": found.preregistration.plan,
        "study": found.study,
        "dictionary": found.dictionary,
    }


def place(
    outcome: str, specification: str, step: str = "wcr_s", part: str = "effect"
) -> ResultAddress:
    return ResultAddress(outcome=outcome, specification=specification, step=step, part=part)


def entry(found, name: str):
    return of_entry(name, **declared(found))


def column(found, name: str, source: str = "baseline"):
    raw = found.dictionary.variables[name].raw[source]
    return of_column(raw, source, **declared(found))


# ---- plan entries


def test_an_outcome_reaches_itself_and_what_is_made_of_it(found):
    reach = entry(found, "outcome.procedural_justice")
    # confidence in the police is an index of trust in them and of procedural justice
    for outcome in ("procedural_justice", "confidence_police"):
        assert reach.holds(place(outcome, "did_panel"))
    assert not reach.holds(place("trust_neighbours", "did_main"))


def test_the_coding_of_an_item_reaches_the_outcomes_made_of_it(found):
    reach = entry(found, "coding.t4_trusted")
    assert reach.holds(place("trust_neighbours", "conley", "conley"))
    assert reach.holds(place("neighbours_trusted", "did_main"))
    assert not reach.holds(place("confidence_police", "did_main"))


@pytest.mark.parametrize(
    ("name", "own"),
    [("specification.did_panel", "did_panel"), ("check.composition", "composition")],
)
def test_a_secondary_specification_or_check_reaches_its_own_rows(found, name, own):
    reach = entry(found, name)
    assert reach.holds(place("trust_neighbours", own))
    assert not reach.holds(place("trust_neighbours", "did_main"))
    # nothing of it is adjusted with anything
    assert not reach.holds(place("trust_neighbours", "did_main", part="adjusted"))


@pytest.mark.parametrize("name", ["standardise", "event.suspension", "specification.did_main"])
def test_what_everything_rests_on_reaches_everything(found, name):
    reach = entry(found, name)
    for part in ("effect", "inference", "adjusted", "diagnostic", "row", "status"):
        assert reach.holds(place("police_fast", "by_age", part=part))
    assert reach.holds(place("homicides", "pre_trend"))


def test_settings_of_inference_move_no_estimate(found):
    reach = entry(found, "inference")
    assert reach.holds(place("trust_neighbours", "did_main", part="inference"))
    assert reach.holds(place("trust_neighbours", "did_main", part="adjusted"))
    assert not reach.holds(place("trust_neighbours", "did_main", part="effect"))


def test_a_family_moves_adjusted_p_values_and_what_its_outcomes_are_called(found):
    reach = entry(found, "family.safety")
    assert reach.holds(place("police_fast", "did_main", part="adjusted"))
    assert not reach.holds(place("police_fast", "did_main", part="inference"))
    safety = next(o.id for o in found.preregistration.plan.outcome if o.family == "safety")
    assert reach.holds(place(safety, "did_main", part="status"))
    assert not reach.holds(place("trust_neighbours", "did_main", part="status"))


def test_the_balance_table_is_an_entry_of_its_own(found):
    reach = entry(found, "balance")
    assert reach.holds(place("sex", "balance"))
    assert not reach.holds(place("trust_neighbours", "did_main"))


def test_a_subgroup_reaches_the_p_values_of_the_other_subgroups(found):
    """Benjamini and Hochberg over the differences of one outcome, all traits together."""
    for name in ("check.by_age", "check.a_subgroup_that_is_gone"):
        reach = entry(found, name)
        assert reach.holds(place("trust_neighbours", "by_sex", part="adjusted"))
        assert not reach.holds(place("trust_neighbours", "by_sex", part="inference"))
        assert not reach.holds(place("trust_neighbours", "by_sex", "cv3", part="adjusted"))


def test_an_entry_that_nobody_knows_reaches_nothing(found):
    assert entry(found, "unheard_of.entry") == NOTHING


# ---- p-values that are adjusted together


def test_one_primary_outcome_moves_the_adjusted_p_values_of_all(found):
    """Single-step max-t, its checks, and the interval that holds for all of them at once."""
    reach = column(found, "t1_trustworthy")
    for outcome in ("confidence_police", "victimisation_any"):
        assert reach.holds(place(outcome, "did_main", part="adjusted"))
        assert reach.holds(place(outcome, "did_main", "holm", part="adjusted"))
        assert reach.holds(place(outcome, "did_main", "romano_wolf", part="adjusted"))
        assert reach.holds(place(outcome, "did_main", "simultaneous_90_low", part="diagnostic"))
        assert reach.holds(place(outcome, "did_main", part="inference"))
        assert not reach.holds(place(outcome, "did_main", "unadjusted_ci_low", part="diagnostic"))
        assert not reach.holds(place(outcome, "did_main", "cv3", part="inference"))
        assert not reach.holds(place(outcome, "did_main", part="effect"))
        assert not reach.holds(place(outcome, "did_main", "icc", part="diagnostic"))
        assert not reach.holds(place(outcome, "did_panel", part="adjusted"))


def test_one_primary_outcome_moves_what_begins_from_the_interval_of_all(found, medellin):
    """The sensitivity to unequal trends widens the simultaneous interval of each of them."""
    for study, item, others in (
        (found, "t1_trustworthy", ("confidence_police", "victimisation_any")),
        (medellin, "trust_police", ("trust_community", "victimisation_any")),
    ):
        reach = entry(study, f"outcome.{item}")
        if study is found:
            reach = column(found, item)
        for outcome in others:
            for step in ("breakdown", "breakdown_sd", "interval_holds_zero"):
                assert reach.holds(place(outcome, "two_round_sensitivity", step, "diagnostic"))
            assert reach.holds(place(outcome, "two_round_sensitivity", "", "inference"))
            # the ends of the range are the other outcome's own estimate and benchmark
            assert not reach.holds(place(outcome, "two_round_sensitivity", ""))
            assert not reach.holds(place(outcome, "bracket", "", "inference"))


def test_checks_that_read_the_interval_of_all_are_those_that_it_reaches():
    folder = ROOT / "evaluation" / "analysis" / "checks"
    reading = {f.stem for f in folder.glob("*.py") if "context.interval" in f.read_text("utf-8")}
    assert reading == {name for name, kind in KINDS.items() if kind.benchmarks}


def test_a_secondary_outcome_does_not_move_what_begins_from_the_interval_of_all(found):
    plan = found.preregistration.plan
    item = next(o for o in plan.outcome if o.family == "safety").items[0].name
    reach = of_variable(item, **declared(found))
    at = place("trust_neighbours", "two_round_sensitivity", "breakdown", "diagnostic")
    assert not reach.holds(at)


def test_a_secondary_outcome_moves_the_q_of_every_other(found):
    plan = found.preregistration.plan
    safety = [o.id for o in plan.outcome if o.family == "safety"]
    elsewhere = next(o.id for o in plan.outcome if o.family == "reporting")
    item = next(o for o in plan.outcome if o.id == safety[0]).items[0].name
    reach = of_variable(item, **declared(found))
    assert reach.holds(place(safety[1], "did_main", part="adjusted"))
    assert reach.holds(place(elsewhere, "did_main", part="adjusted"))
    assert reach.holds(place(elsewhere, "did_main", "sharpened_q_across", part="adjusted"))
    assert not reach.holds(place("trust_neighbours", "did_main", part="adjusted"))


def test_the_set_of_primary_outcomes_is_that_of_the_plan(found, medellin):
    assert set(found.preregistration.plan.corrected_together()) == {
        "trust_neighbours",
        "confidence_police",
        "victimisation_any",
    }
    assert set(medellin.preregistration.plan.corrected_together()) == {
        "trust_police",
        "trust_community",
        "victimisation_any",
    }


# ---- raw columns and variables


def test_a_raw_column_reaches_what_is_read_from_it(found):
    reach = column(found, "v9_extortion")
    for outcome in ("victimisation_any", "extortion"):
        assert reach.holds(place(outcome, "did_main"))
    assert not reach.holds(place("trust_neighbours", "did_main"))


@pytest.mark.parametrize("name", ["weight", "consent", "municipality", "respondent"])
def test_the_design_reaches_everything(found, name):
    reach = column(found, name)
    assert reach.holds(place("trust_neighbours", "did_main"))
    assert reach.holds(place("sex", "balance"))


def test_a_trait_reaches_checks_and_balance_but_no_primary_estimate(found):
    reach = column(found, "age")
    assert reach.holds(place("trust_neighbours", "by_age"))
    assert reach.holds(place("age", "balance"))
    assert reach.holds(place("trust_neighbours", "by_sex", part="adjusted"))
    assert not reach.holds(place("trust_neighbours", "by_sex", part="effect"))
    assert not reach.holds(place("trust_neighbours", "did_main"))


def test_an_item_that_a_check_names_too_keeps_both_reaches(medellin):
    """A variable in an outcome and in a check: neither reach may swallow the other's."""
    plan = medellin.preregistration.plan
    check = dataclasses.replace(
        next(c for c in plan.check if c.kind == "leave_one_out"),
        id="by_trust",
        variables=("satis_trust",),
        outcomes=("trust_community",),
    )
    plan = dataclasses.replace(plan, check=(*plan.check, check))
    reach = of_variable("satis_trust", **{**declared(medellin), "plan": plan})
    assert reach.holds(place("trust_police", "did_main"))
    assert reach.holds(place("trust_community", "by_trust"))
    assert not reach.holds(place("trust_community", "did_main"))


def test_one_column_that_feeds_two_variables_has_the_reaches_of_both(found):
    twin = dataclasses.replace(
        found.dictionary.variables["age"],
        raw={"baseline": found.dictionary.variables["v9_extortion"].raw["baseline"]},
    )
    variables = {**found.dictionary.variables, "age": twin}
    dictionary = dataclasses.replace(found.dictionary, variables=variables)
    reach = of_column(
        twin.raw["baseline"], "baseline", **{**declared(found), "dictionary": dictionary}
    )
    assert reach.holds(place("extortion", "did_main"))
    assert reach.holds(place("trust_neighbours", "by_age"))


def test_a_question_that_decides_who_is_asked_reaches_what_is_asked(found):
    asked = next(
        v
        for v in found.dictionary.variables.values()
        if v.asked_if and v.asked_if.variable not in ("consent", v.name)
    )
    outside = of_variable(asked.name, **declared(found))
    gate = of_variable(asked.asked_if.variable, **declared(found))
    assert set(outside.areas) <= set(gate.areas)


@pytest.mark.parametrize(("name", "inside", "outside"), CASES["frame"])
def test_a_column_of_the_frame_reaches_what_reads_it(found, name, inside, outside):
    reach = column(found, name, "frame")
    assert reach.holds(place(*inside))
    assert not reach.holds(place(*outside))


def test_strata_of_the_permutations_reach_what_is_said_of_them(found):
    reach = column(found, "subregion", "frame")
    for name in ("ri_permutations", "steps_disagree_5", "score_variance_p_subregion"):
        assert reach.holds(place("extortion", "did_main", name, "diagnostic"))
    assert not reach.holds(place("extortion", "did_main", "icc", "diagnostic"))


def test_strata_of_a_blinded_study_reach_everything(found):
    """Treatment itself is scrambled inside the strata."""
    blinded = dataclasses.replace(found.study, blinded=True)
    reach = of_variable("subregion", **{**declared(found), "study": blinded})
    assert reach.holds(place("trust_neighbours", "did_main"))


def test_a_department_reaches_the_influence_of_departments(found):
    reach = column(found, "department", "frame")
    assert reach.holds(place("extortion", "did_main", "without_department_q3", "diagnostic"))
    assert not reach.holds(place("extortion", "did_main"))


def test_dates_reach_everything_only_where_an_event_leaves_interviews_out(found):
    reach = column(found, "interview_date")
    assert reach.holds(place("trust_neighbours", "before_suspension"))
    assert reach.holds(place("trust_neighbours", "interview_month"))
    assert not reach.holds(place("trust_neighbours", "did_main"))
    events = tuple(dataclasses.replace(e, rule="drop") for e in found.study.event)
    study = dataclasses.replace(found.study, event=events)
    dropped = of_variable("interview_date", **{**declared(found), "study": study})
    assert dropped.holds(place("trust_neighbours", "did_main"))


def test_a_series_reaches_itself_and_benchmarks_hang_on_covariates_and_negative_controls(found):
    reach = of_variable("homicides", **declared(found))
    assert reach.holds(place("homicides", "pre_trend"))
    assert not reach.holds(place("trust_neighbours", "two_round_sensitivity", "benchmark"))
    for name in ("poverty_2018", "p3_justice"):
        other = of_variable(name, **declared(found))
        assert other.holds(place("trust_neighbours", "two_round_sensitivity", "benchmark"))
    assert not reach.holds(place("road_injuries", "placebo"))


def test_a_baseline_column_of_the_analysis_file_reaches_the_published_model(medellin):
    reach = of_variable("crime_victim_idx_baseline", **declared(medellin))
    assert reach.holds(place("published_victimisation", "published"))
    assert not reach.holds(place("published_police", "published"))


def test_a_weight_of_one_specification_reaches_that_specification(medellin):
    reach = of_variable("inclusion_probability", **declared(medellin))
    assert reach.holds(place("published_police", "published"))
    assert reach.holds(place("trust_police", "did_panel"))
    assert reach.holds(place("trust_police", "ancova_blocks"))
    assert not reach.holds(place("trust_police", "did_main"))
    # that specification stands as a difference from the primary one, which is weighted
    assert reach.holds(place("trust_police", "did_main", step="difference"))


@pytest.mark.parametrize(
    "given", [{"covariates": ("age",)}, {"effects": ("age",)}, {"strata_round": "age"}]
)
def test_a_regressor_of_the_primary_specification_reaches_every_check(found, given):
    plan = found.preregistration.plan
    specifications = tuple(
        dataclasses.replace(s, **given) if s.status == "primary" else s for s in plan.specification
    )
    plan = dataclasses.replace(plan, specification=specifications)
    reach = of_variable("age", **{**declared(found), "plan": plan})
    assert reach.holds(place("trust_neighbours", "conley"))


def test_a_column_that_no_variable_is_read_from_reaches_nothing(found):
    only = dataclasses.replace(found.dictionary, variables={})
    assert of_column("b18", "baseline", **{**declared(found), "dictionary": only}) == NOTHING
