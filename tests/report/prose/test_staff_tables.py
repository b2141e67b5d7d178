"""Tables for programme staff: statements, indicators, costs, and evidence by component.

Numbers are those of the small study of `examples`, or by hand as written beside them.
"""

import dataclasses

import pytest

from evaluation.config.exhibits import Costs, Indicator
from evaluation.config.toml_reader import Text
from evaluation.errors import ReportError
from evaluation.estimation.records import Unavailable
from evaluation.estimation.row_keys import parse
from evaluation.report import builders
from evaluation.report.prose.programme import (
    ComponentFinding,
    CostOfEffect,
    component_sentence,
    component_sentences,
    cost_of_effect,
)
from evaluation.report.sources import Source
from evaluation.site import exhibit_files
from tests.fixtures.methods import by_method
from tests.messages import said
from tests.report import examples, review_examples
from tests.tables import cases

CASES = cases(__file__)

TRUST, CRIME, THREATS = examples.OUTCOMES
COSTS = Costs(
    amount=5_000_000.0,
    currency="COP",
    year=2024,
    residents=20_000,
    participants=400,
    covers=Text(en="everything", es="todo"),
    source=Text(en="invented", es="inventado"),
)
TARGET = Indicator(outcome="crime", target=15.0, source=Text(en="the plan", es="el plan"))
NOTHING = Unavailable(
    study="small", outcome="trust", specification="did_main", estimand="equal", sample=parse("all"),
    step="wcr_s", reason=said("no variation"),
)  # fmt: skip


def study(*, costs=COSTS, indicator=(TARGET,), **changes):
    registry = dataclasses.replace(
        examples.CONFIGURATION.registry, costs=costs, indicator=indicator
    )
    configuration = dataclasses.replace(examples.CONFIGURATION, registry=registry)
    return examples.source(configuration, **changes)


def built(builder, *, source=None, **changes):
    exhibit = examples.exhibit(builder, specifications=("did_main",), **changes)
    return builders.build(exhibit, source or study())


def estimates(**by_outcome):
    """The small study's estimates, some with other bounds (all inference steps alike)."""
    return tuple(
        dataclasses.replace(e, **by_outcome.get(e.outcome, {}))
        for e in examples.records().estimates
    )


# the example's narrower interval has 7/8 of the half width


def without_trust():
    found = tuple(
        e for e in examples.records().estimates if (e.outcome, e.step) != ("trust", "wcr_s")
    )
    return {"estimates": found, "unavailable": (NOTHING,)}


# ---- statements ------------------------------------------------------------------------------


def test_every_primary_outcome_has_its_statements_and_no_other():
    table = built("statements")
    assert {row.id.rpartition("-")[0] for row in table.rows} == {"trust", "crime"}
    assert table.cell("crime-percent", "answer").kind == "no"
    assert table.cell("trust-in_full", "answer").kind == "yes"


def test_a_phrase_holds_what_the_records_hold():
    # -2.4 with bounds -2.4 -/+ 2 * 2.4 / 1.7: -5.2 to +0.4; realised MDE 2.8 * 2.4 / 1.7 = 4.0
    table = built("statements")
    assert table.cell("crime-range", "phrase").text == (
        "“[SYNTHETIC DATA] Very uncertain: no clear effect on victim of crime"
        " (−2.4\N{NO-BREAK SPACE}pp, 95% CI −5.2 to +0.4), assuming parallel trends; one remains"
        " possible.”"
    )
    assert "realised minimum detectable effect is 4.0 percentage points" in (
        table.cell("crime-would_have_seen", "why").text
    )
    assert "the effect is 2.4 percent" in table.cell("crime-percent", "phrase").text
    assert table.cell("crime-percent", "why").text.endswith("−2.4 percentage points.")


def test_an_interval_that_excludes_zero_is_said_with_both_bounds():
    away = {"estimate": 5.0, "ci_low": 4.0, "ci_high": 6.0, "p_adjusted": 0.01}
    source = study(estimates=estimates(crime=away))
    table = built("statements", source=source)
    assert table.cell("crime-range", "phrase").text == (
        "“[SYNTHETIC DATA] Very uncertain: an estimated increase of 5.0\N{NO-BREAK SPACE}pp in"
        " victim of crime (95% CI +4.0 to +6.0), assuming parallel trends.”"
    )
    # without a rating no sentence may name an effect of the programme
    assert table.cell("crime-changed", "answer").text == "No"
    assert "raised victim of crime" in table.cell("crime-changed", "phrase").text
    # fewer victims are desired
    assert table.cell("crime-improved", "answer").text == "No"


def drawn_by_lot(source):
    """The same study, its groups drawn by lot."""
    review = review_examples.BY_LOT
    configuration = dataclasses.replace(source.configuration, review=review)
    return dataclasses.replace(source, configuration=configuration)


