"""Rows of the plan's checks for one outcome: found, named, or why there are none."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check, Outcome, Specification
from evaluation.errors import ReportError
from evaluation.estimation.records import Bound, Diagnostic, Estimate, Unavailable
from evaluation.estimation.row_keys import WHOLE, RowKey
from evaluation.report import estimate_rows
from evaluation.report.check_labels import variant
from evaluation.report.formats import words
from evaluation.report.formats.table import Cell, Row
from evaluation.report.sources import Source, find


def checks_of(source: Source, *kinds: str) -> tuple[Check, ...]:
    """Checks of these kinds, in plan order.

    Parameters
    ----------
    source : Source
    kinds : str

    Raises
    ------
    ReportError
        The plan has none: an exhibit of nothing is a mistake in the registry.
    """
    found = tuple(check for check in source.plan.check if check.kind in kinds)
    if not found:
        raise ReportError.of(
            "plan-no-check",
            "take-exhibit-out",
            f"plan of {source.configuration.study.id}",
            rule="missing-record",
            kinds=", ".join(kinds),
        )
    return found


def outcomes_of(exhibit: Exhibit, source: Source, check: Check) -> tuple[Outcome, ...]:
    """Outcomes of a check that an exhibit shows, in the plan's order.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes; all of the check where it names none.
    source : Source
    check : Check
    """
    named = source.plan.outcomes_of_check(check)
    return tuple(o for o in named if not exhibit.outcomes or o.id in exhibit.outcomes)


def results(exhibit: Exhibit, source: Source, checks: Iterable[Check]) -> tuple["CheckResult", ...]:
    """Each check with each of its outcomes that an exhibit shows, in the plan's order.

    Parameters
    ----------
    exhibit : Exhibit
    source : Source
    checks : iterable of Check
    """
    return tuple(
        CheckResult(source=source, check=check, outcome=outcome)
        for check in checks
        for outcome in outcomes_of(exhibit, source, check)
    )


def primary(source: Source, outcome: Outcome) -> Estimate | Unavailable:
    """The primary estimate of an outcome as it is published, or why it is unavailable.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    """
    return _estimate_of(source, outcome, source.plan.primary_specification())


def base(source: Source, outcome: Outcome) -> Estimate | Unavailable:
    """The estimate that the checks of an outcome depart from: the primary one, or the plan's.

    Parameters
    ----------
    source : Source
    outcome : Outcome
    """
    return _estimate_of(source, outcome, source.plan.checked().primary_specification())


def base_label(source: Source) -> str:
    """What the estimate that checks depart from is called: primary, or its specification's name."""
    departs = source.plan.checked().primary_specification()
    if departs.id == source.plan.primary_specification().id:
        return source.wording("primary-estimate")
    return departs.label[source.language]


def _estimate_of(
    source: Source, outcome: Outcome, specification: Specification
) -> Estimate | Unavailable:
    step = source.plan.read_by(specification)
    return find(source, outcome.id, specification=specification, step=step)


def answers(source: Source, checks: Sequence[Check]) -> str:
    """What each check answers and assumes, from the plan.

    Parameters
    ----------
    source : Source
    checks : sequence of Check
    """
    language = source.language
    answered = (f"{check.label[language]}: {check.answers[language]}" for check in checks)
    return words.labelled(source.wording("check.what-each"), *answered)


# Steps a row is read by, the first that it has; the plan's primary one comes before them.
READ_BY = ("cv3", "conley", "two_way", "cr2")


