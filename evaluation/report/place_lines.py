"""Checks of places read for one outcome: each place, their pooled mean, what is withheld."""

from dataclasses import dataclass

from evaluation.report import check_records as records
from evaluation.report import formats, words
from evaluation.report.check_lines import CheckLine, lines_of
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
    source, outcome = made.source, made.outcome
    name = (
        f"{outcome.label[source.language]}, {words.in_sentence(made.check.label[source.language])}"
    )
    if isinstance(made.pooled, Unavailable):
        return f"{name}: places cannot be pooled ({made.pooled.reason})."
    if made.hidden or not isinstance(made.prediction, Bound):
        return f"{name}: the pooled effect is not shown."
    unit = words.short_unit(outcome.unit, source.language)
    pooled, one_more = made.pooled, made.prediction
    effect = formats.signed(pooled.estimate, outcome.decimals)
    interval = formats.interval(pooled.ci_low, pooled.ci_high, outcome.decimals)
    prediction = formats.interval(one_more.low, one_more.high, outcome.decimals)
    return (
        f"{name}: the pooled effect is {effect} {unit} ({formats.percent(pooled.level)} interval"
        f" {interval}); in one more place it would lie between"
        f" {prediction.replace(' to ', ' and ')} {unit}, local shocks included."
    )