RULED_OUT = {"estimate": 0.2, "ci_low": -1.0, "ci_high": 1.0}
MAY_BE_SAID = ("in_full", "range")


def phrases(source):
    table = built("statements", source=source)
    return {claim: table.cell(f"crime-{claim}", "phrase").text for claim in MAY_BE_SAID}


def test_what_may_be_said_carries_its_condition_and_its_status():
    """Such a phrase is copied without the table around it."""
    found = phrases(study(estimates=estimates(crime=RULED_OUT)))
    for text in found.values():
        assert "ssuming parallel trends" in text
    assert found["in_full"].endswith(" The analysis was specified after data collection.”")
    planned = phrases(study(estimates=estimates(crime={**RULED_OUT, "status": "pre-specified"})))
    assert not any("The analysis was specified" in text for text in planned.values())


def test_the_condition_of_an_analysis_of_covariance_is_no_parallel_trend():
    source = study(estimates=estimates(crime=RULED_OUT))
    source = dataclasses.replace(source, configuration=by_method(source.configuration, "ancova"))
    for text in phrases(source).values():
        assert "ssuming that the groups are comparable given the baseline value" in text
        assert "parallel trends" not in text


def test_what_may_not_be_said_needs_no_status():
    table = built("statements", source=study(estimates=estimates(crime=RULED_OUT)))
    assert "The analysis was specified" not in table.cell("crime-changed", "phrase").text


def test_the_condition_of_a_lottery_is_another_one():
    source = drawn_by_lot(study(estimates=estimates(crime=RULED_OUT)))
    for text in phrases(source).values():
        assert "barring attrition bias" in text
        assert "parallel trends" not in text
    table = built("statements", source=source)
    assert any(n.startswith("Condition. Groups were randomised.") for n in table.notes)
    assert not any("parallel trends" in n for n in table.notes)
    frequency = dict(built("indicators", source=source).said)["frequency_crime"]
    assert frequency.endswith("assuming that endline respondents represent their group.")


def test_an_index_is_said_neither_in_percent_nor_in_points():
    table = built("statements")
    # the estimate of trust is 0.11 standard deviations
    assert "it rose by 11 percent, or by 0.11 points" in (
        table.cell("trust-percent_of_deviations", "phrase").text
    )
    assert table.cell("trust-percent_of_deviations", "answer").kind == "no"
    assert table.cell("trust-percent_of_deviations", "why").text.endswith(
        "+0.11 standard deviations."
    )


def test_an_interval_without_an_end_rules_nothing_out():
    endless = {"ci_high": float("inf")}
    table = built("statements", source=study(estimates=estimates(crime=endless)))
    assert "one remains possible" in table.cell("crime-range", "phrase").text


@pytest.mark.parametrize(("changes", "said"), CASES["aloud"])
def test_a_conclusion_to_be_read_aloud(changes, said):
    table = built("statements", source=study(estimates=estimates(crime=changes)))
    assert dict(table.said)["plain_crime"] == said


def test_an_outcome_without_an_estimate_says_why():
    table = built("statements", source=study(**without_trust()))
    assert table.cell("trust-none", "phrase").text == "not available: no variation"


# ---- indicators ------------------------------------------------------------------------------


def test_a_page_may_quote_the_natural_frequency():
    found = exhibit_files.collect([built("indicators")])
    assert found["tbl-example.all.frequency_crime"]["text"].startswith(
        "“Victim of crime”: of every"
    )
    assert "tbl-example.all.frequency_trust" not in found


def test_an_indicator_has_levels_of_both_groups_its_target_and_the_effect():
    table = built("indicators")
    assert table.cell("crime", "target").value == 15.0
    assert table.cell("trust", "target").kind == "none"
    # 18.4, and 18.4 + 0.1 * 18.4 in the treatment group at endline
    assert table.cell("crime", "mean_treated_baseline").text == "18.4"
    assert table.cell("crime", "mean_treated_endline").text == "20.2"
    assert table.cell("crime", "mean_comparison_endline").text == "18.4"
    assert table.cell("crime", "estimate").text == "−2.4"


@pytest.mark.parametrize(("n", "told"), [(1750, 18.4), (40, 18.0)])
def test_a_level_of_an_indicator_has_no_digit_that_tells_its_interviews(n, told):
    """18.4444 percent of 1,750 is told to a decimal, of 40 to none; in the file as on the page."""
    levels = tuple(
        dataclasses.replace(x, mean=18.4444, n=n) if x.outcome == "crime" else x
        for x in examples.records().levels
    )
    table = built("indicators", source=study(levels=levels))
    for name in ("mean_treated_baseline", "mean_comparison_endline"):
        cell = table.cell("crime", name)
        assert (cell.value, float(cell.text)) == (told, told)


