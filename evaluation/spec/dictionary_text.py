"""A module of the dictionary as the text of its TOML file."""

import re
from collections.abc import Sequence

from evaluation.spec import toml_text
from evaluation.spec.dictionary import Module

# how the variables of the study folders are written; a field that is not named here follows
VARIABLE_ORDER = (
    "name",
    "type",
    "label",
    "question",
    "raw",
    "codes",
    "missing",
    "unit",
    "range",
    "asked_if",
    "personal",
    "source",
)
BLOCKS = ("missing", "codes", "variable")
COMMENT = re.compile(r"^\s*#\s?(.*)$")


def module_text(
    module: Module, *, head: Sequence[str] = (), notes: toml_text.Notes | None = None
) -> str:
    """Text of a module's file; read again, it gives an equal module.

    Parameters
    ----------
    module : Module
        What to write. Fields that hold their default are left out.
    head : sequence of str
        Comments above the first key, without their ``#``.
    notes : mapping of (block, position) to comments, optional
        Comments of single ``missing``, ``codes`` or ``variable`` blocks.
    """
    table = toml_text.table_of(module)
    for block in BLOCKS:
        entries = table.pop(block, None)
        if entries:
            table[block] = entries
    if "variable" in table:
        table["variable"] = [
            toml_text.table_of(variable, order=VARIABLE_ORDER) for variable in module.variable
        ]
    return toml_text.document(table, head=head, notes=notes)


def head_of(text: str) -> tuple[str, ...]:
    """Comments above the first key of a file, without their ``#``."""
    lines = []
    for line in text.splitlines():
        found = COMMENT.match(line)
        if found is None:
            break
        lines.append(found[1])
    return tuple(lines)
