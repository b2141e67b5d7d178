"""Rules about clusters that only all rounds together show: gaps in the frame, places left thin."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.panel import in_one_round
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import interview_dates, row_clusters
from evaluation.data.rules.identity import like_codes
from evaluation.data.rules.rule import Rule, across_rounds
from evaluation.data.rules.rule_context import Declared
from evaluation.data.spelling import lost_zero_example, lost_zeros
from evaluation.locale.messages import Count, Plain
from evaluation.study.records import Finding

ONE_ROUND_CLUSTER = Rule("one-round-cluster", "warn")
FEW_INTERVIEWS = Rule("few-interviews", "warn")
NEVER_VISITED = Rule("never-visited", "warn")
# by whether lost names are written like codes, and whether zeros in front would explain them
FRAME_GAPS = {
    (alike, zeros): Rule("frame-gap", "error", problem, fix)
    for alike, problem in ((True, "frame-gap-named"), (False, "names-clusters"))
    for zeros, fix in ((True, "frame-gap"), (False, "get-whole-frame"))
}
LONELY_DATE = Rule("lonely-date", "warn")


# a cluster with fewer than this share of the usual number of interviews was not finished, or cut
THIN = 1 / 3
# where a cluster has only a handful of interviews anyway, a share of them says nothing
USUAL_SMALLEST = 12
# teams come back for people who were away, but not after two weeks
LONELY_DAYS = 14
# names of clusters in one message
SHOWN = 5


@across_rounds
def cluster_rounds(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Clusters that the frame lacks or nobody visited, and clusters with too few interviews."""
    for parsed in rounds:
        yield from _thin(parsed, declared)
        yield from _lonely_dates(parsed, declared)
    yield from _one_round(rounds, declared)
    yield from _frame_gaps(rounds, declared)
    yield from _never_visited(rounds, declared)


def _one_round(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Interviews of clusters that no other round has: they leave the sample, and say so."""
    places = [row_clusters(parsed, declared.frame) for parsed in rounds]
    alone = in_one_round(places, [parsed.consented for parsed in rounds])
    for parsed, place, rows in zip(rounds, places, alone, strict=True):
        if rows.any():
            first, n, k = rows.argmax(), f"{int(rows.sum()):,}", len(set(place[rows]))
            yield ONE_ROUND_CLUSTER.at(parsed, declared.frame.cluster, first, n=n, k=k)


def _thin(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    places = row_clusters(parsed, declared.frame)[parsed.consented]
    counts = pd.Series(places).value_counts()
    usual = counts.median()
    thin = int((counts < THIN * usual).sum())
    if thin and usual >= USUAL_SMALLEST:
        said = {"n": Count(thin, "clusters"), "usual": Plain(f"{usual:g}")}
        yield FEW_INTERVIEWS.at(parsed, declared.frame.cluster, **said)


def _lonely_dates(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews far in time from all others of their cluster: another day, or another cluster."""
    days, name = interview_dates(parsed, declared.study), declared.study.columns.date
    if days is None or name is None:
        return []
    places = row_clusters(parsed, declared.frame)
    rows = np.flatnonzero(pd.notna(places) & ~np.isnat(days) & parsed.consented)
    if not len(rows):
        return []
    _, codes = np.unique(places[rows].astype(str), return_inverse=True)
    numbers = days[rows].astype(np.int64)
    order = np.lexsort((numbers, codes))
    gaps = np.diff(numbers[order]).astype(float)
    # from one cluster to the next there is no gap; an end of a cluster's days has one neighbour
    gaps[np.diff(codes[order]) != 0] = np.inf
    nearest = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    many = np.bincount(codes)[codes[order]] >= USUAL_SMALLEST
    where = parsed.mask(rows[order[many & (nearest > LONELY_DAYS)]])
    return LONELY_DATE.rows(parsed, where, name, lonely_days=Plain(LONELY_DAYS))


def _frame_gaps(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    """Names that more than one round knows and the frame does not: the frame lost them."""
    shared = _shared_gaps(rounds, declared)
    if not shared:
        return
    alike = like_codes(sorted(shared), declared.frame)
    said: dict[str, object] = {"n": len(shared)}
    if alike:
        # names that are written like the frame's codes are shown
        n = sum(len(_rows_of(parsed, declared, shared)) for parsed in rounds)
        codes = ", ".join(alike[:SHOWN]) + (", ..." if len(alike) > SHOWN else "")
        said = {"codes": codes, "rows": f"{n:,}"}
    zeros = lost_zeros(shared, declared.frame.table[declared.frame.cluster])
    if zeros:
        said["here"], said["there"] = lost_zero_example(zeros)
    yield _of_the_frame(declared, FRAME_GAPS[bool(alike), bool(zeros)], **said)


def _shared_gaps(rounds: Sequence[Parsed], declared: Declared) -> set[str]:
    names = [
        set(parsed.columns[declared.frame.cluster].values[_unknown(parsed, declared)].tolist())
        for parsed in rounds
    ]
    return {n for i, own in enumerate(names) for other in names[i + 1 :] for n in own & other}


def _rows_of(parsed: Parsed, declared: Declared, names: Collection[str]) -> NDArray[np.intp]:
    column = parsed.columns[declared.frame.cluster]
    return np.flatnonzero(_unknown(parsed, declared) & np.isin(column.values, list(names)))


def without_consequences(
    findings: Iterable[Finding], rounds: Sequence[Parsed], declared: Declared
) -> list[Finding]:
    """Findings but those about each interview of a cluster that the frame lost."""
    shared = _shared_gaps(rounds, declared)
    rows = {p.key(int(row)) for p in rounds for row in _rows_of(p, declared, shared)}
    return [f for f in findings if f.rule != "unknown-cluster" or f.row_key not in rows]


def _unknown(parsed: Parsed, declared: Declared) -> np.ndarray:
    unknown = pd.isna(row_clusters(parsed, declared.frame))
    return unknown & parsed.columns[declared.frame.cluster].observed & parsed.consented


def _never_visited(rounds: Sequence[Parsed], declared: Declared) -> Iterator[Finding]:
    frame = declared.frame
    seen = {place for parsed in rounds for place in row_clusters(parsed, frame)[parsed.consented]}
    never = frame.table.loc[~frame.table[frame.cluster].isin(seen), "line"]
    if len(never):
        yield _of_the_frame(declared, NEVER_VISITED, int(never.min()), n=len(never))


def _of_the_frame(declared: Declared, rule: Rule, line: int = 0, /, **said: object) -> Finding:
    """A finding about the frame's file, or about the code in one of its rows."""
    # the frame's file as its own rows name it
    file = str(declared.frame.table["row_key"].iloc[0]).rpartition(":")[0]
    code = declared.dictionary.variables[declared.frame.cluster].raw["frame"]
    return rule.in_file("frame", file, code if line else "", line, **said)