def test_every_row_says_how_firm_its_evidence_is():
    table = built("indicators", source=study(**without_trust()))
    assert len(table.rows) == 3
    assert table.cell("crime", "not_impact").text == "Primary outcome. Inconclusive; very uncertain"
    # a target is no effect, and the note says so once
    assert any("the comparison group can reach it too" in note for note in table.notes)
    assert table.cell("threats", "not_impact").text == (
        "Secondary outcome, certainty not rated: effect not shown"
    )
    assert table.cell("trust", "not_impact").kind == "none"
    assert table.cell("trust", "estimate").kind == "unavailable"


def test_which_of_several_figures_is_the_one_to_cite():
    # the plan of the small study judges by trust and crime; threats is a secondary outcome
    table = built("indicators")
    marked = [r.id for r in table.rows if "Primary outcome." in table.cell(r.id, "not_impact").text]
    assert marked == ["trust", "crime"]
    note = next(n for n in table.notes if n.startswith("What to cite."))
    assert "primary outcomes only: “Trust” and “Victim of crime”." in note


@pytest.mark.parametrize("builder", ["indicators", "statements"])
def test_what_an_effect_rests_on_stands_under_the_table(builder):
    assert any(n.startswith("Condition.") and "parallel trends" in n for n in built(builder).notes)


def test_no_phrase_of_no_detectable_effect_stands_without_its_conclusion():
    # crime's smallest effect is 3 points: -2 to 2.5 lies inside, -5.2 to 0.4 does not
    inside = {"estimate": 0.25, "ci_low": -2.0, "ci_high": 2.5}
    phrases = {
        conclusion: built("statements", source=study(estimates=estimates(crime=changes)))
        .cell("crime-range", "phrase")
        .text
        for conclusion, changes in {
            "inconclusive": {},
            "effects that matter ruled out": inside,
        }.items()
    }
    assert "one remains possible" in phrases["inconclusive"]
    assert "Very uncertain: the estimated effect" in phrases["effects that matter ruled out"]
    assert "close to zero" in phrases["effects that matter ruled out"]


def test_the_source_of_a_target_is_named_and_its_absence_as_well():
    assert any("“Victim of crime”: the plan." in note for note in built("indicators").notes)
    bare = built("indicators", source=study(indicator=()))
    assert any("The study declares no targets." in note for note in bare.notes)


def test_levels_are_withheld_by_the_disclosure_rule_in_both_rounds():
    levels = tuple(
        dataclasses.replace(x, n=9) if (x.arm, x.round) == ("treated", "endline") else x
        for x in examples.records().levels
    )
    table = built("indicators", source=study(levels=levels))
    for name in ("mean_treated_baseline", "mean_treated_endline"):
        assert table.cell("crime", name).kind == "suppressed"
    assert table.cell("crime", "mean_comparison_endline").kind == "number"


# ---- costs -----------------------------------------------------------------------------------


def test_costs_by_hand():
    table = built("costs")
    assert table.cell("whole", "cost").text == "5.00"
    assert table.cell("whole", "cost").unit == "million COP"
    assert table.cell("per_resident", "cost").text == "250"  # 5,000,000 / 20,000
    assert table.cell("per_participant", "cost").text == "12,500"  # 5,000,000 / 400
    assert table.cell("per_resident", "cost").unit == "COP"
    assert any("Amounts in COP of 2024, covering" in note for note in table.notes)


def test_no_cost_of_an_effect_whose_interval_includes_zero():
    table = built("costs")
    assert table.cell("effect_crime", "cost").kind == "none"
    assert "the interval includes zero" in table.cell("effect_crime", "cost_remark").text


def test_a_cost_of_an_effect_and_its_range_by_hand():
    # 250 a resident over 5 points fewer: 50; over 10 and 2.5 points: 25 and 100
    fewer = {"estimate": -5.0, "ci_low": -10.0, "ci_high": -2.5}
    table = built("costs", source=study(estimates=estimates(crime=fewer)))
    row = [table.cell("effect_crime", c).value for c in ("cost", "cost_low", "cost_high")]
    assert row == [50.0, 25.0, 100.0]
    assert table.cell("effect_crime", "item").text == (
        "Per resident and 1 percentage point of effect on victim of crime"
    )


