"""Stages of the pipeline: which files each makes and from which stages it reads.

The list stands for the rules of the Makefile; a test reads the rules and compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One rule of the Makefile; the catalogue says what it is called and what it leaves behind.

    Attributes
    ----------
    needs : tuple of str
        Stages whose files its rule lists.
    place : tuple of (float, int)
        Where the map draws it: from left (0) to right (1), and the row from above.
    """

    needs: tuple[str, ...]
    place: tuple[float, int]


# Ids are the names of the commands: python -m evaluation <id>.
STAGES: Mapping[str, Stage] = {
    "read": Stage(needs=(), place=(0.5, 0)),
    "clean": Stage(needs=("read",), place=(0.5, 1)),
    "estimate": Stage(needs=("read", "clean"), place=(0.22, 2)),
    "robustness": Stage(needs=("read", "clean"), place=(0.78, 2)),
    "calibrate": Stage(needs=("read", "clean"), place=(0.5, 3)),
    "exhibits": Stage(needs=("clean", "estimate", "robustness", "calibrate"), place=(0.5, 4)),
    "notebook": Stage(needs=("exhibits",), place=(0.22, 5)),
    "book": Stage(needs=("exhibits", "notebook"), place=(0.78, 5)),
    "audit": Stage(needs=("book",), place=(0.78, 6)),
}
