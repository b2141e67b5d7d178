"""Judgements on a panel study: reasons with numbers from its records, in both languages."""

import dataclasses
import re

import pytest

from evaluation.config.configuration import read_configuration
from evaluation.config.review import DOMAINS
from evaluation.errors import ReportError
from evaluation.report import builders
from evaluation.report.panels import references
from evaluation.report.panels.references import REFERENCE
from tests.analysis.panels import worlds
from tests.report.panels.test_panel_report import source

LANGUAGES = ("en", "es")


def made(name: str, language: str):
    one = dataclasses.replace(source("en"), language=language)
    exhibit = next(e for e in one.configuration.registry.exhibit if e.id == name)
    return builders.build(exhibit, one)


def reasons(language: str) -> dict[str, str]:
    """Every reason of review.toml by domain."""
    review = read_configuration(worlds.CONFIG).review
    assert review is not None
    found = {f"risk {r.domain}": r.support[language] for r in review.risk}
    for statement in review.certainty:
        found |= {f"grade {d.domain}": d.reason[language] for d in statement.downgrade}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_domain_has_a_reason_and_a_number_that_is_not_typed(language):
    for domain, text in reasons(language).items():
        assert REFERENCE.search(text), domain
        typed = REFERENCE.sub("", text)
        # years, kilometres and the unit of a rate are no results
        typed = re.sub(r"\b20\d\d(–\d\d)?\b|40 km|100[.,]000", "", typed)
        assert not re.search(r"\d", typed), (domain, typed)
    of_english = {k: sorted(REFERENCE.findall(v)) for k, v in reasons("en").items()}
    assert of_english == {k: sorted(REFERENCE.findall(v)) for k, v in reasons(language).items()}


def test_signed_dated_and_complete():
    review = read_configuration(worlds.CONFIG).review
    assert review is not None
    assert review.judged.by["en"].startswith("authors of this reanalysis")
    assert review.judged.date.isoformat() == "2026-12-02"
    assert {r.domain for r in review.risk} == set(DOMAINS["ROBINS-I"])
    assert review.overall("homicides") == "serious"
    assert review.certainty[0].certainty == "very low"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_of_judgements_have_the_numbers_of_the_records(language):
    risk, certainty = made("tbl-risk-of-bias", language), made("tbl-certainty", language)
    printed = " ".join(cell.text for t in (risk, certainty) for row in t.rows for cell in row.cells)
    assert "{" not in printed
    one = dataclasses.replace(source("en"), language=language)
    assert references.filled(one, "{ratio_2021.interval}") in printed
    assert references.filled(one, "{magnitudes_2021.largest_move}") in printed
    said = {"en": "not assessed", "es": "no evaluado"}[language]
    assert risk.cell("homicides-deviations", "judgement").text.casefold() == said
    level = {"en": "very low", "es": "muy baja"}[language]
    assert level in dict(certainty.said)["overall"].casefold()


@pytest.mark.parametrize("name", ["nothing.change", "ratio_2021.nothing", "years.change"])
def test_a_reference_to_no_number_is_refused(name):
    with pytest.raises(ReportError):
        references.filled(source("en"), f"as in {{{name}}}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_monte_carlo_error_of_each_simulated_p_is_printed(language):
    answer = made("tbl-answer", language)
    for row in answer.rows:
        for name in ("p_error", "p_studentised_error"):
            assert answer.cell(row.id, name).kind == "number"
    sensitivity = made("tbl-sensitivity", language)
    # the small world has neither events in half-years nor the two municipalities by name
    absent = ("first_half", "second_half", "without_tumaco", "without_santander")
    simulated = [r.id for r in sensitivity.rows if not r.id.startswith(absent)]
    assert len(simulated) == len(sensitivity.rows) - 8
    for name in simulated:
        # its few neighbours are withheld
        withheld = sensitivity.cell(name, "percent").kind == "suppressed"
        assert withheld or sensitivity.cell(name, "p_error").kind == "number", name
    # a t test is not simulated
    assert made("tbl-estimators", language).cell("cohorts_2021", "p_error").kind == "none"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_treated_cluster_is_left_out_once_in_the_order_of_codes(language):
    table = made("tbl-without", language)
    assert [row.id for row in table.rows] == [f"without_{code}" for code in worlds.TREATED]
    assert dict(table.said)["carried"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_simulation_of_other_data_is_not_shown(language):
    table = made("tbl-tests-power", language)
    assert not table.rows
    one = dataclasses.replace(source("en"), language=language)
    stored = read_configuration(worlds.CONFIG).simulated
    assert stored is not None
    own = dataclasses.replace(stored, data=one.records.provenance.data_hash)
    with_it = dataclasses.replace(
        one, configuration=dataclasses.replace(one.configuration, simulated=own)
    )
    exhibit = next(e for e in one.configuration.registry.exhibit if e.id == "tbl-tests-power")
    shown = builders.build(exhibit, with_it)
    assert [row.id for row in shown.rows] == ["fall_0", "fall_20", "fall_25", "fall_30", "fall_40"]
    first = stored.falls[0]
    number = stored.block * len(first.coefficient)
    share = 100.0 * sum(first.coefficient) / number
    assert shown.cell("fall_0", "detected_coefficient").value == pytest.approx(share)
