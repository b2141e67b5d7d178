"""Ids and codes that one file writes as ``42.0`` and the others as ``42``.

pandas writes a column of whole numbers so as soon as one of its cells is blank. Read as text, each
such id is another person's. Codes are the same numbers. That ids are, a person has to say, unless
all of them are in another file as whole numbers, none as written, and those of that file are too
far apart for a running number, in which any number would be.
"""

import dataclasses
from collections.abc import Collection, Sequence

from evaluation.config.decisions import marker
from evaluation.config.toml_writer import value_text
from evaluation.data.form_words import is_id, is_of_place
from evaluation.data.readers.raw_table import Delivered
from evaluation.data.spelling import whole_number
from evaluation.fieldwork.drafting.column_profile import (
    MOST_CODES,
    DraftColumn,
    Profile,
    columns_of,
)
from evaluation.fieldwork.drafting.file_roles import DeliveredFile, Delivery
from evaluation.fieldwork.drafting.manifest_draft import Key
from evaluation.locale.messages import Message, message, several

KEY = "whole_numbers"
# of the cells; a few may be written by hand
NEARLY_ALL = 0.95
# of the different values, that a column of another name than an id shares with another file
MOST = 0.5
# of the numbers between the smallest and the largest, in the other file; a running number takes
# nearly all, and where it does, nothing follows from being among them
MOST_TAKEN = 0.5


def with_whole_numbers(given: Delivery, *, named: Collection[str], language: str) -> Delivery:
    """The files with such columns as whole numbers, and what their entries have to say of them.

    Parameters
    ----------
    given : Delivery
    named : collection of str
        Columns that a person named as ids.
    language : {"en", "es"}
        Of the open decisions.
    """
    columns = columns_of([file.source for file in given.files])
    files = []
    for file in given.files:
        found = [column for column in columns if _others(column, file.role)]
        ids = [column for column in found if _is_id(column, file.role, named)]
        listed = [c for c in columns if c in ids or _is_coded(c, file.role)]
        files.append(_with_key(file, listed, ids, language) if listed else file)
    return dataclasses.replace(given, files=tuple(files))


def _with_key(
    file: DeliveredFile, listed: Sequence[DraftColumn], ids: Sequence[DraftColumn], language: str
) -> DeliveredFile:
    raws = [column.seen[file.role].raw for column in listed]
    names = ", ".join(f"`{raw}`" for raw in raws)
    value = value_text(raws)
    note = f"seen: {names} are whole numbers, written with decimals (1.0 for 1)"
    seen = several([_evidence(column, file) for column in ids])
    if all(_is_sure(column, file.role) for column in ids):
        again = (
            (f"seen: {seen.text('en')}; they are too far apart for a running number",)
            if ids
            else ()
        )
        key: Key = (KEY, raws, (note, *again))
    else:
        question = message("draft.whole-numbers", seen=seen)
        answers = message("draft.whole-numbers-same", value=value)
        asked = marker(question, answers, message("draft.whole-numbers-other"), language=language)
        key = (KEY, asked, ())
    table = _as_whole(file.facts.table, raws, file.source.decimal)
    return dataclasses.replace(
        file, facts=dataclasses.replace(file.facts, table=table, keys=(*file.facts.keys, key))
    )


def _as_whole(table: Delivered, raws: Sequence[str], decimal: str) -> Delivered:
    made = {raw: table.frame[raw].map(lambda t: whole_number(str(t), decimal)) for raw in raws}
    return dataclasses.replace(table, frame=table.frame.assign(**made))


def _evidence(column: DraftColumn, file: DeliveredFile) -> Message:
    """How many values end so, and how many are in another file with and without the ending."""
    here = column.seen[file.role]
    source = _others(column, file.role)[0]
    there = column.seen[source].counts
    return message(
        "draft.whole-numbers-seen",
        raw=here.raw,
        source=file.role,
        n=f"{len(_bare(here)):,}",
        of=f"{len(here.counts):,}",
        again=f"{len(_bare(here) & set(there)):,}",
        as_written=f"{len(set(here.counts) & set(there)):,}",
        other=source,
    )


def _is_sure(column: DraftColumn, source: str) -> bool:
    """Whether ids written with decimals can only be those of another file.

    A running number has any number among its own, whoever it was given to.
    """
    here, bare = column.seen[source], _bare(column.seen[source])
    if not len(bare) == len(here.counts) > MOST_CODES:
        return False
    return any(
        bare <= set(there.counts)
        and not set(here.counts) & set(there.counts)
        and _is_far_apart(there, bare)
        for there in (column.seen[other] for other in _others(column, source))
    )


def _is_far_apart(there: Profile, bare: set[str]) -> bool:
    """Whether a number between the ids would rarely be one of the other file by chance."""
    ids = sorted(map(int, bare))
    between = range(ids[0], ids[-1] + 1)
    taken = sum(text.isdecimal() and int(text) in between for text in there.counts)
    return taken <= MOST_TAKEN * len(between)


def _is_coded(column: DraftColumn, source: str) -> bool:
    """Whether its few values are whole numbers in all files, and written with decimals in one."""
    seen = column.seen.get(source)
    few = seen is not None and len(seen.counts) <= MOST_CODES and seen.is_coded()
    return few and seen is not None and bool(_bare(seen)) and column.every("is_whole")


def _others(column: DraftColumn, source: str) -> list[str]:
    """Files that write values of a column as whole numbers where this one writes decimals."""
    here = column.seen.get(source)
    if here is None:
        return []
    bare = _bare(here)
    cells = sum(n for text, n in here.counts.items() if whole_number(text, here.decimal) != text)
    if not bare or cells < NEARLY_ALL * here.filled:
        return []
    return [s for s, seen in column.seen.items() if seen is not here and _shares(seen, bare)]


def _shares(seen: Profile, bare: set[str]) -> bool:
    return not _bare(seen) and not bare.isdisjoint(seen.counts)


def _bare(seen: Profile) -> set[str]:
    """Values written with decimals, without them."""
    texts = {text: whole_number(text, seen.decimal) for text in seen.counts}
    return {whole for text, whole in texts.items() if whole != text}


def _is_id(column: DraftColumn, source: str, named: Collection[str]) -> bool:
    here = column.seen[source]
    if column.name in named or not {*column.raw.values()}.isdisjoint(named):
        return True
    if len(here.counts) <= MOST_CODES:
        return False
    if is_id(column.name) or is_of_place(column.name):
        return True
    others = set().union(*(column.seen[s].counts for s in _others(column, source)))
    return len(here.counts) == here.filled and len(_bare(here) & others) > MOST * len(here.counts)
