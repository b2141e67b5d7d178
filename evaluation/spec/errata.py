"""Corrections of numbers that people may have cited: a study's own list, oldest first."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from evaluation.spec import load
from evaluation.spec.load import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Erratum:
    """One published number, sentence or exhibit that was wrong or is replaced.

    Attributes
    ----------
    number : str
        ``<exhibit>.<row>.<field>`` of a number, or the id of an exhibit.
    what : Text
        What it was called, such as "Confidence in the police: upper end of the interval".
    before, after : Text
        As printed, with unit; ``after`` says so where nothing stands in its place.
    """

    number: str
    date: datetime.date
    what: Text
    before: Text
    after: Text
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Errata:
    """The list of a study."""

    erratum: tuple[Erratum, ...] = ()


def read_errata(folder: Path) -> tuple[Erratum, ...]:
    """Read ``errata.toml``; a study without the file has none.

    Raises
    ------
    SpecError
        Any key or type that does not hold; an id that stands twice for one day.
    """
    path = folder / "errata.toml"
    if not path.is_file():
        return ()
    where = f"{folder.name}/errata.toml"
    found: Errata = load.convert(Errata, load.read_toml(path), where=where)
    named = (f"{e.date.isoformat()} {e.number}" for e in found.erratum)
    load.unique(named, what="erratum", where=where)
    return found.erratum
