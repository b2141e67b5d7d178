"""Every exhibit in Spanish: no English left, and the numbers of the English one."""

import dataclasses
import functools

import pytest

from evaluation.config.exhibits import TABLES
from evaluation.locale import numbers
from evaluation.locale.messages import entries, wording
from evaluation.report import builders
from evaluation.report.figures import sheet, timeline, trends
from evaluation.report.formats import number_format, page_layout, table
from evaluation.site import exhibit_files
from tests.report import check_examples as made
from tests.report import examples, in_spanish
from tests.report.figures import test_figure_leave_one_out, test_figure_theory
from tests.report.prose import test_staff_tables, test_table_diagnostics
from tests.report.tables import (
    test_replication,
    test_table_answer_shares,
    test_table_bounds,
    test_table_breakdown,
    test_table_calibration,
    test_table_comparison,
    test_table_composition,
    test_table_exposure,
    test_table_invariance,
    test_table_places,
    test_table_power,
    test_table_reliability,
    test_table_robustness,
    test_table_spillover,
    test_table_subgroups,
)

TRUST, CRIME, _ = examples.OUTCOMES
MATCH = {"trust": "their_trust"}


def subgroups():
    rows = (*test_table_subgroups.SEX_ROWS, test_table_subgroups.RURAL)
    checks = (test_table_subgroups.SEX, test_table_subgroups.AREA)
    return test_table_subgroups.study((*rows, test_table_subgroups.BY_AREA), checks)


def composition():
    return made.source(
        test_table_composition.CHECK,
        check_estimates=(
            test_table_composition.SHARE,
            test_table_composition.ANSWER,
            test_table_composition.NUMBER,
            *test_table_composition.TARGETS,
        ),
        check_diagnostics=(*test_table_composition.joint(), test_table_composition.KEPT),
    )


def spillover():
    return made.source(
        test_table_spillover.CHECK,
        check_estimates=(test_table_spillover.RING, test_table_spillover.FAR),
        check_diagnostics=(test_table_spillover.OUTSIDE,),
    )


def exposure():
    return made.source(
        test_table_exposure.PART,
        check_estimates=(test_table_exposure.FIRST,),
        check_diagnostics=(test_table_exposure.DILUTED,),
    )


def scales():
    return test_table_reliability.study(check_unavailable=())


def found():
    problem = "answers at 5, 10, 15, ... are 5.2 times as many as their neighbours'"
    return examples.source(findings=(examples.finding("heaping", problem),))


def quantities():
    return examples.source(diagnostics=test_table_diagnostics.recorded())


def rules():
    return examples.source(calibration=test_table_calibration.of_rule())


def rates():
    refused = (
        test_table_calibration.absent(
            "ri", "sign flips: the step is not available in 3 of 9 data sets"
        ),
    )
    return examples.source(calibration=test_table_calibration.MADE, calibration_unavailable=refused)


def detected():
    away = {"estimate": -4.0, "ci_low": -6.0, "ci_high": -2.0, "p_adjusted": 0.01}
    return test_staff_tables.study(estimates=test_staff_tables.estimates(crime=away))


def doubts():
    found = made.difference(TRUST, test_table_robustness.MONTHS, (-0.12, 0.03))
    refused = made.unavailable(
        TRUST, test_table_robustness.ONE_OUT, "all", "it happened to no one", sample="without:a"
    )
    checks = (test_table_robustness.MONTHS, test_table_robustness.ONE_OUT)
    return test_table_robustness.study(found, checks=checks, check_unavailable=(refused,))


