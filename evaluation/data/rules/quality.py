"""Judgements of quality: warnings about interviews, outlying numbers, contamination and the clock.

None of them stops a build; each names rows or a column that somebody should look at.
"""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.dictionary import MISSING_KINDS, Variable
from evaluation.config.study import Study
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import row_clusters
from evaluation.data.rules.rule import (
    END,
    START,
    DataRule,
    Declared,
    Rows,
    interviewers,
    minutes,
    of_round,
    questions,
    starts,
)
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Count, Plain, message

OUTLIER = DataRule("outlier", "warn")
NUMBERS_FAR_BEYOND = DataRule("outlier", "info", "numbers-far-beyond", "use-yes-no")
EXPOSURE_IN_COMPARISON = DataRule("exposure-in-comparison", "warn")
LONG_INTERVIEW = DataRule("long-interview", "info")
DUPLICATE_INTERVIEW = DataRule("duplicate-interview", "warn")
SHORT_INTERVIEW = DataRule("short-interview", "warn")
HEAPING = DataRule("heaping", "warn")
MISSING_CODE_AS_NUMBER = DataRule("missing-code-as-number", "warn")


# Tukey's outer fence lies 4.7 standard deviations from the middle of a normal distribution: seven
# times the distance from the median to a quartile. Each side has its own, as answers lean.
FENCE = 7.0
SMALLEST = 50
# More answers than this beyond the fence are a heavy tail, not single slips.
RARE = 0.01

Floats = NDArray[np.float64]


