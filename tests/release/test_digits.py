"""Numbers of two machines: equal to the digits that a release holds, or on a rounding boundary."""

from collections import Counter

import pytest

from evaluation.release.digits import FEW, MANY, digits_held, same_number
from evaluation.release.published_tables import difference, wrong_sums


@pytest.mark.parametrize(
    ("ours", "theirs", "digits", "why"),
    [
        # by hand: the rebuilt value is rounded to the release's digits
        ("0.12341999", "0.1234", FEW, "rounded"),
        ("0.12345678901", "0.123456789", MANY, "rounded"),
        ("1e-15", "-3e-16", MANY, "rounded"),
        # 0.12345 is the boundary of .1234 and .1235; 1e-9 of it is 1.2e-10
        ("0.1234500001", "0.1234", FEW, "boundary"),
        ("0.1234499999", "0.1235", FEW, "boundary"),
        ("0.12345001", "0.1234", FEW, ""),
        ("0.12341999", "0.1235", FEW, ""),
        ("0.12341999", "0.1233", FEW, ""),
        # zeros at the end are not written: a cut number is another number
        ("5.3", "5", FEW, ""),
        ("12", "13", FEW, ""),
        ("0.123456791", "0.123456790", MANY, ""),
        ("a", "b", MANY, ""),
        ("nan", "1", MANY, ""),
    ],
)
def test_a_last_digit_may_differ_on_a_boundary_alone(ours, theirs, digits, why):
    counted = Counter()
    assert same_number(ours, theirs, digits, counted) is bool(why)
    assert counted == ({why: 1} if why else {})


def test_every_last_digit_changed_by_one_is_refused_away_from_a_boundary():
    for thousandth in range(1000, 10000, 7):
        ours = f"{thousandth}.3"
        for step in (-1, 1):
            assert not same_number(ours, f"{thousandth + step}.0", FEW)


def test_digits_are_those_of_the_release():
    assert digits_held(["0.1234", "12345", "x", "7.10"]) == FEW
    assert digits_held(["0.1234", "0.123456789"]) == MANY
    assert digits_held([]) == MANY


def test_sums_in_a_list_are_recomputed_and_not_compared_as_numbers():
    digest = "688787d8ff144c502c7f5cffaafe2cc588d86079f9de88304c26b0cb99ce91c6"  # of b"a": wrong
    listed = f"file,sha256,mark\nresults/estimates.csv,{digest},\n".encode()
    name = "en/site/files/checksums.csv"
    assert wrong_sums({name: listed, "estimates.csv": b"asd\n"}) == ["estimates.csv"]
    good = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"  # FIPS 180: of b"a"
    mine = listed.replace(digest.encode(), good.encode())
    assert wrong_sums({name: mine, "estimates.csv": b"a"}) == []
    assert difference(name, listed, mine) is None
    assert wrong_sums({name: mine}) == ["estimates.csv"]
