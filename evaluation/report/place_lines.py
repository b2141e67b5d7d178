"""Checks of places read for one outcome: each place, their pooled mean, what is withheld."""

from dataclasses import dataclass

from evaluation.report import check_records as records
from evaluation.report import formats, whom_notes, words
from evaluation.report.check_lines import CheckLine, lines_of
from evaluation.report.reasons import in_language
from evaluation.report.sources import Source
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Bound, Estimate, Unavailable

POOLED, PREDICTION = "pooled", "prediction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One check of places for one outcome.

    Attributes
    ----------
    strata : tuple of CheckLine
        In recorded order, each with its effect or the reason that there is none.
    hidden : frozenset of str
        Samples that the disclosure rule withholds; with a place goes what pools it.
    """

    source: Source
    check: Check
    outcome: Outcome
    strata: tuple[CheckLine, ...]
    pooled: Estimate | Unavailable
    prediction: Bound | Unavailable | None
    hidden: frozenset[str]


def places_of(source: Source, check: Check, outcome: Outcome) -> Places:
    """The places of a check, their pooled mean and the prediction interval.

    Raises
    ------
    ReportError
        There is neither a pooled mean nor a reason.
    """
    lines = {line.sample: line for line in lines_of(source, check, outcome)}
    if POOLED not in lines:
        raise records.missing(source, check, outcome)
    pooled = lines.pop(POOLED).found
    hidden = {
        name
        for name, line in lines.items()
        if isinstance(line.found, Estimate) and records.withheld(source, line.found)
    }
    return Places(
        source=source,
        check=check,
        outcome=outcome,
        strata=tuple(lines.values()),
        pooled=pooled,
        prediction=records.bound(source, check, outcome, sample=PREDICTION),
        hidden=frozenset({*hidden, POOLED, PREDICTION} if hidden else ()),
    )


def place(line: CheckLine) -> str:
    """Name of a place, as the study's files have it."""
    return line.sample.partition(":")[2]


def sentence(made: Places) -> str:
    """Pooled mean, prediction interval and spread of the places of an outcome."""
    language, outcome = made.source.language, made.outcome
    name = f"{outcome.label[language]}, {words.in_sentence(made.check.label[language])}"
    if isinstance(made.pooled, Unavailable):
        reason = in_language(made.pooled.reason, language)
        return whom_notes.NOT_POOLED[language].format(name=name, reason=reason)
    if made.hidden or not isinstance(made.prediction, Bound):
        return whom_notes.POOLED_HIDDEN[language].format(name=name)
    pooled, one_more, decimals = made.pooled, made.prediction, outcome.decimals
    return whom_notes.POOLED_EFFECT[language].format(
        name=name,
        effect=formats.signed(pooled.estimate, decimals, language),
        unit=words.short_unit(outcome.unit, language),
        level=formats.percent(pooled.level, language),
        interval=formats.interval(pooled.ci_low, pooled.ci_high, decimals, language),
        low=formats.signed(one_more.low, decimals, language),
        high=formats.signed(one_more.high, decimals, language),
    )
