"""Columns that repeat what the frame says, the arm or another fact: left out, and compared with it.

A study begins blinded, and a second column that tells the arm would undo that. A block or a number
of people that the next delivery has otherwise would be passed over in silence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from evaluation.config.manifest import SameAs
from evaluation.data.cleaning.parse import coded_texts
from evaluation.data.form_words import is_only_arm_name
from evaluation.data.rules.arms import plain
from evaluation.data.rules.told_arms import Told, told
from evaluation.fieldwork.drafting.column_profile import FRAME, DraftColumn, DraftSource
from evaluation.fieldwork.drafting.design_candidates import is_fact_of_clusters
from evaluation.fieldwork.drafting.dictionary_draft import DraftFile
from evaluation.fieldwork.drafting.dictionary_from_data import Left

SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherArm:
    """A column of a file, and what it says of the arms."""

    source: str
    raw: str
    told: Told

    @property
    def left(self) -> Left:
        """The column among those that are left out, with the evidence."""
        pairs = [f"{c or 'blank'} is {', '.join(arms)}" for c, arms in self.told.arms.items()]
        listed = "; ".join([*pairs[:SHOWN], *(["..."] if len(pairs) > SHOWN else [])])
        right = f"{self.told.of - self.told.contradict:,} of {self.told.of:,} clusters"
        return Left(
            source=self.source,
            raw=self.raw,
            reason=f"it tells the arm in {right} ({listed}), and the study is blinded",
        )


def other_arms(
    sources: Sequence[DraftSource], columns: Sequence[DraftColumn], named: Mapping[str, str]
) -> tuple[OtherArm, ...]:
    """Columns from which the arm can be told; none as long as cluster or arm are open.

    Parameters
    ----------
    sources : sequence of DraftSource
    columns : sequence of DraftColumn
    named : mapping of design column to variable
    """
    by_name = {column.name: column for column in columns}
    cluster, arm = (by_name.get(named.get(key, "")) for key in ("cluster", "arm"))
    frame = next((source for source in sources if source.id == FRAME), None)
    if (
        frame is None
        or cluster is None
        or arm is None
        or not {FRAME} <= {*cluster.raw} & {*arm.raw}
    ):
        return ()
    listed = frame.table.frame
    rows = pd.Series(range(len(listed)), index=listed[cluster.raw[FRAME]].astype(str))
    arms = listed[arm.raw[FRAME]].astype(str).to_numpy(dtype=object)
    arms[arms == ""] = None
    if rows.index.has_duplicates:
        return ()
    apart = {cluster.name, arm.name, *named.values()}
    kept = [c for c in columns if c.name not in apart and not is_fact_of_clusters(c.name)]
    return tuple(
        found
        for source in sources
        if source.id in cluster.raw
        for found in _of(source, kept, cluster.raw[source.id], rows, arms)
    )


def _of(
    source: DraftSource,
    columns: Sequence[DraftColumn],
    cluster: str,
    rows: pd.Series,
    arms: np.ndarray,
) -> Iterator[OtherArm]:
    table = source.table.frame
    places = rows.reindex(table[cluster].astype(str)).fillna(-1).to_numpy(dtype=np.intp)
    for column in columns:
        raw = column.raw.get(source.id)
        if raw is None:
            continue
        found = told(*coded_texts(table[raw]), places, arms)
        if found is not None and found.is_sure(named=is_only_arm_name(column.name)):
            yield OtherArm(source=source.id, raw=raw, told=found)


def without_arms(
    columns: Sequence[DraftColumn], others: Sequence[OtherArm]
) -> tuple[DraftColumn, ...]:
    """Columns without the files in which they tell the arm."""
    gone = {(other.source, other.raw) for other in others}
    kept = (
        replace(c, seen={s: p for s, p in c.seen.items() if (s, p.raw) not in gone})
        for c in columns
    )
    return tuple(column for column in kept if column.seen)


def _copies(
    columns: Sequence[DraftColumn],
    left: Sequence[Left],
    arm: str,
    *,
    files: Sequence[DraftFile],
    others: Sequence[OtherArm],
) -> dict[str, tuple[SameAs, ...]]:
    """Columns that nobody reads because the frame gives the arm: what their cells mean."""
    values = _values(arm, files)
    gone = {(entry.source, entry.raw) for entry in left}
    copies: dict[str, tuple[str, ...]] = {code: (value,) for code, value in values.items()}
    found: dict[str, tuple[SameAs, ...]] = {}
    for column in (c for c in columns if c.name == arm and values):
        for source, seen in column.seen.items():
            if (source, seen.raw) in gone and set(seen.counts) <= set(values):
                found[source] = (SameAs(column=seen.raw, variable=arm, values=copies),)
    for other in others:
        cells = {cell: told for cell, told in other.told.arms.items() if cell}
        if other.told.contradict or "*" in cells or not values:
            continue
        # where the arm itself is a missing code there is nothing to compare
        known = {cell: [values[a] for a in arms if a in values] for cell, arms in cells.items()}
        meant = {cell: tuple(listed) for cell, listed in known.items() if listed}
        if meant:
            same = SameAs(column=other.raw, variable=arm, values=meant)
            found[other.source] = (*found.get(other.source, ()), same)
    return found


def _values(arm: str, files: Sequence[DraftFile]) -> dict[str, str]:
    """Value of each code of the arm in the drafted dictionary; none where it has no codes."""
    lists = {codes.id: codes for file in files for codes in file.module.codes}
    group = next((v for f in files for v in f.module.variable if v.name == arm), None)
    if group is None or not isinstance(group.codes, str):
        return {}
    return {code.code: str(code.value) for code in lists[group.codes].values}


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedColumn:
    """A column of a round and the variable of the frame that it repeats.

    ``differ`` of ``clusters`` clusters have a cell that says something else than the frame.
    """

    source: str
    raw: str
    name: str
    differ: int
    clusters: int


def repeated(
    sources: Sequence[DraftSource], columns: Sequence[DraftColumn], named: Mapping[str, str]
) -> tuple[RepeatedColumn, ...]:
    """Facts of the frame that rounds have too; none as long as the cluster is open.

    Parameters
    ----------
    sources : sequence of DraftSource
    columns : sequence of DraftColumn
    named : mapping of design column to variable
        The arm is not among the facts.
    """
    cluster = next((c for c in columns if c.name == named.get("cluster")), None)
    tables = {source.id: source.table.frame for source in sources}
    marks = {source.id: source.decimal for source in sources}
    if cluster is None or FRAME not in cluster.raw or FRAME not in tables:
        return ()
    listed = tables[FRAME].drop_duplicates(cluster.raw[FRAME]).set_index(cluster.raw[FRAME])
    found = []
    for column in (c for c in columns if FRAME in c.raw and c.name not in named.values()):
        said = listed[column.raw[FRAME]].astype(str).map(partial(plain, decimal=marks[FRAME]))
        for source, raw in column.raw.items():
            if source == FRAME or source not in cluster.raw:
                continue
            rows = tables[source][[cluster.raw[source], raw]].astype(str).drop_duplicates()
            rows.columns = pd.Index(["cluster", "cell"])
            rows["cell"] = rows["cell"].map(partial(plain, decimal=marks[source]))
            expected = rows["cluster"].map(said).fillna("")
            known = rows[(rows["cell"] != "") & (expected != "")]
            wrong = known[known["cell"] != expected[known.index]]
            n, of = wrong["cluster"].nunique(), known["cluster"].nunique()
            found.append(
                RepeatedColumn(source=source, raw=raw, name=column.name, differ=n, clusters=of)
            )
    return tuple(found)


def asked_too(columns: Sequence[DraftColumn], files: Sequence[DraftFile]) -> Iterator[Left]:
    """Columns of the frame that the form asks of everybody as well.

    Parameters
    ----------
    columns : sequence of DraftColumn
    files : sequence of DraftFile
        The drafted dictionary.
    """
    asked = {v.name for file in files for v in file.module.variable if FRAME not in v.raw}
    for column in columns:
        if FRAME in column.seen and column.name in asked:
            yield Left(source=FRAME, raw=column.raw[FRAME], reason="the form asks it too")


def with_differences(left: Sequence[Left], facts: Sequence[RepeatedColumn]) -> list[Left]:
    """Columns that are left out, with the number of clusters in which they differ from the frame.

    Parameters
    ----------
    left : sequence of Left
    facts : sequence of RepeatedColumn
    """
    said = {
        (f.source, f.raw): f"the frame has it too, and differs in {f.differ:,} of {f.clusters:,}"
        " clusters: confirm that the frame is right"
        for f in facts
        if f.differ
    }
    return [
        replace(entry, reason=said.get((entry.source, entry.raw), entry.reason)) for entry in left
    ]


def compared(
    columns: Sequence[DraftColumn],
    left: Sequence[Left],
    arm: str,
    *,
    files: Sequence[DraftFile],
    others: Sequence[OtherArm],
    facts: Sequence[RepeatedColumn],
) -> dict[str, tuple[SameAs, ...]]:
    """By source, what is compared with the frame: copies of the arm, and facts that agree today.

    Parameters
    ----------
    columns : sequence of DraftColumn
    left : sequence of Left
        Columns that are left out; the others are read.
    arm : str
        Its variable.
    files : sequence of DraftFile
        The drafted dictionary.
    others : sequence of OtherArm
        Where clusters contradict, it is for a person to say what the column is.
    facts : sequence of RepeatedColumn
    """
    gone = {(entry.source, entry.raw) for entry in left}
    variables = {v.name: v for file in files for v in file.module.variable if FRAME in v.raw}
    codes = {entry.id: entry for file in files for entry in file.module.codes}
    found = _copies(columns, left, arm, files=files, others=others)
    for fact in facts:
        variable = variables.get(fact.name)
        if fact.differ or variable is None or (fact.source, fact.raw) not in gone:
            continue
        if variable.type in ("date", "datetime"):
            continue
        listed = codes[variable.codes].values if isinstance(variable.codes, str) else ()
        values: dict[str, tuple[str, ...]] = {c.code: (str(c.value),) for c in listed}
        same = SameAs(column=fact.raw, variable=fact.name, values=values)
        found[fact.source] = (*found.get(fact.source, ()), same)
    return found
