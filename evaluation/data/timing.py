"""Dates against the design: fieldwork, events, entry of cohorts."""

import numpy as np
from numpy.typing import NDArray

from evaluation.data.clusters import Frame
from evaluation.data.parse import Parsed
from evaluation.spec.study import Event, Study

FLAG = "flag_"
DROPPING = ("drop", "exclude")


def interview_dates(parsed: Parsed, study: Study) -> NDArray[np.datetime64] | None:
    """Day of each interview, NaT where unknown; None where the file has no dates."""
    name = study.columns.date
    if name is None or name not in parsed.columns:
        return None
    return parsed.columns[name].values.astype("datetime64[D]")


def row_clusters(parsed: Parsed, frame: Frame) -> NDArray[np.object_]:
    """Cluster of each row, None where its name is unknown."""
    return frame.resolve(parsed.columns[frame.cluster].values)


def in_event(event: Event, parsed: Parsed, frame: Frame, study: Study) -> NDArray[np.bool_]:
    """Interviews that an event touches: on or after its start, up to its end, in its group."""
    days = interview_dates(parsed, study)
    if days is None or event.rule == "none":
        return np.zeros(len(parsed.lines), dtype=bool)
    inside = days >= np.datetime64(event.start)
    if event.end is not None:
        inside &= days <= np.datetime64(event.end)
    if event.affects == "treated only":
        treated = [arm.id for arm in study.arm if arm.treatments]
        inside &= np.isin(frame.lookup(frame.arm, row_clusters(parsed, frame)), treated)
    return inside & parsed.consented


def after_entry(parsed: Parsed, frame: Frame, study: Study) -> NDArray[np.bool_]:
    """Interviews on or after the day their cluster entered the programme."""
    days = interview_dates(parsed, study)
    late = np.zeros(len(parsed.lines), dtype=bool)
    if days is None or not frame.cohort:
        return late
    cohorts = frame.lookup(frame.cohort, row_clusters(parsed, frame))
    for cohort in study.cohort:
        late |= (cohorts == cohort.id) & (days >= np.datetime64(cohort.entry))
    return late & parsed.consented