def row_id(check: str, sample: RowKey) -> str:
    """Id of a row of a check: the check's, and what tells its rows apart.

    Parameters
    ----------
    check : str
    sample : RowKey
    """
    kept = "".join(c if c.isalnum() and c.isascii() else "_" for c in sample.text())
    return check if sample == WHOLE else f"{check}-{kept}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One row of a check: the estimate it is read by, or why it is unavailable.

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
        return row_id(self.check.id, self.sample)

    @property
    def label(self) -> str:
        """The check's name, and what tells its rows apart, in words."""
        name = self.check.label[self.source.language]
        if self.alone:
            return name
        told_apart = variant(self.sample, self.check, self.source)
        return f"{name}: {told_apart}" if told_apart else name


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What the records hold of one check for one outcome."""

    source: Source
    check: Check
    outcome: Outcome

    @property
    def key(self) -> tuple[str, str]:
        """Outcome and check, as every record of them has them."""
        return self.outcome.id, self.check.id

    @property
    def base(self) -> Estimate | Unavailable:
        """The estimate that the check departs from."""
        return base(self.source, self.outcome)

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Named quantities, in recorded order."""
        records = self.source.records.check_diagnostics
        return [d for d in records if (d.outcome, d.specification) == self.key]

    @property
    def unavailable(self) -> list[Unavailable]:
        """What is unavailable, in recorded order."""
        records = self.source.records.check_unavailable
        return [u for u in records if (u.outcome, u.specification) == self.key]

    def quantity(self, name: str, sample: RowKey = WHOLE) -> float | Unavailable | None:
        """A named diagnostic, why it is unavailable, or None if it was not made.

        Parameters
        ----------
        name : str
            Name or step of the record.
        sample : RowKey, optional
            What the record is about.
        """
        key = (*self.key, sample, name)
        for found in self.source.records.check_diagnostics:
            if (found.outcome, found.specification, found.sample, found.name) == key:
                return found.value
        return self.absent(sample, step=name)

    def quantities(self, *names: str, sample: RowKey = WHOLE) -> tuple[float, ...] | None:
        """Named diagnostics; None where one was not made or is unavailable.

        Parameters
        ----------
        names : str
        sample : RowKey, optional
        """
        values = [self.quantity(name, sample) for name in names]
        known = tuple(x for x in values if isinstance(x, float))
        return known if len(known) == len(names) else None

    def bound(self, sample: RowKey) -> Bound | Unavailable | None:
        """A range, why it is unavailable, or None if it was not asked for."""
        for found in self.source.records.bounds:
            if (found.outcome, found.specification, found.sample) == (*self.key, sample):
                return found
        return self.absent(sample)

    def absent(self, sample: RowKey = WHOLE, step: str = "") -> Unavailable | None:
        """Why something is unavailable.

        Parameters
        ----------
        sample : RowKey, optional
        step : str, optional
            Empty for any.
        """
        for found in self.unavailable:
            if found.sample == sample and (step in ("", found.step) or found.step == "all"):
                return found
        return None

    def missing(self) -> ReportError:
        """The error for a check of which there is neither a result nor a reason."""
        return ReportError.of(
            "check-neither",
            "run-robustness",
            f"robustness records of {self.source.configuration.study.id}",
            rule="missing-record",
            id=self.check.id,
            id_other=self.outcome.id,
        )

    def lines(self) -> Iterator[CheckLine]:
        """Every row, in recorded order."""
        estimates = [
            e
            for e in self.source.records.check_estimates
            if (e.outcome, e.specification) == self.key
        ]
        steps = (*_order(self.source), "all")
        absent = [u for u in self.unavailable if u.step in steps]
        samples = dict.fromkeys((*(e.sample for e in estimates), *(u.sample for u in absent)))
        for sample in samples:
            found = _read_by(self.source, [e for e in estimates if e.sample == sample])
            reasons = [u for u in absent if u.sample == sample]
            if found is not None or reasons:
                yield CheckLine(
                    source=self.source,
                    check=self.check,
                    outcome=self.outcome,
                    sample=sample,
                    found=found or reasons[-1],
                    alone=len(samples) == 1,
                )

    def some_lines(self) -> tuple[CheckLine, ...]:
        """Every row, of which there is one at least.

        Raises
        ------
        ReportError
            There is neither a result nor a reason.
        """
        lines = tuple(self.lines())
        if not lines:
            raise self.missing()
        return lines

    def found(self, sample: RowKey) -> Estimate | Unavailable:
        """What was found for one sample, or why it, or the whole check, is unavailable.

        Raises
        ------
        ReportError
            There is neither a result nor a reason.
        """
        found = next((x.found for x in self.lines() if x.sample == sample), None) or self.absent()
        if found is None:
            raise self.missing()
        return found

    def row(self, name: str, label: str, cells: Iterable[Cell]) -> Row:
        """A row under the outcome: ``<outcome>-<name>``, its label, and the cells behind that.

        Parameters
        ----------
        name, label : str
        cells : iterable of Cell
        """
        return estimate_rows.row(self.source, self.outcome, name, label, cells)

    def cells(
        self, found: Estimate | Bound | Unavailable, ids: Iterable[str], **given: Cell
    ) -> tuple[Cell, ...]:
        """A cell for each column of a record, in the outcome's decimals; see `estimate_rows.cells`.

        Parameters
        ----------
        found : Estimate, Bound or Unavailable
        ids : iterable of str
        given
            Cells that the record does not hold, by id.
        """
        decimals = self.outcome.decimals
        return estimate_rows.cells(self.source, found, ids, decimals=decimals, given=given)


def _order(source: Source) -> tuple[str, ...]:
    return (source.plan.checked().inference.primary_step, *READ_BY)


def _read_by(source: Source, estimates: list[Estimate]) -> Estimate | None:
    for step in _order(source):
        for estimate in estimates:
            if estimate.step == step:
                return estimate
    return None
