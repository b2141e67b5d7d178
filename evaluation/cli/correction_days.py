"""Decisions dated after today: refused where somebody signs, told where the ledger is applied.

The clock decides here and nowhere else: what it says goes to whoever signs or runs a stage, never
into a file, so that a build of another day has the same bytes.
"""

import datetime
import sys
from collections.abc import Iterable

from evaluation.data.ledger import Ledger
from evaluation.data.office_import import Decided
from evaluation.data.office_places import Wrong
from evaluation.errors import DataError
from evaluation.locale.messages import message, wording

# the farthest ahead of UTC that a clock on earth is: a day is later only where it is so everywhere
AHEAD = datetime.timedelta(hours=14)
PROBLEM = message("day-decision.problem")
MEND = message("write-day-decided.mend")


def today() -> datetime.date:
    """The day that it is where the date is the latest."""
    return (datetime.datetime.now(tz=datetime.UTC) + AHEAD).date()


def wrong_days(new: Iterable[Decided]) -> tuple[Wrong, ...]:
    """Rows of the office's workbook whose day has not come."""
    latest = today().isoformat()
    return tuple(
        Wrong(given.where("date"), PROBLEM, MEND)
        for correction, given in new
        if correction.date > latest
    )


def check_signature(day: datetime.date, *, rule: str) -> None:
    """Refuse to sign on a day that has not come.

    Raises
    ------
    DataError
        The day is after today.
    """
    if day > today():
        raise DataError(PROBLEM, where="--date", mend=MEND, rule=rule)


def warn(ledger: Ledger, language: str) -> None:
    """Name on the terminal the lines of a ledger whose day has not come; they are applied."""
    latest = today().isoformat()
    for entry in ledger.corrections:
        if entry.date > latest:
            said = wording(
                "corrections.decided-after-today",
                language,
                where=ledger.where,
                line=entry.line,
                day=entry.date,
            )
            sys.stderr.write(said)
