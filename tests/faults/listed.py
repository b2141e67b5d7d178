"""All kinds of damage, group by group. The blind kinds have another author and stand apart."""

from tests.faults.damage import Kind
from tests.faults.kinds import (
    f1_encoding,
    f2_shape,
    f3_spreadsheet,
    f4_values,
    f5_ids_rounds,
    f6_logic,
    only_manifest,
)

GROUPS = {
    "F1": "encoding",
    "F2": "shape",
    "F3": "spreadsheets",
    "F4": "values",
    "F5": "ids and rounds",
    "F6": "logic",
}
KINDS: tuple[Kind, ...] = (
    *f1_encoding.KINDS,
    *f2_shape.KINDS,
    *f3_spreadsheet.KINDS,
    *f4_values.KINDS,
    *f5_ids_rounds.KINDS,
    *f6_logic.KINDS,
    *only_manifest.KINDS,
)