# By name: builder, changes of the exhibit, and where its records come from.
CASES = {
    "statements": ("statements", {}, examples.source),
    "statements of an effect": ("statements", {}, detected),
    "indicators": ("indicators", {}, test_staff_tables.study),
    "costs": ("costs", {}, test_staff_tables.study),
    "costs of an effect": ("costs", {}, detected),
    "theory_of_change": (
        "theory_of_change",
        {"id": "fig-example", "code": "SM-F01"},
        test_figure_theory.study,
    ),
    "coefficient_plot": ("coefficient_plot", {}, examples.source),
    "components_plot": ("components_plot", {"specifications": ("did_main",)}, examples.source),
    "levels_plot": ("levels_plot", {}, examples.source),
    "flow_diagram": ("flow_diagram", {}, examples.source),
    "trend_plot": ("trend_plot", {}, examples.source),
    "timeline": ("timeline", {}, examples.source),
    "specification_curve": ("specification_curve", {"outcomes": ("trust",)}, doubts),
    "subgroups_plot": ("subgroups_plot", {"outcomes": ("trust",)}, subgroups),
    "places_plot": ("places_plot", {}, test_table_places.study),
    "breakdown_plot": ("breakdown_plot", {"outcomes": ("trust",)}, test_table_breakdown.study),
    "detectable_plot": ("detectable_plot", {}, examples.source),
    "leave_one_out_plot": (
        "leave_one_out_plot",
        {"outcomes": ("trust", "crime")},
        test_figure_leave_one_out.study,
    ),
    "love_plot": ("love_plot", {"outcomes": ("trust",)}, test_table_comparison.study),
    "balance": ("balance", {}, examples.source),
    "covariate_balance": (
        "covariate_balance",
        {"outcomes": ("trust",)},
        test_table_comparison.study,
    ),
    "bounds": ("bounds", {"outcomes": ("trust",)}, test_table_bounds.study),
    "breakdown": ("breakdown", {"outcomes": ("trust",)}, test_table_breakdown.study),
    "subgroups": ("subgroups", {"outcomes": ("trust",)}, subgroups),
    "places": ("places", {}, test_table_places.study),
    "exposure": ("exposure", {"outcomes": ("trust",)}, exposure),
    "answer_shares": ("answer_shares", {"outcomes": ("trust",)}, test_table_answer_shares.study),
    "reliability": ("reliability", {"outcomes": ("trust",)}, scales),
    "invariance": ("invariance", {"outcomes": ("trust",)}, test_table_invariance.study),
    "spillover": ("spillover", {"outcomes": ("trust",)}, spillover),
    "composition": ("composition", {"outcomes": ("trust", "crime")}, composition),
    "published": ("published", {"specifications": ("did_main",), "match": MATCH}, examples.source),
    "pooled": ("pooled", {"match": {"trust": "2"}}, test_replication.of_sites),
    "baseline_answers": (
        "baseline_answers",
        {"specifications": tuple(test_replication.VALUES)},
        test_replication.of_answers,
    ),
    "trend_tests": ("trend_tests", {}, examples.source),
    "conclusion_chances": ("conclusion_chances", {}, test_table_power.study),
    "effects": ("effects", {"outcomes": ("trust", "crime")}, examples.source),
    "effects without a conclusion": ("effects", {"outcomes": ("threats",)}, examples.source),
    "levels": ("levels", {}, examples.source),
    "methods": ("methods", {}, examples.source),
    "flow": ("flow", {}, examples.source),
    "findings": ("findings", {}, found),
    "corrections": ("corrections", {}, examples.source),
    "dictionary": ("dictionary", {}, examples.source),
    "deviations": ("deviations", {}, examples.source),
    "robustness": ("robustness", {"outcomes": ("trust",)}, doubts),
    "diagnostics": ("diagnostics", {"outcomes": ("trust",)}, quantities),
    "calibration": ("calibration", {"outcomes": ("trust",)}, rates),
    "rule_errors": ("rule_errors", {}, rules),
    "calibration not run": ("calibration", {}, examples.source),
}
FIGURES = [name for name, (builder, _, _) in CASES.items() if builder not in TABLES]


@functools.cache
def both_languages(name):
    builder, changes, study = CASES[name]
    exhibit, source = in_spanish.asked(builder, **changes), study()
    return [in_spanish.texts(exhibit, in_spanish.in_language(x, source)) for x in ("en", "es")]


@pytest.mark.parametrize("name", CASES)
def test_no_english_is_left(name):
    english, spanish = both_languages(name)
    left = [text for text in spanish if in_spanish.FUNCTION_WORDS.search(text)]
    assert left == []
    # the list of words is one that English texts hold
    assert sum(bool(in_spanish.FUNCTION_WORDS.search(text)) for text in english) > 3


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_of_the_english_exhibit(name):
    english, spanish = both_languages(name)
    assert len(english) == len(spanish)
    differ = [
        (one, other)
        for one, other in zip(english, spanish, strict=True)
        if in_spanish.numbers(one, "en") != in_spanish.numbers(other, "es")
    ]
    assert differ == []
    assert any(in_spanish.numbers(text, "en") for text in english)


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_in_a_picture_is_english(name):
    builder, changes, study = CASES[name]
    source = in_spanish.in_language("es", study())
    found = in_spanish.drawn(in_spanish.asked(builder, **changes), source)
    # names of places of the map are the frame's own
    assert len(found) > 3
    assert [text for text in found if in_spanish.FUNCTION_WORDS.search(text)] == []


