"""The figure of differences between groups: what it says in words, and what it leaves out."""

import dataclasses
import re

import pytest

from evaluation.report import builders
from tests.report import check_examples as made
from tests.report import examples
from tests.report.check_examples import CRIME, TRUST
from tests.report.tables.test_table_subgroups import (
    AREA,
    BY_AREA,
    BY_SEX,
    MEN,
    RURAL,
    SEX,
    WOMEN,
    row,
    study,
)


def draw(source):
    asked = examples.exhibit("subgroups_plot", outcomes=("trust",))
    return builders.draw(asked, source)


def test_alternative_text_tells_the_difference_with_the_smallest_adjusted_p():
    figure = draw(study((WOMEN, MEN, BY_SEX, RURAL, BY_AREA), (SEX, AREA)))
    assert "“Rural” minus everyone else (descriptive): −0.15 SD" in figure.alt
    assert "one row per difference of two groups' effects" in figure.alt
    assert figure.alt.startswith("SYNTHETIC DATA. ")
    assert figure.png.startswith(b"\x89PNG")


def test_its_data_are_the_tables():
    figure = draw(study())
    assert figure.data.cell("trust-sex-difference_women_men", "p_adjusted").value == 0.328


def test_withheld_numbers_are_not_drawn_or_told():
    figure = draw(study((WOMEN, dataclasses.replace(MEN, n=9), BY_SEX)))
    assert "no difference between groups can be shown" in figure.alt
    assert "0.20" not in figure.alt


def test_the_same_records_give_the_same_bytes():
    assert draw(study()).svg == draw(study()).svg


@pytest.mark.parametrize("without", [TRUST, CRIME])
def test_a_check_without_any_row_for_one_outcome_hides_no_difference_of_another(without):
    reason = made.unavailable(without, SEX, "all", "no cluster has both groups")
    having = CRIME if without is TRUST else TRUST
    found = row(SEX, "difference:women-men", 0.2, (-0.1, 0.5), 0.2, outcome=having, adjusted=0.2)
    asked = examples.exhibit("subgroups_plot", outcomes=("trust", "crime"))
    source = study((found,), check_unavailable=(reason,))
    drawn = builders.draw(asked, source)
    rows = [words for words in re.findall(r">([^<>]*)</text>", drawn.svg.decode()) if "“" in words]
    assert rows == ["“Women” minus “Men”"]
    assert drawn.data.cell(f"{without.id}-sex", "estimate").text
