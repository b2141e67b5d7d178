"""The interview's clock: night-time interviews, and two interviews of one person at one time."""

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import Rule, of_round
from evaluation.data.rules.rule_context import (
    START,
    Declared,
    Rows,
    interviewers,
    minutes,
    starts,
)
from evaluation.locale.messages import Plain, message
from evaluation.study.records import Finding

NIGHT_INTERVIEW = Rule("night-interview", "warn")
NIGHT_ROUND = Rule("night-interview", "warn", "interviews-began-before", "ask-office-time")
OVERLAPPING_INTERVIEWS = Rule("overlapping-interviews", "warn")
OVERLAPPING_ROUND = Rule("overlapping-interviews", "warn", "interviews-began", "ask-office-what")
# fewer marked rows than this are told one by one, whatever their share
MANY = 20
# Near the equator the sun rises and sets within half an hour of six all year round.
DAWN, DUSK = datetime.time(6), datetime.time(19)
# clocks are noted to the minute, at both ends
TOLERANCE = np.timedelta64(120, "s")
# Where half of a round begins at night, the clock is wrong, not the interviewers.
MOST_NIGHT = 0.5
# Invented interviews are few: where one in ten overlaps, the columns are no interview's clock.
MOST_OVERLAPPING = 0.1


@of_round
def night(parsed: Parsed, _: Declared) -> list[Finding]:
    """Interviews that began in the dark."""
    moments = starts(parsed)
    if moments is None:
        return []
    seconds = (moments - moments.astype("datetime64[D]")).astype("timedelta64[s]")
    first, last = (np.timedelta64(60 * (t.hour * 60 + t.minute), "s") for t in (DAWN, DUSK))
    dark = ~np.isnat(moments) & ((seconds < first) | (seconds >= last))
    hours = {"dawn": Plain(f"{DAWN:%H:%M}"), "dusk": Plain(f"{DUSK:%H:%M}")}
    return _or_whole(
        NIGHT_INTERVIEW.rows(parsed, dark, START, **hours),
        NIGHT_ROUND.at(parsed, START, dawn=f"{DAWN:%H:%M}", dusk=f"{DUSK:%H:%M}"),
        judged=int((~np.isnat(moments) & parsed.consented).sum()),
        share=MOST_NIGHT,
    )


@of_round
def overlaps(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews that began before the same interviewer's last one had ended."""
    moments, lengths = starts(parsed), minutes(parsed, declared)
    names = interviewers(parsed, declared)
    if moments is None or lengths is None or names is None:
        return []
    where, judged = _overlapping(moments, lengths, names)
    return _or_whole(
        OVERLAPPING_INTERVIEWS.rows(parsed, where, START),
        OVERLAPPING_ROUND.at(parsed, START),
        judged=judged,
        share=MOST_OVERLAPPING,
    )


def _or_whole(single: list[Finding], whole: Finding, *, judged: int, share: float) -> list[Finding]:
    """Findings about rows; one about the column where they are too many of those judged."""
    marked = len(single)
    if marked <= MANY or marked <= share * judged:
        return single
    problem = message(
        "of.problem", marked=f"{marked:,}", judged=f"{judged:,}", problem=whole.problem
    )
    return [replace(whole, problem=problem)]


def _overlapping(moments: np.ndarray, lengths: np.ndarray, names: np.ndarray) -> tuple[Rows, int]:
    """Marked rows, and how many have an earlier interview of the same person on the same day."""
    known = ~np.isnat(moments) & ~np.isnan(lengths) & ~pd.isna(names)
    rows = np.flatnonzero(known)
    length = np.round(lengths[rows] * 60).astype("timedelta64[s]")
    table = pd.DataFrame(
        {"row": rows, "name": names[rows], "start": moments[rows], "end": moments[rows] + length}
    ).sort_values(["name", "start", "row"], kind="stable")
    by_day = table.groupby(["name", table["start"].dt.date], sort=False)
    before = by_day["end"].cummax().groupby(by_day.ngroup()).shift()
    late = (before - table["start"]).to_numpy() > TOLERANCE
    where = np.zeros(len(moments), dtype=bool)
    where[table["row"].to_numpy()[late]] = True
    return where, int(before.notna().sum())
