"""The figure of differences between groups: what it says in words, and what it leaves out."""

import dataclasses

from evaluation.report import figures
from tests.report import examples
from tests.report.test_table_subgroups import AREA, BY_AREA, BY_SEX, MEN, RURAL, SEX, WOMEN, study


def draw(source):
    asked = examples.exhibit("subgroups_plot", outcomes=("trust",))
    return figures.draw(asked, source)


def test_alternative_text_counts_differences_not_groups():
    # of the groups one interval excludes zero, of the differences the other
    figure = draw(study((WOMEN, MEN, BY_SEX, RURAL, BY_AREA), (SEX, AREA)))
    assert "under 2 traits. 1 of 2 unadjusted intervals of differences exclude zero" in figure.alt
    assert "“Women” less “Men” +0.20 (−0.08 to +0.48)" in figure.alt
    assert "“Rural” less everybody else −0.15 (−0.29 to −0.01)" in figure.alt
    assert figure.alt.startswith("SYNTHETIC DATA. ")
    assert figure.png.startswith(b"\x89PNG")


def test_its_data_are_the_tables():
    figure = draw(study())
    assert figure.data.cell("trust-sex-difference_women_men", "p_adjusted").value == 0.328


def test_withheld_numbers_are_not_drawn_or_told():
    figure = draw(study((WOMEN, dataclasses.replace(MEN, n=9), BY_SEX)))
    assert "0 of 0 unadjusted intervals of differences" in figure.alt
    assert "0.20" not in figure.alt


def test_the_same_records_give_the_same_bytes():
    assert draw(study()).svg == draw(study()).svg
