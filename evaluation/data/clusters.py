"""The frame of clusters, and where and when an interview stands in the design.

Dates against the design: fieldwork, events, entry of cohorts, and what an interview recalls.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.study import Cohort, Event, Study
from evaluation.data.cleaning.clean import plain_kinds
from evaluation.data.cleaning.parse import Parsed

ALIASES = "aliases"
FLAG = "flag_"
DROPPING = ("drop", "exclude")
# Questions about what happened to a person ask about the last twelve months.
RECALL_MONTHS = 12


def split(listed: object) -> list[str]:
    """Texts of a cell that holds several, separated by ``|``."""
    return [name.strip() for name in listed.split("|")] if isinstance(listed, str) else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The list of clusters.

    Attributes
    ----------
    table : DataFrame, one row per cluster
        Clean frame variables, sorted by cluster.
    aliases : mapping of text to cluster
        Declared name variants (frame variable ``aliases``, separated by ``|``).
    cluster, arm, cohort : str
        Names of the design columns; cohort is empty where the study has none.
    """

    table: pd.DataFrame
    aliases: Mapping[str, str]
    cluster: str
    arm: str
    cohort: str

    def resolve(self, values: Iterable[object]) -> NDArray[np.object_]:
        """Cluster of each raw name: the code itself or a declared alias; None where neither."""
        known = {code: code for code in self.table[self.cluster]} | dict(self.aliases)
        return np.array([known.get(str(value)) for value in values], dtype=object)

    def lookup(self, column: str, clusters: NDArray[np.object_]) -> NDArray[np.object_]:
        """Value of a frame variable for each cluster; None where the cluster is unknown."""
        values = dict(zip(self.table[self.cluster], self.table[column], strict=True))
        codes, names = pd.factorize(clusters)
        found = [values.get(name) for name in names]
        # the last one stands for clusters that are unknown
        each = np.empty(len(found) + 1, dtype=object)
        each[:-1] = [None if pd.isna(value) else value for value in found]
        return np.asarray(each[codes])


def make_frame(clean: pd.DataFrame, study: Study) -> Frame:
    """Frame from the clean frame file."""
    cluster = study.columns.cluster
    table = plain_kinds(clean).sort_values(cluster, kind="stable", ignore_index=True)
    aliases: dict[str, str] = {}
    if ALIASES in table.columns:
        for code, listed in zip(table[cluster], table[ALIASES], strict=True):
            aliases |= dict.fromkeys(split(listed), code)
    return Frame(
        table=table,
        aliases=aliases,
        cluster=cluster,
        arm=study.columns.arm,
        cohort=study.columns.cohort or "",
    )


def interview_dates(parsed: Parsed, study: Study) -> NDArray[np.datetime64] | None:
    """Day of each interview, NaT where unknown; None where the file has no dates."""
    name = study.columns.date
    if name is None or name not in parsed.columns:
        return None
    return parsed.columns[name].as_type("datetime64[D]")


def row_clusters(parsed: Parsed, frame: Frame) -> NDArray[np.object_]:
    """Cluster of each row, None where its name is unknown."""
    column = parsed.columns[frame.cluster]
    return np.asarray(frame.resolve(column.meanings)[column.codes])


def in_event(event: Event, parsed: Parsed, frame: Frame, study: Study) -> NDArray[np.bool_]:
    """Interviews that an event touches: on or after its start, up to its end, in its group."""
    days = interview_dates(parsed, study)
    if days is None or event.rule == "none":
        return np.zeros(len(parsed.lines), dtype=bool)
    inside = days >= np.datetime64(event.start)
    if event.end is not None:
        inside &= days <= np.datetime64(event.end)
    return inside & _affected(event, parsed, frame, study)


def recalls_event(event: Event, parsed: Parsed, frame: Frame, study: Study) -> NDArray[np.bool_]:
    """Interviews of the event's group whose recall period lies partly inside the event.

    A recall period that lies wholly inside, or wholly outside, is about one state of affairs.
    Interviews that the event's rule leaves out are not among them.
    """
    days = interview_dates(parsed, study)
    if days is None or event.rule == "none":
        return np.zeros(len(parsed.lines), dtype=bool)
    start, first = np.datetime64(event.start), recall_starts(days)
    crossed = (first < start) & (start <= days)
    if event.end is not None:
        end = np.datetime64(event.end)
        crossed |= (first <= end) & (end < days)
    if event.rule in DROPPING:
        crossed &= ~in_event(event, parsed, frame, study)
    return crossed & _affected(event, parsed, frame, study)


def _affected(event: Event, parsed: Parsed, frame: Frame, study: Study) -> NDArray[np.bool_]:
    """Interviews of people who consented, in the group that an event affects."""
    if event.affects == "both groups":
        return parsed.consented
    treated = [arm.id for arm in study.arm if arm.treatments]
    inside = np.isin(frame.lookup(frame.arm, row_clusters(parsed, frame)), treated)
    return np.asarray(inside & parsed.consented)


def recall_starts(days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """First day of the recall period: the same day twelve months before the interview.

    29 February becomes 1 March. NaT stays NaT.
    """
    months = days.astype("datetime64[M]")
    return (months - RECALL_MONTHS).astype("datetime64[D]") + (days - months)


def after_entry(parsed: Parsed, frame: Frame, study: Study) -> NDArray[np.bool_]:
    """Interviews on or after the day their cluster entered the programme."""
    days = interview_dates(parsed, study)
    late = np.zeros(len(parsed.lines), dtype=bool)
    if days is None or not frame.cohort:
        return late
    for cohort in study.cohort:
        late |= _entered(cohort, parsed, frame) & (days >= np.datetime64(cohort.entry))
    return late


def recalls_entry(cohort: Cohort, parsed: Parsed, frame: Frame, study: Study) -> NDArray[np.bool_]:
    """Interviews whose recall period begins before their cluster's entry and ends after it."""
    days = interview_dates(parsed, study)
    if days is None or not frame.cohort:
        return np.zeros(len(parsed.lines), dtype=bool)
    entry = np.datetime64(cohort.entry)
    crossed = (recall_starts(days) < entry) & (entry <= days)
    return crossed & _entered(cohort, parsed, frame)


def _entered(cohort: Cohort, parsed: Parsed, frame: Frame) -> NDArray[np.bool_]:
    """Interviews of people who consented, in clusters of a cohort."""
    cohorts = frame.lookup(frame.cohort, row_clusters(parsed, frame))
    return np.asarray((cohorts == cohort.id) & parsed.consented)
