"""What delivered files look like: evidence for which is baseline, endline and frame."""

from collections.abc import Iterator, Sequence

from evaluation.data.finding import LINE
from evaluation.data.seen import Column, Source, columns_of

SHOWN = 3


def evidence(sources: Sequence[Source]) -> tuple[str, ...]:
    """One line for each file: its size, and columns that name its rows and others' rows.

    Parameters
    ----------
    sources : sequence of Source
        Files; their ids are their names.
    """
    columns = columns_of(sources)
    return tuple(_line(source, columns) for source in sources)


def _line(source: Source, columns: Sequence[Column]) -> str:
    frame = source.table.frame
    listed = list(_lists(source.id, columns))
    said = "; ".join(listed[:SHOWN])
    size = f"{source.file}: {len(frame):,} rows, {sum(c != LINE for c in frame.columns)} columns"
    return f"{size}; {said}" if said else size


def _lists(source: str, columns: Sequence[Column]) -> Iterator[str]:
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
            yield (
                f"`{here.raw}` stands once in each row here and many times in"
                f" {', '.join(repeated)}: it looks like the frame"
            )
