"""Rules about clusters that only all rounds together show: gaps in the frame, places left thin."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.panel import in_one_round
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.findings import about_file
from evaluation.data.rules.identity import like_codes
from evaluation.data.rules.rule_context import Declared, Verdict, row_findings
from evaluation.data.spelling import lost_zero_example, lost_zeros
from evaluation.data.timing import interview_dates, row_clusters
from evaluation.locale.messages import Count, Message, Plain, message
from evaluation.study.records import Finding, Severity

# a cluster with fewer than this share of the usual number of interviews was not finished, or cut
THIN = 1 / 3
# where a cluster has only a handful of interviews anyway, a share of them says nothing
USUAL_SMALLEST = 12
# teams come back for people who were away, but not after two weeks
LONELY_DAYS = 14
# names of clusters in one message
SHOWN = 5


def rules(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """Clusters that the frame lacks or nobody visited, and clusters with too few interviews."""
    findings = [
        found
        for parsed in rounds
        for found in (*_thin(parsed, declared), *_lonely_dates(parsed, declared))
    ]
    findings += _one_round(rounds, declared)
    return [*findings, *_frame_gaps(rounds, declared), *_never_visited(rounds, declared)]


def _one_round(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """Interviews of clusters that no other round has: they leave the sample, and say so."""
    places = [row_clusters(parsed, declared.frame) for parsed in rounds]
    alone = in_one_round(places, [parsed.consented for parsed in rounds])
    return [
        about_file(
            parsed.file,
            rule="one-round-cluster",
            severity="warn",
            line=int(parsed.lines[np.flatnonzero(rows)[0]]),
            column=declared.raw(parsed, declared.frame.cluster),
            problem=message(
                "one-round-cluster.problem", n=f"{int(rows.sum()):,}", k=len(set(place[rows]))
            ),
            mend=message("one-round-cluster.mend"),
        )
        for parsed, place, rows in zip(rounds, places, alone, strict=True)
        if rows.any()
    ]


def _thin(parsed: Parsed, declared: Declared) -> list[Finding]:
    places = row_clusters(parsed, declared.frame)[parsed.consented]
    counts = pd.Series(places).value_counts()
    if counts.empty or counts.median() < USUAL_SMALLEST:
        return []
    thin = int((counts < THIN * counts.median()).sum())
    if not thin:
        return []
    return [
        about_file(
            parsed.file,
            rule="few-interviews",
            severity="warn",
            column=declared.raw(parsed, declared.frame.cluster),
            problem=message(
                "few-interviews.problem",
                n=Count(thin, "clusters"),
                usual=Plain(f"{counts.median():g}"),
            ),
            mend=message("few-interviews.mend"),
        )
    ]


def _lonely_dates(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews far in time from all others of their cluster: another day, or another cluster."""
    days, name = interview_dates(parsed, declared.study), declared.study.columns.date
    if days is None or name is None:
        return []
    places = row_clusters(parsed, declared.frame)
    placed = np.array([place is not None for place in places], dtype=bool)
    rows = np.flatnonzero(placed & ~np.isnat(days) & parsed.consented)
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
    where = np.zeros(len(days), dtype=bool)
    where[rows[order[many & (nearest > LONELY_DAYS)]]] = True
    verdict = Verdict(
        rule="lonely-date",
        severity="warn",
        problem=message("lonely-date.problem", lonely_days=Plain(LONELY_DAYS)),
        mend=message("lonely-date.mend"),
    )
    return row_findings(parsed, where, column=declared.raw(parsed, name), verdict=verdict)


def _frame_gaps(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    """Names that more than one round knows and the frame does not: the frame lost them."""
    shared = _shared_gaps(rounds, declared)
    if not shared:
        return []
    zeros = lost_zeros(shared, declared.frame.table[declared.frame.cluster])
    here, there = lost_zero_example(zeros) if zeros else ("", "")
    return [
        _of_the_frame(
            declared,
            rule="frame-gap",
            severity="error",
            problem=_gap_problem(rounds, declared, shared),
            mend=message("frame-gap.mend", here=here, there=there)
            if zeros
            else message("get-whole-frame.mend"),
        )
    ]


def _gap_problem(rounds: Sequence[Parsed], declared: Declared, shared: Collection[str]) -> Message:
    """How many names and interviews; names that are written like the frame's codes are shown."""
    n = sum(len(_rows_of(parsed, declared, shared)) for parsed in rounds)
    alike = like_codes(sorted(shared), declared.frame)
    if not alike:
        return message("names-clusters.problem", n=len(shared))
    codes = ", ".join(alike[:SHOWN]) + (", ..." if len(alike) > SHOWN else "")
    return message("frame-gap-named.problem", codes=codes, rows=f"{n:,}")


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
    places = row_clusters(parsed, declared.frame)
    unknown = np.array([place is None for place in places], dtype=bool)
    return unknown & parsed.columns[declared.frame.cluster].observed & parsed.consented


def _never_visited(rounds: Sequence[Parsed], declared: Declared) -> list[Finding]:
    frame = declared.frame
    seen = {place for parsed in rounds for place in row_clusters(parsed, frame)[parsed.consented]}
    never = [
        int(line)
        for code, line in zip(frame.table[frame.cluster], frame.table["line"], strict=True)
        if code not in seen
    ]
    if not never:
        return []
    return [
        _of_the_frame(
            declared,
            rule="never-visited",
            severity="warn",
            line=min(never),
            problem=message("never-visited.problem", n=len(never)),
            mend=message("never-visited.mend"),
        )
    ]


def _of_the_frame(
    declared: Declared,
    *,
    rule: str,
    severity: Severity,
    problem: Message,
    mend: Message,
    line: int = 0,
) -> Finding:
    """A finding about the frame's file, or about the code in one of its rows."""
    # the frame's file as its own rows name it
    file = str(declared.frame.table["row_key"].iloc[0]).rpartition(":")[0]
    code = declared.dictionary.variables[declared.frame.cluster].raw["frame"]
    return Finding(
        rule=rule,
        severity=severity,
        round="frame",
        file=file,
        row_key=f"{file}:{line}" if line else "",
        line=line,
        column=code if line else "",
        value="",
        problem=problem,
        mend=mend,
    )
