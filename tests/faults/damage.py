"""What a damage is: files as an office delivers them, and one thing that happened to them."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

BASELINE = "baseline.csv"
ENDLINE = "endline.csv"
FRAME = "municipalities.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The study's files as bytes, by name."""

    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of damage: what happened to a file, not what must be found.

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
    place : bool
        Whether the damage has a line, so that the finding must name one.
    """

    id: str
    group: str
    words: str
    apply: Callable[[Delivery, random.Random], Delivery]
    manifest: Literal["renewed", "as declared"] = "renewed"
    place: bool = False
