"""A module of the dictionary as TOML text, anew or with the old file's lines and comments kept.

The old text is cut into the keys above the first block and one part for each ``[[missing]]``,
``[[codes]]`` and ``[[variable]]``, with the comments above it. A part whose record is the same
stays as it is. A changed record is written anew under all comments its part had: whether a
``# confirm:`` is settled by the change is for a person to say.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluation.config import toml_writer
from evaluation.config.dictionary import CodeList, MissingCodes, Module, Variable
from evaluation.config.toml_writer import document, table_of
from evaluation.locale.messages import Message, message

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
COMMENT_LINE = re.compile(r"^\s*#\s?(.*)$")


def module_text(
    module: Module, *, head: Sequence[str] = (), notes: toml_writer.Notes | None = None
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
    table = toml_writer.table_of(module)
    for block in BLOCKS:
        entries = table.pop(block, None)
        if entries:
            table[block] = entries
    if "variable" in table:
        table["variable"] = [
            toml_writer.table_of(variable, order=VARIABLE_ORDER) for variable in module.variable
        ]
    return toml_writer.document(table, head=head, notes=notes)


def head_of(text: str) -> tuple[str, ...]:
    """Comments above the first key of a file, without their ``#``."""
    lines = []
    for line in text.splitlines():
        found = COMMENT_LINE.match(line)
        if found is None:
            break
        lines.append(found[1])
    return tuple(lines)


HEADER = re.compile(r"\[\[(missing|codes|variable)\]\]\s*(#.*)?")
# the first # outside quotes
COMMENT_BEHIND = re.compile(r"(?:[^\"'#]|\"(?:\\.|[^\"\\])*\"|'[^']*')*#(.*)")
NAMED_BY = {"missing": "id", "codes": "id", "variable": "name"}
SPOKEN = {
    "missing": "record.missing",
    "codes": "record.code-list",
    "variable": "record.variables",
}

Key = tuple[str, str]
Record = MissingCodes | CodeList | Variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A module's new text.

    Attributes
    ----------
    text : str
        Of the whole file.
    to_read : tuple of Message
        Changed records that keep comments, which a person reads again.
    lost : int
        Comment lines that could not be kept; 0 but for texts of an unusual layout.
    """

    text: str
    to_read: tuple[Message, ...] = ()
    lost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextParts:
    """An old text cut up: the keys above, and a part for each record, in the file's order."""

    top: str
    blocks: Mapping[Key, str]


def rewritten(old: str, before: Module, after: Module) -> Rewritten:
    """Text of a changed module that keeps the lines of all that did not change.

    Parameters
    ----------
    old : str
        Text of the file as it stands.
    before, after : Module
        What it holds, and what it shall hold.
    """
    parts = _cut(old, before)
    if parts is None:
        lost = len(_comments(old)) - len(head_of(old))
        return Rewritten(text=module_text(after, head=head_of(old)), lost=lost)
    were, are = _records(before), _records(after)
    to_read: list[Message] = []
    top = parts.top
    if _without_blocks(before) != _without_blocks(after):
        notes = _comments(parts.top)
        top = module_text(_without_blocks(after), head=notes).rstrip("\n")
        to_read = [message("record.modules", name=after.module)] if notes else []
    texts = [top]
    for key in _order(parts.blocks, are):
        if were.get(key) == are[key]:
            texts.append(parts.blocks[key])
            continue
        notes = _comments(parts.blocks.get(key, ""))
        texts.append(_block(key[0], are[key], notes))
        to_read += [message(SPOKEN[key[0]], name=key[1])] if notes else []
    return Rewritten(text="\n".join(texts).strip("\n") + "\n", to_read=tuple(to_read))


def _records(module: Module) -> dict[Key, Record]:
    found: dict[Key, Record] = {}
    for block in BLOCKS:
        for record in getattr(module, block):
            found[block, getattr(record, NAMED_BY[block])] = record
    return found


def _without_blocks(module: Module) -> Module:
    return replace(module, missing=(), codes=(), variable=())


def _block(block: str, record: Record, notes: Sequence[str]) -> str:
    order = VARIABLE_ORDER if block == "variable" else ()
    table = {block: [table_of(record, order=order)]}
    # it begins with the blank line between blocks
    return document(table, notes={(block, 0): notes}).rstrip("\n")


def _order(old: Iterable[Key], now: Mapping[Key, Record]) -> list[Key]:
    """The new records as the old file had them, each new one behind the one it follows.

    Where records changed places, the blocks of one kind stand together, in their new order.
    """
    kept = [key for key in old if key in now]
    if any(
        [k for k in kept if k[0] == b] != [k for k in now if k[0] == b and k in kept]
        for b in BLOCKS
    ):
        return list(now)
    placed = list(kept)
    before: Key = ("", "")
    for key in now:
        if key not in placed:
            alike = [i for i, other in enumerate(placed) if other[0] == key[0]]
            first = alike[0] if alike else len(placed)
            placed.insert(placed.index(before) + 1 if before[0] == key[0] else first, key)
        before = key
    return placed


def _cut(old: str, before: Module) -> TextParts | None:
    """The parts of a text; None where its layout is not understood."""
    lines = old.replace("\r\n", "\n").rstrip("\n").split("\n")
    headers = [i for i, line in enumerate(lines) if HEADER.fullmatch(line.strip())]
    starts = [_start(lines, i) for i in headers]
    ends = [*starts[1:], len(lines)]
    texts = ["\n".join(lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    top = "\n".join(lines[: starts[0]] if starts else lines)
    blocks: dict[Key, str] = {}
    try:
        whole, above = tomllib.loads(old), tomllib.loads(top)
        seen: dict[str, list[Any]] = {}
        for text in texts:
            ((block, (entry,)),) = tomllib.loads(text).items()
            seen.setdefault(block, []).append(entry)
            blocks[block, entry[NAMED_BY[block]]] = text
    except (tomllib.TOMLDecodeError, ValueError, KeyError):
        return None
    understood = {**above, **seen} == whole and set(blocks) == set(_records(before))
    return TextParts(top=top, blocks=blocks) if understood else None


def _start(lines: Sequence[str], header: int) -> int:
    """First line of the comments that stand above a header, blank lines between them included."""
    start = header
    while start > 0 and (not lines[start - 1].strip() or lines[start - 1].lstrip().startswith("#")):
        start -= 1
    if start == 0:
        return header
    # comments right below the keys before belong to those keys
    return next((i for i in range(start, header) if not lines[i].strip()), start)


def _comments(text: str) -> tuple[str, ...]:
    """Every comment of a text, without its ``#``: of whole lines, and behind values."""
    found = (COMMENT_BEHIND.match(line) for line in text.split("\n"))
    return tuple(match[1].strip() for match in found if match)
