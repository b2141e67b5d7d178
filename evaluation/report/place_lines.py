"""Checks of places read for one outcome: each place, and what is withheld."""

from dataclasses import dataclass

from evaluation.locale.messages import wording
from evaluation.report import formats, words
from evaluation.report.check_lines import CheckLine, some_lines
from evaluation.report.sources import Source
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """One check of places for one outcome.

    Attributes
    ----------
    strata : tuple of CheckLine
        In recorded order, each with its effect or the reason that there is none.
    """

    source: Source
    check: Check
    outcome: Outcome
    strata: tuple[CheckLine, ...]

    @property
    def shown(self) -> list[Estimate]:
        """Effects that may be published."""
        return [x.found for x in self.strata if isinstance(x.found, Estimate)]


def places_of(source: Source, check: Check, outcome: Outcome) -> Places:
    """The places of a check.

    Raises
    ------
    ReportError
        There is neither an effect nor a reason.
    """
    lines = some_lines(source, check, outcome)
    return Places(source=source, check=check, outcome=outcome, strata=lines)


def place(line: CheckLine) -> str:
    """Name of a place, as the study's files have it."""
    return line.sample.value


def sentence(made: Places) -> str:
    """From where to where the effects of the places of an outcome go."""
    language, outcome = made.source.language, made.outcome
    name = f"{outcome.label[language]}, {words.in_sentence(made.check.label[language])}"
    if not made.shown:
        return wording("places-none", language, name=name)
    ends = (f(e.estimate for e in made.shown) for f in (min, max))
    low, high = (formats.signed(x, outcome.decimals, language) for x in ends)
    unit = words.short_unit(outcome.unit, language)
    return wording("places-between", language, name=name, low=low, high=high, unit=unit)
