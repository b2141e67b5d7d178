"""Ours beside the published estimates: neither moves the other, and differences are exact."""

import dataclasses

from evaluation.config.toml_reader import Text
from evaluation.report import builders
from evaluation.site import exhibit_files
from tests.report import examples

PUBLISHED = examples.exhibit(
    "published", specifications=("did_main",), match={"trust": "their_trust"}
)


def test_published_differences():
    # ours: 0.11, 0.11/1.7, 68; theirs: 0.11, 0.06, 68
    table = builders.build(PUBLISHED, examples.source())
    assert table.cell("trust", "difference").value == 0.0
    assert table.cell("trust", "difference_std_error").value == 0.11 / 1.7 - 0.06
    assert table.cell("trust", "max_difference").value == 0.11 / 1.7 - 0.06


def test_the_source_of_a_model_is_named_in_the_language_of_the_page():
    """The plan says it in one language and is locked; the study's pairs say it in both."""
    configuration = examples.CONFIGURATION
    said = (Text(en="Their model", es="Su modelo"),)
    study = dataclasses.replace(configuration.study, source=said)
    entry = dataclasses.replace(
        configuration.preregistration.plan.specification[0], source="Their model, 2020"
    )
    rest = configuration.preregistration.plan.specification[1:]
    plan = dataclasses.replace(configuration.preregistration.plan, specification=(entry, *rest))
    preregistration = dataclasses.replace(configuration.preregistration, plan=plan)
    both = dataclasses.replace(configuration, study=study, preregistration=preregistration)
    for language, expected in (
        ("en", "Source of the model: Their model, 2020."),
        ("es", "Fuente del modelo: Su modelo, 2020."),
    ):
        source = dataclasses.replace(examples.source(both), language=language)
        assert expected in " ".join(builders.build(PUBLISHED, source).notes)


def test_published_differences_have_a_row_over_all_outcomes():
    match = {"trust": "their_trust", "crime": "their_crime"}
    exhibit = examples.exhibit("published", specifications=("did_main",), match=match)
    theirs = (
        {"outcome": "their_trust", "estimate": "0.11", "std.error": "0.06", "df": "68.0"},
        {"outcome": "their_crime", "estimate": "-1.9", "std.error": "1.4", "df": "68.0"},
    )
    table = builders.build(exhibit, examples.source(published=theirs))
    # crime: ours -2.4 and 2.4/1.7; its difference of -0.5 is larger in size than any of trust's
    assert table.cell("all", "max_difference").value == 0.5
    # trust's difference is 0, crime's negative: the size counts
    assert table.cell("all", "difference").value == 0.5
    assert table.cell("all", "difference_std_error").value == 2.4 / 1.7 - 1.4
    found = exhibit_files.collect([table])
    assert found["tbl-example.all.max_difference"]["text"] == "0.500"


def test_a_difference_of_rounding_size_is_a_power_of_ten():
    theirs = {"outcome": "their_trust", "estimate": "0.11", "std.error": "0.06", "df": "68.0"}
    theirs["estimate"] = repr(0.11 - 2.5e-13)
    table = builders.build(PUBLISHED, examples.source(published=(theirs,)))
    assert table.cell("trust", "difference").text == "+2.5 × 10⁻¹³"


def test_published_column_does_not_move_with_ours():
    made = examples.records()
    moved = tuple(
        dataclasses.replace(e, estimate=e.estimate + 0.5) if e.step == "cr2" else e
        for e in made.estimates
    )
    table = builders.build(PUBLISHED, examples.source(estimates=moved))
    assert table.cell("trust", "ours").value == 0.61
    assert table.cell("trust", "published").value == 0.11
    assert table.cell("trust", "difference").value == 0.5
