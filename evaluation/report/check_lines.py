"""Rows of the plan's checks for one outcome."""

from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.report.check_records import missing
from evaluation.report.sources import Source
from evaluation.report.variants import variant
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Estimate, Unavailable
from evaluation.spec.row_keys import WHOLE, RowKey

# Steps a row is read by, the first that it has; the plan's primary one comes before them.
READ_BY = ("cv3", "conley", "two_way", "cr2")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One row of a check: the estimate it is read by, or why it cannot be had.

    ``alone`` is the check's only row: its name says all.
    """

    source: Source
    check: Check
    outcome: Outcome
    sample: RowKey
    found: Estimate | Unavailable
    alone: bool = False

    @property
    def id(self) -> str:
        """Row id: the check's, and what tells its rows apart."""
        if self.sample == WHOLE:
            return self.check.id
        kept = "".join(c if c.isalnum() and c.isascii() else "_" for c in self.sample.text())
        return f"{self.check.id}-{kept}"

    @property
    def label(self) -> str:
        """The check's name, and what tells its rows apart, in words."""
        name = self.check.label[self.source.language]
        if self.alone:
            return name
        said = variant(self.sample, self.check, self.source)
        return f"{name}: {said}" if said else name


def lines_of(source: Source, check: Check, outcome: Outcome) -> Iterator[CheckLine]:
    """Every row of a check for an outcome, in recorded order."""
    place = (outcome.id, check.id)
    estimates = [e for e in source.records.check_estimates if (e.outcome, e.specification) == place]
    absent = [
        u
        for u in source.records.check_unavailable
        if (u.outcome, u.specification) == place and u.step in (*_order(source), "all")
    ]
    samples = dict.fromkeys((*(e.sample for e in estimates), *(u.sample for u in absent)))
    for sample in samples:
        found = _read(source, [e for e in estimates if e.sample == sample])
        reasons = [u for u in absent if u.sample == sample]
        if found is not None or reasons:
            yield CheckLine(
                source=source,
                check=check,
                outcome=outcome,
                sample=sample,
                found=found or reasons[-1],
                alone=len(samples) == 1,
            )


def some_lines(source: Source, check: Check, outcome: Outcome) -> tuple[CheckLine, ...]:
    """Every row of a check for an outcome, of which there is one at least.

    Raises
    ------
    ReportError
        There is neither a result nor a reason.
    """
    lines = tuple(lines_of(source, check, outcome))
    if not lines:
        raise missing(source, check, outcome)
    return lines


def _order(source: Source) -> tuple[str, ...]:
    return (source.plan.checked().inference.primary_step, *READ_BY)


def _read(source: Source, estimates: list[Estimate]) -> Estimate | None:
    for step in _order(source):
        for estimate in estimates:
            if estimate.step == step:
                return estimate
    return None
