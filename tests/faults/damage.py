"""What a damage is: files as an office delivers them, and one thing that happened to them."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.tables import cases

BASELINE = "baseline.csv"
ENDLINE = "endline.csv"
FRAME = "municipalities.csv"
Place = Literal["cell", "row", "column", "row or column", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The study's files as bytes, by name."""

    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a finding must name before a damage counts as reported.

    Attributes
    ----------
    place : {"cell", "row", "column", "row or column", "file"}
        Line and column of a damaged cell; a damaged line (the column may be another one of the
        row); a damaged column; either, where the random numbers decide what is damaged; or the
        file alone, where the damage has no place in it.
    rules : tuple of str
        The rules that speak of this damage. Without one, the values must be read right.
    why : str
        Why the place is not a cell. Never empty for a file.
    """

    place: Place
    rules: tuple[str, ...]
    why: str = ""

    def __post_init__(self) -> None:
        if self.place == "file" and self.rules and not self.why:
            raise ValueError(f"say why the damage has no place in the file: {self.rules}")


# nothing that is worth a word happened: any finding but a value read wrong is a false alarm
READ_RIGHT = Expectation(place="file", rules=())


def in_cell(*rules: str) -> Expectation:
    """The finding names line and column of a damaged cell."""
    return Expectation(place="cell", rules=rules)


def in_row(*rules: str) -> Expectation:
    """The finding names a damaged line."""
    return Expectation(place="row", rules=rules)


def in_column(*rules: str) -> Expectation:
    """The finding names a damaged column."""
    return Expectation(place="column", rules=rules)


def in_file(*rules: str, why: str) -> Expectation:
    """The finding names the file, because the damage has no place in it."""
    return Expectation(place="file", rules=rules, why=why)


EXPECTED = cases(str(Path(__file__).parent / "kinds" / "expected.py"))


def expected(group: str) -> dict[str, Expectation]:
    """What a finding must name of each kind of a group, of ``kinds/expected.toml``."""
    return {
        kind: Expectation(**entry | {"rules": tuple(entry["rules"])})
        for kind, entry in EXPECTED[group].items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of damage: what happened to a file, and which finding speaks of it.

    Attributes
    ----------
    id : str
        Group and a few words, ``F2-cut-mid-row``.
    group : str
        ``F1`` to ``F8``.
    words : str
        One line: what happened to the file in the field.
    apply : callable
        Damages a copy; the same random numbers give the same bytes.
    manifest : {"renewed", "as declared"}
        Whether checksum and row count in the manifest are those of the damaged file (as if a
        person had accepted the delivery), or still those of the undamaged one.
    expect : Expectation
        Place and rules that a finding must name.
    accepted : Expectation
        The same once a person has accepted the delivery, for kinds that only the manifest shows.
    """

    id: str
    group: str
    words: str
    apply: Callable[[Delivery, random.Random], Delivery]
    manifest: Literal["renewed", "as declared"] = "renewed"
    expect: Expectation = READ_RIGHT
    accepted: Expectation = READ_RIGHT
