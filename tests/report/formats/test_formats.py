"""How numbers are printed. Expected texts are written by hand."""

import datetime
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import ReportError
from evaluation.locale import numbers
from evaluation.locale.messages import Count, Plain, text_of
from evaluation.report.formats import number_format
from tests.tables import cases

CASES = cases(__file__)

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (-0.004, 2, "0.00"),
        (0.004, 2, "0.00"),
        (0.006, 2, "+0.01"),
        (-0.006, 2, f"{MINUS}0.01"),
        (2.45, 1, "+2.5"),  # 2.45 is stored a little above 2.45
        (-1234.5, 1, f"{MINUS}1,234.5"),
        (math.inf, 2, "unbounded"),
        (-math.inf, 2, "unbounded"),
    ],
)
def test_signed(value, decimals, shown):
    assert number_format.signed(value, decimals) == shown


@pytest.mark.property
@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.integers(0, 4))
def test_zero_never_has_a_sign_and_no_hyphen_stands_for_minus(value, decimals):
    shown = number_format.signed(value, decimals)
    digits = [c for c in shown if c.isdigit()]
    assert "-" not in shown
    assert (shown[0] in f"+{MINUS}") == any(d != "0" for d in digits)


@pytest.mark.parametrize(("value", "shown"), CASES["p_values"])
def test_p_value(value, shown):
    assert number_format.p_value(value) == shown


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_impossible_p_value_is_refused(value):
    with pytest.raises(ReportError, match="between 0 and 1"):
        number_format.p_value(value)


def test_not_a_number_is_refused():
    with pytest.raises(ReportError, match="not a number"):
        number_format.plain(math.nan, 2)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (-0.1, 0.25, f"{MINUS}0.10 to +0.25"),
        (-math.inf, 0.25, "at most +0.25"),
        (-0.1, math.inf, f"at least {MINUS}0.10"),
        (-math.inf, math.inf, "unbounded on both sides"),
        # what excludes zero does not print as if it held it
        (0.004, 0.271, "+0.004 to +0.271"),
        (-0.271, -0.0004, f"{MINUS}0.2710 to {MINUS}0.0004"),
        (0.0, 0.271, "0.00 to +0.27"),
        (1e-6, 0.271, "0.00 to +0.27"),
        (-math.inf, -0.001, f"at most {MINUS}0.001"),
        (0.004, math.inf, "at least +0.004"),
        (-0.004, 0.271, "0.00 to +0.27"),
    ],
)
def test_interval(low, high, shown):
    assert number_format.interval(low, high, 2) == shown


def test_spanish_changes_marks_and_words():
    """Colombia writes a point for thousands, a comma for decimals and a blank before %."""
    minus = numbers.MINUS
    assert number_format.plain(-1234.5, 1, "es") == f"{minus}1.234,5"
    assert number_format.signed(0.25, 2, "es") == "+0,25"
    assert number_format.signed(-0.001, 2, "es") == "0,00"
    assert number_format.count(12000, "es") == "12.000"
    assert number_format.shortest(0.1, "es") == "0,1"
    assert number_format.p_value(0.0001, "es") == "<0,001"
    assert number_format.p_value(0.9999, "es") == ">0,999"
    assert number_format.interval(-1.0, 2.0, 1, "es") == f"{minus}1,0 a +2,0"
    assert number_format.interval(-math.inf, 2.0, 1, "es") == "como máximo +2,0"
    assert number_format.interval(-math.inf, math.inf, 1, "es") == "sin límite en ambos lados"
    assert number_format.percent(0.95, "es") == "95\N{NO-BREAK SPACE}%"
    assert number_format.quoted("ya", "es") == "«ya»"


@pytest.mark.parametrize(("parts", "language", "shown"), CASES["rows"])
def test_words_in_a_row(parts, language, shown):
    assert number_format.listed(parts, language) == shown


def test_days_are_iso_in_english_and_written_out_in_spanish():
    day = datetime.date(2021, 5, 3)
    assert number_format.date(day, "en") == "2021-05-03"
    assert number_format.date(day, "es") == "3 de mayo de 2021"


@pytest.mark.parametrize(
    ("value", "spanish"),
    [
        (Plain("5.2"), "5,2"),
        (Plain("1,204"), "1.204"),
        (Plain("10%"), "10\N{NO-BREAK SPACE}%"),
        (Plain("5, 10, 15, ..."), "5, 10, 15, ..."),
        (Plain("2025-01-24"), "2025-01-24"),
        (Plain("v0.1.0"), "v0.1.0"),
        (Plain("0.1.0"), "0.1.0"),
        (Plain("05:30"), "05:30"),
        (Count(1204, "interviews"), "1.204"),
        ("file 12.5", "file 12.5"),
    ],
)
def test_numbers_inside_a_message_get_the_marks_of_spanish(value, spanish):
    assert text_of(value, "es") == spanish
    shown = f"{value.n:,}" if isinstance(value, Count) else getattr(value, "shown", value)
    assert text_of(value, "en") == shown


@pytest.mark.parametrize(
    ("value", "beside", "decimals"),
    [
        (0.1028, 0.1, 3),  # both 0.10 with two
        (0.1, 0.1, 2),  # equal: no digit tells them apart
        (0.106, 0.1, 2),
        (0.1028, None, 2),
        (math.inf, 0.1, 2),
    ],
)
def test_two_numbers_that_print_the_same_have_one_decimal_more(value, beside, decimals):
    assert number_format.apart(value, beside, 2) == decimals
