"""One builder of cells for all tables of estimates."""

import pytest

from evaluation.locale.messages import wording
from evaluation.report import estimate_rows
from evaluation.report.formats import table
from evaluation.report.prose import table_frame
from tests.report import check_examples as made
from tests.report.check_examples import TRUST

CHECK = made.check("measurement")
FIELDS = ("estimate", "std_error", "ci_low", "p_value", "n", "df")
FOUND = made.of_check(
    TRUST,
    CHECK,
    "item:q2",
    unit="SD",
    estimate=0.08,
    std_error=0.0512,
    ci_low=-0.04,
    p_value=0.182,
    n=400,
    adjustment="none",
)


def texts(found, fields=FIELDS, **given):
    cells = estimate_rows.cells(made.source(CHECK), found, fields, decimals=2, given=given)
    return [cell.text for cell in cells]


def test_a_standard_error_has_one_decimal_more_than_its_effect():
    assert texts(FOUND)[:5] == ["+0.08", "0.051", "\N{MINUS SIGN}0.04", "0.182", "400"]


def test_p_is_that_of_the_test_that_the_interval_inverts():
    together = made.of_check(
        TRUST, CHECK, "item:q2", p_value=0.182, p_adjusted=0.21, adjustment="max_t"
    )
    assert texts(together, ("p_value",)) == ["0.210"]


def test_a_given_cell_stands_in_its_column():
    assert texts(FOUND, ("estimate", "known"), known=table.text("before")) == ["+0.08", "before"]


def test_a_reason_stands_once_and_nothing_behind_it():
    absent = made.unavailable(TRUST, CHECK, "all", "too few", "item:q2")
    assert texts(absent) == ["not available: too few", *["\N{EN DASH}"] * 5]


def test_a_field_that_a_record_lacks_is_no_empty_cell():
    with pytest.raises(AttributeError):
        texts(FOUND, ("elsewhere",))


def test_the_upper_end_stands_behind_the_lower_in_print_only():
    found = (*table.columns("ci_low", "ci_high"), *table.columns("high", shown="download"))
    assert [column.joined for column in found] == ["", "to", ""]
    (clusters,) = table.columns("n_clusters_comparison", joined={"n_clusters_comparison": "slash"})
    assert clusters.joined == "slash"


@pytest.mark.parametrize(("builder", "entry"), [("subgroups", "subgroups."), ("effects", "")])
def test_a_head_is_the_builders_own_or_that_of_all_tables(builder, entry):
    for language in ("en", "es"):
        source = made.source(CHECK, language=language)
        head = wording(f"column.{entry}estimate", language)
        assert table_frame.headed(source, table.Column(id="estimate"), builder).label == head
    own = table.Column(id="estimate", label="Of its own")
    assert table_frame.headed(source, own, builder) == own


def test_a_cell_may_be_its_text_alone():
    made_row = table.row("one", "label", table.count(3), group="heading")
    assert [cell.kind for cell in made_row.cells] == ["text", "count"]
    assert made_row.cells[0] == table.text("label")


def test_a_number_its_reason_or_nothing_is_one_cell():
    source = made.source(CHECK)
    make = table.count
    assert estimate_rows.quantity_cell(source, 3, make) == table.count(3)
    assert estimate_rows.quantity_cell(source, None, make) == table.none()
    absent = made.unavailable(TRUST, CHECK, "icc", "too few clusters")
    cell = estimate_rows.quantity_cell(source, absent, make)
    assert cell.kind == "unavailable"
    assert "too few clusters" in cell.text
