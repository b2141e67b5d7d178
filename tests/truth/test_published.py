"""Every external number of validation.toml: sources, printed values and tolerances stand there."""

import ast
import re
from pathlib import Path

import pytest

from evaluation.analysis import reference
from evaluation.estimation.regression.fit import least_squares
from tests.truth import validation
from tests.truth.calculations import exact, panels

pytestmark = pytest.mark.truth

EXAMPLES = [entry["id"] for entry in validation._list()["example"]]


def example(identifier: str) -> validation.Example:
    return next(e for e in validation.examples() if e.id == identifier)


@pytest.mark.parametrize("identifier", EXAMPLES)
def test_published_numbers(identifier):
    """Within the tolerance of the list; a number that stands beside ours must differ from it."""
    ours = example(identifier).ours
    for number in example(identifier).values:
        gap = abs(float(ours[number.key]) - number.value)
        if number.tolerance is None:
            assert gap > validation.unit(number.printed), (
                f"{number.id} can be hit: give a tolerance"
            )
        else:
            assert gap <= number.tolerance, f"{number.id}: {ours[number.key]!r}, {number.printed}"


@pytest.mark.parametrize("identifier", EXAMPLES)
def test_nothing_is_listed_without_a_value_or_calculated_without_a_comparison(identifier):
    keys = [number.key for number in example(identifier).values]
    assert len(keys) == len(set(keys)) > 0
    assert set(keys) == set(example(identifier).ours)


def test_every_calculation_belongs_to_the_list():
    assert sorted(EXAMPLES) == sorted(validation.CALCULATIONS)
    assert {e.part for e in validation.examples()} == set(validation.parts())


def test_a_tolerance_is_never_wider_than_a_hundredth_of_its_number_without_a_reason():
    """Wide ones: small p-values and variances, printed digits that are few, and one random p."""
    wide = {
        number.id
        for e in validation.examples()
        for number in e.values
        if number.tolerance is not None and number.tolerance > 0.01 * abs(number.value)
    }
    assert wide == {
        "organ_donations-estimate",
        "organ_donations-std_error",
        "tellez-1.palm.std_error",
        "tellez-2.product.std_error",
        "boottest_webb-p_value",
        "metaketa-compliance_idx.p.value",
        "medicaid_magnitudes-0.5.low",
        "medicaid_magnitudes-1.0.low",
        "medicaid_magnitudes-1.5.low",
        "medicaid_magnitudes-2.0.low",
        "medicaid_smoothness-0.02.low",
        "medicaid_smoothness-0.03.low",
        "castle_decomposition-later.mean",
        "castle_decomposition-earlier.weight",
        "castle_decomposition-earlier.mean",
    }


def test_no_number_of_the_list_is_typed_in_another_test_here():
    """Numbers of three digits and more; 0.04 and counts of rows are settings, not results."""
    printed = {
        row["printed"].replace(",", "").lstrip("-")
        for entry in validation._list()["example"]
        for row in entry.get("values", [])
    }
    printed = {text for text in printed if len(text.replace(".", "").lstrip("0")) > 2}
    assert len(printed) > 25
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        typed = {repr(n.value) for n in ast.walk(tree) if isinstance(n, ast.Constant)}
        assert not typed & printed, path.name


def test_the_page_is_current():
    assert validation.PAGE.read_text(encoding="utf-8") == validation.page(), (
        "run: python -m tests.truth.validation --write"
    )


def test_the_page_names_every_example_and_its_test():
    text = validation.PAGE.read_text(encoding="utf-8")
    assert Path(__file__).as_posix().endswith(validation.TEST)
    for identifier in EXAMPLES:
        assert f"`{validation.TEST}`, `{identifier}`" in text
    rows = len(re.findall(r"^\| .* \|$", text, flags=re.MULTILINE))
    sizes = [len(e.values) for e in validation.examples()]
    printed = [size for size in sizes if size <= validation.LONGEST_TABLE]
    assert rows == sum(1 + size for size in printed) + len(printed)
    for size in set(sizes) - set(printed):
        assert f"All `{size}` numbers" in text


@pytest.mark.parametrize(
    "design", [*panels.incinerator(), panels.benefits(), panels.donors()], ids=lambda d: d.column
)
def test_the_second_implementation_agrees_on_the_textbooks(design):
    """linearmodels and statsmodels; the tolerances are those of `reference.check`."""
    assert reference.check(design, least_squares(design.accumulate()), where="textbook") is None


def test_the_exact_set_is_one_interval_without_simulation_error():
    """Every sign vector is used, so no end of the set depends on draws."""
    assert (exact.collapsed().n, len(exact.collapsed().clusters)) == (16, 8)
    bounds = exact.enumerated().interval()
    assert (bounds.shape, bounds.low_mc_error, bounds.high_mc_error) == ("interval", 0.0, 0.0)