@of_round
def outliers(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Counts and numbers beyond robust bounds: of their logarithm where they cannot be negative."""
    for name in questions(parsed, declared, "count", "number"):
        values = parsed.numbers(name)
        beyond = far_out(values)
        number = Count(beyond.sum(), "interviews")
        if number.n > RARE * np.sum(~np.isnan(values)):
            yield NUMBERS_FAR_BEYOND.at(parsed, name, number=number)
        else:
            yield from OUTLIER.rows(parsed, beyond, name)


def far_out(values: Floats) -> NDArray[np.bool_]:
    """Values beyond the fences; none where too few, or half of them on one spot.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing. Without negative values the logarithm of one more is judged, and only
        above: amounts differ by factors, and small ones are common.
    """
    given = values[~np.isnan(values)]
    if len(given) < SMALLEST:
        return np.zeros(len(values), dtype=bool)
    factors = bool(given.min() >= 0)
    scale = np.log1p(values) if factors else values
    low, middle, high = np.nanquantile(scale, [0.25, 0.5, 0.75])
    above = (scale > middle + FENCE * (high - middle)) & (high > middle)
    below = (scale < middle - FENCE * (middle - low)) & (low < middle)
    return np.asarray(above if factors else above | below)


@of_round
def long_interviews(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews far longer than the others: a form left open, or filled in afterwards."""
    lengths, name = minutes(parsed, declared), declared.study.columns.duration
    if lengths is None or name is None:
        return []
    return LONG_INTERVIEW.rows(parsed, far_out(lengths), name)


BATTERY_TYPES = ("binary", "ordinal", "nominal", "count")
# with fewer answers two honest interviews may well be the same
SMALLEST_BATTERY = 25
# reports at 5, 10, 15, ... against the mean of their two neighbours
HEAPING_RATIO = 2.0
HEAPING_SMALLEST = 20
# answers of a scale, where one in the middle or at an end may well be the most common
LONGEST_SCALE = 7
HEAPING_LARGEST = 100
# numbers that are missing codes elsewhere in the file, against the ten numbers around each
CODES_RATIO = 4.0
CODES_AROUND = 5
EXPOSURE_SHARE = 0.10
EXPOSURE_SMALLEST = 10


@of_round
def duplicate_interviews(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviews of one cluster with different ids and the same answer to every question."""
    name, variables = declared.study.columns.respondent, declared.dictionary.variables
    names = [n for n in parsed.columns if _in_battery(variables[n], declared.study)]
    if len(names) < SMALLEST_BATTERY:
        # the second in which the interview began tells more than a battery
        names = [n for n in parsed.columns if n != name and START in parsed.columns]
    if not names or not len(parsed.lines):
        return
    places = pd.factorize(row_clusters(parsed, declared.frame))[0]
    coded = [places, *(parsed.columns[name].codes for name in names)]
    hashes = _row_hashes(coded)
    ids = parsed.columns[name].values
    first: dict[int, int] = {}
    for row in np.flatnonzero(parsed.consented):
        before = first.setdefault(hashes[row], int(row))
        if before == row or ids[before] == ids[row]:
            continue
        if all(codes[before] == codes[row] for codes in coded):
            said = {"n": Plain(len(names)), "key": Plain(parsed.key(before))}
            yield DUPLICATE_INTERVIEW.at(parsed, name, row, **said)


def _row_hashes(columns: Sequence[NDArray[np.integer[Any]]]) -> list[int]:
    """One number for each row: equal rows have equal ones, and other rows hardly ever.

    Notes
    -----
    A sum of the codes, each times a fixed random odd number of 64 bits (multilinear hashing; see
    Lemire and Kaser 2014, The Computer Journal 57, 1624-1638, section 2).
    """
    factors = np.random.default_rng(len(columns)).integers(2**63, size=len(columns)) * 2 + 1
    found = np.zeros(len(columns[0]), dtype=np.int64)
    for codes, factor in zip(columns, factors, strict=True):
        found += codes * factor
    return found.tolist()


def _in_battery(variable: Variable, study: Study) -> bool:
    columns = study.columns
    design = (columns.cluster, columns.arm, columns.enumerator, columns.weight, columns.duration)
    return variable.type in BATTERY_TYPES and variable.name not in design


@of_round
def short_interviews(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Interviews shorter than the study's threshold."""
    name, threshold = declared.study.columns.duration, declared.study.short_interview_minutes
    if name is None or name not in parsed.columns or threshold <= 0:
        return
    for row in np.flatnonzero(parsed.numbers(name) < threshold):
        yield SHORT_INTERVIEW.at(parsed, name, row, threshold=Plain(f"{threshold:g}"))


@of_round
def heaping(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Counts that pile up at multiples of five."""
    for name, column in parsed.columns.items():
        if declared.dictionary.variables[name].type != "count":
            continue
        given = column.values[column.observed].astype(float)
        if 1 < len(np.unique(given)) <= LONGEST_SCALE:
            continue
        ratio = heaping_ratio(given)
        if ratio > HEAPING_RATIO:
            yield HEAPING.at(parsed, name, ratio=Plain(f"{ratio:.1f}"))


def heaping_ratio(counts: NDArray[np.float64]) -> float:
    """Answers at multiples of five over the mean of the answers one below and one above.

    Answers above ``HEAPING_LARGEST`` are left out: people round amounts of money as a matter of
    course. 0 where fewer than ``HEAPING_SMALLEST`` answers are multiples of five: too few to judge.
    """
    positive = counts[(counts > 0) & (counts <= HEAPING_LARGEST)]
    at = np.sum(positive % 5 == 0)
    beside = np.sum(((positive % 5 == 4) | (positive % 5 == 1)) & (positive >= 4)) / 2
    if at < HEAPING_SMALLEST:
        return 0.0
    return float(at / max(beside, 1.0))


@of_round
def missing_codes(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Numbers that pile up at a missing code of other questions: 88 people of 88 years of age."""
    dictionary, source = declared.dictionary, parsed.file.source
    lists = {name: dictionary.missing_codes(name, source) for name in parsed.columns}
    used = {
        float(code)
        for codes in lists.values()
        if codes is not None
        for kind in MISSING_KINDS
        for code in getattr(codes, kind)
        if code.isascii() and code.isdecimal()
    }
    for name, column in parsed.columns.items():
        if dictionary.variables[name].type not in ("count", "number") or lists[name] is None:
            continue
        values = column.values[column.observed & parsed.consented].astype(float)
        piles = [f"{code:g}" for code in sorted(used) if _piles_up(values, code)]
        if piles:
            yield MISSING_CODE_AS_NUMBER.at(parsed, name, piles=Plain(", ".join(piles)))


def _piles_up(values: NDArray[np.float64], code: float) -> bool:
    at = int(np.sum(values == code))
    around = int(np.sum((np.abs(values - code) <= CODES_AROUND) & (values != code)))
    usual = max(around / (2 * CODES_AROUND), 1.0)
    return at > CODES_RATIO * usual


@of_round
def exposure(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Comparison clusters where many respondents took part in the programme."""
    name = declared.study.columns.exposure
    if name is None or name not in parsed.columns or parsed.file.round == declared.study.rounds[0]:
        return []
    places = row_clusters(parsed, declared.frame)
    arms = declared.frame.lookup(declared.frame.arm, places)
    column = parsed.columns[name]
    use = np.isin(arms, declared.study.arms_without_any()) & column.observed & parsed.consented
    shares = pd.Series(column.values[use].astype(float)).groupby(places[use]).agg(["mean", "size"])
    exposed = shares[(shares["mean"] > EXPOSURE_SHARE) & (shares["size"] >= EXPOSURE_SMALLEST)]
    share = Plain(f"{EXPOSURE_SHARE:.0%}")
    return [
        EXPOSURE_IN_COMPARISON.group(parsed, name, f"cluster {cluster}", exposure_share=share)
        for cluster in sorted(exposed.index)
    ]


NIGHT_INTERVIEW = DataRule("night-interview", "warn")
NIGHT_ROUND = DataRule("night-interview", "warn", "interviews-began-before", "ask-office-time")
OVERLAPPING_INTERVIEWS = DataRule("overlapping-interviews", "warn")
OVERLAPPING_ROUND = DataRule(
    "overlapping-interviews", "warn", "interviews-began", "ask-office-what"
)
ENDS_BEFORE_START = DataRule("ends-before-start", "warn")
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


@of_round
def ends(parsed: Parsed, _: Declared) -> list[Finding]:
    """Interviews that ended before they began."""
    moments = starts(parsed)
    if moments is None or END not in parsed.columns:
        return []
    ended = parsed.columns[END].as_type("datetime64[s]")
    known = ~np.isnat(moments) & ~np.isnat(ended)
    before = known & (ended < moments)
    return _or_whole(
        ENDS_BEFORE_START.rows(parsed, before, END),
        ENDS_BEFORE_START.at(parsed, END),
        judged=int((known & parsed.consented).sum()),
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
