"""Interviewers who never do what all others do: no yes, no answer beyond a point.

A mean says nothing where an answer is rare or a scale is used in part. What never happens in one
interviewer's interviews is held against how often it happens in everybody else's.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.interviewers import SMALLEST, InterviewPlaces, components, work_of
from evaluation.data.rules.rule import DataRule, Declared, Floats, minutes, of_round, questions
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

NO_YES = DataRule("interviewer-pattern", "warn", "interviewer-no-yes", "interviewer-pattern")
SHORT_SCALE = DataRule(
    "interviewer-pattern", "warn", "interviewer-short-scale", "interviewer-pattern"
)
DURATION = DataRule("interviewer-pattern", "warn", "interviewer-duration", "interviewer-pattern")

# So often is "never" expected in a clean round, among all that is looked at.
FALSE_ALARMS = 0.01
# interviewers explain one per cent of an answer's variance where they are well trained
TRAINED = 0.01
# an interviewer whose interviews are one answer
ONE_ANSWER = 0.999
# yes/no questions of one module that make a battery
BATTERY = 4
# interviews expected to lie beyond a point that one interviewer never passes
WIDE = 3
# lengths of interviews differ between interviewers by their own way of working: robust standard
# deviations of the interviewers' medians of logarithms, and at least by half as long again
FAR, LONGER = 5.0, 1.5
# share of the usual spread of lengths, below which they were not measured
EVEN = 0.2


@of_round
def patterns(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """What an interviewer never does: yes in a battery, ends of a scale; odd lengths.

    Parameters
    ----------
    parsed : Parsed
        A survey round.
    declared : Declared
        Dictionary, study and frame.
    """
    work = declared.once(work_of, parsed)
    if work is None:
        return
    yield from _no_yes(parsed, declared, work)
    yield from _short_scales(parsed, declared, work)
    yield from _durations(parsed, declared, work)


def never(events: Floats, work: InterviewPlaces, *, comparisons: int) -> list[tuple[int, float]]:
    """Interviewers without any event, and how many the others' rate lets expect.

    Parameters
    ----------
    events : ndarray, shape (n,)
        Events of each interview, NaN where there could be none.
    work : InterviewPlaces
    comparisons : int
        How many such questions are asked of a round.

    Notes
    -----
    Interviewers differ in how often an event occurs by a beta distribution, whose spread is the
    intraclass correlation of the events themselves: the chance of none is that of the
    beta-binomial distribution (Skellam 1948, Journal of the Royal Statistical Society B 10,
    257-261).
    """
    use = ~np.isnan(events) & (work.who >= 0)
    people = len(work.names)
    counts = np.bincount(work.who[use], minlength=people).astype(float)
    given = np.minimum(events[use], 1.0)
    sums = np.bincount(work.who[use], given, minlength=people)
    others = (sums.sum() - sums) / np.maximum(counts.sum() - counts, 1.0)
    alike = _alike(given, work.who[use])
    chance = _none(others, counts, alike) * max(people, 1) * comparisons
    silent = (counts >= SMALLEST) & (sums == 0) & (chance < FALSE_ALARMS)
    return [(int(who), float(others[who] * counts[who])) for who in np.flatnonzero(silent)]


def _alike(values: Floats, who: NDArray[np.int64]) -> float:
    """Intraclass correlation of interviewers, never less than that of well trained ones.

    It stays below one, where an interviewer's answers are all the same: with it the chance of no
    event is that of a single answer.
    """
    if not len(values):
        return TRAINED
    within, between = components(values, who)
    own = between / (between + within) if between > 0 else 0.0
    return min(max(own, TRAINED), ONE_ANSWER)


def _none(share: Floats, n: Floats, alike: float) -> Floats:
    """Beta-binomial chance of no event among n interviews, where others have this share."""
    scale = (1 - alike) / alike
    rest = np.maximum(1 - share, 1e-9) * scale
    logs = [
        math.lgamma(r + m) + math.lgamma(scale) - math.lgamma(r) - math.lgamma(scale + m)
        for r, m in zip(rest.tolist(), n.tolist(), strict=True)
    ]
    return np.exp(logs)


def _no_yes(parsed: Parsed, declared: Declared, work: InterviewPlaces) -> Iterator[Finding]:
    asked = set(questions(parsed, declared, "binary"))
    batteries = [
        names
        for module in declared.dictionary.modules
        if len(names := [v.name for v in module.variable if v.name in asked]) >= BATTERY
    ]
    for names in batteries:
        events = np.nansum([_yes(parsed, name) for name in names], axis=0)
        for who, expected in never(events, work, comparisons=len(batteries)):
            said = {"item": names[0], "k": Plain(len(names)), "expected": Plain(f"{expected:.0f}")}
            yield NO_YES.group(parsed, work.column, f"interviewer {work.names[who]}", **said)


def _yes(parsed: Parsed, name: str) -> Floats:
    column = parsed.columns[name]
    if column.meanings.dtype != np.float64:
        return np.zeros(len(parsed.lines))
    return np.nan_to_num(parsed.numbers(name), nan=0.0)


def _short_scales(parsed: Parsed, declared: Declared, work: InterviewPlaces) -> Iterator[Finding]:
    """Scales and numbers of which an interviewer never used the upper or the lower end."""
    names = [n for n in questions(parsed, declared, "ordinal", "count", "number")
             if parsed.columns[n].meanings.dtype == np.float64]  # fmt: skip
    for name in names:
        values = np.where(work.who >= 0, parsed.numbers(name), np.nan)
        for who in _short(values, work, comparisons=2 * len(names)):
            said = {"item": name}
            yield SHORT_SCALE.group(parsed, name, f"interviewer {work.names[who]}", **said)


def _short(values: Floats, work: InterviewPlaces, *, comparisons: int) -> Sequence[int]:
    use = ~np.isnan(values) & (work.who >= 0)
    if not use.any() or len(np.unique(values[use])) < WIDE:
        return []
    people = len(work.names)
    who, given = work.who[use], values[use]
    counts = np.bincount(who, minlength=people).astype(float)
    alike, judged = _alike(given, who), counts >= SMALLEST
    found: set[int] = set()
    for sign in (1.0, -1.0):
        most = np.full(people, -np.inf)
        np.maximum.at(most, who, sign * given)
        ordered = np.sort(sign * given)
        # answers beyond each interviewer's own largest one are the others'
        beyond = len(ordered) - np.searchsorted(ordered, most, side="right")
        share = beyond / np.maximum(len(ordered) - counts, 1.0)
        # that all of the others' are beyond says no more than how many others there are
        known = np.minimum(share, 1.0 - 0.5 / people)
        chance = _none(known, counts, alike) * people * comparisons
        found |= set(np.flatnonzero(judged & (chance < FALSE_ALARMS)).tolist())
    return sorted(found)


def _durations(parsed: Parsed, declared: Declared, work: InterviewPlaces) -> Iterator[Finding]:
    """Lengths of interviews that are another interviewer's, another unit's, or nobody's."""
    lengths, name = minutes(parsed, declared), declared.study.columns.duration
    if lengths is None or name is None:
        return
    use = (lengths > 0) & (work.who >= 0)
    logs = np.log(lengths[use])
    groups = [logs[work.who[use] == who] for who in range(len(work.names))]
    judged = [who for who, own in enumerate(groups) if len(own) >= SMALLEST]
    if len(judged) < BATTERY:
        return
    middles = np.array([np.median(groups[who]) for who in judged])
    widths = np.array([np.subtract(*np.quantile(groups[who], [0.75, 0.25])) for who in judged])
    for who in np.array(judged)[_far(middles) | (widths < EVEN * np.median(widths))]:
        own = float(np.exp(np.median(groups[who])))
        said = {"own": Plain(f"{own:.0f}"), "usual": Plain(f"{np.exp(np.median(middles)):.0f}")}
        yield DURATION.group(parsed, name, f"interviewer {work.names[who]}", **said)


def _far(middles: Floats) -> NDArray[np.bool_]:
    off = np.abs(middles - np.median(middles))
    spread = 1.4826 * float(np.median(off))
    return np.asarray(off > max(FAR * spread, np.log(LONGER)))
