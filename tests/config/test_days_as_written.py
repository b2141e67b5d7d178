"""Days and clocks in the forms that servers and offices write; nothing else is one."""

import datetime

import pytest

from evaluation.config.file_layout import day, moment

FEBRUARY = datetime.date(2024, 2, 1)
EIGHT = datetime.datetime(2024, 2, 1, 8, 0, 5)
EVENING = datetime.datetime(2024, 2, 1, 20, 0, 5)


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("2024-02-01", "%Y-%m-%d", FEBRUARY),
        ("Feb 1, 2024", "%b %-d, %Y", FEBRUARY),
        ("2/1/2024", "%-m/%-d/%Y", FEBRUARY),
        ("1/2/2024", "%-d/%-m/%Y", FEBRUARY),
        ("2024-2-1", "%Y-%m-%d", None),
        ("Feb 30, 2024", "%b %-d, %Y", None),
        ("feb 1, 2024", "%b %-d, %Y", None),
        # digits of another script
        ("٢٠٢٤-٠٢-٠١", "%Y-%m-%d", None),
    ],
)
def test_days(text, form, expected):
    assert day(text, form) == expected


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        # SurveyCTO
        ("Feb 1, 2024 8:00:05 AM", "%b %-d, %Y", EIGHT),
        ("Feb 1, 2024 8:00:05 PM", "%b %-d, %Y", EVENING),
        ("Feb 1, 2024 12:00:05 AM", "%b %-d, %Y", EIGHT.replace(hour=0)),
        ("Feb 1, 2024 12:00:05 PM", "%b %-d, %Y", EIGHT.replace(hour=12)),
        # ODK Central and KoBo: the clock on the wall, whatever the offset
        ("2024-02-01T08:00:05.000-05:00", "%Y-%m-%d", EIGHT),
        # the clock of Greenwich is none of the place: its day may be another
        ("2024-02-01T08:00:05Z", "%Y-%m-%d", None),
        ("2024-02-01 08:00:05", "%Y-%m-%d", EIGHT),
        ("01/02/2024 08:00:05", "%d/%m/%Y", EIGHT),
        ("Feb 1, 2024 13:00:05 PM", "%b %-d, %Y", None),
        ("2024-02-01 08:00", "%Y-%m-%d", None),
        ("2024-02-01T24:00:05Z", "%Y-%m-%d", None),
    ],
)
def test_clocks(text, form, expected):
    assert moment(text, form) == expected
