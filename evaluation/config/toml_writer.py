"""TOML text of tables: what `tomllib` reads back as the same tables.

The standard library reads TOML and does not write it. The layout is that of the study folders:
short tables in one line, lists of tables as ``[[key]]`` or, inside them, one table a line.
"""

import dataclasses
import datetime
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
# what TOML allows neither in a comment nor raw in a string: control characters, line ends
# included, and halves of surrogate pairs; the two Unicode line ends would break a line for people
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\u0085\u2028\u2029\ud800-\udfff]+")
EXACT_INTEGERS = 1e15

Notes = Mapping[tuple[str, int], Sequence[str]]


def document(
    table: Mapping[str, Any], *, head: Iterable[str] = (), notes: Notes | None = None
) -> str:
    """Text of a TOML file.

    Parameters
    ----------
    table : Mapping
        Keys and values; lists of tables at the top become ``[[key]]`` blocks, after the others.
    head : iterable of str
        Comments above the first key, one line each.
    notes : mapping of (key, position) to comments, optional
        Comments under the header of the block at that position (from 0) of the list ``key``.

    Returns
    -------
    str
        Ends with a line end. Parsed again, it equals ``table``.
    """
    noted = notes or {}
    lines = [comment(line) for line in head]
    blocks = {key: value for key, value in table.items() if _is_blocks(value)}
    lines += [f"{_key(key)} = {value_text(table[key])}" for key in table if key not in blocks]
    for key, entries in blocks.items():
        for position, entry in enumerate(entries):
            lines += ["", f"[[{_key(key)}]]"]
            lines += [comment(line) for line in noted.get((key, position), ())]
            lines += [f"{_key(name)} = {_wrapped(value)}" for name, value in entry.items()]
    return "\n".join(lines) + "\n"


def comment(line: str) -> str:
    """One comment line; a line end inside it must never begin a line of TOML."""
    return f"# {UNPRINTABLE.sub(' ', line).strip()}".rstrip()


def value_text(value: Any) -> str:
    """TOML text of one value, in one line.

    Raises
    ------
    TypeError
        TOML has no such value (None is an absent key).
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(key)} = {value_text(entry)}" for key, entry in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(value_text(entry) for entry in value)}]"
    raise TypeError(f"TOML has no {type(value).__name__}")


def number_text(number: float) -> str:
    """A number as people write it: whole numbers without a point."""
    whole = isinstance(number, int) or (abs(number) < EXACT_INTEGERS and number == int(number))
    return str(int(number)) if whole else repr(float(number))


def table_of(record: Any, *, order: Sequence[str] = ()) -> dict[str, Any]:
    """Table of a dataclass: all its fields but those that are None or hold their default.

    Parameters
    ----------
    record : dataclass
        Fields of any TOML type, dataclasses and tuples of them included.
    order : sequence of str
        Names of fields to stand first, in that order; the others follow as declared.
    """
    fields = {field.name: field for field in dataclasses.fields(record)}
    names = [*(name for name in order if name in fields), *(n for n in fields if n not in order)]
    table = {}
    for name in names:
        value = getattr(record, name)
        if value is not None and value != fields[name].default:
            table[name] = _plain(value)
    return table


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return table_of(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value


def _is_blocks(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) > 0
        and all(isinstance(entry, Mapping) for entry in value)
    )


def _wrapped(value: Any) -> str:
    """A list of tables with one table a line, anything else in one line."""
    if not _is_blocks(value):
        return value_text(value)
    inside = "".join(f"  {value_text(entry)},\n" for entry in value)
    return f"[\n{inside}]"


def _string(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, which JSON leaves as it is
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else _string(name)
