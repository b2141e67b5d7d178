"""The list of clusters and their groups, made from the interviews where nobody delivered one.

A group that changes within a cluster is refused: then it is no assignment of clusters.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.data.findings import LINE
from evaluation.data.form_words import is_arm_name, is_id, is_of_place
from evaluation.data.spelling import legal_names
from evaluation.errors import SpecError
from evaluation.fieldwork.drafting.column_profile import (
    MOST_ARMS,
    DraftColumn,
    DraftSource,
    columns_of,
    no_column,
)
from evaluation.fieldwork.drafting.design_candidates import is_fact_of_clusters
from evaluation.locale.messages import Message, message

FILE = "clusters.csv"
FEWEST_CLUSTERS = 6
FEWEST_ROWS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterList:
    """The file, and what there is to say of it: how many clusters, and how many in all rounds.

    ``cluster`` and ``arm`` are its columns, as variables; the others are constant in each cluster.
    """

    data: bytes
    cluster: str
    arm: str
    others: tuple[str, ...]
    clusters: int
    everywhere: int


def made(sources: Sequence[DraftSource], *, cluster: str, arm: str) -> ClusterList:
    """The list of clusters of some rounds.

    Parameters
    ----------
    sources : sequence of DraftSource
        The rounds.
    cluster, arm : str
        Their columns, as the files or the drafted dictionary name them.

    Raises
    ------
    SpecError
        A round has no such column, a cell of one is blank, or a cluster is in two groups.
    """
    columns = columns_of(sources)
    names = {"cluster": cluster, "arm": arm}
    raws = {key: _column(columns, name, sources, key).raw for key, name in names.items()}
    others = list(_constant(columns, sources, raws["cluster"], [*names.values()]))
    facts: dict[str, list[str]] = {}
    arms: dict[str, str] = {}
    found: list[set[str]] = []
    for source in sources:
        frame, here = source.table.frame, set[str]()
        read = frame[[raws["cluster"][source.id], raws["arm"][source.id], LINE]]
        if others:
            told = frame[[c.raw[source.id] for c in others]].to_numpy().tolist()
            facts |= dict(zip(frame[raws["cluster"][source.id]], told, strict=True))
        for place, group, line in read.itertuples(index=False):
            where = f"{source.file}:{line}"
            if not place or not group:
                raise SpecError.of(
                    "cluster-without-arm", "cluster-without-arm", where, cluster=cluster, arm=arm
                )
            if arms.setdefault(place, group) != group:
                raise SpecError.of(
                    "cluster-in-two-arms", "cluster-in-two-arms", where, cluster=cluster, arm=arm
                )
            here.add(place)
        found.append(here)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    first = sources[0].id
    heads = [raws["cluster"][first], raws["arm"][first], *(c.raw[first] for c in others)]
    writer.writerow(heads)
    # 2 before 10
    listed = sorted(arms, key=lambda place: (len(place), place))
    writer.writerows((place, arms[place], *facts.get(place, ())) for place in listed)
    everywhere = set.intersection(*found)
    data = text.getvalue().encode()
    cluster, arm, *more = legal_names(heads)
    return ClusterList(
        data=data,
        cluster=cluster,
        arm=arm,
        others=tuple(more),
        clusters=len(arms),
        everywhere=len(everywhere),
    )


def _constant(
    columns: Sequence[DraftColumn],
    sources: Sequence[DraftSource],
    cluster: Mapping[str, str],
    not_: list[str],
) -> Iterator[DraftColumn]:
    """Blocks, populations and areas that say one thing of each cluster in all rows of all rounds.

    The list is kept with the configuration, so nothing else goes there: a column of another name
    may be about a person. One value everywhere says nothing.
    """
    for column in columns:
        named = {column.name, *column.raw.values()}
        if len(column.raw) < len(sources) or not named.isdisjoint({*not_, *cluster.values()}):
            continue
        seen = column.seen.values()
        if len(column.values) < 2 or any(s.blank or s.missing or s.days() for s in seen):
            continue
        if not is_fact_of_clusters(column.name):
            continue
        stacked = pd.concat(
            [
                source.table.frame[[cluster[source.id], column.raw[source.id]]].set_axis(
                    ["cluster", "value"], axis=1
                )
                for source in sources
            ]
        )
        rows = stacked["cluster"].value_counts()
        # of a cluster of few people a constant may be about a person
        if len(stacked.drop_duplicates()) == len(rows) and rows.min() >= FEWEST_ROWS:
            yield column


def named(sources: Sequence[DraftSource], name: str, *, key: str) -> str:
    """The variable of a column that a person named; empty where nobody named one.

    Parameters
    ----------
    sources : sequence of DraftSource
        The rounds.
    name : str
    key : {"cluster", "arm"}

    Raises
    ------
    SpecError
        The rounds have no such column.
    """
    return _column(columns_of(sources), name, sources, key).name if name else ""


def _column(
    columns: Sequence[DraftColumn], name: str, sources: Sequence[DraftSource], key: str
) -> DraftColumn:
    for column in columns:
        if name in (column.name, *column.raw.values()) and len(column.raw) == len(sources):
            return column
    known = (c.name for c in columns if len(c.raw) == len(sources))
    raise no_column(f"--{key}", name, known)


def pairs(sources: Sequence[DraftSource]) -> tuple[tuple[str, str, Message], ...]:
    """Columns that may be cluster and group: each cluster in one group, with the evidence.

    Those that are named like places or ids, where there are any.

    Parameters
    ----------
    sources : sequence of DraftSource
        The rounds.

    Returns
    -------
    tuple of (str, str, Message)
        Names of the cluster and of the group.
    """
    found = tuple(_pairs(sources))
    named = tuple(pair for pair in found if is_of_place(pair[0]) or is_id(pair[0]))
    return named or found


def _pairs(sources: Sequence[DraftSource]) -> Iterator[tuple[str, str, Message]]:
    columns = [c for c in columns_of(sources) if len(c.seen) == len(sources)]
    full = [c for c in columns if all(not seen.blank for seen in c.seen.values())]
    groups = [c for c in full if 2 <= len(c.values) <= MOST_ARMS and is_arm_name(c.name)]
    places = [
        c
        for c in full
        if len(c.values) >= FEWEST_CLUSTERS
        and all(seen.filled >= 2 * len(seen.counts) for seen in c.seen.values())
        and not any(seen.is_date() for seen in c.seen.values())
    ]
    for group in groups:
        for place in (c for c in places if len(c.values) >= 2 * len(group.values) and c != group):
            if all(_is_constant(source, place, group) for source in sources):
                n, values = f"{len(place.values):,}", _clusters_by_group(sources, place, group)
                yield place.name, group.name, message("draft.one-group", n=n, values=values)


def _clusters_by_group(
    sources: Sequence[DraftSource], place: DraftColumn, group: DraftColumn
) -> str:
    """Each value of the group, as the file calls it, with its number of clusters."""
    told = (s.table.frame[[place.raw[s.id], group.raw[s.id]]].to_numpy() for s in sources)
    counts = Counter(value for _, value in {tuple(row) for rows in told for row in rows})
    labels = next(iter(group.seen.values())).labels
    named = {value: f"{value} = {labels[value]}" for value in counts if value in labels}
    return ", ".join(f"{named.get(value, value)} {counts[value]:,}" for value in sorted(counts))


def _is_constant(source: DraftSource, place: DraftColumn, group: DraftColumn) -> bool:
    frame = source.table.frame
    within = frame.groupby(place.raw[source.id])[group.raw[source.id]].nunique()
    return bool((within == 1).all())
