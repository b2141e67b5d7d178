"""Results that are kept: short JSON, one row a line, so that a change shows which rows moved."""

import json
from collections.abc import Mapping, Sequence
from typing import Any


def lines_of(head: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """JSON text of single entries and of tables.

    Parameters
    ----------
    head : mapping
        Entries, each on a line of its own.
    tables : mapping
        Rows by the name of their table, each row on a line of its own.
    """
    parts = [f"{json.dumps(name)}: {_dumped(value)}" for name, value in head.items()]
    for name, rows in tables.items():
        lines = ",\n".join(_dumped(row) for row in rows)
        parts.append(f"{json.dumps(name)}: [\n{lines}\n]")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
