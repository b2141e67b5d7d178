"""Judgements of quality: warnings about interviews, outlying numbers and contamination.

None of them stops a build; each names rows or a column that somebody should look at.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import Rule, of_round
from evaluation.data.rules.rule_context import Declared, minutes, questions
from evaluation.data.timing import row_clusters
from evaluation.locale.messages import Count, Plain
from evaluation.study.dictionary import MISSING_KINDS, Variable
from evaluation.study.records import Finding
from evaluation.study.study import Study

OUTLIER = Rule("outlier", "warn", "numbers")
NUMBERS_FAR_BEYOND = Rule(
    "outlier", "info", "numbers", problem="numbers-far-beyond.problem", fix="use-yes-no.fix"
)
EXPOSURE_IN_COMPARISON = Rule("exposure-in-comparison", "warn", "exposure")
LONG_INTERVIEW = Rule("long-interview", "info", "duration")
DUPLICATE_INTERVIEW = Rule("duplicate-interview", "warn", "respondent")
SHORT_INTERVIEW = Rule("short-interview", "warn", "duration")
HEAPING = Rule("heaping", "warn", "numbers")
MISSING_CODE_AS_NUMBER = Rule("missing-code-as-number", "warn", "numbers")


# Tukey's outer fence lies 4.7 standard deviations from the middle of a normal distribution: seven
# times the distance from the median to a quartile. Each side has its own, as answers lean.
FENCE = 7.0
SMALLEST = 50
# More answers than this beyond the fence are a heavy tail, not single slips.
RARE = 0.01

Floats = NDArray[np.float64]


@of_round
def outliers(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Counts and numbers beyond robust bounds: of their logarithm where they cannot be negative."""
    findings: list[Finding] = []
    for name in questions(parsed, declared, "count", "number"):
        values = np.where(parsed.consented, parsed.columns[name].values.astype(float), np.nan)
        beyond = far_out(values)
        column, number = declared.raw(parsed, name), int(beyond.sum())
        if number > RARE * np.sum(~np.isnan(values)):
            findings.append(_heavy(parsed, column, number))
            continue
        findings += OUTLIER.rows(parsed, beyond, column)
    return findings


def _heavy(parsed: Parsed, column: str, number: int) -> Finding:
    return NUMBERS_FAR_BEYOND.about(parsed.file, column, number=Count(number, "interviews"))


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
    return LONG_INTERVIEW.rows(parsed, far_out(lengths), declared.raw(parsed, name))


START = "start_time"
BATTERY_TYPES = ("binary", "ordinal", "nominal", "count")
# with fewer answers two honest interviews may well be the same
SMALLEST_BATTERY = 25
# reports at 5, 10, 15, ... against the mean of their two neighbours
HEAPING_RATIO = 2.0
HEAPING_SMALLEST = 20
HEAPING_LARGEST = 100
# numbers that are missing codes elsewhere in the file, against the ten numbers around each
CODES_RATIO = 4.0
CODES_AROUND = 5
EXPOSURE_SHARE = 0.10
EXPOSURE_SMALLEST = 10


@of_round
def duplicate_interviews(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews of one cluster with different ids and the same answer to every question."""
    names = [
        n for n in parsed.columns if _in_battery(declared.dictionary.variables[n], declared.study)
    ]
    if len(names) < SMALLEST_BATTERY and START in parsed.columns:
        # the second in which the interview began tells more than a battery
        names = [n for n in parsed.columns if n != declared.study.columns.respondent]
    elif len(names) < SMALLEST_BATTERY:
        return []
    if not len(parsed.lines):
        return []
    places = pd.factorize(row_clusters(parsed, declared.frame))[0]
    coded = [places, *(parsed.columns[name].codes for name in names)]
    hashes = _row_hashes(coded)
    ids = parsed.columns[declared.study.columns.respondent].values
    name = declared.study.columns.respondent
    first: dict[int, int] = {}
    findings = []
    for row in np.flatnonzero(parsed.consented):
        before = first.setdefault(hashes[row], int(row))
        if before == row or ids[before] == ids[row]:
            continue
        if all(codes[before] == codes[row] for codes in coded):
            key = f"{parsed.file.path}:{parsed.lines[before]}"
            findings.append(
                DUPLICATE_INTERVIEW.about(
                    parsed.file,
                    declared.raw(parsed, name),
                    parsed.lines[row],
                    n=Plain(len(names)),
                    key=Plain(key),
                )
            )
    return findings


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
def short_interviews(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews shorter than the study's threshold."""
    name, threshold = declared.study.columns.duration, declared.study.short_interview_minutes
    if name is None or name not in parsed.columns or threshold <= 0:
        return []
    short = (parsed.columns[name].values < threshold) & parsed.consented
    return [
        SHORT_INTERVIEW.about(
            parsed.file,
            declared.raw(parsed, name),
            parsed.lines[row],
            threshold=Plain(f"{threshold:g}"),
        )
        for row in np.flatnonzero(short)
    ]


@of_round
def heaping(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Counts that pile up at multiples of five."""
    findings = []
    for name, column in parsed.columns.items():
        if declared.dictionary.variables[name].type != "count":
            continue
        ratio = heaping_ratio(column.values[column.observed].astype(float))
        if ratio > HEAPING_RATIO:
            findings.append(
                HEAPING.about(parsed.file, declared.raw(parsed, name), ratio=Plain(f"{ratio:.1f}"))
            )
    return findings


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
def missing_codes(parsed: Parsed, declared: Declared) -> list[Finding]:
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
    findings = []
    for name, column in parsed.columns.items():
        if dictionary.variables[name].type not in ("count", "number") or lists[name] is None:
            continue
        values = column.values[column.observed & parsed.consented].astype(float)
        piles = [f"{code:g}" for code in sorted(used) if _piles_up(values, code)]
        if piles:
            findings.append(
                MISSING_CODE_AS_NUMBER.about(
                    parsed.file, declared.raw(parsed, name), piles=Plain(", ".join(piles))
                )
            )
    return findings


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
    return [
        EXPOSURE_IN_COMPARISON.group(
            parsed.file,
            declared.raw(parsed, name),
            f"cluster {cluster}",
            exposure_share=Plain(f"{EXPOSURE_SHARE:.0%}"),
        )
        for cluster in sorted(exposed.index)
    ]
