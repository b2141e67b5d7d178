"""Rounds stacked into one panel, with the frame's facts, panel members and the sample flow.

REQUIRES clean rounds without errors. CREATES one row per valid interview, sorted by round,
cluster and line. Interviews leave only through a correction, for want of consent, below the
study's youngest age, by an event's declared rule, or because no other round has their cluster, and
each leaving is a :class:`Flow` record.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary
from evaluation.config.study import Study
from evaluation.data.cleaning.clean import KINDS, MISSING, PLACES, plain_kinds
from evaluation.data.cleaning.parse import NOT_ASKED, Parsed
from evaluation.data.clusters import ALIASES, DROPPING, FLAG, Frame, in_event, row_clusters
from evaluation.data.rules.eligibility import under_age
from evaluation.estimation.records import Flow

UNKNOWN_ARM = "unknown"
MEMBER = "panel_member"


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanRound:
    """One survey round, ready to be linked.

    Attributes
    ----------
    parsed : Parsed
        Its rows after corrections.
    clean : dict of str to array
        The clean columns of the same rows. They are taken out as they are stacked: two copies of a
        survey are large.
    dropped : Parsed
        Rows that corrections dropped.
    reasons : tuple of str
        Why, one for each dropped row.
    set_aside : tuple of str
        Cluster, as delivered, of each submission that the office refused. These are not among the
        delivered interviews.
    """

    parsed: Parsed
    clean: dict[str, Any]
    dropped: Parsed
    reasons: tuple[str, ...]
    set_aside: tuple[str, ...] = ()


def link(
    rounds: Sequence[CleanRound], dictionary: Dictionary, study: Study, *, frame: Frame
) -> tuple[pd.DataFrame, tuple[Flow, ...]]:
    """Stack rounds and link them; their clean columns are gone then.

    Parameters
    ----------
    rounds : sequence of CleanRound
        In the study's order.
    dictionary, study
        What was declared.
    frame : Frame
        The clusters; every valid row's cluster must be in it.

    Returns
    -------
    DataFrame, tuple of Flow
        The panel, and the sample flow by round and arm. A variable that a round did not ask is
        missing there with the kind ``not_asked``. Missing kinds are categories, as in the rounds.
    """
    types = {
        name: entry.clean[name].dtype
        for name in dictionary.variables
        for entry in rounds
        if name in entry.clean
    }
    leaving = _all_leaving(rounds, study, frame)
    valid = [_valid(*pair, frame) for pair in zip(rounds, leaving, strict=True)]
    panel = _with_frame(_stacked(rounds, valid, types, frame), frame)
    added = {MEMBER: _members(panel, study)}
    for event in study.event:
        if event.rule == "flag":
            flags = [
                in_event(event, entry.parsed, frame, study)[rows]
                for entry, rows in zip(rounds, valid, strict=True)
            ]
            added[f"{FLAG}{event.id}"] = np.concatenate(flags)
    panel = pd.concat([panel, pd.DataFrame(added, index=panel.index)], axis=1)
    parts = panel[["round", frame.cluster, MEMBER]]
    flows = _flows(rounds, leaving, parts, study=study, frame=frame)
    return panel.drop(columns=["line"]), flows


def attach_codes(table: pd.DataFrame, frame: Frame) -> pd.DataFrame:
    """Another file's rows with their cluster's code in place of the name as delivered."""
    codes = frame.resolve(table[frame.cluster])
    return plain_kinds(table).assign(**{frame.cluster: pd.array(codes, dtype="str")})


def attach_frame(table: pd.DataFrame, frame: Frame) -> pd.DataFrame:
    """Another file's rows with their cluster's code and the frame variables they lack."""
    return _with_frame(attach_codes(table, frame), frame)


def pseudonyms(panel: pd.DataFrame, study: Study) -> dict[str, str]:
    """New ids for respondents, in an order that says nothing about the delivered ids."""
    ids = {str(i) for i in panel[study.columns.respondent].dropna()}
    ranked = sorted(ids, key=lambda i: hashlib.sha256(f"{study.id}\0{i}".encode()).digest())
    return {old: f"R{rank:06d}" for rank, old in enumerate(ranked, start=1)}


def without_direct(
    table: pd.DataFrame, dictionary: Dictionary, study: Study, *, names: dict[str, str]
) -> pd.DataFrame:
    """Drop directly identifying variables and give respondents their new ids.

    Ids that are not among ``names`` (respondents of no valid interview) become missing.
    """
    respondent = study.columns.respondent
    direct = [
        name
        for name, variable in dictionary.variables.items()
        if variable.personal == "direct" and name != respondent
    ]
    gone = [c for name in direct for c in (name, f"{name}{MISSING}") if c in table.columns]
    kept = table.drop(columns=gone)
    if respondent in kept.columns:
        kept[respondent] = kept[respondent].map(names).astype("str")
    return kept


Leaving = dict[tuple[str, str], NDArray[np.bool_]]


def _all_leaving(rounds: Sequence[CleanRound], study: Study, frame: Frame) -> list[Leaving]:
    """Rows that leave each round; last, those of clusters that no other round has."""
    leaving = [_leaving(entry, study, frame) for entry in rounds]
    alone = in_one_round(
        [row_clusters(entry.parsed, frame) for entry in rounds],
        [~np.logical_or.reduce(list(each.values())) for each in leaving],
    )
    if any(rows.any() for rows in alone):
        for each, rows in zip(leaving, alone, strict=True):
            each["one_round", ""] = rows
    return leaving


def in_one_round(
    places: Sequence[NDArray[np.object_]], kept: Sequence[NDArray[np.bool_]]
) -> list[NDArray[np.bool_]]:
    """Rows of clusters that are kept in one round only: no change can be taken there.

    Parameters
    ----------
    places : sequence of ndarray, shape (n,)
        Cluster of each row, by round.
    kept : sequence of ndarray of bool, shape (n,)
        Rows that count, by round.
    """
    if len(places) < 2:
        return [np.zeros(len(rows), dtype=bool) for rows in kept]
    seen = Counter(c for p, k in zip(places, kept, strict=True) for c in set(p[k]) if c is not None)
    alone = {cluster for cluster, rounds in seen.items() if rounds == 1}
    return [
        k & np.array([c in alone for c in p], dtype=bool) for p, k in zip(places, kept, strict=True)
    ]


def _leaving(entry: CleanRound, study: Study, frame: Frame) -> Leaving:
    """Rows that leave by each step and reason; a row counts for the first one that applies."""
    parsed = entry.parsed
    leaving = {("no_consent", ""): ~parsed.consented}
    gone = ~parsed.consented
    if study.minimum_age is not None:
        leaving["under_age", ""] = under_age(parsed, study)
        gone = gone | leaving["under_age", ""]
    for event in study.event:
        if event.rule in DROPPING:
            touched = in_event(event, parsed, frame, study) & ~gone
            leaving["excluded", event.id] = touched
            gone = gone | touched
    return leaving


def _valid(entry: CleanRound, leaving: Leaving, frame: Frame) -> NDArray[np.intp]:
    """Rows that stay, sorted by cluster and line."""
    stays = ~np.logical_or.reduce(list(leaving.values()))
    rows = np.flatnonzero(stays)
    clusters = pd.Series(row_clusters(entry.parsed, frame)[rows], dtype="str")
    table = pd.DataFrame({"cluster": clusters, "line": entry.parsed.lines[rows]})
    return rows[table.sort_values(["cluster", "line"], kind="stable").index.to_numpy()]


def _stacked(
    rounds: Sequence[CleanRound],
    valid: Sequence[NDArray[np.intp]],
    types: Mapping[str, Any],
    frame: Frame,
) -> pd.DataFrame:
    """The rows of all rounds that stay, column by column: a table of a survey is large."""
    parts = list(zip(rounds, valid, strict=True))
    sources = np.array([r.parsed.file.source for r in rounds], dtype=object)
    columns: dict[str, Any] = {
        "round": pd.array(np.repeat(sources, [len(rows) for rows in valid]), dtype="str"),
        "row_key": _joined([r.clean.pop("row_key")[rows] for r, rows in parts]),
        "line": np.concatenate([r.parsed.lines[rows] for r, rows in parts]),
    }
    for name, kind in types.items():
        if name == frame.cluster:
            codes = [row_clusters(r.parsed, frame)[rows] for r, rows in parts]
            columns[name] = pd.array(np.concatenate(codes), dtype="str")
            continue
        columns[name] = _joined([_values(r.clean, name, rows, kind) for r, rows in parts])
        columns[f"{name}{MISSING}"] = _joined([_missing(r.clean, name, rows) for r, rows in parts])
    return pd.DataFrame(columns, copy=False)


def _joined(parts: Sequence[Any]) -> Any:
    return pd.concat([pd.Series(part, copy=False) for part in parts], ignore_index=True).array


def _values(clean: dict[str, Any], name: str, rows: NDArray[np.intp], kind: Any) -> Any:
    if name in clean:
        return clean.pop(name)[rows]
    return pd.Series(index=range(len(rows)), dtype=kind).array


def _missing(clean: dict[str, Any], name: str, rows: NDArray[np.intp]) -> Any:
    if f"{name}{MISSING}" in clean:
        return clean.pop(f"{name}{MISSING}")[rows]
    never = np.full(len(rows), PLACES[NOT_ASKED], dtype=np.int8)
    return pd.Categorical.from_codes(never, categories=KINDS)


def _with_frame(table: pd.DataFrame, frame: Frame) -> pd.DataFrame:
    left_out = {frame.cluster, ALIASES, "row_key", "line"}
    facts = frame.table.set_index(frame.cluster)
    names = [
        name
        for name in facts.columns
        if name not in left_out and not name.endswith(MISSING) and name not in table.columns
    ]
    added = facts[names].reindex(table[frame.cluster]).set_axis(table.index)
    return pd.concat([table, added], axis=1)


def _members(panel: pd.DataFrame, study: Study) -> NDArray[np.bool_]:
    """Respondents seen in every round, in one cluster."""
    respondent, cluster = study.columns.respondent, study.columns.cluster
    people = panel[[respondent, cluster, "round"]].dropna(subset=[respondent])
    seen = people.groupby(respondent).agg({"round": "nunique", cluster: "nunique"})
    whole = seen.index[(seen["round"] == len(study.rounds)) & (seen[cluster] == 1)]
    return panel[respondent].isin(whole).to_numpy(dtype=bool)


def _flows(
    rounds: Sequence[CleanRound],
    leaving: Sequence[Leaving],
    panel: pd.DataFrame,
    *,
    study: Study,
    frame: Frame,
) -> tuple[Flow, ...]:
    flows: list[Flow] = []
    for entry, left in zip(rounds, leaving, strict=True):
        places = row_clusters(entry.parsed, frame)
        gone = row_clusters(entry.dropped, frame)
        reasons = np.array(entry.reasons, dtype=object)
        here = panel[panel["round"] == entry.parsed.file.source]
        members = here[here[MEMBER]]
        refused = frame.resolve(entry.set_aside)
        parts = [("set_aside", "", refused)] if len(refused) else []
        parts += [("delivered", "", np.concatenate([places, gone]))]
        parts += [("dropped", reason, gone[reasons == reason]) for reason in sorted(set(reasons))]
        parts += [(step, reason, places[rows]) for (step, reason), rows in left.items()]
        parts += [
            ("valid", "", here[frame.cluster].to_numpy(dtype=object)),
            ("panel_members", "", members[frame.cluster].to_numpy(dtype=object)),
        ]
        for step, reason, clusters in parts:
            flows += arm_counts(entry.parsed.file.source, step, reason, clusters, study, frame)
    return tuple(flows)


def arm_counts(
    round_id: str,
    step: str,
    reason: str,
    clusters: NDArray[np.object_],
    study: Study,
    frame: Frame,
) -> list[Flow]:
    """A step of the flow by arm; rows of clusters outside the frame have the arm ``unknown``."""
    found = frame.lookup(frame.arm, clusters)
    arms = np.array([UNKNOWN_ARM if arm is None else arm for arm in found], dtype=object)
    listed = [arm.id for arm in study.arm]
    listed += [UNKNOWN_ARM] if (arms == UNKNOWN_ARM).any() else []
    return [
        Flow(
            study=study.id,
            round=round_id,
            arm=arm,
            step=step,
            reason=reason,
            n=int((arms == arm).sum()),
            n_clusters=len({c for c in clusters[arms == arm] if c is not None}),
        )
        for arm in listed
    ]
