"""What delivered files look like: evidence for which is baseline, endline and frame."""

import re
from collections.abc import Iterator, Sequence

from evaluation.data.finding import LINE
from evaluation.data.form_words import name_words
from evaluation.data.seen import Column, Seen, Source, columns_of
from evaluation.data.xlsform_headers import plain
from evaluation.locale.messages import Message, message, several

SHOWN = 3
# a column that tells rounds apart has few values, and none of them in a handful of rows only
MOST_ROUNDS, LEAST_SHARE = 4, 0.1
ROUND_NAMES = re.compile(
    r"round|rounds|ronda|rondas|wave|ola|period|periodo|post|endline|baseline|medicion|levantamiento"
    r"|momento"
)
# one season in the field may see New Year
YEAR_NAMES, YEARS_APART = re.compile(r"year|anio|ano"), 2
ROUND_VALUES = re.compile(
    r"(baseline|linea (de )?base|linea_?base|lb|endline|linea (final|de salida)|lf|midline"
    r"|linea (media|intermedia)|pre|post|antes|despues|before|after|(round|ronda) ?\d)\b"
)


def evidence(sources: Sequence[Source]) -> tuple[Message, ...]:
    """One line for each file: its size, and columns that name its rows and others' rows.

    Parameters
    ----------
    sources : sequence of Source
        Files; their ids are their names.
    """
    columns = columns_of(sources)
    return tuple(_line(source, columns) for source in sources)


def rounds_within(source: Source) -> Message | None:
    """The column that seems to tell rounds apart within one file, with its values; or nothing.

    Parameters
    ----------
    source : Source
        The file.

    Returns
    -------
    Message or None
        None where no column has two to four values, all of many rows, and is named like rounds
        or has values that are.
    """
    for column in columns_of([source]):
        seen = column.seen[source.id]
        if _tells_rounds(column.name, seen):
            values = (
                message("value-in-rows.part", value=value, n=f"{n:,}")
                for value, n in sorted(seen.counts.items())
            )
            return message("rounds-within.part", column=seen.raw, values=several(values, ", "))
    return None


def _tells_rounds(name: str, seen: Seen) -> bool:
    if seen.blank or not 2 <= len(seen.counts) <= MOST_ROUNDS:
        return False
    if min(seen.counts.values()) < max(2, LEAST_SHARE * seen.rows):
        return False
    words = name_words(name)
    named = any(ROUND_NAMES.fullmatch(word) for word in words)
    if any(YEAR_NAMES.fullmatch(word) for word in words) and seen.is_whole():
        years = [float(text) for text in seen.counts]
        named = named or max(years) - min(years) >= YEARS_APART
    texts = [plain(text) for value in seen.counts for text in (value, seen.labels.get(value, ""))]
    return named or sum(ROUND_VALUES.match(text) is not None for text in texts) > 1


def _line(source: Source, columns: Sequence[Column]) -> Message:
    frame = source.table.frame
    listed = list(_lists(source.id, columns))
    within = rounds_within(source)
    if within:
        listed.insert(0, message("draft.several-rounds", within=within))
    size = message(
        "draft.file-size",
        file=source.file,
        rows=f"{len(frame):,}",
        columns=sum(c != LINE for c in frame.columns),
    )
    return message("draft.file-seen", size=size, seen=several(listed[:SHOWN])) if listed else size


def _lists(source: str, columns: Sequence[Column]) -> Iterator[Message]:
    """Columns whose values stand once here and many times in another file: a list of clusters."""
    for column in columns:
        here = column.seen.get(source)
        if here is None or not here.is_unique():
            continue
        repeated = [
            other
            for other, seen in column.seen.items()
            if other != source
            and seen.filled >= 2 * len(seen.counts)
            and set(seen.counts) <= set(here.counts)
        ]
        if repeated:
            yield message("draft.like-the-frame", column=here.raw, others=", ".join(repeated))
