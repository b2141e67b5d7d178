"""What each diagnostic of a primary estimate is called, means, and is printed as."""

import csv
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One diagnostic; the catalogue has its label and what it means, by its name.

    Attributes
    ----------
    name : str
        As recorded; ``*`` stands for a group, a round or a level of places.
    section : str
        Part of the table.
    form : str
        How it is printed: in the outcome's unit with a sign (``effect``) or without (``size``), as
        a count, a p-value, a share in percent, yes or no, or with so many decimals.
    """

    name: str
    section: str
    form: str


SECTIONS = ("sample", "weights", "few", "without", "alike", "power", "methods", "other")
LISTED = resources.files(__package__).joinpath("diagnostics.csv").read_text("utf-8")
QUANTITIES = tuple(Quantity(**row) for row in csv.DictReader(LISTED.splitlines()))
