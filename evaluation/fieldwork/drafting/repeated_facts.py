"""Columns of a round that repeat a fact of the frame: nobody reads them, so they are compared.

A block or a number of people that the next delivery has otherwise would be passed over in silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from evaluation.data.rules.arms import plain
from evaluation.fieldwork.drafting.column_profile import FRAME, Column, Source
from evaluation.fieldwork.drafting.dictionary_draft import DraftFile
from evaluation.fieldwork.drafting.dictionary_from_data import Left
from evaluation.study.manifest import SameAs


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A column of a round and the variable of the frame that it repeats.

    ``differ`` of ``clusters`` clusters have a cell that says something else than the frame.
    """

    source: str
    raw: str
    name: str
    differ: int
    clusters: int


def repeated(
    sources: Sequence[Source], columns: Sequence[Column], named: Mapping[str, str]
) -> tuple[Repeated, ...]:
    """Facts of the frame that rounds have too; none as long as the cluster is open.

    Parameters
    ----------
    sources : sequence of Source
    columns : sequence of Column
    named : mapping of design column to variable
        The arm is not among the facts: its copies are `same_as` of `other_arms`.
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
            found.append(Repeated(source=source, raw=raw, name=column.name, differ=n, clusters=of))
    return tuple(found)


def with_differences(left: Sequence[Left], facts: Sequence[Repeated]) -> list[Left]:
    """Columns that are left out, with the number of clusters in which they differ from the frame.

    Parameters
    ----------
    left : sequence of Left
    facts : sequence of Repeated
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
    arms: Mapping[str, tuple[SameAs, ...]],
    facts: Sequence[Repeated],
    left: Sequence[Left],
    files: Sequence[DraftFile],
) -> dict[str, tuple[SameAs, ...]]:
    """By source, what is compared with the frame: copies of the arm, and facts that agree today.

    Parameters
    ----------
    arms : mapping of source to SameAs
    facts : sequence of Repeated
    left : sequence of Left
        Columns that are left out; the others are read.
    files : sequence of DraftFile
        The drafted dictionary.
    """
    gone = {(entry.source, entry.raw) for entry in left}
    variables = {v.name: v for file in files for v in file.module.variable if FRAME in v.raw}
    codes = {entry.id: entry for file in files for entry in file.module.codes}
    found = dict(arms)
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
