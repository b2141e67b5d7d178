"""Kinds of damage whose author has not seen the reader.

Each says what happened to one file between the tablet and the desk. What a reader should make of
it is not said here, except where the words begin with "Harmless:": there a good reader reads the
undamaged values. Place and rules of the findings are another author's: kinds/expected.toml.
"""

from dataclasses import replace

from tests.faults.damage import Kind, expected
from tests.faults.kinds import blind_cells, blind_meaning, blind_shape

EXPECT = expected("blind")
WRITTEN = (*blind_cells.KINDS.kinds, *blind_shape.KINDS.kinds, *blind_meaning.KINDS.kinds)
BLIND: tuple[Kind, ...] = tuple(
    replace(kind, expect=EXPECT[kind.id]) for kind in sorted(WRITTEN, key=lambda kind: kind.id)
)
