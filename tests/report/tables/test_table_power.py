"""Chance of each conclusion as a table: what the records say, and what cannot be reached."""

import dataclasses

from evaluation.config.design_records import ConclusionChance, ExpectedSpread, PowerInputs
from evaluation.report import builders
from tests.report import examples

TRUST, CRIME, _ = examples.OUTCOMES
INPUTS = PowerInputs(
    treated=35,
    comparison=35,
    respondents=50.0,
    spread=tuple(
        ExpectedSpread(outcome=o.id, sd=1.0, icc=0.05, cluster_autocorrelation=0.6)
        for o in (TRUST, CRIME)
    ),
)


def chance(outcome, multiple, **changes):
    smallest = outcome.smallest_effect
    values = {
        "study": "small",
        "outcome": outcome.id,
        "unit": outcome.unit,
        "multiple": multiple,
        "effect": multiple * smallest,
        "smallest_effect": smallest,
        "icc": 0.05,
        "cluster_autocorrelation": 0.6,
        "std_error": 0.7 * smallest,
        "critical": 2.447,
        "critical_90": 2.157,
        "detected": 0.25 * multiple,
        "ruled_out": 0.0,
        "inconclusive": 1.0 - 0.25 * multiple,
        "type_s": 0.01 if multiple else float("nan"),
        "type_m": 2.0 if multiple else float("nan"),
    }
    return ConclusionChance(**{**values, **changes})


def study(**changes):
    """Nothing small can be concluded of trust; of crime an effect can be ruled out."""
    rows = (
        *(chance(TRUST, m) for m in (0.0, 0.5, 2.0)),
        chance(CRIME, 0.0, ruled_out=0.75, inconclusive=0.25),
        chance(CRIME, 2.0),
    )
    plan = dataclasses.replace(examples.PLAN, power=INPUTS)
    preregistration = dataclasses.replace(examples.CONFIGURATION.preregistration, plan=plan)
    configuration = dataclasses.replace(examples.CONFIGURATION, preregistration=preregistration)
    return examples.source(configuration, **{"chances": rows, **changes})


def built(source):
    return builders.build(examples.exhibit("conclusion_chances"), source)


def test_a_row_says_each_chance_and_the_errors_of_detected_effects():
    table = built(study())
    assert [r.id for r in table.rows] == [
        "trust-0", "trust-0_5", "trust-2", "crime-0", "crime-2",
    ]  # fmt: skip
    assert table.cell("trust-0", "true_effect").text == "no effect"
    assert table.cell("trust-0_5", "true_effect").text == (
        "0.5 × the smallest that matters (0.050 SD)"
    )
    assert table.cell("trust-0_5", "detected").value == 12.5
    assert table.cell("trust-2", "inconclusive").value == 50.0
    assert table.cell("crime-0", "ruled_out").value == 75.0
    assert table.cell("trust-0", "type_m").kind == "none"
    assert table.cell("trust-2", "type_s").value == 1.0


def test_what_cannot_be_reached_is_said_with_its_outcomes_and_as_planned():
    other = chance(TRUST, 0.0, cluster_autocorrelation=0.9, ruled_out=0.5)
    source = study(chances=(*study().records.chances, other))
    said = dict(built(source).said)["reached"]
    assert said.startswith("With the planned sample the study would almost never conclude “effects")
    assert "ruled out” for trust (probability" in said
    assert "Detected but" not in said


def test_a_row_with_other_assumptions_names_them():
    others = (
        chance(TRUST, 0.0, cluster_autocorrelation=0.4),
        chance(TRUST, 1.0, cluster_autocorrelation=0.4, icc=0.1),
    )
    table = built(study(chances=(*study().records.chances, *others)))
    one, both = "trust-0_autocorrelation_0_4", "trust-1_autocorrelation_0_4_icc_0_1"
    assert table.cell(one, "true_effect").text == "no effect; autocorrelation\N{NO-BREAK SPACE}0.4"
    assert table.cell(both, "true_effect").text.endswith("ICC\N{NO-BREAK SPACE}0.1")
    planned = next(n for n in table.notes if n.startswith("Planned."))
    assert "Trust 0.070 (ICC 0.05, autocorrelation 0.6)" in planned.replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "assume it instead" in planned
    assert "assume it instead" not in " ".join(built(study()).notes)


def test_no_column_or_note_is_about_effects_that_are_detected_and_too_small():
    """At most 1.1 % of studies in any design of the two plans end there: not a chance to print."""
    table = built(study())
    assert "smaller" not in [c.id for c in table.columns]
    assert not any("smaller than matters" in text for text in table.notes)


def test_notes_say_the_planned_design_and_the_formula():
    notes = built(study()).notes
    assert any("35 treatment and 35 comparison villages, 50 respondents" in n for n in notes)
    assert any("2.45 (95%) and 2.16 (90%) standard errors" in n for n in notes)


def test_without_a_planned_design_the_table_says_so():
    table = built(examples.source())
    assert table.rows[0].cells[0].kind == "unavailable"


def test_the_note_on_the_planned_design_says_when_the_plan_was_locked():
    made = study().configuration
    for seen, when in ((True, "after"), (False, "before")):
        lock = dataclasses.replace(made.preregistration.lock, endline_data_seen=seen)
        preregistration = dataclasses.replace(made.preregistration, lock=lock)
        configuration = dataclasses.replace(made, preregistration=preregistration)
        notes = built(dataclasses.replace(study(), configuration=configuration)).notes
        planned = next(n for n in notes if n.startswith("Planned."))
        assert f"The plan was locked {when} endline data had been seen." in planned
