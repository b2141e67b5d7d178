"""Numbers far beyond the others, and interviews far longer than the others."""

import numpy as np
from numpy.typing import NDArray

from evaluation.data.answers import minutes, questions
from evaluation.data.declared import Declared, Verdict, row_findings
from evaluation.data.finding import about_file
from evaluation.data.parse import Parsed
from evaluation.locale.messages import Count, message
from evaluation.spec.records import Finding

# Tukey's outer fence lies 4.7 standard deviations from the middle of a normal distribution: seven
# times the distance from the median to a quartile. Each side has its own, as answers lean.
FENCE = 7.0
SMALLEST = 50
# More answers than this beyond the fence are a heavy tail, not single slips.
RARE = 0.01

Floats = NDArray[np.float64]


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
        verdict = Verdict(
            rule="outlier",
            severity="warn",
            problem=message("outlier.problem"),
            mend=message("outlier.mend"),
        )
        findings += row_findings(parsed, beyond, column=column, verdict=verdict)
    return findings


def _heavy(parsed: Parsed, column: str, number: int) -> Finding:
    return about_file(
        parsed.file,
        rule="outlier",
        severity="info",
        column=column,
        problem=message("numbers-far-beyond.problem", number=Count(number, "interviews")),
        mend=message("use-yes-no.mend"),
    )


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


def long_interviews(parsed: Parsed, declared: Declared) -> list[Finding]:
    """Interviews far longer than the others: a form left open, or filled in afterwards."""
    lengths, name = minutes(parsed, declared), declared.study.columns.duration
    if lengths is None or name is None:
        return []
    verdict = Verdict(
        rule="long-interview",
        severity="info",
        problem=message("long-interview.problem"),
        mend=message("long-interview.mend"),
    )
    return row_findings(
        parsed, far_out(lengths), column=declared.raw(parsed, name), verdict=verdict
    )