@pytest.mark.parametrize(
    ("outcome", "changes", "expected"),
    [
        # a tenth of an SD: 250 * 0.1 / 0.5 = 50, over 1.0 and 0.25: 25 and 100
        (
            TRUST,
            {"estimate": 0.5, "ci_low": 0.25, "ci_high": 1.0},
            CostOfEffect(step=0.1, cost=50.0, low=25.0, high=100.0),
        ),
        (
            TRUST,
            {"estimate": 0.5, "ci_low": 0.25, "ci_high": float("inf")},
            CostOfEffect(step=0.1, cost=50.0, low=0.0, high=100.0),
        ),
        (TRUST, {"estimate": -0.5, "ci_low": -1.0, "ci_high": -0.25}, "wrong_way"),
        (CRIME, {"estimate": 5.0, "ci_low": 2.5, "ci_high": 10.0}, "wrong_way"),
        (TRUST, {"estimate": 0.5, "ci_low": 0.0, "ci_high": 1.0}, "zero_inside"),
        (TRUST, {"estimate": -0.5, "ci_low": -1.0, "ci_high": 0.0}, "zero_inside"),
        (
            dataclasses.replace(TRUST, desired="none"),
            {"estimate": 0.5, "ci_low": 0.25, "ci_high": 1.0},
            "no_direction",
        ),
        (TRUST, {"estimate": 0.5, "ci_low": 0.25, "ci_high": 1.0, "status": "blinded"}, "blinded"),
    ],
)
def test_the_cost_of_one_unit_of_effect(outcome, changes, expected):
    estimate = examples.estimate(outcome, examples.SPECIFICATION, "wcr_s", **changes)
    assert cost_of_effect(250.0, estimate, outcome) == expected


def test_without_an_estimate_the_row_says_so():
    table = built("costs", source=study(**without_trust()))
    assert "there is no estimate" in table.cell("effect_trust", "cost_remark").text


def test_a_study_without_costs_has_no_table_of_costs():
    with pytest.raises(ReportError, match="declares no costs") as caught:
        built("costs", source=study(costs=None))
    assert caught.value.rule == "no-costs"


# ---- evidence by component -------------------------------------------------------------------


HELD = ComponentFinding(
    label="Trust (index)",
    strength="excludes zero by both methods and after adjustment",
    direction="desired",
)
WEAK = ComponentFinding(
    label="Crime", strength="depends on the inference method", direction="not desired"
)
NONE = ComponentFinding(label="Fear", strength="does not exclude zero", direction="desired")


OTHERS = "The other intervals include zero."
NOTHING_SHOWN = "No estimate for its 2 outcomes differs clearly from zero; effects remain possible."
CONDITION = "Assuming parallel trends"
HELD_OF = (
    f"{CONDITION}, the estimate differs clearly from zero after correction for multiple testing"
    " for 1 of its {} outcomes, in the desired direction unless noted. These are “Trust”."
)
WEAK_OF_2 = (
    "No estimate for its 2 outcomes differs clearly from zero after correction for multiple"
    " testing."
    f" {CONDITION}, the evidence is weak for 1, in the desired direction unless noted: “Crime”"
    " (undesired direction)."
)
WEAK_TOO = "For 1 the evidence is weak: “Crime” (undesired direction)."


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([NONE, NONE], NOTHING_SHOWN),
        ([HELD], HELD_OF.format(1)),
        ([WEAK, NONE], f"{WEAK_OF_2} {OTHERS}"),
        ([HELD, WEAK, NONE], f"{HELD_OF.format(3)} {WEAK_TOO} {OTHERS}"),
    ],
)
def test_what_was_found_under_a_component(found, sentence):
    assert component_sentence(found, condition=CONDITION, language="en") == sentence


def sentences_of(source: Source) -> dict[str, str]:
    return dict(component_sentences(source, source.plan.primary_specification()))


def test_each_component_is_told_by_the_evidence_of_its_outcomes():
    told = sentences_of(study())
    assert set(told) == {"one", "two"}
    assert told["one"] == NOTHING_SHOWN
    away = {"estimate": 0.5, "ci_low": 0.4, "ci_high": 0.6, "p_adjusted": 0.01}
    told = sentences_of(study(estimates=estimates(trust=away)))
    assert told["one"] == f"{HELD_OF.format(2)} {OTHERS}"
    # by another method, and of groups drawn by lot, it assumes something else
    source = study(estimates=estimates(trust=away))
    other = dataclasses.replace(source, configuration=by_method(source.configuration, "ancova"))
    assert sentences_of(other)["one"].startswith("Assuming that the groups are comparable given")
    assert sentences_of(drawn_by_lot(other))["one"].startswith("Barring attrition bias")


@pytest.mark.parametrize(
    ("across", "said"),
    [(0.04, "differs clearly from zero after correction"), (0.06, "the evidence is weak for")],
)
def test_a_secondary_outcome_is_not_told_by_its_family_alone(across, said):
    away = {"estimate": 5.0, "ci_low": 4.0, "ci_high": 6.0, "p_adjusted": across}
    away["adjustment"] = "benjamini_hochberg_across"
    told = sentences_of(study(estimates=estimates(threats=away)))["two"]
    assert said in told
    assert "threats" in told.lower()
