"""One line of a panel's results: a specification with its estimate, as a change in percent."""

import math
from collections.abc import Iterator

from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Diagnostic, Estimate, Trend, Unavailable
from evaluation.estimation.row_keys import WHOLE, RowKey
from evaluation.locale.messages import wording
from evaluation.report import effect_rows
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell
from evaluation.report.sources import Source, find

RATIO = "log ratio"
MEAN, POOLED = "municipal_rate", "pooled_rate"


class SpecificationLine(effect_rows.EffectLine):
    """A specification of the plan with its record, or why there is none."""

    __slots__ = ()

    @property
    def label(self) -> str:
        """Its name in the language of the exhibit."""
        return self.specification.label[self.source.language]

    @property
    def is_ratio(self) -> bool:
        """Whether the record is the log of a ratio."""
        return self.outcome.unit == RATIO

    def percent(self) -> tuple[float, float, float]:
        """Estimate and interval as changes in percent; not numbers where there is no record.

        A rate is set against the treated clusters' mean rate of the years before.
        """
        if not isinstance(self.found, Estimate):
            return math.nan, math.nan, math.nan
        values = (self.found.estimate, self.found.ci_low, self.found.ci_high)
        if self.is_ratio:
            one, low, high = (round(100.0 * math.expm1(x), 2) for x in values)
        else:
            mean = mean_before(self.source)
            one, low, high = (round(100.0 * x / mean, 2) for x in values)
        return one, low, high


def lines(exhibit: Exhibit, source: Source) -> list[SpecificationLine]:
    """The specifications that an exhibit names, in its order, each by the step it is read by.

    Parameters
    ----------
    exhibit : Exhibit
    source : Source
    """
    return [line(source, name) for name in exhibit.specifications]


def line(source: Source, name: str, step: str = "") -> SpecificationLine:
    """One specification.

    Parameters
    ----------
    source : Source
    name : str
    step : str, optional
        Inference step; the one it is read by where none is named.
    """
    specification = source.specification(name)
    (outcome,) = source.plan.outcomes_of(specification)
    wanted = step or source.plan.read_by(specification)
    found = find(source, outcome.id, specification=specification, step=wanted)
    return SpecificationLine(
        source=source, specification=specification, outcome=outcome, found=found
    )


def answers(source: Source) -> list[SpecificationLine]:
    """The ratios that the plan answers with: the primary one first."""
    named = [
        s
        for s in source.plan.specification
        if s.panel is not None and s.panel.group == "answer" and s.method == "poisson"
    ]
    named.sort(key=lambda s: s.status != "primary")
    return [line(source, s.id) for s in named]


def spelt(years: str, language: str) -> str:
    """Years of a contrast in words: ``2021``, or ``2021 to 2024``.

    Parameters
    ----------
    years : str
        As the plan writes them.
    language : {"en", "es"}
    """
    first, _, last = years.partition("-")
    return wording("format.range", language, low=first, high=last) if last else first


def by_year(source: Source) -> list[Estimate]:
    """Estimates of the event study, in the order of the years."""
    names = [s.id for s in source.plan.specification if s.method == "event_study"]
    return [e for e in source.records.estimates if e.specification in names]


def quantity(source: Source, specification: str, name: str, sample: RowKey = WHOLE) -> float | None:
    """A quantity beside a specification; None where there is none.

    Parameters
    ----------
    source : Source
    specification, name : str
    sample : RowKey
    """
    return next(
        (
            d.value
            for d in source.records.diagnostics
            if (d.specification, d.name, d.sample) == (specification, name, sample)
        ),
        None,
    )


def beside(source: Source, specification: str) -> Iterator[Diagnostic]:
    """Quantities beside a specification."""
    return (d for d in source.records.diagnostics if d.specification == specification)


def mean_before(source: Source) -> float:
    """Mean of the treated clusters' rates in the years before, of the primary contrast."""
    before = source.plan.primary_specification().contrast[0]
    return trend(source, MEAN, treated_arm(source), before).mean


def treated_arm(source: Source) -> str:
    """Id of the treated group."""
    panel = source.configuration.study.panel
    return panel.treated.arm if panel is not None else ""


def trend(source: Source, series: str, arm: str, period: str) -> Trend:
    """The record of a series, group and period.

    Parameters
    ----------
    source : Source
    series, arm, period : str
    """
    return next(
        t for t in source.records.trends if (t.series, t.arm, t.period) == (series, arm, period)
    )


def percents(one: SpecificationLine) -> tuple[Cell, Cell, Cell]:
    """Change and interval as cells, or the reason and nothing."""
    if isinstance(one.found, Unavailable):
        reason = table.unavailable(one.found.reason, one.source.language)
        return reason, table.none(), table.none()
    cells = [table.effect(x, decimals=0, unit="%") for x in one.percent()]
    return cells[0], cells[1], cells[2]


def change(value: float, language: str) -> str:
    """A change in percent as it is said: ``21% lower``, ``9% higher``.

    Parameters
    ----------
    value : float
        In percent.
    language : {"en", "es"}
    """
    size = number_format.share(abs(value) / 100.0, 0, language)
    way = "lower" if value < 0 else "higher"
    return wording(f"panel.{way}", language, size=size)


def place_name(name: str) -> str:
    """A name of a place as it is written: the list has capitals only.

    Parameters
    ----------
    name : str
    """
    small = {"De", "Del", "La", "Las", "Los", "El", "Y"}
    parts = name.title().split()
    return " ".join(p.lower() if k and p in small else p for k, p in enumerate(parts))
