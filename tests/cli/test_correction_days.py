"""A decision dated after today: nobody signs so, and a ledger that holds one is told aloud."""

import datetime
from pathlib import Path

import pytest

from evaluation.cli import corrections
from evaluation.cli.stages import stage_files
from evaluation.errors import DataError
from tests.cli.test_correction_signing import delivered, released
from tests.fieldwork.office import BOOK, SIGNED, at, command, read_book, save_book, written
from tests.fieldwork.test_office_book import office

__all__ = ["delivered", "office", "released"]  # fixtures
TODAY, REAL_TODAY = datetime.date(2025, 6, 18), corrections.today


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (corrections, stage_files):
        monkeypatch.setattr(room, "today", lambda: TODAY)


def test_the_day_is_that_of_the_farthest_clock():
    """No clock is more than fourteen hours ahead of UTC (Kiribati), or twelve behind it."""
    zones = [datetime.timezone(datetime.timedelta(hours=hours)) for hours in (-12, -5, 0, 14)]
    days = [datetime.datetime.now(tz=zone).date() for zone in zones]
    assert max(days) <= REAL_TODAY() <= max(days) + datetime.timedelta(days=1)


def signed_book(tmp_path: Path, day: str) -> str:
    book = read_book(Path(BOOK))
    words = {**SIGNED, "date": day}
    at(book["to correct"], 14, "t1").update(decision="set", **{"new value": "4"}, **words)
    return str(save_book(book, tmp_path / "back.xlsx"))


def test_a_decision_of_the_office_may_be_of_today(office, tmp_path):
    command("from-xlsx", signed_book(tmp_path, "2025-06-18"), "--write")
    assert ",2025-06-18," in (office.config / "corrections.csv").read_text(encoding="utf-8")


def test_a_decision_of_the_office_is_not_of_tomorrow(office, tmp_path):
    with pytest.raises(DataError, match="1 error") as caught:
        command("from-xlsx", signed_book(tmp_path, "2025-06-19"), "--write")
    assert "back.xlsx: sheet to correct, row " in str(caught.value)
    assert ", column date: the day of the decision is after today" in str(caught.value)
    assert written(office) == []


def test_nobody_signs_tomorrow(delivered):
    delivered.run_read()
    path = delivered.config / "corrections.csv"
    before = path.read_bytes()
    with pytest.raises(DataError, match="after today"):
        command("confirm", "--by", "AMR", "--date", "2025-06-19", "--write")
    assert path.read_bytes() == before
    command("confirm", "--by", "AMR", "--date", "2025-06-18", "--write")
    assert path.read_bytes() != before


def test_a_ledger_of_tomorrow_is_told_and_leaves_no_trace(tiny, capsys, monkeypatch):
    """The same files whatever the clock says: what depends on it is only printed."""
    tiny.ledger = [
        "baseline,baseline.csv:3,t1,2,4,set,heard again,ana,2025-01-02",
        "baseline,baseline.csv:4,t1,2,4,set,heard again,ana,2031-06-18",
    ]
    for row in (1, 2):
        tiny.baseline[row]["t1"] = "2"
    tiny.write()
    tiny.run()
    said = capsys.readouterr().err
    assert said.count("warning: config/tiny/corrections.csv") == 1
    assert (
        "config/tiny/corrections.csv:3: the day of the decision (2031-06-18) is after today" in said
    )
    files = {p: p.read_bytes() for p in tiny.clean.rglob("*") if p.is_file()}
    monkeypatch.setattr(corrections, "today", lambda: datetime.date(2040, 1, 1))
    monkeypatch.setattr(stage_files, "today", lambda: datetime.date(2040, 1, 1))
    tiny.run()
    assert "warning: config/tiny/corrections.csv" not in capsys.readouterr().err
    assert files == {p: p.read_bytes() for p in tiny.clean.rglob("*") if p.is_file()}