def test_axes_have_a_decimal_comma_in_spanish_and_a_point_in_english():
    exhibit = in_spanish.asked("coefficient_plot")
    ticks = {
        language: [
            text
            for text in in_spanish.drawn(
                exhibit, in_spanish.in_language(language, examples.source())
            )
            if text.strip("\N{MINUS SIGN}0123456789.,") == ""
        ]
        for language in ("en", "es")
    }
    assert ticks["en"]
    assert [numbers.marks(text, "es") for text in ticks["en"]] == ticks["es"]
    assert any("," in text for text in ticks["es"])


@pytest.mark.parametrize(
    ("language", "unit"), [("en", "percentage points"), ("es", "puntos porcentuales")]
)
def test_numbers_that_pages_quote_have_their_unit_in_words(language, unit):
    source = in_spanish.in_language(language, examples.source())
    found = exhibit_files.collect(
        [builders.build(in_spanish.asked("effects", outcomes=("crime",)), source)]
    )
    assert found["tbl-example.crime.estimate"]["unit"] == unit
    assert found["tbl-example.crime.estimate"]["text"] == number_format.signed(-2.4, 1, language)


def test_years_along_an_axis_have_no_mark_of_thousands():
    ticks = sheet.Ticks("es")
    ticks.create_dummy_axis()
    ticks.set_locs([2020.0, 2021.0, 2022.0])
    assert ticks(2021.0) == "2021"


def test_a_blinded_study_says_so_before_the_alternative_text():
    # the marks of `Study.mark`
    assert (
        wording("figure.marked", "es", named=wording("figure.mark.BLINDED", "es"))
        == "DATOS CEGADOS."
    )
    real = dataclasses.replace(examples.STUDY, synthetic=False)
    configuration = dataclasses.replace(examples.CONFIGURATION, study=real)
    source = in_spanish.in_language("es", examples.source(configuration))
    assert in_spanish.texts(in_spanish.asked("timeline"), source)[2].startswith("Un título. ")


def test_a_printed_range_and_a_percentage_are_written_as_in_spanish():
    builder, changes, study = CASES["bounds"]
    source = in_spanish.in_language("es", study())
    rows = page_layout.printed(builders.build(in_spanish.asked(builder, **changes), source)).rows
    printed = {row.id: row.cells for row in rows}
    assert printed["trust-bracket"][1][0] == "+0,02 a +0,11\N{NO-BREAK SPACE}DE"
    share = table.number(12.5, decimals=1, unit="%")
    built = builders.build(in_spanish.asked(builder, **changes), source)
    cells = (share, *built.rows[0].cells[1:])
    row = dataclasses.replace(built.rows[0], cells=cells)
    columns = (dataclasses.replace(built.columns[0], shown="with unit"), *built.columns[1:])
    made_of_shares = table.localised(dataclasses.replace(built, columns=columns, rows=(row,)))
    shown = page_layout.print_cell(made_of_shares, made_of_shares.rows[0], [0])
    assert shown == "12,5\N{NO-BREAK SPACE}%"


def test_quarters_are_trimesters_in_spanish():
    assert trends.period_label("2019Q3", "es") == "2019-T3"
    assert trends.period_label("2019-Q3", "en") == "2019-Q3"
    assert trends.period_label("2019", "es") == "2019"


def test_what_begins_on_one_day_stands_in_one_order_in_both_languages():
    # row ids are numbered; by their Spanish labels, zeta before alfa, these two would change places
    study = examples.STUDY
    first = study.event[0]
    pair = [
        dataclasses.replace(first, id=name, label=type(first.label)(en=name, es=spanish))
        for name, spanish in (("alpha", "zeta"), ("omega", "alfa"))
    ]
    study = dataclasses.replace(study, event=tuple(pair))
    configuration = dataclasses.replace(examples.CONFIGURATION, study=study)
    source = dataclasses.replace(examples.source(configuration), language="es")
    labels = [label for _, label, _, _ in timeline.timeline_entries(source)]
    assert labels.index("zeta") < labels.index("alfa")


def test_shares_have_fixed_decimals_and_the_space_of_their_language():
    # 44.5 rounds half to even, as the numbers of tables do
    assert number_format.share(0.445, 0, "en") == "44%"
    assert number_format.share(-0.012, 1, "es") == "\N{MINUS SIGN}1,2\N{NO-BREAK SPACE}%"


def test_each_kind_of_sample_of_the_balance_tables_has_words():
    kinds = {b.sample for b in examples.records().balance}
    assert kinds <= set(entries("balance.sample"))
