"""Kinds of damage whose author has not seen the reader.

Each says what happened to one file between the tablet and the desk. What a reader should make of
it is not said here, except where the words begin with "Harmless:": there a good reader reads the
undamaged values.
"""

from tests.faults import blind_cells, blind_meaning, blind_shape
from tests.faults.damage import Kind

BLIND: tuple[Kind, ...] = tuple(
    sorted(
        (*blind_cells.KINDS.kinds, *blind_shape.KINDS.kinds, *blind_meaning.KINDS.kinds),
        key=lambda kind: kind.id,
    )
)
